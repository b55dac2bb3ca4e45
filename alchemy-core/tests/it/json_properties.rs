//! Laws of JSON lines on random input.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{BadLines, JsonReader, Ledger, flatten, write_json};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

/// Values of JSON, of few enough kinds that types meet, and with the numbers that trip.
fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        4 => (-9i64..9).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        3 => any::<f64>().prop_map(|float| Number::from_f64(float).map_or(Value::Null, Value::Number)),
    ];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => number,
        3 => "[a\"\\\\\n\u{0}é.]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[ab.\"]{0,2}", inner, 0..3)
                .prop_map(|object| Value::Object(object.into_iter().collect())),
        ]
    })
}

fn row() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map("[a-c.]{1,2}", value(), 0..5)
        .prop_map(|row| row.into_iter().collect())
}

fn lines(rows: &[Map<String, Value>]) -> String {
    rows.iter()
        .map(|row| format!("{}\n", Value::Object(row.clone())))
        .collect()
}

fn written(batch: &RecordBatch) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    write_json(&path, batch).unwrap();
    std::fs::read_to_string(path).unwrap()
}

/// What a cell may become: text for what does not fit, floats for integers, nulls for keys that are not there. Two values
/// are the same if they are once all of that is undone.
fn same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), expected) => match expected {
            Value::Object(expected) => found.keys().chain(expected.keys()).all(|key| {
                let null = &Value::Null;
                same(
                    found.get(key).unwrap_or(null),
                    expected.get(key).unwrap_or(null),
                )
            }),
            _ => false,
        },
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(found, expected)| same(found, expected))
        }
        (Value::Number(found), Value::Number(expected)) => {
            // Equal as integers, or as floats where one side is a float.
            found == expected
                || (found.is_f64() != expected.is_f64() || found.is_f64())
                    && found.as_f64() == expected.as_f64()
        }
        // Text cells stay; others are their JSON text.
        (Value::String(found), Value::String(expected)) => found == expected,
        (Value::String(found), expected) => {
            serde_json::from_str::<Value>(found).is_ok_and(|found| found == *expected)
        }
        (found, expected) => found == expected,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_value_is_in_the_batch(rows in prop::collection::vec(row(), 0..8)) {
        let text = lines(&rows);
        let batch = JsonReader::new().read_from(text.as_bytes()).unwrap();
        prop_assert_eq!(batch.num_rows(), rows.len());
        for column in batch.columns() {
            column.to_data().validate_full().unwrap();
        }
        let back = written(&batch);
        let mut back = back.lines();
        for row in &rows {
            let found: Value = serde_json::from_str(back.next().unwrap()).unwrap();
            prop_assert!(same(&found, &Value::Object(row.clone())), "{found} is not {row:?}");
        }
        // With its schema, what was written reads as the same batch.
        let reader = JsonReader::new().with_schema(batch.schema());
        prop_assert_eq!(&reader.read_from(written(&batch).as_bytes()).unwrap(), &batch);
        if let Ok(flat) = flatten(&batch, "/") {
            let mut names: Vec<_> = flat.schema().fields().iter().map(|field| field.name().clone()).collect();
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), flat.num_columns());
        }
    }

    #[test]
    fn a_line_is_good_if_serde_json_says_so(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ":", ",", "\"a\"", "\"b\"", "\"\\u00e9\"", "\"", "\\", "1", "-", "0", ".5", "e3", "null", "true", " ", "\u{1}",
        ]), 0..9),
        wrap in any::<bool>(),
    ) {
        let inner = pieces.concat();
        let line = if wrap { format!("{{\"a\":{inner}}}") } else { inner };
        prop_assume!(!line.trim().is_empty());
        let mut ledger = Ledger::new();
        let reader = JsonReader::new().with_bad_lines(BadLines::Reject);
        let batch = reader.read_from_with(line.as_bytes(), &mut ledger).unwrap();
        let serde = serde_json::from_str::<Map<String, Value>>(&line);
        // A key that occurs twice is an error here, and the last one wins there.
        if serde.is_ok() && line.matches("\"a\":").count() < 2 && line.matches("\"b\":").count() < 2 {
            prop_assert_eq!(batch.num_rows(), 1, "{}", line);
        }
        if serde.is_err() {
            prop_assert_eq!(batch.num_rows(), 0, "{}", line);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(prop::sample::select(b"{}[]:,\"\\u01e.-n \n\r\xff\xc3\xa9a\x00".to_vec()), 0..60),
    ) {
        for bad_lines in [BadLines::Fail, BadLines::Reject] {
            let reader = JsonReader::new().with_flattened(".").with_bad_lines(bad_lines);
            if let Ok(batch) = reader.read_from(bytes.as_slice()) {
                for column in batch.columns() {
                    column.to_data().validate_full().unwrap();
                }
            } else {
                prop_assert!(bad_lines == BadLines::Fail);
            }
        }
    }
}
