#![expect(clippy::float_cmp, reason = "exact results are what is tested")]

use std::sync::Arc;

use arrow::array::{BooleanArray, Date32Array, Float64Array, Int64Array, ListArray, StringArray};
use arrow::datatypes::{Field, Int64Type, Schema};

use super::*;
use crate::random::Stream;

const ROWS: u64 = 2000;

/// A target that half depends on a number and on a class, beside features that know nothing.
fn table() -> RecordBatch {
    let mut stream = Stream::new(3, &[]);
    let (mut x, mut class, mut noise, mut id, mut y) = (vec![], vec![], vec![], vec![], vec![]);
    for row in 0..ROWS {
        let level = stream.below(3);
        x.push((row % 7 != 0).then(|| stream.normals().0));
        class.push(["a", "b", "c"][usize::try_from(level).unwrap()]);
        noise.push(stream.normals().0);
        id.push(format!("id{row}"));
        y.push(2.0 * x.last().unwrap().unwrap_or(0.0) + level as f64 + stream.normals().0);
    }
    let high: BooleanArray = y.iter().map(|y| Some(*y > 1.0)).collect();
    let flag: Int64Array = y.iter().map(|y| Some(i64::from(*y > 1.0))).collect();
    RecordBatch::try_from_iter([
        ("x", Arc::new(Float64Array::from(x)) as ArrayRef),
        ("class", Arc::new(StringArray::from(class))),
        ("noise", Arc::new(Float64Array::from(noise))),
        ("id", Arc::new(StringArray::from(id))),
        ("y", Arc::new(Float64Array::from(y))),
        ("high", Arc::new(high)),
        ("flag", Arc::new(flag)),
    ])
    .unwrap()
}

fn of<'a>(found: &'a TargetAssociations, column: &str) -> &'a Association {
    let mut features = found.features.iter();
    features.find(|found| found.column == column).unwrap()
}

#[test]
fn identifiers_and_noise_tell_nothing_and_causes_do() {
    for target in ["y", "high", "flag"] {
        let found = target_association(&table(), target).unwrap();
        for column in ["noise", "id"] {
            let value = found.features.iter().find(|found| found.column == column);
            let value = value.map_or(0.0, |found| found.value.abs());
            assert!(value < 0.06, "{target} {column}: {value}");
        }
        let x = of(&found, "x");
        assert!(x.value > 0.5 && x.value < 0.9, "{target}: {}", x.value);
        assert_eq!(x.rows, ROWS - ROWS.div_ceil(7));
        assert!(of(&found, "class").value > 0.1);
    }
}

#[test]
fn the_measure_is_that_of_the_types() {
    let found = target_association(&table(), "y").unwrap();
    assert_eq!(of(&found, "x").measure, Measure::Pearson);
    assert_eq!(of(&found, "class").measure, Measure::CorrelationRatio);
    let found = target_association(&table(), "flag").unwrap();
    assert_eq!(of(&found, "x").measure, Measure::CorrelationRatio);
    assert_eq!(of(&found, "class").measure, Measure::CramersV);
    assert_eq!(of(&found, "high").measure, Measure::CramersV);
    assert_eq!(of(&found, "high").value, 1.0);
}

#[test]
fn a_leak_is_found_by_what_it_explains_and_by_how_it_parts_classes() {
    let batch = table();
    // `y` parts the classes of `high`, though its mean explains a part only.
    let found = target_association(&batch, "high").unwrap();
    assert_eq!(of(&found, "y").auc, Some(1.0));
    assert!(of(&found, "y").value < 0.9);
    let leaks = found.findings();
    let columns: Vec<_> = leaks.iter().map(|leak| leak.column.as_deref()).collect();
    assert_eq!(columns, [Some("flag"), Some("y")]);
    assert!(
        leaks[0]
            .to_string()
            .starts_with("flag: alone predicts \"high\"")
    );
    let no_leak = target_association(&batch.project(&[0, 1, 2, 3, 5]).unwrap(), "high").unwrap();
    assert_eq!(no_leak.findings(), []);
}

#[test]
fn areas_equal_the_share_of_pairs_in_order() {
    let mut stream = Stream::new(9, &[]);
    for _ in 0..50 {
        let n = 2 + stream.below(20);
        let numbers: Vec<f64> = (0..n).map(|_| stream.below(6) as f64).collect();
        let classes: Vec<bool> = (0..n).map(|_| stream.below(2) == 0).collect();
        let array = Arc::new(BooleanArray::from(classes.clone())) as ArrayRef;
        let found = area_under_curve(&numbers, &Levels::of("c", &array).unwrap());
        let (mut ordered, mut pairs) = (0.0, 0.0);
        for (x, is_first) in numbers.iter().zip(&classes) {
            for (y, is_second) in numbers.iter().zip(&classes) {
                if *is_first && !is_second {
                    pairs += 1.0;
                    ordered += if x > y {
                        1.0
                    } else if x == y {
                        0.5
                    } else {
                        0.0
                    };
                }
            }
        }
        let share: f64 = ordered / pairs;
        let expected = (pairs > 0.0).then(|| share.max(1.0 - share));
        assert_eq!(found.is_some(), expected.is_some());
        let difference = found.unwrap_or(0.0) - expected.unwrap_or(0.0);
        assert!(difference.abs() < 1e-12);
    }
}

#[test]
fn roles_nested_types_and_constants_are_left_out() {
    let columns: [(&str, ArrayRef, Role); 6] = [
        (
            "day",
            Arc::new(Date32Array::from(vec![1, 2, 3])),
            Role::Feature,
        ),
        ("key", Arc::new(Int64Array::from(vec![1, 2, 3])), Role::Key),
        (
            "one",
            Arc::new(Int64Array::from(vec![1, 1, 1])),
            Role::Feature,
        ),
        (
            "none",
            Arc::new(Int64Array::from(vec![None; 3])),
            Role::Feature,
        ),
        (
            "list",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([
                Some([Some(1)]),
                None,
                None,
            ])),
            Role::Feature,
        ),
        (
            "y",
            Arc::new(StringArray::from(vec!["a", "b", "b"])),
            Role::Target,
        ),
    ];
    let fields = columns
        .iter()
        .map(|(name, array, role)| role.stamp(&Field::new(*name, array.data_type().clone(), true)));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let arrays = columns.iter().map(|(_, array, _)| array.clone());
    let batch = RecordBatch::try_new(schema, arrays.collect()).unwrap();
    let found = target_association(&batch, "y").unwrap();
    let names: Vec<_> = found.features.iter().map(|found| &found.column).collect();
    assert_eq!(names, ["day"]);
    assert!(matches!(
        target_association(&batch, "z"),
        Err(Error::ColumnNotFound { .. })
    ));
    assert!(matches!(
        target_association(&batch, "list"),
        Err(Error::ColumnType { .. })
    ));
    assert!(matches!(
        target_association(&batch, "none"),
        Err(Error::AllNull { .. })
    ));
}
