use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, RecordBatchReader};
use arrow::compute::concat_batches;
use arrow::datatypes::{
    DataType, Field, Fields, Float64Type, Int64Type, Schema, TimeUnit, UInt64Type,
};

use super::{BadLines, JsonReader};
use crate::{Action, Error, Ledger, Limits, Result};

fn read(text: &str) -> Result<RecordBatch> {
    JsonReader::new().read_from(text.as_bytes())
}

fn message(text: impl AsRef<[u8]>) -> String {
    JsonReader::new()
        .read_from(text.as_ref())
        .unwrap_err()
        .to_string()
}

fn names(batch: &RecordBatch) -> Vec<String> {
    batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect()
}

fn types(batch: &RecordBatch) -> Vec<DataType> {
    batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.data_type().clone())
        .collect()
}

fn texts(batch: &RecordBatch, column: usize) -> Vec<Option<&str>> {
    batch.column(column).as_string::<i32>().iter().collect()
}

/// The lines rejected and what is said of them.
fn rejected(text: impl AsRef<[u8]>) -> (usize, Vec<(u64, String)>) {
    let mut ledger = Ledger::new().with_examples(100);
    let reader = JsonReader::new().with_bad_lines(BadLines::Reject);
    let batch = reader.read_from_with(text.as_ref(), &mut ledger).unwrap();
    let entry = ledger
        .entries()
        .find(|entry| entry.action == Action::RowRejected);
    (
        batch.num_rows(),
        entry.map_or_else(Vec::new, |entry| entry.examples.clone()),
    )
}

#[test]
fn types_are_the_narrowest_that_keep_every_value() {
    let batch = read(concat!(
        r#"{"b":true,"i":1,"u":18446744073709551615,"f":1,"t":"x","n":null,"l":[1],"o":{"p":1}}"#,
        "\n",
        r#"{"b":null,"i":-9223372036854775808,"u":0,"f":2.5,"t":null,"l":[],"o":{"q":"y"}}"#,
    ))
    .unwrap();
    let list = DataType::List(Arc::new(Field::new("item", DataType::Int64, true)));
    let fields: Fields = [
        Field::new("p", DataType::Int64, true),
        Field::new("q", DataType::Utf8, true),
    ]
    .into_iter()
    .collect();
    let expected = [
        DataType::Boolean,
        DataType::Int64,
        DataType::UInt64,
        DataType::Float64,
        DataType::Utf8,
        DataType::Utf8,
        list,
        DataType::Struct(fields),
    ];
    assert_eq!(types(&batch), expected);
    assert_eq!(
        batch.column(1).as_primitive::<Int64Type>().value(1),
        i64::MIN
    );
    assert_eq!(
        batch.column(2).as_primitive::<UInt64Type>().value(0),
        u64::MAX
    );
    assert_eq!(
        batch.column(3).as_primitive::<Float64Type>().values(),
        &[1.0, 2.5]
    );
    assert_eq!(batch.column(5).null_count(), 2);
}

#[test]
fn no_number_loses_digits() {
    for (lines, expected) in [
        (["9007199254740993", "0.5"], DataType::Utf8),
        (["9007199254740992", "0.5"], DataType::Float64),
        (["9223372036854775808", "-1"], DataType::Utf8),
        (["9223372036854775808", "1"], DataType::UInt64),
        (["18446744073709551616", "1"], DataType::Utf8),
        (["1e400", "1"], DataType::Utf8),
    ] {
        let text = lines.map(|number| format!("{{\"x\":{number}}}\n")).concat();
        let mut ledger = Ledger::new();
        let batch = JsonReader::new()
            .read_from_with(text.as_bytes(), &mut ledger)
            .unwrap();
        assert_eq!(types(&batch), std::slice::from_ref(&expected), "{lines:?}");
        if expected == DataType::Utf8 {
            assert_eq!(texts(&batch, 0), lines.map(Some));
            assert_eq!(ledger.count("x", Action::Coerced), 2);
        }
    }
}

