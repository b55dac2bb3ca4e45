//! Which columns to read, and as what.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

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
    field: FieldRef,
    cells: Cells,
}

/// What the cells of a column may be; null may be anywhere.
#[derive(Debug, Clone)]
enum Cells {
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
    list: Vec<Column>,
    index: HashMap<String, usize>,
    other_keys: OtherKeys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OtherKeys {
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

    fn get(&self, name: &str) -> Option<&Column> {
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

    fn misfit(&self, shape: &Shape, path: &mut Vec<String>, first: &mut Option<Fault>) {
        for key in &shape.keys.list {
            path.push(key.name.to_string());
            match self.get(&key.name) {
                Some(column) => column.misfit(&key.shape, path, first),
                None if self.other_keys == OtherKeys::Refused => {
                    let message = "the key is not in the rows that the columns were inferred from; infer from more, or declare a schema";
                    keep_first(first, key.first_line, path, message);
                }
                None => {}
            }
            path.pop();
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

    fn misfit(&self, shape: &Shape, path: &mut Vec<String>, first: &mut Option<Fault>) {
        let data_type = self.field.data_type();
        for (kind, seen) in shape.kinds() {
            let fits = match &self.cells {
                Cells::Values(kinds) => kinds.contains(&kind),
                Cells::Text => true,
                Cells::Objects(_) => kind == Kind::Object,
                Cells::Lists(_) => kind == Kind::List,
            };
            if !fits {
                let expected = match &self.cells {
                    Cells::Objects(_) => "an object".to_owned(),
                    Cells::Lists(_) => "a list".to_owned(),
                    Cells::Values(_) | Cells::Text => data_type.to_string(),
                };
                keep_first(
                    first,
                    seen.first_line,
                    path,
                    &format!("is {kind} where {expected} is expected"),
                );
            }
        }
        match (&self.cells, &shape.element) {
            (Cells::Objects(columns), _) => columns.misfit(shape, path, first),
            (Cells::Lists(element), Some(shape)) => {
                path.push("[]".to_owned());
                element.misfit(shape, path, first);
                path.pop();
            }
            _ => {}
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

fn keep_first(first: &mut Option<Fault>, line: u64, path: &[String], message: &str) {
    if first.as_ref().is_none_or(|other| line < other.line) {
        *first = Some(Fault::new(line, Some(flattened_name(path, ".")), message));
    }
}

/// The narrowest type that holds every cell of a shape.
enum Narrowest {
    Value(DataType),
    Text,
    Object,
    List,
}

fn narrowest(shape: &Shape) -> Narrowest {
    let has = |kind| shape.has(kind);
    let any_number = shape.kinds().any(|(kind, _)| is_number(kind));
    let classes = [
        any_number,
        has(Kind::Boolean),
        has(Kind::Text),
        has(Kind::Object),
        has(Kind::List),
    ];
    match classes {
        [false, false, _, false, false] => Narrowest::Value(DataType::Utf8),
        [false, true, false, false, false] => Narrowest::Value(DataType::Boolean),
        // An object that never has a key has no columns; as text it stays.
        [false, false, false, true, false] if shape.keys.list.is_empty() => Narrowest::Text,
        [false, false, false, true, false] => Narrowest::Object,
        [false, false, false, false, true] => Narrowest::List,
        [true, false, false, false, false] => {
            number(shape).map_or(Narrowest::Text, Narrowest::Value)
        }
        _ => Narrowest::Text,
    }
}

/// The type that keeps every number of a shape, if there is one.
fn number(shape: &Shape) -> Option<DataType> {
    let has = |kind| shape.has(kind);
    let (long, unsigned) = (has(Kind::LongInteger), has(Kind::UnsignedInteger));
    if has(Kind::HugeNumber) {
        None
    } else if has(Kind::Float) {
        (!long && !unsigned).then_some(DataType::Float64)
    } else if unsigned {
        (!shape.has_negative()).then_some(DataType::UInt64)
    } else {
        Some(DataType::Int64)
    }
}

fn is_number(kind: Kind) -> bool {
    use Kind::{Float, HugeNumber, Integer, LongInteger, UnsignedInteger};
    matches!(
        kind,
        Integer | LongInteger | UnsignedInteger | HugeNumber | Float
    )
}

/// The cells that a declared type reads without loss; text is read as the type's own form. `None` for a type that JSON
/// cannot be read as.
fn kinds_of(data_type: &DataType) -> Option<&'static [Kind]> {
    use Kind::{Boolean, Float, HugeNumber, Integer, LongInteger, Text, UnsignedInteger};
    Some(match data_type {
        DataType::Boolean => &[Boolean],
        DataType::Float16 | DataType::Float32 | DataType::Float64 => &[Integer, Float, Text],
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => &[
            Integer,
            LongInteger,
            UnsignedInteger,
            HugeNumber,
            Float,
            Text,
        ],
        integer if integer.is_integer() => &[Integer, LongInteger, UnsignedInteger, Text],
        temporal if temporal.is_temporal() => &[Integer, LongInteger, Text],
        _ => return None,
    })
}

/// The cells that fit a type that was inferred.
fn kinds_of_inferred(data_type: &DataType) -> &'static [Kind] {
    match data_type {
        DataType::Boolean => &[Kind::Boolean],
        DataType::Float64 => &[Kind::Integer, Kind::Float],
        DataType::Int64 => &[Kind::Integer, Kind::LongInteger],
        DataType::UInt64 => &[Kind::Integer, Kind::LongInteger, Kind::UnsignedInteger],
        _ => &[Kind::Text],
    }
}
