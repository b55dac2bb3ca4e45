//! Random pipelines of the crate's steps on random tables.

use alchemy_clean::arrow::datatypes::DataType;
use alchemy_clean::{
    Ambiguous, BackwardFill, BooleanCoercer, Case, CastTarget, DecimalMark, DeductiveImputer,
    DerivedColumn, DownCast, Duplicates, Expr, FillDirection, ForwardFill, Grouping,
    ImputeStrategy, Imputer, InitialFill, Interpolator, IterativeImputer, Keep, KnnImputer,
    KnnMetric, LocalTime, MissingRows, NearDuplicates, NeighborWeights, NullColumnDropper,
    NullTokens, NumberFormat, NumberType, NumericCoercer, OnFailure, OnOutlier, OnUnmatched,
    OnViolation, Outliers, RareLevels, RegexExtract, RegexReplace, RowFilter, RowRule, Side,
    Synonyms, TextStandardiser, TimestampParser, TimestampUnit, ZoneCoercer, col, steps,
};
use alchemy_core::conformance::{Draw, Fuzz};

fn imputer(draw: &mut Draw<'_>) -> Imputer {
    let (strategy, columns) = match draw.below(8) {
        0 => (ImputeStrategy::Median, draw.numeric_columns()),
        1 => (ImputeStrategy::Mean, draw.numeric_columns()),
        2 => (ImputeStrategy::Mode, draw.columns()),
        3 => (
            ImputeStrategy::constant(draw.float()),
            draw.numeric_columns(),
        ),
        4 => (ImputeStrategy::constant(draw.text()), draw.text_columns()),
        5 => (
            ImputeStrategy::Quantile(draw.float() / 4.0),
            draw.numeric_columns(),
        ),
        6 => (
            ImputeStrategy::random_draw(draw.count() as u64),
            draw.columns(),
        ),
        _ => (ImputeStrategy::constant(i64::MAX), draw.numeric_columns()),
    };
    let mut imputer = Imputer::new(strategy).with_columns(columns);
    if draw.chance(0.3) {
        imputer = imputer.with_keys(draw.keys());
    }
    if draw.chance(0.3) {
        imputer = imputer.with_sketches();
    }
    if draw.flag() {
        imputer.with_indicator()
    } else {
        imputer
    }
}

fn knn_imputer(draw: &mut Draw<'_>) -> KnnImputer {
    let imputer = KnnImputer::new()
        .with_neighbors(draw.count())
        .with_weights(draw.pick([NeighborWeights::Uniform, NeighborWeights::Distance]));
    match draw.below(3) {
        0 => imputer.with_columns(draw.numeric_columns()),
        1 => imputer.with_metric(KnnMetric::Gower),
        _ => imputer
            .with_metric(KnnMetric::Gower)
            .with_columns(draw.columns()),
    }
}

fn iterative_imputer(draw: &mut Draw<'_>) -> IterativeImputer {
    let imputer = IterativeImputer::new()
        .with_columns(draw.numeric_columns())
        .with_initial(draw.pick([InitialFill::Mean, InitialFill::Median]));
    match draw.below(4) {
        0 => imputer.with_alpha(draw.float()),
        1 => imputer.with_tolerance(draw.float()),
        2 => imputer
            .with_min_value(draw.float())
            .with_max_value(draw.float()),
        _ => imputer.with_max_rounds(draw.below(30)),
    }
}

fn outliers(draw: &mut Draw<'_>) -> Outliers {
    let side = draw.pick([Side::Lower, Side::Upper, Side::Both]);
    let mut outliers = match draw.below(6) {
        0 => Outliers::z_score(draw.float(), side),
        1 => Outliers::mad(draw.float(), side),
        2 => Outliers::quantiles(draw.float() / 8.0..=1.0 - draw.float() / 8.0),
        3 => Outliers::fixed(..draw.float()),
        _ => Outliers::iqr(draw.float(), side),
    };
    if draw.chance(0.3) {
        outliers = outliers.with_keys(draw.keys());
    }
    if draw.chance(0.3) {
        outliers = outliers.with_sketches();
    }
    let action = draw.pick([
        OnOutlier::Cap,
        OnOutlier::CapBeside,
        OnOutlier::Null,
        OnOutlier::Flag,
    ]);
    let outliers = outliers.with_action(action);
    outliers.with_columns(draw.numeric_columns())
}

