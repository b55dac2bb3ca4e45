//! The text of a column, summed up.

use serde::{Deserialize, Serialize};

use super::counted::{Counted, Memory};
use super::date_counts::DateCounts;
use super::dates::DateForm;
use crate::column::TextColumn;
use crate::stats::{DistinctSketch, Frequencies, HeavyHitters};
use crate::{Result, parse_number};

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
    /// is not counted. Looked for among at most 10,000 different values, by sketches among at most
    /// 1,024.
    pub variants: u64,
    /// The formats of cells that are dates, by falling count, then by name.
    pub date_formats: Vec<DateFormat>,
    /// Dates in which day and month could change places, and no other cell says which comes first.
    pub ambiguous_dates: u64,
}

/// How many cells have their dates in one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateFormat {
    /// The format as `strftime` and chrono write it, such as `%Y-%m-%d`; two with `or` between them
    /// where no cell tells day and month apart.
    pub format: String,
    /// How many cells.
    pub cells: u64,
}

impl TextSummary {
    /// How many cells are dates.
    #[must_use]
    pub fn dates(&self) -> u64 {
        self.date_formats.iter().map(|format| format.cells).sum()
    }
}

/// The texts of a column, gathered: all different ones, or what sketches keep.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Texts {
    All(Frequencies),
    Sketch(Box<Sketch>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sketch {
    cells: TextCells,
    distinct: DistinctSketch,
    top: HeavyHitters<String>,
}

impl Texts {
    pub(super) fn new(memory: Memory) -> Self {
        match memory {
            Memory::All => Self::All(Frequencies::new()),
            Memory::Bounded => Self::Sketch(Box::new(Sketch {
                cells: TextCells::default(),
                distinct: DistinctSketch::new(),
                top: HeavyHitters::default(),
            })),
        }
    }

    pub(super) fn update(&mut self, column: &TextColumn) {
        match self {
            Self::All(frequencies) => {
                let mut adding = frequencies.adding();
                column.for_each(|cell| {
                    if let Some(text) = cell {
                        adding.add(text);
                    }
                });
            }
            Self::Sketch(sketch) => column.for_each(|cell| {
                if let Some(text) = cell {
                    sketch.cells.add(text, 1);
                    sketch.distinct.add_text(text);
                    sketch.top.add(text);
                }
            }),
        }
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        match (self, other) {
            (Self::All(frequencies), Self::All(more)) => frequencies.merge(&more),
            (Self::Sketch(sketch), Self::Sketch(more)) => {
                sketch.cells.merge(more.cells);
                sketch.distinct.merge(&more.distinct)?;
                sketch.top.merge(&more.top);
            }
            _ => return Err(Memory::differs()),
        }
        Ok(())
    }

    /// Different texts, the `k` most frequent ones, and what the cells look like, if there are any.
    pub(super) fn finish(self, k: usize) -> (Counted<String>, Option<TextSummary>) {
        match self {
            Self::All(frequencies) => {
                let top = frequencies.top(k).into_iter();
                let counted = Counted {
                    distinct: frequencies.distinct() as u64,
                    distinct_error: 0.0,
                    top: top.map(|(text, count)| (text.to_owned(), count)).collect(),
                    top_error: 0,
                };
                let mut cells = TextCells::default();
                for (value, count) in frequencies.iter() {
                    cells.add(value, count);
                }
                let mut summary = cells.summary();
                if let Some(summary) = &mut summary
                    && frequencies.distinct() <= MOST_CATEGORIES
                {
                    summary.variants = variants(frequencies.iter().map(|(value, _)| value));
                }
                (counted, summary)
            }
            Self::Sketch(sketch) => {
                let counted = Counted::of(&sketch.distinct, &sketch.top, k, String::clone);
                let mut summary = sketch.cells.summary();
                if let Some(summary) = &mut summary
                    && sketch.top.error() == 0
                {
                    let texts = sketch.top.top(usize::MAX);
                    summary.variants = variants(texts.iter().map(|(text, _)| text.as_str()));
                }
                (counted, summary)
            }
        }
    }
}

/// What cells look like, gathered one by one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct TextCells {
    cells: u64,
    /// Characters in the shortest and in the longest cell.
    lengths: Option<(u64, u64)>,
    characters: u64,
    blank: u64,
    outer_spaces: u64,
    numbers: u64,
    codes: u64,
    dates: DateCounts,
}

