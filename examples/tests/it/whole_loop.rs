//! From a raw table to an artifact: threads and cuts between batches do not show, and damage does.

use std::sync::Arc;

use alchemy_clean::{ImputeStrategy, Imputer, NumericCoercer};
use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use alchemy_core::random::Stream;
use alchemy_core::{ColumnSelector, Context, Contract, Error, Pipeline, Role};
use alchemy_features::{OneHotEncoder, StandardScaler};
use alchemy_models::{
    Artifact, GradientBoostingClassifier, RandomForestClassifier, Scorer, models,
};
use rayon::ThreadPoolBuilder;

const ROWS: usize = 5003;

/// Numbers with gaps, numbers as text, a category, and a label that depends on them.
fn table() -> RecordBatch {
    let draws = |row: usize| Stream::new(9, &[row as u64]);
    let age = |row| (row % 11 != 5).then(|| 20.0 + 50.0 * draws(row).next_f64());
    let age: Float64Array = (0..ROWS).map(age).collect();
    let paid: StringArray = (0..ROWS)
        .map(|row| match row % 13 {
            4 => Some(" ".to_owned()),
            _ => Some(format!(
                "{:.2}",
                100.0 * Stream::new(10, &[row as u64]).next_f64()
            )),
        })
        .collect();
    let plan: StringArray = (0..ROWS)
        .map(|row| Some(["basic", "plus", "pro"][row % 3]))
        .collect();
    let churn: StringArray = (0..ROWS)
        .map(|row| {
            let odds = age.value(row) / 70.0 + f64::from(u8::from(row % 3 == 0)) / 2.0;
            Some(
                if odds + 0.3 * Stream::new(11, &[row as u64]).normals().0 > 0.9 {
                    "yes"
                } else {
                    "no"
                },
            )
        })
        .collect();
    let columns: [(&str, ArrayRef); 4] = [
        ("age", Arc::new(age)),
        ("paid", Arc::new(paid)),
        ("plan", Arc::new(plan)),
        ("churn", Arc::new(churn)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .unwrap()
}

fn pieces(batch: &RecordBatch, rows: usize) -> Vec<RecordBatch> {
    (0..batch.num_rows())
        .step_by(rows)
        .map(|start| batch.slice(start, rows.min(batch.num_rows() - start)))
        .collect()
}

/// The artifacts of a forest and a booster, learned from `batches` as a stream.
fn artifacts(batches: &[RecordBatch]) -> [Artifact; 2] {
    let contract = Contract::of(batches[0].schema_ref())
        .with_role("churn", Role::Target)
        .unwrap();
    let pipeline = Pipeline::new()
        .with_contract(contract)
        .then(NumericCoercer::new(["paid"]))
        .then(Imputer::new(ImputeStrategy::Mean).with_columns(ColumnSelector::numeric()))
        .then(StandardScaler::new().with_columns(ColumnSelector::numeric()))
        .then(OneHotEncoder::new());
    let context = Context::new();
    let open = || Ok(batches.iter().cloned().map(Ok::<_, Error>));
    let fitted = pipeline.fit_source(open, &context).unwrap();
    let features: Vec<RecordBatch> = batches
        .iter()
        .map(|batch| fitted.transform(batch).unwrap())
        .collect();
    let forest = RandomForestClassifier::new()
        .with_num_trees(20)
        .with_seed(3);
    let boosting = GradientBoostingClassifier::new()
        .with_num_rounds(20)
        .with_subsample(0.7)
        .with_seed(3);
    [
        Artifact::new(
            fitted.clone(),
            forest.fit_batches(&features, &context).unwrap(),
        ),
        Artifact::new(fitted, boosting.fit_batches(&features, &context).unwrap()),
    ]
}

#[test]
fn threads_and_cuts_do_not_show_in_artifact_or_scores() {
    let batch = table();
    let run = |threads: usize, rows: usize| {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            artifacts(&pieces(&batch, rows)).map(|artifact| {
                let bytes = artifact.to_bytes().unwrap();
                let steps = alchemy_clean::steps().and(alchemy_features::steps());
                let loaded = Artifact::from_bytes(&bytes, &steps, &models()).unwrap();
                assert_eq!(loaded.to_bytes().unwrap(), bytes);
                let scorer = Scorer::new(loaded).unwrap();
                let scores: Vec<RecordBatch> = pieces(&batch, rows)
                    .iter()
                    .map(|piece| scorer.score(piece).unwrap().probabilities.unwrap())
                    .collect();
                let schema = scores[0].schema();
                (
                    bytes,
                    alchemy_core::arrow::compute::concat_batches(&schema, &scores).unwrap(),
                )
            })
        })
    };
    let expected = run(1, batch.num_rows());
    for (threads, rows) in [(2, batch.num_rows()), (1, 1000), (2, 1000), (3, 333)] {
        assert!(
            run(threads, rows) == expected,
            "{threads} threads, {rows} rows a batch"
        );
    }
}

#[test]
fn a_damaged_artifact_is_refused_and_never_panics() {
    let [artifact, _] = artifacts(&[table().slice(0, 300)]);
    let bytes = artifact.to_bytes().unwrap();
    let steps = alchemy_clean::steps().and(alchemy_features::steps());
    for index in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[index] ^= 0x10;
        assert!(
            Artifact::from_bytes(&damaged, &steps, &models()).is_err(),
            "byte {index}"
        );
    }
}
