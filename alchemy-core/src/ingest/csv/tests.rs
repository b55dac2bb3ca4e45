use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, RecordBatchReader};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, TimeUnit};

use super::{CsvReader, OuterSpaces};
use crate::{Error, Result};

fn read(text: &str) -> Result<RecordBatch> {
    CsvReader::new().read_from(text.as_bytes())
}

fn message(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

fn types(batch: &RecordBatch) -> Vec<DataType> {
    batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.data_type().clone())
        .collect()
}

#[test]
fn types_are_the_narrowest_that_hold_every_cell() {
    let batch = read("i,f,b,t,e\n1,1,true,x,\n,2.5,,007,\n-3,1e3,FALSE,,\n").unwrap();
    let expected = [
        DataType::Int64,
        DataType::Float64,
        DataType::Boolean,
        DataType::Utf8,
        DataType::Utf8,
    ];
    assert_eq!(types(&batch), expected);
    assert_eq!(
        batch.column(1).as_primitive::<Float64Type>().values(),
        &[1.0, 2.5, 1000.0]
    );
    assert_eq!(batch.column(0).null_count(), 1);
    assert_eq!(batch.column(4).null_count(), 3);
}

#[test]
fn line_endings_blank_lines_and_a_byte_order_mark_make_no_difference() {
    let plain = read("a,b\n1,x\n2,y\n").unwrap();
    for text in [
        "a,b\r\n1,x\r\n2,y\r\n",
        "\u{feff}a,b\n1,x\n2,y",
        "a,b\n\n1,x\n2,y\n\n",
        "a,b\r1,x\r2,y\r",
    ] {
        assert_eq!(read(text).unwrap(), plain, "{text:?}");
    }
}

#[test]
fn quoted_fields_hold_delimiters_quotes_and_line_breaks() {
    let batch = read("a,b\n\"x,\"\"y\"\"\nz\",1\n").unwrap();
    assert_eq!(batch.column(0).as_string::<i32>().value(0), "x,\"y\"\nz");
}

#[test]
fn spaces_are_kept_or_trimmed() {
    let text = "a, b\n x , 1\n ?, \n";
    let kept = read(text).unwrap();
    assert_eq!(kept.schema().field(1).name(), " b");
    assert_eq!(types(&kept), [DataType::Utf8, DataType::Utf8]);
    let reader = CsvReader::new()
        .with_outer_spaces(OuterSpaces::Trim)
        .with_null_values(["?"]);
    let trimmed = reader.read_from(text.as_bytes()).unwrap();
    assert_eq!(trimmed.schema().field(1).name(), "b");
    assert_eq!(types(&trimmed), [DataType::Utf8, DataType::Int64]);
    assert_eq!(trimmed.column(0).as_string::<i32>().value(0), "x");
    assert_eq!(
        (
            trimmed.column(0).null_count(),
            trimmed.column(1).null_count()
        ),
        (1, 1)
    );
}

#[test]
fn a_file_without_a_header_takes_names_from_the_caller() {
    let reader = CsvReader::new().with_columns(["x", "y"]).with_skip_lines(1);
    let batch = reader
        .read_from("made by hand\n1,2\n3,4\n".as_bytes())
        .unwrap();
    assert_eq!(batch.num_rows(), 2);
    assert_eq!(batch.schema().field(1).name(), "y");
    let error = CsvReader::new()
        .with_columns(["x"])
        .read_from("1,2\n".as_bytes())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1: has 2 fields where 1 are expected"
    );
}

#[test]
fn a_header_alone_is_a_batch_of_no_rows() {
    let batch = read("a,b\n").unwrap();
    assert_eq!(
        (batch.num_rows(), types(&batch)),
        (0, vec![DataType::Utf8; 2])
    );
    let named = CsvReader::new()
        .with_columns(["a"])
        .read_from(&b""[..])
        .unwrap();
    assert_eq!((named.num_rows(), named.num_columns()), (0, 1));
}

#[test]
fn a_schema_chooses_and_types_columns_by_name() {
    let second = DataType::Timestamp(TimeUnit::Second, None);
    let schema = Schema::new(vec![
        Field::new("when", second.clone(), true),
        Field::new("n", DataType::Int32, false),
    ]);
    let reader = CsvReader::new().with_schema(Arc::new(schema));
    let batch = reader
        .read_from("n,x,when\n1,?,2014-02-14 14:30:00\n2,?,\n".as_bytes())
        .unwrap();
    assert_eq!(types(&batch), [second, DataType::Int32]);
    assert_eq!(batch.column(0).null_count(), 1);
}

#[test]
fn one_column_can_be_declared() {
    let reader = CsvReader::new().with_column_type("a", DataType::Utf8);
    let batch = reader.read_from("a,b\n1,2\n".as_bytes()).unwrap();
    assert_eq!(types(&batch), [DataType::Utf8, DataType::Int64]);
}

