//! Outliers moved to a fence, nulled, flagged or left out.

mod bounds;
mod fence;
mod fitted;
mod rule;

use std::ops::RangeBounds;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::datatypes::{Field, Schema};
use alchemy_core::column::is_numeric;
use alchemy_core::{Accumulate, ColumnSelector, Context, Error, Fit, FitMerge, Learning, Result};
use serde::{Deserialize, Serialize};

pub use fence::{Fences, Side};
pub use fitted::FittedOutliers;

use crate::per_column::PerColumn;
use crate::plain::{require, value_type};
use bounds::Bounds;
use fence::FenceLearner;
use rule::{Ends, Rule};

/// What happens to a cell beyond a fence. The ledger counts each.
///
/// A row filter is not among them, for no step may change the number of rows: [`FittedOutliers`] is one, by
/// [`SelectRows`](crate::SelectRows).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnOutlier {
    /// It is moved to the fence ([`Action::Capped`](crate::Action::Capped)).
    #[default]
    Cap,
    /// The same in a new column `{column}_capped`; the column itself stays as it is.
    CapBeside,
    /// It becomes null ([`Action::Nulled`](crate::Action::Nulled)).
    Null,
    /// It stays, and a new Boolean column `{column}_outlier` tells it from others
    /// ([`Action::Flagged`](crate::Action::Flagged)). A missing cell is no outlier.
    Flag,
}

/// Learns from training data where outliers begin, and moves, nulls or flags the values beyond.
///
/// A value is an outlier where it lies below the lower fence or above the upper one:
///
/// | rule | fences | note |
/// | --- | --- | --- |
/// | [`iqr`](Self::iqr) | *Q*₁ − *k* (*Q*₃ − *Q*₁), *Q*₃ + *k* (*Q*₃ − *Q*₁) | Tukey's; *k* = 1.5 is customary, 3 for "far out" |
/// | [`z_score`](Self::z_score) | mean ± *k* standard deviations (divisor n − 1) | outliers widen their own fences |
/// | [`mad`](Self::mad) | median ± *k* MAD / 0.6745 | the modified z-score of Iglewicz & Hoaglin; *k* = 3.5 is theirs |
/// | [`quantiles`](Self::quantiles) | two quantiles | winsorising; a share of values is always beyond |
/// | [`fixed`](Self::fixed) | given | a rule of the domain, nothing is learned |
///
/// Quantiles are by linear interpolation (type 7 of Hyndman & Fan, 1996), means and standard deviations exact. MAD is the
/// median of absolute deviations from the median, and 0.6745 of a standard deviation where values are normal. The caller
/// names the [`Side`]s that are meant, by name or by the ends of a range. [`with_keys`](Self::with_keys) learns fences for
/// each group of rows.
///
/// A missing value (null or NaN) is not looked at and comes out null, but in a column that is left as it is; an infinity
/// is a value. A fence that would lie at an infinity, or that infinities leave undefined, is none. The column's type is
/// kept: integers and decimals are moved to the last value inside the fence, floats to the one of their type next to it.
///
/// **Look at the [`fences`](FittedOutliers::fences)** where many values are equal. If half of them are, the interquartile
/// range or the MAD is 0, both fences lie at that value, and every other value is an outlier: `SciPy` gives that 0 too,
/// and feature-engine refuses such a column. A standard deviation of 0 is that of a constant column.
///
/// Fitting reads every selected column once, in parallel over columns, and holds one copy of the column at hand (8 bytes a
/// value; two for a MAD, none for a mean); a fit in pieces ([`FitMerge`]) holds them for all columns.
/// [`with_sketches`](Self::with_sketches) bounds that. The result does not depend on the number of threads, the order of
/// rows or the cuts between pieces. Learning fences costs about 6 ns a row, capping about 3 ns a row and 8 bytes.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] if the multiplier is negative or not finite, a quantile not between 0 and 1, a range
///   without an end or reversed, or a fixed bound such that no value of a column's type is inside; for fixed bounds by
///   group; for a MAD by sketches; for a standard deviation of one value.
/// - [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column that is not a number.
/// - [`Error::AllNull`] if a column holds nothing to learn from, an empty batch included; fixed bounds learn nothing.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Fit, OnOutlier, Outliers, Side, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch};
/// let price = Float64Array::from(vec![1.0, 2.0, 3.0, 4.0, 100.0]);
/// let train = RecordBatch::try_from_iter([("price", Arc::new(price) as ArrayRef)])?;
///
/// let outliers = Outliers::iqr(1.5, Side::Upper).fit(&train)?;
/// assert_eq!(outliers.fences("price").and_then(|fences| fences.upper()), Some(7.0));
/// let capped = outliers.transform(&train)?;
/// assert_eq!(capped.column(0).as_ref(), &Float64Array::from(vec![1.0, 2.0, 3.0, 4.0, 7.0]));
///
/// let flagged = Outliers::fixed(..=50.0).with_action(OnOutlier::Flag).fit(&train)?.transform(&train)?;
/// let expected = BooleanArray::from(vec![false, false, false, false, true]);
/// assert_eq!(flagged.column_by_name("price_outlier").map(|flags| flags.as_ref()), Some(&expected as _));
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977.
/// - B. Iglewicz and D. C. Hoaglin, *How to Detect and Handle Outliers*, ASQC Quality Press, 1993.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outliers {
    rule: Rule,
    #[serde(default, skip_serializing_if = "is_default")]
    action: OnOutlier,
    #[serde(default = "ColumnSelector::numeric")]
    columns: ColumnSelector,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sketches: bool,
}

