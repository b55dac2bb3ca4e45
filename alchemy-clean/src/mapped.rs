//! One pass over the values of a column, in parallel over ranges of rows.

use alchemy_core::arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};
use alchemy_core::parallel::ROWS_PER_CHUNK;
use rayon::prelude::*;

/// Rows whose marks are one word.
const ROWS_PER_WORD: usize = 64;

/// What `each` makes of every slot, with `MARKS` marks a row, in one pass: it gets the row, the value, which is arbitrary
/// under a null, and whether the slot is not null.
///
/// The pass writes the output once, and a bit for each mark. An output of `()` takes no memory.
pub(crate) fn mapped<N, O, const MARKS: usize>(
    values: &[N],
    nulls: Option<&NullBuffer>,
    each: impl Fn(usize, N, bool) -> (O, [bool; MARKS]) + Sync,
) -> (Vec<O>, [BooleanBuffer; MARKS])
where
    N: Copy + Sync,
    O: Copy + Default + Send,
{
    let valid: Option<Vec<u64>> =
        nulls.map(|nulls| nulls.inner().bit_chunks().iter_padded().collect());
    let mut out = vec![O::default(); values.len()];
    let mut marks = vec![[0_u64; MARKS]; values.len().div_ceil(ROWS_PER_WORD)];
    let ranges = out
        .par_chunks_mut(ROWS_PER_CHUNK)
        .zip(marks.par_chunks_mut(ROWS_PER_CHUNK / ROWS_PER_WORD))
        .enumerate();
    ranges.for_each(|(range, (out, marks))| {
        let words = out.chunks_mut(ROWS_PER_WORD).zip(marks).enumerate();
        for (word, (out, marks)) in words {
            let start = range * ROWS_PER_CHUNK + word * ROWS_PER_WORD;
            let valid = valid
                .as_ref()
                .map_or(u64::MAX, |valid| valid[start / ROWS_PER_WORD]);
            let values = &values[start..start + out.len()];
            for (bit, (slot, value)) in out.iter_mut().zip(values).enumerate() {
                let (output, marked) = each(start + bit, *value, (valid >> bit) & 1 == 1);
                *slot = output;
                for (word, marked) in marks.iter_mut().zip(marked) {
                    *word |= u64::from(marked) << bit;
                }
            }
        }
    });
    let bits = |mark: usize| {
        let words: Vec<u64> = marks.iter().map(|marks| marks[mark]).collect();
        BooleanBuffer::new(Buffer::from_vec(words), 0, values.len())
    };
    (out, std::array::from_fn(bits))
}

/// Whether a value is a NaN: the only one that is not equal to itself.
pub(crate) fn is_nan<N: PartialOrd>(value: &N) -> bool {
    value.partial_cmp(value).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_seen_once_with_its_validity() {
        for rows in [0, 1, 63, 64, 65, ROWS_PER_CHUNK + 70] {
            let values: Vec<usize> = (0..rows + 3).collect();
            let nulls = NullBuffer::from_iter(values.iter().map(|value| value % 3 != 0));
            let (values, nulls) = (&values[3..], nulls.slice(3, rows));
            let (out, [odd, valid]) = mapped(values, Some(&nulls), |row, value, valid| {
                (row + value, [value % 2 == 1, valid])
            });
            let wanted: Vec<usize> = (0..rows).map(|row| 2 * row + 3).collect();
            assert_eq!(out, wanted);
            assert!((0..rows).all(|row| odd.value(row) == ((row + 3) % 2 == 1)));
            assert!((0..rows).all(|row| valid.value(row) == (row % 3 != 0)));
            let ((), [all]) = {
                let (out, marks) = mapped(values, None, |_, _, valid| ((), [valid]));
                (out.into_iter().collect(), marks)
            };
            assert_eq!(all.count_set_bits(), rows);
        }
    }

    #[test]
    fn only_nan_is_nan() {
        assert!(is_nan(&f64::NAN) && !is_nan(&f64::INFINITY) && !is_nan(&0_i128));
    }
}
