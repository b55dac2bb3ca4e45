//! Features of the past, a split by time, models beside two baselines.

use alchemy_clean::ForwardFill;
use alchemy_core::arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use alchemy_core::arrow::compute::{and, filter_record_batch, is_not_null};
use alchemy_core::column::{self, NumericColumn};
use alchemy_core::{Fit, FittedPipeline, Pipeline, Predict, Session, Train, Transform};
use alchemy_examples::{Failure, Models, bar, timed};
use alchemy_features::{Calendar, CalendarPart, Difference, Lag, OneHotEncoder, Rolling};
use alchemy_models::metrics::RegressionReport;
use alchemy_models::{
    FittedGradientBoostingRegressor, GradientBoostingRegressor, RandomForestRegressor, RandomSplit,
    Split, TimeSplit,
};
use serde::Serialize;

use crate::Options;
use crate::series::Series;

/// All that training gives.
pub(crate) struct Trained {
    pub(crate) pipeline: FittedPipeline,
    pub(crate) boosting: FittedGradientBoostingRegressor,
    pub(crate) models: Models<Evaluated>,
    /// The boosting's predictions of the test rows, in process.
    pub(crate) predictions: ArrayRef,
    /// Where the test part starts; the rows before it are the training part and the gap.
    pub(crate) test_start: usize,
    pub(crate) horizon: usize,
}

/// One model's figures on the test rows whose value was observed; `None` where undefined.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Evaluated {
    pub(crate) mae: Option<f64>,
    pub(crate) rmse: Option<f64>,
    pub(crate) mape: Option<f64>,
    pub(crate) fit_s: f64,
}

impl Trained {
    /// A session that has seen the rows before the test part.
    pub(crate) fn session_after_training(&self, series: &Series) -> Result<Session, Failure> {
        let mut session = self.pipeline.session()?;
        session.push(&series.batch.slice(0, self.test_start))?;
        Ok(session)
    }
}

pub(crate) fn train(series: &Series, options: &Options) -> Result<Trained, Failure> {
    let horizon = usize::from(options.horizon);
    let parsed = series.parser.transform(&series.batch)?;
    let split = TimeSplit::new(&series.time, 0.2).with_gap(horizon);
    // The rows are sorted, so each part is one run of rows.
    let rows = split.rows(&parsed)?;
    let (train_rows, test_start) = (rows.train.len(), rows.held_out[0]);

    let pipeline = pipeline(series, options, horizon).fit(&series.batch.slice(0, train_rows))?;
    let features = pipeline.transform(&series.batch)?;
    // Rows whose value was observed, and some value before it.
    let last = format!("{}_lag_{horizon}", series.value);
    let observed = and(
        &is_not_null(column::by_name(&series.batch, &series.value)?)?,
        &is_not_null(column::by_name(&features, &last)?)?,
    )?;
    let part = |start: usize, len: usize| {
        let observed: BooleanArray = observed.slice(start, len);
        filter_record_batch(&features.slice(start, len), &observed)
    };
    let train = Train::new(part(0, train_rows)?);
    let test_len = features.num_rows() - test_start;
    let test = part(test_start, test_len)?;

    let forest = RandomForestRegressor::new()
        .with_target(&series.value)
        .with_num_trees(200)
        .with_max_depth(15)
        .with_min_samples_split(5)
        .with_max_features(alchemy_models::MaxFeatures::Share(1.0 / 3.0))
        .with_seed(options.common.seed);
    let (forest, forest_s) = timed(|| {
        forest
            .fit_with(&train, &bar("forest")?)
            .map_err(Failure::from)
    })?;
    // Rows of all times steer the early stopping: the last stretch alone may be unlike the rest.
    let (learn, valid) = RandomSplit::new(0.2)
        .with_seed(options.common.seed)
        .split_train(&train)?;
    let boosting = GradientBoostingRegressor::new()
        .with_target(&series.value)
        // The trees learn the change since the last known value: they follow the series to levels it never had.
        .with_offset(last)
        .with_num_rounds(2000)
        .with_learning_rate(0.03)
        .with_num_leaves(16)
        .with_subsample(0.8)
        .with_colsample(0.8)
        .with_early_stopping_rounds(100)
        .with_seed(options.common.seed);
    let (boosting, boosting_s) = timed(|| {
        boosting
            .fit_validated_with(&learn, &valid, &bar("boosting")?)
            .map_err(Failure::from)
    })?;

    let truth = numbers(&test, &series.value)?;
    let baseline = |lag: Option<usize>| match lag {
        Some(lag) => evaluate(
            &truth,
            &numbers(&test, &format!("{}_lag_{lag}", series.value))?,
            0.0,
        ),
        None => Ok(Evaluated::default()),
    };
    let mut models = Models::new();
    models.insert("last_value", baseline(Some(horizon))?);
    models.insert("seasonal_naive", baseline(seasonal_lag(options, horizon))?);
    for (name, model, fit_s) in [
        ("forest", &forest as &dyn Predict, forest_s),
        ("boosting", &boosting as &dyn Predict, boosting_s),
    ] {
        let predictions = NumericColumn::new(name, &model.predict(&test)?)?
            .view()
            .to_vec();
        models.insert(name, evaluate(&truth, &predictions, fit_s)?);
    }
    let predictions = boosting.predict(&features.slice(test_start, test_len))?;
    Ok(Trained {
        pipeline,
        boosting,
        models,
        predictions,
        test_start,
        horizon,
    })
}

