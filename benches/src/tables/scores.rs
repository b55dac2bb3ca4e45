//! How well a model predicts a table.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::{NumericColumn, TextColumn, by_name};
use alchemy_core::{Classify, Predict};
use alchemy_models::metrics::{log_loss, rmse, roc_auc};
use serde::Serialize;

use crate::{Result, TARGET};

/// Metrics of a test table.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Scores {
    Numbers {
        rmse: Option<f64>,
    },
    TwoClasses {
        log_loss: Option<f64>,
        auc: Option<f64>,
    },
    Classes {
        log_loss: Option<f64>,
    },
}

impl Scores {
    pub(crate) fn of_numbers(model: &impl Predict, test: &RecordBatch) -> Result<Self> {
        let truth = NumericColumn::new(TARGET, by_name(test, TARGET)?)?
            .view()
            .to_vec();
        let predicted = model.predict(test)?;
        let predicted = NumericColumn::new("prediction", &predicted)?
            .view()
            .to_vec();
        Ok(Self::Numbers {
            rmse: rmse(&truth, &predicted, None)?,
        })
    }

    /// The log loss judges the probability of the class that came true.
    pub(crate) fn of_classes(model: &impl Classify, test: &RecordBatch) -> Result<Self> {
        let shares = model.predict_proba(test)?;
        let truth = TextColumn::new(TARGET, by_name(test, TARGET)?)?;
        let shares = shares
            .columns()
            .iter()
            .map(|share| Ok(NumericColumn::new("share", share)?.view().to_vec()));
        let shares = shares.collect::<Result<Vec<_>>>()?;
        let classes = model.classes();
        let classes = TextColumn::new("classes", classes)?;
        let code = |row| (0..classes.len()).find(|code| classes.get(*code) == truth.get(row));
        let codes = (0..truth.len()).map(|row| code(row).ok_or("a class that training never saw"));
        let codes = codes.collect::<Result<Vec<_>, _>>()?;
        let of_truth: Vec<f64> = codes
            .iter()
            .enumerate()
            .map(|(row, code)| shares[*code][row])
            .collect();
        let log_loss = log_loss(&vec![true; of_truth.len()], &of_truth, None)?;
        if let [_, second] = shares.as_slice() {
            let labels: Vec<bool> = codes.iter().map(|code| *code == 1).collect();
            Ok(Self::TwoClasses {
                log_loss,
                auc: roc_auc(&labels, second, None)?,
            })
        } else {
            Ok(Self::Classes { log_loss })
        }
    }
}
