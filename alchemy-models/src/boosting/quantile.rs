//! Quantiles of weighted rows.
//!
//! The `q` quantile of values with weights is the lowest value with more than `q` of the weight at or below it; where exactly
//! `q` of the weight is at or below a value, it is the mean of this value and the next (type 2 of Hyndman & Fan, 1996). It
//! minimises the pinball loss, a whole weight counts as so many equal rows, and the scale of weights does not show.

/// The quantile of `value(row)` over `rows`; weights are by row, and rows of weight 0 do not count.
pub(super) fn of_rows(
    rows: impl Iterator<Item = usize>,
    value: impl Fn(usize) -> f64,
    weights: Option<&[f64]>,
    q: f64,
) -> f64 {
    match weights {
        None => plain(&mut rows.map(value).collect::<Vec<_>>(), q),
        Some(weights) => {
            let mut values: Vec<(f64, f64)> = rows
                .filter(|row| weights[*row] > 0.0)
                .map(|row| (value(row), weights[row]))
                .collect();
            weighted(&mut values, q)
        }
    }
}

fn plain(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let at_or_below = q * values.len() as f64;
    let whole = at_or_below.floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of values"
    )]
    let after = (whole as usize).min(values.len() - 1);
    let (before, value, _) = values.select_nth_unstable_by(after, f64::total_cmp);
    if at_or_below > whole || before.is_empty() {
        return *value;
    }
    let previous = before.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    previous.midpoint(*value)
}

/// Of values with their weights.
fn weighted(values: &mut [(f64, f64)], q: f64) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let target = q * total;
    let mut below = 0.0;
    for (place, (value, weight)) in values.iter().enumerate() {
        below += weight;
        if below > target {
            return *value;
        }
        if below >= target {
            let next = values.get(place + 1).map_or(*value, |(next, _)| *next);
            return value.midpoint(next);
        }
    }
    values.last().map_or(0.0, |(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pinball(values: &[(f64, f64)], q: f64, at: f64) -> f64 {
        let cost = |value: f64| (q * (value - at)).max((q - 1.0) * (value - at));
        values
            .iter()
            .map(|(value, weight)| weight * cost(*value))
            .sum()
    }

    proptest! {
        #[test]
        fn no_value_has_a_lower_pinball_loss(
            rows in prop::collection::vec((-20i32..20, 1u8..5), 1..40), q in 0.01f64..0.99
        ) {
            let rows: Vec<(f64, f64)> =
                rows.into_iter().map(|(value, weight)| (f64::from(value), f64::from(weight))).collect();
            let found = pinball(&rows, q, weighted(&mut rows.clone(), q));
            for (value, _) in &rows {
                prop_assert!(found <= pinball(&rows, q, *value) + 1e-9);
            }
        }

        #[test]
        fn a_whole_weight_is_so_many_rows(
            rows in prop::collection::vec((-20i32..20, 0u8..5), 1..40), tenths in 1u8..10
        ) {
            let q = f64::from(tenths) / 10.0;
            let weights: Vec<f64> = rows.iter().map(|(_, weight)| f64::from(*weight)).collect();
            let mut repeated: Vec<f64> = (rows.iter())
                .flat_map(|(value, weight)| vec![f64::from(*value); usize::from(*weight)])
                .collect();
            let found = of_rows(0..rows.len(), |row| f64::from(rows[row].0), Some(&weights), q);
            prop_assert!(found.total_cmp(&plain(&mut repeated, q)).is_eq());
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these values are exact")]
    fn an_even_number_has_the_mean_of_its_middle_as_median() {
        assert_eq!(plain(&mut [4.0, 1.0, 3.0, 9.0], 0.5), 3.5);
        assert_eq!(plain(&mut [4.0, 1.0, 3.0], 0.5), 3.0);
        assert_eq!(plain(&mut [4.0], 0.99), 4.0);
        assert_eq!(plain(&mut [4.0, 1.0], 0.999), 4.0);
    }
}
