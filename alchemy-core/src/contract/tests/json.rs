//! The stored form: what loads, what does not, and why.

use super::*;
use crate::stats::Quantile;
use crate::{Comparison, Rule, Severity, TableExpectation};

fn schema() -> Schema {
    Schema::new(vec![
        Field::new("n", DataType::Int64, true),
        Field::new("x", DataType::Float64, true),
        Field::new("s", DataType::Utf8, true),
        Field::new("b", DataType::Boolean, true),
        Field::new("d", DataType::Date32, true),
        Field::new("t", DataType::Timestamp(TimeUnit::Second, None), true),
    ])
}

fn full() -> Result<Contract> {
    let by = vec!["s".to_owned()];
    Contract::of(&schema())
        .with_expectation("n", Expectation::NotNull.at(Severity::Info))?
        .with_expectation("n", Expectation::range(i64::MIN..=i64::MAX)?)?
        .with_expectation("n", Expectation::range(0..u64::MAX)?)?
        .with_expectation("n", Expectation::one_of([1_i64, -1])?)?
        .with_expectation("n", Expectation::Unique)?
        .with_expectation("x", Expectation::range(0.1..)?)?
        .with_expectation("x", Expectation::mean(..=5e-324)?.at(Severity::Warning))?
        .with_expectation("x", Expectation::quantile(Quantile::MEDIAN, 0.0..1.0)?)?
        .with_expectation("x", Expectation::null_share(0.1)?)?
        .with_expectation("s", Expectation::NumberText)?
        .with_expectation("s", Expectation::matches(r"\d+|ü \(x\)")?)?
        .with_expectation("s", Expectation::length(1..=40)?)?
        .with_expectation("s", Expectation::one_of(["", "é"])?)?
        .with_expectation("s", Expectation::share("a", 0.1..=0.2)?)?
        .with_expectation("b", Expectation::one_of([true])?)?
        .with_expectation("d", Expectation::range("2024-01-01".."2025-01-01")?)?
        .with_expectation("t", Expectation::range("2024-01-01T12:00:00"..)?)?
        .with_expectation("t", Expectation::Increasing { strictly: true, by })?
        .with_table_expectation(TableExpectation::row_count(1..)?)?
        .with_table_expectation(TableExpectation::unique(["n", "s"])?.at(Severity::Warning))?
        .with_table_expectation(TableExpectation::compare("n", Comparison::AtMost, "x"))?
        .with_table_expectation(TableExpectation::compare("n", Comparison::NotEqual, "x"))?
        .with_table_expectation(TableExpectation::holds("x > 0.5 or s is missing".parse()?)?)
}

#[test]
fn every_expectation_survives_its_text() {
    let contract = full().unwrap().with_masked_values();
    let text = serde_json::to_string_pretty(&contract).unwrap();
    assert_eq!(
        serde_json::from_str::<Contract>(&text).unwrap(),
        contract,
        "{text}"
    );
    let value: serde_json::Value = serde_json::to_value(&contract).unwrap();
    assert_eq!(serde_json::from_value::<Contract>(value).unwrap(), contract);
}

#[test]
fn the_text_is_stable() {
    let contract = Contract::of(&schema())
        .with_expectation(
            "n",
            Expectation::range(0..120).unwrap().at(Severity::Warning),
        )
        .unwrap();
    let text = serde_json::to_string(&contract.columns()[0]).unwrap();
    assert_eq!(
        text,
        r#"{"name":"n","data_type":"Int64","role":"feature","expectations":[{"expect":"range","min":0,"below":120,"severity":"warning"}]}"#
    );
}

#[test]
fn a_contract_of_an_older_build_loads() {
    let text = r#"{"columns":[{"name":"s","data_type":"Utf8","role":"feature","expectations":["number_text","not_null"]}]}"#;
    let contract: Contract = serde_json::from_str(text).unwrap();
    let rules = [Expectation::NumberText, Expectation::NotNull].map(Rule::from);
    assert_eq!(contract.columns()[0].expectations(), rules);
}

