//! The levels of a categorical column: learned, ordered, and given codes.

use std::collections::{BTreeSet, HashMap};

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, new_empty_array};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Schema};
use alchemy_core::column::{
    Numeric, NumericColumn, TextColumn, by_name, index_of, is_boolean, is_numeric, is_text,
};
use alchemy_core::{Action, ColumnSelector, Error, Ledger, Result};
use serde::{Deserialize, Serialize};

/// The code of a value that is not among the levels.
const UNKNOWN: u32 = u32::MAX;

/// The levels of one column in ascending order; the code of a level is its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "(String, Vec<String>)", into = "(String, Vec<String>)")]
pub(super) struct Levels {
    column: String,
    names: Vec<String>,
    codes: HashMap<String, u32>,
}

impl Levels {
    pub(super) fn column(&self) -> &str {
        &self.column
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The code of a missing value: the first after those of the levels.
    pub(super) fn missing(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// The code of each row. Values that are not among the levels have the code [`UNKNOWN`] and are counted in `ledger`.
    pub(super) fn codes(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<Vec<u32>> {
        let text = as_text(&self.column, by_name(batch, &self.column)?)?;
        let mut codes = Vec::with_capacity(text.len());
        let mut unmatched = Vec::new();
        text.for_each(|value| {
            let code = value.map_or(self.missing(), |value| {
                self.codes.get(value).copied().unwrap_or(UNKNOWN)
            });
            if code == UNKNOWN {
                unmatched.push(codes.len());
            }
            codes.push(code);
        });
        let cells = unmatched
            .iter()
            .filter_map(|row| Some((*row, text.get(*row)?)));
        let (count, of) = (unmatched.len(), codes.len());
        ledger.record_with(&self.column, Action::Unmatched, count, of, cells);
        Ok(codes)
    }
}

impl From<(String, Vec<String>)> for Levels {
    fn from((column, names): (String, Vec<String>)) -> Self {
        let codes = names.iter().cloned().zip(0..).collect();
        Self {
            column,
            names,
            codes,
        }
    }
}

impl From<Levels> for (String, Vec<String>) {
    fn from(levels: Levels) -> Self {
        (levels.column, levels.names)
    }
}

/// The levels met so far.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SeenLevels {
    columns: Vec<Seen>,
    max_levels: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    column: String,
    /// Levels are integers, and ordered as such.
    integers: bool,
    levels: BTreeSet<String>,
}

impl SeenLevels {
    pub(super) fn of_nothing(
        columns: &ColumnSelector,
        max_levels: u32,
        schema: &Schema,
    ) -> Result<Self> {
        if max_levels == 0 {
            return Err(Error::parameter("max_levels", "must be at least 1"));
        }
        let columns = columns.resolve(schema)?.into_iter().map(|column| {
            let data_type = schema.field(index_of(schema, &column)?).data_type();
            as_text(&column, &new_empty_array(data_type))?;
            Ok(Seen {
                column,
                integers: is_numeric(data_type),
                levels: BTreeSet::new(),
            })
        });
        Ok(Self {
            columns: columns.collect::<Result<_>>()?,
            max_levels,
        })
    }

    pub(super) fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        for seen in &mut self.columns {
            let text = as_text(&seen.column, by_name(batch, &seen.column)?)?;
            text.for_each(|level| {
                if let Some(level) = level
                    && !seen.levels.contains(level)
                {
                    seen.levels.insert(level.to_owned());
                }
            });
        }
        self.check()
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        let columns = |seen: &Self| {
            seen.columns
                .iter()
                .map(|seen| seen.column.clone())
                .collect::<Vec<_>>()
        };
        if columns(self) != columns(&other) {
            return Err(Error::Corrupt {
                what: "accumulator".into(),
                message: "was made for other columns".into(),
            });
        }
        for (seen, more) in self.columns.iter_mut().zip(other.columns) {
            seen.levels.extend(more.levels);
        }
        self.check()
    }

    pub(super) fn finish(self) -> Result<Vec<Levels>> {
        self.columns.into_iter().map(Seen::in_order).collect()
    }

    fn check(&self) -> Result<()> {
        let max = self.max_levels;
        let over = |seen: &&Seen| seen.levels.len() > max as usize;
        self.columns.iter().find(over).map_or(Ok(()), |seen| {
            let message = format!(
                "column {:?} has more than {max} levels; raise the limit, leave the column out, or encode it otherwise",
                seen.column
            );
            Err(Error::parameter("max_levels", message))
        })
    }
}

impl Seen {
    fn in_order(self) -> Result<Levels> {
        if self.levels.is_empty() {
            return Err(Error::AllNull {
                column: self.column,
            });
        }
        let mut names: Vec<String> = self.levels.into_iter().collect();
        if self.integers {
            names.sort_by_cached_key(|name| name.parse::<i128>().ok());
        }
        Ok(Levels::from((self.column, names)))
    }
}

/// The levels of a column as text: text as it is, Booleans as `false` and `true`, integers in decimal.
fn as_text(column: &str, array: &ArrayRef) -> Result<TextColumn> {
    let data_type = array.data_type();
    if is_text(data_type) {
        return TextColumn::new(column, array);
    }
    let countable = if is_numeric(data_type) {
        let numbers = NumericColumn::new(column, array)?;
        !matches!(numbers.view(), Numeric::F32(_) | Numeric::F64(_))
    } else {
        is_boolean(data_type)
    };
    if countable {
        return TextColumn::new(column, &cast(array, &DataType::Utf8)?);
    }
    Err(Error::ColumnType {
        column: column.to_owned(),
        found: data_type.clone(),
        expected: "text, Boolean or an integer".into(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{
        BooleanArray, DictionaryArray, Float64Array, StringArray, UInt64Array,
    };
    use alchemy_core::arrow::datatypes::Int8Type;

    use super::*;

    fn batch(column: impl alchemy_core::arrow::array::Array + 'static) -> RecordBatch {
        let column = Arc::new(column) as ArrayRef;
        RecordBatch::try_from_iter_with_nullable([("x", column, true)]).unwrap()
    }

    fn seen(batch: &RecordBatch, max_levels: u32) -> Result<SeenLevels> {
        let mut seen = SeenLevels::of_nothing(&"x".into(), max_levels, batch.schema_ref())?;
        seen.update(batch)?;
        Ok(seen)
    }

    fn names(batch: &RecordBatch) -> Vec<String> {
        let levels = seen(batch, 10).unwrap().finish().unwrap();
        levels[0].names().to_vec()
    }

    #[test]
    fn levels_are_in_the_order_of_their_kind() {
        let text = StringArray::from(vec![Some("b"), None, Some("B"), Some("")]);
        assert_eq!(names(&batch(text)), ["", "B", "b"]);
        let flags = BooleanArray::from(vec![true, false]);
        assert_eq!(names(&batch(flags)), ["false", "true"]);
        let numbers = UInt64Array::from(vec![u64::MAX, 10, 9, u64::MAX - 1]);
        let expected = ["9", "10", "18446744073709551614", "18446744073709551615"];
        assert_eq!(names(&batch(numbers)), expected);
        let keys = alchemy_core::arrow::array::Int8Array::from(vec![1, 0, 1]);
        let values = Arc::new(alchemy_core::arrow::array::Int64Array::from(vec![-2, -10]));
        assert_eq!(
            names(&batch(DictionaryArray::<Int8Type>::new(keys, values))),
            ["-10", "-2"]
        );
    }

    #[test]
    fn floats_have_no_levels() {
        let error = seen(&batch(Float64Array::from(vec![1.0])), 10).unwrap_err();
        let expected = "column \"x\" is Float64, expected text, Boolean or an integer";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn too_many_levels_name_the_column() {
        let numbers = batch(UInt64Array::from(vec![1, 2, 3, 3]));
        assert!(seen(&numbers, 3).is_ok());
        let error = seen(&numbers, 2).unwrap_err().to_string();
        assert!(
            error.contains("column \"x\" has more than 2 levels"),
            "{error}"
        );
        assert!(seen(&numbers, 0).is_err());
    }

    #[test]
    fn an_unmatched_value_is_counted_and_shown() {
        let levels = Levels::from(("x".into(), vec!["a".into(), "b".into()]));
        let text = StringArray::from(vec![Some("b"), Some("c"), None]);
        let mut ledger = Ledger::new();
        let codes = levels.codes(&batch(text), &mut ledger).unwrap();
        assert_eq!(codes, [1, UNKNOWN, levels.missing()]);
        let entry = ledger.entries().next().unwrap();
        assert_eq!((entry.count, entry.of), (1, 3));
        assert_eq!(entry.examples, [(1, "c".to_owned())]);
    }

    #[test]
    fn accumulators_of_other_columns_do_not_merge() {
        let numbers = batch(UInt64Array::from(vec![1]));
        let none = ColumnSelector::text();
        let other = SeenLevels::of_nothing(&none, 2, numbers.schema_ref()).unwrap();
        assert!(seen(&numbers, 2).unwrap().merge(other).is_err());
    }
}
