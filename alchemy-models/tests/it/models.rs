//! What models promise on ordinary and on difficult tables.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use alchemy_core::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array,
    Int8Array, Int64Array, ListArray, RecordBatch, StringArray,
};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Int32Type};
use alchemy_core::random::Stream;
use alchemy_core::{Classify, Context, Error, Fit, Predict, Result, Role, Valid};
use alchemy_models::{
    GradientBoostingClassifier, GradientBoostingRegressor, MaxFeatures, RandomForestClassifier,
    RandomForestRegressor,
};

use crate::tables::{mixed, numbers, pick, with};

fn boosting() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_rounds(10)
}

fn forest() -> RandomForestRegressor {
    RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(5)
}

fn table(columns: impl IntoIterator<Item = (&'static str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

fn floats(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn close(left: &ArrayRef, right: &ArrayRef, tolerance: f64) -> bool {
    numbers(left)
        .iter()
        .zip(numbers(right))
        .all(|(left, right)| (left - right).abs() <= tolerance)
}

#[test]
fn the_target_and_the_weight_are_found_by_role() {
    let plain = mixed(500);
    let stamped = Role::Target.stamp_column(&plain, "y").unwrap();
    let stamped = Role::Weight.stamp_column(&stamped, "weight").unwrap();
    let stamped = Role::Ignored.stamp_column(&stamped, "label").unwrap();
    let by_role = GradientBoostingRegressor::new()
        .with_num_rounds(3)
        .fit(&stamped)
        .unwrap();
    assert_eq!(
        by_role.features(),
        ["normal", "heavy", "small", "flag", "city", "time"]
    );
    let spec = GradientBoostingRegressor::new()
        .with_num_rounds(3)
        .with_target("y")
        .with_weight("weight");
    let by_name = spec
        .with_features(by_role.features().to_vec())
        .fit(&plain)
        .unwrap();
    assert_eq!(by_role, by_name);
}

#[test]
fn a_weight_of_zero_leaves_a_row_out() {
    let full = mixed(600);
    let weights: Vec<i64> = (0..600).map(|row| i64::from(row % 3 != 0)).collect();
    let full = with(&full, "weight", Arc::new(Int64Array::from(weights)));
    let kept = pick(&full, (0..600).filter(|row| row % 3 != 0));
    let test = mixed(300);
    let boosting = boosting().with_weight("weight").with_min_samples_leaf(5);
    let [left, right] =
        [&full, &kept].map(|train| boosting.fit(train).unwrap().predict(&test).unwrap());
    assert!(close(&left, &right, 1e-9));
    let forest = forest().with_weight("weight").with_bootstrap(false);
    let [left, right] =
        [&full, &kept].map(|train| forest.fit(train).unwrap().predict(&test).unwrap());
    assert!(close(&left, &right, 1e-9));
}

#[test]
fn a_weight_of_two_is_a_row_twice() {
    let once = mixed(400);
    let twice = pick(&once, (0..800).map(|row| row / 2));
    let once = with(&once, "weight", Arc::new(Int64Array::from(vec![2; 400])));
    let twice = with(&twice, "weight", Arc::new(Int64Array::from(vec![1; 800])));
    let boosting = boosting()
        .with_weight("weight")
        .with_min_samples_leaf(1)
        .with_min_child_weight(10.0)
        .with_cat_smooth(0.0)
        .with_min_rows_per_category_group(0);
    let [left, right] =
        [&once, &twice].map(|train| boosting.fit(train).unwrap().predict(&once).unwrap());
    assert!(close(&left, &right, 1e-4));
    let forest = forest()
        .with_weight("weight")
        .with_bootstrap(false)
        .with_max_depth(6);
    let [left, right] =
        [&once, &twice].map(|train| forest.fit(train).unwrap().predict(&once).unwrap());
    assert!(close(&left, &right, 1e-9));
}

#[test]
fn weights_of_very_different_size_are_all_heard() {
    // The light half alone decides what is predicted for its own group.
    let group = |row: i32| row % 2;
    let columns = [
        ("group", floats((0..2000).map(|row| f64::from(group(row))))),
        ("x", floats((0..2000).map(|row| f64::from(row / 2 % 10)))),
        (
            "y",
            floats((0..2000).map(|row| {
                f64::from(if group(row) == 0 {
                    row / 2 % 10
                } else {
                    row * 7919 % 13
                })
            })),
        ),
        (
            "weight",
            floats((0..2000).map(|row| if group(row) == 0 { 1.0 } else { 1e7 })),
        ),
    ];
    let table = table(columns);
    let spec = boosting()
        .with_weight("weight")
        .with_num_rounds(200)
        .with_min_child_weight(0.0);
    let predicted = numbers(&spec.fit(&table).unwrap().predict(&table).unwrap());
    for row in (0..2000).step_by(2) {
        assert!(
            (predicted[row] - (row / 2 % 10) as f64).abs() < 1e-3,
            "row {row}: {}",
            predicted[row]
        );
    }
}

#[test]
fn one_huge_target_does_not_drown_the_others() {
    let y = (0..1000).map(|row| {
        if row == 500 {
            1e12
        } else {
            f64::from(row % 10)
        }
    });
    let table = table([
        ("x", floats((0..1000).map(|row| f64::from(row % 10)))),
        ("y", floats(y)),
    ]);
    let spec = boosting().with_num_rounds(300);
    let predicted = numbers(&spec.fit(&table).unwrap().predict(&table).unwrap());
    assert!(
        (predicted[3] - 3.0).abs() < 1.0 && (predicted[7] - 7.0).abs() < 1.0,
        "{:?}",
        &predicted[..10]
    );
}

#[test]
fn integers_teach_what_equal_floats_teach() {
    let table = mixed(500);
    for name in ["small", "weight"] {
        let float = cast(table.column_by_name(name).unwrap(), &DataType::Float32).unwrap();
        let floats = with(&table, name, float);
        let spec = boosting()
            .with_weight("weight")
            .with_features(["normal", "small"]);
        assert_eq!(
            spec.fit(&table).unwrap(),
            spec.fit(&floats).unwrap(),
            "{name}"
        );
    }
    let target = with(
        &table,
        "y",
        cast(table.column_by_name("small").unwrap(), &DataType::Float64).unwrap(),
    );
    let spec = forest().with_features(["normal", "time"]);
    assert_eq!(spec.fit(&target).unwrap(), {
        let ints = with(&table, "y", table.column_by_name("small").unwrap().clone());
        spec.fit(&ints).unwrap()
    });
}

#[test]
fn nan_is_null_and_infinity_is_the_largest_value() {
    let value = |row: i32| match row % 10 {
        0 => None,
        1 => Some(f64::INFINITY),
        other => Some(f64::from(other)),
    };
    let y = floats((0..400).map(|row| match row % 10 {
        0 => 5.0,
        1 => 9.0,
        _ => 1.0,
    }));
    let nulls: Float64Array = (0..400).map(value).collect();
    let nans: Float64Array = (0..400).map(|row| value(row).or(Some(f64::NAN))).collect();
    let [nulls, nans] =
        [nulls, nans].map(|x| table([("x", Arc::new(x) as ArrayRef), ("y", y.clone())]));
    let spec = boosting().with_num_rounds(100);
    let model = spec.fit(&nulls).unwrap();
    assert_eq!(model, spec.fit(&nans).unwrap());
    assert!(close(&model.predict(&nans).unwrap(), &y, 0.01));
    let model = forest().with_bootstrap(false).fit(&nans).unwrap();
    assert!(close(&model.predict(&nulls).unwrap(), &y, 1e-12));
}

#[test]
fn text_is_read_in_any_encoding_and_an_unknown_level_is_missing() {
    let train = mixed(800);
    let model = boosting()
        .with_features(["city", "normal"])
        .fit(&train)
        .unwrap();
    let expected = model.predict(&train).unwrap();
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    for encoding in [DataType::LargeUtf8, DataType::Utf8View, dictionary] {
        let other = with(
            &train,
            "city",
            cast(train.column_by_name("city").unwrap(), &encoding).unwrap(),
        );
        assert_eq!(&model.predict(&other).unwrap(), &expected);
        assert_eq!(
            boosting()
                .with_features(["city", "normal"])
                .fit(&other)
                .unwrap(),
            model
        );
    }
    let unknown = with(
        &train,
        "city",
        Arc::new(StringArray::from(vec!["Rom"; 800])),
    );
    let missing = with(
        &train,
        "city",
        Arc::new(StringArray::from(vec![None::<&str>; 800])),
    );
    assert_eq!(
        &model.predict(&unknown).unwrap(),
        &model.predict(&missing).unwrap()
    );
}

#[test]
fn classes_come_back_in_their_own_type() {
    let text: DictionaryArray<Int32Type> = (0..200).map(|row| ["b", "ä", "a"][row / 70]).collect();
    let plain: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..200).map(|row| ["b", "ä", "a"][row / 70]),
    ));
    let targets: [(ArrayRef, ArrayRef); 5] = [
        (
            Arc::new(BooleanArray::from_iter((0..200).map(|row| Some(row < 90)))),
            Arc::new(BooleanArray::from(vec![false, true])),
        ),
        (
            Arc::new(Int8Array::from_iter_values(
                (0..200).map(|row| [-3, 100, 7][row / 70]),
            )),
            Arc::new(Int8Array::from(vec![-3, 7, 100])),
        ),
        (
            Arc::new(Date32Array::from_iter_values(
                (0..200).map(|row| [20_000, 10][row / 100]),
            )),
            Arc::new(Date32Array::from(vec![10, 20_000])),
        ),
        (
            Arc::new(Float32Array::from_iter_values(
                (0..200).map(|row| [1.0, 0.0][row / 100]),
            )),
            Arc::new(Float32Array::from(vec![0.0, 1.0])),
        ),
        (
            plain.clone(),
            Arc::new(StringArray::from(vec!["a", "b", "ä"])),
        ),
    ];
    for (target, classes) in targets {
        let table = table([
            ("x", floats((0..200).map(f64::from))),
            ("class", target.clone()),
        ]);
        let boosted = GradientBoostingClassifier::new()
            .with_target("class")
            .fit(&table)
            .unwrap();
        assert_eq!(boosted.classes(), &classes);
        assert_eq!(&boosted.predict(&table).unwrap(), &target);
        let forest = RandomForestClassifier::new()
            .with_target("class")
            .with_bootstrap(false)
            .with_num_trees(1);
        assert_eq!(
            &forest.fit(&table).unwrap().predict(&table).unwrap(),
            &target
        );
    }
    let table = table([
        ("x", floats((0..200).map(f64::from))),
        ("class", Arc::new(text) as ArrayRef),
    ]);
    let unpacked = GradientBoostingClassifier::new()
        .with_target("class")
        .fit(&table)
        .unwrap()
        .predict(&table)
        .unwrap();
    assert_eq!(&unpacked, &plain);
}

