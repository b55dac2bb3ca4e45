//! Training, validation and test rows as types of their own.

use std::ops::Deref;

use arrow::array::RecordBatch;

macro_rules! part {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name(RecordBatch);

        impl $name {
            /// States that `batch` is this part of the data. A split does it for you; use this for parts that come as files.
            #[must_use]
            pub fn new(batch: RecordBatch) -> Self {
                Self(batch)
            }

            /// The rows, no longer marked as a part.
            #[must_use]
            pub fn into_inner(self) -> RecordBatch {
                self.0
            }

            /// The same part after `change`, such as a fitted pipeline's transform.
            ///
            /// # Errors
            ///
            /// Those of `change`.
            pub fn try_map<E>(&self, change: impl FnOnce(&RecordBatch) -> Result<RecordBatch, E>) -> Result<Self, E> {
                change(&self.0).map(Self)
            }
        }

        impl Deref for $name {
            type Target = RecordBatch;
            fn deref(&self) -> &RecordBatch {
                &self.0
            }
        }
    };
}

part! {
    /// Rows to learn from.
    Train
}
part! {
    /// Rows that steer a fit, such as early stopping and calibration. They can't be used for a final score.
    Valid
}
part! {
    /// Rows that nothing has learned from; what a final score is measured on.
    ///
    /// # Examples
    ///
    /// Early stopping asks for a [`Valid`]; handing it the test part does not compile:
    ///
    /// ```compile_fail
    /// use alchemy_core::{Test, Valid};
    /// fn stop_early(valid: &Valid) {}
    /// fn wrong(test: &Test) {
    ///     stop_early(test);
    /// }
    /// ```
    Test
}
