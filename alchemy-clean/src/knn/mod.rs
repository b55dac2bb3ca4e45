//! Missing cells filled from the most similar training rows.

mod column;
mod distance;
mod donors;
mod search;
mod stored;
mod weigh;

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::compute::take;
use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
use alchemy_core::column::{by_name, index_of};
use alchemy_core::stats::ExactSum;
use alchemy_core::{ColumnSelector, Context, Error, Fit, Ledger, Result, Step, Transform};
use serde::{Deserialize, Serialize, Serializer};

pub use distance::KnnMetric;
pub use weigh::NeighborWeights;

use crate::estimate::fill;
use crate::incomplete::Incomplete;
use crate::plain::{plain, require_distinct, require_learned, value_type};
use crate::rebuilt::rebuilt;
use column::{Column, Kind};
use distance::{Contribution, Euclidean, Gower, Measure};
use donors::Donors;
use search::{Neighbor, Receivers, estimates};
use stored::Stored;
use weigh::{mean, vote, weigh};

/// Keeps the training rows, and fills a missing cell from the rows among them that are nearest to its row.
///
/// A null slot or a floating-point NaN is a missing value. The donors of a missing cell are the training rows that have
/// its column and at least one selected column in common with its row; of them the `k` nearest by the [`KnnMetric`] are
/// taken, of equally near ones the earlier training row (so the order of training rows shows in ties, and only there).
/// A number becomes their mean, a text or Boolean the value most of them have, of equally frequent ones the smallest; each
/// counts by its [`NeighborWeights`]. Without a donor it becomes the mean or the most frequent value of the training
/// column. A row filled in training is no donor of itself, for it lacks the column. For numbers that is scikit-learn's
/// `KNNImputer`, but for ties: which of the rows that are equally near it takes is arbitrary.
///
/// Columns are not scaled for [`KnnMetric::Euclidean`]: one in large units decides alone, so put a scaler before. An
/// infinity is a value, at an infinite distance from all but itself; so is a difference whose square is beyond the range
/// of floats. A cell whose neighbours hold both infinities has no mean and stays null. A column keeps its type; an integer
/// becomes the nearest one, of two the even one.
///
/// The step remembers all training rows: 8 bytes a cell, and as much again for one column while it learns. To fill, every
/// row with a missing cell is held against every training row, in parallel over rows: *m* · *n* · *d* steps at most for *m*
/// such rows, *n* training rows and *d* columns, and 8 bytes for each of their cells and each row. A pass costs about 30,000 ns
/// a row with 20,000 training rows of 10 columns and 5 % of the cells missing. Every result is a function of one row and
/// the training rows, so neither threads nor batches show.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] for no neighbours.
/// - [`Error::ColumnNotFound`], [`Error::DuplicateColumn`] for a column selected twice, or [`Error::ColumnType`] for a
///   column that the metric does not take.
/// - [`Error::AllNull`] if a column holds nothing to learn from, an empty batch included.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Fit, KnnImputer, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// let height = Float64Array::from(vec![Some(1.5), Some(1.6), Some(1.9), Some(1.6)]);
/// let weight = Float64Array::from(vec![Some(50.0), Some(60.0), Some(90.0), None]);
/// let train = RecordBatch::try_from_iter([
///     ("height", Arc::new(height) as ArrayRef),
///     ("weight", Arc::new(weight) as ArrayRef),
/// ])?;
///
/// let filled = KnnImputer::new().with_neighbors(2).fit(&train)?.transform(&train)?;
///
/// let weight = Float64Array::from(vec![50.0, 60.0, 90.0, 55.0]);
/// assert_eq!(filled.column(1).as_ref(), &weight);
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - O. Troyanskaya et al., "Missing value estimation methods for DNA microarrays", *Bioinformatics* 17(6), 2001,
///   <https://doi.org/10.1093/bioinformatics/17.6.520>.
/// - J. C. Gower, "A General Coefficient of Similarity and Some of Its Properties", *Biometrics* 27(4), 1971,
///   <https://doi.org/10.2307/2528823>.
#[doc(alias = "KNNImputer")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnnImputer {
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<ColumnSelector>,
    neighbors: usize,
    weights: NeighborWeights,
    metric: KnnMetric,
}

