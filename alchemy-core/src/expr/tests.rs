//! What expressions read, refuse and give, case by case; their laws are in the tests of the crate.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    RecordBatch, StringArray, TimestampMillisecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use super::{Expr, col, lit};
use crate::{Interval, Pattern, Result, Scalar};

fn parse(text: &str) -> Expr {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn sales() -> RecordBatch {
    let columns: [(&str, ArrayRef); 9] = [
        (
            "n",
            Arc::new(Int64Array::from(vec![
                Some(i64::MAX),
                Some(-3),
                Some(0),
                None,
            ])),
        ),
        ("u", Arc::new(UInt64Array::from(vec![u64::MAX, 3, 0, 1]))),
        (
            "x",
            Arc::new(Float64Array::from(vec![
                Some(-0.0),
                Some(f64::NAN),
                Some(f64::INFINITY),
                Some(2.5),
            ])),
        ),
        (
            "d",
            Arc::new(
                Decimal128Array::from(vec![150, -25, 0, 7])
                    .with_precision_and_scale(9, 2)
                    .unwrap(),
            ),
        ),
        (
            "s",
            Arc::new(StringArray::from(vec![
                Some("Heartbeat ok"),
                Some(""),
                None,
                Some("it's ÄÖ"),
            ])),
        ),
        (
            "flag",
            Arc::new(BooleanArray::from(vec![
                Some(true),
                Some(false),
                None,
                None,
            ])),
        ),
        (
            "day",
            Arc::new(Date32Array::from(vec![
                Some(0),
                Some(1),
                Some(19_844),
                None,
            ])),
        ),
        (
            "t",
            Arc::new(TimestampMillisecondArray::from(vec![0, 86_400_001, -1, 5])),
        ),
        ("Unit `Price`", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn mask(text: &str) -> Vec<Option<bool>> {
    parse(text)
        .mask(&sales())
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .iter()
        .collect()
}

fn error(text: &str) -> String {
    let outcome: Result<ArrayRef> = text.parse().and_then(|expr: Expr| expr.evaluate(&sales()));
    match outcome {
        Ok(array) => panic!("{text} gives {array:?}"),
        Err(error) => error.to_string(),
    }
}

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);
const N: Option<bool> = None;

#[test]
fn text_binds_as_the_table_says() {
    for (text, bound) in [
        ("a or b and not c", "a or b and not c"),
        ("(a or b) and c", "(a or b) and c"),
        ("a or (b and c)", "a or b and c"),
        ("a + b * c - d", "a + b * c - d"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("-a * -2", "(0 - a) * -2"),
        ("a - -1", "a - -1"),
        ("not a == b", "not a == b"),
        ("(not a) == b", "(not a) == b"),
        ("not not a", "not not a"),
        ("not (x in (1, 2.0))", "x not in (1, 2.0)"),
        ("not x is missing", "x is not missing"),
        ("a within [0,120)", "a within [0, 120)"),
        ("a not within (-inf, 'b']", "a not within (-inf, 'b']"),
        ("a within (0.5, ∞)", "a within (0.5, inf)"),
        ("x matches \"it's \\d+\"", "x matches 'it''s \\d+'"),
        ("lower(`not`) starts_with `a`", ""),
        ("coalesce(a, b, 0)", "coalesce(a, coalesce(b, 0))"),
        (
            "if a then b else if c then d else e",
            "if a then b else if c then d else e",
        ),
        ("(if a then b else c) + 1", "(if a then b else c) + 1"),
        ("`b c` + lower + inf", "`b c` + lower + inf"),
        (
            "1e3 + 18446744073709551615 - -9223372036854775808",
            "1000.0 + 18446744073709551615 - -9223372036854775808",
        ),
    ] {
        if bound.is_empty() {
            assert!(text.parse::<Expr>().is_err(), "{text}");
            continue;
        }
        let expr = parse(text);
        assert_eq!(expr.to_string(), bound, "{text}");
        assert_eq!(parse(bound), expr, "{text}");
    }
}

#[test]
fn an_error_tells_where_and_what_should_be_there() {
    for (text, message) in [
        ("", "at character 1: expected a value, found the end"),
        ("a <", "at character 4: expected a value, found the end"),
        ("a = 1", "at character 3: expected `==`, found `=`"),
        ("a && b", "at character 3: expected `and`, found `&`"),
        ("~a", "at character 1: expected `not`, found `~`"),
        (
            "ä < b < c",
            "at character 7: expected `and`, `or` or the end, as comparisons do not chain, found `<`",
        ),
        (
            "a b",
            "at character 3: expected an operator or the end, found the name \"b\"",
        ),
        ("(a", "at character 3: expected `)`, found the end"),
        ("a in 1", "at character 6: expected `(`, found 1"),
        (
            "a in (b)",
            "at character 7: expected a literal, found the name \"b\"",
        ),
        ("a in ()", "at character 7: expected a literal, found `)`"),
        (
            "a contains b",
            "at character 12: expected text in quotes, found the name \"b\"",
        ),
        ("a is 1", "at character 6: expected `missing`, found 1"),
        (
            "a not 1",
            "at character 7: expected `in`, `within`, `matches`, `contains`, `starts_with` or `ends_with`, found 1",
        ),
        (
            "a not",
            "at character 6: expected `in`, `within`, `matches`, `contains`, `starts_with` or `ends_with`, found the end",
        ),
        (
            "sqrt(a)",
            "at character 1: expected a function (`lower`, `length`, `abs`, `coalesce`), found the name \"sqrt\"",
        ),
        (
            "coalesce(a)",
            "at character 11: expected `,` and a value to take instead, found `)`",
        ),
        (
            "'abc",
            "at character 5: expected `'` that closes what begins at character 1, found the end",
        ),
        (
            "1e999",
            "at character 1: expected a number of 64 bits, found `1e999`",
        ),
        (
            "18446744073709551616",
            "at character 1: expected a number of 64 bits, found `18446744073709551616`",
        ),
        (
            "1x",
            "at character 1: expected a number of 64 bits, found `1x`",
        ),
        (
            "a within [2, 1]",
            "at character 10: [2, 1] is empty: its lower bound is beyond the upper one",
        ),
        ("a matches '('", "at character 11: regex parse error"),
        ("1 + not a", "at character 5: expected a value, found `not`"),
        (
            "a ? b",
            "at character 3: expected a name, a literal or an operator, found `?`",
        ),
    ] {
        let error = text.parse::<Expr>().unwrap_err().to_string();
        let expected = format!("parameter `expression`: {message}");
        assert!(error.starts_with(&expected), "{text}: {error}");
    }
}

#[test]
fn types_that_do_not_go_together_are_refused_by_name() {
    for (text, message) in [
        ("nn < 1", "no column \"nn\"; did you mean \"n\"?"),
        (
            "s < 1",
            "column \"s\" is Utf8, expected a number, to compare with 1",
        ),
        (
            "n == 'a'",
            "column \"n\" is Int64, expected text, to compare with 'a'",
        ),
        ("n < s", "column \"s\" is Utf8, expected a number, as n is"),
        (
            "flag < true",
            "column \"flag\" is Boolean, expected of a type that has an order",
        ),
        ("s + 1", "column \"s\" is Utf8, expected a number"),
        (
            "n and flag",
            "column \"n\" is Int64, expected a condition (Boolean)",
        ),
        ("lower(n) == 'a'", "column \"n\" is Int64, expected text"),
        (
            "n + 1 contains 'a'",
            "column \"n + 1\" is Int64, expected text",
        ),
        (
            "coalesce(n, s)",
            "column \"s\" is Utf8, expected Int64 or the like, as n is",
        ),
        (
            "day < 'soon'",
            "column \"day\" is Date32, expected text, to compare with 'soon'",
        ),
        (
            "day within [1, 2]",
            "column \"day\" is Date32, expected a number, to lie in [1, 2]",
        ),
        (
            "s within ['a', 'b']",
            "column \"s\" is Utf8, expected a date or time, to lie in [\"a\", \"b\"]",
        ),
        (
            "n in (1, 'a')",
            "column \"n\" is Int64, expected text, to compare with 'a'",
        ),
    ] {
        assert_eq!(error(text), message, "{text}");
    }
    let no_condition = parse("n + 1").mask(&sales()).unwrap_err();
    assert_eq!(
        no_condition.to_string(),
        "column \"n + 1\" is Int64, expected a condition (Boolean)"
    );
    assert!(col("x").gt(f64::NAN).mask(&sales()).is_err());
    assert!(
        col("n")
            .gt(Scalar::Integer(1 << 100))
            .mask(&sales())
            .is_err()
    );
    assert!(col("n").one_of::<i64>([]).mask(&sales()).is_err());
}

#[test]
fn logic_is_of_three_values() {
    let values = [("true", T), ("false", F), ("flag", N)];
    let third = |text: &str| mask(text)[2];
    for (a, p) in values {
        assert_eq!(third(&format!("not {a}")), p.map(|p| !p));
        for (b, q) in values {
            let and = if p == F || q == F { F } else { p.and(q).and(T) };
            let or = if p == T || q == T { T } else { p.and(q).and(F) };
            assert_eq!(third(&format!("{a} and {b}")), and, "{a} and {b}");
            assert_eq!(third(&format!("{a} or {b}")), or, "{a} or {b}");
        }
    }
    assert_eq!(mask("x is missing"), [F, T, F, F]);
    assert_eq!(mask("x is not missing"), [T, F, T, T]);
    assert_eq!(mask("x == x"), [T, N, T, T]);
}

#[test]
fn numbers_compare_exactly_whatever_their_types() {
    assert_eq!(mask("n < 9223372036854775808"), [T, T, T, N]);
    assert_eq!(mask("n == 9223372036854775808.0"), [F, F, F, N]);
    assert_eq!(mask("n >= 9223372036854775807"), [T, F, F, N]);
    assert_eq!(mask("u > n"), [T, T, F, N]);
    assert_eq!(mask("u == 18446744073709551616.0"), [F, F, F, F]);
    assert_eq!(mask("n < 0.5"), [F, T, T, N]);
    assert_eq!(mask("n != 0.5"), [T, T, T, N]);
    assert_eq!(mask("x == 0"), [T, N, F, F]);
    assert_eq!(mask("x >= n"), [F, N, T, N]);
    assert_eq!(mask("x < inf"), [T, N, F, T]);
    assert_eq!(mask("n < inf and n > -inf"), [T, T, T, N]);
    assert_eq!(mask("d == 1.5 or d < n"), [T, F, F, N]);
    assert_eq!(mask("0 < d"), [T, F, F, T]);
    assert_eq!(mask("1 < 2"), [T; 4]);
    assert_eq!(mask("n within [0, 9223372036854775807)"), [F, F, T, N]);
    assert_eq!(mask("x in (0, 2.5)"), [T, N, F, T]);
    assert_eq!(mask("n in (9223372036854775807, -3.0)"), [T, T, F, N]);
    assert_eq!(mask("u not in (18446744073709551615)"), [F, T, T, T]);
}

#[test]
fn times_compare_with_text_and_with_each_other() {
    assert_eq!(mask("day < '1970-01-02'"), [T, F, F, N]);
    assert_eq!(mask("day in ('1970-01-02', '2024-05-01')"), [F, T, T, N]);
    assert_eq!(
        mask("day within ['1970-01-01', '2024-05-01')"),
        [T, T, F, N]
    );
    assert_eq!(mask("t > '1970-01-02T00:00:00'"), [F, T, F, F]);
    assert_eq!(mask("t == day"), [T, F, F, N]);
    assert_eq!(mask("day > t"), [F, F, T, N]);
    assert_eq!(
        mask("coalesce(day, '2000-01-01') == '2000-01-01'"),
        [F, F, F, T]
    );
}

#[test]
fn text_is_tested_to_the_letter() {
    assert_eq!(mask("s contains 'eat'"), [T, F, N, F]);
    assert_eq!(mask("s not contains 'eat'"), [F, T, N, T]);
    assert_eq!(mask("s starts_with 'it''s'"), [F, F, N, T]);
    assert_eq!(mask("s ends_with \"ÄÖ\""), [F, F, N, T]);
    assert_eq!(mask("s matches 'Heart.*'"), [T, F, N, F]);
    assert_eq!(mask("s in ('', 'x')"), [F, T, N, F]);
    assert_eq!(mask("s >= 'a'"), [F, F, N, T]);
    assert_eq!(mask("lower(s) == 'it''s äö'"), [F, F, N, T]);
    assert_eq!(mask("length(s) == 7"), [F, F, N, T]);
    assert_eq!(mask("flag == true"), [T, F, N, N]);
    assert_eq!(mask("`Unit ``Price``` > 2"), [F, F, T, T]);
}

fn numbers(text: &str) -> Vec<Option<f64>> {
    let array = parse(text).evaluate(&sales()).unwrap();
    assert_eq!(*array.data_type(), DataType::Float64, "{text}");
    array.as_primitive::<Float64Type>().iter().collect()
}

fn integers(text: &str) -> Vec<Option<i64>> {
    let array = parse(text).evaluate(&sales()).unwrap();
    assert_eq!(*array.data_type(), DataType::Int64, "{text}");
    array.as_primitive::<Int64Type>().iter().collect()
}

#[test]
fn arithmetic_never_wraps_and_never_gives_nan() {
    let most = i64::MAX;
    assert_eq!(integers("n + 1"), [None, Some(-2), Some(1), None]);
    assert_eq!(integers("1 - n"), [Some(1 - most), Some(4), Some(1), None]);
    assert_eq!(integers("n * 2"), [None, Some(-6), Some(0), None]);
    assert_eq!(integers("u + 0"), [None, Some(3), Some(0), Some(1)]);
    assert_eq!(integers("n + 18446744073709551615"), [None; 4]);
    assert_eq!(integers("2 * 3"), [Some(6); 4]);
    assert_eq!(integers("abs(n)"), [Some(most), Some(3), Some(0), None]);
    assert_eq!(integers("abs(-9223372036854775808)"), [None; 4]);
    assert_eq!(numbers("u / n"), [Some(2.0), Some(-1.0), None, None]);
    assert_eq!(
        numbers("d + 1"),
        [Some(2.5), Some(0.75), Some(1.0), Some(1.07)]
    );
    assert_eq!(numbers("x - x"), [Some(0.0), None, None, Some(0.0)]);
    assert_eq!(numbers("x / 0"), [None; 4]);
    assert_eq!(numbers("1 / x"), [None, None, Some(0.0), Some(0.4)]);
}

#[test]
fn one_of_two_values_is_in_the_type_of_both() {
    assert_eq!(
        integers("coalesce(n, -1)"),
        [Some(i64::MAX), Some(-3), Some(0), Some(-1)]
    );
    assert_eq!(numbers("coalesce(x, u)")[1], Some(3.0));
    let chosen = integers("if flag then n else `Unit ``Price```");
    assert_eq!(chosen, [Some(i64::MAX), Some(2), None, None]);
    let schema = sales().schema();
    for (text, data_type) in [
        ("coalesce(u, 0)", DataType::UInt64),
        ("coalesce(u, -1)", DataType::Float64),
        ("coalesce(d, d)", DataType::Decimal128(9, 2)),
        ("coalesce(s, 'none')", DataType::Utf8),
        ("coalesce(day, '2024-01-01')", DataType::Date32),
        ("if flag then 'a' else 'b'", DataType::Utf8),
        ("n", DataType::Int64),
    ] {
        assert_eq!(parse(text).data_type(&schema).unwrap(), data_type, "{text}");
        assert_eq!(
            *parse(text).evaluate(&sales()).unwrap().data_type(),
            data_type,
            "{text}"
        );
    }
}

#[test]
fn what_is_built_in_rust_prints_as_its_text() {
    let built = ((col("a") + 1) * 2)
        .lt(-col("b"))
        .and(!col("c").is_missing());
    assert_eq!(
        built.to_string(),
        "(a + 1) * 2 < 0 - b and c is not missing"
    );
    let tests = col("s").matches(Pattern::new("x+").unwrap()).or(col("s")
        .one_of(["a", "b"])
        .or(col("n").within(Interval::new(0..5).unwrap())));
    assert_eq!(
        tests.to_string(),
        "s matches 'x+' or (s in ('a', 'b') or n within [0, 5))"
    );
    let chosen = col("a")
        .gt_eq(1)
        .then_else(lit("x"), col("s").lower().coalesce("y"));
    assert_eq!(
        chosen.to_string(),
        "if a >= 1 then 'x' else coalesce(lower(s), 'y')"
    );
    for expr in [built, tests, chosen] {
        assert_eq!(parse(&expr.to_string()), expr);
        let json = serde_json::to_string(&expr).unwrap();
        assert_eq!(serde_json::from_str::<Expr>(&json).unwrap(), expr);
    }
}

#[test]
fn no_depth_overflows_the_stack() {
    let deep = |levels: usize| (1..levels).fold(col("n"), |expr, _| expr + 1);
    assert!(deep(100).evaluate(&sales()).is_ok());
    assert_eq!(parse(&deep(100).to_string()), deep(100));
    let leaning = (1..100).fold(col("n"), |expr, _| lit(1) + expr);
    assert_eq!(parse(&leaning.to_string()), leaning);
    let error = deep(101).evaluate(&sales()).unwrap_err().to_string();
    assert_eq!(error, "parameter `expression`: nests more than 100 levels");
    assert!(serde_json::to_string(&deep(101)).is_err());
    for (open, inside, close) in [
        ("(", "a", ")"),
        ("not ", "a", ""),
        ("- ", "a", ""),
        ("abs(", "a", ")"),
        ("1 + ", "a", ""),
        ("", "a", " + 1"),
        ("if a then b else ", "a", ""),
    ] {
        let text = format!("{}{inside}{}", open.repeat(3_000), close.repeat(3_000));
        let error = text.parse::<Expr>().unwrap_err().to_string();
        assert!(
            error.ends_with("nests more than 100 levels"),
            "{open}: {error}"
        );
    }
    let long = "a".repeat(1 << 17);
    assert!(
        long.parse::<Expr>()
            .unwrap_err()
            .to_string()
            .contains("bytes long")
    );
}

#[test]
fn deep_expressions_fit_the_stack_of_a_worker_thread() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let deep = (1..99).fold(col("flag"), |expr, _| !expr);
    pool.install(|| assert!(deep.mask(&sales()).is_ok()));
    let nested = (1..100).fold(col("n"), |expr, _| col("flag").then_else(expr, 1));
    pool.install(|| assert!(nested.evaluate(&sales()).is_ok()));
}
