//! The cells of a text column rewritten, each different one about once.

use std::collections::HashMap;
use std::sync::Arc;

use alchemy_core::arrow::array::{
    AnyDictionaryArray, Array, ArrayRef, AsArray, UInt64Array, make_array,
};
use alchemy_core::arrow::buffer::{BooleanBuffer, Buffer};
use alchemy_core::arrow::compute::{cast, take};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::{TextBuilder, TextColumn, concat_text, index_of, is_text};
use alchemy_core::parallel::by_rows;
use alchemy_core::{Action, Error, Ledger, Result};

use crate::plain::require;

/// What becomes of a cell, the same for equal cells.
pub(crate) trait Rewrite: Sync {
    /// Room to work in.
    type Scratch: Default;

    /// Writes the new text of `cell` to `output`, which is empty.
    fn rewrite(&self, cell: &str, scratch: &mut Self::Scratch, output: &mut String) -> Fate;
}

/// What is to be said of a rewritten cell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fate {
    /// It is null now, whatever was written.
    pub(crate) null: bool,
    /// It is not in a map.
    pub(crate) unmatched: bool,
}

/// A rewritten column, and the rows that are to be counted.
#[derive(Debug)]
pub(crate) struct Rewritten {
    /// The input itself, if no cell changed.
    pub(crate) array: ArrayRef,
    /// Another text than before.
    pub(crate) changed: BooleanBuffer,
    /// Null, and was text before.
    pub(crate) nulled: BooleanBuffer,
    pub(crate) unmatched: BooleanBuffer,
}

/// Rewrites every cell of `array` but the null ones, in parallel over ranges of rows; the type is kept.
///
/// # Errors
///
/// [`Error::ColumnType`] if it is not text, or becomes longer than its type can hold.
pub(crate) fn rewrite<R: Rewrite>(column: &str, array: &ArrayRef, by: &R) -> Result<Rewritten> {
    let Some(dictionary) = array.as_any_dictionary_opt() else {
        return rewrite_rows(column, array, by);
    };
    let values = dictionary.values();
    if values.is_empty() || values.len() > array.len() {
        let plain = take(values, dictionary.keys(), None)?;
        let mut rewritten = rewrite(column, &plain, by)?;
        rewritten.array = if rewritten.is_untouched() && says_null(dictionary) {
            array.clone()
        } else {
            cast(&rewritten.array, array.data_type())?
        };
        return Ok(rewritten);
    }
    rewrite_values(column, array, dictionary, by)
}

impl Rewritten {
    fn is_untouched(&self) -> bool {
        self.changed.count_set_bits() == 0 && self.nulled.count_set_bits() == 0
    }

    /// Counts the cells of `array` that were rewritten, nulled and unmatched, with examples.
    pub(crate) fn record(&self, column: &str, array: &ArrayRef, ledger: &mut Ledger) {
        for (action, rows) in [
            (Action::Standardised, &self.changed),
            (Action::Nulled, &self.nulled),
            (Action::Unmatched, &self.unmatched),
        ] {
            record(column, array, action, rows, ledger);
        }
    }
}

/// Counts `rows` of `array`, with examples.
pub(crate) fn record(
    column: &str,
    array: &ArrayRef,
    action: Action,
    rows: &BooleanBuffer,
    ledger: &mut Ledger,
) {
    let cells = rows
        .set_indices()
        .filter_map(|row| Some((row, cell(column, array, row)?)));
    ledger.record_with(column, action, rows.count_set_bits(), rows.len(), cells);
}

/// The text of one cell: a dictionary is not unpacked for it.
pub(crate) fn cell(column: &str, array: &ArrayRef, row: usize) -> Option<String> {
    let one = TextColumn::new(column, &array.slice(row, 1)).ok()?;
    one.get(0).map(str::to_owned)
}

/// An [`Error::InvalidValue`] for the first of `rows`, if there is one.
pub(crate) fn refuse_first(
    column: &str,
    array: &ArrayRef,
    rows: &BooleanBuffer,
    expected: &str,
) -> Result<()> {
    match rows.set_indices().next() {
        None => Ok(()),
        Some(row) => {
            let text = cell(column, array, row).unwrap_or_default();
            Err(Error::value(column, row as u64, &text, expected))
        }
    }
}

