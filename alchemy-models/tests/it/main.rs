//! The crate as its users see it.

#[cfg(test)]
mod best_split;
#[cfg(test)]
mod categories;
#[cfg(test)]
mod classes;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod continued;
#[cfg(test)]
mod custom_objective;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod extremes;
#[cfg(test)]
mod fits;
#[cfg(test)]
mod forests;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod growth;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod judged;
#[cfg(test)]
mod learners;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod models;
#[cfg(test)]
mod objectives;
#[cfg(test)]
mod offsets;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod scikit_learn;
#[cfg(test)]
mod stored;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod training;
#[cfg(test)]
mod weights;
