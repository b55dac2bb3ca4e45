//! The tasks `csv_read` and `profile`.

use std::path::PathBuf;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::stats::Quantile;
use alchemy_core::{ColumnProfile, CsvReader, ParquetReader, Profile, Profiler, Summary};
use serde::Serialize;

use crate::Result;
use crate::harness::{Context, Job};

/// `sales_raw.csv` to a table, types inferred.
pub(crate) struct CsvRead {
    path: PathBuf,
}

impl CsvRead {
    pub(crate) fn load(context: &mut Context) -> Result<Self> {
        Ok(Self {
            path: context.path("sales_raw.csv")?,
        })
    }
}

impl Job for CsvRead {
    type Output = RecordBatch;
    type Figures = Shape;

    fn run(&self) -> Result<RecordBatch> {
        Ok(CsvReader::new().read(&self.path)?)
    }

    fn check(&self, table: &RecordBatch) -> Result<Shape> {
        Ok(Shape {
            rows: table.num_rows(),
            columns: table.num_columns(),
        })
    }
}

/// What is reported of a table.
#[derive(Serialize)]
pub(crate) struct Shape {
    rows: usize,
    columns: usize,
}

/// Every column of `sales_raw` described.
pub(crate) struct Describe {
    sales: RecordBatch,
    profiler: Profiler,
}

const PERCENTILES: [f64; 7] = [0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99];

impl Describe {
    pub(crate) fn load(context: &mut Context) -> Result<Self> {
        let quantiles = PERCENTILES
            .map(Quantile::new)
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            sales: context.table("sales_raw", &ParquetReader::new())?,
            profiler: Profiler::new().with_top(10).with_quantiles(quantiles),
        })
    }
}

impl Job for Describe {
    type Output = Profile;
    type Figures = Described;

    fn run(&self) -> Result<Profile> {
        Ok(self.profiler.profile(&self.sales)?)
    }

    fn check(&self, profile: &Profile) -> Result<Described> {
        let column = |name: &str| {
            profile
                .column(name)
                .ok_or_else(|| format!("no profile of {name}"))
        };
        let Summary::Numeric(value) = &column("transaction_value")?.summary else {
            return Err("transaction_value is not numeric".into());
        };
        let quantile = |q| Ok::<_, crate::Failure>(value.quantile(Quantile::new(q)?));
        let region = column("region")?.top.first();
        let sum = |count: fn(&ColumnProfile) -> u64| profile.columns.iter().map(count).sum();
        Ok(Described {
            rows: profile.rows,
            nulls: sum(|column| column.nulls),
            distinct: sum(|column| column.distinct),
            value_std: value.std_dev,
            value_p1: quantile(0.01)?,
            value_p50: quantile(0.5)?,
            value_p99: quantile(0.99)?,
            top_region: region.map(|top| top.value.clone()),
            top_region_count: region.map(|top| top.count),
        })
    }
}

/// What is reported of a profile.
#[derive(Serialize)]
pub(crate) struct Described {
    rows: u64,
    nulls: u64,
    distinct: u64,
    value_std: Option<f64>,
    value_p1: Option<f64>,
    value_p50: Option<f64>,
    value_p99: Option<f64>,
    top_region: Option<String>,
    top_region_count: Option<u64>,
}
