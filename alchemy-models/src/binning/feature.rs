//! The bins of one feature.

use alchemy_core::Result;
use alchemy_core::arrow::array::ArrayRef;
use serde::{Deserialize, Serialize};

use super::categories::Categories;
use super::kind::Kind;
use super::search::{padded, search};

/// The bin of a missing value; values have bins from 1 up.
pub(crate) const MISSING: u8 = 0;

/// How the values of one feature become bins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(crate) struct FeatureBins {
    kind: Kind,
    /// Upper ends of all bins but the last, ascending, on the values or on the ranks of the levels; none of categories.
    edges: Vec<f64>,
    /// Whether missing values were seen.
    missing: bool,
    /// Where values have no order, which bins they have instead.
    categories: Option<Categories>,
    /// `edges` for the search.
    #[serde(skip)]
    padded: Vec<f64>,
}

/// The padding follows from the edges, and holds NaN, which equals nothing.
impl PartialEq for FeatureBins {
    fn eq(&self, other: &Self) -> bool {
        let own = (&self.kind, &self.edges, self.missing, &self.categories);
        own == (&other.kind, &other.edges, other.missing, &other.categories)
    }
}

#[derive(Deserialize)]
struct Stored {
    kind: Kind,
    edges: Vec<f64>,
    missing: bool,
    categories: Option<Categories>,
}

impl FeatureBins {
    /// The bins of values that are categories.
    pub(super) fn of_categories(kind: Kind, categories: Categories, missing: bool) -> Self {
        Self {
            categories: Some(categories),
            ..Self::new(kind, vec![], missing)
        }
    }

    pub(super) fn new(kind: Kind, edges: Vec<f64>, missing: bool) -> Self {
        Self {
            padded: padded(&edges),
            kind,
            edges,
            missing,
            categories: None,
        }
    }

    /// Whether rows can differ in this feature.
    pub(crate) fn varies(&self) -> bool {
        self.num_bins() > if self.missing { 1 } else { 2 }
    }

    /// Whether the order of the bins means nothing.
    pub(crate) fn is_categorical(&self) -> bool {
        self.categories.is_some()
    }

    /// A finite number for each bin but the one of missing values, ascending: the middle of its edges. The outermost bins are
    /// taken to be as wide as the distance between their neighbours' edges, and a feature of two bins to be evenly spaced.
    pub(crate) fn positions(&self) -> Vec<f64> {
        // A quarter of the largest number: differences of twice as much are finite.
        let limit = f64::MAX / 4.0;
        let edges: Vec<f64> = (self.edges.iter())
            .map(|edge| edge.clamp(-limit, limit))
            .collect();
        let ([first, ..], [.., last]) = (&edges[..], &edges[..]) else {
            return vec![0.0];
        };
        let width = |pair: Option<&[f64]>| pair.map_or(1.0, |pair| pair[1] - pair[0]);
        let low = first - width(edges.windows(2).next()) / 2.0;
        let high = last + width(edges.windows(2).next_back()) / 2.0;
        let middles = edges
            .windows(2)
            .map(|pair| pair[0] + (pair[1] - pair[0]) / 2.0);
        std::iter::once(low).chain(middles).chain([high]).collect()
    }

    /// Number of bins, the one of missing values included.
    pub(crate) fn num_bins(&self) -> usize {
        match &self.categories {
            Some(categories) => categories.num_bins(),
            None => self.edges.len() + 2,
        }
    }

    /// Writes the bin of every value of `array` to `bins`.
    ///
    /// # Errors
    ///
    /// [`alchemy_core::Error::ColumnType`] if `array` is not of the kind that was learned from.
    pub(crate) fn bins(&self, name: &str, array: &ArrayRef, bins: &mut [u8]) -> Result<()> {
        let mut values = vec![f64::NAN; array.len()];
        (self.kind).for_each_present(name, array, |row, value| values[row] = value)?;
        if let Some(categories) = &self.categories {
            let pairs = bins.iter_mut().zip(&values);
            pairs.for_each(|(bin, value)| *bin = categories.bin(*value));
        } else {
            search(&self.padded, &values, bins);
        }
        Ok(())
    }

    /// The upper end of the values in `bin`, infinity for the last; `None` for the bin of missing values.
    pub(crate) fn upper_edge(&self, bin: u8) -> Option<f64> {
        let place = usize::from(bin.checked_sub(1)?);
        Some(self.edges.get(place).copied().unwrap_or(f64::INFINITY))
    }

    /// The last level whose rank is not above `rank`; `None` if the feature is no text.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is below 0 becomes 0, what is above all ranks is taken to the last"
    )]
    pub(crate) fn last_level(&self, rank: f64) -> Option<&str> {
        match &self.kind {
            Kind::Text(levels) => {
                let last = levels.len().checked_sub(1)?;
                levels.get((rank as usize).min(last)).map(String::as_str)
            }
            Kind::Number | Kind::Time => None,
        }
    }

    /// Whether values are dates or timestamps, in microseconds since 1970.
    pub(crate) fn is_time(&self) -> bool {
        self.kind == Kind::Time
    }

    /// The levels of a categorical feature whose bins are among those that `wanted` names, as text.
    pub(crate) fn levels_of(&self, wanted: impl Fn(u8) -> bool) -> Vec<String> {
        let Some(categories) = &self.categories else {
            return vec![];
        };
        let name = |(place, number): (usize, Option<f64>)| match (&self.kind, number) {
            (Kind::Text(levels), _) => levels.get(place).cloned().unwrap_or_default(),
            (_, number) => number.unwrap_or(f64::NAN).to_string(),
        };
        categories.levels_of(wanted).map(name).collect()
    }

    /// The bin of `value`, which for text is the rank of a level; NaN and what is no rank are missing.
    pub(super) fn bin(&self, value: f64) -> u8 {
        let known = match &self.kind {
            Kind::Text(levels) => {
                value >= 0.0 && value < levels.len() as f64 && value.fract() == 0.0
            }
            Kind::Number | Kind::Time => true,
        };
        if let Some(categories) = &self.categories {
            return categories.bin(value);
        }
        let mut bin = [MISSING];
        if known {
            search(&self.padded, &[value], &mut bin);
        }
        bin[0]
    }

    /// The rank of `text` among the levels; `None` if it is none of them, or the feature is no text.
    pub(super) fn rank(&self, text: &str) -> Option<usize> {
        self.kind.rank(text)
    }
}

impl TryFrom<Stored> for FeatureBins {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let Stored {
            kind,
            edges,
            missing,
            categories,
        } = stored;
        if edges.len() > 254 {
            return Err("a feature has more than 255 bins");
        }
        if edges.iter().any(|edge| edge.is_nan()) || !edges.is_sorted_by(|a, b| a < b) {
            return Err("the edges of a feature's bins are not in ascending order");
        }
        if let Kind::Text(levels) = &kind
            && !levels.is_sorted_by(|a, b| a < b)
        {
            return Err("the levels of a feature are not in ascending order");
        }
        let sound = categories.as_ref().is_none_or(|categories| {
            edges.is_empty()
                && match &kind {
                    Kind::Text(levels) => categories.are_ranks_below(levels.len()),
                    Kind::Number | Kind::Time => categories.are_numbers(),
                }
        });
        if !sound {
            return Err("the categories of a feature are not those of its levels");
        }
        let mut feature = Self::new(kind, edges, missing);
        feature.categories = categories;
        Ok(feature)
    }
}
