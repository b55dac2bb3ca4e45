//! Text to Booleans.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, BooleanBuilder, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::{TextColumn, is_boolean};
use alchemy_core::{ColumnSelector, Error, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use crate::coercion::{Coerced, Coercion};
use crate::failure::OnFailure;
use crate::plain::is_default;

/// What stands for true, unless told otherwise.
const TRUE: [&str; 5] = ["true", "t", "yes", "y", "1"];

/// What stands for false, unless told otherwise.
const FALSE: [&str; 5] = ["false", "f", "no", "n", "0"];

/// Reads text or integers as Booleans, by their words.
///
/// Each selected column becomes `Boolean`, in its place and with its metadata. A cell is compared without the blanks around
/// it and without regard to case, letter by letter, with the words for true and for false; an integer with its digits. A
/// Boolean column passes as it is. A missing cell stays null and a blank one becomes null; a cell that is none of the
/// words becomes null, is kept as text or is an error, as [`OnFailure`] says. The ledger counts cells read
/// ([`Action::Coerced`]) and cells lost, blanks included ([`Action::Nulled`], with examples).
///
/// There is nothing to learn, so the spec is its own fitted type. Ranges of rows are read in parallel. A pass costs about
/// 28 ns a cell with ten words, and more with more; the output is two bits a row.
///
/// # Errors
///
/// From [`transform`](Transform::transform) and [`output_schema`](Transform::output_schema):
///
/// - [`Error::InvalidParameter`] if there is no word for true or for false, a word is blank, or one is in both lists.
/// - [`Error::ColumnNotFound`] if a selected column is not there, [`Error::ColumnType`] if it is neither text nor an
///   integer nor Boolean.
/// - [`Error::InvalidValue`] for a cell that is none of the words, with [`OnFailure::Error`].
/// - [`Error::DuplicateColumn`] if the name of the column for unread text is taken, with [`OnFailure::Keep`].
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{BooleanCoercer, OnFailure, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
/// let paid = StringArray::from(vec![Some("Yes"), Some(" no "), Some("later"), None]);
/// let raw = RecordBatch::try_from_iter([("paid", Arc::new(paid) as ArrayRef)])?;
///
/// let read = BooleanCoercer::new("paid").with_on_failure(OnFailure::Keep).transform(&raw)?;
///
/// let expected = BooleanArray::from(vec![Some(true), Some(false), None, None]);
/// assert_eq!(read.column(0).as_ref(), &expected);
/// let unread = StringArray::from(vec![None, None, Some("later"), None]);
/// assert_eq!(read.column_by_name("paid_unread").unwrap().as_ref(), &unread);
/// # Ok(())
/// # }
/// ```
///
/// [`Action::Coerced`]: alchemy_core::Action::Coerced
/// [`Action::Nulled`]: alchemy_core::Action::Nulled
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BooleanCoercer {
    columns: ColumnSelector,
    #[serde(default = "default_true")]
    true_words: Vec<String>,
    #[serde(default = "default_false")]
    false_words: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    on_failure: OnFailure,
}

fn default_true() -> Vec<String> {
    TRUE.map(str::to_owned).to_vec()
}

fn default_false() -> Vec<String> {
    FALSE.map(str::to_owned).to_vec()
}

impl BooleanCoercer {
    /// Reads `columns` by the words true, t, yes, y, 1 and false, f, no, n, 0; what is none of them becomes null.
    #[must_use]
    pub fn new(columns: impl Into<ColumnSelector>) -> Self {
        Self {
            columns: columns.into(),
            true_words: default_true(),
            false_words: default_false(),
            on_failure: OnFailure::default(),
        }
    }

    /// The words for true and those for false, instead of the default ones.
    #[must_use]
    pub fn with_words<S: Into<String>>(
        mut self,
        true_words: impl IntoIterator<Item = S>,
        false_words: impl IntoIterator<Item = S>,
    ) -> Self {
        self.true_words = true_words.into_iter().map(Into::into).collect();
        self.false_words = false_words.into_iter().map(Into::into).collect();
        self
    }

    /// What happens to a cell that is none of the words. Default: [`OnFailure::Null`].
    #[must_use]
    pub fn with_on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    fn check(&self) -> Result<()> {
        for (parameter, words) in [
            ("true_words", &self.true_words),
            ("false_words", &self.false_words),
        ] {
            if words.is_empty() {
                return Err(Error::parameter(parameter, "is empty"));
            }
            if words.iter().any(|word| word.trim().is_empty()) {
                return Err(Error::parameter(parameter, "a word is blank"));
            }
        }
        let is_false = |word: &&String| {
            self.false_words
                .iter()
                .any(|other| same(word.trim(), other.trim()))
        };
        if let Some(word) = self.true_words.iter().find(is_false) {
            let message = format!("{word:?} is a word for true too");
            return Err(Error::parameter("false_words", message));
        }
        Ok(())
    }

    fn coerced(&self) -> Coerced<'_, Self> {
        Coerced {
            columns: &self.columns,
            on_failure: self.on_failure,
            coercion: self,
        }
    }

    /// Each word, and what it stands for.
    fn words(&self) -> Vec<(&str, bool)> {
        let of_true = self.true_words.iter().map(|word| (word.trim(), true));
        let of_false = self.false_words.iter().map(|word| (word.trim(), false));
        of_true.chain(of_false).collect()
    }
}

/// Whether two texts without blanks around them are equal but for case.
fn same(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    let mut lower = b.chars().flat_map(char::to_lowercase);
    a.chars().flat_map(char::to_lowercase).eq(&mut lower)
}

impl Coercion for BooleanCoercer {
    fn output_type(&self) -> DataType {
        DataType::Boolean
    }

    fn passes(&self, data_type: &DataType) -> bool {
        is_boolean(data_type)
    }

    fn reads_digits(&self, data_type: &DataType) -> bool {
        data_type.is_integer()
    }

    fn accepts(&self) -> &'static str {
        "text, an integer or Boolean"
    }

    fn expected(&self) -> &'static str {
        "a word for true or false"
    }

    fn read(&self, cells: &TextColumn) -> Result<ArrayRef> {
        let mut values = BooleanBuilder::with_capacity(cells.len());
        let words = self.words();
        let value = |cell: &str| {
            let cell = cell.trim();
            let mut words = words.iter();
            words
                .find(|(word, _)| same(cell, word))
                .map(|(_, value)| *value)
        };
        cells.for_each(|cell| values.append_option(cell.and_then(value)));
        Ok(Arc::new(values.finish()))
    }
}

