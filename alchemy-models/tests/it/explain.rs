//! What models say of themselves, held against what they predict.

use alchemy_core::arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Float64Type, UInt32Type};
use alchemy_core::{Classify, Error, Fit, Predict, Result};
use alchemy_models::metrics::rmse;
use alchemy_models::{
    FittedGradientBoostingClassifier, FittedGradientBoostingRegressor,
    FittedQuantileForestRegressor, FittedRandomForestClassifier, FittedRandomForestRegressor,
    GradientBoostingClassifier, GradientBoostingRegressor, PermutationImportance,
    RandomForestClassifier, RandomForestRegressor, ShapExplainer, ShapInteractions, ShapValues,
};

use crate::tables::{column, mixed, numbers, with};

const FEATURES: [&str; 7] = [
    "normal", "heavy", "small", "flag", "city", "time", "constant",
];

fn table(rows: usize) -> RecordBatch {
    let table = mixed(rows);
    let constant: ArrayRef = std::sync::Arc::new(Float64Array::from(vec![3.0; rows]));
    with(&table, "constant", constant)
}

/// The methods that all fitted models of trees have.
pub(crate) trait Explained: Predict {
    fn shap(&self, batch: &RecordBatch) -> Result<ShapValues>;
    fn explainer(&self) -> ShapExplainer;
    fn shap_interactions(&self, batch: &RecordBatch) -> Result<ShapInteractions>;
    fn predict_raw(&self, batch: &RecordBatch) -> Result<RecordBatch>;
    fn leaf_indices(&self, batch: &RecordBatch) -> Result<RecordBatch>;
    fn nodes(&self) -> Result<RecordBatch>;
    fn tree_text(&self, tree: usize) -> Option<String>;
}

macro_rules! explained {
    ($($model:ty)+) => {
        $(impl Explained for $model {
            fn shap(&self, batch: &RecordBatch) -> Result<ShapValues> {
                self.shap(batch)
            }
            fn explainer(&self) -> ShapExplainer {
                self.explainer()
            }
            fn shap_interactions(&self, batch: &RecordBatch) -> Result<ShapInteractions> {
                self.shap_interactions(batch)
            }
            fn predict_raw(&self, batch: &RecordBatch) -> Result<RecordBatch> {
                self.predict_raw(batch)
            }
            fn leaf_indices(&self, batch: &RecordBatch) -> Result<RecordBatch> {
                self.leaf_indices(batch)
            }
            fn nodes(&self) -> Result<RecordBatch> {
                self.nodes()
            }
            fn tree_text(&self, tree: usize) -> Option<String> {
                self.tree_text(tree)
            }
        })+
    };
}

explained! {
    FittedQuantileForestRegressor
    FittedGradientBoostingClassifier
    FittedGradientBoostingRegressor
    FittedRandomForestClassifier
    FittedRandomForestRegressor
}

fn regressor() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_rounds(12)
}

fn classifier(target: &str) -> GradientBoostingClassifier {
    GradientBoostingClassifier::new()
        .with_target(target)
        .with_features(
            FEATURES
                .into_iter()
                .filter(|name| *name != target)
                .collect::<Vec<_>>(),
        )
        .with_num_rounds(5)
}

/// Models of every kind: one and several outputs, weights, categories.
fn models(train: &RecordBatch) -> Vec<(&'static str, Box<dyn Explained>)> {
    let forest = RandomForestRegressor::new()
        .with_target("y")
        .with_features(FEATURES)
        .with_num_trees(5);
    let classes = RandomForestClassifier::new()
        .with_target("label")
        .with_features(FEATURES)
        .with_num_trees(4);
    let weighted = regressor().with_weight("weight");
    let categories = regressor().with_categorical(["city", "small"]);
    vec![
        ("regressor", Box::new(regressor().fit(train).unwrap())),
        ("weighted", Box::new(weighted.fit(train).unwrap())),
        ("categories", Box::new(categories.fit(train).unwrap())),
        (
            "two classes",
            Box::new(classifier("label").fit(train).unwrap()),
        ),
        (
            "ten classes",
            Box::new(classifier("small").fit(train).unwrap()),
        ),
        ("forest", Box::new(forest.fit(train).unwrap())),
        ("forest of classes", Box::new(classes.fit(train).unwrap())),
    ]
}

