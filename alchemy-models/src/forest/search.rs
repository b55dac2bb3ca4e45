//! The search for the best split of a node by features drawn at random.

use alchemy_core::random::Stream;

use super::bins::{Bins, ColumnBins};
use super::cut::{Cutter, Found};
use super::grow::Grower;
use super::outcome::Outcome;
use super::params::Splitter;
use super::sums::{GROUP, Sums};

/// Key of the random stream, so that it differs from the draws of rows.
const FEATURES_KEY: u64 = 2;

/// The search for splits, with memory that is used again for every node.
pub(super) struct Search<'a, O: Outcome> {
    grower: &'a Grower<'a, O>,
    sums: Sums<O>,
    cutter: Cutter<'a, O>,
    /// How many features are drawn for a node.
    wanted: usize,
    /// All features; in their own order between nodes.
    features: Vec<usize>,
    swaps: Vec<(usize, usize)>,
    /// The columns drawn for a node.
    columns: Vec<u16>,
}

impl<'a, O: Outcome> Search<'a, O> {
    pub(super) fn new(grower: &'a Grower<'a, O>) -> Self {
        let num_features = grower.layout.columns.len();
        Self {
            grower,
            sums: Sums::new(),
            cutter: Cutter::new(grower.outcome),
            wanted: grower.params.max_features.of(num_features),
            features: (0..num_features).collect(),
            swaps: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// The best split by features drawn at random, until enough are drawn and one of them varies.
    pub(super) fn find(
        &mut self,
        node: usize,
        bins: Bins<'_>,
        rows: &[u32],
        added: &[O::Row],
        total: O::Cell,
    ) -> Option<Found<O::Cell>> {
        let mut stream = Stream::new(
            self.grower.params.seed,
            &[FEATURES_KEY, self.grower.tree, node as u64],
        );
        let num_features = self.features.len();
        let mut best = None;
        let mut varied = false;
        while self.swaps.len() < num_features && !varied {
            // One more after another if none of those that were wanted varies.
            let more = self.wanted.saturating_sub(self.swaps.len()).max(1);
            self.columns.clear();
            for _ in 0..more.min(num_features - self.swaps.len()) {
                let column = self.draw(&mut stream);
                self.columns.extend(column);
            }
            let columns = std::mem::take(&mut self.columns);
            for group in columns.chunks(GROUP) {
                let mut of_group = [bins.column(0); GROUP];
                for (bins_of, column) in of_group.iter_mut().zip(group) {
                    *bins_of = bins.column(usize::from(*column));
                }
                let of_group: &[ColumnBins<'_>] = &of_group[..group.len()];
                self.sums.fill(of_group, rows, added);
                for (place, column) in group.iter().enumerate() {
                    let num_bins = self.grower.layout.num_bins[usize::from(*column)];
                    let drained = self.sums.drain(place, rows.len(), num_bins);
                    if drained.bins.len() < 2 {
                        continue;
                    }
                    varied = true;
                    let found = match self.grower.params.splitter {
                        Splitter::Best => self.cutter.best(*column, &drained, total),
                        Splitter::Random => {
                            let positions = &self.grower.layout.positions[usize::from(*column)];
                            self.cutter
                                .random(*column, &drained, total, positions, &mut stream)
                        }
                    };
                    best = best.into_iter().chain(found).max_by(Found::compare);
                }
            }
            self.columns = columns;
        }
        while let Some((drawn, other)) = self.swaps.pop() {
            self.features.swap(drawn, other);
        }
        best
    }

    /// The column of a feature that was not drawn for the node before.
    fn draw(&mut self, stream: &mut Stream) -> Option<u16> {
        let drawn = self.swaps.len();
        let left = (self.features.len() - drawn) as u64;
        let other = drawn + usize::try_from(stream.below(left)).unwrap_or(0);
        self.features.swap(drawn, other);
        self.swaps.push((drawn, other));
        self.grower.layout.columns[self.features[drawn]]
    }
}
