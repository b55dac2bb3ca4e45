#![doc = include_str!("../README.md")]

mod assemble;
mod calendar;
mod civil;
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
pub use encode::{FittedOneHotEncoder, FittedOrdinalEncoder, OneHotEncoder, OrdinalEncoder};
pub use lag::Lag;
pub use rolling::Rolling;
pub use standard_scaler::{FittedStandardScaler, StandardScaler};

/// The steps of this crate, for loading a stored pipeline.
///
/// # Examples
///
/// ```
/// use alchemy_features::{Calendar, Steps};
/// use alchemy_core::{FittedPipeline, Pipeline};
/// ```
#[must_use]
pub fn steps() -> Steps {
    Steps::new()
        .with::<Lag>()
        .with::<Rolling>()
        .with::<Calendar>()
        .with::<FittedOneHotEncoder>()
        .with::<FittedOrdinalEncoder>()
        .with::<FittedStandardScaler>()
}
