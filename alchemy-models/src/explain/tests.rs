//! SHAP values against Shapley's formula over all subsets of features.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::random::Stream;
use proptest::prelude::*;

use super::avx2::Avx2;
use super::interactions::interactions;
use super::shap::{ShapValues, shap, shap_with};
use super::trees::{Combine, Trees};
use crate::binning::{BinnedMatrix, Binner};
use crate::table::Table;
use crate::tree::bin_set::BinSet;
use crate::tree::build::TreeBuilder;
use crate::tree::node::{Cut, Rule, SetCut, Tree};

#[derive(Debug, Clone)]
struct Case {
    rows: usize,
    columns: u16,
    trees: usize,
    outputs: usize,
    leaves: u64,
    /// Every tree has all outputs.
    mean: bool,
    /// A tree that grows where it grew last is as deep as it can be.
    deep: bool,
    /// Nodes that no training row came by.
    empty_nodes: bool,
    seed: u64,
}

fn cases(columns: std::ops::Range<u16>) -> impl Strategy<Value = Case> {
    (
        1usize..30,
        columns,
        0usize..5,
        1usize..4,
        1u64..24,
        any::<[bool; 3]>(),
        any::<u64>(),
    )
        .prop_map(
            |(rows, columns, rounds, outputs, leaves, [mean, deep, empty_nodes], seed)| Case {
                rows,
                columns,
                trees: (rounds + usize::from(mean)) * if mean { 1 } else { outputs },
                outputs,
                leaves,
                mean,
                deep,
                empty_nodes,
                seed,
            },
        )
}

/// An integer below `bound`.
fn below(stream: &mut Stream, bound: usize) -> usize {
    usize::try_from(stream.below(bound as u64)).unwrap()
}

fn rule(case: &Case, stream: &mut Stream) -> Rule {
    let column = u16::try_from(stream.below(case.columns.into())).unwrap();
    if stream.below(4) == 0 {
        let right: BinSet = (0..12).filter(|_| stream.below(2) == 0).collect();
        return Rule::Set(SetCut { column, right });
    }
    let missing_left = stream.below(2) == 0;
    let lowest = usize::from(!missing_left);
    let bin = u8::try_from(lowest + below(stream, 10)).unwrap();
    Rule::Cut(Cut {
        column,
        bin,
        missing_left,
    })
}

fn tree(case: &Case, stream: &mut Stream) -> Tree {
    let outputs = if case.mean { case.outputs } else { 1 };
    let mut builder = TreeBuilder::new(outputs, 1000.0);
    let mut leaves = vec![0];
    while (leaves.len() as u64) < case.leaves {
        let chosen = below(stream, leaves.len());
        let chosen = if case.deep { leaves.len() - 1 } else { chosen };
        let covers = [0, 1].map(|_| stream.below(100) as f32 + 1.0);
        let covers = match stream.below(8) {
            0 if case.empty_nodes => [0.0, covers[1]],
            1 if case.empty_nodes => [0.0, 0.0],
            _ => covers,
        };
        let left = builder.split(leaves.swap_remove(chosen), rule(case, stream), 1.0, covers);
        leaves.extend([left, left + 1]);
    }
    for leaf in leaves {
        let values = builder.values_mut(leaf).iter_mut();
        values.for_each(|value| *value = stream.normals().0);
    }
    builder.finish()
}

/// Numbers from 0 to 9, some missing; every column varies in the first 20 rows.
fn table(case: &Case, stream: &mut Stream) -> RecordBatch {
    let columns = (0..case.columns).map(|column| {
        let value = |row: usize, drawn: u64| match (row, drawn) {
            (0..10, _) => Some(row as f64),
            (10, _) | (_, 10..) => None,
            (_, drawn) => Some(drawn as f64),
        };
        let values: Float64Array = (0..20 + case.rows)
            .map(|row| value(row, stream.below(12)))
            .collect();
        (format!("c{column}"), Arc::new(values) as ArrayRef, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<_>>()).unwrap()
}

/// Everything that a test of a case needs.
struct Made {
    binner: Binner,
    batch: RecordBatch,
    matrix: BinnedMatrix,
    trees: Vec<Tree>,
    start: Vec<f64>,
    mean: bool,
}

impl Made {
    fn new(case: &Case) -> Self {
        let mut stream = Stream::new(case.seed, &[]);
        let batch = table(case, &mut stream);
        let names = (0..case.columns).map(|column| format!("c{column}"));
        let learned = Table::new(std::slice::from_ref(&batch));
        let binner = Binner::learn(learned, names.collect(), None, 255).unwrap();
        let batch = batch.slice(20, case.rows);
        let matrix = binner
            .bin(Table::new(std::slice::from_ref(&batch)))
            .unwrap();
        let start = (0..case.outputs).map(|_| if case.mean { 0.0 } else { stream.normals().0 });
        Self {
            start: start.collect(),
            trees: (0..case.trees).map(|_| tree(case, &mut stream)).collect(),
            binner,
            batch,
            matrix,
            mean: case.mean,
        }
    }

    fn view(&self) -> Trees<'_> {
        Trees {
            binner: &self.binner,
            trees: &self.trees,
            combine: if self.mean {
                Combine::Mean
            } else {
                Combine::Sum(&self.start)
            },
            names: (0..self.start.len())
                .map(|output| output.to_string())
                .collect(),
        }
    }

    /// What `output` is for `row` if only the columns in the bits of `known` are known.
    fn expected(&self, output: usize, row: usize, known: usize) -> f64 {
        let outputs = self.start.len();
        let own = |tree: usize| self.mean || tree % outputs == output;
        let place = if self.mean { output } else { 0 };
        let trees = self.trees.iter().enumerate().filter(|(tree, _)| own(*tree));
        let sum: f64 = trees
            .map(|(_, tree)| self.of_node(tree, 0, place, row, known))
            .sum();
        self.start[output]
            + if self.mean {
                sum / self.trees.len() as f64
            } else {
                sum
            }
    }

    fn of_node(&self, tree: &Tree, node: u32, place: usize, row: usize, known: usize) -> f64 {
        let Some(rule) = tree.rule(node) else {
            return tree.values(node)[place];
        };
        let left = tree.left(node).unwrap();
        let side = |node| self.of_node(tree, node, place, row, known);
        if known >> rule.column() & 1 == 1 {
            let bin = self.matrix.bin(row, rule.column());
            return side(left + u32::from(tree.goes_right(node, bin)));
        }
        let covers = [left, left + 1].map(|child| f64::from(tree.cover(child)));
        let sum = covers[0] + covers[1];
        let shares = if sum > 0.0 {
            covers.map(|cover| cover / sum)
        } else {
            [0.5; 2]
        };
        shares[0] * side(left) + shares[1] * side(left + 1)
    }
}

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
        for (output, feature) in (0..case.outputs).flat_map(|output| [0, usize::from(case.columns) - 1].map(|feature| (output, feature))) {
            let whole = whole.values(output, feature).unwrap();
            prop_assert_eq!(part.values(output, feature).unwrap(), &whole[cut..]);
        }
    }
}
