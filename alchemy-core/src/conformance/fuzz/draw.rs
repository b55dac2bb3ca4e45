//! Random parameters for a step.

use arrow::datatypes::{DataType, Schema};

use crate::ColumnSelector;
use crate::column::{is_numeric, is_temporal, is_text};
use crate::conformance::hostile;
use crate::random::Stream;

/// Texts that parsers, cases and keys stumble over.
pub(super) const TEXTS: [&str; 40] = [
    "",
    " ",
    "a",
    "A",
    "b",
    "c",
    "ab",
    "true",
    "null",
    "NaN",
    "-inf",
    "1",
    "-2.5",
    "1e3",
    "1e400",
    "1,234.5",
    "1.234,5",
    "1 000",
    "1'000",
    "€ 5",
    "50%",
    "(3)",
    "+",
    "-",
    "٣",
    "2024-02-29",
    "2023-02-29",
    "2024-01-02 03:04:05",
    "2024-01-02T03:04:05.678Z",
    "31/12/1999",
    "9999-12-31",
    "-0001-01-01",
    "24:00",
    "ß",
    "İ",
    "e\u{301}",
    "\u{feff}1",
    "\0",
    "a\u{a0}\u{2003}b",
    "👩‍👩‍👧",
];

/// Random parameters for a step, from the columns of the table of the case.
#[derive(Debug)]
pub struct Draw<'a> {
    stream: &'a mut Stream,
    schema: &'a Schema,
}

impl<'a> Draw<'a> {
    pub(super) fn new(stream: &'a mut Stream, schema: &'a Schema) -> Self {
        Self { stream, schema }
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.stream.below(bound as u64)).unwrap_or(0)
    }

    /// True with a chance of `share`.
    pub fn chance(&mut self, share: f64) -> bool {
        self.stream.next_f64() < share
    }

    /// True or false.
    pub fn flag(&mut self) -> bool {
        self.chance(0.5)
    }

    /// One of `items`, of which there is at least one: without any, this does not compile.
    #[expect(
        clippy::missing_panics_doc,
        clippy::expect_used,
        reason = "N is above 0, which is checked when it compiles, and the index is below N"
    )]
    pub fn pick<T, const N: usize>(&mut self, items: [T; N]) -> T {
        const { assert!(N > 0, "there must be an item to pick") };
        let index = self.below(N);
        items.into_iter().nth(index).expect("the index is below N")
    }

    /// A number for a parameter: mostly between 0 and 4, else one of [`hostile::FLOATS`].
    pub fn float(&mut self) -> f64 {
        if self.chance(0.3) {
            self.pick(hostile::FLOATS)
        } else {
            4.0 * self.stream.next_f64()
        }
    }

    /// A number for a parameter that counts: mostly from 1 to 6, else one of [`hostile::COUNTS`].
    pub fn count(&mut self) -> usize {
        if self.chance(0.15) {
            self.pick(hostile::COUNTS)
        } else {
            1 + self.below(6)
        }
    }

    /// A text that is odd in some way.
    pub fn text(&mut self) -> String {
        self.pick(TEXTS).to_owned()
    }

    /// The name of some column, and sometimes of none.
    pub fn column(&mut self) -> String {
        self.column_of(|_| true)
    }

    /// The name of a numeric column, if there is one, and sometimes of another.
    pub fn numeric_column(&mut self) -> String {
        self.column_of(is_numeric)
    }

    /// The name of a text column, if there is one, and sometimes of another.
    pub fn text_column(&mut self) -> String {
        self.column_of(is_text)
    }

    /// The name of a column of dates or timestamps, if there is one, and sometimes of another.
    pub fn temporal_column(&mut self) -> String {
        self.column_of(is_temporal)
    }

    /// A choice of columns, by kind or by up to three names.
    pub fn columns(&mut self) -> ColumnSelector {
        match self.below(8) {
            0 => ColumnSelector::all(),
            1 => ColumnSelector::boolean(),
            2 => ColumnSelector::text(),
            3 => ColumnSelector::numeric(),
            _ => self.names(Self::column).into(),
        }
    }

    /// A choice of numeric columns, by kind or by up to three names.
    pub fn numeric_columns(&mut self) -> ColumnSelector {
        if self.flag() {
            ColumnSelector::numeric()
        } else {
            self.names(Self::numeric_column).into()
        }
    }

    /// A choice of text columns, by kind or by up to three names.
    pub fn text_columns(&mut self) -> ColumnSelector {
        if self.flag() {
            ColumnSelector::text()
        } else {
            self.names(Self::text_column).into()
        }
    }

    /// Names of up to two columns to group by, and often none.
    pub fn keys(&mut self) -> Vec<String> {
        if self.flag() {
            Vec::new()
        } else {
            (0..=self.below(2)).map(|_| self.column()).collect()
        }
    }

    fn names(&mut self, one: impl Fn(&mut Self) -> String) -> Vec<String> {
        (0..=self.below(3)).map(|_| one(self)).collect()
    }

    fn column_of(&mut self, kind: impl Fn(&DataType) -> bool) -> String {
        let fields = self.schema.fields();
        let wanted: Vec<&String> = fields
            .iter()
            .filter(|field| kind(field.data_type()))
            .map(|field| field.name())
            .collect();
        let all: Vec<&String> = fields.iter().map(|field| field.name()).collect();
        let names = if wanted.is_empty() || self.chance(0.03) {
            all
        } else {
            wanted
        };
        let name = names
            .get(self.below(names.len()))
            .map(|name| (*name).clone());
        match name {
            Some(name) if !self.chance(0.02) => name,
            _ => "no such column".into(),
        }
    }
}
