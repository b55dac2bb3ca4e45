//! Laws of lags and windows, on generated series.

use std::sync::Arc;

use alchemy_core::stats::{ExactSum, Moments, quantile};
use alchemy_core::{Pipeline, Session};
use alchemy_features::arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch};
use alchemy_features::arrow::compute::concat_batches;
use alchemy_features::arrow::datatypes::Float64Type;
use alchemy_features::{Lag, Quantile, Rolling, Transform};
use proptest::prelude::*;

/// Values of every kind: plain ones, ties, missing ones, infinities, signed zeros and any bits at all.
fn value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        8 => (-100..100_i32).prop_map(|x| Some(f64::from(x) / 8.0)),
        4 => any::<f64>().prop_map(Some),
        2 => Just(None),
        1 => Just(Some(f64::NAN)),
        1 => prop::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY, 1e17, -0.0, 0.0, f64::MAX, 5e-324])
            .prop_map(Some),
    ]
}

/// A value and a key for each row.
fn rows() -> impl Strategy<Value = Vec<(Option<f64>, i64)>> {
    prop::collection::vec((value(), 0..3_i64), 1..80)
}

fn batch(rows: &[(Option<f64>, i64)]) -> RecordBatch {
    let x: Float64Array = rows.iter().map(|(x, _)| *x).collect();
    let key: Int64Array = rows.iter().map(|(_, key)| Some(*key)).collect();
    let columns: [(&str, ArrayRef); 2] = [("x", Arc::new(x)), ("key", Arc::new(key))];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .unwrap()
}

fn every_statistic(rolling: Rolling) -> Rolling {
    let rolling = rolling.sum().mean().std_dev().min().max().median();
    rolling.quantile(Quantile::new(0.8).unwrap())
}

fn pipeline(length: usize, ending: usize) -> Pipeline {
    let rolling = Rolling::of("x")
        .window(length)
        .ending(ending)
        .with_min_periods(1);
    Pipeline::new()
        .then(Lag::of("x").by([1, 4]).with_keys(["key"]))
        .then(every_statistic(rolling.with_keys(["key"])))
}

/// The columns from the third on, as bits.
fn bits(batch: &RecordBatch) -> Vec<Vec<Option<u64>>> {
    let bits = |column: &ArrayRef| {
        let column = column.as_primitive::<Float64Type>();
        column.iter().map(|value| value.map(f64::to_bits)).collect()
    };
    batch.columns()[2..].iter().map(bits).collect()
}

fn push(session: &mut Session, batch: &RecordBatch, rows: usize) -> RecordBatch {
    let starts = (0..batch.num_rows()).step_by(rows);
    let pieces = starts.map(|start| batch.slice(start, rows.min(batch.num_rows() - start)));
    let pushed: Vec<RecordBatch> = pieces.map(|piece| session.push(&piece).unwrap()).collect();
    concat_batches(&pushed[0].schema(), &pushed).unwrap()
}

/// What a window of `values` says, each computed from nothing.
fn afresh(values: &[f64]) -> Vec<f64> {
    let at = |q: f64| quantile(&mut values.to_vec(), Quantile::new(q).unwrap()).unwrap();
    let count = values.len() as u64;
    let by =
        |pick: fn(&f64, &f64) -> std::cmp::Ordering| values.iter().copied().max_by(pick).unwrap();
    vec![
        values.iter().copied().collect::<ExactSum>().value(),
        values.iter().copied().collect::<ExactSum>().mean(count),
        values
            .iter()
            .copied()
            .collect::<Moments>()
            .std_dev()
            .unwrap_or(f64::NAN),
        by(|a, b| b.total_cmp(a)),
        by(f64::total_cmp),
        at(0.5),
        at(0.8),
    ]
}

