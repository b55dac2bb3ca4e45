//! The shapes that ordinary data takes on, one by one.

use crate::conformance::Shape;
use crate::conformance::check::{Outcome, caught, ok, typed, valid};
use crate::conformance::held::Held;

/// Each shape gives valid output or an error that says what to change; where it can be fitted and applied, the laws that
/// need no particular sample hold on it too.
pub(in crate::conformance) fn are_handled<H: Held>(subject: &H) -> Outcome {
    let fitted = subject.fitted(subject.sample())?;
    for shape in Shape::ALL {
        for (index, batch) in ok(shape.of(subject.sample()))?.into_iter().enumerate() {
            let in_shape = |message: String| format!("{shape:?}, number {index}: {message}");
            match subject.apply(&fitted, &batch) {
                Ok(output) => valid(&output).map_err(in_shape)?,
                Err(error) => typed(&error).map_err(in_shape)?,
            }
            let shaped = subject.on(batch);
            let output = shaped
                .fit(shaped.sample())
                .and_then(|fitted| shaped.apply(&fitted, shaped.sample()));
            if let Err(error) = output {
                typed(&error).map_err(in_shape)?;
            } else if !matches!(shape, Shape::Pieces | Shape::DuplicateNames) {
                // Pieces are covered by cuts; a pipeline refuses a name that occurs twice, read or not.
                for law in shaped.laws_on_any_shape() {
                    caught(|| shaped.check_law(law))
                        .map_err(|message| in_shape(format!("{law:?}: {message}")))?;
                }
            }
        }
    }
    Ok(())
}
