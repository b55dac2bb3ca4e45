//! Learning from several columns at once, each for itself, and for each group of rows.

use std::borrow::Cow;
use std::ops::Range;

use alchemy_core::arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use alchemy_core::arrow::compute::take;
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::column::{Groups, Key, by_name, index_of};
use alchemy_core::parallel::try_collect;
use alchemy_core::{Context, Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::group_keys::{KeyColumns, KeyTable};
use crate::learned::LearnedColumn;
pub(crate) use crate::learned::{ByColumn, Learned};
use crate::plain::{data_type_text, require_learned, value_type};

/// What gathers the values of one column; the laws are those of [`alchemy_core::Accumulate`].
pub(crate) trait Learner: Clone + Send + Sync {
    type Learned: Send;

    fn update(&mut self, column: &str, array: &ArrayRef) -> Result<()>;

    /// As [`update`](Self::update), with what tells each row from others, for a learner that asked for it.
    fn update_rows(&mut self, column: &str, array: &ArrayRef, _rows: &[u64]) -> Result<()> {
        self.update(column, array)
    }

    fn merge(&mut self, other: Self) -> Result<()>;

    /// Whether there is enough to learn from. A group without enough takes what all rows taught.
    fn is_enough(&self) -> bool {
        true
    }

    /// `data_type` is the type of the column's values.
    fn finish(self, column: &str, data_type: &DataType) -> Result<Self::Learned>;
}

/// A learner for each selected column and each group of rows; without keys all rows are one group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PerColumn<L> {
    keys: KeyColumns,
    groups: KeyTable,
    columns: Vec<Column<L>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Column<L> {
    name: String,
    #[serde(with = "data_type_text")]
    data_type: DataType,
    /// A learner that has seen nothing.
    empty: L,
    /// Those of the groups, by number.
    groups: Vec<L>,
}

/// The rows of a batch by group.
struct ByGroup<'a> {
    /// Rows in the order of groups; `None` where they are in it already.
    order: Option<UInt64Array>,
    /// The number of each group, and where it lies in that order.
    runs: Vec<(usize, Range<usize>)>,
    rows: Cow<'a, [u64]>,
}

impl<L: Learner> PerColumn<L> {
    pub(crate) fn new(
        schema: &Schema,
        names: Vec<String>,
        learner: impl Fn(&Field) -> Result<L>,
    ) -> Result<Self> {
        let column = |name: String| {
            let field = schema.field(index_of(schema, &name)?);
            let data_type = value_type(field.data_type());
            Ok(Column {
                empty: learner(field)?,
                data_type,
                name,
                groups: Vec::new(),
            })
        };
        Ok(Self {
            keys: KeyColumns::default(),
            groups: KeyTable::default(),
            columns: names.into_iter().map(column).collect::<Result<_>>()?,
        })
    }

    /// Learns for each group of rows that are equal in the columns `keys`.
    pub(crate) fn with_keys(mut self, schema: &Schema, keys: &[String]) -> Result<Self> {
        self.keys = KeyColumns::new(schema, keys)?;
        Ok(self)
    }

    pub(crate) fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.update_rows(batch, &[])
    }

    /// As [`update`](Self::update), with what tells each row from others.
    pub(crate) fn update_rows(&mut self, batch: &RecordBatch, rows: &[u64]) -> Result<()> {
        let by_group = self.by_group(batch, rows)?;
        self.columns
            .iter_mut()
            .try_for_each(|column| column.update(batch, &by_group))
    }

    pub(crate) fn merge(&mut self, other: Self) -> Result<()> {
        let alike =
            |(a, b): (&Column<L>, &Column<L>)| a.name == b.name && a.data_type == b.data_type;
        let same = self.keys == other.keys
            && self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(alike);
        if !same {
            return Err(Error::parameter("other", "was made for other columns"));
        }
        let keys = other.groups.into_keys().into_iter();
        let numbers: Vec<usize> = keys.map(|key| self.groups.insert(key)).collect();
        for (ours, theirs) in self.columns.iter_mut().zip(other.columns) {
            for (number, learner) in numbers.iter().zip(theirs.groups) {
                group(&mut ours.groups, *number, &ours.empty).merge(learner)?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Learned<L::Learned>> {
        let order = self.sorted();
        let finish = |column: Column<L>| column.finish(&order, self.keys.is_empty());
        let columns = try_collect(self.columns.into_par_iter().map(finish))?;
        Ok(learned(self.keys, self.groups, &order, columns))
    }

    /// Learns from one batch and finishes, a column at a time per thread: what a column gathers is gone before the next
    /// one gathers.
    pub(crate) fn learn(
        self,
        batch: &RecordBatch,
        context: &Context,
    ) -> Result<Learned<L::Learned>> {
        self.learn_rows(batch, &[], context)
    }

    /// As [`learn`](Self::learn), with what tells each row from others.
    pub(crate) fn learn_rows(
        mut self,
        batch: &RecordBatch,
        rows: &[u64],
        context: &Context,
    ) -> Result<Learned<L::Learned>> {
        let by_group = self.by_group(batch, rows)?;
        let order = self.sorted();
        let total = self.columns.len() as u64;
        let each = |(index, mut column): (usize, Column<L>)| {
            context.report("fit", index as u64, total)?;
            column.update(batch, &by_group)?;
            column.finish(&order, self.keys.is_empty())
        };
        let columns = try_collect(self.columns.into_par_iter().enumerate().map(each))?;
        Ok(learned(self.keys, self.groups, &order, columns))
    }

    /// The numbers of the groups in the order of their keys, which does not depend on the order of rows.
    fn sorted(&self) -> Vec<usize> {
        let keys: Vec<&Key> = self.groups.iter().collect();
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_unstable_by_key(|number| keys[*number]);
        order
    }

    fn by_group<'a>(&mut self, batch: &RecordBatch, rows: &'a [u64]) -> Result<ByGroup<'a>> {
        if self.keys.is_empty() {
            return Ok(ByGroup {
                order: None,
                runs: vec![(self.groups.insert(Key::new()), 0..batch.num_rows())],
                rows: Cow::Borrowed(rows),
            });
        }
        let groups = self.keys.groups(batch)?;
        let keys = groups.keys()?.into_iter();
        let numbers: Vec<usize> = keys.map(|key| self.groups.insert(key)).collect();
        if let [number] = numbers.as_slice() {
            return Ok(ByGroup {
                order: None,
                runs: vec![(*number, 0..batch.num_rows())],
                rows: Cow::Borrowed(rows),
            });
        }
        let (order, runs) = in_group_order(&groups, &numbers);
        let rows = match rows {
            [] => Vec::new(),
            rows => order.iter().map(|row| rows[*row]).collect(),
        };
        Ok(ByGroup {
            order: Some(order.into_iter().map(|row| row as u64).collect()),
            runs,
            rows: Cow::Owned(rows),
        })
    }
}