fn number_format(draw: &mut Draw<'_>) -> NumberFormat {
    let mut format = NumberFormat::new()
        .with_decimal_mark(draw.pick([DecimalMark::Point, DecimalMark::Comma]))
        .with_grouping(draw.pick([
            Grouping::None,
            Grouping::Comma,
            Grouping::Point,
            Grouping::Space,
            Grouping::Apostrophe,
        ]));
    if draw.flag() {
        format = format.with_percent();
    }
    if draw.flag() {
        format = format.with_accounting_negatives();
    }
    if draw.flag() {
        format = format.with_currency(["€".to_owned(), draw.text()]);
    }
    format
}

fn on_failure(draw: &mut Draw<'_>) -> OnFailure {
    match draw.below(10) {
        0 | 1 => OnFailure::Error,
        2..5 => OnFailure::Keep,
        _ => OnFailure::Null,
    }
}

fn numbers(draw: &mut Draw<'_>) -> NumericCoercer {
    let number_type = match draw.below(4) {
        0 => NumberType::Int64,
        1 => NumberType::Decimal {
            precision: draw.pick([0, 1, 9, 38, 39]),
            scale: draw.pick([-128, -2, 0, 2, 38]),
        },
        _ => NumberType::Float64,
    };
    NumericCoercer::new(draw.text_columns())
        .with_format(number_format(draw))
        .with_type(number_type)
        .with_on_failure(on_failure(draw))
}

fn booleans(draw: &mut Draw<'_>) -> BooleanCoercer {
    let mut coercer = match draw.flag() {
        true => BooleanCoercer::new(draw.text_columns()),
        false => BooleanCoercer::new(draw.columns()),
    };
    if draw.flag() {
        coercer = coercer.with_words([draw.text(), draw.text()], [draw.text()]);
    }
    coercer.with_on_failure(on_failure(draw))
}

fn down_cast(draw: &mut Draw<'_>) -> DownCast {
    let target = match draw.below(6) {
        0 => CastTarget::Signed,
        1 => CastTarget::Unsigned,
        2 => CastTarget::Float,
        3 => CastTarget::Type(draw.pick([
            DataType::Int8,
            DataType::UInt64,
            DataType::Float32,
            DataType::Float64,
            DataType::Utf8,
        ])),
        _ => CastTarget::Smallest,
    };
    let cast = DownCast::new(draw.numeric_columns()).with_target(target);
    let cast = match draw.chance(0.3) {
        true => cast.with_tolerance(draw.float()),
        false => cast,
    };
    cast.with_on_failure(on_failure(draw))
}

fn zones(draw: &mut Draw<'_>) -> ZoneCoercer {
    let zone = draw.pick(["UTC", "+02:00", "-09:30", "Europe/Berlin", "nowhere"]);
    let local_time = draw.pick([LocalTime::Refuse, LocalTime::Earlier, LocalTime::Later]);
    ZoneCoercer::new(vec![draw.temporal_column()], zone)
        .with_local_time(local_time)
        .with_on_failure(on_failure(draw))
}

fn units(draw: &mut Draw<'_>) -> TimestampUnit {
    draw.pick([
        TimestampUnit::Second,
        TimestampUnit::Millisecond,
        TimestampUnit::Microsecond,
        TimestampUnit::Nanosecond,
    ])
}

