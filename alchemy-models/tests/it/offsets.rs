//! Scores that training and prediction start from.

use std::slice;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, RecordBatchIterator,
    StringArray,
};
use alchemy_core::column::NumericColumn;
use alchemy_core::{Classify, Context, CsvReader, Error, Fit, Predict, Valid};
use alchemy_models::{
    CustomObjective, FitOptions, FittedGradientBoostingClassifier, GradientBoostingClassifier,
    GradientBoostingRegressor, RowScratch,
};

use serde_json::Value;

use crate::tables::{column, cut, mixed, numbers, with};

fn floats(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// A series that climbs by 1, or by 3 where `steep`.
fn climb(start: f64, rows: usize) -> RecordBatch {
    let steep: Vec<f64> = (0..rows)
        .map(|row| f64::from(u8::from(row % 2 == 0)))
        .collect();
    let last: Vec<f64> = (0..rows).map(|row| start + 2.0 * row as f64).collect();
    let next: Vec<f64> = last
        .iter()
        .zip(&steep)
        .map(|(last, steep)| last + 1.0 + 2.0 * steep)
        .collect();
    let columns = [("steep", steep), ("last", last), ("next", next)];
    RecordBatch::try_from_iter(
        columns.map(|(name, values)| (name, Arc::new(Float64Array::from(values)) as ArrayRef)),
    )
    .unwrap()
}

#[test]
fn an_offset_carries_the_trees_beyond_the_targets_they_saw() {
    let spec = GradientBoostingRegressor::new()
        .with_target("next")
        .with_features(["steep"])
        .with_offset("last")
        .with_num_rounds(200);
    let model = spec.fit(&climb(0.0, 200)).unwrap();
    let far = climb(1e6, 50);
    let predictions = NumericColumn::new("p", &model.predict(&far).unwrap()).unwrap();
    let truth = NumericColumn::new("next", &far["next"]).unwrap();
    for row in 0..50 {
        let (found, expected) = (
            predictions.view().get(row).unwrap(),
            truth.view().get(row).unwrap(),
        );
        assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
    }
}

#[test]
fn a_row_without_an_offset_teaches_nothing_and_gets_no_prediction() {
    let batch = climb(0.0, 50);
    let last: Float64Array = (0..50)
        .map(|row| (row != 7).then_some(2.0 * f64::from(row)))
        .collect();
    let gap = RecordBatch::try_from_iter_with_nullable([
        ("steep", batch["steep"].clone(), true),
        ("last", Arc::new(last) as ArrayRef, true),
        ("next", batch["next"].clone(), true),
    ])
    .unwrap();
    let spec = GradientBoostingRegressor::new()
        .with_target("next")
        .with_features(["steep"])
        .with_offset("last");
    let error = spec.fit(&gap).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"last\", row 7: \"null\" is not a number between -1e30 and 1e30"
    );
    let predictions = spec.fit(&batch).unwrap().predict(&gap).unwrap();
    assert_eq!(predictions.null_count(), 1);
    assert!(predictions.is_null(7));
}

/// The table with a class `rank` of three that goes with `y`, and three columns of scores to start from.
fn ranked(rows: usize) -> RecordBatch {
    let table = mixed(rows);
    let rank = column(&table, "y").into_iter().enumerate().map(|(row, y)| {
        let noisy = y + (row % 7) as f64 * 0.3;
        ["bronze", "gold", "silver"][usize::from(noisy > 2.0) + usize::from(noisy > 3.5)]
    });
    let table = with(
        &table,
        "rank",
        Arc::new(StringArray::from_iter_values(rank)),
    );
    (1..=3u8).fold(table, |table, times| {
        let scores = (0..rows).map(|row| f64::from(times) * ((row * 31 % 17) as f64 / 8.0 - 1.0));
        with(&table, &format!("o{times}"), floats(scores))
    })
}

const COLUMNS: [(&str, &str); 3] = [("bronze", "o1"), ("gold", "o2"), ("silver", "o3")];

fn classifier() -> GradientBoostingClassifier {
    GradientBoostingClassifier::new()
        .with_target("rank")
        .with_features(["normal", "heavy", "small", "flag", "city"])
        .with_num_rounds(8)
}

/// By class.
fn probabilities(model: &dyn Classify, table: &RecordBatch) -> [Vec<f64>; 3] {
    let p = model.predict_proba(table).unwrap();
    ["bronze", "gold", "silver"].map(|class| column(&p, class))
}

