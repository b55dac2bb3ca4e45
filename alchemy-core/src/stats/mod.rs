//! Statistics on plain slices and iterators: exact by default, mergeable, serializable.
//!
//! An accumulator's additions and merges commute and associate bit for bit. A NaN is a missing
//! value and left out; an infinity is a value. The bounded-memory ones, named sketches, keep these laws and state their error.
//! [`HeavyHitters`] alone depends on the order of rows, within its error.

mod autocorrelation;
mod binade_counts;
mod bins;
mod by_group;
mod cells;
mod centred;
mod co_moments;
mod contingency;
mod correlation_matrix;
mod correlation_ratio;
mod density_curve;
mod dip;
mod distinct_sketch;
mod ecdf;
mod exact_sum;
mod five_numbers;
mod frequencies;
mod hash;
mod heavy_hitters;
mod hermite;
mod histogram;
mod kde;
mod moments;
mod moments4;
mod mutual_information;
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
pub use by_group::ByGroup;
pub use co_moments::{CoMoments, pearson};
pub use contingency::Contingency;
pub use correlation_matrix::{Correlation, CorrelationMatrix};
pub use density_curve::{DensityCurve, DensityMode};
pub use dip::dip;
pub use distinct_sketch::DistinctSketch;
pub use ecdf::Ecdf;
pub use exact_sum::ExactSum;
pub use five_numbers::FiveNumbers;
pub use frequencies::Frequencies;
pub(crate) use hash::{keyed_fingerprint, keyed_hash};
pub use heavy_hitters::HeavyHitters;
pub use histogram::{BinRule, Histogram};
pub use kde::{Bandwidth, Kde};
pub use moments::Moments;
pub use moments4::Moments4;
pub use mutual_information::mutual_information;
pub use quantile::{Quantile, quantile, quantiles};
pub use quantile_method::QuantileMethod;
pub use quantile_sketch::QuantileSketch;
pub use quantiles::Quantiles;
pub use rank::ranks;
pub use rank_correlation::{kendall, spearman};
pub(crate) use top::{runs, top};
