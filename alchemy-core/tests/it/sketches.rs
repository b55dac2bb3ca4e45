//! Sketches against exact counts: their errors are what they say, and their content is all they know.

use std::collections::{BTreeMap, BTreeSet};

use alchemy_core::random::Stream;
use alchemy_core::stats::{DistinctSketch, Ecdf, HeavyHitters, Quantile, QuantileSketch};
use proptest::prelude::*;

use crate::properties::{cut, floats, json};

/// The least room that a sketch can be given.
const LEAST_BYTES: usize = 32 << 10;

fn sketch(error: f64, max_bytes: usize, values: &[f64]) -> QuantileSketch {
    let sketch = QuantileSketch::new().with_relative_error(error).unwrap();
    let mut sketch = sketch.with_max_bytes(max_bytes).unwrap();
    sketch.extend(values.iter().copied());
    sketch
}

fn settings() -> impl Strategy<Value = (f64, usize)> {
    let errors = prop::sample::select(vec![0.5, 0.01, 1.0 / 512.0, 1.0 / 8192.0]);
    (
        errors,
        prop::sample::select(vec![LEAST_BYTES, 100_000, 1 << 20]),
    )
}

/// Every order statistic, quantile and rank against those of the sorted values.
fn assert_bounds(sketch: &QuantileSketch, values: &[f64]) {
    let exact = Ecdf::new(values.to_vec());
    let relative = sketch.relative_error();
    let subnormal = 2_f64.powi(-1022) * relative;
    let bound = |value: f64| (relative * value.abs()).max(subnormal);
    let within = |found: f64, value: f64| found == value || (found - value).abs() <= bound(value);
    assert_eq!(sketch.count(), exact.len() as u64);
    assert_eq!((sketch.min(), sketch.max()), (exact.min(), exact.max()));
    assert_eq!(sketch.order_statistic(sketch.count()), None);
    for (rank, value) in exact.values().iter().enumerate() {
        let found = sketch.order_statistic(rank as u64).unwrap();
        assert!(within(found, *value), "{found} for {value}");
        let (least, most) = sketch.count_up_to(*value);
        assert!(
            (least..=most).contains(&(exact.count_up_to(*value) as u64)),
            "{value}"
        );
        let share = sketch.share_up_to(*value) * exact.len() as f64;
        assert!(least as f64 <= share * (1.0 + 1e-15) && share <= most as f64 * (1.0 + 1e-15));
    }
    let mut before = f64::NEG_INFINITY;
    for k in 0..=20_u8 {
        let q = Quantile::new(f64::from(k) / 20.0).unwrap();
        let (found, value) = (sketch.quantile(q), exact.quantile(q));
        let (Some(found), Some(value)) = (found, value) else {
            assert_eq!((found, value), (None, None));
            return;
        };
        // Where neighbours differ in sign the larger magnitude bounds the error.
        let position = usize::from(k) * (exact.len() - 1);
        let near = [position / 20, position.div_ceil(20)].map(|at| exact.values()[at]);
        let most = bound(near[0]).max(bound(near[1])) * (1.0 + 1e-12);
        assert!(
            found == value || (found - value).abs() <= most,
            "{found} for {value}"
        );
        assert!(found >= before);
        before = found;
    }
}

