//! A fitted k-nearest-neighbour imputer as it is written down, and the checks when it is read.

use std::fmt;

use alchemy_core::arrow::datatypes::DataType;
use alchemy_core::column::{is_boolean, is_numeric, is_text};
use alchemy_core::{Error, Result};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::column::{Column, Kind};
use super::distance::KnnMetric;
use super::donors::Donors;
use super::weigh::NeighborWeights;
use super::{FittedKnnImputer, check_neighbors};
use crate::plain::data_type_text;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    neighbors: usize,
    weights: NeighborWeights,
    metric: KnnMetric,
    columns: Vec<StoredColumn>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredColumn {
    name: String,
    #[serde(rename = "type", with = "data_type_text")]
    data_type: DataType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    categories: Option<Vec<String>>,
    cells: Vec<Cell>,
}

/// A number, written as an integer where it is one; missing is null, and infinities are texts.
struct Cell(f64);

impl From<&FittedKnnImputer> for Stored {
    fn from(fitted: &FittedKnnImputer) -> Self {
        let column = |(index, column): (usize, &Column)| StoredColumn {
            name: column.name.clone(),
            data_type: column.data_type.clone(),
            categories: match &column.kind {
                Kind::Number => None,
                Kind::Category(categories) => Some(categories.clone()),
            },
            cells: fitted.donors.column(index).map(Cell).collect(),
        };
        Self {
            neighbors: fitted.neighbors,
            weights: fitted.weights,
            metric: fitted.metric,
            columns: fitted.columns.iter().enumerate().map(column).collect(),
        }
    }
}

impl TryFrom<Stored> for FittedKnnImputer {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        check_neighbors(stored.neighbors)?;
        let rows = stored.columns.first().map_or(0, |first| first.cells.len());
        let mut donors = Donors::new(rows, stored.columns.len());
        let mut columns: Vec<Column> = Vec::new();
        for (index, column) in stored.columns.into_iter().enumerate() {
            let refused = |message| refuse(&column.name, message);
            if column.cells.len() != rows {
                return Err(refused("has another number of rows than the first"));
            }
            if columns.iter().any(|before| before.name == column.name) {
                return Err(refused("occurs more than once"));
            }
            let cells: Vec<f64> = column.cells.iter().map(|cell| cell.0).collect();
            if cells.iter().all(|cell| cell.is_nan()) {
                return Err(refused("has no value"));
            }
            let kind = match column.categories {
                None if is_numeric(&column.data_type) => Kind::Number,
                Some(categories)
                    if stored.metric == KnnMetric::Gower
                        && (is_text(&column.data_type) || is_boolean(&column.data_type)) =>
                {
                    check_categories(&categories, &cells, &column.data_type)
                        .map_err(|message| refuse(&column.name, message))?;
                    Kind::Category(categories)
                }
                _ => return Err(refused("is of a type that does not go with the rest")),
            };
            donors.set(index, &cells);
            columns.push(Column {
                name: column.name,
                data_type: column.data_type,
                kind,
            });
        }
        Ok(Self::new(
            (stored.neighbors, stored.weights, stored.metric),
            columns,
            donors,
        ))
    }
}

fn refuse(column: &str, message: &str) -> Error {
    Error::Corrupt {
        what: "k-nearest-neighbour imputer".into(),
        message: format!("column {column:?} {message}"),
    }
}

fn check_categories(
    categories: &[String],
    cells: &[f64],
    data_type: &DataType,
) -> Result<(), &'static str> {
    if !categories.is_sorted_by(|a, b| a < b) {
        return Err("has categories out of order");
    }
    let is_flag = |text: &String| text == "false" || text == "true";
    if is_boolean(data_type) && !categories.iter().all(is_flag) {
        return Err("is Boolean and has other categories than false and true");
    }
    let last = categories.len() as f64;
    let is_place = |cell: &f64| cell.is_nan() || cell.fract() == 0.0 && (0.0..last).contains(cell);
    if cells.iter().all(is_place) {
        Ok(())
    } else {
        Err("has a cell that is none of its categories")
    }
}

impl Serialize for Cell {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what has a fraction or is large is not written as an integer"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// Beyond, not every integer is an `f64`.
        const LARGEST_INTEGER: f64 = 9_007_199_254_740_992.0;
        let Self(number) = *self;
        if number.is_nan() {
            serializer.serialize_none()
        } else if number.is_infinite() {
            serializer.serialize_str(if number > 0.0 { "inf" } else { "-inf" })
        } else if number.fract() == 0.0 && number.abs() <= LARGEST_INTEGER {
            serializer.serialize_i64(number as i64)
        } else {
            serializer.serialize_f64(number)
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl Visitor<'_> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, null, \"inf\" or \"-inf\"")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Cell, E> {
        Ok(Cell(f64::NAN))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell(value as f64))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Cell, E> {
        Ok(Cell(value as f64))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Cell, E> {
        // As in training, there is but one zero.
        Ok(Cell(value + 0.0))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Cell, E> {
        match value {
            "inf" => Ok(Cell(f64::INFINITY)),
            "-inf" => Ok(Cell(f64::NEG_INFINITY)),
            other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
        }
    }
}
