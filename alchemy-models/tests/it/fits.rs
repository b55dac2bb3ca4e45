//! Every model with parameters that draw at random wherever they can.

use alchemy_core::Context;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::NumericColumn;
use alchemy_models::{
    ClassWeight, ExtraTreesClassifier, FitOptions, GradientBoostingClassifier,
    GradientBoostingRegressor, Growth, IsolationForest, MaxFeatures, Monotone, Objective,
    QuantileForestRegressor, RandomForestClassifier, RandomForestRegressor,
};

use crate::learners::{bytes, classifier, regressor};
use crate::tables::FEATURES;

/// The bytes of what is learned from a table in several batches.
pub(crate) type FitBatches = fn(&[RecordBatch]) -> Vec<u8>;

/// A [`FitBatches`] of the spec given.
macro_rules! fit {
    ($spec:expr) => {
        |batches| bytes(&$spec.fit_batches(batches, &Context::new()).unwrap())
    };
}

/// The models by name; their hashes are kept in this order.
pub(crate) const FITS: &[(&str, FitBatches)] = &[
    (
        "regressor",
        fit!(
            regressor()
                .with_num_rounds(6)
                .with_subsample(0.7)
                .with_colsample(0.7)
        ),
    ),
    (
        "weighted classifier",
        fit!(
            classifier()
                .with_num_rounds(6)
                .with_weight("weight")
                .with_l2(1.0)
        ),
    ),
    (
        "quantiles over offsets",
        fit!(
            regressor()
                .with_objective(Objective::Quantile(0.7))
                .with_offset("small")
                .with_weight("weight")
                .with_num_rounds(4)
                .with_subsample(0.7)
        ),
    ),
    (
        "multiclass by gradients",
        fit!(
            GradientBoostingClassifier::new()
                .with_target("small")
                .with_features(["normal", "y"])
                .with_num_rounds(4)
                .with_learning_rate(0.5)
                .with_goss(0.2, 0.1)
        ),
    ),
    (
        "medians",
        fit!(
            regressor()
                .with_objective(Objective::Absolute)
                .with_num_rounds(4)
        ),
    ),
    ("a rate, continued", |batches| {
        let spec = GradientBoostingRegressor::new()
            .with_target("small")
            .with_features(["normal", "y"])
            .with_objective(Objective::Poisson)
            .with_num_rounds(3);
        let first = spec.fit_batches(batches, &Context::new()).unwrap();
        let options = FitOptions::new().with_previous(&first);
        bytes(&spec.fit_options(batches, options).unwrap())
    }),
    (
        "classes over offsets",
        fit!(
            classifier()
                .with_class_weight(ClassWeight::Balanced)
                .with_offset("small")
                .with_num_rounds(3)
        ),
    ),
    ("several classes over offsets", |batches| {
        let small = batches.iter().flat_map(|batch| {
            let column = NumericColumn::new("small", &batch["small"]).unwrap();
            column.view().to_vec()
        });
        let last = small.fold(0.0, f64::max);
        let classes = (0..10).filter(|class| f64::from(*class) <= last);
        let column = |class: u32| {
            if class.is_multiple_of(2) {
                "weight"
            } else {
                "y"
            }
        };
        let spec = GradientBoostingClassifier::new()
            .with_target("small")
            .with_features(["normal", "city"])
            .with_class_offsets(classes.map(|class| (class.to_string(), column(class))))
            .with_num_rounds(2);
        bytes(&spec.fit_batches(batches, &Context::new()).unwrap())
    }),
    (
        "multiclass",
        fit!(
            GradientBoostingClassifier::new()
                .with_target("small")
                .with_features(["normal", "y"])
                .with_num_rounds(2)
                .with_subsample(0.5)
        ),
    ),
    (
        "categories",
        fit!(
            classifier()
                .with_categorical(["city", "small", "flag"])
                .with_num_rounds(6)
                .with_weight("weight")
        ),
    ),
    (
        "constraints",
        fit!(
            regressor()
                .with_growth(Growth::DepthWise)
                .with_monotone([("normal", Monotone::Increasing)])
                .with_interactions([["normal", "city"], ["city", "time"]])
                .with_num_rounds(6)
                .with_colsample_by_level(0.8)
                .with_colsample_by_node(0.7)
        ),
    ),
    (
        "forest regressor",
        fit!(
            RandomForestRegressor::new()
                .with_target("y")
                .with_features(FEATURES)
                .with_num_trees(5)
                .with_max_features(MaxFeatures::Count(2))
        ),
    ),
    (
        "forest classifier",
        fit!(
            RandomForestClassifier::new()
                .with_target("label")
                .with_features(FEATURES)
                .with_num_trees(5)
                .with_weight("weight")
        ),
    ),
    (
        "extra trees out of the bag",
        fit!(
            ExtraTreesClassifier::new()
                .with_target("label")
                .with_features(FEATURES)
                .with_num_trees(3)
                .with_bootstrap(true)
                .with_max_samples(0.4)
                .with_balanced_trees()
                .with_min_samples_leaf(2)
                .with_oob()
        ),
    ),
    (
        "quantile forest",
        fit!(
            QuantileForestRegressor::new()
                .with_target("y")
                .with_features(FEATURES)
                .with_num_trees(3)
                .with_weight("weight")
        ),
    ),
    (
        "isolation forest",
        fit!(
            IsolationForest::new()
                .with_features(["normal", "heavy", "small", "time"])
                .with_contamination(0.1)
                .with_num_trees(20)
        ),
    ),
];
