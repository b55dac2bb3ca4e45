//! The ways to fit a forest, which all have in common.

/// Fits of `$spec`, which has a method `new` and a method `learn` that gives a `$fitted`: one list, since inherent methods
/// cannot be shared by several types otherwise.
macro_rules! forest_fits {
    ($spec:ident, $fitted:ident) => {
        impl $spec {
            /// Learns from a table in several batches, which is the same as learning from them in one.
            ///
            /// # Errors
            ///
            /// As [`fit`](alchemy_core::Fit::fit), and [`Error::Cancelled`](alchemy_core::Error::Cancelled).
            pub fn fit_batches(
                &self,
                batches: &[alchemy_core::arrow::array::RecordBatch],
                context: &Context,
            ) -> Result<$fitted> {
                self.learn(batches.into(), context)
            }

            /// Learns from a table that is read twice and never held: `open` gives a reader of it each time, of the same rows in the
            /// same order. What is learned is, to the bit, what [`fit_batches`](Self::fit_batches) learns from all batches.
            ///
            /// The first reading learns the bins, the second fills them. In memory are a byte per row and feature that varies, the target and weight of every row,
            /// the batch at hand, and while bins are learned 12 bytes for each of up to 250 000 rows and feature besides. Bins are
            /// learned and filled in parallel over features.
            ///
            /// # Errors
            ///
            /// As [`fit`](alchemy_core::Fit::fit); [`Error::Cancelled`](alchemy_core::Error::Cancelled); those of `open` and its
            /// readers; [`Error::InvalidParameter`](alchemy_core::Error::InvalidParameter) if the second reading has more or fewer
            /// rows than the first.
            ///
            /// # Examples
            ///
            /// ```
            /// # fn main() -> alchemy_core::Result<()> {
            /// # use std::sync::Arc;
            /// # use alchemy_core::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchIterator};
            /// # use alchemy_core::{Context, Fit};
            #[doc = concat!("# use alchemy_models::{FitOptions, ", stringify!($spec), "};")]
            /// # let x = Float64Array::from_iter_values((0..200).map(f64::from));
            /// # let y = Int64Array::from_iter_values((0..200).map(|x| x / 50));
            /// # let table = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
            /// // As a file is opened anew each time.
            /// let open = || Ok(RecordBatchIterator::new([Ok(table.slice(0, 90)), Ok(table.slice(90, 110))], table.schema()));
            ///
            #[doc = concat!("let spec = ", stringify!($spec), "::new().with_target(\"y\").with_num_trees(5);")]
            /// let model = spec.fit_stream(open, &Context::new())?;
            /// assert_eq!(model, spec.fit(&table)?);
            /// # Ok(())
            /// # }
            /// ```
            pub fn fit_stream<R: alchemy_core::arrow::array::RecordBatchReader>(
                &self,
                open: impl Fn() -> Result<R>,
                context: &Context,
            ) -> Result<$fitted> {
                let (rest, binned) =
                    crate::forest::fit::read(&self.params, &self.columns, open, context)?;
                self.learn(Data::Binned(&rest, binned), context)
            }
        }

        impl Default for $spec {
            fn default() -> Self {
                Self::new()
            }
        }

        impl alchemy_core::Fit for $spec {
            type Fitted = $fitted;

            fn fit_with(
                &self,
                batch: &alchemy_core::arrow::array::RecordBatch,
                context: &Context,
            ) -> Result<$fitted> {
                self.fit_batches(std::slice::from_ref(batch), context)
            }
        }
    };
}
pub(super) use forest_fits;
