//! The nearest donors of every missing cell, by an exact scan.

use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::distance::{LANES, Lanes, Measure};
use super::donors::Donors;

/// Groups of donors that are held against one receiver after the other, while they are in the nearest cache.
const GROUPS_PER_BLOCK: usize = 32;

/// Columns after which a group of donors is left alone if all are too far away already.
const COLUMNS_PER_STEP: usize = 8;

/// Receivers that one task goes through the donors with, and the neighbours it holds for them at most, but for those of
/// one receiver.
const RECEIVERS_PER_TASK: usize = 64;
const NEIGHBORS_PER_TASK: usize = 1 << 16;

/// A training row that has the missing column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Neighbor {
    /// The bits of the scaled sum of [`Measure`], which are in order for numbers that are not negative.
    distance: u64,
    pub(super) row: usize,
}

impl Neighbor {
    pub(super) fn scaled(self) -> f64 {
        f64::from_bits(self.distance)
    }
}

/// The receivers: rows with a missing cell, one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Receivers<'a> {
    pub(super) cells: &'a [f64],
    pub(super) columns: usize,
}

impl<'a> Receivers<'a> {
    fn row(self, row: usize) -> &'a [f64] {
        &self.cells[row * self.columns..][..self.columns]
    }

    /// The rows in the order of which columns they have, so that rows which have the same are neighbours.
    fn by_pattern(self) -> Vec<usize> {
        let missing = |row| self.row(row).iter().map(|cell| cell.is_nan());
        let mut rows: Vec<usize> = (0..self.cells.len() / self.columns.max(1)).collect();
        rows.par_sort_by(|a, b| missing(*a).cmp(missing(*b)));
        rows
    }
}

/// Calls `estimate` for each missing cell with its column and its `neighbors` nearest donors, the nearest first, of equally
/// near ones the earlier row first. Gives receiver, column and estimate of each.
///
/// There are fewer donors where fewer rows have the column and some other column in common with the receiver.
pub(super) fn estimates(
    measure: &impl Measure,
    donors: &Donors,
    neighbors: usize,
    receivers: Receivers<'_>,
    estimate: impl Fn(usize, &[Neighbor]) -> f64 + Sync,
) -> Vec<(usize, usize, f64)> {
    let order = receivers.by_pattern();
    let per_task = (NEIGHBORS_PER_TASK / neighbors.max(1)).clamp(1, RECEIVERS_PER_TASK);
    let task = |rows: &[usize]| {
        let mut open: Vec<Receiver<'_>> = rows
            .iter()
            .map(|row| Receiver::new(receivers.row(*row)))
            .collect();
        scan(measure, donors, neighbors, &mut open);
        let mut found = Vec::new();
        for (row, receiver) in rows.iter().zip(open) {
            for (column, nearest) in receiver.nearest {
                let nearest = nearest.into_sorted_vec();
                found.push((*row, column, estimate(column, &nearest)));
            }
        }
        found
    };
    order
        .par_chunks(per_task)
        .map(task)
        .collect::<Vec<_>>()
        .concat()
}

/// A row with missing cells, and the nearest donors of each found so far.
struct Receiver<'a> {
    cells: &'a [f64],
    nearest: Vec<(usize, BinaryHeap<Neighbor>)>,
    /// What a donor must be nearer than to be of use for some missing cell.
    limit: f64,
}

impl<'a> Receiver<'a> {
    fn new(cells: &'a [f64]) -> Self {
        let missing = (0..cells.len()).filter(|column| cells[*column].is_nan());
        Self {
            cells,
            nearest: missing.map(|column| (column, BinaryHeap::new())).collect(),
            limit: f64::INFINITY,
        }
    }

    fn has_the_columns_of(&self, other: &Self) -> bool {
        let mut pairs = self.cells.iter().zip(other.cells);
        pairs.all(|(a, b)| a.is_nan() == b.is_nan())
    }

