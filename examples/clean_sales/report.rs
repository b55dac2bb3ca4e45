//! What the program says, to people and to programs.
#![expect(clippy::print_stdout, reason = "this is the program's output")]

use std::collections::BTreeMap;

use alchemy_clean::Cleaner;
use alchemy_core::{ColumnProfile, Profile, shorten};
use alchemy_examples::Failure;
use alchemy_examples::cleaning::{Cleaned, Figures};

pub(crate) fn draft(draft: &Cleaner) {
    println!("DRAFT, suggested by the profile\n{draft}\n");
}

pub(crate) fn cleaned(cleaned: &Cleaned) {
    let Cleaned {
        name,
        before,
        recipe,
        ledger,
        after,
        figures,
        ..
    } = cleaned;
    println!("RECIPE for {name}\n{recipe}\n");
    println!("LEDGER: {ledger}");
    before_after(before, after);
    for (name, value) in figures {
        println!("{name:36} {value}");
    }
    println!();
}

pub(crate) fn json(tables: &[Cleaned]) -> Result<String, Failure> {
    let figures: BTreeMap<&str, &Figures> = tables
        .iter()
        .map(|table| (table.name, &table.figures))
        .collect();
    Ok(serde_json::to_string_pretty(&figures)? + "\n")
}

/// Every column before and after: its type, its missing and its different values.
fn before_after(before: &Profile, after: &Profile) {
    println!(
        "BEFORE AND AFTER: {} → {} rows\n{:24} {:>14} → {:14} {:>8} → {:<8} {:>8} → {:<8}",
        before.rows, after.rows, "column", "type", "", "missing", "", "distinct", ""
    );
    for column in &before.columns {
        row(&column.name, Some(column), after.column(&column.name));
    }
    let added = after.columns.iter();
    for column in added.filter(|column| before.column(&column.name).is_none()) {
        row(&column.name, None, Some(column));
    }
    println!();
}

fn row(name: &str, before: Option<&ColumnProfile>, after: Option<&ColumnProfile>) {
    let cell = |column: Option<&ColumnProfile>, of: fn(&ColumnProfile) -> String| {
        column.map_or_else(|| "-".to_owned(), of)
    };
    let kind = |column: &ColumnProfile| {
        let name = column.data_type.split('(').next();
        name.unwrap_or_default().to_owned()
    };
    let missing = |column: &ColumnProfile| column.nulls.to_string();
    let distinct = |column: &ColumnProfile| column.distinct.to_string();
    println!(
        "{:24} {:>14} → {:14} {:>8} → {:<8} {:>8} → {:<8}",
        shorten(name),
        cell(before, kind),
        cell(after, kind),
        cell(before, missing),
        cell(after, missing),
        cell(before, distinct),
        cell(after, distinct),
    );
}
