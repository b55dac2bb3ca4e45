//! Expressions beside an evaluator that takes one row after another, and their text.
#![expect(
    clippy::cast_possible_truncation,
    reason = "whole floats in range, and floats that are meant to be narrower"
)]

use std::ops::Bound;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, UInt64Array,
};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use alchemy_core::{Comparison, Expr, Interval, Operator, Pattern, Scalar, col, lit};
use proptest::prelude::*;

/// A cell; floats are never NaN.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Missing,
    Flag(bool),
    Whole(i128),
    Float(f64),
    Text(String),
}

/// The type of an expression, as far as results depend on it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Signed,
    Unsigned,
    Float,
    Other,
}

use Cell::{Flag, Float, Missing, Text, Whole};

fn float(value: f64) -> Cell {
    if value.is_nan() {
        Missing
    } else {
        Float(value)
    }
}

fn kind(expr: &Expr) -> Kind {
    match expr {
        Expr::Column(name) => match name.as_str() {
            "i" | "j" => Kind::Signed,
            "u" => Kind::Unsigned,
            "x" | "f" => Kind::Float,
            _ => Kind::Other,
        },
        Expr::Literal(Scalar::Integer(value)) if i64::try_from(*value).is_ok() => Kind::Signed,
        Expr::Literal(Scalar::Integer(_)) => Kind::Unsigned,
        Expr::Literal(Scalar::Number(_)) => Kind::Float,
        Expr::Arithmetic {
            left,
            operator,
            right,
        } => {
            let whole = kind(left) != Kind::Float && kind(right) != Kind::Float;
            if whole && *operator != Operator::Divide {
                Kind::Signed
            } else {
                Kind::Float
            }
        }
        Expr::Abs(of) if kind(of) == Kind::Float => Kind::Float,
        Expr::Abs(_) | Expr::Length(_) => Kind::Signed,
        Expr::Coalesce(a, b) => common(a, b),
        Expr::If {
            then, otherwise, ..
        } => common(then, otherwise),
        _ => Kind::Other,
    }
}

fn common(a: &Expr, b: &Expr) -> Kind {
    let natural =
        |expr: &Expr| matches!(expr, Expr::Literal(Scalar::Integer(value)) if *value >= 0);
    match (kind(a), kind(b)) {
        (a, b) if a == b => a,
        (Kind::Unsigned, Kind::Signed) if natural(b) => Kind::Unsigned,
        (Kind::Signed, Kind::Unsigned) if natural(a) => Kind::Unsigned,
        _ => Kind::Float,
    }
}

fn as_kind(cell: Cell, kind: Kind) -> Cell {
    match (cell, kind) {
        (Whole(value), Kind::Float) => Float(value as f64),
        (cell, _) => cell,
    }
}

/// Exact, by the whole part and then the rest.
fn order(a: &Cell, b: &Cell) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Whole(a), Whole(b)) => Some(a.cmp(b)),
        (Float(a), Float(b)) => a.partial_cmp(b),
        (Text(a), Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Flag(a), Flag(b)) => Some(a.cmp(b)),
        (Whole(a), Float(b)) => {
            if b.abs() >= 2_f64.powi(70) {
                return 0.0.partial_cmp(b);
            }
            let floor = b.floor();
            let rest = if *b > floor {
                std::cmp::Ordering::Less
            } else {
                std::cmp::Ordering::Equal
            };
            Some(a.cmp(&(floor as i128)).then(rest))
        }
        (Float(_), Whole(_)) => order(b, a).map(std::cmp::Ordering::reverse),
        _ => None,
    }
}

fn holds(is: Comparison, order: std::cmp::Ordering) -> bool {
    match is {
        Comparison::Below => order.is_lt(),
        Comparison::AtMost => !order.is_gt(),
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => !order.is_eq(),
        Comparison::Above => order.is_gt(),
        Comparison::AtLeast => !order.is_lt(),
    }
}

