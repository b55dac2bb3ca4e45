use alchemy_core::arrow::array::{AsArray, BooleanArray, Float64Array, Int64Array, StringArray};
use alchemy_core::arrow::datatypes::{Float64Type, Int64Type};
use alchemy_core::{Action, Role};
use proptest::prelude::*;

use super::*;

const INF: f64 = f64::INFINITY;

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
}

fn numbers(values: impl IntoIterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<Float64Array>())
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn column(batch: &RecordBatch, index: usize) -> Vec<Option<f64>> {
    batch
        .column(index)
        .as_primitive::<Float64Type>()
        .iter()
        .collect()
}

#[test]
fn of_equally_near_rows_the_first_is_taken() {
    let x = numbers([Some(1.0), Some(3.0), Some(2.0), Some(1.0)]);
    let y = numbers([Some(10.0), Some(30.0), None, Some(50.0)]);
    let batch = table(vec![("x", x), ("y", y)]);
    let filled = |neighbors| {
        let imputer = KnnImputer::new().with_neighbors(neighbors);
        let filled = imputer.fit(&batch).unwrap().transform(&batch).unwrap();
        column(&filled, 1)[2]
    };
    assert_eq!(filled(1), Some(10.0));
    assert_eq!(filled(2), Some(20.0));
    assert_eq!(filled(usize::MAX), Some(30.0));
}

#[test]
fn a_row_that_shares_no_column_takes_the_mean() {
    let x = numbers([Some(1.0), None, None]);
    let y = numbers([Some(10.0), Some(30.0), None]);
    let batch = table(vec![("x", x), ("y", y)]);
    let mut ledger = Ledger::new();
    let fitted = KnnImputer::new().fit(&batch).unwrap();
    let filled = fitted.transform_with(&batch, &mut ledger).unwrap();
    assert_eq!(column(&filled, 0), [Some(1.0), Some(1.0), Some(1.0)]);
    assert_eq!(column(&filled, 1), [Some(10.0), Some(30.0), Some(20.0)]);
    assert_eq!(ledger.count("x", Action::Filled), 2);
    assert_eq!(ledger.count("y", Action::Filled), 1);
}

#[test]
fn infinities_are_values_and_both_have_no_mean() {
    let x = numbers([Some(INF), Some(INF), Some(0.0), Some(INF)]);
    let y = numbers([Some(1.0), Some(3.0), Some(9.0), None]);
    let batch = table(vec![("x", x), ("y", y)]);
    let fill = |batch: &RecordBatch, neighbors| {
        let imputer = KnnImputer::new().with_neighbors(neighbors);
        let imputer = imputer.with_weights(NeighborWeights::Distance);
        let filled = imputer.fit(batch).unwrap().transform(batch).unwrap();
        column(&filled, 1)[3]
    };
    // Those at distance 0 count alone, and an infinite distance is one.
    assert_eq!(fill(&batch, 2), Some(2.0));
    assert_eq!(fill(&batch, 3), Some(2.0));
    let far = batch.slice(2, 2);
    let fitted = KnnImputer::new().fit(&far).unwrap();
    assert_eq!(column(&fitted.transform(&far).unwrap(), 1)[1], Some(9.0));

    let both = numbers([Some(INF), Some(-INF), Some(9.0), None]);
    let x = batch.column(0).clone();
    assert_eq!(fill(&table(vec![("x", x), ("y", both)]), 2), None);
}

#[test]
fn integers_are_rounded_and_every_type_is_kept() {
    let x = numbers([Some(1.0), Some(1.0), Some(1.0)]);
    let n = Arc::new(Int64Array::from(vec![Some(2), Some(3), None])) as ArrayRef;
    let batch = table(vec![("x", x), ("n", n)]);
    let filled = KnnImputer::new()
        .fit(&batch)
        .unwrap()
        .transform(&batch)
        .unwrap();
    assert_eq!(filled.column(1).as_primitive::<Int64Type>().value(2), 2);
    assert_eq!(filled.schema(), batch.schema());
}

