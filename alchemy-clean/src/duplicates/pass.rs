//! A pass over the batches of one table.

use alchemy_core::arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{FloatKeys, SeenKeys, first_equal_rows};
use alchemy_core::{Error, Result, RowPass};

use super::{Duplicates, Keep, NAME};
use crate::plain::{require_learned, value_type};

pub(super) struct Pass {
    spec: Duplicates,
    /// The types of the columns compared, once known.
    types: Vec<DataType>,
    /// The keys of the rows so far, where the first of equal rows is kept.
    seen: SeenKeys,
    has_rows: bool,
}

impl Pass {
    pub(super) fn new(spec: Duplicates) -> Self {
        Self {
            seen: if spec.fingerprints {
                SeenKeys::with_fingerprints(FloatKeys::ByValue)
            } else {
                SeenKeys::new(FloatKeys::ByValue)
            },
            spec,
            types: Vec::new(),
            has_rows: false,
        }
    }

    /// The columns to compare, if their types are those of the batches before.
    fn columns(&mut self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let columns = self.spec.columns(batch)?;
        if self.types.is_empty() {
            let types = columns
                .iter()
                .map(|(_, array)| value_type(array.data_type()));
            self.types = types.collect();
        }
        for ((field, array), data_type) in columns.iter().zip(&self.types) {
            require_learned(field.name(), data_type, array.data_type())?;
        }
        Ok(columns
            .into_iter()
            .map(|(_, array)| array.clone())
            .collect())
    }
}

impl RowPass for Pass {
    fn keep(&mut self, batch: &RecordBatch) -> Result<BooleanArray> {
        if self.has_rows && self.spec.keep != Keep::First && batch.num_rows() > 0 {
            return Err(Error::NotMergeable {
                step: NAME.to_owned(),
            });
        }
        let columns = self.columns(batch)?;
        self.has_rows |= batch.num_rows() > 0;
        let kept = match &self.spec.keep {
            Keep::First => self.seen.insert(&columns)?,
            keep => keep.mask(batch, &first_equal_rows(&columns, FloatKeys::ByValue)?)?,
        };
        Ok(kept.into())
    }
}
