//! What the cells of a JSON file are, gathered line by line.

use std::collections::HashMap;
use std::fmt;

/// What a cell that is not null holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    /// An integer that 64 bits hold with a sign, and a float without loss.
    Integer,
    /// An integer that 64 bits hold with a sign, and a float only rounded.
    LongInteger,
    /// An integer that 64 bits hold only without a sign.
    UnsignedInteger,
    /// A number that neither 64-bit integers nor floats hold.
    HugeNumber,
    /// A number with a point or an exponent.
    Float,
    Text,
    Object,
    List,
}

impl Kind {
    pub(super) const ALL: [Self; 9] = [
        Self::Boolean,
        Self::Integer,
        Self::LongInteger,
        Self::UnsignedInteger,
        Self::HugeNumber,
        Self::Float,
        Self::Text,
        Self::Object,
        Self::List,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "a Boolean",
            Self::Integer => "an integer",
            Self::LongInteger => "an integer beyond 2^53",
            Self::UnsignedInteger => "an integer beyond 2^63",
            Self::HugeNumber => "a number beyond 64 bits",
            Self::Float => "a number with a fraction or an exponent",
            Self::Text => "text",
            Self::Object => "an object",
            Self::List => "a list",
        })
    }
}

/// How often cells of one kind were seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) count: u64,
    /// One-based; 0 when there was none.
    pub(super) first_line: u64,
}

/// What to do with the inside of an object or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Inside {
    /// Keys and elements are gathered, new keys too.
    #[default]
    Open,
    /// Only known keys are gathered; others are not read.
    Closed,
    /// It will be text: only its grammar matters.
    Opaque,
}

/// The cells of one column, or of one key of objects, or the elements of lists.
///
/// Joining the shapes of two stretches of lines in their order gives the shape of both, so cuts do not show.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    seen: [Seen; Kind::ALL.len()],
    /// Whether an integer below zero was seen.
    negative: bool,
    pub(super) inside: Inside,
    pub(super) keys: Keys,
    pub(super) element: Option<Box<Self>>,
}

impl Shape {
    pub(super) fn record(&mut self, kind: Kind, line: u64) {
        let seen = &mut self.seen[kind as usize];
        if seen.count == 0 {
            seen.first_line = line;
        }
        seen.count += 1;
    }

    pub(super) fn record_negative(&mut self) {
        self.negative = true;
    }

    pub(super) fn seen(&self, kind: Kind) -> Seen {
        self.seen[kind as usize]
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        self.seen(kind).count > 0
    }

    pub(super) fn has_negative(&self) -> bool {
        self.negative
    }

    /// The kinds seen.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (Kind, Seen)> {
        Kind::ALL
            .into_iter()
            .map(|kind| (kind, self.seen(kind)))
            .filter(|(_, seen)| seen.count > 0)
    }

    /// Adds the cells of lines that follow.
    pub(super) fn join(&mut self, other: Self) {
        for (mine, theirs) in self.seen.iter_mut().zip(other.seen) {
            if mine.count == 0 {
                mine.first_line = theirs.first_line;
            }
            mine.count += theirs.count;
        }
        self.negative |= other.negative;
        for key in other.keys.list {
            let index = match self.keys.index.get(&key.name) {
                Some(index) => *index,
                None => self.keys.insert(&key.name, key.first_line),
            };
            self.keys.list[index].shape.join(key.shape);
        }
        if let Some(element) = other.element {
            self.element.get_or_insert_default().join(*element);
        }
    }

    /// How many keys there are at all depths.
    pub(super) fn num_keys(&self) -> usize {
        let of_keys = self.keys.list.iter().map(|key| 1 + key.shape.num_keys());
        let of_element = self.element.as_ref().map_or(0, |shape| shape.num_keys());
        of_keys.sum::<usize>() + of_element
    }
}

/// The keys of objects, in order of first appearance.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pub(super) list: Vec<Key>,
    index: HashMap<Box<str>, usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) name: Box<str>,
    pub(super) first_line: u64,
    pub(super) shape: Shape,
    /// The object that last held the key, to find keys that occur twice in one.
    pub(super) object: u64,
}

impl Keys {
    /// The position of a key; `likely` is looked at first, since objects repeat their keys in order.
    pub(super) fn find(&self, name: &str, likely: usize) -> Option<usize> {
        if self.list.get(likely).is_some_and(|key| *key.name == *name) {
            return Some(likely);
        }
        self.index.get(name).copied()
    }

    /// Adds a key, met on `line` first; 0 for one that was not met.
    pub(super) fn insert(&mut self, name: &str, line: u64) -> usize {
        let index = self.list.len();
        self.list.push(Key {
            name: name.into(),
            first_line: line,
            shape: Shape::default(),
            object: 0,
        });
        self.index.insert(name.into(), index);
        index
    }
}
