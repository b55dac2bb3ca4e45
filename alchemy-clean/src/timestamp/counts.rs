//! Which format reads how much.

use std::ops::AddAssign;

use alchemy_core::Result;
use alchemy_core::parallel::by_rows;

use super::cells::{Cell, Cells};
use super::format::{Formats, Outcome};

/// What each format of a [`TimestampParser`](crate::TimestampParser) reads of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatCounts {
    formats: Vec<(String, u64)>,
    others: Others,
}

/// Cells that no format reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Others {
    missing: u64,
    ambiguous: u64,
    unread: u64,
}

impl AddAssign for Others {
    fn add_assign(&mut self, other: Self) {
        self.missing += other.missing;
        self.ambiguous += other.ambiguous;
        self.unread += other.unread;
    }
}

impl FormatCounts {
    pub(super) fn of(names: &[String], formats: &Formats<'_>, cells: &Cells) -> Result<Self> {
        let chunks = by_rows(cells.num_rows(), |rows| {
            let mut read = vec![0_u64; formats.len()];
            let mut others = Others::default();
            cells.for_each(rows, |cell| match cell {
                Cell::Missing | Cell::Whole("") => others.missing += 1,
                Cell::Partial => others.unread += 1,
                Cell::Whole(cell) => match formats.read(cell) {
                    Outcome::Read(format, _) => read[format] += 1,
                    Outcome::Ambiguous => others.ambiguous += 1,
                    Outcome::Unread => others.unread += 1,
                },
            })?;
            Ok((read, others))
        })?;
        let mut counts = Self {
            formats: names.iter().map(|name| (name.clone(), 0)).collect(),
            others: Others::default(),
        };
        for (read, others) in chunks {
            for ((_, count), read) in counts.formats.iter_mut().zip(read) {
                *count += read;
            }
            counts.others += others;
        }
        Ok(counts)
    }

    /// Each format, in the order they are tried, and how many cells it was the first to read.
    pub fn formats(&self) -> impl Iterator<Item = (&str, u64)> {
        self.formats
            .iter()
            .map(|(format, count)| (format.as_str(), *count))
    }

    /// Cells refused because two formats read them as different times.
    #[must_use]
    pub fn ambiguous(&self) -> u64 {
        self.others.ambiguous
    }

    /// Cells that no format reads, and rows where only some of several columns have a value.
    #[must_use]
    pub fn unread(&self) -> u64 {
        self.others.unread
    }

    /// Cells that are missing or blank.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.others.missing
    }
}