#[test]
fn a_cell_that_does_not_fit_is_named() {
    let reader = CsvReader::new().with_column_type("n", DataType::Int64);
    let error = reader
        .read_from("s,n\n\"two\nlines\",1\n\nx,2.5\n".as_bytes())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 5: column \"n\": \"2.5\" is not Int64"
    );
    let error = CsvReader::new()
        .with_infer_rows(2)
        .read_from("n\n1\n2\nx\n".as_bytes())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 4: column \"n\": \"x\" is not Int64"
    );
    let required = Schema::new(vec![Field::new("n", DataType::Int64, false)]);
    let error = CsvReader::new()
        .with_schema(required.into())
        .read_from("n,m\n1,\n,2\n".as_bytes())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("line 3: column \"n\": is empty"),
        "{error}"
    );
}

#[test]
fn damaged_input_is_an_error_that_names_the_line() {
    assert_eq!(message(""), "is empty: there is no header line");
    assert_eq!(message("\n\n"), "is empty: there is no header line");
    assert_eq!(
        message("a,b\n1,2\n3\n"),
        "line 3: has 1 fields where 2 are expected"
    );
    assert_eq!(
        message("a,b\n1,2\n\n3,4,5\n"),
        "line 4: has 3 fields where 2 are expected"
    );
    assert_eq!(
        message("a,b,a\n1,2,3\n"),
        "line 1: column \"a\": the name occurs more than once in the header"
    );
    assert_eq!(
        message("a\n\"b\n"),
        "line 2: a quoted field begins here and is never closed"
    );
    let error = CsvReader::new()
        .read_from(&b"a\nb\n\xff\xfe\n"[..])
        .unwrap_err();
    assert_eq!(error.to_string(), "line 3: is not UTF-8 text");
    let error = CsvReader::new().read("no/such/file.csv").unwrap_err();
    assert!(
        matches!(&error, Error::Io { path, .. } if path == "no/such/file.csv"),
        "{error}"
    );
}

#[test]
fn impossible_options_are_refused() {
    let error = CsvReader::new()
        .with_delimiter(b'"')
        .read_from(&b"a\n"[..])
        .unwrap_err();
    assert!(matches!(
        error,
        Error::InvalidParameter {
            parameter: "quote",
            ..
        }
    ));
    let error = CsvReader::new()
        .with_delimiter(b'\n')
        .read_from(&b"a\n"[..])
        .unwrap_err();
    assert!(matches!(
        error,
        Error::InvalidParameter {
            parameter: "delimiter",
            ..
        }
    ));
    let error = CsvReader::new()
        .with_columns(["a", "a"])
        .read_from(&b"1,2\n"[..])
        .unwrap_err();
    assert!(matches!(error, Error::DuplicateColumn { .. }));
    let error = CsvReader::new()
        .with_column_type("agee", DataType::Utf8)
        .read_from(&b"age\n"[..])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no column \"agee\"; did you mean \"age\"?"
    );
}

#[test]
fn a_stream_gives_the_rows_of_one_batch() {
    let mut text = "id,name,x\n".to_owned();
    for i in 0..120_000 {
        text.push_str(&format!(
            "{i},\"name, {}\",{}\n",
            i % 97,
            f64::from(i) / 8.0
        ));
    }
    let whole = CsvReader::new().read_from(text.as_bytes()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big.csv");
    std::fs::write(&path, &text).unwrap();
    let stream = CsvReader::new().open(&path).unwrap();
    assert_eq!(stream.schema(), whole.schema());
    let batches: Vec<RecordBatch> = stream.map(|batch| batch.unwrap()).collect();
    assert!(batches.len() > 2);
    assert_eq!(
        arrow::compute::concat_batches(&whole.schema(), &batches).unwrap(),
        whole
    );
    assert_eq!(
        whole.column(0).as_primitive::<Int64Type>().value(119_999),
        119_999
    );
    assert_eq!(CsvReader::new().read(&path).unwrap(), whole);
}

#[test]
fn quotes_that_mislead_do_not_split_records() {
    // An odd number of quotes inside plain fields, and line feeds inside quoted ones: every guess at the
    // end of a record is wrong somewhere.
    let mut text = "size,note\n".to_owned();
    let mut rows = 0;
    while text.len() < 5 << 20 {
        text.push_str("5\" pipe,\"one\n,\"\"two\"\" three\"\n");
        if rows % 1000 == 0 {
            text.push_str("3\" pipe,plain\n");
            rows += 1;
        }
        rows += 1;
    }
    let batch = read(&text).unwrap();
    assert_eq!(batch.num_rows(), rows);
    let notes = batch.column(1).as_string::<i32>();
    let odd = notes
        .iter()
        .flatten()
        .filter(|note| !matches!(*note, "one\n,\"two\" three" | "plain"));
    assert_eq!(odd.count(), 0);
    text.push_str("one field\n");
    let line = text.lines().count();
    assert_eq!(
        message(&text),
        format!("line {line}: has 1 fields where 2 are expected")
    );
}

#[test]
fn a_stream_ends_after_its_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    std::fs::write(&path, "n\n1\n2\nx\n").unwrap();
    let mut stream = CsvReader::new().with_infer_rows(1).open(&path).unwrap();
    let error = stream.next().unwrap().unwrap_err().to_string();
    assert!(
        error.contains("bad.csv: line 4: column \"n\": \"x\" is not Int64"),
        "{error}"
    );
    assert!(stream.next().is_none());
}
