//! Where the bins of a feature end.

/// A value and the total weight of the rows that hold it.
pub(super) type Weighted = (f64, f64);

/// The upper edges of at most `max_bins` bins over `distinct`, which is in ascending order: bin `i` holds the values `x`
/// with `edges[i - 1] < x <= edges[i]`.
///
/// With no more than `max_bins` values each has a bin of its own. Otherwise bins hold nearly equal weight, and a value that
/// weighs more than an average bin is alone in its bin, as in `LightGBM`'s `GreedyFindBin`.
pub(super) fn edges(distinct: &[Weighted], max_bins: usize) -> Vec<f64> {
    let ends = if distinct.len() <= max_bins {
        (1..distinct.len()).collect()
    } else {
        equal_weight(distinct, max_bins)
    };
    ends.into_iter()
        .map(|end| between(distinct[end - 1].0, distinct[end].0))
        .collect()
}

/// The index after the last value of each bin but the last.
fn equal_weight(distinct: &[Weighted], max_bins: usize) -> Vec<usize> {
    let total: f64 = distinct.iter().map(|(_, weight)| weight).sum();
    let average = total / max_bins as f64;
    let heavy = |index: usize| distinct[index].1 >= average;
    let (mut light_weight, mut light_bins) = (total, max_bins);
    for (index, (_, weight)) in distinct.iter().enumerate() {
        if heavy(index) {
            light_weight -= weight;
            light_bins -= 1;
        }
    }
    let mut target = light_weight / light_bins.max(1) as f64;
    let mut ends = Vec::with_capacity(max_bins - 1);
    let mut filled = 0.0;
    for (index, (_, weight)) in distinct[..distinct.len() - 1].iter().enumerate() {
        if !heavy(index) {
            light_weight -= weight;
        }
        filled += weight;
        let before_heavy = heavy(index + 1) && filled >= target * 0.5;
        if heavy(index) || filled >= target || before_heavy {
            ends.push(index + 1);
            if ends.len() == max_bins - 1 {
                break;
            }
            if !heavy(index) {
                light_bins -= 1;
                target = light_weight / light_bins.max(1) as f64;
            }
            filled = 0.0;
        }
    }
    ends
}

/// A number `t` with `low <= t < high`: the midpoint where there is one.
fn between(low: f64, high: f64) -> f64 {
    let middle = low / 2.0 + high / 2.0;
    if low <= middle && middle < high {
        middle
    } else {
        low
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "midpoints of small integers are exact")]
mod tests {
    use super::*;

    fn ones(values: &[f64]) -> Vec<Weighted> {
        values.iter().map(|value| (*value, 1.0)).collect()
    }

    #[test]
    fn few_values_are_parted_at_their_midpoints() {
        assert_eq!(edges(&ones(&[1.0, 2.0, 4.0]), 3), [1.5, 3.0]);
        assert!(edges(&ones(&[1.0]), 3).is_empty());
        assert!(edges(&[], 3).is_empty());
    }

    #[test]
    fn an_edge_parts_its_neighbours_even_at_the_ends_of_the_range() {
        let (inf, max, tiny) = (f64::INFINITY, f64::MAX, f64::from_bits(1));
        for (low, high) in [
            (-inf, inf),
            (-inf, 1.0),
            (1.0, inf),
            (-max, max),
            (0.0, tiny),
            (1.0, 1.0f64.next_up()),
        ] {
            let edge = between(low, high);
            assert!(low <= edge && edge < high, "{low} {edge} {high}");
        }
    }

    #[test]
    fn many_values_share_bins_of_equal_weight() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let edges = edges(&ones(&values), 10);
        assert_eq!(edges.len(), 9);
        assert_eq!(edges[0], 99.5);
        assert_eq!(edges[8], 899.5);
    }

    #[test]
    fn a_heavy_value_is_alone() {
        let mut values = ones(&(0..100).map(f64::from).collect::<Vec<_>>());
        values[50].1 = 1000.0;
        let edges = edges(&values, 10);
        assert!(edges.contains(&49.5) && edges.contains(&50.5), "{edges:?}");
        assert!(edges.len() <= 9);
        assert!(edges.is_sorted());
    }

    #[test]
    fn heavy_values_never_exceed_the_bins() {
        let values: Vec<Weighted> = (0..50)
            .map(|i| (f64::from(i), f64::from(1 + (i * 7919) % 97).powi(3)))
            .collect();
        for max_bins in 2..50 {
            let edges = edges(&values, max_bins);
            assert!(edges.len() < max_bins && edges.is_sorted());
        }
    }
}
