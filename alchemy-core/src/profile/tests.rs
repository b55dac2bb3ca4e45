use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, TimestampMillisecondArray, UInt64Array,
};
use arrow::datatypes::{Int8Type, Int64Type};

use super::*;
use crate::Accumulate;
use crate::random::Stream;
use crate::stats::Quantile;

pub(super) fn table<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn text(cells: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

fn kinds(profile: &Profile, column: &str) -> Vec<FindingKind> {
    let of_column = profile
        .findings
        .iter()
        .filter(|finding| finding.column.as_deref() == Some(column));
    of_column.map(|finding| finding.kind.clone()).collect()
}

/// 300 rows with nulls, NaN, ties, an infinity and every kind of column.
pub(super) fn mixed() -> RecordBatch {
    let mut stream = Stream::new(11, &[]);
    let mut pick = |bound: u64| i64::try_from(stream.below(bound)).unwrap();
    let codes: Vec<i64> = (0..300).map(|_| pick(40)).collect();
    let floats = codes.iter().map(|code| match code {
        0 => None,
        1 => Some(f64::NAN),
        2 => Some(f64::INFINITY),
        code => Some(*code as f64 / 3.0),
    });
    let words: Vec<Option<String>> = codes
        .iter()
        .map(|code| (code % 5 != 0).then(|| format!("w{}", code % 7)))
        .collect();
    let lists = codes.iter().map(|code| Some(vec![Some(*code)]));
    let dictionary: DictionaryArray<Int8Type> = words.iter().map(|word| word.as_deref()).collect();
    table([
        (
            "integer",
            Arc::new(Int64Array::from(codes.clone())) as ArrayRef,
        ),
        ("float", Arc::new(floats.collect::<Float64Array>())),
        ("word", Arc::new(StringArray::from(words.clone()))),
        ("dictionary", Arc::new(dictionary)),
        (
            "flag",
            Arc::new(
                codes
                    .iter()
                    .map(|code| Some(code % 2 == 0))
                    .collect::<BooleanArray>(),
            ),
        ),
        (
            "day",
            Arc::new(
                codes
                    .iter()
                    .map(|code| i32::try_from(*code).ok())
                    .collect::<Date32Array>(),
            ),
        ),
        (
            "list",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)),
        ),
    ])
}

#[test]
fn a_blank_among_numbers_is_found() {
    let batch = table([
        ("charge", text(&["1.5", "20", " ", "1.5", "7"])),
        ("zip", text(&["01", "02", "3", "4", "5"])),
    ]);
    let profile = Profile::of(&batch).unwrap();
    let found = FindingKind::NumberAsText {
        numbers: 4,
        blank: 1,
        other: 0,
    };
    assert_eq!(kinds(&profile, "charge"), [found]);
    assert_eq!(kinds(&profile, "zip"), [FindingKind::UniqueKey]);
}

#[test]
fn text_findings_name_what_is_wrong() {
    let batch = table([
        ("city", text(&["Rome", "rome ", "Oslo", "", "Oslo"])),
        ("one", text(&["a", "a", "a", "a", "a"])),
    ]);
    let profile = Profile::of(&batch).unwrap();
    let expected = [
        FindingKind::BlankText { cells: 1 },
        FindingKind::OuterSpaces { cells: 1 },
        FindingKind::CaseVariants { values: 1 },
    ];
    assert_eq!(kinds(&profile, "city"), expected);
    assert_eq!(
        kinds(&profile, "one"),
        [FindingKind::Constant {
            value: "a".to_owned()
        }]
    );
    assert_eq!(profile.duplicate_rows, 1);
    assert_eq!(
        profile.findings[0].kind,
        FindingKind::DuplicateRows { rows: 1 }
    );
}

