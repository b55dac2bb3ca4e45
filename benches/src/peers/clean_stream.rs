//! The tasks `clean_stream` and `clean_stream_sketches`: the task `clean` on a file that is never in memory as a whole.

use std::path::PathBuf;
use std::sync::Arc;

use alchemy_clean::{
    Case, Context as FitContext, Duplicates, ImputeStrategy, Imputer, Ledger, NumericCoercer,
    OutlierCapper, Pipeline, Side, Step, Synonyms, TextStandardiser, TimestampParser, Transform,
};
use alchemy_core::ParquetReader;
use alchemy_core::arrow::array::{Float64Array, Int64Array, RecordBatch, Scalar};
use alchemy_core::arrow::compute::kernels::cmp::lt;
use alchemy_core::arrow::compute::nullif;
use alchemy_core::arrow::datatypes::{Schema, SchemaRef};
use alchemy_core::column::by_name;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::clean::{COUNTRIES, Cleaned, FORMATS, Tally};
use crate::columns::with_column;
use crate::harness::{Context, Job};

/// `sales_raw` read in batches, cleaned by a pipeline, and written nowhere: batches are looked at and let go.
///
/// Reading counts. The file is read once for each of the four steps that learn, and once for the result.
pub(crate) struct CleanStream {
    path: PathBuf,
    duplicates: Duplicates,
}

impl CleanStream {
    /// All that is learned and remembered is exact.
    pub(crate) fn exact(context: &mut Context) -> Result<Self> {
        Ok(Self {
            path: context.path("sales_raw.parquet")?,
            duplicates: Duplicates::on(["transaction_id", "customer_id", "timestamp"]),
        })
    }

    /// Keys are remembered as fingerprints.
    pub(crate) fn with_sketches(context: &mut Context) -> Result<Self> {
        let exact = Self::exact(context)?;
        Ok(Self {
            duplicates: exact.duplicates.with_fingerprints(),
            ..exact
        })
    }

    fn pipeline(&self) -> Pipeline {
        let impute =
            |column: &str, strategy: ImputeStrategy| Imputer::new(strategy).with_columns(column);
        // With sketches, these two are to learn from them too.
        let price = impute("price", ImputeStrategy::Median);
        let capper = OutlierCapper::iqr(1.5, Side::Both).with_columns("transaction_value");
        Pipeline::new()
            .then(NumericCoercer::new("price"))
            .then(price)
            .then(impute("region", ImputeStrategy::Mode))
            .training_rows(self.duplicates.clone())
            .then(
                TextStandardiser::new("product_category")
                    .with_trim()
                    .with_case(Case::Lower),
            )
            .then(SalesStep::NullNegativeQuantity)
            .then(impute("quantity", ImputeStrategy::constant(1)))
            .then(
                TextStandardiser::new("country")
                    .with_trim()
                    .with_case(Case::Title)
                    .with_synonyms(Synonyms::new(COUNTRIES)),
            )
            .then(TimestampParser::new("timestamp").with_formats(FORMATS))
            .then(SalesStep::FlagReturns)
            .then(capper)
    }
}

impl Job for CleanStream {
    type Output = Cleaned;
    type Figures = Cleaned;

    fn run(&self) -> Result<Cleaned> {
        let mut tally = Tally::default();
        let open = || ParquetReader::new().open(&self.path);
        self.pipeline()
            .fit_transform_source(open, &FitContext::new(), |batch| tally.add(&batch))?;
        Ok(tally.cleaned())
    }

    fn check(&self, cleaned: &Cleaned) -> Result<Cleaned> {
        Ok(cleaned.clone())
    }
}

/// What only this table needs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum SalesStep {
    NullNegativeQuantity,
    FlagReturns,
}

impl Transform for SalesStep {
    fn output_schema(&self, input: &Schema) -> alchemy_core::Result<SchemaRef> {
        let empty = RecordBatch::new_empty(Arc::new(input.clone()));
        Ok(self.transform(&empty)?.schema())
    }

    fn transform_with(
        &self,
        batch: &RecordBatch,
        _ledger: &mut Ledger,
    ) -> alchemy_core::Result<RecordBatch> {
        match self {
            Self::NullNegativeQuantity => {
                let quantity = by_name(batch, "quantity")?;
                let negative = lt(quantity, &Scalar::new(Int64Array::from(vec![0])))?;
                with_column(batch, "quantity", nullif(quantity, &negative)?)
            }
            Self::FlagReturns => {
                let zero = Scalar::new(Float64Array::from(vec![0.0]));
                let is_return = lt(by_name(batch, "transaction_value")?, &zero)?;
                with_column(batch, "is_return", Arc::new(is_return))
            }
        }
    }
}

impl Step for SalesStep {
    const NAME: &'static str = "alchemy-benches/sales";
}
