//! The text of a column, summed up.

use serde::{Deserialize, Serialize};

use crate::parse_number;
use crate::stats::Frequencies;

/// Beyond as many different values, texts are no categories that could be written in two ways.
const MOST_CATEGORIES: usize = 10_000;

/// What the cells of a text column look like, missing ones left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextSummary {
    /// Characters in the shortest cell.
    pub min_length: u64,
    /// Characters in the longest cell.
    pub max_length: u64,
    /// Characters in a cell on average.
    pub mean_length: f64,
    /// Cells that are empty or white space alone.
    pub blank: u64,
    /// Cells with white space before or after other characters.
    pub outer_spaces: u64,
    /// Cells that [`parse_number`] reads as a number.
    pub numbers: u64,
    /// Those of them that a number would not keep as they are: leading zeros, or a leading plus.
    pub codes: u64,
    /// Values that differ from another one only in case or in outer white space; one of each kind
    /// is not counted. Looked for among at most 10,000 different values.
    pub variants: u64,
}

impl TextSummary {
    /// `None` without values.
    pub(super) fn of(frequencies: &Frequencies) -> Option<Self> {
        let total = frequencies.total();
        if total == 0 {
            return None;
        }
        let mut summary = Self {
            min_length: u64::MAX,
            max_length: 0,
            mean_length: 0.0,
            blank: 0,
            outer_spaces: 0,
            numbers: 0,
            codes: 0,
            variants: 0,
        };
        let mut characters = 0;
        let is_categorical = frequencies.distinct() <= MOST_CATEGORIES;
        let mut folded = Frequencies::new();
        let mut words = 0;
        for (value, count) in frequencies.iter() {
            let length = value.chars().count() as u64;
            summary.min_length = summary.min_length.min(length);
            summary.max_length = summary.max_length.max(length);
            characters += length * count;
            let core = value.trim();
            if core.is_empty() {
                summary.blank += count;
                continue;
            }
            if core.len() < value.len() {
                summary.outer_spaces += count;
            }
            if parse_number(core).is_some() {
                summary.numbers += count;
                summary.codes += if is_code(core) { count } else { 0 };
            } else if is_categorical {
                folded.add(&core.to_lowercase());
                words += 1;
            }
        }
        summary.variants = words - folded.distinct() as u64;
        summary.mean_length = characters as f64 / total as f64;
        Some(summary)
    }
}

/// Whether digits would be lost: a leading zero before another digit, or a plus.
fn is_code(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number).as_bytes();
    digits.first() == Some(&b'+')
        || (digits.first() == Some(&b'0') && digits.get(1).is_some_and(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_apart_by_what_they_look_like() {
        let cells = [
            "1.5", " 2", "007", "+49", "", "  ", "Yes", "yes ", "YES", "no", "no",
        ];
        let frequencies = Frequencies::from_iter(cells);
        let summary = TextSummary::of(&frequencies).unwrap();
        assert_eq!((summary.min_length, summary.max_length), (0, 4));
        assert_eq!((summary.blank, summary.outer_spaces), (2, 2));
        assert_eq!(
            (summary.numbers, summary.codes, summary.variants),
            (4, 2, 2)
        );
        assert_eq!(summary.mean_length.to_bits(), (27.0_f64 / 11.0).to_bits());
    }
}
