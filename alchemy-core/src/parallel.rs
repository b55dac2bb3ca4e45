//! Work in parallel that fails the same way on any number of threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::Result;

/// All results in order, or the first error in that order.
///
/// Rayon's own `collect::<Result<_>>()` gives the error that happened to come first in time, so which column or row a
/// message names would depend on threads.
///
/// # Errors
///
/// The first one in the order of `results`.
///
/// # Examples
///
/// ```
/// use alchemy_core::parallel::try_collect;
/// use alchemy_core::{Error, Result};
/// use rayon::prelude::*;
///
/// let of_column = |name: &&str| -> Result<usize> {
///     if name.is_empty() { Err(Error::parameter("columns", "a name is empty")) } else { Ok(name.len()) }
/// };
/// assert_eq!(try_collect(["age", "city"].par_iter().map(of_column))?, [3, 4]);
/// assert!(try_collect(["age", ""].par_iter().map(of_column)).is_err());
/// # Ok::<(), Error>(())
/// ```
pub fn try_collect<T: Send>(
    results: impl IndexedParallelIterator<Item = Result<T>>,
) -> Result<Vec<T>> {
    results.collect::<Vec<_>>().into_iter().collect()
}

/// Rows that one call of [`by_rows`] gets at most.
pub const ROWS_PER_CHUNK: usize = 1 << 16;

/// Does `each` for a table of `rows` rows in parallel, a range of rows at a time: the results in order.
///
/// Ranges are the same for any number of threads, all of [`ROWS_PER_CHUNK`] but the last. Without a row there is no range.
///
/// # Errors
///
/// The first one in the order of rows.
///
/// # Examples
///
/// ```
/// use alchemy_core::parallel::{ROWS_PER_CHUNK, by_rows};
///
/// let starts = by_rows(ROWS_PER_CHUNK + 1, |rows| Ok((rows.start, rows.len())))?;
/// assert_eq!(starts, [(0, ROWS_PER_CHUNK), (ROWS_PER_CHUNK, 1)]);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
pub fn by_rows<T: Send>(
    rows: usize,
    each: impl Fn(Range<usize>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let chunk = |index: usize| {
        let start = index * ROWS_PER_CHUNK;
        each(start..rows.min(start + ROWS_PER_CHUNK))
    };
    try_collect(
        (0..rows.div_ceil(ROWS_PER_CHUNK))
            .into_par_iter()
            .map(chunk),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn the_first_error_in_order_wins_however_late_it_comes() {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(4)
            .build()
            .unwrap();
        let failing = |row: u32| {
            // The later rows fail first.
            std::thread::sleep(std::time::Duration::from_millis(u64::from(8 - row)));
            if row < 2 {
                Ok(row)
            } else {
                Err(Error::value("x", row.into(), "?", "a number"))
            }
        };
        let rows = (0..8).into_par_iter().with_max_len(1);
        let error = pool.install(|| try_collect(rows.map(failing))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"x\", row 2: \"?\" is not a number"
        );
        let rows = (0..3).into_par_iter();
        assert_eq!(try_collect(rows.map(Ok)).unwrap(), [0, 1, 2]);
    }
}
