//! Making a profile: of a batch, of a stream, or piece by piece.

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::datatypes::Schema;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::column::ColumnProfile;
use super::counted::Memory;
use super::detect::in_column;
use super::finding::{Finding, FindingKind};
use super::row_hash::{RowHashes, row_hashes};
use super::row_numbers::RowNumbers;
use super::tally::{ColumnTally, different};
use crate::parallel::try_collect;
use crate::stats::Quantile;
use crate::{Accumulate, Error, Result};

/// What a table holds: its size, every column, and what looks wrong.
///
/// Prints as a table, and serializes. A missing value is a null or a NaN.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::{CsvReader, Profile};
///
/// let text = "id,price\n1,9.5\n2,12\n3,\n4, n/a\n5,8\n6,7\n7,30\n";
/// let profile = Profile::of(&CsvReader::new().read_from(text.as_bytes())?)?;
/// assert_eq!(profile.rows, 7);
/// let price = profile.column("price").unwrap();
/// assert_eq!((price.nulls, price.distinct), (1, 6));
/// assert!(profile.findings.iter().any(|finding| {
///     finding.to_string() == "price: is text, but 5 cells are numbers, 0 blank, 1 neither"
/// }));
/// println!("{profile}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that equal an earlier row in every column, missing values being equal to each other.
    pub duplicate_rows: u64,
    /// Bytes that the table takes in memory.
    pub bytes: u64,
    /// The columns, in the order of the table.
    pub columns: Vec<ColumnProfile>,
    /// What looks wrong or worth knowing: of the table, then column by column.
    pub findings: Vec<Finding>,
}

impl Profile {
    /// The profile of `batch`, with the defaults of [`Profiler`].
    ///
    /// # Errors
    ///
    /// Those of [`Profiler::profile`].
    pub fn of(batch: &RecordBatch) -> Result<Self> {
        Profiler::new().profile(batch)
    }

    /// The profile of the column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// How a profile is made.
///
/// Every figure is exact, and independent of the order of rows, their cuts into batches and the
/// number of threads; that two different rows are taken for duplicates has a chance of 2^-128 a
/// pair. Memory holds the distinct texts of the table and 8 bytes for each number, so a stream
/// needs less than the table, but grows with it, unless [`Self::with_sketches`] is asked for.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::arrow::array::RecordBatchIterator;
/// use alchemy_core::stats::Quantile;
/// use alchemy_core::{CsvReader, Profiler};
///
/// let batch = CsvReader::new().read_from("x\n1\n2\n4\n".as_bytes())?;
/// let stream = RecordBatchIterator::new([Ok(batch.slice(0, 2)), Ok(batch.slice(2, 1))], batch.schema());
/// let profiler = Profiler::new().with_quantiles([Quantile::MEDIAN]);
/// assert_eq!(profiler.profile_reader(stream)?.column("x").unwrap().distinct, 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Profiler {
    options: Options,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Options {
    pub(super) top: usize,
    pub(super) quantiles: Vec<Quantile>,
    memory: Memory,
}

impl Default for Options {
    fn default() -> Self {
        let quantiles = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
        Self {
            top: 10,
            quantiles: quantiles
                .into_iter()
                .filter_map(|q| Quantile::new(q).ok())
                .collect(),
            memory: Memory::All,
        }
    }
}

impl Profiler {
    /// A profiler with its defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many of the most frequent values to keep; 10 by default.
    #[must_use]
    pub fn with_top(mut self, top: usize) -> Self {
        self.options.top = top;
        self
    }

    /// The quantiles of numeric columns; 1, 5, 25, 50, 75, 95 and 99 % by default.
    #[must_use]
    pub fn with_quantiles(mut self, quantiles: impl IntoIterator<Item = Quantile>) -> Self {
        self.options.quantiles = quantiles.into_iter().collect();
        self
    }

    /// Keeps sketches in place of values: memory does not depend on the number of rows, and some
    /// figures are estimates.
    ///
    /// | figure | error |
    /// | --- | --- |
    /// | counts, moments, extremes, text lengths and kinds | none |
    /// | quantiles | 0.2 % of the value, guaranteed; see [`QuantileSketch`] |
    /// | fences, histogram | as many values as lie within 0.2 % of the edge |
    /// | `distinct` | exact up to 1,024, then a standard error of 0.8 %: `distinct_error`; see [`DistinctSketch`] |
    /// | `top` | counts too low by `top_error` at most, less than a thousandth of the values; see [`HeavyHitters`] |
    /// | `duplicate_rows` | exact up to 4,096 rows, then a standard error of 0.4 % of the rows; 0 below three of those |
    ///
    /// A unique column of more values is no longer told from one that nearly is. A numeric column takes
    /// 1 MiB at most, a text column some 100 KiB and its 2,048 most frequent texts, the rows 64 KiB.
    /// As before, order does not show, but in `top`, within its error.
    ///
    /// [`QuantileSketch`]: crate::stats::QuantileSketch
    /// [`DistinctSketch`]: crate::stats::DistinctSketch
    /// [`HeavyHitters`]: crate::stats::HeavyHitters
    #[must_use]
    pub fn with_sketches(mut self) -> Self {
        self.options.memory = Memory::Bounded;
        self
    }

