//! Steps that look back across rows: one state machine per key, the same code for a batch and for a live row.

use std::fmt::Debug;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Float64Builder, RecordBatch, new_empty_array,
};
use arrow::compute::cast;
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::{Field, Schema, SchemaRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::column::{NumericColumn, TemporalColumn, index_of};
use crate::memories::Memories;
use crate::traits::{Reach, Step, Transform};
use crate::{Error, Ledger, Result};

/// A machine that reads one numeric column row by row and writes columns that depend on the rows seen so far.
///
/// The machine holds parameters; what it remembers of one key lives in a [`State`](Self::State). Core runs it: over a
/// batch from an empty past ([`Transform::transform`]), or live ([`Session`](crate::Session)), with the same bits.
///
/// Law: the output of a row may depend on earlier rows of its key, and on the row itself, never on later ones. A state
/// rebuilt from the machine's history gives the same bits, so it must depend on the window's content alone: a running
/// `f64` sum does not qualify.
pub trait Keyed: Clone + Debug + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The registered name; see [`Step::NAME`].
    const NAME: &'static str;

    /// What is remembered of one key.
    type State: Clone + Default + Debug + Send + Serialize + DeserializeOwned + 'static;

    /// The columns read.
    fn columns(&self) -> KeyedColumns<'_>;

    /// The columns written for the column `input`, all numeric. One called as the input column takes its place; others
    /// are appended.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for parameters outside their domain, or that do not suit this column, such as its
    /// [`Role`](crate::Role).
    fn outputs(&self, input: &Field) -> Result<Vec<Field>>;

    /// Takes in the next row of a key (`value` is NaN where missing) and writes its outputs (NaN for null), in the
    /// order of [`outputs`](Self::outputs).
    fn push(&self, state: &mut Self::State, value: f64, outputs: &mut [f64]);

    /// Counts what was done to one batch; `outputs` are the columns written.
    fn record(&self, _input: &ArrayRef, _outputs: &[ArrayRef], _ledger: &mut Ledger) {}
}

/// The columns a [`Keyed`] machine reads.
#[derive(Debug, Clone, Copy)]
pub struct KeyedColumns<'a> {
    /// The numeric column whose rows are pushed.
    pub input: &'a str,
    /// Rows equal in these share a state; none: all rows do.
    pub keys: &'a [String],
    /// If given, rows of a key must not go back in it.
    pub time: Option<&'a str>,
}

/// A step at work across batches: it remembers.
///
/// A push changes nothing for good until [`commit`](Self::commit): a session pushes rows through all steps and
/// commits when every one succeeded, or rolls all of them back.
pub trait Live: Debug + Send {
    /// Takes in the next rows and gives them transformed.
    ///
    /// # Errors
    ///
    /// As [`Transform::transform_with`]; [`Error::RowOrder`] for a row that is earlier than its predecessor. The state is
    /// then as after the last commit once [`rollback`](Self::rollback) is called.
    fn push(&mut self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch>;

    /// Makes the pushes since the last commit final.
    fn commit(&mut self);

    /// Undoes the pushes since the last commit.
    fn rollback(&mut self);

    /// The committed state.
    ///
    /// # Errors
    ///
    /// When it cannot be serialized.
    fn save(&self) -> Result<serde_json::Value>;

    /// Takes up a saved state.
    ///
    /// # Errors
    ///
    /// When `state` was saved by another kind of step.
    fn restore(&mut self, state: serde_json::Value) -> Result<()>;
}

impl<M: Keyed> Transform for M {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        Layout::of(self, input).map(|layout| layout.schema)
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        Run::new(self.clone()).push(batch, ledger)
    }

    fn reach(&self) -> Reach {
        Reach::Past(Box::new(Run::new(self.clone())))
    }
}

impl<M: Keyed> Step for M {
    const NAME: &'static str = M::NAME;
}

/// Where a machine's outputs stand among the columns of its input.
struct Layout {
    schema: SchemaRef,
    /// The index of each output in `schema`.
    places: Vec<usize>,
}

