//! What does a cell of text cost, where few values repeat and where each is another one?

use std::hint::black_box;
use std::sync::Arc;

use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, StringArray};
use alchemy_clean::arrow::compute::cast;
use alchemy_clean::arrow::datatypes::DataType;
use alchemy_clean::{
    Case, Fit, NearDuplicates, NullTokens, RareLevels, RegexExtract, RegexReplace, Synonyms,
    TextStandardiser, Transform,
};
use criterion::Criterion;

const ROWS: usize = 1_000_000;
const DISTINCT: usize = 20_000;

/// A number that looks random, the same for the same row.
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
fn mixed(row: usize) -> usize {
    (row as u64 + 1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29) as usize
}

fn batch(cells: impl Iterator<Item = String>) -> RecordBatch {
    let array = Arc::new(StringArray::from_iter_values(cells)) as ArrayRef;
    RecordBatch::try_from_iter([("x", array)]).unwrap()
}

fn categories() -> RecordBatch {
    const WORDS: [&str; 12] = [
        "Electronics",
        "electronics ",
        "Home & Garden",
        " home & garden",
        "TOYS",
        "toys",
        "Books",
        "books ",
        "Clothing",
        "CLOTHING",
        "sports",
        " Sports",
    ];
    batch((0..ROWS).map(|row| WORDS[mixed(row) % WORDS.len()].to_owned()))
}

fn countries() -> RecordBatch {
    const WORDS: [&str; 7] = [
        "USA",
        "U.S.A",
        "united states",
        "UK ",
        "U.K.",
        "germany",
        "France",
    ];
    batch((0..ROWS).map(|row| WORDS[mixed(row) % WORDS.len()].to_owned()))
}

fn names() -> RecordBatch {
    batch((0..ROWS).map(|row| format!(" Customer Number {:x}", mixed(row))))
}

/// Words of which one in twenty cells is a slip.
fn slips() -> RecordBatch {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    let word = |number: usize| {
        let letters =
            (0..10).map(|at| char::from(LETTERS[mixed(number * 10 + at) % LETTERS.len()]));
        letters.collect::<String>()
    };
    batch((0..ROWS).map(|row| {
        let mut cell = word(mixed(row) % DISTINCT);
        if row % 20 == 0 {
            cell.replace_range(3..4, "x");
        }
        cell
    }))
}

pub(crate) fn steps(criterion: &mut Criterion) {
    let synonyms = Synonyms::new([
        ("usa", "United States"),
        ("u.s.a", "United States"),
        ("uk", "United Kingdom"),
        ("u.k.", "United Kingdom"),
    ]);
    let text = || TextStandardiser::new("x").with_trim();
    let (categories, countries, names, slips) = (categories(), countries(), names(), slips());
    let dictionary = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
    let encoded = cast(categories.column(0), &dictionary).unwrap();
    let encoded = RecordBatch::try_from_iter([("x", encoded)]).unwrap();
    let lower = text().with_case(Case::Lower);
    let title = text().with_case(Case::Title);
    let rare = RareLevels::new().with_columns("x");
    let fitted = rare.fit(&categories).unwrap();

    let mut group = criterion.benchmark_group("text");
    group.sample_size(10);
    let mut transform = |name: &str, step: &dyn Transform, batch: &RecordBatch| {
        group.bench_function(format!("{name}/{ROWS}x1"), |bencher| {
            bencher.iter(|| step.transform(black_box(batch)).unwrap());
        });
    };
    transform("trim and lower, 12 values", &lower, &categories);
    transform("trim and lower, a dictionary", &lower, &encoded);
    transform("trim and lower, all different", &lower, &names);
    transform(
        "trim, title and synonyms, 7 values",
        &title.clone().with_synonyms(synonyms),
        &countries,
    );
    transform("trim and title, all different", &title, &names);
    transform(
        "null tokens, 12 values",
        &NullTokens::new("x", ["error", ""]),
        &categories,
    );
    let replace = RegexReplace::new("x", r"\s+", " ").unwrap();
    transform("regex replace, 12 values", &replace, &categories);
    transform("regex replace, all different", &replace, &names);
    let extract = RegexExtract::new("x", r"Number (\w+)").unwrap();
    transform("regex extract, all different", &extract, &names);
    transform("rare levels, 12 values", &fitted, &categories);
    group.bench_function(
        format!("learn rare levels, 12 values/{ROWS}x1"),
        |bencher| {
            bencher.iter(|| rare.fit(&categories).unwrap());
        },
    );
    let near = NearDuplicates::new("x").with_max_distinct(2 * ROWS);
    group.bench_function(
        format!("learn near duplicates of {DISTINCT} words/{ROWS}x1"),
        |bencher| {
            bencher.iter(|| near.fit(&slips).unwrap());
        },
    );
    group.finish();
}
