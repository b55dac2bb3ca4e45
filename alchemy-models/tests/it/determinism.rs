//! Models do not depend on threads, cuts or platforms.

use std::slice;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampSecondArray,
    UInt64Array,
};
use alchemy_core::random::mix;
use xxhash_rust::xxh3::xxh3_64;

use crate::fits::{FITS, FitBatches};
use crate::tables::{cut, floats, mixed, pick};

/// A table that no platform computes otherwise: integers, fractions of powers of two, texts and missing values.
fn plain(rows: u64) -> RecordBatch {
    let drawn = |row: u64, salt: u64| mix(row * 8 + salt);
    let share = |row: u64, salt: u64| (drawn(row, salt) >> 11) as f64 / (1u64 << 53) as f64;
    let y = |row: u64| share(row, 0) + if share(row, 1) < 0.25 { 2.0 } else { 0.0 };
    let columns: [(&str, ArrayRef); 7] = [
        (
            "normal",
            Arc::new(
                (0..rows)
                    .map(|row| (row % 11 != 3).then_some(share(row, 0)))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "heavy",
            floats((0..rows).map(|row| 1.0 / (share(row, 1) + 1e-9))),
        ),
        (
            "small",
            Arc::new(UInt64Array::from_iter_values(
                (0..rows).map(|row| drawn(row, 2) % 5),
            )),
        ),
        (
            "flag",
            Arc::new(BooleanArray::from_iter(
                (0..rows).map(|row| Some(share(row, 1) < 0.25)),
            )),
        ),
        (
            "city",
            Arc::new(StringArray::from_iter_values(
                (0..rows).map(|row| format!("c{}", drawn(row, 3) % 7)),
            )),
        ),
        (
            "time",
            Arc::new(TimestampSecondArray::from_iter_values(
                0..i64::try_from(rows).unwrap(),
            )),
        ),
        (
            "weight",
            Arc::new(UInt64Array::from_iter_values((0..rows).map(|row| row % 3))),
        ),
    ];
    let y = Float64Array::from_iter_values((0..rows).map(y));
    let label = y
        .values()
        .iter()
        .map(|y| if *y > 1.0 { "high" } else { "low" });
    let label = StringArray::from_iter_values(label);
    let targets: [(&str, ArrayRef); 2] = [("label", Arc::new(label)), ("y", Arc::new(y))];
    RecordBatch::try_from_iter(columns.into_iter().chain(targets)).unwrap()
}

/// The hash of each model's bytes, the same in every build and on every platform. A hash changes only with an algorithm, its
/// parameters or the form of its models: then the lines to put into the file are in the message.
#[test]
fn model_bytes_are_those_of_every_other_build() {
    let expected = include_str!("../golden/model_hashes.txt");
    let table = plain(5000);
    let line = |(name, fit): &(&str, FitBatches)| {
        format!("{:016x} {name}\n", xxh3_64(&fit(slice::from_ref(&table))))
    };
    let found: String = FITS.iter().map(line).collect();
    assert!(found == expected, "found\n{found}");
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

#[test]
fn model_bytes_do_not_depend_on_threads_or_cuts() {
    // More rows than one histogram task and one partition block hold.
    let table = mixed(40_000);
    for (name, fit) in FITS {
        let expected = with_threads(1, || fit(slice::from_ref(&table)));
        for threads in [1, 2, 3, 7] {
            for size in [333, 16_384] {
                let found = with_threads(threads, || fit(&cut(&table, size)));
                assert!(
                    found == expected,
                    "{name} with {threads} threads in batches of {size}"
                );
            }
        }
    }
}

#[test]
fn small_tables_teach_the_same_in_any_pool_however_often() {
    const REPEATS: usize = 20;
    let table = mixed(400);
    for (name, fit) in FITS {
        let expected = with_threads(1, || fit(slice::from_ref(&table)));
        for threads in [1, 2, 3, 4, 8, 16] {
            with_threads(threads, || {
                for size in [1, 7, 400] {
                    let empty = table.slice(0, 0);
                    let pieces = cut(&table, size)
                        .into_iter()
                        .flat_map(|piece| [piece, empty.clone()]);
                    let same = fit(&pieces.collect::<Vec<_>>()) == expected;
                    assert!(same, "{name}: {threads} threads, batches of {size}");
                }
            });
        }
        with_threads(16, || {
            let pieces = cut(&table, 64);
            assert!((0..REPEATS).all(|_| fit(&pieces) == expected), "{name}");
        });
    }
}

#[test]
fn a_slice_teaches_what_its_copy_teaches() {
    let table = mixed(1000);
    let slice = table.slice(131, 700);
    let copy = pick(&table, 131..831);
    for (name, fit) in FITS {
        assert!(
            fit(slice::from_ref(&slice)) == fit(slice::from_ref(&copy)),
            "{name}"
        );
    }
}
