//! In which order a tree grows, and which columns each node may use.

use std::borrow::Cow;

use alchemy_core::random::Stream;
use serde::{Deserialize, Serialize};

use super::interaction::{Interactions, Path};
use super::monotone::Monotone;

/// Which leaf of a tree is split next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Growth {
    /// The one whose split gains most, wherever it is.
    #[doc(alias = "lossguide")]
    #[default]
    LeafWise,
    /// One of the level nearest to the root; within a level the one whose split gains most.
    DepthWise,
}

/// Keys of the random streams.
const LEVEL_KEY: u64 = 3;
const NODE_KEY: u64 = 4;

/// What a tree may do with each column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnRules {
    /// Whether it holds categories.
    pub(crate) categorical: Vec<bool>,
    pub(crate) monotone: Vec<Option<Monotone>>,
    pub(crate) interactions: Option<Interactions>,
}

/// The shares of a tree's columns that are drawn for each level, and of those again for each node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ColumnDraws {
    pub(crate) by_level: f64,
    pub(crate) by_node: f64,
    pub(crate) seed: u64,
    pub(crate) tree: u64,
}

impl ColumnDraws {
    /// The columns among `allowed` that the node of this key and depth may be split by, after the splits of `interactions`.
    pub(crate) fn columns<'a>(
        &self,
        allowed: &'a [bool],
        node: u64,
        depth: usize,
        interactions: Option<(&Interactions, &Path)>,
    ) -> Cow<'a, [bool]> {
        let mut columns = Cow::Borrowed(allowed);
        if self.by_level < 1.0 {
            let stream = Stream::new(self.seed, &[LEVEL_KEY, self.tree, depth as u64]);
            draw(columns.to_mut(), self.by_level, stream);
        }
        if self.by_node < 1.0 {
            let stream = Stream::new(self.seed, &[NODE_KEY, self.tree, node]);
            draw(columns.to_mut(), self.by_node, stream);
        }
        if let Some((interactions, path)) = interactions {
            interactions.restrict(path, columns.to_mut());
        }
        columns
    }
}

/// Leaves a share of the flags, rounded up.
fn draw(allowed: &mut [bool], share: f64, mut stream: Stream) {
    let flags = allowed.iter().enumerate().filter(|(_, allowed)| **allowed);
    let mut columns: Vec<usize> = flags.map(|(column, _)| column).collect();
    let wanted = (share * columns.len() as f64).ceil();
    stream.shuffle(&mut columns);
    for (before, column) in columns.into_iter().enumerate() {
        allowed[column] = (before as f64) < wanted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_multiply_and_leave_at_least_one() {
        let mut tree = vec![true; 40];
        tree[..8].fill(false);
        let count = |by_level, by_node, node, depth| {
            let draws = ColumnDraws {
                by_level,
                by_node,
                seed: 1,
                tree: 2,
            };
            let drawn = draws.columns(&tree, node, depth, None);
            assert!(drawn.iter().zip(&tree).all(|(drawn, tree)| *tree || !drawn));
            drawn.into_owned()
        };
        let len = |drawn: &Vec<bool>| drawn.iter().filter(|drawn| **drawn).count();
        assert_eq!(len(&count(0.5, 0.25, 3, 1)), 4);
        assert_eq!(len(&count(1e-9, 1e-9, 3, 1)), 1);
        assert_eq!(count(1.0, 1.0, 3, 1), tree);
        // Nodes of a level share the draw of the level; their own draws differ.
        assert_eq!(count(0.5, 1.0, 3, 1), count(0.5, 1.0, 4, 1));
        assert_ne!(count(0.5, 1.0, 3, 1), count(0.5, 1.0, 3, 2));
        assert_ne!(count(0.5, 0.5, 3, 1), count(0.5, 0.5, 4, 1));
    }
}
