use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, RecordBatchReader};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, TimeUnit};

use super::{CsvReader, CsvWriter, OuterSpaces, RaggedRows, write_csv};
use crate::{Action, Encoding, Error, Ledger, Limits, Result};

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

fn ledger_of(text: &str, policy: RaggedRows) -> (Result<RecordBatch>, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ragged.csv");
    std::fs::write(&path, text).unwrap();
    let mut ledger = Ledger::new();
    let reader = CsvReader::new().with_ragged_rows(policy);
    (reader.read_with(&path, &mut ledger), ledger)
}

#[test]
fn ragged_records_are_rejected_with_their_lines() {
    let text = "a,b\n1,\"x\ny\"\n2\n\n3,z,?\n4,w";
    let (batch, ledger) = ledger_of(text, RaggedRows::Reject);
    let batch = batch.unwrap();
    assert_eq!(
        batch.column(0).as_primitive::<Int64Type>().values(),
        &[1, 4]
    );
    assert_eq!(ledger.rows(), 4);
    assert_eq!(ledger.count("", Action::RowRejected), 2);
    let entry = ledger.entries().next().unwrap();
    assert_eq!(entry.of, 4);
    let examples = [
        (1, "line 4: 1 fields: 2".to_owned()),
        (2, "line 6: 3 fields: 3,z,?".to_owned()),
    ];
    assert_eq!(entry.examples, examples);
}

#[test]
fn short_records_are_padded_and_long_ones_rejected() {
    let text = "a,b,c\r\n1,2,3\r\n4\r\n5,6\r\n7,8,9,10\r\n\"1\n1\"";
    let (batch, ledger) = ledger_of(text, RaggedRows::Pad);
    let (plain, _) = ledger_of("a,b,c\n1,2,3\n4,,\n5,6,\n\"1\n1\",,\n", RaggedRows::Fail);
    assert_eq!(batch.unwrap(), plain.unwrap());
    assert_eq!(ledger.count("", Action::RowRejected), 1);
    assert_eq!(ledger.count("a", Action::Nulled), 0);
    assert_eq!(ledger.count("b", Action::Nulled), 2);
    assert_eq!(ledger.count("c", Action::Nulled), 3);
}

#[test]
fn errors_after_ragged_records_name_the_right_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ragged.csv");
    std::fs::write(&path, "a,b\n1\n2,3\nx,4\n").unwrap();
    let reader = CsvReader::new()
        .with_ragged_rows(RaggedRows::Reject)
        .with_column_type("a", DataType::Int64);
    let error = reader.read(&path).unwrap_err().to_string();
    assert!(
        error.ends_with("line 4: column \"a\": \"x\" is not Int64"),
        "{error}"
    );
    let bytes = b"a,b\n1\n2,3\n\xff,4\n";
    let error = reader.read_from(&bytes[..]).unwrap_err();
    assert_eq!(error.to_string(), "line 4: is not UTF-8 text");
}

