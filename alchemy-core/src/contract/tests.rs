use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, TimeUnit};

use super::*;

fn contract() -> Contract {
    let schema = Schema::new(vec![
        Field::new("x", DataType::Int64, true),
        Field::new("y", DataType::Utf8, true),
    ]);
    Contract::of(&schema).with_role("y", Role::Target).unwrap()
}

fn batch(x: ArrayRef) -> RecordBatch {
    let extra = Arc::new(Int32Array::from(vec![0; x.len()])) as ArrayRef;
    RecordBatch::try_from_iter([("extra", extra), ("x", x)]).unwrap()
}

#[test]
fn columns_are_found_by_name_and_stamped() {
    let entered = contract()
        .enter(&batch(Arc::new(Int64Array::from(vec![1]))))
        .unwrap();
    assert_eq!(entered.num_columns(), 1);
    assert!(contract().enter_training(&entered).is_err());
}

#[test]
fn lossless_types_and_text_enter_and_others_do_not() {
    for ok in [
        Arc::new(Int32Array::from(vec![7])) as ArrayRef,
        Arc::new(Float64Array::from(vec![7.0])),
        Arc::new(StringArray::from(vec![" 7"])),
    ] {
        let entered = contract().enter(&batch(ok)).unwrap();
        assert_eq!(entered.column(0).as_ref(), &Int64Array::from(vec![7]));
    }
    for bad in [
        Arc::new(Float64Array::from(vec![7.5])) as ArrayRef,
        Arc::new(StringArray::from(vec!["7.5"])),
    ] {
        let error = contract().enter(&batch(bad)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"x\", row 0: \"7.5\" is not an integer"
        );
    }
}

#[test]
fn every_supported_type_survives_its_text() {
    let zone = Some("+02:00".into());
    for data_type in [
        DataType::Int8,
        DataType::Float16,
        DataType::Boolean,
        DataType::Decimal128(10, 2),
        DataType::Date32,
        DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Timestamp(TimeUnit::Nanosecond, zone),
        DataType::Utf8View,
        DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    ] {
        let contract = Contract::of(&Schema::new(vec![Field::new("x", data_type, true)]));
        let text = serde_json::to_string(&contract).unwrap();
        assert_eq!(
            serde_json::from_str::<Contract>(&text).unwrap(),
            contract,
            "{text}"
        );
    }
}
