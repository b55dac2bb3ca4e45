//! A step that Alchemy does not know: [`Ratio`], the quotient of two columns.
//!
//! It has nothing to learn, so it is its own fitted type: deriving `Clone` and serde, and implementing [`Transform`] and
//! [`Step`], is all. The tests put it in a pipeline between steps of two Alchemy crates, store the fitted pipeline, and
//! load it again.

use std::sync::Arc;

use alchemy_core::arrow::array::{Float64Array, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use alchemy_core::column::{self, NumericColumn};
use alchemy_core::{Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize};

/// Appends a `Float64` column: one column divided by another, null where either is missing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ratio {
    /// The dividend.
    pub of: String,
    /// The divisor.
    pub to: String,
    /// The new column.
    pub name: String,
}

impl Transform for Ratio {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        column::index_of(input, &self.of)?;
        column::index_of(input, &self.to)?;
        let mut fields = input.fields().to_vec();
        fields.push(Arc::new(Field::new(&self.name, DataType::Float64, true)));
        Ok(Arc::new(Schema::new_with_metadata(fields, input.metadata().clone())))
    }

    fn transform_with(&self, batch: &RecordBatch, _ledger: &mut Ledger) -> Result<RecordBatch> {
        let read = |name: &str| NumericColumn::new(name, column::by_name(batch, name)?);
        let (of, to) = (read(&self.of)?, read(&self.to)?);
        let (of, to) = (of.view(), to.view());
        let ratio: Float64Array = (0..batch.num_rows()).map(|row| Some(of.get(row)? / to.get(row)?)).collect();
        let mut columns = batch.columns().to_vec();
        columns.push(Arc::new(ratio));
        Ok(RecordBatch::try_new(self.output_schema(batch.schema_ref())?, columns)?)
    }
}

impl Step for Ratio {
    const NAME: &'static str = "user-step/ratio";
}