impl Default for KnnImputer {
    fn default() -> Self {
        Self::new()
    }
}

impl KnnImputer {
    /// Fills from five neighbours that count the same, by [`KnnMetric::Euclidean`].
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: None,
            neighbors: 5,
            weights: NeighborWeights::Uniform,
            metric: KnnMetric::Euclidean,
        }
    }

    /// The columns that are filled and compared. Default: every feature that the metric takes.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = Some(columns.into());
        self
    }

    /// How many neighbours a cell is filled from, where there are so many. Default: 5.
    #[doc(alias = "n_neighbors")]
    #[must_use]
    pub fn with_neighbors(mut self, neighbors: usize) -> Self {
        self.neighbors = neighbors;
        self
    }

    /// How much each neighbour counts. Default: [`NeighborWeights::Uniform`].
    #[must_use]
    pub fn with_weights(mut self, weights: NeighborWeights) -> Self {
        self.weights = weights;
        self
    }

    /// How distance is measured. Default: [`KnnMetric::Euclidean`].
    #[must_use]
    pub fn with_metric(mut self, metric: KnnMetric) -> Self {
        self.metric = metric;
        self
    }

    fn selected(&self, schema: &Schema) -> Result<Vec<Column>> {
        let taken = |name: &String| {
            let field = schema.field(index_of(schema, name)?);
            Column::new(field, self.metric)
        };
        let names = match &self.columns {
            Some(columns) => columns.resolve(schema)?,
            None if self.metric == KnnMetric::Euclidean => {
                ColumnSelector::numeric().resolve(schema)?
            }
            None => {
                let mut names = ColumnSelector::all().resolve(schema)?;
                names.retain(|name| taken(name).is_ok());
                names
            }
        };
        require_distinct(&names)?;
        names.iter().map(taken).collect()
    }
}

impl Fit for KnnImputer {
    type Fitted = FittedKnnImputer;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedKnnImputer> {
        check_neighbors(self.neighbors)?;
        let mut columns = self.selected(batch.schema_ref())?;
        let total = columns.len();
        let mut donors = Donors::new(batch.num_rows(), total);
        for (index, column) in columns.iter_mut().enumerate() {
            context.report("fit", index as u64, total as u64)?;
            let cells = column.learn(by_name(batch, &column.name)?)?;
            donors.set(index, &cells);
        }
        let parameters = (self.neighbors, self.weights, self.metric);
        Ok(FittedKnnImputer::new(parameters, columns, donors))
    }
}

/// What a [`KnnImputer`] learned: the training rows.
///
/// The ledger counts filled cells ([`Action::Filled`](crate::Action::Filled)). Stored, it holds the training cells as
/// text: it is as private as they are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedKnnImputer {
    neighbors: usize,
    weights: NeighborWeights,
    metric: KnnMetric,
    columns: Vec<Column>,
    donors: Donors,
    /// What a cell without a donor becomes, by column.
    defaults: Vec<f64>,
}

impl FittedKnnImputer {
    /// The columns filled and compared, in the order of selection.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// How many training rows it remembers.
    #[must_use]
    pub fn num_rows(&self) -> usize {
        self.donors.rows()
    }

    fn new(
        (neighbors, weights, metric): (usize, NeighborWeights, KnnMetric),
        columns: Vec<Column>,
        donors: Donors,
    ) -> Self {
        let default = |(index, column): (usize, &Column)| {
            let cells = donors.column(index).filter(|cell| !cell.is_nan());
            match column.kind {
                Kind::Number => {
                    let mut count = 0;
                    let sum: ExactSum = cells.inspect(|_| count += 1).collect();
                    sum.mean(count)
                }
                Kind::Category(_) => vote(&mut cells.map(|cell| (cell, 1.0)).collect::<Vec<_>>()),
            }
        };
        let defaults = columns.iter().enumerate().map(default).collect();
        Self {
            neighbors,
            weights,
            metric,
            columns,
            donors,
            defaults,
        }
    }

