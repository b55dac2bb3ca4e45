//! Holding values against fences.

use std::sync::Arc;

use alchemy_core::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use alchemy_core::arrow::buffer::BooleanBuffer;
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use alchemy_core::arrow::util::display::{ArrayFormatter, FormatOptions};
use alchemy_core::column::{by_name, index_of};
use alchemy_core::{Action, Error, Ledger, Result, RowPass, SelectRows, Step, Transform};
use serde::{Deserialize, Serialize};

use super::bounds::{Bounds, cap, mask, nulled, outside};
use super::{Fences, OnOutlier, check_numeric};
use crate::learned::{BatchGroups, Learned, LearnedColumn};
use crate::plain::value_type;
use crate::rebuilt::rebuilt;

/// What [`Outliers`](super::Outliers) learned: the fences of each column and each group.
///
/// The ledger counts cells that were moved ([`Action::Capped`]), nulled ([`Action::Nulled`]) or flagged
/// ([`Action::Flagged`]) with examples, and values held against the fences of all rows for want of a group's own
/// ([`Action::Unmatched`]).
///
/// It also chooses rows: as [`SelectRows`] it keeps those without an outlier in any of its columns, whatever the
/// [`OnOutlier`]. Its fences are those of the rows it was fitted on, so a pipeline's training rows are filtered by fences
/// learned before it:
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Action, Fit, ImputeStrategy, Imputer, Outliers, Pipeline, Side};
/// # use alchemy_clean::arrow::array::{ArrayRef, Float64Array, RecordBatch};
/// let price = Float64Array::from(vec![Some(1.0), Some(2.0), None, Some(3.0), Some(4.0), Some(900.0)]);
/// let train = RecordBatch::try_from_iter([("price", Arc::new(price) as ArrayRef)])?;
///
/// let outliers = Outliers::iqr(1.5, Side::Both).fit(&train)?;
/// let mean = Imputer::new(ImputeStrategy::Mean);
/// let fitted = Pipeline::new().training_rows(outliers).then(mean).fit(&train)?;
/// assert_eq!(fitted.ledger().count("", Action::RowDropped), 1);
/// # Ok(())
/// # }
/// ```
///
/// In scoring, where no row may be left out, [`OnOutlier::Flag`] tells the rows apart instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedOutliers {
    fences: Learned<Fences>,
    #[serde(default)]
    action: OnOutlier,
}

impl FittedOutliers {
    pub(super) fn new(fences: Learned<Fences>, action: OnOutlier) -> Self {
        Self { fences, action }
    }

    /// The fences of the column `name`: those of all rows, which stand in where a group taught none. `None` if the
    /// column is not looked at.
    #[must_use]
    pub fn fences(&self, name: &str) -> Option<Fences> {
        self.fences.column(name).map(|column| *column.all())
    }

    /// The fences of the column `name` for each group that taught some, in the order of groups: the values of the key
    /// columns as text, `None` where null.
    pub fn fences_by_group(&self, name: &str) -> impl Iterator<Item = (&[Option<String>], Fences)> {
        let groups = self.fences.by_group(name);
        groups.map(|(key, fences)| (key, *fences))
    }

    /// The columns looked at, in the order of selection.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.fences.columns().map(LearnedColumn::name)
    }

    /// The columns that rows are grouped by.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.fences.keys()
    }

    /// The rows without an outlier.
    fn inliers(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        self.fences.check(batch.schema_ref())?;
        let groups = self.fences.groups(batch)?;
        let mut inside = BooleanBuffer::new_set(batch.num_rows());
        for column in self.fences.columns() {
            let held = Held::new(column, batch, groups.as_ref())?;
            inside = &inside & &!&held.outside()?;
        }
        Ok(mask(inside))
    }
}

