//! The options of a JSON file, and the calls that read it.

use std::io::Read;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, SchemaRef};
use rayon::prelude::*;

use super::batches::JsonBatches;
use super::decode::{Decoded, Decoding, Scanned};
use super::lines::{BLOCK_BYTES, Blocks};
use super::plan::Plan;
use super::shape::Shape;
use super::source::{Source, record_mixed};
use crate::ingest::encoding::Encoding;
use crate::ingest::failure::Origin;
use crate::ingest::flatten::check_separator;
use crate::ingest::input::Input;
use crate::ingest::limits::Limits;
use crate::parallel::try_collect;
use crate::{Error, Ledger, Result};

/// What to do with a line that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadLines {
    /// It is an error that names the line.
    #[default]
    Fail,
    /// It is left out, and counted in a ledger as [`Action::RowRejected`](crate::Action::RowRejected).
    Reject,
}

/// Reads JSON lines into record batches.
///
/// Every line holds one object, written as RFC 8259 says; blank lines are no rows. Text is UTF-8, a byte-order mark
/// allowed, unless [`Self::with_encoding`] says otherwise; gzip and Zstandard are recognised by their first bytes. Lines end
/// by a line feed, a carriage return before it allowed.
///
/// A key that a line does not have, and `null`, is missing. Without [`Self::with_schema`] the columns are the keys in order
/// of first appearance, and the type of a column is the narrowest of these that keeps every value:
///
/// - `Boolean`, `Utf8` for text (dates stay text; so do keys that are always null);
/// - `Int64`, or `UInt64` if that is needed and nothing is below zero;
/// - `Float64` if some number has a fraction or an exponent, and every integer is one that a float holds exactly;
/// - `Struct` for objects and `List` for lists, of types found by the same rules;
/// - `Utf8` for anything else: kinds that do not go together (a number here, text there), numbers that no type above
///   keeps, objects that never have a key, objects and lists 32 levels deep. The column then holds text cells as they are, and the JSON text of all
///   others, as `PostgreSQL`'s `->>` does. Such columns are recorded, see [`Self::read_with`].
///
/// No line is half read: one that breaks the grammar, has a key twice in one object, is nested deeper than 128, or holds
/// a cell that does not fit its column is a bad line, see [`BadLines`].
///
/// The text is passed over twice, once to check and infer, once to decode. Both take every core of the current rayon pool.
/// The result, errors included, does not depend on their number.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::{BadLines, JsonReader, Ledger};
///
/// let lines = r#"
/// {"user": "Ada", "headers": {"agent": "curl", "size": 120}}
/// {"user": "Alan", "headers": {"agent": "wget"}, "late": true}
/// {"user": "Grace", "headers": {"agent":
/// "#;
/// let reader = JsonReader::new().with_flattened(".").with_bad_lines(BadLines::Reject);
/// let mut ledger = Ledger::new();
/// let batch = reader.read_from_with(lines.as_bytes(), &mut ledger)?;
///
/// let names: Vec<_> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
/// assert_eq!(names, ["user", "headers.agent", "headers.size", "late"]);
/// let rejected = ledger.entries().next().unwrap();
/// assert_eq!((rejected.count, rejected.of, rejected.examples[0].0), (1, 3, 4));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[doc(alias = "ndjson")]
#[doc(alias = "jsonl")]
pub struct JsonReader {
    schema: Option<SchemaRef>,
    column_types: Vec<(String, DataType)>,
    infer_rows: usize,
    separator: Option<String>,
    bad_lines: BadLines,
    encoding: Encoding,
    limits: Limits,
    pub(super) block_bytes: usize,
}

impl Default for JsonReader {
    fn default() -> Self {
        Self {
            schema: None,
            column_types: Vec::new(),
            infer_rows: usize::MAX,
            separator: None,
            bad_lines: BadLines::Fail,
            encoding: Encoding::Utf8,
            limits: Limits::new(),
            block_bytes: BLOCK_BYTES,
        }
    }
}

impl JsonReader {
    /// A reader that infers all columns and fails on the first bad line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares the columns, as they are in the lines: objects are `Struct`, whether or not they are flattened then. Keys
    /// that `schema` leaves out are not read; columns that no line has are null.
    ///
    /// Numbers, Booleans, decimals, dates, times, text, structs and lists can be declared. Text columns take any cell, as the
    /// text that an inferred column would hold: so a nested value can be had as JSON text. Columns of numbers and times
    /// also take text in the form that Arrow reads (ISO 8601 for times). A number that the declared type would not keep
    /// makes a bad line; only `Float16` and `Float32` round.
    #[must_use]
    pub fn with_schema(mut self, schema: SchemaRef) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Declares the type of one column, by its name in the result; the others are inferred. With
    /// [`Self::with_flattened`] that may be a path.
    #[must_use]
    pub fn with_column_type(mut self, column: impl Into<String>, data_type: DataType) -> Self {
        self.column_types.push((column.into(), data_type));
        self
    }

