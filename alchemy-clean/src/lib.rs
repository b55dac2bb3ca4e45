#![doc = include_str!("../README.md")]

mod backward_fill;
mod boolean;
mod carry;
mod cleaner;
mod coercion;
mod down_cast;
mod duplicates;
mod estimate;
mod failure;
mod forward_fill;
mod group_keys;
mod impute;
mod incomplete;
mod interpolator;
mod iterative;
mod knn;
mod learned;
mod mapped;
mod missing_rows;
mod near_duplicates;
mod null_columns;
mod number;
mod outlier;
mod per_column;
mod plain;
mod rare_levels;
mod rebuilt;
mod rules;
mod sample;
mod text;
mod text_counts;
mod timestamp;
mod zone;

pub use alchemy_core::{
    Accumulate, Action, ColumnSelector, Context, Error, Expr, Fit, FitMerge, FittedPipeline,
    Ledger, Limit, Pipeline, Profile, Result, SelectRows, Step, Steps, TrainingBatches, Transform,
    arrow, col, lit,
};

pub use backward_fill::BackwardFill;
pub use boolean::BooleanCoercer;
pub use cleaner::{Cleaner, CleaningStep};
pub use down_cast::{CastTarget, DownCast, DownCastAccumulator, FittedDownCast};
pub use duplicates::{Duplicates, Keep};
pub use failure::OnFailure;
pub use forward_fill::ForwardFill;
pub use impute::{
    Constant, FillValue, FittedImputer, ImputeStrategy, Imputer, ImputerAccumulator, Observed,
};
pub use interpolator::{FillDirection, Interpolation, Interpolator};
pub use iterative::{FittedIterativeImputer, InitialFill, IterativeImputer};
pub use knn::{FittedKnnImputer, KnnImputer, KnnMetric, NeighborWeights};
pub use missing_rows::MissingRows;
pub use near_duplicates::{FittedNearDuplicates, NearDuplicates, NearDuplicatesAccumulator};
pub use null_columns::{FittedNullColumnDropper, NullColumnDropper, NullColumnDropperAccumulator};
pub use number::{DecimalMark, Grouping, NumberFormat, NumberType, NumericCoercer};
pub use outlier::{Fences, FittedOutliers, OnOutlier, Outliers, OutliersAccumulator, Side};
pub use rare_levels::{FittedRareLevels, RareLevels, RareLevelsAccumulator};
pub use rules::{DeductiveImputer, DerivedColumn, OnViolation, RowFilter, RowRule};
#[cfg(feature = "unicode")]
pub use text::NormalForm;
pub use text::{
    Case, NullTokens, OnUnmatched, RegexExtract, RegexReplace, Search, Synonyms, TextStandardiser,
};
pub use timestamp::{Ambiguous, FormatCounts, TimestampParser, TimestampUnit};
pub use zone::{LocalTime, ZoneCoercer};

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
        .with::<BackwardFill>()
        .with::<BooleanCoercer>()
        .with::<DeductiveImputer>()
        .with::<DerivedColumn>()
        .with::<FittedDownCast>()
        .with::<FittedImputer>()
        .with::<FittedIterativeImputer>()
        .with::<FittedKnnImputer>()
        .with::<FittedNearDuplicates>()
        .with::<FittedNullColumnDropper>()
        .with::<FittedOutliers>()
        .with::<FittedRareLevels>()
        .with::<ForwardFill>()
        .with::<Interpolator>()
        .with::<NullTokens>()
        .with::<NumericCoercer>()
        .with::<RegexExtract>()
        .with::<RegexReplace>()
        .with::<RowRule>()
        .with::<TextStandardiser>()
        .with::<TimestampParser>()
        .with::<ZoneCoercer>()
}
