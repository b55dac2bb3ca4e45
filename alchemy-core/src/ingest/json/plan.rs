//! Which columns to read, and as what.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

use super::kinds::{Narrowest, kinds_of, kinds_of_inferred, narrowest};
use super::scan::Fault;
use super::shape::{Inside, Kind, Shape};
use crate::ingest::flatten::{flatten, flattened_name};
use crate::{Action, Error, Ledger, Result};

/// The deepest nesting of structs and lists in the type of a column; deeper values stay JSON text. Whatever walks a type
/// recurses, Arrow's decoders and casts too, and a thread's stack must do for all of them: unoptimised, 32 levels take a
/// quarter of the 2 MiB that threads have.
const MAX_TYPE_DEPTH: usize = 32;

/// The columns of the lines, and how they become those of the result.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    columns: Columns,
    separator: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) field: FieldRef,
    pub(super) cells: Cells,
}

/// What the cells of a column may be; null may be anywhere.
#[derive(Debug, Clone)]
pub(super) enum Cells {
    /// Values of one of these kinds, read as the column's type.
    Values(Vec<Kind>),
    /// Anything, as text.
    Text,
    Objects(Columns),
    Lists(Box<Column>),
}

/// The keys of an object.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) list: Vec<Column>,
    index: HashMap<String, usize>,
    pub(super) other_keys: OtherKeys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherKeys {
    /// The schema chose its columns.
    Ignored,
    /// The rows that types were inferred from do not have them.
    Refused,
}

impl Plan {
    /// The columns of `schema`.
    pub(super) fn declared(schema: &Schema, separator: Option<String>) -> Result<Self> {
        Ok(Self {
            columns: Columns::declared(schema.fields(), 1)?,
            separator,
        })
    }

    /// The columns of every key seen.
    pub(super) fn inferred(shape: &Shape, separator: Option<String>) -> Self {
        Self {
            columns: Columns::inferred(shape, 1),
            separator,
        }
    }

    /// Declares the type of one column, called as in the result.
    pub(super) fn declare(&mut self, name: &str, data_type: &DataType) -> Result<()> {
        let mut search = Search {
            separator: self.separator.as_deref(),
            path: Vec::new(),
            names: Vec::new(),
        };
        if self.columns.declare(name, data_type, &mut search)? {
            return Ok(());
        }
        Err(Error::column_not_found(
            name,
            search.names.iter().map(String::as_str),
        ))
    }

    /// The schema of the lines.
    pub(super) fn nested_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.columns.fields()))
    }

    /// The schema of the result.
    pub(super) fn schema(&self) -> Result<SchemaRef> {
        Ok(self
            .arrange(&RecordBatch::new_empty(self.nested_schema()))?
            .schema())
    }

    /// A batch of the lines as a batch of the result.
    pub(super) fn arrange(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        match &self.separator {
            None => Ok(batch.clone()),
            Some(separator) => flatten(batch, separator),
        }
    }

    /// A shape without cells that gathers what this plan needs to know, and no more.
    pub(super) fn prototype(&self) -> Shape {
        let mut shape = Shape::default();
        self.columns.prepare(&mut shape);
        shape
    }

    /// The first cell that does not fit.
    pub(super) fn misfit(&self, shape: &Shape) -> Option<Fault> {
        let mut first = None;
        self.columns.misfit(shape, &mut Vec::new(), &mut first);
        first
    }

    /// Whether objects or lists must be turned into text.
    pub(super) fn has_nested_text(&self, shape: &Shape) -> bool {
        self.columns.has_nested_text(shape)
    }

    /// How the cells of a key at the top are read, for whoever rewrites lines.
    pub(super) fn root(&self) -> Target<'_> {
        Target::Objects(&self.columns)
    }

    /// Records every column that was inferred to be text though it holds more: how many of its cells are something
    /// else, and the first line of every kind.
    pub(super) fn record_mixed(&self, shape: &Shape, ledger: &mut Ledger) {
        let separator = self.separator.as_deref().unwrap_or(".");
        self.columns
            .record_mixed(shape, separator, &mut Vec::new(), ledger);
    }
}

