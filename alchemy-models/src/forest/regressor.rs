//! A random forest for a number.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Context, Fit, Model, Predict, Result};
use serde::{Deserialize, Serialize};

use super::ensemble::Ensemble;
use super::fit::Prepared;
use super::mean::Mean;
use super::params::{MaxFeatures, Params, forest_setters};
use crate::dataset::{Columns, column_setters, numeric_target};
use crate::importance::Importance;
use crate::sum::weighted_mean;
use crate::tree::gradient::{Pair, Rounded, Spread};

/// Learns to predict a number by averaging trees, each grown on rows drawn at random.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomForestRegressor {
    columns: Columns,
    params: Params,
}

impl RandomForestRegressor {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: Columns::default(),
            params: Params::new(MaxFeatures::All),
        }
    }

    /// How many features are tried for each split. Default: [`MaxFeatures::All`].
    #[must_use]
    pub fn with_max_features(mut self, max_features: MaxFeatures) -> Self {
        self.params.max_features = max_features;
        self
    }

    column_setters!();
    forest_setters!();
}

impl Default for RandomForestRegressor {
    fn default() -> Self {
        Self::new()
    }
}

impl Fit for RandomForestRegressor {
    type Fitted = FittedRandomForestRegressor;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        let (prepared, targets) =
            Prepared::new(&self.params, &self.columns, batch, numeric_target)?;
        let mean = weighted_mean(&targets, prepared.weights());
        let ensemble = prepared.forest(1, context, |prepared, tree, bag| {
            let targets: Vec<f64> = bag.rows.iter().map(|row| targets[*row as usize]).collect();
            let pair = |(target, weight): (&f64, &f64)| {
                [(weight * (target - mean)) as f32, *weight as f32]
            };
            let pairs: Vec<Pair> = targets.iter().zip(&bag.weights).map(pair).collect();
            let (targets, weights) = (&targets, &bag.weights);
            match Rounded::new(&pairs, &Spread::of(&pairs), None) {
                Rounded::Packed(cells, scale) => prepared.tree(
                    tree,
                    bag,
                    Mean {
                        targets,
                        weights,
                        cells,
                        scale,
                    },
                ),
                Rounded::Wide(cells, scale) => prepared.tree(
                    tree,
                    bag,
                    Mean {
                        targets,
                        weights,
                        cells,
                        scale,
                    },
                ),
            }
        })?;
        Ok(FittedRandomForestRegressor { ensemble })
    }
}

/// A fitted [`RandomForestRegressor`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedRandomForestRegressor {
    ensemble: Ensemble,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
}

impl TryFrom<Stored> for FittedRandomForestRegressor {
    type Error = &'static str;

    fn try_from(Stored { ensemble }: Stored) -> Result<Self, &'static str> {
        if ensemble.outputs() == 1 {
            Ok(Self { ensemble })
        } else {
            Err("a regression has more than one output")
        }
    }
}

impl FittedRandomForestRegressor {
    /// How many trees the forest has.
    #[must_use]
    pub fn num_trees(&self) -> usize {
        self.ensemble.num_trees()
    }

    /// How much each feature took part in the splits, in the order of the features.
    #[must_use]
    pub fn importance(&self) -> Vec<Importance> {
        self.ensemble.importance()
    }
}

impl Predict for FittedRandomForestRegressor {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let means = self.ensemble.means(batch)?.swap_remove(0);
        Ok(Arc::new(Float64Array::from(means)))
    }
}

impl Model for FittedRandomForestRegressor {
    const NAME: &'static str = "alchemy-models/random_forest_regressor";
}