fn is_default(action: &OnOutlier) -> bool {
    *action == OnOutlier::default()
}

impl Outliers {
    /// What is `multiplier` interquartile ranges beyond the quartiles; 1.5 is customary.
    #[must_use]
    pub fn iqr(multiplier: f64, side: Side) -> Self {
        Self::by(Rule::Iqr { multiplier, side })
    }

    /// What is `multiplier` standard deviations from the mean; 3 is customary. A value stretches the deviation it is
    /// measured by: among n values none is more than (n − 1) / √n away.
    #[must_use]
    pub fn z_score(multiplier: f64, side: Side) -> Self {
        Self::by(Rule::ZScore { multiplier, side })
    }

    /// What is `multiplier` median absolute deviations, over 0.6745, from the median; 3.5 is customary.
    #[must_use]
    pub fn mad(multiplier: f64, side: Side) -> Self {
        Self::by(Rule::Mad { multiplier, side })
    }

    /// What is beyond two quantiles, such as `0.01..=0.99`, or one, such as `..=0.99`: the ends name the sides.
    ///
    /// A rule of this kind always finds outliers, however clean the data.
    #[must_use]
    pub fn quantiles(range: impl RangeBounds<f64>) -> Self {
        Self::by(Rule::Quantiles(Ends::of(&range)))
    }

    /// What is outside a range that the caller knows, such as `0.0..=150.0` or `0.0..`: the ends name the sides. An end
    /// that the range leaves out (`0.0..150.0`) is taken as the `f64` next to it.
    #[must_use]
    pub fn fixed(range: impl RangeBounds<f64>) -> Self {
        Self::by(Rule::Fixed(Ends::of(&range)))
    }

    fn by(rule: Rule) -> Self {
        Self {
            rule,
            action: OnOutlier::default(),
            columns: ColumnSelector::numeric(),
            keys: Vec::new(),
            sketches: false,
        }
    }

    /// What happens to an outlier. Default: it is capped.
    #[must_use]
    pub fn with_action(mut self, action: OnOutlier) -> Self {
        self.action = action;
        self
    }

    /// The columns to look at. Default: every numeric feature that is not a key.
    #[must_use]
    pub fn with_columns(mut self, columns: impl Into<ColumnSelector>) -> Self {
        self.columns = columns.into();
        self
    }

