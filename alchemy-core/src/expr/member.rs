//! Membership: in an interval, or among some values.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::buffer::BooleanBuffer;

use super::Expr;
use super::compare::in_words;
use super::evaluate::{Rows, nulls_of, refusal};
use super::number::native;
use crate::column::{
    Number, Numeric, TextColumn, Values, Visit, is_boolean, is_numeric, is_temporal, is_text,
    tick_of,
};
use crate::contract::interval::to_integer;
use crate::stats::Frequencies;
use crate::{Interval, Result, Scalar};

pub(super) fn within(of: &Expr, interval: &Interval, rows: &Rows<'_>) -> Result<BooleanArray> {
    let array = of.over(rows)?;
    let found = array.data_type();
    let is_of_numbers = interval.numbers().is_some();
    match (is_of_numbers, is_numeric(found), is_temporal(found)) {
        (true, true, _) | (false, _, true) => inside(of, &array, interval),
        (true, ..) => Err(refusal(
            of,
            found,
            format!("a number, to lie in {interval}"),
        )),
        (false, ..) => Err(refusal(
            of,
            found,
            format!("a date or time, to lie in {interval}"),
        )),
    }
}

/// Whether the numbers or times of `array`, the value of `of`, lie in an interval of their kind.
pub(super) fn inside(of: &Expr, array: &ArrayRef, interval: &Interval) -> Result<BooleanArray> {
    let data_type = array.data_type();
    let bounds = if is_temporal(data_type) {
        let (low, high) = interval.ticks(data_type)?;
        // Ticks of 32 bits; those of 64 bits are compared as integers.
        (Some((low, high)), (low as f64, high as f64))
    } else {
        let everything = (f64::NEG_INFINITY, f64::INFINITY);
        (
            interval.integers(),
            interval.numbers().unwrap_or(everything),
        )
    };
    let (whole, (low, high)) = bounds;
    let (least, most) = whole.unwrap_or((i128::MIN, i128::MAX));
    let column = native(of, array)?;
    let bits = match column.view() {
        Numeric::I64(values) => match (at_least(least), at_most(most)) {
            (Some(least), Some(most)) => bits(values, |value| least <= value && value <= most),
            _ => BooleanBuffer::new_unset(array.len()),
        },
        Numeric::U64(values) => bits(values, |value| (least..=most).contains(&value.into())),
        view => view.visit(Holds(|value| low <= value && value <= high)),
    };
    Ok(BooleanArray::new(bits, nulls_of(array)))
}

pub(super) fn one_of(of: &Expr, values: &[Scalar], rows: &Rows<'_>) -> Result<BooleanArray> {
    let array = of.over(rows)?;
    let found = array.data_type();
    let fits = |value: &&Scalar| match value {
        Scalar::Boolean(_) => is_boolean(found),
        Scalar::Integer(_) | Scalar::Number(_) => is_numeric(found),
        Scalar::Text(text) if is_temporal(found) => tick_of(text, found).is_some(),
        Scalar::Text(_) => is_text(found),
    };
    if let Some(other) = values.iter().find(|value| !fits(value)) {
        return Err(refusal(of, found, in_words(other)));
    }
    let bits = if is_text(found) {
        let allowed: Frequencies = values.iter().filter_map(text).collect();
        let mut bits = Vec::with_capacity(array.len());
        TextColumn::new("", &array)?
            .for_each(|cell| bits.push(cell.is_some_and(|cell| allowed.count(cell) > 0)));
        BooleanBuffer::from(bits)
    } else if is_boolean(found) {
        let cells = array.as_boolean().values();
        let allowed = |value: bool| values.contains(&Scalar::Boolean(value));
        let allowed = [allowed(false), allowed(true)];
        BooleanBuffer::collect_bool(array.len(), |row| allowed[usize::from(cells.value(row))])
    } else {
        let ticks = |value: &Scalar| tick_of(text(value)?, found).map(i128::from);
        let allowed = if is_temporal(found) {
            Numbers::of_integers(values.iter().filter_map(ticks))
        } else {
            Numbers::of(values)
        };
        let column = native(of, &array)?;
        match column.view() {
            Numeric::I64(values) => bits(values, |value| allowed.has_integer(value.into())),
            Numeric::U64(values) => bits(values, |value| allowed.has_integer(value.into())),
            view => view.visit(Holds(|value| allowed.has_float(value))),
        }
    };
    Ok(BooleanArray::new(bits, nulls_of(&array)))
}

fn text(value: &Scalar) -> Option<&str> {
    match value {
        Scalar::Text(text) => Some(text),
        _ => None,
    }
}

/// Some numbers, to be looked up exactly from either kind.
struct Numbers {
    integers: Vec<i128>,
    floats: Vec<f64>,
}

impl Numbers {
    fn of(values: &[Scalar]) -> Self {
        let whole = values.iter().filter_map(|value| match value {
            Scalar::Integer(value) => Some(*value),
            Scalar::Number(value) if value.fract() == 0.0 => Some(to_integer(*value)),
            _ => None,
        });
        let mut numbers = Self::of_integers(whole);
        let others = values.iter().filter_map(|value| match value {
            Scalar::Number(value) => Some(*value),
            _ => None,
        });
        numbers.floats.extend(others.map(|value| value + 0.0));
        numbers.floats.sort_unstable_by(f64::total_cmp);
        numbers
    }

    fn of_integers(integers: impl Iterator<Item = i128>) -> Self {
        let mut integers: Vec<i128> = integers.collect();
        integers.sort_unstable();
        let float = |integer: &i128| {
            let float = *integer as f64;
            (to_integer(float) == *integer).then_some(float)
        };
        let mut floats: Vec<f64> = integers.iter().filter_map(float).collect();
        floats.sort_unstable_by(f64::total_cmp);
        Self { integers, floats }
    }

    fn has_integer(&self, value: i128) -> bool {
        self.integers.binary_search(&value).is_ok()
    }

    fn has_float(&self, value: f64) -> bool {
        // -0 is 0.
        let value = value + 0.0;
        let found = self
            .floats
            .binary_search_by(|other| other.total_cmp(&value));
        found.is_ok()
    }
}

struct Holds<F>(F);

impl<F: Fn(f64) -> bool> Visit for Holds<F> {
    type Out = BooleanBuffer;

    fn visit<T: Number>(self, values: Values<'_, T>) -> BooleanBuffer {
        bits(values, |value| (self.0)(value.to_f64()))
    }
}

fn bits<T: Number>(values: Values<'_, T>, holds: impl Fn(T) -> bool) -> BooleanBuffer {
    let slots = values.slots();
    BooleanBuffer::collect_bool(slots.len(), |row| holds(slots[row]))
}

/// The smallest `i64` from `bound` on.
fn at_least(bound: i128) -> Option<i64> {
    i64::try_from(bound.max(i64::MIN.into())).ok()
}

/// The largest `i64` up to `bound`.
fn at_most(bound: i128) -> Option<i64> {
    i64::try_from(bound.min(i64::MAX.into())).ok()
}
