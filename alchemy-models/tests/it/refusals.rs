//! What models do not learn from, and what they say then.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Int64Array, ListArray, RecordBatch, StringArray};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Int32Type, TimeUnit};
use alchemy_core::{Error, Fit, Predict, Result};
use alchemy_models::{
    ExtraTreesRegressor, GradientBoostingClassifier, GradientBoostingRegressor, MaxFeatures,
    RandomForestClassifier,
};

use crate::learners::{CLASSIFIERS, Learn, REGRESSORS, boosting, forest, predict};
use crate::tables::{floats, mixed, table, with};

/// What a fit of `batch` fails with.
fn failure<S: Fit>(spec: &S, batch: &RecordBatch) -> Error {
    spec.fit(batch).err().unwrap()
}

/// The parameter that a fit refuses.
pub(crate) fn parameter<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result.unwrap_err() {
        Error::InvalidParameter { parameter, .. } => parameter,
        other => panic!("{other}"),
    }
}

/// Checks that none of `models` learns from `rows`, and each says `message`.
pub(crate) fn assert_refused(models: &[(&str, Learn)], rows: &RecordBatch, message: &str) {
    for (name, learn) in models {
        let error = learn(rows).err();
        let error = error.unwrap_or_else(|| panic!("{name} learns although {message}"));
        assert!(error.to_string().contains(message), "{name}: {error}");
    }
}

#[test]
fn a_bad_table_is_an_error_that_names_the_column() {
    let good = mixed(100);
    let y = |column: ArrayRef| with(&good, "y", column);
    let invalid_target = |error: Error, text: &str| match error {
        Error::InvalidTarget { column, message } => {
            assert!(column == "y" && message.contains(text), "{message}");
        }
        other => panic!("{other}"),
    };
    let spoiled = |row: usize, value: f64| {
        floats((0..100).map(|at| if at == row { value } else { at as f64 }))
    };
    invalid_target(failure(&boosting(), &y(spoiled(9, 1e31))), "row 9");
    assert!(
        matches!(failure(&boosting(), &y(Arc::new(StringArray::from(vec!["a"; 100])))), Error::ColumnType { column, .. } if column == "y")
    );
    assert!(matches!(
        failure(&boosting(), &good.slice(0, 0)),
        Error::Empty { .. }
    ));
    assert!(matches!(
        failure(&boosting(), &good.project(&[7]).unwrap()),
        Error::Empty { .. }
    ));
    let classifier = GradientBoostingClassifier::new()
        .with_target("y")
        .with_features(["normal"]);
    invalid_target(failure(&classifier, &good), "whole numbers");
    let many = RandomForestClassifier::new()
        .with_target("y")
        .with_features(["normal"]);
    let large = mixed(300);
    let classes = with(&large, "y", Arc::new(Int64Array::from_iter_values(0..300)));
    invalid_target(failure(&many, &classes), "300 classes");

    let weighted = boosting().with_weight("weight");
    let weight = |column: ArrayRef| with(&good, "weight", column);
    assert!(
        matches!(failure(&weighted, &weight(spoiled(4, -1.0))), Error::InvalidValue { column, row: 4, .. } if column == "weight")
    );
    assert!(matches!(
        failure(&weighted, &weight(floats([0.0; 100]))),
        Error::Empty { .. }
    ));

    let list =
        ListArray::from_iter_primitive::<Int32Type, _, _>((0..100).map(|row| Some([Some(row)])));
    let nested = with(&good, "normal", Arc::new(list));
    assert!(
        matches!(failure(&boosting(), &nested), Error::ColumnType { column, .. } if column == "normal")
    );
    assert!(matches!(
        failure(&boosting().with_target("Y"), &good),
        Error::ColumnNotFound { .. }
    ));
    assert!(matches!(
        failure(&boosting().with_features(["normal", "normal"]), &good),
        Error::InvalidParameter {
            parameter: "features",
            ..
        }
    ));
    assert!(matches!(
        failure(&GradientBoostingRegressor::new(), &good),
        Error::InvalidParameter {
            parameter: "target",
            ..
        }
    ));
}

