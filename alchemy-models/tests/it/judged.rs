//! Fits that are judged by a metric, and stop where it is best.

use std::slice;

use alchemy_core::arrow::compute::kernels::cmp::neq;
use alchemy_core::{Classify, Fit, Predict, Valid};
use alchemy_models::metrics::{brier, log_loss, mae, positives, rmse, roc_auc};
use alchemy_models::{ClassifierMetric, CustomMetric, FitOptions, RegressorMetric};

use crate::continued::positive;
use crate::learners::{classifier, regressor};
use crate::refusals::parameter;
use crate::tables::{column, mixed, numbers, pick};

/// How many predictions are within 1 of the truth: higher is better.
pub(crate) struct Hits;

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
    let (train, rest) = (positive(1500), positive(2200).slice(1500, 700));
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
    let by_rmse = spec.fit_validated(&train, &valid).unwrap();
    for round in [1, 7, 40] {
        let predictions = at(round);
        let expected = mae(&truth, &predictions, None).unwrap().unwrap();
        assert!((by_mae.history()[round - 1] - expected).abs() < 1e-12);
        let expected = rmse(&truth, &predictions, None).unwrap().unwrap();
        assert!((by_rmse.history()[round - 1] - expected).abs() < 1e-12);
        let hits = Hits.evaluate(&predictions, &truth, None);
        assert!((by_hits.history()[round - 1] - hits).abs() < 0.5);
    }
    let lowest = |history: &[f64]| history.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = by_hits.history().iter().copied().fold(0.0, f64::max);
    for (model, best) in [
        (&by_mae, lowest(by_mae.history())),
        (&by_rmse, lowest(by_rmse.history())),
        (&by_hits, highest),
    ] {
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
    let error = spec.fit_options(&[train], options).unwrap_err().to_string();
    assert_eq!(error, "parameter `metric`: \"nowhere\" is NaN");
}

#[test]
fn classes_are_judged_by_what_the_metrics_say() {
    let (train, rest) = (mixed(1500), mixed(2200).slice(1500, 700));
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
    let misses = neq(&predicted, &rest["small"]).unwrap();
    let found = judged.history()[judged.num_rounds() - 1];
    assert!((found - misses.true_count() as f64 / 700.0).abs() < 1e-12);
    let by_area = many.with_eval_metric(ClassifierMetric::RocAuc);
    assert_eq!(
        parameter(by_area.fit_validated(&train, &valid)),
        "eval_metric"
    );
    let one_class = pick(&rest, (0..700).filter(|row| labels[*row]));
    let by_area = spec.with_eval_metric(ClassifierMetric::RocAuc);
    let by_area = by_area.fit_validated(&train, &Valid::new(one_class));
    assert_eq!(parameter(by_area), "eval_metric");
}
