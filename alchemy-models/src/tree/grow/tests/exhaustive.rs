//! The exhaustive search for the best tree.

use std::collections::VecDeque;

use super::cases::{Case, NaiveColumn};
use crate::math::narrow;
use crate::tree::growth::Growth;
use crate::tree::monotone::Monotone;
use crate::tree::node::{Cut, Rule, SetCut, Stored};

/// The search.
pub(super) struct Naive<'a> {
    pub(super) case: &'a Case,
    pub(super) columns: Vec<NaiveColumn>,
}

#[derive(Clone)]
struct NaiveNode {
    rows: Vec<usize>,
    depth: usize,
    extra_l2: f64,
    /// The least and the greatest value below.
    bounds: [f64; 2],
    /// The columns on the way to it.
    used: Vec<u16>,
    split: Option<(Rule, f64, usize)>,
}

/// A rule and what it adds to the L2 penalty.
type Candidate = (Rule, f64);

impl Naive<'_> {
    fn sums(&self, rows: &[usize]) -> [f64; 2] {
        let sum = |which: usize| {
            rows.iter()
                .map(|row| f64::from(self.case.pairs[*row][which]))
                .sum()
        };
        [sum(0), sum(1)]
    }

    fn moved(&self, gradient: f64) -> f64 {
        gradient.signum() * (gradient.abs() - self.case.rules.l1).max(0.0)
    }

    /// The best value without bounds, and the best within them.
    fn values(&self, rows: &[usize], extra_l2: f64, [lower, upper]: [f64; 2]) -> [f64; 2] {
        let [gradient, hessian] = self.sums(rows);
        let value = -self.moved(gradient) / (hessian + self.case.rules.l2 + extra_l2);
        [value, value.max(lower).min(upper)]
    }

    /// How much the best value within `bounds` lowers twice the loss.
    fn worth(&self, rows: &[usize], extra_l2: f64, bounds: [f64; 2]) -> f64 {
        let [gradient, hessian] = self.sums(rows);
        let (gradient, hessian) = (
            self.moved(gradient),
            hessian + self.case.rules.l2 + extra_l2,
        );
        let [free, bound] = self.values(rows, extra_l2, bounds);
        if (bounds[0]..=bounds[1]).contains(&free) {
            gradient.powi(2) / hessian
        } else {
            -(2.0 * gradient + hessian * bound) * bound
        }
    }

    /// Whether a node below `used` may be split by `column`.
    fn may_use(&self, used: &[u16], column: u16) -> bool {
        let in_set = |column: &u16, set: usize| self.columns[usize::from(*column)].in_sets[set];
        self.case.interactions.is_empty()
            || used.is_empty()
            || used.contains(&column)
            || (0..self.case.interactions.len())
                .any(|set| in_set(&column, set) && used.iter().all(|used| in_set(used, set)))
    }

    fn bin(&self, rule: &Rule, row: usize) -> u8 {
        self.columns[usize::from(rule.column())].bins[row]
    }

    fn goes_right(&self, rule: &Rule, row: usize) -> bool {
        match (rule, self.bin(rule, row)) {
            (Rule::Cut(cut), 0) => !cut.missing_left,
            (Rule::Cut(cut), bin) => bin > cut.bin,
            (Rule::Set(set), bin) => set.right.contains(bin),
        }
    }

    fn part(&self, rows: &[usize], rule: &Rule) -> [Vec<usize>; 2] {
        let (right, left) = rows.iter().partition(|row| self.goes_right(rule, **row));
        [left, right]
    }

    /// All that may be tried, the first of equals first.
    fn candidates(&self, node: &NaiveNode) -> Vec<Candidate> {
        let rows = &node.rows;
        let mut candidates = Vec::new();
        for (column, of) in (0u16..).zip(&self.columns) {
            if !self.may_use(&node.used, column) {
                continue;
            }
            let mut seen: Vec<u8> = rows.iter().map(|row| of.bins[*row]).collect();
            seen.sort_unstable();
            seen.dedup();
            if of.categorical {
                self.subsets(column, rows, &seen, &mut candidates);
            } else {
                let cuts = cuts(column, &seen);
                candidates.extend(cuts.into_iter().map(|cut| (Rule::Cut(cut), 0.0)));
            }
        }
        candidates
    }

    fn subsets(&self, column: u16, rows: &[usize], seen: &[u8], candidates: &mut Vec<Candidate>) {
        let bins = &self.columns[usize::from(column)].bins;
        let left_set = |left: &[u8]| {
            let right = seen.iter().copied().filter(|bin| !left.contains(bin));
            let right = right.collect();
            Rule::Set(SetCut { column, right })
        };
        if seen.len() < 2 {
            return;
        }
        if *bins.iter().max().unwrap() <= 4 {
            candidates.extend(seen.iter().map(|bin| (left_set(&[*bin]), 0.0)));
            return;
        }
        let limits = &self.case.rules;
        let rules = &limits.categories;
        let rows_of = |bin: u8| -> Vec<usize> {
            let of = rows.iter().copied().filter(|row| bins[*row] == bin);
            of.collect()
        };
        let count = |bin: u8| {
            let [part, whole] = [&rows_of(bin)[..], rows].map(|rows| self.sums(rows)[1]);
            (part * (rows.len() as f64 / whole)).round()
        };
        let mean = |bin: u8| {
            let [gradient, hessian] = self.sums(&rows_of(bin));
            gradient / (hessian + rules.smooth)
        };
        let mut order: Vec<u8> = seen
            .iter()
            .copied()
            .filter(|bin| count(*bin) >= rules.smooth)
            .collect();
        order.sort_by(|a, b| mean(*a).partial_cmp(&mean(*b)).unwrap());
        for _ in 0..2 {
            let longest = rules.max_categories.min(order.len().div_ceil(2));
            let mut last_end = 0.0;
            for len in 1..=longest {
                let rows_left: f64 = order[..len].iter().map(|bin| count(*bin)).sum();
                let hessian_left: f64 = order[..len]
                    .iter()
                    .map(|bin| self.sums(&rows_of(*bin))[1])
                    .sum();
                let rows_right = rows.len() as f64 - rows_left;
                let (min_leaf, min_rows) = (limits.min_samples_leaf as f64, rules.min_rows as f64);
                if rows_right >= min_rows
                    && rows_right >= min_leaf
                    && rows_left >= min_leaf
                    && hessian_left >= limits.min_child_weight
                    && rows_left - last_end >= min_rows
                {
                    last_end = rows_left;
                    candidates.push((left_set(&order[..len]), rules.l2));
                }
            }
            order.reverse();
        }
    }

    /// The best candidate and its gain.
    fn best(&self, node: &NaiveNode) -> Option<(Candidate, f64)> {
        let rules = &self.case.rules;
        if node.depth >= rules.max_depth {
            return None;
        }
        let mut best: Option<(Candidate, f64)> = None;
        for (rule, extra_l2) in self.candidates(node) {
            let sides = self.part(&node.rows, &rule);
            let allowed = sides.iter().all(|side| {
                side.len() >= rules.min_samples_leaf && self.sums(side)[1] >= rules.min_child_weight
            });
            let values = sides
                .each_ref()
                .map(|side| self.values(side, extra_l2, node.bounds)[1]);
            let in_order = match self.columns[usize::from(rule.column())].monotone {
                None => true,
                Some(Monotone::Increasing) => values[0] <= values[1],
                Some(Monotone::Decreasing) => values[0] >= values[1],
            };
            let allowed = allowed && in_order;
            let [left, right] = sides
                .each_ref()
                .map(|side| self.worth(side, extra_l2, node.bounds));
            let worth = left + right;
            if allowed && best.is_none_or(|(_, other)| worth > other) {
                best = Some(((rule, extra_l2), worth));
            }
        }
        let (candidate, worth) = best?;
        let gain = worth - self.worth(&node.rows, 0.0, node.bounds);
        (gain > rules.min_gain.max(1e-12 * worth)).then_some((candidate, gain))
    }

    /// Sends what no row of the node has to the side with more rows.
    fn send_absent(&self, rule: &mut Rule, rows: &[usize], left: bool) {
        let has = |bin: u8| rows.iter().any(|row| self.bin(rule, *row) == bin);
        let absent: Vec<u8> = (0..=u8::MAX).filter(|bin| !has(*bin)).collect();
        match rule {
            Rule::Cut(cut) => {
                if absent.first() == Some(&0) {
                    cut.missing_left = left;
                }
            }
            Rule::Set(set) => {
                if !left {
                    absent.into_iter().for_each(|bin| set.right.insert(bin));
                }
            }
        }
    }

    fn grow(&self) -> Vec<NaiveNode> {
        let rows = (0..self.case.pairs.len()).collect();
        let mut nodes = vec![NaiveNode {
            rows,
            depth: 0,
            extra_l2: 0.0,
            bounds: [f64::NEG_INFINITY, f64::INFINITY],
            used: vec![],
            split: None,
        }];
        let mut leaves = 1;
        while leaves < self.case.rules.num_leaves {
            let mut chosen: Option<(usize, Candidate, f64)> = None;
            let by_depth = self.case.rules.growth == Growth::DepthWise;
            for (index, node) in nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| node.split.is_none())
            {
                if let Some((candidate, gain)) = self.best(node)
                    && chosen.is_none_or(|(other, _, other_gain)| {
                        let other_depth = nodes[other].depth;
                        match by_depth && node.depth != other_depth {
                            true => node.depth < other_depth,
                            false => gain > other_gain,
                        }
                    })
                {
                    chosen = Some((index, candidate, gain));
                }
            }
            let Some((index, (mut rule, extra_l2), gain)) = chosen else {
                break;
            };
            let [left, right] = self.part(&nodes[index].rows, &rule);
            self.send_absent(&mut rule, &nodes[index].rows, left.len() >= right.len());
            let depth = nodes[index].depth + 1;
            let bounds = nodes[index].bounds;
            let values = [&left, &right].map(|side| self.values(side, extra_l2, bounds)[1]);
            let middle = 0.5 * values[0] + 0.5 * values[1];
            let [below, above] = [[bounds[0], middle], [middle, bounds[1]]];
            let bounds = match self.columns[usize::from(rule.column())].monotone {
                None => [bounds; 2],
                Some(Monotone::Increasing) => [below, above],
                Some(Monotone::Decreasing) => [above, below],
            };
            let mut used = nodes[index].used.clone();
            used.push(rule.column());
            nodes[index].split = Some((rule, gain, nodes.len()));
            let sides = [left, right].into_iter().zip(bounds);
            nodes.extend(sides.map(|(rows, bounds)| NaiveNode {
                rows,
                depth,
                extra_l2,
                bounds,
                used: used.clone(),
                split: None,
            }));
            leaves += 1;
        }
        nodes
    }

    pub(super) fn stored(&self) -> Stored {
        let nodes = self.grow();
        let mut stored = Stored {
            outputs: 1,
            nodes: vec![],
            leaf_values: vec![],
            covers: vec![],
        };
        let mut queue = VecDeque::from([0]);
        while let Some(index) = queue.pop_front() {
            let node: &NaiveNode = &nodes[index];
            stored.covers.push(node.rows.len() as f32);
            stored
                .nodes
                .push(node.split.map(|(rule, gain, _)| (rule, narrow(gain))));
            if let Some((_, _, left)) = node.split {
                queue.extend([left, left + 1]);
            } else {
                let [_, value] = self.values(&node.rows, node.extra_l2, node.bounds);
                stored.leaf_values.push(value);
            }
        }
        stored
    }
}

/// Every cut between two of the bins that occur, and the one between missing and present.
fn cuts(column: u16, seen: &[u8]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    let has_missing = seen.first() == Some(&0);
    let values = &seen[usize::from(has_missing)..];
    for missing_left in [false, true] {
        if missing_left && !has_missing {
            continue;
        }
        if missing_left && !values.is_empty() {
            cuts.push(Cut {
                column,
                bin: 0,
                missing_left,
            });
        }
        cuts.extend(values.windows(2).map(|pair| Cut {
            column,
            bin: (pair[0] + pair[1] - 1) / 2,
            missing_left,
        }));
    }
    cuts
}
