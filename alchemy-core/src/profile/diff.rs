//! What changed from one profile to another.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::column::{ColumnProfile, Summary};
use super::figure;
use super::numbers::NumericSummary;
use super::profiler::Profile;
use super::table;
use crate::shorten;
use crate::stats::Quantile;

/// What changed from one profile to another, such as from last month's table to this month's.
///
/// Prints what differs. Whether a difference is more than chance is a question for drift tests; this
/// says what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileDiff {
    /// Rows.
    pub rows: Change<u64>,
    /// Rows that equal an earlier one.
    pub duplicate_rows: Change<u64>,
    /// Columns that only the later profile has, in its order.
    pub added: Vec<String>,
    /// Columns that only the earlier profile has, in its order.
    pub removed: Vec<String>,
    /// The columns of both, in the order of the earlier profile.
    pub columns: Vec<ColumnDiff>,
}

/// A figure before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// In the earlier profile.
    pub before: T,
    /// In the later profile.
    pub after: T,
}

/// What changed of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDiff {
    /// The column.
    pub column: String,
    /// Its Arrow type.
    pub data_type: Change<String>,
    /// The share of missing values, from 0 to 1; 0 without rows.
    pub null_share: Change<f64>,
    /// Different values.
    pub distinct: Change<u64>,
    /// The mean, where both are numbers with one.
    pub mean: Option<Change<f64>>,
    /// By how many of its earlier standard deviations the mean moved; `None` where there is no such
    /// deviation, or it is 0.
    pub mean_shift: Option<f64>,
    /// The quantiles that both profiles have.
    pub quantiles: Vec<QuantileShift>,
    /// Texts, Booleans and integers that only the later profile has, where the earlier one lists all
    /// of its own; see [`ColumnProfile::all_values`].
    pub new_values: Vec<String>,
    /// Values that only the earlier profile has, where the later one lists all of its own.
    pub vanished_values: Vec<String>,
}

/// A quantile before and after.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QuantileShift {
    /// Where in the distribution.
    pub q: Quantile,
    /// The value there in the earlier profile.
    #[serde(with = "figure")]
    pub before: f64,
    /// The value there in the later profile.
    #[serde(with = "figure")]
    pub after: f64,
}

impl Profile {
    /// What changed from this profile to a `later` one, columns matched by name.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// use alchemy_core::{CsvReader, Profile};
    ///
    /// let profile = |text: &str| Profile::of(&CsvReader::new().read_from(text.as_bytes())?);
    /// let january = profile("city,age\nOslo,20\nRome,40\n")?;
    /// let february = profile("city,age\nOslo,20\nParis,60\n")?;
    /// let diff = january.diff(&february);
    /// assert_eq!(diff.columns[0].new_values, ["Paris"]);
    /// assert_eq!(diff.columns[1].mean.unwrap().after, 40.0);
    /// println!("{diff}");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn diff(&self, later: &Self) -> ProfileDiff {
        let missing_in = |columns: &[ColumnProfile], other: &Self| {
            let names = columns.iter().map(|column| &column.name);
            names
                .filter(|name| other.column(name).is_none())
                .cloned()
                .collect()
        };
        let both = self.columns.iter();
        let both =
            both.filter_map(|before| Some(ColumnDiff::of(before, later.column(&before.name)?)));
        ProfileDiff {
            rows: Change::of(self.rows, later.rows),
            duplicate_rows: Change::of(self.duplicate_rows, later.duplicate_rows),
            added: missing_in(&later.columns, self),
            removed: missing_in(&self.columns, later),
            columns: both.collect(),
        }
    }
}

impl<T> Change<T> {
    fn of(before: T, after: T) -> Self {
        Self { before, after }
    }
}

impl ColumnDiff {
    fn of(before: &ColumnProfile, after: &ColumnProfile) -> Self {
        let null_share = |column: &ColumnProfile| column.nulls as f64 / column.rows.max(1) as f64;
        let numbers = match (&before.summary, &after.summary) {
            (Summary::Numeric(before), Summary::Numeric(after)) => Some((before, after)),
            _ => None,
        };
        let mean = numbers.and_then(|(before, after)| Some(Change::of(before.mean?, after.mean?)));
        let mean_shift = numbers.zip(mean).and_then(|((before, _), mean)| {
            let std_dev = before.std_dev.filter(|std_dev| *std_dev > 0.0)?;
            Some((mean.after - mean.before) / std_dev)
        });
        Self {
            column: before.name.clone(),
            data_type: Change::of(before.data_type.clone(), after.data_type.clone()),
            null_share: Change::of(null_share(before), null_share(after)),
            distinct: Change::of(before.distinct, after.distinct),
            mean,
            mean_shift,
            quantiles: numbers.map_or_else(Vec::new, |(before, after)| shifts(before, after)),
            new_values: values_missing_in(before, after),
            vanished_values: values_missing_in(after, before),
        }
    }

