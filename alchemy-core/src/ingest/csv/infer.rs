//! The narrowest type that holds every cell of a column.

use arrow::array::StringArray;
use arrow::compute::kernels::cast_utils::Parser;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

/// What a set of cells can be read as. `join` is the least upper bound, so neither order nor blocks
/// show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Empty,
    Boolean,
    Integer,
    Float,
    Text,
}

impl Kind {
    /// The kind of all of `cells`; nulls say nothing.
    pub(super) fn of_cells(cells: &StringArray) -> Self {
        let mut kind = Self::Empty;
        for cell in cells.iter().flatten() {
            kind = kind.join(Self::of(cell));
            if kind == Self::Text {
                break;
            }
        }
        kind
    }

    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Empty, kind) | (kind, Self::Empty) => kind,
            (Self::Integer, Self::Float) | (Self::Float, Self::Integer) => Self::Float,
            _ => Self::Text,
        }
    }

    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Empty | Self::Text => DataType::Utf8,
        }
    }

    fn of(cell: &str) -> Self {
        let digits = cell.trim_ascii();
        let digits = digits.strip_prefix('-').unwrap_or(digits);
        if is_code(digits) {
            Self::Text
        } else if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            // Up to 18 digits always fit; beyond i64 a float would lose digits, so the cells stay
            // text.
            let fits = digits.len() <= 18 || Int64Type::parse(cell).is_some();
            if fits { Self::Integer } else { Self::Text }
        } else if Float64Type::parse(cell).is_some() {
            Self::Float
        } else if cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false") {
            Self::Boolean
        } else {
            Self::Text
        }
    }
}

/// Digits that a number would not keep: a leading zero ("007"), or a plus sign ("+49151").
fn is_code(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.first() == Some(&b'+')
        || (bytes.first() == Some(&b'0') && bytes.get(1).is_some_and(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_the_narrowest_kind() {
        for (cell, kind) in [
            ("12", Kind::Integer),
            ("-0", Kind::Integer),
            (" 12 ", Kind::Integer),
            ("-9223372036854775808", Kind::Integer),
            ("9223372036854775808", Kind::Text),
            ("0", Kind::Integer),
            ("0.5", Kind::Float),
            (".5", Kind::Float),
            ("1e-3", Kind::Float),
            ("nan", Kind::Float),
            ("-inf", Kind::Float),
            ("007", Kind::Text),
            ("-007.5", Kind::Text),
            ("+49151", Kind::Text),
            ("-", Kind::Text),
            (" ", Kind::Text),
            ("1,5", Kind::Text),
            ("1_000", Kind::Text),
            ("0x10", Kind::Text),
            ("TRUE", Kind::Boolean),
            ("yes", Kind::Text),
        ] {
            assert_eq!(Kind::of(cell), kind, "{cell:?}");
        }
    }

    #[test]
    fn join_is_commutative_and_associative() {
        const ALL: [Kind; 5] = [
            Kind::Empty,
            Kind::Boolean,
            Kind::Integer,
            Kind::Float,
            Kind::Text,
        ];
        for a in ALL {
            assert_eq!(a.join(Kind::Empty), a);
            for b in ALL {
                assert_eq!(a.join(b), b.join(a));
                for c in ALL {
                    assert_eq!(a.join(b).join(c), a.join(b.join(c)));
                }
            }
        }
    }
}
