//! What a table must look like to be used: columns, types, roles and expectations.

mod admit;
mod convert;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::column::index_of;
use crate::{Error, Result, Role};

pub use admit::{Admitted, Rejection};
use convert::Converted;

/// The columns of a table, as learned from training data and held to ever after.
///
/// Columns are found by name, so their order does not matter, and columns that the contract does not name are left out.
/// Text is read as the column's type where it is written as that type prints. Columns of role
/// [`Target`](Role::Target), [`Weight`](Role::Weight) and [`Ignored`](Role::Ignored) may be absent when scoring.
///
/// # Examples
///
/// ```
/// use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
/// use alchemy_core::{Contract, Role};
///
/// let schema = Schema::new(vec![
///     Field::new("age", DataType::Int64, true),
///     Field::new("churn", DataType::Boolean, true),
/// ]);
/// let contract = Contract::of(&schema).with_role("churn", Role::Target)?;
/// assert_eq!(contract.scoring_schema().fields().len(), 1);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    columns: Vec<ColumnContract>,
}

/// What a [`Contract`] says of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnContract {
    name: String,
    #[serde(with = "data_type_text")]
    data_type: DataType,
    role: Role,
    expectations: Vec<Expectation>,
}

/// What the cells of a column must be; a row with another cell is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Expectation {
    /// Not missing.
    NotNull,
    /// Text that is a number, or blank: what [`parse_number`](crate::parse_number) reads.
    NumberText,
}

impl ColumnContract {
    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type.
    #[must_use]
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// What it is for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// What its cells must be.
    #[must_use]
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }

    fn is_needed_for_scoring(&self) -> bool {
        !matches!(self.role, Role::Target | Role::Weight | Role::Ignored)
    }

    /// Where the column stands in `schema`; `None` where it is absent and may be.
    fn find(&self, schema: &Schema, needed: bool) -> Result<Option<usize>> {
        match index_of(schema, &self.name) {
            Ok(index) => Ok(Some(index)),
            Err(Error::ColumnNotFound { .. }) if !needed => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn field(&self) -> Field {
        self.role
            .stamp(&Field::new(&self.name, self.data_type.clone(), true))
    }
}

impl Contract {
    /// The contract that asks for the columns of `schema`, with their types and the roles stamped on them.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        let column = |field: &Arc<Field>| ColumnContract {
            name: field.name().clone(),
            data_type: field.data_type().clone(),
            role: Role::of(field),
            expectations: Vec::new(),
        };
        Self {
            columns: schema.fields().iter().map(column).collect(),
        }
    }

    /// Gives the column `name` a role.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`].
    pub fn with_role(mut self, name: &str, role: Role) -> Result<Self> {
        self.column_mut(name)?.role = role;
        Ok(self)
    }

    /// Expects something of the cells of the column `name`.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`].
    pub fn with_expectation(mut self, name: &str, expectation: Expectation) -> Result<Self> {
        let column = self.column_mut(name)?;
        if !column.expectations.contains(&expectation) {
            column.expectations.push(expectation);
        }
        Ok(self)
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[ColumnContract] {
        &self.columns
    }

    /// The schema of a batch that entered for scoring.
    #[must_use]
    pub fn scoring_schema(&self) -> SchemaRef {
        let needed = self
            .columns
            .iter()
            .filter(|column| column.is_needed_for_scoring());
        Arc::new(Schema::new(
            needed.map(ColumnContract::field).collect::<Vec<_>>(),
        ))
    }

    /// `batch` as the contract orders it, roles stamped. Columns not needed for scoring are kept where they are there.
    /// Field metadata is kept. Expectations are for [`admit`](Self::admit), which rejects single rows.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`], [`Error::DuplicateColumn`], [`Error::ColumnType`], or [`Error::InvalidValue`] for a cell
    /// that cannot be read as the column's type.
    pub fn enter(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.enter_columns(batch, ColumnContract::is_needed_for_scoring)
    }

    /// As [`enter`](Self::enter), and every column must be there.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter).
    pub fn enter_training(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.enter_columns(batch, |_| true)
    }

    fn enter_columns(
        &self,
        batch: &RecordBatch,
        needed: impl Fn(&ColumnContract) -> bool,
    ) -> Result<RecordBatch> {
        let mut fields = Vec::with_capacity(self.columns.len());
        let mut arrays = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let Some(index) = column.find(batch.schema_ref(), needed(column))? else {
                continue;
            };
            let Converted { array, failed } =
                convert::to_type(&column.name, batch.column(index), &column.data_type)?;
            if let Some((row, value)) = failed.into_iter().next() {
                return Err(Error::value(
                    &column.name,
                    row as u64,
                    &value,
                    convert::in_words(&column.data_type),
                ));
            }
            let found = batch.schema_ref().field(index);
            fields.push(
                column
                    .field()
                    .with_metadata(column.role.stamp(found).metadata().clone()),
            );
            arrays.push(array);
        }
        let options =
            arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(
            Arc::new(Schema::new(fields)),
            arrays,
            &options,
        )?)
    }

    fn column_mut(&mut self, name: &str) -> Result<&mut ColumnContract> {
        match self.columns.iter().position(|column| column.name == name) {
            Some(index) => Ok(&mut self.columns[index]),
            None => Err(Error::column_not_found(
                name,
                self.columns.iter().map(ColumnContract::name),
            )),
        }
    }
}

