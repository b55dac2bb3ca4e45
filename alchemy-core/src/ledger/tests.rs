use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt64Type;

use super::*;

fn part(rows: usize, cells: &[(usize, &str)]) -> Ledger {
    let mut ledger = Ledger::new();
    ledger.enter_rows(rows);
    ledger.enter("a/step");
    ledger.record_with(
        "x",
        Action::Nulled,
        cells.len(),
        rows,
        cells.iter().copied(),
    );
    ledger
}

#[test]
fn the_parts_merge_into_the_whole() {
    let whole = part(8, &[(1, "p"), (6, "q")]);
    let mut merged = part(5, &[(1, "p")]);
    merged.merge(&part(3, &[(1, "q")]));
    assert_eq!(
        merged.entries().collect::<Vec<_>>(),
        whole.entries().collect::<Vec<_>>()
    );
    assert_eq!(merged.rows(), 8);
}

#[test]
fn examples_are_bounded_and_zero_turns_them_off() {
    let cells: Vec<(usize, &str)> = (0..9).map(|row| (row, "bad")).collect();
    assert_eq!(part(9, &cells).entries().next().unwrap().examples.len(), 3);
    let mut silent = Ledger::new().with_examples(0);
    silent.record_with("x", Action::Nulled, 9, 9, cells);
    assert!(silent.entries().next().unwrap().examples.is_empty());
    assert_eq!(silent.count("x", Action::Nulled), 9);
}

#[test]
fn nothing_done_leaves_no_line() {
    let mut ledger = Ledger::new();
    ledger.record("x", Action::Filled, 0, 10);
    assert_eq!(ledger.entries().count(), 0);
}

#[test]
fn counts_beyond_any_table_saturate_and_never_wrap() {
    let huge = |count: u64| Ledger {
        rows: count,
        entries: vec![Entry {
            count,
            of: count,
            ..Entry::new("a/step", "x", Action::Nulled)
        }],
        ..Ledger::default()
    };
    let mut merged = huge(u64::MAX - 1);
    merged.merge(&huge(7));
    assert_eq!(
        (merged.rows(), merged.count("x", Action::Nulled)),
        (u64::MAX, u64::MAX)
    );
}

#[test]
fn a_merge_leaves_the_step_at_work_alone() {
    let mut ledger = Ledger::new();
    ledger.enter("b/mine");
    ledger.merge(&part(2, &[(0, "p")]));
    ledger.record("x", Action::Filled, 1, 2);
    assert_eq!(ledger.entries().last().unwrap().step, "b/mine");
}

#[test]
fn a_masked_ledger_holds_no_cell() {
    let secret = part(3, &[(1, "secret")]);
    let mut merged = Ledger::new().masked();
    merged.merge(&secret);
    let mut pushed = Ledger::new().masked();
    pushed.record_with("x", Action::Nulled, 1, 3, [(1, "secret")]);
    for ledger in [secret.clone().masked(), merged, pushed] {
        let text = serde_json::to_string(&ledger).unwrap() + &ledger.to_string();
        assert!(!text.contains("secret"), "{text}");
        let entry = ledger.entries().next().unwrap();
        assert_eq!(entry.examples, [(1, "***".to_owned())]);
    }
    assert!(secret.to_string().contains("secret"));
}

#[test]
fn a_ledger_is_a_table() {
    let mut ledger = part(3, &[(1, "p")]);
    ledger.record_rows(3, 3);
    ledger.enter("a/rows");
    ledger.record("", Action::RowDropped, 1, 3);
    ledger.record_rows(3, 2);
    let batch = ledger.to_batch().unwrap();
    let text = |name: &str, row: usize| {
        let column = batch[name].as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let line = |row| ["step", "column", "action", "examples"].map(|name| text(name, row));
    let some = |cell: &str| Some(cell.to_owned());
    assert_eq!(
        line(0),
        [
            some("a/step"),
            some("x"),
            some("nulled"),
            some("\"p\" at 1")
        ]
    );
    assert_eq!(
        line(1),
        [some("a/rows"), None, some("rows dropped"), some("")]
    );
    let number = |name: &str| batch[name].as_primitive::<UInt64Type>().values().to_vec();
    assert_eq!((number("count"), number("of")), (vec![1, 1], vec![3, 3]));
    let counts = |step: &StepCounts| (step.rows_in, step.rows_out, step.cells_changed);
    let steps: Vec<_> = ledger.steps().iter().map(counts).collect();
    assert_eq!(steps, [(3, 3, 1), (3, 2, 0)]);
    assert_eq!(ledger.steps_to_batch().unwrap().num_rows(), 2);
    let stored = serde_json::to_string(&ledger).unwrap();
    let loaded: Ledger = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        (loaded.steps(), loaded.to_string()),
        (ledger.steps(), ledger.to_string())
    );
}
