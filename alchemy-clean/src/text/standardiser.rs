//! Text in one standard form.

use std::ops::Not;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
use alchemy_core::column::{TextColumn, by_name, index_of};
use alchemy_core::stats::Frequencies;
use alchemy_core::{ColumnSelector, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use super::rewrite::{Fate, Rewrite, Rewritten, refuse_first, rewrite, text_schema};
use super::synonyms::Lookup;
use super::{Case, Synonyms};
use crate::rebuilt::rebuilt;

/// Writes text in one standard form.
///
/// A cell is rewritten in this order, each part only if asked for: characters get one Unicode form, outer white space is
/// trimmed, runs of white space inside become one space, a synonym is replaced by its standard form, and what is not a
/// synonym gets the case asked for. So a map of synonyms does not depend on spacing or case, and its standard forms stand
/// as they were given.
///
/// White space is what has the Unicode property `White_Space`. Null stays null and the column's type is kept. The
/// ledger counts cells that changed ([`Action::Standardised`]) and, with synonyms, cells that the map does not know
/// ([`Action::Unmatched`]), with examples; [`unmatched`](Self::unmatched) lists all of those. They are kept unless
/// [`with_on_unmatched`](Self::with_on_unmatched) says otherwise.
///
/// There is nothing to learn, so the spec is its own fitted type. A pass costs about 25 ns a cell where few values repeat,
/// and 50 to 130 where each is another one; a dictionary is rewritten once for each of its values. Rows are done in
/// parallel. The new text and an eighth of a byte a row for each count are held. Applying it twice changes nothing.
///
/// # Errors
///
/// From [`transform`](Transform::transform) and [`output_schema`](Transform::output_schema):
///
/// - [`Error::InvalidParameter`] for [`Synonyms`] that contradict themselves.
/// - [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column that is not text, or whose text becomes longer than
///   its type can hold.
/// - [`Error::InvalidValue`] for the first unmatched cell, with [`OnUnmatched::Error`].
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Action, Case, Ledger, Synonyms, TextStandardiser, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// let country = StringArray::from(vec![" usa", "U.S.A", "new  zealand"]);
/// let raw = RecordBatch::try_from_iter([("country", Arc::new(country) as ArrayRef)])?;
///
/// let standard = TextStandardiser::new("country")
///     .with_trim()
///     .with_collapsed_spaces()
///     .with_case(Case::Title)
///     .with_synonyms(Synonyms::new([("USA", "United States"), ("U.S.A", "United States")]));
/// let mut ledger = Ledger::new();
/// let clean = standard.transform_with(&raw, &mut ledger)?;
///
/// let expected = StringArray::from(vec!["United States", "United States", "New Zealand"]);
/// assert_eq!(clean.column(0).as_ref(), &expected);
/// assert_eq!(ledger.count("country", Action::Unmatched), 1);
/// # Ok(())
/// # }
/// ```
///
/// [`Action::Standardised`]: alchemy_core::Action::Standardised
/// [`Action::Unmatched`]: alchemy_core::Action::Unmatched
/// [`Error::ColumnNotFound`]: alchemy_core::Error::ColumnNotFound
/// [`Error::ColumnType`]: alchemy_core::Error::ColumnType
/// [`Error::InvalidParameter`]: alchemy_core::Error::InvalidParameter
/// [`Error::InvalidValue`]: alchemy_core::Error::InvalidValue
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextStandardiser {
    columns: ColumnSelector,
    #[cfg(feature = "unicode")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    normal_form: Option<NormalForm>,
    #[serde(default, skip_serializing_if = "Not::not")]
    trim: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    collapsed_spaces: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case: Option<Case>,
    #[serde(default, skip_serializing_if = "Synonyms::is_empty")]
    synonyms: Synonyms,
    #[serde(default, skip_serializing_if = "OnUnmatched::is_keep")]
    on_unmatched: OnUnmatched,
}

/// What happens to a cell that the [`Synonyms`] do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnmatched {
    /// It stays, in the case asked for.
    #[default]
    Keep,
    /// It becomes null.
    Null,
    /// The whole batch is refused with an error that names the first such cell.
    Error,
}

impl OnUnmatched {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    fn is_keep(&self) -> bool {
        *self == Self::Keep
    }
}

