//! The bins of values by the edges between them.

use std::hint::select_unpredictable;

use super::MISSING;

/// Values searched for together: each step of one waits for the step before it.
const SEARCHES: usize = 16;

/// `edges`, of which there are at most 254, padded with NaN to a power of two, as [`search`] wants them.
pub(super) fn padded(edges: &[f64]) -> Vec<f64> {
    let mut padded = edges.to_vec();
    padded.resize((edges.len() + 1).next_power_of_two(), f64::NAN);
    padded
}

/// Writes for each of `values` one more than the number of `edges` below it, and [`MISSING`] for NaN. The edges are ascending
/// and [`padded`].
pub(super) fn search(edges: &[f64], values: &[f64], bins: &mut [u8]) {
    match edges.len() {
        1 => search_among::<1>(edges, values, bins),
        2 => search_among::<2>(edges, values, bins),
        4 => search_among::<4>(edges, values, bins),
        8 => search_among::<8>(edges, values, bins),
        16 => search_among::<16>(edges, values, bins),
        32 => search_among::<32>(edges, values, bins),
        64 => search_among::<64>(edges, values, bins),
        128 => search_among::<128>(edges, values, bins),
        _ => search_among::<256>(edges, values, bins),
    }
}

fn search_among<const EDGES: usize>(edges: &[f64], values: &[f64], bins: &mut [u8]) {
    let Some(edges) = edges.first_chunk::<EDGES>() else {
        return;
    };
    let (groups, rest) = values.as_chunks::<SEARCHES>();
    let (bin_groups, bin_rest) = bins.as_chunks_mut::<SEARCHES>();
    for (values, bins) in groups.iter().zip(bin_groups) {
        *bins = bins_of(edges, values);
    }
    for (value, bin) in rest.iter().zip(bin_rest) {
        [*bin] = bins_of(edges, &[*value]);
    }
}

/// Each step of the binary search is a conditional move: a branch would be mispredicted half of the time.
#[inline]
fn bins_of<const EDGES: usize, const N: usize>(edges: &[f64; EDGES], values: &[f64; N]) -> [u8; N] {
    let mut below = [0; N];
    let mut half = EDGES / 2;
    while half > 0 {
        for (below, value) in below.iter_mut().zip(values) {
            let middle = *below + half;
            *below = select_unpredictable(edges[(middle - 1) % EDGES] < *value, middle, *below);
        }
        half /= 2;
    }
    let mut bins = [MISSING; N];
    for ((bin, below), value) in bins.iter_mut().zip(below).zip(values) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are at most 254 edges, so `below` is at most 254"
        )]
        let found = below as u8 + 1;
        *bin = select_unpredictable(value.is_nan(), MISSING, found);
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_is_one_more_than_the_edges_below() {
        let mut values: Vec<f64> = (-3..600).map(|i| f64::from(i) * 0.5).collect();
        values.extend([-0.0, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
        for num_edges in 0..=254 {
            let edges: Vec<f64> = (0..num_edges).map(f64::from).collect();
            let padded = padded(&edges);
            let mut bins = vec![7; values.len()];
            search(&padded, &values, &mut bins);
            for (value, bin) in values.iter().zip(bins) {
                let below = edges.iter().filter(|edge| *edge < value).count();
                let expected = if value.is_nan() { 0 } else { below + 1 };
                assert_eq!(usize::from(bin), expected, "{value} among {num_edges}");
                let mut alone = [7];
                search(&padded, &[*value], &mut alone);
                assert_eq!(alone, [bin]);
            }
        }
    }
}
