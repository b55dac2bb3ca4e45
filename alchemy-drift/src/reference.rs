//! What is kept of a column.

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, ArrayRef};
use alchemy_core::column::NumericColumn;
use serde::{Deserialize, Serialize};

use crate::bins::Bins;
use crate::chi_square::{ChiSquareTest, total_variation};
use crate::counts::total;
use crate::distribution::Distribution;
use crate::ks::KsTest;
use crate::levels::Levels;
use crate::psi::Psi;
use crate::report::{ColumnDrift, ColumnKind, Evidence};

/// One column of the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ColumnReference {
    column: String,
    missing: usize,
    sample: Sample,
}

/// The values of a column, as far as a comparison needs them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sample {
    Numbers {
        distribution: Distribution,
        bins: Bins,
    },
    Levels(Levels),
    Codes(Levels),
}

impl ColumnReference {
    pub(crate) fn new(column: &str, rows: usize, sample: Sample) -> Self {
        Self {
            column: column.to_owned(),
            missing: rows - sample.total(),
            sample,
        }
    }

    pub(crate) fn column(&self) -> &str {
        &self.column
    }

    pub(crate) fn rows(&self) -> usize {
        self.missing + self.sample.total()
    }

    /// Whether the counts, which may come from a file, are those of a table.
    pub(crate) fn is_sound(&self) -> bool {
        total(&[self.missing, self.sample.total()]).is_some()
    }

    /// What `array` says for and against drift; no test is adjusted yet.
    pub(crate) fn compare(&self, array: &ArrayRef, psi: &Psi) -> Result<ColumnDrift> {
        let (values, psi, present) = match &self.sample {
            Sample::Numbers { distribution, bins } => {
                let numbers = NumericColumn::ordered(&self.column, array)?.view().valid();
                let psi = psi.of_counts(&bins.pair(&numbers))?;
                let current = Distribution::of(numbers);
                let test = KsTest::of(distribution, &current);
                let evidence =
                    test.map(|test| Evidence::new(test.statistic, test.statistic, test.p_value));
                (evidence, psi, current.total())
            }
            Sample::Levels(levels) => against(levels, &Levels::of(&self.column, array)?, psi)?,
            Sample::Codes(levels) => against(levels, &Levels::of_codes(&self.column, array)?, psi)?,
        };
        let missing = [
            (self.missing, array.len() - present),
            (self.sample.total(), present),
        ];
        Ok(ColumnDrift {
            column: self.column.clone(),
            kind: self.sample.kind(),
            values,
            psi,
            missing: chi_square(&missing),
            reference_missing: self.missing as f64 / self.rows() as f64,
            current_missing: (array.len() - present) as f64 / array.len() as f64,
        })
    }
}

impl Sample {
    pub(crate) fn numbers(name: &str, array: &ArrayRef, psi: &Psi) -> Result<Self> {
        let mut numbers = NumericColumn::ordered(name, array)?.view().valid();
        let bins = psi.bins(&mut numbers);
        Ok(Self::Numbers {
            distribution: Distribution::of(numbers),
            bins,
        })
    }

    pub(crate) fn levels(name: &str, array: &ArrayRef) -> Result<Self> {
        Ok(Self::Levels(Levels::of(name, array)?))
    }

    pub(crate) fn codes(name: &str, array: &ArrayRef) -> Result<Self> {
        Ok(Self::Codes(Levels::of_codes(name, array)?))
    }

    pub(crate) fn thinned(self, size: usize) -> Self {
        match self {
            Self::Numbers { distribution, bins } => Self::Numbers {
                distribution: distribution.thinned(size),
                bins,
            },
            Self::Levels(levels) => Self::Levels(levels.thinned(size)),
            Self::Codes(levels) => Self::Codes(levels.thinned(size)),
        }
    }

    /// How many levels are told apart; none of numbers.
    pub(crate) fn num_levels(&self) -> usize {
        match self {
            Self::Numbers { .. } => 0,
            Self::Levels(levels) | Self::Codes(levels) => levels.num_levels(),
        }
    }

    fn total(&self) -> usize {
        match self {
            Self::Numbers { distribution, .. } => distribution.total(),
            Self::Levels(levels) | Self::Codes(levels) => levels.total(),
        }
    }

    fn kind(&self) -> ColumnKind {
        match self {
            Self::Numbers { .. } => ColumnKind::Numeric,
            Self::Levels(_) | Self::Codes(_) => ColumnKind::Categorical,
        }
    }
}

/// Test, index and number of values of a column of categories.
fn against(
    reference: &Levels,
    current: &Levels,
    psi: &Psi,
) -> Result<(Option<Evidence>, Option<f64>, usize)> {
    let levels = reference.pair(current);
    Ok((
        chi_square(&levels),
        psi.of_counts(&levels)?,
        current.total(),
    ))
}

fn chi_square(levels: &[(usize, usize)]) -> Option<Evidence> {
    let test = ChiSquareTest::homogeneity(levels)?;
    Some(Evidence::new(
        test.statistic,
        total_variation(levels)?,
        test.p_value,
    ))
}
