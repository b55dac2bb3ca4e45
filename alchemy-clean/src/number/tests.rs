use alchemy_core::arrow::array::{Float64Array, Int64Array, StringArray};
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
    ] {
        assert_eq!(read(&format, text), Some(number), "{text:?}");
    }
    for text in [
        "$", "$$5", "$5$", "-$-5", "(-5)", "-(5)", "(5", "5)", "€5", "",
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
