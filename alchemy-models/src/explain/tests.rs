//! SHAP values against Shapley's formula over all subsets of features.

mod made;

use proptest::prelude::*;

use super::avx2::Avx2;
use super::explainer::{ShapExplainer, shap, shap_with};
use super::interactions::interactions;
use super::shap::ShapValues;
use made::{Case, Made, cases};

fn factorial(n: usize) -> f64 {
    (1..=n).map(|k| k as f64).product()
}

fn bits(values: &ShapValues) -> Vec<u64> {
    let outputs = 0..values.outputs().len();
    let all = outputs
        .flat_map(|output| (0..values.features().len()).map(move |feature| (output, feature)));
    all.flat_map(|(output, feature)| values.values(output, feature).unwrap())
        .map(|value| value.to_bits())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn shap_values_are_those_of_shapleys_formula(case in cases(1..6)) {
        let made = Made::new(&case);
        let found = shap(&made.view(), &made.batch).unwrap();
        let columns = usize::from(case.columns);
        for output in 0..case.outputs {
            for row in 0..case.rows {
                let worth: Vec<f64> = (0..1 << columns)
                    .map(|known| made.expected(output, row, known))
                    .collect();
                let base = found.base(output).unwrap();
                prop_assert!((base - worth[0]).abs() < 1e-12);
                let mut sum = base;
                for feature in 0..columns {
                    let without = (0..1usize << columns).filter(|known| known >> feature & 1 == 0);
                    let expected: f64 = without.map(|known| {
                        let size = known.count_ones() as usize;
                        let weight = factorial(size) * factorial(columns - size - 1) / factorial(columns);
                        weight * (worth[known | 1 << feature] - worth[known])
                    }).sum();
                    let value = found.values(output, feature).unwrap()[row];
                    prop_assert!((value - expected).abs() < 1e-11, "{} is not {}", value, expected);
                    sum += value;
                }
                prop_assert!((sum - worth[(1 << columns) - 1]).abs() < 1e-11);
            }
        }
    }

    #[test]
    fn interaction_values_are_those_of_their_formula_and_add_up_to_shap_values(case in cases(1..6)) {
        let made = Made::new(&case);
        let shap = shap(&made.view(), &made.batch).unwrap();
        let found = interactions(&made.view(), &made.batch).unwrap();
        let columns = usize::from(case.columns);
        for output in 0..case.outputs {
            prop_assert_eq!(found.base(output), shap.base(output));
            for row in 0..case.rows {
                let worth: Vec<f64> = (0..1 << columns)
                    .map(|known| made.expected(output, row, known))
                    .collect();
                for a in 0..columns {
                    let mut sum = 0.0;
                    for b in 0..columns {
                        let value = found.values(output, a, b).unwrap()[row];
                        prop_assert_eq!(value.to_bits(), found.values(output, b, a).unwrap()[row].to_bits());
                        sum += value;
                        if a == b {
                            continue;
                        }
                        let both = 1 << a | 1 << b;
                        let without = (0..1usize << columns).filter(|known| known & both == 0);
                        let expected: f64 = without.map(|known| {
                            let size = known.count_ones() as usize;
                            let weight = factorial(size) * factorial(columns - size - 2) / factorial(columns - 1);
                            let [a, b] = [a, b].map(|column| worth[known | 1 << column]);
                            0.5 * weight * (worth[known | both] - a - b + worth[known])
                        }).sum();
                        prop_assert!((value - expected).abs() < 1e-10, "{} is not {}", value, expected);
                    }
                    let value = shap.values(output, a).unwrap()[row];
                    prop_assert!((sum - value).abs() < 1e-11, "{} is not {}", sum, value);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn shap_values_add_up_on_every_path_to_the_same_bits(case in cases(1..60), leaves in 1u64..200, cut in 1usize..40) {
        let case = Case { rows: 40 + case.rows * 10, leaves, ..case };
        let made = Made::new(&case);
        let all = (1usize << case.columns) - 1;
        let whole = shap(&made.view(), &made.batch).unwrap();
        for (output, row) in (0..case.outputs).flat_map(|output| [0, 7, case.rows - 1].map(|row| (output, row))) {
            let features = 0..usize::from(case.columns);
            let sum: f64 = features.map(|feature| whole.values(output, feature).unwrap()[row]).sum();
            let sum = whole.base(output).unwrap() + sum;
            let expected = made.expected(output, row, all);
            prop_assert!((sum - expected).abs() < 1e-11 * case.trees.max(1) as f64, "{} is not {}", sum, expected);
        }
        let plain = shap_with(&made.view(), &made.batch, None).unwrap();
        prop_assert_eq!(bits(&plain), bits(&shap_with(&made.view(), &made.batch, Avx2::detect()).unwrap()));
        let part = shap(&made.view(), &made.batch.slice(cut, case.rows - cut)).unwrap();
        let explainer = ShapExplainer::new(&made.view());
        prop_assert_eq!(&explainer.shap(&made.batch).unwrap(), &whole);
        for (output, feature) in (0..case.outputs).flat_map(|output| [0, usize::from(case.columns) - 1].map(|feature| (output, feature))) {
            let whole = whole.values(output, feature).unwrap();
            prop_assert_eq!(part.values(output, feature).unwrap(), &whole[cut..]);
        }
    }
}
