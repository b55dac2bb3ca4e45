//! Every step is held to every law of the family.

use std::fmt::Debug;
use std::sync::Arc;

use alchemy_clean::arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use alchemy_clean::{
    Case, DeductiveImputer, DerivedColumn, Duplicates, Expr, FillValue, Fit, FittedImputer,
    FittedNullColumnDropper, FittedOutlierCapper, ForwardFill, ImputeStrategy, Imputer,
    ImputerAccumulator, Interpolator, NullColumnDropper, NullColumnDropperAccumulator,
    NumericCoercer, OnViolation, OutlierCapper, OutlierCapperAccumulator, RowFilter, RowRule, Side,
    Step, Synonyms, TextStandardiser, TimestampParser, col, steps,
};
use alchemy_core::conformance::{Law, Subject, Suite, hostile};

const INF: f64 = f64::INFINITY;
const ROWS: usize = 24;

/// Cells by row, null in every fifth.
fn cells<T>(cell: impl Fn(usize) -> T) -> impl Iterator<Item = Option<T>> {
    (0..ROWS).map(move |row| (row % 5 != 3).then(|| cell(row)))
}

fn sample() -> RecordBatch {
    let x = [1.5, -0.0, INF, 2.5, 1.5, -7.0, 1e300, 0.0, -INF, 40.0, 3.0];
    let name = ["b", "a", "", "Straße ", " a  b", "a"];
    let price = ["1", "x", " ", "-2.5", "1e3"];
    let time = ["2024-01-02", "2024-01-02 03:04:05.678", "no time", ""];
    let columns: [(&str, ArrayRef); 10] = [
        (
            "x",
            Arc::new(cells(|row| x[row % x.len()]).collect::<Float64Array>()),
        ),
        (
            "small",
            Arc::new(cells(|row| row as f32 / 3.0).collect::<Float32Array>()),
        ),
        (
            "n",
            Arc::new(cells(|row| i64::MAX - (row % 4) as i64).collect::<Int64Array>()),
        ),
        (
            "money",
            Arc::new(cells(|row| (row % 7) as i128 * 125).collect::<Decimal128Array>()),
        ),
        (
            "flag",
            Arc::new(cells(|row| row % 3 == 0).collect::<BooleanArray>()),
        ),
        (
            "name",
            Arc::new(cells(|row| name[row % name.len()]).collect::<StringArray>()),
        ),
        (
            "price",
            Arc::new(cells(|row| price[row % price.len()]).collect::<StringArray>()),
        ),
        (
            "when",
            Arc::new(cells(|row| time[row % time.len()]).collect::<StringArray>()),
        ),
        (
            "host",
            Arc::new(cells(|row| ["p", "q"][row % 2]).collect::<StringArray>()),
        ),
        (
            "t",
            Arc::new(
                (0..ROWS)
                    .map(|row| Some(row as i64 / 2))
                    .collect::<TimestampMicrosecondArray>(),
            ),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn subject<F: Fit + Clone + 'static>(spec: F) -> Subject<F>
where
    F::Fitted: Step,
{
    Subject::new(spec, sample())
}

fn fill_subjects(suite: Suite) -> Suite {
    let numbers = ["x", "small", "n", "money"];
    let median = Imputer::new(ImputeStrategy::Median)
        .with_columns(numbers)
        .with_indicator();
    // x holds both infinities and has no mean.
    let mean = Imputer::new(ImputeStrategy::Mean).with_columns(&numbers[1..]);
    let constants = hostile::FLOATS.map(|value| {
        let constant = Imputer::new(ImputeStrategy::constant(value));
        constant.with_columns(numbers)
    });
    suite
        .with(subject(median).keeping_types())
        .with(subject(mean).keeping_types().with_hostile(constants))
        .with(subject(Imputer::new(ImputeStrategy::Mode).with_indicator()).keeping_types())
        .with(subject(Imputer::new(ImputeStrategy::constant(0))))
        .with(subject(Imputer::new(ImputeStrategy::constant("none"))))
        .with(subject(Imputer::new(ImputeStrategy::constant(true))))
}

fn outlier_subjects(suite: Suite) -> Suite {
    let capper = |side| {
        let hostile = hostile::FLOATS.map(|multiplier| OutlierCapper::iqr(multiplier, side));
        subject(OutlierCapper::iqr(0.5, side)).with_hostile(hostile)
    };
    suite
        .with(capper(Side::Lower))
        .with(capper(Side::Upper))
        .with(capper(Side::Both))
}

fn column_subjects(suite: Suite) -> Suite {
    let dropper = NullColumnDropper::new()
        .with_max_missing(0.1)
        .with_columns(["x", "name", "t"]);
    let hostile = hostile::FLOATS.map(|share| NullColumnDropper::new().with_max_missing(share));
    let dropper = subject(dropper)
        .with_hostile(hostile)
        .except(
            Law::MissingColumn,
            "a column to be dropped may be gone already",
        )
        .except(
            Law::DuplicateName,
            "two columns to be dropped are dropped both",
        );
    let text = TextStandardiser::new(["name", "price"])
        .with_trim()
        .with_collapsed_spaces()
        .with_case(Case::Title)
        .with_synonyms(Synonyms::new([("strasse", "Street")]));
    suite
        .with(dropper)
        .with(subject(text).keeping_types())
        .with(subject(NumericCoercer::new(["price", "name", "n"])))
        .with(subject(TimestampParser::new("when")))
        .with(subject(
            TimestampParser::joining(["when", "n"]).with_output("time"),
        ))
        .with(subject(TimestampParser::new("t").with_output("time")))
}

fn series_subjects(suite: Suite) -> Suite {
    let keyed = ForwardFill::of("money")
        .with_keys(["host"])
        .with_time("t")
        .with_limit(1);
    let limits = hostile::COUNTS.map(|limit| ForwardFill::of("x").with_limit(limit as u64));
    suite
        .with(subject(ForwardFill::of("x")).with_hostile(limits))
        .with(subject(ForwardFill::of("n")).keeping_types())
        .with(subject(keyed).keeping_types())
        .with(subject(Interpolator::new("x", "t").with_keys(["host"])))
}

fn rule_subjects(suite: Suite) -> Suite {
    let parse = |text: &str| text.parse::<Expr>().unwrap();
    let rule = |text| RowRule::require("rule", parse(text));
    let hostile = hostile::FLOATS.map(|bound| RowRule::require("rule", col("x").gt(bound)));
    let flag = RowRule::forbid(
        "rule",
        parse("lower(name) contains 's' or n + 1 is missing"),
    );
    let deduced = |name: &str, text| subject(DeductiveImputer::new(name, parse(text)));
    let hostile_sums = hostile::FLOATS.map(|value| DerivedColumn::new("sum", col("x") + value));
    suite
        .with(
            subject(
                rule("x >= 0 and not (flag and t > '1970-01-01')")
                    .with_on_violation(OnViolation::null(["x", "n", "name", "t"])),
            )
            .with_hostile(hostile),
        )
        .with(subject(flag.with_on_violation(OnViolation::flag("bad"))))
        .with(subject(rule("n >= 0 or n is missing")))
        .with(
            subject(DerivedColumn::new(
                "sum",
                parse("x * 2 + n / small - money"),
            ))
            .with_hostile(hostile_sums),
        )
        .with(subject(DerivedColumn::new("name", parse("length(name)"))))
        .with(deduced("n", "money * 2").keeping_types())
        .with(deduced("money", "if flag then n * 1 else small").keeping_types())
        .with(deduced("name", "lower(price)").keeping_types())
}

#[test]
fn every_step_obeys_every_law() {
    let suite = Suite::of(steps().names());
    let suite = column_subjects(outlier_subjects(fill_subjects(suite)));
    let outcome = rule_subjects(series_subjects(suite)).check();
    outcome.unwrap_or_else(|violation| panic!("{violation}"));
}

#[test]
fn public_types_are_debug_clone_send_and_sync() {
    fn holds<T: Debug + Clone + Send + Sync>() {}
    holds::<(Imputer, ImputerAccumulator, FittedImputer, FillValue)>();
    holds::<(OutlierCapper, OutlierCapperAccumulator, FittedOutlierCapper)>();
    holds::<(
        NullColumnDropper,
        NullColumnDropperAccumulator,
        FittedNullColumnDropper,
    )>();
    holds::<(NumericCoercer, TimestampParser, TextStandardiser)>();
    holds::<(ForwardFill, Interpolator, Duplicates)>();
    holds::<(
        DeductiveImputer,
        DerivedColumn,
        OnViolation,
        RowFilter,
        RowRule,
        Expr,
    )>();
}
