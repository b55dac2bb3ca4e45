//! Forests of every kind beside those of scikit-learn, and what they promise.

#![expect(
    clippy::float_cmp,
    reason = "what is computed in two ways has the same bits"
)]

use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use alchemy_core::arrow::compute::{cast, filter_record_batch};
use alchemy_core::arrow::datatypes::{DataType, Float64Type};
use alchemy_core::random::Stream;
use alchemy_core::{Classify, CsvReader, Error, Fit, Predict};
use alchemy_models::{
    ClassWeight, ExtraTreesClassifier, ExtraTreesRegressor, IsolationForest, MaxFeatures,
    QuantileForestRegressor, RandomForestClassifier, RandomForestRegressor,
};
use serde_json::{Value, json};

use crate::tables::{column, mixed, numbers};

const FEATURES: [&str; 6] = ["normal", "heavy", "small", "flag", "city", "time"];

/// Those of no more values than bins.
const FEW_VALUES: [&str; 3] = ["small", "flag", "city"];

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/forests.json")).unwrap()
}

/// A column of a golden table of numbers.
fn scores(golden: &Value, name: &str, place: usize) -> Vec<f64> {
    let rows = golden[name].as_array().unwrap().iter();
    rows.map(|row| row.get(place).unwrap_or(row).as_f64().unwrap())
        .collect()
}

