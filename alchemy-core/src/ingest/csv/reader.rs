//! The options of a CSV file.

use arrow::datatypes::{DataType, Schema, SchemaRef};

use super::cells::CellRules;
use super::ragged::RaggedRows;
use super::records::Dialect;
use crate::ingest::encoding::Encoding;
use crate::ingest::limits::Limits;

/// What to do with white space at the ends of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OuterSpaces {
    /// Cells stay as they are. A number may have spaces around it all the same.
    #[default]
    Keep,
    /// White space (Unicode's) is cut off both ends of every cell and column name, before null
    /// tokens are looked for; a cell of spaces alone is then missing.
    Trim,
}

/// Reads CSV text into record batches.
///
/// The text is UTF-8, or what a byte-order mark or [`Self::with_encoding`] says; gzip and Zstandard are unpacked as they
/// are read (feature `compression`). Fields may be quoted, a quote inside is doubled, and every line break (LF, CR LF,
/// CR) ends a record. Blank lines are no records. Every record must have as many fields as the header, unless
/// [`Self::with_ragged_rows`] says otherwise.
///
/// An empty cell is missing, whatever its type, and so are the tokens of
/// [`Self::with_null_values`]. Without [`Self::with_schema`] the type of a column is the narrowest
/// of these that holds every cell:
///
/// - `Boolean`: `true` and `false`, in any case;
/// - `Int64`: digits after an optional minus;
/// - `Float64`: a decimal number, with an exponent or not, and `nan`, `inf`, `infinity` in any
///   case;
/// - `Utf8`: anything else, a column without any value included. Text too are digits that a number
///   would not keep: leading zeros (`007`), a leading plus, integers beyond 64 bits. Dates stay
///   text, unless [`Self::with_dates`] gives their form.
///
/// Reading takes every core of the current rayon pool. The result does not depend on their number.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::CsvReader;
/// use alchemy_core::arrow::array::Array;
/// use alchemy_core::arrow::datatypes::DataType;
///
/// let text = "name;age\nAda;36\nAlan;?\n";
/// let reader = CsvReader::new().with_delimiter(b';').with_null_values(["?"]);
/// let batch = reader.read_from(text.as_bytes())?;
/// assert_eq!(batch.schema().field(1).data_type(), &DataType::Int64);
/// assert_eq!(batch.column(1).null_count(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct CsvReader {
    pub(super) rules: CellRules,
    pub(super) columns: Option<Vec<String>>,
    pub(super) skip_lines: usize,
    pub(super) schema: Option<SchemaRef>,
    pub(super) column_types: Vec<(String, DataType)>,
    /// Columns of dates, each with its form.
    pub(super) dates: Vec<(String, String)>,
    pub(super) infer_rows: usize,
    pub(super) batch_rows: Option<usize>,
    pub(super) encoding: Encoding,
    pub(super) limits: Limits,
}

impl Default for CsvReader {
    fn default() -> Self {
        Self {
            rules: CellRules {
                dialect: Dialect {
                    delimiter: b',',
                    quote: b'"',
                },
                null_values: Vec::new(),
                outer_spaces: OuterSpaces::Keep,
                ragged_rows: RaggedRows::Fail,
                max_record_bytes: 0,
            },
            columns: None,
            skip_lines: 0,
            schema: None,
            column_types: Vec::new(),
            dates: Vec::new(),
            infer_rows: usize::MAX,
            batch_rows: None,
            encoding: Encoding::Utf8,
            limits: Limits::new(),
        }
    }
}

