//! Random forests.

mod bag;
mod bins;
mod class_shares;
mod class_weight;
mod classifier;
mod cut;
mod ensemble;
mod extra_trees;
mod fit;
mod fits;
mod grow;
mod leaf_rows;
mod learn_classes;
mod learn_numbers;
mod mean;
mod oob;
mod outcome;
mod params;
mod quantile;
mod regressor;
mod search;
mod sums;

pub use classifier::{FittedRandomForestClassifier, RandomForestClassifier};
pub use extra_trees::{ExtraTreesClassifier, ExtraTreesRegressor};
pub use params::MaxFeatures;
pub use quantile::{FittedQuantileForestRegressor, QuantileForestRegressor};
pub use regressor::{FittedRandomForestRegressor, RandomForestRegressor};
