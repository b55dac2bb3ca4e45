//! How far apart two rows are, for eight donors at once.

use serde::{Deserialize, Serialize};

/// Donors whose distances are computed together.
pub(super) const LANES: usize = 8;

/// One number for each of [`LANES`] donors.
pub(super) type Lanes = [f64; LANES];

/// How the distance between two rows is measured. Only columns that both rows have count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KnnMetric {
    /// √(*d* / *p* · Σ (*x* − *y*)²) over the *p* of *d* columns that both have; numbers only, in their own units.
    #[default]
    Euclidean,
    /// The mean over the columns that both have of |*x* − *y*| / range for numbers, at most 1, and of 0 for equal and 1
    /// for different texts and Booleans (Gower, 1971). The range is that of the finite training values.
    Gower,
}

/// A distance that grows column by column. All are compared in the form that [`add`](Self::add) sums up, times
/// [`scale`](Self::scale).
pub(super) trait Measure: Sync {
    /// Adds to `sums` what the columns from `first` on contribute. Where one of the two is NaN, that is nothing.
    fn add(&self, first: usize, receiver: &[f64], donors: &[Lanes], sums: &mut Lanes);

    /// The factor of a sum over `present` columns; NaN without any.
    fn scale(&self, present: f64) -> f64;

    /// The distance itself.
    fn distance(&self, scaled: f64) -> f64;
}

/// [`KnnMetric::Euclidean`] over so many columns.
#[derive(Debug)]
pub(super) struct Euclidean {
    pub(super) columns: usize,
}

impl Measure for Euclidean {
    #[inline]
    fn add(&self, _first: usize, receiver: &[f64], donors: &[Lanes], sums: &mut Lanes) {
        for (x, ys) in receiver.iter().zip(donors) {
            for (sum, y) in sums.iter_mut().zip(ys) {
                // Two equal infinities give NaN as well, and are no distance apart.
                let difference = x - y;
                *sum += if difference.is_nan() {
                    0.0
                } else {
                    difference * difference
                };
            }
        }
    }

    fn scale(&self, present: f64) -> f64 {
        if present > 0.0 {
            self.columns as f64 / present
        } else {
            f64::NAN
        }
    }

    fn distance(&self, scaled: f64) -> f64 {
        scaled.sqrt()
    }
}

/// [`KnnMetric::Gower`]: what each column contributes.
#[derive(Debug)]
pub(super) struct Gower {
    pub(super) columns: Vec<Contribution>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Contribution {
    /// The difference times this, at most 1.
    Difference(f64),
    /// 1 for other values.
    Otherness,
}

impl Contribution {
    /// That of numbers, NaN left out.
    pub(super) fn of_numbers(values: impl Iterator<Item = f64>) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        // By halves, for the range of all floats is none.
        let half = (high / 2.0 - low / 2.0).max(0.0);
        // Without a range every difference is a whole one.
        Self::Difference((0.5 / half).min(f64::MAX))
    }
}

impl Measure for Gower {
    #[inline]
    fn add(&self, first: usize, receiver: &[f64], donors: &[Lanes], sums: &mut Lanes) {
        let columns = self.columns[first..].iter();
        for ((x, ys), column) in receiver.iter().zip(donors).zip(columns) {
            match column {
                Contribution::Difference(per_range) => {
                    for (sum, y) in sums.iter_mut().zip(ys) {
                        let difference = (x - y).abs() * per_range;
                        *sum += if difference > 1.0 {
                            1.0
                        } else if difference.is_nan() {
                            0.0
                        } else {
                            difference
                        };
                    }
                }
                Contribution::Otherness => {
                    for (sum, y) in sums.iter_mut().zip(ys) {
                        *sum += if (x - y).abs() > 0.0 { 1.0 } else { 0.0 };
                    }
                }
            }
        }
    }

    fn scale(&self, present: f64) -> f64 {
        if present > 0.0 {
            1.0 / present
        } else {
            f64::NAN
        }
    }

    fn distance(&self, scaled: f64) -> f64 {
        scaled
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are exact")]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    fn sum(measure: &impl Measure, x: f64, y: f64) -> f64 {
        let mut sums = [0.0; LANES];
        measure.add(0, &[x], &[[y; LANES]], &mut sums);
        sums[0]
    }

    #[test]
    fn infinities_are_equal_to_themselves_only() {
        let euclidean = Euclidean { columns: 1 };
        assert_eq!(sum(&euclidean, INF, INF), 0.0);
        assert_eq!(sum(&euclidean, INF, -INF), INF);
        assert_eq!(sum(&euclidean, INF, 3.0), INF);
        assert_eq!(sum(&euclidean, f64::NAN, 3.0), 0.0);
        let gower = Gower {
            columns: vec![Contribution::of_numbers([0.0, 4.0, INF].into_iter())],
        };
        assert_eq!(sum(&gower, 1.0, 2.0), 0.25);
        assert_eq!(sum(&gower, 1.0, INF), 1.0);
        assert_eq!(sum(&gower, INF, INF), 0.0);
        assert_eq!(sum(&gower, -90.0, 2.0), 1.0);
        assert_eq!(sum(&gower, f64::NAN, 2.0), 0.0);
    }

    #[test]
    fn any_range_gives_a_share() {
        for (values, x, y, share) in [
            (vec![3.0, 3.0], 3.0, 3.0, 0.0),
            (vec![3.0, 3.0], 3.0, 3.1, 1.0),
            (vec![f64::MIN, f64::MAX], f64::MIN, f64::MAX, 1.0),
            (vec![f64::MIN, f64::MAX], 0.0, f64::MAX, 0.5),
            (vec![0.0, 5e-324], 0.0, 0.0, 0.0),
            (vec![INF, -INF], 1.0, 2.0, 1.0),
            (vec![INF, -INF], 1.0, 1.0, 0.0),
        ] {
            let columns = vec![Contribution::of_numbers(values.into_iter())];
            let found = sum(&Gower { columns }, x, y);
            assert!((found - share).abs() < 1e-12, "{x} {y}: {found}");
        }
    }
}
