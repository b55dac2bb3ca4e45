#![expect(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    reason = "what is lost is the question"
)]

use alchemy_core::Action;
use alchemy_core::arrow::array::AsArray;
use alchemy_core::arrow::array::{
    Float32Array, Float64Array, Int16Array, Int32Array, Int64Array, LargeStringArray, UInt64Array,
};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::Float64Type;
use proptest::prelude::*;

use super::*;

fn batch(array: impl Array + 'static) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([("x", Arc::new(array) as ArrayRef, true)]).unwrap()
}

fn learned(target: CastTarget, array: impl Array + 'static) -> DataType {
    let cast = DownCast::new("x")
        .with_target(target)
        .fit(&batch(array))
        .unwrap();
    cast.data_type("x").unwrap().clone()
}

#[test]
fn the_smallest_type_that_holds_all_is_found() {
    use DataType::*;
    for (values, smallest) in [
        (vec![0, 127], Int8),
        (vec![-128], Int8),
        (vec![0, 255], UInt8),
        (vec![-1, 255], Int16),
        (vec![65_535], UInt16),
        (vec![-1, 65_535], Int32),
        (vec![u32::MAX.into()], UInt32),
        (vec![i64::MAX], Int64),
        (vec![], Int64),
    ] {
        assert_eq!(
            learned(CastTarget::Smallest, Int64Array::from(values.clone())),
            smallest,
            "{values:?}"
        );
    }
    let signed = |values: Vec<f64>| learned(CastTarget::Signed, Float64Array::from(values));
    assert_eq!(signed(vec![-1.0, 300.0, f64::NAN]), Int16);
    assert_eq!(signed(vec![0.5]), Float64);
    assert_eq!(signed(vec![f64::INFINITY]), Float64);
    assert_eq!(signed(vec![2_f64.powi(63)]), Float64);
    assert_eq!(signed(vec![-(2_f64.powi(63))]), Int64);
    assert_eq!(
        learned(
            CastTarget::Unsigned,
            Float64Array::from(vec![2_f64.powi(63)])
        ),
        UInt64
    );
    assert_eq!(
        learned(CastTarget::Unsigned, Int64Array::from(vec![-1])),
        Int64
    );
    assert_eq!(
        learned(CastTarget::Signed, UInt64Array::from(vec![u64::MAX])),
        UInt64
    );
    assert_eq!(
        learned(CastTarget::Float, Int64Array::from(vec![1 << 24])),
        Float32
    );
    assert_eq!(
        learned(CastTarget::Float, Int64Array::from(vec![(1 << 24) + 1])),
        Int64
    );
    assert_eq!(
        learned(CastTarget::Float, Int64Array::from(vec![i64::MAX])),
        Int64
    );
}

#[test]
fn a_float_is_shortened_if_nothing_is_lost_or_that_was_asked_for() {
    let tenth = || Float64Array::from(vec![Some(0.1), None, Some(f64::NEG_INFINITY)]);
    assert_eq!(learned(CastTarget::Smallest, tenth()), DataType::Float64);
    assert_eq!(
        learned(
            CastTarget::Smallest,
            Float64Array::from(vec![0.5, f64::INFINITY])
        ),
        DataType::Float32
    );
    assert_eq!(
        learned(CastTarget::Smallest, Float64Array::from(vec![1e300])),
        DataType::Float64
    );

    let spec = DownCast::new("x").with_tolerance(1e-7);
    let cast = spec.fit(&batch(tenth())).unwrap();
    let out = cast.transform(&batch(tenth())).unwrap();
    let expected = Float32Array::from(vec![Some(0.1), None, Some(f32::NEG_INFINITY)]);
    assert_eq!(out.column(0).as_ref(), &expected);
    // Even a tolerance makes no infinity.
    let out = cast
        .transform(&batch(Float64Array::from(vec![1e300])))
        .unwrap();
    assert!(out.column(0).is_null(0));
    assert!(spec.with_tolerance(f64::NAN).fit(&batch(tenth())).is_err());
}

