//! Text to timestamps.

mod cells;
mod counts;
mod format;
mod head;
mod reader;
mod scan;
mod time;

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use alchemy_core::column::{by_name, index_of, is_numeric, is_temporal, is_text};
use alchemy_core::{Action, Error, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use crate::coercion::text_type;
use crate::failure::{OnFailure, Reading};
use crate::plain::{is_default, require};
use crate::rebuilt::rebuilt;
use cells::Cells;
use reader::Reader;

pub use counts::FormatCounts;
pub use time::TimestampUnit;

/// ISO 8601 forms without a zone, from the finest to the coarsest.
const ISO: [&str; 5] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H",
    "%Y-%m-%d",
];

/// Reads text as points in time, or as dates.
///
/// One text column, or several joined by a space such as a date and an hour, become a `Timestamp` in microseconds, of
/// another [unit](Self::with_unit), or [dates](Self::to_date): in the place of the first column, or as a column of their
/// own. Integer columns are read as their digits. A single column that is a date or timestamp already passes as it is.
///
/// Formats are those of [chrono](https://docs.rs/chrono/latest/chrono/format/strftime/index.html), tried in order; the
/// first that reads the whole cell wins, so a table may mix them. An hour without minutes is the full hour, a date alone
/// its midnight, and what is finer than the unit is cut off. A fraction of a second is `%.f`; `%f` is a
/// count of nanoseconds. A `%Y` below 1000 is refused: two digits are not a year.
///
/// **A cell that two of the formats read as different times is refused**, such as `01/02/2024` by `%d/%m/%Y` and
/// `%m/%d/%Y`: it counts as a cell that cannot be read, unless [`Ambiguous::FirstFormat`] is asked for.
/// [`counts`](Self::counts) tells how many cells each format reads, and how many are refused so.
///
/// Formats with an offset (`%z`) or a count of seconds (`%s`) give instants in UTC; others give wall-clock time without a
/// zone, and the two do not mix. A cell with an offset is refused by a format without one. [`ZoneCoercer`] gives
/// wall-clock time a zone, and instants another one.
///
/// A missing cell stays null, a blank one becomes null, and a row where only some of several columns have a value
/// counts as a cell that cannot be read. Those become null, are kept as text or are an error, as [`OnFailure`] says; the
/// ledger counts cells read and cells lost.
///
/// There is nothing to learn, so the spec is its own fitted type. Ranges of rows are read in parallel. A pass costs about
/// 30 ns a cell and format tried, for formats made of numbers, names of months, offsets and what stands between, and about
/// 150 ns for others; 8 bytes a row (4 for dates).
///
/// # Errors
///
/// From [`transform`](Transform::transform) and [`output_schema`](Transform::output_schema):
///
/// - [`Error::InvalidParameter`] for a format that chrono does not know or that does not give a date, and for counts of an
///   epoch in several columns.
/// - [`Error::ColumnNotFound`]; [`Error::ColumnType`] for a column that is not text, an integer or a point in time;
///   [`Error::DuplicateColumn`] if the name of the output or of its unread text is taken.
/// - [`Error::InvalidValue`] for a cell that cannot be read, with [`OnFailure::Error`].
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{TimestampParser, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, cast::AsArray};
/// # use alchemy_clean::arrow::datatypes::TimestampMicrosecondType;
/// let date = Arc::new(StringArray::from(vec!["2011-01-01", "2011-01-01"])) as ArrayRef;
/// let hour = Arc::new(Int64Array::from(vec![0, 23])) as ArrayRef;
/// let raw = RecordBatch::try_from_iter([("date", date), ("hour", hour)])?;
///
/// let parsed = TimestampParser::joining(["date", "hour"]).with_output("time").transform(&raw)?;
///
/// let time = parsed.column(2).as_primitive::<TimestampMicrosecondType>();
/// assert_eq!(time.value_as_datetime(1).unwrap().to_string(), "2011-01-01 23:00:00");
/// # Ok(())
/// # }
/// ```
///
/// [`ZoneCoercer`]: crate::ZoneCoercer
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimestampParser {
    columns: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    written: Written,
    #[serde(default, skip_serializing_if = "is_default")]
    ambiguous: Ambiguous,
    #[serde(default, skip_serializing_if = "is_default")]
    result: Points,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    on_failure: OnFailure,
}

/// How cells are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Formats(Vec<String>),
    /// Counts of a unit since the epoch.
    Epoch(TimestampUnit),
}

