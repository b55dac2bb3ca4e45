//! What a table must look like to be used: columns, types, roles and expectations.

mod admit;
mod cells;
mod check;
mod column;
mod compare;
mod convert;
mod enter;
pub(crate) mod exact;
mod examples;
mod expectation;
pub(crate) mod interval;
mod judge;
mod pattern;
mod report;
mod rule;
mod scalar;
mod sequence;
mod stored;
mod table;
mod table_expectation;
mod tally;
#[cfg(test)]
mod tests;
mod unique;

use arrow::datatypes::Schema;
use serde::{Deserialize, Serialize};

use crate::{Error, Result, Role};

pub use admit::{Admitted, Rejection};
pub use check::ContractAccumulator;
pub use column::ColumnContract;
use convert::Converted;
pub use expectation::Expectation;
pub use interval::Interval;
pub use pattern::Pattern;
pub use report::{CheckOutcome, ContractReport};
pub use rule::Rule;
pub use scalar::Scalar;
pub use table_expectation::{Comparison, TableExpectation};

/// The columns of a table, as learned from training data and held to ever after.
///
/// Columns are found by name, so their order does not matter, and columns that the contract does not name are left out.
/// Text is read as the column's type where it is written as that type prints. Columns of role
/// [`Target`](Role::Target), [`Weight`](Role::Weight) and [`Ignored`](Role::Ignored) may be absent when scoring.
///
/// [`enter`](Self::enter) asks for columns and types, [`admit`](Self::admit) splits a batch into rows that meet every
/// expectation about them and rows that do not, and [`check`](Self::check) reports on all expectations.
///
/// # JSON
///
/// A contract is stored as JSON, and may be written by hand; loading runs the checks of the builder. `role` is
/// `feature` unless given, `severity` is `error`. An expectation without parameters may be its bare name. `"masked": true`
/// stands for [`with_masked_values`](Self::with_masked_values).
///
/// | `expect` | keys beside it | columns |
/// | --- | --- | --- |
/// | `not_null`, `unique` | | all |
/// | `number_text` | | text |
/// | `range` | `min` or `above`, `max` or `below` | numbers; dates and times, with bounds as text |
/// | `one_of` | `values` | text, integers, Booleans |
/// | `matches` | `pattern`, for the whole cell | text |
/// | `length` | as `range`, in characters | text |
/// | `increasing` | `strictly` (false), `by` (no column) | numbers, dates and times |
/// | `null_share` | `max`, from 0 to 1 | all |
/// | `mean` | as `range` | numbers |
/// | `quantile` | `q`, from 0 to 1, and `within`, an object as `range` | numbers |
/// | `share` | `value`, and `within` | text, integers, Booleans |
/// | in `table`: `row_count` | as `range` | |
/// | in `table`: `unique` | `columns` | all |
/// | in `table`: `compare` | `left`, `is` (`<`, `<=`, `==`, `!=`, `>`, `>=`), `right` | numbers, or dates and times |
/// | in `table`: `holds` | `condition`, the text of an [`Expr`](crate::Expr) | all it may name |
///
/// ```
/// use alchemy_core::{Contract, CsvReader};
///
/// let contract: Contract = serde_json::from_str(
///     r#"{
///         "columns": [
///             {"name": "age", "data_type": "Int64", "expectations": [
///                 "not_null",
///                 {"expect": "range", "min": 0, "below": 150},
///                 {"expect": "mean", "min": 20, "max": 60, "severity": "warning"}
///             ]},
///             {"name": "city", "data_type": "Utf8", "expectations": [
///                 {"expect": "one_of", "values": ["Oslo", "Rome"]}
///             ]}
///         ],
///         "table": [{"expect": "unique", "columns": ["age", "city"]}]
///     }"#,
/// )?;
/// let batch = CsvReader::new().read_from("age,city\n36,Oslo\n-1,Rome\n36,Oslo\n".as_bytes())?;
/// let report = contract.check(&batch);
/// assert!(!report.passed());
/// let failed: Vec<String> = report.failed().map(|check| check.to_string()).collect();
/// assert_eq!(failed, [
///     "age is not in [0, 150): 1 of 3 cells, such as \"-1\"",
///     "not age, city unique: 1 of 3 rows",
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Examples
///
/// ```
/// use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
/// use alchemy_core::{Contract, Expectation, Role};
///
/// let schema = Schema::new(vec![
///     Field::new("age", DataType::Int64, true),
///     Field::new("churn", DataType::Boolean, true),
/// ]);
/// let contract = Contract::of(&schema)
///     .with_role("churn", Role::Target)?
///     .with_expectation("age", Expectation::range(0..150)?)?;
/// assert_eq!(contract.scoring_schema().fields().len(), 1);
/// # Ok::<(), alchemy_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredContract")]
pub struct Contract {
    columns: Vec<ColumnContract>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    table: Vec<Rule<TableExpectation>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
}

