//! NIST's Statistical Reference Datasets, univariate: certified values, and the exact ones for what
//! `f64` can hold of the data.
//!
//! <https://www.itl.nist.gov/div898/strd/univ/homepage.html>

use std::collections::BTreeMap;
use std::path::Path;

use alchemy_core::stats::{Moments, autocorrelation};
use serde::Deserialize;

use crate::data::{folder, ulps};

#[derive(Deserialize)]
struct Exact {
    n: u64,
    mean: f64,
    std_dev: f64,
    autocorrelation: f64,
}

#[test]
fn results_are_the_exact_ones_for_the_input() {
    let Some(folder) = folder() else { return };
    let golden: BTreeMap<String, Exact> =
        serde_json::from_str(include_str!("../golden/nist.json")).unwrap();
    for (name, exact) in golden {
        let (values, _) = read(&folder.join(format!("nist/{name}.dat")));
        let moments = Moments::from_iter(values.iter().copied());
        assert_eq!(moments.count(), exact.n, "{name}");
        assert_eq!(moments.mean(), Some(exact.mean), "{name}");
        assert!(
            ulps(moments.std_dev().unwrap(), exact.std_dev) <= 1,
            "{name}"
        );
        let found = autocorrelation(&values, 1).unwrap();
        assert!(ulps(found, exact.autocorrelation) <= 2, "{name}: {found}");
    }
}

#[test]
fn certified_digits_are_met() {
    let Some(folder) = folder() else { return };
    let certified: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("reference.json")).unwrap())
            .unwrap();
    for (name, set) in certified["nist_univariate"].as_object().unwrap() {
        let (values, header) = read(&folder.join(format!("nist/{name}.dat")));
        let moments = Moments::from_iter(values.iter().copied());
        // NumAcc3 and NumAcc4 are near the limit of what 53 bits can hold of their data.
        let (std_dev_digits, autocorrelation_digits) = match name.as_str() {
            "NumAcc3" => (9.0, 12.0),
            "NumAcc4" => (8.0, 11.0),
            _ => (13.0, 13.0),
        };
        for (key, found, least) in [
            ("mean", moments.mean(), 13.0),
            ("std", moments.std_dev(), std_dev_digits),
            ("acf1", autocorrelation(&values, 1), autocorrelation_digits),
        ] {
            let text = set["certified"][key].to_string();
            let expected: f64 = text.trim_matches('"').parse().unwrap();
            assert!(
                header.contains(text.trim_matches('"').trim_end_matches('0')),
                "{name} {key}"
            );
            let digits = -((found.unwrap() - expected).abs() / expected.abs()).log10();
            assert!(digits >= least, "{name} {key}: {digits} digits");
        }
    }
}

/// The values of a set, and its text.
fn read(path: &Path) -> (Vec<f64>, String) {
    let text = std::fs::read_to_string(path).unwrap();
    let start = text
        .lines()
        .collect::<Vec<_>>()
        .iter()
        .rposition(|line| line.starts_with("---"))
        .unwrap();
    let values = text
        .lines()
        .skip(start + 1)
        .filter(|line| !line.trim().is_empty());
    (
        values.map(|line| line.trim().parse().unwrap()).collect(),
        text,
    )
}
