use proptest::prelude::*;

use super::*;

/// Makes a number a target that a loss has a meaning for.
type Domain = fn(f64) -> f64;

/// Losses of one score, and how many times the second derivative their hessian is.
fn smooth() -> Vec<(Box<dyn Loss>, Domain, f64)> {
    let any: Domain = |target| target;
    let positive: Domain = |target| target.abs() + 0.01;
    let count: Domain = |target| target.abs().floor();
    let class: Domain = |target| f64::from(u8::from(target > 0.0));
    vec![
        (Box::new(Squared), any, 1.0),
        (Box::new(Logistic), class, 1.0),
        (Box::new(Poisson), count, 0.7f64.exp()),
        (Box::new(Gamma), positive, 1.0),
        (Box::new(Tweedie { power: 1.5 }), count, 1.0),
        (Box::new(Tweedie { power: 1.1 }), positive, 1.0),
        (Box::new(Tweedie { power: 1.9 }), count, 1.0),
    ]
}

/// Losses with a kink, and the hessian of 1 that stands for theirs.
fn kinked() -> Vec<Box<dyn Loss>> {
    vec![
        Box::new(Absolute),
        Box::new(Pinball { q: 0.9 }),
        Box::new(Pinball { q: 0.2 }),
        Box::new(Huber { delta: 0.9 }),
    ]
}

fn derivatives(loss: &dyn Loss, score: f64, target: f64) -> [f64; 2] {
    let mut pairs = [[f32::NAN; 2]];
    loss.derivatives(&[&[score]], &[target], &mut [&mut pairs]);
    pairs[0].map(f64::from)
}

fn assert_near(found: f64, expected: f64, tolerance: f64, what: &dyn Debug) {
    let allowed = tolerance * (1.0 + expected.abs());
    assert!(
        (found - expected).abs() <= allowed,
        "{what:?}: {found}, not {expected}"
    );
}

fn slope(loss: &dyn Loss, score: f64, target: f64, step: f64) -> f64 {
    (loss.loss(&[score + step], target) - loss.loss(&[score - step], target)) / (2.0 * step)
}

proptest! {
    #[test]
    fn derivatives_are_those_of_the_loss(score in -4.0f64..4.0, target in -9.0f64..9.0) {
        for (loss, domain, factor) in smooth() {
            let target = domain(target);
            let [g, h] = derivatives(loss.as_ref(), score, target);
            let what = (&loss, score, target);
            assert_near(g, slope(loss.as_ref(), score, target, 1e-5), 1e-5, &what);
            let step = 1e-3;
            let [above, below] = [step, -step].map(|step| derivatives(loss.as_ref(), score + step, target)[0]);
            assert_near(h / factor, (above - below) / (2.0 * step), 2e-3, &what);
        }
    }

    #[test]
    fn slopes_are_those_of_the_loss_away_from_its_kinks(score in -4.0f64..4.0, target in -4.0f64..4.0) {
        let error = (score - target).abs();
        prop_assume!(error > 1e-3 && (error - 0.9).abs() > 1e-3);
        for loss in kinked() {
            let [g, h] = derivatives(loss.as_ref(), score, target);
            assert_near(g, slope(loss.as_ref(), score, target, 1e-5), 1e-5, &loss);
            assert_near(h, 1.0, 0.0, &loss);
        }
    }

    #[test]
    fn derivatives_of_classes_are_those_of_the_loss(
        scores in prop::array::uniform4(-4.0f64..4.0), target in 0u8..4
    ) {
        let loss = Softmax { num_classes: 4 };
        let target = f64::from(target);
        let at = |class: usize, step: f64| {
            let mut moved = scores;
            moved[class] += step;
            let mut pairs = [[[f32::NAN; 2]]; 4];
            let [a, b, c, d] = &mut pairs;
            let each: Vec<&[f64]> = moved.iter().map(std::slice::from_ref).collect();
            loss.derivatives(&each, &[target], &mut [a, b, c, d]);
            (loss.loss(&moved, target), pairs[class][0].map(f64::from))
        };
        for class in 0..4 {
            let [(above, [g_above, _]), (below, [g_below, _])] = [1e-4, -1e-4].map(|step| at(class, step));
            let (_, [g, h]) = at(class, 0.0);
            assert_near(g, (above - below) / 2e-4, 1e-5, &class);
            assert_near(h, (g_above - g_below) / 2e-4, 5e-3, &class);
        }
    }

    /// With and without weights and offsets.
    #[test]
    fn no_other_constant_is_a_better_start(
        rows in prop::collection::vec((-9.0f64..9.0, 0u8..4, -2.0f64..2.0), 2..30)
    ) {
        prop_assume!(rows.iter().any(|(target, weight, _)| *weight > 0 && *target >= 1.0));
        prop_assume!(rows.iter().any(|(target, weight, _)| *weight > 0 && *target < 0.0));
        let weights: Vec<f64> = rows.iter().map(|(_, weight, _)| f64::from(*weight)).collect();
        let offsets: Vec<f64> = rows.iter().map(|(_, _, offset)| *offset).collect();
        let kinked = kinked().into_iter().filter(|loss| loss.leaf_quantile().is_some());
        let kinked = kinked.map(|loss| (loss, (|target| target) as Domain, 1.0));
        for (loss, domain, _) in smooth().into_iter().chain(kinked) {
            let targets: Vec<f64> = rows.iter().map(|(target, _, _)| domain(*target)).collect();
            for weights in [None, Some(weights.as_slice())] {
                for offsets in [&[][..], std::slice::from_ref(&offsets)] {
                    let rows = Rows { targets: &targets, weights, offsets };
                    let base = loss.base_scores(&rows)[0];
                    let cost = |score: f64| -> f64 {
                        (0..targets.len())
                            .map(|row| rows.weight(row) * loss.loss(&[score + rows.offset(row)], targets[row]))
                            .sum()
                    };
                    let best = cost(base);
                    for step in [1e-4, 0.01, 0.3, 2.0].into_iter().flat_map(|step| [step, -step]) {
                        let other = cost(base + step);
                        prop_assert!(best <= other + 1e-9 * (1.0 + other.abs()), "{loss:?} {base} {step} {rows:?}");
                    }
                }
            }
        }
    }
}

