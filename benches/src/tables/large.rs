//! Many rows, made on the fly and read twice: seconds and memory.

use std::fs::read_to_string;
use std::sync::Arc;
use std::time::Instant;

use alchemy_core::arrow::array::{
    ArrayRef, Float32Array, RecordBatch, RecordBatchIterator, RecordBatchReader,
};
use alchemy_core::arrow::error::ArrowError;
use alchemy_core::random::mix;
use alchemy_models::{FitOptions, GradientBoostingRegressor};

use crate::{Result, TARGET};

const COLUMNS: u64 = 10;
const BATCH: usize = 1 << 16;

/// Boosts `rows` rows by 10 columns and prints what it took.
#[expect(clippy::print_stdout, reason = "what it took is what this is run for")]
pub(crate) fn run(rows: usize) -> Result<()> {
    let start = Instant::now();
    let read = reader(rows)?.map(|batch| Ok(batch?.num_rows()));
    let read: usize = read.sum::<Result<usize>>()?;
    println!("{read} rows made in {:.1} s", start.elapsed().as_secs_f64());
    let before = peak()?;
    let start = Instant::now();
    let spec = GradientBoostingRegressor::new().with_target(TARGET);
    let model = spec.fit_stream(|| reader(rows), FitOptions::new())?;
    let bytes = (peak()? - before) as f64 / rows as f64;
    let seconds = start.elapsed().as_secs_f64();
    let rounds = model.num_rounds();
    println!(
        "{rounds} rounds in {seconds:.1} s, {bytes:.1} bytes a row more than before at the peak"
    );
    Ok(())
}

fn reader(rows: usize) -> alchemy_core::Result<impl RecordBatchReader> {
    let schema = batch(0, 1)?.schema();
    let starts = (0..rows).step_by(BATCH);
    let batches = starts.map(move |start| batch(start, BATCH.min(rows - start)));
    Ok(RecordBatchIterator::new(batches, schema))
}

/// Uniform features, of which two multiply.
fn batch(start: usize, len: usize) -> Result<RecordBatch, ArrowError> {
    let cell =
        |row: usize, column: u64| (mix(row as u64 * 16 + column) >> 40) as f32 / 16_777_216.0;
    let rows = start..start + len;
    let column = |column: u64| -> ArrayRef {
        Arc::new(Float32Array::from_iter_values(
            rows.clone().map(|row| cell(row, column)),
        ))
    };
    let target = |row: usize| cell(row, 0) + cell(row, 1) * cell(row, 2) + 0.1 * cell(row, COLUMNS);
    let target: ArrayRef = Arc::new(Float32Array::from_iter_values(rows.clone().map(target)));
    let features = (0..COLUMNS).map(|index| (format!("x{index}"), column(index)));
    RecordBatch::try_from_iter(features.chain([(TARGET.to_owned(), target)]))
}

/// The most bytes this process has held (Linux).
fn peak() -> Result<u64> {
    let status = read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kilobytes = kilobytes.ok_or("no VmHWM in /proc/self/status")?;
    Ok(kilobytes.trim().parse::<u64>()? * 1024)
}
