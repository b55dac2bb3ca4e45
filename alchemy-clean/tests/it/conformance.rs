//! Every step is held to every law of the family.

use alchemy_clean::arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use alchemy_clean::{
    BackwardFill, BooleanCoercer, Case, ColumnSelector, DeductiveImputer, DerivedColumn, DownCast,
    DownCastAccumulator, Duplicates, Expr, FillDirection, FillValue, Fit, FittedDownCast,
    FittedImputer, FittedIterativeImputer, FittedKnnImputer, FittedNearDuplicates,
    FittedNullColumnDropper, FittedOutliers, FittedRareLevels, FormatCounts, ForwardFill,
    ImputeStrategy, Imputer, ImputerAccumulator, Interpolation, Interpolator, IterativeImputer,
    KnnImputer, KnnMetric, MissingRows, NearDuplicates, NearDuplicatesAccumulator, NeighborWeights,
    NullColumnDropper, NullColumnDropperAccumulator, NullTokens, NumberType, NumericCoercer,
    Observed, OnFailure, OnOutlier, OnUnmatched, OnViolation, Outliers, OutliersAccumulator,
    RareLevels, RareLevelsAccumulator, RegexExtract, RegexReplace, RowFilter, RowRule, Search,
    Side, Step, Synonyms, TextStandardiser, TimestampParser, TimestampUnit, ZoneCoercer, col,
    steps,
};
use alchemy_core::conformance::{Law, Subject, Suite, hostile};
use std::fmt::Debug;
use std::sync::Arc;

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
        .with(subject(
            Imputer::new(ImputeStrategy::random_draw(1)).with_columns(["x", "name"]),
        ))
        .with(grouped_fills())
        .with(subject(Imputer::new(ImputeStrategy::constant(0))))
        .with(subject(Imputer::new(ImputeStrategy::constant("none"))))
        .with(subject(Imputer::new(ImputeStrategy::constant(true))))
}

fn neighbor_subjects(suite: Suite) -> Suite {
    let counts = hostile::COUNTS.map(|count| KnnImputer::new().with_neighbors(count));
    let by_distance = KnnImputer::new()
        .with_columns(["x", "small", "n", "money"])
        .with_neighbors(3)
        .with_weights(NeighborWeights::Distance);
    let gower = KnnImputer::new().with_metric(KnnMetric::Gower);
    // x holds infinities, which no regression can use.
    let iterative = IterativeImputer::new().with_columns(["small", "n", "money"]);
    let hostile = hostile::FLOATS.into_iter().flat_map(|value| {
        let iterative = IterativeImputer::new().with_columns(["small", "money"]);
        [
            iterative.clone().with_alpha(value),
            iterative.clone().with_tolerance(value).with_max_rounds(20),
            iterative.clone().with_min_value(value),
            iterative.with_min_value(-3.5).with_max_value(value),
        ]
    });
    let rounds = hostile::COUNTS.map(|count| {
        let iterative = IterativeImputer::new().with_columns(["small", "money"]);
        iterative.with_max_rounds(count)
    });
    suite
        .with(subject(by_distance).keeping_types().with_hostile(counts))
        .with(subject(gower).keeping_types())
        .with(
            subject(iterative)
                .keeping_types()
                .with_hostile(hostile.chain(rounds)),
        )
}

fn grouped_fills() -> Subject<Imputer> {
    let quantile = |q| {
        let imputer = Imputer::new(ImputeStrategy::Quantile(q));
        imputer
            .with_columns(["x", "money"])
            .with_keys(["host", "n"])
    };
    subject(quantile(0.25).with_sketches())
        .keeping_types()
        .with_hostile(hostile::FLOATS.map(quantile))
}

fn outlier_subjects(suite: Suite) -> Suite {
    let capper = |side| {
        let hostile = hostile::FLOATS.map(|multiplier| Outliers::iqr(multiplier, side));
        subject(Outliers::iqr(0.5, side)).with_hostile(hostile)
    };
    let grouped = |outliers: Outliers, action| {
        let outliers = outliers.with_action(action).with_columns(["x", "money"]);
        subject(outliers.with_keys(["host"]))
    };
    let hostile = hostile::FLOATS.map(|bound| Outliers::fixed(bound..));
    let fixed = subject(
        Outliers::fixed(..=2.0)
            .with_action(OnOutlier::CapBeside)
            .with_columns("x"),
    );
    suite
        .with(grouped(Outliers::z_score(1.0, Side::Both), OnOutlier::Null))
        .with(grouped(Outliers::mad(1.0, Side::Upper), OnOutlier::Flag))
        .with(grouped(
            Outliers::quantiles(0.2..=0.8).with_sketches(),
            OnOutlier::Cap,
        ))
        .with(fixed.with_hostile(hostile))
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
    let numbers = NumericCoercer::new(["price"]).with_type(NumberType::Int64);
    let days =
        TimestampParser::joining(["when", "host"]).with_formats(["%Y-%m-%d p", "%Y-%d-%m p"]);
    let down_cast = DownCast::new(["x", "n", "small", "money"]);
    let tolerances = hostile::FLOATS.map(|share| DownCast::new(["x"]).with_tolerance(share));
    suite
        .with(dropper)
        .with(subject(text).keeping_types())
        .with(subject(NumericCoercer::new(["price", "name", "n"])))
        .with(subject(numbers.with_on_failure(OnFailure::Keep)))
        .with(subject(BooleanCoercer::new(["price", "flag", "n"])))
        .with(subject(down_cast.clone()).with_hostile(tolerances))
        .with(subject(down_cast.with_on_failure(OnFailure::Keep)))
        .with(subject(
            ZoneCoercer::new("t", "+05:30").with_on_failure(OnFailure::Keep),
        ))
        .with(subject(days.with_on_failure(OnFailure::Keep).to_date()))
        .with(subject(
            TimestampParser::new("n").with_epoch(TimestampUnit::Nanosecond),
        ))
        .with(subject(TimestampParser::new("when")))
        .with(subject(
            TimestampParser::joining(["when", "n"]).with_output("time"),
        ))
        .with(subject(TimestampParser::new("t").with_output("time")))
}

