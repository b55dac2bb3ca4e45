//! Subjects together, and whether they are all there are.

use std::fmt;
use std::thread;

use super::check::caught;
use super::held::Held;
use super::{Law, Violation};

/// A subject in a [`Suite`]: a [`Subject`](super::Subject) or a [`ModelSubject`](super::ModelSubject).
pub trait Case: fmt::Debug + Send + Sync {
    /// The registered name of the step or model.
    fn name(&self) -> &'static str;

    /// Holds it to the laws.
    ///
    /// # Errors
    ///
    /// The first law that does not hold.
    fn check_case(&self) -> Result<(), Violation>;
}

/// Every step or model of a crate, held to every law.
///
/// A suite knows the names that a crate registers, and fails if one of them has no subject: what is added to the
/// registry cannot be forgotten in the tests.
///
/// # Examples
///
/// ```
/// use alchemy_core::Steps;
/// use alchemy_core::conformance::Suite;
///
/// // In a crate's tests: Suite::of(my_crate::steps().names()).with(Subject::new(MyStep::new(), sample()))
/// let suite = Suite::of(Steps::new().names());
/// suite.check()?;
/// assert!(Suite::of(["my-crate/forgotten"]).check().is_err());
/// # Ok::<(), alchemy_core::conformance::Violation>(())
/// ```
#[derive(Debug, Default)]
pub struct Suite {
    names: Vec<&'static str>,
    cases: Vec<Box<dyn Case>>,
}

impl Suite {
    /// A suite that must cover `names`.
    #[must_use]
    pub fn of(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            names: names.into_iter().collect(),
            cases: Vec::new(),
        }
    }

    /// Adds a subject.
    #[must_use]
    pub fn with(mut self, case: impl Case + 'static) -> Self {
        self.cases.push(Box::new(case));
        self
    }

    /// Holds every subject to the laws, in parallel.
    ///
    /// # Errors
    ///
    /// The first registered name without a subject, or the first subject that is not registered; else the first law
    /// that does not hold, in the order of the subjects.
    pub fn check(&self) -> Result<(), Violation> {
        let missing = |name: &&&str| !self.cases.iter().any(|case| case.name() == **name);
        if let Some(name) = self.names.iter().find(missing) {
            return Err(uncovered(name, "is registered, but not in the suite"));
        }
        let mut names = self.cases.iter().map(|case| case.name());
        if let Some(name) = names.find(|name| !self.names.contains(name)) {
            return Err(uncovered(name, "is in the suite, but not registered"));
        }
        // Threads of their own, not of rayon's pool: a law waits for threads that use that pool.
        let outcomes: Vec<Result<(), Violation>> = thread::scope(|scope| {
            let mut threads = Vec::new();
            for case in &self.cases {
                threads.push((case.name(), scope.spawn(|| case.check_case())));
            }
            let join = |(name, thread): (&str, thread::ScopedJoinHandle<'_, _>)| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(uncovered(name, "panics")))
            };
            threads.into_iter().map(join).collect()
        });
        outcomes.into_iter().collect()
    }
}

fn uncovered(name: &str, message: &str) -> Violation {
    Violation {
        of: name.to_owned(),
        law: None,
        message: message.to_owned(),
    }
}

/// Holds `subject` to `laws` but those excepted.
pub(super) fn check<H: Held>(
    subject: &H,
    name: &str,
    laws: &[Law],
    excepted: &[Law],
) -> Result<(), Violation> {
    for law in laws.iter().filter(|law| !excepted.contains(law)) {
        caught(|| subject.check_law(*law)).map_err(|message| Violation {
            of: name.to_owned(),
            law: Some(*law),
            message,
        })?;
    }
    Ok(())
}
