//! Missing cells filled between their neighbours.

mod fill;
mod order;

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Schema, SchemaRef};
use alchemy_core::column::{by_name, index_of, is_numeric, is_temporal};
use alchemy_core::parallel::try_collect;
use alchemy_core::{Action, ColumnSelector, Error, Ledger, Reach, Result, Step, Transform};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::carry::{check_limit, chosen};
use crate::plain::{require, value_type};
use crate::rebuilt::rebuilt;
use fill::Filler;
use order::Order;

/// Fills the missing cells of columns between the values before and after them.
///
/// Before and after are in the order of rows, each as far from the next as any other; or, with [`along`](Self::along), by
/// the value of a date, timestamp or number, so that rows may stand in any order. With [`with_keys`](Self::with_keys)
/// neighbours are of the same key.
///
/// [`linear`](Self::linear) fills a cell at *t* between the values *a* at *t*₀ and *b* at *t*₁ with *a* + (*b* − *a*)
/// (*t* − *t*₀) / (*t*₁ − *t*₀). Columns are numbers; floats keep their type, other numbers become `Float64`. A cell
/// between opposite infinities stays null. [`nearest`](Self::nearest) takes the value that is nearer, of two equally near
/// ones the one before; columns are of any type and keep it. Where rows stand in one place, the earlier row comes first,
/// and the value before is taken.
///
/// Nothing is extrapolated: cells before the first and after the last value stay null unless
/// [`with_ends`](Self::with_ends) is asked for. A row whose place is missing or infinite is neither filled nor a
/// neighbour. A NaN is missing, an infinity is a value.
///
/// **It reads the future.** A value is filled from rows that come later, so it is for cleaning history offline; it works
/// on the whole table only, a live session refuses it, and what it filled must not be learned from to predict those very
/// rows. [`ForwardFill`](crate::ForwardFill) is the one that looks back only.
///
/// There is nothing to learn, so the spec is its own fitted type. The ledger counts filled cells ([`Action::Filled`]).
///
/// Rows are put in order once for all columns: nothing to do as they stand; grouped in one pass by keys; sorted only where
/// a group does not rise already. That holds 16 bytes a row, and a linear column 8 bytes a row. A pass as rows stand costs
/// about 4 ns a row and column, along a sorted time about 8 ns. Columns are filled in parallel.
///
/// # Errors
///
/// - [`Error::InvalidParameter`] for a limit of 0, and for a column that is filled along itself.
/// - [`Error::ColumnNotFound`], or [`Error::ColumnType`] for a column to fill on a line that is not a number, and one to
///   fill along that is not a number, date or timestamp.
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Interpolator, Transform};
/// # use alchemy_clean::arrow::array::{ArrayRef, Date32Array, Float64Array, RecordBatch};
/// let day = Arc::new(Date32Array::from(vec![0, 1, 4, 5])) as ArrayRef;
/// let x = Arc::new(Float64Array::from(vec![Some(0.0), None, Some(8.0), None])) as ArrayRef;
/// let raw = RecordBatch::try_from_iter([("day", day), ("x", x)])?;
///
/// let filled = Interpolator::linear("x").along("day").transform(&raw)?;
/// let expected = Float64Array::from(vec![Some(0.0), Some(2.0), Some(8.0), None]);
/// assert_eq!(filled.column(1).as_ref(), &expected);
///
/// let filled = Interpolator::linear("x").with_ends().transform(&raw)?;
/// let expected = Float64Array::from(vec![0.0, 4.0, 8.0, 8.0]);
/// assert_eq!(filled.column(1).as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interpolator {
    columns: ColumnSelector,
    method: Interpolation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    along: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    #[serde(default, skip_serializing_if = "FillDirection::is_default")]
    direction: FillDirection,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ends: bool,
}

/// What a cell between two values becomes; see [`Interpolator`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Interpolation {
    /// A point on the straight line between them.
    Linear,
    /// The nearer one, of two equally near ones the one before.
    Nearest,
}

/// From which side cells are filled, where a limit or an end of the table makes that a question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillDirection {
    /// The cells after a value.
    #[default]
    Forward,
    /// The cells before a value.
    Backward,
    /// Both.
    Both,
}

impl FillDirection {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Interpolator {
    /// Fills `columns` on straight lines.
    #[must_use]
    pub fn linear(columns: impl Into<ColumnSelector>) -> Self {
        Self::new(columns.into(), Interpolation::Linear)
    }

