//! The bins of one feature.

use std::hint::select_unpredictable;

use alchemy_core::Result;
use alchemy_core::arrow::array::ArrayRef;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{
    NumericColumn, TemporalColumn, TextColumn, is_boolean, is_temporal, is_text,
};
use serde::{Deserialize, Serialize};

use super::categories::Categories;

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
    /// `edges` padded with NaN to a power of two, for the search.
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

/// What a feature's values are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Numbers and Booleans.
    Number,
    /// Dates and timestamps, in microseconds.
    Time,
    /// Text: the levels, ascending; a value counts as its rank, and as missing if it is not among them.
    Text(Vec<String>),
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
        let mut padded = edges.clone();
        padded.resize((edges.len() + 1).next_power_of_two(), f64::NAN);
        Self {
            kind,
            edges,
            missing,
            categories: None,
            padded,
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
        for_each_present(&self.kind, name, array, |row, value| values[row] = value)?;
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
        match &self.kind {
            Kind::Text(levels) => rank(levels, text),
            Kind::Number | Kind::Time => None,
        }
    }
}

/// Values searched for together: each step of one waits for the step before it.
const SEARCHES: usize = 16;

/// Writes for each of `values` one more than the number of `edges` below it, and [`MISSING`] for NaN. The edges, ascending,
/// are padded with NaN to a power of two up to 256.
fn search(edges: &[f64], values: &[f64], bins: &mut [u8]) {
    match edges.len() {
        1 => search_among::<1>(edges, values, bins),
        2 => search_among::<2>(edges, values, bins),
        4 => search_among::<4>(edges, values, bins),
        8 => search_among::<8>(edges, values, bins),
        16 => search_among::<16>(edges, values, bins),
        32 => search_among::<32>(edges, values, bins),
        64 => search_among::<64>(edges, values, bins),
        128 => search_among::<128>(edges, values, bins),
        _ => search_among::<256>(edges, values, bins),
    }
}

fn search_among<const EDGES: usize>(edges: &[f64], values: &[f64], bins: &mut [u8]) {
    let Some(edges) = edges.first_chunk::<EDGES>() else {
        return;
    };
    let (groups, rest) = values.as_chunks::<SEARCHES>();
    let (bin_groups, bin_rest) = bins.as_chunks_mut::<SEARCHES>();
    for (values, bins) in groups.iter().zip(bin_groups) {
        *bins = bins_of(edges, values);
    }
    for (value, bin) in rest.iter().zip(bin_rest) {
        [*bin] = bins_of(edges, &[*value]);
    }
}

/// Each step of the binary search is a conditional move: a branch would be mispredicted half of the time.
#[inline]
fn bins_of<const EDGES: usize, const N: usize>(edges: &[f64; EDGES], values: &[f64; N]) -> [u8; N] {
    let mut below = [0; N];
    let mut half = EDGES / 2;
    while half > 0 {
        for (below, value) in below.iter_mut().zip(values) {
            let middle = *below + half;
            *below = select_unpredictable(edges[(middle - 1) % EDGES] < *value, middle, *below);
        }
        half /= 2;
    }
    let mut bins = [MISSING; N];
    for ((bin, below), value) in bins.iter_mut().zip(below).zip(values) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are at most 254 edges, so `below` is at most 254"
        )]
        let found = below as u8 + 1;
        *bin = select_unpredictable(value.is_nan(), MISSING, found);
    }
    bins
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

impl Kind {
    /// Text has no levels yet.
    pub(super) fn of(data_type: &DataType) -> Self {
        if is_text(data_type) {
            Self::Text(vec![])
        } else if is_temporal(data_type) {
            Self::Time
        } else {
            Self::Number
        }
    }
}

/// The place of `text` among `levels`, which are ascending.
fn rank(levels: &[String], text: &str) -> Option<usize> {
    levels
        .binary_search_by(|level| level.as_str().cmp(text))
        .ok()
}

/// Calls `each` with the row and value of every value of `array` that is not missing.
pub(super) fn for_each_present(
    kind: &Kind,
    name: &str,
    array: &ArrayRef,
    mut each: impl FnMut(usize, f64),
) -> Result<()> {
    match kind {
        Kind::Number if is_boolean(array.data_type()) => {
            NumericColumn::ordered(name, array)?
                .view()
                .for_each_row(each);
        }
        Kind::Number => NumericColumn::new(name, array)?.view().for_each_row(each),
        Kind::Time => {
            let times = TemporalColumn::new(name, array)?;
            for row in 0..times.len() {
                if let Some(micros) = times.micros(row) {
                    each(row, micros as f64);
                }
            }
        }
        Kind::Text(levels) => {
            let mut row = 0;
            TextColumn::new(name, array)?.for_each(|text| {
                if let Some(rank) = text.and_then(|text| rank(levels, text)) {
                    each(row, rank as f64);
                }
                row += 1;
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_is_one_more_than_the_edges_below() {
        let mut values: Vec<f64> = (-3..600).map(|i| f64::from(i) * 0.5).collect();
        values.extend([-0.0, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
        for num_edges in 0..=254 {
            let edges: Vec<f64> = (0..num_edges).map(f64::from).collect();
            let feature = FeatureBins::new(Kind::Number, edges.clone(), true);
            let mut bins = vec![7; values.len()];
            search(&feature.padded, &values, &mut bins);
            for (value, bin) in values.iter().zip(bins) {
                let below = edges.iter().filter(|edge| *edge < value).count();
                let expected = if value.is_nan() { 0 } else { below + 1 };
                assert_eq!(usize::from(bin), expected, "{value} among {num_edges}");
                assert_eq!(feature.bin(*value), bin);
            }
        }
    }
}
