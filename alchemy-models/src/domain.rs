//! Checks of parameters, each an [`Error::InvalidParameter`] that names the parameter.

use alchemy_core::{Error, Result};

pub(crate) fn at_least(parameter: &'static str, value: usize, least: usize) -> Result<()> {
    check(parameter, value >= least, || {
        format!("is {value}, below {least}")
    })
}

pub(crate) fn positive(parameter: &'static str, value: f64) -> Result<()> {
    check(parameter, value > 0.0 && value.is_finite(), || {
        format!("is {value}, not a number above 0")
    })
}

pub(crate) fn not_negative(parameter: &'static str, value: f64) -> Result<()> {
    check(parameter, value >= 0.0 && value.is_finite(), || {
        format!("is {value}, not a number from 0 up")
    })
}

/// A share of rows or columns.
pub(crate) fn share(parameter: &'static str, value: f64) -> Result<()> {
    check(parameter, value > 0.0 && value <= 1.0, || {
        format!("is {value}, not above 0 and up to 1")
    })
}

/// A bin is one byte, and one of its values stands for missing.
pub(crate) fn max_bins(value: usize) -> Result<()> {
    check("max_bins", (2..=255).contains(&value), || {
        format!("is {value}, not between 2 and 255")
    })
}

fn check(parameter: &'static str, holds: bool, message: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::parameter(parameter, message()))
    }
}
