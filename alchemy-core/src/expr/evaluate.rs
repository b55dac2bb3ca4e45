//! Expressions held against the rows of a batch.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, LargeStringArray,
    RecordBatch, UInt64Array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::boolean::{and_kleene, is_null, not, or_kleene};
use arrow::compute::{cast, concat, nullif};
use arrow::datatypes::{DataType, Schema};

use super::check::invalid;
use super::display::name_of;
use super::{Expr, choose, compare, member, number, text};
use crate::column::{
    Number, NumericColumn, Values, Visit, by_name, index_of, is_boolean, is_numeric, is_temporal,
    is_text, unpacked,
};
use crate::parallel::by_rows;
use crate::{Error, Result, Scalar};

impl Expr {
    /// The type of what [`evaluate`](Self::evaluate) gives for a batch of `schema`; what is refused is refused here.
    ///
    /// A column has the type of its values, whole-number arithmetic and lengths `Int64`, other arithmetic `Float64`, a
    /// condition `Boolean`, a literal `Boolean`, `Int64`, `Float64` or `Utf8`. `coalesce` and `if` have the type of both
    /// values; a literal takes that of the other where it can be written in it; of other numbers, two integers give `Int64`
    /// (unsigned both, `UInt64`) and the rest `Float64`, as do `UInt64` and a type with sign.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnNotFound`], [`Error::DuplicateColumn`]; [`Error::ColumnType`] with the column, or the part of the
    /// expression, that is of a type without a meaning there; those of [`check`](Self::check).
    pub fn data_type(&self, schema: &Schema) -> Result<DataType> {
        self.check()?;
        let mut fields = Vec::new();
        for name in self.columns() {
            fields.push(schema.field(index_of(schema, name)?).clone());
        }
        let empty = RecordBatch::new_empty(Arc::new(Schema::new(fields)));
        let none = self.over(&Rows {
            batch: &empty,
            rows: 0..0,
        });
        Ok(none?.data_type().clone())
    }

    /// Its value in every row of `batch`, null where it is missing.
    ///
    /// Rows are taken in parallel, 65,536 at a time; no value depends on how many threads there are. A comparison costs
    /// about 2 ns a row, a calculation 3. What lies between a column and the result takes memory for the rows at hand.
    ///
    /// # Errors
    ///
    /// As [`data_type`](Self::data_type). No cell is an error.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let data_type = self.data_type(batch.schema_ref())?;
        let parts = by_rows(batch.num_rows(), |rows| self.over(&Rows { batch, rows }))?;
        match parts.as_slice() {
            [] => Ok(arrow::array::new_empty_array(&data_type)),
            [part] => Ok(part.clone()),
            parts => {
                let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
                Ok(concat(&parts)?)
            }
        }
    }

    /// Whether it holds in each row of `batch`; null where that is not known.
    ///
    /// # Errors
    ///
    /// As [`evaluate`](Self::evaluate), and [`Error::ColumnType`] if it is no condition.
    pub fn mask(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        self.check_condition(batch.schema_ref())?;
        Ok(self.evaluate(batch)?.as_boolean().clone())
    }

    /// Whether it is known to hold in each row of `batch`.
    ///
    /// # Errors
    ///
    /// As [`mask`](Self::mask).
    pub fn holds(&self, batch: &RecordBatch) -> Result<BooleanBuffer> {
        let mask = self.mask(batch)?;
        Ok(known(&mask, mask.values()))
    }

    /// Whether it is known not to hold in each row of `batch`.
    ///
    /// # Errors
    ///
    /// As [`mask`](Self::mask).
    pub fn fails(&self, batch: &RecordBatch) -> Result<BooleanBuffer> {
        let mask = self.mask(batch)?;
        Ok(known(&mask, &!mask.values()))
    }

    /// Refuses an expression that is no condition on rows of `schema`.
    ///
    /// # Errors
    ///
    /// As [`mask`](Self::mask).
    pub fn check_condition(&self, schema: &Schema) -> Result<()> {
        let found = self.data_type(schema)?;
        if is_boolean(&found) {
            return Ok(());
        }
        Err(refusal(self, &found, "a condition (Boolean)"))
    }

    /// Its value in `rows`.
    pub(super) fn over(&self, rows: &Rows<'_>) -> Result<ArrayRef> {
        match self {
            Self::Column(name) => rows.column(name),
            Self::Literal(value) => literal(value, rows.rows.len()),
            Self::Arithmetic {
                left,
                operator,
                right,
            } => number::arithmetic(left, *operator, right, rows),
            Self::Compare { left, is, right } => boolean(compare::compare(left, *is, right, rows)?),
            Self::And(left, right) => {
                let (left, right) = (rows.condition(left)?, rows.condition(right)?);
                boolean(and_kleene(&left, &right)?)
            }
            Self::Or(left, right) => {
                let (left, right) = (rows.condition(left)?, rows.condition(right)?);
                boolean(or_kleene(&left, &right)?)
            }
            Self::Not(of) => boolean(not(&rows.condition(of)?)?),
            Self::IsMissing(of) => boolean(is_null(&of.over(rows)?)?),
            Self::OneOf(of, values) => boolean(member::one_of(of, values, rows)?),
            Self::Within(of, interval) => boolean(member::within(of, interval, rows)?),
            Self::Coalesce(first, second) => choose::coalesce(first, second, rows),
            Self::If {
                condition,
                then,
                otherwise,
            } => choose::either(condition, then, otherwise, rows),
            Self::Abs(of) => number::abs(of, rows),
            Self::Matches(of, _)
            | Self::Contains(of, _)
            | Self::StartsWith(of, _)
            | Self::EndsWith(of, _)
            | Self::Lower(of)
            | Self::Length(of) => text::of_text(self, of, rows),
        }
    }
}