fn arithmetic(a: Cell, operator: Operator, b: Cell) -> Cell {
    if let (Whole(a), Whole(b)) = (&a, &b)
        && operator != Operator::Divide
    {
        let narrow = |value: &i128| i64::try_from(*value).is_ok();
        let value = match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            _ if narrow(a) && narrow(b) => a * b,
            _ => return Missing,
        };
        return if narrow(a) && narrow(b) && narrow(&value) {
            Whole(value)
        } else {
            Missing
        };
    }
    let (Float(a), Float(b)) = (as_kind(a, Kind::Float), as_kind(b, Kind::Float)) else {
        return Missing;
    };
    match operator {
        Operator::Add => float(a + b),
        Operator::Subtract => float(a - b),
        Operator::Multiply => float(a * b),
        Operator::Divide if b == 0.0 => Missing,
        Operator::Divide => float(a / b),
    }
}

fn literal(value: &Scalar) -> Cell {
    match value {
        Scalar::Boolean(value) => Flag(*value),
        Scalar::Integer(value) => Whole(*value),
        Scalar::Number(value) => Float(*value),
        Scalar::Text(text) => Text(text.clone()),
        other => panic!("{other}"),
    }
}

type Row<'a> = &'a dyn Fn(&str) -> Cell;

fn of_text(of: &Expr, row: Row<'_>, test: impl Fn(&str) -> Cell) -> Cell {
    match value(of, row) {
        Text(text) => test(&text),
        _ => Missing,
    }
}

fn value(expr: &Expr, row: Row<'_>) -> Cell {
    match expr {
        Expr::Column(name) => row(name),
        Expr::Literal(of) => literal(of),
        Expr::Arithmetic {
            left,
            operator,
            right,
        } => arithmetic(value(left, row), *operator, value(right, row)),
        Expr::Compare { left, is, right } => order(&value(left, row), &value(right, row))
            .map_or(Missing, |order| Flag(holds(*is, order))),
        Expr::And(a, b) => match (value(a, row), value(b, row)) {
            (Flag(false), _) | (_, Flag(false)) => Flag(false),
            (Flag(true), Flag(true)) => Flag(true),
            _ => Missing,
        },
        Expr::Or(a, b) => match (value(a, row), value(b, row)) {
            (Flag(true), _) | (_, Flag(true)) => Flag(true),
            (Flag(false), Flag(false)) => Flag(false),
            _ => Missing,
        },
        Expr::Not(of) => match value(of, row) {
            Flag(flag) => Flag(!flag),
            _ => Missing,
        },
        Expr::IsMissing(of) => Flag(value(of, row) == Missing),
        Expr::OneOf(of, values) => match value(of, row) {
            Missing => Missing,
            cell => Flag(
                values
                    .iter()
                    .any(|other| order(&cell, &literal(other)) == Some(std::cmp::Ordering::Equal)),
            ),
        },
        Expr::Within(of, interval) => match value(of, row) {
            Missing => Missing,
            cell => {
                let (low, high) = interval.bounds();
                let order = |bound: &Scalar| order(&cell, &literal(bound)).unwrap();
                let above = match low {
                    Bound::Unbounded => true,
                    Bound::Included(low) => order(low).is_ge(),
                    Bound::Excluded(low) => order(low).is_gt(),
                };
                let below = match high {
                    Bound::Unbounded => true,
                    Bound::Included(high) => order(high).is_le(),
                    Bound::Excluded(high) => order(high).is_lt(),
                };
                Flag(above && below)
            }
        },
        Expr::Matches(of, pattern) => of_text(of, row, |text| Flag(pattern.is_match(text))),
        Expr::Contains(of, part) => of_text(of, row, |text| Flag(text.contains(part.as_str()))),
        Expr::StartsWith(of, part) => {
            of_text(of, row, |text| Flag(text.starts_with(part.as_str())))
        }
        Expr::EndsWith(of, part) => of_text(of, row, |text| Flag(text.ends_with(part.as_str()))),
        Expr::Lower(of) => of_text(of, row, |text| Text(text.to_lowercase())),
        Expr::Length(of) => of_text(of, row, |text| Whole(text.chars().count() as i128)),
        Expr::Abs(of) => match value(of, row) {
            Whole(value) if i64::try_from(value.abs()).is_ok() => Whole(value.abs()),
            Float(value) => Float(value.abs()),
            _ => Missing,
        },
        Expr::Coalesce(a, b) => match value(a, row) {
            Missing => as_kind(value(b, row), common(a, b)),
            cell => as_kind(cell, common(a, b)),
        },
        Expr::If {
            condition,
            then,
            otherwise,
        } => match value(condition, row) {
            Flag(true) => as_kind(value(then, row), common(then, otherwise)),
            Flag(false) => as_kind(value(otherwise, row), common(then, otherwise)),
            _ => Missing,
        },
        other => panic!("{other}"),
    }
}