fn cost_of_classes(rows: &Rows<'_>, base: &[f64]) -> f64 {
    let loss = Softmax {
        num_classes: base.len(),
    };
    let of_row = |row: usize| {
        let offset = |class: usize| rows.offsets.get(class).map_or(0.0, |offsets| offsets[row]);
        let scores: Vec<f64> = (0..base.len())
            .map(|class| base[class] + offset(class))
            .collect();
        rows.weight(row) * loss.loss(&scores, rows.targets[row])
    };
    (0..rows.targets.len()).map(of_row).sum()
}

proptest! {
    /// Every class has a row of weight; the wider offsets spread, the surer they are of a class.
    #[test]
    fn no_other_constants_are_a_better_start_for_classes(
        rows in prop::collection::vec((0u8..4, 0u8..4, prop::array::uniform4(-1.0f64..1.0)), 8..40),
        spread in prop::sample::select(vec![0.0, 0.1, 2.0, 8.0, 20.0]),
    ) {
        let mut targets: Vec<f64> = rows.iter().map(|(target, ..)| f64::from(*target)).collect();
        let mut weights: Vec<f64> = rows.iter().map(|(_, weight, _)| f64::from(*weight)).collect();
        for class in 0..4u8 {
            targets[usize::from(class)] = f64::from(class);
            weights[usize::from(class)] = f64::from(class + 1);
        }
        let offsets: Vec<Vec<f64>> =
            (0..4).map(|class| rows.iter().map(|(_, _, offsets)| spread * offsets[class]).collect()).collect();
        for weights in [None, Some(weights.as_slice())] {
            let rows = Rows { targets: &targets, weights, offsets: &offsets };
            let base = Softmax { num_classes: 4 }.base_scores(&rows);
            let best = cost_of_classes(&rows, &base);
            for class in 0..4 {
                for step in [1e-4, 0.01, 0.3, 2.0, 30.0].into_iter().flat_map(|step| [step, -step]) {
                    let mut other = base.clone();
                    other[class] += step;
                    let cost = cost_of_classes(&rows, &other);
                    prop_assert!(best <= cost + 1e-9 * (1.0 + cost), "{base:?} {class} {step} {rows:?}");
                }
            }
        }
    }
}

#[test]
fn constants_over_one_offset_for_all_rows_are_those_without() {
    let targets: Vec<f64> = (0..9000u32)
        .map(|row| f64::from(row * row % 7 % 3))
        .collect();
    let plain = Rows {
        targets: &targets,
        weights: None,
        offsets: &[],
    };
    let offsets = [-3.0, 0.5, 250.0].map(|offset| vec![offset; 9000]);
    let over = Rows {
        offsets: &offsets,
        ..plain
    };
    let loss = Softmax { num_classes: 3 };
    let [plain, over] = [plain, over].map(|rows| loss.base_scores(&rows));
    for class in 0..2 {
        let found = over[class] + offsets[class][0] - over[2] - 250.0;
        assert!((found - (plain[class] - plain[2])).abs() < 1e-9);
    }
}

#[test]
fn huber_starts_from_the_mean_as_in_lightgbm() {
    let rows = Rows {
        targets: &[1.0, 2.0, 9.0],
        weights: None,
        offsets: &[vec![0.0, 0.0, 3.0]],
    };
    assert_eq!(Huber { delta: 0.5 }.base_scores(&rows), [3.0]);
}

#[test]
fn no_score_or_target_within_bounds_gives_what_is_no_number() {
    let scores = [-1e30, -800.0, -1.0, 0.0, 1.0, 800.0, 1e30];
    let targets = [0.0, 1e-300, 1.0, 1e30];
    let losses = smooth().into_iter().map(|(loss, ..)| loss).chain(kinked());
    for loss in losses {
        for score in scores {
            for target in targets {
                let [g, h] = derivatives(loss.as_ref(), score, target);
                assert!(
                    g.is_finite() && h.is_finite() && h > 0.0,
                    "{loss:?} {score} {target}"
                );
            }
        }
    }
}