impl TextCells {
    /// Adds `count` cells that hold `value`.
    fn add(&mut self, value: &str, count: u64) {
        let length = value.chars().count() as u64;
        let (min, max) = self.lengths.get_or_insert((length, length));
        (*min, *max) = (length.min(*min), length.max(*max));
        self.cells += count;
        self.characters += length * count;
        let core = value.trim();
        if core.is_empty() {
            self.blank += count;
            return;
        }
        if core.len() < value.len() {
            self.outer_spaces += count;
        }
        if parse_number(core).is_some() {
            self.numbers += count;
            self.codes += if is_code(core) { count } else { 0 };
        } else if let Some(form) = DateForm::of(core) {
            self.dates.add(form, count);
        }
    }

    fn merge(&mut self, other: Self) {
        if let Some((more_min, more_max)) = other.lengths {
            let (min, max) = self.lengths.get_or_insert((more_min, more_max));
            (*min, *max) = (more_min.min(*min), more_max.max(*max));
        }
        self.cells += other.cells;
        self.characters += other.characters;
        self.blank += other.blank;
        self.outer_spaces += other.outer_spaces;
        self.numbers += other.numbers;
        self.codes += other.codes;
        self.dates.merge(other.dates);
    }

    /// `None` without cells.
    fn summary(self) -> Option<TextSummary> {
        let (min_length, max_length) = self.lengths?;
        Some(TextSummary {
            min_length,
            max_length,
            mean_length: self.characters as f64 / self.cells as f64,
            blank: self.blank,
            outer_spaces: self.outer_spaces,
            numbers: self.numbers,
            codes: self.codes,
            variants: 0,
            ambiguous_dates: self.dates.ambiguous(),
            date_formats: self.dates.formats(),
        })
    }
}

/// How many of `values` differ from another only in case or outer white space, one of each kind left
/// out; numbers have no case.
fn variants<'a>(values: impl Iterator<Item = &'a str>) -> u64 {
    let mut folded = Frequencies::new();
    let mut words = 0;
    for value in values {
        let core = value.trim();
        if !core.is_empty() && parse_number(core).is_none() {
            folded.add(&core.to_lowercase());
            words += 1;
        }
    }
    words - folded.distinct() as u64
}

/// Whether digits would be lost: a leading zero before another digit, or a plus.
fn is_code(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number).as_bytes();
    digits.first() == Some(&b'+')
        || (digits.first() == Some(&b'0') && digits.get(1).is_some_and(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;

    #[test]
    fn cells_are_told_apart_by_what_they_look_like() {
        let cells = [
            "1.5", " 2", "007", "+49", "", "  ", "Yes", "yes ", "YES", "no", "no",
        ];
        let array = Arc::new(StringArray::from(cells.to_vec())) as ArrayRef;
        let column = TextColumn::new("x", &array).unwrap();
        for memory in [Memory::All, Memory::Bounded] {
            let mut texts = Texts::new(memory);
            texts.update(&column);
            check(&texts.finish(1).1.unwrap());
        }
    }

    fn check(summary: &TextSummary) {
        assert_eq!((summary.min_length, summary.max_length), (0, 4));
        assert_eq!((summary.blank, summary.outer_spaces), (2, 2));
        assert_eq!(
            (summary.numbers, summary.codes, summary.variants),
            (4, 2, 2)
        );
        assert_eq!(summary.mean_length.to_bits(), (27.0_f64 / 11.0).to_bits());
    }
}