#[test]
fn a_later_value_that_does_not_fit_is_told() {
    let spec = DownCast::new("x").with_target(CastTarget::Type(DataType::Int16));
    let values = batch(Float64Array::from(vec![
        Some(1.0),
        Some(1.5),
        Some(40_000.0),
        Some(f64::NAN),
        Some(-0.0),
    ]));
    let mut ledger = Ledger::new();
    let keep = spec
        .clone()
        .with_on_failure(OnFailure::Keep)
        .fit(&values)
        .unwrap();
    let out = keep.transform_with(&values, &mut ledger).unwrap();
    let expected = Int16Array::from(vec![Some(1), None, None, None, Some(0)]);
    assert_eq!(out.column(0).as_ref(), &expected);
    let unread = LargeStringArray::from(vec![None, Some("1.5"), Some("40000.0"), None, None]);
    assert_eq!(out.column_by_name("x_unread").unwrap().as_ref(), &unread);
    assert_eq!(ledger.count("x", Action::Coerced), 2);
    assert_eq!(ledger.count("x", Action::Nulled), 2);

    let strict = spec.with_on_failure(OnFailure::Error).fit(&values).unwrap();
    let error = strict.transform(&values).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"x\", row 1: \"1.5\" is not a number that the type holds"
    );

    let text = DownCast::new("x").with_target(CastTarget::Type(DataType::Utf8));
    assert!(matches!(
        text.fit(&values),
        Err(Error::InvalidParameter {
            parameter: "target",
            ..
        })
    ));
}

#[test]
fn a_column_that_keeps_its_type_is_not_touched() {
    let values = batch(Int32Array::from(vec![i32::MAX]));
    let mut ledger = Ledger::new();
    let cast = DownCast::new("x").fit(&values).unwrap();
    assert_eq!(cast.transform_with(&values, &mut ledger).unwrap(), values);
    assert_eq!(ledger.entries().count(), 0);
}

proptest! {
    #[test]
    fn a_cast_holds_the_same_number_or_null(
        values in proptest::collection::vec(prop_oneof![any::<f64>(), (-300_i32..300).prop_map(f64::from), any::<f32>().prop_map(f64::from)], 1..20),
        to in proptest::sample::select(vec![DataType::Int8, DataType::UInt8, DataType::Int64, DataType::UInt64, DataType::Float32]),
    ) {
        let table = batch(Float64Array::from(values.clone()));
        let fitted = DownCast::new("x").with_target(CastTarget::Type(to.clone())).fit(&table).unwrap();
        let out = fitted.transform(&table).unwrap();
        for (row, value) in values.into_iter().enumerate() {
            let text = array_value_to_string(out.column(0), row).unwrap();
            let whole_in_range = target::bounds(&to).is_some_and(|(least, most)| {
                value.trunc() == value && value >= least as f64 && value < most as f64 + 1.0
            });
            let single = to == DataType::Float32 && f64::from(value as f32) == value;
            if whole_in_range || single {
                let back = cast(out.column(0), &DataType::Float64).unwrap();
                prop_assert_eq!(back.as_primitive::<Float64Type>().value(row), value);
            } else {
                prop_assert!(out.column(0).is_null(row), "{} as {}: {}", value, to, text);
            }
        }
    }

    #[test]
    fn a_long_integer_becomes_the_same_float_or_null(values in proptest::collection::vec(prop_oneof![any::<i64>(), Just(i64::MAX), -20_000_000_i64..20_000_000], 1..20)) {
        let table = batch(Int64Array::from(values.clone()));
        let cast = DownCast::new("x").with_target(CastTarget::Type(DataType::Float32)).fit(&table).unwrap();
        let out = cast.transform(&table).unwrap();
        for (row, value) in values.into_iter().enumerate() {
            prop_assert_eq!(out.column(0).is_valid(row), i128::from(value) == value as f32 as i128);
        }
    }
}
