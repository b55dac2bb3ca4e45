//! Cells of any column as numbers that can be compared.

use std::collections::HashSet;

use alchemy_core::arrow::array::{ArrayRef, StringArray};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Field};
use alchemy_core::column::{NumericColumn, TextColumn, is_boolean, is_numeric, is_text};
use alchemy_core::{Error, Result};

use super::distance::KnnMetric;
use crate::estimate::of_numbers;
use crate::plain::{require, value_type};

/// A training column: how its cells become numbers, and those become cells again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The type of its values.
    pub(super) data_type: DataType,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Numbers stand for themselves.
    Number,
    /// Texts and Booleans stand for their place among the training values in ascending order; one that training did not
    /// see for the place after the last.
    Category(Vec<String>),
}

impl Column {
    /// The column of a field, without its categories.
    pub(super) fn new(field: &Field, metric: KnnMetric) -> Result<Self> {
        let found = field.data_type();
        let number = is_numeric(found);
        match metric {
            KnnMetric::Euclidean => {
                let expected = "a number (the Gower metric takes text and Booleans too)";
                require(number, field.name(), found, expected)?;
            }
            KnnMetric::Gower => {
                let accepted = number || is_text(found) || is_boolean(found);
                require(accepted, field.name(), found, "a number, text or a Boolean")?;
            }
        }
        Ok(Self {
            name: field.name().clone(),
            data_type: value_type(found),
            kind: if number {
                Kind::Number
            } else {
                Kind::Category(Vec::new())
            },
        })
    }

    /// Takes in the categories of `array` and gives its cells.
    pub(super) fn learn(&mut self, array: &ArrayRef) -> Result<Vec<f64>> {
        if let Kind::Category(categories) = &mut self.kind {
            let text = texts(&self.name, array)?;
            let mut seen = HashSet::new();
            text.for_each(|cell| seen.extend(cell));
            *categories = seen.into_iter().map(str::to_owned).collect();
            categories.sort_unstable();
        }
        let cells = self.cells(array)?;
        if cells.iter().all(|cell| cell.is_nan()) {
            return Err(Error::AllNull {
                column: self.name.clone(),
            });
        }
        Ok(cells)
    }

    /// One number a row, NaN where the cell is missing.
    pub(super) fn cells(&self, array: &ArrayRef) -> Result<Vec<f64>> {
        match &self.kind {
            Kind::Number => {
                let mut cells = NumericColumn::new(&self.name, array)?.view().to_vec();
                // −0 becomes 0: stored, it would be.
                cells.iter_mut().for_each(|cell| *cell += 0.0);
                Ok(cells)
            }
            Kind::Category(categories) => {
                let place = |text: &str| {
                    categories
                        .binary_search_by(|category| category.as_str().cmp(text))
                        .unwrap_or(categories.len())
                };
                let mut cells = Vec::with_capacity(array.len());
                texts(&self.name, array)?.for_each(|cell| {
                    cells.push(cell.map_or(f64::NAN, |text| place(text) as f64));
                });
                Ok(cells)
            }
        }
    }

    /// Values of `data_type` from numbers, null for NaN.
    pub(super) fn values(&self, cells: &[f64], data_type: &DataType) -> Result<ArrayRef> {
        match &self.kind {
            Kind::Number => of_numbers(cells, data_type),
            Kind::Category(categories) => {
                let text: StringArray = cells
                    .iter()
                    .map(|cell| category_of(categories, *cell))
                    .collect();
                Ok(cast(&text, data_type)?)
            }
        }
    }
}

fn texts(name: &str, array: &ArrayRef) -> Result<TextColumn> {
    if is_boolean(array.data_type()) {
        TextColumn::new(name, &cast(array, &DataType::Utf8)?)
    } else {
        TextColumn::new(name, array)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places are small, and NaN is told apart"
)]
fn category_of(categories: &[String], cell: f64) -> Option<&str> {
    if cell.is_nan() {
        return None;
    }
    categories.get(cell as usize).map(String::as_str)
}