/// `input`, of which the columns `names` must be text; with `nullable` they may hold null afterwards.
pub(crate) fn text_schema(input: &Schema, names: &[String], nullable: bool) -> Result<SchemaRef> {
    let mut fields = input.fields().to_vec();
    for name in names {
        let field = &mut fields[index_of(input, name)?];
        require(is_text(field.data_type()), name, field.data_type(), "text")?;
        if nullable && !field.is_nullable() {
            *field = Arc::new(field.as_ref().clone().with_nullable(true));
        }
    }
    let metadata = input.metadata().clone();
    Ok(Arc::new(Schema::new_with_metadata(fields, metadata)))
}

fn rewrite_rows<R: Rewrite>(column: &str, array: &ArrayRef, by: &R) -> Result<Rewritten> {
    let rows = array.len();
    let parts = by_rows(rows, |range| {
        rewrite_part(column, &array.slice(range.start, range.len()), by)
    })?;
    let mut marks = [const { Vec::new() }; 3];
    let mut arrays = Vec::with_capacity(parts.len());
    for part in parts {
        arrays.push(part.array);
        // Every part but the last has whole bytes.
        marks
            .iter_mut()
            .zip(part.marks)
            .for_each(|(all, marks)| all.extend(marks));
    }
    let [changed, nulled, unmatched] =
        marks.map(|bits| BooleanBuffer::new(Buffer::from_vec(bits), 0, rows));
    let mut rewritten = Rewritten {
        array: array.clone(),
        changed,
        nulled,
        unmatched,
    };
    if !rewritten.is_untouched() {
        rewritten.array = concat_text(column, &arrays)?;
    }
    Ok(rewritten)
}

/// Some rows, rewritten: a bit for each that changed, became null, is unmatched.
struct Part {
    array: ArrayRef,
    marks: [Vec<u8>; 3],
}

fn rewrite_part<R: Rewrite>(column: &str, array: &ArrayRef, by: &R) -> Result<Part> {
    let text = TextColumn::new(column, array)?;
    let mut output = TextBuilder::new(column, array.data_type(), array.len())?;
    let mut marks = [const { Vec::new() }; 3].map(|_: Vec<u8>| vec![0_u8; array.len().div_ceil(8)]);
    let (mut scratch, mut written) = (R::Scratch::default(), String::new());
    let mut seen = Seen::new(array.len());
    let mut outcome = Ok(());
    let mut touched = false;
    let mut row = 0;
    text.for_each(|cell| {
        if outcome.is_err() {
            return;
        }
        let Some(cell) = cell else {
            output.push_null();
            row += 1;
            return;
        };
        let slot = seen.slot(cell);
        let known = slot.row < row && slot.cell == cell;
        if !known {
            written.clear();
            let fate = by.rewrite(cell, &mut scratch, &mut written);
            let changed = !fate.null && written != cell;
            *slot = Slot {
                cell,
                row,
                marks: [changed, fate.null, fate.unmatched],
            };
        }
        let [changed, null, _] = slot.marks;
        touched |= changed | null;
        for (bits, mark) in marks.iter_mut().zip(slot.marks) {
            bits[row / 8] |= u8::from(mark) << (row % 8);
        }
        outcome = if null {
            output.push_null();
            Ok(())
        } else if known {
            output.repeat(slot.row)
        } else {
            output.push(&written)
        };
        row += 1;
    });
    outcome?;
    let array = if touched {
        output.finish()?
    } else {
        array.clone()
    };
    Ok(Part { array, marks })
}

/// The cells met last, so that a repeated one is not rewritten again: a table in which a cell has one place, and takes it
/// from the one before.
struct Seen<'a> {
    slots: Vec<Slot<'a>>,
}

#[derive(Clone, Copy)]
struct Slot<'a> {
    cell: &'a str,
    /// Where it was rewritten; in a free slot later than any row.
    row: usize,
    marks: [bool; 3],
}

