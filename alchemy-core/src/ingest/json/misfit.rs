//! Cells that do not fit the columns they are in.

use super::plan::{Cells, Column, Columns, OtherKeys};
use super::scan::Fault;
use super::shape::{Kind, Shape};
use crate::ingest::flatten::flattened_name;

impl Columns {
    /// Keeps in `first` the first cell, or new key, of `shape` that does not fit; `path` leads here.
    pub(super) fn misfit(&self, shape: &Shape, path: &mut Vec<String>, first: &mut Option<Fault>) {
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
}

impl Column {
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
}

fn keep_first(first: &mut Option<Fault>, line: u64, path: &[String], message: &str) {
    if first.as_ref().is_none_or(|other| line < other.line) {
        *first = Some(Fault::new(line, Some(flattened_name(path, ".")), message));
    }
}
