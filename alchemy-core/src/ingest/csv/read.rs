//! The calls that read.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;

use super::batches::CsvBatches;
use super::blocks::Blocks;
use super::dates::DateFormat;
use super::plan::Plan;
use super::reader::CsvReader;
use super::records::Dialect;
use super::source::{Source, first_repeated};
use super::table::Table;
use crate::ingest::failure::Origin;
use crate::ingest::files::files_of;
use crate::ingest::input::Input;
use crate::{Error, Ledger, Result};

/// How the files of a folder that are read are named.
const ENDINGS: [&str; 3] = [".csv", ".csv.gz", ".csv.zst"];

impl CsvReader {
    /// Reads a file into one batch, or a folder: all files in it and in its folders named `*.csv`, `*.csv.gz` or
    /// `*.csv.zst`, in the order of their paths. A file with a header alone gives a batch of no rows.
    ///
    /// The text is passed over once, and its cells are held as text until types are known: at the
    /// peak the result and once more its non-text columns, as text.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be opened or read.
    /// - [`Error::Read`], with file, line and column where they are known: no header line, a column
    ///   name twice, a header that differs from the first file's, a record with too few or too many
    ///   fields, a quote never closed, text that is not of its encoding, a cell that is not of its
    ///   column's declared type or form, damaged compression, a limit passed.
    /// - [`Error::ColumnNotFound`] if a declared column is not in the file.
    /// - [`Error::InvalidParameter`] for an impossible delimiter, quote, type or form of dates.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<RecordBatch> {
        self.read_with(path, &mut Ledger::new())
    }

    /// As [`Self::read`], with an account in `ledger` of the records that were rejected or padded.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("a.csv");
    /// use alchemy_core::{Action, CsvReader, Ledger, RaggedRows};
    ///
    /// std::fs::write(&path, "a,b\n1,2\n3\n4,5\n")?;
    /// let mut ledger = Ledger::new();
    /// let reader = CsvReader::new().with_ragged_rows(RaggedRows::Reject);
    /// assert_eq!(reader.read_with(&path, &mut ledger)?.num_rows(), 2);
    /// assert_eq!(ledger.count("", Action::RowRejected), 1);
    /// let examples = &ledger.entries().next().unwrap().examples;
    /// assert_eq!(examples[0], (1, "line 3: 1 fields: 3".to_owned()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn read_with(&self, path: impl AsRef<Path>, ledger: &mut Ledger) -> Result<RecordBatch> {
        self.read_files_with(files_of(path.as_ref(), &ENDINGS)?, ledger)
    }

    /// Reads files that have the same header into one batch, one after another. Types are inferred from all of them.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`], and [`Error::InvalidParameter`] if `paths` is empty.
    pub fn read_files(
        &self,
        paths: impl IntoIterator<Item = impl AsRef<Path>>,
    ) -> Result<RecordBatch> {
        self.read_files_with(paths, &mut Ledger::new())
    }

    /// As [`Self::read_files`], with an account in `ledger` of the records that were rejected or padded.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read_files`].
    pub fn read_files_with(
        &self,
        paths: impl IntoIterator<Item = impl AsRef<Path>>,
        ledger: &mut Ledger,
    ) -> Result<RecordBatch> {
        let mut paths = collect(paths)?;
        let first = self.open_first(&mut paths)?;
        self.read_all(first, paths, ledger)
    }

    /// Reads bytes, such as an open connection or a slice, into one batch.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`], without a file name.
    pub fn read_from(&self, input: impl Read) -> Result<RecordBatch> {
        let origin = Origin::default();
        let input = Input::new(input, self.encoding, &self.limits, &origin)?;
        let source = self.start(input, origin)?;
        self.read_all(source, VecDeque::new(), &mut Ledger::new())
    }

    /// Opens a file, or a folder as [`Self::read`] does, as a stream of batches.
    ///
    /// Types that are not declared are inferred first, which takes one more pass over the files, or
    /// over their first [`Self::with_infer_rows`] rows.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`]: here for the header and for what inference reads, later from the
    /// stream, where the cause is inside
    /// [`ArrowError::ExternalError`](arrow::error::ArrowError::ExternalError).
    pub fn open(&self, path: impl AsRef<Path>) -> Result<CsvBatches> {
        self.open_files(files_of(path.as_ref(), &ENDINGS)?)
    }

    /// Opens files that have the same header as one stream of batches, one after another.
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`], and [`Error::InvalidParameter`] if `paths` is empty.
    pub fn open_files(
        &self,
        paths: impl IntoIterator<Item = impl AsRef<Path>>,
    ) -> Result<CsvBatches> {
        let all = collect(paths)?;
        let mut paths = all.clone();
        let mut source = self.open_first(&mut paths)?;
        let mut plan = self.plan(&source.header)?;
        if plan.is_open() {
            let columns = plan.sources();
            let mut ledger = Ledger::new().with_examples(0);
            while plan.is_open() {
                let group = source.next_group(&columns, &mut ledger)?;
                if !group.is_empty() {
                    plan.learn(&group);
                } else if let Some(path) = paths.pop_front() {
                    source = self.start_next(&path, &source.header)?;
                } else {
                    break;
                }
            }
            paths = all;
            source = self.open_first(&mut paths)?;
        }
        Ok(CsvBatches::new(self.clone(), source, paths, &plan))
    }

    fn open_first(&self, paths: &mut VecDeque<PathBuf>) -> Result<Source<Input<File>>> {
        let path = paths
            .pop_front()
            .ok_or_else(|| Error::parameter("paths", "is empty"))?;
        let (input, origin) = Input::open(&path, self.encoding, &self.limits)?;
        self.start(input, origin)
    }

    /// Opens a file whose header must be that of the files before.
    pub(super) fn start_next(&self, path: &Path, header: &[String]) -> Result<Source<Input<File>>> {
        let (input, origin) = Input::open(path, self.encoding, &self.limits)?;
        let source = self.start(input, origin)?;
        let (expected, found) = (header.len(), source.header.len());
        if expected != found {
            let message = format!("has {found} columns, the file before {expected}");
            return Err(source.origin().error(message));
        }
        match header.iter().zip(&source.header).find(|(a, b)| a != b) {
            None => Ok(source),
            Some((expected, found)) => {
                let message = format!("the column stands where the file before has {expected:?}");
                Err(source.origin().about(found, message))
            }
        }
    }

    fn start<R: Read>(&self, input: R, origin: Origin) -> Result<Source<R>> {
        self.check()?;
        let limit = self.limits.max_record_bytes;
        let mut blocks = Blocks::new(input, origin, self.rules.dialect, limit);
        blocks.skip_lines(self.skip_lines)?;
        let mut rules = self.rules.clone();
        rules.max_record_bytes = limit;
        let names = self.columns.as_deref();
        Source::start(blocks, rules, names, self.limits.max_columns)
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
        if self.batch_rows == Some(0) {
            return Err(Error::parameter("batch_rows", "must be at least 1"));
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
        for (name, format) in &self.dates {
            plan.declare_dates(header, name, &DateFormat::new(format)?)?;
        }
        Ok(plan)
    }

    fn read_all(
        &self,
        first: Source<impl Read>,
        mut paths: VecDeque<PathBuf>,
        ledger: &mut Ledger,
    ) -> Result<RecordBatch> {
        let mut table = Table::new(self.plan(&first.header)?);
        let header = first.header.clone();
        self.read_source(first, &mut table, ledger)?;
        while let Some(path) = paths.pop_front() {
            let source = self.start_next(&path, &header)?;
            self.read_source(source, &mut table, ledger)?;
        }
        table.finish()
    }

    fn read_source(
        &self,
        mut source: Source<impl Read>,
        table: &mut Table,
        ledger: &mut Ledger,
    ) -> Result<()> {
        loop {
            let group = source.next_group(&table.positions, ledger)?;
            if group.is_empty() {
                return Ok(());
            }
            table.push(group, self.limits.max_field_bytes)?;
            let limit = self.limits.max_batch_rows;
            if table.num_rows > limit {
                let message = format!("has more rows than the limit of {limit} for one batch");
                return Err(source.origin().error(message));
            }
        }
    }
}

fn collect(paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Result<VecDeque<PathBuf>> {
    let paths: VecDeque<_> = paths
        .into_iter()
        .map(|path| path.as_ref().to_owned())
        .collect();
    if paths.is_empty() {
        return Err(Error::parameter("paths", "is empty"));
    }
    Ok(paths)
}
