//! The options of a CSV file, and the calls that read it.

use std::io::Read;
use std::path::Path;

use arrow::array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray, new_empty_array,
};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use rayon::prelude::*;

use super::batches::CsvBatches;
use super::blocks::Blocks;
use super::cells::{CellRules, Lines};
use super::convert::convert;
use super::plan::Plan;
use super::records::Dialect;
use super::source::{Source, first_repeated};
use crate::ingest::encoding::Encoding;
use crate::ingest::failure::Origin;
use crate::ingest::input::Input;
use crate::ingest::limits::Limits;
use crate::parallel::try_collect;
use crate::{Error, Result};

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
/// The text is UTF-8, a byte-order mark allowed; fields may be quoted, a quote inside is doubled,
/// and every line break (LF, CR LF, CR) ends a record. Blank lines are no records. Every record
/// must have as many fields as the header.
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
///   text.
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
    rules: CellRules,
    columns: Option<Vec<String>>,
    skip_lines: usize,
    schema: Option<SchemaRef>,
    column_types: Vec<(String, DataType)>,
    infer_rows: usize,
    encoding: Encoding,
    limits: Limits,
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
            },
            columns: None,
            skip_lines: 0,
            schema: None,
            column_types: Vec::new(),
            infer_rows: usize::MAX,
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

    /// Reads a file into one batch. A file with a header alone gives a batch of no rows.
    ///
    /// The text is passed over once, and its cells are held as text until types are known: at the
    /// peak the result and once more its non-text columns, as text.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be opened or read.
    /// - [`Error::Read`], with file, line and column where they are known: no header line, a column
    ///   name twice, a record with too few or too many fields, a quote never closed, text that is
    ///   not UTF-8, a cell that is not of its column's declared type.
    /// - [`Error::ColumnNotFound`] if a declared column is not in the file.
    /// - [`Error::InvalidParameter`] for an impossible delimiter, quote or type.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<RecordBatch> {
        let (input, origin) = Input::open(path.as_ref(), self.encoding, &self.limits)?;
        self.read_all(input, origin)
    }

    /// Reads bytes, such as an open connection or a slice, into one batch.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`], without a file name.
    pub fn read_from(&self, input: impl Read) -> Result<RecordBatch> {
        let origin = Origin::default();
        let input = Input::new(input, self.encoding, &self.limits, &origin)?;
        self.read_all(input, origin)
    }

    /// Opens a file as a stream of batches.
    ///
    /// Types that are not declared are inferred first, which takes one more pass over the file, or
    /// over its first [`Self::with_infer_rows`] rows.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`]: here for the header and for what inference reads, later from the
    /// stream, where the cause is inside
    /// [`ArrowError::ExternalError`](arrow::error::ArrowError::ExternalError).
    pub fn open(&self, path: impl AsRef<Path>) -> Result<CsvBatches> {
        let open = || Input::open(path.as_ref(), self.encoding, &self.limits);
        let (input, origin) = open()?;
        let mut source = self.start(input, origin)?;
        let mut plan = self.plan(&source.header)?;
        if plan.is_open() {
            let columns = plan.sources();
            while plan.is_open() {
                let group = source.next_group(&columns)?;
                if group.is_empty() {
                    break;
                }
                plan.learn(&group);
            }
            let (input, origin) = open()?;
            source = self.start(input, origin)?;
        }
        Ok(CsvBatches::new(source, &plan))
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

    fn start<R: Read>(&self, input: R, origin: Origin) -> Result<Source<R>> {
        self.check()?;
        let blocks = Blocks::new(
            input,
            origin,
            self.rules.dialect,
            self.limits.max_record_bytes,
        );
        Source::start(
            blocks,
            self.rules.clone(),
            self.skip_lines,
            self.columns.as_deref(),
            self.limits.max_columns,
        )
    }

    fn check(&self) -> Result<()> {
        let Dialect { delimiter, quote } = self.rules.dialect;
        for (parameter, byte) in [("delimiter", delimiter), ("quote", quote)] {
            if !byte.is_ascii() || byte == b'\n' || byte == b'\r' {
                return Err(Error::parameter(
                    parameter,
                    "must be an ASCII byte that is not a line break",
                ));
            }
        }
        if delimiter == quote {
            return Err(Error::parameter("quote", "must differ from the delimiter"));
        }
        match self.columns.as_deref() {
            Some([]) => Err(Error::parameter("columns", "is empty")),
            Some(names) => match first_repeated(names) {
                Some(name) => Err(Error::DuplicateColumn {
                    column: name.to_owned(),
                }),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    fn plan(&self, header: &[String]) -> Result<Plan> {
        let mut plan = match &self.schema {
            Some(schema) => Plan::declared(header, schema)?,
            None => Plan::inferred(header, self.infer_rows),
        };
        for (name, data_type) in &self.column_types {
            plan.declare(header, name, data_type)?;
        }
        Ok(plan)
    }

    fn read_all(&self, input: impl Read, origin: Origin) -> Result<RecordBatch> {
        let mut source = self.start(input, origin)?;
        let mut plan = self.plan(&source.header)?;
        let columns = plan.sources();
        let mut pieces: Vec<Vec<StringArray>> = vec![Vec::new(); columns.len()];
        let mut lines: Vec<Lines> = Vec::new();
        let mut num_rows = 0;
        loop {
            let group = source.next_group(&columns)?;
            if group.is_empty() {
                break;
            }
            plan.learn(&group);
            for cells in group {
                num_rows += cells.num_rows;
                lines.push(cells.lines);
                for (pieces, piece) in pieces.iter_mut().zip(cells.columns) {
                    pieces.push(piece);
                }
            }
        }
        let (schema, origin) = (plan.schema(), source.origin());
        let arrays = pieces
            .into_par_iter()
            .zip(schema.fields().par_iter())
            .map(|(pieces, field)| join(&pieces, field, &lines, origin));
        let arrays = try_collect(arrays)?;
        let options = RecordBatchOptions::new().with_row_count(Some(num_rows));
        RecordBatch::try_new_with_options(schema.clone(), arrays, &options).map_err(Error::Arrow)
    }
}

/// One typed array from the cells of a column.
fn join(
    pieces: &[StringArray],
    field: &Field,
    lines: &[Lines],
    origin: &Origin,
) -> Result<ArrayRef> {
    let arrays = pieces
        .par_iter()
        .zip(lines)
        .map(|(cells, lines)| convert(cells, field, lines, origin));
    let arrays = try_collect(arrays)?;
    let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    match parts.as_slice() {
        [] => Ok(new_empty_array(field.data_type())),
        parts => concat(parts).map_err(Error::Arrow),
    }
}
