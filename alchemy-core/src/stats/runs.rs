//! Equal neighbours in sorted values.

/// The different values of `sorted` with their counts, in order.
pub(crate) fn runs<T: Copy + PartialEq>(sorted: &[T]) -> impl Iterator<Item = (T, u64)> + '_ {
    sorted
        .chunk_by(|a, b| a == b)
        .map(|run| (run[0], run.len() as u64))
}

/// The `k` runs of highest count, the earlier one where counts are equal.
pub(crate) fn top_runs<T>(runs: impl Iterator<Item = (T, u64)>, k: usize) -> Vec<(T, u64)> {
    let mut top: Vec<(T, u64)> = Vec::with_capacity(k + 1);
    for run in runs {
        let least = top.last().map_or(0, |least| least.1);
        if top.len() == k && run.1 <= least {
            continue;
        }
        let at = top.partition_point(|better| better.1 >= run.1);
        top.insert(at, run);
        top.truncate(k);
    }
    top
}