proptest! {
    #[test]
    fn quantile_sketches_keep_their_bound((error, bytes) in settings(), values in floats()) {
        let found = sketch(error, bytes, &values);
        assert_bounds(&found, &values);
        prop_assert!(bytes < 1 << 20 || error < 0.01 || found.relative_error() <= error);
    }

    #[test]
    fn quantile_sketches_know_only_their_content(
        (values, shuffled, at) in cut(),
        ours in settings(),
        theirs in settings(),
    ) {
        let whole = sketch(ours.0.max(theirs.0), ours.1.min(theirs.1), &values);
        let (left, right) = shuffled.split_at(at);
        let (left, right) = (sketch(ours.0, ours.1, left), sketch(theirs.0, theirs.1, right));
        let mut merged = left.clone();
        merged.merge(&right);
        let mut reversed = right;
        reversed.merge(&left);
        prop_assert_eq!(json(&merged), json(&whole));
        prop_assert_eq!(json(&reversed), json(&whole));
        let stored: QuantileSketch = serde_json::from_str(&json(&whole)).unwrap();
        prop_assert_eq!(&stored, &whole);
        assert_bounds(&stored, &values);
    }

    #[test]
    fn distinct_sketches_know_only_their_content(
        values in prop::collection::vec(0_u32..9000, 0..4000),
        at in any::<prop::sample::Index>(),
    ) {
        let of = |values: &[u32]| {
            let mut sketch = DistinctSketch::with_precision(12).unwrap();
            sketch.extend(values.iter().copied().map(f64::from));
            sketch
        };
        let whole = of(&values);
        let (left, right) = values.split_at(at.index(values.len() + 1));
        let (left, right) = (of(left), of(right));
        let (mut merged, mut reversed) = (left.clone(), right.clone());
        merged.merge(&right).unwrap();
        reversed.merge(&left).unwrap();
        prop_assert_eq!(json(&merged), json(&whole));
        prop_assert_eq!(json(&reversed), json(&whole));
        prop_assert_eq!(&serde_json::from_str::<DistinctSketch>(&json(&whole)).unwrap(), &whole);
        let distinct = values.iter().collect::<BTreeSet<_>>().len() as u64;
        prop_assert_eq!(whole.is_exact(), distinct <= 256);
        if whole.is_exact() {
            prop_assert_eq!(whole.distinct(), distinct);
        }
    }

    #[test]
    fn heavy_hitters_keep_their_bound(
        parts in prop::collection::vec(prop::collection::vec((0_u32..40, 1_u64..9), 0..120), 1..5),
        counters in 1_usize..12,
    ) {
        let mut exact: BTreeMap<u32, u64> = BTreeMap::new();
        let mut merged = HeavyHitters::<u32>::new(counters).unwrap();
        for part in &parts {
            let mut own = HeavyHitters::<u32>::new(counters).unwrap();
            for (value, count) in part {
                // Squares make small values frequent.
                let value = value * value / 40;
                own.add_many(&value, *count);
                *exact.entry(value).or_default() += count;
            }
            merged.merge(&own);
        }
        let total: u64 = exact.values().sum();
        prop_assert_eq!(merged.total(), total);
        prop_assert!(merged.error() <= total / (counters as u64 + 1));
        for (value, count) in &exact {
            prop_assert!(merged.count(value).contains(count));
        }
        let found = merged.top(usize::MAX);
        prop_assert!(found.len() <= 2 * counters);
        let kept: BTreeSet<u32> = found.iter().map(|(value, _)| **value).collect();
        let frequent = |count: u64| count > total / (counters as u64 + 1);
        prop_assert!(exact.iter().all(|(value, count)| !frequent(*count) || kept.contains(value)));
        let stored: HeavyHitters<u32> = serde_json::from_str(&json(&merged)).unwrap();
        prop_assert_eq!(json(&stored), json(&merged));
        prop_assert_eq!(stored, merged);
    }
}

#[test]
fn hostile_values_keep_the_bound_of_quantile_sketches() {
    let mut stream = Stream::new(11, &[]);
    let mut uniform = |low: f64, high: f64, n: usize| -> Vec<f64> {
        (0..n)
            .map(|_| low + (high - low) * stream.next_f64())
            .collect()
    };
    let subnormals: Vec<f64> = (0..500).map(|k| f64::from_bits(k * k * 77)).collect();
    let binades: Vec<f64> = (0..2047)
        .flat_map(|k| {
            [
                f64::from_bits(k << 52 | 1 << 40),
                -f64::from_bits(k << 52 | 9),
            ]
        })
        .collect();
    let samples = [
        vec![0.1; 1000],
        vec![-f64::MAX; 3],
        vec![0.0, -0.0, 5e-324, -5e-324],
        vec![f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY],
        [uniform(1.0, 1.001, 400), uniform(-2e9, -1e9, 600)].concat(),
        uniform(1e308, 1.7e308, 500),
        uniform(-1e-3, 1e-3, 500),
        uniform(1e9 - 1.0, 1e9 + 1.0, 500),
        subnormals,
        binades,
    ];
    for values in samples {
        for (error, bytes) in [
            (0.5, 1 << 20),
            (1.0 / 512.0, 1 << 20),
            (1.0 / 8192.0, LEAST_BYTES),
        ] {
            assert_bounds(&sketch(error, bytes, &values), &values);
        }
    }
}

#[test]
fn equal_values_are_found_exactly() {
    let found = QuantileSketch::from_iter([0.1; 100]);
    assert_eq!(found.quantile(Quantile::MEDIAN), Some(0.1));
    assert_eq!(
        (found.share_up_to(0.09), found.share_up_to(0.1)),
        (0.0, 1.0)
    );
}

