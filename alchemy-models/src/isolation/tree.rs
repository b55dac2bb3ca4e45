//! One isolation tree: how few cuts part a row from the others.

use alchemy_core::random::Stream;
use serde::{Deserialize, Serialize};

use crate::math::ln;

/// The features of a table, each row by row; NaN is missing.
pub(super) type Values = [Vec<f64>];

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// A cut is drawn within this range, so that the distance of its ends is finite.
const LIMIT: f64 = f64::MAX / 4.0;

/// Nodes with parents before children; the left child of a node follows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct IsolationTree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Node {
    /// Values up to `cut` go left, to the next node; others go to node `right`, and missing ones where `missing_left` says.
    Split {
        feature: u32,
        cut: f64,
        right: u32,
        missing_left: bool,
    },
    /// The length of the path from the root, and what the rows that were not parted would add to it.
    Leaf { path: f64 },
}

impl IsolationTree {
    /// Grows a tree on `rows` of `values` to a depth of at most `max_depth`.
    pub(super) fn grow(
        values: &Values,
        mut rows: Vec<u32>,
        max_depth: usize,
        stream: &mut Stream,
    ) -> Self {
        let mut tree = Self { nodes: Vec::new() };
        // Beside each range of rows its depth, and the node whose right child it is.
        let mut open = vec![(0..rows.len(), 0, None)];
        let mut varying = Vec::new();
        while let Some((range, depth, parent)) = open.pop() {
            let index = tree.nodes.len();
            if let Some(parent) = parent {
                tree.set_right(parent, index);
            }
            let node_rows = &mut rows[range.clone()];
            let drawn = if depth < max_depth {
                draw_cut(values, node_rows, &mut varying, stream)
            } else {
                None
            };
            let Some((feature, cut)) = drawn else {
                let path = depth as f64 + average_path(node_rows.len());
                tree.nodes.push(Node::Leaf { path });
                continue;
            };
            let column = &values[feature];
            let [below, above] = [false, true].map(|above| {
                let side = |row: &&u32| (column[**row as usize] > cut) == above;
                let present = |row: &&u32| !column[**row as usize].is_nan();
                node_rows.iter().filter(present).filter(side).count()
            });
            let missing_left = below >= above;
            let goes_left = |row: &u32| goes_left(column[*row as usize], cut, missing_left);
            let (left, right): (Vec<u32>, Vec<u32>) =
                node_rows.iter().copied().partition(goes_left);
            node_rows[..left.len()].copy_from_slice(&left);
            node_rows[left.len()..].copy_from_slice(&right);
            let middle = range.start + left.len();
            tree.nodes.push(Node::Split {
                // There are fewer columns than 2^32.
                feature: u32::try_from(feature).unwrap_or(u32::MAX),
                cut,
                right: 0,
                missing_left,
            });
            open.push((middle..range.end, depth + 1, Some(index)));
            open.push((range.start..middle, depth + 1, None));
        }
        tree
    }

    fn set_right(&mut self, parent: usize, index: usize) {
        if let Some(Node::Split { right, .. }) = self.nodes.get_mut(parent) {
            // A tree has at most twice as many nodes as rows.
            *right = u32::try_from(index).unwrap_or(u32::MAX);
        }
    }

    /// The length of the path of a row whose features `value` gives by number.
    pub(super) fn path(&self, value: impl Fn(usize) -> f64) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf { path } => return path,
                Node::Split {
                    feature,
                    cut,
                    right,
                    missing_left,
                } => {
                    let left = goes_left(value(feature as usize), cut, missing_left);
                    at = if left { at + 1 } else { right as usize };
                }
            }
        }
    }

    /// Whether every walk ends at a leaf and reads none but the first `num_features` features.
    pub(super) fn is_sound(&self, num_features: usize) -> bool {
        let sound = |(index, node): (usize, &Node)| match node {
            Node::Leaf { path } => path.is_finite() && *path >= 0.0,
            Node::Split {
                feature,
                cut,
                right,
                ..
            } => {
                // Walks lead to later nodes only, so they end.
                cut.is_finite()
                    && (*feature as usize) < num_features
                    && (*right as usize) > index + 1
                    && (*right as usize) < self.nodes.len()
            }
        };
        !self.nodes.is_empty() && self.nodes.iter().enumerate().all(sound)
    }
}

