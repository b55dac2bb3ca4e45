use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use alchemy_core::arrow::datatypes::Float64Type;
use alchemy_core::{Action, Context, Error, Ledger, Profile, Reach, Transform, col};

use super::*;
use crate::{
    Case, DerivedColumn, Duplicates, ForwardFill, ImputeStrategy, Imputer, Interpolator,
    NumericCoercer, OnOutlier, Outliers, RowFilter, Side, TextStandardiser, steps,
};

/// Twelve rows of two different ones and more: numbers as text, a blank, white space, a repeated row.
fn sales() -> RecordBatch {
    let price = [
        "1.5", "2", "3", " ", "5", "6", "7", "8", "9", "10", "11", "1.5",
    ];
    let city = [
        "Oslo", "Rome ", "Rome", "oslo", "Rome", "Rome", "Oslo", "Rome", "Rome", "Oslo", "Oslo",
        "Oslo",
    ];
    let paid = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1].map(|paid| (paid != 6).then_some(paid));
    RecordBatch::try_from_iter([
        (
            "price",
            Arc::new(StringArray::from(price.to_vec())) as ArrayRef,
        ),
        ("city", Arc::new(StringArray::from(city.to_vec()))),
        ("paid", Arc::new(Int64Array::from(paid.to_vec()))),
    ])
    .unwrap()
}

fn recipe() -> Cleaner {
    Cleaner::new()
        .then_because(NumericCoercer::new("price"), "a number")
        .then(Duplicates::of_whole_rows())
        .then(
            TextStandardiser::new("city")
                .with_trim()
                .with_case(Case::Title),
        )
        .then(RowFilter::drop_where(col("paid").gt(10)))
        .then(
            Outliers::iqr(1.5, Side::Both)
                .with_columns("paid")
                .with_action(OnOutlier::Flag),
        )
        .then(Imputer::new(ImputeStrategy::Median).with_columns(["price", "paid"]))
}

#[test]
fn a_draft_answers_the_findings_in_the_order_of_cleaning() {
    let draft = Cleaner::suggest(&Profile::of(&sales()).unwrap());
    let expected = concat!(
        "1. numeric_coercer {\"columns\":[\"price\"]}\n",
        "   is text, but 11 cells are numbers, 1 blank, 0 neither\n",
        "2. text_standardiser {\"case\":\"lower\",\"columns\":[\"city\"],\"trim\":true}\n",
        "   2 texts differ from another only in case or outer white space\n",
        "3. duplicates {\"keep\":\"first\"}\n",
        "   1 rows equal an earlier row\n",
        "4. imputer {\"columns\":[\"price\"],\"indicator\":true,\"strategy\":\"median\"}\n",
        "   1 of 12 values are missing or unreadable\n",
        "5. imputer {\"columns\":[\"paid\"],\"indicator\":true,\"strategy\":\"median\"}\n",
        "   1 of 12 values are missing or unreadable",
    );
    assert_eq!(draft.to_string(), expected);

    let mut ledger = Ledger::new();
    let clean = draft.clean(&sales(), &mut ledger).unwrap();
    assert_eq!(clean.num_rows(), 11);
    assert_eq!(ledger.count("price", Action::Filled), 1);
    let left = Cleaner::suggest(&Profile::of(&clean).unwrap());
    assert_eq!(left, Cleaner::new(), "{left}");
}

#[test]
fn a_clean_table_needs_no_recipe() {
    let x = Arc::new(Float64Array::from(vec![1.0, 2.0, 4.0])) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("x", x)]).unwrap();
    let draft = Cleaner::suggest(&Profile::of(&batch).unwrap());
    assert_eq!(draft.steps().len(), 0);
    assert_eq!(draft.clean(&batch, &mut Ledger::new()).unwrap(), batch);
}

#[test]
fn a_recipe_is_stored_and_read_again() {
    let stored = recipe().to_json().unwrap();
    assert_eq!(Cleaner::from_json(&stored).unwrap(), recipe());

    let written = r#"[
        {"step": "duplicates", "with": {}},
        {"step": "row_filter", "with": {"drop_where": "paid > 10"}, "because": "too much"}
    ]"#;
    let read = Cleaner::from_json(written).unwrap();
    assert_eq!(read.reasons().collect::<Vec<_>>(), ["", "too much"]);
    assert_eq!(
        read.clean(&sales(), &mut Ledger::new()).unwrap().num_rows(),
        10
    );

    let wrong = r#"[{"step": "duplicate", "with": {}}]"#;
    let error = Cleaner::from_json(wrong).unwrap_err().to_string();
    assert!(
        error.contains("duplicate") && error.contains("line 1"),
        "{error}"
    );
}

#[test]
fn cleaning_a_table_is_what_a_pipeline_does_to_its_training_rows() {
    let mut ledger = Ledger::new();
    let clean = recipe().clean(&sales(), &mut ledger).unwrap();
    let (fitted, training) = recipe()
        .pipeline()
        .fit_transform(&sales(), &Context::new())
        .unwrap();
    // The pipeline stamps roles on its columns.
    assert_eq!(clean.columns(), training.columns());
    assert_eq!(&ledger, fitted.ledger());
    let json = fitted.to_json().unwrap();
    let loaded = alchemy_core::FittedPipeline::from_json(&json, &steps()).unwrap();
    assert_eq!(loaded.transform(&sales()).unwrap().num_rows(), 12);
}

#[test]
fn a_table_may_be_cleaned_by_steps_that_read_the_future_after_rows_were_left_out() {
    let fill = Interpolator::linear("paid");
    assert!(matches!(fill.reach(), Reach::Table));
    let recipe = Cleaner::new()
        .then(Duplicates::of_whole_rows())
        .then(ForwardFill::of("price"))
        .then(fill);
    let clean = recipe.clean(&sales(), &mut Ledger::new()).unwrap();
    let paid = clean.column(2).as_primitive::<Float64Type>();
    assert_eq!((paid.null_count(), paid.value(5)), (0, 6.0));
    // A pipeline would see other rows when it scores than it did in training.
    let error = recipe.pipeline().fit(&sales()).unwrap_err();
    assert!(matches!(error, Error::InvalidPipeline { .. }), "{error}");
}

#[test]
fn steps_can_be_struck_out() {
    let struck = recipe().without(|step| matches!(step, CleaningStep::RowFilter(_)));
    assert_eq!(struck.steps().len(), recipe().steps().len() - 1);
}

#[test]
fn a_wrong_parameter_is_an_error_of_the_step() {
    let json = r#"[{"step": "outliers", "with": {"iqr": 1}}]"#;
    assert!(Cleaner::from_json(json).is_err());
    let gone = Cleaner::new().then(DerivedColumn::new("x", col("nothing").lt(0)));
    let error = gone.clean(&sales(), &mut Ledger::new()).unwrap_err();
    assert!(matches!(error, Error::ColumnNotFound { .. }), "{error}");
}