#[test]
fn text_and_booleans_are_filled_by_a_vote() {
    let x = numbers([Some(0.0), Some(1.0), Some(2.0), Some(10.0), Some(1.5)]);
    let city = texts(&[Some("b"), Some("a"), Some("b"), Some("c"), None]);
    let flag: BooleanArray = [Some(true), Some(true), None, Some(false), None]
        .into_iter()
        .collect();
    let batch = table(vec![("x", x), ("city", city), ("flag", Arc::new(flag))]);
    let gower = KnnImputer::new().with_metric(KnnMetric::Gower);
    let fitted = gower.clone().with_neighbors(3).fit(&batch).unwrap();
    assert_eq!(fitted.columns().collect::<Vec<_>>(), ["x", "city", "flag"]);
    let filled = fitted.transform(&batch).unwrap();
    assert_eq!(filled.column(1).as_string::<i32>().value(4), "b");
    let flag = filled.column(2).as_boolean();
    assert!(flag.value(2) && flag.value(4));

    // Two neighbours, one vote each: the smaller; and a city that training did not see is like none.
    let fitted = gower.with_neighbors(2).fit(&batch).unwrap();
    let filled = fitted.transform(&batch).unwrap();
    assert_eq!(filled.column(1).as_string::<i32>().value(4), "a");
    let new = table(vec![
        ("x", numbers([None])),
        ("city", texts(&[Some("zz")])),
        ("flag", Arc::new(BooleanArray::from(vec![Some(false)]))),
    ]);
    assert_eq!(column(&fitted.transform(&new).unwrap(), 0), [Some(5.0)]);
}

#[test]
fn what_cannot_be_learned_from_is_an_error() {
    let x = numbers([Some(1.0), Some(2.0)]);
    let batch = table(vec![
        ("x", x),
        ("s", texts(&[Some("a"), None])),
        ("none", numbers([None, None])),
    ]);
    let error = |imputer: KnnImputer| imputer.fit(&batch).unwrap_err().to_string();
    let of = |columns: &[&str]| KnnImputer::new().with_columns(columns);
    assert_eq!(
        error(of(&["s"])),
        "column \"s\" is Utf8, expected a number (the Gower metric takes text and Booleans too)"
    );
    assert_eq!(
        error(of(&["none"])),
        "column \"none\" has no value to learn from"
    );
    assert_eq!(
        error(of(&["x", "x"])),
        "column name \"x\" occurs more than once"
    );
    assert_eq!(
        error(of(&["x"]).with_neighbors(0)),
        "parameter `neighbors`: must be at least 1"
    );
    let target = Role::Target.stamp_column(&batch, "none").unwrap();
    assert_eq!(
        KnnImputer::new()
            .fit(&target)
            .unwrap()
            .columns()
            .collect::<Vec<_>>(),
        ["x"]
    );
}

#[test]
fn a_spec_is_readable_and_a_state_that_lies_is_refused() {
    let spec = KnnImputer::new()
        .with_columns(["x"])
        .with_metric(KnnMetric::Gower);
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(
        json,
        r#"{"columns":["x"],"neighbors":5,"weights":"uniform","metric":"gower"}"#
    );
    assert_eq!(serde_json::from_str::<KnnImputer>(&json).unwrap(), spec);
    assert_eq!(
        serde_json::from_str::<KnnImputer>("{}").unwrap(),
        KnnImputer::new()
    );

    let batch = table(vec![
        ("x", numbers([Some(-0.5), Some(-0.0), Some(INF), None])),
        ("s", texts(&[Some("b"), None, Some("a"), Some("b")])),
    ]);
    let fitted = KnnImputer::new()
        .with_metric(KnnMetric::Gower)
        .fit(&batch)
        .unwrap();
    let json = serde_json::to_string(&fitted).unwrap();
    assert_eq!(
        json,
        r#"{"neighbors":5,"weights":"uniform","metric":"gower","columns":[{"name":"x","type":"Float64","cells":[-0.5,0,"inf",null]},{"name":"s","type":"Utf8","categories":["a","b"],"cells":[1,null,0,1]}]}"#
    );
    let loaded: FittedKnnImputer = serde_json::from_str(&json).unwrap();
    assert_eq!(loaded, fitted);
    for (from, to) in [
        ("\"neighbors\":5", "\"neighbors\":0"),
        ("gower", "euclidean"),
        ("\"name\":\"s\"", "\"name\":\"x\""),
        ("[1,null,0,1]", "[1,null,0]"),
        ("[1,null,0,1]", "[1,null,0,2]"),
        ("[1,null,0,1]", "[1,null,0,0.5]"),
        ("[1,null,0,1]", "[1,null,0,-1]"),
        ("[1,null,0,1]", "[null,null,null,null]"),
        ("[\"a\",\"b\"]", "[\"b\",\"a\"]"),
        ("Utf8", "Boolean"),
        ("Utf8", "Float64"),
        ("Float64", "Utf8"),
        ("\"inf\"", "\"NaN\""),
    ] {
        assert!(json.contains(from), "{from}");
        let lie = json.replace(from, to);
        assert!(
            serde_json::from_str::<FittedKnnImputer>(&lie).is_err(),
            "{lie}"
        );
    }
}

