//! What the program says, to people and to programs.
#![expect(clippy::print_stdout, reason = "this is the program's output")]

use alchemy_examples::{ArtifactFigures, Models};
use serde::Serialize;

use crate::leak::LeakCheck;
use crate::live::Live;
use crate::series::Series;
use crate::train::{Evaluated, Trained};

/// The JSON object.
#[derive(Debug, Serialize)]
pub(crate) struct Figures<'a> {
    pub(crate) rows: usize,
    pub(crate) seed: u64,
    pub(crate) models: &'a Models<Evaluated>,
    pub(crate) live: Live,
    pub(crate) artifact: ArtifactFigures,
    pub(crate) leak_check: LeakCheck,
}

pub(crate) fn series(series: &Series) {
    println!(
        "SERIES of {} rows: {} left out that repeat a time, {} steps that are not the usual one\n",
        series.rows, series.repeated, series.gaps
    );
}

pub(crate) fn models(trained: &Trained) {
    println!("PREPARED, training part: {}", trained.pipeline.ledger());
    println!("TEST PART, {} row(s) ahead", trained.horizon);
    println!(
        "{:16} {:>12} {:>12} {:>9} {:>7}",
        "model", "mae", "rmse", "mape", "fit s"
    );
    for (
        name,
        Evaluated {
            mae,
            rmse,
            mape,
            fit_s,
        },
    ) in &trained.models
    {
        println!(
            "{name:16} {:>12} {:>12} {:>9} {fit_s:>7.2}",
            figure(*mae),
            figure(*rmse),
            figure(*mape)
        );
    }
    println!();
}

pub(crate) fn shipped(artifact: &ArtifactFigures, live: Live, leak_check: LeakCheck) {
    println!("ARTIFACT {artifact}");
    let bits = if live.equal {
        "the same bits as"
    } else {
        "OTHER BITS than"
    };
    println!(
        "LIVE, from the artifact alone: {} rows forecast one by one, {bits} the batch",
        live.rows
    );
    let LeakCheck { columns, moved } = leak_check;
    println!(
        "LEAK CHECK: the future changed, and {moved} of {columns} feature columns of the past moved"
    );
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.4}"))
}
