//! What is learned by column and by group, beside pandas, `SciPy` and feature-engine.

use std::sync::Arc;

use alchemy_clean::arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use alchemy_clean::arrow::datatypes::Float64Type;
use alchemy_clean::{
    Fit, ImputeStrategy, Imputer, OnOutlier, Outliers, SelectRows, Side, Transform,
};
use serde_json::Value;

use super::{list, number, numbers, one, texts};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../golden/statistics.json")).unwrap()
}

fn keyed(case: &Value) -> RecordBatch {
    let keys = Arc::new(texts(&case["keys"])) as ArrayRef;
    let values = Arc::new(numbers(&case["values"])) as ArrayRef;
    RecordBatch::try_from_iter([("key", keys), ("x", values)]).unwrap()
}

/// Equal up to the rounding of a few operations on numbers up to 100.
fn close(ours: Option<f64>, theirs: Option<f64>, case: &Value) {
    let same = match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            ours.total_cmp(&theirs).is_eq()
                || (ours - theirs).abs() <= 1e-13 * theirs.abs().max(100.0)
        }
        (ours, theirs) => ours == theirs,
    };
    assert!(same, "{ours:?} {theirs:?} {case}");
}

#[test]
fn fills_by_group_are_those_of_transform_by_group_in_pandas() {
    let golden = golden();
    for case in list(&golden["fills"]) {
        let strategy = match case["strategy"].as_str().unwrap() {
            "median" => ImputeStrategy::Median,
            "quantile" => ImputeStrategy::Quantile(0.3),
            "mean" => ImputeStrategy::Mean,
            _ => ImputeStrategy::Mode,
        };
        let batch = keyed(case);
        let imputer = Imputer::new(strategy).with_columns("x").with_keys(["key"]);
        let filled = imputer.fit(&batch).unwrap().transform(&batch).unwrap();
        let filled = filled.column(1).as_primitive::<Float64Type>();
        for (ours, theirs) in filled.iter().zip(&numbers(&case["filled"])) {
            close(ours, theirs, case);
        }
    }
}

#[test]
fn fences_are_those_of_pandas_scipy_and_feature_engine() {
    let golden = golden();
    for case in list(&golden["fences"]) {
        let batch = one(numbers(&case["values"]));
        let fold = number(&case["fold"]).unwrap();
        let rows = number(&case["rows"]).unwrap();
        let both = Side::Both;
        let outliers = match case["method"].as_str().unwrap() {
            "iqr" => Outliers::iqr(fold, both),
            "quantiles" => Outliers::quantiles(fold..=1.0 - fold),
            // With divisor n.
            "gaussian" => Outliers::z_score(fold * ((rows - 1.0) / rows).sqrt(), both),
            // Another digit of the constant.
            "mad" => Outliers::mad(fold * 0.6745 / 0.67449, both),
            "modified_z" => Outliers::mad(fold, both),
            _ => Outliers::z_score(fold, both),
        };
        let fitted = outliers.fit(&batch).unwrap();
        let fences = fitted.fences("x").unwrap();
        close(fences.lower(), number(&case["lower"]), case);
        close(fences.upper(), number(&case["upper"]), case);
        if case["capped"].is_null() {
            continue;
        }
        let capped = fitted.transform(&batch).unwrap();
        let capped = capped.column(0).as_primitive::<Float64Type>();
        for (ours, theirs) in capped.iter().zip(&numbers(&case["capped"])) {
            close(ours, theirs, case);
        }
        // feature-engine's trimmer drops rows with a missing value too.
        let kept: Vec<usize> = list(&case["kept"])
            .iter()
            .filter_map(|row| usize::try_from(row.as_u64()?).ok())
            .collect();
        let mask = fitted.start().keep(&batch).unwrap();
        let present = |row: &usize| batch.column(0).is_valid(*row);
        let ours: Vec<usize> = mask.values().set_indices().filter(present).collect();
        let theirs: Vec<usize> = kept.into_iter().filter(present).collect();
        assert_eq!(ours, theirs, "{case}");
    }
}

#[test]
fn fences_by_group_are_those_of_each_group_in_pandas() {
    let golden = golden();
    let case = &golden["grouped_fences"];
    let batch = keyed(case);
    let outliers = Outliers::iqr(1.0, Side::Both).with_action(OnOutlier::Flag);
    let fitted = outliers.with_keys(["key"]).fit(&batch).unwrap();
    let ours: Vec<_> = fitted.fences_by_group("x").collect();
    let theirs = list(&case["groups"]);
    assert_eq!(ours.len(), theirs.len());
    for ((key, fences), wanted) in ours.iter().zip(theirs) {
        assert_eq!(key[0].as_deref(), wanted["key"].as_str());
        close(fences.lower(), number(&wanted["lower"]), wanted);
        close(fences.upper(), number(&wanted["upper"]), wanted);
    }
    let flagged = fitted.transform(&batch).unwrap();
    let x: &Float64Array = batch.column(1).as_primitive();
    let flags = flagged.column(2).as_boolean();
    let keys = texts(&case["keys"]);
    for row in 0..batch.num_rows() {
        let own = ours
            .iter()
            .find(|(key, _)| key[0].as_deref() == keys.is_valid(row).then(|| keys.value(row)));
        let outside = own.is_some_and(|(_, fences)| {
            x.is_valid(row)
                && (fences.lower().is_some_and(|lower| x.value(row) < lower)
                    || fences.upper().is_some_and(|upper| x.value(row) > upper))
        });
        assert_eq!(flags.value(row), outside, "row {row}");
    }
}
