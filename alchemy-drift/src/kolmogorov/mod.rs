//! The distribution of Kolmogorov's statistic: the largest distance between the empirical distribution function of `n`
//! draws and the continuous distribution they come from.
//!
//! The method is chosen by `n` and `n d²` as Simard and L'Ecuyer do, and as `scipy` does after them; for small `n` the
//! matrix stands in for Pomeranz's recursion, which it equals. The chance is off by at most 3e-5 of itself, which is
//! for `n` of 141, and by less than 1e-9 of itself where it is below 0.002 or `n` is at most 140.
//!
//! - R. Simard and P. L'Ecuyer, "Computing the Two-Sided Kolmogorov–Smirnov Distribution", *Journal of Statistical
//!   Software* 39(11), 2011, <https://doi.org/10.18637/jss.v039.i11>.

mod matrix;
mod pelz_good;
mod smirnov;

/// Up to here the matrix is cheap at any distance.
const SMALL: u64 = 140;

/// From this `n d²` on the tail is twice the one-sided one. That counts twice the samples that go far on both sides: a
/// share of exp(-6 n d²), 4e-11 here.
const TAIL_OF_SMALL: f64 = 4.0;

/// The same for large `n`, whose alternative is an expansion: a share of 2e-6.
const TAIL_OF_LARGE: f64 = 2.2;

/// Up to this `n d²` the statistic is larger, but for a chance below 2^-54.
const CERTAIN: f64 = 0.03;

/// The chance that the statistic of `n` draws is at least `d`, from 0 to 1.
pub(crate) fn survival(n: u64, d: f64) -> f64 {
    let draws = n as f64;
    let scaled = draws * d * d;
    let tail = if n <= SMALL {
        TAIL_OF_SMALL
    } else {
        TAIL_OF_LARGE
    };
    let p = if draws * d <= 0.5 {
        1.0
    } else if d >= 1.0 {
        0.0
    } else if d >= 0.5 || scaled >= tail {
        2.0 * smirnov::survival(draws, d)
    } else if n <= SMALL {
        1.0 - matrix::cumulative(n, d)
    } else if scaled <= CERTAIN {
        1.0
    } else if n <= 100_000 && draws * d.powf(1.5) <= 1.4 {
        1.0 - matrix::cumulative(n, d)
    } else {
        1.0 - pelz_good::cumulative(draws, d)
    };
    p.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_draw_is_at_least_half_away() {
        assert!((survival(1, 0.7) - 0.6).abs() < 1e-15);
        assert!((survival(1, 0.5) - 1.0).abs() < 1e-15);
        assert!((survival(1, 1.0)).abs() < 1e-15);
    }

    #[test]
    fn every_method_agrees_with_scipy() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/golden/drift.json")).unwrap();
        let chances = golden["kolmogorov"].as_array().unwrap();
        assert!(chances.len() > 100);
        for chance in chances {
            let (n, d) = (chance["n"].as_u64().unwrap(), chance["d"].as_f64().unwrap());
            let (expected, found) = (chance["survival"].as_f64().unwrap(), survival(n, d));
            let error = (found - expected).abs() / expected.max(f64::MIN_POSITIVE);
            assert!(error < 1e-9, "{n} {d}: {found}, expected {expected}");
        }
    }

    #[test]
    fn methods_meet_where_one_takes_over_from_another() {
        let jump = |n: u64, d: f64| {
            let (before, after) = (survival(n, d * (1.0 - 1e-12)), survival(n, d));
            (before / after - 1.0).abs()
        };
        let at = |scaled: f64, n: u64| (scaled / n as f64).sqrt();
        assert!(jump(140, at(TAIL_OF_SMALL, 140)) < 1e-9);
        for n in [5_000, 1_000_000] {
            assert!(jump(n, at(TAIL_OF_LARGE, n)) < 2e-6);
            assert!(jump(n, at(CERTAIN, n)) < 1e-15);
        }
        // Matrix and expansion, where the chance is nearly 1.
        assert!(jump(50_000, (1.4f64 / 50_000.0).powf(2.0 / 3.0)) < 1e-11);
        assert!(jump(200, (1.4f64 / 200.0).powf(2.0 / 3.0)) < 3e-5);
    }

    #[test]
    fn it_falls_from_one_to_zero() {
        for n in [1, 2, 10, 139, 140, 141, 1000, 123_456, 50_000_000, u64::MAX] {
            let chances: Vec<f64> = (0..=400)
                .map(|i| survival(n, f64::from(i) / 400.0))
                .collect();
            assert!(chances.is_sorted_by(|a, b| *a >= b - 1e-12), "{n}");
            assert!(
                (chances[0] - 1.0).abs() < 1e-15 && chances[400].abs() < 1e-15,
                "{n}"
            );
        }
    }
}
