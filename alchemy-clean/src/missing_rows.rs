//! Rows with too little in them.

use alchemy_core::arrow::array::{
    Array, ArrayRef, BooleanArray, BooleanBufferBuilder, RecordBatch,
};
use alchemy_core::arrow::buffer::{BooleanBuffer, NullBuffer};
use alchemy_core::column::by_name;
use alchemy_core::parallel::by_rows;
use alchemy_core::{ColumnSelector, Error, Result, RowPass, SelectRows};
use serde::{Deserialize, Serialize};

use crate::plain::{plain, value_type};

/// Leaves out rows in which cells are missing.
///
/// A cell is missing if it is null or NaN. Columns of any type can be selected; a kind of columns selects features only,
/// and where it selects none, no row is left out.
///
/// In a [`Pipeline`](alchemy_core::Pipeline) this selects the rows to train on
/// ([`training_rows`](alchemy_core::Pipeline::training_rows)); every row is scored. For one batch there is
/// [`select`](SelectRows::select). A row is judged by itself, so a table may come in any batches.
///
/// A pass costs about 1 ns a row and column, in parallel over rows, and holds a bit a row, or four bytes where cells are
/// counted.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{ColumnSelector, Ledger, MissingRows, SelectRows};
/// # use alchemy_clean::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
/// let price = Arc::new(Float64Array::from(vec![Some(1.0), Some(f64::NAN), None])) as ArrayRef;
/// let city = Arc::new(StringArray::from(vec![Some("Rome"), Some("Oslo"), None])) as ArrayRef;
/// let sales = RecordBatch::try_from_iter([("price", price), ("city", city)])?;
///
/// let rows = |spec: MissingRows| Ok::<_, alchemy_clean::Error>(spec.select(&sales, &mut Ledger::new())?.num_rows());
/// assert_eq!(rows(MissingRows::any_of(["price"]))?, 1);
/// assert_eq!(rows(MissingRows::all_of(ColumnSelector::all()))?, 2);
/// assert_eq!(rows(MissingRows::more_missing_than(0.5, ColumnSelector::all()))?, 2);
/// assert_eq!(rows(MissingRows::fewer_present_than(2, ColumnSelector::all()))?, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingRows {
    columns: ColumnSelector,
    drop_if: DropIf,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DropIf {
    AnyMissing,
    AllMissing,
    MoreMissingThan(f64),
    FewerPresentThan(u32),
}

impl MissingRows {
    /// Rows that miss a value of any of `columns`.
    #[must_use]
    pub fn any_of(columns: impl Into<ColumnSelector>) -> Self {
        Self::new(columns, DropIf::AnyMissing)
    }

    /// Rows that miss the values of all `columns`.
    #[must_use]
    pub fn all_of(columns: impl Into<ColumnSelector>) -> Self {
        Self::new(columns, DropIf::AllMissing)
    }

    /// Rows of whose `columns` a larger share than `share` (0 to 1) is missing.
    #[must_use]
    pub fn more_missing_than(share: f64, columns: impl Into<ColumnSelector>) -> Self {
        Self::new(columns, DropIf::MoreMissingThan(share))
    }

    /// Rows with fewer values than `present` in `columns`: `dropna(thresh=present)` of pandas.
    #[must_use]
    pub fn fewer_present_than(present: u32, columns: impl Into<ColumnSelector>) -> Self {
        Self::new(columns, DropIf::FewerPresentThan(present))
    }

    fn new(columns: impl Into<ColumnSelector>, drop_if: DropIf) -> Self {
        Self {
            columns: columns.into(),
            drop_if,
        }
    }

