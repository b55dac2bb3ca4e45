//! Expressions as text.

use std::fmt::{Formatter, Result, Write};
use std::ops::Bound;

use super::token::{is_name, is_word};
use super::{Expr, Operator};
use crate::Scalar;

/// How tightly the parts of an expression bind.
pub(super) mod power {
    pub(in super::super) const IF: u8 = 0;
    pub(in super::super) const OR: u8 = 1;
    pub(in super::super) const AND: u8 = 2;
    pub(in super::super) const NOT: u8 = 3;
    pub(in super::super) const COMPARE: u8 = 4;
    pub(in super::super) const ADD: u8 = 5;
    pub(in super::super) const MULTIPLY: u8 = 6;
    pub(in super::super) const ATOM: u8 = 7;
}

pub(super) fn write(expr: &Expr, f: &mut Formatter<'_>) -> Result {
    operand(expr, power::IF, f)
}

/// Writes `expr` where something that binds at least as tightly as `least` can stand.
fn operand(expr: &Expr, least: u8, f: &mut Formatter<'_>) -> Result {
    if power_of(expr) >= least {
        return node(expr, f);
    }
    f.write_char('(')?;
    node(expr, f)?;
    f.write_char(')')
}

fn power_of(expr: &Expr) -> u8 {
    match expr {
        Expr::If { .. } => power::IF,
        Expr::Or(..) => power::OR,
        Expr::And(..) => power::AND,
        Expr::Not(of) if !takes_not(of) => power::NOT,
        Expr::Not(_)
        | Expr::Compare { .. }
        | Expr::IsMissing(_)
        | Expr::OneOf(..)
        | Expr::Within(..)
        | Expr::Matches(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::EndsWith(..) => power::COMPARE,
        Expr::Arithmetic { operator, .. } => power_of_operator(*operator),
        Expr::Column(_)
        | Expr::Literal(_)
        | Expr::Lower(_)
        | Expr::Length(_)
        | Expr::Abs(_)
        | Expr::Coalesce(..) => power::ATOM,
    }
}

pub(super) fn power_of_operator(operator: Operator) -> u8 {
    match operator {
        Operator::Add | Operator::Subtract => power::ADD,
        Operator::Multiply | Operator::Divide => power::MULTIPLY,
    }
}

/// Whether its denial is written inside it, as in `x is not missing`.
fn takes_not(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::IsMissing(_)
            | Expr::OneOf(..)
            | Expr::Within(..)
            | Expr::Matches(..)
            | Expr::Contains(..)
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
    )
}

fn node(expr: &Expr, f: &mut Formatter<'_>) -> Result {
    match expr {
        Expr::Column(name) => column(name, f),
        Expr::Literal(value) => scalar(value, f),
        Expr::Arithmetic {
            left,
            operator,
            right,
        } => {
            let power = power_of_operator(*operator);
            infix(left, power, operator.symbol(), right, f)
        }
        Expr::Compare { left, is, right } => {
            operand(left, power::ADD, f)?;
            write!(f, " {} ", is.symbol())?;
            operand(right, power::ADD, f)
        }
        Expr::And(left, right) => infix(left, power::AND, "and", right, f),
        Expr::Or(left, right) => infix(left, power::OR, "or", right, f),
        Expr::Not(of) if takes_not(of) => test(of, true, f),
        Expr::Not(of) => {
            f.write_str("not ")?;
            operand(of, power::NOT, f)
        }
        Expr::Lower(of) => call("lower", &[of], f),
        Expr::Length(of) => call("length", &[of], f),
        Expr::Abs(of) => call("abs", &[of], f),
        Expr::Coalesce(first, second) => call("coalesce", &[first, second], f),
        Expr::If {
            condition,
            then,
            otherwise,
        } => {
            f.write_str("if ")?;
            operand(condition, power::OR, f)?;
            f.write_str(" then ")?;
            operand(then, power::OR, f)?;
            f.write_str(" else ")?;
            operand(otherwise, power::IF, f)
        }
        _ => test(expr, false, f),
    }
}

