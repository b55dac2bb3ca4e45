//! Forests beside those of scikit-learn.

use std::sync::Arc;

use alchemy_core::arrow::array::{RecordBatch, StringArray};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::{Classify, CsvReader, Fit, Predict};
use alchemy_models::metrics::{log_loss, rmse, roc_auc};
use alchemy_models::{
    ExtraTreesClassifier, ExtraTreesRegressor, IsolationForest, MaxFeatures,
    RandomForestClassifier, RandomForestRegressor,
};
use serde_json::{Value, json};

use crate::isolation::outliers;
use crate::tables::{column, numbers, pick, with};

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

/// Hourly rentals to learn from and to be rated on; `None` without the data.
fn bike() -> Option<[RecordBatch; 2]> {
    let Ok(data) = std::env::var("ALCHEMY_DATA") else {
        println!("skipped: ALCHEMY_DATA is not set");
        return None;
    };
    let table = CsvReader::new()
        .read(format!("{data}/bike/hour.csv"))
        .unwrap();
    let busy = busy_hours(&table).into_iter();
    let busy = busy.map(|busy| if busy { "busy" } else { "calm" });
    let busy = Arc::new(StringArray::from_iter_values(busy));
    let table = with(&table, "busy", busy);
    Some([false, true].map(|held_out| {
        let rows = 0..table.num_rows();
        pick(&table, rows.filter(|row| (row % 4 == 3) == held_out))
    }))
}

fn count(bike: &RecordBatch) -> Vec<f64> {
    numbers(&cast(&bike["cnt"], &DataType::Float64).unwrap())
}

fn busy_hours(bike: &RecordBatch) -> Vec<bool> {
    count(bike).into_iter().map(|count| count > 142.0).collect()
}

/// What `fit` gives for each of the seeds that scikit-learn was given.
fn by_seed<T>(fit: impl Fn(u64) -> T) -> [T; 5] {
    [0, 1, 2, 3, 4].map(fit)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean over seeds differs by no more than `share` from that of the column number `place` of the golden table `golden`.
fn assert_near(what: &str, found: &[f64], golden: &str, place: usize, share: f64) {
    let tables: Value = serde_json::from_str(include_str!("../golden/forests.json")).unwrap();
    let rows = tables[golden].as_array().unwrap().iter();
    let expected: Vec<f64> = rows
        .map(|row| row.get(place).unwrap_or(row).as_f64().unwrap())
        .collect();
    let [found, expected] = [mean(found), mean(&expected)];
    println!("{what}: {found}, scikit-learn {expected}");
    assert!(
        (found - expected).abs() <= share * expected,
        "{what}: {found}, not {expected}"
    );
}

#[test]
fn regressions_do_as_well_on_held_out_rows_as_those_of_scikit_learn() {
    let Some([train, test]) = bike() else { return };
    let error = |model: &dyn Predict| {
        let predicted = numbers(&model.predict(&test).unwrap());
        rmse(&count(&test), &predicted, None).unwrap().unwrap()
    };
    let forest = by_seed(|seed| {
        let spec = RandomForestRegressor::new()
            .with_max_features(MaxFeatures::Share(1.0 / 3.0))
            .with_target("cnt")
            .with_features(BIKE)
            .with_num_trees(50)
            .with_seed(seed);
        error(&spec.fit(&train).unwrap())
    });
    assert_near("forest rmse", &forest, "forest_rmse", 0, 0.01);
    let extra = by_seed(|seed| {
        let spec = ExtraTreesRegressor::new()
            .with_target("cnt")
            .with_features(BIKE)
            .with_num_trees(50)
            .with_seed(seed);
        error(&spec.fit(&train).unwrap())
    });
    assert_near("extra trees rmse", &extra, "extra_rmse", 0, 0.01);
}

#[test]
fn classifications_do_as_well_on_held_out_rows_as_those_of_scikit_learn() {
    let Some([train, test]) = bike() else { return };
    let busy = busy_hours(&test);
    // Area under the curve and log-loss, which one share of 0 would make infinite.
    let rated = |model: &dyn Classify| {
        let shares = column(&model.predict_proba(&test).unwrap(), "busy");
        let clamped: Vec<f64> = (shares.iter())
            .map(|share| share.clamp(1e-3, 1.0 - 1e-3))
            .collect();
        let area = roc_auc(&busy, &shares, None).unwrap().unwrap();
        [area, log_loss(&busy, &clamped, None).unwrap().unwrap()]
    };
    let forest = by_seed(|seed| {
        let spec = RandomForestClassifier::new()
            .with_target("busy")
            .with_features(BIKE)
            .with_num_trees(50)
            .with_min_samples_leaf(5)
            .with_seed(seed);
        rated(&spec.fit(&train).unwrap())
    });
    let extra = by_seed(|seed| {
        let spec = ExtraTreesClassifier::new()
            .with_target("busy")
            .with_features(BIKE)
            .with_num_trees(50)
            .with_min_samples_leaf(5)
            .with_seed(seed);
        rated(&spec.fit(&train).unwrap())
    });
    for (place, (score, share)) in [("auc", 0.003), ("log-loss", 0.02)].into_iter().enumerate() {
        for (kind, found) in [("forest", &forest), ("extra", &extra)] {
            let golden = format!("{kind}_auc_log_loss");
            let what = format!("{kind} {score}");
            assert_near(
                &what,
                &found.map(|found| found[place]),
                &golden,
                place,
                share,
            );
        }
    }
}

#[test]
fn anomalies_are_found_as_well_as_by_scikit_learn() {
    let (table, odd) = outliers();
    let found = by_seed(|seed| {
        let forest = IsolationForest::new().with_seed(seed).fit(&table).unwrap();
        let scores = numbers(&forest.predict(&table).unwrap());
        [
            roc_auc(&odd, &scores, None).unwrap().unwrap(),
            mean(&scores),
        ]
    });
    for (place, what) in ["auc", "mean score"].into_iter().enumerate() {
        let found = found.map(|found| found[place]);
        assert_near(what, &found, "isolation_auc_mean", place, 0.01);
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
