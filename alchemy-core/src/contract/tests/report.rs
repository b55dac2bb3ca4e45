//! What a report says.

use arrow::array::{AsArray, BooleanArray, Date32Array, Decimal128Array};
use arrow::compute::cast;
use arrow::datatypes::TimestampNanosecondType;

use super::*;
use crate::{Comparison, ContractReport, Severity, TableExpectation};

fn one(array: ArrayRef, expectation: Expectation) -> ContractReport {
    let schema = Schema::new(vec![Field::new("x", array.data_type().clone(), true)]);
    let contract = Contract::of(&schema)
        .with_expectation("x", expectation)
        .unwrap();
    contract.check(&RecordBatch::try_from_iter_with_nullable([("x", array, true)]).unwrap())
}

fn counts(report: &ContractReport) -> (u64, u64) {
    let check = &report.checks[1];
    assert_eq!(check.problem, None);
    (check.checked, check.failed)
}

#[test]
fn it_prints_as_a_table() {
    let schema = Schema::new(vec![
        Field::new("age", DataType::Int64, true),
        Field::new("city", DataType::Utf8, true),
    ]);
    let contract = Contract::of(&schema)
        .with_expectation("age", Expectation::range(0..=120).unwrap())
        .unwrap()
        .with_expectation(
            "age",
            Expectation::mean(0.0..=50.0).unwrap().at(Severity::Warning),
        )
        .unwrap()
        .with_expectation("city", Expectation::NotNull.at(Severity::Info))
        .unwrap()
        .with_table_expectation(TableExpectation::row_count(2..).unwrap())
        .unwrap();
    let age = Arc::new(StringArray::from(vec!["5", "x", "-3", "400"])) as ArrayRef;
    let city = Arc::new(StringArray::from(vec![Some("Oslo"), None, None, None])) as ArrayRef;
    let report =
        contract.check(&RecordBatch::try_from_iter([("age", age), ("city", city)]).unwrap());
    assert_eq!(
        report.to_string(),
        "4 rows, 4 of 6 expectations not met\n\n\
         ✗ age   Int64                 1 of 4 cells, such as \"x\"\n\
         ✗ age   in [0, 120]           2 of 3 cells, such as \"-3\", \"400\"\n\
         ! age   of a mean in [0, 50]  found 134\n  \
           city  Utf8                  0 of 4 cells\n\
         · city  present               3 of 4 cells\n        \
                 rows in [2, ∞)        found 4\n"
    );
    assert_eq!(
        report.clone().into_result().unwrap_err().to_string(),
        "column \"age\" is not Int64: 1 of 4 cells, such as \"x\"; 1 more expectation is not met"
    );
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(
        serde_json::from_str::<ContractReport>(&text).unwrap(),
        report
    );
}

#[test]
fn what_cannot_be_checked_fails_and_says_why() {
    let schema = Schema::new(vec![
        Field::new("a", DataType::Int64, true),
        Field::new("b", DataType::Int64, true),
    ]);
    let by = vec!["b".to_owned()];
    let strictly = false;
    let contract = Contract::of(&schema)
        .with_expectation("a", Expectation::Increasing { strictly, by })
        .unwrap()
        .with_expectation("b", Expectation::NotNull.at(Severity::Info))
        .unwrap()
        .with_expectation("b", Expectation::mean(0.0..).unwrap())
        .unwrap()
        .with_table_expectation(TableExpectation::unique(["a", "b"]).unwrap())
        .unwrap()
        .with_table_expectation(TableExpectation::compare("a", Comparison::Below, "b"))
        .unwrap();
    let a = || Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
    let absent = RecordBatch::try_from_iter([("a", a())]).unwrap();
    let b = Arc::new(BooleanArray::from(vec![true, false])) as ArrayRef;
    let other_type = RecordBatch::try_from_iter([("a", a()), ("b", b)]).unwrap();
    for (batch, problem) in [
        (absent, "no column \"b\""),
        (other_type, "is Boolean, expected Int64"),
    ] {
        let report = contract.check(&batch);
        assert!(!report.passed());
        let held: Vec<&str> = report
            .checks
            .iter()
            .filter(|check| check.passed)
            .map(|check| check.expectation.as_str())
            .collect();
        assert_eq!(held, ["Int64"]);
        for check in report.failed() {
            let found = check.problem.as_deref().unwrap();
            assert!(found.contains(problem), "{check}");
        }
    }
    let empty = one(
        Arc::new(Int64Array::from(vec![None, None])),
        Expectation::mean(0.0..).unwrap(),
    );
    assert_eq!(
        empty.failed().next().unwrap().to_string(),
        "x is not of a mean in [0, ∞): there is no value to measure"
    );
}

#[test]
fn bounds_are_exact_at_the_ends_of_every_type() {
    let ints = |values: Vec<i64>| Arc::new(Int64Array::from(values)) as ArrayRef;
    let big = 1_i64 << 53;
    let range = |range: std::ops::RangeInclusive<i64>| Expectation::range(range).unwrap();
    let extremes = ints(vec![
        i64::MIN,
        i64::MIN + 1,
        big,
        big + 1,
        i64::MAX - 1,
        i64::MAX,
    ]);
    assert_eq!(
        counts(&one(extremes.clone(), range(i64::MIN..=i64::MAX))),
        (6, 0)
    );
    assert_eq!(
        counts(&one(extremes.clone(), range(i64::MIN + 1..=i64::MAX - 1))),
        (6, 2)
    );
    assert_eq!(
        counts(&one(extremes.clone(), range(big + 1..=i64::MAX))),
        (6, 3)
    );
    assert_eq!(
        counts(&one(
            extremes.clone(),
            Expectation::range(..big as f64).unwrap()
        )),
        (6, 4)
    );
    assert_eq!(
        counts(&one(
            extremes,
            Expectation::one_of([big + 1, i64::MAX]).unwrap()
        )),
        (6, 4)
    );
    let unsigned = Arc::new(arrow::array::UInt64Array::from(vec![
        u64::MAX,
        u64::MAX - 1,
        0,
    ])) as ArrayRef;
    assert_eq!(
        counts(&one(
            unsigned.clone(),
            Expectation::range(..u64::MAX).unwrap()
        )),
        (3, 1)
    );
    assert_eq!(
        counts(&one(
            unsigned.clone(),
            Expectation::one_of([u64::MAX]).unwrap()
        )),
        (3, 2)
    );
    assert_eq!(counts(&one(unsigned, range(i64::MIN..=0))), (3, 2));
}