/// The mean log loss of the true classes.
fn log_loss(model: &dyn Classify, table: &RecordBatch) -> f64 {
    let p = model.predict_proba(table).unwrap();
    let rank = table["rank"].as_string::<i32>();
    let own = (0..table.num_rows()).map(|row| column(&p, rank.value(row))[row]);
    own.map(|p| -p.ln()).sum::<f64>() / table.num_rows() as f64
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() < tolerance,
            "{found}, not {expected}"
        );
    }
}

/// A constant for each class changes nothing, for training starts from the constants that are best over the offsets; a number
/// added to all scores of a row changes nothing, for probabilities are those of differences.
#[test]
fn what_is_constant_over_rows_or_over_classes_is_made_up_for() {
    let table = ranked(2000);
    let over = classifier().with_class_offsets(COLUMNS);
    let constants = COLUMNS.iter().zip([1.5, -40.0, 0.25]);
    let constant = constants.fold(table.clone(), |table, ((_, name), value)| {
        with(&table, name, floats(vec![value; 2000]))
    });
    let plain = probabilities(&classifier().fit(&table).unwrap(), &table);
    let found = probabilities(&over.fit(&constant).unwrap(), &constant);
    for (found, expected) in found.iter().zip(&plain) {
        assert_near(found, expected, 1e-6);
    }
    let moved = COLUMNS.iter().fold(table.clone(), |moved, (_, name)| {
        let by = |row: usize| (row % 5) as f64 * 3.0 - 7.0;
        let scores = column(&table, name).into_iter().enumerate();
        with(
            &moved,
            name,
            floats(scores.map(|(row, score)| score + by(row))),
        )
    });
    let expected = probabilities(&over.fit(&table).unwrap(), &table);
    let found = probabilities(&over.fit(&moved).unwrap(), &moved);
    for (found, expected) in found.iter().zip(&expected) {
        assert_near(found, expected, 1e-6);
    }
}

/// Where trees add nothing, the mean probability of each class is its share, and the odds of two classes differ between rows by
/// what their offsets differ.
#[test]
fn scores_to_start_from_are_added_again_in_prediction() {
    let table = ranked(2000);
    let spec = classifier().with_class_offsets(COLUMNS).with_num_rounds(1);
    let model = spec.clone().with_learning_rate(1e-9).fit(&table).unwrap();
    let p = probabilities(&model, &table);
    let offsets = COLUMNS.map(|(_, name)| column(&table, name));
    let rank = table["rank"].as_string::<i32>();
    for (place, (class, _)) in COLUMNS.iter().enumerate() {
        let share = rank.iter().filter(|rank| *rank == Some(class)).count() as f64 / 2000.0;
        assert!((p[place].iter().sum::<f64>() / 2000.0 - share).abs() < 1e-6);
        let odds = |row: usize| {
            let offset = offsets[place][row] - offsets[0][row];
            (p[place][row] / p[0][row]).ln() - offset
        };
        assert!((1..2000).all(|row| (odds(row) - odds(0)).abs() < 1e-6));
    }
    // Raw scores are without offsets, and a row of features has none.
    let raw = model.predict_raw(&table).unwrap();
    let scores = COLUMNS.map(|(class, _)| column(&raw, class));
    let [a, b] =
        [7, 8].map(|row| [0, 1, 2].map(|class| (scores[class][row] + offsets[class][row]).exp()));
    for (row, exps) in [(7, a), (8, b)] {
        let expected = exps[1] / exps.iter().sum::<f64>();
        assert!((p[1][row] - expected).abs() < 1e-12);
    }
    let mut scratch = RowScratch::new();
    assert!(model.predict_proba_row(&[0.0; 5], &mut scratch).is_err());
    // Neither order nor batches, nor whether the table is held, matter.
    let whole = spec.fit(&table).unwrap();
    let mut reversed = COLUMNS;
    reversed.reverse();
    let other = spec.clone().with_class_offsets(reversed);
    assert_eq!(
        other
            .fit_batches(&cut(&table, 300), &Context::new())
            .unwrap(),
        whole
    );
    let open = || {
        Ok(RecordBatchIterator::new(
            cut(&table, 99).into_iter().map(Ok),
            table.schema(),
        ))
    };
    assert_eq!(spec.fit_stream(open, FitOptions::new()).unwrap(), whole);
    let stored: FittedGradientBoostingClassifier =
        postcard::from_bytes(&postcard::to_stdvec(&whole).unwrap()).unwrap();
    assert_eq!(
        probabilities(&stored, &table),
        probabilities(&whole, &table)
    );
}

