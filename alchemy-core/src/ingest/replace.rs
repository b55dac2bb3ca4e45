//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use super::failure::Origin;
use crate::Result;

/// A file that appears under its name when it is finished, in place of any file there, and leaves nothing behind when
/// it is not.
#[derive(Debug)]
pub(super) struct Replacement {
    path: PathBuf,
    unfinished: PathBuf,
    finished: bool,
}

impl Replacement {
    /// Begins a file beside `path`.
    pub(super) fn begin(path: &Path, origin: &Origin) -> Result<(Self, File)> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let own = format!("{}-{number}.unfinished", process::id());
        let unfinished = path.with_added_extension(own);
        let file = File::create(&unfinished).map_err(|error| origin.io(error))?;
        let replacement = Self {
            path: path.to_owned(),
            unfinished,
            finished: false,
        };
        Ok((replacement, file))
    }

    /// Gives the file its name, once its bytes are on the disk.
    pub(super) fn finish(mut self, file: &File, origin: &Origin) -> Result<()> {
        file.sync_all()
            .and_then(|()| fs::rename(&self.unfinished, &self.path))
            .map_err(|error| origin.io(error))?;
        self.finished = true;
        flush_folder(&self.path).map_err(|error| origin.io(error))
    }
}

/// Makes the rename itself durable where a folder can be opened as a file.
fn flush_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.finished {
            // What went wrong before is what is reported.
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}
