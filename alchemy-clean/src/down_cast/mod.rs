//! Numbers in smaller types.

mod exact;
mod extent;
mod target;

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::arrow::util::display::array_value_to_string;
use alchemy_core::column::{index_of, is_numeric};
use alchemy_core::{
    Accumulate, ColumnSelector, Context, Error, Fit, FitMerge, Learning, Ledger, Result, Step,
    Transform,
};
use serde::{Deserialize, Serialize};

pub use target::CastTarget;

use crate::coercion::in_chunks;
use crate::failure::{OnFailure, Reading, unread_texts};
use crate::per_column::{ByColumn, PerColumn};
use crate::plain::{data_type_text, is_default, plain, require, require_learned};
use crate::rebuilt::rebuilt;
use exact::exact_cast;
use extent::Extent;
use target::is_native;

/// Learns the smallest type that holds the numbers of each column, and casts to it.
///
/// A cast never wraps, rounds or cuts off: a float becomes an integer only if it is whole, and a `Float32` only if that is
/// the same number, or within a [tolerance](Self::with_tolerance) that was asked for. A later value that the learned type
/// does not hold becomes null, is kept as text or is an error, as [`OnFailure`] says. Missing cells (null or NaN) say
/// nothing in training and stay null; −0 becomes 0 in an integer. A column that no smaller type holds, that has no value
/// in training, or that is a dictionary, a decimal or a half float, keeps its type.
///
/// [`CastTarget`] chooses among types, or fixes one. The ledger counts cells cast ([`Action::Coerced`]) and cells lost
/// ([`Action::Nulled`], with examples) of the columns whose type changes.
///
/// Fitting reads every selected column once, in parallel over columns, and merges over pieces; it holds two numbers a
/// column. A pass costs about 1 to 3 ns a cell and the bytes of the new type; a check of floats needs 17 bytes a row beside.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] if the tolerance is not between 0 and 1, or the type is not a native number.
/// - [`Error::ColumnNotFound`] if a selected column is not in the schema, [`Error::ColumnType`] if it is not a number, or
///   one that cannot be cast to the type that is fixed.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{DownCast, Fit, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
/// # use alchemy_clean::arrow::datatypes::DataType;
/// let age = Arc::new(Int64Array::from(vec![31, 47])) as ArrayRef;
/// let half = Arc::new(Float64Array::from(vec![0.5, 1.5])) as ArrayRef;
/// let train = RecordBatch::try_from_iter([("age", age), ("half", half)])?;
///
/// let cast = DownCast::new(["age", "half"]).fit(&train)?;
///
/// assert_eq!(cast.data_type("age"), Some(&DataType::Int8));
/// assert_eq!(cast.data_type("half"), Some(&DataType::Float32));
/// // 200 is no Int8, and does not become -56.
/// let age = Arc::new(Int64Array::from(vec![200, 18])) as ArrayRef;
/// let later = RecordBatch::try_from_iter([("age", age), ("half", train.column(1).clone())])?;
/// assert!(cast.transform(&later)?.column(0).is_null(0));
/// # Ok(())
/// # }
/// ```
///
/// [`Action::Coerced`]: alchemy_core::Action::Coerced
/// [`Action::Nulled`]: alchemy_core::Action::Nulled
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DownCast {
    columns: ColumnSelector,
    #[serde(default, skip_serializing_if = "is_default")]
    target: CastTarget,
    #[serde(default, skip_serializing_if = "is_default")]
    tolerance: f64,
    #[serde(default, skip_serializing_if = "is_default")]
    on_failure: OnFailure,
}

impl DownCast {
    /// Casts `columns` to smaller types of their own kind.
    #[must_use]
    pub fn new(columns: impl Into<ColumnSelector>) -> Self {
        Self {
            columns: columns.into(),
            target: CastTarget::default(),
            tolerance: 0.0,
            on_failure: OnFailure::default(),
        }
    }

    /// Which types there are to choose from. Default: [`CastTarget::Smallest`].
    #[must_use]
    pub fn with_target(mut self, target: CastTarget) -> Self {
        self.target = target;
        self
    }

    /// How far a `Float32` may be from the float it stands for, as a share of that (0 to 1); rounding to the nearest costs
    /// up to 2^-24, about 6e-8. Default: 0, the same number.
    #[must_use]
    pub fn with_tolerance(mut self, share: f64) -> Self {
        self.tolerance = share;
        self
    }

    /// What happens to a value that the type does not hold. Default: [`OnFailure::Null`].
    #[must_use]
    pub fn with_on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }
}

