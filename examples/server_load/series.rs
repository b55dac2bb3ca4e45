//! The raw series: read, in order of time, one row per time and key.

use alchemy_clean::{Duplicates, Keep, OnFailure, TimestampParser, Transform};
use alchemy_core::arrow::array::{RecordBatch, UInt32Array};
use alchemy_core::arrow::compute::{
    SortColumn, filter_record_batch, lexsort_to_indices, take_record_batch,
};
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{self, TemporalColumn};
use alchemy_core::{Contract, CsvReader, Error, Role, SelectRows};
use alchemy_examples::Failure;

use crate::{Options, generate};

/// The data to work on, sorted.
pub(crate) struct Series {
    /// The columns in their types, time still as it was written.
    pub(crate) batch: RecordBatch,
    /// What the columns are for.
    pub(crate) contract: Contract,
    pub(crate) parser: TimestampParser,
    /// The column that holds the time once it is parsed.
    pub(crate) time: String,
    pub(crate) value: String,
    pub(crate) keys: Vec<String>,
    /// Rows read.
    pub(crate) rows: usize,
    /// Rows left out because another row has their time and key.
    pub(crate) repeated: usize,
    /// Steps between rows of a key that are not the usual step.
    pub(crate) gaps: usize,
}

impl Series {
    pub(crate) fn load(options: &Options) -> Result<Self, Failure> {
        let batch = read(options)?;
        if batch.num_rows() == 0 {
            return Err(Error::Empty {
                what: "the table".into(),
            }
            .into());
        }
        let time = options.time.first().ok_or("--time is empty")?.clone();
        let keys: Vec<String> = options.by.iter().cloned().collect();
        let mut wanted: Vec<&String> = options.time.iter().chain(&keys).collect();
        wanted.push(&options.value);
        let indices = wanted
            .iter()
            .map(|name| column::index_of(batch.schema_ref(), name));
        let batch = batch.project(&indices.collect::<Result<Vec<_>, _>>()?)?;

        let mut parser = TimestampParser::joining(&options.time).with_on_failure(OnFailure::Error);
        if let Some(format) = &options.time_format {
            parser = parser.with_formats([format]);
        }
        let rows = batch.num_rows();
        let (batch, repeated) = sorted(&batch, &parser, &time, &keys)?;
        let gaps = gaps(&parser.transform(&batch)?, &time, &keys)?;
        let contract = contract(&batch, options)?;
        Ok(Self {
            batch,
            contract,
            parser,
            time,
            value: options.value.clone(),
            keys,
            rows,
            repeated,
            gaps,
        })
    }
}

fn read(options: &Options) -> Result<RecordBatch, Failure> {
    let reader = options
        .common
        .reader()
        .with_column_type(&options.value, DataType::Float64);
    let batch = match &options.common.input {
        Some(path) => reader.read(path)?,
        None => reader.read_from(generate::load(options.common.seed).as_bytes())?,
    };
    match CsvReader::likely_delimiter(batch.schema_ref()) {
        None => Ok(batch),
        Some(delimiter) => {
            let delimiter = char::from(delimiter);
            Err(format!(
                "only one column was found: is the delimiter {delimiter:?}? See --delimiter"
            )
            .into())
        }
    }
}

/// The rows by time, then by every other column, so that the order of the file does not matter; of rows with one time
/// and key the last stays.
fn sorted(
    batch: &RecordBatch,
    parser: &TimestampParser,
    time: &str,
    keys: &[String],
) -> Result<(RecordBatch, usize), Failure> {
    let parsed = parser.transform(batch)?;
    let time_first = [column::by_name(&parsed, time)?]
        .into_iter()
        .chain(batch.columns());
    let order: Vec<SortColumn> = time_first
        .map(|values| SortColumn {
            values: values.clone(),
            options: None,
        })
        .collect();
    let order: UInt32Array = lexsort_to_indices(&order, None)?;
    let (batch, parsed) = (
        take_record_batch(batch, &order)?,
        take_record_batch(&parsed, &order)?,
    );
    let key: Vec<&str> = [time]
        .into_iter()
        .chain(keys.iter().map(String::as_str))
        .collect();
    let kept = Duplicates::on(key)
        .with_keep(Keep::Last)
        .start()
        .keep(&parsed)?;
    let kept = filter_record_batch(&batch, &kept)?;
    let repeated = batch.num_rows() - kept.num_rows();
    Ok((kept, repeated))
}

fn contract(batch: &RecordBatch, options: &Options) -> Result<Contract, Error> {
    let mut contract = Contract::of(batch.schema_ref()).with_role(&options.value, Role::Target)?;
    for (index, name) in options.time.iter().enumerate() {
        contract = contract.with_role(
            name,
            if index == 0 {
                Role::Time
            } else {
                Role::Ignored
            },
        )?;
    }
    Ok(contract)
}

/// How many steps between neighbouring rows of a key differ from the commonest step.
fn gaps(parsed: &RecordBatch, time: &str, keys: &[String]) -> Result<usize, Error> {
    let times = TemporalColumn::new(time, column::by_name(parsed, time)?)?;
    let groups = column::Groups::of(parsed, keys)?;
    let mut last = vec![None; groups.first_rows().len()];
    let mut steps = std::collections::BTreeMap::<i64, usize>::new();
    for (row, group) in groups.ids().iter().enumerate() {
        let now = times.micros(row);
        if let (Some(now), Some(before)) = (now, last[*group as usize]) {
            *steps.entry(now - before).or_default() += 1;
        }
        last[*group as usize] = now;
    }
    let all: usize = steps.values().sum();
    Ok(all - steps.values().max().copied().unwrap_or(0))
}