fn goes_left(value: f64, cut: f64, missing_left: bool) -> bool {
    if value.is_nan() {
        missing_left
    } else {
        value <= cut
    }
}

/// A feature drawn from those that vary among `rows`, and a cut drawn uniformly between its lowest and its highest value; the
/// cut leaves rows on both sides.
fn draw_cut(
    values: &Values,
    rows: &[u32],
    varying: &mut Vec<(usize, f64, f64)>,
    stream: &mut Stream,
) -> Option<(usize, f64)> {
    varying.clear();
    for (feature, column) in values.iter().enumerate() {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in rows.iter().map(|row| column[*row as usize]) {
            // Neither holds for NaN.
            low = if value < low { value } else { low };
            high = if value > high { value } else { high };
        }
        if low < high {
            varying.push((feature, low.clamp(-LIMIT, LIMIT), high.clamp(-LIMIT, LIMIT)));
        }
    }
    let drawn = usize::try_from(stream.below(varying.len() as u64)).unwrap_or(0);
    let (feature, low, high) = *varying.get(drawn)?;
    let cut = low + stream.next_f64() * (high - low);
    // Rounding may make it the highest value, of which nothing is on the right.
    Some((feature, if cut < high { cut } else { low }))
}

/// The average length of the path to a row that is not there in a binary search tree of `rows` rows: c(n) of Liu et al., with
/// the approximation of harmonic numbers that they give.
pub(super) fn average_path(rows: usize) -> f64 {
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let rows = rows as f64;
            2.0 * (ln(rows - 1.0) + EULER) - 2.0 * (rows - 1.0) / rows
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_paths_are_those_of_scikit_learn() {
        // sklearn.ensemble._iforest._average_path_length.
        let expected = [
            (1, 0.0),
            (2, 1.0),
            (5, 2.327_020_052_042_847),
            (999, 12.967_939_884_427_995),
        ];
        for (rows, expected) in expected {
            assert!((average_path(rows) - expected).abs() < 1e-12, "{rows}");
        }
    }

    #[test]
    fn every_row_is_parted_from_every_other_if_depth_allows() {
        let column: Vec<f64> = (0..60).map(|row| f64::from(row % 20)).collect();
        let infinite = column
            .iter()
            .map(|value| if *value > 18.0 { f64::INFINITY } else { -value });
        let values = [infinite.collect(), column.clone(), vec![f64::NAN; 60]];
        let tree = IsolationTree::grow(&values, (0..60).collect(), 100, &mut Stream::new(1, &[]));
        assert!(tree.is_sound(2));
        let leaves = tree
            .nodes
            .iter()
            .filter(|node| matches!(node, Node::Leaf { .. }));
        assert_eq!(leaves.count(), 20);
        let row_of = |row: usize| values.each_ref().map(|column| column[row]);
        for row in (0..60).map(row_of) {
            // Each leaf holds three equal rows.
            assert!(tree.path(|feature| row[feature]) >= 1.0 + average_path(3));
        }
    }

    #[test]
    fn a_tree_that_does_not_end_is_not_sound() {
        let values = [vec![1.0, 2.0, 3.0]];
        let tree = IsolationTree::grow(&values, vec![0, 1, 2], 8, &mut Stream::new(1, &[]));
        assert!(tree.is_sound(1) && !tree.is_sound(0));
        for broken in [0, 1, 99] {
            let mut tree = tree.clone();
            tree.set_right(0, broken);
            assert!(!tree.is_sound(1));
        }
        assert!(!IsolationTree { nodes: vec![] }.is_sound(1));
    }
}
