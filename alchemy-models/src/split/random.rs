//! Rows held out by chance.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::{Groups, Key};
use alchemy_core::random::Stream;
use alchemy_core::{Error, Result};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::{Split, SplitRows, check_share, nearest};

/// Names the draws of a split: "split" in ASCII. The same seed may serve other draws by row.
const SPLIT_KEY: u64 = 0x73_706c_6974;

/// Holds out a random share of the rows, in the same proportion of every class if asked.
///
/// Each row draws a number named by the seed and its position, and the rows with the smallest numbers are held out:
/// exactly `share` of them, rounded to the nearest row. No number depends on another row or on threads. Each part
/// keeps the order of its rows.
///
/// Positions change when the same rows arrive in another order. [`with_key`](Self::with_key) draws by what a row is
/// called and not by where it stands.
///
/// Not for rows that follow one another in time: the part held out would be predicted from its own future. Use
/// [`TimeSplit`](crate::TimeSplit).
///
/// Costs a sort of 24 bytes a row.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, BooleanArray, RecordBatch};
/// use alchemy_models::{RandomSplit, Split};
///
/// let churn: BooleanArray = (0..1000).map(|i| Some(i % 10 == 0)).collect();
/// let batch = RecordBatch::try_from_iter([("churn", Arc::new(churn) as ArrayRef)])?;
/// let (_, test) = RandomSplit::new(0.2).stratified_by("churn").with_seed(42).split(&batch)?;
/// let churned = alchemy_models::metrics::positives(&test, "churn", "true")?;
/// assert_eq!(churned.iter().filter(|churned| **churned).count(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "train_test_split")]
pub struct RandomSplit {
    share: f64,
    seed: u64,
    stratum: Option<String>,
    key: Option<String>,
}

impl RandomSplit {
    /// Holds out `share` of the rows, between 0 and 1.
    #[must_use]
    pub fn new(share: f64) -> Self {
        Self {
            share,
            seed: 0,
            stratum: None,
            key: None,
        }
    }

    /// Names the random draw; 0 by default.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Holds out `share` of every class of `column`, null being a class; by default classes fall as they may.
    ///
    /// The counts are exact: each class gives the whole rows of its share, and the rows still due come from the classes
    /// with the largest remainders; the seed decides between equal ones.
    #[must_use]
    #[doc(alias = "stratify")]
    pub fn stratified_by(mut self, column: impl Into<String>) -> Self {
        self.stratum = Some(column.into());
        self
    }

    /// Draws by the value of `column`, so the order of rows does not matter; by default by position.
    ///
    /// Rows of one key stay together, on one side of the split: `share` then counts keys, not rows. The key must be
    /// there in every row, and its rows must be of one class.
    #[must_use]
    #[doc(alias = "groups")]
    pub fn with_key(mut self, column: impl Into<String>) -> Self {
        self.key = Some(column.into());
        self
    }
}

impl Split for RandomSplit {
    fn rows(&self, batch: &RecordBatch) -> Result<SplitRows> {
        check_share(self.share)?;
        let strata = Groups::of(batch, self.stratum.as_slice())?;
        let mut classes = classes(&strata, self.seed)?;
        let (mut units, owners) = match &self.key {
            Some(key) => self.units_by_key(batch, key, &strata)?,
            None => (self.units_by_position(&strata), None),
        };
        for unit in &units {
            classes[unit.class].size += 1;
        }
        units.par_sort_unstable();
        let mut held = vec![false; units.len()];
        let mut first = 0;
        for (class, quota) in classes.iter().zip(quotas(&classes, self.share)) {
            for unit in &units[first..first + quota] {
                held[unit.id] = true;
            }
            first += class.size;
        }
        let is_held =
            |row: &usize| held[owners.as_ref().map_or(*row, |owners| owners[*row] as usize)];
        let (held_out, train) = (0..batch.num_rows()).partition(is_held);
        SplitRows::new(train, held_out)
    }
}

/// What is held out or not as a whole: a row, or all rows of a key. Ordered by class, then by draw.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    class: usize,
    draw: u64,
    id: usize,
}

impl RandomSplit {
    fn units_by_position(&self, strata: &Groups) -> Vec<Unit> {
        let unit = |(row, class): (usize, &u32)| Unit {
            class: *class as usize,
            draw: Stream::new(self.seed, &[SPLIT_KEY, row as u64]).next_u64(),
            id: row,
        };
        strata.ids().iter().enumerate().map(unit).collect()
    }

    /// The keys as units, and the unit of every row.
    fn units_by_key(
        &self,
        batch: &RecordBatch,
        key: &str,
        strata: &Groups,
    ) -> Result<(Vec<Unit>, Option<Vec<u32>>)> {
        let keys = Groups::of(batch, &[key])?;
        let class_of = |row: usize| strata.ids()[row] as usize;
        for (row, id) in keys.ids().iter().enumerate() {
            let first = keys.first_rows()[*id as usize];
            if class_of(row) != class_of(first) {
                let message = format!(
                    "rows {first} and {row} have the same {key:?} and are of different classes"
                );
                return Err(Error::parameter("key", message));
            }
        }
        let unit = |(id, (name, row)): (usize, (Key, &usize))| match &name[0] {
            Some(name) => Ok(Unit {
                class: class_of(*row),
                draw: draw(self.seed, Some(name)),
                id,
            }),
            None => Err(Error::value(key, *row as u64, "null", "a key")),
        };
        let names = keys.keys()?.into_iter().zip(keys.first_rows());
        let units = names.enumerate().map(unit).collect::<Result<_>>()?;
        Ok((units, Some(keys.ids().to_vec())))
    }
}

/// A class of the stratified column, or all rows.
#[derive(Debug)]
struct Class {
    size: usize,
    draw: u64,
}

fn classes(strata: &Groups, seed: u64) -> Result<Vec<Class>> {
    let class = |name: &Key| Class {
        size: 0,
        draw: draw(seed, name.first().and_then(Option::as_deref)),
    };
    Ok(strata.keys()?.iter().map(class).collect())
}

/// A random number that belongs to a value, whatever its row.
fn draw(seed: u64, value: Option<&str>) -> u64 {
    let hash = value.map_or(0, |value| xxh3_64(value.as_bytes()));
    Stream::new(seed, &[SPLIT_KEY, hash]).next_u64()
}

/// How many units of each class are held out: largest remainder (Hamilton's method).
fn quotas(classes: &[Class], share: f64) -> Vec<usize> {
    let due = |class: &Class| class.size as f64 * share;
    let mut quotas: Vec<usize> = classes
        .iter()
        .map(|class| nearest(due(class).floor()))
        .collect();
    let all: usize = classes.iter().map(|class| class.size).sum();
    let rest = nearest(all as f64 * share).saturating_sub(quotas.iter().sum());
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by(|a, b| {
        let remainder = |i: &usize| due(&classes[*i]).fract();
        let by_remainder = remainder(b).total_cmp(&remainder(a));
        by_remainder.then_with(|| classes[*a].draw.cmp(&classes[*b].draw))
    });
    for class in order.into_iter().take(rest) {
        quotas[class] += 1;
    }
    quotas
}

#[cfg(test)]
mod tests;
