//! The steps together, on generated and on real data.

use std::sync::Arc;

use alchemy_clean::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use alchemy_clean::{
    Action, Case, DeductiveImputer, Duplicates, Error, Expr, Fit, FittedPipeline, ForwardFill,
    ImputeStrategy, Imputer, Interpolator, Ledger, NullColumnDropper, NumericCoercer, Outliers,
    Pipeline, RowRule, SelectRows, Side, TextStandardiser, TimestampParser, Transform, steps,
};
use alchemy_core::CsvReader;

fn cells(cells: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

#[test]
fn a_pipeline_of_every_step_is_stored_and_loaded() {
    let batch = RecordBatch::try_from_iter([
        (
            "day",
            cells(&["2024-01-01", "2024-01-02", "bad", "2024-01-04"]),
        ),
        ("price", cells(&["1", "x", "3", "1000"])),
        ("city", cells(&[" rome", "Rome", "OSLO", ""])),
        (
            "load",
            Arc::new(Float64Array::from(vec![Some(1.0), None, None, Some(4.0)])) as ArrayRef,
        ),
    ])
    .unwrap();
    let fitted = Pipeline::new()
        .then(NullColumnDropper::new())
        .then(TimestampParser::new("day"))
        .then(NumericCoercer::new("price"))
        .then(
            TextStandardiser::new("city")
                .with_trim()
                .with_case(Case::Title),
        )
        .then(
            Imputer::new(ImputeStrategy::Median)
                .with_columns("price")
                .with_indicator(),
        )
        .then(Outliers::iqr(1.5, Side::Upper).with_columns("price"))
        .then(ForwardFill::of("load"))
        .then(Interpolator::linear("price").along("day"))
        .fit(&batch)
        .unwrap();
    let loaded = FittedPipeline::from_json(&fitted.to_json().unwrap(), &steps()).unwrap();
    assert_eq!(
        loaded.transform(&batch).unwrap(),
        fitted.transform(&batch).unwrap()
    );
    assert_eq!(loaded.to_json().unwrap(), fitted.to_json().unwrap());
    let error = loaded.session().unwrap_err();
    assert!(
        error.to_string().contains("alchemy-clean/interpolator"),
        "{error}"
    );
}

#[test]
fn what_is_learned_is_learned_from_training_rows_alone() {
    let x = |values: Vec<f64>| {
        let x = Arc::new(Float64Array::from(values)) as ArrayRef;
        RecordBatch::try_from_iter([("x", x)]).unwrap()
    };
    let fitted = Pipeline::new()
        .training_rows(Duplicates::of_whole_rows())
        .then(Outliers::iqr(1.5, Side::Both))
        .fit(&x(vec![1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0]))
        .unwrap();
    assert_eq!(fitted.ledger().count("", Action::RowDropped), 3);
    let scored = fitted.transform(&x(vec![100.0, 100.0, -100.0])).unwrap();
    assert_eq!(
        scored.column(0).as_ref(),
        &Float64Array::from(vec![7.0, 7.0, -1.0])
    );
}

#[test]
fn a_loaded_step_that_lies_is_refused() {
    let refused = [
        r#"{"fills":[["x",{"type":"Int64","value":"x"}]],"indicator":false}"#,
        r#"{"fills":[["x",{"type":"Float64","value":"NaN"}]],"indicator":false}"#,
        r#"{"fills":[["x",{"type":"List(Int64)","value":"[]"}]],"indicator":false}"#,
    ];
    for json in refused {
        assert!(
            serde_json::from_str::<alchemy_clean::FittedImputer>(json).is_err(),
            "{json}"
        );
    }
    let json = r#"{"columns":["x"],"format":{"grouping":"point"}}"#;
    let loaded: NumericCoercer = serde_json::from_str(json).unwrap();
    let batch = RecordBatch::try_from_iter([("x", cells(&["1"]))]).unwrap();
    assert!(matches!(
        loaded.transform(&batch),
        Err(Error::InvalidParameter { .. })
    ));
}

/// A file of the data folder, or `None` with the reason printed.
pub(crate) fn data(path: &str) -> Option<RecordBatch> {
    let Ok(folder) = std::env::var("ALCHEMY_DATA") else {
        println!("skipped: ALCHEMY_DATA is not set");
        return None;
    };
    Some(CsvReader::new().read(format!("{folder}/{path}")).unwrap())
}

#[test]
fn the_blanks_of_telco_are_counted() {
    let Some(telco) = data("telco/Telco-Customer-Churn.csv") else {
        return;
    };
    let mut ledger = Ledger::new();
    let read = NumericCoercer::new("TotalCharges")
        .transform_with(&telco, &mut ledger)
        .unwrap();
    assert_eq!(ledger.count("TotalCharges", Action::Nulled), 11);
    assert_eq!(ledger.count("TotalCharges", Action::Coerced), 7032);

    let imputer = Imputer::new(ImputeStrategy::Median)
        .with_columns("TotalCharges")
        .fit(&read)
        .unwrap();
    assert_eq!(
        imputer.fill_value("TotalCharges").unwrap().as_str(),
        "1397.475"
    );
    let capper = Outliers::iqr(1.5, Side::Both)
        .with_columns("TotalCharges")
        .fit(&read)
        .unwrap();
    let fences = capper.fences("TotalCharges").unwrap();
    assert_eq!(
        (fences.lower(), fences.upper()),
        (Some(-4_688.481_250_000_001), Some(8_884.668_75))
    );
}

#[test]
fn the_duplicates_of_a_shop_are_found() {
    let Some(retail) = data("retail/online_retail_2010-12.csv") else {
        return;
    };
    assert_eq!(Duplicates::of_whole_rows().count(&retail).unwrap(), 500);
}

#[test]
fn the_hours_of_bikes_are_read() {
    let Some(bikes) = data("bike/hour.csv") else {
        return;
    };
    let mut ledger = Ledger::new();
    let parser = TimestampParser::joining(["dteday", "hr"]);
    parser.transform_with(&bikes, &mut ledger).unwrap();
    assert_eq!(ledger.count("dteday", Action::Coerced), 17_379);
}

#[test]
fn two_of_three_tell_the_third_in_a_cafe() {
    let Some(cafe) = data("retail/dirty_cafe_sales.csv") else {
        return;
    };
    let parse = |text: &str| text.parse::<Expr>().unwrap();
    let names = ["Quantity", "Price Per Unit", "Total Spent"];
    let deduced = |index: usize, text| DeductiveImputer::new(names[index], parse(text));
    let fitted = Pipeline::new()
        .training_rows(Duplicates::of_whole_rows())
        .then(NumericCoercer::new(names))
        .then(deduced(0, "`Total Spent` / `Price Per Unit`"))
        .then(deduced(1, "`Total Spent` / Quantity"))
        .then(deduced(2, "Quantity * `Price Per Unit`"))
        .then(RowRule::require(
            "the total is the price of all pieces",
            parse("Quantity * `Price Per Unit` == `Total Spent`"),
        ))
        .fit(&cafe)
        .unwrap();
    let filled = names.map(|name| fitted.ledger().count(name, Action::Filled));
    assert_eq!(filled.iter().sum::<u64>(), 1398);

    let rows = Duplicates::of_whole_rows();
    let rows = rows.select(&cafe, &mut Ledger::new()).unwrap();
    let read = NumericCoercer::new(names).transform(&rows).unwrap();
    let count = |condition: &str, batch: &RecordBatch| {
        parse(condition).holds(batch).unwrap().count_set_bits()
    };
    let missing = names.map(|name| format!("if `{name}` is missing then 1 else 0"));
    let missing = format!("({}) + ({}) + ({})", missing[0], missing[1], missing[2]);
    assert_eq!(count(&format!("{missing} == 1"), &read), 1398);
    let consistent = "Quantity * `Price Per Unit` == `Total Spent`";
    assert_eq!(count(consistent, &read), 8544);
    let repaired = fitted.transform(&rows).unwrap();
    assert_eq!(count(consistent, &repaired), 8544 + 1398);
    assert_eq!(count(&format!("{missing} == 1"), &repaired), 0);
}
