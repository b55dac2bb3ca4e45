//! The ways to fit a boosted model, which both have in common.

/// Fits of `$spec`, whose method `learn` gives a `$fitted`: one list, since inherent methods cannot be shared by two types
/// otherwise.
macro_rules! boosting_fits {
    ($spec:ident, $fitted:ident) => {
        impl $spec {
            /// Learns from `train` and keeps the rounds up to the one that is best on `valid` by
            /// [`eval_metric`](Self::with_eval_metric). `valid` must hold the target (and the weight and the offset, if there are
            /// any) too.
            ///
            /// # Errors
            ///
            /// As [`fit`](alchemy_core::Fit::fit), for either part.
            pub fn fit_validated(
                &self,
                train: &RecordBatch,
                valid: &alchemy_core::Valid,
            ) -> Result<$fitted> {
                self.fit_validated_with(train, valid, &Context::new())
            }

            /// As [`fit_validated`](Self::fit_validated); `context` hears of every round and can cancel.
            ///
            /// # Errors
            ///
            /// As [`fit_validated`](Self::fit_validated), and [`Error::Cancelled`](alchemy_core::Error::Cancelled).
            pub fn fit_validated_with(
                &self,
                train: &RecordBatch,
                valid: &alchemy_core::Valid,
                context: &Context,
            ) -> Result<$fitted> {
                let options = FitOptions::new().with_valid(valid).with_context(context);
                self.fit_options(std::slice::from_ref(train), options)
            }

            /// Learns from a table in several batches, which is the same as learning from them in one.
            ///
            /// # Errors
            ///
            /// As [`fit`](alchemy_core::Fit::fit), and [`Error::Cancelled`](alchemy_core::Error::Cancelled).
            pub fn fit_batches(&self, batches: &[RecordBatch], context: &Context) -> Result<$fitted> {
                self.fit_options(batches, FitOptions::new().with_context(context))
            }

            /// As [`fit_batches`](Self::fit_batches), with all that a fit may be given besides: a validation part, a model to
            /// continue, an objective or a metric of your own.
            ///
            /// # Errors
            ///
            /// As [`fit`](alchemy_core::Fit::fit), for either part, and those that are named with each option.
            pub fn fit_options(
                &self,
                batches: &[RecordBatch],
                options: FitOptions<'_, $fitted>,
            ) -> Result<$fitted> {
                let context = Context::new();
                let request = self.request(&options, &context);
                self.learn(request, batches.into(), options)
            }

            /// Learns from a table that is read twice and never held: `open` gives a reader of it each time, of the same rows in the
            /// same order. What is learned is, to the bit, what [`fit_batches`](Self::fit_batches) learns from all batches.
            ///
            /// The first reading learns the bins, the second fills them. In memory are a byte per row and feature that varies, the target, weight and offset of every row,
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
            #[doc = concat!("let spec = ", stringify!($spec), "::new().with_target(\"y\").with_num_rounds(5);")]
            /// let model = spec.fit_stream(open, FitOptions::new())?;
            /// assert_eq!(model, spec.fit(&table)?);
            /// # Ok(())
            /// # }
            /// ```
            pub fn fit_stream<R: alchemy_core::arrow::array::RecordBatchReader>(
                &self,
                open: impl Fn() -> Result<R>,
                options: FitOptions<'_, $fitted>,
            ) -> Result<$fitted> {
                let context = Context::new();
                let request = self.request(&options, &context);
                let (rest, binned) = request.read(open, self.offset_columns())?;
                self.learn(request, Data::Binned(&rest, binned), options)
            }

            fn request<'a>(
                &'a self,
                options: &FitOptions<'a, $fitted>,
                context: &'a Context,
            ) -> Request<'a> {
                Request {
                    params: &self.params,
                    columns: &self.columns,
                    valid: options.valid.map(|valid| &**valid),
                    context: options.context.unwrap_or(context),
                    previous: options.previous.map(|previous| &previous.ensemble),
                }
            }
        }

        impl alchemy_core::Fit for $spec {
            type Fitted = $fitted;

            fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<$fitted> {
                self.fit_batches(std::slice::from_ref(batch), context)
            }
        }
    };
}
pub(super) use boosting_fits;
