//! Which rare text is a slip of which frequent one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use alchemy_core::stats::Frequencies;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::NearDuplicates;
use super::distance::Distances;

/// A text and its standard form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pair {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) distance: usize,
    /// How often each was met in training; `None` for a pair that was added by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) counts: Option<(u64, u64)>,
}

/// A distinct text, with what tells in a few nanoseconds that two are far apart.
struct Candidate<'a> {
    text: &'a str,
    count: u64,
    chars: Vec<char>,
    /// A bit for each character, modulo 64.
    letters: u64,
    /// How many characters there are of each code modulo 32, at most 255.
    bag: [u8; 32],
}

/// Texts by their digits, then by length; the most frequent first.
type Blocks<'a> = HashMap<String, BTreeMap<usize, Vec<&'a Candidate<'a>>>>;

/// The pairs in `counts`, those of one standard form together.
///
/// A text is only compared with texts of the same digits and a length within reach, and only with those that are frequent
/// enough beside it. Most of these fall by their letters alone.
pub(super) fn pairs(counts: &Frequencies, spec: &NearDuplicates) -> Vec<Pair> {
    let by_count = counts.top(counts.distinct());
    let candidates: Vec<Candidate<'_>> = by_count
        .into_par_iter()
        .map(|(text, count)| Candidate::new(text, count))
        .collect();
    let mut blocks = Blocks::new();
    for candidate in candidates.iter().filter(|c| c.count >= spec.min_ratio) {
        let lengths = blocks.entry(digits(candidate.text)).or_default();
        let block = lengths.entry(candidate.chars.len()).or_default();
        block.push(candidate);
    }
    let found: Vec<Option<Pair>> = candidates
        .par_iter()
        .map_init(Distances::default, |distances, candidate| {
            nearest(candidate, &blocks, spec, distances)
        })
        .collect();
    let mut pairs: Vec<Pair> = found.into_iter().flatten().collect();
    // A chain is not followed: what may be a slip itself is no standard form.
    let slips: HashSet<String> = pairs.iter().map(|pair| pair.from.clone()).collect();
    pairs.retain(|pair| !slips.contains(&pair.to));
    pairs.sort_by(|a, b| order(a).cmp(&order(b)));
    pairs
}

/// Frequent standard forms first, and of each the frequent slips.
fn order(pair: &Pair) -> impl Ord + '_ {
    let (from, to) = pair.counts.unwrap_or_default();
    (Reverse(to), &pair.to, Reverse(from), &pair.from)
}

fn digits(text: &str) -> String {
    text.chars().filter(|c| c.is_numeric()).collect()
}

/// The only frequent text that is nearest to `candidate`.
fn nearest(
    candidate: &Candidate<'_>,
    blocks: &Blocks<'_>,
    spec: &NearDuplicates,
    distances: &mut Distances,
) -> Option<Pair> {
    let len = candidate.chars.len();
    let reach = spec.limit(len);
    let enough = candidate.count.saturating_mul(spec.min_ratio);
    let mut best: Option<(usize, &Candidate<'_>)> = None;
    let mut is_alone = true;
    let lengths = blocks.get(&digits(candidate.text))?;
    for (other, block) in lengths.range(len.saturating_sub(reach)..=len.saturating_add(reach)) {
        let limit = spec.limit(len.min(*other));
        for standard in block.iter().take_while(|standard| standard.count >= enough) {
            let limit = best.map_or(limit, |(distance, _)| limit.min(distance));
            if !candidate.may_be_within(standard, limit) {
                continue;
            }
            let found = distances.within(&candidate.chars, &standard.chars, limit);
            match (found, best) {
                (Some(distance), Some((least, _))) if distance == least => is_alone = false,
                (Some(distance), _) => {
                    best = Some((distance, standard));
                    is_alone = true;
                }
                (None, _) => {}
            }
        }
    }
    let (distance, standard) = best.filter(|_| is_alone)?;
    Some(Pair {
        from: candidate.text.to_owned(),
        to: standard.text.to_owned(),
        distance,
        counts: Some((candidate.count, standard.count)),
    })
}

impl<'a> Candidate<'a> {
    fn new(text: &'a str, count: u64) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut letters = 0;
        let mut bag = [0_u8; 32];
        for c in &chars {
            let code = u32::from(*c);
            letters |= 1 << (code % 64);
            let cell = &mut bag[(code % 32) as usize];
            *cell = cell.saturating_add(1);
        }
        Self {
            text,
            count,
            chars,
            letters,
            bag,
        }
    }

    /// Whether the letters allow a distance of `limit`: an edit takes away one at most, and adds one at most.
    fn may_be_within(&self, other: &Self, limit: usize) -> bool {
        let most = limit.saturating_mul(2);
        if (self.letters ^ other.letters).count_ones() as usize > most {
            return false;
        }
        let cells = self.bag.iter().zip(&other.bag);
        let apart: u32 = cells.map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        apart as usize <= most
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every pair of texts compared, from the rules.
    fn by_brute_force(counts: &[(String, u64)], spec: &NearDuplicates) -> Vec<(String, String)> {
        let nearest = |from: &str, count: u64| -> Option<String> {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            let mut near: Vec<(usize, &str)> = counts
                .iter()
                .filter(|(to, other)| *other >= count * spec.min_ratio && to != from)
                .filter(|(to, _)| digits(to) == digits(from))
                .filter_map(|(to, _)| {
                    let (a, b) = (chars(from), chars(to));
                    let limit = a.len().min(b.len()) / spec.letters_per_edit;
                    let limit = limit.min(spec.max_distance);
                    Some((Distances::default().within(&a, &b, limit)?, to.as_str()))
                })
                .collect();
            near.sort_unstable();
            let is_alone = near.len() == 1 || near.len() > 1 && near[0].0 < near[1].0;
            is_alone.then(|| near[0].1.to_owned())
        };
        let all: Vec<(String, String)> = counts
            .iter()
            .filter_map(|(from, count)| Some((from.clone(), nearest(from, *count)?)))
            .collect();
        let is_slip = |text: &String| all.iter().any(|(from, _)| from == text);
        let mut kept: Vec<_> = all.iter().filter(|(_, to)| !is_slip(to)).cloned().collect();
        kept.sort_unstable();
        kept
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn blocks_and_letters_lose_no_pair(
            texts in proptest::collection::btree_map("[ab1 é]{2,9}", 1_u64..40, 0..40),
            letters in 2_usize..4,
            most in 0_usize..5,
        ) {
            let mut spec = NearDuplicates::new("x").with_letters_per_edit(letters).with_min_ratio(3);
            spec.max_distance = most;
            let counts: Vec<(String, u64)> = texts.into_iter().collect();
            let frequencies = Frequencies::from(counts.clone());
            let mut found: Vec<(String, String)> =
                pairs(&frequencies, &spec).into_iter().map(|pair| (pair.from, pair.to)).collect();
            found.sort_unstable();
            prop_assert_eq!(found, by_brute_force(&counts, &spec));
        }
    }
}