impl Fit for DownCast {
    type Fitted = FittedDownCast;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedDownCast> {
        let DownCastAccumulator { columns, empty } = self.accumulator(batch.schema_ref())?;
        let casts = columns.learn(batch, context)?.into_iter().collect();
        Ok(FittedDownCast { casts, ..empty })
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for DownCast {
    type Accumulator = DownCastAccumulator;

    fn accumulator(&self, schema: &Schema) -> Result<DownCastAccumulator> {
        self.target.check()?;
        if !(0.0..=1.0).contains(&self.tolerance) {
            let message = format!("must be between 0 and 1, not {}", self.tolerance);
            return Err(Error::parameter("tolerance", message));
        }
        let names = self.columns.resolve(schema)?;
        let is_fixed = matches!(self.target, CastTarget::Type(_));
        for name in &names {
            let found = schema.field(index_of(schema, name)?).data_type();
            require(is_numeric(found), name, found, "a number")?;
            let native = is_native(found) || !is_fixed;
            require(native, name, found, "an integer, Float32 or Float64")?;
        }
        let learner = |_: &_| Ok(Extent::new(self.target.clone(), self.tolerance));
        Ok(DownCastAccumulator {
            columns: PerColumn::new(schema, names, learner)?,
            empty: FittedDownCast {
                casts: Vec::new(),
                tolerance: self.tolerance,
                on_failure: self.on_failure,
            },
        })
    }
}

/// Gathers what a [`DownCast`] learns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DownCastAccumulator {
    columns: PerColumn<Extent>,
    empty: FittedDownCast,
}

impl Accumulate for DownCastAccumulator {
    type Output = FittedDownCast;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.columns.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.columns.merge(other.columns)
    }

    fn finish(self) -> Result<FittedDownCast> {
        Ok(FittedDownCast {
            casts: self.columns.finish()?.into_iter().collect(),
            ..self.empty
        })
    }
}

/// What a [`DownCast`] learned: a type for each column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedDownCast {
    casts: ByColumn<Cast>,
    tolerance: f64,
    on_failure: OnFailure,
}

/// The types of a column before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Cast {
    #[serde(with = "data_type_text")]
    from: DataType,
    #[serde(with = "data_type_text")]
    to: DataType,
}

impl FittedDownCast {
    /// The type of each column, in the order of selection.
    pub fn data_types(&self) -> impl Iterator<Item = (&str, &DataType)> {
        let casts = self.casts.iter();
        casts.map(|(name, cast)| (name.as_str(), &cast.to))
    }

    /// The type that the column `name` is cast to; `None` if it was not selected.
    #[must_use]
    pub fn data_type(&self, name: &str) -> Option<&DataType> {
        let mut types = self.data_types();
        types.find(|(column, _)| *column == name).map(|(_, to)| to)
    }

    /// What was cast, and the text that is kept of what was not.
    fn cast(
        &self,
        name: &str,
        array: &ArrayRef,
        to: &DataType,
        ledger: &mut Ledger,
    ) -> Result<(ArrayRef, Option<ArrayRef>)> {
        let values = plain(name, array)?;
        let output = in_chunks(values.len(), to, |start, rows| {
            exact_cast(&values.slice(start, rows), to, self.tolerance)
        })?;
        let text = |row: usize| {
            let text = || array_value_to_string(&values, row).unwrap_or_default();
            values.is_valid(row).then(text)
        };
        let reading = Reading {
            column: name,
            cell: text,
            output: &output,
            expected: |_| "a number that the type holds",
        };
        reading.settle(self.on_failure, ledger)?;
        let keep = self.on_failure == OnFailure::Keep;
        let unread = keep.then(|| unread_texts(output.len(), reading.failed()));
        Ok((output, unread))
    }
}

impl Transform for FittedDownCast {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let mut fields = input.fields().to_vec();
        for (name, cast) in &self.casts {
            let place = index_of(input, name)?;
            let field = input.field(place).clone();
            require_learned(name, &cast.from, field.data_type())?;
            if cast.from != cast.to {
                // A loaded step may lie.
                if !(is_native(&cast.from) && is_native(&cast.to)) {
                    let message = format!("{} does not become {}", cast.from, cast.to);
                    return Err(Error::parameter("casts", message));
                }
                let field = field.with_data_type(cast.to.clone());
                fields[place] = Arc::new(field.with_nullable(true));
            }
            self.on_failure
                .append_field(name, DataType::LargeUtf8, &mut fields)?;
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let mut columns = batch.columns().to_vec();
        for (name, cast) in &self.casts {
            if cast.from == cast.to {
                let rows = batch.num_rows();
                columns.extend(self.on_failure.nothing_unread(&DataType::LargeUtf8, rows));
                continue;
            }
            let place = index_of(batch.schema_ref(), name)?;
            let (output, unread) = self.cast(name, &columns[place], &cast.to, ledger)?;
            columns[place] = output;
            columns.extend(unread);
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for FittedDownCast {
    const NAME: &'static str = "alchemy-clean/down_cast";
}

#[cfg(test)]
mod tests;
