//! Laws of tests and of the detector.

use std::sync::Arc;

use alchemy_core::random::Stream;
use alchemy_drift::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use alchemy_drift::arrow::compute::take_record_batch;
use alchemy_drift::{DriftDetector, Fit, FittedDriftDetector, KsTest, Psi};
use proptest::prelude::*;

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    let number = prop_oneof![
        8 => (-30..30i32).prop_map(|x| f64::from(x) / 7.0),
        2 => any::<f64>(),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
    ];
    prop::collection::vec(number, 1..250)
}

fn batch(numbers: &[f64]) -> RecordBatch {
    let levels = StringArray::from_iter(numbers.iter().map(|x| {
        let level = ["low", "high"][usize::from(*x > 0.0)];
        (!x.is_nan()).then_some(level)
    }));
    let numbers = Float64Array::from(numbers.to_vec());
    let columns: [(&str, ArrayRef, bool); 2] = [
        ("x", Arc::new(numbers), true),
        ("level", Arc::new(levels), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_p_value_is_a_chance_and_sides_can_be_swapped(a in numbers(), b in numbers()) {
        let (there, back) = (KsTest::two_sample(&a, &b), KsTest::two_sample(&b, &a));
        prop_assert_eq!(there.is_some(), back.is_some());
        if let (Some(there), Some(back)) = (there, back) {
            prop_assert!((0.0..=1.0).contains(&there.p_value) && (0.0..=1.0).contains(&there.statistic));
            prop_assert!((there.statistic - back.statistic).abs() < 1e-15);
            prop_assert!((there.p_value - back.p_value).abs() < 1e-12);
        }
    }

    #[test]
    fn nothing_drifts_from_itself(a in numbers()) {
        let report = DriftDetector::new().fit(&batch(&a)).unwrap().compare(&batch(&a)).unwrap();
        prop_assert_eq!(report.num_drifted(), 0);
        prop_assert!(report.columns.iter().all(|found| found.psi.is_none_or(|psi| psi.abs() < 1e-12)));
    }

    #[test]
    fn psi_is_finite_and_not_negative(a in numbers(), b in numbers()) {
        if let Some(psi) = Psi::new().of_numbers(&a, &b).unwrap() {
            prop_assert!((0.0..100.0).contains(&psi), "{psi}");
        }
    }

    #[test]
    fn order_slices_and_threads_do_not_show(a in numbers(), b in numbers(), seed: u64) {
        let (reference, current) = (batch(&a), batch(&b));
        let expected = with_threads(1, || DriftDetector::new().fit(&reference).unwrap().compare(&current).unwrap());
        let mut order: Vec<u64> = (0..a.len() as u64).collect();
        Stream::new(seed, &[]).shuffle(&mut order);
        let shuffled = take_record_batch(&reference, &UInt64Array::from(order)).unwrap();
        let padded = batch(&[&[9.0, f64::NAN], b.as_slice(), &[1.0]].concat()).slice(2, b.len());
        let found = with_threads(3, || DriftDetector::new().fit(&shuffled).unwrap().compare(&padded).unwrap());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_stored_detector_finds_the_same(a in numbers(), b in numbers(), bound in prop::option::of(2..40usize)) {
        let mut detector = DriftDetector::new();
        if let Some(bound) = bound {
            detector = detector.with_max_reference(bound);
        }
        let fitted = detector.fit(&batch(&a)).unwrap();
        let text = serde_json::to_string(&fitted).unwrap();
        let loaded: FittedDriftDetector = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&loaded, &fitted);
        prop_assert_eq!(loaded.compare(&batch(&b)).unwrap(), fitted.compare(&batch(&b)).unwrap());
    }
}

#[test]
fn a_bounded_reference_is_small_and_near() {
    let mut stream = Stream::new(5, &[]);
    let mut draw = |mean: f64| {
        (0..20_000)
            .map(|_| mean + stream.normals().0)
            .collect::<Vec<_>>()
    };
    let (reference, current) = (batch(&draw(0.0)), batch(&draw(0.2)));
    let exact = DriftDetector::new().fit(&reference).unwrap();
    let bounded = DriftDetector::new()
        .with_max_reference(200)
        .fit(&reference)
        .unwrap();
    assert!(serde_json::to_string(&bounded).unwrap().len() < 10_000);
    let (exact, bounded) = (
        exact.compare(&current).unwrap(),
        bounded.compare(&current).unwrap(),
    );
    let statistic =
        |report: &alchemy_drift::DriftReport| report.column("x").unwrap().values.unwrap().statistic;
    assert!(
        (statistic(&exact) - statistic(&bounded)).abs() <= (1.0 / 200.0 + 1.0 / 20_000.0) / 2.0
    );
    assert_eq!(
        exact.column("x").unwrap().psi,
        bounded.column("x").unwrap().psi
    );
    assert_eq!(exact.num_drifted(), bounded.num_drifted());
}

#[test]
fn false_alarms_stay_below_alpha() {
    // 400 comparisons of 10 columns without drift: with the least effect at 0 the p-values alone decide.
    let detector = DriftDetector::new().with_min_effect(0.0);
    let sample = |round: u64, side: u64| {
        let columns = (0..10).map(|column| {
            let mut stream = Stream::new(77, &[round, side, column]);
            let values: Float64Array = (0..120).map(|_| Some(stream.next_f64())).collect();
            (format!("x{column}"), Arc::new(values) as ArrayRef)
        });
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let alarms = (0..400)
        .filter(|round| {
            detector
                .fit(&sample(*round, 0))
                .unwrap()
                .compare(&sample(*round, 1))
                .unwrap()
                .num_drifted()
                > 0
        })
        .count();
    // 20 expected at most; 35 is more than three standard deviations above.
    assert!(alarms < 35, "{alarms} of 400");
}
