//! One indicator column per level.

use std::collections::HashMap;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, UInt8Array};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::index_of;
use alchemy_core::{
    Accumulate, ColumnSelector, Context, Fit, FitMerge, Learning, Ledger, Result, Step, Transform,
};
use serde::{Deserialize, Serialize};

use super::levels::{Levels, SeenLevels};
use crate::assemble::{Column, replaced, schema_of};
use crate::naming;

/// Learns the levels of categorical columns, to give each level a column of its own.
///
/// Text, Boolean and integer columns can be chosen. The levels are the distinct values, in ascending order: text by code
/// point, `false` before `true`, integers by size. The [fitted type](FittedOneHotEncoder) puts in the place of a column,
/// level by level, the columns `{column}={level}`.
///
/// Fitting keeps the levels in memory, up to [a limit](Self::with_max_levels), and nothing else. It merges: neither the
/// order of rows nor the cuts between batches nor threads show in the result.
///
/// # Errors
///
/// - [`Error::ColumnNotFound`](crate::Error::ColumnNotFound) if a chosen column is not in the batch.
/// - [`Error::ColumnType`](crate::Error::ColumnType) if it is neither text, Boolean nor an integer.
/// - [`Error::AllNull`](crate::Error::AllNull) if it has no level.
/// - [`Error::InvalidParameter`](crate::Error::InvalidParameter) if it has more levels than the limit.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use alchemy_features::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt8Array};
/// use alchemy_features::{Fit, OneHotEncoder, Transform};
///
/// let plan = |values| RecordBatch::try_from_iter([("plan", Arc::new(StringArray::from(values)) as ArrayRef)]);
/// let encoder = OneHotEncoder::new().fit(&plan(vec![Some("pro"), Some("free"), None])?)?;
///
/// let encoded = encoder.transform(&plan(vec![Some("free"), None, Some("team")])?)?;
/// assert_eq!(encoded["plan=free"].as_ref(), &UInt8Array::from(vec![1, 0, 0]));
/// assert_eq!(encoded["plan=pro"].as_ref(), &UInt8Array::from(vec![0, 0, 0]));
/// # Ok(())
/// # }
/// ```
#[doc(alias = "get_dummies")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneHotEncoder {
    columns: ColumnSelector,
    max_levels: u32,
    missing_column: bool,
}

impl OneHotEncoder {
    /// An encoder of all text features.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: ColumnSelector::text(),
            max_levels: 1000,
            missing_column: false,
        }
    }

    /// The columns to encode. Default: every text feature.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = columns.into();
        self
    }

    /// Refuses a column of more levels, such as a customer's number. Default: 1000.
    #[must_use]
    pub fn with_max_levels(mut self, levels: u32) -> Self {
        self.max_levels = levels;
        self
    }

    /// Adds a column `{column}_missing` that is 1 where the value is null. Default: such a row is 0 in every column.
    #[must_use]
    pub fn with_missing_column(mut self) -> Self {
        self.missing_column = true;
        self
    }
}

impl Default for OneHotEncoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Fit for OneHotEncoder {
    type Fitted = FittedOneHotEncoder;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedOneHotEncoder> {
        self.fit_batches(std::slice::from_ref(batch), context)
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for OneHotEncoder {
    type Accumulator = OneHotLevels;

    fn accumulator(&self, schema: &Schema) -> Result<OneHotLevels> {
        Ok(OneHotLevels {
            seen: SeenLevels::of_nothing(&self.columns, self.max_levels, schema)?,
            missing_column: self.missing_column,
        })
    }
}

/// Gathers the levels for a [`OneHotEncoder`].
#[derive(Debug, Serialize, Deserialize)]
#[expect(
    unnameable_types,
    reason = "it is `OneHotEncoder::Accumulator`, which callers never name"
)]
pub struct OneHotLevels {
    seen: SeenLevels,
    missing_column: bool,
}

impl Accumulate for OneHotLevels {
    type Output = FittedOneHotEncoder;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.seen.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.seen.merge(other.seen)
    }

    fn finish(self) -> Result<FittedOneHotEncoder> {
        Ok(FittedOneHotEncoder {
            columns: self.seen.finish()?,
            missing_column: self.missing_column,
        })
    }
}

