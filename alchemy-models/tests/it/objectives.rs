//! What boosting minimises, beside `LightGBM` and by its own promises.

use std::path::PathBuf;
use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, Float64Array, RecordBatch};
use alchemy_core::{Classify, CsvReader, Fit, Predict};
use alchemy_models::{
    FittedGradientBoostingRegressor, GradientBoostingClassifier, GradientBoostingRegressor,
    Objective,
};
use serde_json::Value;

use crate::tables::{column, mixed, numbers, pick, with};

const GOLDEN: &str = include_str!("../golden/objectives.json");

fn golden() -> Value {
    serde_json::from_str(GOLDEN).unwrap()
}

fn listed(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
}

fn floats(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// The column `name` as floats, whatever numbers it holds.
fn read(batch: &RecordBatch, name: &str) -> Vec<f64> {
    let array = batch.column_by_name(name).unwrap();
    let column = alchemy_core::column::NumericColumn::new(name, array).unwrap();
    column.view().to_vec()
}

const EVERY: [Objective; 9] = [
    Objective::Squared,
    Objective::Absolute,
    Objective::Huber { delta: 0.4 },
    Objective::Quantile(0.1),
    Objective::Quantile(0.9),
    Objective::Poisson,
    Objective::Gamma,
    Objective::Tweedie { power: 1.2 },
    Objective::Tweedie { power: 1.7 },
];

/// The mean loss that the objective reports, by its definition.
fn reported(objective: Objective, targets: &[f64], predictions: &[f64]) -> f64 {
    let unit = |y: f64, mu: f64| match objective {
        Objective::Squared => (y - mu).powi(2),
        Objective::Absolute => (y - mu).abs(),
        Objective::Huber { delta } => match (y - mu).abs() {
            error if error <= delta => error * error / 2.0,
            error => delta * (error - delta / 2.0),
        },
        Objective::Quantile(q) => (q * (y - mu)).max((q - 1.0) * (y - mu)),
        Objective::Poisson => {
            let log = if y > 0.0 { y * (y / mu).ln() } else { 0.0 };
            2.0 * (log - y + mu)
        }
        Objective::Gamma => 2.0 * (y / mu - 1.0 - (y / mu).ln()),
        Objective::Tweedie { power: p } => {
            let at_best = y.powf(2.0 - p) / ((1.0 - p) * (2.0 - p));
            2.0 * (at_best - y * mu.powf(1.0 - p) / (1.0 - p) + mu.powf(2.0 - p) / (2.0 - p))
        }
        other => panic!("{other:?} has no definition here"),
    };
    let losses: f64 = (targets.iter().zip(predictions))
        .map(|(y, mu)| unit(*y, *mu))
        .sum();
    let mean = losses / targets.len() as f64;
    if objective == Objective::Squared {
        mean.sqrt()
    } else {
        mean
    }
}

/// The table with a `y` that every objective has a meaning for.
fn positive(rows: usize) -> RecordBatch {
    let table = mixed(rows);
    let y = column(&table, "y").into_iter().map(|y| y.abs() + 0.25);
    with(&table, "y", floats(y))
}

fn spec(objective: Objective) -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(["normal", "heavy", "small", "flag", "city"])
        .with_objective(objective)
}

