//! Missing cells filled from other rows and other columns, beside scikit-learn.

use std::sync::Arc;

use alchemy_clean::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch};
use alchemy_clean::arrow::datatypes::Float64Type;
use alchemy_clean::{Fit, InitialFill, IterativeImputer, KnnImputer, NeighborWeights, Transform};
use serde_json::Value;

use super::{list, number};

/// A table of rows of numbers, its columns called by their place.
fn table(rows: &Value) -> RecordBatch {
    let width = list(&list(rows)[0]).len();
    let column = |column: usize| {
        let cells = list(rows).iter().map(|row| number(&row[column]));
        Arc::new(cells.collect::<Float64Array>()) as ArrayRef
    };
    let columns = (0..width).map(|index| (index.to_string(), column(index), true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// Whether all numbers are there and differ by a billionth of their size at most, or of 1.
fn assert_close(found: &RecordBatch, wanted: &Value, case: &Value) {
    let wanted = table(wanted);
    assert_eq!(found.num_rows(), wanted.num_rows());
    for (found, wanted) in found.columns().iter().zip(wanted.columns()) {
        let numbers = |array: &ArrayRef| array.as_primitive::<Float64Type>().clone();
        for (row, (found, wanted)) in numbers(found).iter().zip(&numbers(wanted)).enumerate() {
            let (found, wanted) = (found.unwrap(), wanted.unwrap());
            let close = (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0);
            assert!(close, "row {row}: {found} {wanted}, {case}");
        }
    }
}

#[test]
fn neighbours_fill_as_those_of_scikit_learn() {
    for case in list(&golden!("knn")) {
        let weights = match case["weights"].as_str().unwrap() {
            "uniform" => NeighborWeights::Uniform,
            _ => NeighborWeights::Distance,
        };
        let neighbors = case["neighbors"].as_u64().unwrap() as usize;
        let batch = table(&case["table"]);
        let imputer = KnnImputer::new().with_neighbors(neighbors);
        let fitted = imputer.with_weights(weights).fit(&batch).unwrap();
        assert_close(&fitted.transform(&batch).unwrap(), &case["filled"], case);
        if !case["new"].is_null() {
            let filled = fitted.transform(&table(&case["new"])).unwrap();
            assert_close(&filled, &case["new_filled"], case);
        }
    }
}

#[test]
fn regressions_fill_as_those_of_scikit_learn() {
    for case in list(&golden!("iterative")) {
        let initial = match case["initial"].as_str().unwrap() {
            "mean" => InitialFill::Mean,
            _ => InitialFill::Median,
        };
        let mut imputer = IterativeImputer::new()
            .with_initial(initial)
            .with_alpha(number(&case["alpha"]).unwrap())
            .with_tolerance(number(&case["tol"]).unwrap())
            .with_max_rounds(case["max_iter"].as_u64().unwrap() as usize);
        if let Some(min) = number(&case["min"]) {
            imputer = imputer.with_min_value(min);
        }
        if let Some(max) = number(&case["max"]) {
            imputer = imputer.with_max_value(max);
        }
        let batch = table(&case["table"]);
        let fitted = imputer.fit(&batch).unwrap();
        let rounds = case["rounds"].as_u64().unwrap() as usize;
        assert_eq!(fitted.num_rounds(), rounds, "{case}");
        assert_close(&fitted.transform(&batch).unwrap(), &case["filled"], case);
        let filled = fitted.transform(&table(&case["new"])).unwrap();
        assert_close(&filled, &case["new_filled"], case);
    }
}