/// The cell of `column` of a receiver by the definition, row by row. Factors are rounded as in the scan, or ties would not
/// be the same.
fn by_brute_force(
    (rows, metric): (&[Vec<f64>], KnnMetric),
    receiver: &[f64],
    column: usize,
    neighbors: usize,
    weights: NeighborWeights,
) -> f64 {
    let width = receiver.len();
    let range = |column: usize| {
        let cells = || {
            rows.iter()
                .map(|row| row[column])
                .filter(|cell| cell.is_finite())
        };
        cells().fold(-INF, f64::max) - cells().fold(INF, f64::min)
    };
    let distance = |row: &Vec<f64>| {
        let both =
            (0..width).filter(|column| !row[*column].is_nan() && !receiver[*column].is_nan());
        let (mut sum, mut present) = (0.0, 0.0);
        for column in both {
            present += 1.0;
            let difference = (row[column] - receiver[column]).abs();
            sum += match metric {
                KnnMetric::Euclidean => difference * difference,
                KnnMetric::Gower if difference > 0.0 => {
                    (difference * range(column).recip()).min(1.0)
                }
                KnnMetric::Gower => 0.0,
            };
        }
        match metric {
            _ if present == 0.0 => f64::NAN,
            KnnMetric::Euclidean => sum * (width as f64 / present),
            KnnMetric::Gower => sum * (1.0 / present),
        }
    };
    let mut donors: Vec<(f64, f64)> = rows
        .iter()
        .map(|row| (row[column], distance(row)))
        .filter(|(cell, distance)| !cell.is_nan() && !distance.is_nan())
        .collect();
    donors.sort_by(|a, b| a.1.total_cmp(&b.1));
    donors.truncate(neighbors);
    if metric == KnnMetric::Euclidean {
        // After the choice: a root makes ties of squares that differ by a rounding.
        donors
            .iter_mut()
            .for_each(|(_, distance)| *distance = distance.sqrt());
    }
    if donors.is_empty() {
        let cells: Vec<f64> = rows
            .iter()
            .map(|row| row[column])
            .filter(|cell| !cell.is_nan())
            .collect();
        return cells.iter().sum::<f64>() / cells.len() as f64;
    }
    let is_at = donors.iter().any(|(_, distance)| *distance == 0.0);
    let weight = |distance: f64| match weights {
        NeighborWeights::Uniform => 1.0,
        NeighborWeights::Distance if is_at => f64::from(u8::from(distance == 0.0)),
        NeighborWeights::Distance => 1.0 / distance.min(f64::MAX.sqrt()),
    };
    let sum: f64 = donors
        .iter()
        .map(|(cell, distance)| cell * weight(*distance))
        .sum();
    sum / donors
        .iter()
        .map(|(_, distance)| weight(*distance))
        .sum::<f64>()
}

/// Cells on a grid of quarters, so that sums are exact and ties are many; some columns are empty nearly everywhere.
fn cell() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => Just(f64::NAN),
        8 => (-8_i32..8).prop_map(|cell| f64::from(cell) / 4.0),
    ]
}

proptest! {
    #[test]
    fn the_scan_finds_what_brute_force_finds(
        mut rows in (1_usize..12).prop_flat_map(|width| {
            proptest::collection::vec(proptest::collection::vec(cell(), width), 1..60)
        }),
        neighbors in 1_usize..12,
        by_distance in any::<bool>(),
        by_gower in any::<bool>(),
    ) {
        let width = rows[0].len();
        rows.push(vec![0.5; width]);
        let weights = if by_distance { NeighborWeights::Distance } else { NeighborWeights::Uniform };
        let metric = if by_gower { KnnMetric::Gower } else { KnnMetric::Euclidean };
        let names: Vec<String> = (0..width).map(|column| format!("c{column}")).collect();
        let columns = names.iter().enumerate().map(|(column, name)| {
            (name.as_str(), numbers(rows.iter().map(|row| Some(row[column]))))
        });
        let batch = table(columns.collect());
        let imputer = KnnImputer::new().with_neighbors(neighbors).with_weights(weights).with_metric(metric);
        let filled = imputer.fit(&batch).unwrap().transform(&batch).unwrap();
        for column in 0..width {
            for (row, found) in self::column(&filled, column).into_iter().enumerate() {
                let found = found.unwrap();
                let before = rows[row][column];
                let wanted = if before.is_nan() {
                    by_brute_force((&rows, metric), &rows[row], column, neighbors, weights)
                } else {
                    before
                };
                prop_assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0), "{found} {wanted}, row {row} column {column}");
            }
        }
    }
}
