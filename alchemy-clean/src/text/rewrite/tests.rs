use alchemy_core::arrow::array::{
    DictionaryArray, Int8Array, LargeStringArray, StringArray, StringViewArray,
};
use alchemy_core::arrow::datatypes::{Int8Type, UInt16Type};
use alchemy_core::parallel::ROWS_PER_CHUNK;

use super::*;

/// Doubles a text, nulls `?`, and does not know `u`.
struct Twice;

impl Rewrite for Twice {
    type Scratch = ();

    fn rewrite(&self, cell: &str, (): &mut (), output: &mut String) -> Fate {
        output.push_str(cell);
        if cell != "u" {
            output.push_str(cell);
        }
        Fate {
            null: cell == "?",
            unmatched: cell == "u",
        }
    }
}

fn twice(cell: Option<&str>) -> Option<String> {
    match cell? {
        "?" => None,
        "u" => Some("u".to_owned()),
        cell => Some(cell.repeat(2)),
    }
}

fn rows(bits: &BooleanBuffer) -> Vec<usize> {
    bits.set_indices().collect()
}

#[test]
fn every_encoding_is_rewritten_alike() {
    let cells = [
        Some("ab"),
        None,
        Some("u"),
        Some("?"),
        Some("ab"),
        Some(""),
        Some("a long one, out of line"),
    ];
    let wanted: StringArray = cells.iter().map(|cell| twice(*cell)).collect();
    let plain = StringArray::from(cells.to_vec());
    let dictionary: DictionaryArray<Int8Type> = cells.into_iter().collect();
    // More values than rows, of which the first is used by no row.
    let wide = Arc::new(dictionary.slice(1, 2)) as ArrayRef;
    for array in [
        Arc::new(plain) as ArrayRef,
        Arc::new(LargeStringArray::from(cells.to_vec())),
        Arc::new(StringViewArray::from(cells.to_vec())),
        Arc::new(dictionary),
    ] {
        for (start, len) in [(0, 7), (1, 6), (2, 3), (6, 1), (0, 0)] {
            let array = array.slice(start, len);
            let out = rewrite("x", &array, &Twice).unwrap();
            assert_eq!(out.array.data_type(), array.data_type());
            out.array.to_data().validate_full().unwrap();
            let text = cast(&out.array, &DataType::Utf8).unwrap();
            assert_eq!(
                text.as_ref(),
                &wanted.slice(start, len),
                "{start} {}",
                array.data_type()
            );
            let kept = |rows: [usize; 7]| -> Vec<usize> {
                let inside = rows
                    .into_iter()
                    .filter(|row| (start..start + len).contains(row));
                inside.map(|row| row - start).collect()
            };
            const NONE: usize = usize::MAX;
            assert_eq!(rows(&out.changed), kept([0, 4, 6, NONE, NONE, NONE, NONE]));
            assert_eq!(
                rows(&out.nulled),
                kept([3, NONE, NONE, NONE, NONE, NONE, NONE])
            );
            assert_eq!(
                rows(&out.unmatched),
                kept([2, NONE, NONE, NONE, NONE, NONE, NONE])
            );
        }
    }
    let out = rewrite("x", &wide, &Twice).unwrap();
    assert!(
        Arc::ptr_eq(&out.array, &wide),
        "null and u stay as they are"
    );
}

#[test]
fn values_that_become_equal_are_joined() {
    struct Lower;
    impl Rewrite for Lower {
        type Scratch = ();

        fn rewrite(&self, cell: &str, (): &mut (), output: &mut String) -> Fate {
            output.push_str(&cell.to_lowercase());
            Fate::default()
        }
    }
    let cells = [Some("A"), Some("a"), Some("B"), None, Some("A")];
    let array: DictionaryArray<UInt16Type> = cells.into_iter().collect();
    let out = rewrite("x", &(Arc::new(array) as ArrayRef), &Lower).unwrap();
    let wanted: DictionaryArray<UInt16Type> = [Some("a"), Some("a"), Some("b"), None, Some("a")]
        .into_iter()
        .collect();
    assert_eq!(out.array.as_ref(), &wanted);
    let values = out.array.as_any_dictionary().values().clone();
    assert_eq!(values.as_ref(), &StringArray::from(vec!["a", "b"]));
    assert_eq!(rows(&out.changed), [0, 2, 4]);
}

#[test]
fn a_null_value_of_a_dictionary_becomes_a_null_key() {
    let values = Arc::new(StringArray::from(vec![None, Some("u")])) as ArrayRef;
    let keys = Int8Array::from(vec![Some(0), Some(1), None]);
    let dictionary = DictionaryArray::<Int8Type>::new(keys, values);
    for rows in 1..=3 {
        let array = Arc::new(dictionary.slice(0, rows)) as ArrayRef;
        let out = rewrite("x", &array, &Twice).unwrap().array;
        assert!(out.is_null(0), "{rows}");
        assert_eq!(out.null_count(), out.logical_null_count());
    }
}

#[test]
fn many_rows_are_as_one_by_one() {
    // Texts whose ends agree take one another's place.
    let cells: Vec<Option<String>> = (0..ROWS_PER_CHUNK + 100)
        .map(|row| match row % 7 {
            0 => None,
            1 => Some("?".to_owned()),
            2 => Some(format!("beginning {} of the end", row % 1999)),
            3 => Some("u".to_owned()),
            _ => Some((row % 700).to_string()),
        })
        .collect();
    let array: StringArray = cells.iter().map(Option::as_deref).collect();
    let out = rewrite("x", &(Arc::new(array) as ArrayRef), &Twice).unwrap();
    let wanted: StringArray = cells.iter().map(|cell| twice(cell.as_deref())).collect();
    assert_eq!(out.array.as_ref(), &wanted);
    let at = |digit: usize| {
        (0..cells.len())
            .filter(|row| row % 7 == digit)
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&out.nulled), at(1));
    assert_eq!(rows(&out.unmatched), at(3));
}

#[test]
fn an_untouched_column_is_passed_on() {
    let array = Arc::new(StringArray::from(vec![Some("u"), None, Some("")])) as ArrayRef;
    let out = rewrite("x", &array, &Twice).unwrap();
    assert!(Arc::ptr_eq(&out.array, &array));
    let dictionary: DictionaryArray<Int8Type> = [Some("u"), None].into_iter().collect();
    let array = Arc::new(dictionary) as ArrayRef;
    let out = rewrite("x", &array, &Twice).unwrap();
    assert!(Arc::ptr_eq(&out.array, &array));
    let numbers = cast(&UInt64Array::from(vec![1]), &DataType::Int8).unwrap();
    assert!(rewrite("x", &numbers, &Twice).is_err());
}