#[test]
fn mixed_kinds_become_text_and_are_reported() {
    let text = r#"{"x":1,"o":{"k":[1, "a"]}}
{"x":"n/a","o":"none"}

{"x":{"a": [true, "\"q\"\t"]},"o":null}
{"x":null,"o":{"k":{}}}
"#;
    let mut ledger = Ledger::new();
    let batch = JsonReader::new()
        .read_from_with(text.as_bytes(), &mut ledger)
        .unwrap();
    assert_eq!(types(&batch), [DataType::Utf8, DataType::Utf8]);
    assert_eq!(
        texts(&batch, 0),
        [
            Some("1"),
            Some("n/a"),
            Some(r#"{"a": [true, "\"q\"\t"]}"#),
            None
        ]
    );
    assert_eq!(
        texts(&batch, 1),
        [
            Some(r#"{"k":[1, "a"]}"#),
            Some("none"),
            None,
            Some(r#"{"k":{}}"#)
        ]
    );
    let entry = ledger.entries().next().unwrap();
    assert_eq!(
        (entry.column.as_str(), entry.action, entry.count, entry.of),
        ("x", Action::Coerced, 2, 3)
    );
    let examples: Vec<_> = entry
        .examples
        .iter()
        .map(|(line, kind)| (*line, kind.as_str()))
        .collect();
    assert_eq!(examples, [(1, "an integer"), (2, "text"), (4, "an object")]);
    assert_eq!(ledger.rows(), 5);
}

#[test]
fn mixed_kinds_inside_objects_and_lists_become_text_there() {
    let text = "{\"o\":{\"x\":1},\"l\":[{\"y\":[1]},{\"y\":2}],\"e\":{}}\n{\"o\":{\"x\":\"a\"},\"l\":[null],\"e\":{}}\n";
    let mut ledger = Ledger::new();
    let reader = JsonReader::new().with_flattened(".");
    let batch = reader.read_from_with(text.as_bytes(), &mut ledger).unwrap();
    assert_eq!(names(&batch), ["o.x", "l", "e"]);
    assert_eq!(texts(&batch, 0), [Some("1"), Some("a")]);
    let list = batch.column(1).as_list::<i32>().value(0);
    let inner: Vec<_> = list
        .as_struct()
        .column(0)
        .as_string::<i32>()
        .iter()
        .map(Option::unwrap)
        .map(str::to_owned)
        .collect();
    assert_eq!(inner, ["[1]", "2"]);
    assert_eq!(texts(&batch, 2), [Some("{}"), Some("{}")]);
    assert_eq!(ledger.count("o.x", Action::Coerced), 1);
    assert_eq!(ledger.count("l.[].y", Action::Coerced), 2);
}

#[test]
fn keys_that_appear_late_are_columns() {
    let mut text = "{\"a\":1}\n".repeat(50_000);
    text.push_str("{\"b\":{\"c\":\"x\"},\"a\":2}\n");
    let batch = JsonReader::new()
        .with_flattened("/")
        .read_from(text.as_bytes())
        .unwrap();
    assert_eq!(names(&batch), ["a", "b/c"]);
    assert_eq!(batch.column(1).null_count(), 50_000);
    let error = JsonReader::new()
        .with_infer_rows(10)
        .read_from(text.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("line 50001: column \"b\": the key is not in the rows"),
        "{error}"
    );
    let mut ledger = Ledger::new();
    let reader = JsonReader::new()
        .with_infer_rows(10)
        .with_bad_lines(BadLines::Reject);
    let batch = reader.read_from_with(text.as_bytes(), &mut ledger).unwrap();
    assert_eq!(
        (batch.num_rows(), ledger.count("", Action::RowRejected)),
        (50_000, 1)
    );
}

#[test]
fn a_cell_beyond_the_inferred_type_is_a_bad_line() {
    for (first, later, expected) in [
        (
            "1",
            "1.5",
            "is a number with a fraction or an exponent where Int64 is expected",
        ),
        ("1", "\"x\"", "is text where Int64 is expected"),
        ("\"x\"", "1", "is an integer where Utf8 is expected"),
        (
            "0.5",
            "9007199254740993",
            "is an integer beyond 2^53 where Float64 is expected",
        ),
        ("{\"a\":1}", "[]", "is a list where an object is expected"),
        ("[1]", "[1,\"x\"]", "is text where Int64 is expected"),
        ("true", "{}", "is an object where Boolean is expected"),
    ] {
        let text = format!("{{\"x\":{first}}}\n\n{{\"x\":null}}\n{{\"x\":{later}}}\n");
        let reader = JsonReader::new().with_infer_rows(2);
        let error = reader.read_from(text.as_bytes()).unwrap_err().to_string();
        assert!(
            error.starts_with("line 4: column \"x") && error.ends_with(expected),
            "{error}"
        );
        let batch = reader
            .with_bad_lines(BadLines::Reject)
            .read_from(text.as_bytes())
            .unwrap();
        assert_eq!(batch.num_rows(), 2);
    }
}

#[test]
fn line_endings_blank_lines_and_a_byte_order_mark_make_no_difference() {
    let plain = read("{\"a\":1}\n{\"a\":2}\n").unwrap();
    for text in [
        "{\"a\":1}\r\n{\"a\":2}\r\n",
        "\u{feff}{\"a\":1}\n{\"a\":2}",
        "\n \t\r\n{\"a\":1}\n\n  { \"a\" :\t2 }  \n\n",
    ] {
        assert_eq!(read(text).unwrap(), plain, "{text:?}");
    }
    let empty = read("").unwrap();
    assert_eq!((empty.num_rows(), empty.num_columns()), (0, 0));
    let keyless = read("{}\n{}\n").unwrap();
    assert_eq!((keyless.num_rows(), keyless.num_columns()), (2, 0));
}

#[test]
fn every_kind_of_bad_line_is_an_error_or_counted() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(128), "]".repeat(128));
    for (bad, expected) in [
        (
            &b"{\"a\":1"[..],
            "the line ends where a comma or `}` is expected",
        ),
        (b"{\"a\":", "the line ends where a value is expected"),
        (b"{\"a", "the line ends inside text"),
        (b"{\"a\":\"\xff\"}", "byte 7: is not UTF-8 text"),
        (b"{\"a\":\"\xed\xa0\x80\"}", "byte 7: is not UTF-8 text"),
        (
            b"{\"a\":\"x\0y\"}",
            "byte 8: control character 0x00 inside text",
        ),
        (
            b"{\"a\":1}\0",
            "byte 8: the object has ended, and more follows",
        ),
        (b"\0", "byte 1: an object is expected"),
        (b"[1,2]", "is a list, where an object is expected"),
        (
            b"{\"a\":1}{\"a\":2}",
            "byte 8: a second object begins; a line holds one",
        ),
        (b"{\"a\":1} {\"a\":2}", "a second object begins"),
        (b"{\"a\":1}\r{\"a\":2}", "a second object begins"),
        (
            b"{\"a\":1,\"b\":{\"c\":1,\"c\":1}}",
            "column \"c\": byte 19: the key occurs twice in one object",
        ),
        (
            b"{\"a\":1,\"\\u0061\":2}",
            "column \"a\": byte 8: the key occurs twice",
        ),
        (b"17", "an object is expected"),
        (b"\"text\"", "an object is expected"),
        (b"null", "an object is expected"),
        (b"\xef\xbb\xbf{}", "has a byte-order mark in the middle"),
        (b"{\"a\":01}", "is not a number as JSON writes it"),
        (b"{\"a\":+1}", "a value is expected"),
        (b"{\"a\":1.}", "a digit is expected"),
        (b"{\"a\":1-2}", "is not a number as JSON writes it"),
        (b"{\"a\":NaN}", "a value is expected"),
        (b"{\"a\":tru}", "a value is expected"),
        (b"{\"a\":nulls}", "a comma or `}` is expected"),
        (b"{\"a\":1,}", "a key in quotes is expected"),
        (b"{\"a\":[1 2]}", "a comma or `]` is expected"),
        (b"{\"a\" 1}", "a colon is expected"),
        (b"{a:1}", "a key in quotes is expected"),
        (b"{'a':1}", "a key in quotes is expected"),
        (b"{\"a\":\"\\x\"}", "is no escape of JSON"),
        (
            b"{\"a\":\"\\u12g4\"}",
            "four hexadecimal digits are expected",
        ),
        (b"{\"a\":\"\\ud800\"}", "is half of a surrogate pair"),
        (b"{\"a\":\"\\udc00\\ud800\"}", "is half of a surrogate pair"),
        (deep.as_bytes(), "byte 133: is nested deeper than 128"),
    ] {
        let text = [b"{\"a\":0}\n\n", bad, b"\n{\"a\":3}\n"].concat();
        let error = message(&text);
        assert!(
            error.starts_with("line 3: ") && error.contains(expected),
            "{error} for {:?}",
            bad.escape_ascii().to_string()
        );
        let (num_rows, lines) = rejected(&text);
        assert_eq!((num_rows, lines.len(), lines[0].0), (2, 1, 3), "{error}");
        // The last line of a file may be without its line feed.
        let (num_rows, lines) = rejected([b"{\"a\":0}\n", bad].concat());
        assert_eq!((num_rows, lines.len()), (1, 1), "{error}");
    }
    let fine = format!("{{\"a\":{}1{}}}", "[".repeat(127), "]".repeat(127));
    assert_eq!(read(&fine).unwrap().num_rows(), 1);
    let nested = format!("{}1{}", "{\"k\":".repeat(128), "}".repeat(128));
    let reader = JsonReader::new().with_flattened(".");
    let flat = reader.read_from(nested.as_bytes()).unwrap();
    assert_eq!(names(&flat), [vec!["k"; 32].join(".")]);
    let text = format!("{}1{}", "{\"k\":".repeat(96), "}".repeat(96));
    assert_eq!(texts(&flat, 0), [Some(text.as_str())]);
}

#[test]
fn escapes_are_resolved_in_keys_and_text() {
    let batch = read(r#"{"\u0061\n":"\ud83d\ude00\"\\\/\b\f\n\r\t\u0000ü"}"#).unwrap();
    assert_eq!(names(&batch), ["a\n"]);
    assert_eq!(texts(&batch, 0), [Some("😀\"\\/\u{8}\u{c}\n\r\t\0ü")]);
}

#[test]
fn a_list_of_objects_says_how_to_be_read() {
    let error = message("[{\"a\":1},\n{\"a\":2}]\n");
    assert!(
        error.starts_with("line 1: byte 1: is a list") && error.contains("jq"),
        "{error}"
    );
}

#[test]
fn limits_hold() {
    let read = |text: &str, limits: Limits| {
        let reader = JsonReader::new()
            .with_limits(limits)
            .with_bad_lines(BadLines::Reject);
        reader
            .read_from(text.as_bytes())
            .map_err(|error| error.to_string())
    };
    let long = format!("{{\"a\":1}}\n{{\"a\":\"{}\"}}\n", "x".repeat(100));
    let error = read(&long, Limits::new().with_max_record_bytes(50)).unwrap_err();
    assert_eq!(
        error,
        "line 2: is longer than 50 bytes, the limit of a record"
    );
    assert_eq!(
        read(&long, Limits::new().with_max_field_bytes(50))
            .unwrap()
            .num_rows(),
        1
    );
    let error = read(
        "{\"a\":1,\"b\":2}\n{\"c\":3}\n",
        Limits::new().with_max_columns(2),
    )
    .unwrap_err();
    assert!(
        error.contains("more keys than the limit of 2 columns"),
        "{error}"
    );
    let error = read(
        "{\"a\":1}\n{\"a\":1}\n",
        Limits::new().with_max_batch_rows(1),
    )
    .unwrap_err();
    assert_eq!(
        error,
        "has more rows than the limit of 1 for one batch; read it as a stream"
    );
    // Few bytes that would become very many cells.
    let keys: Vec<String> = (0..50_000).map(|key| format!("\"{key}\":1")).collect();
    let sparse = format!("{{{}}}\n{}", keys.join(","), "{}\n".repeat(200_000));
    let error = read(&sparse, Limits::new()).unwrap_err();
    assert!(error.contains("would become 50000 columns"), "{error}");
}

#[test]
fn a_schema_chooses_and_types_keys() {
    let second = DataType::Timestamp(TimeUnit::Second, None);
    let inner: Fields = [Field::new("b", DataType::Float32, true)]
        .into_iter()
        .collect();
    let schema = Arc::new(Schema::new(vec![
        Field::new("when", second.clone(), true),
        Field::new("n", DataType::Int32, false),
        Field::new("o", DataType::Struct(inner), true),
        Field::new("raw", DataType::LargeUtf8, true),
        Field::new("never", DataType::Boolean, true),
    ]));
    let text = r#"{"n":1,"x":?,"when":"2014-02-14 14:30:00","o":{"b":1,"c":[]},"raw":{"k": 1}}
{"n":"2","raw":1.50,"other":{"a":1}}
"#;
    let reader = JsonReader::new().with_schema(schema.clone());
    assert!(reader.read_from(text.as_bytes()).is_err());
    let text = text.replace('?', "{}");
    let batch = reader.read_from(text.as_bytes()).unwrap();
    assert_eq!(batch.schema(), schema);
    let raw: Vec<_> = batch.column(3).as_string::<i64>().iter().collect();
    assert_eq!(raw, [Some("{\"k\": 1}"), Some("1.50")]);
    assert_eq!(
        (batch.column(0).null_count(), batch.column(4).null_count()),
        (1, 2)
    );
    let flat = reader
        .with_flattened(".")
        .read_from(text.as_bytes())
        .unwrap();
    assert_eq!(names(&flat), ["when", "n", "o.b", "raw", "never"]);
}

#[test]
fn a_cell_that_its_declared_type_does_not_keep_is_named() {
    let of_type = |data_type: DataType, cell: &str| {
        let schema = Arc::new(Schema::new(vec![Field::new("a", data_type, false)]));
        let text = format!("\n{{\"a\":{cell}}}\n");
        let batch = JsonReader::new()
            .with_schema(schema)
            .read_from(text.as_bytes());
        batch.map_err(|error| error.to_string())
    };
    for (data_type, cell) in [
        (DataType::Int32, "1.5"),
        (DataType::Int32, "1e0"),
        (DataType::Int32, "3000000000"),
        (DataType::Int64, "9223372036854775808"),
        (DataType::UInt64, "-1"),
        (DataType::UInt8, "256"),
        (DataType::Int64, "\"1.5\""),
        (DataType::Int64, "true"),
        (DataType::Float64, "9007199254740993"),
        (DataType::Float64, "1e999"),
        (DataType::Float64, "\"x\""),
        (DataType::Boolean, "1"),
        (DataType::Date32, "\"yesterday\""),
        (DataType::Timestamp(TimeUnit::Second, None), "1.5"),
        (DataType::Int64, "null"),
        (DataType::new_list(DataType::Int64, true), "[1.5]"),
    ] {
        let error = of_type(data_type.clone(), cell).unwrap_err();
        assert!(
            error.starts_with("line 2: ") && error.contains('a'),
            "{data_type} {cell}: {error}"
        );
    }
    let error = of_type(DataType::Date32, "\"yesterday\"").unwrap_err();
    assert_eq!(
        error,
        "line 2: column \"a\": failed to parse \"yesterday\" as Date32"
    );
    let long = format!("\"{}\"", "x".repeat(10_000));
    assert!(of_type(DataType::Date32, &long).unwrap_err().len() < 500);
    assert!(of_type(DataType::Decimal128(20, 2), "12345678901234567.25").is_ok());
    assert!(of_type(DataType::Int8, "-128").is_ok());
}

#[test]
fn one_column_can_be_declared_by_its_name_in_the_result() {
    let text = "{\"a\":1,\"o\":{\"b\":[1],\"c\":2},\"p.q\":3}\n";
    let reader = JsonReader::new()
        .with_column_type("a", DataType::Float64)
        .with_column_type("o", DataType::Utf8);
    let batch = reader.read_from(text.as_bytes()).unwrap();
    assert_eq!(
        types(&batch),
        [DataType::Float64, DataType::Utf8, DataType::Int64]
    );
    assert_eq!(texts(&batch, 1), [Some("{\"b\":[1],\"c\":2}")]);
    let reader = JsonReader::new()
        .with_flattened(".")
        .with_column_type("o.b", DataType::Utf8)
        .with_column_type("p.q", DataType::Int8);
    let batch = reader.read_from(text.as_bytes()).unwrap();
    assert_eq!(names(&batch), ["a", "o.b", "o.c", "p.q"]);
    assert_eq!(
        types(&batch),
        [
            DataType::Int64,
            DataType::Utf8,
            DataType::Int64,
            DataType::Int8
        ]
    );
    let error = JsonReader::new()
        .with_column_type("A", DataType::Utf8)
        .read_from(text.as_bytes())
        .unwrap_err();
    assert_eq!(error.to_string(), "no column \"A\"; did you mean \"a\"?");
}

#[test]
fn impossible_options_are_refused() {
    let interval = DataType::Interval(arrow::datatypes::IntervalUnit::DayTime);
    let field = |data_type| Arc::new(Schema::new(vec![Field::new("a", data_type, true)]));
    let error = JsonReader::new()
        .with_schema(field(interval))
        .read_from(&b""[..])
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::InvalidParameter { .. } | Error::ColumnType { .. }
        ),
        "{error}"
    );
    let map = DataType::Binary;
    let error = JsonReader::new()
        .with_schema(field(map))
        .read_from(&b""[..])
        .unwrap_err();
    assert!(matches!(error, Error::ColumnType { .. }), "{error}");
    let twice = Schema::new(vec![
        Field::new("a", DataType::Utf8, true),
        Field::new("a", DataType::Utf8, true),
    ]);
    let error = JsonReader::new()
        .with_schema(Arc::new(twice))
        .read_from(&b""[..])
        .unwrap_err();
    assert!(matches!(error, Error::DuplicateColumn { .. }), "{error}");
    assert!(
        JsonReader::new()
            .with_infer_rows(0)
            .read_from(&b""[..])
            .is_err()
    );
    assert!(
        JsonReader::new()
            .with_flattened("")
            .read_from(&b""[..])
            .is_err()
    );
    let error = JsonReader::new().read("no/such/file.jsonl").unwrap_err();
    assert!(
        matches!(&error, Error::Io { path, .. } if path == "no/such/file.jsonl"),
        "{error}"
    );
}

