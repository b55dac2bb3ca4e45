//! A tree ready for SHAP values.

use std::ops::Range;

use rayon::prelude::*;

use super::avx2::Avx2;
use super::kernel::Pass;
use super::layout::Layout;
use super::quadrature::{Place, Quadrature};
use super::rows::Explain;
use super::trees::Trees;

/// Places of the integral that one pass takes: each is a sum of its own.
const PLACES: usize = 8;

/// A tree laid out, with all that a pass needs and that does not depend on rows.
#[derive(Debug, Clone)]
pub(super) struct ShapTree {
    /// The outputs that its values add to.
    pub(super) outputs: Range<usize>,
    layout: Layout,
    places: Vec<Place>,
    /// The weights of the layout, [`PLACES`] places after others.
    weights: Vec<f64>,
}

impl ShapTree {
    /// Those of `trees` in `range`.
    pub(super) fn of(trees: &Trees<'_>, range: Range<usize>) -> Vec<Self> {
        let num_columns = trees.binner.num_columns();
        let range = range.into_par_iter();
        range
            .map(|index| {
                let outputs = trees.outputs_of(index);
                let layout = Layout::new(&trees.trees[index], num_columns, outputs.len());
                let places = Quadrature::for_products_of(layout.most_columns).places;
                let mut weights = Vec::with_capacity(layout.shares.len() * places.len());
                for places in places.chunks(PLACES) {
                    layout.add_weights(places, &mut weights);
                }
                Self {
                    outputs,
                    layout,
                    places,
                    weights,
                }
            })
            .collect()
    }
}

/// What a tree says of one of its outputs.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) tree: &'a ShapTree,
    /// The place among the tree's values.
    pub(super) value: usize,
    pub(super) num_columns: usize,
    pub(super) avx2: Option<Avx2>,
}

impl Explain for Said<'_> {
    fn add<const L: usize>(&self, bins: &[[u8; L]], found: &mut [[f64; L]]) {
        let ShapTree {
            layout,
            places,
            weights,
            ..
        } = self.tree;
        if layout.forks.is_empty() {
            return;
        }
        let mut weights = weights.as_slice();
        for places in places.chunks(PLACES) {
            let own;
            (own, weights) = weights.split_at(layout.shares.len() * places.len());
            match places.len() {
                1 => self.add_at::<1, L>(places, own, bins, found),
                2 => self.add_at::<2, L>(places, own, bins, found),
                3 => self.add_at::<3, L>(places, own, bins, found),
                4 => self.add_at::<4, L>(places, own, bins, found),
                5 => self.add_at::<5, L>(places, own, bins, found),
                6 => self.add_at::<6, L>(places, own, bins, found),
                7 => self.add_at::<7, L>(places, own, bins, found),
                _ => self.add_at::<PLACES, L>(places, own, bins, found),
            }
        }
    }
}

impl Said<'_> {
    fn add_at<const N: usize, const L: usize>(
        self,
        places: &[Place],
        weights: &[f64],
        bins: &[[u8; L]],
        found: &mut [[f64; L]],
    ) {
        let Some(places) = places.first_chunk::<N>() else {
            return;
        };
        let pass = Pass {
            layout: &self.tree.layout,
            values: self.tree.layout.values(self.value),
            places,
            weights: weights.as_chunks().0,
        };
        match self.avx2 {
            Some(avx2) => avx2.add(pass, self.num_columns, bins, found),
            None => pass.add(self.num_columns, bins, found),
        }
    }
}