/// `LightGBM` estimates how many rows a side of a split has where hessians differ, so leaves are bounded by their hessian.
#[test]
fn predictions_of_every_smooth_objective_are_those_of_lightgbm() {
    let golden = &golden()["exact"];
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/trees.csv");
    let table = CsvReader::new().with_infer_rows(2000).read(path).unwrap();
    let mut table = table.slice(0, 1000);
    for (name, values) in golden["targets"].as_object().unwrap() {
        table = with(&table, name, floats(listed(values)));
    }
    let cases = [
        ("huber", "y", Objective::Huber { delta: 0.3 }),
        ("poisson", "count", Objective::Poisson),
        ("gamma", "amount", Objective::Gamma),
        ("tweedie", "claims", Objective::Tweedie { power: 1.3 }),
    ];
    for (name, target, objective) in cases {
        let spec = GradientBoostingRegressor::new()
            .with_target(target)
            .with_features(["x0", "x1", "x3"])
            .with_objective(objective)
            .with_num_leaves(15)
            .with_min_samples_leaf(1)
            .with_min_child_weight(40.0);
        let found = numbers(&spec.fit(&table).unwrap().predict(&table).unwrap());
        let expected = listed(&golden["predictions"][name]);
        // Means are compared as ratios; what Huber's loss predicts may be 0.
        let unit = |expected: f64| if name == "huber" { 1.0 } else { expected };
        let worst = (found.iter().zip(&expected))
            .map(|(found, expected)| (found - expected).abs() / unit(*expected))
            .fold(0.0, f64::max);
        assert!(worst < 5e-7, "{name}: {worst}");
    }
}

fn data(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ALCHEMY_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: ALCHEMY_DATA does not name a folder of data");
    }
    folder.map(|folder| folder.join(path))
}

#[test]
fn held_out_losses_are_those_of_lightgbm() {
    let Some(path) = data("bike/hour.csv") else {
        return;
    };
    let bike = CsvReader::new().read(path).unwrap();
    let rows = 0..bike.num_rows();
    let train = pick(&bike, rows.clone().filter(|row| row % 5 != 4));
    let test = pick(&bike, rows.filter(|row| row % 5 == 4));
    let cases = [
        ("squared", Objective::Squared),
        ("absolute", Objective::Absolute),
        ("huber", Objective::Huber { delta: 30.0 }),
        ("quantile 0.1", Objective::Quantile(0.1)),
        ("quantile 0.5", Objective::Quantile(0.5)),
        ("quantile 0.9", Objective::Quantile(0.9)),
        ("poisson", Objective::Poisson),
        ("gamma", Objective::Gamma),
        ("tweedie", Objective::Tweedie { power: 1.5 }),
    ];
    let features = [
        "season",
        "mnth",
        "hr",
        "holiday",
        "weekday",
        "workingday",
        "weathersit",
        "temp",
        "atemp",
        "hum",
        "windspeed",
    ];
    let golden = &golden()["bike"];
    for (name, objective) in cases {
        let spec = GradientBoostingRegressor::new()
            .with_target("cnt")
            .with_features(features)
            .with_objective(objective);
        let predictions = numbers(&spec.fit(&train).unwrap().predict(&test).unwrap());
        let found = reported(objective, &read(&test, "cnt"), &predictions);
        let expected = golden[name].as_f64().unwrap();
        println!("{name}: {found:.4}, LightGBM {expected:.4}");
        assert!(found < 1.02 * expected, "{name}: {found}, not {expected}");
    }
}