#[test]
fn the_validation_part_starts_from_its_offsets_too() {
    let (train, valid) = (ranked(2000), ranked(2600).slice(2000, 600));
    let spec = classifier().with_class_offsets(COLUMNS);
    let model = spec
        .fit_validated(&train, &Valid::new(valid.clone()))
        .unwrap();
    assert_eq!(model.num_rounds(), 8);
    assert!((model.history()[7] - log_loss(&model, &valid)).abs() < 1e-9);
    let first = model.first_rounds(3).unwrap();
    assert!((model.history()[2] - log_loss(&first, &valid)).abs() < 1e-9);
}

#[test]
fn offsets_that_are_not_those_of_the_classes_are_errors() {
    let table = ranked(300);
    let message = |spec: GradientBoostingClassifier| spec.fit(&table).unwrap_err().to_string();
    let of = |columns: &[(&str, &str)]| classifier().with_class_offsets(columns.iter().copied());
    for (found, expected) in [
        (message(of(&COLUMNS[..2])), "has no column for \"silver\""),
        (message(of(&[])), "has no column for \"bronze\""),
        (message(of(&[("tin", "o1")])), "has a column for \"tin\""),
        (
            message(classifier().with_offset("o1")),
            "there are 3: with_class_offsets",
        ),
        (
            message(of(&[("high", "o1"), ("low", "o2")]).with_target("label")),
            "of two, with_offset takes the log odds",
        ),
        (
            message(of(&[("bronze", "o1"), ("gold", "o2"), ("silver", "none")])),
            "none",
        ),
        (
            message(of(&[("bronze", "o1"), ("gold", "o2"), ("silver", "city")])),
            "city",
        ),
    ] {
        assert!(found.contains(expected), "{found}");
    }
    let spec = of(&COLUMNS);
    let model = spec.fit(&table).unwrap();
    let gap = Float64Array::from_iter((0..300).map(|row| (row != 9).then_some(1.0)));
    let far = floats((0..300).map(|row| if row == 9 { -300.5 } else { 300.0 }));
    for spoiled in [Arc::new(gap) as ArrayRef, far] {
        let spoiled = with(&table, "o2", spoiled);
        for error in [
            spec.fit(&spoiled).unwrap_err(),
            model.predict_proba(&spoiled).unwrap_err(),
        ] {
            assert!(
                matches!(error, Error::InvalidValue { row: 9, .. }),
                "{error}"
            );
        }
    }
    // Only what starts from the same columns can be continued.
    let options = FitOptions::new().with_previous(&model);
    let fit = |spec: GradientBoostingClassifier| spec.fit_options(slice::from_ref(&table), options);
    assert!(fit(spec.clone()).is_ok());
    let exchanged = [("bronze", "o2"), ("gold", "o1"), ("silver", "o3")];
    for other in [classifier(), of(&exchanged)] {
        assert!(matches!(
            fit(other),
            Err(Error::InvalidParameter {
                parameter: "previous",
                ..
            })
        ));
    }
}

