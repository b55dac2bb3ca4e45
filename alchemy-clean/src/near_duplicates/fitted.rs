//! A proposal, and what it does once it is approved.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
use alchemy_core::column::index_of;
use alchemy_core::{Action, Error, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use super::distance::Distances;
use super::pairs::Pair;
use crate::per_column::{ByColumn, Learned};
use crate::rebuilt::rebuilt;
use crate::text::{Fate, Rewrite, record, rewrite, text_schema};

/// What a [`NearDuplicates`](super::NearDuplicates) learned: pairs of a text and its standard form, for approval.
///
/// It prints as a line a pair, and gives itself [as a batch](Self::to_batch). Before it is [approved](Self::approve) it
/// changes nothing, and the ledger counts the cells that it would change ([`Action::Flagged`]). Afterwards these cells get
/// the standard form and are counted as [`Action::Standardised`]. Both with examples; null stays null.
///
/// A pass costs about 20 ns a cell where few texts repeat; rows are done in parallel.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Fit, NearDuplicates, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// let mut cells = vec!["north"; 20];
/// cells.extend(["nort", "forth", "south"]);
/// let wing = Arc::new(StringArray::from(cells)) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("wing", wing)])?;
///
/// let step = NearDuplicates::new("wing")
///     .fit(&batch)?
///     .without("wing", "forth")?
///     .with("wing", "n.", "north")?
///     .approve();
/// assert_eq!(step.to_batch()?.num_rows(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedNearDuplicates {
    columns: ByColumn<Vec<Pair>>,
    approved: bool,
}

impl FittedNearDuplicates {
    pub(super) fn new(columns: Learned<Vec<Pair>>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            approved: false,
        }
    }

    /// The pairs as a table, to be read before they are approved: `column`, `from`, `to`, `distance`, and how often both
    /// were met in training, `from_count` and `to_count`, null for a pair that was put in.
    ///
    /// Pairs of one standard form stand together, the most frequent one first.
    ///
    /// # Errors
    ///
    /// None that is known; those of Arrow.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let text = |of: fn(&str, &Pair) -> String| -> ArrayRef {
            let cells = self.pairs().map(|(column, pair)| Some(of(column, pair)));
            Arc::new(cells.collect::<StringArray>())
        };
        let number = |of: fn(&Pair) -> Option<u64>| -> ArrayRef {
            Arc::new(
                self.pairs()
                    .map(|(_, pair)| of(pair))
                    .collect::<UInt64Array>(),
            )
        };
        Ok(RecordBatch::try_from_iter_with_nullable([
            ("column", text(|column, _| column.to_owned()), false),
            ("from", text(|_, pair| pair.from.clone()), false),
            ("to", text(|_, pair| pair.to.clone()), false),
            ("distance", number(|pair| Some(pair.distance as u64)), false),
            ("from_count", number(|pair| Some(pair.counts?.0)), true),
            ("to_count", number(|pair| Some(pair.counts?.1)), true),
        ])?)
    }

    /// This proposal without the pair of `from` in `column`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if there is no such pair.
    pub fn without(mut self, column: &str, from: &str) -> Result<Self> {
        let pairs = self.pairs_of(column)?;
        let Some(at) = pairs.iter().position(|pair| pair.from == from) else {
            let message = format!("{from:?} has no pair in column {column:?}");
            return Err(Error::parameter("from", message));
        };
        pairs.remove(at);
        Ok(self)
    }

    /// This proposal with `from` paired with `to` in `column`, in place of another pair of `from`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a column that was not learned, or a pair that makes a chain with another.
    pub fn with(mut self, column: &str, from: &str, to: &str) -> Result<Self> {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let (a, b) = (chars(from), chars(to));
        let most = a.len().max(b.len());
        let distance = Distances::default().within(&a, &b, most).unwrap_or(most);
        let pairs = self.pairs_of(column)?;
        pairs.retain(|pair| pair.from != from);
        pairs.push(Pair {
            from: from.to_owned(),
            to: to.to_owned(),
            distance,
            counts: None,
        });
        standards(column, pairs)?;
        Ok(self)
    }

    /// This proposal as a step that replaces.
    #[must_use]
    pub fn approve(mut self) -> Self {
        self.approved = true;
        self
    }

    /// Whether it replaces.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.approved
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &Pair)> {
        self.columns
            .iter()
            .flat_map(|(column, pairs)| pairs.iter().map(move |pair| (column.as_str(), pair)))
    }

    fn pairs_of(&mut self, column: &str) -> Result<&mut Vec<Pair>> {
        let mut columns = self.columns.iter_mut();
        match columns.find(|(name, _)| name == column) {
            Some((_, pairs)) => Ok(pairs),
            None => {
                let message = format!("column {column:?} was not learned");
                Err(Error::parameter("column", message))
            }
        }
    }

    fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// The standard form of each text, if the pairs make no chain.
fn standards<'a>(column: &str, pairs: &'a [Pair]) -> Result<HashMap<&'a str, &'a str>> {
    let slips: HashSet<&str> = pairs.iter().map(|pair| pair.from.as_str()).collect();
    match pairs.iter().find(|pair| slips.contains(pair.to.as_str())) {
        Some(pair) => {
            let message = format!(
                "in column {column:?} {:?} is paired with {:?}, which is paired itself",
                pair.from, pair.to
            );
            Err(Error::parameter("to", message))
        }
        None if slips.len() < pairs.len() => {
            let message = format!("in column {column:?} a text is paired twice");
            Err(Error::parameter("from", message))
        }
        None => Ok(pairs
            .iter()
            .map(|pair| (pair.from.as_str(), pair.to.as_str()))
            .collect()),
    }
}

impl fmt::Display for FittedNearDuplicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (column, pair) in self.pairs() {
            let Pair { from, to, .. } = pair;
            match pair.counts {
                Some((rare, frequent)) => {
                    write!(f, "{column}: {from:?} ({rare}) -> {to:?} ({frequent})")?;
                }
                None => write!(f, "{column}: {from:?} -> {to:?}")?,
            }
            writeln!(f, ", distance {}", pair.distance)?;
        }
        Ok(())
    }
}

impl Transform for FittedNearDuplicates {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        for (column, pairs) in &self.columns {
            standards(column, pairs)?;
        }
        text_schema(input, &self.names(), false)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let mut columns = batch.columns().to_vec();
        for (name, pairs) in &self.columns {
            let column = &mut columns[index_of(&schema, name)?];
            let rewritten = rewrite(name, column, &Replacing(standards(name, pairs)?))?;
            if self.approved {
                rewritten.record(name, column, ledger);
                *column = rewritten.array;
            } else {
                record(name, column, Action::Flagged, &rewritten.changed, ledger);
            }
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for FittedNearDuplicates {
    const NAME: &'static str = "alchemy-clean/near_duplicates";
}

struct Replacing<'a>(HashMap<&'a str, &'a str>);

impl Rewrite for Replacing<'_> {
    type Scratch = ();

    fn rewrite(&self, cell: &str, (): &mut (), output: &mut String) -> Fate {
        output.push_str(self.0.get(cell).copied().unwrap_or(cell));
        Fate::default()
    }
}