impl Layout {
    fn of(machine: &impl Keyed, input: &Schema) -> Result<Self> {
        let KeyedColumns {
            input: name,
            keys,
            time,
        } = machine.columns();
        let field = input.field(index_of(input, name)?);
        NumericColumn::new(name, &new_empty_array(field.data_type()))?;
        for key in keys {
            index_of(input, key)?;
        }
        if let Some(time) = time {
            let field = input.field(index_of(input, time)?);
            TemporalColumn::new(time, &new_empty_array(field.data_type()))?;
        }
        let mut fields: Vec<Arc<Field>> = input.fields().to_vec();
        let mut places = Vec::new();
        for output in machine.outputs(field)? {
            let place = fields
                .iter()
                .position(|field| field.name() == output.name());
            match place {
                Some(place) if output.name() == name => fields[place] = Arc::new(output),
                Some(_) => {
                    return Err(Error::DuplicateColumn {
                        column: output.name().clone(),
                    });
                }
                None => fields.push(Arc::new(output)),
            }
            places.push(place.unwrap_or(fields.len() - 1));
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, input.metadata().clone()));
        Ok(Self { schema, places })
    }
}

/// A machine at work.
#[derive(Debug)]
struct Run<M: Keyed> {
    machine: M,
    memories: Memories<M::State>,
}

impl<M: Keyed> Run<M> {
    fn new(machine: M) -> Self {
        Self {
            machine,
            memories: Memories::default(),
        }
    }
}

impl<M: Keyed> Live for Run<M> {
    fn push(&mut self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let layout = Layout::of(&self.machine, batch.schema_ref())?;
        let KeyedColumns { input, keys, time } = self.machine.columns();
        let input_place = index_of(batch.schema_ref(), input)?;
        let input_array = batch.column(input_place);
        let values = NumericColumn::new(input, input_array)?.view().to_vec();
        let mut recalled = self.memories.recall(batch, keys, time)?;

        let width = layout.places.len();
        let mut builders: Vec<Float64Builder> = (0..width)
            .map(|_| Float64Builder::with_capacity(batch.num_rows()))
            .collect();
        let mut outputs = vec![f64::NAN; width];
        for (value, group) in values.iter().zip(recalled.groups.ids()) {
            outputs.fill(f64::NAN);
            let state = &mut recalled.states[*group as usize];
            self.machine.push(state, *value, &mut outputs);
            for (builder, output) in builders.iter_mut().zip(&outputs) {
                builder.append_option((!output.is_nan()).then_some(*output));
            }
        }

        let mut columns = batch.columns().to_vec();
        let mut written = Vec::with_capacity(width);
        for (mut builder, place) in builders.into_iter().zip(&layout.places) {
            let wanted = layout.schema.field(*place).data_type();
            let made = builder.finish();
            let mut array = cast(&made, wanted)?;
            if *place == input_place {
                array = with_unchanged(array, &made, input_array, &values)?;
            }
            written.push(array.clone());
            match columns.get_mut(*place) {
                Some(column) => *column = array,
                None => columns.push(array),
            }
        }
        self.machine.record(input_array, &written, ledger);
        self.memories.remember(recalled);
        Ok(RecordBatch::try_new(layout.schema, columns)?)
    }

    fn commit(&mut self) {
        self.memories.commit();
    }

    fn rollback(&mut self) {
        self.memories.rollback();
    }

    fn save(&self) -> Result<serde_json::Value> {
        self.memories.save()
    }

    fn restore(&mut self, state: serde_json::Value) -> Result<()> {
        self.memories.restore(state)
    }
}

/// `array`, which was `made` and takes the place of `input`, with the cells of `input` that were not changed: an integer or
/// decimal may have been rounded on its way through `f64`, or be too large to come back.
fn with_unchanged(
    array: ArrayRef,
    made: &Float64Array,
    input: &ArrayRef,
    values: &[f64],
) -> Result<ArrayRef> {
    if array.data_type() != input.data_type() || array.data_type().is_floating() {
        return Ok(array);
    }
    let same = |(made, value): (Option<f64>, &f64)| {
        Some(made.is_some_and(|made| made.to_bits() == value.to_bits()))
    };
    let unchanged: BooleanArray = made.iter().zip(values).map(same).collect();
    Ok(zip(&unchanged, input, &array)?)
}
