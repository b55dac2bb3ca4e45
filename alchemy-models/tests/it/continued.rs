//! Fits that continue others.

use std::slice;
use std::sync::Arc;

use alchemy_core::arrow::array::{RecordBatch, StringArray};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::{Error, Fit, Model, Predict, Valid};
use alchemy_models::metrics::{mae, rmse};
use alchemy_models::{ClassWeight, FitOptions, Objective};

use crate::custom_objective::LogCosh;
use crate::learners::{bytes, classifier, regressor};
use crate::refusals::parameter;
use crate::tables::{FEATURES, column, cut, floats, mixed, numbers, pick, with};

/// A model that has been stored and loaded.
pub(crate) fn stored<M: Model>(model: &M) -> M {
    postcard::from_bytes(&bytes(model)).unwrap()
}

/// A table with a positive `y` and an offset `o`.
pub(crate) fn positive(rows: usize) -> RecordBatch {
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
    let table = positive(3000);
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
    let (train, valid) = (positive(1500), Valid::new(positive(2000).slice(1500, 500)));
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
    let (first, second) = (positive(1000), positive(3000).slice(1000, 2000));
    let spec = regressor().with_num_rounds(10);
    let model = spec.fit(&first).unwrap();
    let strange = Arc::new(StringArray::from(vec!["Wien"; 2000]));
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

#[test]
fn what_cannot_be_continued_is_an_error() {
    let table = positive(400);
    let model = regressor().with_num_rounds(2).fit(&table).unwrap();
    let options = FitOptions::new().with_previous(&model);
    let others = [
        regressor().with_features(["normal", "heavy"]),
        regressor().with_objective(Objective::Absolute),
        regressor().with_offset("o"),
    ];
    for spec in others {
        let refused = parameter(spec.fit_options(slice::from_ref(&table), options));
        assert_eq!(refused, "previous");
    }
    let cosh = options.with_objective(&LogCosh);
    assert_eq!(
        parameter(regressor().fit_options(slice::from_ref(&table), cosh)),
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
    let small = numbers(&cast(&table["small"], &DataType::Float64).unwrap());
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
    assert_eq!(parameter(offset.fit_options(&[table], options)), "previous");
}