#[test]
fn a_stream_rejects_what_a_whole_read_rejects() {
    let mut text = "id,note\n".to_owned();
    for i in 0..200_000 {
        match i % 1000 {
            7 => text.push_str("short\n"),
            9 => text.push_str("l,o,n,g\n"),
            11 => text.push_str(&format!("{i},\"two\nlines\"\n")),
            _ => text.push_str(&format!("{i},5\" pipe\n")),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big.csv");
    std::fs::write(&path, &text).unwrap();
    let reader = CsvReader::new()
        .with_ragged_rows(RaggedRows::Reject)
        .with_batch_rows(1000);
    let mut ledger = Ledger::new();
    let whole = reader.read_with(&path, &mut ledger).unwrap();
    assert_eq!(whole.num_rows(), 200_000 - 400);
    assert_eq!(ledger.count("", Action::RowRejected), 400);
    let mut stream = reader.open(&path).unwrap();
    let batches: Vec<_> = stream.by_ref().map(|batch| batch.unwrap()).collect();
    assert!(batches.iter().all(|batch| batch.num_rows() <= 1000));
    let joined = arrow::compute::concat_batches(&whole.schema(), &batches).unwrap();
    assert_eq!(joined, whole);
    assert_eq!(stream.ledger(), &ledger);
}

#[test]
fn dates_are_read_by_their_form() {
    let text = "d,t,z\n24.12.2024,12/24/24 1:05 PM,2024-12-24T13:05:00+0100\n,,\n";
    let reader = CsvReader::new()
        .with_dates("d", "%d.%m.%Y")
        .with_dates("t", "%m/%d/%y %I:%M %p")
        .with_dates("z", "%Y-%m-%dT%H:%M:%S%z");
    let batch = reader.read_from(text.as_bytes()).unwrap();
    let same = "d,t,z\n2024-12-24,2024-12-24T13:05:00,2024-12-24T12:05:00Z\n,,\n";
    let types = types(&batch);
    let schema = Schema::new(vec![
        Field::new("d", types[0].clone(), true),
        Field::new("t", types[1].clone(), true),
        Field::new("z", types[2].clone(), true),
    ]);
    let iso = CsvReader::new().with_schema(schema.into());
    assert_eq!(iso.read_from(same.as_bytes()).unwrap(), batch);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    write_csv(&path, &batch).unwrap();
    assert_eq!(iso.read(&path).unwrap(), batch);
    let error = reader
        .read_from("d,t,z\n,,\n,13/24/24 1:05 PM,\n".as_bytes())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 3: column \"t\": \"13/24/24 1:05 PM\" is not a date of the form \"%m/%d/%y %I:%M %p\""
    );
    let error = CsvReader::new()
        .with_dates("d", "%d.%m")
        .read_from("d\n".as_bytes());
    assert!(matches!(
        error,
        Err(Error::InvalidParameter {
            parameter: "dates",
            ..
        })
    ));
}

#[test]
fn files_of_one_header_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let paths = [
        file("1.csv", "a,b\n1,2\n"),
        file("2.csv", "a,b\nx,3"),
        file("3.csv", "a,b\n"),
    ];
    file("_notes.csv", "not of the table\n");
    let whole = read("a,b\n1,2\nx,3\n").unwrap();
    let reader = CsvReader::new();
    assert_eq!(reader.read_files(&paths).unwrap(), whole);
    assert_eq!(reader.read(folder.path()).unwrap(), whole);
    let stream = reader.open(folder.path()).unwrap();
    let batches: Vec<_> = stream.map(|batch| batch.unwrap()).collect();
    assert_eq!(
        arrow::compute::concat_batches(&whole.schema(), &batches).unwrap(),
        whole
    );
    let typed = reader.clone().with_column_type("a", DataType::Int64);
    let error = typed.read(folder.path()).unwrap_err().to_string();
    assert!(
        error.ends_with("2.csv: line 2: column \"a\": \"x\" is not Int64"),
        "{error}"
    );
    file("4.csv", "a,c\n5,6\n");
    let error = reader.read(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("4.csv: column \"c\": the column stands where"),
        "{error}"
    );
    file("4.csv", "a\n5\n");
    let error = reader.open(folder.path()).unwrap_err().to_string();
    assert!(
        error.ends_with("4.csv: has 1 columns, the file before 2"),
        "{error}"
    );
    let empty = tempfile::tempdir().unwrap();
    let error = reader.read(empty.path()).unwrap_err().to_string();
    assert!(error.contains("holds no file"), "{error}");
}

#[test]
fn what_is_beyond_a_limit_is_an_error_that_names_it() {
    let limited = |limits: Limits, text: &str| {
        let reader = CsvReader::new().with_limits(limits);
        reader.read_from(text.as_bytes()).unwrap_err().to_string()
    };
    let wide = "x,".repeat(200_000);
    assert_eq!(
        limited(Limits::new(), &wide),
        "line 1: has 200001 columns, more than the limit of 100000"
    );
    let small = Limits::new().with_max_record_bytes(10);
    assert_eq!(
        limited(small, "a,b\n1,2\n3,456789012\n"),
        "line 3: the record is longer than the limit of 10 bytes"
    );
    let small = Limits::new().with_max_field_bytes(4);
    assert_eq!(
        limited(small, "a,b\n1,2\n1234,12345\n"),
        "line 3: column \"b\": the cell is longer than the limit of 4 bytes"
    );
    let small = Limits::new().with_max_batch_rows(1);
    assert_eq!(
        limited(small, "a\n1\n2\n"),
        "has more rows than the limit of 1 for one batch"
    );
    let long = format!("a\n\"{}", "x".repeat(3 << 20));
    let small = Limits::new().with_max_record_bytes(2 << 20);
    assert_eq!(
        limited(small, &long),
        "line 2: a record is longer than the limit of 2097152 bytes; is a quote left open?"
    );
    let large = format!("a,b\n1,{}\n", "x".repeat(17 << 20));
    assert_eq!(
        limited(Limits::new(), &large),
        "line 2: column \"b\": the cell is longer than the limit of 16777216 bytes"
    );
}

