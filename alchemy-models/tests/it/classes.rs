//! Classes as they are read, rated and given back.

use std::sync::Arc;

use alchemy_core::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, DictionaryArray, Float32Array, Int8Array,
    StringArray,
};
use alchemy_core::arrow::datatypes::{Int32Type, Int64Type};
use alchemy_core::{Classify, Fit, Predict};
use alchemy_models::{GradientBoostingClassifier, RandomForestClassifier};

use crate::tables::{floats, mixed, numbers, table};

#[test]
fn classes_come_back_in_their_own_type() {
    let text: DictionaryArray<Int32Type> = (0..200).map(|row| ["b", "ä", "a"][row / 70]).collect();
    let plain: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..200).map(|row| ["b", "ä", "a"][row / 70]),
    ));
    let targets: [(ArrayRef, ArrayRef); 5] = [
        (
            Arc::new(BooleanArray::from_iter((0..200).map(|row| Some(row < 90)))),
            Arc::new(BooleanArray::from(vec![false, true])),
        ),
        (
            Arc::new(Int8Array::from_iter_values(
                (0..200).map(|row| [-3, 100, 7][row / 70]),
            )),
            Arc::new(Int8Array::from(vec![-3, 7, 100])),
        ),
        (
            Arc::new(Date32Array::from_iter_values(
                (0..200).map(|row| [20_000, 10][row / 100]),
            )),
            Arc::new(Date32Array::from(vec![10, 20_000])),
        ),
        (
            Arc::new(Float32Array::from_iter_values(
                (0..200).map(|row| [1.0, 0.0][row / 100]),
            )),
            Arc::new(Float32Array::from(vec![0.0, 1.0])),
        ),
        (
            plain.clone(),
            Arc::new(StringArray::from(vec!["a", "b", "ä"])),
        ),
    ];
    for (target, classes) in targets {
        let table = table([
            ("x", floats((0..200).map(f64::from))),
            ("class", target.clone()),
        ]);
        let boosted = GradientBoostingClassifier::new()
            .with_target("class")
            .fit(&table)
            .unwrap();
        assert_eq!(boosted.classes(), &classes);
        assert_eq!(&boosted.predict(&table).unwrap(), &target);
        let forest = RandomForestClassifier::new()
            .with_target("class")
            .with_bootstrap(false)
            .with_num_trees(1);
        assert_eq!(
            &forest.fit(&table).unwrap().predict(&table).unwrap(),
            &target
        );
    }
    let table = table([
        ("x", floats((0..200).map(f64::from))),
        ("class", Arc::new(text) as ArrayRef),
    ]);
    let unpacked = GradientBoostingClassifier::new()
        .with_target("class")
        .fit(&table)
        .unwrap()
        .predict(&table)
        .unwrap();
    assert_eq!(&unpacked, &plain);
}

#[test]
fn probabilities_are_named_ordered_and_sum_to_one() {
    let table = mixed(600);
    let boosted = GradientBoostingClassifier::new()
        .with_target("small")
        .with_num_rounds(5)
        .fit(&table)
        .unwrap();
    let forest = RandomForestClassifier::new()
        .with_target("small")
        .with_num_trees(9)
        .fit(&table)
        .unwrap();
    for model in [&boosted as &dyn Classify, &forest] {
        let shares = model.predict_proba(&table).unwrap();
        let names: Vec<String> = shares
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        assert_eq!(
            names,
            (0..10).map(|class| class.to_string()).collect::<Vec<_>>()
        );
        let predicted = model.predict(&table).unwrap();
        let predicted = predicted.as_primitive::<Int64Type>();
        for row in 0..table.num_rows() {
            let shares: Vec<f64> = shares
                .columns()
                .iter()
                .map(|column| numbers(column)[row])
                .collect();
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let chosen = usize::try_from(predicted.value(row)).unwrap();
            assert!(
                shares
                    .iter()
                    .all(|share| (0.0..=1.0).contains(share) && *share <= shares[chosen])
            );
        }
    }
}