    /// Receiver, column and estimate of each missing cell.
    fn estimates(&self, receivers: Receivers<'_>) -> Vec<(usize, usize, f64)> {
        match self.metric {
            KnnMetric::Euclidean => {
                let columns = self.columns.len();
                self.estimates_by(&Euclidean { columns }, receivers)
            }
            KnnMetric::Gower => {
                let contribution = |(index, column): (usize, &Column)| match column.kind {
                    Kind::Number => Contribution::of_numbers(self.donors.column(index)),
                    Kind::Category(_) => Contribution::Otherness,
                };
                let columns = self.columns.iter().enumerate().map(contribution).collect();
                self.estimates_by(&Gower { columns }, receivers)
            }
        }
    }

    fn estimates_by(
        &self,
        measure: &impl Measure,
        receivers: Receivers<'_>,
    ) -> Vec<(usize, usize, f64)> {
        let estimate = |column: usize, nearest: &[Neighbor]| {
            if nearest.is_empty() {
                return self.defaults[column];
            }
            let counted = |neighbor: &Neighbor| {
                let cell = self.donors.get(neighbor.row, column);
                (cell, measure.distance(neighbor.scaled()))
            };
            let mut counted: Vec<_> = nearest.iter().map(counted).collect();
            weigh(&mut counted, self.weights);
            match self.columns[column].kind {
                Kind::Number => mean(&counted),
                Kind::Category(_) => vote(&mut counted),
            }
        };
        estimates(measure, &self.donors, self.neighbors, receivers, estimate)
    }
}

impl Transform for FittedKnnImputer {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        let mut fields = input.fields().to_vec();
        for column in &self.columns {
            let field = &mut fields[index_of(input, &column.name)?];
            let found = field.data_type();
            require_learned(&column.name, &column.data_type, found)?;
            // A NaN may come out as null.
            let nullable = field.is_nullable() || value_type(found).is_floating();
            *field = Arc::new(field.as_ref().clone().with_nullable(nullable));
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let mut columns = batch.columns().to_vec();
        let width = self.columns.len();
        let found = |column: &Column| plain(&column.name, by_name(batch, &column.name)?);
        let values: Vec<ArrayRef> = self.columns.iter().map(found).collect::<Result<_>>()?;
        let Some(incomplete) = Incomplete::of(&values) else {
            return rebuilt(batch, schema, columns);
        };

        let mut cells = vec![f64::NAN; incomplete.rows().len() * width];
        for (index, (column, values)) in self.columns.iter().zip(&values).enumerate() {
            let values = take(values, incomplete.rows(), None)?;
            let places = cells.chunks_exact_mut(width);
            for (cells, cell) in places.zip(column.cells(&values)?) {
                cells[index] = cell;
            }
        }
        let receivers = Receivers {
            cells: &cells,
            columns: width,
        };
        for (row, column, estimate) in self.estimates(receivers) {
            cells[row * width + column] = estimate;
        }

        let filled_columns = self.columns.iter().zip(&values).enumerate();
        for (index, (column, values)) in filled_columns {
            if values.null_count() == 0 {
                continue;
            }
            let cells: Vec<f64> = cells.iter().skip(index).step_by(width).copied().collect();
            let estimates = column.values(&cells, values.data_type())?;
            let place = &mut columns[index_of(batch.schema_ref(), &column.name)?];
            let estimates = (&estimates, incomplete.positions());
            *place = fill(&column.name, place, values, estimates, ledger)?;
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for FittedKnnImputer {
    const NAME: &'static str = "alchemy-clean/knn_imputer";
}

impl Serialize for FittedKnnImputer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored::from(self).serialize(serializer)
    }
}

fn check_neighbors(neighbors: usize) -> Result<()> {
    if neighbors == 0 {
        return Err(Error::parameter("neighbors", "must be at least 1"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
