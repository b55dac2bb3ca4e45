//! Random pipelines on random tables: whatever comes, the answer is valid output or an error that says what to change.

mod case;
mod draw;
mod table;

use std::env;
use std::fmt;

use arrow::array::RecordBatch;
use rayon::prelude::*;

use super::check::{caught, typed};
use crate::random::Stream;
use crate::{Pipeline, Result, Steps};

pub use draw::Draw;
use table::Plan;

/// Cases of a run, unless it is told otherwise.
const CASES: u64 = 20_000;

/// The seed of a run, unless it is told otherwise.
const SEED: u64 = 42;

/// Appends a random step to a pipeline.
type Factory = Box<dyn Fn(&mut Draw<'_>, Pipeline) -> Pipeline + Send + Sync>;

/// A run of random pipelines on random tables.
///
/// Each case draws a table (every Arrow type with a meaning and some without, values at the edges of their types, nulls,
/// NaN, slices, the shapes of [`Shape`](super::Shape)) and a pipeline of up to six of the steps given, leaving out
/// those that the table cannot have. It fits the pipeline, transforms the table and another of the same types, pushes the rows through a session in random pieces, learns
/// from a stream of pieces, stores and loads. Nothing may panic, outputs are valid, an error names a column, a parameter
/// or a step, and the ways that must agree agree.
///
/// A case depends on the seed and its number alone. The environment can replace what the program says:
/// `ALCHEMY_FUZZ_CASES` the number of cases, `ALCHEMY_FUZZ_SEED` the seed, and `ALCHEMY_FUZZ_CASE` runs a single case.
/// For an example, see the [module](super).
pub struct Fuzz {
    steps: Steps,
    factories: Vec<Factory>,
    run: Run,
}

impl Fuzz {
    /// A run with pipelines that can be loaded from `steps`.
    #[must_use]
    pub fn new(steps: Steps) -> Self {
        Self {
            steps,
            factories: Vec::new(),
            run: Run::new(CASES),
        }
    }

    /// Adds a kind of step: `append` draws its parameters and appends it.
    #[must_use]
    pub fn with_step(
        mut self,
        append: impl Fn(&mut Draw<'_>, Pipeline) -> Pipeline + Send + Sync + 'static,
    ) -> Self {
        self.factories.push(Box::new(append));
        self
    }

    /// How many cases to run. Default: 20 000.
    #[must_use]
    pub fn with_cases(mut self, cases: u64) -> Self {
        self.run.cases = cases;
        self
    }

    /// Where the random numbers start. Default: 42.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.run.seed = seed;
        self
    }

    /// Runs the cases in parallel.
    ///
    /// # Errors
    ///
    /// The case of the lowest number that finds something.
    pub fn run(&self) -> Result<FuzzReport, Finding> {
        self.run.cases(|stream| self.case(stream))
    }

    /// Runs cases of a function of one table instead of a pipeline: for what is no step, such as a model. `cases` is the
    /// number of cases, unless the environment says otherwise.
    ///
    /// # Errors
    ///
    /// The case of the lowest number in which `body` panics, or gives an error that names neither column nor parameter.
    ///
    /// # Examples
    ///
    /// ```
    /// use alchemy_core::column::{NumericColumn, by_name};
    /// use alchemy_core::conformance::Fuzz;
    ///
    /// let report = Fuzz::on_tables(200, |draw, table| {
    ///     let name = draw.numeric_column();
    ///     let column = NumericColumn::new(&name, by_name(table, &name)?)?;
    ///     assert_eq!(column.view().len(), table.num_rows());
    ///     Ok(())
    /// })?;
    /// assert!(report.transformed > 50);
    /// # Ok::<(), alchemy_core::conformance::Finding>(())
    /// ```
    pub fn on_tables(
        cases: u64,
        body: impl Fn(&mut Draw<'_>, &RecordBatch) -> Result<()> + Sync,
    ) -> Result<FuzzReport, Finding> {
        Run::new(cases).cases(|stream| {
            let plan = Plan::draw(stream);
            let table = plan.shaped_table(stream)?;
            let mut report = FuzzReport::default();
            match body(&mut Draw::new(stream, table.schema_ref()), &table) {
                Ok(()) => {
                    report.fitted = 1;
                    report.transformed = 1;
                }
                Err(error) => {
                    typed(&error)
                        .map_err(|message| format!("{message}\non {}", columns(&table)))?;
                    report.refused = 1;
                }
            }
            Ok(report)
        })
    }
}

impl fmt::Debug for Fuzz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fuzz")
            .field("steps", &self.steps)
            .field("factories", &self.factories.len())
            .field("run", &self.run)
            .finish()
    }
}

