//! Rows in the order in which gaps are filled.

use std::ops::Range;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::arrow::buffer::NullBuffer;
use alchemy_core::column::{Groups, Numeric, NumericColumn, by_name};
use rayon::prelude::*;

/// The rows of a table by group, then by place, then as they stand.
pub(super) struct Order {
    line: Line,
    /// Whether places are the bits of an `f64`.
    floats: bool,
}

enum Line {
    /// All rows as they stand, each a step from the next.
    AsIs(usize),
    /// Rows with a place; group after group, each of which ends where `ends` says.
    Placed { rows: Vec<Placed>, ends: Vec<usize> },
}

/// A row and where it stands.
#[derive(Clone, Copy, Default)]
struct Placed {
    /// Ticks, or an `f64` as [`ordered`].
    place: i64,
    row: usize,
}

/// A run of missing cells, in positions of an [`Order`], and the values next to it in the same group.
pub(super) struct Gap {
    pub(super) before: Option<usize>,
    pub(super) cells: Range<usize>,
    pub(super) after: Option<usize>,
}

impl Order {
    /// The order of rows along the column `along`, or as they stand.
    pub(super) fn of(batch: &RecordBatch, along: Option<&str>, keys: &[String]) -> Result<Self> {
        if along.is_none() && keys.is_empty() {
            return Ok(Self {
                line: Line::AsIs(batch.num_rows()),
                floats: false,
            });
        }
        let groups = Groups::of(batch, keys)?;
        let (places, floats) = match along {
            Some(name) => {
                let (places, floats) = places(name, by_name(batch, name)?)?;
                (Some(places), floats)
            }
            None => (None, false),
        };
        let (mut rows, ends) = grouped(&groups, places.as_deref());
        if places.is_some() {
            let mut rest = rows.as_mut_slice();
            let mut groups = Vec::with_capacity(ends.len());
            let mut start = 0;
            for end in &ends {
                let (group, later) = rest.split_at_mut(end - start);
                groups.push(group);
                (rest, start) = (later, *end);
            }
            groups.into_par_iter().for_each(|group: &mut [Placed]| {
                if !group.is_sorted_by_key(|placed| placed.place) {
                    group.par_sort_unstable_by_key(|placed| (placed.place, placed.row));
                }
            });
        }
        let line = Line::Placed { rows, ends };
        Ok(Self { line, floats })
    }

    /// The row at `position`.
    pub(super) fn row(&self, position: usize) -> usize {
        match &self.line {
            Line::AsIs(_) => position,
            Line::Placed { rows, .. } => rows[position].row,
        }
    }

    /// How far `position` is on the way from `start` to `end`; 0 where these stand in one place.
    pub(super) fn share(&self, start: usize, position: usize, end: usize) -> f64 {
        if self.place(start) == self.place(end) {
            return 0.0;
        }
        if !self.floats {
            return self.ticks(start, position) as f64 / self.ticks(start, end) as f64;
        }
        let [start, here, end] = self.float_places(start, position, end);
        (here - start) / (end - start)
    }

    /// Whether `position` is nearer to `end` than to `start`.
    pub(super) fn is_nearer_to_end(&self, start: usize, position: usize, end: usize) -> bool {
        if self.floats {
            let [start, here, end] = self.float_places(start, position, end);
            return end - here < here - start;
        }
        self.ticks(position, end) < self.ticks(start, position)
    }

    /// Three places that are floats, halved where they are farther apart than an `f64` can say.
    fn float_places(&self, start: usize, position: usize, end: usize) -> [f64; 3] {
        let places = [start, position, end].map(|at| float(self.place(at)));
        if (places[2] - places[0]).is_finite() {
            places
        } else {
            places.map(|place| place / 2.0)
        }
    }