impl Transform for FittedOutliers {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        self.fences.check(input)?;
        let mut fields = input.fields().to_vec();
        for name in self.columns() {
            let index = index_of(input, name)?;
            let field = fields[index].clone();
            check_numeric(&field)?;
            // A NaN comes out as null.
            let nullable = field.is_nullable() || !field.data_type().is_integer();
            let changed = field.as_ref().clone();
            match self.action {
                OnOutlier::Cap => fields[index] = Arc::new(changed.with_nullable(nullable)),
                OnOutlier::Null => fields[index] = Arc::new(changed.with_nullable(true)),
                OnOutlier::CapBeside => {
                    let name = format!("{name}_capped");
                    add(&mut fields, changed.with_name(name).with_nullable(nullable))?;
                }
                OnOutlier::Flag => {
                    let name = format!("{name}_outlier");
                    add(&mut fields, Field::new(name, DataType::Boolean, false))?;
                }
            }
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let groups = self.fences.groups(batch)?;
        let mut columns = batch.columns().to_vec();
        for column in self.fences.columns() {
            let held = Held::new(column, batch, groups.as_ref())?;
            let index = index_of(batch.schema_ref(), column.name())?;
            match self.action {
                OnOutlier::Cap => columns[index] = held.capped(ledger)?,
                OnOutlier::CapBeside => columns.push(held.capped(ledger)?),
                OnOutlier::Null => columns[index] = held.nulled(ledger)?,
                OnOutlier::Flag => columns.push(held.flags(ledger)?),
            }
            if groups.is_some() {
                column.count_fallbacks(groups.as_ref(), &held.present()?, ledger);
            }
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for FittedOutliers {
    const NAME: &'static str = "alchemy-clean/outliers";
}

impl SelectRows for FittedOutliers {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn start(&self) -> Box<dyn RowPass> {
        Box::new(Inliers(self.clone()))
    }
}

/// A pass over rows, each for itself.
struct Inliers(FittedOutliers);

impl RowPass for Inliers {
    fn keep(&mut self, batch: &RecordBatch) -> Result<BooleanArray> {
        self.0.inliers(batch)
    }
}

/// One column held against its fences.
struct Held<'a> {
    name: &'a str,
    array: &'a ArrayRef,
    /// Without a dictionary.
    values: ArrayRef,
    bounds: Bounds,
    ids: Option<&'a [u32]>,
}

impl<'a> Held<'a> {
    fn new(
        column: &'a LearnedColumn<Fences>,
        batch: &'a RecordBatch,
        groups: Option<&'a BatchGroups>,
    ) -> Result<Self> {
        let name = column.name();
        let array = by_name(batch, name)?;
        let values = cast(array, &value_type(array.data_type()))?;
        Ok(Self {
            name,
            array,
            bounds: Bounds::new(name, &column.of_groups(groups), values.data_type())?,
            values,
            ids: groups.map(BatchGroups::ids),
        })
    }

    fn outside(&self) -> Result<BooleanBuffer> {
        outside(self.name, &self.values, &self.bounds, self.ids)
    }

    /// Which cells are not missing.
    fn present(&self) -> Result<BooleanBuffer> {
        let kept = nulled(
            self.name,
            &self.values,
            &BooleanBuffer::new_unset(self.values.len()),
        )?;
        Ok(match kept.nulls() {
            Some(nulls) => nulls.inner().clone(),
            None => BooleanBuffer::new_set(kept.len()),
        })
    }

    fn capped(&self, ledger: &mut Ledger) -> Result<ArrayRef> {
        let (capped, moved) = cap(self.name, &self.values, &self.bounds, self.ids)?;
        self.record(Action::Capped, &moved, ledger)?;
        Ok(cast(&capped, self.array.data_type())?)
    }

    fn nulled(&self, ledger: &mut Ledger) -> Result<ArrayRef> {
        let outside = self.outside()?;
        self.record(Action::Nulled, &outside, ledger)?;
        let nulled = nulled(self.name, &self.values, &outside)?;
        Ok(cast(&nulled, self.array.data_type())?)
    }

    fn flags(&self, ledger: &mut Ledger) -> Result<ArrayRef> {
        let outside = self.outside()?;
        self.record(Action::Flagged, &outside, ledger)?;
        Ok(Arc::new(mask(outside)))
    }

    fn record(&self, action: Action, rows: &BooleanBuffer, ledger: &mut Ledger) -> Result<()> {
        let options = FormatOptions::default();
        let text = ArrayFormatter::try_new(self.values.as_ref(), &options)?;
        let cells = rows
            .set_indices()
            .map(|row| (row, text.value(row).to_string()));
        ledger.record_with(self.name, action, rows.count_set_bits(), rows.len(), cells);
        Ok(())
    }
}

fn add(fields: &mut Vec<Arc<Field>>, field: Field) -> Result<()> {
    if fields.iter().any(|other| other.name() == field.name()) {
        return Err(Error::DuplicateColumn {
            column: field.name().clone(),
        });
    }
    fields.push(Arc::new(field));
    Ok(())
}
