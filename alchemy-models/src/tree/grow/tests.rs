//! Trees against an exhaustive search that shares no code with the engine but the meaning of a cut.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use proptest::prelude::*;

use super::*;
use crate::binning::Binner;
use crate::math::narrow;
use crate::table::Table;
use crate::tree::gradient::{Pair, Rounded, Spread};
use crate::tree::node::{Cut, Stored};

#[derive(Debug, Clone)]
struct Case {
    /// By column; `None` is missing.
    columns: Vec<Vec<Option<u8>>>,
    pairs: Vec<Pair>,
    rules: Rules,
}

fn cases() -> impl Strategy<Value = Case> {
    (2usize..60, 1usize..5).prop_flat_map(|(rows, columns)| {
        let cell = prop_oneof![1 => Just(None), 6 => (0u8..6).prop_map(Some)];
        let hessian = prop_oneof![Just(1u8..=1), Just(1u8..=9)];
        (
            prop::collection::vec(prop::collection::vec(cell, rows), columns),
            hessian.prop_flat_map(move |range| prop::collection::vec((-20i8..=20, range), rows)),
            rules(),
        )
            .prop_map(|(columns, pairs, rules)| Case {
                columns,
                pairs: pairs
                    .into_iter()
                    .map(|(g, h)| [f32::from(g), f32::from(h)])
                    .collect(),
                rules,
            })
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    (
        prop_oneof![Just(usize::MAX), 2usize..9],
        prop_oneof![Just(usize::MAX), 1usize..5],
        1usize..6,
        prop_oneof![Just(0.0), Just(7.0)],
        prop_oneof![Just(0.0), Just(25.0)],
        prop_oneof![Just(0.0), Just(3.0)],
        prop_oneof![Just(0.0), Just(1.5)],
    )
        .prop_map(
            |(num_leaves, max_depth, min_samples_leaf, min_child_weight, min_gain, l1, l2)| Rules {
                num_leaves,
                max_depth,
                min_samples_leaf,
                min_child_weight,
                min_gain,
                l1,
                l2,
            },
        )
}

/// Column by column, the bins of all rows: values numbered from 1 in the order of those that occur.
fn bins(case: &Case) -> Vec<Vec<u8>> {
    let rank = |column: &[Option<u8>], value: u8| {
        let mut lower: Vec<u8> = column
            .iter()
            .flatten()
            .copied()
            .filter(|other| *other < value)
            .collect();
        lower.sort_unstable();
        lower.dedup();
        1 + u8::try_from(lower.len()).unwrap()
    };
    let bin = |column: &Vec<Option<u8>>| {
        column
            .iter()
            .map(|cell| cell.map_or(0, |value| rank(column, value)))
            .collect()
    };
    case.columns
        .iter()
        .filter(|column| column.iter().any(|cell| *cell != column[0]))
        .map(bin)
        .collect()
}

struct Naive<'a> {
    case: &'a Case,
    bins: Vec<Vec<u8>>,
}

#[derive(Clone)]
struct NaiveNode {
    rows: Vec<usize>,
    depth: usize,
    split: Option<(Cut, f64, usize)>,
}

impl Naive<'_> {
    fn sums(&self, rows: &[usize]) -> [f64; 2] {
        let sum = |which: usize| {
            rows.iter()
                .map(|row| f64::from(self.case.pairs[*row][which]))
                .sum()
        };
        [sum(0), sum(1)]
    }

    fn moved(&self, gradient: f64) -> f64 {
        gradient.signum() * (gradient.abs() - self.case.rules.l1).max(0.0)
    }

    fn worth(&self, rows: &[usize]) -> f64 {
        let [gradient, hessian] = self.sums(rows);
        self.moved(gradient).powi(2) / (hessian + self.case.rules.l2)
    }

    fn goes_right(&self, cut: Cut, row: usize) -> bool {
        match self.bins[usize::from(cut.column)][row] {
            0 => !cut.missing_left,
            bin => bin > cut.bin,
        }
    }

    fn part(&self, rows: &[usize], cut: Cut) -> [Vec<usize>; 2] {
        let (right, left) = rows.iter().partition(|row| self.goes_right(cut, **row));
        [left, right]
    }

    /// Every cut between two values that occur, and the one between missing and present.
    fn cuts(&self, rows: &[usize]) -> Vec<Cut> {
        let mut cuts = Vec::new();
        for (column, bins) in (0u16..).zip(&self.bins) {
            let mut seen: Vec<u8> = rows.iter().map(|row| bins[*row]).collect();
            seen.sort_unstable();
            seen.dedup();
            let has_missing = seen.first() == Some(&0);
            let values = &seen[usize::from(has_missing)..];
            for missing_left in [false, true] {
                if missing_left && !has_missing {
                    continue;
                }
                if missing_left && !values.is_empty() {
                    cuts.push(Cut {
                        column,
                        bin: 0,
                        missing_left,
                    });
                }
                cuts.extend(values.windows(2).map(|pair| Cut {
                    column,
                    bin: (pair[0] + pair[1] - 1) / 2,
                    missing_left,
                }));
            }
        }
        cuts
    }

    /// The best cut and its gain; of equals the first in the order of [`cuts`](Self::cuts).
    fn best(&self, node: &NaiveNode) -> Option<(Cut, f64)> {
        let rules = &self.case.rules;
        if node.depth >= rules.max_depth {
            return None;
        }
        let mut best: Option<(Cut, f64)> = None;
        for cut in self.cuts(&node.rows) {
            let sides = self.part(&node.rows, cut);
            let allowed = sides.iter().all(|side| {
                side.len() >= rules.min_samples_leaf && self.sums(side)[1] >= rules.min_child_weight
            });
            let worth = self.worth(&sides[0]) + self.worth(&sides[1]);
            if allowed && best.is_none_or(|(_, other)| worth > other) {
                best = Some((cut, worth));
            }
        }
        let (cut, worth) = best?;
        let gain = worth - self.worth(&node.rows);
        (gain > rules.min_gain.max(1e-12 * worth)).then_some((cut, gain))
    }

    fn grow(&self) -> Vec<NaiveNode> {
        let rows = (0..self.case.pairs.len()).collect();
        let mut nodes = vec![NaiveNode {
            rows,
            depth: 0,
            split: None,
        }];
        let mut leaves = 1;
        while leaves < self.case.rules.num_leaves {
            let mut chosen: Option<(usize, Cut, f64)> = None;
            for (index, node) in nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| node.split.is_none())
            {
                if let Some((cut, gain)) = self.best(node)
                    && chosen.is_none_or(|(_, _, other)| gain > other)
                {
                    chosen = Some((index, cut, gain));
                }
            }
            let Some((index, mut cut, gain)) = chosen else {
                break;
            };
            let [left, right] = self.part(&nodes[index].rows, cut);
            let bins = &self.bins[usize::from(cut.column)];
            if nodes[index].rows.iter().all(|row| bins[*row] != 0) {
                cut.missing_left = left.len() >= right.len();
            }
            let depth = nodes[index].depth + 1;
            nodes[index].split = Some((cut, gain, nodes.len()));
            nodes.extend([left, right].map(|rows| NaiveNode {
                rows,
                depth,
                split: None,
            }));
            leaves += 1;
        }
        nodes
    }

    fn stored(&self) -> Stored {
        let nodes = self.grow();
        let mut stored = Stored {
            outputs: 1,
            nodes: vec![],
            leaf_values: vec![],
            covers: vec![],
        };
        let mut queue = std::collections::VecDeque::from([0]);
        while let Some(index) = queue.pop_front() {
            let node: &NaiveNode = &nodes[index];
            stored.covers.push(node.rows.len() as f32);
            stored
                .nodes
                .push(node.split.map(|(cut, gain, _)| (cut, narrow(gain))));
            if let Some((_, _, left)) = node.split {
                queue.extend([left, left + 1]);
            } else {
                let [gradient, hessian] = self.sums(&node.rows);
                stored
                    .leaf_values
                    .push(-self.moved(gradient) / (hessian + self.case.rules.l2));
            }
        }
        stored
    }
}

