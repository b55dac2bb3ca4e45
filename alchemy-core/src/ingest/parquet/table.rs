//! Parquet files of one schema as one table.

use std::path::{Path, PathBuf};

use arrow::array::BooleanArray;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use rayon::prelude::*;

use super::partition;
use super::range::Range;
use super::source::{Place, Source};
use crate::ingest::failure::Origin;
use crate::ingest::limits::Limits;
use crate::parallel::try_collect;
use crate::{Error, Result, column};

/// What is wanted of the files.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) columns: Option<Vec<String>>,
    pub(super) ranges: Vec<Range>,
    pub(super) limits: Limits,
}

/// Opened files, in order.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) sources: Vec<Source>,
    pub(super) schema: SchemaRef,
}

/// A column that stands in the paths of the files.
#[derive(Debug)]
struct PathColumn {
    field: Field,
    /// By file.
    values: Vec<Option<String>>,
}

impl Table {
    /// Opens `paths`; folders named `column=value` below `root` give columns of their own.
    pub(super) fn open(paths: &[PathBuf], root: &Path, wanted: &Wanted) -> Result<Self> {
        let sources = paths
            .par_iter()
            .map(|path| Source::open(path, wanted.limits));
        let mut sources = try_collect(sources)?;
        let Some(first) = sources.first() else {
            return Err(Error::parameter("paths", "is empty"));
        };
        let path_columns = path_columns(paths, root)?;
        let all = whole_schema(first, &path_columns)?;
        let positions: Vec<usize> = match &wanted.columns {
            None => (0..all.fields().len()).collect(),
            Some(names) => names
                .iter()
                .map(|name| column::index_of(&all, name))
                .collect::<Result<_>>()?,
        };
        if wanted.columns.is_none() {
            for source in &sources {
                check_columns(source, first)?;
            }
        }
        let mut fields: Vec<Field> = positions.iter().map(|at| all.field(*at).clone()).collect();
        for field in &mut fields {
            relax(field, &sources, &path_columns)?;
        }
        let mut keep = vec![true; sources.len()];
        for (i, source) in sources.iter_mut().enumerate() {
            let place = |field: &Field| match find(&path_columns, field.name()) {
                Some(of_path) => Ok(Place::Path(
                    of_path.values.get(i).cloned().flatten(),
                    field.data_type().clone(),
                )),
                None => column::index_of(source.schema(), field.name()).map(Place::File),
            };
            let places = fields.iter().map(place).collect::<Result<_>>()?;
            source.choose(places);
            for range in &wanted.ranges {
                let data_type = all
                    .field(column::index_of(&all, &range.column)?)
                    .data_type();
                let typed = range.typed(data_type)?;
                match find(&path_columns, &range.column) {
                    None => {
                        check_type(source, &range.column, data_type)?;
                        source.restrict(&range.column, typed)?;
                    }
                    Some(of_path) => {
                        let value = of_path.values.get(i).and_then(Option::as_deref);
                        let one = partition::column(value, data_type, 1)?;
                        let inside = typed.contains(&one).map_err(Error::Arrow)?;
                        keep[i] &= is_true(&inside);
                    }
                }
            }
        }
        let mut keep = keep.into_iter();
        sources.retain(|_| keep.next().unwrap_or(true));
        let schema = Schema::new_with_metadata(fields, all.metadata().clone()).into();
        Ok(Self { sources, schema })
    }
}

/// The columns of the first file, then those of the paths.
fn whole_schema(first: &Source, path_columns: &[PathColumn]) -> Result<Schema> {
    let mut fields: Vec<_> = first.schema().fields().iter().cloned().collect();
    for of_path in path_columns {
        let name = of_path.field.name();
        if first.schema().column_with_name(name).is_some() {
            let message = "is a column of the file and stands in its path too";
            return Err(first.origin.about(name, message));
        }
        fields.push(of_path.field.clone().into());
    }
    Ok(Schema::new_with_metadata(
        fields,
        first.schema().metadata().clone(),
    ))
}

fn path_columns(paths: &[PathBuf], root: &Path) -> Result<Vec<PathColumn>> {
    let pairs: Vec<_> = paths
        .iter()
        .map(|path| partition::of_path(root, path))
        .collect();
    let names_of = |pairs: &[(String, Option<String>)]| -> Vec<String> {
        pairs.iter().map(|(name, _)| name.clone()).collect()
    };
    let names = pairs
        .first()
        .map(|pairs| names_of(pairs))
        .unwrap_or_default();
    for (path, pairs) in paths.iter().zip(&pairs) {
        let found = names_of(pairs);
        if found != names {
            let message =
                format!("has the columns {found:?} in its path, the first file {names:?}");
            return Err(Origin::file(path).error(message));
        }
    }
    let column = |(i, name): (usize, &String)| {
        let values: Vec<_> = pairs
            .iter()
            .map(|pairs| pairs.get(i).and_then(|(_, value)| value.clone()))
            .collect();
        let field = partition::field(name, &values);
        PathColumn { field, values }
    };
    Ok(names.iter().enumerate().map(column).collect())
}

fn find<'a>(path_columns: &'a [PathColumn], name: &str) -> Option<&'a PathColumn> {
    path_columns
        .iter()
        .find(|column| column.field.name() == name)
}

/// Checks that a file has no column that the first has not.
fn check_columns(source: &Source, first: &Source) -> Result<()> {
    let known = |name: &str| first.schema().column_with_name(name).is_some();
    let fields = source.schema().fields();
    match fields.iter().find(|field| !known(field.name())) {
        None => Ok(()),
        Some(field) => Err(source
            .origin
            .about(field.name(), "is not in the first file of the table")),
    }
}

/// Checks that every file has the column, and lets it be null if one file does.
fn relax(field: &mut Field, sources: &[Source], path_columns: &[PathColumn]) -> Result<()> {
    if find(path_columns, field.name()).is_some() {
        return Ok(());
    }
    for source in sources {
        let position = check_type(source, field.name(), field.data_type())?;
        if source.schema().field(position).is_nullable() {
            field.set_nullable(true);
        }
    }
    Ok(())
}

/// The position of a column of this type.
fn check_type(source: &Source, name: &str, expected: &DataType) -> Result<usize> {
    let about = |message: String| source.origin.about(name, message);
    let position = match column::index_of(source.schema(), name) {
        Ok(position) => position,
        Err(Error::ColumnNotFound { .. }) => {
            return Err(about(
                "is not in the file, as it is in the first".to_owned(),
            ));
        }
        Err(error) => return Err(error),
    };
    let found = source.schema().field(position).data_type();
    if found != expected {
        return Err(about(format!(
            "is {found}, and in the first file {expected}"
        )));
    }
    Ok(position)
}

fn is_true(one: &BooleanArray) -> bool {
    one.iter().next().flatten() == Some(true)
}