#[test]
fn the_memory_of_a_quantile_sketch_is_bounded() {
    let mut found = QuantileSketch::new();
    for exponent in -1000..1000 {
        let value = 1.5 * 2_f64.powi(exponent);
        found.extend([value, -value]);
        assert!(found.num_bytes() <= (1 << 20) + (8 << 10) + 200);
    }
    // 4000 binades of 2^5 counts are within the limit, of 2^6 not.
    assert_eq!(found.relative_error(), 1.0 / 64.0);
    let least = sketch(1.0 / 512.0, LEAST_BYTES, &[1.0]);
    found.merge(&least);
    assert_eq!((found.relative_error(), found.count()), (0.5, 4001));
}

#[test]
fn the_estimate_of_distinct_values_has_the_stated_error() {
    const KEYS: u64 = 40;
    for (precision, distinct) in [
        (12, 300),
        (12, 5_000),
        (12, 14_000),
        (14, 1_500),
        (14, 40_000),
    ] {
        let errors: Vec<f64> = (0..KEYS)
            .map(|key| {
                let sketch = DistinctSketch::with_precision(precision).unwrap();
                let mut sketch = sketch.with_key(key);
                sketch.extend((0..distinct).map(f64::from));
                assert!(!sketch.is_exact());
                let error = sketch.distinct() as f64 / f64::from(distinct) - 1.0;
                error / sketch.standard_error()
            })
            .collect();
        let mean = errors.iter().sum::<f64>() / KEYS as f64;
        let square = errors.iter().map(|error| error * error).sum::<f64>() / KEYS as f64;
        // The mean of 40 errors has a deviation of 0.16, their mean square one of 0.22.
        assert!(mean.abs() < 0.5, "{precision} {distinct}: {mean}");
        assert!(square < 1.7, "{precision} {distinct}: {square}");
    }
}

#[test]
fn texts_and_numbers_are_told_apart_as_columns_need() {
    let numbers = DistinctSketch::from_iter([0.0, -0.0, f64::NAN, 1.0, f64::INFINITY, 1.0]);
    assert_eq!((numbers.distinct(), numbers.standard_error()), (3, 0.0));
    assert_eq!(DistinctSketch::from_iter(["", "a", ""]).distinct(), 2);
    let mut other = DistinctSketch::new().with_key(1);
    assert!(other.merge(&numbers).is_err());
}

#[test]
fn few_values_are_counted_exactly_and_frequent_ones_kept() {
    let mut found = HeavyHitters::<String>::new(10).unwrap();
    for k in 0..10_000_u32 {
        found.add(if k % 3 == 0 { "often" } else { "seldom" });
    }
    assert_eq!((found.error(), found.count("often")), (0, 3334..=3334));
    for k in 0..10_000_u32 {
        found.add(k.to_string().as_str());
    }
    let top: Vec<&str> = found.top(2).iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(top, ["seldom", "often"]);
    assert!(found.error() > 0 && found.error() <= 20_000 / 11);
}

#[test]
fn forged_states_are_errors() {
    let text = json(&QuantileSketch::from_iter([-1.0, 0.0, 2.0, 1e300]));
    for (from, to) in [
        ("\"bits\":8", "\"bits\":9"),
        ("[-1.0", "[-2.0"),
        ("1e+300", "1e+301"),
        ("\"max_bytes\":1048576", "\"max_bytes\":1"),
        (",1]", ",0]"),
        (",1]", ",18446744073709551615]"),
        ("\"bins\":[[", "\"bins\":[[9"),
    ] {
        let forged = text.replace(from, to);
        assert_ne!(forged, text);
        assert!(
            serde_json::from_str::<QuantileSketch>(&forged).is_err(),
            "{forged}"
        );
    }
    let mut many = DistinctSketch::with_precision(12).unwrap();
    many.extend((0..1000).map(f64::from));
    let text = json(&many);
    assert!(serde_json::from_str::<DistinctSketch>(&text.replacen('#', "~", 1)).is_err());
    assert!(serde_json::from_str::<DistinctSketch>(&text.replacen('#', "", 1)).is_err());
    assert!(serde_json::from_str::<DistinctSketch>(r#"{"precision":14,"key":0}"#).is_err());
    let forged = r#"{"counters":2,"total":1,"error":0,"counts":[[7,2]]}"#;
    assert!(serde_json::from_str::<HeavyHitters<u32>>(forged).is_err());
}