fn timestamps(draw: &mut Draw<'_>) -> TimestampParser {
    let mut parser = match draw.below(3) {
        0 => TimestampParser::joining([draw.text_column(), draw.column()]),
        1 => TimestampParser::new(draw.column()),
        _ => TimestampParser::new(draw.text_column()),
    };
    if draw.chance(0.3) {
        parser = parser.with_formats(["%Y-%m-%d".to_owned(), draw.text(), "%d/%m/%Y".into()]);
    }
    if draw.chance(0.2) {
        parser = parser.with_epoch(units(draw));
    }
    match draw.below(3) {
        0 => parser = parser.to_date(),
        1 => parser = parser.with_unit(units(draw)),
        _ => {}
    }
    if draw.flag() {
        parser = parser.with_ambiguous(Ambiguous::FirstFormat);
    }
    if draw.flag() {
        parser = parser.with_output(draw.pick(["parsed", "a", ""]));
    }
    parser.with_on_failure(on_failure(draw))
}

fn text(draw: &mut Draw<'_>) -> TextStandardiser {
    let mut text = TextStandardiser::new(draw.text_columns());
    if draw.flag() {
        text = text.with_trim();
    }
    if draw.flag() {
        text = text.with_collapsed_spaces();
    }
    #[cfg(feature = "unicode")]
    if draw.chance(0.3) {
        use alchemy_clean::NormalForm;
        text = text.with_normal_form(draw.pick([NormalForm::Nfc, NormalForm::Nfkc]));
    }
    if draw.flag() {
        text = text.with_case(draw.pick([Case::Lower, Case::Upper, Case::Title, Case::Fold]));
    }
    if draw.flag() {
        let pairs = [(draw.text(), draw.text()), (draw.text(), draw.text())];
        let mut synonyms = Synonyms::new(pairs);
        if draw.flag() {
            synonyms = synonyms.with_match_case();
        }
        text = text.with_synonyms(synonyms);
        if draw.chance(0.3) {
            let on_unmatched = [OnUnmatched::Keep, OnUnmatched::Null, OnUnmatched::Error];
            text = text.with_on_unmatched(draw.pick(on_unmatched));
        }
    }
    text
}

fn null_tokens(draw: &mut Draw<'_>) -> NullTokens {
    let tokens = NullTokens::new(draw.text_columns(), [draw.text(), draw.text()]);
    if draw.flag() {
        tokens.with_match_case()
    } else {
        tokens
    }
}

fn extract(draw: &mut Draw<'_>) -> RegexExtract {
    let pattern = draw.pick([r"(\w)", r"\d+|(a)?", r"^\s*(\S*)(.*)$"]);
    let mut extract = RegexExtract::new(draw.text_column(), pattern).unwrap();
    if draw.flag() {
        extract = extract.with_group(draw.below(3));
    }
    if draw.flag() {
        extract = extract.with_output(draw.pick(["taken", "a", ""]));
    }
    extract
}

fn replace(draw: &mut Draw<'_>) -> RegexReplace {
    let pattern = draw.pick([r"(\w)", "()", r"([^a-z])\b"]);
    let replacement = draw.pick(["", "$1$1", "$0-${1}x"]);
    RegexReplace::new(draw.text_columns(), pattern, replacement).unwrap()
}

fn rare_levels(draw: &mut Draw<'_>) -> RareLevels {
    let mut rare = RareLevels::new().with_columns(draw.text_columns());
    if draw.flag() {
        rare = rare.with_min_share(draw.float());
    }
    if draw.flag() {
        rare = rare.with_max_levels(draw.below(4));
    }
    rare.with_name(draw.text())
}

fn near_duplicates(draw: &mut Draw<'_>) -> NearDuplicates {
    let near = NearDuplicates::new(draw.text_columns()).with_min_ratio(2);
    if draw.flag() {
        near.with_letters_per_edit(draw.count())
    } else {
        near.with_letters_per_edit(2)
    }
}

