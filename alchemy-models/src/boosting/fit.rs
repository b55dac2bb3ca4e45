//! From batches to a boosted ensemble: what classifier and regressor share.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::is_text;
use alchemy_core::{Context, Error, Result};

use super::ensemble::Ensemble;
use super::loss::Loss;
use super::params::Params;
use super::train::{Part, train};
use crate::binning::Binner;
use crate::dataset::{Columns, Resolved, open, weights};
use crate::table::Table;

/// What a fit is asked to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) params: &'a Params,
    pub(super) columns: &'a Columns,
    pub(super) train: &'a [RecordBatch],
    pub(super) valid: Option<&'a RecordBatch>,
    pub(super) context: &'a Context,
}

/// The training data, opened.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    request: Request<'a>,
    pub(super) train: Table<'a>,
    pub(super) valid: Option<Table<'a>>,
    resolved: Resolved,
}

impl<'a> Request<'a> {
    /// Checks the parameters and finds the columns.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`], and those of [`open`].
    pub(super) fn open(self) -> Result<Opened<'a>> {
        self.params.check()?;
        if self.params.early_stopping_rounds.is_some() && self.valid.is_none() {
            let message = "needs a validation part: call fit_validated";
            return Err(Error::parameter("early_stopping_rounds", message));
        }
        let (train, resolved) = open(self.train, self.columns)?;
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
        })
    }
}

impl Opened<'_> {
    pub(super) fn target(&self) -> &str {
        &self.resolved.target
    }

    /// Bins the features and boosts; the targets are those of [`train`](Self::train) and [`valid`](Self::valid).
    pub(super) fn boost(
        self,
        loss: &dyn Loss,
        targets: Vec<f64>,
        valid_targets: Option<Vec<f64>>,
    ) -> Result<Ensemble> {
        let Self {
            request,
            train: table,
            valid,
            resolved,
        } = self;
        let read_weights = |table| {
            resolved
                .weight
                .as_ref()
                .map(|name| weights(table, name))
                .transpose()
        };
        let weights = read_weights(table)?;
        let binner = Binner::learn_with_categories(
            table,
            resolved.features.clone(),
            &categorical(request)?,
            weights.as_deref(),
            request.params.max_bins,
        )?;
        let part = Part {
            matrix: binner.bin(table)?,
            targets,
            weights,
        };
        let valid = match (valid, valid_targets) {
            (Some(table), Some(targets)) => Some(Part {
                matrix: binner.bin(table)?,
                targets,
                weights: read_weights(table)?,
            }),
            _ => None,
        };
        let ensemble = train(
            request.params,
            loss,
            binner,
            &part,
            valid.as_ref(),
            request.context,
        )?;
        if ensemble.is_finite() {
            return Ok(ensemble);
        }
        let message = format!(
            "is {}: the values of leaves grow beyond all numbers",
            request.params.learning_rate
        );
        Err(Error::parameter("learning_rate", message))
    }
}

/// The columns that are categories, if they are features.
///
/// # Errors
///
/// Those of a name that does not stand for one column.
fn categorical(request: Request<'_>) -> Result<Vec<String>> {
    let schema = request.train[0].schema_ref();
    match &request.params.categorical {
        Some(selector) => selector.resolve(schema),
        None => Ok(schema
            .fields()
            .iter()
            .filter(|field| is_text(field.data_type()))
            .map(|field| field.name().clone())
            .collect()),
    }
}
