use alchemy_core::arrow::array::{Float64Array, Int64Array};

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
        let out = OutlierCapper::iqr(1.5, side)
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
    let fitted = OutlierCapper::iqr(1.5, Side::Both).fit(&sample()).unwrap();
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
        let error = OutlierCapper::iqr(multiplier, Side::Both)
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
    let error = OutlierCapper::iqr(1.5, Side::Both)
        .fit(&batch(vec![None]))
        .unwrap_err();
    assert_eq!(error.to_string(), "column \"x\" has no value to learn from");
    let ints = Arc::new(Int64Array::from(vec![1, 2, 3, 4, 50])) as ArrayRef;
    let ints = RecordBatch::try_from_iter([("x", ints)]).unwrap();
    let fitted = OutlierCapper::iqr(0.2, Side::Upper).fit(&ints).unwrap();
    assert_eq!(fitted.fences("x").unwrap().upper(), Some(4.4));
    let capped = fitted.transform(&ints).unwrap();
    assert_eq!(
        capped.column(0).as_ref(),
        &Int64Array::from(vec![1, 2, 3, 4, 4])
    );
}
