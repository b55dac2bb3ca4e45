//! The correlations of the numeric columns of a table.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::column::{NumericColumn, is_numeric};
use crate::parallel::try_collect;
use crate::stats::{Correlation, CorrelationMatrix};
use rayon::prelude::*;

/// The correlations of the numeric columns of a table, by name.
///
/// Made by [`correlations`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlations {
    columns: Vec<String>,
    matrix: CorrelationMatrix,
}

/// Correlates every two numeric columns of `batch`, each pair over the rows where both have a value.
///
/// Holds all numeric columns as floats; see [`CorrelationMatrix::of`] for definitions and cost.
///
/// # Errors
///
/// [`Error::Arrow`](crate::Error::Arrow) for a dictionary that is damaged.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::stats::Correlation;
/// use alchemy_core::{CsvReader, correlations};
///
/// let text = "x,y,city\n1,1,Oslo\n2,4,Rome\n3,9,Rome\n";
/// let batch = CsvReader::new().read_from(text.as_bytes())?;
/// let found = correlations(&batch, Correlation::Spearman)?;
/// assert_eq!(found.get("x", "y"), Some(1.0));
/// assert_eq!(found.to_batch()?.num_columns(), 3);
/// # Ok(())
/// # }
/// ```
pub fn correlations(batch: &RecordBatch, kind: Correlation) -> Result<Correlations> {
    let fields = batch.schema_ref().fields();
    let numeric: Vec<(&String, &ArrayRef)> = fields
        .iter()
        .zip(batch.columns())
        .filter(|(field, _)| is_numeric(field.data_type()))
        .map(|(field, array)| (field.name(), array))
        .collect();
    let read = numeric
        .par_iter()
        .map(|(name, array)| Ok(NumericColumn::new(name, array)?.view().to_vec()));
    let values = try_collect(read)?;
    let slices: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
    Ok(Correlations {
        columns: numeric.into_iter().map(|(name, _)| name.clone()).collect(),
        matrix: CorrelationMatrix::of(&slices, kind),
    })
}

impl Correlations {
    /// The columns, in the order of the table.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The coefficients by position.
    #[must_use]
    pub fn matrix(&self) -> &CorrelationMatrix {
        &self.matrix
    }

    /// The coefficient of two columns; `None` where it is undefined, or there is no such column.
    #[must_use]
    pub fn get(&self, a: &str, b: &str) -> Option<f64> {
        let place = |name| self.columns.iter().position(|column| column == name);
        self.matrix.get(place(a)?, place(b)?)
    }

    /// The `k` strongest pairs of different columns, by falling magnitude, then in the order of the table.
    #[must_use]
    pub fn strongest(&self, k: usize) -> Vec<(&str, &str, f64)> {
        let names = || self.columns.iter().map(String::as_str).enumerate();
        let mut pairs: Vec<(&str, &str, f64)> = names()
            .flat_map(|(i, a)| names().skip(i + 1).map(move |(j, b)| (i, a, j, b)))
            .filter_map(|(i, a, j, b)| Some((a, b, self.matrix.get(i, j)?)))
            .collect();
        pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
        pairs.truncate(k);
        pairs
    }

    /// The matrix as a table for a heat map: `column`, then one column for each; undefined coefficients
    /// are null.
    ///
    /// # Errors
    ///
    /// None in practice: only what Arrow might have against the table.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let names = Arc::new(StringArray::from_iter_values(&self.columns)) as ArrayRef;
        let coefficients = self.columns.iter().enumerate().map(|(i, name)| {
            let column = (0..self.columns.len()).map(|j| self.matrix.get(i, j));
            let column = Arc::new(column.collect::<Float64Array>()) as ArrayRef;
            (name.as_str(), column, true)
        });
        let columns = std::iter::once(("column", names, false)).chain(coefficients);
        Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, Int64Array};
    use arrow::datatypes::Float64Type;

    use super::*;

    #[test]
    fn names_and_undefined_coefficients_are_kept() {
        let batch = RecordBatch::try_from_iter([
            (
                "t",
                Arc::new(StringArray::from(vec!["a", "b", "c"])) as ArrayRef,
            ),
            ("x", Arc::new(Int64Array::from(vec![1, 2, 3]))),
            ("one", Arc::new(Int64Array::from(vec![1, 1, 1]))),
            (
                "y",
                Arc::new(Float64Array::from(vec![Some(3.0), None, Some(1.0)])),
            ),
        ])
        .unwrap();
        let found = correlations(&batch, Correlation::Pearson).unwrap();
        assert_eq!(found.columns(), ["x", "one", "y"]);
        assert_eq!(
            (found.get("y", "x"), found.get("x", "one")),
            (Some(-1.0), None)
        );
        assert_eq!(
            (found.get("x", "t"), found.get("x", "x")),
            (None, Some(1.0))
        );
        assert_eq!(found.strongest(9), [("x", "y", -1.0)]);
        let table = found.to_batch().unwrap();
        let y = table["y"].as_primitive::<Float64Type>();
        assert_eq!(y.iter().collect::<Vec<_>>(), [Some(-1.0), None, Some(1.0)]);
    }
}