    /// Takes those of a group of donors that are nearer than what there is. Rows come in order, so that of equally near
    /// ones the first stays.
    #[cold]
    #[inline(never)]
    fn offer(&mut self, scaled: &Lanes, group: &[Lanes], first: usize, neighbors: usize) {
        for (lane, distance) in scaled.iter().enumerate() {
            let is_nearer = *distance < self.limit;
            if !is_nearer {
                continue;
            }
            let neighbor = Neighbor {
                distance: distance.to_bits(),
                row: first + lane,
            };
            let mut limit: f64 = 0.0;
            for (column, nearest) in &mut self.nearest {
                if !group[*column][lane].is_nan() {
                    if nearest.len() < neighbors {
                        nearest.push(neighbor);
                    } else if let Some(mut farthest) = nearest.peek_mut()
                        && neighbor < *farthest
                    {
                        *farthest = neighbor;
                    }
                }
                limit = limit.max(match nearest.peek() {
                    Some(farthest) if nearest.len() >= neighbors => farthest.scaled(),
                    _ => f64::INFINITY,
                });
            }
            self.limit = limit;
        }
    }
}

/// Goes through all donors with `receivers`, of which those that have the same columns stand together.
fn scan<M: Measure>(
    measure: &M,
    donors: &Donors,
    neighbors: usize,
    receivers: &mut [Receiver<'_>],
) {
    let columns = donors.columns();
    let mut first = 0;
    let mut scales = [[0.0; LANES]; GROUPS_PER_BLOCK];
    for block in donors.lanes().chunks(GROUPS_PER_BLOCK * columns) {
        for alike in receivers.chunk_by_mut(Receiver::has_the_columns_of) {
            let groups = || block.chunks_exact(columns);
            for (scale, group) in scales.iter_mut().zip(groups()) {
                *scale = present(alike[0].cells, group).map(|present| measure.scale(present));
            }
            for receiver in alike {
                for (index, (group, scale)) in groups().zip(&scales).enumerate() {
                    let scaled = distances(measure, receiver, group, scale);
                    if let Some(scaled) = scaled {
                        receiver.offer(&scaled, group, first + index * LANES, neighbors);
                    }
                }
            }
        }
        first += GROUPS_PER_BLOCK * LANES;
    }
}

/// How many columns each donor of a group shares with a receiver.
fn present(receiver: &[f64], group: &[Lanes]) -> Lanes {
    let mut counts = [0.0; LANES];
    for (_, donors) in receiver
        .iter()
        .zip(group)
        .filter(|(cell, _)| !cell.is_nan())
    {
        for (count, donor) in counts.iter_mut().zip(donors) {
            *count += if donor.is_nan() { 0.0 } else { 1.0 };
        }
    }
    counts
}

/// The scaled distances of a group of donors, NaN without a column in common; `None` if all are too far away.
#[inline]
fn distances<M: Measure>(
    measure: &M,
    receiver: &Receiver<'_>,
    group: &[Lanes],
    scale: &Lanes,
) -> Option<Lanes> {
    let mut sums = [0.0; LANES];
    let mut scaled = [0.0; LANES];
    let steps = receiver.cells.chunks(COLUMNS_PER_STEP);
    let steps = steps.zip(group.chunks(COLUMNS_PER_STEP)).enumerate();
    for (step, (cells, donors)) in steps {
        measure.add(step * COLUMNS_PER_STEP, cells, donors, &mut sums);
        let mut is_near = false;
        for ((scaled, sum), scale) in scaled.iter_mut().zip(&sums).zip(scale) {
            let distance = sum * scale;
            // A donor at an infinite distance is one all the same: nearer than the limit that lets all in.
            *scaled = if distance > f64::MAX {
                f64::MAX
            } else {
                distance
            };
            is_near |= *scaled < receiver.limit;
        }
        // Sums only grow.
        if !is_near {
            return None;
        }
    }
    Some(scaled)
}
