//! Counts of floats by sign, exponent and leading fraction bits.

/// Bits of a float after the binary point.
const FRACTION_BITS: u32 = 52;

/// The sign bit, which is set in the order code of a positive float.
const SIGN: u64 = 1 << 63;

/// A float has one of this many binades, told by sign and exponent; half of them are negative.
pub(super) const NUM_BINADES: u64 = 1 << 12;

/// Bytes of one count.
const COUNT_BYTES: usize = size_of::<u64>();

/// The least limit that [`BinadeCounts`] can keep: one count for each binade.
pub(super) const LEAST_BYTES: usize = COUNT_BYTES << 12;

/// Counts of bins, each told by its binade and `bits` fraction bits; a binade that occurs has a page
/// of 2^bits counts.
///
/// Where pages do not fit into `max_bytes`, `bits` falls until they do: a matter of which binades
/// occur, so additions commute.
#[derive(Debug, Clone)]
pub(super) struct BinadeCounts {
    bits: u32,
    max_bytes: usize,
    /// From the binade `first` on: the position of its page, from 1; 0 if it did not occur.
    first: usize,
    pages: Vec<u16>,
    counts: Vec<u64>,
}

impl BinadeCounts {
    pub(super) fn new(bits: u32, max_bytes: usize) -> Self {
        Self {
            bits,
            max_bytes,
            first: 0,
            pages: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// The fraction bits in force.
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    pub(super) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Lowers the fraction bits to `bits`; sets them while nothing is counted.
    pub(super) fn limit_bits(&mut self, bits: u32) {
        if self.counts.is_empty() {
            self.bits = bits;
        }
        while self.bits > bits {
            self.coarsen();
        }
    }

    pub(super) fn limit_bytes(&mut self, max_bytes: usize) {
        self.max_bytes = max_bytes;
        self.keep_within(self.num_pages());
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.limit_bits(self.bits.min(other.bits));
        self.limit_bytes(self.max_bytes.min(other.max_bytes));
        for (bin, count) in other.iter() {
            self.add(bin << other.shift(), count);
        }
    }

    /// Counts the bin of an order code.
    #[inline]
    pub(super) fn add(&mut self, code: u64, by: u64) {
        match self.slot(code) {
            Some(slot) => self.counts[slot] = self.counts[slot].saturating_add(by),
            None => self.add_page(code, by),
        }
    }

    /// Where the bin of an order code is counted; `None` if its binade has not occurred.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a bin has 24 bits at most")]
    fn slot(&self, code: u64) -> Option<usize> {
        let bin = (code >> self.shift()) as usize;
        let page = *self
            .pages
            .get((bin >> self.bits).wrapping_sub(self.first))?;
        let page = usize::from(page).checked_sub(1)?;
        let slot = (page << self.bits) | (bin & ((1 << self.bits) - 1));
        (slot < self.counts.len()).then_some(slot)
    }

    #[cold]
    #[expect(clippy::cast_possible_truncation, reason = "there are 2^12 binades")]
    fn add_page(&mut self, code: u64, by: u64) {
        let binade = (code >> FRACTION_BITS) as usize;
        if self.pages.is_empty() {
            self.first = binade;
        }
        if binade < self.first {
            let more = std::iter::repeat_n(0, self.first - binade);
            self.pages.splice(0..0, more);
            self.first = binade;
        } else if binade >= self.first + self.pages.len() {
            self.pages.resize(binade - self.first + 1, 0);
        }
        let page = self.num_pages() + 1;
        self.keep_within(page);
        self.pages[binade - self.first] = page as u16;
        self.counts.resize(page << self.bits, 0);
        if let Some(slot) = self.slot(code) {
            self.counts[slot] = by;
        }
    }

    /// Lowers the resolution until `pages` are within the limit.
    fn keep_within(&mut self, pages: usize) {
        while self.bits > 0 && (pages * COUNT_BYTES) << self.bits > self.max_bytes {
            self.coarsen();
        }
    }

    /// Makes one bin of every two.
    fn coarsen(&mut self) {
        self.bits -= 1;
        self.counts = self
            .counts
            .chunks_exact(2)
            .map(|two| two[0].saturating_add(two[1]))
            .collect();
    }

    fn num_pages(&self) -> usize {
        self.counts.len() >> self.bits
    }

    /// How far to shift an order code for its bin.
    pub(super) fn shift(&self) -> u32 {
        FRACTION_BITS - self.bits
    }

    /// The bins that hold values, in order, with their counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let occurring = self.pages.iter().enumerate().filter(|(_, page)| **page > 0);
        occurring.flat_map(move |(at, page)| {
            let start = usize::from(page - 1) << self.bits;
            let first = ((self.first + at) as u64) << self.bits;
            let counts = self.counts[start..].iter().take(1 << self.bits);
            let counted = counts.enumerate().filter(|(_, count)| **count > 0);
            counted.map(move |(k, count)| (first + k as u64, *count))
        })
    }

    /// The middle of a bin, the same on both sides of zero.
    pub(super) fn middle(&self, bin: u64) -> f64 {
        let half = 1_u64 << (self.shift() - 1);
        let lower = bin << self.shift();
        let code = if lower < SIGN {
            lower + (half - 1)
        } else {
            lower + half
        };
        f64::from_bits(if code < SIGN { !code } else { code ^ SIGN })
    }

    pub(super) fn num_bytes(&self) -> usize {
        self.counts.len() * COUNT_BYTES + size_of_val(self.pages.as_slice())
    }
}

/// Integers in the order of floats that are not NaN.
#[inline]
pub(super) fn order_code(value: f64) -> u64 {
    // Adding zero turns −0 into 0.
    let bits = (value + 0.0).to_bits();
    if bits < SIGN { bits | SIGN } else { !bits }
}