#[test]
fn offsets_are_the_init_scores_of_lightgbm() {
    let Some(folder) = data("gbdt/lightgbm") else {
        return;
    };
    let part = |part: &str| {
        let read = |name: String| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap();
            let rows = text.lines().map(|line| {
                let cells = line.split_whitespace();
                cells
                    .map(|cell| cell.parse::<f64>().unwrap())
                    .collect::<Vec<_>>()
            });
            rows.collect::<Vec<_>>()
        };
        let [cells, offsets] =
            [format!("binary.{part}"), format!("regression.{part}.init")].map(read);
        let names = (0..cells[0].len()).map(|place| match place {
            0 => "y".to_owned(),
            place => format!("x{place}"),
        });
        let columns = names
            .enumerate()
            .map(|(place, name)| (name, floats(cells.iter().map(|row| row[place]))));
        let offsets = floats(offsets.iter().map(|row| row[0]));
        let table = RecordBatch::try_from_iter(columns).unwrap();
        let label: Vec<i64> = cells.iter().map(|row| i64::from(row[0] > 0.5)).collect();
        let label = Arc::new(alchemy_core::arrow::array::Int64Array::from(label));
        with(&with(&table, "label", label), "offset", offsets)
    };
    let [train, test] = ["train", "test"].map(part);
    let features: Vec<String> = (1..29).map(|place| format!("x{place}")).collect();
    let y = column(&test, "y");
    let regressor = GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(features.clone())
        .with_offset("offset")
        .with_num_rounds(50);
    let predictions = numbers(&regressor.fit(&train).unwrap().predict(&test).unwrap());
    let rmse = reported(Objective::Squared, &y, &predictions);
    let classifier = GradientBoostingClassifier::new()
        .with_target("label")
        .with_features(features)
        .with_offset("offset")
        .with_num_rounds(50);
    let probabilities = classifier
        .fit(&train)
        .unwrap()
        .predict_proba(&test)
        .unwrap();
    let losses = (y.iter().zip(column(&probabilities, "1")))
        .map(|(y, p)| if *y > 0.5 { -p.ln() } else { -(1.0 - p).ln() });
    let log_loss = losses.sum::<f64>() / y.len() as f64;
    for (name, found) in [("regression", rmse), ("binary", log_loss)] {
        let expected = golden()["init"][name].as_f64().unwrap();
        println!("{name}: {found:.5}, LightGBM {expected:.5}");
        assert!(
            (found / expected - 1.0).abs() < 0.02,
            "{name}: {found}, not {expected}"
        );
    }
}

#[test]
fn each_quantile_covers_its_share() {
    let (train, test) = (mixed(20_000), mixed(30_000).slice(20_000, 10_000));
    let truth = column(&test, "y");
    for q in [0.05, 0.25, 0.5, 0.9] {
        let model = spec(Objective::Quantile(q)).fit(&train).unwrap();
        let predictions = numbers(&model.predict(&test).unwrap());
        let below = truth
            .iter()
            .zip(&predictions)
            .filter(|(y, p)| y <= p)
            .count();
        let share = below as f64 / truth.len() as f64;
        assert!((share - q).abs() < 0.025, "{q}: {share}");
    }
}

/// The slopes of these quantiles are whole numbers of quarters, so that sums of them are exact and ties stay ties.
#[test]
fn a_whole_weight_is_so_many_rows() {
    let table = positive(1500);
    let weights = read(&table, "weight");
    let repeated = pick(
        &table,
        (weights.iter().enumerate()).flat_map(|(row, weight)| {
            let times = (0u8..10).filter(move |place| f64::from(*place) < *weight);
            times.map(move |_| row)
        }),
    );
    let quarters = [Objective::Quantile(0.25), Objective::Quantile(0.75)];
    let others = EVERY
        .into_iter()
        .filter(|objective| !matches!(objective, Objective::Quantile(_)));
    for objective in others.chain(quarters) {
        let spec = spec(objective).with_features(["small", "flag", "city"]);
        let spec = spec.with_min_samples_leaf(1).with_num_rounds(20);
        // These count rows, whatever their weight.
        let spec = spec
            .with_cat_smooth(0.0)
            .with_min_rows_per_category_group(0);
        let fit = |spec: &GradientBoostingRegressor, batch| -> FittedGradientBoostingRegressor {
            spec.fit(batch).unwrap()
        };
        let plain = numbers(&fit(&spec, &repeated).predict(&table).unwrap());
        let weighted = fit(&spec.clone().with_weight("weight"), &table);
        for (plain, weighted) in plain
            .iter()
            .zip(numbers(&weighted.predict(&table).unwrap()))
        {
            assert!(
                (plain - weighted).abs() < 1e-4,
                "{objective:?}: {plain} {weighted}"
            );
        }
    }
}

