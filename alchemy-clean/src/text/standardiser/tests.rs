use alchemy_core::Action;
use alchemy_core::arrow::array::{
    Array, DictionaryArray, LargeStringArray, StringArray, StringViewArray,
};
use alchemy_core::arrow::compute::cast;
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

#[test]
fn what_the_map_does_not_know_is_kept_nulled_or_refused() {
    let step = TextStandardiser::new("x")
        .with_trim()
        .with_case(Case::Lower)
        .with_synonyms(Synonyms::new([("UK", "Britain")]));
    let cells = || {
        let cells = vec![
            Some("uk"),
            None,
            Some("Wales "),
            Some("Eire"),
            Some("Wales"),
        ];
        Arc::new(StringArray::from(cells)) as ArrayRef
    };
    let nulling = step.clone().with_on_unmatched(OnUnmatched::Null);
    let (out, ledger) = apply(&nulling, cells());
    let wanted = StringArray::from(vec![Some("Britain"), None, None, None, None]);
    assert_eq!(out.as_ref(), &wanted);
    assert_eq!(ledger.count("x", Action::Nulled), 3);
    assert_eq!(ledger.count("x", Action::Unmatched), 3);
    assert_eq!(ledger.count("x", Action::Standardised), 1);

    let batch = RecordBatch::try_from_iter([("x", cells())]).unwrap();
    let refusing = step.clone().with_on_unmatched(OnUnmatched::Error);
    assert_eq!(
        refusing.transform(&batch).unwrap_err().to_string(),
        "column \"x\", row 2: \"Wales \" is not in the map of synonyms"
    );
    for step in [step, nulling, refusing] {
        let unmatched = step.unmatched(&batch).unwrap();
        let values = StringArray::from(vec!["Wales", "Eire"]);
        assert_eq!(unmatched.column(1).as_ref(), &values);
        assert_eq!(unmatched.column(2).as_ref(), &UInt64Array::from(vec![2, 1]));
        assert_eq!(unmatched.schema().field(2).name(), "count");
    }
}

#[test]
fn the_stored_spec_reads_like_the_calls() {
    let step = TextStandardiser::new("x")
        .with_trim()
        .with_case(Case::Title)
        .with_synonyms(Synonyms::new([("uk", "Britain")]))
        .with_on_unmatched(OnUnmatched::Null);
    let json = serde_json::to_string(&step).unwrap();
    assert_eq!(
        json,
        r#"{"columns":["x"],"trim":true,"case":"title","synonyms":{"pairs":[["uk","Britain"]]},"on_unmatched":"null"}"#
    );
    let loaded: TextStandardiser = serde_json::from_str(&json).unwrap();
    assert_eq!(loaded, step);
    let unknown = json.replace("trim", "trimm");
    assert!(serde_json::from_str::<TextStandardiser>(&unknown).is_err());
}

#[cfg(feature = "unicode")]
#[test]
fn one_normal_form_joins_what_looks_alike() {
    let step = |form| {
        TextStandardiser::new("x")
            .with_normal_form(form)
            .with_trim()
    };
    let cells = || Arc::new(StringArray::from(vec!["e\u{301}\u{a0}", "ﬁ ½ Ａ"])) as ArrayRef;
    let (out, _) = apply(&step(NormalForm::Nfc), cells());
    assert_eq!(out.as_ref(), &StringArray::from(vec!["é", "ﬁ ½ Ａ"]));
    let (out, _) = apply(&step(NormalForm::Nfkc), cells());
    assert_eq!(out.as_ref(), &StringArray::from(vec!["é", "fi 1⁄2 A"]));
    let synonyms = Synonyms::new([("café", "bar")]);
    let (out, _) = apply(
        &step(NormalForm::Nfc).with_synonyms(synonyms),
        Arc::new(StringArray::from(vec!["CAFE\u{301}"])),
    );
    assert_eq!(out.as_ref(), &StringArray::from(vec!["bar"]));
}

#[cfg(feature = "unicode")]
#[test]
fn a_normal_form_in_any_case_applied_twice_is_applied_once() {
    let letters: Vec<String> = (0..=u32::from(char::MAX))
        .filter_map(char::from_u32)
        .filter(|c| {
            let text = c.to_string();
            let cased = text.to_lowercase() != text || text.to_uppercase() != text;
            cased || !unicode_normalization::is_nfkc(&text)
        })
        .flat_map(|c| [format!("{c}"), format!("a{c}\u{301} {c}b")])
        .collect();
    let cells = Arc::new(StringArray::from(letters)) as ArrayRef;
    for form in [NormalForm::Nfc, NormalForm::Nfkc] {
        for case in [
            None,
            Some(Case::Lower),
            Some(Case::Upper),
            Some(Case::Title),
            Some(Case::Fold),
        ] {
            let mut step = TextStandardiser::new("x").with_normal_form(form);
            step.case = case;
            let (once, _) = apply(&step, cells.clone());
            let (twice, _) = apply(&step, once.clone());
            let once = TextColumn::new("x", &once).unwrap();
            let twice = TextColumn::new("x", &twice).unwrap();
            let differ: Vec<_> = (0..once.len())
                .filter(|row| once.get(*row) != twice.get(*row))
                .map(|row| (once.get(row), twice.get(row)))
                .take(5)
                .collect();
            assert!(differ.is_empty(), "{form:?} {case:?} {differ:?}");
        }
    }
}
