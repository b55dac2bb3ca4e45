//! The rows that a rolling statistic looks at.

use serde::{Deserialize, Serialize};

use super::statistic::{Statistic, Summary};
use crate::history::History;

/// Which rows a window holds, seen from the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Span {
    /// How many rows.
    pub(super) length: usize,
    /// How many rows back the youngest lies.
    pub(super) ending: usize,
}

/// The window of one key, as it slides.
///
/// Its stored form is the rows alone: the summaries depend on nothing else, and are built again when the next row comes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "History", into = "History")]
#[expect(
    unnameable_types,
    reason = "it is `Rolling::State`, which callers never name"
)]
pub struct Window {
    /// The rows of the window, then those that have yet to enter it.
    history: History,
    contents: Option<Contents>,
}

/// The values in a window, missing ones left out.
#[derive(Debug, Clone)]
struct Contents {
    count: usize,
    summaries: Vec<Summary>,
}

impl Window {
    /// Slides on by one row, of value `value`.
    pub(super) fn slide(&mut self, span: Span, statistics: &[Statistic], value: f64) {
        let Self { history, contents } = self;
        let contents = contents
            .get_or_insert_with(|| Contents::of(statistics, history.without_latest(span.ending)));
        history.push(value);
        contents.insert(history.before_latest(span.ending));
        while history.len() > span.ending.saturating_add(span.length) {
            contents.remove(history.pop());
        }
    }

    /// How many values are in the window.
    pub(super) fn count(&self) -> usize {
        self.contents.as_ref().map_or(0, |contents| contents.count)
    }

    /// The statistics of the values in the window, in the order asked for.
    pub(super) fn statistics(&self) -> impl Iterator<Item = f64> + '_ {
        let contents = self.contents.iter();
        contents.flat_map(|contents| contents.summaries.iter().map(Summary::value))
    }
}

impl Contents {
    fn of(statistics: &[Statistic], values: impl Iterator<Item = f64>) -> Self {
        let summaries = statistics.iter().copied().map(Summary::of_nothing);
        let mut contents = Self {
            count: 0,
            summaries: summaries.collect(),
        };
        values.for_each(|value| contents.insert(value));
        contents
    }

    fn insert(&mut self, value: f64) {
        if !value.is_nan() {
            self.count += 1;
            self.summaries
                .iter_mut()
                .for_each(|summary| summary.insert(value));
        }
    }

    fn remove(&mut self, value: f64) {
        if !value.is_nan() {
            self.count -= 1;
            self.summaries
                .iter_mut()
                .for_each(|summary| summary.remove(value));
        }
    }
}

impl From<History> for Window {
    fn from(history: History) -> Self {
        Self {
            history,
            contents: None,
        }
    }
}

impl From<Window> for History {
    fn from(window: Window) -> Self {
        window.history
    }
}