fn forward_fill(draw: &mut Draw<'_>) -> ForwardFill {
    let mut fill = ForwardFill::of(draw.columns()).with_keys(draw.keys());
    if draw.chance(0.3) {
        fill = fill.with_time(draw.temporal_column());
    }
    if draw.flag() {
        fill = fill.with_limit(draw.count() as u64);
    }
    fill
}

fn missing_rows(draw: &mut Draw<'_>) -> MissingRows {
    let columns = draw.columns();
    match draw.below(4) {
        0 => MissingRows::any_of(columns),
        1 => MissingRows::all_of(columns),
        2 => MissingRows::more_missing_than(draw.float() / 4.0, columns),
        _ => MissingRows::fewer_present_than(draw.below(4) as u32, columns),
    }
}

fn number(draw: &mut Draw<'_>, depth: usize) -> Expr {
    let leaf = depth == 0 || draw.chance(0.3);
    match draw.below(if leaf { 3 } else { 9 }) {
        0 | 1 => col(draw.numeric_column()),
        2 => Expr::from(draw.float()),
        3 => number(draw, depth - 1) + number(draw, depth - 1),
        4 => number(draw, depth - 1) * number(draw, depth - 1),
        5 => number(draw, depth - 1) / number(draw, depth - 1),
        6 => -number(draw, depth - 1).abs(),
        7 => col(draw.text_column()).lower().length(),
        _ => condition(draw, depth - 1).then_else(number(draw, depth - 1), i64::MAX),
    }
}

fn condition(draw: &mut Draw<'_>, depth: usize) -> Expr {
    let leaf = depth == 0 || draw.chance(0.3);
    match draw.below(if leaf { 7 } else { 11 }) {
        0 => col(draw.text_column()).contains(draw.text()),
        1 => col(draw.text_column()).one_of([draw.text(), draw.text()]),
        2 => col(draw.temporal_column()).gt("2024-02-29"),
        3 => col(draw.column()).is_missing(),
        4 => col(draw.column()).eq(draw.text()),
        5 | 6 => col(draw.numeric_column()).lt_eq(draw.float()),
        7 => number(draw, depth - 1).gt(number(draw, depth - 1)),
        8 => condition(draw, depth - 1).and(condition(draw, depth - 1)),
        9 => condition(draw, depth - 1).or(condition(draw, depth - 1)),
        _ => !condition(draw, depth - 1),
    }
}

fn row_rule(draw: &mut Draw<'_>) -> RowRule {
    let rule = match draw.flag() {
        true => RowRule::require("rule", condition(draw, 3)),
        false => RowRule::forbid("rule", condition(draw, 3)),
    };
    rule.with_on_violation(match draw.below(8) {
        0 => OnViolation::Error,
        1..4 => OnViolation::flag(draw.pick(["bad", "worse", "a"])),
        _ => OnViolation::null([draw.column()]),
    })
}

fn backward_fill(draw: &mut Draw<'_>) -> BackwardFill {
    let mut fill = BackwardFill::of(draw.columns()).with_keys(draw.keys());
    if draw.flag() {
        fill = fill.with_limit(draw.count() as u64);
    }
    fill
}

fn interpolator(draw: &mut Draw<'_>) -> Interpolator {
    let mut fill = match draw.flag() {
        true => Interpolator::linear(draw.numeric_columns()),
        false => Interpolator::nearest(draw.columns()),
    };
    fill = match draw.below(3) {
        0 => fill,
        1 => fill.along(draw.numeric_column()),
        _ => fill.along(draw.temporal_column()),
    };
    if draw.flag() {
        fill = fill.with_limit(draw.count() as u64);
    }
    if draw.flag() {
        fill = fill.with_ends();
    }
    let direction = [
        FillDirection::Forward,
        FillDirection::Backward,
        FillDirection::Both,
    ];
    fill.with_direction(draw.pick(direction))
        .with_keys(draw.keys())
}

