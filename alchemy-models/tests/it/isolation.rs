//! Isolation forests, beside what scikit-learn says of them.

#![expect(
    clippy::float_cmp,
    reason = "what is computed in two ways has the same bits"
)]

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::{Fit, Predict};
use alchemy_models::IsolationForest;

use crate::tables::{numbers, table};

/// The rows of `make_forests.py`, and which are off the line.
pub(crate) fn outliers() -> (RecordBatch, Vec<bool>) {
    let (mut columns, mut odd_rows) = ([vec![], vec![], vec![]], vec![]);
    for row in 0..3000_i64 {
        let odd = row % 50 == 7;
        let a = row * 7919 % 1009;
        let b = if odd {
            1400 - a
        } else {
            (a + row * 104_729 % 211) % 1220
        };
        let c = if odd {
            700 + row * 31 % 97
        } else {
            row * 15_485_863 % 509
        };
        columns
            .iter_mut()
            .zip([a, b, c])
            .for_each(|(column, value)| column.push(value));
        odd_rows.push(odd);
    }
    let columns = ["a", "b", "c"]
        .into_iter()
        .zip(columns)
        .map(|(name, column)| (name, Arc::new(Int64Array::from(column)) as ArrayRef));
    (table(columns), odd_rows)
}

#[test]
fn contamination_sets_how_many_rows_are_anomalies() {
    let (table, _) = outliers();
    for share in [0.001, 0.02, 0.5] {
        let forest = IsolationForest::new()
            .with_contamination(share)
            .fit(&table)
            .unwrap();
        let found = forest.is_anomaly(&table).unwrap().true_count() as f64;
        assert!((found - share * 3000.0).abs() <= 3.0, "{share}: {found}");
    }
    let forest = IsolationForest::new().fit(&table).unwrap();
    assert_eq!(forest.threshold(), 0.5);
    let scores = numbers(&forest.predict(&table).unwrap());
    let flags = forest.is_anomaly(&table).unwrap();
    assert!(
        scores
            .iter()
            .zip(flags.iter())
            .all(|(score, flag)| flag == Some(*score > 0.5))
    );
    let [a, b, c] =
        ["a", "b", "c"].map(|name| numbers(&cast(&table[name], &DataType::Float64).unwrap()));
    for row in [0, 7, 99] {
        assert_eq!(
            forest.predict_row(&[a[row], b[row], c[row]]).unwrap(),
            scores[row]
        );
    }
    assert!(forest.predict_row(&[1.0]).is_err());
    for odd in [0.0, 0.6, -1.0, f64::NAN] {
        assert!(
            IsolationForest::new()
                .with_contamination(odd)
                .fit(&table)
                .is_err()
        );
    }
}