fn cells(array: &ArrayRef) -> Vec<Cell> {
    let array = match array.data_type() {
        DataType::Dictionary(_, of) => cast(array, of).unwrap(),
        _ => array.clone(),
    };
    let wide = |data_type| cast(&array, &data_type).unwrap();
    let cell = |row: usize| -> Cell {
        if array.is_null(row) {
            return Missing;
        }
        match array.data_type() {
            DataType::Boolean => Flag(array.as_boolean().value(row)),
            DataType::UInt64 => Whole(array.as_primitive::<UInt64Type>().value(row).into()),
            other if other.is_integer() => Whole(
                wide(DataType::Int64)
                    .as_primitive::<Int64Type>()
                    .value(row)
                    .into(),
            ),
            other if other.is_floating() => float(
                wide(DataType::Float64)
                    .as_primitive::<Float64Type>()
                    .value(row),
            ),
            _ => Text(
                wide(DataType::Utf8)
                    .as_string::<i32>()
                    .value(row)
                    .to_owned(),
            ),
        }
    };
    (0..array.len()).map(cell).collect()
}

const FLOATS: [f64; 12] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    0.5,
    -1.0,
    1e300,
    3.0,
    -(i64::MIN as f64),
    i64::MIN as f64,
    u64::MAX as f64,
];
const WHOLE: [i64; 9] = [
    i64::MIN,
    i64::MIN + 1,
    i64::MAX,
    i64::MAX - 1,
    (1 << 53) + 1,
    0,
    1,
    -1,
    3,
];
const TEXTS: [&str; 7] = ["", "a", "A", "ab", "ÄΣ", "İx", "it's"];

type Cells = (
    Option<i64>,
    Option<i32>,
    Option<u64>,
    Option<f64>,
    Option<f32>,
    Option<usize>,
    Option<bool>,
);

fn table() -> impl Strategy<Value = RecordBatch> {
    let of = proptest::option::of::<BoxedStrategy<i64>>;
    let whole =
        || prop_oneof![2 => proptest::sample::select(&WHOLE[..]), 1 => any::<i64>()].boxed();
    let float = || prop_oneof![2 => proptest::sample::select(&FLOATS[..]), 1 => any::<f64>()];
    let row = (
        of(whole()),
        proptest::option::of(-3_i32..4),
        proptest::option::of(whole().prop_map(i64::cast_unsigned)),
        proptest::option::of(float()),
        proptest::option::of(float().prop_map(|value| value as f32)),
        proptest::option::of(0..TEXTS.len()),
        proptest::option::of(any::<bool>()),
    );
    (
        proptest::collection::vec(row, 0..12),
        0_usize..3,
        any::<bool>(),
        0_usize..4,
    )
        .prop_map(|(rows, text_type, packed, offset)| batch(&rows, text_type, packed, offset))
}

