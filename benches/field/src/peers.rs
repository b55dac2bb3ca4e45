//! How each crate fits and predicts. `perpetual` is left out: its version 2.3 needs a nightly compiler.

use alchemy_core::arrow::array::AsArray;
use alchemy_core::arrow::datatypes::Float64Type;
use alchemy_core::{Fit, Predict};
use alchemy_models::{GradientBoostingRegressor, RandomForestRegressor, RowScratch};
use hessboost::prelude::{DMatrix, Iterations, Objective, TrainingParams, TreeMethod};
use smartcore::linalg::basic::matrix::DenseMatrix;

use crate::data::{COLUMNS, Rows};
use crate::{Fitted, Peer, Result};

const ALL_ROWS: usize = usize::MAX;

pub(crate) const ALL: &[Peer] = &[
    Peer {
        name: "alchemy boosting",
        fit: alchemy_boosting,
        most_rows: ALL_ROWS,
        notes: "",
    },
    Peer {
        name: "hessboost",
        fit: hessboost,
        most_rows: ALL_ROWS,
        notes: "leaf-wise, 256 bins, single precision",
    },
    Peer {
        name: "forust-ml",
        fit: forust,
        most_rows: ALL_ROWS,
        notes: "256 bins",
    },
    Peer {
        name: "smartcore xgboost",
        fit: smartcore_boosting,
        most_rows: 5_000,
        notes: "exact splits on one thread",
    },
    Peer {
        name: "alchemy forest",
        fit: alchemy_forest,
        most_rows: ALL_ROWS,
        notes: "",
    },
    Peer {
        name: "smartcore forest",
        fit: smartcore_forest,
        most_rows: 20_000,
        notes: "exact splits",
    },
    Peer {
        name: "linfa-ensemble",
        fit: linfa_forest,
        most_rows: 5_000,
        notes: "classes only: y > 0, error is the root of the share",
    },
];

fn alchemy_boosting(rows: &Rows) -> Result<Fitted> {
    let spec = GradientBoostingRegressor::new()
        .with_target("y")
        .with_num_leaves(32);
    let model = spec.fit(&rows.batch()?)?;
    let (one, mut scratch) = (model.clone(), RowScratch::new());
    Ok(Fitted {
        predict: Box::new(move |rows| {
            Ok(model
                .predict(&rows.batch()?)?
                .as_primitive::<Float64Type>()
                .values()
                .to_vec())
        }),
        row: Some(Box::new(move |row| Ok(one.predict_row(row, &mut scratch)?))),
    })
}

fn alchemy_forest(rows: &Rows) -> Result<Fitted> {
    let spec = RandomForestRegressor::new()
        .with_target("y")
        .with_num_trees(20)
        .with_max_depth(10);
    let model = spec.fit(&rows.batch()?)?;
    let (one, mut scratch) = (model.clone(), RowScratch::new());
    Ok(Fitted {
        predict: Box::new(move |rows| {
            Ok(model
                .predict(&rows.batch()?)?
                .as_primitive::<Float64Type>()
                .values()
                .to_vec())
        }),
        row: Some(Box::new(move |row| Ok(one.predict_row(row, &mut scratch)?))),
    })
}

fn hessboost(rows: &Rows) -> Result<Fitted> {
    let matrix = |rows: &Rows| DMatrix::from_dense(&single(&rows.by_row()), rows.y.len(), COLUMNS);
    let train = matrix(rows)?.with_labels(&single(&rows.y))?;
    let params = TrainingParams::builder()
        .objective(Objective::SquaredError(Default::default()))
        .tree_method(TreeMethod::Hist)
        .grow_policy(hessboost::config::GrowPolicy::LossGuide)
        .unlimited_depth()
        .max_leaves(32)
        .eta(0.1)
        .nthread(2)
        .build()?;
    let model = hessboost::prelude::train(&params, &train, 100)?;
    let one = model.clone();
    Ok(Fitted {
        predict: Box::new(move |rows| {
            let predicted = model.predict(&matrix(rows)?, Iterations::Best)?;
            Ok(predicted
                .as_slice()
                .iter()
                .map(|value| f64::from(*value))
                .collect())
        }),
        row: Some(Box::new(move |row| {
            Ok(f64::from(one.predict_row(&single(row), Iterations::Best)?))
        })),
    })
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}

