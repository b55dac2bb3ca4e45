//! Real data sets, read and profiled, against the figures that pandas and scipy give.

use std::path::Path;

use alchemy_core::arrow::array::{RecordBatch, UInt64Array};
use alchemy_core::arrow::compute::{concat_batches, take_record_batch};
use alchemy_core::column::{Groups, NumericColumn, by_name};
use alchemy_core::stats::{Ecdf, Quantile, autocorrelation, pearson, spearman};
use alchemy_core::{
    ColumnProfile, CsvReader, FindingKind, NumericSummary, OuterSpaces, ParquetReader, Profile,
    Profiler, Summary, target_association,
};
use serde_json::{Map, Value};

use crate::data::folder;

/// The tokens that pandas reads as missing, beside the empty cell.
const PANDAS_NULLS: [&str; 17] = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
    "N/A", "NA", "NULL", "None", "n/a", "nan", "null",
];

/// Relative error that the producer's floating-point sums leave.
const PRODUCER: f64 = 1e-10;

const ADULT: [&str; 15] = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education_num",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital_gain",
    "capital_loss",
    "hours_per_week",
    "native_country",
    "income",
];

fn reference(folder: &Path) -> Map<String, Value> {
    let text = std::fs::read_to_string(folder.join("reference.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn pandas() -> CsvReader {
    CsvReader::new().with_null_values(PANDAS_NULLS)
}

/// The values of a numeric column that are not missing.
fn values(batch: &RecordBatch, column: &str) -> Vec<f64> {
    NumericColumn::new(column, by_name(batch, column).unwrap())
        .unwrap()
        .view()
        .valid()
}

fn check_table(name: &str, batch: &RecordBatch, expected: &Value) -> Profile {
    let profile = Profiler::new().with_top(5).profile(batch).unwrap();
    assert_eq!(profile.rows, expected["rows"].as_u64().unwrap(), "{name}");
    assert_eq!(
        profile.duplicate_rows,
        expected["exact_duplicate_rows"].as_u64().unwrap(),
        "{name}"
    );
    for (column, expected) in expected["columns"].as_object().unwrap() {
        check_column(
            &format!("{name} {column}"),
            batch,
            profile.column(column).unwrap(),
            expected,
        );
    }
    profile
}

pub(crate) fn check_column(
    name: &str,
    batch: &RecordBatch,
    found: &ColumnProfile,
    expected: &Value,
) {
    let count = |key: &str| expected[key].as_u64().unwrap();
    assert_eq!(
        (found.values(), found.nulls),
        (count("n"), count("nulls")),
        "{name}"
    );
    assert_eq!(found.distinct, count("distinct"), "{name}");
    if let Some(top) = expected["top"].as_array() {
        let found: Vec<Value> = found
            .top
            .iter()
            .map(|top| serde_json::json!([top.value, top.count]))
            .collect();
        assert_eq!(&found, top, "{name}");
    }
    if let Summary::Numeric(summary) = &found.summary {
        check_numbers(
            name,
            summary,
            &Ecdf::new(values(batch, &found.name)),
            expected,
        );
    }
}

fn check_numbers(name: &str, found: &NumericSummary, ecdf: &Ecdf, expected: &Value) {
    let (q1, q3) = (Quantile::LOWER_QUARTILE, Quantile::UPPER_QUARTILE);
    let (lower, upper) = (found.quantile(q1).unwrap(), found.quantile(q3).unwrap());
    let reach = 1.5 * (upper - lower);
    for (key, value) in [
        ("mean", found.mean),
        ("std", found.std_dev),
        ("min", Some(found.min)),
        ("q1", Some(lower)),
        ("median", found.quantile(Quantile::MEDIAN)),
        ("q3", Some(upper)),
        ("max", Some(found.max)),
        ("fence_lo", Some(lower - reach)),
        ("fence_hi", Some(upper + reach)),
        ("mad", ecdf.median_absolute_deviation()),
        ("skew", found.skewness),
        ("kurtosis", found.kurtosis),
    ] {
        near(
            &format!("{name} {key}"),
            value.unwrap(),
            expected[key].as_f64().unwrap(),
        );
    }
    for (key, value) in [
        ("outside_fences", found.outside_fences),
        ("zeros", found.zeros),
        ("negatives", found.negatives),
    ] {
        assert_eq!(Some(value), expected[key].as_u64(), "{name} {key}");
    }
}

fn near(name: &str, found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= PRODUCER * expected.abs(),
        "{name}: {found} is not {expected}"
    );
}

#[test]
fn tables_with_a_header() {
    let Some(folder) = folder() else { return };
    let reference = reference(&folder);
    for name in [
        "bike/hour.csv",
        "retail/online_retail_2010-12.csv",
        "regression/california_housing.csv",
        "regression/diamonds.csv",
    ] {
        check_table(
            name,
            &pandas().read(folder.join(name)).unwrap(),
            &reference[name],
        );
    }
}

#[test]
fn telco_has_numbers_as_text() {
    let Some(folder) = folder() else { return };
    let name = "telco/Telco-Customer-Churn.csv";
    let expected = &reference(&folder)[name];
    let raw = Profile::of(&CsvReader::new().read(folder.join(name)).unwrap()).unwrap();
    let charges = raw
        .findings
        .iter()
        .find(|finding| finding.column.as_deref() == Some("TotalCharges"));
    let number = FindingKind::NumberAsText {
        numbers: 7032,
        blank: 11,
        other: 0,
    };
    assert_eq!(charges.map(|finding| &finding.kind), Some(&number));

    let batch = pandas()
        .with_outer_spaces(OuterSpaces::Trim)
        .read(folder.join(name))
        .unwrap();
    check_table(name, &batch, expected);
    let column = |name: &str| {
        NumericColumn::new(name, by_name(&batch, name).unwrap())
            .unwrap()
            .view()
            .to_vec()
    };
    let (tenure, monthly, total) = (
        column("tenure"),
        column("MonthlyCharges"),
        column("TotalCharges"),
    );
    near(
        "pearson",
        pearson(&tenure, &total).unwrap(),
        expected["pearson_tenure_TotalCharges"].as_f64().unwrap(),
    );
    let expected = expected["spearman_tenure_MonthlyCharges"].as_f64().unwrap();
    near("spearman", spearman(&tenure, &monthly).unwrap(), expected);
}

/// What a profile says of a file, but for outliers and skew.
fn said_of(batch: &RecordBatch) -> Vec<String> {
    let profile = Profile::of(batch).unwrap();
    let findings = profile.findings.iter().filter(|finding| {
        !matches!(
            finding.kind,
            FindingKind::Outliers { .. } | FindingKind::Skewed { .. }
        )
    });
    findings.map(ToString::to_string).collect()
}

#[test]
fn findings_say_what_is_known_of_the_tables_and_no_more() {
    let Some(folder) = folder() else { return };
    let said = |name: &str, reader: CsvReader| said_of(&reader.read(folder.join(name)).unwrap());
    assert_eq!(
        said("telco/Telco-Customer-Churn.csv", CsvReader::new()),
        [
            "customerID: differs in every row, as an identifier does",
            "MonthlyCharges: has several peaks, at 22, 82.82",
            "TotalCharges: is text, but 7032 cells are numbers, 11 blank, 0 neither",
        ]
    );
    assert_eq!(
        said("regression/diamonds.csv", CsvReader::new()),
        ["146 rows equal an earlier row"]
    );
    assert_eq!(
        said("bike/hour.csv", CsvReader::new()),
        [
            "instant: differs in every row, as an identifier does",
            "dteday: is text, but 17379 cells are dates (%Y-%m-%d), 0 blank, 0 neither",
        ]
    );
    let columns = (0..29).map(|column| format!("c{column}"));
    let reader = CsvReader::new().with_delimiter(b'\t').with_columns(columns);
    assert_eq!(said("gbdt/lightgbm/multiclass.train", reader), [""; 0]);
}

#[test]
fn what_tells_of_churn_is_ranked_and_is_no_leak() {
    let Some(folder) = folder() else { return };
    let reader = CsvReader::new().with_outer_spaces(OuterSpaces::Trim);
    let batch = reader
        .read(folder.join("telco/Telco-Customer-Churn.csv"))
        .unwrap();
    let found = target_association(&batch, "Churn").unwrap();
    let top: Vec<&str> = found
        .top(2)
        .iter()
        .map(|found| found.column.as_str())
        .collect();
    assert_eq!(top, ["Contract", "tenure"]);
    assert_eq!(found.findings(), []);
    let identifier = found
        .features
        .iter()
        .find(|found| found.column == "customerID");
    assert!(identifier.is_none_or(|found| found.value < 0.05));
}

#[test]
fn real_tables_meet_the_contracts_of_their_profiles() {
    let Some(folder) = folder() else { return };
    for name in [
        "telco/Telco-Customer-Churn.csv",
        "retail/online_retail_2010-12.csv",
        "regression/california_housing.csv",
        "nycflights13/weather.csv",
    ] {
        let batch = CsvReader::new().read(folder.join(name)).unwrap();
        let contract = Profile::of(&batch).unwrap().to_contract().unwrap();
        let report = contract.check(&batch);
        assert_eq!(report.failed().count(), 0, "{name}: {report}");
    }
}

#[test]
fn tables_without_a_header() {
    let Some(folder) = folder() else { return };
    let reference = reference(&folder);
    let adult = CsvReader::new().with_columns(ADULT).with_null_values(["?"]);
    let adult = adult.with_outer_spaces(OuterSpaces::Trim);
    check_table(
        "adult",
        &adult.read(folder.join("adult/adult.data")).unwrap(),
        &reference["adult"],
    );
    let test = Profile::of(&adult.read(folder.join("adult/adult.test")).unwrap()).unwrap();
    assert_eq!(Some(test.rows), reference["adult"]["test_rows"].as_u64());
    for (column, nulls) in reference["adult"]["test_nulls"].as_object().unwrap() {
        assert_eq!(
            Some(test.column(column).unwrap().nulls),
            nulls.as_u64(),
            "{column}"
        );
    }

    let machine = CsvReader::new().with_columns((0..10).map(|column| column.to_string()));
    let name = "gbdt/xgboost/machine.data";
    check_table(
        name,
        &machine.read(folder.join(name)).unwrap(),
        &reference[name],
    );
}

#[test]
fn series() {
    let Some(folder) = folder() else { return };
    let mut seen = 0;
    for (name, expected) in reference(&folder) {
        if !name.starts_with("nab/real") {
            continue;
        }
        seen += 1;
        let batch = pandas().read(folder.join(&name)).unwrap();
        let profile = Profile::of(&batch).unwrap();
        assert_eq!(Some(profile.rows), expected["rows"].as_u64(), "{name}");
        check_column(
            &name,
            &batch,
            profile.column("value").unwrap(),
            &expected["stats"],
        );
        let found = autocorrelation(&values(&batch, "value"), 1).unwrap();
        near(&name, found, expected["acf_lag1"].as_f64().unwrap());
    }
    assert_eq!(seen, 13);
}

#[test]
fn dirty_cafe_sales_have_three_null_tokens() {
    let Some(folder) = folder() else { return };
    let name = "retail/dirty_cafe_sales.csv";
    let expected = &reference(&folder)[name];
    let reader = CsvReader::new().with_null_values(["ERROR", "UNKNOWN"]);
    let batch = reader.read(folder.join(name)).unwrap();
    let profile = Profile::of(&batch).unwrap();
    assert_eq!(Some(profile.rows), expected["rows"].as_u64());
    assert_eq!(
        Some(profile.duplicate_rows),
        expected["exact_duplicate_rows"].as_u64()
    );
    // Two rows come again; the other figures are those without them.
    let names: Vec<String> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let groups = Groups::of(&batch, &names).unwrap();
    let first_rows =
        UInt64Array::from_iter_values(groups.first_rows().iter().map(|row| *row as u64));
    let batch = take_record_batch(&batch, &first_rows).unwrap();
    let profile = Profile::of(&batch).unwrap();
    assert_eq!(Some(profile.rows), expected["rows_after_dedup"].as_u64());
    let nulls = &expected["nulls_after_dedup_with_ERROR_UNKNOWN_and_empty_null"];
    for (column, nulls) in nulls.as_object().unwrap() {
        assert_eq!(
            Some(profile.column(column).unwrap().nulls),
            nulls.as_u64(),
            "{column}"
        );
    }
    for (column, numbers) in expected["numeric"].as_object().unwrap() {
        check_column(
            column,
            &batch.slice(0, 10_000),
            profile.column(column).unwrap(),
            numbers,
        );
    }
}

#[test]
fn twelve_months_of_flights() {
    let Some(folder) = folder() else { return };
    let expected = &reference(&folder)["nycflights13"];
    let mut files: Vec<_> = std::fs::read_dir(folder.join("nycflights13/flights"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let months: Vec<RecordBatch> = files
        .iter()
        .map(|file| ParquetReader::new().read(file).unwrap())
        .collect();
    let schema = months[0].schema();
    let batch = concat_batches(&schema, &months).unwrap();
    let profile = Profiler::new().with_top(5).profile(&batch).unwrap();
    assert_eq!(Some(profile.rows), expected["rows"].as_u64());
    assert_eq!(
        Some(profile.duplicate_rows),
        expected["exact_duplicate_rows"].as_u64()
    );
    for (column, nulls) in expected["nulls"].as_object().unwrap() {
        assert_eq!(
            Some(profile.column(column).unwrap().nulls),
            nulls.as_u64(),
            "{column}"
        );
    }
    for kind in ["numeric", "cat"] {
        for (column, figures) in expected[kind].as_object().unwrap() {
            check_column(column, &batch, profile.column(column).unwrap(), figures);
        }
    }
}
