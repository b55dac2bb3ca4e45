use std::sync::Arc;

use alchemy_core::arrow::array::{Float64Array, Int64Array, LargeStringArray, StringArray};

use alchemy_core::{Action, Ledger};

use super::*;

fn batch(keys: Vec<Option<&str>>, values: Vec<Option<f64>>) -> RecordBatch {
    let key = Arc::new(StringArray::from(keys)) as ArrayRef;
    let value = Arc::new(Float64Array::from(values)) as ArrayRef;
    RecordBatch::try_from_iter([("k", key), ("v", value)]).unwrap()
}

fn sample() -> RecordBatch {
    batch(
        vec![Some("a"), Some("b"), Some("a"), None, None, Some("c")],
        vec![Some(1.0), None, Some(1.0), Some(f64::NAN), None, Some(0.0)],
    )
}

fn mask(spec: &Duplicates, batch: &RecordBatch) -> Vec<bool> {
    spec.start().keep(batch).unwrap().values().iter().collect()
}

#[test]
fn keep_says_which_of_equal_rows_stay() {
    for spec in [Duplicates::on("k"), Duplicates::of_whole_rows()] {
        let kept = |keep| mask(&spec.clone().with_keep(keep), &sample());
        assert_eq!(kept(Keep::First), [true, true, false, true, false, true]);
        assert_eq!(kept(Keep::Last), [false, true, true, false, true, true]);
        assert_eq!(kept(Keep::None), [false, true, false, false, false, true]);
    }
}

#[test]
fn the_first_of_equal_rows_is_known_over_batches_and_the_last_is_not() {
    let (first, rest) = (sample().slice(0, 2), sample().slice(2, 4));
    let mut pass = Duplicates::on("k").start();
    let kept: Vec<bool> = [&first, &rest]
        .iter()
        .flat_map(|part| pass.keep(part).unwrap().values().iter().collect::<Vec<_>>())
        .collect();
    assert_eq!(kept, mask(&Duplicates::on("k"), &sample()));

    for keep in [Keep::Last, Keep::None] {
        let mut pass = Duplicates::on("k").with_keep(keep).start();
        assert!(pass.keep(&first.slice(0, 0)).is_ok());
        assert!(pass.keep(&first).is_ok());
        assert!(pass.keep(&first.slice(0, 0)).is_ok());
        assert!(matches!(pass.keep(&rest), Err(Error::NotMergeable { .. })));
    }
}

#[test]
fn a_later_batch_may_encode_text_otherwise_but_not_change_type() {
    let mut pass = Duplicates::on("k").start();
    pass.keep(&sample()).unwrap();
    let large = Arc::new(LargeStringArray::from(vec!["a", "d"])) as ArrayRef;
    let large = RecordBatch::try_from_iter([("k", large)]).unwrap();
    assert_eq!(
        pass.keep(&large).unwrap(),
        BooleanArray::from(vec![false, true])
    );
    let ints = Arc::new(Int64Array::from(vec![1])) as ArrayRef;
    let ints = RecordBatch::try_from_iter([("k", ints)]).unwrap();
    let error = pass.keep(&ints).unwrap_err();
    assert!(matches!(error, Error::ColumnType { .. }), "{error}");
}

#[test]
fn dropped_rows_are_counted_and_columns_must_be_there() {
    let mut ledger = Ledger::new();
    let kept = Duplicates::on("k").select(&sample(), &mut ledger).unwrap();
    assert_eq!(kept.num_rows(), 4);
    assert_eq!(ledger.count("", Action::RowDropped), 2);
    assert_eq!(Duplicates::on("k").count(&sample()).unwrap(), 2);
    let error = Duplicates::on("x").count(&sample()).unwrap_err();
    assert!(matches!(error, Error::ColumnNotFound { .. }));
    let error = Duplicates::on(ColumnSelector::boolean())
        .count(&sample())
        .unwrap_err();
    assert_eq!(error.to_string(), "parameter `columns`: select no column");
}