/// The rows as a batch, in some encoding, after `offset` rows that are sliced off.
fn batch(rows: &[Cells], text_type: usize, packed: bool, offset: usize) -> RecordBatch {
    let text = |row: &Cells| row.5.map(|index| TEXTS[index]);
    let columns: [(&str, ArrayRef); 7] = [
        (
            "i",
            Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
        ),
        (
            "j",
            Arc::new(rows.iter().map(|row| row.1).collect::<Int32Array>()),
        ),
        (
            "u",
            Arc::new(rows.iter().map(|row| row.2).collect::<UInt64Array>()),
        ),
        (
            "x",
            Arc::new(rows.iter().map(|row| row.3).collect::<Float64Array>()),
        ),
        (
            "f",
            Arc::new(rows.iter().map(|row| row.4).collect::<Float32Array>()),
        ),
        (
            "s",
            Arc::new(rows.iter().map(text).collect::<StringArray>()),
        ),
        (
            "b",
            Arc::new(rows.iter().map(|row| row.6).collect::<BooleanArray>()),
        ),
    ];
    let encoded = |(name, array): (&'static str, ArrayRef)| {
        let array = match name {
            "s" => {
                let types = [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View];
                cast(&array, &types[text_type]).unwrap()
            }
            _ => array,
        };
        if packed && !matches!(name, "b" | "s") || packed && text_type < 2 && name == "s" {
            let value = Box::new(array.data_type().clone());
            return (
                name,
                cast(
                    &array,
                    &DataType::Dictionary(Box::new(DataType::Int8), value),
                )
                .unwrap(),
                true,
            );
        }
        (name, array, true)
    };
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(encoded)).unwrap();
    let offset = offset.min(batch.num_rows());
    batch.slice(offset, batch.num_rows() - offset)
}

fn operator() -> impl Strategy<Value = Operator> {
    proptest::sample::select(vec![
        Operator::Add,
        Operator::Subtract,
        Operator::Multiply,
        Operator::Divide,
    ])
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::{Above, AtLeast, AtMost, Below, Equal, NotEqual};
    proptest::sample::select(vec![Below, AtMost, Equal, NotEqual, Above, AtLeast])
}

fn number_literal() -> BoxedStrategy<Scalar> {
    prop_oneof![
        proptest::sample::select(&WHOLE[..]).prop_map(Scalar::from),
        Just(Scalar::from(u64::MAX)),
        proptest::sample::select(&FLOATS[1..]).prop_map(Scalar::from),
    ]
    .boxed()
}

fn number(depth: u32) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        3 => proptest::sample::select(vec!["i", "j", "u", "x", "f"]).prop_map(col),
        1 => number_literal().prop_map(Expr::from),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let less = || number(depth - 1);
    prop_oneof![
        1 => leaf,
        3 => (less(), operator(), less()).prop_map(|(left, operator, right)| Expr::Arithmetic {
            left: Box::new(left), operator, right: Box::new(right),
        }),
        1 => less().prop_map(Expr::abs),
        1 => text(depth - 1).prop_map(Expr::length),
        1 => (less(), less()).prop_map(|(a, b)| a.coalesce(b)),
        1 => (condition(depth - 1), less(), less()).prop_map(|(c, a, b)| c.then_else(a, b)),
    ]
    .boxed()
}

/// A bound that an interval may have.
fn bound() -> BoxedStrategy<Bound<Scalar>> {
    let finite = number_literal().prop_filter("finite", |value| match value {
        Scalar::Number(value) => value.is_finite(),
        _ => true,
    });
    prop_oneof![
        1 => Just(Bound::Unbounded),
        2 => finite.clone().prop_map(Bound::Included),
        2 => finite.prop_map(Bound::Excluded),
    ]
    .boxed()
}

fn within(depth: u32) -> BoxedStrategy<Expr> {
    (number(depth), bound(), bound())
        .prop_map(|(of, low, high)| match Interval::new((low, high)) {
            Ok(interval) => of.within(interval),
            // Reversed, or without a bound.
            Err(_) => of.is_missing(),
        })
        .boxed()
}

fn text(depth: u32) -> BoxedStrategy<Expr> {
    let leaf =
        prop_oneof![3 => Just(col("s")), 1 => proptest::sample::select(&TEXTS[..]).prop_map(lit)];
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        2 => leaf,
        1 => text(depth - 1).prop_map(Expr::lower),
        1 => (text(depth - 1), text(depth - 1)).prop_map(|(a, b)| a.coalesce(b)),
        1 => (condition(depth - 1), text(depth - 1), text(depth - 1)).prop_map(|(c, a, b)| c.then_else(a, b)),
    ]
    .boxed()
}