    /// How many rows the columns are inferred from; all by default. A later line with another key, or a cell that does
    /// not fit, is a bad line.
    #[must_use]
    pub fn with_infer_rows(mut self, rows: usize) -> Self {
        self.infer_rows = rows;
        self
    }

    /// Makes columns of the fields of objects, named by their path with `separator` between the keys; by default objects
    /// are struct columns. See [`flatten`](crate::flatten()) for the names; lists stay lists.
    #[must_use]
    pub fn with_flattened(mut self, separator: impl Into<String>) -> Self {
        self.separator = Some(separator.into());
        self
    }

    /// What to do with bad lines; [`BadLines::Fail`] by default.
    #[must_use]
    pub fn with_bad_lines(mut self, bad_lines: BadLines) -> Self {
        self.bad_lines = bad_lines;
        self
    }

    /// The encoding of text without a byte-order mark; [`Encoding::Utf8`] by default.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// What a file may ask for; the defaults of [`Limits`] by default. A line beyond the limit of a record ends reading
    /// even where bad lines are rejected.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads a file into one batch.
    ///
    /// Unless all columns are declared, the text is held until they are known.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be opened or read.
    /// - [`Error::Read`] with file, line and column where they are known, for a bad line, and beyond a limit.
    /// - [`Error::ColumnNotFound`] if a column whose type is declared is not in the file.
    /// - [`Error::ColumnType`] or [`Error::InvalidParameter`] for a type that JSON cannot be read as, and those of
    ///   [`flatten`](crate::flatten()).
    pub fn read(&self, path: impl AsRef<Path>) -> Result<RecordBatch> {
        self.read_with(path, &mut Ledger::new())
    }

    /// As [`Self::read`], and records in `ledger` what was done, by the names of the result:
    ///
    /// - for every inferred column that holds text and something else, an
    ///   [`Action::Coerced`](crate::Action::Coerced): how many cells were no text; its examples are the first line of
    ///   each kind of cell, in order of lines;
    /// - an [`Action::RowRejected`](crate::Action::RowRejected) without column: how many lines were rejected; its examples are
    ///   lines and what is wrong with them.
    ///
    /// Rows of the ledger are lines, blank ones included, counted from 1.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`].
    pub fn read_with(&self, path: impl AsRef<Path>, ledger: &mut Ledger) -> Result<RecordBatch> {
        let (input, origin) = Input::open(path.as_ref(), self.encoding, &self.limits)?;
        self.read_all(input, origin, ledger)
    }

    /// Reads bytes, such as an open connection or a slice, into one batch.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`], without a file name.
    pub fn read_from(&self, input: impl Read) -> Result<RecordBatch> {
        self.read_from_with(input, &mut Ledger::new())
    }

    /// As [`Self::read_from`], and records in `ledger` what [`Self::read_with`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`], without a file name.
    pub fn read_from_with(&self, input: impl Read, ledger: &mut Ledger) -> Result<RecordBatch> {
        let origin = Origin::default();
        let input = Input::new(input, self.encoding, &self.limits, &origin)?;
        self.read_all(input, origin, ledger)
    }

    /// Opens a file as a stream of batches.
    ///
    /// Columns that are not declared are inferred first, which takes one more pass over the file, or over its first
    /// [`Self::with_infer_rows`] rows, which are held.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`]: here for what inference reads, later from the stream, where the cause is inside
    /// [`ArrowError::ExternalError`](arrow::error::ArrowError::ExternalError).
    pub fn open(&self, path: impl AsRef<Path>) -> Result<JsonBatches> {
        let open = || {
            let (input, origin) = Input::open(path.as_ref(), self.encoding, &self.limits)?;
            self.start(input, origin)
        };
        let mut ledger = Ledger::new();
        let mut source = open()?;
        let decoding = match self.plan_ahead(&mut source, &mut ledger)? {
            Some(decoding) => decoding,
            None => {
                let mut shape = Shape::default();
                self.scan_all(&mut source, &mut shape, |_| ())?;
                source = open()?;
                self.inferred(&shape, &mut ledger)?
            }
        };
        JsonBatches::new(source, decoding, ledger)
    }

