//! Columns with too little in them.

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::missing_count;
use alchemy_core::{
    Accumulate, Action, ColumnSelector, Context, Error, Fit, FitMerge, Learning, Ledger, Result,
    Step, Transform,
};
use serde::{Deserialize, Serialize};

use crate::per_column::{Learned, Learner, PerColumn};

/// Learns which columns have hardly a value in training, and drops them.
///
/// A column is dropped if the share of its cells that are missing (null or NaN) in training is larger than
/// [`with_max_missing`](Self::with_max_missing), or if all of them are. What is dropped then is dropped for good,
/// whatever later batches hold; a later batch may lack it. Columns of any type can be selected.
///
/// pandas' `dropna(axis=1, thresh=t)` of `n` rows is a share of `1 - t / n`.
///
/// Fitting counts, in parallel over columns, and merges over pieces. It costs about 1 ns a row and column.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] if the share is not between 0 and 1.
/// - [`Error::ColumnNotFound`] if a column selected by name is not in the schema.
/// - [`Error::Empty`] if there is no row to learn from.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Action, Fit, Ledger, NullColumnDropper, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// let x = Arc::new(Float64Array::from(vec![Some(1.0), None])) as ArrayRef;
/// let empty = Arc::new(Float64Array::from(vec![None, Some(f64::NAN)])) as ArrayRef;
/// let train = RecordBatch::try_from_iter([("x", x), ("empty", empty)])?;
///
/// let dropper = NullColumnDropper::new().fit(&train)?;
/// assert_eq!(dropper.dropped().collect::<Vec<_>>(), ["empty"]);
///
/// let mut ledger = Ledger::new();
/// assert_eq!(dropper.transform_with(&train, &mut ledger)?.num_columns(), 1);
/// assert_eq!(ledger.count("empty", Action::ColumnDropped), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NullColumnDropper {
    columns: ColumnSelector,
    max_missing: f64,
}

impl Default for NullColumnDropper {
    fn default() -> Self {
        Self {
            columns: ColumnSelector::all(),
            max_missing: 1.0,
        }
    }
}

impl NullColumnDropper {
    /// Drops features without any value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The columns that may be dropped. Default: every feature.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = columns.into();
        self
    }

    /// The largest share of missing cells (0 to 1) that a column may have and stay; one without any value never stays.
    /// Default: 1.
    #[must_use]
    pub fn with_max_missing(mut self, share: f64) -> Self {
        self.max_missing = share;
        self
    }
}

impl Fit for NullColumnDropper {
    type Fitted = FittedNullColumnDropper;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedNullColumnDropper> {
        let NullColumnDropperAccumulator(columns) = self.accumulator(batch.schema_ref())?;
        Ok(FittedNullColumnDropper::new(columns.learn(batch, context)?))
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for NullColumnDropper {
    type Accumulator = NullColumnDropperAccumulator;

    fn accumulator(&self, schema: &Schema) -> Result<NullColumnDropperAccumulator> {
        if !(0.0..=1.0).contains(&self.max_missing) {
            let message = format!("must be between 0 and 1, not {}", self.max_missing);
            return Err(Error::parameter("max_missing", message));
        }
        let learner = |_: &_| {
            Ok(Missing {
                missing: 0,
                rows: 0,
                max_missing: self.max_missing,
            })
        };
        let names = self.columns.resolve(schema)?;
        Ok(NullColumnDropperAccumulator(PerColumn::new(
            schema, names, learner,
        )?))
    }
}

/// Gathers what a [`NullColumnDropper`] learns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NullColumnDropperAccumulator(PerColumn<Missing>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Missing {
    missing: u64,
    rows: u64,
    max_missing: f64,
}

impl Learner for Missing {
    /// Whether to drop the column.
    type Learned = bool;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        self.missing += missing_count(column, array)? as u64;
        self.rows += array.len() as u64;
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.missing += other.missing;
        self.rows += other.rows;
        Ok(())
    }

    fn finish(self, _column: &str, _data_type: &DataType) -> Result<bool> {
        if self.rows == 0 {
            return Err(Error::Empty {
                what: "the training data".into(),
            });
        }
        // A share of the rows, not rows by a share: 29 of 100 are 0.29, but 0.29 of 100 are less than 29.
        let share = self.missing as f64 / self.rows as f64;
        Ok(self.missing == self.rows || share > self.max_missing)
    }
}

