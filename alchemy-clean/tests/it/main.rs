//! The crate as its users see it.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "small numbers"
)]

#[cfg(test)]
mod coercion;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod fills;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod near_duplicates;
#[cfg(test)]
mod neighbors;
#[cfg(test)]
mod pipeline;
#[cfg(test)]
mod properties;