fn duplicates(draw: &mut Draw<'_>) -> Duplicates {
    let best = draw.column();
    let keep = draw.pick([
        Keep::First,
        Keep::Last,
        Keep::None,
        Keep::largest(best.clone()),
        Keep::smallest(best),
    ]);
    let duplicates = match draw.flag() {
        true => Duplicates::of_whole_rows(),
        false => Duplicates::on(draw.columns()),
    };
    let duplicates = match draw.flag() {
        true => duplicates.with_fingerprints(),
        false => duplicates,
    };
    duplicates.with_keep(keep)
}

fn derived(draw: &mut Draw<'_>) -> DerivedColumn {
    let name = draw.pick(["sum", "other", "a"]);
    match draw.flag() {
        true => DerivedColumn::new(name, number(draw, 3)),
        false => DerivedColumn::new(name, condition(draw, 3)),
    }
}

#[test]
fn random_pipelines_on_random_tables_find_nothing() {
    let report = Fuzz::new(steps())
        .with_step(|draw, pipeline| pipeline.then(imputer(draw)))
        .with_step(|draw, pipeline| pipeline.then(outliers(draw)))
        .with_step(|draw, pipeline| pipeline.then(knn_imputer(draw)))
        .with_step(|draw, pipeline| pipeline.then(iterative_imputer(draw)))
        .with_step(|draw, pipeline| {
            let dropper = NullColumnDropper::new().with_columns(draw.columns());
            pipeline.then(dropper.with_max_missing(draw.float() / 4.0))
        })
        .with_step(|draw, pipeline| pipeline.then(numbers(draw)))
        .with_step(|draw, pipeline| pipeline.then(booleans(draw)))
        .with_step(|draw, pipeline| pipeline.then(down_cast(draw)))
        .with_step(|draw, pipeline| pipeline.then(zones(draw)))
        .with_step(|draw, pipeline| pipeline.then(timestamps(draw)))
        .with_step(|draw, pipeline| pipeline.then(text(draw)))
        .with_step(|draw, pipeline| pipeline.then(null_tokens(draw)))
        .with_step(|draw, pipeline| pipeline.then(extract(draw)))
        .with_step(|draw, pipeline| pipeline.then(replace(draw)))
        .with_step(|draw, pipeline| pipeline.then(rare_levels(draw)))
        .with_step(|draw, pipeline| pipeline.then(near_duplicates(draw)))
        .with_step(|draw, pipeline| pipeline.then(row_rule(draw)))
        .with_step(|draw, pipeline| pipeline.then(derived(draw)))
        .with_step(|draw, pipeline| {
            pipeline.then(DeductiveImputer::new(
                draw.numeric_column(),
                number(draw, 2),
            ))
        })
        .with_step(|draw, pipeline| {
            if draw.chance(0.7) {
                // Steps that look back must not follow it.
                return pipeline;
            }
            let condition = condition(draw, 2);
            pipeline.training_rows(match draw.flag() {
                true => RowFilter::keep_where(condition),
                false => RowFilter::drop_where(condition),
            })
        })
        .with_step(|draw, pipeline| pipeline.then(forward_fill(draw)))
        .with_step(|draw, pipeline| {
            if draw.chance(0.7) {
                // They read the whole table, so they keep a pipeline from running live.
                return pipeline;
            }
            match draw.flag() {
                true => pipeline.then(interpolator(draw)),
                false => pipeline.then(backward_fill(draw)),
            }
        })
        .with_step(|draw, pipeline| {
            if draw.chance(0.7) {
                // Steps that look back must not follow it.
                return pipeline;
            }
            pipeline.training_rows(duplicates(draw))
        })
        .with_step(|draw, pipeline| {
            if draw.chance(0.7) {
                // As above.
                return pipeline;
            }
            pipeline.training_rows(missing_rows(draw))
        })
        .run()
        .unwrap_or_else(|finding| panic!("{finding}"));
    println!("{report:?}");
    // The cases must do more than be refused.
    assert!(report.transformed > report.cases / 2, "{report:?}");
    assert!(report.pushed > report.cases / 2, "{report:?}");
}