/// All that a ledger says.
fn written(ledger: &Ledger) -> String {
    serde_json::to_string(ledger).unwrap()
}

/// Lines of every kind, good and bad.
fn varied() -> String {
    let mut text = String::new();
    for i in 0..600 {
        match i % 100 {
            7 => text.push_str("{\"a\":\n"),
            13 => text.push('\n'),
            50 => text.push_str(&format!("{{\"late{}\":{{\"k\":{i}}}}}\n", i / 300)),
            60 => text.push_str("{\"m\":\"text\",\"o\":{\"s\":[]}}\n"),
            61 => text.push_str("{\"m\":[{\"a\": 1}],\"o\":{\"s\":\"t\"}}\n"),
            62 => text.push_str("{\"a\":9007199254740993}\n"),
            _ => text.push_str(&format!(
                "{{\"a\":{i},\"m\":{i},\"o\":{{\"x.y\":{i}.5,\"l\":[{i},null]}}}}\n"
            )),
        }
    }
    text
}

#[test]
fn threads_and_blocks_do_not_show() {
    let text = varied();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("varied.jsonl");
    std::fs::write(&path, &text).unwrap();
    for reader in [
        JsonReader::new().with_bad_lines(BadLines::Reject),
        JsonReader::new()
            .with_bad_lines(BadLines::Reject)
            .with_infer_rows(150)
            .with_flattened("."),
        JsonReader::new(),
        JsonReader::new().with_infer_rows(4),
    ] {
        let mut seen = None;
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            for block_bytes in [64, 4097, 1 << 20] {
                let mut reader = reader.clone();
                reader.block_bytes = block_bytes;
                let outcome = pool.install(|| {
                    let mut ledger = Ledger::new();
                    let whole = reader
                        .read_with(&path, &mut ledger)
                        .map_err(|error| error.to_string());
                    let streamed = reader
                        .open(&path)
                        .map_err(|error| error.to_string())
                        .and_then(|mut stream| {
                            let schema = stream.schema();
                            let batches: Vec<_> = stream
                                .by_ref()
                                .collect::<Result<_, _>>()
                                .map_err(|error| Error::from(error).to_string())?;
                            assert_eq!(written(stream.ledger()), written(&ledger));
                            Ok(concat_batches(&schema, &batches).unwrap())
                        });
                    assert_eq!(streamed, whole);
                    whole.map(|batch| (batch, written(&ledger)))
                });
                assert_eq!(
                    seen.get_or_insert_with(|| outcome.clone()),
                    &outcome,
                    "{threads} threads, {block_bytes}"
                );
            }
        }
    }
}

