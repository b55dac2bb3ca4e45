//! How far a sample is from having one peak.

use super::ecdf::Ecdf;

/// Hartigan's dip of the finite values: the largest distance of their distribution function from the
/// nearest unimodal one, from 0 to ¼; `None` without finite values.
///
/// It is 0 for a sample without two different values. Of samples of *n* values from a uniform distribution,
/// which of all unimodal ones dips most, √n times the dip exceeds 0.55 in fewer than one of 20 and 0.64 in fewer
/// than one of 100, for any *n*: above that, more than one peak is likely.
///
/// Takes linear time, as a rule within a few walks over the values; ties are values like others, so counts
/// and rounded numbers dip by their grid.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{Ecdf, dip};
///
/// let one: Vec<f64> = (0..100).map(f64::from).collect();
/// let two: Vec<f64> = (0..50).chain(500..550).map(f64::from).collect();
/// assert!(10.0 * dip(&Ecdf::new(one)).unwrap() < 0.55);
/// assert!(10.0 * dip(&Ecdf::new(two)).unwrap() > 0.64);
/// ```
///
/// # References
///
/// - J. A. Hartigan and P. M. Hartigan, "The Dip Test of Unimodality", *Annals of Statistics* 13, 1985,
///   <https://doi.org/10.1214/aos/1176346577>; P. M. Hartigan, algorithm AS 217, 1985.
#[must_use]
pub fn dip(sample: &Ecdf) -> Option<f64> {
    let values = sample.values();
    let end = sample.count_below(f64::INFINITY);
    let x = values.get(sample.count_up_to(f64::NEG_INFINITY)..end)?;
    let (first, last) = (x.first()?, x.last()?);
    // Distances times counts must not overflow; a power of two leaves ratios as they are.
    let scaled: Vec<f64>;
    let x = if ((last - first) * x.len() as f64).is_finite() {
        x
    } else {
        let scale = 2_f64.powi(-64);
        scaled = x.iter().map(|value| value * scale).collect();
        &scaled
    };
    let steps = if first < last { steps(x) } else { 0.0 };
    Some(steps / (2 * x.len()) as f64)
}

/// Twice the dip in steps of the distribution function.
///
/// The best unimodal function is convex up to a modal interval and concave from there. The interval is
/// narrowed to where the convex minorant and the concave majorant on it are farthest apart, until that
/// is no more than what the parts left outside need.
fn steps(x: &[f64]) -> f64 {
    let (before, after) = (minorant(x), majorant(x));
    let (mut low, mut high) = (0, x.len() - 1);
    let mut dip = 0.0_f64;
    loop {
        let convex = chain(high, low, &before);
        let concave = chain(low, high, &after);
        let (distance, from, to) = farthest(x, &convex, &concave);
        if distance < dip {
            return dip;
        }
        let below = convex[from..]
            .windows(2)
            .map(|edge| gap(x, edge[1], edge[0], |above| above + 1.0));
        let above = concave[to..]
            .windows(2)
            .map(|edge| gap(x, edge[0], edge[1], |above| 1.0 - above));
        dip = below.chain(above).fold(dip, f64::max);
        let narrower = (convex[from], concave[to]);
        if narrower.1.saturating_sub(narrower.0) >= high - low {
            return dip;
        }
        (low, high) = narrower;
    }
}

/// For each value, the vertex before it on the greatest convex minorant of the values up to it.
fn minorant(x: &[f64]) -> Vec<usize> {
    let mut before = vec![0; x.len()];
    for at in 1..x.len() {
        let mut vertex = at - 1;
        while vertex > 0 {
            let other = before[vertex];
            if turns(x, other, vertex, at) {
                break;
            }
            vertex = other;
        }
        before[at] = vertex;
    }
    before
}

/// For each value, the vertex after it on the least concave majorant of the values from it on.
fn majorant(x: &[f64]) -> Vec<usize> {
    let last = x.len() - 1;
    let mut after = vec![last; x.len()];
    for at in (0..last).rev() {
        let mut vertex = at + 1;
        while vertex < last {
            let other = after[vertex];
            if turns(x, other, vertex, at) {
                break;
            }
            vertex = other;
        }
        after[at] = vertex;
    }
    after
}

/// Whether the turn at `b` between `a` and `c` keeps `b` a vertex.
fn turns(x: &[f64], a: usize, b: usize, c: usize) -> bool {
    (x[c] - x[b]) * (b as f64 - a as f64) < (x[b] - x[a]) * (c as f64 - b as f64)
}

/// The vertices from `start` to `end`.
fn chain(start: usize, end: usize, next: &[usize]) -> Vec<usize> {
    let mut vertices = vec![start];
    let mut at = start;
    while at != end && next[at] != at {
        at = next[at];
        vertices.push(at);
    }
    vertices
}

/// The largest distance of the concave chain, which rises, from the convex one, which falls; and the
/// vertices of both between which it is.
fn farthest(x: &[f64], convex: &[usize], concave: &[usize]) -> (f64, usize, usize) {
    let (last, end) = (convex.len() - 1, concave.len() - 1);
    let mut found = (0.0, last, end);
    if last.min(end) == 0 || last.max(end) == 1 {
        return found;
    }
    let (mut i, mut j) = (last - 1, 1);
    loop {
        let (below, above) = (convex[i], concave[j]);
        // The vertex that comes first, seen from the edge of the other chain above or below it.
        let (distance, at) = if below > above {
            let start = convex[i + 1];
            let distance = above_chord(x, above, start, below) + 1.0;
            let at = (i + 1, j);
            j = (j + 1).min(end);
            (distance, at)
        } else {
            let start = concave[j - 1];
            let distance = 1.0 - above_chord(x, below, start, above);
            let at = (i, j);
            i = i.saturating_sub(1);
            (distance, at)
        };
        if distance >= found.0 {
            found = (distance, at.0, at.1);
        }
        if convex[i] == concave[j] || (i, j) == (0, end) {
            return found;
        }
    }
}

/// The largest of what `of` makes of the distances of the values from a chord; 1 where nothing lies
/// between.
fn gap(x: &[f64], start: usize, end: usize, of: impl Fn(f64) -> f64) -> f64 {
    if end - start <= 1 || x[start] >= x[end] {
        return 1.0;
    }
    let distances = (start..=end).map(|at| of(above_chord(x, at, start, end)));
    distances.fold(1.0, f64::max)
}

/// How many steps the value `at` is above the chord from `start` to `end`; NaN if that is upright.
fn above_chord(x: &[f64], at: usize, start: usize, end: usize) -> f64 {
    let steps = end as f64 - start as f64;
    at as f64 - start as f64 - (x[at] - x[start]) * steps / (x[end] - x[start])
}
