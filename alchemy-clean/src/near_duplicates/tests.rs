use std::sync::Arc;

use alchemy_core::arrow::array::StringArray;
use alchemy_core::{Action, Ledger, Transform};

use super::*;

fn batch(counts: &[(&str, usize)]) -> RecordBatch {
    let cells = counts.iter().flat_map(|(text, count)| vec![*text; *count]);
    let cells: Vec<&str> = cells.collect();
    let array = Arc::new(StringArray::from(cells)) as ArrayRef;
    RecordBatch::try_from_iter([("x", array)]).unwrap()
}

fn proposal(spec: &NearDuplicates, counts: &[(&str, usize)]) -> Vec<String> {
    let fitted = spec.fit(&batch(counts)).unwrap();
    fitted.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn legitimate_neighbours_stay_apart() {
    let spec = NearDuplicates::new("x");
    // As frequent, other digits, as near to another, too short, too far.
    for counts in [
        &[("north", 20), ("forth", 3)][..],
        &[("Store 1", 50), ("Store 2", 1)],
        &[("bread", 50), ("breed", 50), ("brexd", 1)],
        &[("no", 50), ("nx", 1)],
        &[("alabama", 50), ("xlxbxma", 1)],
    ] {
        assert_eq!(proposal(&spec, counts), [""; 0], "{counts:?}");
    }
}

#[test]
fn a_chain_is_not_followed() {
    let counts = [("abcdefghi", 1), ("abcdefghx", 10), ("abcdefgxx", 200)];
    let only = ["x: \"abcdefghx\" (10) -> \"abcdefgxx\" (200), distance 1"];
    assert_eq!(proposal(&NearDuplicates::new("x"), &counts), only);
}

#[test]
fn limits_are_as_told() {
    let counts = [
        ("birmingham", 40),
        ("birxinghxm", 1),
        ("bbirmingahm", 2),
        ("xirmingham", 5),
    ];
    let all = [
        "x: \"bbirmingahm\" (2) -> \"birmingham\" (40), distance 2",
        "x: \"birxinghxm\" (1) -> \"birmingham\" (40), distance 2",
    ];
    let spec = NearDuplicates::new("x");
    assert_eq!(proposal(&spec, &counts), all);
    assert_eq!(
        proposal(&spec.clone().with_max_distance(1), &counts).len(),
        0
    );
    assert_eq!(
        proposal(&spec.clone().with_letters_per_edit(6), &counts).len(),
        0
    );
    let looser = proposal(&spec.clone().with_min_ratio(8), &counts);
    assert_eq!(
        looser[0],
        "x: \"xirmingham\" (5) -> \"birmingham\" (40), distance 1"
    );
    let stricter = proposal(&spec.with_min_ratio(21), &counts);
    assert_eq!(stricter, all[1..]);
}

#[test]
fn parameters_and_the_number_of_texts_are_checked() {
    let texts: Vec<String> = (0..30).map(|number| number.to_string()).collect();
    let counts: Vec<(&str, usize)> = texts.iter().map(|text| (text.as_str(), 1)).collect();
    let batch = batch(&counts);
    let spec = NearDuplicates::new("x");
    assert!(spec.clone().with_max_distinct(30).fit(&batch).is_ok());
    for (spec, message) in [
        (
            spec.clone().with_max_distinct(29),
            "parameter `max_distinct`: column \"x\" has more than 29 distinct texts",
        ),
        (
            spec.clone().with_letters_per_edit(1),
            "parameter `letters_per_edit`: must be at least 2",
        ),
        (
            spec.with_min_ratio(1),
            "parameter `min_ratio`: must be at least 2",
        ),
    ] {
        assert_eq!(spec.fit(&batch).unwrap_err().to_string(), message);
    }
    let spec: NearDuplicates = serde_json::from_str(r#"{"columns":["x"]}"#).unwrap();
    assert_eq!(spec, NearDuplicates::new("x"));
}

#[test]
fn a_proposal_is_edited_before_it_is_approved() {
    let batch = batch(&[("yes", 20), ("yex", 1), ("xes", 1), ("ja", 1)]);
    let proposal = NearDuplicates::new("x").fit(&batch).unwrap();
    assert!(!proposal.is_approved());
    for refused in [
        proposal.clone().without("x", "ja"),
        proposal.clone().without("y", "yex"),
        proposal.clone().with("x", "yes", "ja"),
        proposal.clone().with("x", "ja", "yex"),
        proposal.clone().with("x", "ja", "ja"),
    ] {
        assert!(
            matches!(refused, Err(Error::InvalidParameter { .. })),
            "{refused:?}"
        );
    }
    let edited = proposal
        .without("x", "xes")
        .unwrap()
        .with("x", "ja", "yes")
        .unwrap();
    assert_eq!(
        edited.to_string(),
        "x: \"yex\" (1) -> \"yes\" (20), distance 1\nx: \"ja\" -> \"yes\", distance 3\n"
    );
    let mut ledger = Ledger::new();
    assert_eq!(edited.transform_with(&batch, &mut ledger).unwrap(), batch);
    assert_eq!(ledger.count("x", Action::Flagged), 2);
    assert_eq!(ledger.count("x", Action::Standardised), 0);
    let approved = edited.approve();
    let repaired = approved.transform_with(&batch, &mut ledger).unwrap();
    let text = StringArray::from([vec!["yes"; 21], vec!["xes", "yes"]].concat());
    assert_eq!(repaired.column(0).as_ref(), &text);
    let entry = ledger
        .entries()
        .find(|entry| entry.action == Action::Standardised)
        .unwrap();
    assert_eq!(
        entry.examples,
        [(20, "yex".to_owned()), (22, "ja".to_owned())]
    );
    let stored = serde_json::to_string(&approved).unwrap();
    let loaded: FittedNearDuplicates = serde_json::from_str(&stored).unwrap();
    assert_eq!(loaded, approved);
    let lying = stored.replace("\"to\":\"yes\"", "\"to\":\"yex\"");
    let lying: FittedNearDuplicates = serde_json::from_str(&lying).unwrap();
    assert!(lying.transform(&batch).is_err());
}
