use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, DictionaryArray, Float32Array, Float64Array,
    Int64Array, StringArray, types::Int8Type,
};
use alchemy_core::{Action, Ledger, SelectRows, Transform};

use super::*;

fn batch(values: Vec<Option<f64>>) -> RecordBatch {
    let x = Arc::new(Float64Array::from(values)) as ArrayRef;
    RecordBatch::try_from_iter([("x", x)]).unwrap()
}

fn sample() -> RecordBatch {
    batch([1.0, 2.0, 3.0, 4.0, 5.0].map(Some).to_vec())
}

#[test]
fn only_the_named_side_is_capped_and_missing_is_not() {
    let new = batch(vec![
        Some(-100.0),
        Some(100.0),
        None,
        Some(f64::NAN),
        Some(f64::INFINITY),
    ]);
    let capped = |side| {
        let out = Outliers::iqr(1.5, side)
            .fit(&sample())
            .unwrap()
            .transform(&new)
            .unwrap();
        out.column(0).clone()
    };
    let wanted = |lower, upper, infinity| {
        Float64Array::from(vec![Some(lower), Some(upper), None, None, Some(infinity)])
    };
    assert_eq!(
        capped(Side::Lower).as_ref(),
        &wanted(-1.0, 100.0, f64::INFINITY)
    );
    assert_eq!(capped(Side::Upper).as_ref(), &wanted(-100.0, 7.0, 7.0));
    assert_eq!(capped(Side::Both).as_ref(), &wanted(-1.0, 7.0, 7.0));
}

#[test]
fn capped_cells_are_counted_and_shown() {
    let fitted = Outliers::iqr(1.5, Side::Both).fit(&sample()).unwrap();
    let mut ledger = Ledger::new();
    fitted
        .transform_with(
            &batch(vec![Some(7.0), Some(7.5), None, Some(-9.0)]),
            &mut ledger,
        )
        .unwrap();
    let entry = ledger.entries().next().unwrap();
    assert_eq!(
        (entry.action, entry.count, entry.of),
        (Action::Capped, 2, 4)
    );
    assert_eq!(
        entry.examples,
        [(1, "7.5".to_owned()), (3, "-9.0".to_owned())]
    );
}

