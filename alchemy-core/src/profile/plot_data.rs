//! What plots are drawn from, as tables.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};

use super::levels::Levels;
use crate::Result;
use crate::column::{NumericColumn, by_name};
use crate::stats::{Bandwidth, BinRule, ByGroup, Ecdf, Histogram, Kde, Quantiles};

/// The histogram of a numeric column as a table: `lower`, `upper` (edges) and `count`.
///
/// See [`Histogram`] for which edge an interval includes. Missing values and infinities are left out.
///
/// # Errors
///
/// [`Error::ColumnNotFound`](crate::Error::ColumnNotFound), and
/// [`Error::ColumnType`](crate::Error::ColumnType) unless it is a number.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::stats::BinRule;
/// use alchemy_core::{CsvReader, histogram_table};
///
/// let batch = CsvReader::new().read_from("x\n1\n2\n2\n9\n".as_bytes())?;
/// assert_eq!(histogram_table(&batch, "x", BinRule::Fixed(4))?.num_rows(), 4);
/// # Ok(())
/// # }
/// ```
pub fn histogram_table(batch: &RecordBatch, column: &str, rule: BinRule) -> Result<RecordBatch> {
    let histogram = Histogram::of(&ecdf(batch, column)?, rule);
    let edges = histogram.edges().windows(2);
    let lower = edges.clone().map(|pair| pair[0]);
    let upper = edges.map(|pair| pair[1]);
    let counts = UInt64Array::from(histogram.counts().to_vec());
    Ok(RecordBatch::try_from_iter([
        (
            "lower",
            Arc::new(Float64Array::from_iter_values(lower)) as ArrayRef,
        ),
        ("upper", Arc::new(Float64Array::from_iter_values(upper))),
        ("count", Arc::new(counts)),
    ])?)
}

/// The Gaussian kernel density of a numeric column at `num_points` places as a table: `x` and `density`.
///
/// Missing values and infinities are left out; see [`Kde`].
///
/// # Errors
///
/// Those of [`histogram_table`], of [`Kde::new`] (such as a bandwidth by rule where all values are
/// equal), and of [`Kde::curve`].
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::stats::Bandwidth;
/// use alchemy_core::{CsvReader, density_table};
///
/// let batch = CsvReader::new().read_from("x\n1\n2\n2\n9\n".as_bytes())?;
/// let curve = density_table(&batch, "x", Bandwidth::Scott, 200)?;
/// assert_eq!(curve.num_rows(), 200);
/// # Ok(())
/// # }
/// ```
pub fn density_table(
    batch: &RecordBatch,
    column: &str,
    bandwidth: Bandwidth,
    num_points: usize,
) -> Result<RecordBatch> {
    let curve = Kde::new(ecdf(batch, column)?, bandwidth)?.curve(num_points)?;
    let array = |values: &[f64]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    Ok(RecordBatch::try_from_iter([
        ("x", array(curve.points())),
        ("density", array(curve.densities())),
    ])?)
}

/// The five-number summary of a numeric column for each class of another as a table, for a box plot by
/// class: the class as text under its own name, `min`, `lower_quartile`, `median`, `upper_quartile` and
/// `max`.
///
/// Classes come by their text; quartiles are by linear interpolation. Missing values, and rows without a
/// class, are left out, and classes without values.
///
/// # Errors
///
/// Those of [`histogram_table`], and an Arrow error for classes of a type that has no order.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::arrow::array::{AsArray, types::Float64Type};
/// use alchemy_core::{CsvReader, five_numbers_by};
///
/// let text = "load,failed\n1,no\n8,yes\n3,no\n9,yes\n";
/// let batch = CsvReader::new().read_from(text.as_bytes())?;
/// let boxes = five_numbers_by(&batch, "load", "failed")?;
/// assert_eq!(boxes["median"].as_primitive::<Float64Type>().values(), &[2.0, 8.5]);
/// # Ok(())
/// # }
/// ```
pub fn five_numbers_by(batch: &RecordBatch, column: &str, class: &str) -> Result<RecordBatch> {
    let numbers = NumericColumn::new(column, by_name(batch, column)?)?;
    let numbers = numbers.view().to_vec();
    let classes = Levels::of(class, by_name(batch, class)?)?;
    let mut groups = ByGroup::<Quantiles>::new();
    for (number, class) in numbers.into_iter().zip(classes.iter()) {
        if let Some(class) = class {
            groups.of(class).add(number);
        }
    }
    let boxes = groups.five_numbers();
    let names = boxes.iter().map(|(name, _)| name);
    let figure = |of: fn(&crate::stats::FiveNumbers) -> f64| {
        let figures = boxes.iter().map(|(_, found)| of(found));
        Arc::new(Float64Array::from_iter_values(figures)) as ArrayRef
    };
    Ok(RecordBatch::try_from_iter([
        (
            class,
            Arc::new(StringArray::from_iter_values(names)) as ArrayRef,
        ),
        ("min", figure(|found| found.min)),
        ("lower_quartile", figure(|found| found.lower_quartile)),
        ("median", figure(|found| found.median)),
        ("upper_quartile", figure(|found| found.upper_quartile)),
        ("max", figure(|found| found.max)),
    ])?)
}

fn ecdf(batch: &RecordBatch, column: &str) -> Result<Ecdf> {
    let numbers = NumericColumn::new(column, by_name(batch, column)?)?;
    Ok(Ecdf::new(numbers.view().valid()))
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, BooleanArray};
    use arrow::datatypes::{Float64Type, UInt64Type};

    use super::*;

    fn batch() -> RecordBatch {
        let loads = [
            Some(1.0),
            None,
            Some(f64::NAN),
            Some(3.0),
            Some(8.0),
            Some(5.0),
        ];
        let failed = [
            Some(false),
            Some(true),
            Some(true),
            Some(false),
            Some(false),
            None,
        ];
        RecordBatch::try_from_iter([
            (
                "load",
                Arc::new(Float64Array::from(loads.to_vec())) as ArrayRef,
            ),
            ("failed", Arc::new(BooleanArray::from(failed.to_vec()))),
        ])
        .unwrap()
    }

    #[test]
    fn missing_values_and_classes_make_no_box() {
        let boxes = five_numbers_by(&batch(), "load", "failed").unwrap();
        assert_eq!(
            boxes["failed"]
                .as_string::<i32>()
                .iter()
                .collect::<Vec<_>>(),
            [Some("false")]
        );
        let row: Vec<f64> = boxes.columns()[1..]
            .iter()
            .map(|column| column.as_primitive::<Float64Type>().value(0))
            .collect();
        assert_eq!(row, [1.0, 2.0, 3.0, 5.5, 8.0]);
        assert!(five_numbers_by(&batch(), "failed", "load").is_err());
    }

    #[test]
    fn counts_add_up_and_the_area_under_the_density_is_one() {
        let bars = histogram_table(&batch(), "load", BinRule::Fixed(3)).unwrap();
        let counts = bars["count"].as_primitive::<UInt64Type>().values();
        assert_eq!(counts.iter().sum::<u64>(), 4);
        let curve = density_table(&batch(), "load", Bandwidth::Scott, 500).unwrap();
        let (x, y) = (&curve["x"], &curve["density"]);
        let (x, y) = (
            x.as_primitive::<Float64Type>().values(),
            y.as_primitive::<Float64Type>().values(),
        );
        let areas = x.windows(2).zip(y.windows(2));
        let area: f64 = areas
            .map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0)
            .sum();
        assert!((area - 1.0).abs() < 0.01, "{area}");
    }
}