/// Gives each level that was learned a column of its own.
///
/// In the place of an encoded column stand `UInt8` columns `{column}={level}` without nulls: 1 in the rows of that level,
/// else 0. (A byte rather than a bit, so that every reader of numbers takes it.) They keep the column's metadata. A
/// value that was not met when fitting is 0 in all of them and counted in the ledger as
/// [unmatched](alchemy_core::Action::Unmatched); a null is 0 in all of them too, unless a
/// [column for it](OneHotEncoder::with_missing_column) was asked for.
///
/// A row costs one look-up, and one byte in each column written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedOneHotEncoder {
    columns: Vec<Levels>,
    missing_column: bool,
}

impl FittedOneHotEncoder {
    /// The levels of `column` in the order of their columns, or `None` if it was not encoded.
    #[must_use]
    pub fn levels(&self, column: &str) -> Option<&[String]> {
        let levels = self.columns.iter().find(|levels| levels.column() == column);
        levels.map(Levels::names)
    }

    /// The names of the columns in the place of one column.
    fn names(&self, levels: &Levels) -> Vec<String> {
        let column = levels.column();
        let level = |level: &String| naming::level(column, level);
        let missing = self.missing_column.then(|| naming::missing(column));
        levels.names().iter().map(level).chain(missing).collect()
    }
}

impl Transform for FittedOneHotEncoder {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        schema_of(self, input)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let mut indicators = HashMap::new();
        for levels in &self.columns {
            let position = index_of(batch.schema_ref(), levels.column())?;
            let names = self.names(levels);
            let columns = flags(&levels.codes(batch, ledger)?, names.len());
            let column = |(name, flags): (String, Vec<u8>)| -> Column {
                let field = batch.schema_ref().field(position).clone();
                let field = field
                    .with_name(name)
                    .with_data_type(DataType::UInt8)
                    .with_nullable(false);
                (
                    Arc::new(field),
                    Arc::new(UInt8Array::from(flags)) as ArrayRef,
                )
            };
            indicators.insert(
                position,
                names.into_iter().zip(columns).map(column).collect(),
            );
        }
        replaced(batch, indicators)
    }
}

impl Step for FittedOneHotEncoder {
    const NAME: &'static str = "alchemy-features/one_hot_encoder";
}

/// For each code below `width`, 1 in the rows that have it.
fn flags(codes: &[u32], width: usize) -> Vec<Vec<u8>> {
    let mut flags = vec![vec![0; codes.len()]; width];
    for (row, code) in codes.iter().enumerate() {
        if let Some(column) = flags.get_mut(*code as usize) {
            column[row] = 1;
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use alchemy_core::arrow::array::StringArray;
    use alchemy_core::{Action, Error};

    use super::*;

    fn plans(values: Vec<Option<&str>>) -> RecordBatch {
        let plan = Arc::new(StringArray::from(values)) as ArrayRef;
        RecordBatch::try_from_iter_with_nullable([("plan", plan, true)]).unwrap()
    }

    #[test]
    fn a_null_has_its_own_column_where_asked_for() {
        let batch = plans(vec![Some("a"), None]);
        let encoder = OneHotEncoder::new()
            .with_missing_column()
            .fit(&batch)
            .unwrap();
        let mut ledger = Ledger::new();
        let unseen = plans(vec![None, Some("?"), Some("a")]);
        let encoded = encoder.transform_with(&unseen, &mut ledger).unwrap();
        assert_eq!(encoded.num_columns(), 2);
        assert_eq!(encoded["plan=a"].as_ref(), &UInt8Array::from(vec![0, 0, 1]));
        assert_eq!(
            encoded["plan_missing"].as_ref(),
            &UInt8Array::from(vec![1, 0, 0])
        );
        assert_eq!(ledger.count("plan", Action::Unmatched), 1);
        assert_eq!(encoder.levels("plan"), Some(["a".to_owned()].as_slice()));
        assert_eq!(encoder.levels("other"), None);
    }

    #[test]
    fn a_name_that_is_taken_is_an_error() {
        let batch = plans(vec![Some("a")]);
        let both = [
            ("plan", batch["plan"].clone()),
            ("plan=a", batch["plan"].clone()),
        ];
        let both = RecordBatch::try_from_iter(both).unwrap();
        let encoder = OneHotEncoder::new()
            .with_columns("plan")
            .fit(&batch)
            .unwrap();
        let error = encoder.transform(&both).unwrap_err();
        assert!(
            matches!(&error, Error::DuplicateColumn { column } if column == "plan=a"),
            "{error}"
        );
    }

    #[test]
    fn a_column_without_a_level_is_an_error() {
        let error = OneHotEncoder::new()
            .fit(&plans(vec![None, None]))
            .unwrap_err();
        assert!(
            matches!(&error, Error::AllNull { column } if column == "plan"),
            "{error}"
        );
    }
}
