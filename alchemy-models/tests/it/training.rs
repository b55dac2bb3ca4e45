//! Fits that continue others, are judged by a metric, or minimise what their caller says.

use std::slice;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Classify, Context, Error, Fit, Model, Predict, Valid};
use alchemy_models::metrics::{brier, log_loss, mae, positives, rmse, roc_auc};
use alchemy_models::{
    ClassWeight, ClassifierMetric, CustomMetric, CustomObjective, FitOptions,
    GradientBoostingClassifier, GradientBoostingRegressor, Objective, RegressorMetric,
};

use crate::tables::{column, cut, mixed, numbers, pick, with};

const FEATURES: [&str; 6] = ["normal", "heavy", "small", "flag", "city", "time"];

fn regressor() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
}

fn classifier() -> GradientBoostingClassifier {
    GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
}

fn floats(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn bytes(model: &impl Model) -> Vec<u8> {
    postcard::to_stdvec(model).unwrap()
}

fn stored<M: Model>(model: &M) -> M {
    postcard::from_bytes(&bytes(model)).unwrap()
}

/// The table with a positive `y` and an offset `o`.
fn table(rows: usize) -> RecordBatch {
    let table = mixed(rows);
    let y: Vec<f64> = column(&table, "y").iter().map(|y| y.abs() + 0.1).collect();
    let offsets = floats(
        y.iter()
            .enumerate()
            .map(|(row, y)| y * 0.1 + (row % 3) as f64),
    );
    with(&with(&table, "y", floats(y)), "o", offsets)
}

#[test]
fn rounds_run_later_are_the_rounds_of_one_fit() {
    let table = table(3000);
    let batches = cut(&table, 1100);
    let specs = [
        regressor().with_subsample(0.7).with_colsample(0.6),
        regressor().with_weight("weight").with_offset("o"),
        regressor()
            .with_objective(Objective::Quantile(0.8))
            .with_subsample(0.5),
        regressor()
            .with_objective(Objective::Poisson)
            .with_offset("o"),
        regressor().with_objective(Objective::Gamma),
        regressor().with_learning_rate(0.5).with_goss(0.2, 0.2),
    ];
    for spec in specs {
        let rounds = |rounds| spec.clone().with_num_rounds(rounds);
        let first = rounds(4).fit(&table).unwrap();
        let previous = stored(&first);
        let options = FitOptions::new().with_previous(&previous);
        let continued = rounds(3).fit_options(&batches, options).unwrap();
        assert_eq!(continued.num_rounds(), 7);
        assert!(
            bytes(&continued) == bytes(&rounds(7).fit(&table).unwrap()),
            "{spec:?}"
        );
    }
    let specs = [
        classifier().with_offset("o").with_subsample(0.7),
        classifier()
            .with_target("small")
            .with_features(["normal", "y"])
            .with_colsample(0.5),
        classifier().with_class_weight(ClassWeight::Balanced),
    ];
    for spec in specs {
        let rounds = |rounds| spec.clone().with_num_rounds(rounds);
        let previous = stored(&rounds(3).fit(&table).unwrap());
        let options = FitOptions::new().with_previous(&previous);
        let continued = rounds(2).fit_options(&batches, options).unwrap();
        assert!(
            bytes(&continued) == bytes(&rounds(5).fit(&table).unwrap()),
            "{spec:?}"
        );
    }
}

#[test]
fn a_continued_fit_is_judged_on_all_its_rounds() {
    let (train, valid) = (table(1500), Valid::new(table(2000).slice(1500, 500)));
    let spec = regressor().with_learning_rate(0.5).with_train_history();
    let options = FitOptions::new().with_valid(&valid);
    let rounds = |rounds| spec.clone().with_num_rounds(rounds);
    let previous = rounds(5).fit(&train).unwrap();
    let continued =
        rounds(25).fit_options(slice::from_ref(&train), options.with_previous(&previous));
    let whole = rounds(30).fit_validated(&train, &valid).unwrap();
    assert_eq!(whole.history().len(), 30);
    assert!(bytes(&continued.unwrap()) == bytes(&whole));
    for (round, found) in whole.train_history().iter().enumerate().skip(20) {
        let predictions = numbers(
            &rounds(round + 1)
                .fit(&train)
                .unwrap()
                .predict(&train)
                .unwrap(),
        );
        let expected = rmse(&column(&train, "y"), &predictions, None)
            .unwrap()
            .unwrap();
        assert!((found - expected).abs() < 1e-12);
    }
    assert_eq!(whole.train_history().len(), 30);
    // Training that was past its best ends at once.
    let late = rounds(30).fit(&train).unwrap();
    let spec = rounds(9).with_early_stopping_rounds(1);
    let ended = spec
        .fit_options(slice::from_ref(&train), options.with_previous(&late))
        .unwrap();
    assert_eq!(ended.history(), whole.history());
    assert_eq!(ended.num_rounds(), whole.num_rounds());
}

#[test]
fn other_data_keeps_the_bins_and_levels_of_the_model_that_is_continued() {
    let (first, second) = (table(1000), table(3000).slice(1000, 2000));
    let spec = regressor().with_num_rounds(10);
    let model = spec.fit(&first).unwrap();
    let strange = Arc::new(alchemy_core::arrow::array::StringArray::from(vec![
        "Wien";
        2000
    ]));
    let strange = with(&second, "city", strange);
    let more = |batch: &RecordBatch| {
        let options = FitOptions::new().with_previous(&model);
        spec.fit_options(slice::from_ref(batch), options).unwrap()
    };
    assert_eq!(more(&second).num_rounds(), 20);
    assert_eq!(more(&strange).text_rank("city", "Wien").unwrap(), None);
    assert_eq!(more(&strange).text_rank("city", "Ulm").unwrap(), Some(4));
    // More of the same teaches more.
    let error = |model: &dyn Predict| {
        let predictions = numbers(&model.predict(&second).unwrap());
        mae(&column(&second, "y"), &predictions, None)
            .unwrap()
            .unwrap()
    };
    assert!(error(&more(&second)) < error(&model));
}

fn parameter<T: std::fmt::Debug>(result: alchemy_core::Result<T>) -> (&'static str, String) {
    match result.unwrap_err() {
        Error::InvalidParameter { parameter, message } => (parameter, message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_continued_is_an_error() {
    let table = table(400);
    let model = regressor().with_num_rounds(2).fit(&table).unwrap();
    let options = FitOptions::new().with_previous(&model);
    let others = [
        regressor().with_features(["normal", "heavy"]),
        regressor().with_objective(Objective::Absolute),
        regressor().with_offset("o"),
    ];
    for spec in others {
        let (name, message) = parameter(spec.fit_options(slice::from_ref(&table), options));
        assert!(name == "previous", "{message}");
    }
    let cosh = options.with_objective(&LogCosh);
    assert_eq!(
        parameter(regressor().fit_options(slice::from_ref(&table), cosh)).0,
        "previous"
    );
    // The order of features is that of the model.
    let reversed = regressor().with_features(FEATURES.iter().rev().copied().collect::<Vec<_>>());
    let same = reversed
        .fit_options(slice::from_ref(&table), options)
        .unwrap();
    assert!(
        bytes(&same)
            == bytes(
                &regressor()
                    .fit_options(slice::from_ref(&table), options)
                    .unwrap()
            )
    );

    let spec = classifier()
        .with_target("small")
        .with_features(["normal", "y"])
        .with_num_rounds(2);
    let small = numbers(
        &alchemy_core::arrow::compute::cast(
            &table["small"],
            &alchemy_core::arrow::datatypes::DataType::Float64,
        )
        .unwrap(),
    );
    let few = pick(&table, (0..400).filter(|row| small[*row] < 7.0));
    let model = spec.fit(&few).unwrap();
    let options = FitOptions::new().with_previous(&model);
    assert!(spec.fit_options(&[few], options).is_ok());
    let error = spec
        .fit_options(slice::from_ref(&table), options)
        .unwrap_err();
    assert!(matches!(error, Error::InvalidTarget { .. }), "{error}");
    let binary = classifier().fit(&table).unwrap();
    let offset = classifier().with_offset("o");
    let options = FitOptions::new().with_previous(&binary);
    assert_eq!(
        parameter(offset.fit_options(&[table], options)).0,
        "previous"
    );
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding is what is wanted"
)]
fn single(value: f64) -> f32 {
    value as f32
}

struct LogCosh;

impl CustomObjective for LogCosh {
    fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]) {
        for ((derivatives, score), target) in derivatives.iter_mut().zip(scores).zip(targets) {
            let tanh = (score - target).tanh();
            *derivatives = [tanh, (1.0 - tanh * tanh).max(1e-3)].map(single);
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        (scores[0] - target).cosh().ln()
    }
}

/// Half the squared error, as the crate has it.
struct Squared;

impl CustomObjective for Squared {
    fn base_scores(&self, targets: &[f64], weights: Option<&[f64]>, scores: &mut [f64]) {
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let rows = || 0..targets.len();
        let sum = rows().map(|row| weight(row) * targets[row]).sum::<f64>();
        scores[0] = sum / rows().map(weight).sum::<f64>();
    }

    fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]) {
        for ((derivatives, score), target) in derivatives.iter_mut().zip(scores).zip(targets) {
            *derivatives = [single(score - target), 1.0];
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        (scores[0] - target).powi(2)
    }
}

#[test]
fn an_objective_of_the_callers_own_is_minimised() {
    let (train, valid) = (table(3000), Valid::new(table(3500).slice(3000, 500)));
    let spec = regressor().with_num_rounds(20).with_weight("weight");
    let options = FitOptions::new()
        .with_valid(&valid)
        .with_objective(&Squared);
    let own = spec.fit_options(slice::from_ref(&train), options).unwrap();
    let built_in = spec.fit_validated(&train, &valid).unwrap();
    assert_eq!(own.objective(), None);
    let [found, expected] = [&own, &built_in].map(|model| numbers(&model.predict(&valid).unwrap()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5);
    }
    for (found, expected) in own.history().iter().zip(built_in.history()) {
        assert!((found.sqrt() - expected).abs() < 1e-5);
    }
    // Stored, continued, and the same in any pool.
    let previous = stored(&own);
    let fit = || {
        let options = FitOptions::new()
            .with_previous(&previous)
            .with_objective(&Squared);
        bytes(&spec.fit_options(&cut(&train, 700), options).unwrap())
    };
    let expected = fit();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        assert!(pool.install(fit) == expected);
    }
    // Over offsets its base score is not asked for.
    let over = FitOptions::new().with_objective(&Squared);
    let spec = regressor()
        .with_offset("o")
        .with_learning_rate(1e-9)
        .with_num_rounds(1);
    let model = spec.fit_options(slice::from_ref(&train), over).unwrap();
    for (found, offset) in numbers(&model.predict(&train).unwrap())
        .iter()
        .zip(column(&train, "o"))
    {
        assert!((found - offset).abs() < 1e-6);
    }
}