/// Some rows of a batch.
pub(super) struct Rows<'a> {
    batch: &'a RecordBatch,
    rows: Range<usize>,
}

impl Rows<'_> {
    /// The values of the column `name`, in which null is the only way to be missing.
    fn column(&self, name: &str) -> Result<ArrayRef> {
        let array = by_name(self.batch, name)?;
        let array = unpacked(&array.slice(self.rows.start, self.rows.len()))?;
        let found = array.data_type();
        if ![is_numeric, is_text, is_boolean, is_temporal]
            .iter()
            .any(|is_kind| is_kind(found))
        {
            return Err(Error::ColumnType {
                column: name.to_owned(),
                found: found.clone(),
                expected: "a number, text, a Boolean, a date or timestamp".to_owned(),
            });
        }
        if found.is_floating() {
            return without_nan(name, &array);
        }
        Ok(array)
    }

    /// One row, for a literal.
    pub(super) fn one(&self) -> Self {
        Self {
            batch: self.batch,
            rows: 0..1,
        }
    }

    pub(super) fn condition(&self, expr: &Expr) -> Result<BooleanArray> {
        let array = expr.over(self)?;
        array
            .as_boolean_opt()
            .cloned()
            .ok_or_else(|| refusal(expr, array.data_type(), "a condition (Boolean)"))
    }
}

/// The error that `expr` is of a type without a meaning where it stands.
pub(super) fn refusal(expr: &Expr, found: &DataType, expected: impl Into<String>) -> Error {
    Error::ColumnType {
        column: name_of(expr),
        found: found.clone(),
        expected: expected.into(),
    }
}

/// `value` in every row, as Arrow would have it.
pub(super) fn literal(value: &Scalar, rows: usize) -> Result<ArrayRef> {
    Ok(match value {
        Scalar::Boolean(value) => Arc::new(BooleanArray::from(vec![*value; rows])),
        Scalar::Number(value) => Arc::new(Float64Array::from_value(*value, rows)),
        Scalar::Integer(value) => match (i64::try_from(*value), u64::try_from(*value)) {
            (Ok(value), _) => Arc::new(Int64Array::from_value(value, rows)),
            (_, Ok(value)) => Arc::new(UInt64Array::from_value(value, rows)),
            _ => return Err(invalid(format!("the integer {value} is beyond 64 bits"))),
        },
        Scalar::Text(text) => {
            // With 64-bit offsets first: too much text is an error of the cast then.
            let repeated = std::iter::repeat_n(text, rows);
            let texts: ArrayRef = Arc::new(LargeStringArray::from_iter_values(repeated));
            cast(&texts, &DataType::Utf8)?
        }
    })
}

fn boolean(array: BooleanArray) -> Result<ArrayRef> {
    Ok(Arc::new(array))
}

/// `bits` where `mask` has a value.
fn known(mask: &BooleanArray, bits: &BooleanBuffer) -> BooleanBuffer {
    match mask.nulls() {
        Some(nulls) => bits & nulls.inner(),
        None => bits.clone(),
    }
}

/// Where `array` has a value, if it does not everywhere.
pub(super) fn nulls_of(array: &ArrayRef) -> Option<NullBuffer> {
    array
        .nulls()
        .filter(|nulls| nulls.null_count() > 0)
        .cloned()
}

/// `array` with null for NaN.
pub(super) fn without_nan(name: &str, array: &ArrayRef) -> Result<ArrayRef> {
    let nan = NumericColumn::new(name, array)?.view().visit(IsNan);
    Ok(if nan.has_true() {
        nullif(array, &nan)?
    } else {
        array.clone()
    })
}

struct IsNan;

impl Visit for IsNan {
    type Out = BooleanArray;

    fn visit<T: Number>(self, values: Values<'_, T>) -> BooleanArray {
        let slots = values.slots();
        BooleanBuffer::collect_bool(slots.len(), |row| slots[row].is_missing()).into()
    }
}
