//! Statistics on plain slices and iterators: exact by default, mergeable, serializable.
//!
//! An accumulator's additions and merges commute and associate bit for bit. A NaN is a missing
//! value and left out; an infinity is a value.

mod bins;
mod correlation;
mod ecdf;
mod exact_sum;
mod frequencies;
mod hash;
mod histogram;
mod moments;
mod quantile;
mod quantiles;
mod quotient;
mod rank;
mod short;
mod top;

pub use correlation::{CoMoments, autocorrelation, kendall, pearson, spearman};
pub use ecdf::Ecdf;
pub use exact_sum::ExactSum;
pub use frequencies::Frequencies;
pub use histogram::{BinRule, Histogram};
pub use moments::{Moments, Moments4};
pub use quantile::{Quantile, QuantileMethod, quantile, quantiles};
pub use quantiles::Quantiles;
pub use rank::ranks;
pub(crate) use top::{runs, top};
