//! Metrics beside scikit-learn's on the same rows.

use alchemy_models::metrics::{BinaryReport, RegressionReport};
use serde::Deserialize;
use serde_json::{Map, Value};

const GOLDEN: &str = include_str!("../golden/metrics.json");

#[derive(Deserialize)]
struct Classification {
    labels: Vec<bool>,
    probabilities: Vec<f64>,
    weights: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct Regression {
    truth: Vec<f64>,
    predictions: Vec<f64>,
    weights: Option<Vec<f64>>,
}

fn cases(task: &str) -> Map<String, Value> {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    golden[task].as_object().unwrap().clone()
}

/// Every number of `expected` that `report` has too must agree to 12 digits; returns how many there were.
fn compare(case: &str, report: &Value, expected: &Value) -> usize {
    let mut compared = 0;
    for (name, value) in report.as_object().unwrap() {
        match (&expected[name], value) {
            (Value::Object(_), Value::Object(_)) => {
                compared += compare(case, value, &expected[name]);
            }
            (Value::Number(expected), Value::Number(value)) => {
                let (expected, value) = (expected.as_f64().unwrap(), value.as_f64().unwrap());
                let error = (value - expected).abs() / expected.abs().max(1.0);
                assert!(
                    error < 1e-12,
                    "{case}: {name} is {value}, expected {expected}"
                );
                compared += 1;
            }
            _ => {}
        }
    }
    compared
}

#[test]
fn classification_agrees_with_scikit_learn() {
    for (name, expected) in cases("classification") {
        let case = Classification::deserialize(&expected).unwrap();
        let report =
            BinaryReport::new(&case.labels, &case.probabilities, case.weights.as_deref()).unwrap();
        let compared = compare(&name, &serde_json::to_value(&report).unwrap(), &expected);
        assert_eq!(compared, 11, "{name}");
    }
}

#[test]
fn regression_agrees_with_scikit_learn() {
    for (name, expected) in cases("regression") {
        let case = Regression::deserialize(&expected).unwrap();
        let report =
            RegressionReport::new(&case.truth, &case.predictions, case.weights.as_deref()).unwrap();
        let compared = compare(&name, &serde_json::to_value(&report).unwrap(), &expected);
        assert_eq!(compared, 5, "{name}");
    }
}

#[test]
fn the_order_of_rows_does_not_show() {
    for (name, expected) in cases("classification") {
        let mut case = Classification::deserialize(&expected).unwrap();
        let report =
            BinaryReport::new(&case.labels, &case.probabilities, case.weights.as_deref()).unwrap();
        case.labels.reverse();
        case.probabilities.reverse();
        if let Some(weights) = &mut case.weights {
            weights.reverse();
        }
        let reversed =
            BinaryReport::new(&case.labels, &case.probabilities, case.weights.as_deref()).unwrap();
        assert_eq!(report, reversed, "{name}");
    }
}
