use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int8Array, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use alchemy_core::arrow::datatypes::{DataType, Field, Int8Type, Schema};
use alchemy_core::{Action, Ledger, SelectRows, Transform, col};

use super::*;

const NAN: f64 = f64::NAN;

fn sales() -> RecordBatch {
    let city: DictionaryArray<Int8Type> = vec![Some("Oslo"), None, Some("Rome"), Some("Oslo")]
        .into_iter()
        .collect();
    let columns: [(&str, ArrayRef); 4] = [
        (
            "n",
            Arc::new(Int64Array::from(vec![Some(2), Some(-1), None, Some(0)])),
        ),
        (
            "x",
            Arc::new(Float64Array::from(vec![
                Some(1.5),
                Some(4.0),
                Some(NAN),
                Some(-2.0),
            ])),
        ),
        ("city", Arc::new(city)),
        (
            "s",
            Arc::new(StringArray::from(vec![
                Some("heartbeat 1"),
                Some("disk full"),
                None,
                Some(""),
            ])),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn kept(filter: &RowFilter) -> usize {
    let mut ledger = Ledger::new();
    let kept = filter.select(&sales(), &mut ledger).unwrap().num_rows();
    assert_eq!(ledger.count("", Action::RowDropped), 4 - kept as u64);
    kept
}

#[test]
fn a_row_of_which_nothing_is_known_is_neither_kept_nor_dropped_by_a_condition() {
    let negative = || "n < 0".parse().unwrap();
    assert_eq!(kept(&RowFilter::keep_where(negative())), 1);
    assert_eq!(kept(&RowFilter::keep_where(!negative())), 2);
    assert_eq!(kept(&RowFilter::drop_where(negative())), 3);
    assert_eq!(
        kept(&RowFilter::drop_where(
            "s contains 'heartbeat'".parse().unwrap()
        )),
        3
    );
    assert_eq!(
        kept(&RowFilter::keep_where(
            "s not contains 'heartbeat'".parse().unwrap()
        )),
        2
    );
    let none = RowFilter::keep_where("n".parse().unwrap());
    assert!(none.select(&sales(), &mut Ledger::new()).is_err());
}

#[test]
fn what_violates_a_rule_is_nulled_in_the_columns_named_and_nowhere_else() {
    let rule = RowRule::require("positive", "x > 0 and n >= 0".parse().unwrap())
        .with_on_violation(OnViolation::null(["x", "city", "n"]));
    let mut ledger = Ledger::new();
    let clean = rule.transform_with(&sales(), &mut ledger).unwrap();
    assert_eq!(
        clean.column(0).as_ref(),
        &Int64Array::from(vec![Some(2), None, None, None])
    );
    assert_eq!(
        clean.column(1).as_ref(),
        &Float64Array::from(vec![Some(1.5), None, None, None])
    );
    let city = clean.column(2).as_dictionary::<Int8Type>();
    let city = city.downcast_dict::<StringArray>().unwrap();
    let city: Vec<Option<&str>> = city.into_iter().collect();
    assert_eq!(city, [Some("Oslo"), None, Some("Rome"), None]);
    assert_eq!(clean.column(3), sales().column(3));
    let lost = |column| ledger.count(column, Action::Nulled);
    assert_eq!((lost("n"), lost("x"), lost("city")), (2, 2, 1));
    let shown = ledger.entries().find(|entry| entry.column == "x").unwrap();
    assert_eq!(
        shown.examples,
        [(1, "4.0".to_owned()), (3, "-2.0".to_owned())]
    );
}

#[test]
fn a_flag_says_which_rows_violate_a_rule_and_shows_their_cells() {
    let rule = RowRule::forbid("returns", "n < 0 or x < 0".parse().unwrap())
        .with_on_violation(OnViolation::flag("is_return"));
    let mut ledger = Ledger::new();
    let flagged = rule.transform_with(&sales(), &mut ledger).unwrap();
    assert_eq!(
        flagged.column(4).as_ref(),
        &BooleanArray::from(vec![false, true, false, true])
    );
    let entry = ledger.entries().next().unwrap();
    assert_eq!(
        (entry.column.as_str(), entry.count, entry.of),
        ("is_return", 2, 4)
    );
    assert_eq!(entry.examples[0], (1, "-1, 4.0".to_owned()));
    let twice = rule.transform(&flagged).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "column name \"is_return\" occurs more than once"
    );
}

#[test]
fn a_refusal_names_rule_and_row_and_can_be_masked() {
    let rule = RowRule::forbid("returns", col("n").lt(0));
    let error = rule.transform(&sales()).unwrap_err();
    let text = "column \"n\", row 1: \"-1\" is not what the rule \"returns\" allows: not (n < 0)";
    assert_eq!(error.to_string(), text);
    assert!(!error.masked().to_string().contains("-1"));
    assert!(
        RowRule::require("whole", col("n").lt(3))
            .transform(&sales())
            .is_ok()
    );
}

#[test]
fn bad_parameters_are_told_before_the_data() {
    let parameter = |rule: &RowRule| match rule.output_schema(sales().schema_ref()).unwrap_err() {
        alchemy_core::Error::InvalidParameter { parameter, .. } => parameter,
        other => panic!("{other}"),
    };
    let rule = |name| RowRule::require(name, col("n").gt(0));
    assert_eq!(parameter(&rule("")), "name");
    assert_eq!(
        parameter(&rule("a").with_on_violation(OnViolation::Null(Vec::new()))),
        "on_violation"
    );
    assert_eq!(
        parameter(&RowRule::require("a", col("x").gt(NAN))),
        "expression"
    );
    assert!(
        DerivedColumn::new("", col("n"))
            .transform(&sales())
            .is_err()
    );
    assert!(
        DerivedColumn::new("y", col("m"))
            .transform(&sales())
            .is_err()
    );
}

#[test]
fn a_derived_column_is_added_or_replaces_one_in_its_place() {
    let mut ledger = Ledger::new();
    let ratio = DerivedColumn::new("ratio", "x / n".parse().unwrap());
    let out = ratio.transform_with(&sales(), &mut ledger).unwrap();
    let expected = Float64Array::from(vec![Some(0.75), Some(-4.0), None, None]);
    assert_eq!(out.column(4).as_ref(), &expected);
    // The division by zero is lost; where a cell was missing, there was nothing to lose.
    assert_eq!(ledger.count("ratio", Action::Nulled), 1);
    let lost = ledger.entries().next().unwrap();
    assert_eq!(lost.examples, [(3, "-2.0, 0".to_owned())]);

    let field =
        Field::new("n", DataType::Int64, false).with_metadata([("k".into(), "v".into())].into());
    let schema = Arc::new(Schema::new(vec![field]));
    let n = Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
    let batch = RecordBatch::try_new(schema, vec![n]).unwrap();
    let half = DerivedColumn::new("n", col("n") / 2)
        .transform(&batch)
        .unwrap();
    assert_eq!(half.num_columns(), 1);
    assert_eq!(half.column(0).as_ref(), &Float64Array::from(vec![0.5, 1.0]));
    assert_eq!(half.schema_ref().field(0).metadata()["k"], "v");
}

fn deduced(column: impl Array + 'static, given: impl Array + 'static) -> (ArrayRef, u64, u64) {
    let columns = [
        ("x", Arc::new(column) as ArrayRef),
        ("y", Arc::new(given) as ArrayRef),
    ];
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
            .unwrap();
    let mut ledger = Ledger::new();
    let out = DeductiveImputer::new("x", col("y"))
        .transform_with(&batch, &mut ledger)
        .unwrap();
    assert_eq!(out.schema(), batch.schema());
    (
        out.column(0).clone(),
        ledger.count("x", Action::Filled),
        ledger.count("x", Action::Nulled),
    )
}

#[test]
fn a_deduced_value_is_held_exactly_or_not_at_all() {
    let given = Float64Array::from(vec![
        Some(7.0),
        Some(-0.0),
        Some(2.5),
        Some(300.0),
        Some(f64::INFINITY),
        Some(NAN),
        None,
    ]);
    let column = Int8Array::from(vec![Some(1), None, None, None, None, None, None]);
    let (out, filled, unfit) = deduced(column, given.clone());
    assert_eq!(
        out.as_ref(),
        &Int8Array::from(vec![Some(1), Some(0), None, None, None, None, None])
    );
    assert_eq!((filled, unfit), (1, 3));

    let money = |cells: Vec<Option<i128>>| {
        Decimal128Array::from(cells)
            .with_precision_and_scale(4, 1)
            .unwrap()
    };
    let (out, filled, unfit) = deduced(money(vec![None; 7]), given.clone());
    assert_eq!(
        out.as_ref(),
        &money(vec![
            Some(70),
            Some(0),
            Some(25),
            Some(3000),
            None,
            None,
            None
        ])
    );
    assert_eq!((filled, unfit), (4, 1));
    let (out, ..) = deduced(money(vec![None; 2]), Float64Array::from(vec![12.1, 0.25]));
    assert_eq!(out.as_ref(), &money(vec![Some(121), None]));

    let (out, filled, unfit) = deduced(Float32Array::from(vec![None; 7]), given);
    let wanted = vec![
        Some(7.0),
        Some(-0.0),
        Some(2.5),
        Some(300.0),
        Some(f32::INFINITY),
        None,
        None,
    ];
    assert_eq!(out.as_ref(), &Float32Array::from(wanted));
    assert_eq!((filled, unfit), (5, 0));

    let (out, filled, unfit) = deduced(
        Int64Array::from(vec![None; 2]),
        UInt64Array::from(vec![u64::MAX, 5]),
    );
    assert_eq!(out.as_ref(), &Int64Array::from(vec![None, Some(5)]));
    assert_eq!((filled, unfit), (1, 1));
}

#[test]
fn a_column_of_another_kind_is_not_filled() {
    let error = DeductiveImputer::new("s", col("n") + 1)
        .transform(&sales())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"s\" is Utf8, expected Int64 or the like, as n + 1 is"
    );
    let city = DeductiveImputer::new("city", "lower(s)".parse().unwrap())
        .transform(&sales())
        .unwrap();
    assert_eq!(city.column(2).data_type(), sales().column(2).data_type());
    let city = city.column(2).as_dictionary::<Int8Type>();
    assert_eq!(
        city.downcast_dict::<StringArray>()
            .unwrap()
            .into_iter()
            .nth(1),
        Some(Some("disk full"))
    );
}

#[test]
fn specs_are_stored_as_people_would_write_them() {
    let rule = RowRule::require("positive", col("n").gt(0));
    let json = r#"{"name":"positive","condition":{"require":"n > 0"}}"#;
    assert_eq!(serde_json::to_string(&rule).unwrap(), json);
    assert_eq!(serde_json::from_str::<RowRule>(json).unwrap(), rule);
    let json = r#"{"name":"a","condition":{"forbid":"n > 0"},"on_violation":{"null":["n"]}}"#;
    let forbid = RowRule::forbid("a", col("n").gt(0)).with_on_violation(OnViolation::null(["n"]));
    assert_eq!(serde_json::to_string(&forbid).unwrap(), json);
    let filter = r#"{"drop_where":"s contains 'x'"}"#;
    let read: RowFilter = serde_json::from_str(filter).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), filter);
    let derived = r#"{"name":"y","expression":"a + b"}"#;
    assert_eq!(
        serde_json::from_str::<DerivedColumn>(derived).unwrap(),
        DerivedColumn::new("y", col("a") + col("b"))
    );
    assert!(serde_json::from_str::<DerivedColumn>(r#"{"name":"y","expression":"a +"}"#).is_err());
    assert!(
        serde_json::from_str::<DeductiveImputer>(r#"{"column":"y","expression":"a","more":1}"#)
            .is_err()
    );
}

#[test]
fn a_slice_of_booleans_is_nulled_as_its_copy() {
    let flags = BooleanArray::from_iter((0..40).map(|row| (row % 3 > 0).then_some(row % 2 == 0)));
    let n = Int64Array::from_iter_values(0..40);
    let columns: [(&str, ArrayRef); 2] = [("flag", Arc::new(flags)), ("n", Arc::new(n))];
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
            .unwrap()
            .slice(9, 20);
    let rule =
        RowRule::require("few", col("n").lt(20)).with_on_violation(OnViolation::null(["flag"]));
    let out = rule.transform(&batch).unwrap();
    out.column(0).to_data().validate_full().unwrap();
    let wanted = (9..29).map(|row| (row % 3 > 0 && row < 20).then_some(row % 2 == 0));
    assert_eq!(out.column(0).as_ref(), &BooleanArray::from_iter(wanted));
}