#[test]
fn shap_values_add_up_to_raw_scores() {
    let (train, test) = (table(600), table(900).slice(250, 600));
    for (name, model) in models(&train) {
        let shap = model.shap(&test).unwrap();
        let raw = model.predict_raw(&test).unwrap();
        assert_eq!(shap.features(), model.features());
        assert_eq!(
            (shap.num_rows(), shap.outputs().len()),
            (600, raw.num_columns())
        );
        for output in 0..raw.num_columns() {
            assert_eq!(&shap.outputs()[output], raw.schema().field(output).name());
            let raw = numbers(raw.column(output));
            let largest = raw.iter().fold(1.0, |most: f64, raw| raw.abs().max(most));
            for (row, raw) in raw.iter().enumerate() {
                let features = 0..shap.features().len();
                let values = features.map(|feature| shap.values(output, feature).unwrap()[row]);
                let sum = shap.base(output).unwrap() + values.sum::<f64>();
                assert!(
                    (sum - raw).abs() < 1e-12 * largest,
                    "{name}: {sum} is not {raw}"
                );
            }
            let batch = shap.to_batch(output).unwrap();
            for (feature, name) in shap.features().iter().enumerate() {
                assert_eq!(column(&batch, name), shap.values(output, feature).unwrap());
            }
            let base = numbers(batch.columns().last().unwrap());
            let same = base[5].total_cmp(&shap.base(output).unwrap());
            assert!(same.is_eq(), "{name}");
            let constant = shap
                .features()
                .iter()
                .position(|name| name == "constant")
                .unwrap();
            assert!(
                shap.values(output, constant)
                    .unwrap()
                    .iter()
                    .all(|value| *value == 0.0)
            );
        }
        assert!(shap.values(0, shap.features().len()).is_none());
        assert!(shap.values(shap.outputs().len(), 0).is_none());
        assert!(shap.mean_absolute(shap.outputs().len()).is_none());
        assert!(shap.to_batch(shap.outputs().len()).is_err());
    }
}

/// Few rows go side by side in other numbers than many.
#[test]
fn an_explainer_says_of_few_rows_what_the_model_says_of_all() {
    let (train, test) = (table(600), table(900).slice(250, 600));
    for (name, model) in models(&train) {
        let whole = model.shap(&test).unwrap();
        let pairs = model.shap_interactions(&test.slice(0, 70)).unwrap();
        let explainer = model.explainer();
        assert_eq!(explainer.shap(&test).unwrap(), whole, "{name}");
        for (start, len) in (0..18).map(|len| (3 * len, len)) {
            let few = explainer.shap(&test.slice(start, len)).unwrap();
            let few_pairs = model.shap_interactions(&test.slice(start, len)).unwrap();
            assert_eq!(few.num_rows(), len);
            for (output, feature) in (0..few.outputs().len())
                .flat_map(|output| (0..few.features().len()).map(move |f| (output, f)))
            {
                let rows = start..start + len;
                let (few, whole) = (few.values(output, feature), whole.values(output, feature));
                assert_eq!(few, whole.and_then(|all| all.get(rows.clone())), "{name}");
                for other in 0..feature {
                    let few = few_pairs.values(output, feature, other);
                    let all = pairs.values(output, feature, other);
                    assert_eq!(few, all.and_then(|all| all.get(rows.clone())), "{name}");
                }
            }
        }
        let lacking = test.project(&[0]).unwrap();
        assert!(explainer.shap(&lacking).is_err());
    }
}

#[test]
fn raw_scores_become_predictions() {
    let table = table(500);
    let model = classifier("label").fit(&table).unwrap();
    let raw = model.predict_raw(&table).unwrap();
    let chances = model.predict_proba(&table).unwrap();
    assert_eq!(
        raw.schema().field(0).name(),
        chances.schema().field(1).name()
    );
    for (raw, chance) in numbers(raw.column(0))
        .iter()
        .zip(numbers(chances.column(1)))
    {
        assert!((1.0 / (1.0 + (-raw).exp()) - chance).abs() < 1e-12);
    }
    let model = regressor().fit(&table).unwrap();
    let raw = model.predict_raw(&table).unwrap();
    assert_eq!(
        numbers(raw.column(0)),
        numbers(&model.predict(&table).unwrap())
    );
}