/// A column of numbers of any type.
fn floats(table: &RecordBatch, name: &str) -> Vec<f64> {
    numbers(&cast(&table[name], &DataType::Float64).unwrap())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The area under the curve of `scores` that rate rows as `odd`.
fn auc(scores: &[f64], odd: &[bool]) -> f64 {
    let mut rows: Vec<(f64, bool)> = scores.iter().copied().zip(odd.iter().copied()).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let positives = odd.iter().filter(|odd| **odd).count() as f64;
    let mut sum = 0.0;
    let mut start = 0;
    while start < rows.len() {
        let end = start
            + rows[start..]
                .iter()
                .take_while(|row| row.0 == rows[start].0)
                .count();
        // Equal scores share the mean of their ranks.
        let rank = (start + end + 1) as f64 / 2.0;
        sum += rows[start..end].iter().filter(|row| row.1).count() as f64 * rank;
        start = end;
    }
    let negatives = rows.len() as f64 - positives;
    (sum - positives * (positives + 1.0) / 2.0) / (positives * negatives)
}

/// Hourly rentals, and whether each row is held out; `None` without the data.
fn bike() -> Option<[RecordBatch; 2]> {
    let Ok(data) = std::env::var("ALCHEMY_DATA") else {
        println!("skipped: ALCHEMY_DATA is not set");
        return None;
    };
    let table = CsvReader::new()
        .read(format!("{data}/bike/hour.csv"))
        .unwrap();
    let busy = floats(&table, "cnt")
        .into_iter()
        .map(|cnt| if cnt > 142.0 { "busy" } else { "calm" });
    let busy = Arc::new(StringArray::from_iter_values(busy)) as ArrayRef;
    let names = [
        "season",
        "mnth",
        "hr",
        "weekday",
        "workingday",
        "weathersit",
        "temp",
        "hum",
        "windspeed",
        "cnt",
    ];
    let columns = names.map(|name| (name, table[name].clone()));
    let table = RecordBatch::try_from_iter(columns.into_iter().chain([("busy", busy)])).unwrap();
    let part = |held_out: bool| {
        let mask: BooleanArray = (0..table.num_rows())
            .map(|row| Some((row % 4 == 3) == held_out))
            .collect();
        filter_record_batch(&table, &mask).unwrap()
    };
    Some([part(false), part(true)])
}

const BIKE: [&str; 9] = [
    "season",
    "mnth",
    "hr",
    "weekday",
    "workingday",
    "weathersit",
    "temp",
    "hum",
    "windspeed",
];

fn rmse(model: &impl Predict, test: &RecordBatch) -> f64 {
    let predicted = numbers(&model.predict(test).unwrap());
    let errors: Vec<f64> = (predicted.iter().zip(floats(test, "cnt")))
        .map(|(found, cnt)| (found - cnt).powi(2))
        .collect();
    mean(&errors).sqrt()
}

/// Area under the curve and log-loss of the class "busy".
fn shares(model: &impl Classify, test: &RecordBatch) -> [f64; 2] {
    let busy: Vec<bool> = floats(test, "cnt")
        .into_iter()
        .map(|cnt| cnt > 142.0)
        .collect();
    let shares = column(&model.predict_proba(test).unwrap(), "busy");
    let losses: Vec<f64> = (shares.iter().zip(&busy))
        .map(|(share, busy)| {
            let share = share.clamp(1e-3, 1.0 - 1e-3);
            -(if *busy { share } else { 1.0 - share }).ln()
        })
        .collect();
    [auc(&shares, &busy), mean(&losses)]
}

/// The means over seeds differ by no more than `share` of the expected one.
fn assert_near(what: &str, found: &[f64], expected: &[f64], share: f64) {
    let [found, expected] = [mean(found), mean(expected)];
    println!("{what}: {found}, scikit-learn {expected}");
    assert!(
        (found - expected).abs() <= share * expected,
        "{what}: {found}, not {expected}"
    );
}

#[test]
fn regressions_do_as_well_on_held_out_rows_as_those_of_scikit_learn() {
    let Some([train, test]) = bike() else { return };
    let golden = golden();
    let forest: Vec<f64> = (0..5)
        .map(|seed| {
            let spec = RandomForestRegressor::new()
                .with_target("cnt")
                .with_features(BIKE);
            let spec = spec.with_num_trees(50).with_seed(seed);
            rmse(
                &spec
                    .with_max_features(MaxFeatures::Share(1.0 / 3.0))
                    .fit(&train)
                    .unwrap(),
                &test,
            )
        })
        .collect();
    assert_near(
        "forest rmse",
        &forest,
        &scores(&golden, "forest_rmse", 0),
        0.01,
    );
    let extra: Vec<f64> = (0..5)
        .map(|seed| {
            let spec = ExtraTreesRegressor::new()
                .with_target("cnt")
                .with_features(BIKE);
            rmse(
                &spec.with_num_trees(50).with_seed(seed).fit(&train).unwrap(),
                &test,
            )
        })
        .collect();
    assert_near(
        "extra trees rmse",
        &extra,
        &scores(&golden, "extra_rmse", 0),
        0.01,
    );
}

#[test]
fn classifications_do_as_well_on_held_out_rows_as_those_of_scikit_learn() {
    let Some([train, test]) = bike() else { return };
    let golden = golden();
    let forest: Vec<[f64; 2]> = (0..5)
        .map(|seed| {
            let spec = RandomForestClassifier::new()
                .with_target("busy")
                .with_features(BIKE);
            let spec = spec
                .with_num_trees(50)
                .with_min_samples_leaf(5)
                .with_seed(seed);
            shares(&spec.fit(&train).unwrap(), &test)
        })
        .collect();
    let extra: Vec<[f64; 2]> = (0..5)
        .map(|seed| {
            let spec = ExtraTreesClassifier::new()
                .with_target("busy")
                .with_features(BIKE);
            let spec = spec
                .with_num_trees(50)
                .with_min_samples_leaf(5)
                .with_seed(seed);
            shares(&spec.fit(&train).unwrap(), &test)
        })
        .collect();
    for (place, (score, share)) in [("auc", 0.003), ("log-loss", 0.02)].into_iter().enumerate() {
        for (kind, found) in [("forest", &forest), ("extra", &extra)] {
            let found: Vec<f64> = found.iter().map(|found| found[place]).collect();
            let expected = scores(&golden, &format!("{kind}_auc_log_loss"), place);
            assert_near(&format!("{kind} {score}"), &found, &expected, share);
        }
    }
}

#[test]
fn defaults_are_those_of_scikit_learn() {
    // n_estimators, max_depth, min_samples_split, min_samples_leaf, max_features, bootstrap, max_samples, oob_score and
    // class_weight as documented for scikit-learn 1.9.
    let expected = |max_features: &str, splitter: &str, bootstrap: bool| {
        json!({
            "num_trees": 100, "max_depth": null, "min_samples_split": 2, "min_samples_leaf": 1,
            "max_features": max_features, "splitter": splitter, "bootstrap": bootstrap, "max_samples": null,
            "oob": false, "max_bins": 255, "seed": 0,
        })
    };
    let params = |spec: Value| spec["params"].clone();
    let class_weight = |spec: &Value| spec["class_weight"].clone();
    let forest = serde_json::to_value(RandomForestClassifier::new()).unwrap();
    let extra = serde_json::to_value(ExtraTreesClassifier::new()).unwrap();
    assert_eq!(
        [class_weight(&forest), class_weight(&extra)],
        ["None", "None"]
    );
    assert_eq!(params(forest), expected("Sqrt", "Best", true));
    assert_eq!(params(extra), expected("Sqrt", "Random", false));
    let forest = serde_json::to_value(RandomForestRegressor::new()).unwrap();
    assert_eq!(params(forest), expected("All", "Best", true));
    let extra = serde_json::to_value(ExtraTreesRegressor::new()).unwrap();
    assert_eq!(params(extra), expected("All", "Random", false));
    let isolation = serde_json::to_value(IsolationForest::new()).unwrap();
    assert_eq!(
        isolation,
        json!({"features": null, "num_trees": 100, "max_samples": 256, "contamination": null, "seed": 0})
    );
}

#[test]
fn a_single_tree_predicts_out_of_its_bag_what_it_predicts() {
    let table = mixed(4000);
    for (share, left_out) in [(1.0, 0.367_9), (0.5, 0.606_5), (0.1, 0.904_8)] {
        let spec = RandomForestRegressor::new()
            .with_target("y")
            .with_features(FEATURES);
        let spec = spec.with_num_trees(1).with_max_samples(share).with_oob();
        let model = spec.fit(&table).unwrap();
        let oob = model.oob_predictions().unwrap();
        let oob = oob.as_primitive::<Float64Type>();
        let seen = (oob.len() - oob.null_count()) as f64 / oob.len() as f64;
        assert!((seen - left_out).abs() < 0.02, "{share}: {seen}");
        let predicted = numbers(&model.predict(&table).unwrap());
        for (found, predicted) in oob.iter().zip(predicted) {
            assert!(found.is_none_or(|found| found == predicted));
        }
        let y = column(&table, "y");
        let rows: Vec<(f64, f64)> = (oob.iter().zip(&y))
            .filter_map(|(found, y)| Some((found?, *y)))
            .collect();
        let center = mean(&rows.iter().map(|row| row.1).collect::<Vec<_>>());
        let errors: f64 = rows.iter().map(|(found, y)| (found - y).powi(2)).sum();
        let spread: f64 = rows.iter().map(|(_, y)| (y - center).powi(2)).sum();
        assert!((model.oob_score().unwrap() - (1.0 - errors / spread)).abs() < 1e-9);
    }
}

#[test]
fn the_score_out_of_the_bag_is_that_of_other_rows() {
    let table = mixed(6000);
    let (train, test) = (table.slice(0, 4000), table.slice(4000, 2000));
    // More trees than one word has bits.
    let spec = RandomForestClassifier::new()
        .with_target("label")
        .with_features(FEATURES);
    let model = spec.with_num_trees(70).with_oob().fit(&train).unwrap();
    let accuracy = |proba: &RecordBatch, table: &RecordBatch| {
        let label = table["label"].as_string::<i32>();
        let high = column(proba, "high");
        let right =
            (0..high.len()).filter(|row| (high[*row] >= 0.5) == (label.value(*row) == "high"));
        right.count() as f64 / high.len() as f64
    };
    let oob = model.oob_proba().unwrap().unwrap();
    assert_eq!(oob["high"].null_count(), 0);
    let [score, other] = [
        model.oob_score().unwrap(),
        accuracy(&model.predict_proba(&test).unwrap(), &test),
    ];
    assert!((score - accuracy(&oob, &train)).abs() < 1e-12);
    assert!((score - other).abs() < 0.03, "{score} {other}");
    let plain = RandomForestClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .with_num_trees(2);
    let plain = plain.fit(&train).unwrap();
    assert!(plain.oob_score().is_none() && plain.oob_proba().unwrap().is_none());
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
        match spec.clone().fit(&table) {
            Err(Error::InvalidParameter { parameter, .. }) => assert_eq!(parameter, name),
            other => panic!("{other:?}"),
        }
        assert!(spec.with_bootstrap(true).fit(&table).is_ok());
    }
}

