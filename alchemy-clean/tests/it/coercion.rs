//! Coercion of real tables, and laws that hold for any data.

use std::sync::Arc;

use alchemy_clean::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use alchemy_clean::arrow::compute::cast;
use alchemy_clean::arrow::compute::kernels::aggregate::{max, min, sum};
use alchemy_clean::arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use alchemy_clean::{
    Action, CastTarget, Context, DownCast, Fit, FitMerge, Ledger, NumberType, NumericCoercer,
    OnFailure, TimestampParser, Transform,
};
use alchemy_core::column::by_name;
use proptest::prelude::*;

use super::pipeline::data;

/// The columns as text, whatever the reader of the file made of them.
fn as_text(batch: &RecordBatch, columns: &[&str]) -> RecordBatch {
    let column = |name: &&str| {
        let text = cast(by_name(batch, name).unwrap(), &DataType::Utf8).unwrap();
        ((*name).to_owned(), text, true)
    };
    RecordBatch::try_from_iter_with_nullable(columns.iter().map(column)).unwrap()
}

#[test]
fn errors_and_unknowns_of_a_cafe_are_kept_beside_the_numbers() {
    let Some(cafe) = data("retail/dirty_cafe_sales.csv") else {
        return;
    };
    let columns = ["Quantity", "Price Per Unit", "Total Spent"];
    let cafe_text = as_text(&cafe, &columns);
    let mut ledger = Ledger::new();
    let coercer = NumericCoercer::new(columns).with_on_failure(OnFailure::Keep);
    let read = coercer.transform_with(&cafe_text, &mut ledger).unwrap();
    for (column, numbers, errors, unknowns, total) in [
        ("Quantity", 9523, 170, 171, 28_840.0),
        ("Price Per Unit", 9469, 190, 164, 27_932.5),
        ("Total Spent", 9500, 164, 165, 84_779.5),
    ] {
        assert_eq!(ledger.count(column, Action::Coerced), numbers);
        let values = by_name(&read, column)
            .unwrap()
            .as_primitive::<Float64Type>();
        assert_eq!(sum(values), Some(total));
        let unread = by_name(&read, &format!("{column}_unread")).unwrap();
        let unread = unread.as_string::<i32>();
        let count = |word| unread.iter().filter(|cell| *cell == Some(word)).count();
        assert_eq!(
            (count("ERROR"), count("UNKNOWN")),
            (errors, unknowns),
            "{column}"
        );
        assert_eq!(unread.len() - unread.null_count(), errors + unknowns);
    }

    let whole = NumericCoercer::new("Quantity").with_type(NumberType::Int64);
    let whole = whole.transform(&cafe_text).unwrap();
    assert_eq!(
        sum(whole.column(0).as_primitive::<Int64Type>()),
        Some(28_840)
    );
    let small = DownCast::new("Quantity").fit(&whole).unwrap();
    assert_eq!(small.data_type("Quantity"), Some(&DataType::Int8));
}

#[test]
fn days_of_a_cafe_are_dates() {
    let Some(cafe) = data("retail/dirty_cafe_sales.csv") else {
        return;
    };
    let text = as_text(&cafe, &["Transaction Date"]);
    let parser = TimestampParser::new("Transaction Date").with_formats(["%Y-%m-%d"]);
    let days = parser.to_date().transform(&text).unwrap();
    let days = days.column(0).as_primitive::<Date32Type>();
    assert_eq!(days.len() - days.null_count(), 9542);
    // 1 January and 31 December 2023.
    assert_eq!((min(days), max(days)), (Some(19_358), Some(19_722)));
}

#[test]
fn invoice_dates_are_all_read_by_one_of_the_formats() {
    let Some(retail) = data("retail/online_retail_2010-12.csv") else {
        return;
    };
    let text = as_text(&retail, &["InvoiceDate"]);
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"];
    let parser = TimestampParser::new("InvoiceDate").with_formats(formats);
    let counts = parser.counts(&text).unwrap();
    let read: Vec<u64> = counts.formats().map(|(_, count)| count).collect();
    assert_eq!(read[0] + read[1], 42_481);
    assert_eq!((read[2], counts.ambiguous(), counts.unread()), (0, 0, 0));
}

proptest! {
    #[test]
    fn what_is_not_read_is_kept_and_nothing_else(cells in proptest::collection::vec(proptest::option::of("[0-9 .ax]{0,4}"), 0..40)) {
        let text = Arc::new(StringArray::from(cells.clone())) as ArrayRef;
        let batch = RecordBatch::try_from_iter_with_nullable([("x", text, true)]).unwrap();
        let out = NumericCoercer::new("x").with_on_failure(OnFailure::Keep).transform(&batch).unwrap();
        let unread = out.column(1).as_string::<i32>();
        for (row, cell) in cells.iter().enumerate() {
            let present = cell.as_deref().filter(|cell| !cell.trim().is_empty());
            let kept = unread.is_valid(row).then(|| unread.value(row));
            prop_assert_eq!(kept, present.filter(|_| out.column(0).is_null(row)));
        }
    }

    #[test]
    fn pieces_teach_a_down_cast_what_the_whole_does(
        values in proptest::collection::vec((proptest::option::of(any::<i64>()), -300_i32..300), 0..30),
        shift in 0_u32..64,
        cut in 0_usize..30,
    ) {
        let n: Int64Array = values.iter().map(|(n, _)| n.map(|n| n >> shift)).collect();
        let x: Float64Array = values.iter().map(|(_, x)| Some(f64::from(*x))).collect();
        let columns = [("n", Arc::new(n) as ArrayRef, true), ("x", Arc::new(x) as ArrayRef, true)];
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let cut = cut.min(batch.num_rows());
        let pieces = [batch.slice(0, cut), batch.slice(cut, batch.num_rows() - cut)];
        for target in [CastTarget::Smallest, CastTarget::Signed, CastTarget::Unsigned, CastTarget::Float] {
            let spec = DownCast::new(["n", "x"]).with_target(target);
            let whole = spec.fit(&batch).unwrap();
            prop_assert_eq!(&spec.fit_batches(&pieces, &Context::new()).unwrap(), &whole);
            // What it learned from holds.
            let out = whole.transform(&batch).unwrap();
            for (before, after) in batch.columns().iter().zip(out.columns()) {
                prop_assert_eq!(before, &cast(after, before.data_type()).unwrap());
            }
        }
    }
}
