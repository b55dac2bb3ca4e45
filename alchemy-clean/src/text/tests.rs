use alchemy_core::arrow::array::{
    Array, DictionaryArray, LargeStringArray, StringArray, StringViewArray,
};
use alchemy_core::arrow::datatypes::Int8Type;

use super::*;

fn all() -> TextStandardiser {
    TextStandardiser::new("x")
        .with_trim()
        .with_collapsed_spaces()
        .with_case(Case::Upper)
}

fn apply(step: &TextStandardiser, array: ArrayRef) -> (ArrayRef, Ledger) {
    let batch = RecordBatch::try_from_iter([("x", array)]).unwrap();
    let mut ledger = Ledger::new();
    let out = step.transform_with(&batch, &mut ledger).unwrap();
    (out.column(0).clone(), ledger)
}

#[test]
fn every_text_type_is_kept() {
    let cells = vec![Some(" a \t b "), None, Some("A B"), Some("")];
    let wanted = StringArray::from(vec![Some("A B"), None, Some("A B"), Some("")]);
    let dictionary: DictionaryArray<Int8Type> = cells.iter().copied().collect();
    for array in [
        Arc::new(StringArray::from(cells.clone())) as ArrayRef,
        Arc::new(LargeStringArray::from(cells.clone())),
        Arc::new(StringViewArray::from(cells.clone())),
        Arc::new(dictionary),
    ] {
        let (out, ledger) = apply(&all(), array.clone());
        assert_eq!(out.data_type(), array.data_type());
        assert_eq!(cast(&out, wanted.data_type()).unwrap().as_ref(), &wanted);
        assert_eq!(ledger.count("x", Action::Standardised), 1);
        assert_eq!(ledger.count("x", Action::Unmatched), 0);
    }
}

#[test]
fn synonyms_are_found_whatever_the_case_and_stand_as_given() {
    let step = TextStandardiser::new("x")
        .with_trim()
        .with_case(Case::Lower)
        .with_synonyms(Synonyms::new([("Straße", "St.")]));
    let cells = vec![Some("STRASSE "), Some("st."), Some("Weg"), None];
    let (out, ledger) = apply(&step, Arc::new(StringArray::from(cells)));
    let wanted = StringArray::from(vec![Some("St."), Some("St."), Some("weg"), None]);
    assert_eq!(out.as_ref(), &wanted);
    let unmatched = ledger
        .entries()
        .find(|entry| entry.action == Action::Unmatched)
        .unwrap();
    assert_eq!(unmatched.examples, [(2, "Weg".to_owned())]);
    assert_eq!((unmatched.count, unmatched.of), (1, 4));
}

#[test]
fn without_options_nothing_changes() {
    let text = Arc::new(StringArray::from(vec![Some(" A  b"), None])) as ArrayRef;
    let (out, ledger) = apply(&TextStandardiser::new("x"), text.clone());
    assert_eq!(&out, &text);
    assert_eq!(ledger.entries().count(), 0);
}

#[test]
fn a_standard_form_stands_for_itself_whatever_its_spaces() {
    let step = all().with_synonyms(Synonyms::new([("n  z", " New  Zealand ")]));
    let (once, _) = apply(
        &step,
        Arc::new(StringArray::from(vec!["N Z", "new zealand"])),
    );
    assert_eq!(once.as_ref(), &StringArray::from(vec![" New  Zealand "; 2]));
    let (twice, ledger) = apply(&step, once.clone());
    assert_eq!(&twice, &once);
    assert_eq!(ledger.entries().count(), 0);
}
