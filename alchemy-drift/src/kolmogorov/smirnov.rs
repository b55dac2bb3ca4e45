//! The one-sided statistic, of which the two-sided tail is twice.
//!
//! - Z. W. Birnbaum and F. H. Tingey, "One-Sided Confidence Contours for Probability Distribution Functions", *The
//!   Annals of Mathematical Statistics* 22(4), 1951.
//! - C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000.

use std::f64::consts::TAU;

use statrs::function::gamma::ln_gamma;

/// At most this many terms are summed.
const NODES: f64 = 1024.0;

/// The chance that the empirical distribution function of `n` draws somewhere exceeds the true one by `d` or more, for
/// `0 < d < 1`.
///
/// The sum over j of d / p · C(n, j) p^j (1 - p)^(n - j) with p = d + j / n, where every term is positive and is a
/// binomial probability in Loader's form, so nothing cancels. As a function of j the terms rise and fall smoothly,
/// all derivatives zero at both ends, so every (n / 1024)-th of them, times n / 1024, has the same sum to 13 digits
/// (the trapezoidal rule): the time does not grow with `n`.
pub(super) fn survival(n: f64, d: f64) -> f64 {
    let stride = (n / NODES).max(1.0);
    let expected = n * d;
    let mut sum = 0.0;
    let mut j = stride;
    while j < n - expected {
        sum += binomial(n, j, expected) / (d + j / n);
        j += stride;
    }
    let first = if stride > 1.0 {
        0.0
    } else {
        (n * (-d).ln_1p()).exp()
    };
    first + d * stride * sum
}

/// C(n, j) p^j (1 - p)^(n - j) with n p = j + excess.
fn binomial(n: f64, j: f64, excess: f64) -> f64 {
    let rest = n - j;
    let log = stirling_error(n)
        - stirling_error(j)
        - stirling_error(rest)
        - deviance(j, j + excess)
        - deviance(rest, rest - excess);
    log.exp() * (n / (TAU * j * rest)).sqrt()
}

/// x ln(x / mean) + mean - x.
fn deviance(x: f64, mean: f64) -> f64 {
    let off = (x - mean) / mean;
    mean * ((1.0 + off) * off.ln_1p() - off)
}

/// By how much ln n! exceeds Stirling's formula.
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - TAU.ln() / 2.0;
    }
    let square = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square)
            / square)
        / n
}