/// The stored form, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredContract {
    columns: Vec<ColumnContract>,
    #[serde(default)]
    table: Vec<Rule<TableExpectation>>,
    #[serde(default)]
    masked: bool,
}

impl Contract {
    /// The contract that asks for the columns of `schema`, with their types and the roles stamped on them.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        Self {
            columns: schema
                .fields()
                .iter()
                .map(|field| ColumnContract::of(field))
                .collect(),
            table: Vec::new(),
            masked: false,
        }
    }

    /// Gives the column `name` a role.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`].
    pub fn with_role(mut self, name: &str, role: Role) -> Result<Self> {
        let index = self.position(name)?;
        self.columns[index].role = role;
        Ok(self)
    }

    /// Expects something of the column `name`: an [`Expectation`], whose miss is an error, or one
    /// [`at`](Expectation::at) another severity.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`]; [`Error::ColumnType`] if the expectation has no meaning for the column's type;
    /// [`Error::InvalidParameter`] for parameters out of their domain, or bounds that are no date or time.
    pub fn with_expectation(mut self, name: &str, rule: impl Into<Rule>) -> Result<Self> {
        let index = self.position(name)?;
        let mut rule = rule.into();
        rule.expectation = rule.expectation.checked()?;
        self.check_rule(&self.columns[index], &rule)?;
        let rules = &mut self.columns[index].expectations;
        if !rules.contains(&rule) {
            rules.push(rule);
        }
        Ok(self)
    }

    /// Expects something of the table: a [`TableExpectation`], whose miss is an error, or one
    /// [`at`](TableExpectation::at) another severity.
    ///
    /// # Errors
    ///
    /// As [`with_expectation`](Self::with_expectation).
    pub fn with_table_expectation(
        mut self,
        rule: impl Into<Rule<TableExpectation>>,
    ) -> Result<Self> {
        let mut rule = rule.into();
        rule.expectation = rule.expectation.checked()?;
        self.check_table_rule(&rule)?;
        if !self.table.contains(&rule) {
            self.table.push(rule);
        }
        Ok(self)
    }

    /// Lets no cell be quoted: not in an error of [`enter`](Self::enter) or of a pipeline with this contract, nor in a
    /// reason of [`admit`](Self::admit), a report of [`check`](Self::check) or a ledger of the pipeline.
    #[must_use]
    pub fn with_masked_values(mut self) -> Self {
        self.masked = true;
        self
    }

    /// Whether cells are never quoted.
    #[must_use]
    pub fn masks_values(&self) -> bool {
        self.masked
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[ColumnContract] {
        &self.columns
    }

    /// What the table must be like.
    #[must_use]
    pub fn table_expectations(&self) -> &[Rule<TableExpectation>] {
        &self.table
    }

    /// `result`, whose error quotes no cell if the contract says so.
    pub(crate) fn masking<T>(&self, result: Result<T>) -> Result<T> {
        if self.masked {
            result.map_err(Error::masked)
        } else {
            result
        }
    }

    fn position(&self, name: &str) -> Result<usize> {
        let names = || self.columns.iter().map(ColumnContract::name);
        names()
            .position(|known| known == name)
            .ok_or_else(|| Error::column_not_found(name, names()))
    }

    fn check_rule(&self, column: &ColumnContract, rule: &Rule) -> Result<()> {
        rule.expectation.suits(&column.name, &column.data_type)?;
        if let Expectation::Increasing { by, .. } = &rule.expectation {
            by.iter()
                .try_for_each(|name| self.position(name).map(drop))?;
        }
        Ok(())
    }

    fn check_table_rule(&self, rule: &Rule<TableExpectation>) -> Result<()> {
        let types = rule.expectation.columns().into_iter().map(|name| {
            let column = &self.columns[self.position(name)?];
            Ok((name, &column.data_type))
        });
        rule.expectation.suits(&types.collect::<Result<Vec<_>>>()?)
    }
}

impl TryFrom<StoredContract> for Contract {
    type Error = Error;

    fn try_from(stored: StoredContract) -> Result<Self> {
        let StoredContract {
            columns,
            table,
            masked,
        } = stored;
        let contract = Self {
            columns,
            table,
            masked,
        };
        for (index, column) in contract.columns.iter().enumerate() {
            if contract.position(&column.name)? != index {
                return Err(Error::DuplicateColumn {
                    column: column.name.clone(),
                });
            }
            for rule in &column.expectations {
                contract.check_rule(column, rule)?;
            }
        }
        for rule in &contract.table {
            contract.check_table_rule(rule)?;
        }
        Ok(contract)
    }
}
