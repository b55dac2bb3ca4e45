//! Statistics on plain slices and iterators: exact by default, mergeable, serializable.
//!
//! An accumulator's additions and merges commute and associate bit for bit. A NaN is a missing
//! value and left out; an infinity is a value.

mod bins;
mod exact_sum;
mod moments;
mod quantile;
mod quotient;

pub use exact_sum::ExactSum;
pub use moments::{Moments, Moments4};
pub use quantile::{Quantile, QuantileMethod, quantile, quantiles};