impl Accumulate for NullColumnDropperAccumulator {
    type Output = FittedNullColumnDropper;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.0.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(other.0)
    }

    fn finish(self) -> Result<FittedNullColumnDropper> {
        self.0.finish().map(FittedNullColumnDropper::new)
    }
}

/// What a [`NullColumnDropper`] learned: the columns to drop.
///
/// The ledger counts every cell of a dropped column ([`Action::ColumnDropped`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedNullColumnDropper {
    dropped: Vec<String>,
}

impl FittedNullColumnDropper {
    fn new(columns: Learned<bool>) -> Self {
        let dropped = columns.into_iter().filter(|(_, drop)| *drop);
        Self {
            dropped: dropped.map(|(name, _)| name).collect(),
        }
    }

    /// The columns to drop, in the order of selection.
    pub fn dropped(&self) -> impl Iterator<Item = &str> {
        self.dropped.iter().map(String::as_str)
    }

    fn kept(&self, input: &Schema) -> Vec<usize> {
        let keep = |index: &usize| !self.dropped.contains(input.field(*index).name());
        (0..input.fields().len()).filter(keep).collect()
    }
}

impl Transform for FittedNullColumnDropper {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        Ok(Arc::new(input.project(&self.kept(input))?))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        for name in self
            .dropped()
            .filter(|name| batch.column_by_name(name).is_some())
        {
            ledger.record(name, Action::ColumnDropped, rows, rows);
        }
        Ok(batch.project(&self.kept(batch.schema_ref()))?)
    }
}

impl Step for FittedNullColumnDropper {
    const NAME: &'static str = "alchemy-clean/null_column_dropper";
}

#[cfg(test)]
mod tests {
    use alchemy_core::arrow::array::new_null_array;
    use alchemy_core::arrow::array::{Float64Array, StringArray};

    use super::*;

    fn batch() -> RecordBatch {
        let half = Arc::new(Float64Array::from(vec![Some(1.0), None])) as ArrayRef;
        let full = Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef;
        let none = new_null_array(&DataType::Null, 2);
        RecordBatch::try_from_iter([("half", half), ("full", full), ("none", none)]).unwrap()
    }

    fn dropped(share: f64) -> Vec<String> {
        let fitted = NullColumnDropper::new()
            .with_max_missing(share)
            .fit(&batch())
            .unwrap();
        fitted.dropped().map(str::to_owned).collect()
    }

    #[test]
    fn a_share_may_be_reached_and_a_column_without_values_never_stays() {
        assert_eq!(dropped(1.0), ["none"]);
        assert_eq!(dropped(0.5), ["none"]);
        assert_eq!(dropped(0.499), ["half", "none"]);
        assert_eq!(dropped(0.0), ["half", "none"]);
        assert!(
            NullColumnDropper::new()
                .with_max_missing(1.1)
                .fit(&batch())
                .is_err()
        );
    }

    #[test]
    fn a_share_of_rows_is_not_rounded_against_the_limit() {
        let column: Float64Array = (0..100).map(|row| (row >= 29).then_some(1.0)).collect();
        let batch = RecordBatch::try_from_iter([("x", Arc::new(column) as ArrayRef)]).unwrap();
        let spec = NullColumnDropper::new().with_max_missing(0.29);
        assert_eq!(spec.fit(&batch).unwrap().dropped().count(), 0);
        let spec: NullColumnDropper = serde_json::from_str(r#"{"max_missing":0.28}"#).unwrap();
        assert_eq!(spec.fit(&batch).unwrap().dropped().count(), 1);
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(json, r#"{"columns":"all","max_missing":0.28}"#);
    }

    #[test]
    fn without_a_column_left_the_rows_are_still_counted() {
        let nulls = batch().project(&[2]).unwrap();
        let out = NullColumnDropper::new()
            .fit(&nulls)
            .unwrap()
            .transform(&nulls)
            .unwrap();
        assert_eq!((out.num_rows(), out.num_columns()), (2, 0));
    }

    #[test]
    fn no_row_teaches_nothing() {
        let error = NullColumnDropper::new()
            .fit(&batch().slice(0, 0))
            .unwrap_err();
        assert!(matches!(error, Error::Empty { .. }), "{error}");
    }
}
