//! Text to timestamps.

mod format;

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, TimestampMicrosecondBuilder};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use alchemy_core::column::{TextColumn, by_name, index_of, is_temporal, is_text};
use alchemy_core::{Error, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

use crate::failure::{OnFailure, Reading};
use crate::plain::require;
use format::Formats;

/// ISO 8601 forms without a zone, from the finest to the coarsest.
const ISO: [&str; 5] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H",
    "%Y-%m-%d",
];

/// Reads text as points in time.
///
/// One text column, or several joined by a space such as a date and an hour, become a `Timestamp` in microseconds: in the
/// place of the first column, or as a column of their own. Integer columns are read as their digits. A single column
/// that is a date or timestamp already passes as it is.
///
/// Formats are those of [chrono](https://docs.rs/chrono/latest/chrono/format/strftime/index.html), tried in order; the
/// first that reads the whole cell wins. An hour without minutes is the full hour, a date alone its midnight, and
/// fractions finer than microseconds are cut off. A `%Y` below 1000 is refused: two digits are not a year. Formats with an offset (`%z`) or a count of seconds (`%s`) give
/// instants in UTC; others give wall-clock time without a zone, and the two do not mix. Two formats that read one text as different days,
/// such as `%d/%m/%Y` and `%m/%d/%Y`, make the result a matter of their order, cell by cell: give one.
///
/// A missing cell stays null, a blank one becomes null, and a row where only some of several columns have a value
/// counts as a cell that cannot be read. Those become null or an error, as [`OnFailure`] says; the ledger counts cells
/// read and cells lost.
///
/// There is nothing to learn, so the spec is its own fitted type. A pass costs about 150 ns a cell and format tried.
///
/// # Errors
///
/// From [`transform`](Transform::transform) and [`output_schema`](Transform::output_schema):
///
/// - [`Error::InvalidParameter`] for a format that chrono does not know or that does not give a date.
/// - [`Error::ColumnNotFound`]; [`Error::ColumnType`] for a column that is not text, an integer or a point in time;
///   [`Error::DuplicateColumn`] if the output's name is taken.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimestampParser {
    columns: Vec<String>,
    formats: Vec<String>,
    on_failure: OnFailure,
    output: Option<String>,
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
            formats: ISO.map(str::to_owned).to_vec(),
            on_failure: OnFailure::default(),
            output: None,
        }
    }

    /// The formats to try, in order. Default: ISO 8601 without a zone, such as `2024-05-31 17:30:05.25`,
    /// `2024-05-31T17:30:05`, `2024-05-31 17:30`, `2024-05-31 17` and `2024-05-31`.
    #[must_use]
    pub fn with_formats<S: Into<String>>(mut self, formats: impl IntoIterator<Item = S>) -> Self {
        self.formats = formats.into_iter().map(Into::into).collect();
        self
    }

    /// What happens to a cell that no format reads. Default: [`OnFailure::Null`].
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

    /// Where the output goes in a batch of schema `input`, and what it is.
    fn plan(&self, input: &Schema) -> Result<Plan<'_>> {
        let formats = Formats::new(&self.formats)?;
        let Some(first) = self.columns.first() else {
            return Err(Error::parameter("columns", "is empty"));
        };
        let place = index_of(input, first)?;
        let source = input.field(place);
        let passes = self.columns.len() == 1 && is_temporal(source.data_type());
        for name in &self.columns {
            let found = input.field(index_of(input, name)?).data_type();
            let readable = passes || is_text(found) || found.is_integer();
            require(readable, name, found, "text, an integer or a point in time")?;
        }
        let data_type = if passes {
            source.data_type().clone()
        } else {
            DataType::Timestamp(TimeUnit::Microsecond, formats.zone().map(Into::into))
        };
        let field = source.clone().with_data_type(data_type).with_nullable(true);
        let Some(output) = &self.output else {
            return Ok(Plan {
                formats,
                passes,
                place,
                field,
            });
        };
        if input.fields().iter().any(|field| field.name() == output) {
            return Err(Error::DuplicateColumn {
                column: output.clone(),
            });
        }
        let place = input.fields().len();
        Ok(Plan {
            formats,
            passes,
            place,
            field: field.with_name(output),
        })
    }

    fn parse(&self, batch: &RecordBatch, plan: &Plan<'_>, ledger: &mut Ledger) -> Result<ArrayRef> {
        let text = Joined::new(batch, &self.columns)?;
        let mut cell = String::new();
        let mut times = TimestampMicrosecondBuilder::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let whole = text.write(row, &mut cell) == Cell::Whole;
            times.append_option(whole.then(|| plan.formats.read(&cell)).flatten());
        }
        let output = times.finish().with_timezone_opt(plan.formats.zone());
        let cell = |row| {
            let mut cell = String::new();
            (text.write(row, &mut cell) != Cell::Missing).then_some(cell)
        };
        Reading {
            column: plan.field.name(),
            cell,
            output: &output,
            expected: "a point in time",
        }
        .settle(self.on_failure, ledger)?;
        Ok(Arc::new(output))
    }
}

struct Plan<'a> {
    formats: Formats<'a>,
    /// The column is a point in time already.
    passes: bool,
    place: usize,
    field: Field,
}

impl Plan<'_> {
    fn schema(&self, input: &Schema) -> SchemaRef {
        let mut fields = input.fields().to_vec();
        put(&mut fields, self.place, Arc::new(self.field.clone()));
        Arc::new(Schema::new_with_metadata(fields, input.metadata().clone()))
    }
}

/// Replaces the item at `place`, or appends it.
fn put<T>(items: &mut Vec<T>, place: usize, item: T) {
    match items.get_mut(place) {
        Some(old) => *old = item,
        None => items.push(item),
    }
}

impl Transform for TimestampParser {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        Ok(self.plan(input)?.schema(input))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let plan = self.plan(batch.schema_ref())?;
        let output = if plan.passes {
            by_name(batch, &self.columns[0])?.clone()
        } else {
            self.parse(batch, &plan, ledger)?
        };
        let mut columns = batch.columns().to_vec();
        put(&mut columns, plan.place, output);
        Ok(RecordBatch::try_new(
            plan.schema(batch.schema_ref()),
            columns,
        )?)
    }
}

impl Step for TimestampParser {
    const NAME: &'static str = "alchemy-clean/timestamp_parser";
}

/// Several columns as one text.
struct Joined {
    columns: Vec<TextColumn>,
}

#[derive(PartialEq)]
enum Cell {
    /// No column has a value.
    Missing,
    /// Some have one.
    Partial,
    Whole,
}

impl Joined {
    fn new(batch: &RecordBatch, names: &[String]) -> Result<Self> {
        let column = |name: &String| {
            let array = by_name(batch, name)?;
            if is_text(array.data_type()) {
                TextColumn::new(name, array)
            } else {
                TextColumn::new(name, &cast(array, &DataType::Utf8)?)
            }
        };
        Ok(Self {
            columns: names.iter().map(column).collect::<Result<_>>()?,
        })
    }

    /// Writes the cells of `row` into `text`, joined by a space.
    fn write(&self, row: usize, text: &mut String) -> Cell {
        text.clear();
        let mut present = 0;
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            if let Some(cell) = column.get(row) {
                text.push_str(cell.trim());
                present += 1;
            }
        }
        match present {
            0 => Cell::Missing,
            all if all == self.columns.len() => Cell::Whole,
            _ => Cell::Partial,
        }
    }
}

#[cfg(test)]
mod tests;
