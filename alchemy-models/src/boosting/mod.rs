//! Gradient boosting.

mod check;
mod classifier;
mod constraints;
mod custom;
mod ensemble;
mod fit;
mod fits;
mod goss;
mod judge;
mod link;
mod loss;
mod objective;
mod offsets;
mod options;
mod params;
mod quantile;
mod refit;
mod regressor;
mod sampling;
mod train;
mod validation;

pub use classifier::{FittedGradientBoostingClassifier, GradientBoostingClassifier};
pub use custom::{CustomMetric, CustomObjective};
pub use judge::{ClassifierMetric, RegressorMetric};
pub use objective::Objective;
pub use options::FitOptions;
pub use regressor::{FittedGradientBoostingRegressor, GradientBoostingRegressor};
