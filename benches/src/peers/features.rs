//! The task `features`: a load series per host turned into model input.

use std::collections::BTreeMap;

use alchemy_clean::ForwardFill;
use alchemy_core::ParquetReader;
use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::compute::{
    SortColumn, concat, lexsort_to_indices, partition, take_record_batch,
};
use alchemy_core::column::by_name;
use alchemy_features::{Calendar, CalendarPart, Fit, Lag, Rolling, StandardScaler, Transform};
use rayon::prelude::*;
use serde::Serialize;

use crate::Result;
use crate::columns::{fold, with_column};
use crate::harness::{Context, Job};

const LOAD: &str = "cpu_util";

/// The name of each new column in the figures, and here.
const COLUMNS: [(&str, &str); 13] = [
    ("lag_1", "cpu_util_lag_1"),
    ("lag_3", "cpu_util_lag_3"),
    ("lag_6", "cpu_util_lag_6"),
    ("mean_12", "cpu_util_rolling_mean_12_ending_0"),
    ("std_12", "cpu_util_rolling_std_dev_12_ending_0"),
    ("min_12", "cpu_util_rolling_min_12_ending_0"),
    ("max_12", "cpu_util_rolling_max_12_ending_0"),
    ("median_12", "cpu_util_rolling_median_12_ending_0"),
    ("mean_288", "cpu_util_rolling_mean_288_ending_0"),
    ("dow", "timestamp_day_of_week"),
    ("weekend", "timestamp_is_weekend"),
    ("hour", "timestamp_hour"),
    ("zscore", "zscore"),
];

/// Thirteen features of `server_load`; the z-score is a scaler fitted on the rows of each host.
pub(crate) struct Features {
    load: RecordBatch,
}

impl Features {
    pub(crate) fn load(context: &mut Context) -> Result<Self> {
        Ok(Self {
            load: context.table("server_load", &ParquetReader::new())?,
        })
    }
}

impl Job for Features {
    type Output = RecordBatch;
    type Figures = Featured;

    fn run(&self) -> Result<RecordBatch> {
        let load = sorted(&self.load, ["host", "timestamp"])?;
        let load = ForwardFill::of(LOAD).with_keys(["host"]).transform(&load)?;
        let zscore = scaled_by(&load, "host")?;
        let load = Lag::of(LOAD)
            .by([1, 3, 6])
            .with_keys(["host"])
            .transform(&load)?;
        let window = Rolling::of(LOAD).including_current().with_keys(["host"]);
        let hour = window
            .clone()
            .window(12)
            .mean()
            .std_dev()
            .min()
            .max()
            .median();
        let load = hour.transform(&load)?;
        let load = window.window(288).mean().transform(&load)?;
        let load = Calendar::of("timestamp")
            .with_parts([
                CalendarPart::DayOfWeek,
                CalendarPart::IsWeekend,
                CalendarPart::Hour,
            ])
            .transform(&load)?;
        Ok(with_column(&load, "zscore", zscore)?)
    }

    fn check(&self, load: &RecordBatch) -> Result<Featured> {
        let mut columns = BTreeMap::new();
        for (figure, name) in COLUMNS {
            let nulls = by_name(load, name)?.null_count();
            let total = fold(load, name, 0.0, |sum, value| sum + value.abs())?;
            columns.insert(format!("{figure}_nulls"), nulls as f64);
            columns.insert(format!("{figure}_abs_sum"), total);
        }
        Ok(Featured {
            rows: load.num_rows(),
            columns,
        })
    }
}

/// Nulls and sum of absolute values of each new column.
#[derive(Serialize)]
pub(crate) struct Featured {
    rows: usize,
    #[serde(flatten)]
    columns: BTreeMap<String, f64>,
}

fn sorted<const N: usize>(batch: &RecordBatch, columns: [&str; N]) -> Result<RecordBatch> {
    let keys = columns.map(|name| {
        Ok(SortColumn {
            values: by_name(batch, name)?.clone(),
            options: None,
        })
    });
    let keys = keys.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(take_record_batch(batch, &lexsort_to_indices(&keys, None)?)?)
}

/// The load brought to mean 0 and standard deviation 1 within each run of equal `key`s.
fn scaled_by(batch: &RecordBatch, key: &str) -> Result<ArrayRef> {
    let runs = partition(&[by_name(batch, key)?.clone()])?.ranges();
    let scaler = StandardScaler::new().with_columns(LOAD);
    let scaled = runs.into_par_iter().map(|run| {
        let rows = batch.slice(run.start, run.len());
        let scaled = scaler.fit(&rows)?.transform(&rows)?;
        Ok(by_name(&scaled, LOAD)?.clone())
    });
    let scaled: Vec<ArrayRef> = scaled.collect::<Result<_>>()?;
    let parts: Vec<&dyn Array> = scaled.iter().map(AsRef::as_ref).collect();
    Ok(concat(&parts)?)
}
