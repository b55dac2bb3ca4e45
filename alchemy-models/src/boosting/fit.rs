//! From batches to a boosted ensemble: what classifier and regressor share.

use std::fmt::Debug;

use alchemy_core::arrow::array::{RecordBatch, RecordBatchReader};
use alchemy_core::arrow::datatypes::Schema;
use alchemy_core::column::is_text;
use alchemy_core::{Context, Error, Result};

use super::ensemble::Ensemble;
use super::judge::Judge;
use super::link::Link;
use super::loss::Loss;
use super::offsets;
use super::params::Params;
use super::train::{Job, Part};
use crate::binning::{BinnedMatrix, Binner};
use crate::dataset::{Columns, Resolved, weights};
use crate::stream::{Binned, Data, Reading};
use crate::table::Table;

/// The largest product of a weight and the magnitude of a target.
const LARGEST_PRODUCT: f64 = 1e38;

/// What a fit is asked to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) params: &'a Params,
    pub(super) columns: &'a Columns,
    pub(super) valid: Option<&'a RecordBatch>,
    pub(super) context: &'a Context,
    pub(super) previous: Option<&'a Ensemble>,
}

/// The training data, opened.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    request: Request<'a>,
    pub(super) train: Table<'a>,
    pub(super) valid: Option<Table<'a>>,
    resolved: Resolved,
    /// The features of [`train`](Self::train), if they are bins already.
    binned: Option<Binned>,
}

impl<'a> Request<'a> {
    /// Checks the parameters and finds the columns.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`], and those of [`Data::open`].
    pub(super) fn open(self, train: Data<'a>) -> Result<Opened<'a>> {
        self.check()?;
        let (train, resolved, binned) = train.open(self.columns)?;
        let valid = self
            .valid
            .map(|batch| Table::new(std::slice::from_ref(batch)));
        if valid.is_some_and(|valid| valid.num_rows() == 0) {
            return Err(Error::Empty {
                what: "the validation part".into(),
            });
        }
        Ok(Opened {
            request: self,
            train,
            valid,
            resolved,
            binned,
        })
    }

    fn check(&self) -> Result<()> {
        self.params.check()?;
        if self.params.early_stopping_rounds.is_some() && self.valid.is_none() {
            let message = "needs a validation part: call fit_validated";
            return Err(Error::parameter("early_stopping_rounds", message));
        }
        Ok(())
    }

    /// Reads what `open` gives twice; `offsets` are columns of offsets.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`], and those of [`Reading::read`].
    pub(super) fn read<R: RecordBatchReader>(
        &self,
        open: impl Fn() -> Result<R>,
        offsets: Vec<&str>,
    ) -> Result<(Vec<RecordBatch>, Binned)> {
        self.check()?;
        let reading = Reading {
            columns: self.columns,
            offsets,
            categorical: &|schema| categorical(self.params, schema),
            max_bins: self.params.max_bins,
            binner: self.previous.map(Ensemble::binner),
            context: self.context,
        };
        reading.read(open)
    }
}

/// What the rows of one part are to teach, or to be judged by.
#[derive(Debug)]
pub(super) struct Labels {
    /// For classes the code.
    pub(super) targets: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
}

/// What a fit minimises and how its rounds are judged.
#[derive(Clone, Copy)]
pub(super) struct Goal<'a> {
    pub(super) loss: &'a dyn Loss,
    pub(super) judge: &'a dyn Judge,
    pub(super) link: Link,
    /// The column of offsets of each output, or none.
    pub(super) offsets: &'a [String],
}

