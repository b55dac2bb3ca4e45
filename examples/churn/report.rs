//! What the program says, to people and to programs.
#![expect(clippy::print_stdout, reason = "this is the program's output")]

use alchemy_core::{Ledger, Profile};
use alchemy_examples::{ArtifactFigures, Models};
use serde::Serialize;

use crate::data::Table;
use crate::drift::{DriftFigures, Watched};
use crate::serve::{ScorerFigures, Served};
use crate::train::Evaluated;

/// The JSON object.
#[derive(Debug, Serialize)]
pub(crate) struct Figures<'a> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) seed: u64,
    pub(crate) ledger: &'a Ledger,
    pub(crate) models: &'a Models<Evaluated>,
    pub(crate) artifact: ArtifactFigures,
    pub(crate) scorer: ScorerFigures,
    pub(crate) drift: DriftFigures,
}

pub(crate) fn profile(table: &Table, profile: &Profile) {
    let repeated = table.rows - table.batch.num_rows();
    println!(
        "READ {} rows, {repeated} of them repeated and left out\n",
        table.rows
    );
    println!("PROFILE\n{profile}");
}

pub(crate) fn ledger(ledger: &Ledger) {
    println!("CLEANED, the whole table: {ledger}");
}

pub(crate) fn models(models: &Models<Evaluated>, positive: &str) {
    println!("TEST PART, finding {positive:?}");
    println!(
        "{:10} {:>8} {:>9} {:>10} {:>7} {:>7} {:>9} {:>7} {:>9}",
        "model",
        "roc_auc",
        "accuracy",
        "precision",
        "recall",
        "f1",
        "log_loss",
        "fit s",
        "predict s"
    );
    for (
        name,
        Evaluated {
            report,
            fit_s,
            predict_s,
        },
    ) in models
    {
        println!(
            "{name:10} {:>8} {:>9} {:>10} {:>7} {:>7} {:>9} {fit_s:>7.2} {predict_s:>9.4}",
            figure(report.roc_auc),
            figure(report.accuracy),
            figure(report.precision),
            figure(report.recall),
            figure(report.f1),
            figure(report.log_loss),
        );
    }
    println!(
        "\nboosting at a threshold of 0.5\n{}",
        models["boosting"].report.confusion
    );
}

pub(crate) fn served(artifact: &ArtifactFigures, served: &Served) {
    println!("ARTIFACT {artifact}");
    println!("SCORER, from the artifact alone: {}", served.figures);
    for rejection in served.rejected.iter().take(4) {
        println!(
            "  turned away: row {}, {} {}",
            rejection.row, rejection.column, rejection.reason
        );
    }
    println!();
}

pub(crate) fn drift(drift: &Watched) {
    println!("DRIFT of the test part\n{}", drift.same);
    println!(
        "DRIFT of the test part after every number grew by half\n{}",
        drift.shifted
    );
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.4}"))
}
