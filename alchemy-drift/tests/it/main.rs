//! The crate as its users see it.

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod nycflights;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod report;
