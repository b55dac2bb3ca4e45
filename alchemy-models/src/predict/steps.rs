//! Small trees as lists of steps, which a block of rows takes together.

use super::avx2::Avx2;
use super::planes::{Block, Planes, ROWS};
use super::threes::{in_threes, walk_threes};
use crate::tree::node::Tree;
use crate::tree::predict::MOST_LEAVES;

/// Trees whose leaves are looked up together, so that a row's sum stays in a register meanwhile.
const GROUP: usize = 8;

/// The leaf of each row of a block.
pub(super) type Leaves = [u8; ROWS];

/// A [`Hop`](crate::tree::predict::Hop) on a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) plane: u32,
    pub(super) from: u8,
    /// [Less 128](less_128), as the planes are.
    pub(super) threshold: i8,
    pub(super) by: u8,
}

/// Where the steps of a tree end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    step: usize,
    /// Whether they are [in threes](in_threes).
    by_threes: bool,
}

/// Trees of one value per leaf as lists of steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StepTrees {
    /// Tree after tree.
    steps: Vec<Step>,
    ends: Vec<End>,
    /// As many values per tree as there is room for leaves.
    values: Vec<f64>,
    /// A power of two, the same for all trees.
    room: usize,
}

impl StepTrees {
    /// `trees` on the planes they read, or `None` if one of them has too many leaves.
    pub(super) fn new<'a>(trees: impl Iterator<Item = &'a Tree>) -> Option<(Self, Planes)> {
        let mut planes = Planes::default();
        let (mut steps, mut ends) = (Vec::new(), Vec::new());
        let mut leaves = Vec::new();
        for tree in trees {
            let (hops, values) = tree.hops()?;
            let of_tree = hops.into_iter().map(|hop| {
                let (plane, threshold) = planes.find(hop.rule);
                Step {
                    plane,
                    from: hop.from,
                    threshold,
                    by: hop.by,
                }
            });
            let of_tree: Vec<Step> = of_tree.collect();
            let threes = in_threes(&of_tree);
            let by_threes = threes.is_some();
            steps.extend(threes.unwrap_or(of_tree));
            ends.push(End {
                step: steps.len(),
                by_threes,
            });
            leaves.push(values);
        }
        planes.sort();
        let most = leaves.iter().map(Vec::len).max().unwrap_or(1);
        let room = match most {
            ..=32 => 32,
            33..=64 => 64,
            _ => MOST_LEAVES,
        };
        let mut values = Vec::with_capacity(leaves.len() * room);
        for tree in leaves {
            values.extend_from_slice(&tree);
            values.resize(values.len().next_multiple_of(room), 0.0);
        }
        let trees = Self {
            steps,
            ends,
            values,
            room,
        };
        Some((trees, planes))
    }

    /// The steps of each tree.
    pub(super) fn trees(&self) -> impl Iterator<Item = &[Step]> {
        let ends = self.ends.iter().map(|end| end.step);
        let starts = std::iter::once(0).chain(ends.clone());
        starts.zip(ends).map(|(start, end)| &self.steps[start..end])
    }

    /// Adds the values of the trees from number `first` on that `leaves` are of to `sum`, one after another.
    pub(super) fn add_leaves(&self, first: usize, leaves: &[u8], sum: f64) -> f64 {
        let values = self.values[first * self.room..].chunks_exact(self.room);
        leaves
            .iter()
            .zip(values)
            .fold(sum, |sum, (leaf, values)| sum + values[usize::from(*leaf)])
    }

    /// Adds the values of `trees` for every row of a block to its sum, one tree after another.
    pub(super) fn add_block(
        &self,
        trees: std::ops::Range<usize>,
        planes: &[Block],
        avx2: Option<Avx2>,
        sums: &mut [f64; ROWS],
    ) {
        let mut leaves = [[0; ROWS]; GROUP];
        let mut start = trees
            .start
            .checked_sub(1)
            .map_or(0, |before| self.ends[before].step);
        for first in trees.clone().step_by(GROUP) {
            let group = first..trees.end.min(first + GROUP);
            for (end, leaves) in self.ends[group.clone()].iter().zip(&mut leaves) {
                let steps = &self.steps[start..end.step];
                match avx2 {
                    Some(avx2) => avx2.walk(steps, end.by_threes, planes, leaves),
                    None => walk(steps, end.by_threes, planes, leaves),
                }
                start = end.step;
            }
            let values = &self.values[group.start * self.room..group.end * self.room];
            let leaves = &leaves[..group.len()];
            match self.room {
                32 => add_values::<32>(leaves, values, sums),
                64 => add_values::<64>(leaves, values, sums),
                _ => add_values::<MOST_LEAVES>(leaves, values, sums),
            }
        }
    }
}

/// Writes the leaf that each row of a block arrives at. The loops over rows have no branch and become vector code.
#[inline(always)]
pub(super) fn walk(steps: &[Step], by_threes: bool, planes: &[Block], leaves: &mut Leaves) {
    if by_threes {
        return walk_threes(steps.as_chunks().0, planes, leaves);
    }
    let mut at = [0u8; ROWS];
    for step in steps {
        let bins = &planes[step.plane as usize];
        for (at, bin) in at.iter_mut().zip(bins) {
            let moves = mask(*at == step.from) & mask(*bin > step.threshold);
            *at = at.wrapping_add(moves & step.by);
        }
    }
    *leaves = at;
}

/// All bits, or none.
#[inline(always)]
pub(super) fn mask(all: bool) -> u8 {
    u8::from(all).wrapping_neg()
}

/// Adds to each row's sum the values of the leaves it arrived at, tree after tree.
fn add_values<const ROOM: usize>(leaves: &[Leaves], values: &[f64], sums: &mut [f64; ROWS]) {
    let (values, _) = values.as_chunks::<ROOM>();
    match (
        <&[Leaves; GROUP]>::try_from(leaves),
        <&[_; GROUP]>::try_from(values),
    ) {
        // With the count known the sum of a row stays in a register.
        (Ok(leaves), Ok(values)) => {
            for (row, sum) in sums.iter_mut().enumerate() {
                for (leaves, values) in leaves.iter().zip(values) {
                    let values: &[f64; ROOM] = values;
                    *sum += values[usize::from(leaves[row]) % ROOM];
                }
            }
        }
        _ => {
            for (leaves, values) in leaves.iter().zip(values) {
                for (sum, leaf) in sums.iter_mut().zip(leaves) {
                    *sum += values[usize::from(*leaf) % ROOM];
                }
            }
        }
    }
}
