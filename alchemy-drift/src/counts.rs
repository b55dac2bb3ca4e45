//! Counts that come from a file.

/// Counts up to here are whole numbers as floats too, and their products fit 128 bits.
const LARGEST: usize = 1 << 53;

/// The sum of `counts`, unless it is beyond any real number of rows.
pub(crate) fn total<'a>(counts: impl IntoIterator<Item = &'a usize>) -> Option<usize> {
    let sum = counts
        .into_iter()
        .try_fold(0usize, |sum, count| sum.checked_add(*count));
    sum.filter(|sum| *sum <= LARGEST)
}
