//! The laws by name, and what is said when one does not hold.

use std::fmt;

/// What must hold for every step, for every model, or for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Law {
    /// Two fits of the same batch learn the same, bit for bit.
    FitIsRepeatable,
    /// Fitting and applying leave the input and the parameters as they were.
    InputIsUnchanged,
    /// Applying what was fitted changes nothing in it: its stored bytes are the same before and after.
    StateIsUnchanged,
    /// As many rows out as in, and the schema that `output_schema` announced.
    SchemaIsKnownBeforeData,
    /// A column keeps its type, whichever it is, and no number in it is lost; held where the subject [promises](super::Subject::keeping_types) it.
    TypesAreKept,
    /// Where a value is missing in the output, it is null: no step makes a NaN.
    MissingIsNull,
    /// A slice at any offset gives what its copy gives.
    SliceEqualsCopy,
    /// Every text encoding means the same.
    TextEncodings,
    /// A dictionary with values twice, unused values, null keys and null values means what its rows mean.
    Dictionaries,
    /// NaN is missing, as null is, whatever its bits and the width of its type.
    NanIsNull,
    /// Every numeric type with the same values means the same, or is an error that names the column.
    NumericTypes,
    /// A batch without rows gives one without rows, and fitting on it is a typed error or works.
    EmptyBatch,
    /// Fitting on columns without any value is a typed error or works, and applying to them works.
    AllNull,
    /// Fitting on a single column is a typed error or works.
    OneColumn,
    /// A missing column is an error that names it.
    MissingColumn,
    /// A column more changes nothing in the others.
    ExtraColumn,
    /// Columns are found by name: their order does not matter.
    ReorderedColumns,
    /// A column of a type without a meaning (list, struct, union, map, duration, interval, binary) is an error that names
    /// it, or is not read.
    WrongType,
    /// A column that comes as text instead of a number, or the other way round, is an error that names it, or is read.
    RetypedColumn,
    /// A column name that occurs twice is an error that names it, or is not read.
    DuplicateName,
    /// Any parameters, however hostile, fit or are an error that names one; see [`Subject::with_hostile`](super::Subject::with_hostile).
    HostileParameters,
    /// Each of the shapes of [`Shape::ALL`](super::Shape::ALL) is handled, or is an error that names a column or
    /// parameter; where it is handled, the laws that need no particular sample hold on it.
    Shapes,
    /// 1, 2, 3, 4, 8 and 16 threads learn and give the same bits, again and again and in batches of any size, and the same
    /// error where there is nothing to learn from; so does the pool of the caller.
    ThreadsDoNotShow,
    /// What was fitted can be used by eight threads at once, while others fit: there is no state but its own.
    SharedAcrossThreads,
    /// Batches of 1, 7 and 1024 rows, and batches without rows between them, give what one batch gives; a step that learns
    /// from a stream learns the same from any pieces in any order.
    CutsDoNotShow,
    /// Rows in another order give the same rows in that order, where a row's output depends on that row only.
    OrderDoesNotShow,
    /// Other rows beside it do not change what a row becomes, where a row's output depends on that row only: statistics
    /// are those of training.
    OtherRowsDoNotShow,
    /// Changing later rows changes no earlier output, unless the step says that it reads the whole table.
    FutureMovesNothing,
    /// What was stored loads to the same, and stores to the same bytes.
    StoredAndLoaded,
    /// A step gives alone what it gives in a pipeline.
    AloneAndInPipeline,
    /// `fit_transform` learns and gives what `fit` and then `transform` give.
    FitThenTransform,
    /// A target that is missing or NaN is an error that names the target.
    MissingTarget,
    /// A target with one class is learned, or an error that names the target.
    OneClass,
    /// Classes of any type come back in that type, in ascending order and without repetition.
    ClassesComeBack,
    /// Probabilities are between 0 and 1, add up to 1 in each row, and the class predicted is a most probable one.
    ProbabilitiesAddUp,
}

impl Law {
    /// The laws of steps.
    pub const OF_STEPS: [Self; 31] = [
        Self::FitIsRepeatable,
        Self::InputIsUnchanged,
        Self::StateIsUnchanged,
        Self::SchemaIsKnownBeforeData,
        Self::TypesAreKept,
        Self::MissingIsNull,
        Self::SliceEqualsCopy,
        Self::TextEncodings,
        Self::Dictionaries,
        Self::NanIsNull,
        Self::NumericTypes,
        Self::EmptyBatch,
        Self::AllNull,
        Self::OneColumn,
        Self::MissingColumn,
        Self::ExtraColumn,
        Self::ReorderedColumns,
        Self::WrongType,
        Self::RetypedColumn,
        Self::DuplicateName,
        Self::HostileParameters,
        Self::CutsDoNotShow,
        Self::ThreadsDoNotShow,
        Self::SharedAcrossThreads,
        Self::OrderDoesNotShow,
        Self::OtherRowsDoNotShow,
        Self::FutureMovesNothing,
        Self::StoredAndLoaded,
        Self::AloneAndInPipeline,
        Self::FitThenTransform,
        Self::Shapes,
    ];

    /// The laws of models.
    pub const OF_MODELS: [Self; 28] = [
        Self::FitIsRepeatable,
        Self::InputIsUnchanged,
        Self::StateIsUnchanged,
        Self::SchemaIsKnownBeforeData,
        Self::SliceEqualsCopy,
        Self::TextEncodings,
        Self::Dictionaries,
        Self::NanIsNull,
        Self::NumericTypes,
        Self::EmptyBatch,
        Self::AllNull,
        Self::OneColumn,
        Self::MissingColumn,
        Self::ExtraColumn,
        Self::ReorderedColumns,
        Self::WrongType,
        Self::RetypedColumn,
        Self::DuplicateName,
        Self::HostileParameters,
        Self::CutsDoNotShow,
        Self::ThreadsDoNotShow,
        Self::SharedAcrossThreads,
        Self::OrderDoesNotShow,
        Self::StoredAndLoaded,
        Self::MissingTarget,
        Self::OneClass,
        Self::ClassesComeBack,
        Self::ProbabilitiesAddUp,
    ];

    /// The laws that hold for a step on any sample, even one whose columns hold nothing.
    pub(super) const OF_STEPS_ON_ANY_SHAPE: [Self; 9] = [
        Self::FitIsRepeatable,
        Self::InputIsUnchanged,
        Self::StateIsUnchanged,
        Self::SchemaIsKnownBeforeData,
        Self::MissingIsNull,
        Self::CutsDoNotShow,
        Self::StoredAndLoaded,
        Self::AloneAndInPipeline,
        Self::FitThenTransform,
    ];

    /// The laws that hold for a model on any sample, even one whose columns hold nothing.
    pub(super) const OF_MODELS_ON_ANY_SHAPE: [Self; 6] = [
        Self::FitIsRepeatable,
        Self::InputIsUnchanged,
        Self::SchemaIsKnownBeforeData,
        Self::CutsDoNotShow,
        Self::StoredAndLoaded,
        Self::ProbabilitiesAddUp,
    ];
}

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The step or model.
    pub of: String,
    /// The law; `None` if it was held to none of them, for it is in no subject of its [`Suite`](super::Suite).
    pub law: Option<Law>,
    /// What was seen.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.law {
            Some(law) => write!(f, "{} breaks {law:?}: {}", self.of, self.message),
            None => write!(f, "{} {}", self.of, self.message),
        }
    }
}

impl std::error::Error for Violation {}
