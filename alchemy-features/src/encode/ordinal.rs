//! One code per level.

use std::collections::HashMap;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::index_of;
use alchemy_core::{
    Accumulate, ColumnSelector, Context, Fit, FitMerge, Learning, Ledger, Result, Step, Transform,
};
use serde::{Deserialize, Serialize};

use super::levels::{Levels, SeenLevels};
use crate::assemble::{Column, replaced, schema_of};

/// Learns the levels of categorical columns, to write each as its place among them.
///
/// Text, Boolean and integer columns can be chosen. The levels are the distinct values, in ascending order: text by code
/// point, `false` before `true`, integers by size. A tree can split on such codes at will; a linear model would take
/// their order for a scale, and wants a [`OneHotEncoder`](crate::OneHotEncoder).
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
/// use alchemy_features::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
/// use alchemy_features::{Fit, OrdinalEncoder, Transform};
///
/// let plan = |values| RecordBatch::try_from_iter([("plan", Arc::new(StringArray::from(values)) as ArrayRef)]);
/// let encoder = OrdinalEncoder::new().fit(&plan(vec![Some("pro"), Some("free"), None])?)?;
///
/// let encoded = encoder.transform(&plan(vec![Some("pro"), None, Some("team")])?)?;
/// assert_eq!(encoded["plan"].as_ref(), &UInt32Array::from(vec![Some(1), None, None]));
/// # Ok(())
/// # }
/// ```
#[doc(alias = "LabelEncoder")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdinalEncoder {
    columns: ColumnSelector,
    max_levels: u32,
}

impl OrdinalEncoder {
    /// An encoder of all text features.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: ColumnSelector::text(),
            max_levels: 1_000_000,
        }
    }

    /// The columns to encode. Default: every text feature.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = columns.into();
        self
    }

    /// Refuses a column of more levels. Default: 1 000 000.
    #[must_use]
    pub fn with_max_levels(mut self, levels: u32) -> Self {
        self.max_levels = levels;
        self
    }
}

impl Default for OrdinalEncoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Fit for OrdinalEncoder {
    type Fitted = FittedOrdinalEncoder;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedOrdinalEncoder> {
        self.fit_batches(std::slice::from_ref(batch), context)
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for OrdinalEncoder {
    type Accumulator = OrdinalLevels;

    fn accumulator(&self, schema: &Schema) -> Result<OrdinalLevels> {
        SeenLevels::of_nothing(&self.columns, self.max_levels, schema).map(OrdinalLevels)
    }
}

/// Gathers the levels for an [`OrdinalEncoder`].
#[derive(Debug, Serialize, Deserialize)]
#[expect(
    unnameable_types,
    reason = "it is `OrdinalEncoder::Accumulator`, which callers never name"
)]
pub struct OrdinalLevels(SeenLevels);

impl Accumulate for OrdinalLevels {
    type Output = FittedOrdinalEncoder;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.0.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(other.0)
    }

    fn finish(self) -> Result<FittedOrdinalEncoder> {
        Ok(FittedOrdinalEncoder {
            columns: self.0.finish()?,
        })
    }
}

/// Writes each level that was learned as its code: 0 for the first, in ascending order.
///
/// An encoded column becomes `UInt32` and keeps its name and metadata. A null stays null. A value that was not met when
/// fitting becomes null, and is counted in the ledger as [unmatched](alchemy_core::Action::Unmatched).
///
/// A row costs one look-up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedOrdinalEncoder {
    columns: Vec<Levels>,
}

impl FittedOrdinalEncoder {
    /// The levels of `column` in the order of their codes, or `None` if it was not encoded.
    #[must_use]
    pub fn levels(&self, column: &str) -> Option<&[String]> {
        let levels = self.columns.iter().find(|levels| levels.column() == column);
        levels.map(Levels::names)
    }
}

impl Transform for FittedOrdinalEncoder {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        schema_of(self, input)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let mut encoded: HashMap<usize, Vec<Column>> = HashMap::new();
        for levels in &self.columns {
            let position = index_of(batch.schema_ref(), levels.column())?;
            let field = batch.schema_ref().field(position).clone();
            let field = field.with_data_type(DataType::UInt32).with_nullable(true);
            let known = |code| Some(code).filter(|code| *code < levels.missing());
            let codes: UInt32Array = levels
                .codes(batch, ledger)?
                .into_iter()
                .map(known)
                .collect();
            encoded.insert(
                position,
                vec![(Arc::new(field), Arc::new(codes) as ArrayRef)],
            );
        }
        replaced(batch, encoded)
    }
}

impl Step for FittedOrdinalEncoder {
    const NAME: &'static str = "alchemy-features/ordinal_encoder";
}