#[test]
fn a_multiplier_below_zero_is_refused() {
    for multiplier in [-0.1, f64::NAN, f64::INFINITY] {
        let error = Outliers::iqr(multiplier, Side::Both)
            .fit(&sample())
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::InvalidParameter {
                    parameter: "multiplier",
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn a_column_without_a_value_is_an_error_and_integers_stay_integers() {
    let error = Outliers::iqr(1.5, Side::Both)
        .fit(&batch(vec![None]))
        .unwrap_err();
    assert_eq!(error.to_string(), "column \"x\" has no value to learn from");
    let ints = Arc::new(Int64Array::from(vec![1, 2, 3, 4, 50])) as ArrayRef;
    let ints = RecordBatch::try_from_iter([("x", ints)]).unwrap();
    let fitted = Outliers::iqr(0.2, Side::Upper).fit(&ints).unwrap();
    assert_eq!(fitted.fences("x").unwrap().upper(), Some(4.4));
    let capped = fitted.transform(&ints).unwrap();
    assert_eq!(
        capped.column(0).as_ref(),
        &Int64Array::from(vec![1, 2, 3, 4, 4])
    );
}

/// What is left of `sample` with one value far away.
fn far() -> RecordBatch {
    batch(vec![
        Some(1.0),
        Some(2.0),
        None,
        Some(3.0),
        Some(4.0),
        Some(100.0),
    ])
}

#[test]
fn an_outlier_is_capped_beside_nulled_flagged_or_left_out() {
    let fitted = |action| {
        let outliers = Outliers::iqr(1.5, Side::Both).with_action(action);
        outliers.fit(&far()).unwrap()
    };
    let run = |action| {
        let mut ledger = Ledger::new();
        let out = fitted(action).transform_with(&far(), &mut ledger).unwrap();
        let entry = ledger.entries().next().unwrap().clone();
        assert_eq!(
            (entry.count, entry.examples),
            (1, vec![(5, "100.0".into())])
        );
        (out, entry.action)
    };
    let numbers =
        |last| Float64Array::from(vec![Some(1.0), Some(2.0), None, Some(3.0), Some(4.0), last]);
    let (beside, action) = run(OnOutlier::CapBeside);
    assert_eq!(action, Action::Capped);
    assert_eq!(beside.column(0).as_ref(), &numbers(Some(100.0)));
    assert_eq!(
        beside.column_by_name("x_capped").unwrap().as_ref(),
        &numbers(Some(7.0))
    );
    let (nulled, action) = run(OnOutlier::Null);
    assert_eq!(action, Action::Nulled);
    assert_eq!(nulled.column(0).as_ref(), &numbers(None));
    let (flagged, action) = run(OnOutlier::Flag);
    assert_eq!(action, Action::Flagged);
    let flags = BooleanArray::from(vec![false, false, false, false, false, true]);
    assert_eq!(
        flagged.column_by_name("x_outlier").unwrap().as_boolean(),
        &flags
    );
    assert_eq!(flagged.column(0), far().column(0));
    let kept = fitted(OnOutlier::Cap)
        .select(&far(), &mut Ledger::new())
        .unwrap();
    assert_eq!(kept, far().slice(0, 5));
    let error = fitted(OnOutlier::Flag).transform(&flagged).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column name \"x_outlier\" occurs more than once"
    );
}

#[test]
fn every_rule_has_its_fences() {
    let fences = |outliers: Outliers| {
        let fences = outliers.fit(&far()).unwrap().fences("x").unwrap();
        (fences.lower(), fences.upper())
    };
    let values = [1.0, 2.0, 3.0, 4.0, 100.0];
    assert_eq!(
        fences(Outliers::iqr(1.0, Side::Both)),
        (Some(0.0), Some(6.0))
    );
    assert_eq!(
        fences(Outliers::quantiles(0.25..=0.75)),
        (Some(2.0), Some(4.0))
    );
    assert_eq!(fences(Outliers::quantiles(..=0.5)), (None, Some(3.0)));
    assert_eq!(fences(Outliers::fixed(0.0..)), (Some(0.0), None));
    let margin = 2.0 * 1.0 / 0.6745;
    assert_eq!(
        fences(Outliers::mad(2.0, Side::Both)),
        (Some(3.0 - margin), Some(3.0 + margin))
    );
    let variance = values
        .iter()
        .map(|value: &f64| (value - 22.0).powi(2))
        .sum::<f64>()
        / 4.0;
    let (lower, upper) = fences(Outliers::z_score(1.0, Side::Both));
    assert!((lower.unwrap() - (22.0 - variance.sqrt())).abs() < 1e-12);
    assert!((upper.unwrap() - (22.0 + variance.sqrt())).abs() < 1e-12);
}

#[test]
fn equal_values_make_fences_that_meet_and_infinities_none() {
    let constant = batch(vec![Some(2.0), Some(2.0), Some(2.0), Some(2.0), Some(5.0)]);
    for outliers in [
        Outliers::iqr(1.5, Side::Both),
        Outliers::mad(3.5, Side::Both),
    ] {
        let fitted = outliers
            .with_action(OnOutlier::Flag)
            .fit(&constant)
            .unwrap();
        let fences = fitted.fences("x").unwrap();
        assert_eq!((fences.lower(), fences.upper()), (Some(2.0), Some(2.0)));
        let flags = fitted.transform(&constant).unwrap();
        assert_eq!(flags.column(1).as_boolean().true_count(), 1);
    }
    let infinite = batch(vec![
        Some(1.0),
        Some(f64::INFINITY),
        Some(f64::NEG_INFINITY),
    ]);
    let fitted = Outliers::z_score(1.0, Side::Both).fit(&infinite).unwrap();
    let fences = fitted.fences("x").unwrap();
    assert_eq!((fences.lower(), fences.upper()), (None, None));
    let out = fitted.transform(&infinite).unwrap();
    assert_eq!(out.column(0), infinite.column(0));
}

fn grouped(keys: Vec<Option<&str>>, values: Vec<Option<f64>>) -> RecordBatch {
    let keys = Arc::new(StringArray::from(keys)) as ArrayRef;
    let values = Arc::new(Float64Array::from(values)) as ArrayRef;
    RecordBatch::try_from_iter_with_nullable([("k", keys, true), ("x", values, true)]).unwrap()
}

#[test]
fn each_group_has_its_fences_and_others_those_of_all_rows() {
    let train = grouped(
        vec![Some("a"), Some("a"), Some("a"), None, None, Some("one")],
        vec![
            Some(0.0),
            Some(1.0),
            Some(2.0),
            Some(10.0),
            Some(12.0),
            Some(50.0),
        ],
    );
    let outliers = Outliers::z_score(1.0, Side::Both).with_keys(["k"]);
    let fitted = outliers.fit(&train).unwrap();
    let groups: Vec<_> = fitted.fences_by_group("x").collect();
    assert_eq!(groups.len(), 2);
    assert_eq!(groups[0].0, [None]);
    assert_eq!(groups[1].0, [Some("a".to_owned())]);
    assert_eq!(
        (groups[1].1.lower(), groups[1].1.upper()),
        (Some(0.0), Some(2.0))
    );
    let json = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedOutliers>(&json).unwrap(),
        fitted
    );

    let new = grouped(
        vec![Some("a"), Some("new"), Some("one"), None, Some("new")],
        vec![Some(9.0), Some(9.0), Some(9.0), Some(9.0), None],
    );
    let mut ledger = Ledger::new();
    let capped = fitted.transform_with(&new, &mut ledger).unwrap();
    let lower = 11.0 - 2.0_f64.sqrt();
    let wanted = [Some(2.0), Some(9.0), Some(9.0), Some(lower), None];
    let found = capped
        .column(1)
        .as_primitive::<alchemy_core::arrow::datatypes::Float64Type>();
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(
            found.zip(wanted).is_none_or(|(a, b)| (a - b).abs() < 1e-12),
            "{found:?} {wanted:?}"
        );
    }
    assert_eq!(ledger.count("x", Action::Unmatched), 2);
    let entry = ledger
        .entries()
        .find(|entry| entry.action == Action::Unmatched)
        .unwrap();
    assert_eq!(
        entry.examples,
        [(1, "new".to_owned()), (2, "one".to_owned())]
    );
}