/// Arrow types as the text they print.
mod data_type_text {
    use arrow::datatypes::DataType;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        data_type: &DataType,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(data_type)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DataType, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, StringArray};
    use arrow::datatypes::TimeUnit;

    use super::*;

    fn contract() -> Contract {
        let schema = Schema::new(vec![
            Field::new("x", DataType::Int64, true),
            Field::new("y", DataType::Utf8, true),
        ]);
        Contract::of(&schema).with_role("y", Role::Target).unwrap()
    }

    fn batch(x: ArrayRef) -> RecordBatch {
        let extra = Arc::new(Int32Array::from(vec![0; x.len()])) as ArrayRef;
        RecordBatch::try_from_iter([("extra", extra), ("x", x)]).unwrap()
    }

    #[test]
    fn columns_are_found_by_name_and_stamped() {
        let entered = contract()
            .enter(&batch(Arc::new(Int64Array::from(vec![1]))))
            .unwrap();
        assert_eq!(entered.num_columns(), 1);
        assert!(contract().enter_training(&entered).is_err());
    }

    #[test]
    fn lossless_types_and_text_enter_and_others_do_not() {
        for ok in [
            Arc::new(Int32Array::from(vec![7])) as ArrayRef,
            Arc::new(Float64Array::from(vec![7.0])),
            Arc::new(StringArray::from(vec![" 7"])),
        ] {
            let entered = contract().enter(&batch(ok)).unwrap();
            assert_eq!(entered.column(0).as_ref(), &Int64Array::from(vec![7]));
        }
        for bad in [
            Arc::new(Float64Array::from(vec![7.5])) as ArrayRef,
            Arc::new(StringArray::from(vec!["7.5"])),
        ] {
            let error = contract().enter(&batch(bad)).unwrap_err();
            assert_eq!(
                error.to_string(),
                "column \"x\", row 0: \"7.5\" is not an integer"
            );
        }
    }

    #[test]
    fn every_supported_type_survives_its_text() {
        let zone = Some("+02:00".into());
        for data_type in [
            DataType::Int8,
            DataType::Float16,
            DataType::Boolean,
            DataType::Decimal128(10, 2),
            DataType::Date32,
            DataType::Timestamp(TimeUnit::Microsecond, None),
            DataType::Timestamp(TimeUnit::Nanosecond, zone),
            DataType::Utf8View,
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        ] {
            let contract = Contract::of(&Schema::new(vec![Field::new("x", data_type, true)]));
            let text = serde_json::to_string(&contract).unwrap();
            assert_eq!(
                serde_json::from_str::<Contract>(&text).unwrap(),
                contract,
                "{text}"
            );
        }
    }
}
