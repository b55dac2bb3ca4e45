//! Rows side by side, and what is found of them.

use alchemy_core::Result;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::parallel::try_collect;
use rayon::prelude::*;

use crate::binning::{BinnedMatrix, Binner, FeatureBins, MISSING};
use crate::table::{Column, Piece, Table};

/// Rows that go side by side where there are many: two vectors of AVX2.
const MANY: usize = 8;
const FEW: usize = 4;

/// What adds to the numbers of rows.
pub(super) trait Explain {
    /// Adds to `found`, which has for each group of `L` rows a vector per number of a row, as `bins` has one per column.
    fn add<const L: usize>(&self, bins: &[[u8; L]], found: &mut [[f64; L]]);
}

/// The rows of a batch, in blocks of which each is a task.
#[derive(Debug)]
pub(super) struct Rows {
    blocks: Vec<Block>,
    num_rows: usize,
    num_outputs: usize,
}

/// Some rows, group by group.
#[derive(Debug)]
pub(super) struct Block {
    num_rows: usize,
    spans: Vec<Span>,
    num_columns: usize,
    /// Column by column in each group; rows to spare are missing.
    bins: Vec<u8>,
    /// How many numbers a row has for each output.
    width: usize,
    /// For each output, number by number in each group.
    found: Vec<Vec<f64>>,
}

/// Groups of `lanes` rows side by side.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: usize,
    num_groups: usize,
    lanes: usize,
}

impl Rows {
    /// The rows of `batch` in blocks of so many, with `width` numbers of 0 for each output.
    ///
    /// # Errors
    ///
    /// As [`Binner::columns`] and [`BinnedMatrix::new`].
    pub(super) fn new(
        binner: &Binner,
        batch: &RecordBatch,
        rows_per_block: usize,
        [num_outputs, width]: [usize; 2],
    ) -> Result<Self> {
        let table = Table::new(std::slice::from_ref(batch));
        let columns = binner.columns(table)?;
        let pieces = table.pieces(rows_per_block);
        let blocks = pieces
            .par_iter()
            .map(|piece| Block::new(&columns, *piece, num_outputs, width));
        Ok(Self {
            blocks: try_collect(blocks)?,
            num_rows: batch.num_rows(),
            num_outputs,
        })
    }

    pub(super) fn num_rows(&self) -> usize {
        self.num_rows
    }

    /// Does `each` for every block.
    pub(super) fn for_each(&mut self, each: impl Fn(&mut Block) + Send + Sync) {
        self.blocks.par_iter_mut().for_each(each);
    }

    /// What was found, output by output and number by number: of `per_output` numbers those at `places`, the others 0.
    pub(super) fn columns(&self, per_output: usize, places: &[usize]) -> Vec<Vec<f64>> {
        let mut columns = vec![vec![0.0; self.num_rows]; per_output * self.num_outputs];
        let outputs = columns.par_chunks_mut(per_output.max(1)).enumerate();
        outputs.for_each(|(output, columns)| {
            for (number, place) in places.iter().enumerate() {
                let mut rest = columns[*place].as_mut_slice();
                for block in &self.blocks {
                    let rows;
                    (rows, rest) = rest.split_at_mut(block.num_rows);
                    block.copy(output, number, rows);
                }
            }
        });
        columns
    }
}

impl Block {
    fn new(
        columns: &[(&FeatureBins, Column)],
        piece: Piece,
        num_outputs: usize,
        width: usize,
    ) -> Result<Self> {
        let matrix = BinnedMatrix::new(columns, &[piece])?;
        let spans = spans(piece.len);
        let padded: usize = spans.iter().map(|span| span.num_groups * span.lanes).sum();
        let mut block = Self {
            num_rows: piece.len,
            num_columns: columns.len(),
            bins: vec![MISSING; padded * columns.len()],
            width,
            found: vec![vec![0.0; padded * width]; num_outputs],
            spans,
        };
        for (first, lanes) in block.spans.iter().flat_map(Span::groups) {
            for column in 0..matrix.num_columns() {
                let rows = matrix.column(column)[first..].iter().take(lanes);
                let start = first * columns.len() + usize::from(column) * lanes;
                let bins = block.bins[start..].iter_mut().zip(rows);
                bins.for_each(|(out, bin)| *out = *bin);
            }
        }
        Ok(block)
    }

    /// Has `what` add to `output`.
    pub(super) fn add(&mut self, output: usize, what: &impl Explain) {
        for span in &self.spans {
            let rows = span.num_groups * span.lanes;
            let bins = &self.bins[span.first * self.num_columns..][..rows * self.num_columns];
            let found = &mut self.found[output][span.first * self.width..][..rows * self.width];
            match span.lanes {
                1 => what.add::<1>(bins.as_chunks().0, found.as_chunks_mut().0),
                FEW => what.add::<FEW>(bins.as_chunks().0, found.as_chunks_mut().0),
                _ => what.add::<MANY>(bins.as_chunks().0, found.as_chunks_mut().0),
            }
        }
    }

    /// All numbers of all outputs.
    pub(super) fn found_mut(&mut self) -> impl Iterator<Item = &mut f64> {
        self.found.iter_mut().flatten()
    }

    /// Copies one of the numbers of each row to `rows`.
    fn copy(&self, output: usize, number: usize, rows: &mut [f64]) {
        for (first, lanes) in self.spans.iter().flat_map(Span::groups) {
            let start = first * self.width + number * lanes;
            let rows = rows[first..].iter_mut().take(lanes);
            let found = rows.zip(&self.found[output][start..]);
            found.for_each(|(row, found)| *row = *found);
        }
    }
}

impl Span {
    /// The first row and the lanes of each group.
    fn groups(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let Self { first, lanes, .. } = *self;
        (0..self.num_groups).map(move |group| (first + group * lanes, lanes))
    }
}

/// Rows in groups of [`MANY`]; what is left in a smaller group, where that takes less time.
fn spans(num_rows: usize) -> Vec<Span> {
    let (many, rest) = (num_rows / MANY, num_rows % MANY);
    let (many, lanes) = match rest {
        0..=1 => (many, rest),
        2..=FEW => (many, FEW),
        _ => (many + 1, 0),
    };
    let whole = Span {
        first: 0,
        num_groups: many,
        lanes: MANY,
    };
    let left = Span {
        first: many * MANY,
        num_groups: 1,
        lanes,
    };
    let spans = [whole, left];
    spans
        .into_iter()
        .filter(|span| span.num_groups * span.lanes > 0)
        .collect()
}
