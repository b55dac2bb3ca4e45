//! Steps on text beside Python's `re`, pandas and `feature_engine`.

use alchemy_clean::arrow::array::{Array, ArrayRef};
use alchemy_clean::{
    Fit, NullTokens, OnUnmatched, RareLevels, RegexExtract, RegexReplace, Synonyms,
    TextStandardiser, Transform,
};
use serde_json::Value;

use super::{list, number, one, texts};

fn steps() -> Value {
    golden!("text_steps")
}

fn apply(step: &impl Transform, cells: &Value) -> ArrayRef {
    step.transform(&one(texts(cells)))
        .unwrap()
        .column(0)
        .clone()
}

#[track_caller]
fn assert_cells(ours: &ArrayRef, theirs: &Value, case: &Value) {
    assert_eq!(ours.as_ref(), &texts(theirs) as &dyn Array, "{case}");
}

#[test]
fn replacing_is_that_of_python() {
    let golden = steps();
    for case in list(&golden["replace"]) {
        let (pattern, replacement) = (case["pattern"].as_str(), case["replacement"].as_str());
        let step = RegexReplace::new("x", pattern.unwrap(), replacement.unwrap()).unwrap();
        assert_cells(&apply(&step, &golden["cells"]), &case["cells"], case);
    }
}

#[test]
fn extracting_is_that_of_pandas() {
    let golden = steps();
    for case in list(&golden["extract"]) {
        let step = RegexExtract::new("x", case["pattern"].as_str().unwrap()).unwrap();
        assert_cells(&apply(&step, &golden["cells"]), &case["cells"], case);
    }
}

#[test]
fn mapping_is_that_of_pandas() {
    let map = &steps()["map"];
    let pair = |pair: &Value| {
        let text = |at: usize| pair[at].as_str().unwrap().to_owned();
        (text(0), text(1))
    };
    let step = TextStandardiser::new("x")
        .with_synonyms(Synonyms::new(list(&map["pairs"]).iter().map(pair)).with_match_case())
        .with_on_unmatched(OnUnmatched::Null);
    assert_cells(&apply(&step, &map["cells"]), &map["mapped"], map);
}

#[test]
fn nulling_is_that_of_pandas() {
    let golden = &steps()["null_tokens"];
    let tokens = list(&golden["tokens"]).iter().filter_map(Value::as_str);
    let step = NullTokens::new("x", tokens);
    assert_cells(&apply(&step, &golden["cells"]), &golden["nulled"], golden);
    let step = step.with_match_case();
    assert_cells(&apply(&step, &golden["cells"]), &golden["exact"], golden);
}

#[cfg(feature = "unicode")]
#[test]
fn normal_forms_are_those_of_python() {
    use alchemy_clean::NormalForm;
    let golden = &steps()["normal"];
    for (name, form) in [("NFC", NormalForm::Nfc), ("NFKC", NormalForm::Nfkc)] {
        let step = TextStandardiser::new("x").with_normal_form(form);
        assert_cells(&apply(&step, &golden["cells"]), &golden[name], golden);
    }
}

#[test]
fn rare_levels_are_those_of_feature_engine() {
    let golden = &steps()["rare"];
    for case in list(&golden["cases"]) {
        let mut spec = RareLevels::new().with_min_share(number(&case["min_share"]).unwrap());
        if let Some(levels) = case["max_levels"].as_u64() {
            spec = spec.with_max_levels(levels as usize);
        }
        let fitted = spec.fit(&one(texts(&golden["train"]))).unwrap();
        assert_cells(&apply(&fitted, &golden["score"]), &case["cells"], case);
    }
}