/// Squared error that gives `values` for row 17 000 once scores have moved.
struct Broken([f32; 2]);

impl CustomObjective for Broken {
    fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]) {
        Squared.derivatives(scores, targets, derivatives);
        let is_row = |target: f64| (target - 1234.0).abs() < 0.5;
        if let Some(row) = targets.iter().position(|target| is_row(*target))
            && scores[row].abs() > 0.0
        {
            derivatives[row] = self.0;
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        Squared.loss(scores, target)
    }
}

#[test]
fn a_derivative_that_is_no_number_names_round_and_row() {
    let mut y = column(&mixed(20_000), "y");
    y[17_000] = 1234.0;
    let table = with(&mixed(20_000), "y", floats(y));
    let cases = [
        (
            [f32::NAN, 1.0],
            "has a first derivative of NaN in round 1, row 17000",
        ),
        (
            [f32::INFINITY, 1.0],
            "has a first derivative of inf in round 1, row 17000",
        ),
        (
            [1.0, f32::NAN],
            "has a second derivative of NaN in round 1, row 17000",
        ),
        (
            [1.0, f32::INFINITY],
            "has a second derivative of inf in round 1, row 17000",
        ),
        (
            [1.0, -0.5],
            "has a second derivative of -0.5 in round 1, row 17000",
        ),
    ];
    for (values, expected) in cases {
        let objective = Broken(values);
        let options = FitOptions::new().with_objective(&objective);
        let spec = regressor().with_num_rounds(3);
        // A weight does not make infinity a number.
        for spec in [spec.clone(), spec.with_weight("weight")] {
            let found = parameter(spec.fit_options(slice::from_ref(&table), options));
            assert_eq!(found, ("objective", expected.to_owned()));
        }
    }
}

