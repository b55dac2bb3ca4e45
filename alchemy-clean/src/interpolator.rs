//! Missing cells filled between their neighbours in time.

use std::sync::Arc;

use alchemy_core::arrow::array::{Float64Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::{
    Groups, NumericColumn, TemporalColumn, by_name, index_of, is_numeric, is_temporal,
};
use alchemy_core::{Action, Ledger, Reach, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use crate::plain::require;
use crate::rebuilt::rebuilt;

/// Fills the missing cells of a numeric column on the straight line between the values before and after them in time.
///
/// For a cell at time *t* between the values *a* at *t*₀ and *b* at *t*₁ that is *a* + (*b* − *a*) (*t* − *t*₀) /
/// (*t*₁ − *t*₀). Neighbours are found by the time column, so rows may stand in any order, and with
/// [`with_keys`](Self::with_keys) among rows of the same key. Nothing is extrapolated: cells before the first and after
/// the last value stay null, as do cells without a time and those between opposite infinities. The column becomes
/// `Float64` in its place.
///
/// **It reads the future.** A value is filled from rows that come later, so it is for cleaning history offline; it works
/// on the whole table only, a live session refuses it, and what it filled must not be learned from to predict those very
/// rows. [`ForwardFill`](crate::ForwardFill) is the one that looks back only.
///
/// The ledger counts filled cells ([`Action::Filled`]). Takes the time of a sort.
///
/// # Errors
///
/// [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column that is not a number or a time that is not a date or
/// timestamp.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Interpolator, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Date32Array, Float64Array, RecordBatch};
/// let day = Arc::new(Date32Array::from(vec![0, 1, 4, 5])) as ArrayRef;
/// let x = Arc::new(Float64Array::from(vec![Some(0.0), None, Some(8.0), None])) as ArrayRef;
/// let raw = RecordBatch::try_from_iter([("day", day), ("x", x)])?;
///
/// let filled = Interpolator::new("x", "day").transform(&raw)?;
///
/// let expected = Float64Array::from(vec![Some(0.0), Some(2.0), Some(8.0), None]);
/// assert_eq!(filled.column(1).as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
///
/// [`Error::ColumnNotFound`]: alchemy_core::Error::ColumnNotFound
/// [`Error::ColumnType`]: alchemy_core::Error::ColumnType
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpolator {
    column: String,
    time: String,
    keys: Vec<String>,
}

impl Interpolator {
    /// Fills `column` along `time`.
    #[must_use]
    pub fn new(column: impl Into<String>, time: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            time: time.into(),
            keys: Vec::new(),
        }
    }

    /// Looks for neighbours only among rows that are equal in these columns, null equal to null. Default: among all rows.
    #[must_use]
    pub fn with_keys<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.keys = keys.into_iter().map(Into::into).collect();
        self
    }
}

impl Transform for Interpolator {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let time = input.field(index_of(input, &self.time)?).data_type();
        require(is_temporal(time), &self.time, time, "a date or timestamp")?;
        for key in &self.keys {
            index_of(input, key)?;
        }
        let place = index_of(input, &self.column)?;
        let found = input.field(place).data_type();
        require(is_numeric(found), &self.column, found, "a number")?;
        let mut fields = input.fields().to_vec();
        let field = fields[place].as_ref().clone();
        fields[place] = Arc::new(field.with_data_type(DataType::Float64).with_nullable(true));
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let place = index_of(&schema, &self.column)?;
        let mut values = NumericColumn::new(&self.column, batch.column(place))?
            .view()
            .to_vec();
        let missing = |values: &[f64]| values.iter().filter(|value| value.is_nan()).count();
        let before = missing(&values);

        let times = TemporalColumn::new(&self.time, by_name(batch, &self.time)?)?;
        let groups = Groups::of(batch, &self.keys)?;
        let timed = |(row, group): (usize, &u32)| {
            times.micros(row).map(|time| Timed {
                group: *group,
                time,
                row,
            })
        };
        let mut rows: Vec<Timed> = groups.ids().iter().enumerate().filter_map(timed).collect();
        rows.sort_unstable();
        rows.chunk_by(|a, b| a.group == b.group)
            .for_each(|rows| fill_between(rows, &mut values));

        let filled = before - missing(&values);
        ledger.record(&self.column, Action::Filled, filled, batch.num_rows());
        let values: Float64Array = values
            .into_iter()
            .map(|value| (!value.is_nan()).then_some(value))
            .collect();
        let mut columns = batch.columns().to_vec();
        columns[place] = Arc::new(values);
        rebuilt(batch, schema, columns)
    }

    fn reach(&self) -> Reach {
        Reach::Table
    }
}

