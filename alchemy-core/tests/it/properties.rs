//! Laws on random input.

use alchemy_core::CsvReader;
use alchemy_core::arrow::array::{Array, AsArray};
use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::stats::{
    Ecdf, ExactSum, Frequencies, Moments4, Quantile, Quantiles, kendall, quantile, ranks,
};
use proptest::prelude::*;

const ODD: [f64; 8] = [
    0.0,
    -0.0,
    5e-324,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// Floats of every size, with the values that trip: zeros, subnormals, infinities, NaN, ties.
fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => any::<f64>(),
        4 => (-5i32..5).prop_map(f64::from),
        1 => prop::sample::select(ODD.to_vec()),
    ]
}

pub(crate) fn floats() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(float(), 0..60)
}

/// Values, an order of them, and a place to cut.
pub(crate) fn cut() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, usize)> {
    floats().prop_flat_map(|values| {
        let len = values.len();
        (Just(values.clone()), Just(values).prop_shuffle(), 0..=len)
    })
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

proptest! {
    #[test]
    fn accumulators_know_only_their_content(
        (values, shuffled, at) in cut(),
        extra in floats(),
    ) {
        let (left, right) = shuffled.split_at(at);

        let whole = Moments4::from_iter(values.iter().copied());
        let mut merged = Moments4::from_iter(extra.iter().chain(left).copied());
        merged.merge(&Moments4::from_iter(right.iter().copied()));
        extra.iter().for_each(|value| merged.remove(*value));
        prop_assert_eq!(json(&merged), json(&whole));

        let mut quantiles = Quantiles::from_iter(left.iter().copied());
        quantiles.merge(Quantiles::from_iter(right.iter().copied()));
        prop_assert_eq!(json(&quantiles), json(&Quantiles::from_iter(values.iter().copied())));
    }

    #[test]
    fn stored_accumulators_come_back(values in floats()) {
        let moments = Moments4::from_iter(values.iter().copied());
        prop_assert_eq!(&serde_json::from_str::<Moments4>(&json(&moments)).unwrap(), &moments);
        let sum = ExactSum::from_iter(values);
        prop_assert_eq!(&serde_json::from_str::<ExactSum>(&json(&sum)).unwrap(), &sum);
    }

    #[test]
    fn sums_of_integers_are_exact(
        values in prop::collection::vec(-(1i64 << 53)..(1i64 << 53), 0..100),
    ) {
        let sum = ExactSum::from_iter(values.iter().map(|value| *value as f64));
        let exact: i128 = values.iter().map(|value| i128::from(*value)).sum();
        prop_assert_eq!(sum.value(), exact as f64);
    }

    #[test]
    fn a_variance_is_not_negative_and_a_mean_lies_between(values in floats()) {
        let moments = Moments4::from_iter(values.iter().copied());
        let ecdf = Ecdf::new(values);
        let mean = moments.moments().mean();
        if let (Some(min), Some(max), Some(mean)) = (ecdf.min(), ecdf.max(), mean) {
            prop_assert!(mean.is_nan() || (min <= mean && mean <= max));
            if let Some(variance) = moments.moments().variance() {
                prop_assert!(variance.is_nan() || variance >= 0.0);
            }
        }
    }

    #[test]
    fn quantiles_rise_and_are_never_nan(
        values in floats(),
        mut qs in prop::collection::vec(0.0..=1.0, 2..6),
    ) {
        qs.sort_by(f64::total_cmp);
        let ecdf = Ecdf::new(values.clone());
        let quantile_at = |q: &f64| ecdf.quantile(Quantile::new(*q).unwrap());
        let found: Option<Vec<f64>> = qs.iter().map(quantile_at).collect();
        let Some(found) = found else {
            prop_assert!(values.iter().all(|value| value.is_nan()));
            return Ok(());
        };
        prop_assert!(found.is_sorted());
        prop_assert!(found.iter().all(|value| !value.is_nan()));
        let selected = quantile(&mut values.clone(), Quantile::new(qs[0]).unwrap());
        prop_assert_eq!(selected, Some(found[0]));
    }

    #[test]
    fn ranks_add_up(values in floats()) {
        let present = values.iter().filter(|value| !value.is_nan()).count() as f64;
        let sum: f64 = ranks(&values).iter().filter(|rank| !rank.is_nan()).sum();
        prop_assert_eq!(sum, present * (present + 1.0) / 2.0);
    }

    #[test]
    fn kendall_equals_its_definition(pairs in prop::collection::vec((-4i32..4, -4i32..4), 0..40)) {
        let (x, y): (Vec<f64>, Vec<f64>) =
            pairs.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).unzip();
        let (mut difference, mut x_differ, mut y_differ) = (0, 0, 0);
        for (i, a) in pairs.iter().enumerate() {
            for b in &pairs[..i] {
                difference += (a.0 - b.0).signum() * (a.1 - b.1).signum();
                x_differ += i32::from(a.0 != b.0);
                y_differ += i32::from(a.1 != b.1);
            }
        }
        let expected = (x_differ > 0 && y_differ > 0)
            .then(|| f64::from(difference) / (f64::from(x_differ) * f64::from(y_differ)).sqrt());
        prop_assert_eq!(kendall(&x, &y), expected);
    }

    #[test]
    fn top_values_are_those_of_a_full_sort(
        words in prop::collection::vec("[a-d]{1,2}", 0..80),
        k in 0usize..8,
    ) {
        let mut frequencies = Frequencies::new();
        words.iter().for_each(|word| frequencies.add(word));
        let mut expected = frequencies.sorted();
        expected.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        expected.truncate(k);
        prop_assert_eq!(frequencies.top(k), expected);
    }

    #[test]
    fn csv_gives_back_what_was_quoted(cells in prop::collection::vec("[ -~é\n\r]{0,6}", 1..40)) {
        let mut text = "cell,row\n".to_owned();
        for (row, cell) in cells.iter().enumerate() {
            text.push_str(&format!("\"{}\",r{row}\n", cell.replace('"', "\"\"")));
        }
        let reader = CsvReader::new().with_column_type("cell", DataType::Utf8);
        let batch = reader.read_from(text.as_bytes()).unwrap();
        let column = batch.column(0).as_string::<i32>();
        prop_assert_eq!(column.len(), cells.len());
        for (found, cell) in column.iter().zip(&cells) {
            prop_assert_eq!(found.unwrap_or(""), cell.as_str());
        }
    }

    #[test]
    fn csv_never_panics(
        bytes in prop::collection::vec(prop::sample::select(b"a1.,\"\n\r \xff-".to_vec()), 0..60),
    ) {
        if let Ok(batch) = CsvReader::new().read_from(bytes.as_slice()) {
            for column in batch.columns() {
                column.to_data().validate_full().unwrap();
            }
        }
    }
}
