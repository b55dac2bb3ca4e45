//! The peaks of a distribution.

use super::distribution::Distribution;
use crate::stats::Quantile;

/// Fewer values show peaks by chance.
const LEAST_VALUES: u64 = 100;
/// Of the nineteen quantiles that cut a sample in twenty, how many have to differ: with fewer, single
/// values hold so much of it that peaks are theirs, as those of counts and of prices are.
const LEAST_VIGINTILES: usize = 15;
/// Cells of the grid on which the density is estimated.
const CELLS: usize = 256;
/// The share of values left out at either end: far outliers would leave one cell for all others.
const TAIL: f64 = 0.01;
/// The least bandwidth in standard deviations: finer peaks, such as those of rounded numbers, are not
/// modes. Two normal distributions of one width are told apart from a distance of about 3.5 of their
/// standard deviations.
const LEAST_BANDWIDTH: f64 = 0.25;
/// How deep the density has to fall between two modes, relative to the lower one.
const VALLEY: f64 = 0.5;
/// The least share of the values that a mode holds.
const LEAST_MASS: f64 = 0.1;
/// How many standard deviations of chance a valley has to be deep.
const SIGNIFICANT: f64 = 3.0;

/// Where the density has its peaks.
///
/// A Gaussian kernel with Silverman's bandwidth, 0.9 min(σ, IQR / 1.34) n^(-1/5), is run over the
/// counts in a grid between the 1 % and 99 % quantiles; then the shallowest valley is filled for as long
/// as one is not as deep as [`VALLEY`] and [`SIGNIFICANT`] ask for, or bounds less than [`LEAST_MASS`].
/// The tests hold it to distributions of one mode and of two.
///
/// B. W. Silverman, *Density Estimation for Statistics and Data Analysis*, 1986, equation 3.31.
pub(super) fn modes(sample: &impl Distribution) -> Vec<f64> {
    Grid::of(sample).map_or_else(Vec::new, Grid::modes)
}

/// The smoothed density.
struct Grid {
    low: f64,
    width: f64,
    counts: Vec<f64>,
    density: Vec<f64>,
    /// In cells.
    bandwidth: f64,
}

impl Grid {
    fn of(sample: &impl Distribution) -> Option<Self> {
        let quantile = |q| sample.quantile(Quantile::new(q).ok()?);
        let (low, high) = (quantile(TAIL)?, quantile(1.0 - TAIL)?);
        let iqr = quantile(0.75)? - quantile(0.25)?;
        let mut vigintiles = (1..20)
            .map(|k| quantile(f64::from(k) / 20.0))
            .collect::<Option<Vec<f64>>>()?;
        vigintiles.dedup();
        let range = high - low;
        let is_spread = vigintiles.len() >= LEAST_VIGINTILES && range.is_finite();
        if sample.count() < LEAST_VALUES || !is_spread {
            return None;
        }
        let width = range / CELLS as f64;
        let edge = |cell: usize| {
            if cell == CELLS {
                high
            } else {
                low + width * cell as f64
            }
        };
        let inner = (1..=CELLS).map(|cell| sample.count_up_to(edge(cell)));
        let bounds: Vec<u64> = std::iter::once(sample.count_below(low))
            .chain(inner)
            .collect();
        let counts: Vec<f64> = bounds
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]) as f64)
            .collect();
        let spread = std_dev(&counts).min(iqr / width / 1.34);
        let silverman = 0.9 * spread * (sample.count() as f64).powf(-0.2);
        let bandwidth = silverman.max(LEAST_BANDWIDTH * spread);
        Some(Self {
            low,
            width,
            density: smooth(&counts, bandwidth),
            counts,
            bandwidth,
        })
    }

    fn modes(self) -> Vec<f64> {
        let mut peaks = self.peaks();
        let mut valleys: Vec<usize> = peaks
            .windows(2)
            .map(|pair| self.lowest(pair[0], pair[1]))
            .collect();
        while let Some(filled) = self.valley_to_fill(&peaks, &valleys) {
            let is_left_lower = self.density[peaks[filled]] < self.density[peaks[filled + 1]];
            peaks.remove(if is_left_lower { filled } else { filled + 1 });
            valleys.remove(filled);
        }
        let middle = |cell: usize| self.low + self.width * (cell as f64 + 0.5);
        peaks.into_iter().map(middle).collect()
    }

    /// The cells that are higher than their neighbours.
    fn peaks(&self) -> Vec<usize> {
        let at = |cell: Option<usize>| {
            cell.and_then(|cell| self.density.get(cell))
                .copied()
                .unwrap_or(-1.0)
        };
        let is_peak = |cell: &usize| {
            let height = at(Some(*cell));
            height > at(cell.checked_sub(1)) && height >= at(cell.checked_add(1))
        };
        (0..CELLS).filter(is_peak).collect()
    }

    /// The first of the lowest cells from one to another.
    fn lowest(&self, from: usize, to: usize) -> usize {
        let lower = |a: usize, b: usize| {
            if self.density[b] < self.density[a] {
                b
            } else {
                a
            }
        };
        (from..=to).reduce(lower).unwrap_or(from)
    }

    /// The valley that is no valley, if there is one: the shallowest that is not deep enough, or else
    /// the higher one beside the peak that holds least, if that is too little.
    fn valley_to_fill(&self, peaks: &[usize], valleys: &[usize]) -> Option<usize> {
        let depths = valleys.iter().zip(peaks.windows(2));
        let depths: Vec<f64> = depths
            .map(|(valley, pair)| self.depth(*valley, pair))
            .collect();
        let shallowest = (0..depths.len()).max_by(|a, b| depths[*a].total_cmp(&depths[*b]))?;
        if depths[shallowest] > VALLEY {
            return Some(shallowest);
        }
        let bounds: Vec<usize> = std::iter::once(0)
            .chain(valleys.iter().copied())
            .chain([CELLS])
            .collect();
        let masses: Vec<f64> = bounds
            .windows(2)
            .map(|pair| self.counts[pair[0]..pair[1]].iter().sum())
            .collect();
        let least = (0..masses.len()).min_by(|a, b| masses[*a].total_cmp(&masses[*b]))?;
        if masses[least] >= LEAST_MASS * masses.iter().sum::<f64>() {
            return None;
        }
        let beside = [least.checked_sub(1), Some(least)];
        let beside = beside
            .into_iter()
            .flatten()
            .filter(|valley| *valley < valleys.len());
        let height = |valley: &usize| self.density[valleys[*valley]];
        beside.max_by(|a, b| height(a).total_cmp(&height(b)))
    }

    /// The density in a valley relative to the lower of the peaks beside it; 1 where the difference
    /// may be chance.
    fn depth(&self, valley: usize, peaks: &[usize]) -> f64 {
        let heights = peaks.iter().map(|peak| self.density[*peak]);
        let peak = heights.fold(f64::INFINITY, f64::min);
        let valley = self.density[valley];
        // As many cells as the kernel averages over: the reciprocal of the integral of its square.
        let cells = 2.0 * std::f64::consts::PI.sqrt() * self.bandwidth;
        let chance = ((peak + valley) * cells).sqrt();
        if (peak - valley) * cells < SIGNIFICANT * chance {
            1.0
        } else {
            valley / peak
        }
    }
}