/// A Unicode normal form: one way to write characters that can be written in several.
///
/// # Examples
///
/// ```
/// # use std::sync::Arc;
/// # use alchemy_clean::{NormalForm, TextStandardiser, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
/// let name = StringArray::from(vec!["Cafe\u{301}", "Ｃａｆé"]);
/// let batch = RecordBatch::try_from_iter([("name", Arc::new(name) as ArrayRef)])?;
/// let step = TextStandardiser::new("name").with_normal_form(NormalForm::Nfkc);
/// assert_eq!(step.transform(&batch)?.column(0).as_ref(), &StringArray::from(vec!["Café"; 2]));
/// # Ok::<(), alchemy_clean::Error>(())
/// ```
///
/// # References
///
/// - Unicode Standard Annex 15, "Unicode Normalization Forms", <https://www.unicode.org/reports/tr15/>.
#[cfg(feature = "unicode")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NormalForm {
    /// Composed: a letter and its accent are one character where there is one for both.
    Nfc,
    /// Composed, and without difference of look, such as between `ﬁ` and `fi`, `½` and `1⁄2`, wide and narrow letters.
    Nfkc,
}

#[cfg(feature = "unicode")]
impl NormalForm {
    /// Writes `text` in this form to `buffer`, unless it is in this form already: whether it was written.
    fn write(self, text: &str, buffer: &mut String) -> bool {
        use unicode_normalization::{UnicodeNormalization, is_nfc, is_nfkc};
        let is_normal = match self {
            Self::Nfc => is_nfc(text),
            Self::Nfkc => is_nfkc(text),
        };
        buffer.clear();
        match self {
            _ if is_normal => {}
            Self::Nfc => buffer.extend(text.nfc()),
            Self::Nfkc => buffer.extend(text.nfkc()),
        }
        !is_normal
    }
}

impl TextStandardiser {
    /// Standardises `columns`; what is done to them is asked for by the other methods.
    #[must_use]
    pub fn new(columns: impl Into<ColumnSelector>) -> Self {
        Self {
            columns: columns.into(),
            #[cfg(feature = "unicode")]
            normal_form: None,
            trim: false,
            collapsed_spaces: false,
            case: None,
            synonyms: Synonyms::default(),
            on_unmatched: OnUnmatched::Keep,
        }
    }

    /// Writes characters in one Unicode form. Default: as they are. A build without the feature `unicode` refuses a stored
    /// step that has one.
    #[cfg(feature = "unicode")]
    #[must_use]
    pub fn with_normal_form(mut self, form: NormalForm) -> Self {
        self.normal_form = Some(form);
        self
    }

    /// Takes white space off both ends. Default: it stays.
    #[must_use]
    pub fn with_trim(mut self) -> Self {
        self.trim = true;
        self
    }

    /// Makes one space of each run of white space. Default: it stays.
    #[must_use]
    pub fn with_collapsed_spaces(mut self) -> Self {
        self.collapsed_spaces = true;
        self
    }

    /// Writes what is not a synonym in this case. Default: as it is.
    #[must_use]
    pub fn with_case(mut self, case: Case) -> Self {
        self.case = Some(case);
        self
    }

    /// Replaces synonyms by their standard form. Default: none.
    #[must_use]
    pub fn with_synonyms(mut self, synonyms: Synonyms) -> Self {
        self.synonyms = synonyms;
        self
    }

    /// What happens to a cell that the synonyms do not know; without synonyms there is no such cell. Default: it stays.
    #[must_use]
    pub fn with_on_unmatched(mut self, on_unmatched: OnUnmatched) -> Self {
        self.on_unmatched = on_unmatched;
        self
    }

    /// The different cells of `batch` that the synonyms do not know, with how often each occurs: what a map lacks.
    ///
    /// The table has the columns `column`, `value` and `count`, by falling count within a column, then by value. A value
    /// has the white space that was asked for, and its own case.
    ///
    /// # Errors
    ///
    /// As [`transform`](Transform::transform), but unmatched cells are none.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use alchemy_clean::{Synonyms, TextStandardiser};
    /// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
    /// let country = StringArray::from(vec!["UK", "Wales", "Wales ", "Eire"]);
    /// let batch = RecordBatch::try_from_iter([("country", Arc::new(country) as ArrayRef)])?;
    /// let synonyms = Synonyms::new([("uk", "United Kingdom")]);
    /// let step = TextStandardiser::new("country").with_trim().with_synonyms(synonyms);
    /// let unmatched = step.unmatched(&batch)?;
    /// assert_eq!(unmatched.column(1).as_ref(), &StringArray::from(vec!["Wales", "Eire"]));
    /// # Ok::<(), alchemy_clean::Error>(())
    /// ```
    pub fn unmatched(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let (mut columns, mut values, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        let lookup = self.lookup()?;
        for name in self.columns.resolve(batch.schema_ref())? {
            let array = by_name(batch, &name)?;
            let rows = self.rewrite(&name, array, &lookup)?.unmatched;
            let text = TextColumn::new(&name, array)?;
            let mut found = Frequencies::new();
            let mut scratch = Scratch::default();
            for cell in rows.set_indices().filter_map(|row| text.get(row)) {
                found.add(self.space(cell, &mut scratch));
            }
            for (value, count) in found.top(found.distinct()) {
                columns.push(name.clone());
                values.push(value.to_owned());
                counts.push(count);
            }
        }
        Ok(RecordBatch::try_from_iter([
            ("column", Arc::new(StringArray::from(columns)) as ArrayRef),
            ("value", Arc::new(StringArray::from(values))),
            ("count", Arc::new(UInt64Array::from(counts))),
        ])?)
    }

    /// The synonyms, spelled with the characters and white space that cells will have.
    fn lookup(&self) -> Result<Lookup<'_>> {
        self.synonyms
            .lookup(|spelling| self.space(spelling, &mut Scratch::default()).to_owned())
    }

