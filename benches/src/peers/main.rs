//! Times Alchemy on the workloads of the peers' benchmark and appends its records, one child process per task.
//!
//! `cargo run --release -p alchemy-benches --bin peers -- --data DIR --task csv_read ks --json OUT`
//!
//! A child per task keeps memory peaks apart. Linux only: time and memory of a process come from `/proc`.

mod child;
mod clean;
mod clean_stream;
mod columns;
mod drift;
mod features;
mod harness;
mod knn;
mod models;
mod process;
mod record;
mod scores;
mod shap;
mod tables;
mod task;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use harness::{Context, Limits};
use record::{Record, Run};
use task::Task;

/// Any failure, with its message for the user.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Failure> = std::result::Result<T, E>;

/// Times Alchemy's tasks on generated workloads, one child process per task
#[derive(Debug, Parser)]
struct Args {
    /// Folder that holds the workloads
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Tasks to run; without it all of them
    #[arg(long, value_name = "NAME", num_args = 1..)]
    task: Vec<Task>,
    /// Threads of the rayon pool
    #[arg(long, value_name = "N", default_value = "2")]
    threads: NonZeroUsize,
    /// Timed runs of a task
    #[arg(long, value_name = "R", default_value = "3")]
    repeat: NonZeroUsize,
    /// Timed seconds that end the repeats early
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    budget: f64,
    /// Seconds for one task, loading and checks included
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0)]
    timeout: f64,
    /// Notes in the header that other work shared the cores
    #[arg(long)]
    disturbed: bool,
    /// Where records are appended, one JSON object a line
    #[arg(long, value_name = "OUT", default_value = "alchemy.jsonl")]
    json: PathBuf,
    /// Runs one task in this process and prints what was measured
    #[arg(long, hide = true)]
    child: Option<Task>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.child {
        Some(task) => measure(task, &args),
        None => run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "this is where the program reports failure"
)]
fn report(error: &Failure) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(2)
}

/// The child: prints what was measured as JSON.
fn measure(task: Task, args: &Args) -> Result<()> {
    let limits = Limits {
        repeat: args.repeat.get(),
        budget_s: args.budget,
    };
    let measured = task.measure(&mut Context::new(&args.data), limits)?;
    Ok(serde_json::to_writer(io::stdout(), &measured)?)
}

/// The parent: spawns a child for each task and writes the records.
fn run(args: &Args) -> Result<()> {
    let mut out = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&args.json)?;
    let mut write = |line: String| -> Result<()> {
        writeln!(out, "{line}")?;
        Ok(writeln!(io::stdout(), "{line}")?)
    };
    write(serde_json::to_string(&Run::describe(args)?)?)?;
    let tasks = if args.task.is_empty() {
        Task::value_variants()
    } else {
        &args.task
    };
    for task in tasks {
        let load_average = process::load_average()?;
        let outcome = child::spawn(*task, args)?;
        write(serde_json::to_string(&Record::new(
            *task,
            args.threads.get(),
            load_average,
            outcome,
        ))?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(options: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from(["peers", "--data", "data"].iter().chain(options))
    }

    #[test]
    fn tasks_are_named_as_the_peers_name_them() {
        let args = parse(&["--task", "csv_read", "gbdt_clf", "--threads", "4"]).unwrap();
        let names: Vec<String> = args.task.iter().map(Task::to_string).collect();
        assert_eq!(names, ["csv_read", "gbdt_clf"]);
        assert_eq!(args.threads.get(), 4);
    }

    #[test]
    fn an_unknown_task_is_an_error_that_lists_the_known_ones() {
        let message = parse(&["--task", "shop"]).unwrap_err().to_string();
        for known in ["'shop'", "csv_read", "profile", "rf_clf"] {
            assert!(message.contains(known), "{message}");
        }
        assert!(parse(&["--threads", "0"]).is_err());
    }
}
