//! Tasks on tables: `csv_read`.

use std::path::PathBuf;

use alchemy_core::CsvReader;
use alchemy_core::arrow::array::RecordBatch;
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

#[derive(Serialize)]
pub(crate) struct Shape {
    rows: usize,
    columns: usize,
}
