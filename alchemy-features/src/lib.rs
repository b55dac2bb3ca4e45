#![doc = include_str!("../README.md")]

mod assemble;
mod calendar;
mod civil;
mod difference;
mod encode;
mod history;
mod lag;
mod naming;
mod rolling;
mod series;
mod standard_scaler;

pub use alchemy_core::stats::Quantile;
pub use alchemy_core::{
    Accumulate, ColumnSelector, Context, Error, Fit, FitMerge, Keyed, Ledger, Result, Step, Steps,
    Transform, arrow,
};
pub use calendar::{Calendar, CalendarPart};
pub use difference::Difference;
pub use encode::{FittedOneHotEncoder, FittedOrdinalEncoder, OneHotEncoder, OrdinalEncoder};
pub use lag::Lag;
pub use rolling::Rolling;
pub use standard_scaler::{FittedStandardScaler, StandardScaler};

/// The steps of this crate, for loading a stored pipeline.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_features::Result<()> {
/// use std::sync::Arc;
/// use alchemy_core::{FittedPipeline, Pipeline};
/// use alchemy_features::Lag;
/// use alchemy_features::arrow::array::{ArrayRef, Int64Array, RecordBatch};
///
/// let x = Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("x", x)])?;
/// let fitted = Pipeline::new().then(Lag::of("x").by([1])).fit(&batch)?;
/// let loaded = FittedPipeline::from_json(&fitted.to_json()?, &alchemy_features::steps())?;
/// assert_eq!(loaded.transform(&batch)?, fitted.transform(&batch)?);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn steps() -> Steps {
    Steps::new()
        .with::<Lag>()
        .with::<Rolling>()
        .with::<Calendar>()
        .with::<Difference>()
        .with::<FittedOneHotEncoder>()
        .with::<FittedOrdinalEncoder>()
        .with::<FittedStandardScaler>()
}
