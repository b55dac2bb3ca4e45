//! What will the load be? Time series from a raw CSV file to a live scorer.
//!
//! ```text
//! cargo run --release --example server_load
//! cargo run --release --example server_load -- --input load.csv --time timestamp --value cpu --by host --season 24
//! ```

mod generate;
mod leak;
mod live;
mod report;
mod series;
mod train;

use std::process::ExitCode;

use alchemy_examples::{ArtifactFigures, Common, Failure, run};
use alchemy_models::Artifact;
use clap::Parser;

use crate::report::Figures;
use crate::series::Series;

/// Learns to forecast a column of a time series, ships the model as one file, and scores rows as they come
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// The columns that hold the time, joined by a space
    #[arg(
        long,
        value_name = "COL,…",
        value_delimiter = ',',
        default_value = "timestamp"
    )]
    time: Vec<String>,
    /// The column to forecast
    #[arg(long, value_name = "COL", default_value = "cpu")]
    value: String,
    /// The column that tells series apart
    #[arg(long, value_name = "COL")]
    by: Option<String>,
    /// How times are written, such as %d.%m.%Y [default: the usual ISO forms]
    #[arg(long, value_name = "F")]
    time_format: Option<String>,
    /// Rows in a season, for the seasonal baseline and a lag of that length
    #[arg(long, value_name = "N")]
    season: Option<usize>,
    /// Rows ahead to forecast
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    horizon: u16,
}

impl Options {
    /// The options, with what belongs to the made-up table filled in.
    fn read() -> Self {
        let mut options = Self::parse();
        if options.common.input.is_none() {
            options.by.get_or_insert_with(|| "host".to_owned());
            options.season.get_or_insert(24);
        }
        options
    }
}

fn main() -> ExitCode {
    run(|| work(&Options::read()))
}

fn work(options: &Options) -> Result<(), Failure> {
    let series = Series::load(options)?;
    report::series(&series);
    let trained = train::train(&series, options)?;
    report::models(&trained);
    let leak_check = leak::check(&series, &trained)?;

    let artifact = Artifact::new(trained.pipeline.clone(), trained.boosting.clone())
        .with_metadata("value", &options.value)
        .with_metadata("horizon", options.horizon.to_string())
        .with_metadata("seed", options.common.seed.to_string())
        .with_metric("test_mae", trained.models["boosting"].mae)
        .with_session(&mut trained.session_after_training(&series)?)?;
    let path = options.common.artifact_path("server_load");
    let artifact = ArtifactFigures::save(&artifact, &path)?;
    let live = live::score(&path, &series, &trained)?;
    report::shipped(&artifact, live, leak_check);

    options.common.write_json(&Figures {
        rows: series.rows,
        seed: options.common.seed,
        models: &trained.models,
        live,
        artifact,
        leak_check,
    })
}
