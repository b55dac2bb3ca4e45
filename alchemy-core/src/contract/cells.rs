//! Which cells of a column do not meet an expectation: one loop per expectation, monomorphic over the column's type.
//!
//! The loops over numbers count first, without a branch, and look for the rows only where there are some to find.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::interval::to_integer;
use super::{Expectation, Interval, Scalar};
use crate::column::{
    Number, Numeric, NumericColumn, TextColumn, Values, Visit, is_boolean, is_numeric, is_temporal,
    is_text, missing_count,
};
use crate::stats::Frequencies;
use crate::{Result, parse_number};

/// A column of a batch, in the type of the contract.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) name: &'a str,
    pub(super) array: &'a ArrayRef,
    /// The rows whose cell could not be read, ascending: they are null in `array`, and not missing.
    pub(super) unread: &'a [usize],
}

impl Cells<'_> {
    /// Calls `fail` with the row of every cell that does not meet `expectation`, ascending, and gives how many cells were
    /// held against it: none if it is not about single cells.
    pub(super) fn each_failure(
        &self,
        expectation: &Expectation,
        fail: &mut dyn FnMut(usize),
    ) -> Result<usize> {
        match expectation {
            Expectation::NotNull => self.missing(fail),
            Expectation::NumberText => self.text(fail, |cell| {
                cell.trim().is_empty() || parse_number(cell).is_some()
            }),
            Expectation::Matches(pattern) => self.text(fail, |cell| pattern.is_match(cell)),
            Expectation::Length(interval) => {
                let (low, high) = interval.integers().unwrap_or((i128::MIN, i128::MAX));
                self.text(fail, |cell| {
                    (low..=high).contains(&(cell.chars().count() as i128))
                })
            }
            Expectation::Range(interval) => self.range(interval, fail),
            Expectation::OneOf(values) => self.one_of(values, fail),
            Expectation::Unique
            | Expectation::Increasing { .. }
            | Expectation::NullShare(_)
            | Expectation::Mean(_)
            | Expectation::Quantile(..)
            | Expectation::Share(..) => Ok(0),
        }
    }

    /// How many values are missing, unread cells left out.
    pub(super) fn missing_count(&self) -> Result<usize> {
        Ok(missing_count(self.name, self.array)?.saturating_sub(self.unread.len()))
    }

    /// How many values are `value`, and how many values there are.
    pub(super) fn count_of(&self, value: &Scalar) -> Result<(usize, usize)> {
        let mut others = 0;
        let checked = self.one_of(std::slice::from_ref(value), &mut |_| others += 1)?;
        Ok((checked - others, checked))
    }

    fn missing(&self, fail: &mut dyn FnMut(usize)) -> Result<usize> {
        let rows = self.array.len();
        if self.missing_count()? == 0 {
            return Ok(rows);
        }
        let unread = |row: usize| self.unread.binary_search(&row).is_ok();
        if is_numeric(self.array.data_type()) {
            let column = NumericColumn::new(self.name, self.array)?;
            let mut next = 0;
            let mut gap = |from: usize, to: usize| {
                (from..to).filter(|row| !unread(*row)).for_each(&mut *fail);
            };
            column.view().for_each_row(|row, _| {
                gap(next, row);
                next = row + 1;
            });
            gap(next, rows);
        } else if let Some(nulls) = self.array.logical_nulls() {
            (0..rows)
                .filter(|row| nulls.is_null(*row) && !unread(*row))
                .for_each(fail);
        }
        Ok(rows)
    }

    fn text(&self, fail: &mut dyn FnMut(usize), meets: impl Fn(&str) -> bool) -> Result<usize> {
        let (mut row, mut checked) = (0, 0);
        TextColumn::new(self.name, self.array)?.for_each(|cell| {
            if let Some(cell) = cell {
                checked += 1;
                if !meets(cell) {
                    fail(row);
                }
            }
            row += 1;
        });
        Ok(checked)
    }

    fn range(&self, interval: &Interval, fail: &mut dyn FnMut(usize)) -> Result<usize> {
        let data_type = self.array.data_type();
        let is_time = is_temporal(data_type);
        let column = if is_time {
            NumericColumn::ordered(self.name, self.array)?
        } else {
            NumericColumn::new(self.name, self.array)?
        };
        let whole = if is_time {
            Some(interval.ticks(data_type)?)
        } else {
            interval.integers()
        };
        let (low, high) = whole.unwrap_or((i128::MIN, i128::MAX));
        Ok(match column.view() {
            // 64-bit integers do not fit a float; all smaller ones do.
            Numeric::I64(values) => match (clamped(low), clamped(high)) {
                (Some(low), Some(high)) => outside(values, |v| low <= v && v <= high, fail),
                _ => outside(values, |v| (low..=high).contains(&v.into()), fail),
            },
            Numeric::U64(values) => outside(values, |v| (low..=high).contains(&v.into()), fail),
            view if is_time => view.visit(Outside {
                low: low as f64,
                high: high as f64,
                fail,
            }),
            view => {
                let (low, high) = interval
                    .numbers()
                    .unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
                view.visit(Outside { low, high, fail })
            }
        })
    }

    fn one_of(&self, values: &[Scalar], fail: &mut dyn FnMut(usize)) -> Result<usize> {
        let data_type = self.array.data_type();
        if is_text(data_type) {
            let texts = values.iter().filter_map(|value| match value {
                Scalar::Text(text) => Some(text.as_str()),
                _ => None,
            });
            let allowed: Frequencies = texts.collect();
            return self.text(fail, |cell| allowed.count(cell) > 0);
        }
        if is_boolean(data_type) {
            let plain = cast(self.array, &DataType::Boolean)?;
            let allowed = |cell: bool| values.contains(&Scalar::Boolean(cell));
            return Ok(booleans(
                plain.as_boolean(),
                [allowed(false), allowed(true)],
                fail,
            ));
        }
        let mut allowed: Vec<i128> = values
            .iter()
            .filter_map(|value| match value {
                Scalar::Integer(value) => Some(*value),
                _ => None,
            })
            .collect();
        allowed.sort_unstable();
        let allowed = |value: i128| allowed.binary_search(&value).is_ok();
        Ok(match NumericColumn::new(self.name, self.array)?.view() {
            Numeric::I64(values) => outside(values, |value| allowed(value.into()), fail),
            Numeric::U64(values) => outside(values, |value| allowed(value.into()), fail),
            view => view.visit(OneOf { allowed, fail }),
        })
    }
}