#[test]
fn dates_as_text_are_found_with_their_formats() {
    let batch = table([
        (
            "iso",
            text(&[
                "2024-01-31",
                "2024-02-01",
                " ",
                "2024-01-31",
                "?",
                "2024-03-01",
            ]),
        ),
        (
            "mixed",
            text(&[
                "2024-01-31",
                "31/01/2024",
                "01/02/2024",
                "",
                "5 Jan 2024",
                "2024-03-01",
            ]),
        ),
        (
            "either",
            text(&[
                "01/02/2024",
                "03/04/2024",
                "05/06/2024",
                "1/7/2024",
                "2/8/2024",
                "3/9/2024",
            ]),
        ),
        (
            "some",
            text(&["2024-01-31", "31/01/2024", "x", "y", "z", "x"]),
        ),
    ]);
    let profile = Profile::of(&batch).unwrap();
    let printed = |column: &str| {
        let kinds = profile
            .findings
            .iter()
            .filter(|finding| finding.column.as_deref() == Some(column));
        kinds.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        printed("iso"),
        ["iso: is text, but 4 cells are dates (%Y-%m-%d), 1 blank, 1 neither"]
    );
    assert_eq!(
        printed("mixed"),
        [
            "mixed: is text that holds dates in several formats: 2 as %Y-%m-%d, 2 as %d/%m/%Y, 1 as %d %b %Y, 1 blank, 0 neither"
        ]
    );
    assert_eq!(
        printed("either"),
        [
            "either: is text, but 6 cells are dates (%d/%m/%Y or %m/%d/%Y), 0 blank, 0 neither",
            "either: 6 dates may begin with the day or with the month",
        ]
    );
    assert_eq!(printed("some"), [""; 0]);
}

#[test]
fn integers_keep_all_their_digits() {
    let near = [i64::MAX, i64::MAX - 1, i64::MIN, i64::MAX];
    let large = [u64::MAX, u64::MAX - 1, 0, 7];
    let batch = table([
        (
            "signed",
            Arc::new(Int64Array::from(near.to_vec())) as ArrayRef,
        ),
        ("unsigned", Arc::new(UInt64Array::from(large.to_vec()))),
    ]);
    let profile = Profile::of(&batch).unwrap();
    let signed = profile.column("signed").unwrap();
    assert_eq!(
        (signed.distinct, signed.top[0].value.as_str()),
        (3, "9223372036854775807")
    );
    assert_eq!(profile.column("unsigned").unwrap().distinct, 4);
}

#[test]
fn instants_print_as_arrow_prints_them() {
    let batch = table([
        (
            "day",
            Arc::new(Date32Array::from(vec![Some(0), None, Some(366)])) as ArrayRef,
        ),
        (
            "at",
            Arc::new(TimestampMillisecondArray::from(vec![1500, 0, 1500])),
        ),
    ]);
    let profile = Profile::of(&batch).unwrap();
    let ends = |first: &str, last: &str, rows: [u64; 2]| Summary::Temporal {
        first: first.to_owned(),
        last: last.to_owned(),
        first_row: Some(rows[0]),
        last_row: Some(rows[1]),
    };
    assert_eq!(
        profile.column("day").unwrap().summary,
        ends("1970-01-01", "1971-01-02", [0, 2])
    );
    let at = profile.column("at").unwrap();
    assert_eq!(
        at.summary,
        ends("1970-01-01T00:00:00", "1970-01-01T00:00:01.500", [1, 0])
    );
    assert_eq!(
        at.top[0],
        ValueCount {
            value: "1970-01-01T00:00:01.500".to_owned(),
            count: 2
        }
    );
}

#[test]
fn rows_repeat_where_missing_values_agree() {
    let batch = table([
        (
            "x",
            Arc::new(Float64Array::from(vec![
                Some(f64::NAN),
                None,
                Some(0.0),
                Some(-0.0),
                None,
            ])) as ArrayRef,
        ),
        (
            "t",
            Arc::new(StringArray::from(vec![
                Some("a"),
                Some("a"),
                None,
                None,
                None,
            ])),
        ),
    ]);
    let profile = Profile::of(&batch).unwrap();
    assert_eq!(profile.duplicate_rows, 2);
    let x = profile.column("x").unwrap();
    assert_eq!((x.nulls, x.nans, x.distinct), (3, 1, 1));
}

