//! The part of a format that has one width, compared in one go.
//!
//! Nearly every cell has all digits of its date: `2024-05-31 17:30:05` is nineteen bytes of which each is known to be a
//! digit or known altogether. They are compared in a loop without a branch, and the numbers are where they have to be.

use super::scan::{Op, Parts};

/// The items of a format up to the first that has no fixed width, if the date is among them.
#[derive(Debug)]
pub(super) struct Head {
    /// What each byte of a cell has to be, or the least it may be.
    template: Vec<u8>,
    /// By how much it may differ in its bits: 9 for a digit, 0 for a literal.
    most: Vec<u8>,
    kinds: Vec<Kind>,
    /// Where the year, month, day, hour, minute and second begin.
    fields: [Option<usize>; 6],
    /// How many items these are.
    num_ops: usize,
}

/// Bytes compared at once; a head has as many at least. Two blocks, which may overlap, are compared of up to twice as
/// many, and the next larger block is used beyond.
const BLOCK: usize = 8;

/// What to make of a byte that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing else is read here.
    Literal,
    /// White space may stand here, and then what has to be here follows; or a digit or a sign.
    Spaced,
    /// Something else may be read.
    Other,
}

/// What a head makes of a cell.
pub(super) enum Compared {
    /// The numbers.
    Read(Parts),
    /// The format does not read it.
    Unread,
    /// It has to be read item by item.
    Unsure,
}

impl Head {
    pub(super) fn new(ops: &[Op]) -> Option<Self> {
        let mut head = Self {
            template: Vec::new(),
            most: Vec::new(),
            kinds: Vec::new(),
            fields: [None; 6],
            num_ops: 0,
        };
        for (index, op) in ops.iter().enumerate() {
            let field = match op {
                Op::Byte(byte) => {
                    let is_spaced = index > 0 && ops[index - 1] == Op::Space;
                    let kind = if is_spaced {
                        Kind::Spaced
                    } else {
                        Kind::Literal
                    };
                    head.push(*byte, 0, kind);
                    None
                }
                Op::Space => {
                    let number = ops
                        .get(index + 1)
                        .is_some_and(|next| next.field().is_some());
                    let kind = if number { Kind::Spaced } else { Kind::Other };
                    head.push(b' ', 0, kind);
                    None
                }
                other => Some(other.field()),
            };
            match field {
                None => {}
                Some(Some(field)) => {
                    head.fields[field] = Some(head.len());
                    head.push(b'0', 9, Kind::Spaced);
                    let width = if field == 0 { 4 } else { 2 };
                    (1..width).for_each(|_| head.push(b'0', 9, Kind::Other));
                }
                Some(None) => break,
            }
            head.num_ops = index + 1;
        }
        let has_date = head.fields[..3].iter().all(Option::is_some);
        (has_date && (BLOCK..=4 * BLOCK).contains(&head.len())).then_some(head)
    }

    fn push(&mut self, template: u8, most: u8, kind: Kind) {
        self.template.push(template);
        self.most.push(most);
        self.kinds.push(kind);
    }

    pub(super) fn num_ops(&self) -> usize {
        self.num_ops
    }

    pub(super) fn len(&self) -> usize {
        self.template.len()
    }

    #[inline]
    pub(super) fn compare(&self, cell: &[u8]) -> Compared {
        let Some(cell) = cell.get(..self.len()) else {
            return self.differing(cell);
        };
        let fits = if self.len() < 2 * BLOCK {
            self.fits::<BLOCK>(cell)
        } else {
            self.fits::<{ 2 * BLOCK }>(cell)
        };
        if !fits {
            return self.differing(cell);
        }
        let two = |field: Option<usize>| match field.and_then(|at| cell.get(at..at + 2)) {
            Some([tens, ones]) => u32::from(tens & 15) * 10 + u32::from(ones & 15),
            _ => 0,
        };
        let [year, month, day, hour, minute, second] = self.fields;
        let parts = Parts {
            year: two(year) * 100 + two(year.map(|at| at + 2)),
            month: two(month),
            day: two(day),
            hour: two(hour),
            minute: two(minute),
            second: two(second),
            nanos: 0,
            offset: 0,
        };
        let in_range = parts.year >= 1000
            && (1..=12).contains(&parts.month)
            && (1..=31).contains(&parts.day)
            && parts.hour <= 23
            && parts.minute <= 59
            && parts.second <= 60;
        if in_range {
            Compared::Read(parts)
        } else {
            Compared::Unread
        }
    }

    /// Whether every byte of `cell`, which has the length of the head, is one that may be there. A head has from `N` to
    /// twice `N` bytes.
    #[inline]
    fn fits<const N: usize>(&self, cell: &[u8]) -> bool {
        let first = |bytes: &[u8]| bytes.first_chunk::<N>().copied();
        let last = |bytes: &[u8]| bytes.last_chunk::<N>().copied();
        let Some(((cell, template), most)) = first(cell)
            .zip(last(cell))
            .zip(first(&self.template).zip(last(&self.template)))
            .zip(first(&self.most).zip(last(&self.most)))
        else {
            return false;
        };
        let start = block_fits(cell.0, template.0, most.0);
        start & block_fits(cell.1, template.1, most.1)
    }

    /// What the first byte that differs, or the end of the cell, tells. Up to it, item by item comes to the same place.
    fn differing(&self, cell: &[u8]) -> Compared {
        let wanted = self.template.iter().zip(&self.most);
        let same = |(byte, (template, most)): &(&u8, (&u8, &u8))| *byte ^ *template <= **most;
        let at = cell.iter().zip(wanted).take_while(same).count();
        match (self.kinds.get(at), cell.get(at)) {
            (Some(Kind::Literal), _) | (Some(Kind::Spaced), None) => Compared::Unread,
            (Some(Kind::Spaced), Some(byte)) => match byte {
                b'\t'..=b'\r' | b' ' | b'0'..=b'9' | b'+' | b'-' | 0x80.. => Compared::Unsure,
                _ => Compared::Unread,
            },
            _ => Compared::Unsure,
        }
    }
}

/// A loop of known length without a branch, for the compiler to make one comparison of.
#[inline]
fn block_fits<const N: usize>(cell: [u8; N], template: [u8; N], most: [u8; N]) -> bool {
    let mut differs = 0_u8;
    for at in 0..N {
        differs |= u8::from(cell[at] ^ template[at] > most[at]);
    }
    differs == 0
}
