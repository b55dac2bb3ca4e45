//! What a step and a model are.
//!
//! A *spec* holds parameters and implements [`Fit`]; fitting it gives another type that holds what was learned and
//! implements [`Transform`] (a step) or [`Predict`] (a model). A spec whose learning merges implements [`FitMerge`] too.
//! [`Step`] and [`Model`] add the name, version and codec under which the fitted type is stored.

use std::fmt::Debug;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::erased::DynFitMerge;
use crate::keyed::Live;
use crate::{Action, Context, Error, Ledger, Result};

/// Rows of one unit of parallel work in a mergeable fit.
const ROWS_PER_TASK: usize = 1 << 16;

/// A spec that learns from a batch.
///
/// Parameters are checked before any data is touched. A type that has nothing to learn is its own fitted type: it
/// implements [`Step`] and `Clone`, and gets this trait for free.
pub trait Fit: Debug + Send + Sync {
    /// What fitting gives.
    type Fitted;

    /// Learns from `batch`; `context` hears of progress and can cancel.
    ///
    /// # Errors
    ///
    /// Invalid parameters, columns that are missing or of the wrong type, nothing to learn from, or
    /// [`Error::Cancelled`].
    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted>;

    /// Learns from `batch`.
    ///
    /// # Errors
    ///
    /// As [`fit_with`](Self::fit_with).
    fn fit(&self, batch: &RecordBatch) -> Result<Self::Fitted> {
        self.fit_with(batch, &Context::new())
    }

    /// Learns from `batch` and transforms it: what training rows should look like to the steps that follow.
    ///
    /// The same as [`fit`](Self::fit) and then [`transform`](Transform::transform), unless a training row must not see
    /// its own target, as in out-of-fold encoding.
    ///
    /// # Errors
    ///
    /// As the two calls.
    fn fit_transform_with(
        &self,
        batch: &RecordBatch,
        context: &Context,
        ledger: &mut Ledger,
    ) -> Result<(Self::Fitted, RecordBatch)>
    where
        Self::Fitted: Transform,
    {
        let fitted = self.fit_with(batch, context)?;
        let transformed = fitted.transform_with(batch, ledger)?;
        Ok((fitted, transformed))
    }

    /// How this spec learns from a stream: not at all, unless it says so. A [`FitMerge`] spec returns
    /// [`Learning::Merge`] of itself.
    fn learning(&self) -> Learning<'_> {
        Learning::WholeTable
    }
}

/// How a spec can learn; see [`Fit::learning`].
#[derive(Debug)]
pub enum Learning<'a> {
    /// There is nothing to learn.
    Nothing,
    /// By merging what parts of the table teach.
    Merge(&'a dyn DynFitMerge),
    /// Only from all rows in one batch.
    WholeTable,
}

