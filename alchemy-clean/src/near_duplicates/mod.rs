//! Texts that differ by a slip of the pen.

mod distance;
mod fitted;
mod pairs;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::column::is_text;
use alchemy_core::stats::Frequencies;
use alchemy_core::{Accumulate, ColumnSelector, Context, Error, Fit, FitMerge, Learning, Result};
use serde::{Deserialize, Serialize};

use crate::per_column::{Learner, PerColumn};
use crate::plain::require;
use crate::text_counts::count_texts;
pub use fitted::FittedNearDuplicates;
use pairs::{Pair, pairs};

/// Finds rare texts that are a slip of a frequent one, such as `birminghxm`, and proposes to replace them.
///
/// The fitted step is a proposal: it lists the pairs, and until it is approved
/// ([`FittedNearDuplicates::approve`]) it counts the cells that it would change and changes none. Pairs can be taken out
/// and put in before.
///
/// A text is paired with a standard form if all of this holds:
///
/// - The standard form is far more frequent, [`with_min_ratio`](Self::with_min_ratio) times at least.
/// - Few edits lie between them: one for every [`with_letters_per_edit`](Self::with_letters_per_edit) characters of the
///   shorter text, and not more than [`with_max_distance`](Self::with_max_distance). An edit is an insertion, deletion or
///   replacement of a character (a Unicode scalar value) or a swap of neighbours, and no part is edited twice: the optimal
///   string alignment distance.
/// - Both have the same digits in the same order, so `Store 1` is never `Store 2`.
/// - No other text that is frequent enough is as near. Of two, neither is taken.
/// - The standard form is not paired itself: a chain is not followed.
///
/// Case and white space are characters as others are; write text in one form first, with a
/// [`TextStandardiser`](crate::TextStandardiser). Codes in which one letter makes a difference look like slips of one
/// another to this step: read the proposal. Null is left out and stays null.
///
/// Fitting counts every distinct text, in parallel over columns, and merges over pieces. Then each text is compared with the
/// frequent ones of the same digits and of a length within reach: a few nanoseconds each, for the letters of most do not
/// allow the distance, and about a microsecond for the others. With `d` distinct texts of which `f` are frequent that is
/// `d · f` comparisons at most, and [`with_max_distinct`](Self::with_max_distinct) bounds `d`: what is beyond is refused,
/// not left to run. It holds some 200 bytes a distinct text.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] for a ratio or a number of letters below 2, or a column with too many distinct texts.
/// - [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column that is not text.
/// - [`Error::AllNull`] if a column holds no value.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Action, Fit, Ledger, NearDuplicates, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// let mut cells = vec!["birmingham"; 30];
/// cells.extend(["birminghxm", "boaz"]);
/// let city = Arc::new(StringArray::from(cells)) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("city", city)])?;
///
/// let proposal = NearDuplicates::new("city").fit(&batch)?;
/// assert_eq!(
///     proposal.to_string(),
///     "city: \"birminghxm\" (1) -> \"birmingham\" (30), distance 1\n"
/// );
/// let mut ledger = Ledger::new();
/// assert_eq!(proposal.transform_with(&batch, &mut ledger)?, batch);
/// assert_eq!(ledger.count("city", Action::Flagged), 1);
///
/// let repaired = proposal.approve().transform_with(&batch, &mut ledger)?;
/// assert_eq!(ledger.count("city", Action::Standardised), 1);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - L. Boytsov, "Indexing Methods for Approximate Dictionary Searching", *Journal of Experimental Algorithmics* 16, 2011,
///   <https://doi.org/10.1145/1963190.1963191>: the distance, and tests by letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearDuplicates {
    columns: ColumnSelector,
    #[serde(default = "default_max_distance")]
    max_distance: usize,
    #[serde(default = "default_letters_per_edit")]
    letters_per_edit: usize,
    #[serde(default = "default_min_ratio")]
    min_ratio: u64,
    #[serde(default = "default_max_distinct")]
    max_distinct: usize,
}

fn default_max_distance() -> usize {
    10
}

fn default_letters_per_edit() -> usize {
    3
}

fn default_min_ratio() -> u64 {
    10
}

