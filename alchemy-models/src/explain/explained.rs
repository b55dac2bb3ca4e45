//! What explanations of rows have in common.

/// What was found for some rows, and of what.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Explained {
    pub(super) features: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) bases: Vec<f64>,
    pub(super) num_rows: usize,
    /// Output by output, as many for each; row by row inside.
    pub(super) values: Vec<Vec<f64>>,
}

impl Explained {
    /// Number `place` of the `per_output` of `output`, one per row.
    pub(super) fn values(&self, output: usize, per_output: usize, place: usize) -> Option<&[f64]> {
        let values = (place < per_output).then(|| self.values.get(output * per_output + place));
        values.flatten().map(Vec::as_slice)
    }
}

/// Methods of what has a field `explained` of type [`Explained`].
macro_rules! explained_methods {
    () => {
        /// The features, in the order of the model.
        #[must_use]
        pub fn features(&self) -> &[String] {
            &self.explained.features
        }

        /// What each output is: the name of a class, or `prediction`.
        #[must_use]
        pub fn outputs(&self) -> &[String] {
            &self.explained.outputs
        }

        /// How many rows were explained.
        #[must_use]
        pub fn num_rows(&self) -> usize {
            self.explained.num_rows
        }

        /// What the model says of `output` when no feature is known, in the unit of the values; `None` if there is no such
        /// output.
        #[must_use]
        #[doc(alias = "expected_value")]
        pub fn base(&self, output: usize) -> Option<f64> {
            self.explained.bases.get(output).copied()
        }
    };
}
pub(super) use explained_methods;
