//! Categories counted.

use std::collections::{BTreeMap, BTreeSet};

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::column::{Groups, is_boolean, is_numeric, is_text};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::counts::total;

/// How often each level of a column occurs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub(crate) struct Levels {
    counts: BTreeMap<String, usize>,
    /// Values of levels that are not told apart.
    pooled: usize,
}

impl Levels {
    /// The levels of a column of text or Booleans.
    pub(crate) fn of(name: &str, array: &ArrayRef) -> Result<Self> {
        if is_text(array.data_type()) || is_boolean(array.data_type()) {
            return Self::count(name, array, |_| true);
        }
        Err(wrong_type(name, array, "text or Boolean"))
    }

    /// The levels of a column of numbers that stand for categories.
    pub(crate) fn of_codes(name: &str, array: &ArrayRef) -> Result<Self> {
        if is_numeric(array.data_type()) {
            return Self::count(name, array, |level| level != "NaN");
        }
        Err(wrong_type(name, array, "a number"))
    }

    /// How many levels are told apart.
    pub(crate) fn num_levels(&self) -> usize {
        self.counts.len()
    }

    /// How many values are counted.
    pub(crate) fn total(&self) -> usize {
        self.counts.values().sum::<usize>() + self.pooled
    }

    /// The `size` - 1 most frequent levels, the smaller one first where two are as frequent, and the others pooled.
    pub(crate) fn thinned(mut self, size: usize) -> Self {
        if self.counts.len() <= size {
            return self;
        }
        let mut by_count: Vec<(String, usize)> =
            std::mem::take(&mut self.counts).into_iter().collect();
        by_count.sort_by(|(_, a), (_, b)| b.cmp(a));
        let pooled = by_count.split_off(size - 1);
        self.pooled += pooled.iter().map(|(_, count)| count).sum::<usize>();
        self.counts = by_count.into_iter().collect();
        self
    }

    /// The counts of each level here and in `current`, in ascending order of the level. If levels are pooled here, the
    /// last pair is of these and of all levels that are not known here.
    pub(crate) fn pair(&self, current: &Self) -> Vec<(usize, usize)> {
        let of = |levels: &Self, level| levels.counts.get(level).copied().unwrap_or(0);
        let known: BTreeSet<&String> = self.counts.keys().collect();
        let all: BTreeSet<&String> = known.iter().copied().chain(current.counts.keys()).collect();
        let told_apart = if self.pooled > 0 { known } else { all };
        let mut pairs: Vec<(usize, usize)> = told_apart
            .into_iter()
            .map(|level| (of(self, level), of(current, level)))
            .collect();
        if self.pooled > 0 {
            let matched: usize = pairs.iter().map(|(_, count)| count).sum();
            pairs.push((self.pooled, current.total() - matched));
        }
        pairs
    }

    fn count(name: &str, array: &ArrayRef, is_level: impl Fn(&str) -> bool) -> Result<Self> {
        let batch = RecordBatch::try_from_iter_with_nullable([(name, array.clone(), true)])?;
        let groups = Groups::of(&batch, &[name])?;
        let mut sizes = vec![0; groups.first_rows().len()];
        for id in groups.ids() {
            sizes[*id as usize] += 1;
        }
        let levels = groups.keys()?.into_iter().flatten().zip(sizes);
        let counts =
            levels.filter_map(|(level, size)| Some((level.filter(|level| is_level(level))?, size)));
        Ok(Self {
            counts: counts.collect(),
            pooled: 0,
        })
    }
}

#[derive(Deserialize)]
struct Stored {
    counts: BTreeMap<String, usize>,
    pooled: usize,
}

impl TryFrom<Stored> for Levels {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { counts, pooled } = stored;
        total(counts.values().chain([&pooled])).ok_or("too many values")?;
        Ok(Self { counts, pooled })
    }
}

fn wrong_type(name: &str, array: &ArrayRef, expected: &str) -> Error {
    Error::ColumnType {
        column: name.to_owned(),
        found: array.data_type().clone(),
        expected: expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{BooleanArray, Float64Array, StringArray};

    use super::*;

    fn levels(values: &[Option<&str>]) -> Levels {
        Levels::of(
            "x",
            &(Arc::new(StringArray::from(values.to_vec())) as ArrayRef),
        )
        .unwrap()
    }

    #[test]
    fn levels_of_either_side_are_paired_and_nulls_are_not_counted() {
        let reference = levels(&[Some("b"), Some("a"), None, Some("a")]);
        let current = levels(&[Some("c"), Some("b"), Some("c")]);
        assert_eq!(reference.pair(&current), [(2, 0), (1, 1), (0, 2)]);
        assert_eq!(reference.total(), 3);
    }

    #[test]
    fn pooled_levels_are_one() {
        let reference = levels(&[Some("b"), Some("a"), Some("a"), Some("c"), Some("d")]).thinned(3);
        assert_eq!(reference.counts.keys().collect::<Vec<_>>(), ["a", "b"]);
        let current = levels(&[Some("c"), Some("e"), Some("b")]);
        assert_eq!(reference.pair(&current), [(2, 0), (1, 1), (2, 2)]);
    }

    #[test]
    fn codes_and_booleans_have_levels_and_nan_is_missing() {
        let codes = Arc::new(Float64Array::from(vec![1.0, f64::NAN, 1.0])) as ArrayRef;
        assert_eq!(Levels::of_codes("x", &codes).unwrap().total(), 2);
        let flags = Arc::new(BooleanArray::from(vec![Some(true), None])) as ArrayRef;
        assert_eq!(Levels::of("x", &flags).unwrap().counts["true"], 1);
        assert!(matches!(
            Levels::of("x", &codes),
            Err(Error::ColumnType { .. })
        ));
        assert!(matches!(
            Levels::of_codes("x", &flags),
            Err(Error::ColumnType { .. })
        ));
    }
}
