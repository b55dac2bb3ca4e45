//! One Parquet file of a table.

use std::path::{Path, PathBuf};

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowFilter,
};

use super::guard::Guarded;
use super::partition;
use super::range::TypedRange;
use crate::ingest::failure::{Origin, contain};
use crate::ingest::limits::Limits;
use crate::{Error, Result, column};

/// An opened file, what is wanted of it, and where that goes.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    pub(super) origin: Origin,
    limits: Limits,
    pub(super) metadata: ArrowReaderMetadata,
    /// Positions of the wanted columns in the file, in file order.
    columns: Vec<usize>,
    /// For each column of the table, where it comes from.
    places: Vec<Place>,
    /// Ranges of columns of the file, by position.
    ranges: Vec<(usize, TypedRange)>,
    /// The row groups that may hold rows of the ranges.
    pub(super) row_groups: Vec<usize>,
}

/// Where a column of the table comes from.
#[derive(Debug)]
pub(super) enum Place {
    /// The file's column at this position.
    File(usize),
    /// The path: the same value in all rows.
    Path(Option<String>, DataType),
}

impl Source {
    /// Opens a file and checks its footer.
    pub(super) fn open(path: &Path, limits: Limits) -> Result<Self> {
        let origin = Origin::file(path);
        let metadata = Guarded::open(path, &origin, limits)?.metadata(&origin)?;
        Ok(Self {
            path: path.to_owned(),
            limits,
            row_groups: (0..metadata.metadata().num_row_groups()).collect(),
            metadata,
            columns: Vec::new(),
            places: Vec::new(),
            ranges: Vec::new(),
            origin,
        })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Says what is wanted of the file.
    pub(super) fn choose(&mut self, mut places: Vec<Place>) {
        let of_file = |place: &Place| match place {
            Place::File(position) => Some(*position),
            Place::Path(..) => None,
        };
        self.columns = places.iter().filter_map(of_file).collect();
        self.columns.sort_unstable();
        self.columns.dedup();
        for place in &mut places {
            if let Place::File(position) = place {
                *position = self.columns.partition_point(|other| *other < *position);
            }
        }
        self.places = places;
    }

    /// Leaves out rows that are not in `range` of `name`, and row groups whose statistics rule out all of them.
    pub(super) fn restrict(&mut self, name: &str, range: TypedRange) -> Result<()> {
        let schema = self.metadata.schema();
        let position = column::index_of(schema, name)?;
        let groups = self.metadata.metadata().row_groups();
        let statistics = StatisticsConverter::try_new(name, schema, self.metadata.parquet_schema());
        // A column of which nothing is known, such as a nested one, rules out nothing.
        if let Ok(statistics) = statistics {
            let keep = contain(&self.origin, || {
                let failed = |message: String| self.origin.about(name, message);
                let least = statistics.row_group_mins(groups);
                let greatest = statistics.row_group_maxes(groups);
                let (least, greatest) = least
                    .and_then(|least| Ok((least, greatest?)))
                    .map_err(|error| failed(error.to_string()))?;
                range
                    .may_contain(&least, &greatest)
                    .map_err(|error| failed(error.to_string()))
            })?;
            self.row_groups
                .retain(|group| keep.get(*group).copied().unwrap_or(true));
        }
        self.ranges.push((position, range));
        Ok(())
    }

    /// Whether rows are left out within row groups.
    pub(super) fn is_restricted(&self) -> bool {
        !self.ranges.is_empty()
    }

    /// The rows of the row groups wanted.
    pub(super) fn num_rows(&self) -> Result<usize> {
        let groups = self.row_groups.iter();
        let rows = groups.map(|group| self.metadata.metadata().row_group(*group).num_rows());
        let rows = rows.map(|rows| usize::try_from(rows).ok());
        rows.reduce(|sum, rows| sum?.checked_add(rows?))
            .unwrap_or(Some(0))
            .ok_or_else(|| {
                self.origin
                    .error("is damaged: it claims an impossible number of rows")
            })
    }

    /// Reads row groups.
    pub(super) fn reader(
        &self,
        row_groups: Vec<usize>,
        batch_rows: usize,
    ) -> Result<ParquetRecordBatchReader> {
        // Opened anew: clones of one handle share its position, and row groups are read at the same
        // time.
        let file = Guarded::open(&self.path, &self.origin, self.limits)?
            .with_row_groups(self.metadata.metadata(), &row_groups);
        let roots = |columns: &[usize]| {
            ProjectionMask::roots(self.metadata.parquet_schema(), columns.iter().copied())
        };
        let mut builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(roots(&self.columns))
                .with_batch_size(batch_rows)
                .with_row_groups(row_groups);
        if self.is_restricted() {
            let predicates = self.ranges.iter().map(|(position, range)| {
                let range = range.clone();
                let contains = move |batch: RecordBatch| range.contains(batch.column(0));
                Box::new(ArrowPredicateFn::new(roots(&[*position]), contains)) as Box<_>
            });
            builder = builder.with_row_filter(RowFilter::new(predicates.collect()));
        }
        contain(&self.origin, || {
            builder
                .build()
                .map_err(|error| self.origin.error(error.to_string()))
        })
    }

    /// The next batch of `reader` as the table has it.
    pub(super) fn next(
        &self,
        reader: &mut ParquetRecordBatchReader,
        schema: &SchemaRef,
    ) -> Result<Option<RecordBatch>> {
        contain(&self.origin, || match reader.next() {
            None => Ok(None),
            Some(batch) => self.arrange(batch, schema).map(Some),
        })
    }

    /// Puts the columns, which come in file order, into the order wanted.
    fn arrange(
        &self,
        batch: Result<RecordBatch, ArrowError>,
        schema: &SchemaRef,
    ) -> Result<RecordBatch> {
        let batch = batch.map_err(|error| self.origin.error(error.to_string()))?;
        let columns = self.places.iter().map(|place| match place {
            Place::File(position) => Ok(batch.column(*position).clone()),
            Place::Path(value, data_type) => {
                partition::column(value.as_deref(), data_type, batch.num_rows())
            }
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        // A null that the schema of the file denies is damage.
        let denied = schema.fields().iter().zip(&columns);
        let mut denied =
            denied.filter(|(field, column)| !field.is_nullable() && column.null_count() > 0);
        if let Some((field, _)) = denied.next() {
            let message = "holds a null, and its schema allows none";
            return Err(self.origin.about(field.name(), message));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(Error::Arrow)
    }
}