#[test]
fn interactions_add_up_to_shap_values() {
    let (train, test) = (table(400), table(500).slice(370, 130));
    for (name, model) in models(&train) {
        let shap = model.shap(&test).unwrap();
        let pairs = model.shap_interactions(&test).unwrap();
        let features = shap.features().len();
        for output in 0..shap.outputs().len() {
            for feature in 0..features {
                for (row, expected) in shap.values(output, feature).unwrap().iter().enumerate() {
                    let value = |other: usize| pairs.values(output, feature, other).unwrap()[row];
                    let sum: f64 = (0..features).map(value).sum();
                    assert!(
                        (sum - expected).abs() < 1e-11,
                        "{name}: {sum} is not {expected}"
                    );
                }
            }
        }
        assert!(pairs.values(0, features, 0).is_none());
        assert!(pairs.values(shap.outputs().len(), 0, 0).is_none());
    }
}

/// The value of a cell as the table of nodes compares it.
enum Cell {
    Missing,
    Number(f64),
    Text(String),
}

fn cell(column: &ArrayRef, row: usize) -> Cell {
    let numbers = match column.data_type() {
        DataType::Utf8 => {
            let text = column.as_string::<i32>();
            return if text.is_null(row) {
                Cell::Missing
            } else {
                Cell::Text(text.value(row).to_owned())
            };
        }
        DataType::Timestamp(..) => {
            let micros =
                DataType::Timestamp(alchemy_core::arrow::datatypes::TimeUnit::Microsecond, None);
            cast(&cast(column, &micros).unwrap(), &DataType::Int64).unwrap()
        }
        _ => column.clone(),
    };
    let numbers = cast(&numbers, &DataType::Float64).unwrap();
    let numbers = numbers.as_primitive::<Float64Type>();
    if numbers.is_null(row) || numbers.value(row).is_nan() {
        Cell::Missing
    } else {
        Cell::Number(numbers.value(row))
    }
}

/// Walks a row down a tree by what the table of nodes says; `first` is the row of its root there.
fn walk(nodes: &RecordBatch, first: usize, batch: &RecordBatch, row: usize) -> usize {
    let mut at = first;
    loop {
        let left = nodes["left"].as_primitive::<UInt32Type>();
        if left.is_null(at) {
            return at;
        }
        let feature = nodes["feature"].as_string::<i32>().value(at);
        let levels = nodes["levels"].as_list::<i32>();
        let threshold = nodes["threshold"].as_primitive::<Float64Type>();
        let last_level = nodes["last_level"].as_string::<i32>();
        let among = |text: &str| {
            let levels = levels.value(at);
            levels
                .as_string::<i32>()
                .iter()
                .flatten()
                .any(|level| level == text)
        };
        let goes_left = match cell(&batch[feature], row) {
            Cell::Missing => nodes["missing_left"].as_boolean().value(at),
            Cell::Number(number) if levels.is_valid(at) => among(&number.to_string()),
            Cell::Number(number) => threshold.is_valid(at) && number <= threshold.value(at),
            Cell::Text(text) if levels.is_valid(at) => among(&text),
            Cell::Text(text) => last_level.is_valid(at) && text.as_str() <= last_level.value(at),
        };
        let side = if goes_left { "left" } else { "right" };
        at = first + nodes[side].as_primitive::<UInt32Type>().value(at) as usize;
    }
}