    /// Calls `each` with every gap of a column, given which of its rows are `present`.
    pub(super) fn for_each_gap(&self, present: &NullBuffer, mut each: impl FnMut(Gap)) {
        match &self.line {
            Line::AsIs(rows) => {
                let mut last = None;
                for (start, end) in present.valid_slices().chain([(*rows, *rows)]) {
                    let gap = Gap {
                        before: last,
                        cells: last.map_or(0, |last| last + 1)..start,
                        after: (start < end).then_some(start),
                    };
                    if !gap.cells.is_empty() {
                        each(gap);
                    }
                    last = end.checked_sub(1);
                }
            }
            Line::Placed { rows, ends } => {
                let mut start = 0;
                for end in ends {
                    gaps_between(rows, start..*end, present, &mut each);
                    start = *end;
                }
            }
        }
    }

    fn place(&self, position: usize) -> i64 {
        match &self.line {
            Line::AsIs(_) => i64::try_from(position).unwrap_or(i64::MAX),
            Line::Placed { rows, .. } => rows[position].place,
        }
    }

    /// Ticks from `start` to `end`.
    fn ticks(&self, start: usize, end: usize) -> u64 {
        self.place(end).abs_diff(self.place(start))
    }
}

fn gaps_between(
    rows: &[Placed],
    group: Range<usize>,
    present: &NullBuffer,
    each: &mut impl FnMut(Gap),
) {
    let (mut before, mut first) = (None, group.start);
    for position in group.clone() {
        if present.is_null(rows[position].row) {
            continue;
        }
        if first < position {
            each(Gap {
                before,
                cells: first..position,
                after: Some(position),
            });
        }
        (before, first) = (Some(position), position + 1);
    }
    if first < group.end {
        each(Gap {
            before,
            cells: first..group.end,
            after: None,
        });
    }
}

/// The rows that have a place, group after group in the order they stand, and where each group ends. Without `places` a
/// row's place is its rank in its group.
fn grouped(groups: &Groups, places: Option<&[Option<i64>]>) -> (Vec<Placed>, Vec<usize>) {
    let place = |row: usize| match places {
        Some(places) => places[row],
        None => Some(0),
    };
    let mut ends = vec![0; groups.first_rows().len()];
    for (row, group) in groups.ids().iter().enumerate() {
        ends[*group as usize] += usize::from(place(row).is_some());
    }
    // Where the next row of each group goes; in the end that is where the group ends.
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    let mut rows = vec![Placed::default(); start];
    for (row, group) in groups.ids().iter().enumerate() {
        if let Some(place) = place(row) {
            let next = &mut ends[*group as usize];
            rows[*next] = Placed { place, row };
            *next += 1;
        }
    }
    if places.is_none() {
        for (rank, placed) in (0..).zip(&mut rows) {
            placed.place = rank;
        }
    }
    (rows, ends)
}

/// The place of each row of the column `name`, and whether places are floats. Missing and infinite ones are none.
fn places(name: &str, array: &ArrayRef) -> Result<(Vec<Option<i64>>, bool)> {
    let mut places = vec![None; array.len()];
    let column = NumericColumn::ordered(name, array)?;
    let floats = match column.view() {
        Numeric::I64(values) => {
            values.for_each_row(|row, value| places[row] = Some(value));
            false
        }
        Numeric::U64(values) => {
            // Moved down by 2^63, which changes neither order nor distances.
            let moved = |value: u64| (value ^ (1 << 63)).cast_signed();
            values.for_each_row(|row, value| places[row] = Some(moved(value)));
            false
        }
        other => {
            other.for_each_row(|row, value| {
                places[row] = value.is_finite().then(|| ordered(value));
            });
            true
        }
    };
    Ok((places, floats))
}

/// A number in the order of `f64`; zeros are one.
fn ordered(value: f64) -> i64 {
    flipped((value + 0.0).to_bits().cast_signed())
}

/// The number that is [`ordered`] as `place`.
fn float(place: i64) -> f64 {
    f64::from_bits(flipped(place).cast_unsigned())
}

/// The bits below the sign turned around for negative numbers, whose order by bits is the wrong way round.
fn flipped(bits: i64) -> i64 {
    bits ^ ((bits >> 63) & i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_are_ordered_as_their_numbers(a: f64, b: f64) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(Some(ordered(a).cmp(&ordered(b))), a.partial_cmp(&b));
            prop_assert_eq!(float(ordered(a)).to_bits(), (a + 0.0).to_bits());
        }
    }
}
