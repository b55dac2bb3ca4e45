use alchemy_core::arrow::array::{Decimal128Array, Float64Array, Int64Array, StringArray};
use alchemy_core::{Action, Role};

use super::*;

fn column(cells: Vec<Option<&str>>) -> RecordBatch {
    let text = Arc::new(StringArray::from(cells)) as ArrayRef;
    RecordBatch::try_from_iter([("x", text)]).unwrap()
}

fn read(format: &NumberFormat, text: &str) -> Option<f64> {
    format.parse(text).unwrap()
}

#[test]
fn failures_and_blanks_are_counted_with_the_cell() {
    let mut ledger = Ledger::new();
    let batch = column(vec![Some("1"), Some(" "), None, Some("x")]);
    let out = NumericCoercer::new("x")
        .transform_with(&batch, &mut ledger)
        .unwrap();
    assert_eq!(
        out.column(0).as_ref(),
        &Float64Array::from(vec![Some(1.0), None, None, None])
    );
    let nulled = ledger
        .entries()
        .find(|entry| entry.action == Action::Nulled)
        .unwrap();
    assert_eq!((nulled.count, nulled.of), (2, 4));
    assert_eq!(nulled.examples, [(1, " ".to_owned()), (3, "x".to_owned())]);
    assert_eq!(ledger.count("x", Action::Coerced), 1);
}

#[test]
fn a_strict_coercer_names_the_cell_and_forgives_blanks() {
    let strict = NumericCoercer::new("x").with_on_failure(OnFailure::Error);
    assert!(
        strict
            .transform(&column(vec![Some("1"), Some(""), None]))
            .is_ok()
    );
    let error = strict
        .transform(&column(vec![Some(" "), Some("1,5")]))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"x\", row 1: \"1,5\" is not a number"
    );
}

#[test]
fn numbers_pass_and_the_role_is_kept() {
    let ints = Arc::new(Int64Array::from(vec![i64::MAX])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("x", ints)]).unwrap();
    assert_eq!(NumericCoercer::new("x").transform(&batch).unwrap(), batch);

    let batch = Role::Weight
        .stamp_column(&column(vec![Some("1")]), "x")
        .unwrap();
    let out = NumericCoercer::new("x").transform(&batch).unwrap();
    assert_eq!(Role::of(out.schema_ref().field(0)), Role::Weight);
}

#[test]
fn groups_are_of_three_digits() {
    let format = NumberFormat::new().with_grouping(Grouping::Comma);
    for (text, number) in [
        ("1,299.5", 1299.5),
        ("-12,345,678", -12_345_678.0),
        ("1299", 1299.0),
        ("0.5", 0.5),
    ] {
        assert_eq!(read(&format, text), Some(number), "{text:?}");
    }
    for text in [
        "1,5", "1,2999", ",299", "1299,000", "1,299,", "1.5,000", "1,,299", "12 345",
    ] {
        assert_eq!(read(&format, text), None, "{text:?}");
    }
    let spaced = NumberFormat::new().with_grouping(Grouping::Space);
    assert_eq!(read(&spaced, "1\u{a0}299\u{202f}000"), Some(1_299_000.0));
    let swiss = NumberFormat::new().with_grouping(Grouping::Apostrophe);
    assert_eq!(read(&swiss, "1’299'000.25"), Some(1_299_000.25));
}

#[test]
fn a_sign_and_a_symbol_stand_at_most_once() {
    let format = NumberFormat::new()
        .with_currency(["$", "USD"])
        .with_accounting_negatives();
    for (text, number) in [
        ("$5", 5.0),
        ("-$5", -5.0),
        ("$ -5", -5.0),
        ("5 USD", 5.0),
        ("($5)", -5.0),
        ("(5)", -5.0),
        ("5-", -5.0),
        ("$5 -", -5.0),
    ] {
        assert_eq!(read(&format, text), Some(number), "{text:?}");
    }
    for text in [
        "$", "$$5", "$5$", "-$-5", "(-5)", "-(5)", "(5", "5)", "€5", "", "-5-", "(5-)",
    ] {
        assert_eq!(read(&format, text), None, "{text:?}");
    }
}

#[test]
fn a_percentage_is_rounded_once() {
    let format = NumberFormat::new().with_percent();
    for hundredths in 0..2000 {
        let text = format!("{}.{:02}%", hundredths / 100, hundredths % 100);
        let exact: f64 = format!("{hundredths}e-4").parse().unwrap();
        assert_eq!(read(&format, &text), Some(exact), "{text}");
    }
    assert_eq!(read(&format, "7"), Some(7.0));
    assert_eq!(read(&format, "1e2%"), None);
    assert_eq!(read(&NumberFormat::new(), "7%"), None);
}