    fn start<R: Read>(&self, input: R, origin: Origin) -> Result<Source<R>> {
        if self.infer_rows == 0 {
            return Err(Error::parameter("infer_rows", "must be at least 1"));
        }
        if let Some(separator) = &self.separator {
            check_separator(separator)?;
        }
        let blocks = Blocks::new(
            input,
            origin,
            self.block_bytes,
            self.limits.max_record_bytes,
        );
        Ok(Source::new(blocks, self.limits, self.bad_lines))
    }

    /// What can be decoded without reading all: a declared schema, or one inferred from the first rows.
    fn plan_ahead<R: Read>(
        &self,
        source: &mut Source<R>,
        ledger: &mut Ledger,
    ) -> Result<Option<Decoding>> {
        match &self.schema {
            Some(schema) => {
                let plan = Plan::declared(schema, self.separator.clone())?;
                self.decoding(plan).map(Some)
            }
            None if self.infer_rows == usize::MAX => Ok(None),
            None => {
                let shape = source.scan_head(self.infer_rows)?;
                self.inferred(&shape, ledger).map(Some)
            }
        }
    }

    fn inferred(&self, shape: &Shape, ledger: &mut Ledger) -> Result<Decoding> {
        let plan = Plan::inferred(shape, self.separator.clone());
        record_mixed(&plan, shape, ledger);
        self.decoding(plan)
    }

    fn decoding(&self, mut plan: Plan) -> Result<Decoding> {
        for (name, data_type) in &self.column_types {
            plan.declare(name, data_type)?;
        }
        Decoding::new(plan, self.limits, self.bad_lines)
    }

    /// Scans all blocks, joins their shapes, and gives them to `keep`.
    fn scan_all<R: Read>(
        &self,
        source: &mut Source<R>,
        shape: &mut Shape,
        mut keep: impl FnMut(Scanned),
    ) -> Result<()> {
        loop {
            let group = source.scan_group()?;
            if group.is_empty() {
                return source.check_keys(shape);
            }
            for scanned in group {
                shape.join(scanned.shape.clone());
                keep(scanned);
            }
            source.check_keys(shape)?;
        }
    }

    fn read_all(
        &self,
        input: impl Read,
        origin: Origin,
        ledger: &mut Ledger,
    ) -> Result<RecordBatch> {
        let mut source = self.start(input, origin)?;
        let Some(decoding) = self.plan_ahead(&mut source, ledger)? else {
            return self.read_inferred(&mut source, ledger);
        };
        let mut rows = Rows::default();
        loop {
            let group = source.decode_group(&decoding)?;
            if group.is_empty() {
                return rows.finish(&decoding);
            }
            for decoded in group {
                rows.add(decoded?, ledger);
                source.check_rows(rows.count)?;
            }
        }
    }

    /// Holds the text until the columns are known.
    fn read_inferred<R: Read>(
        &self,
        source: &mut Source<R>,
        ledger: &mut Ledger,
    ) -> Result<RecordBatch> {
        let mut shape = Shape::default();
        let mut held = Vec::new();
        self.scan_all(source, &mut shape, |scanned| held.push(scanned))?;
        source.check_rows(held.iter().map(|scanned| scanned.num_rows).sum())?;
        let decoding = self.inferred(&shape, ledger)?;
        let origin = source.origin();
        let decoded = held.into_par_iter().map(|scanned| {
            decoding
                .decode_scanned(scanned)
                .map_err(|failure| failure.error(origin))
        });
        let mut rows = Rows::default();
        for decoded in try_collect(decoded)? {
            rows.add(decoded, ledger);
        }
        rows.finish(&decoding)
    }
}

/// The rows of a whole input.
#[derive(Debug, Default)]
struct Rows {
    batches: Vec<RecordBatch>,
    count: usize,
}

impl Rows {
    fn add(&mut self, decoded: Decoded, ledger: &mut Ledger) {
        decoded.record(ledger);
        self.count += decoded.num_rows;
        self.batches.extend(decoded.batches);
    }

    fn finish(self, decoding: &Decoding) -> Result<RecordBatch> {
        let schema = decoding.plan().schema()?;
        match <[RecordBatch; 1]>::try_from(self.batches) {
            Ok([only]) => Ok(only),
            Err(batches) => concat_batches(&schema, &batches).map_err(Error::Arrow),
        }
    }
}