/// A second derivative of 0 in every row leaves trees without splits, and no number that is none.
struct Flat;

impl CustomObjective for Flat {
    fn base_scores(&self, _: &[f64], _: Option<&[f64]>, scores: &mut [f64]) {
        scores[0] = 2.5;
    }

    fn derivatives(&self, _: &[f64], _: &[f64], derivatives: &mut [[f32; 2]]) {
        derivatives.fill([0.0, 0.0]);
    }

    fn loss(&self, _: &[f64], _: f64) -> f64 {
        0.0
    }
}

struct NoStart;

impl CustomObjective for NoStart {
    fn base_scores(&self, _: &[f64], _: Option<&[f64]>, scores: &mut [f64]) {
        scores[0] = f64::NAN;
    }

    fn derivatives(&self, _: &[f64], _: &[f64], _: &mut [[f32; 2]]) {}

    fn loss(&self, _: &[f64], _: f64) -> f64 {
        0.0
    }
}

#[test]
fn an_objective_without_slope_or_start_does_no_harm() {
    let table = table(200);
    let fit = |objective: &dyn CustomObjective| {
        regressor().fit_options(
            slice::from_ref(&table),
            FitOptions::new().with_objective(objective),
        )
    };
    let flat = fit(&Flat).unwrap().predict(&table).unwrap();
    assert!(
        numbers(&flat)
            .iter()
            .all(|score| (score - 2.5).abs() < 1e-12)
    );
    assert_eq!(
        parameter(fit(&NoStart)),
        ("objective", "has a base score of NaN".to_owned())
    );
}

