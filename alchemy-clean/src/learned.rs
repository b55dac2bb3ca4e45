//! What was learned of several columns, for all rows and for each group of rows.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::buffer::BooleanBuffer;
use alchemy_core::arrow::datatypes::{DataType, Schema};
use alchemy_core::column::{Key, index_of};
use alchemy_core::{Action, Error, Ledger, Result};
use serde::{Deserialize, Serialize};

use crate::group_keys::{KeyColumns, KeyTable};
use crate::plain::{data_type_text, require_learned};

/// What was learned of each column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored<T>")]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(crate) struct Learned<T> {
    #[serde(skip_serializing_if = "KeyColumns::is_empty")]
    keys: KeyColumns,
    /// Sorted by key.
    #[serde(skip_serializing_if = "is_none")]
    groups: KeyTable,
    columns: Vec<LearnedColumn<T>>,
}

#[derive(Deserialize)]
struct Stored<T> {
    #[serde(default)]
    keys: KeyColumns,
    #[serde(default)]
    groups: KeyTable,
    columns: Vec<LearnedColumn<T>>,
}

/// What was learned of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LearnedColumn<T> {
    column: String,
    #[serde(rename = "type", with = "data_type_text")]
    data_type: DataType,
    /// From all rows.
    all: T,
    /// From the rows of each group, by number; `None` where they were not enough.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Option<T>>,
}

/// The groups of the rows of a batch.
#[derive(Debug)]
pub(crate) struct BatchGroups {
    /// By row.
    ids: Vec<u32>,
    keys: Vec<Key>,
    /// The number of each as it was learned; `None` where it was not seen.
    numbers: Vec<Option<usize>>,
}

impl<T> Learned<T> {
    pub(crate) fn new(keys: KeyColumns, groups: KeyTable, columns: Vec<LearnedColumn<T>>) -> Self {
        Self {
            keys,
            groups,
            columns,
        }
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = &LearnedColumn<T>> {
        self.columns.iter()
    }

    pub(crate) fn column(&self, name: &str) -> Option<&LearnedColumn<T>> {
        self.columns.iter().find(|column| column.column == name)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.names()
    }

    /// What the groups taught of the column `name`, those with enough to learn from.
    pub(crate) fn by_group(&self, name: &str) -> impl Iterator<Item = (&[Option<String>], &T)> {
        let learned = self.column(name).map(|column| column.groups.iter());
        let groups = self.groups.iter().zip(learned.into_iter().flatten());
        groups.filter_map(|(key, learned)| Some((key.as_slice(), learned.as_ref()?)))
    }

    /// Refuses a schema without the columns in the types they were learned in.
    pub(crate) fn check(&self, schema: &Schema) -> Result<()> {
        self.keys.check(schema)?;
        self.columns.iter().try_for_each(|column| {
            let found = schema.field(index_of(schema, &column.column)?).data_type();
            require_learned(&column.column, &column.data_type, found)
        })
    }

    /// The groups of the rows of `batch`; `None` where all rows are one.
    pub(crate) fn groups(&self, batch: &RecordBatch) -> Result<Option<BatchGroups>> {
        if self.keys.is_empty() {
            return Ok(None);
        }
        let groups = self.keys.groups(batch)?;
        let keys = groups.keys()?;
        Ok(Some(BatchGroups {
            numbers: keys.iter().map(|key| self.groups.number(key)).collect(),
            keys,
            ids: groups.ids().to_vec(),
        }))
    }
}

impl<T> LearnedColumn<T> {
    pub(crate) fn new(column: String, data_type: DataType, all: T, groups: Vec<Option<T>>) -> Self {
        Self {
            column,
            data_type,
            all,
            groups,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.column
    }

    /// What all rows taught.
    pub(crate) fn all(&self) -> &T {
        &self.all
    }

    /// What the group with a number taught, if that was enough.
    fn own(&self, number: Option<usize>) -> Option<&T> {
        self.groups.get(number?)?.as_ref()
    }

    /// What holds for each group of a batch, in its order; without groups, for all rows.
    pub(crate) fn of_groups<'a>(&'a self, groups: Option<&BatchGroups>) -> Vec<&'a T> {
        match groups {
            None => vec![&self.all],
            Some(groups) => {
                let numbers = groups.numbers.iter();
                numbers
                    .map(|number| self.own(*number).unwrap_or(&self.all))
                    .collect()
            }
        }
    }

    /// Counts in `ledger` the cells of the rows `concerned` for which all rows had to stand in.
    pub(crate) fn count_fallbacks(
        &self,
        groups: Option<&BatchGroups>,
        concerned: &BooleanBuffer,
        ledger: &mut Ledger,
    ) {
        let Some(groups) = groups else {
            return;
        };
        let known: Vec<bool> = groups
            .numbers
            .iter()
            .map(|number| self.own(*number).is_some())
            .collect();
        if known.iter().all(|known| *known) {
            return;
        }
        let group = |row: usize| groups.ids[row] as usize;
        let rows = || concerned.set_indices().filter(|row| !known[group(*row)]);
        let (count, of) = (rows().count(), concerned.len());
        let cells = rows().map(|row| (row, key_text(&groups.keys[group(row)])));
        ledger.record_with(&self.column, Action::Unmatched, count, of, cells);
    }
}

impl BatchGroups {
    pub(crate) fn ids(&self) -> &[u32] {
        &self.ids
    }
}

/// What all rows taught of each column, by name: for a step that learns nothing from groups.
pub(crate) type ByColumn<T> = Vec<(String, T)>;

/// The names of the columns with what all rows taught.
impl<T> IntoIterator for Learned<T> {
    type Item = (String, T);
    type IntoIter =
        std::iter::Map<std::vec::IntoIter<LearnedColumn<T>>, fn(LearnedColumn<T>) -> (String, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.columns
            .into_iter()
            .map(|column| (column.column, column.all))
    }
}

impl<T> TryFrom<Stored<T>> for Learned<T> {
    type Error = Error;

    fn try_from(stored: Stored<T>) -> Result<Self> {
        let Stored {
            keys,
            groups,
            columns,
        } = stored;
        let whole = |column: &LearnedColumn<T>| column.groups.len() == groups.len();
        if columns.iter().all(whole) {
            Ok(Self::new(keys, groups, columns))
        } else {
            Err(Error::Corrupt {
                what: "groups".into(),
                message: "a column has another number of groups".into(),
            })
        }
    }
}

fn is_none(groups: &KeyTable) -> bool {
    groups.len() == 0
}

fn key_text(key: &Key) -> String {
    let parts: Vec<&str> = key
        .iter()
        .map(|part| part.as_deref().unwrap_or("null"))
        .collect();
    parts.join(", ")
}
