//! The latest rows held out.

use std::time::Duration;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::{TemporalColumn, by_name};
use alchemy_core::{Error, Result};
use rayon::prelude::*;

use super::{Split, SplitRows, check_share, nearest};

/// Holds out the latest share of the rows, by a time column.
///
/// The parts are divided at an instant, not at a row: rows of the same instant are on one side, so of a table with
/// many series each is cut at the same time. The part held out is `share` of the rows, rounded to the nearest row,
/// and what else carries the time of its first row. Rows may come in any order; both parts come out in time order,
/// rows of one instant as they were.
///
/// Where a target looks ahead, or a feature looks back, over several rows, the last training rows overlap with what
/// is held out. [`with_gap`](Self::with_gap) leaves them out of both.
///
/// Costs a sort of 16 bytes a row.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, RecordBatch, TimestampSecondArray};
/// use alchemy_models::{Split, TimeSplit};
///
/// let time: TimestampSecondArray = (0..100).map(|i| Some(300 * i)).collect();
/// let batch = RecordBatch::try_from_iter([("time", Arc::new(time) as ArrayRef)])?;
/// let rows = TimeSplit::new("time", 0.2).with_gap(3).rows(&batch)?;
/// assert_eq!(rows.train.last(), Some(&76));
/// assert_eq!(rows.held_out.first(), Some(&80));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSplit {
    time: String,
    share: f64,
    gap: Gap,
}

/// How much time before the part held out is used by neither part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// So many distinct instants of the time column.
    Instants(usize),
    /// So long before the first instant held out, its own beginning included.
    Duration(Duration),
}

impl From<usize> for Gap {
    fn from(instants: usize) -> Self {
        Self::Instants(instants)
    }
}

impl From<Duration> for Gap {
    fn from(duration: Duration) -> Self {
        Self::Duration(duration)
    }
}

impl TimeSplit {
    /// Holds out the latest `share` of the rows, between 0 and 1, by the date or timestamp column `time`.
    #[must_use]
    pub fn new(time: impl Into<String>, share: f64) -> Self {
        Self {
            time: time.into(),
            share,
            gap: Gap::Instants(0),
        }
    }

    /// Leaves rows just before the part held out unused: of as many instants as given by a number, or of a
    /// [`Duration`]. Take at least the forecast horizon. No gap by default.
    #[must_use]
    pub fn with_gap(mut self, gap: impl Into<Gap>) -> Self {
        self.gap = gap.into();
        self
    }

    fn in_time_order(&self, batch: &RecordBatch) -> Result<Vec<(i64, usize)>> {
        let column = TemporalColumn::new(&self.time, by_name(batch, &self.time)?)?;
        let mut rows = (0..batch.num_rows())
            .map(|row| match column.micros(row) {
                Some(time) => Ok((time, row)),
                None => Err(Error::value(&self.time, row as u64, "null", "a time")),
            })
            .collect::<Result<Vec<_>>>()?;
        rows.par_sort_unstable();
        Ok(rows)
    }
}

impl Split for TimeSplit {
    fn rows(&self, batch: &RecordBatch) -> Result<SplitRows> {
        check_share(self.share)?;
        let rows = self.in_time_order(batch)?;
        let wanted = nearest(rows.len() as f64 * self.share).max(1);
        let Some((first, _)) = rows
            .len()
            .checked_sub(wanted)
            .and_then(|start| rows.get(start))
        else {
            return SplitRows::new(vec![], vec![]);
        };
        let cut = rows.partition_point(|(time, _)| time < first);
        let end = match self.gap {
            Gap::Instants(instants) => rows[..cut]
                .chunk_by(|a, b| a.0 == b.0)
                .rev()
                .take(instants)
                .fold(cut, |end, instant| end - instant.len()),
            Gap::Duration(duration) => {
                let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
                let before = first.saturating_sub(micros);
                rows.partition_point(|(time, _)| *time < before).min(cut)
            }
        };
        let positions = |rows: &[(i64, usize)]| rows.iter().map(|(_, row)| *row).collect();
        SplitRows::new(positions(&rows[..end]), positions(&rows[cut..]))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{ArrayRef, Int64Array, TimestampSecondArray};

    use super::*;

    fn batch(seconds: &[Option<i64>]) -> RecordBatch {
        let time = Arc::new(TimestampSecondArray::from(seconds.to_vec())) as ArrayRef;
        let row = Arc::new((0..).take(seconds.len()).map(Some).collect::<Int64Array>()) as ArrayRef;
        RecordBatch::try_from_iter_with_nullable([("time", time, true), ("row", row, true)])
            .unwrap()
    }

    fn times(seconds: &[i64]) -> RecordBatch {
        batch(&seconds.iter().copied().map(Some).collect::<Vec<_>>())
    }

    #[test]
    fn an_instant_is_never_divided() {
        let rows = TimeSplit::new("time", 0.25)
            .rows(&times(&[1, 1, 2, 2, 3, 3, 3, 3]))
            .unwrap();
        assert_eq!(
            (rows.train, rows.held_out),
            (vec![0, 1, 2, 3], vec![4, 5, 6, 7])
        );
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let (train, test) = TimeSplit::new("time", 0.4)
            .split(&times(&[50, 10, 40, 20, 30]))
            .unwrap();
        let (sorted_train, sorted_test) = TimeSplit::new("time", 0.4)
            .split(&times(&[10, 20, 30, 40, 50]))
            .unwrap();
        assert_eq!(train.column(0), sorted_train.column(0));
        assert_eq!(test.column(0), sorted_test.column(0));
    }

    #[test]
    fn a_gap_in_instants_and_in_time_agree_on_regular_steps() {
        let batch = times(&(0..20).map(|i| 60 * i).collect::<Vec<_>>());
        let by_count = TimeSplit::new("time", 0.25)
            .with_gap(4)
            .rows(&batch)
            .unwrap();
        let by_time = TimeSplit::new("time", 0.25)
            .with_gap(Duration::from_secs(240))
            .rows(&batch)
            .unwrap();
        assert_eq!(by_count, by_time);
        assert_eq!((by_count.train.len(), by_count.held_out.len()), (11, 5));
    }

    #[test]
    fn what_leaves_a_part_empty_is_refused() {
        let split = TimeSplit::new("time", 0.5);
        for seconds in [&[][..], &[1], &[1, 1, 1]] {
            assert!(
                matches!(split.rows(&times(seconds)), Err(Error::Empty { .. })),
                "{seconds:?}"
            );
        }
        assert!(matches!(
            split.clone().with_gap(usize::MAX).rows(&times(&[1, 2])),
            Err(Error::Empty { .. })
        ));
        let forever = split.clone().with_gap(Duration::MAX);
        assert!(matches!(
            forever.rows(&times(&[1, 2])),
            Err(Error::Empty { .. })
        ));
    }

    #[test]
    fn a_time_is_needed_in_every_row() {
        let error = TimeSplit::new("time", 0.5)
            .rows(&batch(&[Some(1), None]))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"time\", row 1: \"null\" is not a time"
        );
        assert!(matches!(
            TimeSplit::new("row", 0.5).rows(&times(&[1, 2])),
            Err(Error::ColumnType { .. })
        ));
        assert!(matches!(
            TimeSplit::new("tim", 0.5).rows(&times(&[1, 2])),
            Err(Error::ColumnNotFound { .. })
        ));
    }
}
