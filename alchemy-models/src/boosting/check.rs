//! Derivatives that come from outside the crate.

use alchemy_core::{Error, Result};

use crate::tree::gradient::Pair;

/// Looks at the derivatives of rows from `first` on, before they are multiplied by weights, which would cut infinity off.
///
/// # Errors
///
/// [`Error::InvalidParameter`] naming the first row whose derivatives no tree can be grown from.
pub(super) fn check_derivatives(pairs: &[Pair], first: usize, round: u64) -> Result<()> {
    let is_sound = |pair: &Pair| pair.iter().all(|value| value.is_finite()) && pair[1] >= 0.0;
    let Some(row) = pairs.iter().position(|pair| !is_sound(pair)) else {
        return Ok(());
    };
    let [gradient, hessian] = pairs[row];
    let (which, value) = if gradient.is_finite() {
        ("second", hessian)
    } else {
        ("first", gradient)
    };
    let row = first + row;
    let message = format!("has a {which} derivative of {value} in round {round}, row {row}");
    Err(Error::parameter("objective", message))
}
