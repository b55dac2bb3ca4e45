use std::sync::Arc;

use alchemy_core::arrow::array::{
    AsArray, Date32Array, Float32Array, Float64Array, Int64Array, StringArray,
    TimestampNanosecondArray, UInt8Array, UInt64Array,
};
use alchemy_core::arrow::datatypes::Float64Type;
use proptest::prelude::*;

use super::*;

const INF: f64 = f64::INFINITY;

fn table(along: impl Array + 'static, x: impl Array + 'static) -> RecordBatch {
    let columns = [("t", Arc::new(along) as ArrayRef), ("x", Arc::new(x))];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn x_of(batch: &RecordBatch) -> Vec<Option<f64>> {
    let x = batch.column_by_name("x").unwrap();
    x.as_primitive::<Float64Type>().iter().collect()
}

fn fill(along: impl Array + 'static, values: Vec<Option<f64>>) -> Vec<Option<f64>> {
    let step = Interpolator::linear("x").along("t");
    x_of(
        &step
            .transform(&table(along, Float64Array::from(values)))
            .unwrap(),
    )
}

#[test]
fn the_order_of_rows_does_not_matter_but_time_does() {
    let times = TimestampNanosecondArray::from(vec![Some(30), Some(0), Some(20), Some(10), None])
        .with_timezone("Europe/Berlin");
    let values = vec![Some(6.0), Some(0.0), None, None, None];
    let wanted = vec![Some(6.0), Some(0.0), Some(4.0), Some(2.0), None];
    assert_eq!(fill(times, values), wanted);
}

#[test]
fn equal_places_and_the_ends_of_the_line_are_no_trouble() {
    let wanted = vec![Some(1.0), Some(1.0), Some(3.0)];
    let x = vec![Some(1.0), None, Some(3.0)];
    assert_eq!(fill(Int64Array::from(vec![5; 3]), x), wanted);
    let x = || vec![Some(0.0), None, Some(8.0)];
    let ends = Int64Array::from(vec![i64::MIN, 0, i64::MAX]);
    assert_eq!(fill(ends, x())[1], Some(4.0));
    let ends = UInt64Array::from(vec![0, 1 << 62, u64::MAX]);
    assert_eq!(fill(ends, x())[1], Some(2.0));
    let ends = Float64Array::from(vec![f64::MIN, 0.0, f64::MAX]);
    assert_eq!(fill(ends, x())[1], Some(4.0));
}

#[test]
fn neighbouring_ticks_beyond_2_to_the_53_are_told_apart() {
    let big = 1 << 60;
    let ticks = Int64Array::from(vec![big, big + 1, big + 4]);
    assert_eq!(fill(ticks, vec![Some(0.0), None, Some(8.0)])[1], Some(2.0));
}

#[test]
fn a_row_without_a_finite_place_is_no_neighbour() {
    let places = Float64Array::from(vec![Some(0.0), Some(INF), None, Some(f64::NAN), Some(1.0)]);
    let values = vec![Some(0.0), None, Some(9.0), None, None];
    assert_eq!(fill(places, values.clone()), values);
}

#[test]
fn between_infinities_there_is_no_line() {
    let times = || Date32Array::from(vec![0, 1, 2]);
    assert_eq!(fill(times(), vec![Some(-INF), None, Some(INF)])[1], None);
    assert_eq!(
        fill(times(), vec![Some(0.0), None, Some(INF)])[1],
        Some(INF)
    );
    assert_eq!(
        fill(times(), vec![Some(INF), None, Some(INF)])[1],
        Some(INF)
    );
    assert_eq!(
        fill(times(), vec![Some(-1e308), None, Some(1e308)])[1],
        Some(0.0)
    );
}

#[test]
fn several_columns_keep_what_type_they_can_and_cells_are_counted() {
    let key = Arc::new(StringArray::from(vec!["a", "b", "a", "b", "a"])) as ArrayRef;
    let small = Float32Array::from(vec![Some(0.0), Some(9.0), None, None, Some(4.0)]);
    let whole = Int64Array::from(vec![Some(0), Some(9), None, None, Some(3)]);
    let big = Int64Array::from(vec![None, Some((1 << 53) + 1), None, None, Some(i64::MAX)]);
    let batch = RecordBatch::try_from_iter([
        ("k", key.clone()),
        ("small", Arc::new(small) as ArrayRef),
        ("whole", Arc::new(whole)),
        ("big", Arc::new(big)),
    ])
    .unwrap();
    let mut ledger = Ledger::new();
    let step = Interpolator::linear(["small", "whole", "small"]).with_keys(["k"]);
    let out = step.transform_with(&batch, &mut ledger).unwrap();
    let wanted = Float32Array::from(vec![Some(0.0), Some(9.0), Some(2.0), None, Some(4.0)]);
    assert_eq!(out.column(1).as_ref(), &wanted);
    let wanted = Float64Array::from(vec![Some(0.0), Some(9.0), Some(1.5), None, Some(3.0)]);
    assert_eq!(out.column(2).as_ref(), &wanted);
    assert_eq!(ledger.count("small", Action::Filled), 1);

    let step = Interpolator::nearest(ColumnSelector::all()).with_keys(["k"]);
    let step = step.with_ends().with_direction(FillDirection::Both);
    let out = step.transform(&batch).unwrap();
    let (low, high) = (Some((1 << 53) + 1), Some(i64::MAX));
    let wanted = Int64Array::from(vec![high, low, high, low, high]);
    assert_eq!(out.column(3).as_ref(), &wanted);
    assert_eq!(out.column(0), &key);
}

#[test]
fn what_cannot_be_filled_is_refused_by_name() {
    let batch = table(StringArray::from(vec!["1"]), Float64Array::from(vec![1.0]));
    let refused = |step: Interpolator| step.transform(&batch).unwrap_err().to_string();
    assert_eq!(
        refused(Interpolator::linear("x").along("t")),
        "column \"t\" is Utf8, expected a number, date or timestamp"
    );
    assert_eq!(
        refused(Interpolator::linear("t")),
        "column \"t\" is Utf8, expected a number"
    );
    assert_eq!(
        refused(Interpolator::linear("x").along("x")),
        "parameter `columns`: \"x\" cannot be filled along itself"
    );
    assert_eq!(
        refused(Interpolator::linear("x").with_limit(0)),
        "parameter `limit`: must be at least 1"
    );
}

#[test]
fn the_stored_form_is_readable() {
    let step = Interpolator::linear("x").along("t").with_limit(2);
    let json = serde_json::to_string(&step).unwrap();
    let wanted = r#"{"columns":["x"],"method":"linear","along":"t","limit":2}"#;
    assert_eq!(json, wanted);
    assert_eq!(serde_json::from_str::<Interpolator>(wanted).unwrap(), step);
    assert!(serde_json::from_str::<Interpolator>(&wanted.replace("limit", "limits")).is_err());
}

/// A row: its place, key and value.
type Row = (Option<i64>, u8, Option<f64>);

/// What the row `at` of `rows` becomes, found by looking at all the others.
fn expected(rows: &[Row], at: usize, step: &Interpolator) -> Option<f64> {
    let (place, key, value) = rows[at];
    let (Some(place), None) = (place, value) else {
        return value;
    };
    let mut line: Vec<(i64, usize)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.1 == key)
        .filter_map(|(row, (place, ..))| place.map(|place| (place, row)))
        .collect();
    line.sort_unstable();
    let here = line.iter().position(|(_, row)| *row == at).unwrap();
    let known = |at: usize| rows[line[at].1].2.map(|value| (at, line[at].0, value));
    let before = (0..here).rev().find_map(known);
    let after = (here + 1..line.len()).find_map(known);
    let limit = step.limit.unwrap_or(u64::MAX);
    let forward = before.is_some_and(|(from, ..)| (here - from) as u64 <= limit)
        && step.direction != FillDirection::Backward;
    let backward = after.is_some_and(|(from, ..)| (from - here) as u64 <= limit)
        && step.direction != FillDirection::Forward;
    match (before, after) {
        _ if !forward && !backward => None,
        (Some((_, start, low)), Some((_, end, high))) => Some(match step.method {
            Interpolation::Linear if start == end => low,
            Interpolation::Linear => {
                let (to_end, to_start) = ((end - place) as f64, (place - start) as f64);
                (low * to_end + high * to_start) / (end - start) as f64
            }
            Interpolation::Nearest if end - place < place - start => high,
            Interpolation::Nearest => low,
        }),
        (Some((.., end)), None) | (None, Some((.., end))) => step.ends.then_some(end),
        (None, None) => None,
    }
}

