//! A profile as text for the terminal.

use std::fmt;

use super::column::{ColumnProfile, Summary};
use super::finding::Severity;
use super::profiler::Profile;
use crate::shorten;
use crate::stats::Quantile;

/// Most frequent values shown of a column.
const SHOWN_VALUES: usize = 3;

pub(super) const HEAD: [&str; 5] = ["column", "type", "missing", "distinct", "values"];

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns, bytes) = (self.rows, self.columns.len(), bytes(self.bytes));
        writeln!(
            f,
            "{rows} rows, {columns} columns, {bytes}, {} duplicate rows\n",
            self.duplicate_rows
        )?;
        let lines: Vec<[String; 5]> = std::iter::once(HEAD.map(str::to_owned))
            .chain(self.columns.iter().map(cells))
            .collect();
        let width = |cell: usize| {
            lines
                .iter()
                .map(|line| line[cell].chars().count())
                .max()
                .unwrap_or(0)
        };
        let [name, kind, missing, distinct] = [0, 1, 2, 3].map(width);
        for [a, b, c, d, e] in &lines {
            writeln!(
                f,
                "{a:name$}  {b:kind$}  {c:>missing$}  {d:>distinct$}  {e}"
            )?;
        }
        if !self.findings.is_empty() {
            writeln!(f)?;
        }
        for finding in &self.findings {
            let mark = if finding.severity == Severity::Info {
                '·'
            } else {
                '!'
            };
            writeln!(f, "{mark} {finding}")?;
        }
        Ok(())
    }
}

pub(super) fn cells(column: &ColumnProfile) -> [String; 5] {
    [
        shorten(&column.name),
        column.data_type.clone(),
        column.nulls.to_string(),
        column.distinct.to_string(),
        values(column),
    ]
}

/// What the values are like, in a few words.
fn values(column: &ColumnProfile) -> String {
    match &column.summary {
        Summary::Numeric(numbers) => {
            let median = numbers
                .quantile(Quantile::MEDIAN)
                .map(|value| format!(" … {}", figure(value)));
            let mean = numbers.mean.map(|mean| format!(", mean {}", figure(mean)));
            let spread = numbers
                .std_dev
                .map(|std_dev| format!(" ± {}", figure(std_dev)));
            let [median, mean, spread] = [median, mean, spread].map(Option::unwrap_or_default);
            format!(
                "{}{median} … {}{mean}{spread}",
                figure(numbers.min),
                figure(numbers.max)
            )
        }
        Summary::Temporal { first, last, .. } => format!("{first} … {last}"),
        Summary::Text(_) | Summary::None => {
            let rows = column.values() as f64;
            let shown: Vec<String> = column
                .top
                .iter()
                .take(SHOWN_VALUES)
                .map(|top| {
                    format!(
                        "{:?} {:.1} %",
                        shorten(&top.value),
                        100.0 * top.count as f64 / rows
                    )
                })
                .collect();
            let more = if column.distinct > SHOWN_VALUES as u64 {
                ", …"
            } else {
                ""
            };
            shown.join(", ") + more
        }
    }
}

/// Five significant digits.
pub(super) fn figure(value: f64) -> String {
    let magnitude = value.abs().log10();
    if value == 0.0 {
        "0".to_owned()
    } else if (-4.0..7.0).contains(&magnitude) {
        let decimals = if magnitude < 1.0 {
            4
        } else if magnitude < 3.0 {
            2
        } else {
            0
        };
        let text = format!("{value:.decimals$}");
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    } else {
        format!("{value:.3e}")
    }
}

pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = count as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{count} B")
    } else {
        format!("{size:.1} {}", UNITS[unit])
    }
}
