use std::slice;
use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use alchemy_core::random::Stream;
use alchemy_core::{Classify, Fit, Predict, Valid};

use super::*;
use crate::boosting::loss::{Logistic, Loss, Rows, Softmax, Squared};
use crate::tree::gradient::Pair;
use crate::{
    ClassWeight, ClassifierMetric, FitOptions, GradientBoostingClassifier,
    GradientBoostingRegressor,
};

/// A loss of the crate as one from outside.
struct Outside<L>(L);

impl<L: Loss> CustomObjective for Outside<L> {
    fn base_scores(&self, targets: &[f64], weights: Option<&[f64]>, scores: &mut [f64]) {
        let offsets = &[];
        let rows = Rows {
            targets,
            weights,
            offsets,
        };
        scores.copy_from_slice(&self.0.base_scores(&rows));
    }

    fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]) {
        let outputs = scores.len() / targets.len();
        for (row, target) in targets.iter().enumerate() {
            let of_row = row * outputs..(row + 1) * outputs;
            let scores: Vec<&[f64]> = scores[of_row.clone()].iter().map(slice::from_ref).collect();
            let mut pairs: Vec<&mut [Pair]> = derivatives[of_row]
                .iter_mut()
                .map(slice::from_mut)
                .collect();
            self.0.derivatives(&scores, &[*target], &mut pairs);
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        self.0.loss(scores, target)
    }
}

/// More rows than come in one block, with two classes, three classes and a number to predict.
fn table(rows: usize) -> RecordBatch {
    let mut stream = Stream::new(3, &[]);
    let mut draw = |classes: u64| -> Vec<f64> {
        (0..rows)
            .map(|_| stream.below(classes) as f64 + stream.normals().0)
            .collect()
    };
    let [x, z, weight] = [draw(1), draw(2), draw(3)];
    let class = |cuts: &[f64]| {
        let above = |y: f64| -> i64 { cuts.iter().map(|cut| i64::from(y > *cut)).sum() };
        let y = x.iter().zip(&z).map(|(x, z)| x + z * z);
        Arc::new(Int64Array::from_iter_values(y.map(above))) as ArrayRef
    };
    let (two, three) = (class(&[1.0]), class(&[0.5, 2.0]));
    let weight: Vec<f64> = weight.into_iter().map(f64::abs).collect();
    let numbers = [("x", x), ("z", z), ("weight", weight)];
    let numbers = numbers.map(|(name, values)| {
        let values: ArrayRef = Arc::new(Float64Array::from(values));
        (name, values)
    });
    let classes = [("two", two), ("three", three)];
    RecordBatch::try_from_iter(numbers.into_iter().chain(classes)).unwrap()
}

#[test]
fn a_loss_within_and_the_same_from_outside_give_the_same_model() {
    let (train, valid) = (table(20_000), Valid::new(table(700)));
    let options = FitOptions::new().with_valid(&valid);
    for target in ["two", "three"] {
        let spec = GradientBoostingClassifier::new()
            .with_target(target)
            .with_features(["x", "z"])
            .with_num_rounds(3);
        let weighted = spec
            .clone()
            .with_weight("weight")
            .with_class_weight(ClassWeight::Balanced);
        let drawn = spec.clone().with_learning_rate(0.9).with_goss(0.2, 0.1);
        let softmax = Outside(Softmax { num_classes: 3 });
        let objective: &dyn CustomObjective = match target {
            "two" => &Outside(Logistic),
            _ => &softmax,
        };
        for spec in [spec, weighted, drawn] {
            let fit = |options| spec.fit_options(slice::from_ref(&train), options).unwrap();
            let model = fit(options.with_objective(objective));
            assert_eq!(model, fit(options), "{spec:?}");
            assert_eq!(model.history().len(), 3);
        }
    }
    let spec = GradientBoostingRegressor::new()
        .with_target("z")
        .with_features(["x", "three"])
        .with_num_rounds(3);
    let options = FitOptions::new().with_objective(&Outside(Squared));
    let model = spec.fit_options(slice::from_ref(&train), options).unwrap();
    let [found, expected] = [&model, &spec.fit(&train).unwrap()]
        .map(|model| (model.nodes().unwrap(), model.predict(&train).unwrap()));
    assert_eq!(found, expected);
}

/// Counts the classes it sees, and makes every loss 7.
struct Seven;

impl CustomObjective for Seven {
    fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]) {
        Outside(Softmax { num_classes: 3 }).derivatives(scores, targets, derivatives);
    }

    fn loss(&self, scores: &[f64], _: f64) -> f64 {
        4.0 + scores.len() as f64
    }
}

/// The mean squared error of the probabilities of all classes (Brier's score).
struct Brier;

impl CustomMetric for Brier {
    fn name(&self) -> &str {
        "Brier"
    }

    fn evaluate(&self, predictions: &[f64], targets: &[f64], weights: Option<&[f64]>) -> f64 {
        assert!(weights.is_none());
        let rows = predictions.chunks_exact(3).zip(targets);
        let errors = rows.flat_map(|(p, &target)| {
            let hit = move |class: usize| f64::from(u8::from((target - class as f64).abs() < 0.5));
            p.iter()
                .enumerate()
                .map(move |(class, p)| (p - hit(class)).powi(2))
        });
        errors.sum::<f64>() / targets.len() as f64
    }
}

#[test]
fn rounds_are_judged_by_the_objective_or_by_what_is_asked_for() {
    let (train, part) = (table(2000), table(500));
    let valid = Valid::new(part.clone());
    let spec = GradientBoostingClassifier::new()
        .with_target("three")
        .with_features(["x", "z"])
        .with_num_rounds(2);
    let options = FitOptions::new().with_valid(&valid).with_objective(&Seven);
    let fit = |spec: &GradientBoostingClassifier, options| {
        spec.fit_options(slice::from_ref(&train), options).unwrap()
    };
    assert_eq!(fit(&spec, options).history(), [7.0, 7.0]);
    let by_loss = spec.clone().with_eval_metric(ClassifierMetric::LogLoss);
    let by_loss = fit(&by_loss, options);
    let by_own = fit(&spec, options.with_metric(&Brier));
    let p = by_own.predict_proba(&part).unwrap();
    let p: Vec<Vec<f64>> = (p.columns().iter()).map(values).collect();
    let targets = values(&part["three"]);
    let brier = Brier.evaluate(&by_row(&p), &targets, None);
    let found = by_own.history()[by_own.num_rounds() - 1];
    assert!((found - brier).abs() < 1e-12, "{found} {brier}");
    let own = |row: usize| (0..3).find(|class| (targets[row] - *class as f64).abs() < 0.5);
    let losses = (0..500).map(|row| -p[own(row).unwrap()][row].ln());
    let log_loss = losses.sum::<f64>() / 500.0;
    assert_eq!(by_loss.num_rounds(), 2);
    assert!((by_loss.history()[by_own.num_rounds() - 1] - log_loss).abs() < 1e-9);
}

fn values(array: &ArrayRef) -> Vec<f64> {
    let column = alchemy_core::column::NumericColumn::new("values", array).unwrap();
    column.view().to_vec()
}
