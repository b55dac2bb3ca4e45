//! Numbers as keys that sort like the numbers, gathered: all of them, or what sketches keep.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::counted::{Counted, Memory};
use crate::Result;
use crate::column::Numeric;
use crate::stats::{DistinctSketch, Ecdf, HeavyHitters, QuantileSketch, runs, top};

/// The numbers of a column. A key stands for a number of any type without loss.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Keys {
    kind: Kind,
    store: Store,
    ends: Option<Ends>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Store {
    All(Vec<u64>),
    Sketch(Box<Sketch>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sketch {
    quantiles: QuantileSketch,
    distinct: DistinctSketch,
    top: HeavyHitters<u64>,
}

/// The smallest and the largest key, each with the first row that has it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Ends {
    min: u64,
    min_row: u64,
    max: u64,
    max_row: u64,
}

/// What there is to know of the numbers, all having come.
pub(super) struct Gathered {
    pub(super) counted: Counted<u64>,
    pub(super) sample: Sample,
    /// The smallest and the largest number, and the first rows with them.
    pub(super) ends: Option<([u64; 2], [u64; 2])>,
    pub(super) kind: Kind,
}

/// The distribution of the numbers, exact or within the error of a sketch.
pub(super) enum Sample {
    Exact(Ecdf),
    Sketch(QuantileSketch),
}

impl Keys {
    pub(super) fn new(memory: Memory) -> Self {
        let store = match memory {
            Memory::All => Store::All(Vec::new()),
            Memory::Bounded => Store::Sketch(Box::new(Sketch {
                quantiles: QuantileSketch::new(),
                distinct: DistinctSketch::new(),
                top: HeavyHitters::default(),
            })),
        };
        Self {
            kind: Kind::default(),
            store,
            ends: None,
        }
    }

    /// Adds the values of `view`, which is always of the same type and begins at `first_row`. Returns how
    /// many there are.
    pub(super) fn update(&mut self, view: &Numeric<'_>, first_row: u64) -> usize {
        self.kind = Kind::of(view);
        let mut ends: Option<Ends> = None;
        let mut values = 0;
        let mut reach = |row: usize, key: u64| {
            values += 1;
            let row = row as u64;
            let ends = ends.get_or_insert(Ends::at(key, row));
            if key < ends.min {
                (ends.min, ends.min_row) = (key, row);
            }
            if key > ends.max {
                (ends.max, ends.max_row) = (key, row);
            }
        };
        match &mut self.store {
            Store::All(keys) => {
                keys.reserve(view.len());
                for_each_key(view, |row, key| {
                    keys.push(key);
                    reach(row, key);
                });
            }
            Store::Sketch(sketch) => {
                let kind = self.kind;
                for_each_key(view, |row, key| {
                    sketch.quantiles.add(kind.to_f64(key));
                    sketch.distinct.add_bytes(&key.to_le_bytes());
                    sketch.top.add(&key);
                    reach(row, key);
                });
            }
        }
        if let Some(mut ends) = ends {
            ends.min_row += first_row;
            ends.max_row += first_row;
            self.add_ends(ends);
        }
        values
    }

    /// Adds all that `other` holds, gathered in the same way from a column of the same type.
    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        if self.ends.is_none() {
            self.kind = other.kind;
        }
        if let Some(ends) = other.ends {
            self.add_ends(ends);
        }
        match (&mut self.store, other.store) {
            (Store::All(keys), Store::All(mut more)) => keys.append(&mut more),
            (Store::Sketch(sketch), Store::Sketch(more)) => {
                sketch.quantiles.merge(&more.quantiles);
                sketch.distinct.merge(&more.distinct)?;
                sketch.top.merge(&more.top);
            }
            _ => return Err(Memory::differs()),
        }
        Ok(())
    }

    /// Sorts and counts, `k` most frequent keys included.
    pub(super) fn gather(self, k: usize) -> Gathered {
        let kind = self.kind;
        let (counted, sample) = match self.store {
            Store::All(mut keys) => {
                keys.sort_unstable();
                let counted = Counted {
                    distinct: runs(&keys).count() as u64,
                    distinct_error: 0.0,
                    top: top(runs(&keys), k),
                    top_error: 0,
                };
                let sorted = keys.into_iter().map(|key| kind.to_f64(key)).collect();
                (counted, Sample::Exact(Ecdf::from_sorted(sorted)))
            }
            Store::Sketch(sketch) => {
                let counted = Counted::of(&sketch.distinct, &sketch.top, k, |key| *key);
                (counted, Sample::Sketch(sketch.quantiles))
            }
        };
        let ends = self.ends;
        Gathered {
            counted,
            sample,
            ends: ends.map(|ends| ([ends.min, ends.max], [ends.min_row, ends.max_row])),
            kind,
        }
    }

    fn add_ends(&mut self, more: Ends) {
        match &mut self.ends {
            Some(ends) => ends.merge(more),
            none => *none = Some(more),
        }
    }
}

impl Ends {
    fn at(key: u64, row: u64) -> Self {
        Self {
            min: key,
            min_row: row,
            max: key,
            max_row: row,
        }
    }

    fn merge(&mut self, other: Self) {
        (self.min, self.min_row) = (self.min, self.min_row).min((other.min, other.min_row));
        let reach = |key: u64, row: u64| (key, Reverse(row));
        let (max, Reverse(max_row)) =
            reach(self.max, self.max_row).max(reach(other.max, other.max_row));
        (self.max, self.max_row) = (max, max_row);
    }
}

/// What a key stands for. 64-bit integers keep all their digits; every other number fits a float.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    #[default]
    Float,
    Signed,
    Unsigned,
}

impl Kind {
    fn of(view: &Numeric<'_>) -> Self {
        match view {
            Numeric::I64(_) => Self::Signed,
            Numeric::U64(_) => Self::Unsigned,
            _ => Self::Float,
        }
    }

    pub(super) fn to_f64(self, key: u64) -> f64 {
        match self {
            Self::Float => f64::from_bits(if key & SIGN == 0 { !key } else { key ^ SIGN }),
            Self::Signed => signed(key) as f64,
            Self::Unsigned => key as f64,
        }
    }

    /// The number that a key stands for, as text.
    pub(super) fn text(self, key: u64) -> String {
        match self {
            Self::Float => self.to_f64(key).to_string(),
            Self::Signed => signed(key).to_string(),
            Self::Unsigned => key.to_string(),
        }
    }

    /// The integer that a key of a date or a timestamp stands for.
    pub(super) fn ticks(self, key: u64) -> i64 {
        match self {
            Self::Signed => signed(key),
            #[expect(clippy::cast_possible_truncation, reason = "days, which 32 bits hold")]
            Self::Float => self.to_f64(key) as i64,
            Self::Unsigned => i64::try_from(key).unwrap_or(i64::MAX),
        }
    }
}

/// Flipping the highest bit turns the order of signed integers into that of unsigned ones.
const SIGN: u64 = 1 << 63;

fn signed(key: u64) -> i64 {
    (key ^ SIGN).cast_signed()
}

/// Calls `each` with the row and key of every value that is not missing.
pub(super) fn for_each_key(view: &Numeric<'_>, mut each: impl FnMut(usize, u64)) {
    match view {
        Numeric::I64(values) => {
            values.for_each_row(|row, value| each(row, value.cast_unsigned() ^ SIGN));
        }
        Numeric::U64(values) => values.for_each_row(each),
        view => view.for_each_row(|row, value| {
            // Adding zero turns −0 into 0.
            let bits = (value + 0.0).to_bits();
            each(row, if bits & SIGN == 0 { bits | SIGN } else { !bits });
        }),
    }
}