    fn rewrite(&self, name: &str, array: &ArrayRef, lookup: &Lookup<'_>) -> Result<Rewritten> {
        let step = Standardising { step: self, lookup };
        rewrite(name, array, &step)
    }

    /// `cell` with the characters and the white space asked for, in `scratch` where it had to be rewritten.
    fn space<'a>(&self, cell: &'a str, scratch: &'a mut Scratch) -> &'a str {
        #[cfg(feature = "unicode")]
        let cell = match self.normal_form {
            Some(form) if form.write(cell, &mut scratch.normal) => scratch.normal.as_str(),
            _ => cell,
        };
        let buffer = &mut scratch.spaced;
        let cell = if self.trim { cell.trim() } else { cell };
        if !self.collapsed_spaces || is_collapsed(cell) {
            return cell;
        }
        buffer.clear();
        let mut in_run = false;
        for c in cell.chars() {
            let space = c.is_whitespace();
            match (space, in_run) {
                (false, _) => buffer.push(c),
                (true, false) => buffer.push(' '),
                (true, true) => {}
            }
            in_run = space;
        }
        buffer
    }

    fn write_case(&self, text: &str, output: &mut String) {
        match self.case {
            Some(case) => case.write(text, output),
            None => output.push_str(text),
        }
        // A capital or a folded letter can be of several characters that compose.
        #[cfg(feature = "unicode")]
        if let Some(form) = self.normal_form
            && !output.is_ascii()
        {
            let mut normal = String::new();
            if form.write(output, &mut normal) {
                *output = normal;
            }
        }
    }
}

/// Room for a cell on its way.
#[derive(Debug, Default)]
struct Scratch {
    #[cfg(feature = "unicode")]
    normal: String,
    spaced: String,
}

struct Standardising<'a> {
    step: &'a TextStandardiser,
    lookup: &'a Lookup<'a>,
}

impl Rewrite for Standardising<'_> {
    type Scratch = (Scratch, String);

    fn rewrite(
        &self,
        cell: &str,
        (scratch, folded): &mut (Scratch, String),
        output: &mut String,
    ) -> Fate {
        let spaced = self.step.space(cell, scratch);
        if let Some(standard) = self.lookup.find(spaced, folded) {
            output.push_str(standard);
            return Fate::default();
        }
        self.step.write_case(spaced, output);
        let unmatched = !self.step.synonyms.is_empty();
        Fate {
            null: unmatched && self.step.on_unmatched == OnUnmatched::Null,
            unmatched,
        }
    }
}

impl Transform for TextStandardiser {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        self.lookup()?;
        let nullable = self.on_unmatched == OnUnmatched::Null && !self.synonyms.is_empty();
        text_schema(input, &self.columns.resolve(input)?, nullable)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let lookup = self.lookup()?;
        let mut columns = batch.columns().to_vec();
        for name in self.columns.resolve(&schema)? {
            let column = &mut columns[index_of(&schema, &name)?];
            let rewritten = self.rewrite(&name, column, &lookup)?;
            if self.on_unmatched == OnUnmatched::Error {
                refuse_first(
                    &name,
                    column,
                    &rewritten.unmatched,
                    "in the map of synonyms",
                )?;
            }
            rewritten.record(&name, column, ledger);
            *column = rewritten.array;
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for TextStandardiser {
    const NAME: &'static str = "alchemy-clean/text_standardiser";
}

/// Whether all white space is of single spaces.
fn is_collapsed(text: &str) -> bool {
    let mut in_run = false;
    if text.is_ascii() {
        return text.bytes().all(|byte| {
            let space = matches!(byte, b' ' | b'\t'..=b'\r');
            let single = !space || byte == b' ' && !in_run;
            in_run = space;
            single
        });
    }
    text.chars().all(|c| {
        let space = c.is_whitespace();
        let single = !space || c == ' ' && !in_run;
        in_run = space;
        single
    })
}

#[cfg(test)]
mod tests;
