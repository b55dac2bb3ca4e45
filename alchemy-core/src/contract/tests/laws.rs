//! Checks held against plain loops, and against themselves: cuts, order, threads, admission.

use std::collections::HashSet;

use arrow::array::{RecordBatchIterator, TimestampSecondArray};
use proptest::prelude::*;

use super::*;
use crate::stats::{Quantile, quantile};
use crate::{Accumulate, Comparison, ContractReport, Severity, TableExpectation};

/// One row: a whole number, a float, a text, a time.
type Row = (Option<i64>, Option<f64>, Option<&'static str>, Option<i64>);

const TEXTS: [&str; 6] = [
    "",
    "a",
    "b",
    "ab",
    "é",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];
const FLOATS: [f64; 8] = [
    0.0,
    -0.0,
    0.5,
    1.0,
    -3.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];
const WHOLES: [i64; 6] = [i64::MIN, -1, 0, 3, 4, i64::MAX];

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        prop::option::weighted(0.9, prop::sample::select(WHOLES.to_vec())),
        prop::option::weighted(0.9, prop::sample::select(FLOATS.to_vec())),
        prop::option::weighted(0.9, prop::sample::select(TEXTS.to_vec())),
        prop::option::weighted(0.9, 0_i64..20),
    );
    prop::collection::vec(row, 0..30)
}

fn table(rows: &[Row]) -> RecordBatch {
    let n = Int64Array::from_iter(rows.iter().map(|row| row.0));
    let x = Float64Array::from_iter(rows.iter().map(|row| row.1));
    let s = StringArray::from_iter(rows.iter().map(|row| row.2));
    let t = TimestampSecondArray::from_iter(rows.iter().map(|row| row.3));
    RecordBatch::try_from_iter_with_nullable([
        ("n", Arc::new(n) as ArrayRef, true),
        ("x", Arc::new(x), true),
        ("s", Arc::new(s), true),
        ("t", Arc::new(t), true),
    ])
    .unwrap()
}

/// Every expectation but an order, in the order of the naive counts below.
const EITHER: &str = "n < 3 or s == 'a'";

fn contract(severity: Severity) -> Contract {
    let rules = [
        ("n", Expectation::NotNull),
        ("n", Expectation::range(-1..i64::MAX).unwrap()),
        ("n", Expectation::one_of([3_i64, i64::MIN]).unwrap()),
        ("n", Expectation::Unique),
        ("n", Expectation::null_share(0.2).unwrap()),
        ("n", Expectation::share(3_i64, 0.25..=1.0).unwrap()),
        ("x", Expectation::NotNull),
        ("x", Expectation::range(0.0..=1.0).unwrap()),
        ("x", Expectation::Unique),
        ("x", Expectation::mean(-1.0..1.0).unwrap()),
        (
            "x",
            Expectation::quantile(Quantile::MEDIAN, 0.0..=0.5).unwrap(),
        ),
        ("s", Expectation::NotNull),
        ("s", Expectation::one_of(["a", "b"]).unwrap()),
        ("s", Expectation::matches("a+|é").unwrap()),
        ("s", Expectation::length(1..3).unwrap()),
        ("s", Expectation::NumberText),
        ("s", Expectation::Unique),
        (
            "t",
            Expectation::range("1970-01-01T00:00:03".."1970-01-01T00:00:15").unwrap(),
        ),
    ];
    let with = |contract: Contract, (name, rule): (&str, Expectation)| {
        contract.with_expectation(name, rule.at(severity)).unwrap()
    };
    rules
        .into_iter()
        .fold(Contract::of(table(&[]).schema_ref()), with)
        .with_table_expectation(TableExpectation::row_count(3..=20).unwrap())
        .unwrap()
        .with_table_expectation(TableExpectation::unique(["n", "s"]).unwrap().at(severity))
        .unwrap()
        .with_table_expectation(
            TableExpectation::compare("n", Comparison::AtMost, "x").at(severity),
        )
        .unwrap()
        .with_table_expectation(
            TableExpectation::holds(EITHER.parse().unwrap())
                .unwrap()
                .at(severity),
        )
        .unwrap()
}

fn cells<T: Copy>(
    values: impl Iterator<Item = Option<T>>,
    meets: impl Fn(T) -> bool,
) -> (u64, u64) {
    let values: Vec<T> = values.flatten().collect();
    (
        values.len() as u64,
        values.iter().filter(|value| !meets(**value)).count() as u64,
    )
}

fn keys<T: std::hash::Hash + Eq>(values: impl Iterator<Item = Option<T>>) -> (u64, u64) {
    let values: Vec<T> = values.flatten().collect();
    let count = values.len() as u64;
    (
        count,
        count - values.into_iter().collect::<HashSet<T>>().len() as u64,
    )
}

