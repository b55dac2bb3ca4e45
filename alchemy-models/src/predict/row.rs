//! What predicting one row writes to.

/// Memory that predicting one row works in.
///
/// It grows when it is first used with a model, and again with a larger one; after that predicting allocates nothing. One
/// scratch serves any number of models in turn, but one thread at a time.
#[derive(Debug, Clone, Default)]
pub struct RowScratch {
    /// The bin of each column.
    pub(crate) bins: Vec<u8>,
    /// What steps compare.
    pub(super) planes: Vec<i8>,
    /// One number per output or class.
    pub(crate) outputs: Vec<f64>,
}

impl RowScratch {
    /// A scratch that has not grown yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}
