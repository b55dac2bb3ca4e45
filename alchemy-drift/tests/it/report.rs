//! What a detector reports, column by column.

use std::sync::Arc;

use alchemy_core::Role;
use alchemy_drift::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray,
};
use alchemy_drift::arrow::datatypes::{Float64Type, Int32Type};
use alchemy_drift::{
    ChiSquareTest, Closed, ColumnDrift, ColumnKind, DriftDetector, DriftReport, Error, Evidence,
    Fit, FittedDriftDetector, KsTest, Psi,
};

fn column(name: &str, array: impl Array + 'static) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([(name, Arc::new(array) as ArrayRef, true)]).unwrap()
}

fn floats(values: impl IntoIterator<Item = Option<f64>>) -> RecordBatch {
    column("x", values.into_iter().collect::<Float64Array>())
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> RecordBatch {
    column("x", StringArray::from_iter_values(values))
}

#[test]
fn a_jump_of_the_null_rate_is_seen_though_values_are_the_same() {
    let with_nulls =
        |share: u32| floats((0..1000).map(move |i| (i % 100 >= share).then(|| f64::from(i % 7))));
    let detector = DriftDetector::new().fit(&with_nulls(1)).unwrap();
    let report = detector.compare(&with_nulls(12)).unwrap();
    let found = report.column("x").unwrap();
    assert!(found.drifted() && !found.values.unwrap().drifted && found.missing.unwrap().drifted);
    assert!((found.missing.unwrap().effect - 0.11).abs() < 1e-12);
    assert!(
        report.to_string().contains("1.00% -> 12.00%  missing"),
        "{report}"
    );
}

#[test]
fn significant_but_small_is_not_drift() {
    let values = |shift: f64| floats((0..50_000).map(move |i| Some(f64::from(i) + shift)));
    let detector = DriftDetector::new().fit(&values(0.0)).unwrap();
    let report = detector.compare(&values(1500.0)).unwrap();
    let test = report.columns[0].values.unwrap();
    assert!(test.adjusted_p_value < 1e-10 && !test.drifted, "{test:?}");
    assert_eq!(detector.compare(&values(5000.0)).unwrap().num_drifted(), 1);
}

#[test]
fn the_test_follows_the_type() {
    let reference = texts(["a", "b"].repeat(300));
    let detector = DriftDetector::new().fit(&reference).unwrap();
    let report = detector
        .compare(&texts(["a", "a", "b"].repeat(200)))
        .unwrap();
    assert_eq!(report.columns[0].kind, ColumnKind::Categorical);
    assert!(report.columns[0].drifted());
    let flags = column("x", BooleanArray::from([true, false].repeat(300)));
    let report = DriftDetector::new()
        .fit(&flags)
        .unwrap()
        .compare(&flags)
        .unwrap();
    assert_eq!(report.columns[0].kind, ColumnKind::Categorical);
}

#[test]
fn codes_are_categories_when_told_so() {
    // Codes 1 and 9 change places with 5: distribution functions stay near, levels do not.
    let codes = |pattern: [i64; 4]| column("x", Int64Array::from(pattern.repeat(200)));
    let (reference, current) = (codes([1, 5, 5, 9]), codes([4, 5, 6, 5]));
    let detector = DriftDetector::new()
        .with_categories(["x"])
        .fit(&reference)
        .unwrap();
    let report = detector.compare(&current).unwrap();
    assert_eq!(report.columns[0].kind, ColumnKind::Categorical);
    assert!((report.columns[0].values.unwrap().effect - 0.5).abs() < 1e-12);
    let text = column("x", StringArray::from(vec!["1"; 10]));
    assert!(matches!(
        detector.compare(&text),
        Err(Error::ColumnType { .. })
    ));
}

#[test]
fn a_changed_type_and_a_missing_column_are_errors_that_name_it() {
    let detector = DriftDetector::new().fit(&floats([Some(1.0)])).unwrap();
    for (current, expected) in [
        (texts(["1"]), "column \"x\" is Utf8, expected a number"),
        (
            column("y", Float64Array::from(vec![1.0])),
            "no column \"x\"; did you mean \"y\"?",
        ),
        (floats([]), "the current data is empty"),
    ] {
        let error = detector.compare(&current).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn what_cannot_be_watched_is_refused_at_fit() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
    assert!(matches!(
        DriftDetector::new().fit(&column("x", list)),
        Err(Error::ColumnType { .. })
    ));
    assert!(matches!(
        DriftDetector::new().fit(&floats([])),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        DriftDetector::new()
            .with_columns(["z"])
            .fit(&floats([None])),
        Err(Error::ColumnNotFound { .. })
    ));
    let key = Role::Key.stamp_column(&floats([Some(1.0)]), "x").unwrap();
    assert!(matches!(
        DriftDetector::new().fit(&key),
        Err(Error::Empty { .. })
    ));
}

#[test]
fn a_column_of_too_many_levels_needs_a_limit() {
    let key: StringArray = (0..1_000_001).map(|row| Some(format!("{row:x}"))).collect();
    let batch = column("key", key);
    let error = DriftDetector::new().fit(&batch).unwrap_err();
    let expected = "parameter `max_reference`: column \"key\" has more than 1000000 levels";
    assert!(error.to_string().starts_with(expected), "{error}");
    let limited = DriftDetector::new().with_max_reference(10).fit(&batch);
    assert_eq!(limited.unwrap().num_rows(), 1_000_001);
}

#[test]
fn bad_parameters_are_named_also_after_loading() {
    let one = floats([Some(1.0)]);
    let spec = DriftDetector::new;
    for (detector, expected) in [
        (spec().with_alpha(5.0), "alpha"),
        (spec().with_min_effect(-0.1), "min_effect"),
        (spec().with_max_reference(1), "max_reference"),
        (spec().with_psi(Psi::new().with_floor(0.0)), "floor"),
        (spec().with_psi(Psi::new().with_num_bins(1)), "num_bins"),
    ] {
        let error = detector.fit(&one).unwrap_err();
        assert!(
            matches!(error, Error::InvalidParameter { parameter, .. } if parameter == expected),
            "{error}"
        );
    }
    let mut stored = serde_json::to_value(spec().fit(&one).unwrap()).unwrap();
    stored["detector"]["alpha"] = 5.0.into();
    assert!(
        serde_json::from_value::<FittedDriftDetector>(stored)
            .unwrap_err()
            .to_string()
            .contains("alpha")
    );
}

#[test]
fn columns_without_values_are_reported_not_refused() {
    let (all, none) = (
        floats([Some(1.0), Some(2.0)].repeat(50)),
        floats([None].repeat(100)),
    );
    let report = DriftDetector::new()
        .fit(&all)
        .unwrap()
        .compare(&none)
        .unwrap();
    let found = report.column("x").unwrap();
    assert!(found.values.is_none() && found.psi.is_none() && found.missing.unwrap().drifted);
    let report = DriftDetector::new()
        .fit(&none)
        .unwrap()
        .compare(&none)
        .unwrap();
    assert_eq!((report.num_drifted(), report.columns[0].missing), (0, None));
    assert!(report.to_string().contains('-'));
}

#[test]
fn a_report_is_a_batch_and_json() {
    let detector = DriftDetector::new()
        .fit(&floats((0..100).map(|i| Some(f64::from(i)))))
        .unwrap();
    let report = detector.compare(&floats([Some(50.0)])).unwrap();
    let batch = report.to_batch().unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (1, 12));
    let statistic = batch
        .column_by_name("statistic")
        .unwrap()
        .as_primitive::<Float64Type>()
        .value(0);
    assert!((statistic - report.columns[0].values.unwrap().statistic).abs() < 1e-15);
    assert!(batch.column_by_name("missing_p_value").unwrap().is_null(0));
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<DriftReport>(&json).unwrap(), report);
}

#[test]
fn public_types_can_be_shared_cloned_and_printed() {
    fn holds<T: std::fmt::Debug + Clone + Send + Sync>() {}
    holds::<DriftDetector>();
    holds::<FittedDriftDetector>();
    holds::<DriftReport>();
    holds::<ColumnDrift>();
    holds::<ColumnKind>();
    holds::<Evidence>();
    holds::<KsTest>();
    holds::<ChiSquareTest>();
    holds::<Psi>();
    holds::<Closed>();
}