/// How many predictions are within 1 of the truth: higher is better.
struct Hits;

impl CustomMetric for Hits {
    fn name(&self) -> &str {
        "hits"
    }

    fn evaluate(&self, predictions: &[f64], targets: &[f64], weights: Option<&[f64]>) -> f64 {
        assert!(weights.is_none());
        let rows = predictions.iter().zip(targets);
        rows.filter(|(prediction, target)| (*prediction - *target).abs() < 1.0)
            .count() as f64
    }

    fn is_better(&self, new: f64, best: f64) -> bool {
        new > best
    }
}

struct SquaredError;

impl CustomMetric for SquaredError {
    fn name(&self) -> &str {
        "squared error"
    }

    fn evaluate(&self, predictions: &[f64], targets: &[f64], _: Option<&[f64]>) -> f64 {
        let errors = predictions.iter().zip(targets);
        let sum: f64 = errors
            .map(|(prediction, target)| (prediction - target).powi(2))
            .sum();
        sum / targets.len() as f64
    }
}

struct Nowhere;

impl CustomMetric for Nowhere {
    fn name(&self) -> &str {
        "nowhere"
    }

    fn evaluate(&self, _: &[f64], _: &[f64], _: Option<&[f64]>) -> f64 {
        f64::NAN
    }
}

/// The model holds the rounds up to the first best, and is what a fit of so many rounds gives.
#[test]
fn the_best_round_by_any_metric_is_where_a_full_run_is_cut() {
    let (train, rest) = (table(1500), table(2200).slice(1500, 700));
    let valid = Valid::new(rest.clone());
    let truth = column(&rest, "y");
    let spec = regressor().with_learning_rate(0.4).with_num_rounds(40);
    let at = |rounds| {
        let model = spec.clone().with_num_rounds(rounds).fit(&train).unwrap();
        numbers(&model.predict(&rest).unwrap())
    };
    let judged = spec
        .clone()
        .with_eval_metric(RegressorMetric::Mae)
        .fit_validated(&train, &valid);
    let options = FitOptions::new().with_valid(&valid).with_metric(&Hits);
    let by_hits = spec.fit_options(slice::from_ref(&train), options).unwrap();
    let by_mae = judged.unwrap();
    for round in [1, 7, 40] {
        let predictions = at(round);
        let expected = mae(&truth, &predictions, None).unwrap().unwrap();
        assert!((by_mae.history()[round - 1] - expected).abs() < 1e-12);
        let hits = Hits.evaluate(&predictions, &truth, None);
        assert!((by_hits.history()[round - 1] - hits).abs() < 0.5);
    }
    let lowest = by_mae
        .history()
        .iter()
        .copied()
        .fold(f64::INFINITY, f64::min);
    let highest = by_hits.history().iter().copied().fold(0.0, f64::max);
    for (model, best) in [(&by_mae, lowest), (&by_hits, highest)] {
        let first = model
            .history()
            .iter()
            .position(|found| found.total_cmp(&best).is_eq());
        assert_eq!(model.num_rounds(), first.unwrap() + 1);
        assert_eq!(
            numbers(&model.predict(&rest).unwrap()),
            at(model.num_rounds())
        );
    }
    let stopping = spec.clone().with_early_stopping_rounds(3);
    let stopped = stopping
        .fit_options(slice::from_ref(&train), options)
        .unwrap();
    assert!(stopped.history().len() < 40);
    assert_eq!(stopped.history().len(), stopped.num_rounds() + 3);
    assert_eq!(
        stopped.history(),
        &by_hits.history()[..stopped.history().len()]
    );
    let options = FitOptions::new().with_valid(&valid).with_metric(&Nowhere);
    let (name, message) = parameter(spec.fit_options(&[train], options));
    assert_eq!((name, message.as_str()), ("metric", "\"nowhere\" is NaN"));
}

