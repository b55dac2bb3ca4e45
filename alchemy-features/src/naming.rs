//! The names of derived columns.

use std::fmt::Display;

pub(crate) fn lag(column: &str, lag: usize) -> String {
    format!("{column}_lag_{lag}")
}

/// `ending` is named only where the window does not end one row back, as windows do.
pub(crate) fn rolling(
    column: &str,
    statistic: impl Display,
    window: usize,
    ending: usize,
) -> String {
    let name = format!("{column}_rolling_{statistic}_{window}");
    if ending == 1 {
        name
    } else {
        format!("{name}_ending_{ending}")
    }
}

pub(crate) fn difference(column: &str, other: &str) -> String {
    format!("{column}_minus_{other}")
}

pub(crate) fn part(column: &str, part: impl Display) -> String {
    format!("{column}_{part}")
}

/// Not `{column}_{level}`: with an equals sign, two columns share a name only if one holds that sign itself.
pub(crate) fn level(column: &str, level: &str) -> String {
    format!("{column}={level}")
}

pub(crate) fn missing(column: &str) -> String {
    format!("{column}_missing")
}