#[test]
fn probabilities_are_named_ordered_and_sum_to_one() {
    let table = mixed(600);
    let boosted = GradientBoostingClassifier::new()
        .with_target("small")
        .with_num_rounds(5)
        .fit(&table)
        .unwrap();
    let forest = RandomForestClassifier::new()
        .with_target("small")
        .with_num_trees(9)
        .fit(&table)
        .unwrap();
    for model in [&boosted as &dyn Classify, &forest] {
        let shares = model.predict_proba(&table).unwrap();
        let names: Vec<String> = shares
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        assert_eq!(
            names,
            (0..10).map(|class| class.to_string()).collect::<Vec<_>>()
        );
        let predicted = model.predict(&table).unwrap();
        let predicted = predicted.as_primitive::<alchemy_core::arrow::datatypes::Int64Type>();
        for row in 0..table.num_rows() {
            let shares: Vec<f64> = shares
                .columns()
                .iter()
                .map(|column| numbers(column)[row])
                .collect();
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let chosen = usize::try_from(predicted.value(row)).unwrap();
            assert!(
                shares
                    .iter()
                    .all(|share| (0.0..=1.0).contains(share) && *share <= shares[chosen])
            );
        }
    }
}

#[test]
fn early_stopping_keeps_the_rounds_of_a_full_run_up_to_the_best() {
    let (train, valid) = (mixed(800), Valid::new(pick(&mixed(1200), 800..1200)));
    let spec = boosting()
        .with_features(["normal", "small", "heavy"])
        .with_learning_rate(0.3)
        .with_num_rounds(200);
    let stopped = spec
        .clone()
        .with_early_stopping_rounds(5)
        .fit_validated(&train, &valid)
        .unwrap();
    let best = stopped.num_rounds();
    assert_eq!(stopped.history().len(), best + 5);
    let lowest = stopped
        .history()
        .iter()
        .copied()
        .fold(f64::INFINITY, f64::min);
    assert!((stopped.history()[best - 1] - lowest).abs() < 1e-15);
    let rerun = spec.with_num_rounds(best).fit(&train).unwrap();
    assert_eq!(
        &stopped.predict(&valid).unwrap(),
        &rerun.predict(&valid).unwrap()
    );
    let errors: f64 = numbers(&rerun.predict(&valid).unwrap())
        .iter()
        .zip(crate::tables::column(&valid, "y"))
        .map(|(found, y)| (found - y).powi(2))
        .sum();
    assert!(((errors / 400.0).sqrt() - lowest).abs() < 1e-12);
}

