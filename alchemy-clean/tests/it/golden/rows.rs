//! Rows and columns left out.

use alchemy_clean::arrow::array::{AsArray, BooleanArray, RecordBatch};
use alchemy_clean::arrow::datatypes::UInt64Type;
use alchemy_clean::{Duplicates, Fit, Keep, MissingRows, NullColumnDropper, SelectRows, Transform};
use serde_json::Value;

use super::{column, list};

/// A frame in the file: columns by name.
fn frame(value: &Value) -> RecordBatch {
    let columns = value.as_object().unwrap().iter();
    RecordBatch::try_from_iter_with_nullable(
        columns.map(|(name, values)| (name, column(values), true)),
    )
    .unwrap()
}

fn kept(rows: &impl SelectRows, batch: &RecordBatch, case: &Value) {
    let wanted: BooleanArray = list(&case["kept"]).iter().map(Value::as_bool).collect();
    assert_eq!(rows.start().keep(batch).unwrap(), wanted, "{rows:?} {case}");
}

fn names(value: &Value) -> Vec<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}

#[test]
fn rows_with_missing_cells_are_those_that_pandas_drops() {
    for golden in list(&golden!("rows")["frames"]) {
        let batch = frame(&golden["frame"]);
        for case in list(&golden["rows"]) {
            let subset = names(&case["subset"]);
            match case["rule"].as_str().unwrap() {
                "any" => kept(&MissingRows::any_of(subset), &batch, case),
                "all" => kept(&MissingRows::all_of(subset), &batch, case),
                _ => {
                    let present = case["present"].as_u64().unwrap() as u32;
                    let columns = subset.len() as u32;
                    let share = f64::from(columns - present) / f64::from(columns);
                    let by_share = MissingRows::more_missing_than(share, subset.clone());
                    kept(&by_share, &batch, case);
                    kept(
                        &MissingRows::fewer_present_than(present, subset),
                        &batch,
                        case,
                    );
                }
            }
        }
    }
}

#[test]
fn columns_with_too_few_values_are_those_that_pandas_drops() {
    for golden in list(&golden!("rows")["frames"]) {
        let batch = frame(&golden["frame"]);
        for case in list(&golden["columns"]) {
            let (present, of) = (
                case["present"].as_f64().unwrap(),
                case["of"].as_f64().unwrap(),
            );
            let dropper = NullColumnDropper::new().with_max_missing((of - present) / of);
            let left = dropper.fit(&batch).unwrap().transform(&batch).unwrap();
            let schema = left.schema();
            let left: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            let mut wanted = names(&case["kept"]);
            wanted.sort_unstable_by_key(|name| batch.schema().index_of(name).unwrap());
            assert_eq!(left, wanted, "{case}");
        }
    }
}

#[test]
fn the_best_of_equal_rows_is_the_one_that_pandas_sorts_first() {
    let golden = &golden!("rows")["best"];
    let batch = frame(&golden["frame"]);
    for case in list(&golden["cases"]) {
        let column = case["column"].as_str().unwrap();
        let keep = match case["keep"].as_str().unwrap() {
            "largest" => Keep::largest(column),
            _ => Keep::smallest(column),
        };
        kept(&Duplicates::on("key").with_keep(keep), &batch, case);
    }
}

#[test]
fn duplicated_keys_are_counted_as_pandas_counts_values() {
    let golden = golden!("rows");
    let batch = frame(&golden["best"]["frame"]);
    let keys = Duplicates::on("key").duplicated_keys(&batch).unwrap();
    let counts = keys.column(1).as_primitive::<UInt64Type>();
    let found = keys
        .column(0)
        .as_string::<i32>()
        .iter()
        .zip(counts.values());
    let wanted = golden["counts"].as_object().unwrap();
    assert_eq!(keys.num_rows(), wanted.len());
    for (key, count) in found {
        assert_eq!(
            wanted[key.unwrap_or("null")].as_u64(),
            Some(*count),
            "{key:?}"
        );
    }
}
