//! Random forests.

mod bag;
mod class_shares;
mod classifier;
mod column;
mod ensemble;
mod fit;
mod grow;
mod mean;
mod outcome;
mod params;
mod regressor;

pub use classifier::{FittedRandomForestClassifier, RandomForestClassifier};
pub use params::MaxFeatures;
pub use regressor::{FittedRandomForestRegressor, RandomForestRegressor};
