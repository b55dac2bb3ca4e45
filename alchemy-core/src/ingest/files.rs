//! The files of a folder, as one table.

use std::fs;
use std::path::{Path, PathBuf};

use super::failure::Origin;
use crate::Result;

/// `path` itself, or if it is a folder the files in it and in its folders whose names have one of `endings`, in the
/// order of their paths. Names that begin with a dot or an underscore are left out, as marks that other programs leave.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) if a folder cannot be read, [`Error::Read`](crate::Error::Read) if it holds no such
/// file.
pub(super) fn files_of(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let origin = Origin::file(&folder);
        for entry in fs::read_dir(&folder).map_err(|error| origin.io(error))? {
            let entry = entry.map_err(|error| origin.io(error))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(['.', '_']) {
                continue;
            }
            // A link to a folder is not followed: it could lead back here.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder {
                folders.push(entry.path());
            } else if endings.iter().any(|ending| name.ends_with(ending)) && entry.path().is_file()
            {
                files.push(entry.path());
            }
        }
    }
    if files.is_empty() {
        let message = format!("the folder holds no file named {}", endings.join(", "));
        return Err(Origin::file(path).error(message));
    }
    files.sort();
    Ok(files)
}