#[test]
fn targets_beyond_the_range_of_derivatives_are_refused() {
    let x = || ("x", floats((0..40).map(f64::from)));
    let with_y = |y: Vec<f64>| table([x(), ("y", floats(y))]);
    let replaced = |value: f64| {
        with_y(
            (0..40)
                .map(|row| if row == 7 { value } else { f64::from(row) })
                .collect(),
        )
    };
    for value in [f64::INFINITY, f64::NEG_INFINITY] {
        assert_refused(REGRESSORS, &replaced(value), "row 7 is");
    }
    assert_refused(REGRESSORS, &replaced(f64::NAN), "row 7 is missing");
    assert_refused(REGRESSORS, &replaced(-1e31), "beyond 1e30");
    for unit in [1e-300, f64::from_bits(1)] {
        let tiny = with_y((0..40).map(|row| f64::from(row) * unit).collect());
        assert_refused(REGRESSORS, &tiny, "below 1e-30");
    }
    for (name, learn) in REGRESSORS {
        let zeros = with_y(vec![0.0; 40]);
        let predicted = predict(learn(&zeros).unwrap().as_ref(), &zeros);
        assert!(predicted.iter().all(|y| *y == 0.0), "{name}");
    }
}

#[test]
fn weights_beyond_the_range_of_derivatives_are_refused() {
    let with_weights = |weight: f64| {
        let x = floats((0..40).map(f64::from));
        let weights = floats((0..40).map(|row| if row == 7 { weight } else { 1.0 }));
        table([("x", x.clone()), ("y", x), ("w", weights)])
    };
    for weight in [-1.0, f64::NAN, f64::INFINITY, 1e31] {
        assert_refused(REGRESSORS, &with_weights(weight), "row 7");
    }
    let x = || floats((0..40).map(|row| f64::from(row) * 1e20));
    let weights = floats((0..40).map(|row| 1e20 * f64::from(1 + row)));
    let both = table([("x", x()), ("y", x()), ("w", weights)]);
    assert_refused(REGRESSORS, &both, "weight");
}

#[test]
fn a_class_that_is_missing_or_alone_is_refused() {
    let x = || ("x", floats((0..40).map(f64::from)));
    let alone = table([x(), ("y", Arc::new(StringArray::from(vec!["a"; 40])))]);
    assert_refused(CLASSIFIERS, &alone, "one class only");
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1; 40]));
    assert_refused(CLASSIFIERS, &table([x(), ("y", one)]), "one class only");
    let missing = (0..40).map(|row| (row != 7).then_some(if row % 2 == 0 { "a" } else { "b" }));
    let missing: ArrayRef = Arc::new(StringArray::from_iter(missing));
    assert_refused(CLASSIFIERS, &table([x(), ("y", missing)]), "missing");
    for value in [f64::NAN, f64::INFINITY] {
        let y = (0..40).map(|row| if row == 7 { value } else { f64::from(row % 2) });
        let y = table([x(), ("y", floats(y))]);
        for (name, learn) in CLASSIFIERS {
            let error = learn(&y).err().unwrap();
            let named = matches!(&error, Error::InvalidTarget { column, .. } | Error::ColumnType { column, .. } if column == "y");
            assert!(named, "{name}: {error}");
        }
    }
}

