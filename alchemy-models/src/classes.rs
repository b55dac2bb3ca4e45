//! The classes of a target: codes for learning, and the target's own values back.

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, UInt32Array,
};
use alchemy_core::arrow::compute::{cast, sort_to_indices, take};
use alchemy_core::arrow::datatypes::{DataType, Field, Int64Type, Schema};
use alchemy_core::column::{
    Groups, NumericColumn, from_text, is_boolean, is_numeric, is_temporal, is_text,
};
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::dataset::joined;
use crate::table::Table;

/// The distinct values of a target in ascending order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub(crate) struct Classes {
    values: ArrayRef,
    names: Vec<String>,
}

/// Values as text, times as their ticks, with their Arrow type as it prints.
#[derive(Serialize, Deserialize)]
struct Stored {
    data_type: String,
    values: Vec<String>,
}

impl Classes {
    /// The classes of the column `name` and the class of every row.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidTarget`] if a row is missing, or if there is one class only; [`Error::ColumnType`] if the target is
    /// neither text, Boolean, time nor whole numbers.
    pub(crate) fn learn(table: Table<'_>, name: &str) -> Result<(Self, Vec<u32>)> {
        let values = plain(name, &joined(&table.column(name)?)?)?;
        let batch = RecordBatch::try_from_iter([(name, values.clone())])?;
        let groups = Groups::of(&batch, &[name])?;
        let first_rows: Vec<u32> = groups.first_rows().iter().map(|row| row_id(*row)).collect();
        let distinct = take(&values, &UInt32Array::from(first_rows), None)?;
        let order = sort_to_indices(&distinct, None, None)?;
        if order.len() < 2 {
            return Err(invalid(name, "has one class only"));
        }
        let mut rank = vec![0; order.len()];
        for (place, group) in (0..).zip(order.values()) {
            rank[*group as usize] = place;
        }
        let codes = groups
            .ids()
            .iter()
            .map(|group| rank[*group as usize])
            .collect();
        Ok((Self::new(take(&distinct, &order, None)?)?, codes))
    }

    fn new(values: ArrayRef) -> Result<Self> {
        let batch = RecordBatch::try_from_iter([("class", values.clone())])?;
        let keys = Groups::of(&batch, &["class"])?.keys()?;
        let names: Vec<String> = keys.into_iter().flatten().flatten().collect();
        // Every class is a group of its own, unless it was stored twice.
        if names.len() == values.len() {
            Ok(Self { names, values })
        } else {
            Err(corrupt("classes are stored twice"))
        }
    }

    /// The code of every row's class in other data than was learned from.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidTarget`] if a row is missing or of a class that was not learned from; [`Error::ColumnType`].
    pub(crate) fn codes(&self, table: Table<'_>, name: &str) -> Result<Vec<u32>> {
        let values = cast(
            &plain(name, &joined(&table.column(name)?)?)?,
            self.values.data_type(),
        )?;
        let all = alchemy_core::arrow::compute::concat(&[&self.values, &values])?;
        let groups = Groups::of(&RecordBatch::try_from_iter([(name, all)])?, &[name])?;
        let codes = &groups.ids()[self.len()..];
        match codes.iter().position(|code| *code as usize >= self.len()) {
            Some(row) => Err(invalid(
                name,
                format!("row {row} is of a class that is not in the training data"),
            )),
            None => Ok(codes.to_vec()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The classes as text.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn values(&self) -> &ArrayRef {
        &self.values
    }

    /// For each row the class with the highest probability, of equals the lowest class. `probabilities` are by class.
    pub(crate) fn most_probable(&self, probabilities: &[Vec<f64>]) -> Result<ArrayRef> {
        let rows = probabilities.first().map_or(0, Vec::len);
        let best = |row: usize| {
            let classes = (0u32..).zip(probabilities);
            // `min_by` keeps the first of equals.
            classes
                .min_by(|a, b| b.1[row].total_cmp(&a.1[row]))
                .map_or(0, |(class, _)| class)
        };
        Ok(take(
            &self.values,
            &UInt32Array::from_iter_values((0..rows).map(best)),
            None,
        )?)
    }

    /// One column per class, named by it.
    pub(crate) fn batch(&self, probabilities: Vec<Vec<f64>>) -> Result<RecordBatch> {
        let columns = probabilities
            .into_iter()
            .map(|p| Arc::new(Float64Array::from(p)) as ArrayRef)
            .collect();
        let fields = self
            .names
            .iter()
            .map(|name| Field::new(name, DataType::Float64, false));
        Ok(RecordBatch::try_new(
            Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            columns,
        )?)
    }
}

impl TryFrom<Stored> for Classes {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let data_type: DataType = stored
            .data_type
            .parse()
            .map_err(|_| "a class has an unknown type")?;
        let text = Arc::new(StringArray::from(stored.values)) as ArrayRef;
        let values = from_stored(&text, &data_type).map_err(|error| error.to_string())?;
        if values.null_count() > 0 || values.len() < 2 {
            return Err("classes are missing".into());
        }
        Self::new(values).map_err(|error| error.to_string())
    }
}

impl From<Classes> for Stored {
    fn from(classes: Classes) -> Self {
        let data_type = classes.values.data_type().to_string();
        let values = match ticks(&classes.values) {
            Some(ticks) => ticks,
            None => classes.names,
        };
        Self { data_type, values }
    }
}

/// The ticks of classes that are times: their names show them in UTC, and some cannot be shown.
fn ticks(values: &ArrayRef) -> Option<Vec<String>> {
    if !is_temporal(values.data_type()) {
        return None;
    }
    let ticks = cast(values, &DataType::Int64).ok()?;
    let ticks = ticks.as_primitive::<Int64Type>().values().iter();
    Some(ticks.map(ToString::to_string).collect())
}

fn from_stored(text: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    if is_temporal(data_type) {
        Ok(cast(&cast(text, &DataType::Int64)?, data_type)?)
    } else {
        from_text(text, data_type)
    }
}

impl PartialEq for Classes {
    fn eq(&self, other: &Self) -> bool {
        *self.values == *other.values
    }
}

/// `array` without a dictionary, checked to hold classes.
fn plain(name: &str, array: &ArrayRef) -> Result<ArrayRef> {
    let array = match array.data_type() {
        DataType::Dictionary(_, value) => cast(array, value)?,
        _ => array.clone(),
    };
    let data_type = array.data_type();
    if !(is_text(data_type)
        || is_boolean(data_type)
        || is_numeric(data_type)
        || is_temporal(data_type))
    {
        return Err(Error::ColumnType {
            column: name.to_owned(),
            found: data_type.clone(),
            expected: "text, Boolean, time or whole numbers".into(),
        });
    }
    if is_numeric(data_type) {
        let mut fractional = None;
        NumericColumn::new(name, &array)?
            .view()
            .for_each_row(|row, value| {
                if value.fract() != 0.0 {
                    fractional.get_or_insert((row, value));
                }
            });
        if let Some((row, value)) = fractional {
            return Err(invalid(
                name,
                format!("row {row} is {value}, and classes are whole numbers or text"),
            ));
        }
    }
    let missing = alchemy_core::column::missing_count(name, &array)?;
    if missing > 0 {
        return Err(invalid(name, format!("{missing} rows are missing")));
    }
    Ok(array)
}

fn invalid(name: &str, message: impl Into<String>) -> Error {
    Error::InvalidTarget {
        column: name.to_owned(),
        message: message.into(),
    }
}

fn corrupt(message: &str) -> Error {
    Error::Corrupt {
        what: "classes".into(),
        message: message.into(),
    }
}

fn row_id(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}