#[test]
fn cuts_merges_and_slices_do_not_show() {
    let batch = mixed();
    let whole = Profile::of(&batch).unwrap();
    for size in [1, 7, 64, 299] {
        let profiler = Profiler::new();
        let mut parts = Vec::new();
        for start in (0..batch.num_rows()).step_by(size) {
            let mut part = profiler
                .accumulator(batch.schema_ref())
                .starting_at(start as u64);
            part.update(&batch.slice(start, size.min(batch.num_rows() - start)))
                .unwrap();
            parts.push(part);
        }
        Stream::new(size as u64, &[]).shuffle(&mut parts);
        let mut merged = parts.pop().unwrap();
        for part in parts {
            merged.merge(part).unwrap();
        }
        let text = serde_json::to_string(&merged).unwrap();
        let stored: ProfileAccumulator = serde_json::from_str(&text).unwrap();
        let cut = stored.finish().unwrap();
        // The bytes of dictionaries and of bit-packed values depend on the cuts.
        assert_eq!(without_bytes(cut), without_bytes(whole.clone()), "{size}");
    }
}

#[test]
fn extremes_name_the_first_row_unless_rows_are_numbered_twice() {
    let numbers = table([(
        "n",
        Arc::new(Int64Array::from(vec![2, 7, 1, 7, 1])) as ArrayRef,
    )]);
    let part = |start: u64| {
        let mut part = Profiler::new()
            .accumulator(numbers.schema_ref())
            .starting_at(start);
        part.update(&numbers).unwrap();
        part
    };
    let rows = |accumulator: ProfileAccumulator| {
        let profile = accumulator.finish().unwrap();
        let Summary::Numeric(summary) = &profile.columns[0].summary else {
            panic!("an integer column is numeric");
        };
        (summary.min_row, summary.max_row)
    };
    assert_eq!(rows(part(0)), (Some(2), Some(1)));
    let mut later = part(5);
    later.merge(part(0)).unwrap();
    assert_eq!(rows(later.clone()), (Some(2), Some(1)));
    later.merge(part(9)).unwrap();
    assert_eq!(rows(later), (None, None));
}

pub(super) fn without_bytes(mut profile: Profile) -> Profile {
    profile.bytes = 0;
    profile
        .columns
        .iter_mut()
        .for_each(|column| column.bytes = 0);
    profile
}