#[test]
fn classes_are_judged_by_what_the_metrics_say() {
    let (train, rest) = (table(1500), table(2200).slice(1500, 700));
    let valid = Valid::new(rest.clone());
    let labels = positives(&rest, "label", "low").unwrap();
    let spec = classifier().with_learning_rate(0.4).with_num_rounds(25);
    let at = |rounds| {
        let model = spec.clone().with_num_rounds(rounds).fit(&train).unwrap();
        column(&model.predict_proba(&rest).unwrap(), "low")
    };
    let judged = |metric| {
        let spec = spec.clone().with_eval_metric(metric);
        spec.fit_validated(&train, &valid).unwrap()
    };
    let by_area = judged(ClassifierMetric::RocAuc);
    let by_errors = judged(ClassifierMetric::ErrorRate);
    let by_loss = judged(ClassifierMetric::Objective);
    for round in [1, 9, 25] {
        let p = at(round);
        let area = roc_auc(&labels, &p, None).unwrap().unwrap();
        let misses = p
            .iter()
            .zip(&labels)
            .filter(|(p, label)| (**p > 0.5) != **label)
            .count();
        let loss = log_loss(&labels, &p, None).unwrap().unwrap();
        assert!((by_area.history()[round - 1] - area).abs() < 1e-9);
        assert!((by_errors.history()[round - 1] - misses as f64 / 700.0).abs() < 1e-12);
        assert!((by_loss.history()[round - 1] - loss).abs() < 1e-9);
    }
    let highest = by_area.history().iter().copied().fold(0.0, f64::max);
    assert!(by_area.history()[by_area.num_rounds() - 1] >= highest);

    // By a metric of the caller's own, which sees the probabilities of the higher class.
    let options = FitOptions::new()
        .with_valid(&valid)
        .with_metric(&SquaredError);
    let by_own = spec.fit_options(slice::from_ref(&train), options).unwrap();
    for round in [1, 9, 25] {
        let expected = brier(&labels, &at(round), None).unwrap().unwrap();
        assert!((by_own.history()[round - 1] - expected).abs() < 1e-12);
    }

    let many = classifier()
        .with_target("small")
        .with_features(["normal", "y"])
        .with_num_rounds(3);
    let judged = many.clone().with_eval_metric(ClassifierMetric::ErrorRate);
    let judged = judged.fit_validated(&train, &valid).unwrap();
    let predicted = judged.predict(&rest).unwrap();
    let misses =
        alchemy_core::arrow::compute::kernels::cmp::neq(&predicted, &rest["small"]).unwrap();
    let found = judged.history()[judged.num_rounds() - 1];
    assert!((found - misses.true_count() as f64 / 700.0).abs() < 1e-12);
    let by_area = many.with_eval_metric(ClassifierMetric::RocAuc);
    assert_eq!(
        parameter(by_area.fit_validated(&train, &valid)).0,
        "eval_metric"
    );
    let one_class = pick(&rest, (0..700).filter(|row| labels[*row]));
    let by_area = spec.with_eval_metric(ClassifierMetric::RocAuc);
    let (name, _) = parameter(by_area.fit_validated(&train, &Valid::new(one_class)));
    assert_eq!(name, "eval_metric");
}