    /// The columns to look at, by name.
    fn columns<'a>(&self, batch: &'a RecordBatch) -> Result<Vec<(String, &'a ArrayRef)>> {
        let names = self.columns.resolve(batch.schema_ref())?;
        match self.drop_if {
            DropIf::MoreMissingThan(share) if !(0.0..=1.0).contains(&share) => {
                let message = format!("must be between 0 and 1, not {share}");
                return Err(Error::parameter("share", message));
            }
            DropIf::FewerPresentThan(present) if present as usize > names.len() => {
                let message = format!("is {present}, but there are {} columns", names.len());
                return Err(Error::parameter("present", message));
            }
            _ => {}
        }
        let column = |name: String| {
            let array = by_name(batch, &name)?;
            Ok((name, array))
        };
        names.into_iter().map(column).collect()
    }

    /// Whether to keep each of some rows, given where the values of each column are.
    fn keep(&self, columns: &[Option<NullBuffer>], rows: usize) -> BooleanBuffer {
        let masks = || columns.iter().flatten().map(NullBuffer::inner);
        let all = || BooleanBuffer::new_set(rows);
        if columns.is_empty() {
            return all();
        }
        match self.drop_if {
            DropIf::AnyMissing => masks().fold(all(), |kept, mask| &kept & mask),
            // A column without a missing cell keeps every row.
            DropIf::AllMissing if masks().count() < columns.len() => all(),
            DropIf::AllMissing => {
                masks().fold(BooleanBuffer::new_unset(rows), |kept, mask| &kept | mask)
            }
            DropIf::MoreMissingThan(share) => {
                let missing = missing(masks(), rows);
                let of = columns.len() as f64;
                BooleanBuffer::collect_bool(rows, |row| f64::from(missing[row]) / of <= share)
            }
            DropIf::FewerPresentThan(present) => {
                let missing = missing(masks(), rows);
                let most = columns.len() - present as usize;
                BooleanBuffer::collect_bool(rows, |row| missing[row] as usize <= most)
            }
        }
    }
}

impl SelectRows for MissingRows {
    fn name(&self) -> &'static str {
        "alchemy-clean/missing_rows"
    }

    fn start(&self) -> Box<dyn RowPass> {
        Box::new(Pass(self.clone()))
    }
}

struct Pass(MissingRows);

impl RowPass for Pass {
    fn keep(&mut self, batch: &RecordBatch) -> Result<BooleanArray> {
        let columns = self.0.columns(batch)?;
        let parts = by_rows(batch.num_rows(), |rows| {
            let values = columns
                .iter()
                .map(|(name, array)| values(name, &array.slice(rows.start, rows.len())))
                .collect::<Result<Vec<_>>>()?;
            Ok(self.0.keep(&values, rows.len()))
        })?;
        let mut kept = BooleanBufferBuilder::new(batch.num_rows());
        parts.iter().for_each(|part| kept.append_buffer(part));
        Ok(kept.finish().into())
    }
}

/// Where `array` has values; `None` where it misses none.
fn values(name: &str, array: &ArrayRef) -> Result<Option<NullBuffer>> {
    let nulls = if value_type(array.data_type()).is_floating() {
        plain(name, array)?.logical_nulls()
    } else {
        array.logical_nulls()
    };
    Ok(nulls.filter(|nulls| nulls.null_count() > 0))
}

