//! The crate as its users see it.
#![expect(clippy::float_cmp, reason = "exact results are what is tested")]

#[cfg(test)]
mod association;
#[cfg(test)]
mod data;
#[cfg(test)]
mod density;
#[cfg(test)]
mod expr;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod json_properties;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod nist;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod sketches;
#[cfg(test)]
mod truth;
