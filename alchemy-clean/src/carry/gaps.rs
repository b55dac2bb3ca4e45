//! Which missing cell takes the value of which other cell.

use alchemy_core::arrow::buffer::NullBuffer;
use alchemy_core::column::Groups;

/// Missing cells, each with the cell whose value it takes.
pub(crate) type Copies = Vec<(usize, usize)>;

/// For each missing cell the last value before it in its group, at most `limit` rows of the group away.
pub(crate) fn forward(present: &NullBuffer, groups: Option<&Groups>, limit: Option<u64>) -> Copies {
    if let Some(groups) = groups {
        let rows = groups.ids().iter().copied().enumerate();
        return along(present, rows, &mut none_yet(groups), limit);
    }
    let limit = in_rows(limit);
    let mut copies = Copies::new();
    let mut last = None;
    for (start, end) in runs(present) {
        if let Some(last) = last {
            let stop = start.min(after(last, limit));
            copies.extend((last + 1..stop).map(|row| (row, last)));
        }
        last = end.checked_sub(1);
    }
    copies
}

/// For each missing cell the first value after it in its group, at most `limit` rows of the group away.
pub(crate) fn backward(
    present: &NullBuffer,
    groups: Option<&Groups>,
    limit: Option<u64>,
) -> Copies {
    if let Some(groups) = groups {
        let rows = groups.ids().iter().copied().enumerate().rev();
        return along(present, rows, &mut none_yet(groups), limit);
    }
    let limit = in_rows(limit);
    let mut copies = Copies::new();
    let mut end_before = 0;
    for (start, end) in runs(present).filter(|(start, _)| *start < present.len()) {
        let first = start.saturating_sub(limit).max(end_before);
        copies.extend((first..start).map(|row| (row, start)));
        end_before = end;
    }
    copies
}

/// The last value of a group so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Last {
    pub(crate) row: Option<usize>,
    /// Rows of the group since.
    pub(crate) age: u64,
}

/// For each missing cell the last value of its group so far; `rows` are rows with their group, in the order in which values
/// are carried, and `lasts` is moved on over them.
pub(crate) fn along(
    present: &NullBuffer,
    rows: impl Iterator<Item = (usize, u32)>,
    lasts: &mut [Last],
    limit: Option<u64>,
) -> Copies {
    let limit = limit.unwrap_or(u64::MAX);
    let mut copies = Copies::new();
    for (row, group) in rows {
        let last = &mut lasts[group as usize];
        if present.is_valid(row) {
            *last = Last {
                row: Some(row),
                age: 0,
            };
            continue;
        }
        last.age = last.age.saturating_add(1);
        if let Some(source) = last.row
            && last.age <= limit
        {
            copies.push((row, source));
        }
    }
    copies
}

fn none_yet(groups: &Groups) -> Vec<Last> {
    vec![Last::default(); groups.first_rows().len()]
}

/// The runs of rows with values, and an empty one at the end.
fn runs(present: &NullBuffer) -> impl Iterator<Item = (usize, usize)> + '_ {
    let end = (present.len(), present.len());
    present.valid_slices().chain([end])
}

/// `limit` as a count of rows.
fn in_rows(limit: Option<u64>) -> usize {
    limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}

/// The row after the last one that takes the value of `row`.
fn after(row: usize, limit: usize) -> usize {
    row.saturating_add(1).saturating_add(limit)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{ArrayRef, RecordBatch, UInt8Array};
    use proptest::prelude::*;

    use super::*;

    /// What `forward` and `backward` should give, found by looking at all rows of a gap.
    fn expected(present: &[bool], keys: &[u8], limit: Option<u64>, rows: &[usize]) -> Copies {
        let mut copies = Copies::new();
        for (at, row) in rows.iter().enumerate() {
            let mut earlier = rows[..at]
                .iter()
                .rev()
                .filter(|other| keys[**other] == keys[*row]);
            let found = (1..)
                .zip(earlier.by_ref())
                .find(|(_, other)| present[**other]);
            match found {
                Some((age, source)) if !present[*row] && limit.is_none_or(|limit| age <= limit) => {
                    copies.push((*row, *source));
                }
                _ => {}
            }
        }
        copies.sort_unstable();
        copies
    }

    proptest! {
        #[test]
        fn each_gap_is_filled_from_the_nearest_value_of_its_key(
            cells in prop::collection::vec((prop::bool::weighted(0.4), 0_u8..3), 0..40),
            limit in prop_oneof![Just(None), (1_u64..4).prop_map(Some), Just(Some(u64::MAX))],
        ) {
            let (present, keys): (Vec<bool>, Vec<u8>) = cells.into_iter().unzip();
            let validity = NullBuffer::from(present.clone());
            let column = Arc::new(UInt8Array::from(keys.clone())) as ArrayRef;
            let batch = RecordBatch::try_from_iter([("k", column)]).unwrap();
            let groups = Groups::of(&batch, &["k"]).unwrap();
            let one_key = vec![0; keys.len()];
            let down: Vec<usize> = (0..keys.len()).collect();
            let up: Vec<usize> = (0..keys.len()).rev().collect();
            for (groups, keys) in [(Some(&groups), &keys), (None, &one_key)] {
                let mut found = forward(&validity, groups, limit);
                found.sort_unstable();
                prop_assert_eq!(found, expected(&present, keys, limit, &down));
                let mut found = backward(&validity, groups, limit);
                found.sort_unstable();
                prop_assert_eq!(found, expected(&present, keys, limit, &up));
            }
        }
    }
}