/// A constant added to every offset changes nothing, for training starts from the constant that is best over them.
#[test]
fn what_all_offsets_have_in_common_is_made_up_for() {
    let table = positive(2000);
    let moved = with(&table, "o", floats((0..2000).map(|_| 1.5)));
    let exposure: Vec<f64> = (0..2000).map(|row| f64::from(1 + row % 4)).collect();
    for objective in EVERY {
        let spec = spec(objective).with_num_rounds(20);
        let plain = numbers(&spec.fit(&table).unwrap().predict(&table).unwrap());
        let over = spec.clone().with_offset("o").fit(&moved).unwrap();
        for (plain, over) in plain.iter().zip(numbers(&over.predict(&moved).unwrap())) {
            assert!((plain - over).abs() < 1e-4, "{objective:?}: {plain} {over}");
        }
    }
    // Rows seen for longer have more events, and the rate is the same.
    let y = column(&table, "y");
    let events = floats(y.iter().zip(&exposure).map(|(y, exposure)| y * exposure));
    let table = with(
        &with(&table, "y", events),
        "log",
        floats(exposure.iter().map(|e| e.ln())),
    );
    let model = spec(Objective::Poisson)
        .with_offset("log")
        .fit(&table)
        .unwrap();
    let twice = with(
        &table,
        "log",
        floats(exposure.iter().map(|e| (2.0 * e).ln())),
    );
    let once = numbers(&model.predict(&table).unwrap());
    for (once, twice) in once.iter().zip(numbers(&model.predict(&twice).unwrap())) {
        assert!((twice / once - 2.0).abs() < 1e-9);
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!((mean(&once) / mean(&column(&table, "y")) - 1.0).abs() < 0.02);
}

#[test]
fn the_history_is_the_metric_that_is_named_with_the_objective() {
    let (train, valid) = (positive(2000), positive(2600).slice(2000, 600));
    let truth = column(&valid, "y");
    let part = alchemy_core::Valid::new(valid.clone());
    for objective in EVERY {
        let spec = spec(objective).with_num_rounds(5);
        let model = spec.fit_validated(&train, &part).unwrap();
        let predictions = numbers(&model.predict(&valid).unwrap());
        let found = model.history()[model.num_rounds() - 1];
        let expected = reported(objective, &truth, &predictions);
        assert!(
            (found / expected - 1.0).abs() < 1e-9,
            "{objective:?}: {found} {expected}"
        );
        assert_eq!(model.objective(), Some(objective));
    }
}

#[test]
fn what_an_objective_has_no_meaning_for_is_an_error() {
    let mut y: Vec<f64> = vec![1.0; 40];
    y[7] = -1.0;
    let table = |y: &[f64]| {
        let x = floats((0..y.len()).map(|row| row as f64));
        RecordBatch::try_from_iter([("x", x), ("y", floats(y.iter().copied()))]).unwrap()
    };
    let fit = |objective, y: &[f64]| {
        let spec = GradientBoostingRegressor::new()
            .with_target("y")
            .with_objective(objective);
        spec.fit(&table(y))
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        fit(Objective::Poisson, &y).unwrap_err(),
        "target \"y\": row 7 is -1, and for Poisson it must be 0 or more"
    );
    assert!(fit(Objective::Tweedie { power: 1.5 }, &y).is_err());
    assert!(fit(Objective::Gamma, &y).is_err());
    y[7] = 0.0;
    assert!(
        fit(Objective::Gamma, &y)
            .unwrap_err()
            .contains("row 7 is 0")
    );
    assert!(fit(Objective::Poisson, &y).is_ok() && fit(Objective::Absolute, &y).is_ok());
    let bad = [0.0, 1.0, -1.0, 2.0, f64::NAN, f64::INFINITY];
    for number in bad {
        let error = fit(Objective::Quantile(number), &y).unwrap_err();
        assert!(error.contains("objective"), "{error}");
        assert!(fit(Objective::Tweedie { power: number }, &y).is_err());
        if ![1.0, 2.0].contains(&number) {
            assert!(
                fit(Objective::Huber { delta: number }, &y).is_err(),
                "{number}"
            );
        }
    }
    for target in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e31] {
        y[3] = target;
        for objective in EVERY {
            assert!(
                fit(objective, &y).unwrap_err().contains("row 3"),
                "{objective:?}"
            );
        }
    }
}