#[test]
fn the_table_of_nodes_says_how_rows_walk_and_where_they_arrive() {
    let (train, test) = (table(400), table(450).slice(350, 100));
    for (name, model) in models(&train) {
        let nodes = model.nodes().unwrap();
        let leaves = model.leaf_indices(&test).unwrap();
        assert_eq!(leaves.num_rows(), test.num_rows());
        let trees = nodes["tree"].as_primitive::<UInt32Type>().values();
        let numbers_of = nodes["node"].as_primitive::<UInt32Type>().values();
        let roots: Vec<usize> = (0..trees.len())
            .filter(|row| numbers_of[*row] == 0)
            .collect();
        assert_eq!(roots.len(), leaves.num_columns(), "{name}");
        let raw = model.predict_raw(&test).unwrap();
        for row in 0..test.num_rows() {
            let mut sums = vec![0.0; raw.num_columns()];
            for (tree, root) in roots.iter().enumerate() {
                let arrived = walk(&nodes, *root, &test, row);
                let leaf = leaves.column(tree).as_primitive::<UInt32Type>().value(row);
                assert_eq!(numbers_of[arrived], leaf, "{name}, tree {tree}, row {row}");
                let value = |column: usize| numbers(nodes.column(column))[arrived];
                let outputs = nodes["output"].as_string::<i32>();
                if outputs.is_valid(arrived) {
                    let output = raw.schema().index_of(outputs.value(arrived)).unwrap();
                    sums[output] += value(nodes.num_columns() - 1);
                } else {
                    let first = nodes.num_columns() - sums.len();
                    let values = sums.iter_mut().enumerate();
                    values.for_each(|(output, sum)| {
                        *sum += value(first + output) / roots.len() as f64;
                    });
                }
            }
            if nodes["output"].null_count() > 0 {
                let expected = raw.columns().iter().map(|column| numbers(column)[row]);
                expected
                    .zip(&sums)
                    .for_each(|(raw, sum)| assert!((raw - sum).abs() < 1e-12));
            }
        }
        let lines: usize = (0..)
            .map_while(|tree| model.tree_text(tree))
            .map(|text| text.lines().count())
            .sum();
        assert_eq!(lines, nodes.num_rows());
        assert!(model.tree_text(roots.len()).is_none());
    }
}

#[test]
fn a_tree_reads_as_it_splits() {
    let columns: [(&str, ArrayRef); 2] = [
        (
            "x",
            std::sync::Arc::new(
                (0..100)
                    .map(|row| (row % 10 != 0).then_some(f64::from(row % 10)))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "y",
            std::sync::Arc::new(
                (0..100)
                    .map(|row| Some(f64::from(u8::from(row % 10 > 4))))
                    .collect::<Float64Array>(),
            ),
        ),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.map(|(name, column)| (name, column, true)),
    )
    .unwrap();
    let spec = RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(1)
        .with_bootstrap(false);
    let text = spec.fit(&batch).unwrap().tree_text(0).unwrap();
    let expected =
        "x <= 4.5 or missing (gain 25, cover 100)\n  yes: 0 (cover 50)\n  no: 1 (cover 50)\n";
    assert_eq!(text, expected);
}

#[test]
fn the_first_rounds_are_what_a_shorter_fit_learns() {
    let table = table(500);
    let model = regressor().fit(&table).unwrap();
    let short = regressor().with_num_rounds(4).fit(&table).unwrap();
    let first = model.first_rounds(4).unwrap();
    assert_eq!(
        &first.predict(&table).unwrap(),
        &short.predict(&table).unwrap()
    );
    assert_eq!(first.num_rounds(), 4);
    let stored = postcard::to_stdvec(&first).unwrap();
    assert_eq!(
        postcard::from_bytes::<FittedGradientBoostingRegressor>(&stored).unwrap(),
        first
    );
    let none = model.first_rounds(0).unwrap().shap(&table).unwrap();
    assert!(none.values(0, 0).unwrap().iter().all(|value| *value == 0.0));
    assert_eq!(model.first_rounds(12).unwrap(), model);
    assert!(matches!(
        model.first_rounds(13).unwrap_err(),
        Error::InvalidParameter { .. }
    ));
    let spec = RandomForestClassifier::new()
        .with_target("label")
        .with_features(FEATURES);
    let forest = spec.clone().with_num_trees(5).fit(&table).unwrap();
    let few = spec.with_num_trees(3).fit(&table).unwrap();
    assert_eq!(
        forest
            .first_trees(3)
            .unwrap()
            .predict_proba(&table)
            .unwrap(),
        few.predict_proba(&table).unwrap()
    );
    assert!(forest.first_trees(0).is_err() && forest.first_trees(6).is_err());
}

#[test]
fn what_is_explained_has_the_features_of_the_model() {
    let train = table(300);
    let model = regressor().fit(&train).unwrap();
    let lacking = train.project(&[0, 1, 2]).unwrap();
    let text: ArrayRef = train["city"].clone();
    let wrong = with(&train, "normal", text);
    for (batch, column) in [(lacking, "flag"), (wrong, "normal")] {
        let errors = [
            model.shap(&batch).unwrap_err(),
            model.shap_interactions(&batch).unwrap_err(),
            model.leaf_indices(&batch).unwrap_err(),
            model.predict_raw(&batch).unwrap_err(),
        ];
        for error in errors {
            assert!(
                error.to_string().contains(&format!("{column:?}")),
                "{error}"
            );
        }
    }
    let none = model.shap(&train.slice(0, 0)).unwrap();
    assert_eq!(
        (none.num_rows(), none.to_batch(0).unwrap().num_rows()),
        (0, 0)
    );
    assert_eq!(
        model.leaf_indices(&train.slice(0, 0)).unwrap().num_rows(),
        0
    );
}

#[test]
fn explanations_do_not_depend_on_threads_or_cuts() {
    let (train, test) = (table(500), table(700));
    for (name, model) in models(&train) {
        let explain = |threads: usize, batch: &RecordBatch| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let shap = model.shap(batch).unwrap();
                (shap, model.shap_interactions(&batch.slice(0, 90)).unwrap())
            })
        };
        let whole = explain(1, &test);
        assert!(explain(3, &test) == whole, "{name}");
        let (part, _) = explain(2, &test.slice(13, 600));
        for feature in 0..whole.0.features().len() {
            assert_eq!(
                part.values(0, feature).unwrap(),
                &whole.0.values(0, feature).unwrap()[13..613]
            );
        }
    }
}