fn missing<T>(values: impl Iterator<Item = Option<T>>) -> (u64, u64) {
    let values: Vec<Option<T>> = values.collect();
    (
        values.len() as u64,
        values.iter().filter(|value| value.is_none()).count() as u64,
    )
}

/// What each check should count, by plain loops, and whether it should pass.
fn naive(rows: &[Row]) -> Vec<(u64, u64, bool)> {
    let n = || rows.iter().map(|row| row.0);
    let x = || rows.iter().map(|row| row.1.filter(|x| !x.is_nan()));
    let s = || rows.iter().map(|row| row.2);
    let t = || rows.iter().map(|row| row.3);
    let all = rows.len() as u64;
    let plain = |(checked, failed): (u64, u64)| (checked, failed, failed == 0);
    let type_of = (all, 0, true);
    let count = |values: &[f64]| values.len() as u64;
    let xs: Vec<f64> = x().flatten().collect();
    let mean = xs.iter().sum::<f64>() / xs.len() as f64;
    let median = quantile(&mut xs.clone(), Quantile::MEDIAN);
    let (n_all, n_missing) = missing(n());
    let (n_values, n_other) = cells(n(), |n| n == 3);
    let share = (n_values - n_other) as f64 / n_values as f64;
    vec![
        type_of,
        plain(missing(n())),
        plain(cells(n(), |n| (-1..i64::MAX).contains(&n))),
        plain(cells(n(), |n| n == 3 || n == i64::MIN)),
        plain(keys(n())),
        (
            n_all,
            n_missing,
            n_all == 0 || n_missing as f64 / n_all as f64 <= 0.2,
        ),
        (n_values, 0, share >= 0.25),
        type_of,
        plain(missing(x())),
        plain(cells(x(), |x| (0.0..=1.0).contains(&x))),
        plain(keys(x().map(|x| Some((x? + 0.0).to_bits())))),
        (count(&xs), 0, (-1.0..1.0).contains(&mean)),
        (
            count(&xs),
            0,
            median.is_some_and(|m| (0.0..=0.5).contains(&m)),
        ),
        type_of,
        plain(missing(s())),
        plain(cells(s(), |s| s == "a" || s == "b")),
        plain(cells(s(), |s| {
            s == "é" || (!s.is_empty() && s.bytes().all(|b| b == b'a'))
        })),
        plain(cells(s(), |s| (1..3).contains(&s.chars().count()))),
        plain(cells(s(), str::is_empty)),
        plain(keys(s())),
        type_of,
        plain(cells(t(), |t| (3..15).contains(&t))),
        (all, 0, (3..=20).contains(&all)),
        plain(keys(n().zip(s()).map(|(n, s)| Some((n?, s?))))),
        plain(cells(
            n().zip(x()).map(|(n, x)| Some((n?, x?))),
            |(n, x)| (n as f64) <= x,
        )),
        plain(cells(
            n().zip(s())
                .map(|(n, s)| match (n.map(|n| n < 3), s.map(|s| s == "a")) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (n, s) => n.and(s),
                }),
            |holds| holds,
        )),
    ]
}

fn report(contract: &Contract, batches: &[RecordBatch]) -> ContractReport {
    let mut accumulator = contract.accumulator();
    batches
        .iter()
        .for_each(|batch| accumulator.update(batch).unwrap());
    accumulator.finish().unwrap()
}

/// A report as text: a mean may be NaN, which equals nothing.
fn json(report: &ContractReport) -> String {
    serde_json::to_string(report).unwrap()
}