/// Every prediction is a number, and lies where the targets lie.
#[test]
fn the_ends_of_what_is_allowed_are_learned() {
    let rows = 300;
    let x = floats((0..rows).map(|row| f64::from(row % 50)));
    let heavy = |row: i32| 10f64.powi(row % 31);
    let cases: [(&str, Vec<f64>, Vec<f64>); 6] = [
        (
            "large",
            (0..rows).map(|row| 1e30 / f64::from(1 + row % 3)).collect(),
            vec![1.0; 300],
        ),
        (
            "small",
            (0..rows)
                .map(|row| 1e-30 * f64::from(1 + row % 3))
                .collect(),
            vec![1.0; 300],
        ),
        (
            "heavy tails",
            (0..rows).map(heavy).collect(),
            vec![1.0; 300],
        ),
        (
            "unequal weights",
            (0..rows).map(|row| f64::from(1 + row % 3)).collect(),
            (0..rows)
                .map(|row| if row % 2 == 0 { 1e6 } else { 1.0 })
                .collect(),
        ),
        (
            "large weights",
            (0..rows).map(|row| 1e30 / f64::from(1 + row % 3)).collect(),
            vec![1e8; 300],
        ),
        ("constant", vec![3.0; 300], vec![1.0; 300]),
    ];
    for (name, y, weights) in cases {
        let table = [
            ("x", x.clone()),
            ("y", floats(y.clone())),
            ("w", floats(weights)),
        ];
        let table = RecordBatch::try_from_iter(table).unwrap();
        let (low, high) = y.iter().fold((f64::MAX, f64::MIN), |(low, high), y| {
            (low.min(*y), high.max(*y))
        });
        for objective in EVERY {
            let spec = GradientBoostingRegressor::new()
                .with_target("y")
                .with_weight("w");
            let spec = spec.with_objective(objective).with_num_rounds(20);
            // A step of these goes as 1 / h, and h is next to 0 where the target is far below what is predicted.
            let steep = matches!(objective, Objective::Gamma | Objective::Tweedie { .. });
            let low = if name == "heavy tails" && steep {
                0.0
            } else {
                low
            };
            for table in [table.clone(), table.slice(0, 1)] {
                let predictions = numbers(&spec.fit(&table).unwrap().predict(&table).unwrap());
                for prediction in predictions {
                    assert!(
                        (0.5 * low..=2.0 * high).contains(&prediction),
                        "{name}, {objective:?}: {prediction} is not near {low} to {high}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_weight_that_carries_a_target_beyond_single_floats_is_an_error() {
    let [x, y, w] = [[1.0, 2.0, 3.0], [1e29, 2e29, 0.0], [1e8, 1e9, 1.0]].map(floats);
    let table = RecordBatch::try_from_iter([("x", x), ("y", y), ("w", w)]).unwrap();
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_weight("w");
    let error = spec.fit(&table).unwrap_err().to_string();
    assert!(error.starts_with("column \"w\", row 1:"), "{error}");
    assert!(spec.fit(&table.slice(0, 1)).is_ok());
}

/// Counts that are all 0 have a rate that is next to 0.
#[test]
fn no_event_at_all_is_a_rate_of_zero() {
    let x = floats((0..100).map(f64::from));
    let table = RecordBatch::try_from_iter([("x", x), ("y", floats(vec![0.0; 100]))]).unwrap();
    for objective in [Objective::Poisson, Objective::Tweedie { power: 1.5 }] {
        let spec = GradientBoostingRegressor::new()
            .with_target("y")
            .with_objective(objective);
        let predictions = spec.fit(&table).unwrap().predict(&table).unwrap();
        assert_eq!(predictions.null_count(), 0);
        assert!(
            numbers(&predictions)
                .iter()
                .all(|rate| (0.0..1e-9).contains(rate))
        );
    }
}
