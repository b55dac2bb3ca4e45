//! Boosts public tables with default parameters and writes how well; `tables.py` prepares them and compares.
//!
//! `cargo run -p alchemy-benches --bin tables -- --tables DIR --json OUT`
//!
//! With `--large ROWS` it boosts so many made rows instead, and prints seconds and memory (Linux).

mod large;
mod scores;

use std::fs::{File, read_dir};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use alchemy_core::arrow::array::{AsArray, RecordBatch};
use alchemy_core::arrow::compute::{filter_record_batch, not};
use alchemy_core::column::{by_name, is_text};
use alchemy_core::{Fit, ParquetReader};
use alchemy_models::{GradientBoostingClassifier, GradientBoostingRegressor};
use clap::Parser;
use serde::Serialize;

use scores::Scores;

/// Any failure, with its message for the user.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Failure> = std::result::Result<T, E>;

/// Boosts public tables with default parameters and writes how well
#[derive(Debug, Parser)]
struct Args {
    /// Folder of the prepared tables
    #[arg(long, value_name = "DIR", required_unless_present = "large")]
    tables: Option<PathBuf>,
    /// Tables to learn from; without it all of them
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
    /// File for one line of JSON per table and split
    #[arg(long, value_name = "FILE", required_unless_present = "large")]
    json: Option<PathBuf>,
    /// Boosts so many made rows by 10 columns instead
    #[arg(long, value_name = "ROWS")]
    large: Option<usize>,
}

const TARGET: &str = "target";

/// What the names of columns that mark test rows begin with.
const TEST: &str = "test_";

#[derive(Serialize)]
struct Line<'a> {
    table: &'a str,
    library: &'a str,
    split: usize,
    #[serde(flatten)]
    scores: Scores,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(rows) = args.large {
        return large::run(rows);
    }
    let (Some(tables), Some(json)) = (&args.tables, &args.json) else {
        return Err("needs --tables and --json".into());
    };
    let mut out = BufWriter::new(File::create(json)?);
    let files = read_dir(tables)?.map(|entry| Ok(entry?.path()));
    let mut files = files.collect::<Result<Vec<_>>>()?;
    files.sort();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "parquet"))
    {
        let name = file.file_stem().map(|name| name.to_string_lossy());
        let name = name.unwrap_or_default();
        if args.only.is_empty() || args.only.iter().any(|only| *only == name) {
            judge(file, &name, &mut out)?;
        }
    }
    Ok(())
}

/// Writes a line for each split of the table in `file`.
fn judge(file: &Path, table: &str, out: &mut impl Write) -> Result<()> {
    let rows = ParquetReader::new().read(file)?;
    let names: Vec<String> = rows
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let (tests, rest): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| name.starts_with(TEST));
    let features: Vec<String> = rest.into_iter().filter(|name| name != TARGET).collect();
    for (split, test) in tests.iter().enumerate() {
        let test = by_name(&rows, test)?.as_boolean();
        let train = filter_record_batch(&rows, &not(test)?)?;
        let test = filter_record_batch(&rows, test)?;
        let scores = learn(&train, &test, &features, split as u64)?;
        let line = Line {
            table,
            library: "alchemy",
            split,
            scores,
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

fn learn(
    train: &RecordBatch,
    test: &RecordBatch,
    features: &[String],
    seed: u64,
) -> Result<Scores> {
    if is_text(by_name(train, TARGET)?.data_type()) {
        let spec = GradientBoostingClassifier::new()
            .with_target(TARGET)
            .with_features(features.to_vec());
        Scores::of_classes(&spec.with_seed(seed).fit(train)?, test)
    } else {
        let spec = GradientBoostingRegressor::new()
            .with_target(TARGET)
            .with_features(features.to_vec());
        Scores::of_numbers(&spec.with_seed(seed).fit(train)?, test)
    }
}