/// The rows in group order, by counting, with each group's number and range.
fn in_group_order(groups: &Groups, numbers: &[usize]) -> (Vec<usize>, Vec<(usize, Range<usize>)>) {
    let mut ends = vec![0; numbers.len()];
    groups.ids().iter().for_each(|id| ends[*id as usize] += 1);
    let mut start = 0;
    let mut runs = Vec::with_capacity(numbers.len());
    for (number, end) in numbers.iter().zip(&mut ends) {
        let count = *end;
        runs.push((*number, start..start + count));
        *end = start;
        start += count;
    }
    let mut order = vec![0; start];
    for (row, id) in groups.ids().iter().enumerate() {
        let at = &mut ends[*id as usize];
        order[*at] = row;
        *at += 1;
    }
    (order, runs)
}

impl<L: Learner> Column<L> {
    fn update(&mut self, batch: &RecordBatch, by_group: &ByGroup<'_>) -> Result<()> {
        let array = by_name(batch, &self.name)?;
        require_learned(&self.name, &self.data_type, array.data_type())?;
        let array = match &by_group.order {
            Some(order) => take(array, order, None)?,
            None => array.clone(),
        };
        for (number, range) in &by_group.runs {
            let cells = array.slice(range.start, range.len());
            let rows = by_group.rows.get(range.clone()).unwrap_or_default();
            let Self {
                name,
                groups,
                empty,
                ..
            } = self;
            group(groups, *number, empty).update_rows(name, &cells, rows)?;
        }
        Ok(())
    }

    /// What all rows and each group taught, groups in `order`. What the groups gathered adds up to all rows.
    fn finish(self, order: &[usize], is_whole: bool) -> Result<LearnedColumn<L::Learned>> {
        let Self {
            name,
            data_type,
            empty,
            mut groups,
        } = self;
        if is_whole {
            let all = groups.pop().unwrap_or(empty).finish(&name, &data_type)?;
            return Ok(LearnedColumn::new(name, data_type, all, Vec::new()));
        }
        let mut all = empty;
        for learner in &groups {
            all.merge(learner.clone())?;
        }
        let all = all.finish(&name, &data_type)?;
        let mut groups: Vec<Option<L>> = groups.into_iter().map(Some).collect();
        let in_order: Vec<Option<L>> = order
            .iter()
            .map(|number| groups.get_mut(*number)?.take())
            .collect();
        let finish = |learner: Option<L>| {
            let learner = learner.filter(L::is_enough);
            learner
                .map(|learner| learner.finish(&name, &data_type))
                .transpose()
        };
        let groups = try_collect(in_order.into_par_iter().map(finish))?;
        Ok(LearnedColumn::new(name, data_type, all, groups))
    }
}

/// The learner of a group, a new one if there is none.
fn group<'a, L: Clone>(groups: &'a mut Vec<L>, number: usize, empty: &L) -> &'a mut L {
    if number >= groups.len() {
        groups.resize(number + 1, empty.clone());
    }
    &mut groups[number]
}

fn learned<T>(
    keys: KeyColumns,
    groups: KeyTable,
    order: &[usize],
    columns: Vec<LearnedColumn<T>>,
) -> Learned<T> {
    let mut table = KeyTable::default();
    if !keys.is_empty() {
        let unsorted = groups.into_keys();
        order.iter().for_each(|number| {
            table.insert(unsorted[*number].clone());
        });
    }
    Learned::new(keys, table, columns)
}