impl Step for Interpolator {
    const NAME: &'static str = "alchemy-clean/interpolator";
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Timed {
    group: u32,
    time: i64,
    row: usize,
}

/// Fills the gaps of `values` between known values at `rows`, which are in order of time.
fn fill_between(rows: &[Timed], values: &mut [f64]) {
    let mut last: Option<usize> = None;
    for (at, here) in rows.iter().enumerate() {
        let after = values[here.row];
        if after.is_nan() {
            continue;
        }
        if let Some(last) = last {
            let start = &rows[last];
            let before = values[start.row];
            for gap in &rows[last + 1..at] {
                values[gap.row] = between(before, after, share(start.time, gap.time, here.time));
            }
        }
        last = Some(at);
    }
}

/// How far `time` is on the way from `start` to `end`.
fn share(start: i64, time: i64, end: i64) -> f64 {
    let span = |to: i64| (i128::from(to) - i128::from(start)) as f64;
    if end == start {
        0.0
    } else {
        span(time) / span(end)
    }
}

fn between(before: f64, after: f64, share: f64) -> f64 {
    let distance = after - before;
    if distance.is_finite() {
        before + distance * share
    } else {
        // An infinite end, or a distance beyond `f64`.
        before * (1.0 - share) + after * share
    }
}

#[cfg(test)]
mod tests {
    use alchemy_core::arrow::array::{
        ArrayRef, Float32Array, Int64Array, StringArray, TimestampMicrosecondArray,
    };

    use super::*;

    const INF: f64 = f64::INFINITY;

    fn fill(times: Vec<Option<i64>>, values: Vec<Option<f64>>) -> Vec<Option<f64>> {
        let time = Arc::new(TimestampMicrosecondArray::from(times)) as ArrayRef;
        let x = Arc::new(Float64Array::from(values)) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("t", time), ("x", x)]).unwrap();
        let out = Interpolator::new("x", "t").transform(&batch).unwrap();
        let x = NumericColumn::new("x", out.column(1)).unwrap();
        (0..out.num_rows()).map(|row| x.view().get(row)).collect()
    }

    #[test]
    fn the_order_of_rows_does_not_matter_but_time_does() {
        let times = vec![Some(30), Some(0), Some(20), Some(10), None];
        let values = vec![Some(6.0), Some(0.0), None, None, None];
        let wanted = vec![Some(6.0), Some(0.0), Some(4.0), Some(2.0), None];
        assert_eq!(fill(times, values), wanted);
    }

    #[test]
    fn equal_times_and_the_ends_of_time_are_no_trouble() {
        let wanted = vec![Some(1.0), Some(1.0), Some(3.0)];
        assert_eq!(
            fill(vec![Some(5); 3], vec![Some(1.0), None, Some(3.0)]),
            wanted
        );
        let ends = vec![Some(i64::MIN), Some(0), Some(i64::MAX)];
        assert_eq!(
            fill(ends, vec![Some(f64::MIN), None, Some(f64::MAX)]).len(),
            3
        );
    }

    #[test]
    fn between_infinities_there_is_no_line() {
        let times = || vec![Some(0), Some(1), Some(2)];
        assert_eq!(fill(times(), vec![Some(-INF), None, Some(INF)])[1], None);
        assert_eq!(
            fill(times(), vec![Some(0.0), None, Some(INF)])[1],
            Some(INF)
        );
        assert_eq!(
            fill(times(), vec![Some(INF), None, Some(INF)])[1],
            Some(INF)
        );
        assert_eq!(
            fill(times(), vec![Some(-1e308), None, Some(1e308)])[1],
            Some(0.0)
        );
    }

    #[test]
    fn neighbours_are_of_the_same_key() {
        let key = Arc::new(StringArray::from(vec!["a", "b", "a", "b", "a"])) as ArrayRef;
        let time = Arc::new(TimestampMicrosecondArray::from(vec![0, 1, 2, 3, 4])) as ArrayRef;
        let x = Arc::new(Int64Array::from(vec![
            Some(0),
            Some(9),
            None,
            None,
            Some(4),
        ])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("k", key), ("t", time), ("x", x)]).unwrap();
        let mut ledger = Ledger::new();
        let step = Interpolator::new("x", "t").with_keys(["k"]);
        let out = step.transform_with(&batch, &mut ledger).unwrap();
        let wanted = Float64Array::from(vec![Some(0.0), Some(9.0), Some(2.0), None, Some(4.0)]);
        assert_eq!(out.column(2).as_ref(), &wanted);
        assert_eq!(ledger.count("x", Action::Filled), 1);
    }

    #[test]
    fn the_time_must_be_a_time() {
        let x = Arc::new(Float32Array::from(vec![1.0])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("x", x)]).unwrap();
        let error = Interpolator::new("x", "x").transform(&batch).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"x\" is Float32, expected a date or timestamp"
        );
    }
}
