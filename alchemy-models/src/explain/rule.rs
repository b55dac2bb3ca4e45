//! What the rule of a node says of the values of its feature.

use std::fmt;

use alchemy_core::arrow::array::{AsArray, TimestampMicrosecondArray};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::DataType;

use crate::binning::{FeatureBins, MISSING};
use crate::tree::node::Rule;

/// A rule in terms of values: which of them go left.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test<'a> {
    pub(super) feature: &'a str,
    pub(super) left: Limit<'a>,
    pub(super) missing_left: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Limit<'a> {
    /// Numbers up to this.
    Number(f64),
    /// Times up to this, in microseconds since 1970.
    Time(f64),
    /// Texts of the training data up to this, in their order.
    Text(&'a str),
    /// Just these.
    Among(Vec<String>),
    /// Only what is missing.
    Nothing,
}

impl<'a> Test<'a> {
    /// Of a `rule` on one of these columns.
    pub(super) fn new(columns: &[(&'a str, &'a FeatureBins)], rule: &Rule) -> Self {
        let (feature, bins) = columns[usize::from(rule.column())];
        let goes_right = |bin: u8| match rule {
            Rule::Cut(cut) => cut.goes_right(bin),
            Rule::Set(set) => set.right.contains(bin),
        };
        let left = match rule {
            Rule::Cut(cut) if !bins.is_categorical() => limit(bins, cut.bin),
            _ => Limit::Among(bins.levels_of(|bin| !goes_right(bin))),
        };
        Self {
            feature,
            left,
            missing_left: !goes_right(MISSING),
        }
    }
}

/// The values of the bins from the first up to `last`.
fn limit(bins: &FeatureBins, last: u8) -> Limit<'_> {
    let Some(edge) = bins.upper_edge(last) else {
        return Limit::Nothing;
    };
    if bins.is_time() {
        Limit::Time(edge)
    } else if let Some(text) = bins.last_level(edge) {
        Limit::Text(text)
    } else {
        Limit::Number(edge)
    }
}

impl fmt::Display for Test<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let feature = self.feature;
        match &self.left {
            Limit::Nothing => return write!(f, "{feature} is missing"),
            Limit::Number(limit) => write!(f, "{feature} <= {limit}")?,
            Limit::Time(limit) => write!(f, "{feature} <= {}", time(*limit))?,
            Limit::Text(limit) => write!(f, "{feature} <= {limit:?}")?,
            Limit::Among(levels) => write!(f, "{feature} in {levels:?}")?,
        }
        if self.missing_left {
            write!(f, " or missing")?;
        }
        Ok(())
    }
}

/// A time as it is read, or as a number of microseconds where it is none.
fn time(micros: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is out of range becomes the nearest time, which does not print"
    )]
    let array = TimestampMicrosecondArray::from(vec![micros as i64]);
    let text = cast(&array, &DataType::Utf8).ok();
    text.and_then(|text| {
        text.as_string_opt::<i32>()
            .map(|text| text.value(0).to_owned())
    })
    .filter(|text| !text.is_empty())
    .unwrap_or_else(|| micros.to_string())
}
