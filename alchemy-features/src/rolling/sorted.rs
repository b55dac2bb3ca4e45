//! A sliding window in order.

use alchemy_core::stats::{Quantile, quantile};

/// Values in a run: moving half of them costs no more than finding the run.
const LONGEST_RUN: usize = 512;

/// The values of a window in ascending order, cut into runs, so that a value enters and leaves by moving a part of one
/// run only.
#[derive(Debug, Clone, Default)]
pub(super) struct Sorted {
    /// None is empty.
    runs: Vec<Vec<f64>>,
    len: usize,
}

impl Sorted {
    pub(super) fn insert(&mut self, value: f64) {
        self.len += 1;
        let index = self.run_of(value).min(self.runs.len().saturating_sub(1));
        let Some(run) = self.runs.get_mut(index) else {
            self.runs.push(vec![value]);
            return;
        };
        run.insert(place(run, value), value);
        if run.len() > LONGEST_RUN {
            let upper = run.split_off(LONGEST_RUN / 2);
            self.runs.insert(index + 1, upper);
        }
    }

    pub(super) fn remove(&mut self, value: f64) {
        let index = self.run_of(value);
        let Some(run) = self.runs.get_mut(index) else {
            return;
        };
        self.len -= 1;
        run.remove(place(run, value));
        if run.is_empty() {
            self.runs.remove(index);
        }
    }

    /// The quantile by linear interpolation (type 7), NaN of nothing.
    pub(super) fn quantile(&self, q: Quantile) -> f64 {
        let last = self.len.saturating_sub(1);
        let place = last as f64 * q.get();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to `last`"
        )]
        let below = place as usize;
        let mut neighbours = [self.nth(below), self.nth(last.min(below + 1))];
        // Between two values a quantile is the interpolation itself.
        let between = Quantile::new(place - below as f64);
        between
            .ok()
            .and_then(|q| quantile(&mut neighbours, q))
            .unwrap_or(f64::NAN)
    }

    /// The first run that reaches up to `value`.
    fn run_of(&self, value: f64) -> usize {
        let below = |run: &Vec<f64>| {
            run.last()
                .is_some_and(|last| last.total_cmp(&value).is_lt())
        };
        self.runs.partition_point(below)
    }

    fn nth(&self, mut rank: usize) -> f64 {
        for run in &self.runs {
            match run.get(rank) {
                Some(value) => return *value,
                None => rank -= run.len(),
            }
        }
        f64::NAN
    }
}

/// Where in a sorted run `value` is, or belongs.
fn place(run: &[f64], value: f64) -> usize {
    run.partition_point(|other| other.total_cmp(&value).is_lt())
}
