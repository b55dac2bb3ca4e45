//! Any one step of cleaning.

use std::fmt;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::{Context, Fit, Ledger, Pipeline, Result, SelectRows, Step};
use serde::{Deserialize, Serialize};

use crate::{
    BackwardFill, BooleanCoercer, DeductiveImputer, DerivedColumn, DownCast, Duplicates,
    FittedNearDuplicates, ForwardFill, Imputer, Interpolator, IterativeImputer, KnnImputer,
    MissingRows, NearDuplicates, NullColumnDropper, NullTokens, NumericCoercer, Outliers,
    RareLevels, RegexExtract, RegexReplace, RowFilter, RowRule, TextStandardiser, TimestampParser,
};

/// Writes [`CleaningStep`]: one variant for each spec, since a recipe must name its steps in text, and Rust has no way to
/// go over types.
macro_rules! cleaning_steps {
    (cells: $($step:ident),+; rows: $($rows:ident),+;) => {
        /// A step of a [`Cleaner`](crate::Cleaner): the spec of any step of this crate, made by `into()`.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case", tag = "step", content = "with")]
        #[non_exhaustive]
        pub enum CleaningStep {
            $(
                #[doc = concat!("[`", stringify!($step), "`](crate::", stringify!($step), ")")]
                $step($step),
            )+
            $(
                #[doc = concat!("[`", stringify!($rows), "`](crate::", stringify!($rows), "), which leaves out rows")]
                $rows($rows),
            )+
        }

        $(impl From<$step> for CleaningStep {
            fn from(step: $step) -> Self {
                Self::$step(step)
            }
        })+

        $(impl From<$rows> for CleaningStep {
            fn from(rows: $rows) -> Self {
                Self::$rows(rows)
            }
        })+

        impl CleaningStep {
            /// Learns from `batch` and does to it what there is to do.
            pub(super) fn apply(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
                match self {
                    $(Self::$step(step) => fit_and_transform(step, batch, ledger),)+
                    $(Self::$rows(rows) => rows.select(batch, ledger),)+
                }
            }

            pub(super) fn add_to(&self, pipeline: Pipeline) -> Pipeline {
                match self {
                    $(Self::$step(step) => pipeline.then(step.clone()),)+
                    $(Self::$rows(rows) => pipeline.training_rows(rows.clone()),)+
                }
            }
        }
    };
}

cleaning_steps! {
    cells: BackwardFill, BooleanCoercer, DeductiveImputer, DerivedColumn, DownCast, FittedNearDuplicates, ForwardFill, Imputer,
        Interpolator, IterativeImputer, KnnImputer, NearDuplicates, NullColumnDropper, NullTokens, NumericCoercer, Outliers,
        RareLevels, RegexExtract, RegexReplace, RowRule, TextStandardiser, TimestampParser;
    rows: Duplicates, MissingRows, RowFilter;
}

fn fit_and_transform<F: Fit>(
    spec: &F,
    batch: &RecordBatch,
    ledger: &mut Ledger,
) -> Result<RecordBatch>
where
    F::Fitted: Step,
{
    ledger.enter(F::Fitted::NAME);
    let (_, out) = spec.fit_transform_with(batch, &Context::new(), ledger)?;
    ledger.record_rows(batch.num_rows(), out.num_rows());
    Ok(out)
}

/// The name and the parameters, as in JSON.
impl fmt::Display for CleaningStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        let name = json["step"].as_str().unwrap_or_default();
        write!(f, "{name} {}", json["with"])
    }
}
