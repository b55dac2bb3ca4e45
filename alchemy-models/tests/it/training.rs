//! What a fit is told besides its table.

use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alchemy_core::arrow::array::Float64Array;
use alchemy_core::random::Stream;
use alchemy_core::{Classify, Context, Error, Fit, Predict};
use alchemy_models::metrics::{positives, rmse};
use alchemy_models::{FitOptions, GradientBoostingRegressor, Objective, RowScratch};

use crate::custom_objective::LogCosh;
use crate::judged::Hits;
use crate::learners::{boosting, bytes, classifier, forest, regressor};
use crate::refusals::parameter;
use crate::tables::{column, floats, mixed, numbers, table, with};

#[test]
fn a_fit_reports_its_rounds_and_can_be_cancelled() {
    let table = mixed(200);
    let stop = Arc::new(AtomicBool::new(false));
    let seen = stop.clone();
    let context = Context::new()
        .with_cancel(stop.clone())
        .with_progress(move |progress| {
            seen.store(progress.done >= 3, Ordering::Relaxed);
        });
    assert!(matches!(
        boosting().fit_with(&table, &context),
        Err(Error::Cancelled)
    ));
    stop.store(false, Ordering::Relaxed);
    assert!(matches!(
        forest().fit_with(&table, &context),
        Err(Error::Cancelled)
    ));
}

#[test]
fn options_of_a_fit_are_heard() {
    let table = mixed(300);
    let stop = Arc::new(AtomicBool::new(true));
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
    assert_eq!(parameter(rows.fit(&table)), "goss");
    let unheard = FitOptions::new().with_metric(&Hits);
    let unheard = regressor().fit_options(slice::from_ref(&table), unheard);
    assert_eq!(parameter(unheard), "metric");
}

#[test]
fn log_odds_to_start_from_are_added_again_in_prediction() {
    let o: Vec<f64> = (0..2000).map(|row| f64::from(row % 5) - 2.0).collect();
    let table = with(&mixed(2000), "o", floats(o.clone()));
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
    let mut scratch = RowScratch::new();
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
        rmse(&numbers(&test["y"]), &predicted, None)
            .unwrap()
            .unwrap()
    };
    let (full, sampled) = (error(boosting()), error(boosting().with_goss(0.2, 0.2)));
    assert!(full < 0.6, "{full}");
    assert!(sampled < 1.1 * full, "{sampled} {full}");
    // The first 1 / 0.1 rounds use all rows.
    let early = |spec: GradientBoostingRegressor| bytes(&spec.fit(&train).unwrap());
    assert_eq!(
        early(boosting().with_num_rounds(9)),
        early(boosting().with_num_rounds(9).with_goss(0.2, 0.2))
    );
    assert_ne!(
        early(boosting().with_num_rounds(12)),
        early(boosting().with_num_rounds(12).with_goss(0.2, 0.2))
    );
}
