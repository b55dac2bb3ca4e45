use alchemy_core::arrow::array::{Array, AsArray};
use alchemy_core::arrow::array::{Date32Array, Float64Array, Int64Array, StringArray};
use alchemy_core::arrow::datatypes::TimestampMicrosecondType;
use alchemy_core::{Action, Role};

use super::*;

fn text(name: &str, cells: Vec<Option<&str>>) -> RecordBatch {
    RecordBatch::try_from_iter([(name, Arc::new(StringArray::from(cells)) as ArrayRef)]).unwrap()
}

fn read(parser: &TimestampParser, cell: &str) -> Option<String> {
    let out = parser.transform(&text("t", vec![Some(cell)])).unwrap();
    let times = out.column(0).as_primitive::<TimestampMicrosecondType>();
    times
        .is_valid(0)
        .then(|| times.value_as_datetime(0).unwrap().to_string())
}

#[test]
fn iso_forms_are_read_without_being_asked_for() {
    let parser = TimestampParser::new("t");
    for (cell, time) in [
        ("2024-05-31 17:30:05", "2024-05-31 17:30:05"),
        ("2024-05-31T17:30:05.25", "2024-05-31 17:30:05.250"),
        ("2024-05-31 17:30", "2024-05-31 17:30:00"),
        ("2024-05-31 7", "2024-05-31 07:00:00"),
        (" 2024-05-31 ", "2024-05-31 00:00:00"),
        ("1969-12-31 23:59:59.9999999", "1969-12-31 23:59:59.999999"),
    ] {
        assert_eq!(read(&parser, cell).as_deref(), Some(time), "{cell:?}");
    }
    for cell in [
        "2024-02-30",
        "31/05/2024",
        "2024-05-31 24:00",
        "2024-05-31 17:30 x",
        "2024-05",
        "now",
    ] {
        assert_eq!(read(&parser, cell), None, "{cell:?}");
    }
}

#[test]
fn an_offset_gives_instants_in_utc() {
    let parser = TimestampParser::new("t").with_formats(["%Y-%m-%dT%H:%M:%S%#z"]);
    assert_eq!(
        read(&parser, "2024-01-01T01:30:00+02:00").as_deref(),
        Some("2023-12-31 23:30:00")
    );
    assert_eq!(
        read(&parser, "2024-01-01T01:30:00Z").as_deref(),
        Some("2024-01-01 01:30:00")
    );
    let schema = parser
        .output_schema(text("t", vec![]).schema_ref())
        .unwrap();
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(schema.field(0).data_type(), &utc);
    let epoch = TimestampParser::new("t").with_formats(["%s"]);
    assert_eq!(
        read(&epoch, "86400").as_deref(),
        Some("1970-01-02 00:00:00")
    );
}

#[test]
fn a_format_without_a_date_is_refused() {
    for formats in [
        vec![],
        vec!["%H:%M"],
        vec!["%Y-%m"],
        vec!["%Q"],
        vec!["%Y-%m-%d %Z"],
        vec!["%Y-%m-%d", "%Y-%m-%d %z"],
    ] {
        let parser = TimestampParser::new("t").with_formats(formats.clone());
        let error = parser.transform(&text("t", vec![])).unwrap_err();
        assert!(
            matches!(
                error,
                Error::InvalidParameter {
                    parameter: "formats",
                    ..
                }
            ),
            "{formats:?}"
        );
    }
}

#[test]
fn a_row_with_a_part_missing_is_not_read() {
    let date = Arc::new(StringArray::from(vec![
        Some("2024-01-02"),
        Some("2024-01-02"),
        None,
    ])) as ArrayRef;
    let hour = Arc::new(Int64Array::from(vec![Some(3), None, None])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("date", date), ("hour", hour)]).unwrap();
    let mut ledger = Ledger::new();
    let parser = TimestampParser::joining(["date", "hour"]);
    let out = parser.transform_with(&batch, &mut ledger).unwrap();
    assert_eq!(out.num_columns(), 2);
    let times = out.column(0).as_primitive::<TimestampMicrosecondType>();
    assert_eq!(
        times.value_as_datetime(0).unwrap().to_string(),
        "2024-01-02 03:00:00"
    );
    assert_eq!(times.null_count(), 2);
    assert_eq!(ledger.count("date", Action::Nulled), 1);

    let error = parser
        .with_on_failure(OnFailure::Error)
        .transform(&batch)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("column \"date\", row 1: \"2024-01-02 \""),
        "{error}"
    );
}

#[test]
fn the_output_takes_the_role_and_refuses_a_taken_name() {
    let batch = Role::Time
        .stamp_column(&text("t", vec![Some("2024-01-01")]), "t")
        .unwrap();
    let out = TimestampParser::new("t")
        .with_output("time")
        .transform(&batch)
        .unwrap();
    assert_eq!(Role::of(out.schema_ref().field(1)), Role::Time);
    let error = TimestampParser::new("t")
        .with_output("t")
        .transform(&batch)
        .unwrap_err();
    assert!(matches!(error, Error::DuplicateColumn { .. }));
}

#[test]
fn points_in_time_pass_and_floats_do_not() {
    let days = Arc::new(Date32Array::from(vec![1])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("t", days)]).unwrap();
    assert_eq!(
        TimestampParser::new("t")
            .transform(&batch)
            .unwrap()
            .column(0),
        batch.column(0)
    );
    let floats = Arc::new(Float64Array::from(vec![1.0])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("t", floats)]).unwrap();
    let error = TimestampParser::new("t").transform(&batch).unwrap_err();
    assert!(
        error.to_string().starts_with("column \"t\" is Float64"),
        "{error}"
    );
}