#[test]
fn a_profile_is_json_infinities_included() {
    let profile = Profile::of(&mixed()).unwrap();
    let text = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
    assert!(text.contains(r#""max":"inf""#));
    let Summary::Numeric(float) = &profile.column("float").unwrap().summary else {
        panic!("a float column is numeric");
    };
    assert_eq!((float.mean, float.std_dev), (None, None));
    assert!(float.infinities > 0);
}

#[test]
fn chosen_quantiles_and_values_are_kept() {
    let numbers = Arc::new(Int64Array::from_iter_values(0..101)) as ArrayRef;
    let q = Quantile::new(0.9).unwrap();
    let profiler = Profiler::new().with_quantiles([q]).with_top(2);
    let profile = profiler.profile(&table([("n", numbers)])).unwrap();
    let column = profile.column("n").unwrap();
    let Summary::Numeric(summary) = &column.summary else {
        panic!("an integer column is numeric");
    };
    assert_eq!(
        (summary.quantile(q), summary.quantile(Quantile::MEDIAN)),
        (Some(90.0), None)
    );
    assert_eq!(
        (column.top.len(), summary.zeros, summary.std_dev),
        (2, 1, Some(858.5_f64.sqrt()))
    );
    assert_eq!(summary.histogram.counts().iter().sum::<u64>(), 101);
}

#[test]
fn empty_tables_have_a_profile() {
    let empty = mixed().slice(0, 0);
    let profile = Profile::of(&empty).unwrap();
    assert_eq!((profile.rows, profile.duplicate_rows), (0, 0));
    assert!(
        profile
            .columns
            .iter()
            .all(|column| column.distinct == 0 && column.summary == Summary::None)
    );
    assert!(profile.to_string().starts_with("0 rows, 7 columns"));
}

#[test]
fn the_table_lines_up() {
    let printed = Profile::of(&mixed()).unwrap().to_string();
    let mut lines = printed.lines().skip(2);
    let head = lines.next().unwrap();
    let end = head.find("missing").unwrap() + "missing".len();
    let mut columns = 0;
    for line in lines.take_while(|line| !line.is_empty()) {
        assert!(
            line[..end].ends_with(|c: char| c.is_ascii_digit()) && line[end..].starts_with(' '),
            "{printed}"
        );
        columns += 1;
    }
    assert_eq!(columns, 7);
}

#[test]
fn another_table_is_refused() {
    let mut accumulator = Profiler::new().accumulator(mixed().schema_ref());
    assert!(accumulator.update(&table([("x", text(&["a"]))])).is_err());
    let other = Profiler::new().accumulator(table([("x", text(&["a"]))]).schema_ref());
    assert!(accumulator.merge(other).is_err());
}

#[test]
fn a_table_meets_the_contract_of_its_profile() {
    let far = Arc::new(Int64Array::from(
        (0..300).map(|row| i64::MAX - row % 7).collect::<Vec<_>>(),
    )) as ArrayRef;
    let key: StringArray = (0..300).map(|row| Some(format!("k{row}"))).collect();
    let price: StringArray = (0..300)
        .map(|row| {
            (row % 9 != 0).then(|| {
                if row % 5 == 0 {
                    " ".to_owned()
                } else {
                    format!("{row}.5")
                }
            })
        })
        .collect();
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    let mixed = mixed();
    for (field, array) in mixed.schema_ref().fields().iter().zip(mixed.columns()) {
        columns.push((field.name().clone(), array.clone()));
    }
    let zoned = TimestampMillisecondArray::from_iter_values(0..300).with_timezone("Europe/Berlin");
    columns.push(("far".to_owned(), far));
    columns.push(("key".to_owned(), Arc::new(key)));
    columns.push(("price".to_owned(), Arc::new(price)));
    columns.push(("zoned".to_owned(), Arc::new(zoned)));
    columns.push((
        "huge".to_owned(),
        Arc::new(Float64Array::from(
            (0..300)
                .map(|row| if row % 2 == 0 { f64::MAX } else { f64::MIN })
                .collect::<Vec<_>>(),
        )),
    ));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let contract = Profile::of(&batch).unwrap().to_contract().unwrap();
    let report = contract.check(&batch);
    assert_eq!(report.failed().count(), 0, "{report}");
    assert!(report.passed());
    let rules = contract.columns().iter().map(|column| {
        let rules = column.expectations().iter();
        (
            column.name(),
            rules
                .map(|rule| rule.expectation().to_string())
                .collect::<Vec<_>>()
                .join("; "),
        )
    });
    let rules: Vec<_> = rules
        .filter(|(name, _)| ["key", "day", "flag"].contains(name))
        .collect();
    assert_eq!(
        rules,
        [
            ("flag", "present".to_owned()),
            ("day", "present".to_owned()),
            ("key", "present; unique; of a length in [2, 4]".to_owned()),
        ]
    );
    for name in ["word", "dictionary"] {
        let column = contract
            .columns()
            .iter()
            .find(|column| column.name() == name)
            .unwrap();
        assert!(
            column
                .expectations()
                .iter()
                .any(|rule| matches!(rule.expectation(), crate::Expectation::OneOf(_)))
        );
    }
}

#[test]
fn threads_do_not_show() {
    let batch = mixed();
    let whole = Profile::of(&batch).unwrap();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        for profiler in [Profiler::new(), Profiler::new().with_sketches()] {
            let found = pool.install(|| profiler.profile(&batch)).unwrap();
            assert_eq!(found, profiler.profile(&batch).unwrap());
        }
        assert_eq!(pool.install(|| Profile::of(&batch)).unwrap(), whole);
    }
}
