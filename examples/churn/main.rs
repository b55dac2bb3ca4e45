//! Who will leave? Tabular classification from a raw CSV file to a shipped and monitored model.
//!
//! ```text
//! cargo run --release --example churn
//! cargo run --release --example churn -- --input customers.csv --target churn --positive yes --drop customer_id
//! ```

mod data;
mod drift;
mod generate;
mod report;
mod serve;
mod train;

use std::path::PathBuf;
use std::process::ExitCode;

use alchemy_core::Profile;
use alchemy_examples::{ArtifactFigures, Common, Failure, run};
use alchemy_models::Artifact;
use clap::Parser;

use crate::data::Table;
use crate::report::Figures;
use crate::train::Trained;

/// Learns a two-class target from a CSV file, ships the model as one file, then serves and monitors from that file
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// The two-class column to predict
    #[arg(long, value_name = "COL", default_value = "churn")]
    target: String,
    /// The class to find [default: the second in sorted order]
    #[arg(long, value_name = "VALUE")]
    positive: Option<String>,
    /// Columns to leave out
    #[arg(long, value_name = "COL,…", value_delimiter = ',')]
    drop: Vec<String>,
}

fn main() -> ExitCode {
    run(|| work(&Options::parse()))
}

fn work(options: &Options) -> Result<(), Failure> {
    let table = Table::load(options)?;
    let profile = Profile::of(&table.batch)?;
    report::profile(&table, &profile);

    let trained = train::train(&table, &profile, options.common.seed)?;
    report::ledger(&trained.ledger);
    report::models(&trained.models, &table.positive);

    let (artifact, path) = ship(options, &profile, &trained)?;
    let served = serve::serve(&path, &table, &trained)?;
    report::served(&artifact, &served);
    let drift = drift::watch(&path, &trained)?;
    report::drift(&drift);

    options.common.write_json(&Figures {
        rows: table.rows,
        columns: table.batch.num_columns(),
        seed: options.common.seed,
        ledger: &trained.ledger,
        models: &trained.models,
        artifact,
        scorer: served.figures,
        drift: drift.figures(),
    })
}

/// Saves everything that serving and monitoring need, as one file.
fn ship(
    options: &Options,
    profile: &Profile,
    trained: &Trained,
) -> Result<(ArtifactFigures, PathBuf), Failure> {
    let figures = &trained.models["boosting"].report;
    let artifact = Artifact::new(trained.pipeline.clone(), trained.boosting.clone())
        .with_metadata("target", &options.target)
        .with_metadata("seed", options.common.seed.to_string())
        .with_metric("test_roc_auc", figures.roc_auc)
        .with_metric("test_log_loss", figures.log_loss)
        .with_attachment("profile", profile)?
        .with_attachment("drift", &drift::reference(trained)?)?;
    let path = options.common.artifact_path("churn");
    let saved = ArtifactFigures::save(&artifact, &path)?;
    Ok((saved, path))
}
