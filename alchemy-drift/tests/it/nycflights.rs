//! Real data: flights of January against those of other months, beside scipy's figures.

use std::path::{Path, PathBuf};

use alchemy_core::ParquetReader;
use alchemy_drift::arrow::array::RecordBatch;
use alchemy_drift::{DriftDetector, Fit};
use serde_json::Value;

/// The folder of real data, or `None` with the reason printed.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("ALCHEMY_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: ALCHEMY_DATA does not name a folder of data");
    }
    folder
}

fn flights(data: &Path, month: &str) -> RecordBatch {
    ParquetReader::new()
        .read(data.join(format!("nycflights13/flights/{month}.parquet")))
        .unwrap()
}

fn figures(data: &Path, comparison: &str) -> Value {
    let text = std::fs::read_to_string(data.join("reference.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    reference["nycflights13"][comparison].clone()
}

#[test]
fn figures_agree_with_scipy() {
    let Some(data) = data() else { return };
    let january = flights(&data, "2013-01");
    for month in ["2013-02", "2013-07"] {
        let expected = figures(&data, &format!("drift_2013-01_vs_{month}"));
        let columns: Vec<String> = expected.as_object().unwrap().keys().cloned().collect();
        let detector = DriftDetector::new()
            .with_columns(columns.clone())
            .fit(&january)
            .unwrap();
        let report = detector.compare(&flights(&data, month)).unwrap();
        for column in columns {
            let (found, expected) = (report.column(&column).unwrap(), &expected[&column]);
            let check = |what: &str, found: f64, figure: &str| {
                if let Some(expected) = expected[figure].as_f64() {
                    let error = (found - expected).abs() / expected;
                    assert!(
                        error < 1e-9,
                        "{month} {column} {what}: {found}, expected {expected}"
                    );
                }
            };
            let test = found.values.unwrap();
            check("D", test.statistic, "ks");
            check("p", test.p_value, "ks_p_asymp");
            check("chi2", test.statistic, "chi2");
            check("p", test.p_value, "chi2_p");
            check("psi", found.psi.unwrap(), "psi");
        }
    }
}

#[test]
fn february_is_like_january_and_july_is_not() {
    let Some(data) = data() else { return };
    let watched = [
        "dep_delay",
        "arr_delay",
        "air_time",
        "distance",
        "hour",
        "carrier",
        "origin",
        "dest",
    ];
    let detector = DriftDetector::new()
        .with_columns(watched)
        .fit(&flights(&data, "2013-01"))
        .unwrap();
    let february = detector.compare(&flights(&data, "2013-02")).unwrap();
    assert_eq!(february.num_drifted(), 0, "{february}");
    let july = detector.compare(&flights(&data, "2013-07")).unwrap();
    let drifted: Vec<&str> = july.drifted().map(|found| found.column.as_str()).collect();
    assert_eq!(
        drifted,
        ["dep_delay", "arr_delay", "air_time", "dest"],
        "{july}"
    );
}
