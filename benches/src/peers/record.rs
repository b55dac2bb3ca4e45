//! The lines that are written: one header for a run, one record for each task.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::task::Task;
use crate::{Args, Result, harness, process};

/// The machine, the options and the data of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    kind: &'static str,
    started: String,
    cpu: String,
    cores: usize,
    rows: Value,
    truth: Value,
    threads: usize,
    repeat: usize,
    budget_s: f64,
    timeout_s: f64,
    disturbed: bool,
}

impl Run {
    /// Describes the run that `args` ask for.
    pub(crate) fn describe(args: &Args) -> Result<Self> {
        let truth = harness::truth(&args.data)?;
        Ok(Self {
            kind: "run",
            started: DateTime::<Utc>::from(SystemTime::now())
                .to_rfc3339_opts(SecondsFormat::Secs, false),
            cpu: process::cpu_name(),
            cores: std::thread::available_parallelism()?.get(),
            rows: truth["rows"].clone(),
            truth,
            threads: args.threads.get(),
            repeat: args.repeat.get(),
            budget_s: args.budget,
            timeout_s: args.timeout,
            disturbed: args.disturbed,
        })
    }
}

/// One task by Alchemy.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    kind: &'static str,
    task: String,
    peer: &'static str,
    threads: usize,
    load_average: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    #[serde(flatten)]
    outcome: Outcome,
}

impl Record {
    pub(crate) fn new(task: Task, threads: usize, load_average: f64, outcome: Outcome) -> Self {
        Self {
            kind: "result",
            task: task.to_string(),
            peer: "alchemy",
            threads,
            load_average,
            note: task.note(),
            outcome,
        }
    }
}

/// How a child ended.
#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It measured its task.
    Ok(Measured),
    /// It was stopped.
    Timeout { timeout_s: f64 },
    /// It failed; the last line it wrote to standard error.
    Error { error: String },
}

/// What a child measured. Seconds are wall time of one run unless they say otherwise.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Alchemy's version.
    pub(crate) version: String,
    /// Timed runs.
    pub(crate) runs: usize,
    /// The fastest run.
    pub(crate) min_s: f64,
    /// The median run.
    pub(crate) median_s: f64,
    /// Median user and system seconds of all threads.
    pub(crate) cpu_s: f64,
    /// Seconds that reading the input took, before the timed runs.
    pub(crate) load_s: f64,
    /// Peak resident memory up to the end of the timed runs.
    pub(crate) peak_rss_mb: f64,
    /// Peak of the timed runs alone, input included; unknown where the kernel does not restart its mark.
    pub(crate) work_peak_mb: Option<f64>,
    /// Memory resident when the first timed run starts.
    pub(crate) loaded_rss_mb: f64,
    /// Accuracy and checksums of the last run's result.
    pub(crate) figures: Value,
    /// Seconds of the whole process.
    pub(crate) child_s: f64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_one_flat_object() {
        let outcome = Outcome::Timeout { timeout_s: 300.0 };
        let record = serde_json::to_value(Record::new(Task::Ks, 2, 0.5, outcome)).unwrap();
        let expected = json!({
            "kind": "result", "task": "ks", "peer": "alchemy", "threads": 2, "load_average": 0.5,
            "status": "timeout", "timeout_s": 300.0,
        });
        assert_eq!(record, expected);
    }
}
