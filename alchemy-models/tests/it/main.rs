//! The crate as its users see it.

#[cfg(test)]
mod categories;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod extremes;
#[cfg(test)]
mod forests;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod growth;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod models;
#[cfg(test)]
mod objectives;
#[cfg(test)]
mod offsets;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod training;