/// A fit over rows in any pieces and any order.
pub trait FitMerge: Fit + Sized
where
    Self::Fitted: Step,
{
    /// What gathers the rows.
    type Accumulator: Accumulate<Output = Self::Fitted> + 'static;

    /// An empty accumulator for batches of `schema`.
    ///
    /// # Errors
    ///
    /// Invalid parameters, or columns that are missing or of the wrong type.
    fn accumulator(&self, schema: &Schema) -> Result<Self::Accumulator>;

    /// Learns from a table cut into batches, in parallel on the caller's rayon pool. Cuts and threads do not show in
    /// the result.
    ///
    /// # Errors
    ///
    /// As [`Fit::fit_with`]; [`Error::Empty`] without a batch.
    fn fit_batches(&self, batches: &[RecordBatch], context: &Context) -> Result<Self::Fitted> {
        let first = batches.first().ok_or_else(|| Error::Empty {
            what: "the list of batches".into(),
        })?;
        let schema = first.schema();
        let tasks: Vec<RecordBatch> = batches.iter().flat_map(slices).collect();
        tasks
            .into_par_iter()
            .fold(
                || self.accumulator(&schema),
                |accumulator: Result<Self::Accumulator>, task| {
                    let mut accumulator = accumulator?;
                    context.report("fit", 0, 0)?;
                    accumulator.update(&task)?;
                    Ok(accumulator)
                },
            )
            // The error of the leftmost task that fails, whatever the threads do: no short cut by `try_reduce`.
            .reduce_with(|left, right| {
                let mut left = left?;
                left.merge(right?)?;
                Ok(left)
            })
            .unwrap_or_else(|| self.accumulator(&schema))?
            .finish()
    }

    /// Learns from a stream, one batch at a time.
    ///
    /// # Errors
    ///
    /// As [`Fit::fit_with`], and those of the stream.
    fn fit_reader(
        &self,
        schema: &Schema,
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<Self::Fitted> {
        let mut accumulator = self.accumulator(schema)?;
        for batch in batches {
            accumulator.update(&batch?)?;
        }
        accumulator.finish()
    }
}

/// Gathers what rows teach.
///
/// Law: [`update`](Self::update) and [`merge`](Self::merge) commute and associate, bit for bit, so neither the order of
/// rows nor the cuts between batches nor threads show in what [`finish`](Self::finish) gives.
pub trait Accumulate: Debug + Send + Sync + Sized + Serialize + DeserializeOwned {
    /// What the rows teach.
    type Output;

    /// Takes in the rows of `batch`.
    ///
    /// # Errors
    ///
    /// Columns that are missing or of the wrong type.
    fn update(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Takes in what `other` gathered.
    ///
    /// # Errors
    ///
    /// When the two were made for different columns.
    fn merge(&mut self, other: Self) -> Result<()>;

    /// What was learned.
    ///
    /// # Errors
    ///
    /// [`Error::AllNull`] where there was nothing to learn from.
    fn finish(self) -> Result<Self::Output>;
}

/// A fitted step: as many rows out as in, in the same order.
pub trait Transform: Debug + Send + Sync {
    /// The schema that [`transform`](Self::transform) gives for an input of schema `input`.
    ///
    /// # Errors
    ///
    /// Columns that are missing or of the wrong type.
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef>;

    /// Transforms `batch` and counts what it did in `ledger`.
    ///
    /// # Errors
    ///
    /// Columns that are missing or of the wrong type, and cells that the step was told to refuse.
    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch>;

    /// Transforms `batch`.
    ///
    /// # Errors
    ///
    /// As [`transform_with`](Self::transform_with).
    fn transform(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.transform_with(batch, &mut Ledger::new())
    }

    /// How far a row's output looks: [`Reach::Row`] unless the step says otherwise.
    fn reach(&self) -> Reach {
        Reach::Row
    }
}

/// Which rows the output of a row depends on; see [`Transform::reach`].
#[derive(Debug)]
pub enum Reach {
    /// The row itself.
    Row,
    /// Also rows before it: the machine that carries them from batch to batch.
    Past(Box<dyn Live>),
    /// Also rows after it, so the step works offline only.
    Table,
}

/// A fitted step that can be stored: a name, a version and a codec.
pub trait Step: Transform + Serialize + DeserializeOwned + 'static {
    /// The crate and the step, such as `"alchemy-clean/imputer"`.
    const NAME: &'static str;

    /// Rises when the stored form changes.
    const VERSION: u32 = 1;

    /// Turns a stored state of version `from` into one of [`VERSION`](Self::VERSION).
    ///
    /// # Errors
    ///
    /// [`Error::StepVersion`] unless overridden: no older version is known.
    fn upgrade(from: u32, _state: serde_json::Value) -> Result<serde_json::Value> {
        Err(Error::StepVersion {
            step: Self::NAME.into(),
            found: from,
            supported: Self::VERSION,
        })
    }
}

impl<T: Step + Clone> Fit for T {
    type Fitted = T;

    fn fit_with(&self, batch: &RecordBatch, _context: &Context) -> Result<T> {
        self.output_schema(batch.schema_ref())?;
        Ok(self.clone())
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Nothing
    }
}

/// Chooses the rows that training learns from; see [`Pipeline::training_rows`](crate::Pipeline::training_rows).
pub trait SelectRows: Debug + Send + Sync {
    /// The name in the ledger, such as `"alchemy-clean/duplicates"`.
    fn name(&self) -> &'static str;

    /// Starts a pass over rows in order.
    fn start(&self) -> Box<dyn RowPass>;

    /// The rows of `batch` that are kept; `ledger` counts the others ([`Action::RowDropped`]).
    ///
    /// # Errors
    ///
    /// Columns that are missing or of the wrong type.
    fn select(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        self.start().select(self.name(), batch, ledger)
    }
}

/// A pass of [`SelectRows`] over the batches of one table, in order.
pub trait RowPass: Send {
    /// Whether to keep each row of `batch`: a mask without nulls.
    ///
    /// # Errors
    ///
    /// Columns that are missing or of the wrong type.
    fn keep(&mut self, batch: &RecordBatch) -> Result<BooleanArray>;

    /// The rows of the next `batch` that are kept; `ledger` counts the others under `name` ([`Action::RowDropped`]).
    ///
    /// # Errors
    ///
    /// As [`keep`](Self::keep).
    fn select(
        &mut self,
        name: &str,
        batch: &RecordBatch,
        ledger: &mut Ledger,
    ) -> Result<RecordBatch> {
        let mask = self.keep(batch)?;
        let rows = batch.num_rows();
        let dropped = rows - mask.true_count();
        let kept = if dropped == 0 {
            batch.clone()
        } else {
            filter_record_batch(batch, &mask)?
        };
        ledger.enter(name);
        ledger.record("", Action::RowDropped, dropped, rows);
        ledger.record_rows(rows, kept.num_rows());
        Ok(kept)
    }
}

/// A fitted model.
pub trait Predict: Debug + Send + Sync {
    /// The columns read, by name; others are ignored.
    fn features(&self) -> &[String];

    /// One prediction per row: `Float64` for a regressor, a class of the target's own type for a classifier.
    ///
    /// # Errors
    ///
    /// Features that are missing or of the wrong type.
    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef>;

    /// The model as a classifier, if it is one.
    fn as_classifier(&self) -> Option<&dyn Classify> {
        None
    }
}

/// A fitted classifier.
pub trait Classify: Predict {
    /// The classes in ascending order, in the target's own type.
    fn classes(&self) -> &ArrayRef;

    /// The probability of each class: one `Float64` column per class, named by the class, in the order of
    /// [`classes`](Self::classes). Each row sums to 1.
    ///
    /// # Errors
    ///
    /// Features that are missing or of the wrong type.
    fn predict_proba(&self, batch: &RecordBatch) -> Result<RecordBatch>;
}

/// A fitted model that can be stored.
pub trait Model: Predict + Serialize + DeserializeOwned + 'static {
    /// The crate and the model, such as `"alchemy-models/random_forest_classifier"`.
    const NAME: &'static str;

    /// Rises when the stored form changes.
    const VERSION: u32 = 1;
}

fn slices(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + '_ {
    let starts = (0..batch.num_rows().max(1)).step_by(ROWS_PER_TASK);
    starts.map(|start| batch.slice(start, ROWS_PER_TASK.min(batch.num_rows() - start)))
}