fn row() -> impl Strategy<Value = Row> {
    let place = prop_oneof![1 => Just(None), 9 => (-9_i64..9).prop_map(Some)];
    let value = prop_oneof![3 => Just(None), 2 => (-100.0..100.0).prop_map(Some)];
    (place, 0_u8..3, value)
}

proptest! {
    #[test]
    fn every_cell_is_as_its_neighbours_say(
        rows in prop::collection::vec(row(), 0..40),
        sorted: bool,
        floats: bool,
        nearest: bool,
        ends: bool,
        limit in prop_oneof![Just(None), (1_u64..4).prop_map(Some)],
        direction in prop::sample::select(vec![FillDirection::Forward, FillDirection::Backward, FillDirection::Both]),
    ) {
        let mut rows = rows;
        if sorted {
            rows.sort_by_key(|(place, ..)| *place);
        }
        let places: Int64Array = rows.iter().map(|row| row.0).collect();
        let places: ArrayRef = if floats {
            let halves = places.iter().map(|place| place.map(|place| place as f64 / 2.0));
            Arc::new(halves.collect::<Float64Array>())
        } else {
            Arc::new(places)
        };
        let keys: UInt8Array = rows.iter().map(|row| Some(row.1)).collect();
        let values: Float64Array = rows.iter().map(|row| row.2).collect();
        let batch = RecordBatch::try_from_iter([
            ("t", places),
            ("k", Arc::new(keys) as ArrayRef),
            ("x", Arc::new(values)),
        ]).unwrap();
        let mut step = if nearest { Interpolator::nearest("x") } else { Interpolator::linear("x") };
        step.limit = limit;
        step.ends = ends;
        step.direction = direction;

        let agree = |step: &Interpolator, rows: &[Row]| {
            let mut ledger = Ledger::new();
            let found = x_of(&step.transform_with(&batch, &mut ledger).unwrap());
            let mut filled = 0;
            for (at, found) in found.iter().enumerate() {
                let wanted = expected(rows, at, step);
                filled += u64::from(found.is_some() && rows[at].2.is_none());
                let same = match (found, wanted) {
                    (Some(found), Some(wanted)) => (found - wanted).abs() <= 1e-12 * 100.0,
                    (found, wanted) => *found == wanted,
                };
                prop_assert!(same, "row {}: {:?}, expected {:?}", at, found, wanted);
            }
            prop_assert_eq!(ledger.count("x", Action::Filled), filled);
            Ok(())
        };
        agree(&step.clone().along("t").with_keys(["k"]), &rows)?;
        let by_rank = |row: (usize, &Row)| (Some(i64::try_from(row.0).unwrap()), row.1.1, row.1.2);
        let ranked: Vec<Row> = rows.iter().enumerate().map(by_rank).collect();
        let one_key: Vec<Row> = ranked.iter().map(|row| (row.0, 0, row.2)).collect();
        agree(&step, &one_key)?;
        // By rank within the key.
        let mut seen = [0; 3];
        let ranked: Vec<Row> = ranked
            .iter()
            .map(|(_, key, value)| {
                seen[usize::from(*key)] += 1;
                (Some(seen[usize::from(*key)]), *key, *value)
            })
            .collect();
        agree(&step.with_keys(["k"]), &ranked)?;
    }
}