#[test]
fn a_fit_reports_its_rounds_and_can_be_cancelled() {
    let table = mixed(200);
    let stop = Arc::new(AtomicBool::new(false));
    let seen = stop.clone();
    let context = Context::new()
        .with_cancel(stop.clone())
        .with_progress(move |progress| {
            seen.store(progress.done >= 3, std::sync::atomic::Ordering::Relaxed);
        });
    assert!(matches!(
        boosting().fit_with(&table, &context),
        Err(Error::Cancelled)
    ));
    stop.store(false, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(
        forest().fit_with(&table, &context),
        Err(Error::Cancelled)
    ));
}

#[test]
fn features_that_never_vary_leave_the_mean() {
    let constant: ArrayRef = Arc::new(Int64Array::from(vec![7; 30]));
    let empty: ArrayRef = Arc::new(Float64Array::from(vec![None; 30]));
    let table = table([
        ("a", constant),
        ("b", empty),
        ("y", floats((0..30).map(f64::from))),
    ]);
    let mean = floats([14.5; 30]);
    assert!(close(
        &boosting().fit(&table).unwrap().predict(&table).unwrap(),
        &mean,
        1e-12
    ));
    assert!(close(
        &forest()
            .with_bootstrap(false)
            .fit(&table)
            .unwrap()
            .predict(&table)
            .unwrap(),
        &mean,
        1e-12
    ));
}