/// A column's type, an expectation of it, and a part of the error.
const BAD: [(&str, &str, &str); 31] = [
    ("Int64", r#""unknown""#, "unknown variant `unknown`"),
    (
        "Int64",
        r#"{"expect":"rnage","min":0}"#,
        "unknown variant `rnage`",
    ),
    ("Int64", r#"{"min":0}"#, "missing field `expect`"),
    (
        "Int64",
        r#"{"expect":"range","mn":0}"#,
        "unknown field `mn`",
    ),
    (
        "Int64",
        r#"{"expect":"not_null","min":0}"#,
        "unknown field `min`",
    ),
    (
        "Int64",
        r#"{"expect":"range"}"#,
        "neither a lower nor an upper bound",
    ),
    (
        "Int64",
        r#"{"expect":"range","min":3,"max":2}"#,
        "[3, 2] is empty",
    ),
    (
        "Int64",
        r#"{"expect":"range","above":3,"below":3}"#,
        "(3, 3) is empty",
    ),
    (
        "Int64",
        r#"{"expect":"range","min":0,"above":0}"#,
        "both `min` and `above`",
    ),
    (
        "Int64",
        r#"{"expect":"range","min":0,"max":"a"}"#,
        "bounds of different kinds",
    ),
    (
        "Int64",
        r#"{"expect":"range","min":"a"}"#,
        "expected a date or time",
    ),
    ("Int64", r#"{"expect":"range","min":true}"#, "has no order"),
    (
        "Int64",
        r#"{"expect":"range","min":[1]}"#,
        "expected true, false, a number or text",
    ),
    (
        "Date32",
        r#"{"expect":"range","min":"2024-13-01"}"#,
        "\"2024-13-01\" cannot be read as Date32",
    ),
    (
        "Date32",
        r#"{"expect":"range","min":"2024-02-01","max":"2024-01-01"}"#,
        "is empty",
    ),
    (
        "Date32",
        r#"{"expect":"range","min":5}"#,
        "not a date or time in text",
    ),
    (
        "Utf8",
        r#"{"expect":"matches","pattern":"[a"}"#,
        "unclosed character class",
    ),
    (
        "Utf8",
        r#"{"expect":"matches","pattern":"a)|(b"}"#,
        "unopened group",
    ),
    (
        "Utf8",
        r#"{"expect":"matches","pattern":"(a{999}){999}"}"#,
        "exceeds size limit",
    ),
    (
        "Int64",
        r#"{"expect":"matches","pattern":"a"}"#,
        "is Int64, expected text",
    ),
    (
        "Utf8",
        r#"{"expect":"mean","min":0}"#,
        "is Utf8, expected a number",
    ),
    (
        "Utf8",
        r#"{"expect":"one_of","values":[1]}"#,
        "is Utf8, expected a number",
    ),
    ("Utf8", r#"{"expect":"one_of","values":[]}"#, "has no value"),
    (
        "Utf8",
        r#"{"expect":"one_of","values":["a",1]}"#,
        "several kinds",
    ),
    (
        "Int64",
        r#"{"expect":"one_of","values":[1.5]}"#,
        "not whole",
    ),
    (
        "Int64",
        r#"{"expect":"null_share","max":1.5}"#,
        "between 0 and 1",
    ),
    (
        "Int64",
        r#"{"expect":"quantile","q":50,"within":{"min":0}}"#,
        "between 0 and 1",
    ),
    (
        "Int64",
        r#"{"expect":"quantile","q":0.5,"within":{"min":0},"more":1}"#,
        "unknown field `more`",
    ),
    (
        "Int64",
        r#"{"expect":"not_null","severity":"fatal"}"#,
        "unknown variant `fatal`",
    ),
    (
        "Int64",
        r#"{"expect":"increasing","by":["y"]}"#,
        "no column \"y\"",
    ),
    ("Whole", "", "Whole"),
];

/// The same for an expectation of a table with an integer column `x` and a text column `s`.
const BAD_TABLE: [(&str, &str); 9] = [
    (r#"{"expect":"unique","columns":["y"]}"#, "no column \"y\""),
    (r#"{"expect":"unique","columns":[]}"#, "has no column"),
    (
        r#"{"expect":"compare","left":"x","is":"=>","right":"x"}"#,
        "unknown variant `=>`",
    ),
    (
        r#"{"expect":"holds","condition":"x <"}"#,
        "at character 4: expected a value",
    ),
    (
        r#"{"expect":"holds","condition":"y > 1"}"#,
        "no column \"y\"",
    ),
    (r#"{"expect":"holds","condition":"s > 1"}"#, "\"s\" is Utf8"),
    (
        r#"{"expect":"holds","condition":"x + 1"}"#,
        "expected a condition",
    ),
    (
        r#"{"expect":"compare","left":"x","is":"<","right":"s"}"#,
        "\"s\" is Utf8",
    ),
    (r#"{"expect":"row_count","min":5,"max":1}"#, "is empty"),
];

#[test]
fn a_bad_contract_says_what_is_wrong() {
    let of_column = BAD.map(|(data_type, expectation, expected)| {
        let column =
            format!(r#"{{"name":"x","data_type":"{data_type}","expectations":[{expectation}]}}"#);
        (format!(r#"{{"columns":[{column}]}}"#), expected)
    });
    let of_table = BAD_TABLE.map(|(expectation, expected)| {
        let columns = r#"{"name":"x","data_type":"Int64"},{"name":"s","data_type":"Utf8"}"#;
        let text = format!(r#"{{"columns":[{columns}],"table":[{expectation}]}}"#);
        (text, expected)
    });
    let twice = r#"{"columns":[{"name":"x","data_type":"Int64"},{"name":"x","data_type":"Int8"}]}"#;
    let others = [
        (
            r#"{"columns":[],"tables":[]}"#.to_owned(),
            "unknown field `tables`",
        ),
        (twice.to_owned(), "more than once"),
    ];
    for (text, expected) in of_column.into_iter().chain(of_table).chain(others) {
        let error = serde_json::from_str::<Contract>(&text)
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{text}\n{error}\n{expected}");
    }
}

#[test]
fn the_builder_refuses_what_loading_refuses() {
    let contract = Contract::of(&schema());
    assert!(Expectation::range(f64::NAN..).is_err());
    assert!(Expectation::range(..f64::INFINITY).is_err());
    assert!(Expectation::range::<i64>(..).is_err());
    assert!(Expectation::null_share(f64::NAN).is_err());
    for rule in [Expectation::NullShare(2.0), Expectation::OneOf(Vec::new())] {
        assert!(contract.clone().with_expectation("n", rule).is_err());
    }
    let error = contract
        .with_expectation("N", Expectation::NotNull)
        .unwrap_err();
    assert!(error.to_string().contains("did you mean \"n\""), "{error}");
    // Empty for whole numbers, not for others.
    assert!(Expectation::range(1.2..1.4).is_ok());
    assert!(Expectation::range((1_i64 << 53) + 1..=(1_i64 << 53) + 1).is_ok());
}
