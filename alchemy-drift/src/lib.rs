#![doc = include_str!("../README.md")]

mod bins;
mod chi_square;
mod counts;
mod detector;
mod distribution;
mod false_discovery;
mod fitted;
mod kolmogorov;
mod ks;
mod levels;
mod permutation;
mod psi;
mod reference;
mod report;
mod table;

pub use alchemy_core::{Error, Fit, Result, arrow};
pub use chi_square::ChiSquareTest;
pub use detector::DriftDetector;
pub use false_discovery::benjamini_hochberg;
pub use fitted::FittedDriftDetector;
pub use ks::KsTest;
pub use psi::{Closed, Psi};
pub use report::{ColumnDrift, ColumnKind, DriftReport, Evidence};
