//! How many edits lie between two texts.

/// More than any distance, and far from an overflow.
const FAR: usize = usize::MAX / 2;

/// Room for three rows of the table of distances.
#[derive(Debug, Default)]
pub(super) struct Distances {
    rows: [Vec<usize>; 3],
}

impl Distances {
    /// The distance of `a` and `b` if it is at most `limit`.
    ///
    /// It is the optimal string alignment distance: the fewest insertions, deletions, replacements and swaps of
    /// neighbours, with no part edited twice. Equal ends are left out, and of the table only a band of `limit` beside the
    /// diagonal is filled, row by row until no cell is within the limit.
    pub(super) fn within<'a>(
        &mut self,
        mut a: &'a [char],
        mut b: &'a [char],
        limit: usize,
    ) -> Option<usize> {
        while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b)
            && x == y
        {
            (a, b) = (rest_a, rest_b);
        }
        while let ([rest_a @ .., x], [rest_b @ .., y]) = (a, b)
            && x == y
        {
            (a, b) = (rest_a, rest_b);
        }
        if a.len().abs_diff(b.len()) > limit {
            return None;
        }
        if a.is_empty() || b.is_empty() {
            return Some(a.len().max(b.len()));
        }
        self.banded(a, b, limit)
    }

    fn banded(&mut self, a: &[char], b: &[char], limit: usize) -> Option<usize> {
        let [before, above, row] = &mut self.rows;
        for buffer in [&mut *before, &mut *above, &mut *row] {
            buffer.clear();
            buffer.resize(b.len() + 1, FAR);
        }
        for (at, cell) in above.iter_mut().enumerate().take(limit.saturating_add(1)) {
            *cell = at;
        }
        let mut least_above = 0;
        for i in 1..=a.len() {
            let first = i.saturating_sub(limit).max(1);
            let last = i.saturating_add(limit).min(b.len());
            row[first - 1] = if first == 1 { i } else { FAR };
            let mut least = row[first - 1];
            for j in first..=last {
                let mut cell = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
                cell = cell.min(above[j] + 1).min(row[j - 1] + 1);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if swapped {
                    cell = cell.min(before[j - 2] + 1);
                }
                row[j] = cell;
                least = least.min(cell);
            }
            if let Some(outside) = row.get_mut(last + 1) {
                *outside = FAR;
            }
            // A swap reaches over one row.
            if least > limit && least_above >= limit {
                return None;
            }
            least_above = least;
            (*before, *above, *row) = (
                std::mem::take(above),
                std::mem::take(row),
                std::mem::take(before),
            );
        }
        Some(above[b.len()]).filter(|distance| *distance <= limit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole table, from the definition.
    fn by_definition(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = match (i, j) {
                    (0, n) | (n, 0) => n,
                    _ => {
                        let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                        let mut least = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                        if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                            least = least.min(table[i - 2][j - 2] + 1);
                        }
                        least
                    }
                };
            }
        }
        table[a.len()][b.len()]
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn known_distances() {
        let mut distances = Distances::default();
        for (a, b, distance) in [
            ("kitten", "sitting", 3),
            ("ca", "abc", 3),
            ("ab", "ba", 1),
            ("", "abc", 3),
            ("Straße", "Strasse", 2),
            ("same", "same", 0),
            ("abcd", "badc", 2),
        ] {
            let (a, b) = (chars(a), chars(b));
            assert_eq!(distances.within(&a, &b, distance), Some(distance));
            assert_eq!(distances.within(&b, &a, usize::MAX / 4), Some(distance));
            if let Some(less) = distance.checked_sub(1) {
                assert_eq!(distances.within(&a, &b, less), None);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn the_band_gives_what_the_whole_table_gives(
            a in "[abc]{0,12}",
            b in "[abc]{0,12}",
            limit in 0_usize..14,
        ) {
            let (a, b) = (chars(&a), chars(&b));
            let distance = by_definition(&a, &b);
            let found = Distances::default().within(&a, &b, limit);
            prop_assert_eq!(found, Some(distance).filter(|distance| *distance <= limit));
        }
    }
}