impl CsvReader {
    /// A reader of comma-separated text with a header line, all types inferred.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The byte between fields; a comma by default.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.rules.dialect.delimiter = delimiter;
        self
    }

    /// The byte around fields that hold a delimiter or a line break; `"` by default.
    #[must_use]
    pub fn with_quote(mut self, quote: u8) -> Self {
        self.rules.dialect.quote = quote;
        self
    }

    /// Cells that mean "missing", beside the empty cell; none by default. They are compared as a
    /// whole, case included.
    #[must_use]
    pub fn with_null_values(mut self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.rules.null_values = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// What to do with white space at the ends of a cell; [`OuterSpaces::Keep`] by default.
    #[must_use]
    pub fn with_outer_spaces(mut self, outer_spaces: OuterSpaces) -> Self {
        self.rules.outer_spaces = outer_spaces;
        self
    }

    /// Names for a file that has no header line; by default the first record is the header.
    #[must_use]
    pub fn with_columns(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.columns = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Lines to leave out before the header; 0 by default.
    #[must_use]
    pub fn with_skip_lines(mut self, lines: usize) -> Self {
        self.skip_lines = lines;
        self
    }

    /// Declares the result: its columns, found in the file by name, in the order of `schema`.
    /// Columns of the file that `schema` leaves out are not read. Any type that Arrow casts text to
    /// will do; dates and times are read as ISO 8601.
    #[must_use]
    pub fn with_schema(mut self, schema: SchemaRef) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Declares the type of one column; the others are inferred.
    #[must_use]
    pub fn with_column_type(mut self, column: impl Into<String>, data_type: DataType) -> Self {
        self.column_types.push((column.into(), data_type));
        self
    }

    /// Declares that a column holds dates of the form `format`, in the
    /// [syntax of `chrono`](chrono::format::strftime), such as `%d.%m.%Y` or `%m/%d/%Y %H:%M`.
    ///
    /// The column becomes a `Date32` if the form has no time of day, else a `Timestamp` in microseconds, in UTC if the
    /// form has an offset (`%z`). A fraction of a second is `%.f`, its point included. A year of two digits from 69 on is
    /// in the 20th century. A cell that is not of the form is an error, and so is one finer than a microsecond.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// use alchemy_core::CsvReader;
    /// use alchemy_core::arrow::datatypes::DataType;
    ///
    /// let reader = CsvReader::new().with_dates("day", "%d.%m.%Y");
    /// let batch = reader.read_from("day\n24.12.2024\n\n".as_bytes())?;
    /// assert_eq!(batch.schema().field(0).data_type(), &DataType::Date32);
    ///
    /// let error = reader.read_from("day\n31.02.2024\n".as_bytes()).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"line 2: column "day": "31.02.2024" is not a date of the form "%d.%m.%Y""#
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_dates(mut self, column: impl Into<String>, format: impl Into<String>) -> Self {
        self.dates.push((column.into(), format.into()));
        self
    }

    /// What to do with records that have too few or too many fields; [`RaggedRows::Fail`] by default.
    /// [`Self::read_with`] and [`CsvBatches::ledger`](super::CsvBatches::ledger) give the account.
    #[must_use]
    pub fn with_ragged_rows(mut self, ragged_rows: RaggedRows) -> Self {
        self.rules.ragged_rows = ragged_rows;
        self
    }

    /// The most rows of one batch of a stream; by default as many as 256 KiB of text hold.
    #[must_use]
    pub fn with_batch_rows(mut self, rows: usize) -> Self {
        self.batch_rows = Some(rows);
        self
    }

    /// How many rows types are inferred from; all by default. A later cell that does not fit is an
    /// error.
    #[must_use]
    pub fn with_infer_rows(mut self, rows: usize) -> Self {
        self.infer_rows = rows;
        self
    }

    /// The encoding of text without a byte-order mark; [`Encoding::Utf8`] by default.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// What a file may ask for; the defaults of [`Limits`] by default.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The delimiter that the file seems to have when the one in use found a single column: the
    /// commonest of comma, semicolon, tab and bar in that column's name. `None` when nothing is
    /// suspicious.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// use alchemy_core::CsvReader;
    ///
    /// let batch = CsvReader::new().read_from("a;b;c\n1;2;3\n".as_bytes())?;
    /// assert_eq!(CsvReader::likely_delimiter(&batch.schema()), Some(b';'));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn likely_delimiter(schema: &Schema) -> Option<u8> {
        let [field] = schema.fields().as_ref() else {
            return None;
        };
        let count = |delimiter: u8| {
            field
                .name()
                .bytes()
                .filter(|byte| *byte == delimiter)
                .count()
        };
        b",;\t|"
            .iter()
            .copied()
            .filter(|delimiter| count(*delimiter) > 0)
            .max_by_key(|delimiter| count(*delimiter))
    }
}
