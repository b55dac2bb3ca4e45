//! The tasks `ks` and `psi`: which columns have drifted.

use std::collections::{BTreeMap, BTreeSet};

use alchemy_core::ParquetReader;
use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_drift::{Closed, KsTest, Psi};
use rayon::prelude::*;
use serde::Serialize;

use crate::Result;
use crate::harness::{Context, Job};

/// The two tables of a task, and what is known of them.
struct Tables {
    reference: RecordBatch,
    current: RecordBatch,
    /// Names of columns that have drifted, of these tables or not.
    drifted: BTreeSet<String>,
}

impl Tables {
    fn load(context: &mut Context, reader: &ParquetReader) -> Result<Self> {
        let drifted = context.truth()?["drift"]
            .as_object()
            .map(|drift| drift.keys().cloned().collect());
        Ok(Self {
            reference: context.table("drift_ref", reader)?,
            current: context.table("drift_cur", reader)?,
            drifted: drifted.ok_or("truth.json has no object `drift`")?,
        })
    }

    /// Runs `test` on each column of the two tables, in parallel.
    fn compare<T: Send>(
        &self,
        test: impl Fn(&str, &ArrayRef, &ArrayRef) -> alchemy_drift::Result<Option<T>> + Sync,
    ) -> Result<Vec<(String, T)>> {
        let schema = self.reference.schema();
        let columns = schema
            .fields()
            .par_iter()
            .zip(self.reference.columns())
            .zip(self.current.columns());
        columns
            .map(|((field, reference), current)| {
                let tested = test(field.name(), reference, current)?;
                let tested = tested.ok_or_else(|| format!("column {} is empty", field.name()))?;
                Ok((field.name().clone(), tested))
            })
            .collect()
    }

    /// How well the largest of `statistics` match the columns known to have drifted.
    fn judge(&self, prefix: &str, statistics: impl IntoIterator<Item = (String, f64)>) -> Judged {
        let mut statistics: Vec<(String, f64)> = statistics.into_iter().collect();
        statistics.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let known: Vec<bool> = statistics
            .iter()
            .map(|(name, _)| self.drifted.contains(name))
            .collect();
        let drifted = known.iter().filter(|known| **known).count();
        let first = |wanted: bool| known.iter().position(|known| *known == wanted);
        let last = |wanted: bool| known.iter().rposition(|known| *known == wanted);
        let value = |place: Option<usize>| place.map(|place| statistics[place].1);
        Judged {
            columns: statistics.len(),
            drifted,
            found_on_top: known.iter().take(drifted).filter(|known| **known).count(),
            largest_undrifted: value(first(false)),
            smallest_drifted: value(last(true)),
            statistics: statistics
                .into_iter()
                .map(|(name, value)| (format!("{prefix}_{name}"), value))
                .collect(),
        }
    }
}

/// What is reported of a statistic.
#[derive(Serialize)]
pub(crate) struct Judged {
    columns: usize,
    drifted: usize,
    found_on_top: usize,
    largest_undrifted: Option<f64>,
    smallest_drifted: Option<f64>,
    #[serde(flatten)]
    statistics: BTreeMap<String, f64>,
}

/// The two-sample Kolmogorov–Smirnov test of each numeric column.
pub(crate) struct Ks(Tables);

impl Ks {
    pub(crate) fn load(context: &mut Context) -> Result<Self> {
        let numeric = (0..20).map(|index| format!("n{index:02}"));
        Ok(Self(Tables::load(
            context,
            &ParquetReader::new().with_columns(numeric),
        )?))
    }
}

impl Job for Ks {
    type Output = Vec<(String, KsTest)>;
    type Figures = KsFigures;

    fn run(&self) -> Result<Self::Output> {
        self.0.compare(KsTest::of_columns)
    }

    fn check(&self, tests: &Self::Output) -> Result<KsFigures> {
        let statistics = tests
            .iter()
            .map(|(name, test)| (name.clone(), test.statistic));
        Ok(KsFigures {
            judged: self.0.judge("d", statistics),
            rejected: tests
                .iter()
                .filter(|(_, test)| test.p_value < 0.001)
                .count(),
        })
    }
}

/// What is reported of the tests.
#[derive(Serialize)]
pub(crate) struct KsFigures {
    #[serde(flatten)]
    judged: Judged,
    #[serde(rename = "rejected_at_0.001")]
    rejected: usize,
}

/// The population stability index of each column.
pub(crate) struct PsiOfColumns(Tables);

impl PsiOfColumns {
    pub(crate) fn load(context: &mut Context) -> Result<Self> {
        Ok(Self(Tables::load(context, &ParquetReader::new())?))
    }
}

impl Job for PsiOfColumns {
    type Output = Vec<(String, f64)>;
    type Figures = Judged;

    fn run(&self) -> Result<Self::Output> {
        let psi = Psi::new()
            .with_num_bins(10)
            .with_closed(Closed::Left)
            .with_floor(1e-6);
        self.0
            .compare(|name, reference, current| psi.of_columns(name, reference, current))
    }

    fn check(&self, indices: &Self::Output) -> Result<Judged> {
        Ok(self.0.judge("psi", indices.iter().cloned()))
    }
}