#[test]
fn floats_keep_to_the_side_of_a_bound() {
    let odd = vec![
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        0.0,
        5e-324,
        0.5,
        f64::MAX,
    ];
    let floats = Arc::new(Float64Array::from(odd)) as ArrayRef;
    assert_eq!(
        counts(&one(floats.clone(), Expectation::range(0.0..).unwrap())),
        (7, 1)
    );
    assert_eq!(
        counts(&one(floats.clone(), Expectation::range(..0.0).unwrap())),
        (7, 6)
    );
    assert_eq!(
        counts(&one(floats.clone(), Expectation::range(0..1).unwrap())),
        (7, 3)
    );
    assert_eq!(
        counts(&one(floats.clone(), Expectation::one_of([0_i64]).unwrap())),
        (7, 5)
    );
    assert_eq!(counts(&one(floats.clone(), Expectation::NotNull)), (8, 1));
    let mean = one(floats, Expectation::mean(0.0..1.0).unwrap());
    assert!(mean.checks[1].measured.unwrap().is_nan() && !mean.passed());

    let decimal =
        Decimal128Array::from(vec![Some(10), Some(-25), None]).with_precision_and_scale(5, 2);
    let decimal = Arc::new(decimal.unwrap()) as ArrayRef;
    assert_eq!(
        counts(&one(decimal, Expectation::range(0.1..).unwrap())),
        (2, 1)
    );
    let days = Arc::new(Date32Array::from(vec![Some(0), Some(1), Some(-1), None])) as ArrayRef;
    let range = Expectation::range("1970-01-01".."1970-01-02").unwrap();
    assert_eq!(counts(&one(days.clone(), range.clone())), (3, 2));
    let nanos = cast(&days, &DataType::Timestamp(TimeUnit::Nanosecond, None)).unwrap();
    assert_eq!(counts(&one(nanos.clone(), range.clone())), (3, 2));
    for zone in ["UTC", "+00:00", "Europe/Berlin"] {
        let zoned = nanos.as_primitive::<TimestampNanosecondType>().clone();
        let zoned = Arc::new(zoned.with_timezone(zone)) as ArrayRef;
        assert_eq!(counts(&one(zoned, range.clone())), (3, 2), "{zone}");
    }
    let shifted = nanos.as_primitive::<TimestampNanosecondType>().clone();
    let shifted = Arc::new(shifted.with_timezone("+01:00")) as ArrayRef;
    assert_eq!(counts(&one(shifted.clone(), range)), (3, 2));
    let instant = Expectation::range("1970-01-01T01:00:00+01:00"..="1970-01-01T00:00:00Z").unwrap();
    assert_eq!(counts(&one(shifted, instant)), (3, 2));
}

#[test]
fn text_is_measured_whole_in_any_layout() {
    let text = Arc::new(StringArray::from(vec![
        Some("ab"),
        None,
        Some("é"),
        Some(""),
        Some("abc"),
    ])) as ArrayRef;
    let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    for data_type in [
        DataType::Utf8,
        DataType::LargeUtf8,
        DataType::Utf8View,
        dictionary,
    ] {
        let text = cast(&text, &data_type).unwrap();
        assert_eq!(
            counts(&one(text.clone(), Expectation::length(1..=2).unwrap())),
            (4, 2)
        );
        assert_eq!(
            counts(&one(text.clone(), Expectation::matches("ab|é").unwrap())),
            (4, 2)
        );
        assert_eq!(
            counts(&one(text.clone(), Expectation::one_of(["", "ab"]).unwrap())),
            (4, 2)
        );
        assert_eq!(counts(&one(text.slice(1, 3), Expectation::NotNull)), (3, 1));
        assert_eq!(counts(&one(text, Expectation::Unique)), (4, 0));
    }
}

#[test]
fn a_masked_contract_quotes_no_cell() {
    let schema = Schema::new(vec![
        Field::new("x", DataType::Int64, true),
        Field::new("s", DataType::Utf8, true),
    ]);
    let contract = Contract::of(&schema)
        .with_expectation("s", Expectation::matches("[a-z]*").unwrap())
        .unwrap();
    let x = Arc::new(StringArray::from(vec!["1", "secret"])) as ArrayRef;
    let s = Arc::new(StringArray::from(vec!["SECRET", "a"])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("x", x), ("s", s)]).unwrap();
    let texts = |contract: &Contract| {
        let report = contract.check(&batch);
        let admitted = contract.admit(&batch).unwrap();
        format!(
            "{report}{report:?}{:?}{}",
            admitted.rejected,
            contract.enter(&batch).unwrap_err()
        )
    };
    assert_eq!(texts(&contract).to_lowercase().matches("secret").count(), 7);
    let masked = texts(&contract.with_masked_values());
    assert!(!masked.to_lowercase().contains("secret"), "{masked}");
}
