//! Statistics on plain slices and iterators: exact by default, mergeable, serializable.
//!
//! An accumulator's additions and merges commute and associate bit for bit. A NaN is a missing
//! value and left out; an infinity is a value. The bounded-memory ones, named sketches, keep these laws and state their error.
//! [`HeavyHitters`] alone depends on the order of rows, within its error.

mod autocorrelation;
mod binade_counts;
mod bins;
mod co_moments;
mod distinct_sketch;
mod ecdf;
mod exact_sum;
mod frequencies;
mod hash;
mod heavy_hitters;
mod histogram;
mod moments;
mod moments4;
mod quantile;
mod quantile_method;
mod quantile_sketch;
mod quantiles;
mod quotient;
mod rank;
mod rank_correlation;
mod registers;
mod short;
mod top;

pub use autocorrelation::autocorrelation;
pub use co_moments::{CoMoments, pearson};
pub use distinct_sketch::DistinctSketch;
pub use ecdf::Ecdf;
pub use exact_sum::ExactSum;
pub use frequencies::Frequencies;
pub use heavy_hitters::HeavyHitters;
pub use histogram::{BinRule, Histogram};
pub use moments::Moments;
pub use moments4::Moments4;
pub use quantile::{Quantile, quantile, quantiles};
pub use quantile_method::QuantileMethod;
pub use quantile_sketch::QuantileSketch;
pub use quantiles::Quantiles;
pub use rank::ranks;
pub use rank_correlation::{kendall, spearman};
pub(crate) use top::{runs, top};