#[test]
fn a_class_weight_is_the_weight_of_every_row_of_the_class() {
    let table = table(2000);
    let low = positives(&table, "label", "low").unwrap();
    // Class weights do not move bins, so a feature of many values would be binned otherwise.
    let few = classifier().with_features(["small", "flag", "city"]);
    let spec = few.with_num_rounds(8);
    let by_class = spec
        .clone()
        .with_class_weight(ClassWeight::of([("low", 3.0)]));
    let weights = floats(low.iter().map(|low| if *low { 3.0 } else { 1.0 }));
    let weighted = with(&table, "by class", weights);
    let by_row = spec.clone().with_weight("by class").fit(&weighted).unwrap();
    assert_eq!(by_class.fit(&table).unwrap(), by_row);
    let balanced = spec
        .clone()
        .with_class_weight(ClassWeight::Balanced)
        .fit(&table)
        .unwrap();
    let p = column(&balanced.predict_proba(&table).unwrap(), "low");
    let share = p.iter().sum::<f64>() / 2000.0;
    let plain = column(
        &spec.fit(&table).unwrap().predict_proba(&table).unwrap(),
        "low",
    );
    let plain = plain.iter().sum::<f64>() / 2000.0;
    assert!((share - 0.5).abs() < (plain - 0.5).abs());
    let unknown = spec
        .clone()
        .with_class_weight(ClassWeight::of([("none", 3.0)]));
    assert_eq!(parameter(unknown.fit(&table)).0, "class_weight");
    let negative = spec.with_class_weight(ClassWeight::of([("low", -1.0)]));
    assert_eq!(parameter(negative.fit(&table)).0, "class_weight");
}

#[test]
fn log_odds_to_start_from_are_added_again_in_prediction() {
    let table = table(2000);
    let o: Vec<f64> = (0..2000).map(|row| f64::from(row % 5) - 2.0).collect();
    let table = with(&table, "o", floats(o.clone()));
    let spec = classifier()
        .with_offset("o")
        .with_learning_rate(1e-9)
        .with_num_rounds(1);
    let model = spec.fit(&table).unwrap();
    let p = column(&model.predict_proba(&table).unwrap(), "low");
    // Where trees add nothing, the mean probability is the share of the class.
    let low = positives(&table, "label", "low").unwrap();
    let share = low.iter().filter(|low| **low).count() as f64 / 2000.0;
    assert!((p.iter().sum::<f64>() / 2000.0 - share).abs() < 1e-6);
    let odds = |p: f64| (p / (1.0 - p)).ln();
    for row in 1..2000 {
        assert!((odds(p[row]) - odds(p[0]) - (o[row] - o[0])).abs() < 1e-6);
    }
    let mut scratch = alchemy_models::RowScratch::new();
    let row = [0.0; 6];
    assert!(model.predict_proba_row(&row, &mut scratch).is_err());
    let gap = Arc::new(Float64Array::from_iter(
        (0..2000).map(|row| (row != 9).then_some(1.0)),
    ));
    let gap = with(&table, "o", gap);
    for error in [
        spec.fit(&gap).unwrap_err(),
        model.predict_proba(&gap).unwrap_err(),
    ] {
        assert!(
            matches!(error, Error::InvalidValue { row: 9, .. }),
            "{error}"
        );
    }
    let far = with(&table, "o", floats(vec![301.0; 2000]));
    assert!(spec.fit(&far).is_err());
    let edge = with(
        &table,
        "o",
        floats((0..2000).map(|row| if row % 2 == 0 { 300.0 } else { -300.0 })),
    );
    let model = classifier().with_offset("o").fit(&edge).unwrap();
    let p = column(&model.predict_proba(&edge).unwrap(), "low");
    assert!(p.iter().all(|p| (0.0..=1.0).contains(p)));
}

#[test]
fn options_of_a_fit_are_heard() {
    let table = table(300);
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let context = Context::new().with_cancel(stop);
    let options = FitOptions::new()
        .with_context(&context)
        .with_objective(&LogCosh);
    let error = regressor()
        .fit_options(slice::from_ref(&table), options)
        .unwrap_err();
    assert!(matches!(error, Error::Cancelled));
    assert!(format!("{options:?}").contains("objective: true"));
    let rows = regressor()
        .with_objective(Objective::Absolute)
        .with_goss(0.2, 0.2);
    assert_eq!(parameter(rows.fit(&table)).0, "goss");
    let unheard = FitOptions::new().with_metric(&Hits);
    let unheard = regressor().fit_options(slice::from_ref(&table), unheard);
    assert_eq!(parameter(unheard).0, "metric");
}