proptest! {
    #[test]
    fn counts_are_those_of_plain_loops(rows in rows(), cut in 0_usize..30) {
        let contract = contract(Severity::Warning);
        let found: Vec<_> = contract
            .check(&table(&rows))
            .checks
            .iter()
            .map(|check| (check.checked, check.failed, check.passed))
            .collect();
        prop_assert_eq!(found, naive(&rows));
        let cut = cut.min(rows.len());
        let sliced = contract.check(&table(&rows).slice(cut, rows.len() - cut));
        prop_assert_eq!(json(&sliced), json(&contract.check(&table(&rows[cut..]))));
    }

    #[test]
    fn neither_cuts_nor_order_nor_threads_nor_storage_show(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        cut in 0_usize..30,
    ) {
        let contract = contract(Severity::Error);
        let whole = json(&contract.check(&table(&rows)));
        let cut = cut.min(rows.len());
        let (left, right) = (table(&shuffled[..cut]), table(&shuffled[cut..]));
        prop_assert_eq!(json(&report(&contract, &[right.clone(), left.clone()])), whole.clone());

        let mut merged = contract.accumulator();
        merged.update(&right).unwrap();
        let stored = serde_json::to_string(&merged).unwrap();
        let mut merged: ContractAccumulator = serde_json::from_str(&stored).unwrap();
        let mut other = contract.accumulator();
        other.update(&left).unwrap();
        merged.merge(other).unwrap();
        prop_assert_eq!(json(&merged.finish().unwrap()), whole.clone());

        let threads = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        prop_assert_eq!(threads.install(|| json(&contract.check(&table(&rows)))), whole);
    }

    #[test]
    fn admission_and_check_agree(rows in rows()) {
        let contract = contract(Severity::Error);
        let batch = table(&rows);
        let admitted = contract.admit(&batch).unwrap();
        let count = |name: &str, reason: &str| {
            let found = admitted.rejected.iter();
            found.filter(|r| r.column == name && r.reason.ends_with(reason)).count() as u64
        };
        let aggregates = ["of a share", "of a null share", "of a mean", "of a quantile", "rows in"];
        for check in &contract.check(&batch).checks {
            let (name, reason) = match (check.column.as_deref(), check.expectation.as_str()) {
                (_, text) if aggregates.iter().any(|start| text.contains(start)) => continue,
                (Some(name), "present") => (name, "is missing".to_owned()),
                (Some(name), "unique") => (name, "occurs in an earlier row".to_owned()),
                (None, "n, s unique") => ("n, s", "occurs in an earlier row".to_owned()),
                (None, EITHER) => ("n, s", format!("is not {EITHER}")),
                (None, text) => ("n", format!("is not {text}")),
                (Some(name), text) => (name, format!("is not {text}")),
            };
            prop_assert_eq!(count(name, &reason), check.failed, "{}", check);
        }
        let mut rejected: Vec<usize> = admitted.rejected.iter().map(|r| r.row).collect();
        prop_assert!(rejected.is_sorted());
        rejected.dedup();
        let kept: Vec<usize> = (0..rows.len()).filter(|row| !rejected.contains(row)).collect();
        prop_assert_eq!(&admitted.rows, &kept);
        // What was admitted is admitted again.
        let again = contract.admit(&admitted.batch).unwrap();
        prop_assert_eq!((&again.batch, again.rejected), (&admitted.batch, Vec::new()));
    }

    #[test]
    fn an_order_holds_between_neighbours_of_a_key(
        rows in rows(),
        cuts in (0_usize..30, 0_usize..30),
        strictly: bool,
        keyed: bool,
    ) {
        let by = if keyed { vec!["s".to_owned()] } else { Vec::new() };
        let rule = Expectation::Increasing { strictly, by };
        let contract = Contract::of(table(&[]).schema_ref()).with_expectation("t", rule).unwrap();
        let below = |before: i64, now: i64| now < before || (strictly && now == before);
        let key = |row: &Row| if keyed { row.2 } else { None };
        let (mut checked, mut failed) = (0, 0);
        for (index, row) in rows.iter().enumerate() {
            let Some(now) = row.3 else { continue };
            checked += 1;
            let earlier = rows[..index].iter().rev().filter(|other| key(other) == key(row));
            let before = earlier.filter_map(|other| other.3).next();
            failed += u64::from(before.is_some_and(|before| below(before, now)));
        }
        let batch = table(&rows);
        let whole = contract.check(&batch);
        let check = whole.checks.last().unwrap();
        prop_assert_eq!((check.checked, check.failed), (checked, failed));

        let (a, b) = (cuts.0.min(rows.len()), cuts.1.min(rows.len()));
        let (a, b) = (a.min(b), a.max(b));
        let parts = [table(&rows[..a]), table(&rows[a..b]), table(&rows[b..])];
        prop_assert_eq!(&report(&contract, &parts), &whole);
        let [mut left, mut middle, right] = parts.map(|part| {
            let mut accumulator = contract.accumulator();
            accumulator.update(&part).unwrap();
            accumulator
        });
        middle.merge(right).unwrap();
        left.merge(middle).unwrap();
        prop_assert_eq!(&left.finish().unwrap(), &whole);

        let admitted = contract.admit(&batch).unwrap();
        prop_assert_eq!(admitted.rejected.is_empty(), whole.passed());
        prop_assert!(contract.check(&admitted.batch).passed());
    }
}

#[test]
fn a_reader_is_checked_as_its_batches_are() {
    let row = |n: i64| (Some(n), Some(0.5), Some("a"), Some(n));
    let batches = [table(&[row(0), row(3)]), table(&[]), table(&[row(3)])];
    let contract = contract(Severity::Error);
    let reader = RecordBatchIterator::new(batches.clone().map(Ok), batches[0].schema());
    let read = contract.check_reader(reader).unwrap();
    assert_eq!(read, report(&contract, &batches));
    assert_eq!(read.rows, 3);
    assert!(read.into_result().is_err());
}

#[test]
fn accumulators_of_different_contracts_do_not_merge() {
    let mut accumulator = contract(Severity::Error).accumulator();
    let other = contract(Severity::Info).accumulator();
    assert!(accumulator.merge(other).is_err());
}
