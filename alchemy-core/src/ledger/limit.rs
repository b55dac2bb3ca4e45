//! Counts that are too many.

use serde::{Deserialize, Serialize};

use super::{Action, Entry, Ledger};
use crate::{Error, Result};

/// The largest share of cells or rows that may have an action done to them.
///
/// A share is compared as the quotient of the counts, so `0.29` allows 29 of 100. One that is NaN allows nothing.
///
/// # Examples
///
/// ```
/// use alchemy_core::{Action, Ledger, Limit};
///
/// let mut ledger = Ledger::new();
/// ledger.enter_rows(100);
/// ledger.enter("alchemy-clean/imputer");
/// ledger.record("price", Action::Filled, 30, 100);
/// ledger.enter("alchemy-clean/duplicates");
/// ledger.record("", Action::RowDropped, 2, 100);
///
/// assert!(ledger.check(&[Limit::new("price", Action::Filled, 0.3)]).is_ok());
/// let error = ledger.check(&[Limit::step("alchemy-clean/imputer", Action::Filled, 0.2)]).unwrap_err();
/// assert_eq!(error.to_string(), "column \"price\": 30 of 100 cells filled, more than the limit of 0.2");
/// let error = ledger.check(&[Limit::rows(0.01)]).unwrap_err();
/// assert_eq!(error.to_string(), "2 of 100 rows dropped or rejected, more than the limit of 0.01");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    #[serde(flatten)]
    scope: Scope,
    share: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    /// One column, in any one step.
    Column { name: String, action: Action },
    /// Any one column of one step.
    Step { name: String, action: Action },
    /// The rows of the table, over all steps.
    Rows {},
}

impl Limit {
    /// At most `share` (0 to 1) of the cells of `column` may have `action` done to them by any one step.
    #[must_use]
    pub fn new(column: impl Into<String>, action: Action, share: f64) -> Self {
        let name = column.into();
        Self {
            scope: Scope::Column { name, action },
            share,
        }
    }

    /// At most `share` (0 to 1) of the cells of any column may have `action` done to them by the step of the registered
    /// name `step`.
    #[must_use]
    pub fn step(step: impl Into<String>, action: Action, share: f64) -> Self {
        let name = step.into();
        Self {
            scope: Scope::Step { name, action },
            share,
        }
    }

    /// At most `share` (0 to 1) of the rows that enter may be dropped or rejected, by all steps together.
    #[must_use]
    pub fn rows(share: f64) -> Self {
        Self {
            scope: Scope::Rows {},
            share,
        }
    }

    fn allows(&self, count: u64, of: u64) -> bool {
        count == 0 || count as f64 / of as f64 <= self.share
    }

    /// The error of the first line of `ledger` that this limit does not allow.
    fn check(&self, ledger: &Ledger) -> Result<()> {
        let concerns = |entry: &&Entry| match &self.scope {
            Scope::Column { name, action } => entry.column == *name && entry.action == *action,
            Scope::Step { name, action } => entry.step == *name && entry.action == *action,
            Scope::Rows {} => false,
        };
        let exceeded = |column: &str, action: String, count: u64, of: u64| {
            Err(Error::LimitExceeded {
                column: column.to_owned(),
                action,
                count,
                of,
                limit: self.share,
            })
        };
        if self.scope == (Scope::Rows {}) {
            let (count, of) = (ledger.rows_lost(), ledger.rows());
            return if self.allows(count, of) {
                Ok(())
            } else {
                exceeded("", "dropped or rejected".to_owned(), count, of)
            };
        }
        let mut entries = ledger.entries().filter(concerns);
        match entries.find(|entry| !self.allows(entry.count, entry.of)) {
            None => Ok(()),
            Some(entry) => exceeded(
                &entry.column,
                entry.action.to_string(),
                entry.count,
                entry.of,
            ),
        }
    }
}

impl Ledger {
    /// Holds the counts against `limits`.
    ///
    /// # Errors
    ///
    /// [`Error::LimitExceeded`] for the first limit that is passed.
    pub fn check(&self, limits: &[Limit]) -> Result<()> {
        limits.iter().try_for_each(|limit| limit.check(self))
    }

    /// Rows that were dropped or rejected, in all steps.
    fn rows_lost(&self) -> u64 {
        let lost =
            |entry: &&Entry| matches!(entry.action, Action::RowDropped | Action::RowRejected);
        let counts = self.entries().filter(lost).map(|entry| entry.count);
        counts.fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_allowed_to_the_last_cell() {
        for of in 1..400_u64 {
            for count in 0..=of {
                let share: f64 = (count as f64 / of as f64).to_string().parse().unwrap();
                let limit = Limit::new("x", Action::Filled, share);
                assert!(limit.allows(count, of), "{count} of {of}");
                assert!(!limit.allows(count + 1, of), "{count} + 1 of {of}");
            }
        }
        assert!(Limit::rows(0.29).allows(29, 100));
        assert!(!Limit::rows(f64::NAN).allows(1, 100));
        assert!(Limit::rows(0.0).allows(0, 0));
        assert!(!Limit::rows(1.0).allows(1, 0));
    }

    #[test]
    fn every_step_is_held_to_the_limit_of_a_column() {
        let mut ledger = Ledger::new();
        ledger.enter("a/one");
        ledger.record("x", Action::Filled, 1, 10);
        ledger.enter("a/two");
        ledger.record("x", Action::Filled, 5, 10);
        assert!(
            ledger
                .check(&[Limit::new("x", Action::Filled, 0.4)])
                .is_err()
        );
        assert!(
            ledger
                .check(&[Limit::step("a/one", Action::Filled, 0.4)])
                .is_ok()
        );
        assert!(
            ledger
                .check(&[Limit::step("a/two", Action::Filled, 0.4)])
                .is_err()
        );
        assert!(
            ledger
                .check(&[Limit::step("a/two", Action::Capped, 0.0)])
                .is_ok()
        );
    }

    #[test]
    fn limits_survive_storage() {
        for limit in [
            Limit::new("x", Action::Nulled, 0.1),
            Limit::step("a/one", Action::Capped, 0.5),
            Limit::rows(0.01),
        ] {
            let text = serde_json::to_string(&limit).unwrap();
            assert_eq!(
                serde_json::from_str::<Limit>(&text).unwrap(),
                limit,
                "{text}"
            );
        }
    }
}
