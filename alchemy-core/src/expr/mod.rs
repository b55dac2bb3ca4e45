//! Expressions over the columns of a row: conditions and calculations, in Rust or as text.

mod build;
mod check;
mod choose;
mod compare;
mod display;
mod evaluate;
mod member;
mod number;
mod parse;
#[cfg(test)]
mod tests;
mod text;
mod token;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use crate::{Comparison, Interval, Pattern, Scalar};

pub use build::{col, lit};

/// A condition on a row, or a calculation with its cells.
///
/// Built in Rust from [`col`] and [`lit`], or read from text; it prints as text that reads as itself, and is stored as
/// that. The variants are public, to be walked by reference and translated for another engine; each has one meaning,
/// stated here.
///
/// # Missing values
///
/// Missing is null or NaN, and comes out null. What is calculated from a missing value, or compared with one, is missing.
/// `and`, `or` and `not` are Kleene's: `false and missing` is false, `true or missing` is true. Only [`IsMissing`] and
/// [`Coalesce`] look at whether a value is there. An infinity is a value.
///
/// # Types
///
/// - **Numbers** are integers, floats and decimals. `+`, `-` and `*` of integers are calculated in 64 bits with sign: an
///   operand or a result beyond them is missing, and nothing wraps. All other arithmetic is of `Float64`, decimals as the
///   nearest float; division always is, and dividing by zero is missing, as is whatever else is no number (∞ − ∞).
/// - **Comparisons** of numbers are exact, whatever their types: no integer is rounded to be compared with a float.
/// - **Text** compares by its bytes. All Arrow encodings of it mean the same.
/// - **Dates and times** compare with each other, a time without a zone taken as UTC, and with text that is written as
///   Arrow writes them (`2024-05-01`, `2024-05-01T12:00:00`).
/// - **Booleans** are equal or not; they have no order.
///
/// A dictionary stands for its values. Types that do not go together are refused before any data is read, by name of the
/// column ([`data_type`](Self::data_type)).
///
/// # Text
///
/// | written | is | over |
/// | --- | --- | --- |
/// | `quantity`, `` `Unit Price` `` | a column; other than letters, digits and `_` takes backticks (doubled inside) | |
/// | `1`, `-2.5`, `1e3`, `inf`, `true`, `'text'`, `"text"` | a literal; a quote inside text is doubled | |
/// | `a + b`, `a - b`, `a * b`, `a / b`, `-a` | arithmetic | numbers |
/// | `a == b`, `!=`, `<`, `<=`, `>`, `>=` | a comparison; they do not chain | two of a kind |
/// | `not a`, `a and b`, `a or b` | logic, binding in this order | Booleans |
/// | `a is missing`, `a is not missing` | whether there is no value | all |
/// | `a in ('x', 'y')`, `a not in (1, 2)` | membership | all |
/// | `a within [0, 120)`, `a within ['2024-01-01', inf)` | an [`Interval`]: `[` and `]` include the bound | numbers, times |
/// | `a matches '[A-Z]+'` | a [`Pattern`] that all of the text must match | text |
/// | `a contains 'x'`, `starts_with`, `ends_with` | part of the text, to the letter | text |
/// | `lower(a)`, `length(a)` | lower case; number of characters | text |
/// | `abs(a)` | without its sign | numbers |
/// | `coalesce(a, b)` | the first that is there | two of a kind |
/// | `if a then b else c` | `b` where `a` is true, `c` where it is false, missing where that is unknown | two of a kind |
///
/// `in`, `within`, `matches`, `contains`, `starts_with` and `ends_with` take `not` before them. Names of columns that are
/// words of this table take backticks. A text is of 64 KiB at most, and nests 100 levels at most.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch};
/// use alchemy_core::{Expr, col};
///
/// let quantity = Arc::new(Int64Array::from(vec![Some(2), Some(-1), None])) as ArrayRef;
/// let price = Arc::new(Float64Array::from(vec![1.5, 4.0, 2.0])) as ArrayRef;
/// let sales = RecordBatch::try_from_iter([("quantity", quantity), ("price", price)])?;
///
/// let is_return = col("quantity").lt(0);
/// assert_eq!(is_return, "quantity < 0".parse::<Expr>()?);
/// assert_eq!(is_return.mask(&sales)?, BooleanArray::from(vec![Some(false), Some(true), None]));
///
/// let total = col("quantity") * col("price");
/// assert_eq!(total.to_string(), "quantity * price");
/// let expected = Float64Array::from(vec![Some(3.0), Some(-4.0), None]);
/// assert_eq!(total.evaluate(&sales)?.as_ref(), &expected);
///
/// let error = "quantity <".parse::<Expr>().unwrap_err();
/// assert_eq!(error.to_string(), "parameter `expression`: at character 11: expected a value, found the end");
/// let error = col("quantity").lt("many").mask(&sales).unwrap_err();
/// assert_eq!(error.to_string(), "column \"quantity\" is Int64, expected text, to compare with 'many'");
/// # Ok(())
/// # }
/// ```
///
/// [`Coalesce`]: Self::Coalesce
/// [`IsMissing`]: Self::IsMissing
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Expr {
    /// The column of this name.
    Column(String),
    /// The same value in every row.
    Literal(Scalar),
    /// A calculation with two numbers.
    Arithmetic {
        /// The number on the left.
        left: Box<Self>,
        /// What is done.
        operator: Operator,
        /// The number on the right.
        right: Box<Self>,
    },
    /// Whether two values compare so.
    Compare {
        /// The value on the left.
        left: Box<Self>,
        /// How it should compare with the one on the right.
        is: Comparison,
        /// The value on the right.
        right: Box<Self>,
    },
    /// Whether both are true.
    And(Box<Self>, Box<Self>),
    /// Whether one is true.
    Or(Box<Self>, Box<Self>),
    /// Whether it is false.
    Not(Box<Self>),
    /// Whether there is no value; never missing itself.
    IsMissing(Box<Self>),
    /// Whether the value is one of these.
    OneOf(Box<Self>, Vec<Scalar>),
    /// Whether the number, date or time lies in an interval.
    Within(Box<Self>, Interval),
    /// Whether all of the text matches a pattern.
    Matches(Box<Self>, Pattern),
    /// Whether this is a part of the text.
    Contains(Box<Self>, String),
    /// Whether the text begins so.
    StartsWith(Box<Self>, String),
    /// Whether the text ends so.
    EndsWith(Box<Self>, String),
    /// The text in lower case, by Unicode's rules.
    Lower(Box<Self>),
    /// How many characters the text has, as `Int64`.
    Length(Box<Self>),
    /// The number without its sign.
    Abs(Box<Self>),
    /// The first value, or the second where that is missing.
    Coalesce(Box<Self>, Box<Self>),
    /// One of two values.
    If {
        /// Which of them; where it is missing, the result is.
        condition: Box<Self>,
        /// The value where the condition is true.
        then: Box<Self>,
        /// The value where it is false.
        otherwise: Box<Self>,
    },
}

/// What is done to two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, always of `Float64`.
    Divide,
}

impl Operator {
    fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}

impl FromStr for Expr {
    type Err = crate::Error;

    /// Reads the text of an expression.
    fn from_str(text: &str) -> crate::Result<Self> {
        parse::parse(text)
    }
}

/// Text that reads as the expression, but for one that [`check`](Self::check) refuses.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display::write(self, f)
    }
}

impl Serialize for Expr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.check().map_err(ser::Error::custom)?;
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// A literal.
impl<T: Into<Scalar>> From<T> for Expr {
    fn from(value: T) -> Self {
        Self::Literal(value.into())
    }
}