/// What became of the cases of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FuzzReport {
    /// Cases that were run.
    pub cases: u64,
    /// Cases whose pipeline was fitted.
    pub fitted: u64,
    /// Cases whose table was transformed.
    pub transformed: u64,
    /// Cases whose rows went through a session and gave what the batch gave.
    pub pushed: u64,
    /// Cases that learned from a stream what the batch taught.
    pub streamed: u64,
    /// Steps, or tables, refused with an error that says what to change.
    pub refused: u64,
}

impl FuzzReport {
    fn plus(self, other: Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            fitted: self.fitted + other.fitted,
            transformed: self.transformed + other.transformed,
            pushed: self.pushed + other.pushed,
            streamed: self.streamed + other.streamed,
            refused: self.refused + other.refused,
        }
    }
}

/// A case that found something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The seed of the run.
    pub seed: u64,
    /// The number of the case.
    pub case: u64,
    /// How many cases of the run found something.
    pub failing: u64,
    /// What was seen.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "case {} of seed {} ({} in all): {}\nto run it alone: ALCHEMY_FUZZ_SEED={} ALCHEMY_FUZZ_CASE={}",
            self.case, self.seed, self.failing, self.message, self.seed, self.case
        )
    }
}

impl std::error::Error for Finding {}

/// How many cases, and which.
#[derive(Debug, Clone, Copy)]
struct Run {
    cases: u64,
    seed: u64,
}

impl Run {
    fn new(cases: u64) -> Self {
        Self { cases, seed: SEED }
    }

    fn cases(
        self,
        one: impl Fn(&mut Stream) -> Result<FuzzReport, String> + Sync,
    ) -> Result<FuzzReport, Finding> {
        let number = |name: &str| env::var(name).ok().and_then(|text| text.parse().ok());
        let seed = number("ALCHEMY_FUZZ_SEED").unwrap_or(self.seed);
        let cases = match number("ALCHEMY_FUZZ_CASE") {
            Some(case) => case..case + 1,
            None => 0..number("ALCHEMY_FUZZ_CASES").unwrap_or(self.cases),
        };
        let run = |case: u64| {
            let mut stream = Stream::new(seed, &[case]);
            match caught(|| one(&mut stream)) {
                Ok(report) => Ok(FuzzReport { cases: 1, ..report }),
                Err(message) => Err(Finding {
                    seed,
                    case,
                    failing: 1,
                    message,
                }),
            }
        };
        let nothing = || Ok(FuzzReport::default());
        cases.into_par_iter().map(run).reduce(nothing, both)
    }
}

fn both(
    left: Result<FuzzReport, Finding>,
    right: Result<FuzzReport, Finding>,
) -> Result<FuzzReport, Finding> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok(left.plus(right)),
        (Err(left), Err(right)) => {
            let failing = left.failing + right.failing;
            let first = if left.case <= right.case { left } else { right };
            Err(Finding { failing, ..first })
        }
        (Err(finding), Ok(_)) | (Ok(_), Err(finding)) => Err(finding),
    }
}

/// The columns of `table`, to be shown with a finding.
fn columns(table: &RecordBatch) -> String {
    let field = |field: &std::sync::Arc<arrow::datatypes::Field>| {
        format!("{:?}: {}", field.name(), field.data_type())
    };
    let fields: Vec<String> = table.schema_ref().fields().iter().map(field).collect();
    format!("{} rows of {}", table.num_rows(), fields.join(", "))
}
