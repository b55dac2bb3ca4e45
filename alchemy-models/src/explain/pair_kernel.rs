//! SHAP interaction values of one tree for a few rows: what [`super::kernel`] does, with the other columns of a path each on
//! its own.

#![expect(
    clippy::needless_range_loop,
    reason = "a loop over places or lanes indexes several arrays alike, and so becomes vector code"
)]

use std::ops::Range;

use rayon::prelude::*;

use super::interactions::pair;
use super::kernel::sides;
use super::layout::{Event, Layout};
use super::quadrature::{Place, Quadrature};
use super::rows::Explain;
use super::trees::Trees;

/// Places of the integral that one pass takes.
const PLACES: usize = 4;

/// Places to spare weigh nothing.
const SPARE: Place = Place {
    t: 0.5,
    rest: 0.5,
    weight: 0.0,
};

/// A tree laid out, with all that a pass needs and that does not depend on rows.
pub(super) struct PairTree {
    /// The outputs that its values add to.
    pub(super) outputs: Range<usize>,
    layout: Layout,
    /// For each fork the levels above where other columns than its own are tested last.
    others: Vec<Vec<usize>>,
    /// Some places, and the weights of the layout there.
    places: Vec<([Place; PLACES], Vec<[f64; PLACES]>)>,
}

impl PairTree {
    /// Those of `trees` in `range`.
    pub(super) fn of(trees: &Trees<'_>, range: Range<usize>) -> Vec<Self> {
        let num_columns = trees.binner.num_columns();
        let ready = range.into_par_iter().map(|index| {
            let outputs = trees.outputs_of(index);
            let layout = Layout::new(&trees.trees[index], num_columns, outputs.len());
            let places = Quadrature::for_products_of(layout.most_columns).places;
            let places = places.chunks(PLACES).map(|places| {
                let places = std::array::from_fn(|k| places.get(k).copied().unwrap_or(SPARE));
                let mut weights = Vec::with_capacity(layout.shares.len() * PLACES);
                layout.add_weights(&places, &mut weights);
                (places, weights.as_chunks().0.to_vec())
            });
            Self {
                outputs,
                places: places.collect(),
                others: others(&layout),
                layout,
            }
        });
        ready.collect()
    }
}

/// For each node the levels above where other columns than its own are tested last.
fn others(layout: &Layout) -> Vec<Vec<usize>> {
    let mut path: Vec<usize> = Vec::new();
    let forks = layout.forks.iter().map(|fork| {
        path.truncate(fork.level - 1);
        let mut seen = vec![fork.column];
        let mut last = Vec::new();
        for (depth, column) in path.iter().enumerate().rev() {
            if !seen.contains(column) {
                seen.push(*column);
                last.push(depth + 1);
            }
        }
        path.push(fork.column);
        last
    });
    forks.collect()
}

/// What a tree says of one of its outputs.
pub(super) struct PairsSaid<'a> {
    pub(super) tree: &'a PairTree,
    /// The place among the tree's values.
    pub(super) value: usize,
    pub(super) num_columns: usize,
}

impl Explain for PairsSaid<'_> {
    /// Adds to the pairs of rows; SHAP values to those of a column with itself.
    fn add<const L: usize>(&self, bins: &[[u8; L]], found: &mut [[f64; L]]) {
        if self.tree.layout.forks.is_empty() {
            return;
        }
        let values = self.tree.layout.values(self.value);
        let num_pairs = pair(0, self.num_columns);
        for (places, weights) in &self.tree.places {
            let mut pass = Pass::new(self.tree, values, places, weights);
            let groups = bins.chunks_exact(self.num_columns);
            for (bins, found) in groups.zip(found.chunks_exact_mut(num_pairs)) {
                pass.add(bins, found);
            }
        }
    }
}

/// What is known at the open node of some level; see [`super::kernel`].
#[derive(Debug, Clone, Copy)]
struct Level<const L: usize> {
    column: usize,
    products: [[f64; L]; PLACES],
    sums: [[f64; L]; PLACES],
    passes: [f64; L],
    /// (o - z) / (o t + z (1 - t)) of the side that is being done: what takes a column's factor out of a product and puts in
    /// what the column does.
    effects: [[f64; L]; PLACES],
}

/// A pass down and up a tree at some places.
struct Pass<'a, const L: usize> {
    tree: &'a PairTree,
    values: &'a [[f64; 2]],
    places: &'a [Place; PLACES],
    weights: &'a [[f64; PLACES]],
    levels: Vec<Level<L>>,
}

