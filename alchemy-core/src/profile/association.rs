//! How much each feature alone tells of the target.

use std::fmt;

use arrow::array::{ArrayRef, RecordBatch};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::finding::{Finding, FindingKind};
use super::levels::Levels;
use crate::column::{NumericColumn, by_name, is_boolean, is_numeric, is_temporal, is_text};
use crate::parallel::try_collect;
use crate::stats::{ByGroup, Contingency, Moments, pearson, ranks};
use crate::{Error, Result, Role, shorten};

/// The share of the target explained, or the area under the curve, from which a single feature
/// predicts too well to be true. H2O Driverless AI reports features by both (AUC or R² of a model of
/// that feature); `EvalML`'s check for target leakage has the same threshold.
const LEAK: f64 = 0.95;

/// A numeric target with at most as many different values is taken for classes.
const MOST_CLASSES: usize = 9;

/// How much each feature alone tells of the target, the most telling first.
///
/// Made by [`target_association`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetAssociations {
    /// The target.
    pub target: String,
    /// The features for which a measure is defined, by falling strength, then in the order of the
    /// table: not those of one value, and none of a nested type.
    pub features: Vec<Association>,
}

/// How much one feature tells of the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Association {
    /// The feature.
    pub column: String,
    /// How it was measured.
    pub measure: Measure,
    /// The measure: from 0 to 1, Pearson's coefficient from −1.
    pub value: f64,
    /// The area under the ROC curve of a numeric feature that tells two classes apart, whichever way: from ½
    /// to 1. It also sees what a mean does not.
    pub auc: Option<f64>,
    /// Rows with a value on both sides, which alone count.
    pub rows: u64,
}

/// A measure of association; its square is a share of variance explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Pearson's correlation coefficient of two numbers.
    Pearson,
    /// The correlation ratio of a number and classes, corrected for what chance adds: ε² = 1 −
    /// (1 − η²)(n − 1)/(n − k) with k classes (Kelley, 1935).
    CorrelationRatio,
    /// Cramér's V of two kinds of classes, corrected for what chance adds (Bergsma, 2013).
    CramersV,
}

/// How much each feature of `batch` alone tells of the target, ranked.
///
/// Numbers, dates and timestamps are numbers; text and Booleans are classes. A numeric target of at most
/// nine different values is taken for classes. Columns whose [`Role`] is not that of a feature are left
/// out. A pair with a missing value is left out.
///
/// All measures are roots of a share of variance explained, so they compare; those of classes are
/// corrected, so that identifiers have none. They are those of straight lines and means: a relation that
/// rises and falls may hide.
///
/// Takes time in proportion to rows times columns, in parallel over columns, and 12 bytes for each row
/// and column at hand.
///
/// # Errors
///
/// - [`Error::ColumnNotFound`] if there is no such target.
/// - [`Error::ColumnType`] for a target of a nested type.
/// - [`Error::AllNull`] for a target without values.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_core::Result<()> {
/// use alchemy_core::{CsvReader, target_association};
///
/// let text = "plan,calls,churn\na,9,yes\nb,1,no\na,8,yes\nb,2,no\nb,3,yes\nb,1,no\n";
/// let batch = CsvReader::new().read_from(text.as_bytes())?;
/// let found = target_association(&batch, "churn")?;
/// assert_eq!(found.top(1)[0].column, "calls");
/// # Ok(())
/// # }
/// ```
///
/// # References
///
/// - T. L. Kelley, "An unbiased correlation ratio measure", 1935,
///   <https://doi.org/10.1073/pnas.21.9.554>.
/// - W. Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", 2013,
///   <https://doi.org/10.1016/j.jkss.2012.10.002>.
pub fn target_association(batch: &RecordBatch, target: &str) -> Result<TargetAssociations> {
    let array = by_name(batch, target)?;
    let Some(target_side) = Side::target(target, array)? else {
        return Err(Error::ColumnType {
            column: target.to_owned(),
            found: array.data_type().clone(),
            expected: "a number, text, a Boolean, a date or a timestamp".to_owned(),
        });
    };
    if target_side.is_all_missing() {
        return Err(Error::AllNull {
            column: target.to_owned(),
        });
    }
    let fields = batch.schema_ref().fields();
    let features: Vec<(&str, &ArrayRef)> = fields
        .iter()
        .zip(batch.columns())
        .filter(|(field, _)| Role::of(field) == Role::Feature && field.name() != target)
        .map(|(field, array)| (field.name().as_str(), array))
        .collect();
    let found = features.into_par_iter().map(|(name, array)| {
        let side = Side::feature(name, array)?;
        Ok(side.and_then(|side| side.association(name, &target_side)))
    });
    let mut features: Vec<Association> = try_collect(found)?.into_iter().flatten().collect();
    features.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
    Ok(TargetAssociations {
        target: target.to_owned(),
        features,
    })
}

impl TargetAssociations {
    /// The `k` features that tell most.
    #[must_use]
    pub fn top(&self, k: usize) -> &[Association] {
        &self.features[..k.min(self.features.len())]
    }

    /// The features that predict the target too well to be true: they explain 95 % of it, or tell its
    /// two classes apart with an area under the curve of 0.95. Most often they were known only after the
    /// target was.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let leaks = self.features.iter().filter(|found| found.is_leak());
        leaks
            .map(|found| {
                let kind = FindingKind::LikelyLeakage {
                    target: self.target.clone(),
                    explained: found.value * found.value,
                    auc: found.auc,
                };
                kind.about(Some(&found.column))
            })
            .collect()
    }
}

impl Association {
    fn is_leak(&self) -> bool {
        self.value * self.value >= LEAK || self.auc.is_some_and(|auc| auc >= LEAK)
    }
}