/// How many cells each row misses.
fn missing<'a>(masks: impl Iterator<Item = &'a BooleanBuffer>, rows: usize) -> Vec<u32> {
    let mut missing = vec![0; rows];
    for mask in masks {
        (!mask).set_indices().for_each(|row| missing[row] += 1);
    }
    missing
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use alchemy_core::arrow::array::{
        DictionaryArray, Float64Array, Int8Array, StringArray, new_null_array,
    };
    use alchemy_core::arrow::compute::concat_batches;
    use alchemy_core::arrow::datatypes::DataType;
    use alchemy_core::{Action, Ledger};

    use super::*;

    /// Misses 0, 1, 2, 3 and 1 cells, besides those of `none`.
    fn batch() -> RecordBatch {
        let x = [
            Some(1.0),
            Some(f64::NAN),
            None,
            Some(f64::NAN),
            Some(f64::INFINITY),
        ];
        let values = Arc::new(Float64Array::from(vec![f64::NAN, 1.0]));
        let keys = Int8Array::from(vec![Some(1), Some(1), Some(1), None, Some(0)]);
        let text = vec![Some("a"), Some(""), None, None, Some("b")];
        RecordBatch::try_from_iter([
            ("x", Arc::new(Float64Array::from(x.to_vec())) as ArrayRef),
            ("d", Arc::new(DictionaryArray::new(keys, values))),
            ("s", Arc::new(StringArray::from(text))),
            ("none", new_null_array(&DataType::Null, 5)),
        ])
        .unwrap()
    }

    fn kept(spec: &MissingRows, batch: &RecordBatch) -> Vec<bool> {
        spec.start().keep(batch).unwrap().values().iter().collect()
    }

    const COLUMNS: [&str; 3] = ["x", "d", "s"];

    #[test]
    fn a_row_is_judged_by_what_it_misses() {
        for (spec, wanted) in [
            (
                MissingRows::any_of(COLUMNS),
                [true, false, false, false, false],
            ),
            (
                MissingRows::all_of(COLUMNS),
                [true, true, true, false, true],
            ),
            (
                MissingRows::more_missing_than(1.0 / 3.0, COLUMNS),
                [true, true, false, false, true],
            ),
            (MissingRows::more_missing_than(1.0, COLUMNS), [true; 5]),
            (
                MissingRows::more_missing_than(0.0, COLUMNS),
                [true, false, false, false, false],
            ),
            (
                MissingRows::fewer_present_than(1, COLUMNS),
                [true, true, true, false, true],
            ),
            (MissingRows::fewer_present_than(0, COLUMNS), [true; 5]),
            (MissingRows::any_of(ColumnSelector::all()), [false; 5]),
            (MissingRows::any_of(ColumnSelector::boolean()), [true; 5]),
            (MissingRows::all_of(ColumnSelector::boolean()), [true; 5]),
            (
                MissingRows::more_missing_than(0.0, ColumnSelector::boolean()),
                [true; 5],
            ),
        ] {
            assert_eq!(kept(&spec, &batch()), wanted, "{spec:?}");
            let json = serde_json::to_string(&spec).unwrap();
            assert_eq!(serde_json::from_str::<MissingRows>(&json).unwrap(), spec);
        }
    }

    #[test]
    fn many_rows_are_judged_as_few() {
        let many = vec![batch(); 30_000];
        let many = concat_batches(&batch().schema(), &many).unwrap();
        let many = many.slice(2, many.num_rows() - 2);
        let spec = MissingRows::more_missing_than(0.4, COLUMNS);
        let few = kept(&spec, &batch());
        let found = kept(&spec, &many);
        assert!(
            found
                .into_iter()
                .eq(few.into_iter().cycle().skip(2).take(many.num_rows()))
        );
    }

    #[test]
    fn dropped_rows_are_counted_and_parameters_are_checked() {
        let mut ledger = Ledger::new();
        MissingRows::any_of("s")
            .select(&batch(), &mut ledger)
            .unwrap();
        assert_eq!(ledger.count("", Action::RowDropped), 2);
        for (spec, message) in [
            (
                MissingRows::more_missing_than(f64::NAN, "s"),
                "parameter `share`: must be between 0 and 1, not NaN",
            ),
            (
                MissingRows::fewer_present_than(2, "s"),
                "parameter `present`: is 2, but there are 1 columns",
            ),
            (MissingRows::any_of("y"), "no column \"y\""),
        ] {
            let error = spec.start().keep(&batch()).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
        let json = r#"{"columns":["x"],"drop_if":{"more_missing_than":0.5}}"#;
        let spec: MissingRows = serde_json::from_str(json).unwrap();
        assert_eq!(spec, MissingRows::more_missing_than(0.5, "x"));
        assert!(serde_json::from_str::<MissingRows>(&json.replace("drop_if", "drop")).is_err());
    }
}