/// A side of a node.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl<'a, const L: usize> Pass<'a, L> {
    fn new(
        tree: &'a PairTree,
        values: &'a [[f64; 2]],
        places: &'a [Place; PLACES],
        weights: &'a [[f64; PLACES]],
    ) -> Self {
        let level = Level {
            column: 0,
            products: [[0.0; L]; PLACES],
            sums: [[0.0; L]; PLACES],
            passes: [1.0; L],
            effects: [[0.0; L]; PLACES],
        };
        Self {
            tree,
            values,
            places,
            weights,
            levels: vec![level; tree.layout.depth + 2],
        }
    }

    fn add(&mut self, bins: &[[u8; L]], found: &mut [[f64; L]]) {
        let layout = &self.tree.layout;
        self.levels[1].products = self.places.map(|place| [place.weight / place.rest; L]);
        for event in &layout.events {
            match *event {
                Event::Enter(index) => self.enter(index, bins, found),
                Event::Turn(index) => {
                    self.close(index, Side::Left, self.below(index), found);
                    self.open(index, Side::Right);
                }
                Event::Leave(index) if layout.forks[index].is_leaf[1] => {
                    self.close(index, Side::Left, self.below(index), found);
                    self.right_leaf(index, found);
                }
                Event::Leave(index) => self.close(index, Side::Right, self.below(index), found),
            }
        }
    }

    fn enter(&mut self, index: usize, bins: &[[u8; L]], found: &mut [[f64; L]]) {
        let fork = &self.tree.layout.forks[index];
        let above = &self.weights[fork.share_above];
        let before = self.before(index);
        let [left, _] = sides(&fork.split, &bins[fork.column], &before);
        let own = &mut self.levels[fork.level];
        own.column = fork.column;
        own.passes = left;
        own.sums = [[0.0; L]; PLACES];
        let mut left_products = own.products;
        for k in 0..PLACES {
            let pull = self.places[k].t * above[k];
            for lane in 0..L {
                let follow = left[lane] - before[lane] * fork.share_left;
                left_products[k][lane] *= fork.share_left + pull * follow;
                own.products[k][lane] -= left_products[k][lane];
            }
        }
        if fork.is_leaf[0] {
            let sums = times(&left_products, self.values[index][0]);
            self.close(index, Side::Left, sums, found);
            if fork.is_leaf[1] {
                self.right_leaf(index, found);
            } else {
                self.open(index, Side::Right);
            }
        } else {
            self.open(index, Side::Left);
            self.levels[fork.level + 1].products = left_products;
        }
    }

    fn right_leaf(&mut self, index: usize, found: &mut [[f64; L]]) {
        let products = &self.levels[self.tree.layout.forks[index].level].products;
        let sums = times(products, self.values[index][1]);
        self.turn_right(index);
        self.close(index, Side::Right, sums, found);
    }

    /// Whether rows pass the tests of the same column above.
    fn before(&self, index: usize) -> [f64; L] {
        self.levels[self.tree.layout.forks[index].above].passes
    }

    fn weights_of(&self, index: usize, side: Side) -> &'a [f64; PLACES] {
        match side {
            Side::Left => &self.weights[2 * index + 1],
            Side::Right => &self.weights[2 * index + 2],
        }
    }

    /// The sums of the child that was done last, which is no leaf.
    fn below(&self, index: usize) -> [[f64; L]; PLACES] {
        self.levels[self.tree.layout.forks[index].level + 1].sums
    }

    fn turn_right(&mut self, index: usize) {
        let before = self.before(index);
        let passes = &mut self.levels[self.tree.layout.forks[index].level].passes;
        let rows = passes.iter_mut().zip(before);
        rows.for_each(|(passes, before)| *passes = before - *passes);
    }

    /// Begins with a child that is no leaf.
    fn open(&mut self, index: usize, side: Side) {
        let level = self.tree.layout.forks[index].level;
        let weights = self.weights_of(index, side);
        if matches!(side, Side::Right) {
            self.turn_right(index);
            self.levels[level + 1].products = self.levels[level].products;
        }
        let own = &mut self.levels[level];
        for k in 0..PLACES {
            for lane in 0..L {
                let effect = own.passes[lane] * weights[k] - 1.0;
                own.effects[k][lane] = effect / self.places[k].rest;
            }
        }
    }

    /// Adds what the column of a node does through one side, whose leaves add up to `sums`: alone, and with each other column
    /// tested above. A test of the same column above said so of the same leaves, which is taken off.
    fn close(
        &mut self,
        index: usize,
        side: Side,
        sums: [[f64; L]; PLACES],
        found: &mut [[f64; L]],
    ) {
        let fork = &self.tree.layout.forks[index];
        let above = &self.weights[fork.share_above];
        let side = self.weights_of(index, side);
        let before = self.before(index);
        let own = &mut self.levels[fork.level];
        let mut changes = sums;
        for k in 0..PLACES {
            for lane in 0..L {
                own.sums[k][lane] += sums[k][lane];
                changes[k][lane] *= own.passes[lane] * side[k] - before[lane] * above[k];
            }
        }
        let alone = &mut found[pair(fork.column, fork.column)];
        for changes in &changes {
            let lanes = alone.iter_mut().zip(changes);
            lanes.for_each(|(alone, change)| *alone += change);
        }
        for level in &self.tree.others[index] {
            let other = &self.levels[*level];
            let together = &mut found[pair(fork.column, other.column)];
            for (changes, effects) in changes.iter().zip(&other.effects) {
                for lane in 0..L {
                    together[lane] += 0.5 * changes[lane] * effects[lane];
                }
            }
        }
    }
}

fn times<const L: usize>(products: &[[f64; L]; PLACES], value: f64) -> [[f64; L]; PLACES] {
    products.map(|lanes| lanes.map(|product| product * value))
}