#[test]
fn one_row_and_a_constant_target_are_learned() {
    let one = mixed(1);
    let y = one.column_by_name("y").unwrap();
    assert!(close(
        &boosting().fit(&one).unwrap().predict(&one).unwrap(),
        y,
        1e-12
    ));
    assert!(close(
        &forest().fit(&one).unwrap().predict(&one).unwrap(),
        y,
        1e-12
    ));
    let constant = with(&mixed(100), "y", floats([3.25; 100]));
    let three = floats([3.25; 100]);
    assert!(close(
        &boosting()
            .fit(&constant)
            .unwrap()
            .predict(&constant)
            .unwrap(),
        &three,
        1e-12
    ));
    assert!(close(
        &forest().fit(&constant).unwrap().predict(&constant).unwrap(),
        &three,
        1e-12
    ));
}

#[test]
fn importance_goes_to_the_features_that_matter() {
    let table = mixed(2000);
    let features = ["normal", "city", "heavy", "small"];
    for importance in [
        boosting()
            .with_features(features)
            .fit(&table)
            .unwrap()
            .importance(),
        forest()
            .with_features(features)
            .with_max_depth(4)
            .fit(&table)
            .unwrap()
            .importance(),
    ] {
        assert_eq!(
            importance
                .iter()
                .map(|found| found.feature.as_str())
                .collect::<Vec<_>>(),
            features
        );
        assert!((importance.iter().map(|found| found.gain).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(importance[0].gain > 0.5 && importance[0].num_splits > 0);
        assert!(importance[2].gain < 0.1);
    }
}

#[test]
fn many_columns_and_many_levels_are_learned() {
    let noise =
        |column: i32| floats((0..60).map(move |row| f64::from((row * 31 + column * 17) % 61)));
    let names: Vec<String> = (0..3000).map(|column| format!("x{column}")).collect();
    let columns = names
        .iter()
        .zip(0..)
        .map(|(name, column)| (name.clone(), noise(column)));
    let wide = RecordBatch::try_from_iter(columns.chain([("y".to_owned(), noise(5))])).unwrap();
    let model = boosting()
        .with_num_rounds(2)
        .with_min_samples_leaf(1)
        .fit(&wide)
        .unwrap();
    assert_eq!(model.features().len(), 3000);

    let levels: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..20_000).map(|row| format!("{:05}", row * 7 % 19_997)),
    ));
    let y = levels
        .as_string::<i32>()
        .iter()
        .map(|level| level.unwrap().parse::<f64>().unwrap());
    let table = table([
        ("level", levels.clone()),
        ("y", floats(y.collect::<Vec<_>>())),
    ]);
    let ordered = boosting().with_categorical(Vec::<String>::new());
    let model = ordered.with_num_rounds(100).fit(&table).unwrap();
    assert!(close(
        &model.predict(&table).unwrap(),
        table.column(1),
        400.0
    ));
}