#[test]
fn parameters_that_make_no_sense_are_refused_by_name() {
    let parameter = |outliers: Outliers| match outliers.fit(&far()).unwrap_err() {
        Error::InvalidParameter { parameter, .. } => parameter,
        other => panic!("{other}"),
    };
    assert_eq!(
        parameter(Outliers::mad(1.0, Side::Both).with_sketches()),
        "sketches"
    );
    assert_eq!(parameter(Outliers::fixed(1.0..).with_keys(["x"])), "keys");
    assert_eq!(parameter(Outliers::fixed(2.0..=1.0)), "bounds");
    assert_eq!(parameter(Outliers::quantiles(-0.1..)), "quantiles");
    let one = batch(vec![Some(1.0)]);
    let error = Outliers::z_score(3.0, Side::Both).fit(&one).unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter `rule`: column \"x\" has one value, and no standard deviation"
    );
}

#[test]
fn sketches_say_their_error_and_keep_it() {
    let values: Vec<Option<f64>> = (1..=1001).map(|value| Some(f64::from(value))).collect();
    let outliers = Outliers::quantiles(0.1..=0.9);
    let exact = outliers.clone().fit(&batch(values.clone())).unwrap();
    let exact = exact.fences("x").unwrap();
    assert_eq!(exact.relative_error(), None);
    let sketched = outliers.with_sketches().fit(&batch(values)).unwrap();
    let sketched = sketched.fences("x").unwrap();
    let error = sketched.relative_error().unwrap();
    assert!(error <= 0.002);
    for (exact, sketched) in [
        (exact.lower(), sketched.lower()),
        (exact.upper(), sketched.upper()),
    ] {
        let (exact, sketched) = (exact.unwrap(), sketched.unwrap());
        assert!(
            (exact - sketched).abs() <= error * exact,
            "{exact} {sketched}"
        );
    }
}

#[test]
fn dictionaries_and_narrow_types_are_kept() {
    let values = Arc::new(Float32Array::from(vec![1.0, 900.0]));
    let keys =
        alchemy_core::arrow::array::PrimitiveArray::<Int8Type>::from(vec![Some(0), Some(1), None]);
    let column = Arc::new(DictionaryArray::new(keys, values)) as ArrayRef;
    let table = RecordBatch::try_from_iter([("x", column)]).unwrap();
    let fitted = Outliers::fixed(..=10.0).fit(&table).unwrap();
    let capped = fitted.transform(&table).unwrap();
    assert_eq!(
        capped.schema_ref().field(0).data_type(),
        table.schema_ref().field(0).data_type()
    );
    let plain = alchemy_core::arrow::compute::cast(
        capped.column(0),
        &alchemy_core::arrow::datatypes::DataType::Float32,
    )
    .unwrap();
    assert_eq!(
        plain.as_ref(),
        &Float32Array::from(vec![Some(1.0), Some(10.0), None]) as &dyn Array
    );
}

#[test]
fn a_spec_is_stored_as_people_write_it() {
    let outliers = Outliers::iqr(1.5, Side::Upper)
        .with_action(OnOutlier::Flag)
        .with_columns("x");
    let json = serde_json::to_string(&outliers).unwrap();
    assert_eq!(
        json,
        r#"{"rule":{"iqr":{"multiplier":1.5,"side":"upper"}},"action":"flag","columns":["x"]}"#
    );
    assert_eq!(serde_json::from_str::<Outliers>(&json).unwrap(), outliers);
    assert!(
        serde_json::from_str::<Outliers>(
            r#"{"rule":{"iqr":{"multiplier":1.5,"side":"upper"}},"actoin":"flag"}"#
        )
        .is_err()
    );
}
