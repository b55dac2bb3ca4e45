//! The most frequent value of a column of any type.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use alchemy_core::arrow::array::{
    Array, ArrayRef, ArrowNativeTypeOp, PrimitiveArray, StringArray, new_empty_array,
};
use alchemy_core::arrow::buffer::{Buffer, ScalarBuffer};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{ArrowPrimitiveType, DataType, ToByteSlice};
use alchemy_core::column::{
    TextColumn, VisitPrimitive, is_boolean, is_text, ticks, visit_primitive,
};
use alchemy_core::random::mix;
use alchemy_core::stats::Frequencies;
use alchemy_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::plain::plain;

/// How often each value of a column occurs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Occurrences {
    Text(Frequencies),
    Numbers(Counts),
}

impl Occurrences {
    pub(super) fn new(data_type: &DataType) -> Self {
        if is_text(data_type) {
            Self::Text(Frequencies::new())
        } else {
            Self::Numbers(Counts::default())
        }
    }

    pub(super) fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()> {
        match self {
            Self::Text(texts) => {
                let text = TextColumn::new(column, array)?;
                texts.extend((0..text.len()).filter_map(|row| text.get(row)));
                Ok(())
            }
            Self::Numbers(counts) => {
                let numbers = as_numbers(&plain(column, array)?)?;
                visit_primitive(column, &numbers, Counting(counts))
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<()> {
        match (self, other) {
            (Self::Text(ours), Self::Text(theirs)) => ours.merge(theirs),
            (Self::Numbers(ours), Self::Numbers(theirs)) => {
                theirs
                    .0
                    .iter()
                    .for_each(|(bits, count)| ours.add(*bits, *count));
            }
            _ => {
                let message = "text and numbers cannot be merged";
                return Err(Error::parameter("strategy", message));
            }
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Text(texts) => texts.distinct() == 0,
            Self::Numbers(counts) => counts.0.is_empty(),
        }
    }

    /// The most frequent value, the smallest of those equally frequent; `None` without a value.
    pub(super) fn mode(&self, data_type: &DataType) -> Result<Option<ArrayRef>> {
        match self {
            Self::Text(texts) => Ok(texts
                .mode()
                .map(|(text, _)| Arc::new(StringArray::from(vec![text])) as ArrayRef)),
            Self::Numbers(counts) => {
                let template = as_numbers(&new_empty_array(data_type))?;
                let mode = visit_primitive("mode", &template, Mode(counts))?;
                Ok(mode.map(|mode| cast(&mode, data_type)).transpose()?)
            }
        }
    }
}

/// Counts of numbers by their bits.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, u64, u64)>", into = "Vec<(u64, u64, u64)>")]
pub(super) struct Counts(HashMap<u128, u64, BitsState>);

impl Counts {
    fn add(&mut self, bits: u128, count: u64) {
        let sum = self.0.entry(bits).or_default();
        *sum = sum.saturating_add(count);
    }
}

/// Booleans as 0 and 1, dates and timestamps as their ticks.
fn as_numbers(array: &ArrayRef) -> Result<ArrayRef> {
    if is_boolean(array.data_type()) {
        Ok(cast(array, &DataType::UInt8)?)
    } else {
        ticks(array)
    }
}

struct Counting<'a>(&'a mut Counts);

impl VisitPrimitive for Counting<'_> {
    type Out = ();

    fn visit<T: ArrowPrimitiveType>(self, array: &PrimitiveArray<T>) {
        let mut count = |value: T::Native| {
            // −0 becomes 0: they are one value.
            let value = value.add_wrapping(T::Native::ZERO);
            let mut bits = [0; 16];
            let bytes = value.to_byte_slice();
            bits[..bytes.len()].copy_from_slice(bytes);
            self.0.add(u128::from_le_bytes(bits), 1);
        };
        match array.nulls() {
            None => array.values().iter().copied().for_each(count),
            Some(nulls) => nulls
                .valid_indices()
                .for_each(|row| count(array.values()[row])),
        }
    }
}

struct Mode<'a>(&'a Counts);

