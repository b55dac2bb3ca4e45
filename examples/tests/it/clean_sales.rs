//! Real tables cleaned: the figures that other tools find in them.

use std::path::Path;

use alchemy_examples::cleaning::real_tables;
use serde_json::Value;

/// The figures of a real table and where another tool's figures stand.
const FIGURES: [(&str, &str, &str); 22] = [
    (
        "online retail",
        "rows",
        "retail/online_retail_2010-12.csv#rows",
    ),
    (
        "online retail",
        "exact_duplicate_rows",
        "retail/online_retail_2010-12.csv#exact_duplicate_rows",
    ),
    (
        "online retail",
        "rows_after_exact_dedup",
        "retail/online_retail_2010-12.csv#rows_after_exact_dedup",
    ),
    (
        "online retail",
        "customer_nulls",
        "retail/online_retail_2010-12.csv#columns#CustomerID#nulls",
    ),
    (
        "online retail",
        "description_with_outer_space",
        "retail/online_retail_2010-12.csv#description_with_outer_space",
    ),
    (
        "online retail",
        "rows_quantity_negative",
        "retail/online_retail_2010-12.csv#rows_quantity_negative",
    ),
    (
        "online retail",
        "clean_rows",
        "retail/online_retail_2010-12.csv#clean_rows_dedup_customer_quantity_price_positive",
    ),
    (
        "online retail",
        "clean_revenue",
        "retail/online_retail_2010-12.csv#clean_revenue",
    ),
    (
        "online retail",
        "revenue_united_kingdom",
        "retail/online_retail_2010-12.csv#revenue_top5_country#United Kingdom",
    ),
    ("dirty café", "rows", "retail/dirty_cafe_sales.csv#rows"),
    (
        "dirty café",
        "rows_after_dedup",
        "retail/dirty_cafe_sales.csv#rows_after_dedup",
    ),
    (
        "dirty café",
        "repaired",
        "retail/dirty_cafe_sales.csv#rows_exactly_one_of_three_missing",
    ),
    ("hospitals", "rows", "dirty_clean/hospital#rows"),
    ("adult census", "rows", "adult#rows"),
    (
        "adult census",
        "exact_duplicate_rows",
        "adult#exact_duplicate_rows",
    ),
    (
        "adult census",
        "hours fence_lo",
        "adult#columns#hours_per_week#fence_lo",
    ),
    (
        "adult census",
        "hours fence_hi",
        "adult#columns#hours_per_week#fence_hi",
    ),
    (
        "adult census",
        "hours outside_fences",
        "adult#columns#hours_per_week#outside_fences",
    ),
    (
        "adult census",
        "nulls workclass",
        "adult#columns#workclass#nulls",
    ),
    (
        "adult census",
        "nulls occupation",
        "adult#columns#occupation#nulls",
    ),
    (
        "telco churn",
        "TotalCharges n",
        "telco/Telco-Customer-Churn.csv#columns#TotalCharges#n",
    ),
    (
        "telco churn",
        "TotalCharges nulls",
        "telco/Telco-Customer-Churn.csv#columns#TotalCharges#nulls",
    ),
];

#[test]
fn real_tables_give_the_figures_of_other_tools() {
    let Ok(data) = std::env::var("ALCHEMY_DATA") else {
        println!("skipped: ALCHEMY_DATA is not set");
        return;
    };
    let data = Path::new(&data);
    let reference = std::fs::read_to_string(data.join("reference.json")).unwrap();
    let reference: Value = serde_json::from_str(&reference).unwrap();
    let tables = real_tables(data).unwrap();
    let figures = |table: &str| {
        &tables
            .iter()
            .find(|found| found.name == table)
            .unwrap()
            .figures
    };
    for (table, figure, path) in FIGURES {
        let wanted = path.split('#').fold(&reference, |value, key| &value[key]);
        let (wanted, found) = (wanted.as_f64().unwrap(), figures(table)[figure]);
        assert!(
            (found - wanted).abs() <= 1e-9 * wanted.abs(),
            "{table}, {figure}: {found} is not {wanted}"
        );
    }
    let cafe = "nulls_after_dedup_with_ERROR_UNKNOWN_and_empty_null";
    let nulls = reference["retail/dirty_cafe_sales.csv"][cafe]
        .as_object()
        .unwrap();
    for (column, wanted) in nulls {
        let found = figures("dirty café")[&format!("nulls {column}")];
        assert_eq!(Some(found), wanted.as_f64(), "{column}");
    }
    let hospitals = figures("hospitals");
    assert!(
        hospitals["repaired"] >= 0.9 * hospitals["wrong"],
        "{hospitals:?}"
    );
    assert!(
        hospitals["broken"] < 0.01 * hospitals["right"],
        "{hospitals:?}"
    );
}
