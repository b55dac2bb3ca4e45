//! Categories as numbers.

mod levels;
mod one_hot;
mod ordinal;

pub use one_hot::{FittedOneHotEncoder, OneHotEncoder};
pub use ordinal::{FittedOrdinalEncoder, OrdinalEncoder};
