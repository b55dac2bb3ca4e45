//! Statistics of a window that slides over rows.

mod min_max;
mod sorted;
mod statistic;
mod window;

use alchemy_core::arrow::datatypes::{DataType, Field};
use alchemy_core::stats::Quantile;
use alchemy_core::{Error, Keyed, KeyedColumns, Result, Role};
use serde::{Deserialize, Serialize};

use crate::naming;
use crate::series::Series;
use statistic::Statistic;
use window::{Span, Window};

/// Appends statistics of the rows before each row.
///
/// For a numeric `column`, each chosen statistic becomes a `Float64` column `{column}_rolling_{statistic}_{window}`, such as
/// `cpu_rolling_mean_12`: that of the `window` rows of the same [key](Self::with_keys) that end one row before the current
/// one. Two other windows can be asked for, and then `_ending_{rows}` is added to the name: one that ends further back
/// ([`ending`](Self::ending)), for a forecast made some rows ahead, and one that includes the row itself
/// ([`including_current`](Self::including_current)), which is refused for a target, for it would tell the answer.
///
/// Rows are counted whether they hold a value or not. A value that is null or NaN is left out; where fewer than
/// [`min_periods`](Self::with_min_periods) are left the result is null, and so is every result near the first row of a key.
/// Integers beyond 2^53 round.
///
/// | method | value | with an infinity in the window |
/// |---|---|---|
/// | [`sum`](Self::sum), [`mean`](Self::mean) | exact, rounded once | that infinity; null if both are there |
/// | [`std_dev`](Self::std_dev) | divisor n − 1, exact to the last digit or the one before; null for one value | null |
/// | [`min`](Self::min), [`max`](Self::max) | | ordered like any value |
/// | [`median`](Self::median), [`quantile`](Self::quantile) | linear interpolation (type 7) | ordered like any value |
///
/// The result depends on the values in the window and on nothing before: a value of 1e17 leaves no trace once it has
/// left. A batch is transformed from an empty past; in a [session](alchemy_core::Session), rows pushed one by one give
/// the bits that one batch gives, also from a state rebuilt out of the last rows.
///
/// A row costs the same whatever the length of the window, but for quantiles, whose cost grows with the length beyond
/// some thousand rows, slowly. A key holds 8 bytes for each row of the window, as much again for minimum, maximum and
/// each quantile, and some 100 bytes for each sum.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] for a window of no rows, no statistic, a minimum of periods that is 0 or more than the
///   window, [`ending`](Self::ending) 0 rows back, or a window over a target that includes the current row.
/// - [`Error::ColumnNotFound`] if `column`, a key or the time is not in the batch.
/// - [`Error::ColumnType`] if `column` is not numeric, or the time is not temporal.
/// - [`Error::DuplicateColumn`] if a statistic is asked for twice, or its name is taken.
/// - [`Error::RowOrder`] if rows of a key go back in [time](Self::with_time).
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use alchemy_features::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// use alchemy_features::{Rolling, Transform};
///
/// let cpu = Arc::new(Float64Array::from(vec![1.0, 3.0, 8.0, 0.0])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("cpu", cpu)])?;
/// let rolled = Rolling::of("cpu").window(2).mean().max().transform(&batch)?;
///
/// // The first two rows have no two rows before them.
/// let expected = Float64Array::from(vec![None, None, Some(2.0), Some(5.5)]);
/// assert_eq!(rolled["cpu_rolling_mean_2"].as_ref(), &expected);
/// let expected = Float64Array::from(vec![None, None, Some(3.0), Some(8.0)]);
/// assert_eq!(rolled["cpu_rolling_max_2"].as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    series: Series,
    span: Span,
    min_periods: Option<usize>,
    statistics: Vec<Statistic>,
}

impl Rolling {
    /// Windows over `column`; say how long with [`window`](Self::window) and what is wanted of them.
    #[must_use]
    pub fn of(column: impl Into<String>) -> Self {
        Self {
            series: Series::of(column),
            span: Span {
                length: 0,
                ending: 1,
            },
            min_periods: None,
            statistics: Vec::new(),
        }
    }

    /// The length of the window in rows, 1 or more. Default: none, which is refused.
    #[must_use]
    pub fn window(mut self, rows: usize) -> Self {
        self.span.length = rows;
        self
    }

    /// The window ends `rows` rows before the current one. Default: 1.
    ///
    /// At row *t* it holds rows *t* − `rows` − window + 1 to *t* − `rows`. A forecast made `rows` rows ahead knows no later one.
    #[must_use]
    pub fn ending(mut self, rows: usize) -> Self {
        self.span.ending = rows;
        self
    }

    /// The window ends with the current row. Refused where the column is a target.
    #[must_use]
    pub fn including_current(self) -> Self {
        self.ending(0)
    }

