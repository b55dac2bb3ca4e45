//! What does it cost to read text as numbers, Booleans and times, and to cast to smaller types?

use std::sync::Arc;

use alchemy_clean::arrow::array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use alchemy_clean::{
    BooleanCoercer, DecimalMark, DownCast, Fit, Grouping, NumberFormat, NumberType, NumericCoercer,
    TimestampParser, TimestampUnit, Transform, ZoneCoercer,
};
use criterion::Criterion;

const ROWS: usize = 1_000_000;

/// Seconds between rows of times: they run through ten years.
const STEP: usize = 317;

fn batch(array: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter([("x", array)]).unwrap()
}

fn texts(cell: impl Fn(usize) -> String) -> RecordBatch {
    batch(Arc::new(
        (0..ROWS)
            .map(|row| Some(cell(row)))
            .collect::<StringArray>(),
    ))
}

/// A time in parts: year, month, day, hour, minute, second.
fn parts(row: usize) -> [usize; 6] {
    let seconds = row * STEP;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, day) = (2015 + days / 365, days % 365);
    [
        year,
        1 + day / 31,
        1 + day % 28,
        second / 3600,
        second / 60 % 60,
        second % 60,
    ]
}

fn seconds(row: usize, between: char) -> String {
    let [year, month, day, hour, minute, second] = parts(row);
    format!("{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}")
}

#[expect(clippy::too_many_lines, reason = "a list of cases")]
pub(crate) fn coerce(criterion: &mut Criterion) {
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"];
    let first = TimestampParser::new("x").with_formats(formats);
    let mixed = |row: usize| match row % 3 {
        0 => seconds(row, ' '),
        1 => seconds(row, 'T'),
        _ => {
            let [year, month, day, hour, minute, _] = parts(row);
            format!("{day:02}/{month:02}/{year:04} {hour:02}:{minute:02}")
        }
    };
    let german = NumberFormat::new()
        .with_decimal_mark(DecimalMark::Comma)
        .with_grouping(Grouping::Point);
    let german_cell = |row: usize| format!("{}.{:03},{:02}", row / 1000 + 1, row % 1000, row % 100);
    let price = |row: usize| format!("{}.{:02}", row % 10_000, row % 100);
    let long = |row: usize| format!("{}", 1.0 / (row + 3) as f64);
    let words = ["yes", "No", "TRUE", "0"];
    let numbers = NumericCoercer::new("x");
    let clock = (0_i64..).take(ROWS).map(|row| Some(row * 60_000_000));
    let clock = batch(Arc::new(clock.collect::<TimestampMicrosecondArray>()));
    let counts = batch(Arc::new(
        (0_i64..).take(ROWS).map(Some).collect::<Int64Array>(),
    ));
    let dollars = |row: usize| format!("${},{:03}.50", row / 1000 + 1, row % 1000);
    let amounts = NumberFormat::new()
        .with_grouping(Grouping::Comma)
        .with_currency(["$"]);

    let cases: [(&str, RecordBatch, Box<dyn Transform>); 13] = [
        ("number/short", texts(price), Box::new(numbers.clone())),
        ("number/long", texts(long), Box::new(numbers.clone())),
        (
            "number/german",
            texts(german_cell),
            Box::new(numbers.clone().with_format(german)),
        ),
        (
            "number/dollars",
            texts(dollars),
            Box::new(numbers.clone().with_format(amounts)),
        ),
        (
            "number/int64",
            texts(|row| row.to_string()),
            Box::new(numbers.with_type(NumberType::Int64)),
        ),
        (
            "boolean",
            texts(|row| words[row % 4].into()),
            Box::new(BooleanCoercer::new("x")),
        ),
        (
            "time/first_format",
            texts(|row| seconds(row, ' ')),
            Box::new(first.clone()),
        ),
        ("time/three_formats", texts(mixed), Box::new(first.clone())),
        (
            "time/rivals",
            texts(|row| {
                let [year, month, _, _, _, _] = parts(row);
                format!("{:02}/{month:02}/{year:04}", 13 + row % 15)
            }),
            Box::new(
                TimestampParser::new("x")
                    .with_formats(["%d/%m/%Y", "%m/%d/%Y"])
                    .to_date(),
            ),
        ),
        (
            "time/offset",
            texts(|row| seconds(row, 'T') + "+02:00"),
            Box::new(TimestampParser::new("x").with_formats(["%Y-%m-%dT%H:%M:%S%#z"])),
        ),
        (
            "time/epoch",
            counts.clone(),
            Box::new(TimestampParser::new("x").with_epoch(TimestampUnit::Millisecond)),
        ),
        (
            "zone/offset",
            clock.clone(),
            Box::new(ZoneCoercer::new("x", "+02:00")),
        ),
        (
            "zone/name",
            clock,
            Box::new(ZoneCoercer::new("x", "Europe/Berlin")),
        ),
    ];
    let mut group = criterion.benchmark_group("coerce");
    group.sample_size(10);
    for (name, batch, step) in &cases {
        group.bench_function(format!("{name}/{ROWS}x1"), |bencher| {
            bencher.iter(|| step.transform(batch).unwrap());
        });
    }
    let halves = batch(Arc::new(
        (0..ROWS)
            .map(|row| Some(row as f64 / 2.0))
            .collect::<Float64Array>(),
    ));
    for (name, batch) in [("integers", counts), ("floats", halves)] {
        let fitted = DownCast::new("x").fit(&batch).unwrap();
        group.bench_function(format!("down_cast/{name}/learn/{ROWS}x1"), |bencher| {
            bencher.iter(|| DownCast::new("x").fit(&batch).unwrap());
        });
        group.bench_function(format!("down_cast/{name}/cast/{ROWS}x1"), |bencher| {
            bencher.iter(|| fitted.transform(&batch).unwrap());
        });
    }
    group.finish();
}
