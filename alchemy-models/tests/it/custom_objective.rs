//! Fits that minimise what their caller says.

use std::slice;

use alchemy_core::{Error, Predict, Result, Valid};
use alchemy_models::{CustomObjective, FitOptions};

use crate::continued::{positive, stored};
use crate::learners::{bytes, regressor};
use crate::tables::{column, cut, floats, mixed, numbers, with};

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding is what is wanted"
)]
fn single(value: f64) -> f32 {
    value as f32
}

pub(crate) struct LogCosh;

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
    let (train, valid) = (positive(3000), Valid::new(positive(3500).slice(3000, 500)));
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

/// The fit refused the objective, since it `does` what it must not.
fn assert_refused<T: std::fmt::Debug>(result: Result<T>, does: &str) {
    match result.unwrap_err() {
        Error::InvalidParameter { parameter, message } => {
            assert_eq!((parameter, message.as_str()), ("objective", does));
        }
        other => panic!("{other}"),
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
            let error = spec.fit_options(slice::from_ref(&table), options);
            assert_refused(error, expected);
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
    let table = positive(200);
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
    assert_refused(fit(&NoStart), "has a base score of NaN");
}
