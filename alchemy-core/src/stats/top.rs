//! Equal neighbours in sorted values, and the most frequent values.

use std::cmp::Ordering;

/// The different values of `sorted` with their counts, in order.
pub(crate) fn runs<T: Copy + PartialEq>(sorted: &[T]) -> impl Iterator<Item = (T, u64)> + '_ {
    sorted
        .chunk_by(|a, b| a == b)
        .map(|run| (run[0], run.len() as u64))
}

/// The `k` values of highest count, the smaller one where counts are equal, in that order.
///
/// Linear time: candidates gather until twice as many as needed are there, then the worse half
/// goes.
pub(crate) fn top<T: Copy + PartialOrd>(
    counts: impl Iterator<Item = (T, u64)>,
    k: usize,
) -> Vec<(T, u64)> {
    const LEAST_ROOM: usize = 64;
    let Some(last) = k.checked_sub(1) else {
        return Vec::new();
    };
    let room = k.saturating_mul(2).max(LEAST_ROOM);
    let mut best: Vec<(T, u64)> = Vec::new();
    let mut worst = None;
    for candidate in counts {
        if worst.is_some_and(|worst| by_rank(&candidate, &worst).is_gt()) {
            continue;
        }
        best.push(candidate);
        if best.len() == room {
            worst = Some(*best.select_nth_unstable_by(last, by_rank).1);
            best.truncate(k);
        }
    }
    best.sort_unstable_by(by_rank);
    best.truncate(k);
    best
}

/// Higher counts first, then smaller values.
fn by_rank<T: PartialOrd>(a: &(T, u64), b: &(T, u64)) -> Ordering {
    b.1.cmp(&a.1)
        .then_with(|| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_those_of_a_full_sort() {
        let counts: Vec<(u32, u64)> = (0..1000)
            .map(|value| (value, u64::from(value * 7 % 13)))
            .collect();
        let mut sorted = counts.clone();
        sorted.sort_by(by_rank);
        for k in [0, 1, 5, 64, 400, 999, 1000, 2000] {
            assert_eq!(top(counts.iter().copied(), k), sorted[..k.min(1000)], "{k}");
        }
    }
}
