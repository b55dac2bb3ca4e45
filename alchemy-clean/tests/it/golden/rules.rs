//! Expressions and filters beside those of pandas.

use alchemy_clean::arrow::array::{BooleanArray, Date32Array, Float64Array, Int64Array};
use alchemy_clean::arrow::compute::cast;
use alchemy_clean::arrow::datatypes::DataType;
use alchemy_clean::{Expr, Ledger, RowFilter};

use super::*;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../golden/rules.json")).unwrap()
}

fn table(columns: &Value) -> RecordBatch {
    let whole = |values: &Value| {
        list(values)
            .iter()
            .map(Value::as_i64)
            .collect::<Int64Array>()
    };
    let flags = |values: &Value| {
        list(values)
            .iter()
            .map(Value::as_bool)
            .collect::<BooleanArray>()
    };
    let day = cast(&texts(&columns["day"]), &DataType::Date32).unwrap();
    assert_eq!(day.null_count(), 2);
    assert!(day.as_any().is::<Date32Array>());
    let rows = list(&columns["n"]).iter().enumerate();
    let index: Int64Array = rows.map(|(row, _)| i64::try_from(row).ok()).collect();
    let columns: [(&str, ArrayRef); 9] = [
        ("row", Arc::new(index)),
        ("n", Arc::new(whole(&columns["n"]))),
        ("m", Arc::new(whole(&columns["m"]))),
        ("x", Arc::new(numbers(&columns["x"]))),
        ("y", Arc::new(numbers(&columns["y"]))),
        ("s", Arc::new(texts(&columns["s"]))),
        ("b", Arc::new(flags(&columns["b"]))),
        ("c", Arc::new(flags(&columns["c"]))),
        ("day", day),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn is_that_of_pandas(ours: &ArrayRef, theirs: &Value) -> bool {
    match ours.data_type() {
        DataType::Boolean => {
            let theirs: BooleanArray = list(theirs).iter().map(Value::as_bool).collect();
            *ours.as_boolean() == theirs
        }
        DataType::Utf8 => *ours.as_string::<i32>() == texts(theirs),
        _ => {
            let ours = cast(ours, &DataType::Float64).unwrap();
            let theirs: Float64Array = numbers(theirs);
            ours.as_ref() == &theirs as &dyn Array
        }
    }
}

#[test]
fn expressions_are_those_of_pandas() {
    let golden = golden();
    let table = table(&golden["columns"]);
    let mut known = 0;
    for case in list(&golden["cases"]) {
        let text = case["expression"].as_str().unwrap();
        let ours = text.parse::<Expr>().unwrap().evaluate(&table).unwrap();
        known += ours.len() - ours.null_count();
        assert!(
            is_that_of_pandas(&ours, &case["values"]),
            "{text}: {ours:?} {case}"
        );
    }
    assert!(known > 300, "{known}");
}

#[test]
fn rows_are_kept_as_query_of_pandas_keeps_them() {
    let golden = golden();
    let table = table(&golden["columns"]);
    for case in list(&golden["kept"]) {
        let filter = RowFilter::keep_where(case["expression"].as_str().unwrap().parse().unwrap());
        let kept = filter.select(&table, &mut Ledger::new()).unwrap();
        let wanted: Int64Array = list(&case["rows"]).iter().map(Value::as_i64).collect();
        assert_eq!(kept.column(0).as_ref(), &wanted as &dyn Array, "{case}");
    }
}
