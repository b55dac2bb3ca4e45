//! Random pipelines of the crate's steps on random tables.

use alchemy_clean::{
    Case, DecimalMark, Duplicates, ForwardFill, Grouping, ImputeStrategy, Imputer, InitialFill,
    Interpolator, IterativeImputer, Keep, KnnImputer, KnnMetric, NeighborWeights,
    NullColumnDropper, NumberFormat, NumericCoercer, OnFailure, OutlierCapper, Side, Synonyms,
    TextStandardiser, TimestampParser, steps,
};
use alchemy_core::conformance::{Draw, Fuzz};

fn imputer(draw: &mut Draw<'_>) -> Imputer {
    let (strategy, columns) = match draw.below(6) {
        0 => (ImputeStrategy::Median, draw.numeric_columns()),
        1 => (ImputeStrategy::Mean, draw.numeric_columns()),
        2 => (ImputeStrategy::Mode, draw.columns()),
        3 => (
            ImputeStrategy::constant(draw.float()),
            draw.numeric_columns(),
        ),
        4 => (ImputeStrategy::constant(draw.text()), draw.text_columns()),
        _ => (ImputeStrategy::constant(i64::MAX), draw.numeric_columns()),
    };
    let imputer = Imputer::new(strategy).with_columns(columns);
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
    if draw.chance(0.8) {
        OnFailure::Null
    } else {
        OnFailure::Error
    }
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
    if draw.flag() {
        text = text.with_case(draw.pick([Case::Lower, Case::Upper, Case::Title, Case::Fold]));
    }
    if draw.flag() {
        let pairs = [(draw.text(), draw.text()), (draw.text(), draw.text())];
        text = text.with_synonyms(Synonyms::new(pairs));
    }
    text
}

fn forward_fill(draw: &mut Draw<'_>) -> ForwardFill {
    let mut fill = ForwardFill::of(draw.numeric_column()).with_keys(draw.keys());
    if draw.flag() {
        fill = fill.with_time(draw.temporal_column());
    }
    if draw.flag() {
        fill = fill.with_limit(draw.count() as u64);
    }
    fill
}

#[test]
fn random_pipelines_on_random_tables_find_nothing() {
    let report = Fuzz::new(steps())
        .with_step(|draw, pipeline| pipeline.then(imputer(draw)))
        .with_step(|draw, pipeline| pipeline.then(knn_imputer(draw)))
        .with_step(|draw, pipeline| pipeline.then(iterative_imputer(draw)))
        .with_step(|draw, pipeline| {
            let side = draw.pick([Side::Lower, Side::Upper, Side::Both]);
            let capper = OutlierCapper::iqr(draw.float(), side);
            pipeline.then(capper.with_columns(draw.numeric_columns()))
        })
        .with_step(|draw, pipeline| {
            let dropper = NullColumnDropper::new().with_columns(draw.columns());
            pipeline.then(dropper.with_max_missing(draw.float() / 4.0))
        })
        .with_step(|draw, pipeline| {
            let coercer = NumericCoercer::new(draw.text_columns());
            let coercer = coercer.with_format(number_format(draw));
            pipeline.then(coercer.with_on_failure(on_failure(draw)))
        })
        .with_step(|draw, pipeline| pipeline.then(timestamps(draw)))
        .with_step(|draw, pipeline| pipeline.then(text(draw)))
        .with_step(|draw, pipeline| pipeline.then(forward_fill(draw)))
        .with_step(|draw, pipeline| {
            let fill = Interpolator::new(draw.numeric_column(), draw.temporal_column());
            if draw.chance(0.7) {
                // It reads the whole table, so it keeps a pipeline from running live.
                return pipeline;
            }
            pipeline.then(fill.with_keys(draw.keys()))
        })
        .with_step(|draw, pipeline| {
            if draw.chance(0.7) {
                // Steps that look back must not follow it.
                return pipeline;
            }
            let keep = draw.pick([Keep::First, Keep::Last, Keep::None]);
            let duplicates = match draw.flag() {
                true => Duplicates::of_whole_rows(),
                false => Duplicates::on(draw.columns()),
            };
            pipeline.training_rows(duplicates.with_keep(keep))
        })
        .run()
        .unwrap_or_else(|finding| panic!("{finding}"));
    println!("{report:?}");
    // The cases must do more than be refused.
    assert!(report.transformed > report.cases / 2, "{report:?}");
    assert!(report.pushed > report.cases / 2, "{report:?}");
}
