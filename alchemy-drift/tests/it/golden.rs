//! Tests and indices beside scipy's and numpy's.

use alchemy_drift::{ChiSquareTest, Closed, KsTest, Psi, benjamini_hochberg};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    samples: Vec<Samples>,
    chi_square: Vec<ChiSquare>,
    false_discovery: Vec<FalseDiscovery>,
}

#[derive(Deserialize)]
struct Samples {
    name: String,
    reference: Vec<f64>,
    current: Vec<f64>,
    statistic: f64,
    p_value: f64,
    psi_right: f64,
    psi_left: f64,
}

#[derive(Deserialize)]
struct ChiSquare {
    counts: Vec<(usize, usize)>,
    statistic: f64,
    degrees_of_freedom: usize,
    p_value: f64,
}

#[derive(Deserialize)]
struct FalseDiscovery {
    p_values: Vec<f64>,
    adjusted: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/drift.json")).unwrap()
}

fn assert_near(what: &str, found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    assert!(error < tolerance, "{what}: {found}, expected {expected}");
}

#[test]
fn ks_agrees_with_scipy() {
    for case in golden().samples {
        let test = KsTest::two_sample(&case.reference, &case.current).unwrap();
        assert_near(&case.name, test.statistic, case.statistic, 1e-14);
        assert_near(&case.name, test.p_value, case.p_value, 1e-10);
    }
}

#[test]
fn psi_agrees_with_numpy_by_both_definitions() {
    let right = Psi::new();
    let left = Psi::new().with_closed(Closed::Left).with_floor(1e-6);
    for case in golden().samples {
        for (psi, expected) in [(right, case.psi_right), (left, case.psi_left)] {
            let found = psi
                .of_numbers(&case.reference, &case.current)
                .unwrap()
                .unwrap();
            assert!(
                (found - expected).abs() < 1e-12,
                "{}: {found}, expected {expected}",
                case.name
            );
        }
    }
}

#[test]
fn chi_square_agrees_with_scipy() {
    for case in golden().chi_square {
        let test = ChiSquareTest::homogeneity(&case.counts).unwrap();
        assert_eq!(test.degrees_of_freedom, case.degrees_of_freedom);
        assert_near("statistic", test.statistic, case.statistic, 1e-12);
        assert_near("p-value", test.p_value, case.p_value, 1e-10);
    }
}

#[test]
fn false_discovery_agrees_with_scipy() {
    for case in golden().false_discovery {
        for (found, expected) in benjamini_hochberg(&case.p_values)
            .iter()
            .zip(&case.adjusted)
        {
            assert!(
                (found - expected).abs() < 1e-15,
                "{found}, expected {expected}"
            );
        }
    }
}