#[test]
fn a_format_that_contradicts_itself_is_refused_before_any_cell() {
    let clash = NumberFormat::new().with_grouping(Grouping::Point);
    let error = NumericCoercer::new("x")
        .with_format(clash)
        .transform(&column(vec![]))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter `grouping`: is the decimal mark too"
    );
    assert!(NumberFormat::new().with_currency([" "]).parse("1").is_err());
}

#[test]
fn integers_and_decimals_are_exact_or_not_read() {
    let cells = vec![
        Some("9007199254740993"),
        Some("12.50"),
        Some("9223372036854775808"),
        Some("1e2"),
        Some(" "),
    ];
    let read = |number_type| {
        let coercer = NumericCoercer::new("x").with_type(number_type);
        coercer
            .transform(&column(cells.clone()))
            .unwrap()
            .column(0)
            .clone()
    };
    let expected = Int64Array::from(vec![
        Some(9_007_199_254_740_993),
        None,
        None,
        Some(100),
        None,
    ]);
    assert_eq!(read(NumberType::Int64).as_ref(), &expected);
    let expected = Decimal128Array::from(vec![None, Some(125), None, Some(1000), None]);
    let expected = expected.with_precision_and_scale(9, 1).unwrap();
    assert_eq!(
        read(NumberType::Decimal {
            precision: 9,
            scale: 1
        })
        .as_ref(),
        &expected
    );

    let error = NumericCoercer::new("x")
        .with_type(NumberType::Decimal {
            precision: 39,
            scale: 0,
        })
        .transform(&column(cells.clone()))
        .unwrap_err();
    assert!(
        error.to_string().starts_with("parameter `number_type`"),
        "{error}"
    );
    let german = NumberFormat::new()
        .with_decimal_mark(DecimalMark::Comma)
        .with_grouping(Grouping::Point);
    let coercer = NumericCoercer::new("x")
        .with_format(german)
        .with_type(NumberType::Int64);
    let out = coercer
        .transform(&column(vec![Some("1.299,00"), Some("1.5")]))
        .unwrap();
    assert_eq!(
        out.column(0).as_ref(),
        &Int64Array::from(vec![Some(1299), None])
    );
}

#[test]
fn text_that_is_no_number_is_kept_beside_in_its_own_type() {
    let cells = column(vec![
        Some("1"),
        Some("n/a"),
        Some(" "),
        None,
        Some("2 or 3"),
    ]);
    let text = alchemy_core::arrow::compute::cast(cells.column(0), &DataType::Utf8View).unwrap();
    let batch = RecordBatch::try_from_iter([("x", text), ("y", cells.column(0).clone())]).unwrap();
    let mut ledger = Ledger::new();
    let keep = NumericCoercer::new(["x", "y"]).with_on_failure(OnFailure::Keep);
    let out = keep.transform_with(&batch, &mut ledger).unwrap();
    let names: Vec<_> = out
        .schema_ref()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    assert_eq!(names, ["x", "y", "x_unread", "y_unread"]);
    let unread = StringArray::from(vec![None, Some("n/a"), None, None, Some("2 or 3")]);
    assert_eq!(out.column(3).as_ref(), &unread);
    assert_eq!(out.column(2).data_type(), &DataType::Utf8View);
    assert_eq!(ledger.count("x", Action::Nulled), 3);

    let error = keep.transform(
        &RecordBatch::try_from_iter([
            ("x", cells.column(0).clone()),
            ("y", cells.column(0).clone()),
            ("y_unread", cells.column(0).clone()),
        ])
        .unwrap(),
    );
    assert!(matches!(
        error,
        Err(alchemy_core::Error::DuplicateColumn { .. })
    ));
}

#[test]
fn many_rows_are_read_as_few_are() {
    let cells: Vec<String> = (0..150_000)
        .map(|row| {
            if row % 7 == 0 {
                "?".into()
            } else {
                format!("{row}.5")
            }
        })
        .collect();
    let batch = column(cells.iter().map(|cell| Some(cell.as_str())).collect());
    let mut ledger = Ledger::new();
    let out = NumericCoercer::new("x")
        .transform_with(&batch, &mut ledger)
        .unwrap();
    let expected: Float64Array = cells.iter().map(|cell| cell.parse().ok()).collect();
    assert_eq!(out.column(0).as_ref(), &expected);
    assert_eq!(ledger.count("x", Action::Nulled), 21_429);
}

#[test]
fn a_spec_is_read_as_it_is_written() {
    let spec = NumericCoercer::new(["x"]).with_type(NumberType::Decimal {
        precision: 9,
        scale: 2,
    });
    let json = r#"{"columns":["x"],"number_type":{"decimal":{"precision":9,"scale":2}}}"#;
    assert_eq!(serde_json::to_string(&spec).unwrap(), json);
    assert_eq!(serde_json::from_str::<NumericCoercer>(json).unwrap(), spec);
}
