//! Levels too rare to learn from.

use std::collections::HashSet;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use alchemy_core::column::{index_of, is_text};
use alchemy_core::stats::Frequencies;
use alchemy_core::{
    Accumulate, ColumnSelector, Context, Error, Fit, FitMerge, Learning, Ledger, Result, Step,
    Transform,
};
use serde::{Deserialize, Serialize};

use crate::per_column::{ByColumn, Learned, Learner, PerColumn};
use crate::plain::require;
use crate::rebuilt::rebuilt;
use crate::text::{Fate, Rewrite, rewrite, text_schema};
use crate::text_counts::count_texts;

/// Learns which levels of a text column are frequent, and writes one word for all others.
///
/// A level is frequent if its share of the values in training is at least [`with_min_share`](Self::with_min_share), it
/// occurs at least [`with_min_count`](Self::with_min_count) times, and it is among the
/// [`with_max_levels`](Self::with_max_levels) most frequent; of equally frequent ones the smaller text comes first. What is
/// not frequent in training, or was not there, becomes [`with_name`](Self::with_name). A null is no value: it is not
/// counted and stays null.
///
/// Fitting counts every distinct level: their bytes and about 40 more each. It runs in parallel over columns, and merges
/// over pieces.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] if the share is not between 0 and 1.
/// - [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column that is not text.
/// - [`Error::AllNull`] if a column holds no value.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Fit, RareLevels, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// let batch = |cells| {
///     let city = Arc::new(StringArray::from(cells)) as ArrayRef;
///     RecordBatch::try_from_iter([("city", city)])
/// };
/// let train = batch(vec![Some("Rome"), Some("Rome"), Some("Oslo"), Some("Rome"), None])?;
/// let levels = RareLevels::new().with_min_share(0.5).fit(&train)?;
/// assert_eq!(levels.frequent("city"), Some(["Rome".to_owned()].as_slice()));
///
/// let scored = levels.transform(&batch(vec![Some("Rome"), Some("Oslo"), Some("Paris"), None])?)?;
/// let wanted = StringArray::from(vec![Some("Rome"), Some("other"), Some("other"), None]);
/// assert_eq!(scored.column(0).as_ref(), &wanted);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RareLevels {
    columns: ColumnSelector,
    min_share: f64,
    min_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_levels: Option<usize>,
    name: String,
}

impl Default for RareLevels {
    fn default() -> Self {
        Self {
            columns: ColumnSelector::text(),
            min_share: 0.05,
            min_count: 1,
            max_levels: None,
            name: "other".into(),
        }
    }
}

impl RareLevels {
    /// Joins levels of less than one in twenty in every feature that is text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The columns, which must be text. Default: every feature that is.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = columns.into();
        self
    }

    /// The share (0 to 1) of the values that are not null from which a level is frequent. Default: 0.05.
    #[doc(alias = "tol")]
    #[must_use]
    pub fn with_min_share(mut self, share: f64) -> Self {
        self.min_share = share;
        self
    }

    /// The count from which a level is frequent. Default: 1.
    #[must_use]
    pub fn with_min_count(mut self, count: u64) -> Self {
        self.min_count = count;
        self
    }

    /// How many levels can be frequent. Default: any number.
    #[doc(alias = "max_n_categories")]
    #[must_use]
    pub fn with_max_levels(mut self, levels: usize) -> Self {
        self.max_levels = Some(levels);
        self
    }

    /// What is written for a level that is not frequent. Default: `other`.
    #[doc(alias = "replace_with")]
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    fn fitted(&self, columns: Learned<Vec<String>>) -> FittedRareLevels {
        FittedRareLevels {
            columns: columns.into_iter().collect(),
            name: self.name.clone(),
        }
    }
}

impl Fit for RareLevels {
    type Fitted = FittedRareLevels;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedRareLevels> {
        let gathered = self.accumulator(batch.schema_ref())?;
        Ok(self.fitted(gathered.columns.learn(batch, context)?))
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for RareLevels {
    type Accumulator = RareLevelsAccumulator;

    fn accumulator(&self, schema: &Schema) -> Result<RareLevelsAccumulator> {
        if !(0.0..=1.0).contains(&self.min_share) {
            let message = format!("must be between 0 and 1, not {}", self.min_share);
            return Err(Error::parameter("min_share", message));
        }
        let learner = |field: &Field| {
            let found = field.data_type();
            require(is_text(found), field.name(), found, "text")?;
            Ok(Levels {
                counts: Frequencies::new(),
                spec: self.clone(),
            })
        };
        let names = self.columns.resolve(schema)?;
        Ok(RareLevelsAccumulator {
            columns: PerColumn::new(schema, names, learner)?,
            spec: self.clone(),
        })
    }
}

/// Gathers what a [`RareLevels`] learns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RareLevelsAccumulator {
    columns: PerColumn<Levels>,
    spec: RareLevels,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Levels {
    counts: Frequencies,
    spec: RareLevels,
}

impl Learner for Levels {
    /// The frequent levels, the most frequent first.
    type Learned = Vec<String>;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        count_texts(&mut self.counts, column, array)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.counts.merge(&other.counts);
        Ok(())
    }

    fn finish(self, column: &str, _data_type: &DataType) -> Result<Vec<String>> {
        let total = self.counts.total();
        if total == 0 {
            return Err(Error::AllNull {
                column: column.to_owned(),
            });
        }
        let is_frequent = |count: u64| {
            count >= self.spec.min_count && count as f64 / total as f64 >= self.spec.min_share
        };
        let most = self.spec.max_levels.unwrap_or(usize::MAX);
        let levels = self.counts.top(most.min(self.counts.distinct()));
        let frequent = levels.into_iter().filter(|(_, count)| is_frequent(*count));
        Ok(frequent.map(|(level, _)| level.to_owned()).collect())
    }
}

impl Accumulate for RareLevelsAccumulator {
    type Output = FittedRareLevels;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.columns.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.columns.merge(other.columns)
    }