impl<'a> Seen<'a> {
    /// Slots at most: they stay in the cache next to the processor, where a column of few values needs a few dozen.
    const SLOTS: usize = 512;

    fn new(rows: usize) -> Self {
        let free = Slot {
            cell: "",
            row: usize::MAX,
            marks: [false; 3],
        };
        let slots = rows.next_power_of_two().clamp(1, Self::SLOTS);
        Self {
            slots: vec![free; slots],
        }
    }

    #[inline]
    fn slot(&mut self, cell: &str) -> &mut Slot<'a> {
        let place = place(cell.as_bytes()) & (self.slots.len() - 1);
        &mut self.slots[place]
    }
}

/// A number from the length, the first and the last eight bytes: texts that share those take turns.
#[inline]
fn place(bytes: &[u8]) -> usize {
    /// Odd, with bits all over: 2^64 divided by the golden ratio (Knuth, volume 3, section 6.4).
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => (
                u64::from(u32::from_le_bytes(*first)),
                u64::from(u32::from_le_bytes(*last)),
            ),
            _ => (
                bytes
                    .iter()
                    .fold(0, |all, byte| all << 8 | u64::from(*byte)),
                0,
            ),
        },
    };
    let mixed = (first ^ last.rotate_left(23) ^ bytes.len() as u64).wrapping_mul(MULTIPLIER);
    (mixed >> 48) as usize
}

/// Rewrites each value of a dictionary, joins those that became equal, and points the rows to them.
fn rewrite_values<R: Rewrite>(
    column: &str,
    array: &ArrayRef,
    dictionary: &dyn AnyDictionaryArray,
    by: &R,
) -> Result<Rewritten> {
    let values = rewrite(column, dictionary.values(), by)?;
    let of_rows = dictionary.normalized_keys();
    let is_valid = |row| dictionary.keys().is_valid(row);
    let spread = |marks: &BooleanBuffer| {
        if marks.count_set_bits() == 0 {
            return BooleanBuffer::new_unset(array.len());
        }
        BooleanBuffer::collect_bool(array.len(), |row| {
            marks.value(of_rows[row]) && is_valid(row)
        })
    };
    let mut rewritten = Rewritten {
        array: array.clone(),
        changed: spread(&values.changed),
        nulled: spread(&values.nulled),
        unmatched: spread(&values.unmatched),
    };
    if !rewritten.is_untouched() || !says_null(dictionary) {
        rewritten.array = with_values(column, dictionary, &values.array, array.data_type())?;
    }
    Ok(rewritten)
}

/// Whether null is said by keys alone, as it is in what we write: then a part that is passed on is like one that is not.
fn says_null(dictionary: &dyn AnyDictionaryArray) -> bool {
    dictionary.values().logical_null_count() == 0
}

/// `dictionary` with other `values`, equal ones joined and null ones gone.
fn with_values(
    column: &str,
    dictionary: &dyn AnyDictionaryArray,
    values: &ArrayRef,
    data_type: &DataType,
) -> Result<ArrayRef> {
    let text = TextColumn::new(column, values)?;
    let mut places: HashMap<&str, u64> = HashMap::new();
    let mut firsts: Vec<u64> = Vec::new();
    let mut new_keys: Vec<Option<u64>> = Vec::with_capacity(values.len());
    for at in 0..values.len() {
        new_keys.push(text.get(at).map(|value| {
            *places.entry(value).or_insert_with(|| {
                firsts.push(at as u64);
                firsts.len() as u64 - 1
            })
        }));
    }
    let values = take(values, &UInt64Array::from(firsts), None)?;
    let new_keys = cast(&UInt64Array::from(new_keys), dictionary.keys().data_type())?;
    let keys = take(&new_keys, dictionary.keys(), None)?.to_data();
    let joined = keys
        .into_builder()
        .data_type(data_type.clone())
        .add_child_data(values.to_data());
    Ok(make_array(joined.build()?))
}

#[cfg(test)]
mod tests;
