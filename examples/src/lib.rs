//! What the example programs share: arguments, exit codes, progress bars, the JSON file, and recipes for real tables.

pub mod cleaning;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use std::{fmt, fs};

use alchemy_core::{Context, CsvReader};
use alchemy_models::Artifact;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Any error, with its message for the user.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Options of every example.
#[derive(Debug, Args)]
pub struct Common {
    /// CSV file to work on; without it the program makes up its own data
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Character between fields; `\t` for a tab
    #[arg(long, value_name = "C", default_value = ",", value_parser = delimiter)]
    pub delimiter: u8,
    /// Lines to skip before the header
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip_lines: usize,
    /// Column names of a file that has no header line
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Cells that mean "missing", besides the empty one
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub null_values: Vec<String>,
    /// Where to save the artifact
    #[arg(long, value_name = "PATH")]
    pub artifact: Option<PathBuf>,
    /// Where to write the figures as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,
}

impl Common {
    /// A reader of the input as the options describe it.
    #[must_use]
    pub fn reader(&self) -> CsvReader {
        let reader = CsvReader::new()
            .with_delimiter(self.delimiter)
            .with_skip_lines(self.skip_lines)
            .with_null_values(&self.null_values);
        if self.columns.is_empty() {
            reader
        } else {
            reader.with_columns(&self.columns)
        }
    }

    /// Where the artifact goes: as asked, or `NAME.alchemy` in the current folder.
    #[must_use]
    pub fn artifact_path(&self, name: &str) -> PathBuf {
        self.artifact
            .clone()
            .unwrap_or_else(|| PathBuf::from(format!("{name}.alchemy")))
    }

    /// Writes `figures` to the JSON file, if one was asked for.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write_json(&self, figures: &impl Serialize) -> Result<(), Failure> {
        let Some(path) = &self.json else {
            return Ok(());
        };
        let text = serde_json::to_string_pretty(figures)?;
        fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()).into())
    }
}

/// The `artifact` part of the figures.
#[derive(Debug, Serialize)]
pub struct ArtifactFigures {
    path: String,
    bytes: u64,
    id: String,
}

impl ArtifactFigures {
    /// Saves `artifact` at `path` and describes it.
    ///
    /// # Errors
    ///
    /// When it cannot be saved.
    pub fn save(artifact: &Artifact, path: &Path) -> Result<Self, Failure> {
        artifact.save(path)?;
        Ok(Self {
            path: path.display().to_string(),
            bytes: fs::metadata(path)?.len(),
            id: artifact.id()?,
        })
    }
}

impl fmt::Display for ArtifactFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes, id {}", self.path, self.bytes, self.id)
    }
}

/// Figures by model name.
pub type Models<T> = BTreeMap<&'static str, T>;

/// Runs a program: its error is one line on standard error, and exit code 2.
#[expect(
    clippy::print_stderr,
    reason = "this is where the programs report failure"
)]
pub fn run(program: impl FnOnce() -> Result<(), Failure>) -> ExitCode {
    match program() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// A context that draws a bar called `name` on standard error, while that is a terminal.
///
/// # Errors
///
/// When the bar's template is wrong.
pub fn bar(name: &'static str) -> Result<Context, Failure> {
    let style = ProgressStyle::with_template("{prefix:>9} {bar:32} {pos}/{len}")?;
    let bar = ProgressBar::new(0).with_style(style).with_prefix(name);
    Ok(Context::new().with_progress(move |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        if progress.done >= progress.total {
            bar.finish_and_clear();
        }
    }))
}

/// Runs `work` and gives its result and the seconds it took.
///
/// # Errors
///
/// Those of `work`.
pub fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
    let start = Instant::now();
    let result = work()?;
    Ok((result, start.elapsed().as_secs_f64()))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        b"\\t" => Ok(b'\t'),
        _ => Err("must be one ASCII character, or \\t".into()),
    }
}

/// Runs the snippets of the front page as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