fn infix(left: &Expr, power: u8, word: &str, right: &Expr, f: &mut Formatter<'_>) -> Result {
    operand(left, power, f)?;
    write!(f, " {word} ")?;
    operand(right, power + 1, f)
}

fn call(name: &str, arguments: &[&Expr], f: &mut Formatter<'_>) -> Result {
    write!(f, "{name}(")?;
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        operand(argument, power::IF, f)?;
    }
    f.write_char(')')
}

/// A test that stands behind what it is about, or its denial.
fn test(expr: &Expr, denied: bool, f: &mut Formatter<'_>) -> Result {
    let mut about = |of: &Expr, word: &str| {
        operand(of, power::ADD, f)?;
        f.write_str(if denied { " not " } else { " " })?;
        f.write_str(word)?;
        f.write_char(' ')
    };
    match expr {
        Expr::IsMissing(of) => {
            operand(of, power::ADD, f)?;
            f.write_str(if denied {
                " is not missing"
            } else {
                " is missing"
            })
        }
        Expr::OneOf(of, values) => {
            about(of, "in")?;
            f.write_char('(')?;
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                scalar(value, f)?;
            }
            f.write_char(')')
        }
        Expr::Within(of, interval) => {
            about(of, "within")?;
            let (low, high) = interval.bounds();
            match low {
                Bound::Unbounded => f.write_str("(-inf")?,
                Bound::Included(bound) => scalar_after("[", bound, f)?,
                Bound::Excluded(bound) => scalar_after("(", bound, f)?,
            }
            f.write_str(", ")?;
            match high {
                Bound::Unbounded => f.write_str("inf)"),
                Bound::Included(bound) => scalar(bound, f).and_then(|()| f.write_char(']')),
                Bound::Excluded(bound) => scalar(bound, f).and_then(|()| f.write_char(')')),
            }
        }
        Expr::Matches(of, pattern) => {
            about(of, "matches")?;
            quoted(pattern.as_str(), '\'', f)
        }
        Expr::Contains(of, part) => {
            about(of, "contains")?;
            quoted(part, '\'', f)
        }
        Expr::StartsWith(of, start) => {
            about(of, "starts_with")?;
            quoted(start, '\'', f)
        }
        Expr::EndsWith(of, end) => {
            about(of, "ends_with")?;
            quoted(end, '\'', f)
        }
        other => operand(other, power::ATOM, f),
    }
}

fn column(name: &str, f: &mut Formatter<'_>) -> Result {
    if is_name(name) && !is_word(name) {
        f.write_str(name)
    } else {
        quoted(name, '`', f)
    }
}

fn scalar(value: &Scalar, f: &mut Formatter<'_>) -> Result {
    match value {
        Scalar::Boolean(value) => write!(f, "{value}"),
        Scalar::Integer(value) => write!(f, "{value}"),
        // With a point or an exponent, so that it does not read as an integer; `inf` is one of the words.
        Scalar::Number(value) => write!(f, "{value:?}"),
        Scalar::Text(text) => quoted(text, '\'', f),
    }
}

fn scalar_after(open: &str, value: &Scalar, f: &mut Formatter<'_>) -> Result {
    f.write_str(open)?;
    scalar(value, f)
}

/// `text` between two `quote`s, those inside doubled.
fn quoted(text: &str, quote: char, f: &mut Formatter<'_>) -> Result {
    f.write_char(quote)?;
    for c in text.chars() {
        if c == quote {
            f.write_char(quote)?;
        }
        f.write_char(c)?;
    }
    f.write_char(quote)
}

pub(super) fn name_of(expr: &Expr) -> String {
    match expr {
        Expr::Column(name) => name.clone(),
        other => other.to_string(),
    }
}
