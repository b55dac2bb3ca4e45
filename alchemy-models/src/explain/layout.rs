//! A tree laid out for passes down and up that take some rows together.

use super::quadrature::Place;
use crate::tree::node::{Rule, Tree};

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
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) forks: Vec<Fork>,
    pub(super) events: Vec<Event>,
    /// How many inner nodes the longest path has.
    pub(super) depth: usize,
    /// How many different columns a path tests at most.
    pub(super) most_columns: usize,
    /// The depth at which each column is tested last on the way to where building is; all `None` between trees.
    latest: Vec<Option<usize>>,
    /// The share of each side taken on that way, times those of the same column above.
    shares: Vec<f64>,
    open: Vec<Task>,
}

#[derive(Debug)]
enum Task {
    Visit { node: u32, depth: usize },
    Turn(usize),
    Leave(usize),
}

/// An inner node.
#[derive(Debug, Clone)]
pub(super) struct Fork {
    pub(super) rule: Rule,
    pub(super) column: usize,
    /// Inner nodes above.
    pub(super) depth: usize,
    /// The depth of the node above that tested the same column last.
    pub(super) above: Option<usize>,
    /// The share of the node's rows that goes left.
    pub(super) share_left: f64,
    /// The share of all rows that the tests of this column above let through.
    pub(super) share_above: f64,
    /// The children; those that are leaves are said to be.
    pub(super) children: [u32; 2],
    pub(super) is_leaf: [bool; 2],
}

impl Fork {
    /// The share of all rows that the tests of this column let through up to each child.
    pub(super) fn shares(&self) -> [f64; 2] {
        [self.share_left, 1.0 - self.share_left].map(|share| self.share_above * share)
    }
}

impl Layout {
    /// Lays `tree` out, whose columns are below `num_columns`.
    pub(super) fn lay_out(&mut self, tree: &Tree, num_columns: usize) {
        self.forks.clear();
        self.events.clear();
        (self.depth, self.most_columns) = (0, 0);
        self.latest.resize(num_columns, None);
        self.open.push(Task::Visit { node: 0, depth: 0 });
        let mut columns = 0;
        while let Some(task) = self.open.pop() {
            match task {
                Task::Visit { node, depth } => {
                    if let (Some(left), Some(rule)) = (tree.left(node), tree.rule(node)) {
                        let fork = self.fork(tree, left, rule, depth);
                        columns += usize::from(fork.above.is_none());
                        self.visit(fork);
                        self.most_columns = self.most_columns.max(columns);
                    }
                }
                Task::Turn(fork) => {
                    let Fork { depth, is_leaf, .. } = self.forks[fork];
                    self.shares[depth] = self.forks[fork].shares()[1];
                    if is_leaf == [false; 2] {
                        self.events.push(Event::Turn(fork));
                    }
                }
                Task::Leave(index) => {
                    let fork = &self.forks[index];
                    self.latest[fork.column] = fork.above;
                    columns -= usize::from(fork.above.is_none());
                    if fork.is_leaf != [true; 2] {
                        self.events.push(Event::Leave(index));
                    }
                }
            }
        }
    }

    fn fork(&self, tree: &Tree, left: u32, rule: Rule, depth: usize) -> Fork {
        let column = usize::from(rule.column());
        let above = self.latest[column];
        let children = [left, left + 1];
        Fork {
            rule,
            column,
            depth,
            above,
            share_left: tree.share_left(left),
            share_above: above.map_or(1.0, |above| self.shares[above]),
            children,
            is_leaf: children.map(|child| tree.left(child).is_none()),
        }
    }

    fn visit(&mut self, fork: Fork) {
        let (index, depth) = (self.forks.len(), fork.depth);
        self.latest[fork.column] = Some(depth);
        self.shares.truncate(depth);
        self.shares.push(fork.shares()[0]);
        self.depth = self.depth.max(depth + 1);
        self.events.push(Event::Enter(index));
        let [left, right] = fork.children.map(|node| Task::Visit {
            node,
            depth: depth + 1,
        });
        self.open
            .extend([Task::Leave(index), right, Task::Turn(index), left]);
        self.forks.push(fork);
    }
}

/// What a pass needs of each [`Fork`], at `N` places of the integral.
///
/// Of a column whose tests let a share z of all rows through, a row that passes them too enters products as t + z (1 - t), one
/// that does not as z (1 - t).
#[derive(Debug, Clone)]
pub(super) struct Weights<const N: usize> {
    /// 1 / (t + z (1 - t)) before the test, on its left side and on its right side.
    pub(super) above: [f64; N],
    pub(super) left: [f64; N],
    pub(super) right: [f64; N],
    /// `t` times that before the test: how much of the products' share follows the row.
    pub(super) pull: [f64; N],
    /// The values of children that are leaves.
    pub(super) values: [f64; 2],
}

impl<const N: usize> Weights<N> {
    /// Of `fork` in `tree`, whose leaves have several values.
    pub(super) fn new(fork: &Fork, tree: &Tree, value: usize, places: &[Place; N]) -> Self {
        let at = |share: f64| places.map(|Place { t, rest, .. }| 1.0 / (t + share * rest));
        let [left, right] = fork.shares();
        let above = at(fork.share_above);
        Self {
            above,
            left: at(left),
            right: at(right),
            pull: std::array::from_fn(|k| places[k].t * above[k]),
            values: fork.children.map(|child| tree.values(child)[value]),
        }
    }
}
