//! Floats in JSON, which has no infinities: those are written as text.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() && !value.is_finite() {
        serializer.collect_str(value)
    } else {
        serializer.serialize_f64(*value)
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Figure {
        Number(f64),
        Text(String),
    }
    if !deserializer.is_human_readable() {
        return f64::deserialize(deserializer);
    }
    match Figure::deserialize(deserializer)? {
        Figure::Number(value) => Ok(value),
        Figure::Text(text) => text.parse().map_err(D::Error::custom),
    }
}