#[test]
fn class_weights_count_as_row_weights_do() {
    let table = mixed(1500);
    let label = table["label"].as_string::<i32>();
    let weighted = |high: f64, low: f64| {
        let weights = (0..table.num_rows()).map(|row| {
            if label.value(row) == "high" {
                high
            } else {
                low
            }
        });
        let weights = Arc::new(Float64Array::from_iter_values(weights)) as ArrayRef;
        let features = FEW_VALUES.map(|name| (name, table[name].clone()));
        let columns = features
            .into_iter()
            .chain([("label", table["label"].clone()), ("w", weights)]);
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
            .unwrap()
    };
    let spec = || {
        let spec = RandomForestClassifier::new()
            .with_target("label")
            .with_features(FEW_VALUES);
        spec.with_num_trees(5).with_max_depth(6)
    };
    let high = (0..table.num_rows())
        .filter(|row| label.value(*row) == "high")
        .count() as f64;
    let rows = table.num_rows() as f64;
    let balanced = [rows / (2.0 * high), rows / (2.0 * (rows - high))];
    for (class_weight, [high, low]) in [
        (ClassWeight::of([("high", 3.0)]), [3.0, 1.0]),
        (ClassWeight::Balanced, balanced),
    ] {
        let by_class = spec().with_class_weight(class_weight).fit(&table).unwrap();
        let by_row = spec().with_weight("w").fit(&weighted(high, low)).unwrap();
        let [by_class, by_row] =
            [by_class, by_row].map(|model| column(&model.predict_proba(&table).unwrap(), "high"));
        // Of few values each has a bin of its own, whatever the weights.
        assert_eq!(by_class, by_row);
    }
    // A root that is not split predicts equal shares of balanced classes.
    let stump = |spec: RandomForestClassifier| {
        let model = spec.with_min_samples_split(10_000).fit(&table).unwrap();
        column(&model.predict_proba(&table).unwrap(), "high")[0]
    };
    assert!((stump(spec().with_balanced_trees()) - 0.5).abs() < 1e-12);
    assert!(
        (stump(
            spec()
                .with_bootstrap(false)
                .with_class_weight(ClassWeight::Balanced)
        ) - 0.5)
            .abs()
            < 1e-12
    );
}

