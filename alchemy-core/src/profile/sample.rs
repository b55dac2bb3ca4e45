//! The first rows of a table, and some at random.

use arrow::array::{RecordBatch, RecordBatchReader, UInt64Array};
use arrow::compute::{concat_batches, take_record_batch};

use crate::Result;
use crate::random::Stream;

/// The first `num_rows` rows of a stream of batches, all of them if it has fewer. Reads no further
/// than it must. Of a batch, `batch.slice(0, num_rows)` is that.
///
/// # Errors
///
/// Those of the stream.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch, RecordBatchIterator};
/// use alchemy_core::head;
/// use std::sync::Arc;
///
/// let numbers = Arc::new(Int64Array::from(vec![1, 2, 3])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("n", numbers)])?;
/// let reader = RecordBatchIterator::new([Ok(batch.clone()), Ok(batch.clone())], batch.schema());
/// assert_eq!(head(reader, 5)?.num_rows(), 5);
/// # Ok(())
/// # }
/// ```
pub fn head(reader: impl RecordBatchReader, num_rows: usize) -> Result<RecordBatch> {
    let schema = reader.schema();
    let mut batches: Vec<RecordBatch> = Vec::new();
    let mut missing = num_rows;
    if missing > 0 {
        for batch in reader {
            let batch = batch?;
            let taken = batch.slice(0, missing.min(batch.num_rows()));
            missing -= taken.num_rows();
            batches.push(taken);
            if missing == 0 {
                break;
            }
        }
    }
    Ok(concat_batches(&schema, &batches)?)
}

/// Draws rows at random, without replacement: each set of that many rows is equally likely.
///
/// A row is drawn by the hash of its number under the seed: the same rows of the same table, however
/// it is cut into batches, on any machine. They come in the order of the table.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::arrow::array::{ArrayRef, Int64Array, RecordBatch, RecordBatchIterator};
/// use alchemy_core::Sampler;
/// use std::sync::Arc;
///
/// let numbers = Arc::new(Int64Array::from_iter_values(0..100)) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("n", numbers)])?;
/// let sampler = Sampler::new(10).with_seed(42);
/// let drawn = sampler.sample(&batch)?;
/// assert_eq!(drawn.num_rows(), 10);
/// let cut = [Ok(batch.slice(0, 30)), Ok(batch.slice(30, 70))];
/// let reader = RecordBatchIterator::new(cut, batch.schema());
/// assert_eq!(sampler.sample_reader(reader)?, drawn);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampler {
    num_rows: usize,
    seed: u64,
}

impl Sampler {
    /// Draws `num_rows` rows, or all of a table that has fewer.
    #[must_use]
    pub fn new(num_rows: usize) -> Self {
        Self { num_rows, seed: 0 }
    }

    /// Another seed draws other rows; 0 by default.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Rows of one batch, drawn in linear time.
    ///
    /// # Errors
    ///
    /// [`Error::Arrow`](crate::Error::Arrow) for a column of a type that cannot be copied row by row.
    pub fn sample(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut drawn = Drawn::default();
        self.draw(batch, 0, &mut drawn)?;
        self.finish(batch, drawn)
    }

    /// Rows of a stream of batches, of which at most two samples are held at a time.
    ///
    /// # Errors
    ///
    /// Those of the stream and of [`Self::sample`].
    pub fn sample_reader(&self, reader: impl RecordBatchReader) -> Result<RecordBatch> {
        let mut drawn = Drawn::default();
        let mut first_row = 0;
        let empty = RecordBatch::new_empty(reader.schema());
        for batch in reader {
            let batch = batch?;
            self.draw(&batch, first_row, &mut drawn)?;
            first_row += batch.num_rows() as u64;
        }
        self.finish(&empty, drawn)
    }

    /// Takes the rows of `batch` that may be among those drawn in the end.
    fn draw(&self, batch: &RecordBatch, first_row: u64, drawn: &mut Drawn) -> Result<()> {
        let numbers = first_row..first_row + batch.num_rows() as u64;
        let draws = numbers.map(|row| (Stream::new(self.seed, &[row]).next_u64(), row));
        let mut draws: Vec<Draw> = draws.filter(|draw| drawn.may_take(*draw)).collect();
        keep_smallest(&mut draws, self.num_rows);
        draws.sort_unstable_by_key(|(_, row)| *row);
        if draws.is_empty() {
            return Ok(());
        }
        let rows = draws.iter().map(|(_, row)| row - first_row);
        let taken = take_record_batch(batch, &UInt64Array::from_iter_values(rows))?;
        drawn.rows += draws.len();
        drawn.parts.push((draws, taken));
        if drawn.rows > 2 * self.num_rows {
            *drawn = self.settle(batch, std::mem::take(drawn))?;
        }
        Ok(())
    }

