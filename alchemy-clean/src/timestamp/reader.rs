//! Cells to points in time of one type.

use std::ops::Range;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, Int64Array, PrimitiveBuilder,
};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{ArrowPrimitiveType, DataType, Int32Type, Int64Type};
use alchemy_core::{Result, parse_scaled};

use super::cells::{Cell, Cells};
use super::format::{Formats, Outcome};
use super::time::Time;
use super::{Ambiguous, Points, TimestampParser, TimestampUnit, Written};
use crate::coercion::in_chunks;

/// How cells are read, and what they become.
pub(super) struct Reader<'a> {
    source: Source<'a>,
    result: Points,
}

enum Source<'a> {
    Formats(Formats<'a>),
    Epoch(TimestampUnit),
}

impl<'a> Reader<'a> {
    pub(super) fn new(parser: &'a TimestampParser) -> Result<Self> {
        let refusing = parser.ambiguous == Ambiguous::Refuse;
        let source = match &parser.written {
            Written::Formats(formats) => Source::Formats(Formats::new(formats, refusing)?),
            Written::Epoch(unit) => Source::Epoch(*unit),
        };
        Ok(Self {
            source,
            result: parser.result,
        })
    }

    pub(super) fn formats(&self) -> Option<&Formats<'a>> {
        match &self.source {
            Source::Formats(formats) => Some(formats),
            Source::Epoch(_) => None,
        }
    }

    pub(super) fn data_type(&self) -> DataType {
        let zone = match &self.source {
            Source::Formats(formats) => formats.zone(),
            Source::Epoch(_) => Some("UTC"),
        };
        match self.result {
            Points::Date => DataType::Date32,
            Points::Timestamp(unit) => DataType::Timestamp(unit.into(), zone.map(Into::into)),
        }
    }

    /// The points in time; null where a cell cannot be read.
    pub(super) fn read(&self, cells: &Cells) -> Result<ArrayRef> {
        match &self.source {
            Source::Formats(formats) => self.points(cells, |cell| match formats.read(cell) {
                Outcome::Read(_, time) => Some(time),
                Outcome::Ambiguous | Outcome::Unread => None,
            }),
            Source::Epoch(unit) => {
                let scale = TimestampUnit::Nanosecond.digits() - unit.digits();
                self.points(cells, |cell| Time::of_nanos(parse_scaled(cell, scale)?))
            }
        }
    }

    /// As [`read`](Self::read), of a column of counts without a detour by text; `None` if it has to take it.
    pub(super) fn read_integers(&self, array: &ArrayRef) -> Result<Option<ArrayRef>> {
        let Source::Epoch(unit) = &self.source else {
            return Ok(None);
        };
        if !array.data_type().is_integer() {
            return Ok(None);
        }
        let counts = cast(array, &DataType::Int64)?;
        let output = in_chunks(counts.len(), &self.data_type(), |start, rows| {
            let counts = counts.slice(start, rows);
            let counts = counts.as_primitive::<Int64Type>().iter();
            let nanos = |count| i128::from(count) * i128::from(unit.nanos());
            let times = counts.map(|count| Time::of_nanos(nanos(count?)));
            Ok(cast(&self.of_counts(times), &self.data_type())?)
        })?;
        // What is out of range has to be told as text.
        Ok((output.null_count() == array.null_count()).then_some(output))
    }

    fn points(
        &self,
        cells: &Cells,
        read: impl Fn(&str) -> Option<Time> + Sync,
    ) -> Result<ArrayRef> {
        in_chunks(cells.num_rows(), &self.data_type(), |start, rows| {
            let rows = start..start + rows;
            let ticks = match self.result {
                Points::Date => ticks::<Int32Type>(cells, rows, |cell| read(cell)?.days()),
                Points::Timestamp(unit) => {
                    ticks::<Int64Type>(cells, rows, |cell| read(cell)?.ticks(unit))
                }
            };
            Ok(cast(&ticks?, &self.data_type())?)
        })
    }

    /// The type's own integer of each time.
    fn of_counts(&self, times: impl Iterator<Item = Option<Time>>) -> ArrayRef {
        match self.result {
            Points::Date => Arc::new(times.map(|time| time?.days()).collect::<Int32Array>()),
            Points::Timestamp(unit) => {
                Arc::new(times.map(|time| time?.ticks(unit)).collect::<Int64Array>())
            }
        }
    }

    /// What the cell of `row`, which was not read, should have been.
    pub(super) fn expected(&self, cells: &Cells, row: usize) -> &'static str {
        let cell = cells.whole(row);
        let read = self.formats().zip(cell);
        match read.map(|(formats, cell)| formats.read(&cell)) {
            Some(Outcome::Ambiguous) => "a point in time on which the formats agree",
            _ => "a point in time",
        }
    }
}

/// What `read` makes of the cell of each row.
fn ticks<P: ArrowPrimitiveType>(
    cells: &Cells,
    rows: Range<usize>,
    read: impl Fn(&str) -> Option<P::Native>,
) -> Result<ArrayRef> {
    let mut ticks = PrimitiveBuilder::<P>::with_capacity(rows.len());
    cells.for_each(rows, |cell| {
        ticks.append_option(match cell {
            Cell::Whole(cell) => read(cell),
            Cell::Missing | Cell::Partial => None,
        });
    })?;
    Ok(Arc::new(ticks.finish()))
}