/// `x` in one row of three, `y` uniform between 0 and a width that grows with `x`.
fn funnel(rows: usize, seed: u64) -> RecordBatch {
    let mut stream = Stream::new(seed, &[]);
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let at = stream.next_f64();
        x.push(at);
        y.push(10.0 * at + (1.0 + 4.0 * at) * stream.next_f64());
    }
    let columns = [("x", x), ("y", y)]
        .map(|(name, values)| (name, Arc::new(Float64Array::from(values)) as ArrayRef));
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn quantiles_cover_as_many_other_rows_as_they_say() {
    let (train, test) = (funnel(4000, 1), funnel(4000, 2));
    let spec = QuantileForestRegressor::new()
        .with_target("y")
        .with_num_trees(60);
    let model = spec.with_min_samples_leaf(20).fit(&train).unwrap();
    let wanted = [0.0, 0.1, 0.5, 0.9, 1.0];
    let quantiles = model.predict_quantiles(&test, &wanted).unwrap();
    let y = column(&test, "y");
    let mut before = vec![f64::NEG_INFINITY; y.len()];
    for wanted in wanted {
        let found = column(&quantiles, &format!("quantile_{wanted}"));
        assert!(before.iter().zip(&found).all(|(low, high)| low <= high));
        let below =
            y.iter().zip(&found).filter(|(y, found)| y <= found).count() as f64 / y.len() as f64;
        assert!((below - wanted).abs() < 0.025, "{wanted}: {below}");
        before = found;
    }
    let spec = RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(60);
    let forest = spec.with_min_samples_leaf(20).fit(&train).unwrap();
    assert_eq!(
        numbers(&model.predict(&test).unwrap()),
        numbers(&forest.predict(&test).unwrap())
    );
    for odd in [-0.1, 1.1, f64::NAN] {
        assert!(model.predict_quantiles(&test, &[odd]).is_err());
    }
    assert!(model.predict_quantiles(&test, &[]).is_err());
}

