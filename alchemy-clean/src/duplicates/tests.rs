use std::sync::Arc;

use alchemy_core::arrow::array::{
    BooleanArray, Float64Array, Int64Array, LargeStringArray, StringArray,
};

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
    for spec in [
        Duplicates::on("k"),
        Duplicates::of_whole_rows(),
        Duplicates::on("k").with_fingerprints(),
    ] {
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

    for keep in [
        Keep::Last,
        Keep::None,
        Keep::largest("v"),
        Keep::smallest("v"),
    ] {
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
fn the_best_of_equal_rows_has_the_largest_or_smallest_value_and_a_missing_one_loses() {
    let keys = [
        Some("a"),
        Some("a"),
        Some("b"),
        Some("a"),
        None,
        Some("b"),
        None,
        Some("c"),
    ];
    let batch = batch(
        keys.to_vec(),
        vec![
            Some(f64::NAN),
            Some(2.0),
            Some(-0.0),
            Some(2.0),
            None,
            Some(0.0),
            Some(f64::NEG_INFINITY),
            None,
        ],
    );
    let kept = |keep| mask(&Duplicates::on("k").with_keep(keep), &batch);
    // Zeros of both signs tie, as equal numbers do: the first stays.
    let wanted = [false, true, true, false, false, false, true, true];
    assert_eq!(kept(Keep::largest("v")), wanted);
    assert_eq!(kept(Keep::smallest("v")), wanted);
    let backwards = |keep| {
        let rows = UInt32Array::from_iter_values((0..8).rev());
        let batch = alchemy_core::arrow::compute::take_record_batch(&batch, &rows).unwrap();
        let mut mask = mask(&Duplicates::on("k").with_keep(keep), &batch);
        mask.reverse();
        mask
    };
    let wanted = [false, false, false, true, false, true, true, true];
    assert_eq!(backwards(Keep::largest("v")), wanted);

    let text = sample();
    let by_text = |keep| mask(&Duplicates::on("v").with_keep(keep), &text);
    assert_eq!(
        by_text(Keep::largest("k")),
        [true, true, false, false, false, true]
    );
    let ints = Arc::new(Int64Array::from(vec![i64::MAX - 1, i64::MAX])) as ArrayRef;
    let one = Arc::new(StringArray::from(vec!["x", "x"])) as ArrayRef;
    let exact = RecordBatch::try_from_iter([("n", ints), ("k", one)]).unwrap();
    let spec = Duplicates::on("k").with_keep(Keep::largest("n"));
    assert_eq!(mask(&spec, &exact), [false, true]);
    let error = spec.start().keep(&text).unwrap_err();
    assert!(matches!(error, Error::ColumnNotFound { column, .. } if column == "n"));
}

#[test]
fn zeros_of_both_signs_are_one_number() {
    let zeros = batch(vec![None; 3], vec![Some(0.0), Some(-0.0), None]);
    assert_eq!(mask(&Duplicates::on("v"), &zeros), [true, false, true]);
}

#[test]
fn the_most_frequent_of_the_duplicated_keys_comes_first() {
    let more = batch(
        vec![None, Some("c"), Some("x")],
        vec![None, None, Some(1.0)],
    );
    let all = alchemy_core::arrow::compute::concat_batches(&sample().schema(), [&sample(), &more]);
    let all = all.unwrap();
    let keys = Duplicates::on("k").duplicated_keys(&all).unwrap();
    assert_eq!(
        keys.column(0).as_ref(),
        &StringArray::from(vec![None, Some("a"), Some("c")])
    );
    assert_eq!(keys.column(1).as_ref(), &UInt64Array::from(vec![3, 2, 2]));
    assert_eq!(keys.schema().field(0), sample().schema().field(0));
    let rows = Duplicates::of_whole_rows().duplicated_keys(&all).unwrap();
    assert_eq!((rows.num_rows(), rows.num_columns()), (2, 3));
    let none = Duplicates::on("k")
        .duplicated_keys(&all.slice(0, 0))
        .unwrap();
    assert_eq!(none.num_rows(), 0);

    let counted = RecordBatch::try_from_iter([("count", all.column(0).clone())]).unwrap();
    let error = Duplicates::on("count")
        .duplicated_keys(&counted)
        .unwrap_err();
    assert!(matches!(error, Error::DuplicateColumn { column } if column == "count"));
}

#[test]
fn a_spec_is_read_from_what_it_wrote() {
    for (spec, json) in [
        (Duplicates::of_whole_rows(), r#"{"keep":"first"}"#),
        (
            Duplicates::on(["k"])
                .with_keep(Keep::largest("v"))
                .with_fingerprints(),
            r#"{"columns":["k"],"keep":{"largest":"v"},"fingerprints":true}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&spec).unwrap(), json);
        assert_eq!(serde_json::from_str::<Duplicates>(json).unwrap(), spec);
    }
    let spec: Duplicates = serde_json::from_str("{}").unwrap();
    assert_eq!(spec, Duplicates::of_whole_rows());
    assert!(serde_json::from_str::<Duplicates>(r#"{"column":"k"}"#).is_err());
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
