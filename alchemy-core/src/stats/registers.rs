//! Registers of `HyperLogLog`: 2^`precision` of them, each with the highest rank of a hash, 0 without one. See
//! [`DistinctSketch`](super::DistinctSketch) for definition and sources.

/// The highest rank that a register can hold.
pub(super) fn most_rank(precision: u32) -> usize {
    (u64::BITS - precision + 1) as usize
}

/// Lets the register that the first bits of `hash` name know of the zeros that follow.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a register has at most 16 bits, a rank 6"
)]
pub(super) fn raise(registers: &mut [u8], hash: u64, precision: u32) {
    let rest = (hash << precision) | (1 << (precision - 1));
    let rank = rest.leading_zeros() as u8 + 1;
    if let Some(register) = registers.get_mut((hash >> (u64::BITS - precision)) as usize) {
        *register = (*register).max(rank);
    }
}

/// How many different hashes made `registers` what they are: algorithm 6 of Ertl (2017).
pub(super) fn estimate(registers: &[u8], precision: u32) -> f64 {
    let most = most_rank(precision);
    let mut counts = vec![0_u32; most + 1];
    for register in registers {
        if let Some(count) = counts.get_mut(usize::from(*register)) {
            *count += 1;
        }
    }
    let m = registers.len() as f64;
    let mut z = m * tau(1.0 - f64::from(counts[most]) / m);
    for count in counts[1..most].iter().rev() {
        z = 0.5 * (z + f64::from(*count));
    }
    z += m * sigma(f64::from(counts[0]) / m);
    m * m / (2.0 * std::f64::consts::LN_2 * z)
}

/// x + Σ x^(2^k) 2^(k−1) over k from 1.
fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut weight, mut sum) = (1.0, x);
    loop {
        x *= x;
        let before = sum;
        sum += x * weight;
        weight *= 2.0;
        if sum <= before {
            return sum;
        }
    }
}

/// (1 − x − Σ (1 − x^(2^−k))² 2^−k over k from 1) / 3.
fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut weight, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - x) * (1.0 - x) * weight;
        if sum >= before {
            return sum / 3.0;
        }
    }
}
