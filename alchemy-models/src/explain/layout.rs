//! A tree laid out for passes down and up that take some rows together.

use super::quadrature::Place;
use crate::tree::bin_set::BinSet;
use crate::tree::node::{Cut, Rule, Tree};

/// What to do next at an inner node: nodes come depth first, left before right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// Part what comes from above. Children that are leaves are dealt with at once.
    Enter(usize),
    /// From the left child, which was done, to the right one; neither is a leaf.
    Turn(usize),
    /// Both children are done, at least one of which is no leaf.
    Leave(usize),
}

/// A tree's inner nodes in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) forks: Vec<Fork>,
    pub(super) events: Vec<Event>,
    /// How many inner nodes the longest path has.
    pub(super) depth: usize,
    /// How many different columns a path tests at most.
    pub(super) most_columns: usize,
    /// Of all rows the share that a column's tests let through: first 1, where there is none, then for each fork up to and
    /// with its left and its right side.
    pub(super) shares: Vec<f64>,
    /// Value after value of the tree, for each fork those of its children that are leaves.
    values: Vec<[f64; 2]>,
}

/// An inner node.
#[derive(Debug, Clone)]
pub(super) struct Fork {
    pub(super) split: Split,
    pub(super) column: usize,
    /// 1 for the root.
    pub(super) level: usize,
    /// The level of the node above that tested the same column last, or 0.
    pub(super) above: usize,
    /// The place in [`Layout::shares`] of the side taken there.
    pub(super) share_above: usize,
    /// The share of the node's rows that goes left.
    pub(super) share_left: f64,
    pub(super) is_leaf: [bool; 2],
}

/// Which bins go right.
#[derive(Debug, Clone)]
pub(super) enum Split {
    Cut(Cut),
    Set(Box<BinSet>),
}

impl Layout {
    /// Lays `tree` out, whose columns are below `num_columns`, with so many values of each leaf.
    pub(super) fn new(tree: &Tree, num_columns: usize, num_values: usize) -> Self {
        let num_forks = tree.num_nodes() / 2;
        let mut layout = Self {
            forks: Vec::with_capacity(num_forks),
            events: Vec::with_capacity(2 * num_forks),
            shares: Vec::with_capacity(2 * num_forks + 1),
            values: Vec::with_capacity(num_values * num_forks),
            ..Self::default()
        };
        layout.shares.push(1.0);
        let builder = Builder {
            layout,
            latest: vec![0; num_columns],
            taken: vec![0],
            lefts: Vec::with_capacity(num_forks),
        };
        builder.build(tree, num_values)
    }

    /// For each fork value number `value` of its children that are leaves.
    pub(super) fn values(&self, value: usize) -> &[[f64; 2]] {
        &self.values[value * self.forks.len()..][..self.forks.len()]
    }

    /// Adds of each share z the weight 1 / (t + z (1 - t)) at some places: of a column whose tests let z of all rows through, a
    /// row that passes them too enters products as t + z (1 - t), one that does not as z (1 - t).
    pub(super) fn add_weights(&self, places: &[Place], weights: &mut Vec<f64>) {
        for z in &self.shares {
            weights.extend(places.iter().map(|at| 1.0 / (at.t + z * at.rest)));
        }
    }
}

struct Builder {
    layout: Layout,
    /// The level at which each column is tested last on the way to where building is, 0 if it is not.
    latest: Vec<usize>,
    /// The place of the share of the side taken at each level of that way.
    taken: Vec<usize>,
    /// The left child of each fork.
    lefts: Vec<u32>,
}

enum Task {
    Visit { node: u32, level: usize },
    Turn(usize),
    Leave(usize),
}

impl Builder {
    fn build(mut self, tree: &Tree, num_values: usize) -> Layout {
        let mut open = vec![Task::Visit { node: 0, level: 1 }];
        let mut columns = 0;
        while let Some(task) = open.pop() {
            match task {
                Task::Visit { node, level } => {
                    if let (Some(left), Some(rule)) = (tree.left(node), tree.rule(node)) {
                        let index = self.visit(tree, left, rule, level);
                        columns += usize::from(self.layout.forks[index].above == 0);
                        self.layout.most_columns = self.layout.most_columns.max(columns);
                        let [left, right] = [left, left + 1].map(|node| Task::Visit {
                            node,
                            level: level + 1,
                        });
                        open.extend([Task::Leave(index), right, Task::Turn(index), left]);
                    }
                }
                Task::Turn(index) => {
                    let Fork { level, is_leaf, .. } = self.layout.forks[index];
                    self.taken[level] = 2 * index + 2;
                    if is_leaf == [false; 2] {
                        self.layout.events.push(Event::Turn(index));
                    }
                }
                Task::Leave(index) => {
                    let fork = &self.layout.forks[index];
                    self.latest[fork.column] = fork.above;
                    columns -= usize::from(fork.above == 0);
                    if fork.is_leaf != [true; 2] {
                        self.layout.events.push(Event::Leave(index));
                    }
                }
            }
        }
        for value in 0..num_values {
            let of_children = |left: &u32| [*left, left + 1].map(|child| tree.values(child)[value]);
            let values = self.lefts.iter().map(of_children);
            self.layout.values.extend(values);
        }
        self.layout
    }

    fn visit(&mut self, tree: &Tree, left: u32, rule: Rule, level: usize) -> usize {
        let column = usize::from(rule.column());
        let above = self.latest[column];
        let share_left = tree.share_left(left);
        let index = self.layout.forks.len();
        let fork = Fork {
            split: match rule {
                Rule::Cut(cut) => Split::Cut(cut),
                Rule::Set(set) => Split::Set(Box::new(set.right)),
            },
            column,
            level,
            above,
            share_above: self.taken[above],
            share_left,
            is_leaf: [left, left + 1].map(|child| tree.left(child).is_none()),
        };
        let share = self.layout.shares[fork.share_above];
        let sides = [share_left, 1.0 - share_left].map(|side| share * side);
        self.layout.shares.extend(sides);
        self.taken.truncate(level);
        self.taken.push(2 * index + 1);
        self.latest[column] = level;
        self.layout.depth = self.layout.depth.max(level);
        self.layout.events.push(Event::Enter(index));
        self.layout.forks.push(fork);
        self.lefts.push(left);
        index
    }
}
