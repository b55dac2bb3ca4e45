//! Sales as they come, and as they should be: a recipe drafted, edited, stored and applied.
//!
//! ```text
//! cargo run --release --example clean_sales
//! cargo run --release --example clean_sales -- --input orders.csv --recipe recipe.json
//! cargo run --release --example clean_sales -- --data folder-of-real-tables
//! ```

mod generate;
mod report;
mod sales;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use alchemy_clean::Cleaner;
use alchemy_core::{CsvReader, Profile, write_csv};
use alchemy_examples::cleaning::{Cleaned, real_tables};
use alchemy_examples::{Failure, run};
use clap::Parser;

/// Cleans a table by a recipe: one drafted from its profile, or one that you edited
#[derive(Debug, Parser)]
struct Options {
    /// CSV file to clean; without it the program makes up sales
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Recipe to apply; if it is not there yet, the draft is written to it
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    /// Where to write the cleaned table
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Folder of the real tables that this project is tested on
    #[arg(long, value_name = "DIR", conflicts_with_all = ["input", "recipe", "output"])]
    data: Option<PathBuf>,
    /// Where to write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Seed of the made-up sales
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
}

fn main() -> ExitCode {
    run(|| work(&Options::parse()))
}

fn work(options: &Options) -> Result<(), Failure> {
    let tables = match (&options.data, &options.input) {
        (Some(data), _) => real_tables(data)?,
        (None, Some(_)) => vec![given(options)?],
        (None, None) => vec![made_up(options)?],
    };
    tables.iter().for_each(report::cleaned);
    if let Some(path) = &options.json {
        fs::write(path, report::json(&tables)?)?;
    }
    Ok(())
}

/// The made-up sales: the draft is shown, then the recipe that a person made of it is applied.
fn made_up(options: &Options) -> Result<Cleaned, Failure> {
    let raw = CsvReader::new().read_from(generate::sales(options.seed).as_bytes())?;
    report::draft(&Cleaner::suggest(&Profile::of(&raw)?));
    let recipe = match &options.recipe {
        Some(path) if path.exists() => Cleaner::from_json(&fs::read_to_string(path)?)?,
        _ => sales::recipe(&raw)?,
    };
    finish(Cleaned::of("made-up sales", &raw, recipe)?, options)
}

/// The user's own table, by the user's own recipe, or by the draft.
fn given(options: &Options) -> Result<Cleaned, Failure> {
    let path = options.input.clone().unwrap_or_default();
    let raw = CsvReader::new().read(&path)?;
    let recipe = match &options.recipe {
        Some(path) if path.exists() => Cleaner::from_json(&fs::read_to_string(path)?)?,
        _ => Cleaner::suggest(&Profile::of(&raw)?),
    };
    finish(Cleaned::of("your table", &raw, recipe)?, options)
}

fn finish(cleaned: Cleaned, options: &Options) -> Result<Cleaned, Failure> {
    if let Some(path) = options.recipe.as_ref().filter(|path| !path.exists()) {
        fs::write(path, cleaned.recipe.to_json()? + "\n")?;
    }
    if let Some(path) = &options.output {
        write_csv(path, &cleaned.batch)?;
    }
    Ok(cleaned)
}
