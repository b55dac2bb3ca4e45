//! What a task is, and how one is measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use alchemy_core::ParquetReader;
use alchemy_core::arrow::array::RecordBatch;
use serde::Serialize;
use serde_json::Value;

use crate::record::Measured;
use crate::{Result, process};

/// A task with its input in memory.
pub(crate) trait Job {
    /// What the timed part makes, complete in memory.
    type Output;
    /// What is reported of it.
    type Figures: Serialize;

    /// The timed part.
    fn run(&self) -> Result<Self::Output>;

    /// Reads the result; not timed.
    fn check(&self, output: &Self::Output) -> Result<Self::Figures>;
}

/// The input files, and the time that loading them took.
#[derive(Debug)]
pub(crate) struct Context {
    data: PathBuf,
    load: Duration,
}

impl Context {
    pub(crate) fn new(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            load: Duration::ZERO,
        }
    }

    /// The path of an input file, which is then in the file cache.
    pub(crate) fn path(&self, name: &str) -> Result<PathBuf> {
        let path = self.data.join(name);
        process::warm(&path)?;
        Ok(path)
    }

    /// A Parquet file as one batch, as `reader` reads it.
    pub(crate) fn table(&mut self, name: &str, reader: &ParquetReader) -> Result<RecordBatch> {
        let path = self.path(&format!("{name}.parquet"))?;
        self.load(|| Ok(reader.read(path)?))
    }

    /// What is known about the workloads.
    pub(crate) fn truth(&self) -> Result<Value> {
        truth(&self.data)
    }

    /// Runs `load`, whose time counts as loading.
    pub(crate) fn load<T>(&mut self, load: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let loaded = load()?;
        self.load += start.elapsed();
        Ok(loaded)
    }
}

/// What is known about the workloads in the folder `data`.
pub(crate) fn truth(data: &Path) -> Result<Value> {
    let path = data.join("truth.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// When to stop repeating.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The most runs.
    pub(crate) repeat: usize,
    /// Timed seconds after which no further run starts.
    pub(crate) budget_s: f64,
}

/// Loads a job, runs it as often as `limits` allow and reads its last result.
pub(crate) fn measure<J: Job>(
    load: impl FnOnce(&mut Context) -> Result<J>,
    context: &mut Context,
    limits: Limits,
) -> Result<Measured> {
    let start = Instant::now();
    let job = load(context)?;
    let loaded_kib = process::memory_kib("VmRSS")?;
    let load_peak_kib = process::memory_kib("VmHWM")?;
    let can_reset = process::reset_peak();

    let mut laps = Laps::default();
    let mut output = laps.time(|| job.run())?;
    while laps.seconds.len() < limits.repeat && laps.seconds.iter().sum::<f64>() < limits.budget_s {
        drop(output);
        output = laps.time(|| job.run())?;
    }
    let work_peak_kib = process::memory_kib("VmHWM")?;

    let figures = serde_json::to_value(job.check(&output)?)?;
    Ok(Measured {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        runs: laps.seconds.len(),
        min_s: round(
            laps.seconds.iter().copied().fold(f64::INFINITY, f64::min),
            4,
        ),
        median_s: round(median(&mut laps.seconds), 4),
        cpu_s: round(median(&mut laps.cpu_seconds), 4),
        load_s: round(context.load.as_secs_f64(), 4),
        peak_rss_mb: megabytes(load_peak_kib.max(work_peak_kib)),
        work_peak_mb: can_reset.then(|| megabytes(work_peak_kib)),
        loaded_rss_mb: megabytes(loaded_kib),
        figures,
        child_s: round(start.elapsed().as_secs_f64(), 2),
    })
}

/// Wall and CPU seconds of each run.
#[derive(Debug, Default)]
struct Laps {
    seconds: Vec<f64>,
    cpu_seconds: Vec<f64>,
}

impl Laps {
    fn time<T>(&mut self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        let (start, cpu_start) = (Instant::now(), process::cpu_time()?);
        let output = run()?;
        self.seconds.push(start.elapsed().as_secs_f64());
        self.cpu_seconds
            .push((process::cpu_time()? - cpu_start).as_secs_f64());
        Ok(output)
    }
}

/// The median: the mean of the two middle values of an even count.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let (low, high) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    match (values.get(low), values.get(high)) {
        (Some(low), Some(high)) => f64::midpoint(*low, *high),
        _ => f64::NAN,
    }
}

/// `value` to so many decimals.
pub(crate) fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

fn megabytes(kib: u64) -> f64 {
    round(kib as f64 / 1024.0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts its runs.
    struct Count(std::cell::Cell<usize>);

    impl Job for Count {
        type Output = usize;
        type Figures = usize;

        fn run(&self) -> Result<usize> {
            self.0.set(self.0.get() + 1);
            Ok(self.0.get())
        }

        fn check(&self, output: &usize) -> Result<usize> {
            Ok(*output)
        }
    }

    fn runs(repeat: usize, budget_s: f64) -> Measured {
        let mut context = Context::new(Path::new("."));
        let count = |_: &mut Context| Ok(Count(0.into()));
        measure(count, &mut context, Limits { repeat, budget_s }).unwrap()
    }

    #[test]
    fn the_last_run_is_read_and_the_budget_ends_repeats() {
        let measured = runs(3, 60.0);
        assert_eq!((measured.runs, measured.figures), (3, Value::from(3)));
        assert!(measured.min_s <= measured.median_s);
        assert!(measured.peak_rss_mb >= measured.work_peak_mb.unwrap());
        assert_eq!(runs(3, 0.0).runs, 1);
    }

    #[test]
    fn the_median_of_an_even_count_is_the_mean_of_the_middle() {
        let medians = (
            median(&mut [4.0, 1.0, 2.0]),
            median(&mut [4.0, 1.0, 3.0, 2.0]),
        );
        assert_eq!(medians, (2.0, 2.5));
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn rounding_keeps_so_many_decimals() {
        assert_eq!((round(1.23456, 4), round(-0.125, 1)), (1.2346, -0.1));
    }
}
