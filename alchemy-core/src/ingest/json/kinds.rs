//! Types of columns and the kinds of cells that they keep.

use arrow::datatypes::DataType;

use super::shape::{Kind, Shape};

/// The narrowest type that holds every cell of a shape.
pub(super) enum Narrowest {
    Value(DataType),
    Text,
    Object,
    List,
}

pub(super) fn narrowest(shape: &Shape) -> Narrowest {
    let has = |kind| shape.has(kind);
    let any_number = shape.kinds().any(|(kind, _)| is_number(kind));
    let classes = [
        any_number,
        has(Kind::Boolean),
        has(Kind::Text),
        has(Kind::Object),
        has(Kind::List),
    ];
    match classes {
        [false, false, _, false, false] => Narrowest::Value(DataType::Utf8),
        [false, true, false, false, false] => Narrowest::Value(DataType::Boolean),
        // An object that never has a key has no columns; as text it stays.
        [false, false, false, true, false] if shape.keys.list.is_empty() => Narrowest::Text,
        [false, false, false, true, false] => Narrowest::Object,
        [false, false, false, false, true] => Narrowest::List,
        [true, false, false, false, false] => {
            number(shape).map_or(Narrowest::Text, Narrowest::Value)
        }
        _ => Narrowest::Text,
    }
}

/// The type that keeps every number of a shape, if there is one.
fn number(shape: &Shape) -> Option<DataType> {
    let has = |kind| shape.has(kind);
    let (long, unsigned) = (has(Kind::LongInteger), has(Kind::UnsignedInteger));
    if has(Kind::HugeNumber) {
        None
    } else if has(Kind::Float) {
        (!long && !unsigned).then_some(DataType::Float64)
    } else if unsigned {
        (!shape.has_negative()).then_some(DataType::UInt64)
    } else {
        Some(DataType::Int64)
    }
}

fn is_number(kind: Kind) -> bool {
    use Kind::{Float, HugeNumber, Integer, LongInteger, UnsignedInteger};
    matches!(
        kind,
        Integer | LongInteger | UnsignedInteger | HugeNumber | Float
    )
}

/// The cells that a declared type reads without loss; text is read as the type's own form. `None` for a type that JSON
/// cannot be read as.
pub(super) fn kinds_of(data_type: &DataType) -> Option<&'static [Kind]> {
    use Kind::{Boolean, Float, HugeNumber, Integer, LongInteger, Text, UnsignedInteger};
    Some(match data_type {
        DataType::Boolean => &[Boolean],
        DataType::Float16 | DataType::Float32 | DataType::Float64 => &[Integer, Float, Text],
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => &[
            Integer,
            LongInteger,
            UnsignedInteger,
            HugeNumber,
            Float,
            Text,
        ],
        integer if integer.is_integer() => &[Integer, LongInteger, UnsignedInteger, Text],
        temporal if temporal.is_temporal() => &[Integer, LongInteger, Text],
        _ => return None,
    })
}

/// The cells that fit a type that was inferred.
pub(super) fn kinds_of_inferred(data_type: &DataType) -> &'static [Kind] {
    match data_type {
        DataType::Boolean => &[Kind::Boolean],
        DataType::Float64 => &[Kind::Integer, Kind::Float],
        DataType::Int64 => &[Kind::Integer, Kind::LongInteger],
        DataType::UInt64 => &[Kind::Integer, Kind::LongInteger, Kind::UnsignedInteger],
        _ => &[Kind::Text],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inferred_type_fits_all_cells_that_it_was_inferred_from() {
        let sets = 0..1_usize << Kind::ALL.len();
        for set in sets {
            let mut shape = Shape::default();
            let seen: Vec<Kind> = (0..Kind::ALL.len())
                .filter(|i| set >> i & 1 == 1)
                .map(|i| Kind::ALL[i])
                .collect();
            seen.iter().for_each(|kind| shape.record(*kind, 1));
            match narrowest(&shape) {
                Narrowest::Value(data_type) => {
                    let kinds = kinds_of_inferred(&data_type);
                    assert!(
                        seen.iter().all(|kind| kinds.contains(kind)),
                        "{seen:?} as {data_type}"
                    );
                }
                Narrowest::Text => assert!(!seen.is_empty()),
                Narrowest::Object => assert_eq!(seen, [Kind::Object]),
                Narrowest::List => assert_eq!(seen, [Kind::List]),
            }
        }
    }
}