#[test]
fn quantiles_of_one_tree_are_those_of_the_rows_it_does_not_part() {
    let train = funnel(300, 3);
    let spec = QuantileForestRegressor::new()
        .with_target("y")
        .with_num_trees(1);
    let model = spec
        .with_bootstrap(false)
        .with_min_samples_leaf(7)
        .fit(&train)
        .unwrap();
    let means = numbers(&model.predict(&train).unwrap());
    let y = column(&train, "y");
    for quantile in [0.0, 0.25, 0.5, 0.8, 1.0] {
        let found = model.predict_quantiles(&train, &[quantile]).unwrap();
        let found = numbers(found.column(0));
        for row in 0..y.len() {
            // Leaves are told apart by their means.
            let mut leaf: Vec<f64> = (0..y.len())
                .filter(|other| means[*other] == means[row])
                .map(|other| y[other])
                .collect();
            leaf.sort_by(f64::total_cmp);
            let below = |target: f64| {
                leaf.iter().filter(|y| **y <= target).count() as f64 / leaf.len() as f64
            };
            let expected = leaf
                .iter()
                .copied()
                .find(|target| below(*target) >= quantile - 1e-9);
            assert_eq!(Some(found[row]), expected, "row {row}, {quantile}");
        }
    }
}

/// The rows of `make_forests.py`, and which are off the line.
fn outliers() -> (RecordBatch, Vec<bool>) {
    let (mut columns, mut odd_rows) = ([vec![], vec![], vec![]], vec![]);
    for row in 0..3000_i64 {
        let odd = row % 50 == 7;
        let a = row * 7919 % 1009;
        let b = if odd {
            1400 - a
        } else {
            (a + row * 104_729 % 211) % 1220
        };
        let c = if odd {
            700 + row * 31 % 97
        } else {
            row * 15_485_863 % 509
        };
        columns
            .iter_mut()
            .zip([a, b, c])
            .for_each(|(column, value)| column.push(value));
        odd_rows.push(odd);
    }
    let columns = ["a", "b", "c"]
        .into_iter()
        .zip(columns)
        .map(|(name, column)| (name, Arc::new(Int64Array::from(column)) as ArrayRef));
    (RecordBatch::try_from_iter(columns).unwrap(), odd_rows)
}

#[test]
fn anomalies_are_found_as_well_as_by_scikit_learn() {
    let (table, odd) = outliers();
    let golden = golden();
    let found: Vec<[f64; 2]> = (0..5)
        .map(|seed| {
            let forest = IsolationForest::new().with_seed(seed).fit(&table).unwrap();
            let scores = numbers(&forest.predict(&table).unwrap());
            [auc(&scores, &odd), mean(&scores)]
        })
        .collect();
    for (place, (what, share)) in [("auc", 0.01), ("mean score", 0.01)]
        .into_iter()
        .enumerate()
    {
        let found: Vec<f64> = found.iter().map(|found| found[place]).collect();
        assert_near(
            what,
            &found,
            &scores(&golden, "isolation_auc_mean", place),
            share,
        );
    }
}

#[test]
fn contamination_sets_how_many_rows_are_anomalies() {
    let (table, _) = outliers();
    for share in [0.001, 0.02, 0.5] {
        let forest = IsolationForest::new()
            .with_contamination(share)
            .fit(&table)
            .unwrap();
        let found = forest.is_anomaly(&table).unwrap().true_count() as f64;
        assert!((found - share * 3000.0).abs() <= 3.0, "{share}: {found}");
    }
    let forest = IsolationForest::new().fit(&table).unwrap();
    assert_eq!(forest.threshold(), 0.5);
    let scores = numbers(&forest.predict(&table).unwrap());
    let flags = forest.is_anomaly(&table).unwrap();
    assert!(
        scores
            .iter()
            .zip(flags.iter())
            .all(|(score, flag)| flag == Some(*score > 0.5))
    );
    let [a, b, c] = ["a", "b", "c"].map(|name| floats(&table, name));
    for row in [0, 7, 99] {
        assert_eq!(
            forest.predict_row(&[a[row], b[row], c[row]]).unwrap(),
            scores[row]
        );
    }
    assert!(forest.predict_row(&[1.0]).is_err());
    for odd in [0.0, 0.6, -1.0, f64::NAN] {
        assert!(
            IsolationForest::new()
                .with_contamination(odd)
                .fit(&table)
                .is_err()
        );
    }
}
