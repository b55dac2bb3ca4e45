//! The class of every row, as text.

use arrow::array::{ArrayRef, RecordBatch};

use crate::Result;
use crate::column::{Groups, is_numeric, missing_count};

/// The classes of a column, row by row.
pub(super) struct Levels {
    ids: Vec<u32>,
    /// The text of each class; `None` for that of missing values.
    names: Vec<Option<String>>,
}

impl Levels {
    /// Reads a column of any type that has an order.
    pub(super) fn of(name: &str, array: &ArrayRef) -> Result<Self> {
        let batch = RecordBatch::try_from_iter_with_nullable([(name, array.clone(), true)])?;
        let groups = Groups::of(&batch, &[name])?;
        let keys = groups.keys()?.into_iter();
        let mut names: Vec<Option<String>> = keys.map(|mut key| key.pop().flatten()).collect();
        if is_numeric(array.data_type()) {
            // A NaN is missing, but has a text.
            for (name_of, row) in names.iter_mut().zip(groups.first_rows()) {
                if missing_count(name, &array.slice(*row, 1))? > 0 {
                    *name_of = None;
                }
            }
        }
        Ok(Self {
            ids: groups.ids().to_vec(),
            names,
        })
    }

    /// The class of every row, `None` where it is missing.
    pub(super) fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        self.ids.iter().map(|id| {
            let name = self.names.get(usize::try_from(*id).ok()?)?;
            name.as_deref()
        })
    }
}