/// The standard deviation of a histogram, in cells.
fn std_dev(counts: &[f64]) -> f64 {
    let total: f64 = counts.iter().sum();
    let moment = |of: &dyn Fn(f64) -> f64| {
        let sum: f64 = (0..)
            .zip(counts)
            .map(|(cell, count)| of(f64::from(cell)) * count)
            .sum();
        sum / total
    };
    let mean = moment(&|x| x);
    moment(&|x| (x - mean) * (x - mean)).sqrt()
}

/// The counts averaged by a Gaussian kernel.
fn smooth(counts: &[f64], bandwidth: f64) -> Vec<f64> {
    /// Beyond, the kernel is below 0.0004 of its peak.
    const REACH: f64 = 4.0;
    let kernel = |distance: usize| (-0.5 * (distance as f64 / bandwidth).powi(2)).exp();
    let weights: Vec<f64> = (0..counts.len())
        .take_while(|distance| *distance as f64 <= REACH * bandwidth)
        .map(kernel)
        .collect();
    let total = weights.iter().sum::<f64>() * 2.0 - 1.0;
    let at = |cell: usize| {
        let sides = weights.iter().enumerate().map(|(distance, weight)| {
            let left = cell.checked_sub(distance).map_or(0.0, |cell| counts[cell]);
            let right = counts.get(cell + distance).copied().unwrap_or(0.0);
            let both = if distance == 0 { right } else { left + right };
            weight * both
        });
        sides.sum::<f64>() / total
    };
    (0..counts.len()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stats::Ecdf;

    fn found(values: Vec<f64>) -> Vec<f64> {
        modes(&Ecdf::new(values))
    }

    #[test]
    fn distributions_of_one_mode_have_one() {
        type Draw = fn(&mut Stream) -> f64;
        let draws: [(&str, Draw); 9] = [
            ("normal", |stream| stream.normals().0),
            ("uniform", Stream::next_f64),
            ("exponential", |stream| -(1.0 - stream.next_f64()).ln()),
            ("lognormal", |stream| (2.0 * stream.normals().0).exp()),
            ("cauchy", |stream| (stream.next_f64() * 3.0).tan()),
            ("rounded", |stream| (stream.normals().0 * 3.0).round() * 5.0),
            ("levels", |stream| stream.below(24) as f64),
            ("counts", |stream| {
                (2.0 * stream.next_f64() / (1.01 - stream.next_f64())).round()
            }),
            ("outliers", |stream| {
                stream.normals().0 * if stream.below(50) == 0 { 1e6 } else { 1.0 }
            }),
        ];
        for (name, draw) in draws {
            for rows in [100, 300, 2000] {
                for seed in 0..40 {
                    let mut stream = Stream::new(seed, &[rows]);
                    let values = (0..rows).map(|_| draw(&mut stream)).collect();
                    assert!(found(values).len() <= 1, "{name} {rows} {seed}");
                }
            }
        }
    }

    #[test]
    fn clear_modes_are_found_where_they_are() {
        let mut stream = Stream::new(1, &[]);
        let centres = [0.0, 10.0, 10.0, 25.0];
        let values = (0..4000).map(|row| centres[row % 4] + stream.normals().0);
        let modes = found(values.collect());
        assert_eq!(modes.len(), 3);
        for (mode, centre) in modes.iter().zip([0.0, 10.0, 25.0]) {
            assert!((mode - centre).abs() < 0.7, "{modes:?}");
        }
    }

    #[test]
    fn too_little_has_no_mode() {
        assert_eq!(found(vec![1.0; 1000]), [0.0; 0]);
        assert_eq!(found((0..99).map(f64::from).collect()), [0.0; 0]);
        assert_eq!(found(vec![]), [0.0; 0]);
        let infinite = (0..400).map(|row| if row % 2 == 0 { f64::INFINITY } else { 0.0 });
        assert_eq!(found(infinite.collect()), [0.0; 0]);
    }
}
