//! Gradient boosting.

mod classifier;
mod ensemble;
mod fit;
mod goss;
mod loss;
mod params;
mod regressor;
mod sampling;
mod train;

pub use classifier::{FittedGradientBoostingClassifier, GradientBoostingClassifier};
pub use regressor::{FittedGradientBoostingRegressor, GradientBoostingRegressor};