    /// Fills `columns` with the nearest value.
    #[must_use]
    pub fn nearest(columns: impl Into<ColumnSelector>) -> Self {
        Self::new(columns.into(), Interpolation::Nearest)
    }

    fn new(columns: ColumnSelector, method: Interpolation) -> Self {
        Self {
            columns,
            method,
            along: None,
            keys: Vec::new(),
            limit: None,
            direction: FillDirection::default(),
            ends: false,
        }
    }

    /// Places rows by this column, a date, timestamp or number. Default: by their order, equally spaced.
    #[must_use]
    #[doc(alias = "index")]
    pub fn along(mut self, name: impl Into<String>) -> Self {
        self.along = Some(name.into());
        self
    }

    /// Looks for neighbours only among rows that are equal in these columns, null equal to null. Default: among all rows.
    #[must_use]
    pub fn with_keys<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// How many cells in a row are filled at most, counted from the value before a gap; from the value after it, or from
    /// both, by [`with_direction`](Self::with_direction). Default: any number.
    #[must_use]
    pub fn with_limit(mut self, cells: u64) -> Self {
        self.limit = Some(cells);
        self
    }

    /// From which side a limit counts, and which ends are filled. Default: [`FillDirection::Forward`].
    #[must_use]
    pub fn with_direction(mut self, direction: FillDirection) -> Self {
        self.direction = direction;
        self
    }

    /// Fills also beyond the last value, with that value; before the first one, or on both ends, by
    /// [`with_direction`](Self::with_direction). Default: only between values.
    #[must_use]
    pub fn with_ends(mut self) -> Self {
        self.ends = true;
        self
    }

    /// The columns to fill, each once.
    fn names(&self, schema: &Schema) -> Result<Vec<String>> {
        let names = chosen(&self.columns, schema, |name| {
            self.along.as_deref() == Some(name) || self.keys.iter().any(|key| key == name)
        })?;
        match &self.along {
            Some(along) if names.contains(along) => Err(Error::parameter(
                "columns",
                format!("{along:?} cannot be filled along itself"),
            )),
            _ => Ok(names),
        }
    }

    /// The type of a column of type `found` once it is filled.
    fn filled_type(&self, name: &str, found: &DataType) -> Result<DataType> {
        match self.method {
            Interpolation::Nearest => Ok(found.clone()),
            Interpolation::Linear => {
                require(is_numeric(found), name, found, "a number")?;
                let values = value_type(found);
                Ok(match values.is_floating() {
                    true => values,
                    false => DataType::Float64,
                })
            }
        }
    }
}

impl Transform for Interpolator {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        check_limit(self.limit)?;
        if let Some(along) = &self.along {
            let found = input.field(index_of(input, along)?).data_type();
            let ordered = is_numeric(found) || is_temporal(found);
            require(ordered, along, found, "a number, date or timestamp")?;
        }
        for key in &self.keys {
            index_of(input, key)?;
        }
        let mut fields = input.fields().to_vec();
        for name in self.names(input)? {
            let place = index_of(input, &name)?;
            let field = fields[place].as_ref().clone();
            let filled = self.filled_type(&name, field.data_type())?;
            fields[place] = Arc::new(field.with_data_type(filled).with_nullable(true));
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let filler = Filler {
            order: &Order::of(batch, self.along.as_deref(), &self.keys)?,
            method: self.method,
            limit: self.limit,
            direction: self.direction,
            ends: self.ends,
        };
        let names = self.names(batch.schema_ref())?;
        let each = |name: &String| {
            let wanted = schema.field(index_of(&schema, name)?).data_type();
            filler.fill(name, by_name(batch, name)?, wanted)
        };
        let filled: Vec<(ArrayRef, usize)> = try_collect(names.par_iter().map(each))?;
        let mut columns = batch.columns().to_vec();
        for (name, (array, count)) in names.iter().zip(filled) {
            ledger.record(name, Action::Filled, count, array.len());
            columns[index_of(batch.schema_ref(), name)?] = array;
        }
        rebuilt(batch, schema, columns)
    }

    fn reach(&self) -> Reach {
        Reach::Table
    }
}

impl Step for Interpolator {
    const NAME: &'static str = "alchemy-clean/interpolator";
}

#[cfg(test)]
mod tests;
