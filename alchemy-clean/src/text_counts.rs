//! How often each text of a column occurs.

use alchemy_core::Result;
use alchemy_core::arrow::array::{Array, ArrayRef, AsArray};
use alchemy_core::column::TextColumn;
use alchemy_core::stats::Frequencies;

/// Counts the texts of `array` into `counts`; null is left out. A dictionary is counted by its keys.
pub(crate) fn count_texts(counts: &mut Frequencies, column: &str, array: &ArrayRef) -> Result<()> {
    match array.as_any_dictionary_opt() {
        Some(dictionary) if (1..=array.len()).contains(&dictionary.values().len()) => {
            let values = TextColumn::new(column, dictionary.values())?;
            let mut of_values = vec![0_u64; values.len()];
            for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
                of_values[key] += u64::from(dictionary.keys().is_valid(row));
            }
            for (at, count) in of_values.into_iter().enumerate() {
                if let Some(text) = values.get(at) {
                    counts.add_many(text, count);
                }
            }
        }
        _ => {
            TextColumn::new(column, array)?.for_each(|text| {
                if let Some(text) = text {
                    counts.add(text);
                }
            });
        }
    }
    Ok(())
}
