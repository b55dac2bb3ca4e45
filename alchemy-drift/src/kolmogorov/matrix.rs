//! Exact for any `n`, by the power of a matrix.
//!
//! - J. Durbin, *Distribution Theory for Tests Based on the Sample Distribution Function*, 1973.
//! - G. Marsaglia, W. W. Tsang and J. Wang, "Evaluating Kolmogorov's Distribution", *Journal of Statistical Software*
//!   8(18), 2003, <https://doi.org/10.18637/jss.v008.i18>.

/// Entries grow beyond the range of floats, so they are kept below this and the power of two is counted apart.
const BIG: f64 = (1u128 << 127) as f64;
const BIG_EXPONENT: i32 = 127;

/// The chance that the statistic of `n` draws is below `d`, for `0.5 < n d`: n! / n^n times the middle of H^n. Takes
/// `(2 n d)^3 ln n` steps.
pub(super) fn cumulative(n: u64, d: f64) -> f64 {
    let reach = (n as f64 * d).ceil();
    let mut square = Square::new(reach, reach - n as f64 * d);
    let middle = square.size / 2;
    let mut row = Scaled::unit(square.size, middle);
    let mut rest = n;
    while rest > 0 {
        if rest & 1 == 1 {
            row.multiply(&square);
        }
        rest >>= 1;
        if rest > 0 {
            square.multiply_by_itself();
        }
    }
    let (mut chance, mut exponent) = (row.entries[middle], row.exponent);
    for i in 1..=n {
        chance *= i as f64 / n as f64;
        if chance < 1.0 / BIG {
            chance *= BIG;
            exponent -= BIG_EXPONENT;
        }
    }
    chance * 2f64.powi(exponent)
}

/// A row vector times 2^exponent.
struct Scaled {
    entries: Vec<f64>,
    exponent: i32,
}

impl Scaled {
    fn unit(size: usize, at: usize) -> Self {
        let mut entries = vec![0.0; size];
        entries[at] = 1.0;
        Self {
            entries,
            exponent: 0,
        }
    }

    fn multiply(&mut self, by: &Square) {
        self.entries = product(&self.entries, &by.entries, by.size);
        self.exponent += by.exponent;
        scale_down(&mut self.entries, &mut self.exponent);
    }
}

/// The matrix H of the paper, row by row, times 2^exponent.
struct Square {
    size: usize,
    entries: Vec<f64>,
    exponent: i32,
}

impl Square {
    /// For `d = (reach - h) / n`, of size 2 reach - 1.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least 1, and the callers of the method keep it below 100"
    )]
    fn new(reach: f64, h: f64) -> Self {
        let size = 2 * reach as usize - 1;
        let mut inverse_factorials = vec![1.0; size + 1];
        for i in 1..=size {
            inverse_factorials[i] = inverse_factorials[i - 1] / i as f64;
        }
        // First column from the top, which is the last row from the right.
        let (mut power, mut both) = (1.0, 1.0);
        let mut border: Vec<f64> = (1..=size)
            .map(|i| {
                power *= h;
                both *= (2.0 * h - 1.0).max(0.0);
                (1.0 - power) * inverse_factorials[i]
            })
            .collect();
        border[size - 1] = (1.0 - 2.0 * power + both) * inverse_factorials[size];

        let mut entries = vec![0.0; size * size];
        for row in 0..size {
            entries[row * size] = border[row];
            for column in 1..size.min(row + 2) {
                entries[row * size + column] = inverse_factorials[row + 1 - column];
            }
        }
        for column in 0..size {
            entries[(size - 1) * size + column] = border[size - 1 - column];
        }
        Self {
            size,
            entries,
            exponent: 0,
        }
    }

    fn multiply_by_itself(&mut self) {
        let rows = self.entries.chunks_exact(self.size);
        self.entries = rows
            .flat_map(|row| product(row, &self.entries, self.size))
            .collect();
        self.exponent *= 2;
        scale_down(&mut self.entries, &mut self.exponent);
    }
}

/// A row vector times a matrix that is stored row by row.
fn product(row: &[f64], matrix: &[f64], size: usize) -> Vec<f64> {
    let mut out = vec![0.0; size];
    for (factor, line) in row.iter().zip(matrix.chunks_exact(size)) {
        for (sum, entry) in out.iter_mut().zip(line) {
            *sum += factor * entry;
        }
    }
    out
}

fn scale_down(entries: &mut [f64], exponent: &mut i32) {
    if entries.iter().any(|entry| *entry > BIG) {
        entries.iter_mut().for_each(|entry| *entry /= BIG);
        *exponent += BIG_EXPONENT;
    }
}