fn default_max_distinct() -> usize {
    50_000
}

impl NearDuplicates {
    /// Looks for slips in `columns`, which must be text.
    #[must_use]
    pub fn new(columns: impl Into<ColumnSelector>) -> Self {
        Self {
            columns: columns.into(),
            max_distance: default_max_distance(),
            letters_per_edit: default_letters_per_edit(),
            min_ratio: default_min_ratio(),
            max_distinct: default_max_distinct(),
        }
    }

    /// The most edits between a slip and its standard form, however long they are: more of them make long texts slow to
    /// compare. Default: 10.
    #[must_use]
    pub fn with_max_distance(mut self, edits: usize) -> Self {
        self.max_distance = edits;
        self
    }

    /// How many characters the shorter of the two texts has for each edit, at least 2. Default: 3, so a text of two
    /// characters is never a slip.
    #[must_use]
    pub fn with_letters_per_edit(mut self, letters: usize) -> Self {
        self.letters_per_edit = letters;
        self
    }

    /// How many times as frequent as its slip a standard form is, at least 2. Default: 10.
    #[must_use]
    pub fn with_min_ratio(mut self, ratio: u64) -> Self {
        self.min_ratio = ratio;
        self
    }

    /// How many distinct texts a column may have. Default: 50 000.
    #[must_use]
    pub fn with_max_distinct(mut self, texts: usize) -> Self {
        self.max_distinct = texts;
        self
    }

    /// The most edits allowed if the shorter text has `len` characters.
    fn limit(&self, len: usize) -> usize {
        (len / self.letters_per_edit.max(1)).min(self.max_distance)
    }

    fn check(&self) -> Result<()> {
        if self.letters_per_edit < 2 {
            return Err(Error::parameter("letters_per_edit", "must be at least 2"));
        }
        if self.min_ratio < 2 {
            return Err(Error::parameter("min_ratio", "must be at least 2"));
        }
        Ok(())
    }
}

impl Fit for NearDuplicates {
    type Fitted = FittedNearDuplicates;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedNearDuplicates> {
        let NearDuplicatesAccumulator(columns) = self.accumulator(batch.schema_ref())?;
        Ok(FittedNearDuplicates::new(columns.learn(batch, context)?))
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for NearDuplicates {
    type Accumulator = NearDuplicatesAccumulator;

    fn accumulator(&self, schema: &Schema) -> Result<NearDuplicatesAccumulator> {
        self.check()?;
        let learner = |field: &Field| {
            let found = field.data_type();
            require(is_text(found), field.name(), found, "text")?;
            Ok(Texts {
                column: field.name().clone(),
                counts: Frequencies::new(),
                spec: self.clone(),
            })
        };
        let names = self.columns.resolve(schema)?;
        let columns = PerColumn::new(schema, names, learner)?;
        Ok(NearDuplicatesAccumulator(columns))
    }
}

/// Gathers what a [`NearDuplicates`] learns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NearDuplicatesAccumulator(PerColumn<Texts>);

impl Accumulate for NearDuplicatesAccumulator {
    type Output = FittedNearDuplicates;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.0.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(other.0)
    }

    fn finish(self) -> Result<FittedNearDuplicates> {
        self.0.finish().map(FittedNearDuplicates::new)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Texts {
    column: String,
    counts: Frequencies,
    spec: NearDuplicates,
}

impl Texts {
    fn check(&self) -> Result<()> {
        let most = self.spec.max_distinct;
        if self.counts.distinct() <= most {
            return Ok(());
        }
        let message = format!(
            "column {:?} has more than {most} distinct texts",
            self.column
        );
        Err(Error::parameter("max_distinct", message))
    }
}

impl Learner for Texts {
    type Learned = Vec<Pair>;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        count_texts(&mut self.counts, column, array)?;
        self.check()
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.counts.merge(&other.counts);
        self.check()
    }

    fn finish(self, column: &str, _data_type: &DataType) -> Result<Vec<Pair>> {
        if self.counts.distinct() == 0 {
            return Err(Error::AllNull {
                column: column.to_owned(),
            });
        }
        Ok(pairs(&self.counts, &self.spec))
    }
}

#[cfg(test)]
mod tests;