impl Default for Written {
    fn default() -> Self {
        Self::Formats(ISO.map(str::to_owned).to_vec())
    }
}

/// What a [`TimestampParser`] does with a cell that two formats read as different times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ambiguous {
    /// The cell cannot be read.
    #[default]
    Refuse,
    /// The first of the formats that reads it wins.
    FirstFormat,
}

/// What cells become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Points {
    Date,
    Timestamp(TimestampUnit),
}

impl Default for Points {
    fn default() -> Self {
        Self::Timestamp(TimestampUnit::default())
    }
}

impl TimestampParser {
    /// Reads the column `name`.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self::joining([name])
    }

    /// Reads several columns as one text, joined by a space.
    #[must_use]
    pub fn joining<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            written: Written::default(),
            ambiguous: Ambiguous::default(),
            result: Points::default(),
            output: None,
            on_failure: OnFailure::default(),
        }
    }

    /// The formats to try, in order. Default: ISO 8601 without a zone, such as `2024-05-31 17:30:05.25`,
    /// `2024-05-31T17:30:05`, `2024-05-31 17:30`, `2024-05-31 17` and `2024-05-31`.
    #[must_use]
    pub fn with_formats<S: Into<String>>(mut self, formats: impl IntoIterator<Item = S>) -> Self {
        self.written = Written::Formats(formats.into_iter().map(Into::into).collect());
        self
    }

    /// Reads a column of numbers, or of text that is a number, as counts of `unit` since 1970-01-01 00:00 UTC, instead of
    /// by formats. They are read exactly, down to nanoseconds; a float as the shortest decimal number that is that
    /// float.
    #[must_use]
    pub fn with_epoch(mut self, unit: TimestampUnit) -> Self {
        self.written = Written::Epoch(unit);
        self
    }

    /// What is done with a cell that two formats read as different times. Default: [`Ambiguous::Refuse`].
    #[must_use]
    pub fn with_ambiguous(mut self, ambiguous: Ambiguous) -> Self {
        self.ambiguous = ambiguous;
        self
    }

    /// Gives a `Timestamp` of `unit`; a time beyond its range cannot be read. Default: microseconds.
    #[must_use]
    pub fn with_unit(mut self, unit: TimestampUnit) -> Self {
        self.result = Points::Timestamp(unit);
        self
    }

    /// Gives a `Date32`: the day of the wall clock, or the day in UTC of an instant. The time of day is dropped.
    #[must_use]
    pub fn to_date(mut self) -> Self {
        self.result = Points::Date;
        self
    }

    /// What happens to a cell that cannot be read. Default: [`OnFailure::Null`].
    #[must_use]
    pub fn with_on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// Writes to a new last column `name`, which takes over the metadata and so the role of the first column read.
    /// Default: the first column is replaced. Other columns read are kept either way.
    #[must_use]
    pub fn with_output(mut self, name: impl Into<String>) -> Self {
        self.output = Some(name.into());
        self
    }

    /// How many cells of `batch` each format reads, and how many are refused because two formats differ.
    ///
    /// # Errors
    ///
    /// As [`transform`](Transform::transform), but for cells: those are counted. [`Error::InvalidParameter`] for counts of
    /// an epoch, which have no format.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_clean::Result<()> {
    /// # use std::sync::Arc;
    /// # use alchemy_clean::TimestampParser;
    /// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
    /// let day = Arc::new(StringArray::from(vec!["31/12/2024", "12/31/2024", "01/02/2024", "03/03/2024"])) as ArrayRef;
    /// let raw = RecordBatch::try_from_iter([("day", day)])?;
    ///
    /// let counts = TimestampParser::new("day").with_formats(["%d/%m/%Y", "%m/%d/%Y"]).counts(&raw)?;
    ///
    /// assert_eq!(counts.formats().collect::<Vec<_>>(), [("%d/%m/%Y", 2), ("%m/%d/%Y", 1)]);
    /// assert_eq!(counts.ambiguous(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn counts(&self, batch: &RecordBatch) -> Result<FormatCounts> {
        let reader = self.plan(batch.schema_ref())?.reader;
        let (Written::Formats(formats), Some(reader)) = (&self.written, reader.formats()) else {
            let message = "are needed to count what each of them reads";
            return Err(Error::parameter("formats", message));
        };
        FormatCounts::of(formats, reader, &Cells::new(batch, &self.columns)?)
    }

    /// Where the output goes in a batch of schema `input`, and what it is.
    fn plan(&self, input: &Schema) -> Result<Plan<'_>> {
        let reader = Reader::new(self)?;
        let Some(first) = self.columns.first() else {
            return Err(Error::parameter("columns", "is empty"));
        };
        let is_epoch = matches!(self.written, Written::Epoch(_));
        if is_epoch && self.columns.len() > 1 {
            let message = "an epoch is counted in one column, not in several";
            return Err(Error::parameter("columns", message));
        }
        let place = index_of(input, first)?;
        let source = input.field(place);
        let passes = self.columns.len() == 1 && is_temporal(source.data_type());
        for name in &self.columns {
            let found = input.field(index_of(input, name)?).data_type();
            let digits = found.is_integer() || is_epoch && is_numeric(found);
            let readable = passes || is_text(found) || digits;
            require(readable, name, found, "text, an integer or a point in time")?;
        }
        let data_type = if passes {
            source.data_type().clone()
        } else {
            reader.data_type()
        };
        let mut field = source.clone().with_data_type(data_type).with_nullable(true);
        if let Some(output) = &self.output {
            if input.fields().iter().any(|field| field.name() == output) {
                return Err(Error::DuplicateColumn {
                    column: output.clone(),
                });
            }
            field.set_name(output);
        }
        Ok(Plan {
            unread: match self.columns.as_slice() {
                [_] => text_type(source.data_type()),
                _ => DataType::LargeUtf8,
            },
            place: self.output.is_none().then_some(place),
            reader,
            passes,
            field,
        })
    }

    /// What was read, and the text that was not if it is kept.
    fn parse(
        &self,
        batch: &RecordBatch,
        plan: &Plan<'_>,
        ledger: &mut Ledger,
    ) -> Result<(ArrayRef, Option<ArrayRef>)> {
        let source = by_name(batch, &self.columns[0])?;
        if let Some(output) = plan.reader.read_integers(source)? {
            let (column, rows) = (plan.field.name(), output.len());
            ledger.record(column, Action::Coerced, rows - output.null_count(), rows);
            ledger.record(column, Action::Nulled, 0, rows);
            let nothing = self.on_failure.nothing_unread(&plan.unread, rows);
            return Ok((output, nothing));
        }
        let cells = Cells::new(batch, &self.columns)?;
        let output = plan.reader.read(&cells)?;
        let reading = Reading {
            column: plan.field.name(),
            cell: |row| cells.text(row),
            output: &output,
            expected: |row| plan.reader.expected(&cells, row),
        };
        reading.settle(self.on_failure, ledger)?;
        let unread = match self.on_failure {
            OnFailure::Keep => Some(cells.unread(reading.failed())?),
            OnFailure::Null | OnFailure::Error => None,
        };
        Ok((output, unread))
    }
}

