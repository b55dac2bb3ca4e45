//! A contract made of what a table was like.

use arrow::datatypes::{DataType, Field, Schema};

use super::column::{ColumnProfile, Summary};
use super::numbers::NumericSummary;
use super::profiler::Profile;
use crate::{Contract, Error, Expectation, Result, Rule, Severity};

/// How often a text occurs on average where texts are taken for a list of allowed ones.
const LEAST_REPEATS: u64 = 2;
/// Standard errors by which a share of missing values may exceed the one seen.
const SHARE_ERRORS: f64 = 3.0;
/// Standard deviations by which a mean may differ from the one seen.
const MEAN_DEVIATIONS: f64 = 1.0;
/// Integers up to here are floats without loss.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Profile {
    /// A contract that a table like this one meets: a draft to be read, changed, and kept.
    ///
    /// | expectation | severity | where |
    /// | --- | --- | --- |
    /// | column and type | error | always |
    /// | not missing | error | no value is missing |
    /// | share of missing values | warning | some are: at most that share and three standard errors |
    /// | unique | warning | integers and texts that are |
    /// | range | warning | finite numbers that are no such key |
    /// | mean | warning | the same: within one standard deviation |
    /// | one of | warning | texts that the profile lists all of, each twice on average |
    /// | number as text | warning | every cell is a number or blank |
    /// | length | warning | other texts |
    ///
    /// What was seen need not be a rule, so all but types and missing values is a warning, which turns
    /// no row away. The table itself meets its contract. Roles are for the caller to set.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] for a type that Arrow does not read, in a profile that was stored by hand.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> alchemy_core::Result<()> {
    /// use alchemy_core::{CsvReader, Profile};
    ///
    /// let read = |text: &str| CsvReader::new().read_from(text.as_bytes());
    /// let june = read("city,age\nOslo,20\nRome,30\nRome,70\nOslo,20\n")?;
    /// let contract = Profile::of(&june)?.to_contract()?;
    /// assert_eq!(contract.check(&june).failed().count(), 0);
    ///
    /// let july = read("city,age\nOslo,20\nParis,150\n")?;
    /// assert!(contract.check(&july).failed().count() >= 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_contract(&self) -> Result<Contract> {
        let fields = self.columns.iter().map(|column| {
            let data_type: DataType = column.data_type.parse().map_err(|_| Error::Corrupt {
                what: format!("profile of column {:?}", column.name),
                message: format!("{:?} is no Arrow type", column.data_type),
            })?;
            Ok(Field::new(&column.name, data_type, column.nulls > 0))
        });
        let schema = Schema::new(fields.collect::<Result<Vec<_>>>()?);
        let mut contract = Contract::of(&schema);
        for column in &self.columns {
            for rule in rules(column)? {
                contract = contract.with_expectation(&column.name, rule)?;
            }
        }
        Ok(contract)
    }
}

fn rules(column: &ColumnProfile) -> Result<Vec<Rule>> {
    if column.rows == 0 {
        return Ok(Vec::new());
    }
    let mut rules = Vec::new();
    if column.nulls == 0 {
        rules.push(Expectation::NotNull.into());
    }
    let mut warn = |expectation: Expectation| rules.push(expectation.at(Severity::Warning));
    if column.nulls > 0 {
        let (rows, nulls) = (column.rows as f64, column.nulls as f64);
        let share = nulls / rows;
        let error = (share * (1.0 - share) / rows).sqrt();
        warn(Expectation::null_share(
            (share + SHARE_ERRORS * error).min(1.0),
        )?);
    }
    match &column.summary {
        Summary::Numeric(_) if column.is_integer() && column.is_unique() => {
            warn(Expectation::Unique);
        }
        Summary::Numeric(numbers) => {
            for expectation in of_numbers(numbers)? {
                warn(expectation);
            }
        }
        Summary::Text(text) => {
            let is_repeated = column.values() >= LEAST_REPEATS * column.distinct;
            let values = column.all_values().filter(|_| is_repeated);
            if column.is_unique() {
                warn(Expectation::Unique);
            }
            if let Some(values) = values {
                warn(Expectation::one_of(values)?);
            } else if text.numbers > 0 && text.numbers + text.blank == column.values() {
                warn(Expectation::NumberText);
            } else {
                warn(Expectation::length(text.min_length..=text.max_length)?);
            }
        }
        Summary::Temporal { .. } | Summary::None => {}
    }
    Ok(rules)
}

fn of_numbers(numbers: &NumericSummary) -> Result<Vec<Expectation>> {
    let (min, max) = (numbers.min, numbers.max);
    let mut found = Vec::new();
    if min.is_finite() && max.is_finite() {
        // Larger integers were rounded, and may lie beyond the float next to them.
        let min = if min.abs() < EXACT {
            min
        } else {
            min.next_down()
        };
        let max = if max.abs() < EXACT {
            max
        } else {
            max.next_up()
        };
        if min.is_finite() && max.is_finite() {
            found.push(Expectation::range(min..=max)?);
        }
    }
    if let (Some(mean), Some(std_dev)) = (numbers.mean, numbers.std_dev)
        && std_dev > 0.0
    {
        let reach = MEAN_DEVIATIONS * std_dev;
        if (mean - reach).is_finite() && (mean + reach).is_finite() {
            found.push(Expectation::mean(mean - reach..=mean + reach)?);
        }
    }
    Ok(found)
}