impl fmt::Display for TargetAssociations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self
            .features
            .iter()
            .map(|found| shorten(&found.column))
            .collect();
        let width = names.iter().map(|name| name.chars().count()).max();
        let width = width.unwrap_or(0);
        for (name, found) in names.iter().zip(&self.features) {
            write!(f, "{name:width$}  {:+.3}  {}", found.value, found.measure)?;
            if let Some(auc) = found.auc {
                write!(f, ", AUC {auc:.3}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pearson => "correlation",
            Self::CorrelationRatio => "correlation ratio",
            Self::CramersV => "Cramér's V",
        })
    }
}

/// One side of an association.
enum Side {
    /// A number for each row, NaN where it is missing.
    Numbers(Vec<f64>),
    Classes(Levels),
}

impl Side {
    fn target(name: &str, array: &ArrayRef) -> Result<Option<Self>> {
        let side = Self::feature(name, array)?;
        let Some(Self::Numbers(numbers)) = &side else {
            return Ok(side);
        };
        let mut seen: Vec<f64> = Vec::new();
        for number in numbers.iter().filter(|number| !number.is_nan()) {
            if !seen.contains(number) {
                seen.push(*number);
            }
            if seen.len() > MOST_CLASSES {
                return Ok(side);
            }
        }
        Ok(Some(Self::Classes(Levels::of(name, array)?)))
    }

    /// `None` for a nested type.
    fn feature(name: &str, array: &ArrayRef) -> Result<Option<Self>> {
        let data_type = array.data_type();
        Ok(if is_numeric(data_type) || is_temporal(data_type) {
            let column = NumericColumn::ordered(name, array)?;
            Some(Self::Numbers(column.view().to_vec()))
        } else if is_text(data_type) || is_boolean(data_type) {
            Some(Self::Classes(Levels::of(name, array)?))
        } else {
            None
        })
    }

    fn is_all_missing(&self) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.iter().all(|number| number.is_nan()),
            Self::Classes(levels) => levels.iter().all(|level| level.is_none()),
        }
    }

    /// `None` where it is undefined.
    fn association(&self, column: &str, target: &Self) -> Option<Association> {
        let (measure, value, rows, auc) = match (self, target) {
            (Self::Numbers(feature), Self::Numbers(target)) => {
                let pairs = feature.iter().zip(target);
                let rows = pairs.filter(|(x, y)| !x.is_nan() && !y.is_nan()).count();
                (Measure::Pearson, pearson(feature, target), rows, None)
            }
            (Self::Classes(feature), Self::Classes(target)) => {
                let (value, rows) = cramers_v(feature, target);
                (Measure::CramersV, value, rows, None)
            }
            (Self::Numbers(feature), Self::Classes(target)) => {
                let (value, rows) = correlation_ratio(feature, target);
                let auc = area_under_curve(feature, target);
                (Measure::CorrelationRatio, value, rows, auc)
            }
            (Self::Classes(feature), Self::Numbers(target)) => {
                let (value, rows) = correlation_ratio(target, feature);
                (Measure::CorrelationRatio, value, rows, None)
            }
        };
        Some(Association {
            column: column.to_owned(),
            measure,
            value: value.filter(|value| value.is_finite())?,
            auc,
            rows: rows as u64,
        })
    }
}

fn cramers_v(feature: &Levels, target: &Levels) -> (Option<f64>, usize) {
    let pairs = feature.iter().zip(target.iter());
    let table: Contingency = pairs
        .filter_map(|(feature, target)| Some((feature?, target?)))
        .collect();
    let rows = usize::try_from(table.total()).unwrap_or(usize::MAX);
    (table.cramers_v_corrected(), rows)
}

fn correlation_ratio(numbers: &[f64], classes: &Levels) -> (Option<f64>, usize) {
    let mut groups = ByGroup::<Moments>::new();
    let mut rows = 0;
    for (number, class) in numbers.iter().zip(classes.iter()) {
        if let Some(class) = class.filter(|_| !number.is_nan()) {
            groups.of(class).add(*number);
            rows += 1;
        }
    }
    let k = groups.num_groups();
    let corrected = groups.correlation_ratio().filter(|_| rows > k).map(|eta| {
        let unexplained = (1.0 - eta * eta) * (rows - 1) as f64 / (rows - k) as f64;
        (1.0 - unexplained).max(0.0).sqrt()
    });
    (corrected, rows)
}

/// The area under the curve by ranks (Mann–Whitney), or one less it if that is more; `None` unless there
/// are two classes.
fn area_under_curve(numbers: &[f64], classes: &Levels) -> Option<f64> {
    let pairs = numbers.iter().zip(classes.iter());
    let (numbers, classes): (Vec<f64>, Vec<&str>) = pairs
        .filter(|(number, _)| !number.is_nan())
        .filter_map(|(number, class)| Some((*number, class?)))
        .unzip();
    let first = *classes.first()?;
    let second = *classes.iter().find(|class| **class != first)?;
    if classes
        .iter()
        .any(|class| *class != first && *class != second)
    {
        return None;
    }
    let ranks = ranks(&numbers);
    let of_first = ranks.iter().zip(&classes);
    // Multiples of ½, which add up exactly.
    let (mut sum, mut n) = (0.0, 0.0);
    for (rank, _) in of_first.filter(|(_, class)| **class == first) {
        sum += rank;
        n += 1.0;
    }
    let others = numbers.len() as f64 - n;
    let area = (sum - n * (n + 1.0) / 2.0) / (n * others);
    Some(area.max(1.0 - area))
}

#[cfg(test)]
mod tests;
