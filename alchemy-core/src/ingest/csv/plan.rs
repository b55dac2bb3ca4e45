//! Which columns to read, and as what.

use arrow::compute::can_cast_types;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use rayon::prelude::*;

use super::cells::Cells;
use super::dates::DateFormat;
use super::infer::Kind;
use crate::{Error, Result};

/// A column of the result.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) field: Field,
    /// The form of its cells, if they are dates of a form of their own.
    pub(super) dates: Option<DateFormat>,
}

/// The columns of the result, in order.
#[derive(Debug)]
pub(super) struct Plan {
    columns: Vec<Planned>,
    infer_rows: usize,
}

#[derive(Debug)]
enum Planned {
    Declared {
        source: usize,
        field: Field,
        dates: Option<DateFormat>,
    },
    Inferred {
        source: usize,
        name: String,
        kind: Kind,
    },
}

impl Plan {
    /// Every column of the file, their types open; the first `infer_rows` rows will decide.
    pub(super) fn inferred(header: &[String], infer_rows: usize) -> Self {
        let columns = header.iter().enumerate();
        let columns = columns.map(|(source, name)| Planned::Inferred {
            source,
            name: name.clone(),
            kind: Kind::Empty,
        });
        Self {
            columns: columns.collect(),
            infer_rows,
        }
    }

    /// The columns of `schema`.
    pub(super) fn declared(header: &[String], schema: &Schema) -> Result<Self> {
        let column = |field: &Field| {
            check_type(field.name(), field.data_type())?;
            let source = position(header, field.name())?;
            Ok(Planned::Declared {
                source,
                field: field.clone(),
                dates: None,
            })
        };
        let columns = schema
            .fields()
            .iter()
            .map(|field| column(field))
            .collect::<Result<_>>()?;
        Ok(Self {
            columns,
            infer_rows: 0,
        })
    }

    /// Declares the type of one column.
    pub(super) fn declare(
        &mut self,
        header: &[String],
        name: &str,
        data_type: &DataType,
    ) -> Result<()> {
        check_type(name, data_type)?;
        self.set(header, &Field::new(name, data_type.clone(), true), None)
    }

    /// Declares that one column holds dates of a form.
    pub(super) fn declare_dates(
        &mut self,
        header: &[String],
        name: &str,
        dates: &DateFormat,
    ) -> Result<()> {
        let field = Field::new(name, dates.data_type(), true);
        self.set(header, &field, Some(dates))
    }

    fn set(&mut self, header: &[String], field: &Field, dates: Option<&DateFormat>) -> Result<()> {
        let source = position(header, field.name())?;
        for column in &mut self.columns {
            if column.source() == source {
                *column = Planned::Declared {
                    source,
                    field: field.clone(),
                    dates: dates.cloned(),
                };
            }
        }
        Ok(())
    }

    /// Whether more cells could change a type.
    pub(super) fn is_open(&self) -> bool {
        self.infer_rows > 0
            && self
                .columns
                .iter()
                .any(|column| matches!(column, Planned::Inferred { .. }))
    }

    /// Widens inferred types to hold these cells, which follow those seen before.
    pub(super) fn learn(&mut self, group: &[Cells]) {
        let mut heads = Vec::with_capacity(group.len());
        for cells in group {
            let head = cells.num_rows.min(self.infer_rows);
            self.infer_rows -= head;
            heads.push(head);
        }
        self.columns
            .par_iter_mut()
            .enumerate()
            .for_each(|(i, column)| {
                if let Planned::Inferred { kind, .. } = column {
                    for (cells, head) in group.iter().zip(&heads) {
                        *kind = kind.join(Kind::of_cells(&cells.columns[i].slice(0, *head)));
                    }
                }
            });
    }

    /// The position in the file of each column.
    pub(super) fn sources(&self) -> Vec<usize> {
        self.columns.iter().map(Planned::source).collect()
    }

    /// The columns, types as they are known by now.
    pub(super) fn columns(&self) -> Vec<Column> {
        let column = |column: &Planned| match column {
            Planned::Declared { field, dates, .. } => Column {
                field: field.clone(),
                dates: dates.clone(),
            },
            Planned::Inferred { name, kind, .. } => Column {
                field: Field::new(name, kind.data_type(), true),
                dates: None,
            },
        };
        self.columns.iter().map(column).collect()
    }
}

/// The schema of `columns`.
pub(super) fn schema(columns: &[Column]) -> SchemaRef {
    let fields = columns.iter().map(|column| column.field.clone());
    Schema::new(fields.collect::<Vec<_>>()).into()
}

impl Planned {
    fn source(&self) -> usize {
        match self {
            Self::Declared { source, .. } | Self::Inferred { source, .. } => *source,
        }
    }
}

fn position(header: &[String], name: &str) -> Result<usize> {
    header
        .iter()
        .position(|other| other == name)
        .ok_or_else(|| Error::column_not_found(name, header.iter().map(String::as_str)))
}

fn check_type(column: &str, data_type: &DataType) -> Result<()> {
    if can_cast_types(&DataType::Utf8, data_type) {
        return Ok(());
    }
    let expected = "a type that text can be read as".to_owned();
    Err(Error::ColumnType {
        column: column.to_owned(),
        found: data_type.clone(),
        expected,
    })
}
