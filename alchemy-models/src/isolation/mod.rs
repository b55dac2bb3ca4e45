//! Anomalies by how easily rows are parted from the others.

mod fitted;
mod forest;
mod tree;
mod values;

pub use fitted::FittedIsolationForest;
pub use forest::IsolationForest;
