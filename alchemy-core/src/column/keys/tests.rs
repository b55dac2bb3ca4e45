use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use arrow::array::{
    BooleanArray, Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Float32Array,
    Float64Array, Int64Array, ListArray, StringArray, StringViewArray, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int8Type, Int32Type};
use proptest::prelude::*;

use super::partition::BLOCK_ROWS;
use super::*;
use crate::random::mix;

/// What a loop over a map finds.
fn brute_force<K: Hash + Eq>(keys: impl IntoIterator<Item = K>) -> Vec<u32> {
    let mut seen = HashMap::new();
    (0..)
        .zip(keys)
        .map(|(row, key)| *seen.entry(key).or_insert(row))
        .collect()
}

/// Which rows are the first with their key, by keys kept in both ways and batches that end at `cuts`.
fn new_rows(columns: &[ArrayRef], cuts: &[usize]) -> [Vec<bool>; 2] {
    [
        SeenKeys::new(FloatKeys::ByValue),
        SeenKeys::with_fingerprints(FloatKeys::ByValue),
    ]
    .map(|mut seen| {
        let mut start = 0;
        let mut new = Vec::new();
        for end in cuts.iter().copied().chain([columns[0].len()]) {
            new.extend(&seen.insert(&sliced(columns, &(start..end))).unwrap());
            start = end;
        }
        assert_eq!(seen.len(), new.iter().filter(|new| **new).count());
        new
    })
}

fn first(columns: &[ArrayRef]) -> Vec<u32> {
    first_equal_rows(columns, FloatKeys::ByValue).unwrap()
}

proptest! {
    #[test]
    fn equal_rows_are_those_of_a_map(
        rows in proptest::collection::vec(
            (proptest::option::of(-2_i64..3), proptest::option::of("[ab]{0,2}"), proptest::option::of(any::<bool>())),
            0..60,
        ),
        cuts in proptest::collection::vec(0_usize..60, 0..4),
    ) {
        let columns: [ArrayRef; 3] = [
            Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.1.as_deref()).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| row.2).collect::<BooleanArray>()),
        ];
        let wanted = brute_force(&rows);
        prop_assert_eq!(&first(&columns), &wanted);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).collect();
        cuts.sort_unstable();
        let new: Vec<bool> = (0..).zip(&wanted).map(|(row, first)| row == *first).collect();
        for found in new_rows(&columns, &cuts) {
            prop_assert_eq!(&found, &new);
        }
    }
}

#[test]
fn many_rows_in_many_blocks_are_those_of_a_map_on_any_number_of_threads() {
    // More than a chunk of the batches below, and of every part and block.
    let rows = 34 * BLOCK_ROWS + 17;
    let number = |row: usize| (mix(row as u64) % 150_000).cast_signed();
    let text = |row: usize| format!("{}", mix(row as u64 % 170_001) % 3);
    let columns: [ArrayRef; 2] = [
        Arc::new(
            (0..rows)
                .map(|row| Some(number(row)))
                .collect::<Int64Array>(),
        ),
        Arc::new(
            (0..rows)
                .map(|row| Some(text(row)))
                .collect::<StringArray>(),
        ),
    ];
    let wanted = brute_force((0..rows).map(|row| (number(row), text(row))));
    let new: Vec<bool> = (0..)
        .zip(&wanted)
        .map(|(row, first)| row == *first)
        .collect();
    assert!(new.iter().any(|new| !new));
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            assert!(first(&columns) == wanted);
            for found in new_rows(&columns, &[5]) {
                assert!(found == new, "{threads}");
            }
        });
    }
}

#[test]
fn every_type_is_a_key() {
    let lists = vec![Some(vec![Some(1)]), None, Some(vec![Some(1)]), Some(vec![])];
    let dictionary: DictionaryArray<Int8Type> = vec![Some("a"), None, Some("a"), Some("b")]
        .into_iter()
        .collect();
    let numbers = Arc::new(Int64Array::from(vec![Some(7), None, Some(7), Some(0)])) as ArrayRef;
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists)),
        Arc::new(dictionary),
        Arc::new(StringViewArray::from(vec![
            Some("longer than twelve bytes"),
            None,
            Some("longer than twelve bytes"),
            Some(""),
        ])),
        Arc::new(Float32Array::from(vec![
            Some(-0.0),
            Some(f32::NAN),
            Some(0.0),
            Some(1.0),
        ])),
        Arc::new(BooleanArray::from(vec![
            Some(true),
            None,
            Some(true),
            Some(false),
        ])),
        Arc::new(Decimal128Array::from(vec![
            Some(i128::MAX),
            None,
            Some(i128::MAX),
            Some(0),
        ])),
        Arc::new(
            FixedSizeBinaryArray::try_from_sparse_iter_with_size(
                [Some([1_u8; 3]), None, Some([1; 3]), Some([0; 3])].into_iter(),
                3,
            )
            .unwrap(),
        ),
    ];
    for data_type in [
        DataType::Int8,
        DataType::UInt16,
        DataType::Float16,
        DataType::Date32,
        DataType::Date64,
        DataType::Decimal256(40, 2),
        DataType::LargeUtf8,
        DataType::Binary,
        DataType::LargeBinary,
        DataType::BinaryView,
    ] {
        let via = match data_type {
            DataType::Date32 => cast(&numbers, &DataType::Int32),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
                cast(&numbers, &DataType::Utf8)
            }
            _ => Ok(numbers.clone()),
        };
        arrays.push(cast(&via.unwrap(), &data_type).unwrap());
    }
    for array in arrays {
        let named = array.data_type().clone();
        // A slice reads as its copy.
        let twice = arrow::compute::concat(&[&array, &array]).unwrap();
        assert_eq!(first(&[twice.slice(3, 4)]), [0, 1, 2, 1], "{named}");
        assert_eq!(first(&[array]), [0, 1, 0, 3], "{named}");
    }
    let nothing = new_null_array(&DataType::Null, 3);
    assert_eq!(first(&[nothing]), [0, 0, 0]);
}

#[test]
fn values_do_not_run_into_each_other() {
    let text = |cells: Vec<Option<&str>>| Arc::new(StringArray::from(cells)) as ArrayRef;
    let long = "x".repeat(300);
    let left = text(vec![Some("ab"), Some("a"), Some(""), None, Some(&long)]);
    let right = text(vec![Some("c"), Some("bc"), None, Some(""), Some(&long)]);
    assert_eq!(first(&[left, right]), [0, 1, 2, 3, 4]);
    let floats = Arc::new(Float64Array::from(vec![Some(0.0), None])) as ArrayRef;
    assert_eq!(first(&[floats]), [0, 1]);
}

#[test]
fn no_row_is_no_key() {
    let empty = Arc::new(Int64Array::from(Vec::<i64>::new())) as ArrayRef;
    assert_eq!(first(std::slice::from_ref(&empty)), [0; 0]);
    let mut seen = SeenKeys::new(FloatKeys::ByValue);
    assert_eq!(seen.insert(&[empty]).unwrap().len(), 0);
    assert!(seen.is_empty());
}