    /// The names of the columns that are appended, in the order the statistics were asked for.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let Span { length, ending } = self.span;
        let name =
            |statistic| naming::rolling(self.series.columns().input, statistic, length, ending);
        self.statistics.iter().map(name).collect()
    }

    /// Gives a result where at least `values` values in the window are not missing, from 1 to its length. Default: its
    /// length.
    #[must_use]
    pub fn with_min_periods(mut self, values: usize) -> Self {
        self.min_periods = Some(values);
        self
    }

    /// Counts rows within each key: rows equal in all these columns, null equal to null. Default: all rows share one.
    #[must_use]
    pub fn with_keys(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.series = self.series.with_keys(keys);
        self
    }

    /// Refuses rows that go back in `time` within their key. Default: rows are taken in the order they come.
    #[must_use]
    pub fn with_time(mut self, time: impl Into<String>) -> Self {
        self.series = self.series.with_time(time);
        self
    }

    /// Asks for the sum.
    #[must_use]
    pub fn sum(self) -> Self {
        self.with(Statistic::Sum)
    }

    /// Asks for the arithmetic mean.
    #[must_use]
    pub fn mean(self) -> Self {
        self.with(Statistic::Mean)
    }

    /// Asks for the standard deviation, with divisor n − 1.
    #[must_use]
    #[doc(alias = "std")]
    pub fn std_dev(self) -> Self {
        self.with(Statistic::StdDev)
    }

    /// Asks for the least value.
    #[must_use]
    pub fn min(self) -> Self {
        self.with(Statistic::Min)
    }

    /// Asks for the greatest value.
    #[must_use]
    pub fn max(self) -> Self {
        self.with(Statistic::Max)
    }

    /// Asks for the median.
    #[must_use]
    pub fn median(self) -> Self {
        self.with(Statistic::Quantile(Quantile::MEDIAN))
    }

    /// Asks for the quantile `q`; its column is named `quantile_{q}`, such as `quantile_0.9`.
    #[must_use]
    pub fn quantile(self, q: Quantile) -> Self {
        self.with(Statistic::Quantile(q))
    }

    fn with(mut self, statistic: Statistic) -> Self {
        self.statistics.push(statistic);
        self
    }

    fn min_periods(&self) -> usize {
        self.min_periods.unwrap_or(self.span.length)
    }

    fn check(&self, input: &Field) -> Result<()> {
        if self.span.length == 0 {
            return Err(Error::parameter("window", "must be at least one row"));
        }
        if self.statistics.is_empty() {
            let message = "choose at least one statistic, such as `mean()`";
            return Err(Error::parameter("statistics", message));
        }
        let (least, length) = (self.min_periods(), self.span.length);
        if least == 0 || least > length {
            let message = format!("must be from 1 to the window's {length} rows, not {least}");
            return Err(Error::parameter("min_periods", message));
        }
        if self.span.ending == 0 && Role::of(input) == Role::Target {
            let message = format!(
                "{:?} is the target: a window that includes the current row would tell the answer",
                input.name()
            );
            return Err(Error::parameter("including_current", message));
        }
        Ok(())
    }
}

impl Keyed for Rolling {
    const NAME: &'static str = "alchemy-features/rolling";
    type State = Window;

    fn columns(&self) -> KeyedColumns<'_> {
        self.series.columns()
    }

    fn outputs(&self, input: &Field) -> Result<Vec<Field>> {
        self.check(input)?;
        let field = |name| Field::new(name, DataType::Float64, true);
        Ok(self.names().into_iter().map(field).collect())
    }

    fn push(&self, window: &mut Window, value: f64, outputs: &mut [f64]) {
        window.slide(self.span, &self.statistics, value);
        if window.count() >= self.min_periods() {
            for (output, statistic) in outputs.iter_mut().zip(window.statistics()) {
                *output = statistic;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::Transform;
    use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};

    use super::*;

    fn batch() -> RecordBatch {
        let y = Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0])) as ArrayRef;
        RecordBatch::try_from_iter([("y", y)]).unwrap()
    }

    fn refused(rolling: &Rolling, batch: &RecordBatch) -> &'static str {
        match rolling.transform(batch) {
            Err(Error::InvalidParameter { parameter, .. }) => parameter,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_window_over_the_target_ends_before_the_row() {
        let target = Role::Target.stamp_column(&batch(), "y").unwrap();
        let rolling = Rolling::of("y").window(2).mean();
        assert!(rolling.transform(&target).is_ok());
        let current = rolling.including_current();
        assert_eq!(refused(&current, &target), "including_current");
        assert!(current.transform(&batch()).is_ok());
        let schema = current.output_schema(target.schema_ref());
        assert!(schema.is_err(), "{schema:?}");
    }

    #[test]
    fn parameters_outside_their_domain_are_refused() {
        let mean = Rolling::of("y").mean();
        assert_eq!(refused(&mean, &batch()), "window");
        assert_eq!(refused(&Rolling::of("y").window(3), &batch()), "statistics");
        for least in [0, 4] {
            let rolling = mean.clone().window(3).with_min_periods(least);
            assert_eq!(refused(&rolling, &batch()), "min_periods");
        }
    }

    #[test]
    fn a_window_longer_than_the_table_gives_null() {
        let rolling = Rolling::of("y")
            .window(usize::MAX)
            .ending(usize::MAX)
            .mean();
        assert_eq!(
            rolling.transform(&batch()).unwrap().column(1).null_count(),
            3
        );
    }
}
