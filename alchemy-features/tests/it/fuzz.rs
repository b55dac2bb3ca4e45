//! Random pipelines of the crate's steps on random tables.

use alchemy_core::conformance::{Draw, Fuzz};
use alchemy_core::stats::Quantile;
use alchemy_features::{
    Calendar, CalendarPart, Difference, Lag, OneHotEncoder, OrdinalEncoder, Rolling,
    StandardScaler, steps,
};

fn lag(draw: &mut Draw<'_>) -> Lag {
    let lags: Vec<usize> = (0..=draw.below(3)).map(|_| draw.count()).collect();
    let lag = Lag::of(draw.numeric_column())
        .by(lags)
        .with_keys(draw.keys());
    if draw.flag() {
        lag.with_time(draw.temporal_column())
    } else {
        lag
    }
}

fn rolling(draw: &mut Draw<'_>) -> Rolling {
    let mut rolling = Rolling::of(draw.numeric_column())
        .window(draw.count())
        .with_keys(draw.keys());
    for _ in 0..=draw.below(3) {
        rolling = match draw.below(7) {
            0 => rolling.sum(),
            1 => rolling.mean(),
            2 => rolling.std_dev(),
            3 => rolling.min(),
            4 => rolling.max(),
            5 => rolling.median(),
            _ => match Quantile::new(draw.float()) {
                Ok(quantile) => rolling.quantile(quantile),
                Err(_) => rolling.mean(),
            },
        };
    }
    if draw.flag() {
        rolling = rolling.with_min_periods(draw.count());
    }
    if draw.flag() {
        rolling = rolling.ending(draw.count());
    } else if draw.flag() {
        rolling = rolling.including_current();
    }
    if draw.flag() {
        rolling = rolling.with_time(draw.temporal_column());
    }
    rolling
}

fn calendar(draw: &mut Draw<'_>) -> Calendar {
    let calendar = Calendar::of(draw.temporal_column());
    if draw.flag() {
        return calendar;
    }
    let parts = [
        CalendarPart::Second,
        CalendarPart::DayOfYear,
        CalendarPart::IsoWeek,
        CalendarPart::Quarter,
        CalendarPart::Year,
    ];
    let first = draw.pick(parts);
    calendar.with_parts([first, draw.pick(parts)])
}

fn one_hot(draw: &mut Draw<'_>) -> OneHotEncoder {
    let encoder = OneHotEncoder::new().with_columns(draw.text_columns());
    let encoder =
        encoder.with_max_levels(u32::try_from(draw.count().saturating_mul(10)).unwrap_or(u32::MAX));
    if draw.flag() {
        encoder.with_missing_column()
    } else {
        encoder
    }
}

fn scaler(draw: &mut Draw<'_>) -> StandardScaler {
    let scaler = StandardScaler::new().with_columns(draw.numeric_columns());
    if draw.flag() {
        scaler.with_population_std_dev()
    } else {
        scaler
    }
}

#[test]
fn random_pipelines_on_random_tables_find_nothing() {
    let report = Fuzz::new(steps())
        .with_step(|draw, pipeline| pipeline.then(lag(draw)))
        .with_step(|draw, pipeline| pipeline.then(rolling(draw)))
        .with_step(|draw, pipeline| pipeline.then(calendar(draw)))
        .with_step(|draw, pipeline| {
            let others = [draw.numeric_column(), draw.numeric_column()];
            pipeline.then(Difference::of(draw.numeric_column()).minus(others))
        })
        .with_step(|draw, pipeline| pipeline.then(one_hot(draw)))
        .with_step(|draw, pipeline| {
            pipeline.then(OrdinalEncoder::new().with_columns(draw.columns()))
        })
        .with_step(|draw, pipeline| pipeline.then(scaler(draw)))
        .run()
        .unwrap_or_else(|finding| panic!("{finding}"));
    println!("{report:?}");
    // The cases must do more than be refused.
    assert!(report.transformed > report.cases / 2, "{report:?}");
    assert!(report.pushed > report.cases / 2, "{report:?}");
}