struct Plan<'a> {
    reader: Reader<'a>,
    /// The column is a point in time already.
    passes: bool,
    /// The column that is replaced, or none.
    place: Option<usize>,
    field: Field,
    /// The type of text that is kept.
    unread: DataType,
}

impl Plan<'_> {
    fn schema(&self, input: &Schema, on_failure: OnFailure) -> Result<SchemaRef> {
        let mut fields: Vec<FieldRef> = input.fields().to_vec();
        put(&mut fields, self.place, Arc::new(self.field.clone()));
        on_failure.append_field(self.field.name(), self.unread.clone(), &mut fields)?;
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }
}

/// Replaces the item at `place`, or appends it.
fn put<T>(items: &mut Vec<T>, place: Option<usize>, item: T) {
    match place.and_then(|place| items.get_mut(place)) {
        Some(old) => *old = item,
        None => items.push(item),
    }
}

impl Transform for TimestampParser {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        self.plan(input)?.schema(input, self.on_failure)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let plan = self.plan(batch.schema_ref())?;
        let schema = plan.schema(batch.schema_ref(), self.on_failure)?;
        let (output, unread) = if plan.passes {
            let nothing = self
                .on_failure
                .nothing_unread(&plan.unread, batch.num_rows());
            (by_name(batch, &self.columns[0])?.clone(), nothing)
        } else {
            self.parse(batch, &plan, ledger)?
        };
        let mut columns = batch.columns().to_vec();
        put(&mut columns, plan.place, output);
        columns.extend(unread);
        rebuilt(batch, schema, columns)
    }
}

impl Step for TimestampParser {
    const NAME: &'static str = "alchemy-clean/timestamp_parser";
}

#[cfg(test)]
mod tests;