#[test]
fn a_table_to_predict_is_checked() -> Result<()> {
    let good = mixed(100);
    let model = boosting()
        .with_features(["normal", "city", "time", "small"])
        .fit(&good)?;
    let without = good.project(&[1, 2, 3, 4, 5])?;
    assert!(
        matches!(model.predict(&without), Err(Error::ColumnNotFound { column, .. }) if column == "normal")
    );
    let text: ArrayRef = Arc::new(StringArray::from(vec!["7"; 100]));
    for (name, column) in [
        ("normal", text),
        ("city", floats([1.0; 100])),
        ("time", floats([1.0; 100])),
    ] {
        let error = model.predict(&with(&good, name, column));
        assert!(matches!(error, Err(Error::ColumnType { column, .. }) if column == name));
    }
    let times = cast(
        good.column_by_name("time").unwrap(),
        &DataType::Timestamp(TimeUnit::Millisecond, None),
    )?;
    assert_eq!(
        &model.predict(&with(&good, "time", times))?,
        &model.predict(&good)?
    );
    Ok(())
}

#[test]
fn a_parameter_outside_its_domain_is_named() {
    let table = mixed(50);
    let wrong = [
        ("num_rounds", boosting().with_num_rounds(0)),
        ("learning_rate", boosting().with_learning_rate(0.0)),
        ("learning_rate", boosting().with_learning_rate(f64::NAN)),
        ("num_leaves", boosting().with_num_leaves(1)),
        ("max_depth", boosting().with_max_depth(0)),
        ("min_samples_leaf", boosting().with_min_samples_leaf(0)),
        ("min_child_weight", boosting().with_min_child_weight(-1.0)),
        ("min_gain", boosting().with_min_gain(f64::INFINITY)),
        ("l1", boosting().with_l1(-1.0)),
        ("l2", boosting().with_l2(f64::NAN)),
        ("subsample", boosting().with_subsample(0.0)),
        ("goss", boosting().with_goss(0.2, 0.0)),
        ("goss", boosting().with_goss(0.6, 0.5)),
        ("goss", boosting().with_goss(f64::NAN, 0.5)),
        ("goss", boosting().with_subsample(0.9).with_goss(0.2, 0.1)),
        ("colsample", boosting().with_colsample(1.1)),
        ("max_bins", boosting().with_max_bins(1)),
        ("max_bins", boosting().with_max_bins(256)),
        (
            "early_stopping_rounds",
            boosting().with_early_stopping_rounds(0),
        ),
        (
            "early_stopping_rounds",
            boosting().with_early_stopping_rounds(5),
        ),
    ];
    for (name, spec) in wrong {
        assert_eq!(parameter(spec.fit(&table)), name);
    }
    let wrong = [
        ("num_trees", forest().with_num_trees(0)),
        ("max_depth", forest().with_max_depth(0)),
        ("min_samples_split", forest().with_min_samples_split(1)),
        ("min_samples_leaf", forest().with_min_samples_leaf(0)),
        (
            "max_features",
            forest().with_max_features(MaxFeatures::Share(0.0)),
        ),
        (
            "max_features",
            forest().with_max_features(MaxFeatures::Count(0)),
        ),
        ("max_bins", forest().with_max_bins(0)),
    ];
    for (name, spec) in wrong {
        assert_eq!(parameter(spec.fit(&table)), name);
    }
}

#[test]
fn what_needs_a_bootstrap_says_so() {
    let table = mixed(50);
    let spec = ExtraTreesRegressor::new()
        .with_target("y")
        .with_num_trees(1);
    for (spec, name) in [
        (spec.clone().with_oob(), "oob"),
        (spec.clone().with_max_samples(0.5), "max_samples"),
    ] {
        assert_eq!(parameter(spec.fit(&table)), name);
        assert!(spec.with_bootstrap(true).fit(&table).is_ok());
    }
}

#[test]
fn a_feature_of_too_many_levels_is_refused() {
    let rows = 1_000_001_usize;
    let text: StringArray = (0..rows).map(|row| Some(format!("{row:x}"))).collect();
    let y = floats((0..rows).map(|row| (row % 2) as f64));
    let batch = table([("key", Arc::new(text) as ArrayRef), ("y", y)]);
    let error = failure(&boosting().with_num_rounds(1), &batch);
    let expected = "parameter `features`: column \"key\" has more than 1000000 levels";
    assert!(error.to_string().starts_with(expected), "{error}");
}