fn forust(rows: &Rows) -> Result<Fitted> {
    use forust_ml::objective::ObjectiveType;
    use forust_ml::{GradientBooster, Matrix};

    let mut model = GradientBooster::default()
        .set_objective_type(ObjectiveType::SquaredLoss)
        .set_iterations(100)
        .set_learning_rate(0.1)
        .set_max_depth(20)
        .set_max_leaves(32)
        .set_nbins(255)
        .set_num_threads(Some(2));
    let weights = vec![1.0; rows.y.len()];
    model.fit(
        &Matrix::new(&rows.x, rows.y.len(), COLUMNS),
        &rows.y,
        &weights,
        None,
    )?;
    let model = std::rc::Rc::new(model);
    let one = model.clone();
    Ok(Fitted {
        predict: Box::new(move |rows| {
            Ok(model.predict(&Matrix::new(&rows.x, rows.y.len(), COLUMNS), true))
        }),
        row: Some(Box::new(move |row| {
            Ok(one.predict(&Matrix::new(row, 1, COLUMNS), false)[0])
        })),
    })
}

/// Column after column.
fn dense(rows: &Rows) -> Result<DenseMatrix<f64>> {
    Ok(DenseMatrix::new(
        rows.y.len(),
        COLUMNS,
        rows.x.clone(),
        true,
    )?)
}

fn smartcore_boosting(rows: &Rows) -> Result<Fitted> {
    use smartcore::xgboost::{XGRegressor, XGRegressorParameters};

    let params = XGRegressorParameters::default()
        .with_n_estimators(100)
        .with_learning_rate(0.1)
        .with_max_depth(5);
    let model = XGRegressor::fit(&dense(rows)?, &rows.y, params)?;
    Ok(Fitted {
        predict: Box::new(move |rows| Ok(model.predict(&dense(rows)?)?)),
        row: None,
    })
}

fn smartcore_forest(rows: &Rows) -> Result<Fitted> {
    use smartcore::ensemble::random_forest_regressor::{
        RandomForestRegressor, RandomForestRegressorParameters,
    };

    let params = RandomForestRegressorParameters::default()
        .with_n_trees(20)
        .with_max_depth(10)
        .with_m(COLUMNS);
    let model = RandomForestRegressor::fit(&dense(rows)?, &rows.y, params)?;
    Ok(Fitted {
        predict: Box::new(move |rows| Ok(model.predict(&dense(rows)?)?)),
        row: None,
    })
}

fn linfa_forest(rows: &Rows) -> Result<Fitted> {
    use linfa::Dataset;
    use linfa::prelude::{Fit, Predict};
    use linfa_ensemble::RandomForestParams;
    use linfa_trees::DecisionTree;
    use ndarray::{Array1, Array2};

    let features = |rows: &Rows| Array2::from_shape_vec((rows.y.len(), COLUMNS), rows.by_row());
    let classes: Array1<usize> = rows.y.iter().map(|y| usize::from(*y > 0.0)).collect();
    let params = RandomForestParams::new(DecisionTree::params().max_depth(Some(10)))
        .ensemble_size(20)
        .bootstrap_proportion(1.0)
        .feature_proportion(0.25);
    let model = params.fit(&Dataset::new(features(rows)?, classes))?;
    Ok(Fitted {
        // A wrong class is an error of 1 and a right one of 0.
        predict: Box::new(move |rows| {
            let predicted: Array1<usize> = model.predict(&features(rows)?);
            let pairs = predicted.iter().zip(&rows.y);
            Ok(pairs
                .map(|(class, y)| y + f64::from(u8::from((*class == 1) != (*y > 0.0))))
                .collect())
        }),
        row: None,
    })
}
