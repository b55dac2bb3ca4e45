//! A scorer that knows the artifact file and nothing else.

use std::fmt;
use std::path::Path;

use alchemy_core::arrow::array::{RecordBatch, UInt64Array};
use alchemy_core::arrow::compute::take_record_batch;
use alchemy_core::{Classify, Rejection};
use alchemy_examples::Failure;
use alchemy_models::{Artifact, Scorer, models};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::data::Table;
use crate::train::Trained;

/// What became of the rows that were sent.
pub(crate) struct Served {
    pub(crate) figures: ScorerFigures,
    pub(crate) rejected: Vec<Rejection>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ScorerFigures {
    /// Whether the scores of raw text equal the in-process scores bit for bit.
    equal: bool,
    scored: usize,
    rejected: usize,
}

impl fmt::Display for ScorerFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            equal,
            scored,
            rejected,
        } = self;
        let bits = if *equal {
            "the same bits as"
        } else {
            "OTHER BITS than"
        };
        write!(
            f,
            "{scored} rows of raw text scored, {bits} in process; {rejected} spoiled rows turned away"
        )
    }
}

/// Reads an artifact with the steps and models that this program allows.
pub(crate) fn load(path: &Path) -> Result<Artifact, Failure> {
    let steps = alchemy_clean::steps().and(alchemy_features::steps());
    Ok(Artifact::load(path, &steps, &models())?)
}

/// Scores the test rows from raw text, and some rows that cannot be scored.
pub(crate) fn serve(path: &Path, table: &Table, trained: &Trained) -> Result<Served, Failure> {
    let scorer = Scorer::new(load(path)?)?;
    let rows = UInt64Array::from_iter_values(trained.rows.held_out.iter().map(|row| *row as u64));
    let raw = take_record_batch(&table.raw, &rows)?;
    let scored = scorer.score(&raw)?;
    let in_process = trained
        .boosting
        .predict_proba(&trained.pipeline.transform(&trained.test)?)?;
    let equal = scored.probabilities.as_ref() == Some(&in_process);

    let spoiled = spoiled_rows(&raw, trained)?;
    let turned_away = scorer.score_rows(&spoiled)?;
    let figures = ScorerFigures {
        equal,
        scored: scored.rows.len(),
        rejected: spoiled.len() - turned_away.rows.len(),
    };
    Ok(Served {
        figures,
        rejected: turned_away.rejected,
    })
}

/// The first row as a client would send it, once for each column that the model needs: without the column, and, where it
/// holds a number, with text for it.
fn spoiled_rows(raw: &RecordBatch, trained: &Trained) -> Result<Vec<Map<String, Value>>, Failure> {
    let schema = trained.pipeline.contract().scoring_schema();
    let mut row = Map::new();
    for field in schema.fields() {
        let text = alchemy_core::column::TextColumn::new(
            field.name(),
            alchemy_core::column::by_name(raw, field.name())?,
        )?;
        row.insert(field.name().clone(), text.get(0).into());
    }
    let mut spoiled = Vec::new();
    let first = schema.fields().first().ok_or("there is no feature")?;
    let mut without = row.clone();
    without.remove(first.name());
    spoiled.push(without);
    for column in trained.pipeline.contract().columns() {
        let number = column.data_type().is_numeric() || !column.expectations().is_empty();
        if number && schema.index_of(column.name()).is_ok() {
            let mut garbled = row.clone();
            garbled.insert(column.name().to_owned(), "twelve".into());
            spoiled.push(garbled);
        }
    }
    Ok(spoiled)
}
