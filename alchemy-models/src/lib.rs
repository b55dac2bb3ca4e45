#![doc = include_str!("../README.md")]

mod artifact;
mod binning;
mod boosting;
mod class_weight;
mod classes;
mod dataset;
mod domain;
mod explain;
mod forest;
mod importance;
mod isolation;
mod math;
pub mod metrics;
mod predict;
mod scorer;
mod split;
mod stream;
mod sum;
mod table;
mod tree;

pub use artifact::{Artifact, Models, StoredModel};
pub use boosting::{
    ClassifierMetric, CustomMetric, CustomObjective, FitOptions, FittedGradientBoostingClassifier,
    FittedGradientBoostingRegressor, GradientBoostingClassifier, GradientBoostingRegressor,
    Objective, RegressorMetric,
};
pub use class_weight::ClassWeight;
pub use explain::{
    PermutationImportance, PermutedFeature, ShapExplainer, ShapInteractions, ShapValues,
};
pub use forest::{
    ExtraTreesClassifier, ExtraTreesRegressor, FittedQuantileForestRegressor,
    FittedRandomForestClassifier, FittedRandomForestRegressor, MaxFeatures,
    QuantileForestRegressor, RandomForestClassifier, RandomForestRegressor,
};
pub use importance::Importance;
pub use isolation::{FittedIsolationForest, IsolationForest};
pub use predict::RowScratch;
pub use scorer::{LiveScorer, Scored, Scorer};
pub use split::{Gap, RandomSplit, Split, SplitRows, TimeSplit};
pub use tree::growth::Growth;
pub use tree::monotone::Monotone;

/// The models of this crate, for [`Artifact::load`].
#[must_use]
pub fn models() -> Models {
    Models::new()
        .with::<FittedGradientBoostingClassifier>()
        .with::<FittedGradientBoostingRegressor>()
        .with::<FittedRandomForestClassifier>()
        .with::<FittedRandomForestRegressor>()
        .with::<FittedQuantileForestRegressor>()
        .with::<FittedIsolationForest>()
}