    fn finish(self) -> Result<FittedRareLevels> {
        Ok(self.spec.fitted(self.columns.finish()?))
    }
}

/// What a [`RareLevels`] learned: the frequent levels of each column.
///
/// The ledger counts the cells that got another text ([`Action::Standardised`](crate::Action::Standardised)), with
/// examples. A pass costs about 18 ns a cell where few levels repeat; rows are done in parallel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedRareLevels {
    columns: ByColumn<Vec<String>>,
    name: String,
}

impl FittedRareLevels {
    /// The frequent levels of the column `name`, the most frequent first; `None` if it was not learned.
    #[must_use]
    pub fn frequent(&self, name: &str) -> Option<&[String]> {
        let mut columns = self.columns.iter();
        let (_, levels) = columns.find(|(column, _)| column == name)?;
        Some(levels)
    }

    fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl Transform for FittedRareLevels {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        text_schema(input, &self.names(), false)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let mut columns = batch.columns().to_vec();
        for (name, levels) in &self.columns {
            let column = &mut columns[index_of(&schema, name)?];
            let joining = Joining {
                frequent: levels.iter().map(String::as_str).collect(),
                name: &self.name,
            };
            let rewritten = rewrite(name, column, &joining)?;
            rewritten.record(name, column, ledger);
            *column = rewritten.array;
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for FittedRareLevels {
    const NAME: &'static str = "alchemy-clean/rare_levels";
}

struct Joining<'a> {
    frequent: HashSet<&'a str>,
    name: &'a str,
}

impl Rewrite for Joining<'_> {
    type Scratch = ();

    fn rewrite(&self, cell: &str, (): &mut (), output: &mut String) -> Fate {
        let is_frequent = self.frequent.contains(cell);
        output.push_str(if is_frequent { cell } else { self.name });
        Fate::default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{DictionaryArray, StringArray};
    use alchemy_core::arrow::datatypes::Int8Type;

    use super::*;

    fn frequent(spec: &RareLevels, array: ArrayRef) -> String {
        let batch = RecordBatch::try_from_iter([("x", array)]).unwrap();
        let fitted = spec.fit(&batch).unwrap();
        fitted.frequent("x").unwrap().join(" ")
    }

    #[test]
    fn every_condition_has_to_hold() {
        let cells: Vec<_> = "b a b c a d".split(' ').map(Some).chain([None]).collect();
        let dictionary: DictionaryArray<Int8Type> = cells.iter().copied().collect();
        for array in [
            Arc::new(StringArray::from(cells)) as ArrayRef,
            Arc::new(dictionary),
        ] {
            let spec = RareLevels::new();
            let of = |spec| frequent(&spec, array.clone());
            assert_eq!(of(spec.clone()), "a b c d");
            assert_eq!(of(spec.clone().with_min_share(1.0 / 3.0)), "a b");
            assert_eq!(of(spec.clone().with_min_count(2)), "a b");
            assert_eq!(of(spec.clone().with_max_levels(3)), "a b c");
            assert_eq!(of(spec.clone().with_max_levels(1).with_min_count(2)), "a");
            assert_eq!(of(spec.with_max_levels(0)), "");
        }
    }

    #[test]
    fn a_spec_is_read_with_its_defaults() {
        let spec: RareLevels = serde_json::from_str(r#"{"min_share":0.1}"#).unwrap();
        assert_eq!(spec, RareLevels::new().with_min_share(0.1));
        assert!(serde_json::from_str::<RareLevels>(r#"{"share":0.1}"#).is_err());
        let none = Arc::new(StringArray::from(vec![None::<&str>])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("x", none)]).unwrap();
        for share in [-0.1, 1.1, f64::NAN] {
            let error = RareLevels::new().with_min_share(share).fit(&batch);
            assert!(
                matches!(error, Err(Error::InvalidParameter { .. })),
                "{share}"
            );
        }
        let error = RareLevels::new().fit(&batch);
        assert!(matches!(error, Err(Error::AllNull { .. })));
    }
}
