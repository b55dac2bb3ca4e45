//! Values of earlier rows.

use alchemy_core::arrow::datatypes::{DataType, Field};
use alchemy_core::{Error, Keyed, KeyedColumns, Result};
use serde::{Deserialize, Serialize};

use crate::history::History;
use crate::naming;
use crate::series::Series;

/// Appends the values that a column had some rows earlier.
///
/// For a numeric `column` and each `k` of [`by`](Self::by), the new column `{column}_lag_{k}` (`Float64`) holds the value
/// of the *k*-th row before, counted in rows of the same [key](Self::with_keys); integers beyond 2^53 round. It is null
/// where there is no such row, or where that row's value is missing (null or NaN). A forecast made `h` rows ahead
/// takes lags of `h` and more.
///
/// The only rows read are earlier ones, so no lag can leak its own row: `k` = 0 is refused.
///
/// A batch is transformed from an empty past; in a [session](alchemy_core::Session), rows pushed one by one give the bits
/// that one batch gives. A row costs one write a lag; a key holds as many values as the longest lag, 8 bytes each.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] for a lag of 0, or no lag.
/// - [`Error::ColumnNotFound`] if `column`, a key or the time is not in the batch.
/// - [`Error::ColumnType`] if `column` is not numeric, or the time is not temporal.
/// - [`Error::DuplicateColumn`] if a lag is given twice, or its name is taken.
/// - [`Error::RowOrder`] if rows of a key go back in [time](Self::with_time).
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use alchemy_features::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
/// use alchemy_features::{Lag, Transform};
///
/// let batch = RecordBatch::try_from_iter([
///     ("host", Arc::new(StringArray::from(vec!["a", "b", "a", "a"])) as ArrayRef),
///     ("cpu", Arc::new(Int64Array::from(vec![10, 70, 20, 30]))),
/// ])?;
/// let lagged = Lag::of("cpu").by([1, 2]).with_keys(["host"]).transform(&batch)?;
///
/// let expected = Float64Array::from(vec![None, None, Some(10.0), Some(20.0)]);
/// assert_eq!(lagged["cpu_lag_1"].as_ref(), &expected);
/// let expected = Float64Array::from(vec![None, None, None, Some(10.0)]);
/// assert_eq!(lagged["cpu_lag_2"].as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "shift")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lag {
    series: Series,
    lags: Vec<usize>,
}

impl Lag {
    /// Lags of `column`; say how long with [`by`](Self::by).
    #[must_use]
    pub fn of(column: impl Into<String>) -> Self {
        Self {
            series: Series::of(column),
            lags: Vec::new(),
        }
    }

    /// The lags in rows, each 1 or more. Default: none, which is refused.
    #[must_use]
    pub fn by(mut self, lags: impl IntoIterator<Item = usize>) -> Self {
        self.lags = lags.into_iter().collect();
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
}

impl Keyed for Lag {
    const NAME: &'static str = "alchemy-features/lag";
    type State = History;

    fn columns(&self) -> KeyedColumns<'_> {
        self.series.columns()
    }

    fn outputs(&self, input: &Field) -> Result<Vec<Field>> {
        if self.lags.is_empty() || self.lags.contains(&0) {
            let message = "give at least one lag, each of 1 row or more";
            return Err(Error::parameter("by", message));
        }
        let field =
            |lag: &usize| Field::new(naming::lag(input.name(), *lag), DataType::Float64, true);
        Ok(self.lags.iter().map(field).collect())
    }

    fn push(&self, history: &mut History, value: f64, outputs: &mut [f64]) {
        history.push(value);
        for (output, lag) in outputs.iter_mut().zip(&self.lags) {
            *output = history.before_latest(*lag);
        }
        if self.lags.iter().all(|lag| *lag < history.len()) {
            history.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::Transform;
    use alchemy_core::arrow::array::{ArrayRef, Date32Array, RecordBatch};

    use super::*;

    fn batch() -> RecordBatch {
        let days = Arc::new(Date32Array::from(vec![1, 2, 1])) as ArrayRef;
        let x = Arc::new(alchemy_core::arrow::array::Int64Array::from(vec![1, 2, 3])) as ArrayRef;
        RecordBatch::try_from_iter([("t", days), ("x", x)]).unwrap()
    }

    #[test]
    fn a_lag_of_no_rows_is_refused() {
        for lags in [vec![], vec![1, 0]] {
            let error = Lag::of("x").by(lags).transform(&batch()).unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::InvalidParameter {
                        parameter: "by",
                        ..
                    }
                ),
                "{error}"
            );
        }
        let error = Lag::of("x").by([2, 2]).transform(&batch()).unwrap_err();
        assert!(matches!(error, Error::DuplicateColumn { .. }), "{error}");
    }

    #[test]
    fn a_row_that_goes_back_in_time_is_refused() {
        let lag = Lag::of("x").by([1]).with_time("t");
        let error = lag.transform(&batch()).unwrap_err();
        assert!(matches!(error, Error::RowOrder { row: 2, .. }), "{error}");
    }

    #[test]
    fn a_lag_longer_than_the_table_is_null() {
        let lagged = Lag::of("x").by([usize::MAX]).transform(&batch()).unwrap();
        assert_eq!(lagged.column(2).null_count(), 3);
    }
}
