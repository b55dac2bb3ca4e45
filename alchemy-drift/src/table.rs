//! A report as a table: for the terminal, and as a record batch.

use std::fmt;
use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};

use crate::report::{ColumnDrift, DriftReport, Evidence};

impl DriftReport {
    /// One row for each column: `column`, `kind`, `drifted`; `statistic`, `effect`, `p_value`, `adjusted_p_value` of the
    /// test of values; `psi`; `reference_missing`, `current_missing`, `missing_p_value`, `adjusted_missing_p_value`.
    /// What is undefined is null.
    ///
    /// # Errors
    ///
    /// When Arrow refuses the batch.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let numbers = |number: &dyn Fn(&ColumnDrift) -> Option<f64>| {
            Arc::new(self.columns.iter().map(number).collect::<Float64Array>()) as ArrayRef
        };
        let values =
            |number: fn(&Evidence) -> f64| numbers(&|found| found.values.as_ref().map(number));
        let missing =
            |number: fn(&Evidence) -> f64| numbers(&|found| found.missing.as_ref().map(number));
        let text = |text: fn(&ColumnDrift) -> &str| {
            Arc::new(StringArray::from_iter_values(self.columns.iter().map(text))) as ArrayRef
        };
        let drifted: Vec<bool> = self.columns.iter().map(ColumnDrift::drifted).collect();
        Ok(RecordBatch::try_from_iter([
            ("column", text(|found| &found.column)),
            ("kind", text(|found| found.kind.name())),
            ("drifted", Arc::new(BooleanArray::from(drifted)) as ArrayRef),
            ("statistic", values(|test| test.statistic)),
            ("effect", values(|test| test.effect)),
            ("p_value", values(|test| test.p_value)),
            ("adjusted_p_value", values(|test| test.adjusted_p_value)),
            ("psi", numbers(&|found| found.psi)),
            (
                "reference_missing",
                numbers(&|found| Some(found.reference_missing)),
            ),
            (
                "current_missing",
                numbers(&|found| Some(found.current_missing)),
            ),
            ("missing_p_value", missing(|test| test.p_value)),
            (
                "adjusted_missing_p_value",
                missing(|test| test.adjusted_p_value),
            ),
        ])?)
    }
}

impl fmt::Display for DriftReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} columns drifted: {} rows against {}",
            self.num_drifted(),
            self.num_columns(),
            self.current_rows,
            self.reference_rows
        )?;
        let width = self
            .columns
            .iter()
            .map(|found| found.column.chars().count())
            .max()
            .unwrap_or(0)
            .max(6);
        writeln!(
            f,
            "{:width$}  {:11}  {:>10}  {:>7}  {:>10}  {:>8}  {:>17}  drift",
            "column", "kind", "statistic", "effect", "adjusted p", "psi", "missing"
        )?;
        for found in &self.columns {
            let test = |number: fn(&Evidence) -> String| {
                found.values.as_ref().map_or_else(|| "-".into(), number)
            };
            writeln!(
                f,
                "{:width$}  {:11}  {:>10}  {:>7}  {:>10}  {:>8}  {:>7.2}% -> {:>5.2}%  {}",
                found.column,
                found.kind,
                test(|test| format!("{:.4}", test.statistic)),
                test(|test| format!("{:.4}", test.effect)),
                test(|test| format!("{:.1e}", test.adjusted_p_value)),
                found
                    .psi
                    .map_or_else(|| "-".into(), |psi| format!("{psi:.4}")),
                100.0 * found.reference_missing,
                100.0 * found.current_missing,
                what_drifted(found)
            )?;
        }
        Ok(())
    }
}

fn what_drifted(found: &ColumnDrift) -> &'static str {
    let drifted = |test: &Option<Evidence>| test.is_some_and(|test| test.drifted);
    match (drifted(&found.values), drifted(&found.missing)) {
        (true, true) => "values, missing",
        (true, false) => "values",
        (false, true) => "missing",
        (false, false) => "no",
    }
}