impl VisitPrimitive for Mode<'_> {
    type Out = Option<ArrayRef>;

    fn visit<T: ArrowPrimitiveType>(self, template: &PrimitiveArray<T>) -> Option<ArrayRef> {
        let most = *self.0.0.values().max()?;
        let width = size_of::<T::Native>();
        let bytes: Vec<u8> = self
            .0
            .0
            .iter()
            .filter(|(_, count)| **count == most)
            .flat_map(|(bits, _)| bits.to_le_bytes().into_iter().take(width))
            .collect();
        // The buffer is made by Arrow, and so aligned for every type.
        let values = ScalarBuffer::<T::Native>::from(Buffer::from(bytes.as_slice()));
        let smallest = values
            .iter()
            .copied()
            .reduce(|a, b| if b.is_lt(a) { b } else { a })?;
        let mode = PrimitiveArray::<T>::new(vec![smallest].into(), None);
        Some(Arc::new(mode.with_data_type(template.data_type().clone())))
    }
}

impl From<Vec<(u64, u64, u64)>> for Counts {
    fn from(counts: Vec<(u64, u64, u64)>) -> Self {
        let mut all = Self::default();
        for (high, low, count) in counts {
            all.add(u128::from(high) << 64 | u128::from(low), count);
        }
        all
    }
}

impl From<Counts> for Vec<(u64, u64, u64)> {
    fn from(counts: Counts) -> Self {
        let counts = counts.0.into_iter();
        let mut sorted: Self = counts
            .map(|(bits, count)| (high(bits), low(bits), count))
            .collect();
        sorted.sort_unstable();
        sorted
    }
}

fn high(bits: u128) -> u64 {
    low(bits >> 64)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lower half is what is wanted"
)]
fn low(bits: u128) -> u64 {
    bits as u64
}

/// A fast hash of bits with a random key, so that nobody can choose values that collide.
#[derive(Debug, Clone)]
pub(super) struct BitsState(u64);

impl Default for BitsState {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for BitsState {
    type Hasher = BitsHasher;

    fn build_hasher(&self) -> BitsHasher {
        BitsHasher(self.0)
    }
}

/// The hash of the bits written so far.
#[derive(Debug)]
pub(super) struct BitsHasher(u64);

impl Hasher for BitsHasher {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.0 = mix(self.0 ^ u64::from_le_bytes(word));
        }
    }

    fn write_u128(&mut self, bits: u128) {
        self.0 = mix(mix(self.0 ^ low(bits)) ^ high(bits));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use alchemy_core::arrow::array::{
        BooleanArray, Date32Array, Decimal128Array, Float16Array, Float64Array, Int8Array,
    };

    use super::*;

    fn mode(array: impl Array + 'static) -> Option<ArrayRef> {
        let array = Arc::new(array) as ArrayRef;
        let mut occurrences = Occurrences::new(array.data_type());
        occurrences.update("x", &array).unwrap();
        let stored = serde_json::to_string(&occurrences).unwrap();
        let mut loaded: Occurrences = serde_json::from_str(&stored).unwrap();
        loaded.merge(&occurrences).unwrap();
        loaded.mode(array.data_type()).unwrap()
    }

    #[test]
    fn a_mode_is_the_smallest_most_frequent_value_of_any_type() {
        let floats = vec![Some(0.0), Some(-0.0), Some(-7.5), None, Some(f64::NAN)];
        assert_eq!(
            mode(Float64Array::from(floats)).unwrap().as_ref(),
            &Float64Array::from(vec![0.0])
        );
        let bytes = Int8Array::from(vec![3, -4, -4, 3, 5]);
        assert_eq!(mode(bytes).unwrap().as_ref(), &Int8Array::from(vec![-4]));
        let days = Date32Array::from(vec![Some(2), Some(2), None, None, None]);
        assert_eq!(mode(days).unwrap().as_ref(), &Date32Array::from(vec![2]));
        let flags = BooleanArray::from(vec![true, false]);
        assert_eq!(
            mode(flags).unwrap().as_ref(),
            &BooleanArray::from(vec![false])
        );
        let money = |values: Vec<i128>| {
            let money = Decimal128Array::from(values);
            money.with_precision_and_scale(38, 2).unwrap()
        };
        let least = i128::MIN / 10;
        assert_eq!(
            mode(money(vec![1, least, least])).unwrap().as_ref(),
            &money(vec![least])
        );
        assert!(mode(Float16Array::from(vec![None])).is_none());
    }
}
