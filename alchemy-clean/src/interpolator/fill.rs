//! Gaps filled between their neighbours.

use std::ops::Range;
use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, Float64Array};
use alchemy_core::arrow::buffer::{BooleanBuffer, NullBuffer};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{NumericColumn, present, with_copies};

use super::order::{Gap, Order};
use super::{FillDirection, Interpolation};

/// How gaps are filled.
#[derive(Clone, Copy)]
pub(super) struct Filler<'a> {
    pub(super) order: &'a Order,
    pub(super) method: Interpolation,
    pub(super) limit: Option<u64>,
    pub(super) direction: FillDirection,
    pub(super) ends: bool,
}

impl Filler<'_> {
    /// `array` with its gaps filled, as a column of type `wanted`, and how many cells were filled.
    pub(super) fn fill(
        &self,
        name: &str,
        array: &ArrayRef,
        wanted: &DataType,
    ) -> Result<(ArrayRef, usize)> {
        let present = present(name, array)?;
        if present.null_count() == 0 {
            return Ok((cast(array, wanted)?, 0));
        }
        match self.method {
            Interpolation::Linear => {
                let values = NumericColumn::new(name, array)?.view().to_vec();
                let (filled, count) = self.on_lines(values, &present);
                Ok((cast(&filled, wanted)?, count))
            }
            Interpolation::Nearest => {
                let copies = self.copies(&present);
                Ok((with_copies(array, &present, &copies)?, copies.len()))
            }
        }
    }

    /// `values` with gaps filled on straight lines.
    fn on_lines(&self, mut values: Vec<f64>, present: &NullBuffer) -> (ArrayRef, usize) {
        let order = self.order;
        self.order.for_each_gap(present, |gap| {
            let value = |position: usize| values[order.row(position)];
            let (before, after) = (gap.before.map(value), gap.after.map(value));
            for position in self.filled(&gap) {
                values[order.row(position)] = match (gap.before.zip(before), gap.after.zip(after)) {
                    (Some((start, before)), Some((end, after))) => {
                        between(before, after, order.share(start, position, end))
                    }
                    (Some((_, end)), None) | (None, Some((_, end))) => end,
                    (None, None) => f64::NAN,
                };
            }
        });
        let valid = BooleanBuffer::collect_bool(values.len(), |row| !values[row].is_nan());
        let valid = NullBuffer::new(valid);
        let filled = present.null_count() - valid.null_count();
        let valid = Some(valid).filter(|valid| valid.null_count() > 0);
        (Arc::new(Float64Array::new(values.into(), valid)), filled)
    }

    /// Missing cells, each with the cell of the value nearest to it.
    fn copies(&self, present: &NullBuffer) -> Vec<(usize, usize)> {
        let order = self.order;
        let mut copies = Vec::new();
        order.for_each_gap(present, |gap| {
            for position in self.filled(&gap) {
                let source = match (gap.before, gap.after) {
                    (Some(start), Some(end)) if order.is_nearer_to_end(start, position, end) => end,
                    (Some(end), _) | (None, Some(end)) => end,
                    (None, None) => continue,
                };
                copies.push((order.row(position), order.row(source)));
            }
        });
        copies
    }

    /// The cells of `gap` to fill.
    fn filled(&self, gap: &Gap) -> impl Iterator<Item = usize> + use<> {
        let Range { start, end } = gap.cells;
        let length = end - start;
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok());
        let limit = limit.map_or(length, |limit| limit.min(length));
        let inside = gap.before.is_some() && gap.after.is_some();
        let forward = self.direction != FillDirection::Backward && gap.before.is_some();
        let backward = self.direction != FillDirection::Forward && gap.after.is_some();
        let from_start = if forward && (inside || self.ends) {
            limit
        } else {
            0
        };
        let from_end = if backward && (inside || self.ends) {
            limit
        } else {
            0
        };
        let first = start + from_start;
        (start..first).chain(first.max(end - from_end)..end)
    }
}

/// The value at `share` of the way from `before` to `after`.
fn between(before: f64, after: f64, share: f64) -> f64 {
    let distance = after - before;
    if share == 0.0 {
        before
    } else if distance.is_finite() {
        before + distance * share
    } else {
        // An infinite end, or a distance beyond `f64`.
        before * (1.0 - share) + after * share
    }
}