impl Opened<'_> {
    pub(super) fn target(&self) -> &str {
        &self.resolved.target
    }

    /// The weights of the rows of `table`, if a column holds them.
    ///
    /// # Errors
    ///
    /// As [`weights`].
    pub(super) fn weights(&self, table: Table<'_>) -> Result<Option<Vec<f64>>> {
        let name = self.resolved.weight.as_ref();
        name.map(|name| weights(table, name)).transpose()
    }

    /// Bins the features and boosts; labels are those of [`train`](Self::train) and [`valid`](Self::valid).
    pub(super) fn boost(
        mut self,
        goal: Goal<'_>,
        labels: Labels,
        valid_labels: Option<Labels>,
    ) -> Result<Ensemble> {
        let request = self.request;
        if let Some(previous) = request.previous {
            self.check_features(previous)?;
        }
        let (binner, matrix) = match (self.binned.take(), request.previous) {
            (Some(binned), _) => (binned.binner, Some(binned.matrix)),
            (None, Some(previous)) => (previous.binner().clone(), None),
            (None, None) => (self.learn_bins()?, None),
        };
        let part =
            |table: Table<'_>, labels: Labels, matrix: Option<BinnedMatrix>| -> Result<Part> {
                self.check_products(&labels)?;
                Ok(Part {
                    offsets: offsets::read(table, goal.offsets, goal.link.largest_offset())?,
                    matrix: matrix.map_or_else(|| binner.bin(table), Ok)?,
                    targets: labels.targets,
                    weights: labels.weights,
                })
            };
        let train = part(self.train, labels, matrix)?;
        let valid = match (self.valid, valid_labels) {
            (Some(table), Some(labels)) => Some(part(table, labels, None)?),
            _ => None,
        };
        let job = Job {
            params: request.params,
            loss: goal.loss,
            judge: goal.judge,
            part: &train,
            valid: valid.as_ref(),
            previous: request.previous,
            context: request.context,
        };
        let ensemble = job.run(binner)?;
        if ensemble.is_bounded() {
            return Ok(ensemble);
        }
        let message = format!(
            "is {}: the values of leaves grow beyond all numbers",
            request.params.learning_rate
        );
        Err(Error::parameter("learning_rate", message))
    }

    /// Bins depend on the weights of rows, not on those of classes, which a reader of batches does not know yet.
    fn learn_bins(&self) -> Result<Binner> {
        let Request { params, .. } = self.request;
        Binner::learn_with_categories(
            self.train,
            self.resolved.features.clone(),
            &categorical(params, self.train.schema())?,
            self.weights(self.train)?.as_deref(),
            params.max_bins,
        )
    }

    /// # Errors
    ///
    /// [`Error::InvalidValue`] for a weight that makes some target too large: derivatives are single floats.
    fn check_products(&self, labels: &Labels) -> Result<()> {
        let (Some(name), Some(weights)) = (&self.resolved.weight, &labels.weights) else {
            return Ok(());
        };
        let largest = labels
            .targets
            .iter()
            .fold(0.0, |largest: f64, target| largest.max(target.abs()));
        match weights
            .iter()
            .position(|weight| weight * largest > LARGEST_PRODUCT)
        {
            None => Ok(()),
            Some(row) => {
                let weight = weights[row].to_string();
                let expected =
                    format!("a weight whose product with the target {largest:e} is up to 1e38");
                Err(Error::value(name, row as u64, &weight, expected))
            }
        }
    }

    /// # Errors
    ///
    /// [`Error::InvalidParameter`] if `previous` learned from other features.
    fn check_features(&self, previous: &Ensemble) -> Result<()> {
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            names
        };
        let [found, expected] = [&self.resolved.features, previous.features()].map(sorted);
        if found == expected {
            return Ok(());
        }
        let message = format!("has the features {expected:?}, and here they are {found:?}");
        Err(Error::parameter("previous", message))
    }
}

/// # Errors
///
/// [`Error::InvalidParameter`] naming `what`, which must be as in the previous model, if it is not.
pub(super) fn check_same<T: PartialEq + Debug>(what: &str, previous: &T, here: &T) -> Result<()> {
    if previous == here {
        return Ok(());
    }
    let message = format!("has the {what} {previous:?}, and here it is {here:?}");
    Err(Error::parameter("previous", message))
}

/// The columns that are categories, if they are features.
///
/// # Errors
///
/// Those of a name that does not stand for one column.
fn categorical(params: &Params, schema: &Schema) -> Result<Vec<String>> {
    match &params.categorical {
        Some(selector) => selector.resolve(schema),
        None => Ok(schema
            .fields()
            .iter()
            .filter(|field| is_text(field.data_type()))
            .map(|field| field.name().clone())
            .collect()),
    }
}
