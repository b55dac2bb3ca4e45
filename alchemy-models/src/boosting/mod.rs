//! Gradient boosting.

mod classifier;
mod constraints;
mod ensemble;
mod fit;
mod loss;
mod params;
mod regressor;
mod sampling;
mod train;

pub use classifier::{FittedGradientBoostingClassifier, GradientBoostingClassifier};
pub use regressor::{FittedGradientBoostingRegressor, GradientBoostingRegressor};
