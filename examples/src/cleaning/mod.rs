//! Recipes for real tables, and the figures by which they are judged.

mod adult;
mod cafe;
mod hospital;
mod retail;
mod telco;

use std::collections::BTreeMap;
use std::path::Path;

use alchemy_clean::{Cleaner, Duplicates, Ledger, SelectRows};
use alchemy_core::Profile;
use alchemy_core::arrow::array::RecordBatch;

use crate::Failure;

/// Figures by name.
pub type Figures = BTreeMap<String, f64>;

/// A table cleaned by a recipe.
#[derive(Debug)]
pub struct Cleaned {
    /// The table's name.
    pub name: &'static str,
    /// What the table held.
    pub before: Profile,
    /// The recipe that was applied.
    pub recipe: Cleaner,
    /// What it did.
    pub ledger: Ledger,
    /// The table cleaned.
    pub batch: RecordBatch,
    /// What the table holds now.
    pub after: Profile,
    /// What can be compared with other tools.
    pub figures: Figures,
}

impl Cleaned {
    /// Applies `recipe` to `raw`.
    ///
    /// # Errors
    ///
    /// Those of the steps.
    pub fn of(name: &'static str, raw: &RecordBatch, recipe: Cleaner) -> Result<Self, Failure> {
        let mut ledger = Ledger::new();
        let batch = recipe.clean(raw, &mut ledger)?;
        Ok(Self {
            name,
            before: Profile::of(raw)?,
            after: Profile::of(&batch)?,
            recipe,
            ledger,
            batch,
            figures: Figures::new(),
        })
    }

    /// Rows that were left out as duplicates.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        let name = Duplicates::of_whole_rows().name();
        let of_duplicates = self.ledger.entries().filter(|entry| entry.step == name);
        of_duplicates.map(|entry| entry.count).sum()
    }

    /// Adds a figure.
    #[must_use]
    pub fn with_figure(mut self, name: impl Into<String>, value: impl Into<f64>) -> Self {
        self.figures.insert(name.into(), value.into());
        self
    }

    /// Adds a count.
    #[must_use]
    pub fn with_count(self, name: impl Into<String>, count: u64) -> Self {
        self.with_figure(name, count as f64)
    }
}

/// Cleans the real tables in the folder `data`.
///
/// # Errors
///
/// A file that is not there, or not what it should be.
pub fn real_tables(data: &Path) -> Result<Vec<Cleaned>, Failure> {
    Ok(vec![
        retail::clean(data)?,
        cafe::clean(data)?,
        hospital::clean(data)?,
        adult::clean(data)?,
        telco::clean(data)?,
    ])
}