    /// The profile of one batch, columns in parallel.
    ///
    /// # Errors
    ///
    /// [`Error::Arrow`] for a dictionary that is damaged.
    pub fn profile(&self, batch: &RecordBatch) -> Result<Profile> {
        let mut accumulator = self.accumulator(batch.schema_ref());
        accumulator.update(batch)?;
        accumulator.finish()
    }

    /// The profile of a stream of batches.
    ///
    /// # Errors
    ///
    /// Those of [`Self::profile`], and those of the stream.
    pub fn profile_reader(&self, reader: impl RecordBatchReader) -> Result<Profile> {
        let mut accumulator = self.accumulator(&reader.schema());
        for batch in reader {
            accumulator.update(&batch?)?;
        }
        accumulator.finish()
    }

    /// Gathers a profile from batches that come in any pieces and any order.
    #[must_use]
    pub fn accumulator(&self, schema: &Schema) -> ProfileAccumulator {
        ProfileAccumulator {
            options: self.options.clone(),
            columns: schema
                .fields()
                .iter()
                .map(|field| ColumnTally::new(field, self.options.memory))
                .collect(),
            rows: 0,
            hashes: RowHashes::new(self.options.memory),
            numbers: RowNumbers::starting_at(0),
        }
    }
}

/// The makings of a [`Profile`]; see [`Profiler::accumulator`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProfileAccumulator {
    options: Options,
    columns: Vec<ColumnTally>,
    rows: u64,
    hashes: RowHashes,
    numbers: RowNumbers,
}

impl ProfileAccumulator {
    /// States that the first batch to come begins at row `row` of the table; 0 unless stated.
    ///
    /// Batches are numbered as they come. Where parts are merged, state for each where it begins:
    /// the rows of extremes are those of the table then, in whatever order parts merge. Once a merge
    /// meets a row number twice, rows have no numbers any more.
    #[must_use]
    pub fn starting_at(mut self, row: u64) -> Self {
        self.numbers = RowNumbers::starting_at(row);
        self
    }
}

impl Accumulate for ProfileAccumulator {
    type Output = Profile;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        let fields = batch.schema_ref().fields();
        if fields.len() != self.columns.len() {
            let message = format!(
                "{} columns where {} are expected",
                fields.len(),
                self.columns.len()
            );
            return Err(Error::parameter("batch", message));
        }
        for (field, column) in fields.iter().zip(&self.columns) {
            if !column.matches(field) {
                return Err(different(field.name()));
            }
        }
        let first_row = self.numbers.take(batch.num_rows() as u64);
        let (rows, columns) = rayon::join(
            || row_hashes(batch),
            || {
                let updates = self.columns.par_iter_mut().zip(batch.columns());
                try_collect(updates.map(|(column, array)| column.update(array, first_row)))
            },
        );
        columns?;
        self.hashes.add(rows?);
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        if self.columns.len() != other.columns.len() || self.options != other.options {
            return Err(Error::parameter(
                "profile",
                "was made for other columns or with other options",
            ));
        }
        for (column, other) in self.columns.iter_mut().zip(other.columns) {
            column.merge(other)?;
        }
        self.hashes.merge(other.hashes)?;
        self.rows += other.rows;
        self.numbers.merge(other.numbers);
        Ok(())
    }

    fn finish(self) -> Result<Profile> {
        let rows = self.rows;
        let options = &self.options;
        let (duplicate_rows, mut columns) = rayon::join(
            || self.hashes.count_repeated(rows),
            || {
                self.columns
                    .into_par_iter()
                    .map(|column| column.finish(options))
                    .collect::<Vec<_>>()
            },
        );
        if !self.numbers.are_known() {
            columns.iter_mut().for_each(ColumnProfile::forget_rows);
        }
        let mut findings = Vec::new();
        if duplicate_rows > 0 {
            findings.push(
                FindingKind::DuplicateRows {
                    rows: duplicate_rows,
                }
                .about(None),
            );
        }
        findings.extend(columns.iter().flat_map(in_column));
        let bytes = columns.iter().map(|column| column.bytes).sum();
        Ok(Profile {
            rows,
            duplicate_rows,
            bytes,
            columns,
            findings,
        })
    }
}
