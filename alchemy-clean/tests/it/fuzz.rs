//! Random pipelines of the crate's steps on random tables.

use alchemy_clean::{
    Case, DecimalMark, Duplicates, ForwardFill, Grouping, ImputeStrategy, Imputer, Interpolator,
    Keep, NearDuplicates, NullColumnDropper, NullTokens, NumberFormat, NumericCoercer, OnFailure,
    OnUnmatched, OutlierCapper, RareLevels, RegexExtract, RegexReplace, Side, Synonyms,
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
        .with_step(|draw, pipeline| pipeline.then(null_tokens(draw)))
        .with_step(|draw, pipeline| pipeline.then(extract(draw)))
        .with_step(|draw, pipeline| pipeline.then(replace(draw)))
        .with_step(|draw, pipeline| pipeline.then(rare_levels(draw)))
        .with_step(|draw, pipeline| pipeline.then(near_duplicates(draw)))
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
