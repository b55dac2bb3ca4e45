//! Where real data is.

use std::path::PathBuf;

/// The folder named by `ALCHEMY_DATA`; `None`, with a word about it, when it is not set.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("ALCHEMY_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: ALCHEMY_DATA does not name the folder of the data sets");
    }
    folder
}

/// How many units in the last place lie between two floats of one sign.
pub(crate) fn ulps(a: f64, b: f64) -> u64 {
    a.to_bits().abs_diff(b.to_bits())
}