/// The whole number in `row` of integers; `None` for a float or where it is missing.
pub(super) fn whole(view: &Numeric<'_>, row: usize) -> Option<i128> {
    match view {
        Numeric::I64(values) => values.get(row).map(Into::into),
        Numeric::U64(values) => values.get(row).map(Into::into),
        view => view
            .get(row)
            .filter(|value| value.fract() == 0.0)
            .map(to_integer),
    }
}

struct Outside<'a> {
    low: f64,
    high: f64,
    fail: &'a mut dyn FnMut(usize),
}

impl Visit for Outside<'_> {
    type Out = usize;

    fn visit<T: Number>(self, values: Values<'_, T>) -> usize {
        let meets = |value: T| self.low <= value.to_f64() && value.to_f64() <= self.high;
        outside(values, meets, self.fail)
    }
}

struct OneOf<'a, F> {
    allowed: F,
    fail: &'a mut dyn FnMut(usize),
}

impl<F: Fn(i128) -> bool> Visit for OneOf<'_, F> {
    type Out = usize;

    fn visit<T: Number>(self, values: Values<'_, T>) -> usize {
        let meets = |value: T| {
            let value = value.to_f64();
            // An infinity has no fraction, and as an integer saturates to one beyond 64 bits, which is never allowed.
            value.fract() == 0.0 && (self.allowed)(to_integer(value))
        };
        outside(values, meets, self.fail)
    }
}

/// Calls `fail` with every row whose value does not meet; gives how many values there are.
fn outside<T: Number>(
    values: Values<'_, T>,
    meets: impl Fn(T) -> bool,
    fail: &mut dyn FnMut(usize),
) -> usize {
    let (mut checked, mut met) = (0_usize, 0_usize);
    values.for_each(|value| {
        checked += 1;
        met += usize::from(meets(value));
    });
    if met < checked {
        values.for_each_row(|row, value| {
            if !meets(value) {
                fail(row);
            }
        });
    }
    checked
}

fn booleans(cells: &BooleanArray, allowed: [bool; 2], fail: &mut dyn FnMut(usize)) -> usize {
    let mut checked = 0;
    for (row, cell) in cells.iter().enumerate() {
        if let Some(cell) = cell {
            checked += 1;
            if !allowed[usize::from(cell)] {
                fail(row);
            }
        }
    }
    checked
}

/// `bound` in 64 bits; `None` where no 64-bit integer lies on the side of it that is asked for.
fn clamped(bound: i128) -> Option<i64> {
    match bound {
        i128::MIN => Some(i64::MIN),
        i128::MAX => Some(i64::MAX),
        bound => i64::try_from(bound).ok(),
    }
}