/// Where a value of a line goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    Text,
    Value,
    Objects(&'a Columns),
    Lists(&'a Column),
}

impl<'a> Target<'a> {
    /// The target of a key of an object.
    pub(super) fn key(self, name: &str) -> Self {
        match self {
            Self::Objects(columns) => columns.get(name).map_or(Self::Value, Column::target),
            _ => Self::Value,
        }
    }

    /// The target of the elements of a list.
    pub(super) fn element(self) -> Self {
        match self {
            Self::Lists(element) => element.target(),
            _ => Self::Value,
        }
    }
}

impl Columns {
    fn new(list: Vec<Column>, other_keys: OtherKeys) -> Self {
        let names = list.iter().enumerate();
        let index = names
            .map(|(i, column)| (column.field.name().clone(), i))
            .collect();
        Self {
            list,
            index,
            other_keys,
        }
    }

    fn declared(fields: &Fields, depth: usize) -> Result<Self> {
        let columns = Self::new(
            fields
                .iter()
                .map(|field| Column::declared(field, depth))
                .collect::<Result<_>>()?,
            OtherKeys::Ignored,
        );
        if columns.index.len() < fields.len() {
            let is_first = |(i, field): &(usize, &FieldRef)| columns.index[field.name()] == *i;
            let twice = fields.iter().enumerate().find(|field| !is_first(field));
            let column = twice
                .map(|(_, field)| field.name().clone())
                .unwrap_or_default();
            return Err(Error::DuplicateColumn { column });
        }
        Ok(columns)
    }

    fn inferred(shape: &Shape, depth: usize) -> Self {
        let keys = shape.keys.list.iter();
        Self::new(
            keys.map(|key| Column::inferred(&key.name, &key.shape, depth))
                .collect(),
            OtherKeys::Refused,
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&Column> {
        self.index.get(name).map(|index| &self.list[*index])
    }

    fn fields(&self) -> Fields {
        self.list
            .iter()
            .map(|column| column.field.clone())
            .collect()
    }

    /// Looks for the column called `name` in the result, inside structs too if they are flattened.
    fn declare(
        &mut self,
        name: &str,
        data_type: &DataType,
        search: &mut Search<'_>,
    ) -> Result<bool> {
        for column in &mut self.list {
            search.path.push(column.field.name().clone());
            let found = column.declare(name, data_type, search)?;
            search.path.pop();
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn prepare(&self, shape: &mut Shape) {
        if self.other_keys == OtherKeys::Ignored {
            shape.inside = Inside::Closed;
        }
        for column in &self.list {
            let index = shape.keys.insert(column.field.name(), 0);
            column.prepare(&mut shape.keys.list[index].shape);
        }
    }

    fn has_nested_text(&self, shape: &Shape) -> bool {
        let mut keys = shape.keys.list.iter();
        keys.any(|key| {
            self.get(&key.name)
                .is_some_and(|column| column.has_nested_text(&key.shape))
        })
    }

    fn record_mixed(
        &self,
        shape: &Shape,
        separator: &str,
        path: &mut Vec<String>,
        ledger: &mut Ledger,
    ) {
        for key in &shape.keys.list {
            if let Some(column) = self.get(&key.name) {
                path.push(key.name.to_string());
                column.record_mixed(&key.shape, separator, path, ledger);
                path.pop();
            }
        }
    }
}

impl Column {
    fn declared(field: &FieldRef, depth: usize) -> Result<Self> {
        if depth > MAX_TYPE_DEPTH {
            let message = format!("a column is nested deeper than {MAX_TYPE_DEPTH}");
            return Err(Error::parameter("schema", message));
        }
        let cells = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Cells::Text,
            DataType::Struct(fields) => Cells::Objects(Columns::declared(fields, depth + 1)?),
            DataType::List(element)
            | DataType::LargeList(element)
            | DataType::FixedSizeList(element, _) => {
                Cells::Lists(Box::new(Self::declared(element, depth + 1)?))
            }
            other => match kinds_of(other) {
                Some(kinds) => Cells::Values(kinds.to_vec()),
                None => {
                    return Err(Error::ColumnType {
                        column: field.name().clone(),
                        found: other.clone(),
                        expected: "a type that JSON can be read as".to_owned(),
                    });
                }
            },
        };
        Ok(Self {
            field: field.clone(),
            cells,
        })
    }

    fn inferred(name: &str, shape: &Shape, depth: usize) -> Self {
        let (data_type, cells) = match narrowest(shape) {
            Narrowest::Value(data_type) => {
                let kinds = kinds_of_inferred(&data_type).to_vec();
                (data_type, Cells::Values(kinds))
            }
            Narrowest::Object | Narrowest::List if depth == MAX_TYPE_DEPTH => {
                (DataType::Utf8, Cells::Text)
            }
            Narrowest::Text => (DataType::Utf8, Cells::Text),
            Narrowest::Object => {
                let columns = Columns::inferred(shape, depth + 1);
                (DataType::Struct(columns.fields()), Cells::Objects(columns))
            }
            Narrowest::List => {
                let empty = Shape::default();
                let element = Self::inferred(
                    Field::LIST_FIELD_DEFAULT_NAME,
                    shape.element.as_deref().unwrap_or(&empty),
                    depth + 1,
                );
                (
                    DataType::List(element.field.clone()),
                    Cells::Lists(Box::new(element)),
                )
            }
        };
        Self {
            field: Arc::new(Field::new(name, data_type, true)),
            cells,
        }
    }

    fn target(&self) -> Target<'_> {
        match &self.cells {
            Cells::Values(_) => Target::Value,
            Cells::Text => Target::Text,
            Cells::Objects(columns) => Target::Objects(columns),
            Cells::Lists(element) => Target::Lists(element),
        }
    }

    fn declare(
        &mut self,
        name: &str,
        data_type: &DataType,
        search: &mut Search<'_>,
    ) -> Result<bool> {
        let full = flattened_name(&search.path, search.separator.unwrap_or_default());
        if full == name {
            let field = Field::new(self.field.name(), data_type.clone(), true);
            *self = Self::declared(&Arc::new(field), search.path.len())?;
            return Ok(true);
        }
        search.names.push(full);
        let (Cells::Objects(columns), Some(_)) = (&mut self.cells, search.separator) else {
            return Ok(false);
        };
        let found = columns.declare(name, data_type, search)?;
        if found {
            let field = Field::clone(&self.field);
            self.field = Arc::new(field.with_data_type(DataType::Struct(columns.fields())));
        }
        Ok(found)
    }

    fn prepare(&self, shape: &mut Shape) {
        match &self.cells {
            Cells::Values(_) => {}
            Cells::Text => shape.inside = Inside::Opaque,
            Cells::Objects(columns) => columns.prepare(shape),
            Cells::Lists(element) => element.prepare(shape.element.get_or_insert_default()),
        }
    }

    fn has_nested_text(&self, shape: &Shape) -> bool {
        match (&self.cells, &shape.element) {
            (Cells::Text, _) => shape.has(Kind::Object) || shape.has(Kind::List),
            (Cells::Objects(columns), _) => columns.has_nested_text(shape),
            (Cells::Lists(element), Some(shape)) => element.has_nested_text(shape),
            _ => false,
        }
    }

    fn record_mixed(
        &self,
        shape: &Shape,
        separator: &str,
        path: &mut Vec<String>,
        ledger: &mut Ledger,
    ) {
        match (&self.cells, &shape.element) {
            (Cells::Text, _) => {
                let total: u64 = shape.kinds().map(|(_, seen)| seen.count).sum();
                let coerced = total - shape.seen(Kind::Text).count;
                let mut kinds: Vec<_> = shape.kinds().collect();
                kinds.sort_by_key(|(_, seen)| seen.first_line);
                let examples = kinds.iter().filter_map(|(kind, seen)| {
                    Some((usize::try_from(seen.first_line).ok()?, kind.to_string()))
                });
                let name = flattened_name(path, separator);
                ledger.record_with(
                    &name,
                    Action::Coerced,
                    saturated(coerced),
                    saturated(total),
                    examples,
                );
            }
            (Cells::Objects(columns), _) => columns.record_mixed(shape, separator, path, ledger),
            (Cells::Lists(element), Some(shape)) => {
                path.push("[]".to_owned());
                element.record_mixed(shape, separator, path, ledger);
                path.pop();
            }
            _ => {}
        }
    }
}

/// A walk in search of a column.
#[derive(Debug)]
struct Search<'a> {
    /// `None` if structs are not flattened.
    separator: Option<&'a str>,
    path: Vec<String>,
    /// The names passed.
    names: Vec<String>,
}

fn saturated(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
