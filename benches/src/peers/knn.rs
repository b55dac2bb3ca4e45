//! The task `knn_impute`: missing cells filled from the nearest rows.

use alchemy_clean::{Fit, KnnImputer, Transform};
use alchemy_core::ParquetReader;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::NumericColumn;
use serde::Serialize;

use crate::Result;
use crate::harness::{Context, Job};

/// Every missing cell of `knn_missing` as the mean of its column over the five nearest rows that have it.
pub(crate) struct KnnImpute {
    table: RecordBatch,
    truth: RecordBatch,
}

impl KnnImpute {
    pub(crate) fn load(context: &mut Context) -> Result<Self> {
        Ok(Self {
            table: context.table("knn_missing", &ParquetReader::new())?,
            truth: context.table("knn_truth", &ParquetReader::new())?,
        })
    }
}

impl Job for KnnImpute {
    type Output = RecordBatch;
    type Figures = Imputed;

    fn run(&self) -> Result<RecordBatch> {
        let imputer = KnnImputer::new().with_neighbors(5);
        Ok(imputer.fit(&self.table)?.transform(&self.table)?)
    }

    fn check(&self, filled: &RecordBatch) -> Result<Imputed> {
        let mut sums = Imputed::default();
        let (mut squares, mut squares_of_mean) = (0.0, 0.0);
        for (index, field) in self.table.schema_ref().fields().iter().enumerate() {
            let cells = |batch: &RecordBatch| -> Result<Vec<f64>> {
                let column = NumericColumn::new(field.name(), batch.column(index))?;
                Ok(column.view().to_vec())
            };
            let before = cells(&self.table)?;
            let (known, count) = before
                .iter()
                .filter(|cell| !cell.is_nan())
                .fold((0.0, 0.0), |(sum, count), cell| (sum + cell, count + 1.0));
            let mean = known / count;
            let pairs = cells(filled)?.into_iter().zip(cells(&self.truth)?);
            for ((found, truth), _) in pairs.zip(&before).filter(|(_, cell)| cell.is_nan()) {
                sums.imputed += 1;
                sums.imputed_sum += found;
                squares += (found - truth).powi(2);
                squares_of_mean += (mean - truth).powi(2);
            }
        }
        let count = sums.imputed as f64;
        sums.rmse = (squares / count).sqrt();
        sums.rmse_of_mean_fill = (squares_of_mean / count).sqrt();
        Ok(sums)
    }
}

/// What is reported of the filled cells.
#[derive(Default, Serialize)]
pub(crate) struct Imputed {
    imputed: usize,
    rmse: f64,
    rmse_of_mean_fill: f64,
    imputed_sum: f64,
}
