//! Profiles by sketches beside exact ones.
#![expect(clippy::float_cmp, reason = "exact results are what is tested")]

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};

use super::tests::{mixed, table, without_bytes};
use super::*;
use crate::Accumulate;
use crate::random::Stream;

/// The merged accumulators of `batch` cut at random, in any order.
fn pieces(profiler: &Profiler, batch: &RecordBatch, seed: u64) -> ProfileAccumulator {
    let mut stream = Stream::new(seed, &[]);
    let mut parts = Vec::new();
    let mut start = 0;
    while start < batch.num_rows() {
        let size = 1 + usize::try_from(stream.below(120)).unwrap();
        let size = size.min(batch.num_rows() - start);
        let mut part = profiler
            .accumulator(batch.schema_ref())
            .starting_at(start as u64);
        part.update(&batch.slice(start, size)).unwrap();
        let text = serde_json::to_string(&part).unwrap();
        parts.push(serde_json::from_str::<ProfileAccumulator>(&text).unwrap());
        start += size;
    }
    stream.shuffle(&mut parts);
    let mut merged = parts.pop().unwrap();
    for part in parts {
        merged.merge(part).unwrap();
    }
    merged
}

#[test]
fn sketches_merge_in_any_order_and_agree_with_the_exact_profile() {
    let batch = mixed();
    let exact = without_bytes(Profile::of(&batch).unwrap());
    let profiler = Profiler::new().with_sketches();
    let whole = without_bytes(profiler.profile(&batch).unwrap());
    for seed in 0..5 {
        let cut = pieces(&profiler, &batch, seed).finish().unwrap();
        assert_eq!(without_bytes(cut), whole, "{seed}");
    }
    // Few values are counted exactly; quantiles have their relative error.
    assert_eq!(whole.duplicate_rows, exact.duplicate_rows);
    for (found, exact) in whole.columns.iter().zip(&exact.columns) {
        assert_eq!(
            (found.distinct, found.distinct_error),
            (exact.distinct, 0.0)
        );
        assert_eq!((&found.top, found.top_error), (&exact.top, 0));
        match (&found.summary, &exact.summary) {
            (Summary::Numeric(found), Summary::Numeric(exact)) => {
                assert_eq!(found.mean, exact.mean);
                assert_eq!((found.min, found.max), (exact.min, exact.max));
                assert_eq!(
                    (found.min_row, found.max_row),
                    (exact.min_row, exact.max_row)
                );
                assert_eq!(
                    (found.zeros, found.infinities),
                    (exact.zeros, exact.infinities)
                );
                for (found, exact) in found.quantiles.iter().zip(&exact.quantiles) {
                    let error = (found.value - exact.value).abs() / exact.value;
                    assert!(
                        found.value == exact.value || error <= 0.002,
                        "{found:?} {exact:?}"
                    );
                }
            }
            (found, exact) => assert_eq!(found, exact),
        }
    }
    assert!(
        pieces(&profiler, &batch, 1)
            .merge(pieces(&Profiler::new(), &batch, 1))
            .is_err()
    );
}

/// Batches of 10,000 rows: numbers of a million different values, and texts that differ but for a quarter
/// of them.
fn batches(rows: u64) -> impl Iterator<Item = RecordBatch> {
    let mut stream = Stream::new(rows, &[]);
    (0..rows / 10_000).map(move |_| {
        let draws: Vec<u64> = (0..10_000).map(|_| stream.below(1 << 40)).collect();
        let numbers = draws.iter().map(|draw| (*draw % 1_000_003) as f64 / 7.0);
        let words = draws.iter().map(|draw| match draw % 4 {
            0 => "often".to_owned(),
            _ => draw.to_string(),
        });
        table([
            (
                "x",
                Arc::new(Float64Array::from_iter_values(numbers)) as ArrayRef,
            ),
            ("word", Arc::new(StringArray::from_iter_values(words))),
        ])
    })
}

#[test]
fn sketches_stay_within_their_errors_and_their_memory() {
    let state = |rows: u64| {
        let mut batches = batches(rows);
        let first = batches.next().unwrap();
        let mut accumulator = Profiler::new()
            .with_sketches()
            .accumulator(first.schema_ref());
        accumulator.update(&first).unwrap();
        batches.for_each(|batch| accumulator.update(&batch).unwrap());
        accumulator
    };
    let rows = 300_000;
    let (small, large) = (state(rows / 5), state(rows));
    let bytes = |state: &ProfileAccumulator| serde_json::to_vec(state).unwrap().len() as f64;
    assert!(
        bytes(&large) / bytes(&small) < 1.2,
        "{} {}",
        bytes(&small),
        bytes(&large)
    );

    let mut exact = Profiler::new().accumulator(batches(10_000).next().unwrap().schema_ref());
    batches(rows).for_each(|batch| exact.update(&batch).unwrap());
    let (found, exact) = (large.finish().unwrap(), exact.finish().unwrap());
    assert_eq!((found.rows, found.duplicate_rows), (rows, 0));
    for (found, exact) in found.columns.iter().zip(&exact.columns) {
        let error = found.distinct as f64 / exact.distinct as f64 - 1.0;
        assert!(error.abs() < 4.0 * found.distinct_error, "{error}");
        assert!(!found.is_unique());
    }
    let word = &found.columns[1];
    let (often, truth) = (&word.top[0], &exact.columns[1].top[0]);
    assert_eq!(often.value, truth.value);
    assert!(often.count <= truth.count && truth.count - often.count <= word.top_error);
    assert!(word.top_error <= rows / 1025);
    let (Summary::Numeric(found), Summary::Numeric(exact)) =
        (&found.columns[0].summary, &exact.columns[0].summary)
    else {
        panic!("a float column is numeric");
    };
    assert_eq!(
        (found.mean, found.std_dev, found.negatives),
        (exact.mean, exact.std_dev, exact.negatives)
    );
    for (found, exact) in found.quantiles.iter().zip(&exact.quantiles) {
        assert!(
            (found.value / exact.value - 1.0).abs() <= 0.002,
            "{found:?} {exact:?}"
        );
    }
    let counts = found
        .histogram
        .counts()
        .iter()
        .zip(exact.histogram.counts());
    for (found, exact) in counts {
        assert!(
            (*found as f64 / *exact as f64 - 1.0).abs() < 0.1,
            "{found} {exact}"
        );
    }
}
