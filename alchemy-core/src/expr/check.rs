//! What an expression names, and whether it is one that can be held against data.

use super::Expr;
use crate::{Error, Result, Scalar};

/// Levels that an expression nests at most, so that no stack overflows: people write a dozen.
pub(super) const MAX_DEPTH: usize = 100;

impl Expr {
    /// The columns it reads, each once, in the order in which they are named.
    ///
    /// # Examples
    ///
    /// ```
    /// use alchemy_core::Expr;
    ///
    /// let total: Expr = "a * b + a".parse()?;
    /// assert_eq!(total.columns(), ["a", "b"]);
    /// # Ok::<(), alchemy_core::Error>(())
    /// ```
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        self.each_node(|node, _| {
            if let Self::Column(name) = node
                && !columns.contains(&name.as_str())
            {
                columns.push(name.as_str());
            }
            Ok(())
        })
        .unwrap_or_default();
        columns
    }

    /// Whether it can be held against data, as far as that is known without types; what was read from text can.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where it nests more than 100 levels, has a literal that is NaN or an integer beyond 64
    /// bits, or asks for membership among no values.
    pub fn check(&self) -> Result<()> {
        self.each_node(|node, depth| {
            if depth > MAX_DEPTH {
                return Err(too_deep());
            }
            match node {
                Self::Literal(value) => check_literal(value),
                Self::OneOf(_, values) if values.is_empty() => {
                    Err(invalid("`in ()` names no value"))
                }
                Self::OneOf(_, values) => values.iter().try_for_each(check_literal),
                _ => Ok(()),
            }
        })
    }

    /// Calls `each` with every node and its level, from 1, in the order of the text, until it fails. Not by recursion:
    /// there is no telling yet how deep it goes.
    fn each_node<'a>(&'a self, mut each: impl FnMut(&'a Self, usize) -> Result<()>) -> Result<()> {
        let mut open = vec![(self, 1)];
        while let Some((node, depth)) = open.pop() {
            each(node, depth)?;
            let children = node.children().into_iter().rev().flatten();
            open.extend(children.map(|child| (child, depth + 1)));
        }
        Ok(())
    }

    /// What it is made of, in the order of the text.
    fn children(&self) -> [Option<&Self>; 3] {
        match self {
            Self::Column(_) | Self::Literal(_) => [None, None, None],
            Self::Arithmetic { left, right, .. }
            | Self::Compare { left, right, .. }
            | Self::And(left, right)
            | Self::Or(left, right)
            | Self::Coalesce(left, right) => [Some(left), Some(right), None],
            Self::Not(of)
            | Self::IsMissing(of)
            | Self::OneOf(of, _)
            | Self::Within(of, _)
            | Self::Matches(of, _)
            | Self::Contains(of, _)
            | Self::StartsWith(of, _)
            | Self::EndsWith(of, _)
            | Self::Lower(of)
            | Self::Length(of)
            | Self::Abs(of) => [Some(of), None, None],
            Self::If {
                condition,
                then,
                otherwise,
            } => [Some(condition), Some(then), Some(otherwise)],
        }
    }
}

fn check_literal(value: &Scalar) -> Result<()> {
    match value {
        Scalar::Number(number) if number.is_nan() => {
            Err(invalid("NaN is no value; ask whether one `is missing`"))
        }
        Scalar::Integer(integer)
            if i64::try_from(*integer).is_err() && u64::try_from(*integer).is_err() =>
        {
            Err(invalid(format!("the integer {integer} is beyond 64 bits")))
        }
        _ => Ok(()),
    }
}

pub(super) fn too_deep() -> Error {
    invalid(format!("nests more than {MAX_DEPTH} levels"))
}

pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::parameter("expression", message)
}
