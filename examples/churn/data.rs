//! The raw table: read, checked, repeated rows left out.

use std::sync::Arc;

use alchemy_clean::Duplicates;
use alchemy_core::arrow::array::{ArrayRef, RecordBatch, StringArray};
use alchemy_core::arrow::compute::filter_record_batch;
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::column::{self, Groups, TextColumn};
use alchemy_core::{CsvReader, Error, Role, SelectRows};
use alchemy_examples::Failure;

use crate::{Options, generate};

/// The data to work on.
pub(crate) struct Table {
    /// The columns in their inferred types; the target has its role.
    pub(crate) batch: RecordBatch,
    /// The same rows and columns as text, as a client would send them.
    pub(crate) raw: RecordBatch,
    pub(crate) target: String,
    pub(crate) positive: String,
    /// Rows read, repeated ones included.
    pub(crate) rows: usize,
}

impl Table {
    pub(crate) fn load(options: &Options) -> Result<Self, Failure> {
        let (typed, raw) = read(options)?;
        if typed.num_rows() == 0 {
            return Err(Error::Empty {
                what: "the table".into(),
            }
            .into());
        }
        if let Some(delimiter) = CsvReader::likely_delimiter(typed.schema_ref()) {
            let delimiter = char::from(delimiter);
            return Err(format!(
                "only one column was found: is the delimiter {delimiter:?}? See --delimiter"
            )
            .into());
        }
        let target = options.target.clone();
        column::index_of(typed.schema_ref(), &target)?;
        let rows = typed.num_rows();
        let keep = Duplicates::of_whole_rows().start().keep(&typed)?;
        let [typed, raw] = [typed, raw].map(|batch| filter_record_batch(&batch, &keep));
        let (typed, raw) = (
            without(&typed?, &options.drop)?,
            without(&raw?, &options.drop)?,
        );
        let batch = Role::Target.stamp_column(&with_trimmed(&typed, &target)?, &target)?;
        let positive = positive_class(&batch, &target, options.positive.as_deref())?;
        Ok(Self {
            batch,
            raw,
            target,
            positive,
            rows,
        })
    }
}

/// The table in inferred types and as text.
fn read(options: &Options) -> Result<(RecordBatch, RecordBatch), Failure> {
    let reader = options.common.reader();
    let generated = options
        .common
        .input
        .is_none()
        .then(|| generate::customers(options.common.seed));
    let read = |reader: &CsvReader| match (&options.common.input, &generated) {
        (Some(path), _) => reader.read(path),
        (None, text) => reader.read_from(text.as_deref().unwrap_or_default().as_bytes()),
    };
    let typed = read(&reader)?;
    let text = |field: &Arc<Field>| Field::new(field.name(), DataType::Utf8, true);
    let schema = Schema::new(
        typed
            .schema_ref()
            .fields()
            .iter()
            .map(text)
            .collect::<Vec<_>>(),
    );
    let raw = read(&reader.with_schema(Arc::new(schema)))?;
    Ok((typed, raw))
}

fn without(batch: &RecordBatch, dropped: &[String]) -> Result<RecordBatch, Error> {
    let dropped = dropped
        .iter()
        .map(|name| column::index_of(batch.schema_ref(), name));
    let dropped = dropped.collect::<Result<Vec<usize>, _>>()?;
    let kept: Vec<usize> = (0..batch.num_columns())
        .filter(|index| !dropped.contains(index))
        .collect();
    Ok(batch.project(&kept)?)
}

/// `batch` with the blanks around the cells of the text column `name` cut off.
fn with_trimmed(batch: &RecordBatch, name: &str) -> Result<RecordBatch, Error> {
    let index = column::index_of(batch.schema_ref(), name)?;
    if !column::is_text(batch.column(index).data_type()) {
        return Ok(batch.clone());
    }
    let text = TextColumn::new(name, batch.column(index))?;
    let trimmed: StringArray = (0..text.len())
        .map(|row| text.get(row).map(str::trim))
        .collect();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[index] = Arc::new(trimmed);
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

/// The class to find: `wanted`, or the second in sorted order. There must be two.
fn positive_class(
    batch: &RecordBatch,
    target: &str,
    wanted: Option<&str>,
) -> Result<String, Error> {
    let bad = |message: String| Error::InvalidTarget {
        column: target.to_owned(),
        message,
    };
    let mut classes = Vec::new();
    for key in Groups::of(batch, &[target])?.keys()? {
        match key.into_iter().next().flatten() {
            Some(class) => classes.push(class),
            None => continue,
        }
    }
    classes.sort();
    match (classes.as_slice(), wanted) {
        ([], _) => Err(bad("has no value".into())),
        ([only], _) => Err(bad(format!("has one class only: {only:?}"))),
        ([a, b], Some(wanted)) if wanted != a && wanted != b => Err(bad(format!(
            "has no class {wanted:?}; it has {a:?} and {b:?}"
        ))),
        ([_, second], wanted) => Ok(wanted.unwrap_or(second).to_owned()),
        (more, _) => Err(bad(format!("has {} classes, two are needed", more.len()))),
    }
}