    /// Learns fences for each group of rows that are equal in all these columns, null being equal to null: those are a
    /// group of their own. Default: all rows are one group.
    ///
    /// A group that training did not see, or that had too few values (none, or one for a standard deviation), is held
    /// against the fences of all rows, and the values so judged are counted in the ledger
    /// ([`Action::Unmatched`](crate::Action::Unmatched), with the group as its example). Keys are told apart by value:
    /// NaN is null, and −0 is 0.
    #[must_use]
    pub fn with_keys<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Finds quantiles by a sketch of at most 1 MiB for each column and group, so that memory does not depend on the
    /// number of rows: the order statistics they lie between are off by 0.2 % of their value at most
    /// ([`Fences::relative_error`]), so a fence of Tukey's by 0.2 % of *Q*₁ + *k* (*Q*₁ + *Q*₃) in absolute values. Means
    /// and standard deviations are exact and bounded as they are. A MAD is refused: an error in proportion to values says
    /// nothing about their deviations, which may be much smaller. Default: all values are kept.
    #[must_use]
    pub fn with_sketches(mut self) -> Self {
        self.sketches = true;
        self
    }

    fn check(&self) -> Result<()> {
        self.rule.check()?;
        match self.rule {
            Rule::Mad { .. } if self.sketches => {
                let message = "a sketch cannot bound the error of a median absolute deviation";
                Err(Error::parameter("sketches", message))
            }
            Rule::Fixed(_) if !self.keys.is_empty() => {
                let message = "fixed bounds are the same in every group";
                Err(Error::parameter("keys", message))
            }
            _ => Ok(()),
        }
    }

    /// The columns to look at, in the order of selection.
    fn columns(&self, schema: &Schema) -> Result<Vec<String>> {
        let mut columns = self.columns.resolve(schema)?;
        if self.columns == ColumnSelector::numeric() {
            columns.retain(|name| !self.keys.contains(name));
        }
        Ok(columns)
    }
}

impl Fit for Outliers {
    type Fitted = FittedOutliers;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<FittedOutliers> {
        let OutliersAccumulator { columns, action } = self.accumulator(batch.schema_ref())?;
        let fences = columns.learn(batch, context)?;
        Ok(FittedOutliers::new(fences, action))
    }

    fn learning(&self) -> Learning<'_> {
        Learning::Merge(self)
    }
}

impl FitMerge for Outliers {
    type Accumulator = OutliersAccumulator;

    fn accumulator(&self, schema: &Schema) -> Result<OutliersAccumulator> {
        self.check()?;
        let learner = |field: &Field| {
            check_numeric(field)?;
            if let Rule::Fixed(ends) = self.rule {
                let fences = Fences::new(ends.lower, ends.upper);
                Bounds::check(field.name(), &fences, &value_type(field.data_type()))?;
            }
            Ok(FenceLearner::new(self.rule, self.sketches))
        };
        let columns = PerColumn::new(schema, self.columns(schema)?, learner)?;
        let columns = columns.with_keys(schema, &self.keys)?;
        Ok(OutliersAccumulator {
            columns,
            action: self.action,
        })
    }
}

/// Gathers what [`Outliers`] learn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutliersAccumulator {
    columns: PerColumn<FenceLearner>,
    action: OnOutlier,
}

impl Accumulate for OutliersAccumulator {
    type Output = FittedOutliers;

    fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.columns.update(batch)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        if self.action != other.action {
            return Err(Error::parameter("other", "does something else to outliers"));
        }
        self.columns.merge(other.columns)
    }

    fn finish(self) -> Result<FittedOutliers> {
        Ok(FittedOutliers::new(self.columns.finish()?, self.action))
    }
}

fn check_numeric(field: &Field) -> Result<()> {
    let found = field.data_type();
    require(is_numeric(found), field.name(), found, "a number")
}

#[cfg(test)]
mod tests;