fn text_subjects(suite: Suite) -> Suite {
    let text = ["name", "price", "host"];
    let shares = hostile::FLOATS.map(|share| RareLevels::new().with_min_share(share));
    let rare = RareLevels::new().with_columns(text).with_min_share(0.3);
    let near = NearDuplicates::new(["name", "price"]).with_min_ratio(2);
    let counts = hostile::COUNTS.map(|count| near.clone().with_letters_per_edit(count));
    let proposal = near.fit(&sample()).unwrap();
    let approved = proposal.with("name", "a", "Straße ").unwrap().approve();
    let map = TextStandardiser::new("name")
        .with_synonyms(Synonyms::new([("A", "b")]).with_match_case())
        .with_on_unmatched(OnUnmatched::Null);
    let extract = RegexExtract::new("price", "([0-9.]+)e?").unwrap();
    suite
        .with(subject(map).keeping_types())
        .with(subject(NullTokens::new(text, ["", "A", "x"])).keeping_types())
        .with(subject(RegexReplace::new(text, r"(\w)\s", "<$1>").unwrap()).keeping_types())
        .with(subject(extract.clone()).keeping_types())
        .with(subject(extract.with_group(0).with_output("digits")))
        .with(subject(rare).keeping_types().with_hostile(shares))
        .with(subject(near).keeping_types().with_hostile(counts))
        .with(subject(approved).keeping_types())
}

fn series_subjects(suite: Suite) -> Suite {
    let keyed = ForwardFill::of("money")
        .with_keys(["host"])
        .with_time("t")
        .with_limit(1);
    let backward = hostile::COUNTS.map(|limit| BackwardFill::of("x").with_limit(limit as u64));
    let between = hostile::COUNTS.map(|limit| Interpolator::nearest("x").with_limit(limit as u64));
    let limits = hostile::COUNTS.map(|limit| ForwardFill::of("x").with_limit(limit as u64));
    suite
        .with(subject(ForwardFill::of("x")).with_hostile(limits))
        .with(subject(ForwardFill::of("n")).keeping_types())
        .with(subject(keyed).keeping_types())
        .with(subject(
            ForwardFill::of(["name", "flag", "t", "x"]).with_keys(["host"]),
        ))
        .with(subject(BackwardFill::of(ColumnSelector::all()).with_keys(["host"])).keeping_types())
        .with(subject(BackwardFill::of("x")).with_hostile(backward))
        .with(subject(
            Interpolator::linear(["x", "n"])
                .along("t")
                .with_keys(["host"]),
        ))
        .with(subject(
            Interpolator::linear(["x", "small", "money"]).with_ends(),
        ))
        .with(subject(Interpolator::nearest(["x", "name"]).along("n")).with_hostile(between))
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
    let outcome = rule_subjects(series_subjects(text_subjects(column_subjects(
        outlier_subjects(neighbor_subjects(fill_subjects(suite))),
    ))))
    .check();
    outcome.unwrap_or_else(|violation| panic!("{violation}"));
}

#[test]
fn public_types_are_debug_clone_send_and_sync() {
    fn holds<T: Debug + Clone + Send + Sync>() {}
    holds::<(Imputer, ImputerAccumulator, FittedImputer, FillValue)>();
    holds::<(
        NullColumnDropper,
        NullColumnDropperAccumulator,
        FittedNullColumnDropper,
    )>();
    holds::<(NumericCoercer, TimestampParser, TextStandardiser)>();
    holds::<(NullTokens, RegexExtract, RegexReplace, Search)>();
    holds::<(RareLevels, RareLevelsAccumulator, FittedRareLevels)>();
    holds::<(
        NearDuplicates,
        NearDuplicatesAccumulator,
        FittedNearDuplicates,
    )>();
    holds::<(ForwardFill, Interpolator, Duplicates)>();
    holds::<(BackwardFill, FillDirection, Interpolation)>();
    holds::<(
        DeductiveImputer,
        DerivedColumn,
        OnViolation,
        RowFilter,
        RowRule,
        Expr,
    )>();
    holds::<(Observed,)>();
    holds::<(Outliers, OutliersAccumulator, FittedOutliers)>();
    holds::<(MissingRows,)>();
    holds::<(BooleanCoercer, ZoneCoercer, FormatCounts)>();
    holds::<(DownCast, DownCastAccumulator, FittedDownCast)>();
    holds::<(KnnImputer, FittedKnnImputer)>();
    holds::<(IterativeImputer, FittedIterativeImputer)>();
}
