#![doc = include_str!("../README.md")]

mod duplicates;
mod failure;
mod forward_fill;
mod impute;
mod interpolator;
mod key_set;
mod near_duplicates;
mod null_columns;
mod number;
mod outlier;
mod per_column;
mod plain;
mod rare_levels;
mod rebuilt;
mod text;
mod text_counts;
mod timestamp;

pub use alchemy_core::{
    Accumulate, Action, ColumnSelector, Context, Error, Fit, FitMerge, FittedPipeline, Ledger,
    Limit, Pipeline, Result, SelectRows, Step, Steps, Transform, arrow,
};

pub use duplicates::{Duplicates, Keep};
pub use failure::OnFailure;
pub use forward_fill::ForwardFill;
pub use impute::{Constant, FillValue, FittedImputer, ImputeStrategy, Imputer, ImputerAccumulator};
pub use interpolator::Interpolator;
pub use near_duplicates::{FittedNearDuplicates, NearDuplicates, NearDuplicatesAccumulator};
pub use null_columns::{FittedNullColumnDropper, NullColumnDropper, NullColumnDropperAccumulator};
pub use number::{DecimalMark, Grouping, NumberFormat, NumericCoercer};
pub use outlier::{Fences, FittedOutlierCapper, OutlierCapper, OutlierCapperAccumulator, Side};
pub use rare_levels::{FittedRareLevels, RareLevels, RareLevelsAccumulator};
#[cfg(feature = "unicode")]
pub use text::NormalForm;
pub use text::{
    Case, NullTokens, OnUnmatched, RegexExtract, RegexReplace, Search, Synonyms, TextStandardiser,
};
pub use timestamp::TimestampParser;

/// The steps of this crate that a stored pipeline may hold.
///
/// # Examples
///
/// ```
/// use alchemy_clean::{Fit, FittedPipeline, NumericCoercer, Pipeline, steps};
/// # use std::sync::Arc;
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
///
/// let price = Arc::new(StringArray::from(vec!["1.5"])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("price", price)])?;
/// let fitted = Pipeline::new().then(NumericCoercer::new("price")).fit(&batch)?;
/// let loaded = FittedPipeline::from_json(&fitted.to_json()?, &steps())?;
/// assert_eq!(loaded.transform(&batch)?, fitted.transform(&batch)?);
/// # Ok::<(), alchemy_clean::Error>(())
/// ```
#[must_use]
pub fn steps() -> Steps {
    Steps::new()
        .with::<FittedImputer>()
        .with::<FittedNearDuplicates>()
        .with::<FittedNullColumnDropper>()
        .with::<FittedOutlierCapper>()
        .with::<FittedRareLevels>()
        .with::<ForwardFill>()
        .with::<Interpolator>()
        .with::<NullTokens>()
        .with::<NumericCoercer>()
        .with::<RegexExtract>()
        .with::<RegexReplace>()
        .with::<TextStandardiser>()
        .with::<TimestampParser>()
}