    /// What differs, as printed.
    fn changes(&self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.data_type.before != self.data_type.after {
            changes.push(format!(
                "{} → {}",
                self.data_type.before, self.data_type.after
            ));
        }
        let [before, after] = [self.null_share.before, self.null_share.after]
            .map(|share| format!("{:.1} %", 100.0 * share));
        if before != after {
            changes.push(format!("missing {before} → {after}"));
        }
        if self.distinct.before != self.distinct.after {
            changes.push(format!(
                "distinct {} → {}",
                self.distinct.before, self.distinct.after
            ));
        }
        if let Some(mean) = self.mean.filter(|mean| differ(mean.before, mean.after)) {
            let shift = self
                .mean_shift
                .map(|shift| format!(" ({shift:+.2} standard deviations)"));
            changes.push(format!(
                "mean {} → {}{}",
                table::figure(mean.before),
                table::figure(mean.after),
                shift.unwrap_or_default()
            ));
        }
        let median = self.quantiles.iter().find(|at| at.q == Quantile::MEDIAN);
        if let Some(median) = median.filter(|median| differ(median.before, median.after)) {
            changes.push(format!(
                "median {} → {}",
                table::figure(median.before),
                table::figure(median.after)
            ));
        }
        for (what, values) in [("new", &self.new_values), ("gone", &self.vanished_values)] {
            if !values.is_empty() {
                let quoted = values.iter().map(|value| format!("{:?}", shorten(value)));
                changes.push(format!("{what}: {}", quoted.collect::<Vec<_>>().join(", ")));
            }
        }
        changes
    }
}

impl fmt::Display for ProfileDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rows {} → {}", self.rows.before, self.rows.after)?;
        let repeated = self.duplicate_rows;
        if repeated.before != repeated.after {
            writeln!(f, "duplicate rows {} → {}", repeated.before, repeated.after)?;
        }
        for column in &self.removed {
            writeln!(f, "- {}", shorten(column))?;
        }
        for column in &self.added {
            writeln!(f, "+ {}", shorten(column))?;
        }
        for column in &self.columns {
            let changes = column.changes();
            if !changes.is_empty() {
                writeln!(f, "~ {}: {}", shorten(&column.column), changes.join("; "))?;
            }
        }
        Ok(())
    }
}

fn shifts(before: &NumericSummary, after: &NumericSummary) -> Vec<QuantileShift> {
    let both = before.quantiles.iter();
    let both = both.filter_map(|found| {
        Some(QuantileShift {
            q: found.q,
            before: found.value,
            after: after.quantile(found.q)?,
        })
    });
    both.collect()
}

/// Listed values of `listed` that `complete` does not have, where that is known.
fn values_missing_in(complete: &ColumnProfile, listed: &ColumnProfile) -> Vec<String> {
    let is_comparable = complete.data_type == listed.data_type && complete.has_categories();
    let Some(known) = complete.all_values().filter(|_| is_comparable) else {
        return Vec::new();
    };
    let known: Vec<&str> = known.collect();
    let values = listed.top.iter().map(|top| &top.value);
    values
        .filter(|value| !known.contains(&value.as_str()))
        .cloned()
        .collect()
}

/// Whether two figures differ as printed.
fn differ(before: f64, after: f64) -> bool {
    table::figure(before) != table::figure(after)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};

    use super::*;

    fn profile<const N: usize>(columns: [(&str, ArrayRef); N]) -> Profile {
        Profile::of(&RecordBatch::try_from_iter(columns).unwrap()).unwrap()
    }

    fn text(cells: &[&str]) -> ArrayRef {
        Arc::new(StringArray::from(cells.to_vec()))
    }

    fn numbers(cells: &[Option<f64>]) -> ArrayRef {
        Arc::new(Float64Array::from(cells.to_vec()))
    }

    #[test]
    fn every_kind_of_change_is_told() {
        let before = profile([
            ("old", text(&["a", "b", "c"])),
            ("city", text(&["Rome", "Oslo", "Oslo"])),
            ("load", numbers(&[Some(1.0), Some(2.0), Some(3.0)])),
            ("code", numbers(&[Some(1.0), Some(2.0), Some(3.0)])),
            ("same", text(&["x", "y", "z"])),
        ]);
        let after = profile([
            ("city", text(&["Rome", "Paris", "Paris", "Rome"])),
            ("load", numbers(&[Some(4.0), None, Some(5.0), Some(6.0)])),
            ("code", text(&["1", "2", "3", "3"])),
            ("same", text(&["x", "y", "z", "z"])),
            ("new", text(&["a", "b", "c", "d"])),
        ]);
        let diff = before.diff(&after);
        assert_eq!((diff.rows.before, diff.rows.after), (3, 4));
        assert_eq!(
            (diff.added.as_slice(), diff.removed.as_slice()),
            (["new".to_owned()].as_slice(), ["old".to_owned()].as_slice())
        );
        let load = &diff.columns[1];
        assert_eq!((load.null_share.after, load.mean_shift), (0.25, Some(3.0)));
        assert_eq!(load.quantiles.len(), 7);
        let stored = serde_json::to_string(&diff).unwrap();
        assert_eq!(serde_json::from_str::<ProfileDiff>(&stored).unwrap(), diff);
        let expected = "rows 3 → 4\n- old\n+ new\n\
            ~ city: new: \"Paris\"; gone: \"Oslo\"\n\
            ~ load: missing 0.0 % → 25.0 %; mean 2 → 5 (+3.00 standard deviations); median 2 → 5\n\
            ~ code: Float64 → Utf8\n";
        assert_eq!(diff.to_string(), expected);
    }

    #[test]
    fn a_profile_does_not_differ_from_itself() {
        let same = profile([
            ("x", numbers(&[Some(f64::INFINITY), None])),
            ("y", text(&["a", ""])),
        ]);
        assert_eq!(same.diff(&same).to_string(), "rows 2 → 2\n");
    }
}
