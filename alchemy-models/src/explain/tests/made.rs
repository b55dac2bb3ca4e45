//! Models made up, and what they say of rows of which some features are known.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::random::Stream;
use proptest::prelude::*;

use crate::binning::{BinnedMatrix, Binner};
use crate::explain::{Combine, Trees};
use crate::table::Table;
use crate::tree::bin_set::BinSet;
use crate::tree::build::TreeBuilder;
use crate::tree::node::{Cut, Rule, SetCut, Tree};

#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) rows: usize,
    pub(super) columns: u16,
    pub(super) trees: usize,
    pub(super) outputs: usize,
    pub(super) leaves: u64,
    /// Every tree has all outputs.
    pub(super) mean: bool,
    /// A tree that grows where it grew last is as deep as it can be.
    pub(super) deep: bool,
    /// Nodes that no training row came by.
    pub(super) empty_nodes: bool,
    pub(super) seed: u64,
}

pub(super) fn cases(columns: std::ops::Range<u16>) -> impl Strategy<Value = Case> {
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
pub(super) struct Made {
    binner: Binner,
    pub(super) batch: RecordBatch,
    matrix: BinnedMatrix,
    trees: Vec<Tree>,
    start: Vec<f64>,
    mean: bool,
}

impl Made {
    pub(super) fn new(case: &Case) -> Self {
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

    pub(super) fn view(&self) -> Trees<'_> {
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
    pub(super) fn expected(&self, output: usize, row: usize, known: usize) -> f64 {
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
