use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray, UInt64Array};
use alchemy_core::arrow::compute::take_record_batch;
use alchemy_core::arrow::datatypes::Int64Type;
use proptest::prelude::*;

use super::*;

/// Rows of ids `0..classes.len()`, of the classes given.
fn batch(classes: &[&str]) -> RecordBatch {
    let id = Arc::new((0..).take(classes.len()).map(Some).collect::<Int64Array>()) as ArrayRef;
    let class = Arc::new(StringArray::from(classes.to_vec())) as ArrayRef;
    RecordBatch::try_from_iter([("id", id), ("class", class)]).unwrap()
}

fn count(batch: &RecordBatch, class: &str) -> usize {
    let classes = batch.column(1).as_string::<i32>();
    (0..classes.len())
        .filter(|row| classes.value(*row) == class)
        .count()
}

fn ids(batch: &RecordBatch) -> Vec<i64> {
    let mut ids = batch
        .column(0)
        .as_primitive::<Int64Type>()
        .values()
        .to_vec();
    ids.sort_unstable();
    ids
}

#[test]
fn remainders_go_to_the_largest() {
    // Shares of 5, 3 and 2 rows at 0.3 are 1.5, 0.9 and 0.6: one whole row, and two more for the largest remainders.
    let batch = batch(&["a", "a", "a", "a", "a", "b", "b", "b", "c", "c"]);
    let (_, test) = RandomSplit::new(0.3)
        .stratified_by("class")
        .split(&batch)
        .unwrap();
    assert_eq!(["a", "b", "c"].map(|class| count(&test, class)), [1, 1, 1]);
}

#[test]
fn equal_remainders_do_not_favour_a_class() {
    let names: Vec<String> = (0..200).map(|i| format!("{i:03}")).collect();
    let batch = batch(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let rows = RandomSplit::new(0.5)
        .stratified_by("class")
        .rows(&batch)
        .unwrap();
    let early = rows.held_out.iter().filter(|row| **row < 100).count();
    assert!(
        (30..70).contains(&early),
        "{early} of 100 held out are in the first half"
    );
}

#[test]
fn every_row_is_as_likely_as_another() {
    let batch = batch(&["a"; 20]);
    let mut held = [0; 20];
    for seed in 0..2000 {
        for row in RandomSplit::new(0.25)
            .with_seed(seed)
            .rows(&batch)
            .unwrap()
            .held_out
        {
            held[row] += 1;
        }
    }
    assert!(held.iter().all(|n| (420..580).contains(n)), "{held:?}");
}

#[test]
fn rows_of_a_key_stay_together_and_null_is_no_key() {
    let key = Arc::new(StringArray::from(
        (0..90).map(|i| format!("k{}", i % 30)).collect::<Vec<_>>(),
    )) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("key", key)]).unwrap();
    let rows = RandomSplit::new(0.2).with_key("key").rows(&batch).unwrap();
    assert_eq!(rows.held_out.len(), 18);
    assert!(
        rows.held_out
            .iter()
            .all(|row| rows.held_out.contains(&((row + 30) % 90)))
    );

    let key = Arc::new(StringArray::from(vec![Some("a"), None, Some("b")])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("key", key)]).unwrap();
    let error = RandomSplit::new(0.5)
        .with_key("key")
        .rows(&batch)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"key\", row 1: \"null\" is not a key"
    );
}

#[test]
fn a_key_of_two_classes_is_refused() {
    let key = Arc::new(Int64Array::from(vec![1, 2, 1, 2])) as ArrayRef;
    let class = Arc::new(StringArray::from(vec!["a", "b", "a", "a"])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("key", key), ("class", class)]).unwrap();
    let split = RandomSplit::new(0.5).with_key("key");
    assert!(split.rows(&batch).is_ok());
    let error = split.stratified_by("class").rows(&batch).unwrap_err();
    assert!(error.to_string().contains("rows 1 and 3"), "{error}");
}

#[test]
fn bad_shares_and_empty_parts_are_refused() {
    for share in [0.0, 1.0, -0.2, f64::NAN] {
        let error = RandomSplit::new(share)
            .rows(&batch(&["a", "b"]))
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::InvalidParameter {
                    parameter: "share",
                    ..
                }
            ),
            "{error}"
        );
    }
    for classes in [&[][..], &["a"], &["a", "b"]] {
        let error = RandomSplit::new(0.1).rows(&batch(classes)).unwrap_err();
        assert!(matches!(error, Error::Empty { .. }), "{error}");
    }
}

proptest! {
    #[test]
    fn parts_are_disjoint_complete_and_of_exact_size(n in 10..200usize, share in 0.1..0.9f64, seed: u64) {
        let classes: Vec<&str> = (0..n).map(|i| ["a", "b", "c"][i * i % 7 % 3]).collect();
        let split = RandomSplit::new(share).with_seed(seed).stratified_by("class");
        let rows = split.rows(&batch(&classes)).unwrap();
        let mut all = [rows.train.clone(), rows.held_out.clone()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
        prop_assert!((rows.held_out.len() as f64 - n as f64 * share).abs() <= 0.5);
        for class in ["a", "b", "c"] {
            let size = classes.iter().filter(|c| **c == class).count() as f64;
            let held = rows.held_out.iter().filter(|row| classes[**row] == class).count() as f64;
            prop_assert!((held - size * share).abs() < 1.0);
        }
    }

    #[test]
    fn a_key_makes_the_order_of_rows_irrelevant(seed: u64, n in 10..100u64) {
        let classes: Vec<&str> = (0..n).map(|i| ["a", "b"][usize::from(i % 3 == 0)]).collect();
        let ordered = batch(&classes);
        let mut order: Vec<u64> = (0..n).collect();
        Stream::new(seed, &[]).shuffle(&mut order);
        let shuffled = take_record_batch(&ordered, &UInt64Array::from(order)).unwrap();
        let split = RandomSplit::new(0.3).with_seed(seed).stratified_by("class").with_key("id");
        let (train, test) = split.split(&ordered).unwrap();
        let (shuffled_train, shuffled_test) = split.split(&shuffled).unwrap();
        prop_assert_eq!(ids(&train), ids(&shuffled_train));
        prop_assert_eq!(ids(&test), ids(&shuffled_test));
    }
}