/// What is known of a row `horizon` rows before it.
fn pipeline(series: &Series, options: &Options, horizon: usize) -> Pipeline {
    let Series {
        value, time, keys, ..
    } = series;
    let mut lags = [1, 3, 6].map(|lag| lag + horizon - 1).to_vec();
    lags.extend(seasonal_lag(options, horizon).filter(|season| !lags.contains(season)));
    // Differences carry over to levels that training never saw; levels do not.
    let last = format!("{value}_lag_{horizon}");
    let earlier = lags[1..].iter().map(|lag| format!("{value}_lag_{lag}"));
    let rolling = Rolling::of(value)
        .window(12)
        .ending(horizon)
        .mean()
        .std_dev();
    let mean = rolling.names().swap_remove(0);
    Pipeline::new()
        .with_contract(series.contract.clone())
        .then(series.parser.clone())
        .then(
            ForwardFill::of(value.as_str())
                .with_keys(keys)
                .with_time(time),
        )
        .then(
            Lag::of(value)
                .by(lags.clone())
                .with_keys(keys)
                .with_time(time),
        )
        .then(rolling.with_keys(keys).with_time(time))
        .then(Difference::of(last).minus(earlier.chain([mean])))
        .then(Calendar::of(time).with_parts([
            CalendarPart::Hour,
            CalendarPart::DayOfWeek,
            CalendarPart::IsWeekend,
        ]))
        .then(OneHotEncoder::new().with_columns(keys.clone()))
}

/// The lag that the seasonal baseline uses: whole seasons, and no less than the horizon.
fn seasonal_lag(options: &Options, horizon: usize) -> Option<usize> {
    let season = options.season.filter(|season| *season > 0)?;
    Some(horizon.div_ceil(season) * season)
}

fn numbers(batch: &RecordBatch, name: &str) -> Result<Vec<f64>, alchemy_core::Error> {
    Ok(NumericColumn::new(name, column::by_name(batch, name)?)?
        .view()
        .to_vec())
}

fn evaluate(
    truth: &[f64],
    predictions: &[f64],
    fit_s: f64,
) -> Result<Evaluated, alchemy_core::Error> {
    let RegressionReport {
        mae, rmse, mape, ..
    } = RegressionReport::new(truth, predictions, None)?;
    Ok(Evaluated {
        mae,
        rmse,
        mape,
        fit_s,
    })
}