impl Transform for BooleanCoercer {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        self.check()?;
        self.coerced().schema(input)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        self.check()?;
        self.coerced().transform(batch, ledger)
    }
}

impl Step for BooleanCoercer {
    const NAME: &'static str = "alchemy-clean/boolean_coercer";
}

#[cfg(test)]
mod tests {
    use alchemy_core::Action;
    use alchemy_core::arrow::array::{Array, BooleanArray, Int64Array, StringArray};

    use super::*;

    fn batch(array: impl Array + 'static) -> RecordBatch {
        RecordBatch::try_from_iter([("x", Arc::new(array) as ArrayRef)]).unwrap()
    }

    #[test]
    fn words_are_compared_without_case_and_blanks() {
        let cells = StringArray::from(vec![
            Some(" YES"),
            Some("t"),
            Some("1"),
            Some("No"),
            Some("0\t"),
            Some(""),
            Some("ye"),
            Some("1.0"),
            None,
        ]);
        let mut ledger = Ledger::new();
        let out = BooleanCoercer::new("x")
            .transform_with(&batch(cells), &mut ledger)
            .unwrap();
        let (yes, no) = (Some(true), Some(false));
        let expected = BooleanArray::from(vec![yes, yes, yes, no, no, None, None, None, None]);
        assert_eq!(out.column(0).as_ref(), &expected);
        assert_eq!(ledger.count("x", Action::Coerced), 5);
        assert_eq!(ledger.count("x", Action::Nulled), 3);

        let own = BooleanCoercer::new("x").with_words(["ÉTÉ"], ["нет"]);
        let cells = StringArray::from(vec!["été", "НЕТ ", "yes"]);
        let out = own.transform(&batch(cells)).unwrap();
        assert_eq!(
            out.column(0).as_ref(),
            &BooleanArray::from(vec![yes, no, None])
        );
    }

    #[test]
    fn integers_are_read_and_booleans_pass() {
        let out = BooleanCoercer::new("x").transform(&batch(Int64Array::from(vec![
            Some(1),
            Some(0),
            None,
            Some(2),
        ])));
        let expected = BooleanArray::from(vec![Some(true), Some(false), None, None]);
        assert_eq!(out.unwrap().column(0).as_ref(), &expected);
        let flags = batch(expected);
        assert_eq!(BooleanCoercer::new("x").transform(&flags).unwrap(), flags);
    }

    #[test]
    fn a_word_means_one_thing() {
        let empty = batch(StringArray::from(Vec::<&str>::new()));
        for (true_words, false_words, parameter) in [
            (vec!["a", "B"], vec![" b"], "false_words"),
            (vec![], vec!["b"], "true_words"),
            (vec!["a"], vec![" "], "false_words"),
        ] {
            let error = BooleanCoercer::new("x")
                .with_words(true_words, false_words)
                .transform(&empty)
                .unwrap_err();
            assert!(error.to_string().contains(parameter), "{error}");
        }
    }
}
