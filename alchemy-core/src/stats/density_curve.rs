//! A density on a grid, and its peaks.

use serde::{Deserialize, Serialize};

/// A density at points in rising order.
///
/// Made by [`Kde::curve`](super::Kde::curve).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Vec<(f64, f64)>", from = "Vec<(f64, f64)>")]
pub struct DensityCurve {
    points: Vec<f64>,
    densities: Vec<f64>,
}

/// A peak of a density.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DensityMode {
    /// The point where it is highest, the middle one of several.
    pub point: f64,
    /// The density there.
    pub density: f64,
    /// How far one must go down from it to reach higher ground or an end of the curve, on the easier side.
    pub prominence: f64,
}

impl DensityCurve {
    pub(super) fn new(points: Vec<f64>, densities: Vec<f64>) -> Self {
        Self { points, densities }
    }

    /// The points.
    #[must_use]
    pub fn points(&self) -> &[f64] {
        &self.points
    }

    /// The density at each point.
    #[must_use]
    pub fn densities(&self) -> &[f64] {
        &self.densities
    }

    /// The peaks, by falling prominence, then by point: points that are higher than both neighbours, or
    /// stretches of equal height that are.
    ///
    /// More than one peak of a prominence that matters (say a tenth of the highest density) hints at a
    /// mixture. Many small ones hint at a bandwidth that is too small. Takes time in proportion to points
    /// times peaks at worst.
    #[must_use]
    pub fn modes(&self) -> Vec<DensityMode> {
        let peaks = self.peaks();
        let mut modes: Vec<DensityMode> = peaks.iter().map(|at| self.mode(*at)).collect();
        modes.sort_by(|a, b| {
            let falling = b.prominence.total_cmp(&a.prominence);
            falling.then(a.point.total_cmp(&b.point))
        });
        modes
    }

    /// The middle of each stretch of equal height between lower neighbours.
    fn peaks(&self) -> Vec<usize> {
        let mut peaks = Vec::new();
        let mut start = 0;
        #[expect(clippy::float_cmp, reason = "a stretch has one height")]
        for stretch in self.densities.chunk_by(|a, b| a == b) {
            let end = start + stretch.len();
            let lower = |at: Option<&f64>| at.is_some_and(|density| *density < stretch[0]);
            let before = start.checked_sub(1).and_then(|at| self.densities.get(at));
            if lower(before) && lower(self.densities.get(end)) {
                peaks.push(start + (stretch.len() - 1) / 2);
            }
            start = end;
        }
        peaks
    }

    fn mode(&self, at: usize) -> DensityMode {
        let density = self.densities[at];
        let least = |side: &mut dyn Iterator<Item = &f64>| {
            side.take_while(|other| **other <= density)
                .fold(density, |least, other| least.min(*other))
        };
        let left = least(&mut self.densities[..at].iter().rev());
        let right = least(&mut self.densities[at..].iter());
        DensityMode {
            point: self.points[at],
            density,
            prominence: density - left.max(right),
        }
    }
}

impl From<Vec<(f64, f64)>> for DensityCurve {
    fn from(stored: Vec<(f64, f64)>) -> Self {
        let (points, densities) = stored.into_iter().unzip();
        Self { points, densities }
    }
}

impl From<DensityCurve> for Vec<(f64, f64)> {
    fn from(curve: DensityCurve) -> Self {
        curve.points.into_iter().zip(curve.densities).collect()
    }
}