/// Offsets as far apart as they may be leave nothing to learn from, and no probability that is none.
#[test]
fn offsets_at_the_ends_of_what_is_allowed_are_learned() {
    let table = ranked(600);
    let far = COLUMNS
        .iter()
        .enumerate()
        .fold(table, |table, (place, (_, name))| {
            let scores = (0..600).map(|row| {
                if (row / 3) % 3 == place {
                    300.0
                } else {
                    -300.0
                }
            });
            with(&table, name, floats(scores))
        });
    let model = classifier().with_class_offsets(COLUMNS).fit(&far).unwrap();
    let p = probabilities(&model, &far);
    for row in 0..600 {
        let of_row = p.each_ref().map(|p| p[row]);
        assert!(of_row.iter().all(|p| (0.0..=1.0).contains(p)));
        assert!((of_row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

/// The log loss of classes, with its second derivative times a factor.
struct Factor(f64);

impl CustomObjective for Factor {
    fn derivatives(&self, scores: &[f64], targets: &[f64], derivatives: &mut [[f32; 2]]) {
        let classes = scores.len() / targets.len();
        let rows = scores
            .chunks_exact(classes)
            .zip(derivatives.chunks_exact_mut(classes));
        for ((scores, derivatives), target) in rows.zip(targets) {
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
            for (class, (score, pair)) in scores.iter().zip(derivatives).enumerate() {
                let p = (score - highest).exp() / sum;
                let hit = f64::from(u8::from((target - class as f64).abs() < 0.5));
                *pair = [p - hit, self.0 * p * (1.0 - p)].map(single);
            }
        }
    }

    fn loss(&self, scores: &[f64], target: f64) -> f64 {
        let own = (0..scores.len()).find(|class| (target - *class as f64).abs() < 0.5);
        let sum: f64 = scores.iter().map(|score| score.exp()).sum();
        sum.ln() - scores[own.unwrap()]
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding is what is wanted"
)]
fn single(value: f64) -> f32 {
    value as f32
}

fn fit(
    spec: &GradientBoostingClassifier,
    table: &RecordBatch,
    options: FitOptions<'_, FittedGradientBoostingClassifier>,
) -> FittedGradientBoostingClassifier {
    spec.fit_options(slice::from_ref(table), options).unwrap()
}

/// An objective from outside starts from the offsets alone, so that rounds over the raw scores of a model are, to the bit, those
/// of one longer fit. The log loss within starts from the constants that are best over them, and so only comes close.
#[test]
fn rounds_over_the_raw_scores_of_a_model_are_the_rounds_that_would_have_followed() {
    let table = ranked(2000);
    let both = |options: FitOptions<'_, FittedGradientBoostingClassifier>| {
        let first = fit(&classifier(), &table, options);
        let raw = first.predict_raw(&table).unwrap();
        let columns = COLUMNS.iter();
        let over = columns.fold(table.clone(), |table, (class, name)| {
            with(&table, name, raw[*class].clone())
        });
        let next = fit(&classifier().with_class_offsets(COLUMNS), &over, options);
        let longer = fit(&classifier(), &table, options.with_previous(&first));
        (next, longer, over)
    };
    let (next, longer, over) = both(FitOptions::new().with_objective(&Factor(1.0)));
    for tree in 0..24 {
        assert_eq!(next.tree_text(tree), longer.tree_text(24 + tree));
    }
    for (found, expected) in probabilities(&next, &over)
        .iter()
        .zip(probabilities(&longer, &over))
    {
        assert_near(found, &expected, 1e-12);
    }
    let (next, longer, over) = both(FitOptions::new());
    let [found, expected] = [&next, &longer].map(|model| log_loss(model, &over));
    assert!(
        (found / expected - 1.0).abs() < 0.01,
        "{found}, not {expected}"
    );
}

/// `LightGBM` has its factor K / (K - 1) in the second derivative, and starts from the scores alone.
#[test]
fn class_offsets_are_the_init_scores_of_lightgbm() {
    let golden: Value = serde_json::from_str(include_str!("../golden/class_offsets.json")).unwrap();
    let listed = |value: &Value| -> Vec<f64> {
        let values = value.as_array().unwrap().iter();
        values.map(|value| value.as_f64().unwrap()).collect()
    };
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/trees.csv");
    let table = CsvReader::new().with_infer_rows(2000).read(path).unwrap();
    let codes = golden["codes"].as_array().unwrap().iter();
    let codes = Int64Array::from_iter(codes.map(Value::as_i64));
    let table = with(&table.slice(0, 1000), "code", Arc::new(codes));
    let table = (0..3).fold(table, |table, class| {
        with(
            &table,
            &format!("o{class}"),
            floats(listed(&golden["offsets"][class])),
        )
    });
    let spec = GradientBoostingClassifier::new()
        .with_target("code")
        .with_features(["x0", "x1", "x2", "x3"])
        .with_class_offsets([("0", "o0"), ("1", "o1"), ("2", "o2")])
        .with_num_leaves(15)
        .with_min_samples_leaf(1)
        .with_min_child_weight(3.0)
        .with_num_rounds(12);
    let options = FitOptions::new().with_objective(&Factor(1.5));
    let model = spec.fit_options(slice::from_ref(&table), options).unwrap();
    let found = model.predict_proba(&table).unwrap();
    for class in 0..3 {
        let expected = listed(&golden["probabilities"][class]);
        assert_near(&numbers(found.column(class)), &expected, 1e-6);
    }
}
