//! Columns as deviations from their means, for many correlations of them.

use super::moments::Moments;

/// Values added up at once by the processor, and values whose sum is rounded before it is added on.
const LANES: usize = 4;
const BLOCK: usize = 1 << 10;

/// A column as deviations from its mean, with NaN where a value is missing.
#[derive(Debug)]
pub(super) struct Centred {
    deviations: Vec<f64>,
    complete: bool,
    constant: bool,
    /// What rounding leaves of the sum of deviations, and the sum of their squares about their own mean: of
    /// a complete column.
    sum: f64,
    square: f64,
}

impl Centred {
    /// `None` for a column without values, with an infinity, or of a scale where squares leave the range of
    /// floats or its full precision.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        /// Of up to 2^63 values, the squares within stay far from both ends.
        const SCALES: std::ops::Range<f64> = 1e-130..1e130;
        let moments = Moments::from_iter(values.iter().copied());
        let mean = moments.mean().filter(|mean| mean.is_finite())?;
        let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let largest = deviations
            .iter()
            .fold(0.0_f64, |most, deviation| most.max(deviation.abs()));
        let constant = largest == 0.0;
        if !constant && !SCALES.contains(&largest) {
            return None;
        }
        let complete = moments.count() == values.len() as u64;
        let [sum, square] = sums(&deviations, &deviations, |x, _| [x, x * x]);
        Some(Self {
            square: square - sum * (sum / deviations.len() as f64),
            deviations,
            complete,
            constant,
            sum,
        })
    }

    /// Whether all values are equal.
    pub(super) fn is_constant(&self) -> bool {
        self.constant
    }

    /// Pearson's correlation coefficient of the rows where both have a value; `None` where rounding may
    /// show, because in those rows a column hardly varies about a mean that is not the column's own.
    pub(super) fn correlation(&self, other: &Self) -> Option<f64> {
        let (x, y) = (&self.deviations, &other.deviations);
        if x.len() != y.len() {
            return None;
        }
        if self.complete && other.complete {
            let [product] = sums(x, y, |x, y| [x * y]);
            let product = product - self.sum * (other.sum / x.len() as f64);
            return Some(coefficient(product, self.square, other.square));
        }
        let [n, sum_x, sum_y, square_x, square_y, product] = sums(x, y, |x, y| {
            let both = !x.is_nan() && !y.is_nan();
            let (n, x, y) = if both { (1.0, x, y) } else { (0.0, 0.0, 0.0) };
            [n, x, y, x * x, y * y, x * y]
        });
        /// The least part of the squares that is left when they are taken about the mean of the rows.
        const LEAST: f64 = 0.1;
        let about_mean = |square: f64, sum: f64| {
            let about = square - sum * (sum / n);
            (about > LEAST * square).then_some(about)
        };
        let square_x = about_mean(square_x, sum_x)?;
        let square_y = about_mean(square_y, sum_y)?;
        let product = product - sum_x * (sum_y / n);
        Some(coefficient(product, square_x, square_y))
    }
}

fn coefficient(product: f64, square_x: f64, square_y: f64) -> f64 {
    (product / (square_x * square_y).sqrt()).clamp(-1.0, 1.0)
}

/// Sums of `N` terms of each pair in a fixed order: lanes and blocks keep rounding small, and the sums of
/// blocks are added as by Neumaier (1974).
fn sums<const N: usize>(x: &[f64], y: &[f64], terms: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    let mut total = [0.0; N];
    let mut lost = [0.0; N];
    for (x, y) in x.chunks(BLOCK).zip(y.chunks(BLOCK)) {
        let block = block_sums(x, y, &terms);
        for k in 0..N {
            let next = total[k] + block[k];
            lost[k] += if f64::abs(total[k]) >= f64::abs(block[k]) {
                (total[k] - next) + block[k]
            } else {
                (block[k] - next) + total[k]
            };
            total[k] = next;
        }
    }
    std::array::from_fn(|k| total[k] + lost[k])
}

fn block_sums<const N: usize>(
    x: &[f64],
    y: &[f64],
    terms: &impl Fn(f64, f64) -> [f64; N],
) -> [f64; N] {
    let mut lanes = [[0.0; LANES]; N];
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest = xs.remainder().iter().zip(ys.remainder());
    for (x, y) in xs.zip(ys) {
        for lane in 0..LANES {
            let terms = terms(x[lane], y[lane]);
            for k in 0..N {
                lanes[k][lane] += terms[k];
            }
        }
    }
    let mut sums: [f64; N] = std::array::from_fn(|k| lanes[k].iter().sum());
    for (x, y) in rest {
        let terms = terms(*x, *y);
        for k in 0..N {
            sums[k] += terms[k];
        }
    }
    sums
}