proptest! {
    #[test]
    fn rows_pushed_in_pieces_give_the_bits_of_one_batch(
        rows in rows(), piece in 1..40_usize, length in 1..9_usize, ending in 0..4_usize,
    ) {
        let fitted = pipeline(length, ending).fit(&batch(&rows)).unwrap();
        let whole = fitted.transform(&batch(&rows)).unwrap();
        let pushed = push(&mut fitted.session().unwrap(), &batch(&rows), piece);
        prop_assert_eq!(bits(&pushed), bits(&whole));
    }

    #[test]
    fn a_state_saved_and_restored_goes_on_with_the_same_bits(rows in rows(), cut in 0..79_usize) {
        let batch = batch(&rows);
        let cut = cut.min(batch.num_rows() - 1);
        let fitted = pipeline(5, 2).fit(&batch).unwrap();
        let whole = fitted.transform(&batch).unwrap();
        let mut session = fitted.session().unwrap();
        session.push(&batch.slice(0, cut)).unwrap();
        let text = session.save().unwrap().to_string();
        let mut restored = fitted.session().unwrap();
        restored.restore(serde_json::from_str(&text).unwrap()).unwrap();
        let rest = restored.push(&batch.slice(cut, batch.num_rows() - cut)).unwrap();
        prop_assert_eq!(bits(&rest), bits(&whole.slice(cut, batch.num_rows() - cut)));
    }

    #[test]
    fn the_rows_that_a_window_spans_are_all_it_depends_on(
        before in rows(), rows in rows(), length in 1..6_usize, ending in 0..3_usize,
    ) {
        let rolling = every_statistic(Rolling::of("x").window(length).ending(ending).with_min_periods(1));
        let long: Vec<_> = before.iter().chain(&rows).copied().collect();
        let long = rolling.transform(&batch(&long)).unwrap();
        let alone = rolling.transform(&batch(&rows)).unwrap();
        let history = (length + ending).min(rows.len());
        let count = rows.len() - history;
        prop_assert_eq!(
            bits(&long.slice(before.len() + history, count)),
            bits(&alone.slice(history, count))
        );
    }

    #[test]
    fn a_window_says_what_its_values_say_afresh(rows in rows(), length in 1..9_usize, ending in 0..4_usize) {
        let rolling = every_statistic(Rolling::of("x").window(length).ending(ending).with_min_periods(1));
        let rolled = bits(&rolling.transform(&batch(&rows)).unwrap());
        for row in 0..rows.len() {
            let end = (row + 1).saturating_sub(ending);
            let window = &rows[end.saturating_sub(length)..end];
            let values: Vec<f64> = window.iter().filter_map(|(x, _)| x.filter(|x| !x.is_nan())).collect();
            for (index, column) in rolled.iter().enumerate() {
                let expected = (!values.is_empty()).then(|| afresh(&values)[index]).filter(|x| !x.is_nan());
                prop_assert_eq!(column[row], expected.map(f64::to_bits), "column {}, row {}", index, row);
            }
        }
    }

    #[test]
    fn the_future_moves_nothing(rows in rows(), other in rows(), length in 1..9_usize) {
        let past = rows.len() / 2;
        let changed: Vec<_> = rows[..past].iter().chain(&other).copied().collect();
        let fitted = pipeline(length, 1).fit(&batch(&rows)).unwrap();
        let before = fitted.transform(&batch(&rows)).unwrap();
        let after = fitted.transform(&batch(&changed)).unwrap();
        prop_assert_eq!(bits(&before.slice(0, past)), bits(&after.slice(0, past)));
    }
}

#[test]
fn a_long_window_says_what_its_values_say_afresh() {
    // Longer than the runs in which a window is kept in order.
    const LENGTH: usize = 2000;
    let mut stream = alchemy_core::random::Stream::new(5, &[]);
    let rows: Vec<_> = (0..6000)
        .map(|_| (Some((stream.normals().0 * 100.0).round()), 0))
        .collect();
    let rolled = every_statistic(Rolling::of("x").window(LENGTH))
        .transform(&batch(&rows))
        .unwrap();
    let rolled = bits(&rolled);
    for row in (LENGTH..rows.len()).step_by(97) {
        let values: Vec<f64> = rows[row - LENGTH..row]
            .iter()
            .filter_map(|(x, _)| *x)
            .collect();
        let expected: Vec<_> = afresh(&values)
            .into_iter()
            .map(|x| Some(x.to_bits()))
            .collect();
        let found: Vec<_> = rolled.iter().map(|column| column[row]).collect();
        assert_eq!(found, expected, "row {row}");
    }
}
