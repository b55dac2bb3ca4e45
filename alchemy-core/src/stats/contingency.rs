//! How often two texts occur together.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::cells::Cells;
use super::frequencies::Frequencies;
use super::hash::KeyedState;

/// Counts of pairs of texts: a contingency table, and the association of its two sides.
///
/// Additions and merges commute: order does not show. Pairs with a missing side are for the caller to
/// leave out, so results are of the pairs where both are present. All sums are over exact terms, so no
/// result depends on the order of rows.
///
/// Holds 24 bytes for each different pair, and what [`Frequencies`] holds for each side. A pair costs
/// about 30 ns, a statistic a walk over the different pairs.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::Contingency;
///
/// let table = Contingency::from_iter([("a", "x"), ("a", "x"), ("b", "y"), ("b", "y")]);
/// assert_eq!(table.chi_square(), Some(4.0));
/// assert_eq!(table.cramers_v(), Some(1.0));
/// assert_eq!(table.mutual_information(), Some(2_f64.ln()));
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(
    into = "Vec<(String, String, u64)>",
    from = "Vec<(String, String, u64)>"
)]
pub struct Contingency {
    first: Frequencies,
    second: Frequencies,
    /// By the entries in `first` and `second`.
    counts: HashMap<(usize, usize), u64, KeyedState>,
}

impl Contingency {
    /// Counts of no pairs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a pair once.
    pub fn add(&mut self, first: &str, second: &str) {
        self.add_many(first, second, 1);
    }

    /// Counts a pair as often as `count` says.
    pub fn add_many(&mut self, first: &str, second: &str, count: u64) {
        if count == 0 {
            return;
        }
        let cell = (
            self.first.add_entry(first, count),
            self.second.add_entry(second, count),
        );
        let sum = self.counts.entry(cell).or_default();
        *sum = sum.saturating_add(count);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        for (first, second, count) in other.iter() {
            self.add_many(first, second, count);
        }
    }

    /// How many pairs there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.first.total()
    }

    /// How often each text is the first of a pair.
    #[must_use]
    pub fn first(&self) -> &Frequencies {
        &self.first
    }

    /// How often each text is the second of a pair.
    #[must_use]
    pub fn second(&self) -> &Frequencies {
        &self.second
    }

    /// How often a pair occurs.
    #[must_use]
    pub fn count(&self, first: &str, second: &str) -> u64 {
        let cell = self.first.entry(first).zip(self.second.entry(second));
        cell.and_then(|cell| self.counts.get(&cell).copied())
            .unwrap_or(0)
    }

    /// The different pairs with their counts, by the texts.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&str, &str, u64)> {
        let mut sorted: Vec<_> = self.iter().collect();
        sorted.sort_unstable();
        sorted
    }

    /// Pearson's χ² of independence, Σ (observed − expected)² / expected over all cells, without a
    /// correction for continuity; `None` without pairs.
    ///
    /// Cells without a pair count too, though none is visited.
    #[must_use]
    pub fn chi_square(&self) -> Option<f64> {
        self.cells().chi_square()
    }

    /// (rows − 1) (columns − 1), the degrees of freedom of [`Self::chi_square`].
    #[must_use]
    pub fn degrees_of_freedom(&self) -> u64 {
        let free = |side: &Frequencies| side.distinct().saturating_sub(1) as u64;
        free(&self.first).saturating_mul(free(&self.second))
    }

    /// Cramér's V, in [0, 1]: √(χ² / (n (min(rows, columns) − 1))); `None` where a side has one text
    /// only, or none.
    ///
    /// Of many texts in few rows it is large by chance: see [`Self::cramers_v_corrected`].
    #[must_use]
    pub fn cramers_v(&self) -> Option<f64> {
        self.cells().cramers_v()
    }

    /// Cramér's V corrected for what chance adds, in [0, 1]; `None` where a side has one text only, or
    /// every pair is the only one with its text.
    ///
    /// With φ² = χ² / n, rows r and columns c it is √(φ̃² / min(r̃ − 1, c̃ − 1)), where
    /// φ̃² = max(0, φ² − (r − 1)(c − 1) / (n − 1)), r̃ = r − (r − 1)² / (n − 1), and c̃ likewise.
    ///
    /// # References
    ///
    /// - W. Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", *Journal of the Korean
    ///   Statistical Society* 42, 2013, <https://doi.org/10.1016/j.jkss.2012.10.002>.
    #[must_use]
    pub fn cramers_v_corrected(&self) -> Option<f64> {
        self.cells().cramers_v_corrected()
    }

    /// The mutual information of the two sides in nats, by the shares of the pairs ("plug-in"):
    /// Σ p ln(p / (p₁ p₂)); `None` without pairs.
    ///
    /// The plug-in estimate is too high by about (rows − 1)(columns − 1) / (2 n).
    #[must_use]
    pub fn mutual_information(&self) -> Option<f64> {
        self.cells().mutual_information()
    }

    /// Theil's uncertainty coefficient, in [0, 1]: the share of the entropy of the first side that is
    /// gone once the second is known; `None` where the first side has one text only, or none.
    #[must_use]
    pub fn theils_u(&self) -> Option<f64> {
        let entropy = entropy(&self.first).filter(|entropy| *entropy > 0.0)?;
        Some((self.mutual_information()? / entropy).min(1.0))
    }

    fn cells(&self) -> Cells {
        let cells = self.counts.iter().map(|((first, second), count)| {
            let (_, first) = self.first.text_and_count(*first);
            let (_, second) = self.second.text_and_count(*second);
            (*count, first, second)
        });
        Cells {
            total: self.total(),
            rows: self.first.distinct(),
            columns: self.second.distinct(),
            counts: cells.collect(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.counts.iter().map(|((first, second), count)| {
            let (first, _) = self.first.text_and_count(*first);
            let (second, _) = self.second.text_and_count(*second);
            (first, second, *count)
        })
    }
}

/// The entropy of shares in nats; `None` without texts.
fn entropy(side: &Frequencies) -> Option<f64> {
    let total = side.total();
    let cells = side.iter().map(|(_, count)| (count, count, count));
    let cells = Cells {
        total,
        rows: side.distinct(),
        columns: side.distinct(),
        counts: cells.collect(),
    };
    // What a side tells of itself.
    cells.mutual_information()
}

impl<'a> Extend<(&'a str, &'a str)> for Contingency {
    fn extend<I: IntoIterator<Item = (&'a str, &'a str)>>(&mut self, pairs: I) {
        pairs
            .into_iter()
            .for_each(|(first, second)| self.add(first, second));
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Contingency {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut table = Self::new();
        table.extend(pairs);
        table
    }
}

/// Equal when they count the same pairs, in whatever order those came.
impl PartialEq for Contingency {
    fn eq(&self, other: &Self) -> bool {
        self.counts.len() == other.counts.len()
            && self
                .iter()
                .all(|(first, second, count)| other.count(first, second) == count)
    }
}

impl Eq for Contingency {}

impl From<Vec<(String, String, u64)>> for Contingency {
    fn from(counts: Vec<(String, String, u64)>) -> Self {
        let mut table = Self::new();
        for (first, second, count) in counts {
            table.add_many(&first, &second, count);
        }
        table
    }
}

impl From<Contingency> for Vec<(String, String, u64)> {
    fn from(table: Contingency) -> Self {
        let sorted = table.sorted().into_iter();
        sorted
            .map(|(first, second, count)| (first.to_owned(), second.to_owned(), count))
            .collect()
    }
}