fn compared(of: BoxedStrategy<Expr>, with: BoxedStrategy<Expr>) -> BoxedStrategy<Expr> {
    (of, comparison(), with)
        .prop_map(|(left, is, right)| Expr::Compare {
            left: Box::new(left),
            is,
            right: Box::new(right),
        })
        .boxed()
}

fn condition(depth: u32) -> BoxedStrategy<Expr> {
    let part = || proptest::sample::select(&TEXTS[..]);
    let pattern = proptest::sample::select(vec!["a.*", "", "[ÄA].", "it's"])
        .prop_map(|source| Pattern::new(source).unwrap());
    let leaf = prop_oneof![Just(col("b")), any::<bool>().prop_map(lit)];
    if depth == 0 {
        return leaf.boxed();
    }
    let less = || condition(depth - 1);
    prop_oneof![
        1 => leaf,
        4 => compared(number(depth - 1), number(depth - 1)),
        2 => within(depth - 1),
        1 => compared(text(depth - 1), text(depth - 1)),
        1 => (number(depth - 1), proptest::collection::vec(number_literal(), 1..4)).prop_map(|(of, values)| of.one_of(values)),
        1 => (text(depth - 1), proptest::collection::vec(part(), 1..4)).prop_map(|(of, values)| of.one_of(values)),
        2 => (less(), less()).prop_map(|(a, b)| a.and(b)),
        2 => (less(), less()).prop_map(|(a, b)| a.or(b)),
        1 => less().prop_map(|of| !of),
        1 => number(depth - 1).prop_map(Expr::is_missing),
        1 => text(depth - 1).prop_map(Expr::is_missing),
        1 => (text(depth - 1), pattern).prop_map(|(of, pattern)| of.matches(pattern)),
        1 => (text(depth - 1), part()).prop_map(|(of, part)| of.contains(part)),
        1 => (text(depth - 1), part()).prop_map(|(of, part)| of.starts_with(part)),
        1 => (text(depth - 1), part()).prop_map(|(of, part)| of.ends_with(part)),
    ]
    .boxed()
}

/// Any expression at all, whatever its types.
fn anything() -> impl Strategy<Value = Expr> {
    let scalar = || {
        prop_oneof![
            any::<bool>().prop_map(Scalar::from),
            any::<i64>().prop_map(Scalar::from),
            any::<u64>().prop_map(Scalar::from),
            any::<f64>()
                .prop_filter("a value", |value| !value.is_nan())
                .prop_map(Scalar::from),
            "\\PC{0,4}|['\"`]{0,3}".prop_map(Scalar::from),
        ]
    };
    let name = "[a-z]{1,3}|\\PC{0,3}|`{0,3}|and|not|in|within|lower|inf|missing";
    let leaf = prop_oneof![name.prop_map(col), scalar().prop_map(Expr::from)];
    leaf.prop_recursive(6, 40, 3, move |of| {
        let pair = (of.clone(), of.clone());
        let interval = (-5_i64..5, 0_i64..5).prop_map(|(low, width)| match width {
            0 => Interval::new(low..=low),
            1 => Interval::new(low..),
            2 => Interval::new(..low as f64 / 3.0),
            3 => Interval::new("2024-01-01".."2025-01-01"),
            _ => Interval::new(low..low + width),
        });
        prop_oneof![
            (pair.clone(), operator()).prop_map(|((left, right), operator)| Expr::Arithmetic {
                left: Box::new(left),
                operator,
                right: Box::new(right)
            }),
            (pair.clone(), comparison()).prop_map(|((left, right), is)| Expr::Compare {
                left: Box::new(left),
                is,
                right: Box::new(right)
            }),
            pair.clone().prop_map(|(a, b)| a.and(b)),
            pair.clone().prop_map(|(a, b)| a.or(b)),
            of.clone().prop_map(|of| !of),
            of.clone().prop_map(|of| -of),
            of.clone().prop_map(Expr::is_missing),
            (of.clone(), proptest::collection::vec(scalar(), 1..3))
                .prop_map(|(of, values)| of.one_of(values)),
            (of.clone(), interval).prop_map(|(of, interval)| of.within(interval.unwrap())),
            (of.clone(), "[a-z'+]{0,4}").prop_map(|(of, source)| match Pattern::new(source) {
                Ok(pattern) => of.matches(pattern),
                Err(_) => of.lower(),
            }),
            (of.clone(), "['\"a]{0,3}").prop_map(|(of, part)| of.contains(part)),
            (of.clone(), "['\"a]{0,3}").prop_map(|(of, part)| of.starts_with(part)),
            (of.clone(), "['\"a]{0,3}").prop_map(|(of, part)| of.ends_with(part)),
            of.clone().prop_map(Expr::length),
            of.clone().prop_map(Expr::abs),
            pair.prop_map(|(a, b)| a.coalesce(b)),
            (of.clone(), of.clone(), of).prop_map(|(c, a, b)| c.then_else(a, b)),
        ]
    })
}