fn matrix(case: &Case) -> BinnedMatrix {
    let columns = case.columns.iter().enumerate().map(|(index, column)| {
        let values: Float64Array = column.iter().map(|cell| cell.map(f64::from)).collect();
        (format!("x{index}"), Arc::new(values) as ArrayRef)
    });
    let batches = [RecordBatch::try_from_iter(columns).unwrap()];
    let table = Table::new(&batches);
    let names = (0..case.columns.len())
        .map(|index| format!("x{index}"))
        .collect();
    Binner::learn(table, names, None, 255)
        .unwrap()
        .bin(table)
        .unwrap()
}

fn grow_on<C: Moments>(case: &Case, gradients: &[C], scale: Scale) -> Grown {
    let matrix = matrix(case);
    let mut rows: Vec<u32> = (0u32..).take(case.pairs.len()).collect();
    let mut spare = vec![0; rows.len()];
    let allowed = vec![true; usize::from(matrix.num_columns())];
    let (rules, pool) = (&case.rules, &Pool::default());
    let grower = Grower {
        matrix: &matrix,
        tiles: &RowTiles::new(&matrix),
        gradients,
        scale,
        rules,
        allowed: &allowed,
        pool,
    };
    let grown = grower.grow(&mut rows, &mut spare, 1.0);
    let mut sorted = rows.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0u32..).take(rows.len()).collect::<Vec<_>>());
    for (leaf, value) in &grown.leaves {
        assert!(rows[leaf.clone()].is_sorted());
        for row in &rows[leaf.clone()] {
            assert_eq!(
                grown.tree.values(grown.tree.leaf(&matrix, *row as usize)),
                [*value]
            );
        }
    }
    grown
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_tree_is_the_one_that_exhaustive_search_finds(case in cases()) {
        let expected = Naive { case: &case, bins: bins(&case) }.stored();
        let spread = Spread::of(&case.pairs);
        let Rounded::Packed(cells, scale) = Rounded::new(&case.pairs, &spread, None) else { panic!("few small numbers") };
        prop_assert_eq!(&Stored::from(grow_on(&case, &cells, scale).tree), &expected);

        let wide: Vec<crate::tree::gradient::Wide> =
            cells.iter().map(|cell| { let [g, h] = cell.sums(); Moments::new(g, h) }).collect();
        prop_assert_eq!(&Stored::from(grow_on(&case, &wide, scale).tree), &expected);
    }
}
