//! One tree: what it is, how rows walk it, and how it grows from binned rows and their gradients.
//!
//! [`node`] and [`predict`] know nothing of growing. Growing adds gradients up as integers ([`gradient`]), so sums do not
//! depend on the order of rows, on threads or on cuts, and the larger of two siblings' histograms is the exact difference
//! between the parent's and the smaller one's ([`histogram`]).

pub(crate) mod bin_set;
pub(crate) mod build;
pub(crate) mod categories;
pub(crate) mod cell;
pub(crate) mod gradient;
pub(crate) mod grow;
pub(crate) mod histogram;
pub(crate) mod node;
pub(crate) mod partition;
pub(crate) mod predict;
pub(crate) mod rules;
pub(crate) mod split;