/// Equal to the bit.
fn same(ours: &Cell, theirs: &Cell) -> bool {
    match (ours, theirs) {
        (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

fn check(expr: &Expr, batch: &RecordBatch) {
    let ours = expr
        .evaluate(batch)
        .unwrap_or_else(|error| panic!("{expr}: {error}"));
    assert_eq!(
        *ours.data_type(),
        expr.data_type(batch.schema_ref()).unwrap(),
        "{expr}"
    );
    ours.to_data().validate_full().unwrap();
    let columns: Vec<(String, Vec<Cell>)> = batch
        .schema_ref()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, array)| (field.name().clone(), cells(array)))
        .collect();
    for (row, ours) in cells(&ours).iter().enumerate() {
        let cell =
            |name: &str| columns.iter().find(|(column, _)| column == name).unwrap().1[row].clone();
        let theirs = value(expr, &cell);
        assert!(
            same(ours, &theirs),
            "{expr}, row {row}: {ours:?}, by rows {theirs:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn numbers_are_those_of_an_evaluator_by_rows(expr in number(3), batch in table()) {
        check(&expr, &batch);
    }

    #[test]
    fn conditions_are_those_of_an_evaluator_by_rows(expr in condition(3), batch in table()) {
        check(&expr, &batch);
        let mask = expr.mask(&batch).unwrap();
        let (holds, fails) = (expr.holds(&batch).unwrap(), expr.fails(&batch).unwrap());
        for (row, known) in mask.iter().enumerate() {
            prop_assert_eq!((holds.value(row), fails.value(row)), (known == Some(true), known == Some(false)));
        }
    }

    #[test]
    fn texts_are_those_of_an_evaluator_by_rows(expr in text(3), batch in table()) {
        check(&expr, &batch);
    }

    #[test]
    fn text_reads_as_what_printed_it(expr in anything()) {
        let text = expr.to_string();
        let read: Expr = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        prop_assert_eq!(&read, &expr, "{}", text);
        let json = serde_json::to_string(&expr).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Expr>(&json).unwrap(), &expr);
    }

    #[test]
    fn no_text_and_no_types_make_it_panic(expr in anything(), cut in any::<proptest::sample::Index>(), batch in table()) {
        let text = expr.to_string();
        let at = text.char_indices().map(|(at, _)| at).nth(cut.index(text.chars().count().max(1))).unwrap_or(0);
        let _ = text[..at].parse::<Expr>();
        let _ = text[at..].parse::<Expr>();
        let _ = expr.evaluate(&batch);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[ -~ä∞]{0,24}") {
        if let Ok(expr) = text.parse::<Expr>() {
            prop_assert_eq!(expr.to_string().parse::<Expr>().unwrap(), expr);
        }
    }
}

#[test]
fn rows_of_several_chunks_come_in_order() {
    let rows = 200_000;
    let n = Arc::new(Int64Array::from_iter_values(0..rows)) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("n", n)]).unwrap();
    let twice = (col("n") * 2).evaluate(&batch).unwrap();
    assert_eq!(
        twice.as_ref(),
        &Int64Array::from_iter_values((0..rows).map(|n| n * 2))
    );
}
