use alchemy_core::arrow::array::{Array, AsArray};
use alchemy_core::arrow::array::{Date32Array, Float64Array, Int64Array, StringArray};
use alchemy_core::arrow::array::{
    LargeStringArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray,
};
use alchemy_core::arrow::datatypes::{TimeUnit, TimestampMicrosecondType};
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

#[test]
fn a_cell_of_two_days_is_refused_unless_told() {
    let cells = vec![
        Some("31/12/2024"),
        Some("12/31/2024"),
        Some("01/02/2024"),
        Some("03/03/2024"),
        Some("2024"),
        Some(" "),
        None,
    ];
    let batch = text("t", cells);
    let parser = TimestampParser::new("t").with_formats(["%d/%m/%Y", "%m/%d/%Y"]);
    let days = |parser: &TimestampParser| {
        let out = parser.clone().to_date().transform(&batch).unwrap();
        out.column(0)
            .as_primitive::<alchemy_core::arrow::datatypes::Date32Type>()
            .clone()
    };
    let refused = days(&parser);
    assert_eq!(
        refused.iter().map(|day| day.is_some()).collect::<Vec<_>>(),
        [true, true, false, true, false, false, false]
    );
    let told = days(&parser.clone().with_ambiguous(Ambiguous::FirstFormat));
    assert_eq!(told.value_as_date(2).unwrap().to_string(), "2024-02-01");

    let counts = parser.counts(&batch).unwrap();
    assert_eq!(
        counts.formats().collect::<Vec<_>>(),
        [("%d/%m/%Y", 2), ("%m/%d/%Y", 1)]
    );
    assert_eq!(
        (counts.ambiguous(), counts.unread(), counts.missing()),
        (1, 1, 2)
    );

    let error = parser
        .with_on_failure(OnFailure::Error)
        .transform(&batch)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"t\", row 2: \"01/02/2024\" is not a point in time on which the formats agree"
    );
}

#[test]
fn every_unit_cuts_off_what_is_finer() {
    let batch = text(
        "t",
        vec![Some("1969-12-31 23:59:59.1234567891"), Some("2300-01-01")],
    );
    let read = |unit| {
        let out = TimestampParser::new("t")
            .with_unit(unit)
            .transform(&batch)
            .unwrap();
        out.column(0).clone()
    };
    let late = 10_413_792_000;
    assert_eq!(
        read(TimestampUnit::Second).as_ref(),
        &TimestampSecondArray::from(vec![-1, late])
    );
    assert_eq!(
        read(TimestampUnit::Millisecond).as_ref(),
        &TimestampMillisecondArray::from(vec![-877, late * 1000])
    );
    assert_eq!(
        read(TimestampUnit::Nanosecond).as_ref(),
        &TimestampNanosecondArray::from(vec![Some(-876_543_211), None])
    );
}

#[test]
fn counts_of_an_epoch_are_instants() {
    let seconds = |array: ArrayRef| {
        let batch = RecordBatch::try_from_iter([("t", array)]).unwrap();
        let parser = TimestampParser::new("t").with_epoch(TimestampUnit::Second);
        let parser = parser.with_on_failure(OnFailure::Keep);
        let out = parser.transform(&batch).unwrap();
        let unread = out.column_by_name("t_unread").unwrap();
        let unread = alchemy_core::arrow::compute::cast(unread, &DataType::LargeUtf8).unwrap();
        (out.column(0).clone(), unread.as_string::<i64>().clone())
    };
    let expected = TimestampMicrosecondArray::from(vec![Some(1_500_000), None, Some(-1_000_000)]);
    let expected = expected.with_timezone("UTC");
    let nothing = LargeStringArray::new_null(3);

    let floats = Float64Array::from(vec![Some(1.5), None, Some(-1.0)]);
    assert_eq!(
        seconds(Arc::new(floats)),
        (Arc::new(expected.clone()) as ArrayRef, nothing.clone())
    );
    let texts = StringArray::from(vec![Some("1.5"), Some(" "), Some("-1")]);
    assert_eq!(
        seconds(Arc::new(texts)),
        (Arc::new(expected) as ArrayRef, nothing.clone())
    );

    let integers = Int64Array::from(vec![Some(1), None, Some(-1)]);
    let whole = TimestampMicrosecondArray::from(vec![Some(1_000_000), None, Some(-1_000_000)]);
    assert_eq!(
        seconds(Arc::new(integers)),
        (Arc::new(whole.with_timezone("UTC")) as ArrayRef, nothing)
    );
    let late = Int64Array::from(vec![Some(i64::MAX), None, Some(0)]);
    let expected = TimestampMicrosecondArray::from(vec![None, None, Some(0)]).with_timezone("UTC");
    let unread = LargeStringArray::from(vec![Some("9223372036854775807"), None, None]);
    assert_eq!(
        seconds(Arc::new(late)),
        (Arc::new(expected) as ArrayRef, unread)
    );
}

#[test]
fn text_that_is_no_time_is_kept_beside() {
    let batch = text("t", vec![Some("2024-01-01"), Some("soon"), Some(""), None]);
    let keep = TimestampParser::new("t").with_on_failure(OnFailure::Keep);
    let out = keep.transform(&batch).unwrap();
    let unread = StringArray::from(vec![None, Some("soon"), None, None]);
    assert_eq!(out.column_by_name("t_unread").unwrap().as_ref(), &unread);

    let hours = Arc::new(Int64Array::from(vec![None, Some(2), None, None])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("t", batch.column(0).clone()), ("h", hours)]).unwrap();
    let keep = TimestampParser::joining(["t", "h"])
        .with_output("time")
        .with_on_failure(OnFailure::Keep);
    let out = keep.transform(&batch).unwrap();
    let unread = LargeStringArray::from(vec![Some("2024-01-01 "), Some("soon 2"), None, None]);
    assert_eq!(out.column_by_name("time_unread").unwrap().as_ref(), &unread);
    assert_eq!(
        keep.output_schema(batch.schema_ref()).unwrap(),
        out.schema()
    );
}

#[test]
fn a_spec_is_read_as_it_is_written() {
    let json = r#"{"columns":["t"],"written":{"formats":["%d/%m/%Y"]},"result":"date"}"#;
    let parser = TimestampParser::new("t")
        .with_formats(["%d/%m/%Y"])
        .to_date();
    assert_eq!(serde_json::to_string(&parser).unwrap(), json);
    assert_eq!(
        serde_json::from_str::<TimestampParser>(json).unwrap(),
        parser
    );
    assert_eq!(
        serde_json::from_str::<TimestampParser>(r#"{"columns":["t"]}"#).unwrap(),
        TimestampParser::new("t")
    );
    assert!(serde_json::from_str::<TimestampParser>(r#"{"columns":["t"],"format":"%Y"}"#).is_err());
}
