//! An expansion in 1/√n for large `n` and ordinary distances.
//!
//! - W. Pelz and I. J. Good, "Approximating the Lower Tail-Areas of the Kolmogorov–Smirnov One-Sample Statistic",
//!   *Journal of the Royal Statistical Society B* 38(2), 1976.

use std::f64::consts::{PI, TAU};

/// Terms of each sum: at the largest distance that is asked for, the last one is below 1e-30 of the first.
const TERMS: i32 = 8;

/// The chance that the statistic of `n` draws is below `d`: K0(z) + K1(z)/√n + K2(z)/n + K3(z)/n^1.5 with z = d √n.
pub(super) fn cumulative(n: f64, d: f64) -> f64 {
    let z = d * n.sqrt();
    let [z2, z4, z6, z8] = [2, 4, 6, 8].map(|power| z.powi(power));
    let [pi2, pi4, pi6] = [2, 4, 6].map(|power| PI.powi(power));
    let (mut k0, mut k1, mut k2, mut k3) = (0.0, 0.0, 0.0, 0.0);
    for k in (1..=TERMS).rev() {
        let [odd2, odd4, odd6] = [2, 4, 6].map(|power| f64::from(2 * k - 1).powi(power));
        let odd = (-pi2 * odd2 / (8.0 * z2)).exp();
        k0 += odd / z;
        k1 += odd / (6.0 * z4) * (-z2 + pi2 / 4.0 * odd2);
        k2 += odd / (72.0 * z4 * z2 * z)
            * (6.0 * z6
                + 2.0 * z4
                + pi2 / 4.0 * (2.0 * z4 - 5.0 * z2) * odd2
                + pi4 / 16.0 * (1.0 - 2.0 * z2) * odd4);
        k3 += odd / (6480.0 * z8 * z2)
            * (-30.0 * z6 - 90.0 * z8
                + pi2 / 4.0 * (135.0 * z4 - 96.0 * z6) * odd2
                + pi4 / 16.0 * (212.0 * z4 - 60.0 * z2) * odd4
                + pi6 / 64.0 * (5.0 - 30.0 * z2) * odd6);

        let whole2 = f64::from(k).powi(2);
        let whole = pi2 * whole2 * (-pi2 * whole2 / (2.0 * z2)).exp();
        k2 -= whole / (36.0 * z2 * z);
        k3 += whole / (216.0 * z6) * (3.0 * z2 - pi2 * whole2);
    }
    let root = n.sqrt();
    TAU.sqrt() * (k0 + (k1 + (k2 + k3 / root) / root) / root)
}
