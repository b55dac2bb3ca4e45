//! Derivatives that come from outside the crate.

use alchemy_core::{Error, Result};
use rayon::prelude::*;

use crate::tree::gradient::{BLOCK, Pair};

/// # Errors
///
/// [`Error::InvalidParameter`] naming the first row whose derivatives no tree can be grown from.
pub(super) fn check_derivatives(pairs: &[Pair], round: u64) -> Result<()> {
    let is_sound = |pair: &Pair| pair.iter().all(|value| value.is_finite()) && pair[1] >= 0.0;
    let faults = pairs.par_chunks(BLOCK).enumerate().map(|(block, pairs)| {
        let row = pairs.iter().position(|pair| !is_sound(pair))?;
        Some((block * BLOCK + row, pairs[row]))
    });
    let Some((row, [gradient, hessian])) = faults.find_map_first(|fault| fault) else {
        return Ok(());
    };
    let message = if gradient.is_finite() {
        format!("has a second derivative of {hessian} in round {round}, row {row}")
    } else {
        format!("has a first derivative of {gradient} in round {round}, row {row}")
    };
    Err(Error::parameter("objective", message))
}
