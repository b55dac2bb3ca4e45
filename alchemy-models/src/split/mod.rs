//! Dividing rows into parts that stay apart.

mod random;
mod time;

use std::fmt::Debug;

use alchemy_core::arrow::array::{RecordBatch, UInt64Array};
use alchemy_core::arrow::compute::take_record_batch;
use alchemy_core::{Error, Result, Test, Train, Valid};

pub use random::RandomSplit;
pub use time::{Gap, TimeSplit};

/// A rule that holds a share of the rows back.
///
/// One rule cuts a [`Test`] off all the data, and a [`Valid`] off what is left to train on. The three are types of
/// their own, so early stopping cannot see the rows that the final score is measured on.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch};
/// use alchemy_models::{RandomSplit, Split};
///
/// let x: Int64Array = (0..100).map(Some).collect();
/// let batch = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef)])?;
/// let (train, test) = RandomSplit::new(0.2).with_seed(42).split(&batch)?;
/// let (train, valid) = RandomSplit::new(0.25).with_seed(42).split_train(&train)?;
/// assert_eq!((train.num_rows(), valid.num_rows(), test.num_rows()), (60, 20, 20));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Split: Debug + Send + Sync {
    /// Which rows of `batch` go where.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a share outside (0, 1), [`Error::Empty`] if a part has no row, and what the rule
    /// asks of its columns.
    fn rows(&self, batch: &RecordBatch) -> Result<SplitRows>;

    /// Divides all the data.
    ///
    /// # Errors
    ///
    /// As [`rows`](Self::rows).
    fn split(&self, batch: &RecordBatch) -> Result<(Train, Test)> {
        let rows = self.rows(batch)?;
        Ok((
            Train::new(take(batch, &rows.train)?),
            Test::new(take(batch, &rows.held_out)?),
        ))
    }

    /// Divides the training part once more.
    ///
    /// # Errors
    ///
    /// As [`rows`](Self::rows).
    fn split_train(&self, train: &Train) -> Result<(Train, Valid)> {
        let rows = self.rows(train)?;
        Ok((
            Train::new(take(train, &rows.train)?),
            Valid::new(take(train, &rows.held_out)?),
        ))
    }
}

/// The rows of each part, as zero-based positions in the batch that was divided.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SplitRows {
    /// What is left to train on.
    pub train: Vec<usize>,
    /// What is held back.
    pub held_out: Vec<usize>,
}

impl SplitRows {
    fn new(train: Vec<usize>, held_out: Vec<usize>) -> Result<Self> {
        for (part, rows) in [
            ("the training part", &train),
            ("the part held out", &held_out),
        ] {
            if rows.is_empty() {
                return Err(Error::Empty { what: part.into() });
            }
        }
        Ok(Self { train, held_out })
    }
}

fn check_share(share: f64) -> Result<()> {
    if share > 0.0 && share < 1.0 {
        return Ok(());
    }
    Err(Error::parameter(
        "share",
        format!("{share} is not between 0 and 1"),
    ))
}

/// `rows` as a count, rounded to the nearest.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a row count is between 0 and that count"
)]
fn nearest(rows: f64) -> usize {
    rows.round() as usize
}

/// The rows in the order given; neighbouring rows are shared with `batch`, not copied.
fn take(batch: &RecordBatch, rows: &[usize]) -> Result<RecordBatch> {
    if rows.windows(2).all(|pair| pair[0] + 1 == pair[1]) {
        let start = rows.first().copied().unwrap_or(0);
        return Ok(batch.slice(start, rows.len()));
    }
    if batch.num_columns() == 0 {
        // All rows are alike, and Arrow takes none of them.
        return Ok(batch.slice(0, rows.len()));
    }
    let rows = UInt64Array::from_iter_values(rows.iter().map(|row| *row as u64));
    Ok(take_record_batch(batch, &rows)?)
}
