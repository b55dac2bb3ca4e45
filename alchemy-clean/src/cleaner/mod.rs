//! Cleaning as a recipe: written down, read, edited, applied.

mod cleaning_step;
mod suggest;

use std::fmt;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Ledger, Pipeline, Profile, Result};
use serde::{Deserialize, Serialize};

pub use cleaning_step::CleaningStep;

/// Characters of a step that are printed; JSON has them all.
const MOST_CHARACTERS: usize = 240;

/// A recipe: cleaning steps in order, each with the reason why it is there.
///
/// [`suggest`](Self::suggest) drafts one from what a [`Profile`] found. A draft does nothing by itself: it prints and
/// is stored as JSON, in both of which a person can read, edit, add and strike out steps.
///
/// There are two ways to apply it. [`clean`](Self::clean) cleans one table: every step learns from the output of the
/// steps before it, and rows that a step leaves out are gone. [`pipeline`](Self::pipeline) is for tables that keep
/// coming: it is fitted once on training rows, and gives the same treatment to every later row, of which it drops none.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// use alchemy_clean::{Action, Cleaner, Imputer, ImputeStrategy, Ledger, Profile};
///
/// let price = StringArray::from(vec!["9.5", "10", " ", "11", "12", "9.5"]);
/// let raw = RecordBatch::try_from_iter([("price", Arc::new(price) as ArrayRef)])?;
///
/// let draft = Cleaner::suggest(&Profile::of(&raw)?);
/// println!("{draft}");
/// let recipe = draft.then(Imputer::new(ImputeStrategy::Median).with_columns("price"));
/// let stored = recipe.to_json()?;
///
/// let mut ledger = Ledger::new();
/// let clean = Cleaner::from_json(&stored)?.clean(&raw, &mut ledger)?;
/// assert_eq!(ledger.count("price", Action::Filled), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cleaner {
    entries: Vec<Entry>,
}

/// A step and why it is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    because: String,
    #[serde(flatten)]
    step: CleaningStep,
}

impl Cleaner {
    /// A recipe without steps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A draft that answers the findings of `profile`, in the order in which steps are best applied: text is read and
    /// put in one form, then rows and columns go, then cells are flagged and filled.
    ///
    /// | finding | step |
    /// |---|---|
    /// | blank text | [`NullTokens`](crate::NullTokens) |
    /// | numbers as text | [`NumericCoercer`](crate::NumericCoercer) |
    /// | dates as text, in one format or several | [`TimestampParser`](crate::TimestampParser); not where day and month are ambiguous |
    /// | outer white space, variants by case | [`TextStandardiser`](crate::TextStandardiser) |
    /// | columns without a value | [`NullColumnDropper`](crate::NullColumnDropper) |
    /// | duplicate rows | [`Duplicates`](crate::Duplicates) |
    /// | outliers, few negatives | [`Outliers`](crate::Outliers), [`DerivedColumn`](crate::DerivedColumn): a flag, for both may be right |
    /// | missing values | [`Imputer`](crate::Imputer): the median of numbers with an indicator, the mode of text and Booleans |
    #[must_use]
    pub fn suggest(profile: &Profile) -> Self {
        suggest::suggest(profile)
    }

    /// Adds a step.
    #[must_use]
    pub fn then(self, step: impl Into<CleaningStep>) -> Self {
        self.then_because(step, "")
    }

    /// Adds a step with the reason for it.
    #[must_use]
    pub fn then_because(
        mut self,
        step: impl Into<CleaningStep>,
        because: impl Into<String>,
    ) -> Self {
        self.entries.push(Entry {
            step: step.into(),
            because: because.into(),
        });
        self
    }

    /// Leaves out the steps for which `strike` is true.
    #[must_use]
    pub fn without(mut self, strike: impl Fn(&CleaningStep) -> bool) -> Self {
        self.entries.retain(|entry| !strike(&entry.step));
        self
    }

    /// The steps in order.
    #[must_use]
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &CleaningStep> {
        self.entries.iter().map(|entry| &entry.step)
    }

    /// Why each step is there, in order; empty where no reason was given.
    #[must_use]
    pub fn reasons(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(|entry| entry.because.as_str())
    }

    /// `batch` cleaned, each step learning from what the steps before it gave; `ledger` counts what was done.
    ///
    /// # Errors
    ///
    /// Those of the steps.
    pub fn clean(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        ledger.enter_rows(batch.num_rows());
        let mut batch = batch.clone();
        for step in self.steps() {
            batch = step.apply(&batch, ledger)?;
        }
        Ok(batch)
    }

    /// The recipe as a pipeline, to be fitted, stored and scored with; rows are left out in training only.
    #[must_use]
    pub fn pipeline(&self) -> Pipeline {
        self.steps()
            .fold(Pipeline::new(), |pipeline, step| step.add_to(pipeline))
    }

    /// The recipe as JSON: a list of `{"because": …, "step": …, "with": …}`.
    ///
    /// # Errors
    ///
    /// None that a recipe is known to give.
    pub fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Reads what [`to_json`](Self::to_json) wrote, or a person.
    ///
    /// # Errors
    ///
    /// [`Error::Json`](alchemy_core::Error::Json) names the line; a parameter that no step may have is found when the
    /// recipe is applied.
    pub fn from_json(text: &str) -> Result<Self> {
        Ok(serde_json::from_str(text)?)
    }
}

/// A numbered list: each step with its parameters, cut where they are long, and its reason.
impl fmt::Display for Cleaner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let step = entry.step.to_string();
            let end = step.char_indices().nth(MOST_CHARACTERS);
            let (step, more) = end.map_or((step.as_str(), ""), |(end, _)| (&step[..end], "…"));
            write!(f, "{}. {step}{more}", index + 1)?;
            if !entry.because.is_empty() {
                write!(f, "\n   {}", entry.because)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
