//! Expressions written in Rust.

use std::ops::{Add, Div, Mul, Neg, Not, Sub};

use super::{Expr, Operator};
use crate::{Comparison, Interval, Pattern, Scalar};

/// The column called `name`, in an [`Expr`].
///
/// # Examples
///
/// ```
/// use alchemy_core::col;
///
/// assert_eq!((col("a") + col("b c")).lt(1).to_string(), "a + `b c` < 1");
/// ```
#[must_use]
pub fn col(name: impl Into<String>) -> Expr {
    Expr::Column(name.into())
}

/// The same value in every row, in an [`Expr`]. Where an expression is asked for, a plain value stands for it too.
///
/// # Examples
///
/// ```
/// use alchemy_core::{col, lit};
///
/// assert_eq!((lit(1) - col("share")).to_string(), "1 - share");
/// assert_eq!(col("x").gt(0.5), col("x").gt(lit(0.5)));
/// ```
#[must_use]
pub fn lit(value: impl Into<Scalar>) -> Expr {
    Expr::Literal(value.into())
}

impl Expr {
    pub(super) fn compare(self, is: Comparison, right: impl Into<Self>) -> Self {
        Self::Compare {
            left: Box::new(self),
            is,
            right: Box::new(right.into()),
        }
    }

    /// `self == other`.
    #[must_use]
    pub fn eq(self, other: impl Into<Self>) -> Self {
        self.compare(Comparison::Equal, other)
    }

    /// `self != other`.
    #[must_use]
    pub fn not_eq(self, other: impl Into<Self>) -> Self {
        self.compare(Comparison::NotEqual, other)
    }

    /// `self < other`.
    #[must_use]
    pub fn lt(self, other: impl Into<Self>) -> Self {
        self.compare(Comparison::Below, other)
    }

    /// `self <= other`.
    #[must_use]
    pub fn lt_eq(self, other: impl Into<Self>) -> Self {
        self.compare(Comparison::AtMost, other)
    }

    /// `self > other`.
    #[must_use]
    pub fn gt(self, other: impl Into<Self>) -> Self {
        self.compare(Comparison::Above, other)
    }

    /// `self >= other`.
    #[must_use]
    pub fn gt_eq(self, other: impl Into<Self>) -> Self {
        self.compare(Comparison::AtLeast, other)
    }

    /// `self and other`.
    #[must_use]
    pub fn and(self, other: impl Into<Self>) -> Self {
        Self::And(Box::new(self), Box::new(other.into()))
    }

    /// `self or other`.
    #[must_use]
    pub fn or(self, other: impl Into<Self>) -> Self {
        Self::Or(Box::new(self), Box::new(other.into()))
    }

    /// `self is missing`.
    #[must_use]
    pub fn is_missing(self) -> Self {
        Self::IsMissing(Box::new(self))
    }

    /// `self in (values)`.
    #[must_use]
    pub fn one_of<T: Into<Scalar>>(self, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().map(Into::into);
        Self::OneOf(Box::new(self), values.collect())
    }

    /// `self within interval`.
    #[must_use]
    pub fn within(self, interval: Interval) -> Self {
        Self::Within(Box::new(self), interval)
    }

    /// `self matches pattern`.
    #[must_use]
    pub fn matches(self, pattern: Pattern) -> Self {
        Self::Matches(Box::new(self), pattern)
    }

    /// `self contains part`.
    #[must_use]
    pub fn contains(self, part: impl Into<String>) -> Self {
        Self::Contains(Box::new(self), part.into())
    }

    /// `self starts_with start`.
    #[must_use]
    pub fn starts_with(self, start: impl Into<String>) -> Self {
        Self::StartsWith(Box::new(self), start.into())
    }

    /// `self ends_with end`.
    #[must_use]
    pub fn ends_with(self, end: impl Into<String>) -> Self {
        Self::EndsWith(Box::new(self), end.into())
    }

    /// `lower(self)`.
    #[must_use]
    pub fn lower(self) -> Self {
        Self::Lower(Box::new(self))
    }

    /// `length(self)`.
    #[must_use]
    pub fn length(self) -> Self {
        Self::Length(Box::new(self))
    }

    /// `abs(self)`.
    #[must_use]
    pub fn abs(self) -> Self {
        Self::Abs(Box::new(self))
    }

    /// `coalesce(self, other)`.
    #[must_use]
    pub fn coalesce(self, other: impl Into<Self>) -> Self {
        Self::Coalesce(Box::new(self), Box::new(other.into()))
    }

    /// `if self then value else otherwise`.
    #[must_use]
    pub fn then_else(self, value: impl Into<Self>, otherwise: impl Into<Self>) -> Self {
        Self::If {
            condition: Box::new(self),
            then: Box::new(value.into()),
            otherwise: Box::new(otherwise.into()),
        }
    }

    pub(super) fn arithmetic(self, operator: Operator, right: Self) -> Self {
        Self::Arithmetic {
            left: Box::new(self),
            operator,
            right: Box::new(right),
        }
    }
}

macro_rules! operator {
    ($($name:ident $method:ident $operator:ident)*) => {
        $(impl<T: Into<Expr>> $name<T> for Expr {
            type Output = Self;

            fn $method(self, right: T) -> Self {
                self.arithmetic(Operator::$operator, right.into())
            }
        })*
    };
}
operator!(Add add Add Sub sub Subtract Mul mul Multiply Div div Divide);

/// `0 - self`, which is the same.
impl Neg for Expr {
    type Output = Self;

    fn neg(self) -> Self {
        lit(0).arithmetic(Operator::Subtract, self)
    }
}

impl Not for Expr {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}