    /// Leaves what is drawn of the rows so far.
    fn settle(&self, like: &RecordBatch, drawn: Drawn) -> Result<Drawn> {
        let (draws, batches): (Vec<Vec<Draw>>, Vec<RecordBatch>) = drawn.parts.into_iter().unzip();
        let together = concat_batches(like.schema_ref(), &batches)?;
        let mut places: Vec<(Draw, u64)> = draws.concat().into_iter().zip(0..).collect();
        keep_smallest(&mut places, self.num_rows);
        let limit = places.iter().map(|(draw, _)| *draw).max();
        places.sort_unstable_by_key(|(_, place)| *place);
        let kept = UInt64Array::from_iter_values(places.iter().map(|(_, place)| *place));
        let draws: Vec<Draw> = places.into_iter().map(|(draw, _)| draw).collect();
        Ok(Drawn {
            rows: draws.len(),
            limit: limit.filter(|_| draws.len() == self.num_rows),
            parts: vec![(draws, take_record_batch(&together, &kept)?)],
        })
    }

    fn finish(&self, like: &RecordBatch, drawn: Drawn) -> Result<RecordBatch> {
        let settled = self.settle(like, drawn)?;
        let rows = settled.parts.into_iter().next();
        Ok(rows.map_or_else(|| like.slice(0, 0), |(_, rows)| rows))
    }
}

/// A row's random number, and its own.
type Draw = (u64, u64);

/// Rows that may be in the sample.
#[derive(Debug, Default)]
struct Drawn {
    parts: Vec<(Vec<Draw>, RecordBatch)>,
    rows: usize,
    /// No draw above it can be in the sample.
    limit: Option<Draw>,
}

impl Drawn {
    fn may_take(&self, draw: Draw) -> bool {
        self.limit.is_none_or(|limit| draw < limit)
    }
}

fn keep_smallest<T: Ord>(items: &mut Vec<T>, count: usize) {
    if count < items.len() {
        items.select_nth_unstable(count);
        items.truncate(count);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatchIterator};
    use arrow::datatypes::Int64Type;

    use super::*;

    fn count_to(rows: i64) -> RecordBatch {
        let numbers = Arc::new(Int64Array::from_iter_values(0..rows)) as ArrayRef;
        RecordBatch::try_from_iter([("n", numbers)]).unwrap()
    }

    fn cut(batch: &RecordBatch, size: usize) -> impl RecordBatchReader {
        let starts = (0..batch.num_rows()).step_by(size);
        let parts: Vec<_> = starts
            .map(|start| Ok(batch.slice(start, size.min(batch.num_rows() - start))))
            .collect();
        RecordBatchIterator::new(parts, batch.schema())
    }

    fn numbers(batch: &RecordBatch) -> Vec<i64> {
        batch
            .column(0)
            .as_primitive::<Int64Type>()
            .values()
            .to_vec()
    }

    #[test]
    fn the_first_rows_come_from_as_many_batches_as_it_takes() {
        let batch = count_to(10);
        for rows in [0, 1, 3, 7, 10, 11] {
            let found = head(cut(&batch, 3), rows).unwrap();
            assert_eq!(found, batch.slice(0, rows.min(10)));
        }
    }

    #[test]
    fn cuts_do_not_show_and_rows_keep_their_order() {
        let batch = count_to(1000);
        for rows in [0, 1, 10, 333, 1000, 1001] {
            let sampler = Sampler::new(rows).with_seed(5);
            let whole = sampler.sample(&batch).unwrap();
            assert_eq!(whole.num_rows(), rows.min(1000));
            assert!(numbers(&whole).is_sorted());
            for size in [1, 7, 400] {
                assert_eq!(sampler.sample_reader(cut(&batch, size)).unwrap(), whole);
            }
        }
    }

    #[test]
    fn every_row_is_drawn_as_often() {
        let batch = count_to(20);
        let mut counts = [0_u32; 20];
        for seed in 0..10_000 {
            let drawn = Sampler::new(5).with_seed(seed).sample(&batch).unwrap();
            for number in numbers(&drawn) {
                counts[usize::try_from(number).unwrap()] += 1;
            }
        }
        // 2,500 ± 43: beyond 4.5 standard deviations nothing should be.
        assert!(
            counts.iter().all(|count| count.abs_diff(2500) < 195),
            "{counts:?}"
        );
    }
}
