//! How the bins of a feature are learned, batch after batch.
//!
//! A [`Learner`] sees the values of one feature in row order, once. It holds the distinct values while they fit the bins, and
//! a sample of rows in case they do not; for categories it holds the weight of each level.

use std::collections::HashMap;

use alchemy_core::arrow::array::{Array, ArrayRef};
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::TextColumn;
use alchemy_core::{Error, Result};

use super::categories::{Categories, Levels};
use super::distinct::DistinctValues;
use super::edges::{Weighted, edges};
use super::feature::FeatureBins;
use super::kind::Kind;
use super::sample::Sample;

/// The most different levels of a feature: more are no categories, but a key or free text.
const MAX_LEVELS: usize = 1_000_000;

/// What the values of a feature mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Their order counts.
    Ordered,
    /// They are levels without an order.
    Categories,
}

/// Learns the bins of one feature.
pub(super) struct Learner {
    name: String,
    kind: Kind,
    max_bins: usize,
    /// The texts seen, numbered in order of appearance; such a number is the value of a row until all texts are known.
    texts: HashMap<String, u32>,
    /// Rows of weight above zero, and those of them that have a value.
    counted: usize,
    present: usize,
    values: Values,
}

enum Values {
    Ordered {
        /// `None` once there were too many.
        distinct: Option<DistinctValues>,
        sample: Sample,
    },
    /// The weight of each value, by its bits.
    Categories(HashMap<u64, f64>),
}

impl Learner {
    pub(super) fn new(name: &str, data_type: &DataType, meaning: Meaning, max_bins: usize) -> Self {
        let values = match meaning {
            Meaning::Ordered => Values::Ordered {
                distinct: Some(DistinctValues::new(max_bins)),
                sample: Sample::new(),
            },
            Meaning::Categories => Values::Categories(HashMap::new()),
        };
        Self {
            name: name.to_owned(),
            kind: Kind::of(data_type),
            max_bins,
            texts: HashMap::new(),
            counted: 0,
            present: 0,
            values,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Takes in the rows from `first_row` on; `weights` are theirs, and rows of weight zero do not count.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnType`] for an array of another kind; [`Error::InvalidParameter`] beyond [`MAX_LEVELS`].
    pub(super) fn update(
        &mut self,
        first_row: usize,
        array: &ArrayRef,
        weights: Option<&[f64]>,
    ) -> Result<()> {
        let Self {
            name,
            kind,
            texts,
            counted,
            present,
            values,
            ..
        } = self;
        let counts = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
        *counted += (0..array.len()).filter(|row| counts(*row)).count();
        let mut add = |row: usize, value: f64| {
            *present += 1;
            let weight = weights.map_or(1.0, |weights| weights[row]);
            values.add(first_row + row, value, weight, *present);
        };
        if let Kind::Text(_) = kind {
            let mut row = 0;
            TextColumn::new(name, array)?.for_each(|text| {
                if let Some(text) = text.filter(|_| counts(row)) {
                    add(row, f64::from(number(texts, text)));
                }
                row += 1;
            });
        } else {
            kind.for_each_present(name, array, |row, value| {
                if counts(row) {
                    // -0.0 is 0.0.
                    add(row, value + 0.0);
                }
            })?;
        }
        if self.num_levels() > MAX_LEVELS {
            let name = &self.name;
            let message = format!(
                "column {name:?} has more than {MAX_LEVELS} levels; leave it out, or encode it otherwise"
            );
            return Err(Error::parameter("features", message));
        }
        Ok(())
    }

    fn num_levels(&self) -> usize {
        match &self.values {
            Values::Ordered { .. } => self.texts.len(),
            Values::Categories(levels) => levels.len(),
        }
    }

    /// The bins; `weights` are those of all rows seen.
    pub(super) fn finish(self, weights: Option<&[f64]>) -> FeatureBins {
        let missing = self.present > 0 && self.present < self.counted;
        let (kind, ranks) = match self.kind {
            Kind::Text(_) => {
                let (levels, ranks) = ranked(self.texts);
                (Kind::Text(levels), Some(ranks))
            }
            kind => (kind, None),
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the value of a text is its number"
        )]
        let value = |found: f64| match &ranks {
            Some(ranks) => ranks.get(found as usize).copied().unwrap_or(found),
            None => found,
        };
        let weighted = match self.values {
            Values::Ordered {
                distinct: Some(set),
                ..
            } => ascending(set.sorted().into_iter().map(|found| (value(found), 1.0))),
            Values::Ordered { sample, .. } => {
                let chosen = sample.chosen(self.present);
                let weight = |row: u32| weights.map_or(1.0, |weights| weights[row as usize]);
                ascending(chosen.map(|(row, found)| (value(found), weight(row))))
            }
            Values::Categories(found) => {
                let levels = found.into_iter();
                let levels =
                    ascending(levels.map(|(bits, weight)| (value(f64::from_bits(bits)), weight)));
                let (values, weights): (Vec<f64>, Vec<f64>) = levels.into_iter().unzip();
                let levels = match ranks {
                    Some(_) => Levels::Ranks,
                    None => Levels::Numbers(values),
                };
                let categories = Categories::new(levels, &weights, self.max_bins);
                return FeatureBins::of_categories(kind, categories, missing);
            }
        };
        FeatureBins::new(kind, edges(&weighted, self.max_bins), missing)
    }
}

/// The number of `text`, which it gets if it has none.
fn number(texts: &mut HashMap<String, u32>, text: &str) -> u32 {
    if let Some(number) = texts.get(text) {
        return *number;
    }
    let number = u32::try_from(texts.len()).unwrap_or(u32::MAX);
    texts.insert(text.to_owned(), number);
    number
}

/// The texts in ascending order, and the rank of each by its number.
fn ranked(texts: HashMap<String, u32>) -> (Vec<String>, Vec<f64>) {
    let mut texts: Vec<(String, u32)> = texts.into_iter().collect();
    texts.sort_unstable();
    let mut ranks = vec![0.0; texts.len()];
    for (rank, (_, number)) in texts.iter().enumerate() {
        ranks[*number as usize] = rank as f64;
    }
    (texts.into_iter().map(|(text, _)| text).collect(), ranks)
}

impl Values {
    /// Takes in a value, with which `present` have been seen.
    fn add(&mut self, row: usize, value: f64, weight: f64, present: usize) {
        match self {
            Self::Ordered { distinct, sample } => {
                if distinct.as_mut().is_some_and(|set| !set.insert(value)) {
                    *distinct = None;
                }
                sample.add(row, value, present);
            }
            Self::Categories(levels) => *levels.entry(value.to_bits()).or_default() += weight,
        }
    }
}

/// The distinct values in ascending order, with their weights added up in ascending order too.
fn ascending(values: impl Iterator<Item = Weighted>) -> Vec<Weighted> {
    let mut values: Vec<Weighted> = values.collect();
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    values.dedup_by(|next, kept| {
        let same = next.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += next.1;
        }
        same
    });
    values
}