fn negative_rmse(model: &FittedGradientBoostingRegressor, batch: &RecordBatch) -> Result<f64> {
    let error = rmse(
        &numbers(&batch["y"]),
        &numbers(&model.predict(batch)?),
        None,
    )?;
    Ok(-error.unwrap_or(f64::NAN))
}

#[test]
fn permuted_features_lose_what_the_model_had_from_them() {
    let (train, test) = (table(2000), table(2600).slice(2000, 600));
    let model = regressor().with_num_rounds(40).fit(&train).unwrap();
    let spec = PermutationImportance::new().with_repeats(4).with_seed(3);
    let found = spec.evaluate(&model, &test, negative_rmse).unwrap();
    let names: Vec<&str> = found.iter().map(|found| found.feature.as_str()).collect();
    assert_eq!(names, FEATURES);
    let best = found
        .iter()
        .max_by(|a, b| a.mean.total_cmp(&b.mean))
        .unwrap();
    assert_eq!(best.feature, "normal");
    for found in &found {
        let mean = found.drops.iter().sum::<f64>() / 4.0;
        let variance = found
            .drops
            .iter()
            .map(|drop| (drop - mean).powi(2))
            .sum::<f64>()
            / 4.0;
        assert!(
            (found.mean - mean).abs() < 1e-15 && (found.std_dev - variance.sqrt()).abs() < 1e-12
        );
    }
    assert_eq!(found[6].drops, [0.0; 4]);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(3)
        .build()
        .unwrap();
    assert_eq!(
        pool.install(|| spec.evaluate(&model, &test, negative_rmse))
            .unwrap(),
        found
    );
    assert_ne!(
        spec.clone()
            .with_seed(4)
            .evaluate(&model, &test, negative_rmse)
            .unwrap(),
        found
    );
}

#[test]
fn what_cannot_be_permuted_is_an_error() {
    let train = table(200);
    let model = regressor().fit(&train).unwrap();
    let spec = PermutationImportance::new();
    let error = spec
        .clone()
        .with_repeats(0)
        .evaluate(&model, &train, negative_rmse)
        .unwrap_err();
    assert!(error.to_string().contains("repeats"), "{error}");
    assert!(matches!(
        spec.evaluate(&model, &train.slice(0, 0), negative_rmse),
        Err(Error::Empty { .. })
    ));
    let lacking = train.project(&[0, 1]).unwrap();
    assert!(matches!(
        spec.evaluate(&model, &lacking, negative_rmse),
        Err(Error::ColumnNotFound { .. })
    ));
    let failing = spec.evaluate(&model, &train, |_, _| {
        Err(Error::Empty { what: "it".into() })
    });
    assert!(matches!(failing, Err(Error::Empty { .. })));
}
