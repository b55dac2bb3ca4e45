//! Texts that stand for a missing value.

use std::collections::HashSet;
use std::ops::Not;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
use alchemy_core::column::index_of;
use alchemy_core::{ColumnSelector, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use super::case::folded;
use super::rewrite::{Fate, Rewrite, rewrite, text_schema};
use crate::rebuilt::rebuilt;

/// Makes null of the texts that stand for a missing value, such as `N/A` or `UNKNOWN`.
///
/// A cell is compared without its outer white space, and in any case, by [`Case::Fold`](crate::Case::Fold), unless the case
/// is to [match](Self::with_match_case). The token `""` so means a blank cell. Other cells stay as they are, white space
/// included. The ledger counts the cells that became null ([`Action::Nulled`](crate::Action::Nulled)), with examples.
///
/// There is nothing to learn, so the spec is its own fitted type. A pass costs about 20 ns a cell where few values repeat;
/// rows are done in parallel.
///
/// # Errors
///
/// From [`transform`](Transform::transform) and [`output_schema`](Transform::output_schema):
/// [`Error::ColumnNotFound`](crate::Error::ColumnNotFound), or [`Error::ColumnType`](crate::Error::ColumnType) for a column
/// that is not text.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Action, Ledger, NullTokens, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// let item = StringArray::from(vec!["Cake", "ERROR", " unknown", " "]);
/// let raw = RecordBatch::try_from_iter([("item", Arc::new(item) as ArrayRef)])?;
///
/// let mut ledger = Ledger::new();
/// let step = NullTokens::new("item", ["ERROR", "UNKNOWN", ""]);
/// let clean = step.transform_with(&raw, &mut ledger)?;
/// assert_eq!(clean.column(0).as_ref(), &StringArray::from(vec![Some("Cake"), None, None, None]));
/// assert_eq!(ledger.count("item", Action::Nulled), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NullTokens {
    columns: ColumnSelector,
    tokens: Vec<String>,
    #[serde(default, skip_serializing_if = "Not::not")]
    match_case: bool,
}

impl NullTokens {
    /// Makes null of `tokens` in `columns`.
    #[must_use]
    pub fn new<S: Into<String>>(
        columns: impl Into<ColumnSelector>,
        tokens: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            columns: columns.into(),
            tokens: tokens.into_iter().map(Into::into).collect(),
            match_case: false,
        }
    }

    /// Leaves cells that differ from a token in case, as a country `NA` and a lacking `na` do. Default: case is ignored.
    #[must_use]
    pub fn with_match_case(mut self) -> Self {
        self.match_case = true;
        self
    }

    fn token<'a>(&self, text: &'a str, buffer: &'a mut String) -> &'a str {
        match self.match_case {
            true => text.trim(),
            false => folded(text.trim(), buffer),
        }
    }
}

impl Transform for NullTokens {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let nullable = !self.tokens.is_empty();
        text_schema(input, &self.columns.resolve(input)?, nullable)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let token = |text: &String| self.token(text, &mut String::new()).to_owned();
        let nulling = Nulling {
            step: self,
            tokens: self.tokens.iter().map(token).collect(),
        };
        let mut columns = batch.columns().to_vec();
        for name in self.columns.resolve(&schema)? {
            let column = &mut columns[index_of(&schema, &name)?];
            let rewritten = rewrite(&name, column, &nulling)?;
            rewritten.record(&name, column, ledger);
            *column = rewritten.array;
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for NullTokens {
    const NAME: &'static str = "alchemy-clean/null_tokens";
}

struct Nulling<'a> {
    step: &'a NullTokens,
    tokens: HashSet<String>,
}

impl Rewrite for Nulling<'_> {
    type Scratch = String;

    fn rewrite(&self, cell: &str, scratch: &mut String, output: &mut String) -> Fate {
        output.push_str(cell);
        Fate {
            null: self.tokens.contains(self.step.token(cell, scratch)),
            unmatched: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::Action;
    use alchemy_core::arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, StringArray};
    use alchemy_core::arrow::datatypes::{DataType, Field, Int8Type};

    use super::*;

    fn nulled(step: &NullTokens, cells: Vec<&str>) -> Vec<bool> {
        let field = Field::new("x", DataType::Utf8, false);
        let schema = Arc::new(Schema::new(vec![field]));
        let array = Arc::new(StringArray::from(cells)) as ArrayRef;
        let batch = RecordBatch::try_new(schema, vec![array]).unwrap();
        let out = step.transform(&batch).unwrap();
        (0..out.num_rows())
            .map(|row| out.column(0).is_null(row))
            .collect()
    }

    #[test]
    fn case_matters_where_it_is_to_match() {
        let cells = || vec!["NA", "na ", "n a", "", "Straße"];
        let step = NullTokens::new("x", [" na", "STRASSE"]);
        assert_eq!(nulled(&step, cells()), [true, true, false, false, true]);
        let step = step.with_match_case();
        assert_eq!(nulled(&step, cells()), [false, true, false, false, false]);
        let step = NullTokens::new("x", Vec::<String>::new());
        assert_eq!(nulled(&step, cells()), [false; 5]);
    }

    #[test]
    fn a_nulled_value_leaves_the_dictionary() {
        let cells = [Some("a"), Some("?"), None, Some("a"), Some("?")];
        let array: DictionaryArray<Int8Type> = cells.into_iter().collect();
        let batch = RecordBatch::try_from_iter([("x", Arc::new(array) as ArrayRef)]).unwrap();
        let mut ledger = Ledger::new();
        let out = NullTokens::new("x", ["?"])
            .transform_with(&batch, &mut ledger)
            .unwrap();
        let wanted: DictionaryArray<Int8Type> = [Some("a"), None, None, Some("a"), None]
            .into_iter()
            .collect();
        assert_eq!(out.column(0).as_ref(), &wanted);
        assert_eq!(out.column(0).null_count(), 3);
        assert_eq!(out.column(0).as_any_dictionary().values().len(), 1);
        assert_eq!(ledger.count("x", Action::Nulled), 2);
    }
}
