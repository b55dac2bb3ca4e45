//! The bins of one feature.

use std::collections::HashMap;
use std::hint::select_unpredictable;

use alchemy_core::arrow::array::{Array, ArrayRef};
use alchemy_core::column::{
    NumericColumn, TemporalColumn, TextColumn, is_boolean, is_temporal, is_text,
};
use alchemy_core::random::mix;
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::categories::{Categories, Levels};
use super::distinct::DistinctValues;
use super::edges::{Weighted, edges};
use crate::table::Column;

/// The bin of a missing value; values have bins from 1 up.
pub(crate) const MISSING: u8 = 0;

/// Rows that quantile bins are learned from; `LightGBM`'s `bin_construct_sample_cnt`.
const SAMPLE_ROWS: usize = 200_000;

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
enum Kind {
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
    /// Learns the bins of `column`; rows of weight zero do not count.
    pub(super) fn learn(column: &Column, weights: Option<&[f64]>, max_bins: usize) -> Result<Self> {
        let kind = Kind::of(column, weights)?;
        let mut present = 0;
        let mut distinct = Some(DistinctValues::new(max_bins));
        for_each_value(&kind, column, weights, |_, value| {
            present += 1;
            if distinct.as_mut().is_some_and(|set| !set.insert(value)) {
                distinct = None;
            }
        })?;
        let distinct = match distinct {
            Some(set) => set.sorted().into_iter().map(|value| (value, 1.0)).collect(),
            None => sample(&kind, column, weights, present)?,
        };
        let edges = edges(&distinct, max_bins);
        let missing = present > 0 && present < counted_rows(column, weights);
        Ok(Self::new(kind, edges, missing))
    }

    /// Learns the categories of `column`; rows of weight zero do not count.
    pub(super) fn learn_categories(
        column: &Column,
        weights: Option<&[f64]>,
        max_bins: usize,
    ) -> Result<Self> {
        let kind = Kind::of(column, weights)?;
        let (levels, mut level_weights) = match &kind {
            Kind::Text(levels) => (Levels::Ranks, vec![0.0; levels.len()]),
            Kind::Number | Kind::Time => {
                let numbers = distinct_numbers(&kind, column, weights)?;
                let level_weights = vec![0.0; numbers.len()];
                (Levels::Numbers(numbers), level_weights)
            }
        };
        let mut present = 0;
        for_each_value(&kind, column, weights, |row, value| {
            present += 1;
            if let Some(place) = levels.place(value) {
                level_weights[place] += weights.map_or(1.0, |weights| weights[row]);
            }
        })?;
        let missing = present > 0 && present < counted_rows(column, weights);
        let mut learned = Self::new(kind, vec![], missing);
        learned.categories = Some(Categories::new(levels, &level_weights, max_bins));
        Ok(learned)
    }

    fn new(kind: Kind, edges: Vec<f64>, missing: bool) -> Self {
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
    fn of(column: &Column, weights: Option<&[f64]>) -> Result<Self> {
        let first = column.arrays().first().map(Array::data_type);
        match first {
            Some(data_type) if is_text(data_type) => Ok(Self::Text(levels(column, weights)?)),
            Some(data_type) if is_temporal(data_type) => Ok(Self::Time),
            _ => Ok(Self::Number),
        }
    }
}

/// The most different texts of a feature: more are no categories, but a key or free text.
const MAX_LEVELS: usize = 1_000_000;

/// The distinct texts of `column`, ascending.
///
/// # Errors
///
/// [`Error::InvalidParameter`] beyond [`MAX_LEVELS`].
fn levels(column: &Column, weights: Option<&[f64]>) -> Result<Vec<String>> {
    let mut levels: HashMap<String, ()> = HashMap::new();
    for (first, array) in column.parts() {
        let texts = TextColumn::new(&column.name, array)?;
        for row in (0..texts.len()).filter(|row| counts(weights, first + row)) {
            if let Some(text) = texts.get(row)
                && !levels.contains_key(text)
            {
                levels.insert(text.to_owned(), ());
            }
        }
        if levels.len() > MAX_LEVELS {
            return Err(too_many_levels(&column.name));
        }
    }
    let mut levels: Vec<String> = levels.into_keys().collect();
    levels.sort_unstable();
    Ok(levels)
}

/// The distinct numbers of `column`, ascending.
///
/// # Errors
///
/// [`Error::InvalidParameter`] beyond [`MAX_LEVELS`].
fn distinct_numbers(kind: &Kind, column: &Column, weights: Option<&[f64]>) -> Result<Vec<f64>> {
    let mut distinct: HashMap<u64, ()> = HashMap::new();
    for_each_value(kind, column, weights, |_, value| {
        if distinct.len() <= MAX_LEVELS {
            distinct.insert(value.to_bits(), ());
        }
    })?;
    if distinct.len() > MAX_LEVELS {
        return Err(too_many_levels(&column.name));
    }
    let mut numbers: Vec<f64> = distinct.into_keys().map(f64::from_bits).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    Ok(numbers)
}

/// The place of `text` among `levels`, which are ascending.
fn rank(levels: &[String], text: &str) -> Option<usize> {
    levels
        .binary_search_by(|level| level.as_str().cmp(text))
        .ok()
}

fn too_many_levels(column: &str) -> Error {
    let message = format!(
        "column {column:?} has more than {MAX_LEVELS} levels; leave it out, or encode it otherwise"
    );
    Error::parameter("features", message)
}

/// The distinct values of about [`SAMPLE_ROWS`] rows out of `rows`, chosen by a hash of the row's index in the table.
fn sample(
    kind: &Kind,
    column: &Column,
    weights: Option<&[f64]>,
    rows: usize,
) -> Result<Vec<Weighted>> {
    let share = (SAMPLE_ROWS as f64 / rows as f64).min(1.0);
    let chosen = |row: usize| share >= 1.0 || mix(row as u64) as f64 <= share * u64::MAX as f64;
    let mut sample: Vec<Weighted> = Vec::with_capacity(rows.min(SAMPLE_ROWS + SAMPLE_ROWS / 50));
    for_each_value(kind, column, weights, |row, value| {
        if chosen(row) {
            sample.push((value, weights.map_or(1.0, |weights| weights[row])));
        }
    })?;
    sample.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    sample.dedup_by(|next, kept| {
        let same = next.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += next.1;
        }
        same
    });
    Ok(sample)
}

/// Calls `each` with the row and value of every value that is not missing in a row of weight above zero. Negative zero is
/// given as zero.
fn for_each_value(
    kind: &Kind,
    column: &Column,
    weights: Option<&[f64]>,
    mut each: impl FnMut(usize, f64),
) -> Result<()> {
    for (first, array) in column.parts() {
        for_each_present(kind, &column.name, array, |row, value| {
            if counts(weights, first + row) {
                each(first + row, value + 0.0);
            }
        })?;
    }
    Ok(())
}

/// Rows of weight above zero.
fn counted_rows(column: &Column, weights: Option<&[f64]>) -> usize {
    let rows = column.arrays().iter().map(Array::len).sum();
    weights.map_or(rows, |weights| {
        weights.iter().filter(|weight| **weight > 0.0).count()
    })
}

/// Whether `row` has a weight above zero.
fn counts(weights: Option<&[f64]>, row: usize) -> bool {
    weights.is_none_or(|weights| weights[row] > 0.0)
}

/// Calls `each` with the row and value of every value of `array` that is not missing.
fn for_each_present(
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