/// What a fit of `batch` fails with.
fn failure<S: Fit>(spec: &S, batch: &RecordBatch) -> Error {
    spec.fit(batch).err().unwrap()
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
    invalid_target(failure(&boosting(), &y(spoiled(7, f64::NAN))), "row 7");
    invalid_target(failure(&boosting(), &y(spoiled(8, f64::INFINITY))), "row 8");
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
    invalid_target(
        failure(&classifier, &y(Arc::new(Int64Array::from(vec![1; 100])))),
        "one class",
    );
    invalid_target(failure(&classifier, &good), "whole numbers");
    let nulls: Int64Array = (0..100).map(|row| (row != 3).then_some(row % 2)).collect();
    invalid_target(failure(&classifier, &y(Arc::new(nulls))), "missing");
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
        failure(&weighted, &weight(spoiled(4, f64::NAN))),
        Error::InvalidValue { row: 4, .. }
    ));
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
        &DataType::Timestamp(alchemy_core::arrow::datatypes::TimeUnit::Millisecond, None),
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
    let parameter = |error: Error| match error {
        Error::InvalidParameter { parameter, .. } => parameter,
        other => panic!("{other}"),
    };
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
        assert_eq!(parameter(failure(&spec, &table)), name);
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
        assert_eq!(parameter(failure(&spec, &table)), name);
    }
}

#[test]
fn types_can_cross_threads_and_be_printed() {
    fn check<T: Send + Sync + Clone + std::fmt::Debug>() {}
    check::<GradientBoostingClassifier>();
    check::<GradientBoostingRegressor>();
    check::<RandomForestClassifier>();
    check::<RandomForestRegressor>();
    check::<alchemy_models::FittedGradientBoostingClassifier>();
    check::<alchemy_models::FittedGradientBoostingRegressor>();
    check::<alchemy_models::FittedRandomForestClassifier>();
    check::<alchemy_models::FittedRandomForestRegressor>();
    check::<alchemy_models::ExtraTreesClassifier>();
    check::<alchemy_models::ExtraTreesRegressor>();
    check::<alchemy_models::QuantileForestRegressor>();
    check::<alchemy_models::FittedQuantileForestRegressor>();
    check::<alchemy_models::IsolationForest>();
    check::<alchemy_models::FittedIsolationForest>();
    check::<alchemy_models::Importance>();
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

#[test]
fn sampling_by_gradients_learns_nearly_as_much_as_all_rows() {
    let mut stream = Stream::new(8, &[]);
    let rows: Vec<[f64; 4]> = (0..6000)
        .map(|_| {
            let ((a, b), (c, noise)) = (stream.normals(), stream.normals());
            [a, b, c, a * b + c + 0.3 * noise]
        })
        .collect();
    let column = |index: usize| floats(rows.iter().map(|row| row[index]));
    let all = table([
        ("a", column(0)),
        ("b", column(1)),
        ("c", column(2)),
        ("y", column(3)),
    ]);
    let (train, test) = (all.slice(0, 4000), all.slice(4000, 2000));
    let error = |spec: GradientBoostingRegressor| {
        let model = spec.with_num_rounds(60).fit(&train).unwrap();
        let predicted = numbers(&model.predict(&test).unwrap());
        let actual = numbers(&test["y"]);
        let squares: f64 = predicted
            .iter()
            .zip(actual)
            .map(|(predicted, actual)| (predicted - actual).powi(2))
            .sum();
        (squares / 2000.0).sqrt()
    };
    let (full, sampled) = (error(boosting()), error(boosting().with_goss(0.2, 0.2)));
    assert!(full < 0.6, "{full}");
    assert!(sampled < 1.1 * full, "{sampled} {full}");
    // The first 1 / 0.1 rounds use all rows.
    let early =
        |spec: GradientBoostingRegressor| postcard::to_stdvec(&spec.fit(&train).unwrap()).unwrap();
    assert_eq!(
        early(boosting().with_num_rounds(9)),
        early(boosting().with_num_rounds(9).with_goss(0.2, 0.2))
    );
    assert_ne!(
        early(boosting().with_num_rounds(12)),
        early(boosting().with_num_rounds(12).with_goss(0.2, 0.2))
    );
}