#[test]
fn a_stream_ends_after_its_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.jsonl");
    std::fs::write(&path, "{\"n\":1}\n{\"n\":2}\n{\"n\":\"x\"}\n").unwrap();
    let mut stream = JsonReader::new().with_infer_rows(1).open(&path).unwrap();
    let error = stream.next().unwrap().unwrap_err().to_string();
    assert!(
        error.contains("bad.jsonl: line 3: column \"n\": is text where Int64 is expected"),
        "{error}"
    );
    assert!(stream.next().is_none());
}

#[test]
#[cfg(feature = "compression")]
fn compressed_files_and_other_encodings_read_the_same() {
    use std::io::Write;
    let text = "{\"a\":\"ü\"}\n{\"a\":\"b\"}\n";
    let plain = read(text).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    assert_eq!(
        JsonReader::new()
            .read_from(packed.finish().unwrap().as_slice())
            .unwrap(),
        plain
    );
    let utf16: Vec<u8> = "\u{feff}"
        .chars()
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        JsonReader::new().read_from(utf16.as_slice()).unwrap(),
        plain
    );
}

#[test]
fn infinity_has_no_json() {
    use arrow::array::{ArrayRef, Float64Array};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let batch = |values: Vec<f64>| {
        let nested = arrow::array::ListArray::from_iter_primitive::<Float64Type, _, _>([
            Some(vec![Some(1.0)]),
            Some(values.into_iter().map(Some).collect()),
        ]);
        let plain = Float64Array::from(vec![f64::NAN, 1.0]);
        RecordBatch::try_from_iter([("x", Arc::new(plain) as ArrayRef), ("l", Arc::new(nested))])
            .unwrap()
    };
    super::write_json(&path, &batch(vec![1.5])).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "{\"x\":null,\"l\":[1.0]}\n{\"x\":1.0,\"l\":[1.5]}\n"
    );
    let error = super::write_json(&path, &batch(vec![0.0, f64::INFINITY]))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "column \"l\", row 1: \"inf\" is not a finite number, which JSON is for"
    );
    assert!(super::write_json(&path, &batch(vec![0.0, f64::INFINITY]).slice(0, 1)).is_ok());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
