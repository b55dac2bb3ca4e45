//! Counter-based random numbers: a draw depends on what it is for, never on who drew before it.
//!
//! A [`Stream`] is named by a seed and a path of keys, such as (seed, tree, node). Two streams with
//! different names are independent for all practical purposes; the same name gives the same numbers on
//! any thread, machine and build. The generator is `SplitMix64` (Steele, Lea & Flood, 2014), whose output
//! function is a bijective mix of a counter.

/// Increment of the `SplitMix64` counter: 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The `SplitMix64` output function: a bijection on 64 bits in which every input bit reaches every output bit.
#[must_use]
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A reproducible stream of random numbers.
///
/// # Examples
///
/// ```
/// use alchemy_core::random::Stream;
///
/// let mut a = Stream::new(42, &[7]);
/// let mut b = Stream::new(42, &[7]);
/// assert_eq!(a.next_u64(), b.next_u64());
/// assert!(a.below(10) < 10);
/// ```
#[derive(Debug, Clone)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The stream named by `seed` and the path `keys`.
    #[must_use]
    pub fn new(seed: u64, keys: &[u64]) -> Self {
        let state = keys
            .iter()
            .fold(mix(seed.wrapping_add(GOLDEN)), |state, key| {
                mix(state ^ mix(key.wrapping_add(GOLDEN)))
            });
        Self { state }
    }

    /// The next 64 uniform bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in `[0, 1)`, a multiple of 2^-53.
    pub fn next_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `0..bound`, without bias (Lemire, 2019); 0 when `bound` is 0.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low half is wanted, and the high half is below `bound`"
    )]
    pub fn below(&mut self, bound: u64) -> u64 {
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            let low = product as u64;
            if low >= bound || low >= bound.wrapping_neg() % bound.max(1) {
                return (product >> 64) as u64;
            }
        }
    }

    /// Two independent draws from the standard normal distribution (Box–Muller).
    pub fn normals(&mut self) -> (f64, f64) {
        let radius = (-2.0 * (1.0 - self.next_f64()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.next_f64()).sin_cos();
        (radius * cos, radius * sin)
    }

    /// Puts `items` in a uniformly random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = usize::try_from(self.below(i as u64 + 1)).unwrap_or(i);
            items.swap(i, j);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_numbers_are_those_of_splitmix64() {
        // Reference: the generator of the `SplitMix64` paper seeded with 1234567.
        let mut stream = Stream { state: 1_234_567 };
        let first: Vec<u64> = (0..3).map(|_| stream.next_u64()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn bounded_draws_are_uniform() {
        let mut stream = Stream::new(1, &[]);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[usize::try_from(stream.below(7)).unwrap()] += 1;
        }
        assert!(
            counts.iter().all(|n| (9_600..10_400).contains(n)),
            "{counts:?}"
        );
        assert_eq!(stream.below(0), 0);
        assert_eq!(stream.below(1), 0);
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_differs_by_key() {
        let order = |key| {
            let mut items: Vec<u32> = (0..100).collect();
            Stream::new(3, &[key]).shuffle(&mut items);
            items
        };
        let mut sorted = order(1);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_ne!(order(1), order(2));
        assert_eq!(order(1), order(1));
    }
}
