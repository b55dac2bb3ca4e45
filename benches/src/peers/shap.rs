//! The task `shap`: SHAP values of rows of the test table, by the model of `gbdt_clf`.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::NumericColumn;
use alchemy_models::{FittedGradientBoostingClassifier, ShapValues};
use serde::Serialize;

use crate::Result;
use crate::harness::{Context, Job};
use crate::models::churn_classifier;

const ROWS: usize = 10_000;

/// A trained model and the rows to explain.
pub(crate) struct Shap {
    model: FittedGradientBoostingClassifier,
    rows: RecordBatch,
}

#[derive(Serialize)]
pub(crate) struct Explained {
    rows: usize,
    /// The largest gap between a row's sum and its margin.
    additivity_gap: f64,
    /// The column of the largest mean of absolute values.
    strongest: Option<usize>,
}

impl Shap {
    pub(crate) fn load(context: &mut Context) -> Result<Self> {
        let (model, test) = churn_classifier(context)?;
        let rows = test.slice(0, ROWS.min(test.num_rows()));
        Ok(Self { model, rows })
    }
}

impl Job for Shap {
    type Output = ShapValues;
    type Figures = Explained;

    fn run(&self) -> Result<ShapValues> {
        Ok(self.model.shap(&self.rows)?)
    }

    fn check(&self, shap: &ShapValues) -> Result<Explained> {
        let raw = self.model.predict_raw(&self.rows)?;
        let margins = NumericColumn::new("margin", raw.column(0))?.view().to_vec();
        let base = shap.base(0).unwrap_or(f64::NAN);
        let mut gaps: Vec<f64> = margins.iter().map(|margin| base - margin).collect();
        for feature in 0..shap.features().len() {
            let values = shap.values(0, feature).into_iter().flatten();
            gaps.iter_mut()
                .zip(values)
                .for_each(|(gap, value)| *gap += value);
        }
        let means = shap.mean_absolute(0).unwrap_or_default();
        let order = |a: &usize, b: &usize| means[*a].total_cmp(&means[*b]);
        Ok(Explained {
            rows: shap.num_rows(),
            additivity_gap: gaps.iter().fold(0.0, |most, gap| gap.abs().max(most)),
            strongest: (0..means.len()).max_by(order),
        })
    }
}