#[test]
fn text_with_zero_bytes_is_text_but_not_in_a_header() {
    let batch = read("a,b\nx\0y,1\n").unwrap();
    assert_eq!(batch.column(0).as_string::<i32>().value(0), "x\0y");
    let error = message("a\0,\0b\0\n\0");
    assert!(
        error.starts_with("line 1: the header holds a zero byte; is the text UTF-16"),
        "{error}"
    );
}

#[test]
fn encodings_and_compression_make_no_difference() {
    let text = "name,n\nZoë,1\n\"Ángel, €\",\n".to_owned();
    let plain = read(&text).unwrap();
    let utf16 = |mark: &str, bytes_of: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{text}")
            .encode_utf16()
            .flat_map(bytes_of)
            .collect()
    };
    let reader = CsvReader::new();
    for bytes in [
        utf16("\u{feff}", u16::to_le_bytes),
        utf16("\u{feff}", u16::to_be_bytes),
    ] {
        assert_eq!(reader.read_from(&bytes[..]).unwrap(), plain);
    }
    let unmarked = reader.clone().with_encoding(Encoding::Utf16Be);
    assert_eq!(
        unmarked
            .read_from(&utf16("", u16::to_be_bytes)[..])
            .unwrap(),
        plain
    );
    let latin: Vec<u8> = text
        .chars()
        .map(|c| {
            if c == '€' {
                0x80
            } else {
                u8::try_from(c).unwrap()
            }
        })
        .collect();
    let latin_reader = reader.clone().with_encoding(Encoding::Windows1252);
    assert_eq!(latin_reader.read_from(&latin[..]).unwrap(), plain);
    assert_eq!(
        reader.read_from(&latin[..]).unwrap_err().to_string(),
        "line 2: is not UTF-8 text"
    );
}

#[test]
fn a_batch_comes_back_from_a_written_file() {
    let text = "i,f,t,b,d\n1,0.1,\"a,\"\"b\"\"\nc\",true,2024-02-29\n,-1e300,,,\n3,5e-324,ü,false,1969-12-31\n";
    let reader = CsvReader::new().with_column_type("d", DataType::Date32);
    let batch = reader.read_from(text.as_bytes()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    write_csv(&path, &batch).unwrap();
    assert_eq!(reader.read(&path).unwrap(), batch);
    let stream = reader.clone().with_batch_rows(1).open(&path).unwrap();
    let other = folder.path().join("other.csv");
    let semicolons = CsvWriter::new().with_delimiter(b';');
    semicolons.write_stream(&other, stream).unwrap();
    let copy = reader.clone().with_delimiter(b';').read(&other).unwrap();
    assert_eq!(copy, batch);
    write_csv(&path, &batch.slice(0, 0)).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "i,f,t,b,d\n");
    // One missing value alone is a quoted nothing, not a blank line.
    let one = read("a\n1\n\"\"\n2\n").unwrap();
    assert_eq!((one.num_rows(), one.column(0).null_count()), (3, 1));
    write_csv(&path, &one).unwrap();
    assert_eq!(CsvReader::new().read(&path).unwrap(), one);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_stream_that_fails_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("bad.csv"), folder.path().join("to.csv"));
    std::fs::write(&from, "n\n1\nx\n").unwrap();
    std::fs::write(&to, "old").unwrap();
    let stream = CsvReader::new().with_infer_rows(1).open(&from).unwrap();
    let error = CsvWriter::new().write_stream(&to, stream).unwrap_err();
    assert!(error.to_string().contains("\"x\" is not Int64"), "{error}");
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}
