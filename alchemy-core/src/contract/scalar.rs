//! A value that an expectation names.

use std::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A bound or an allowed value: a Boolean, an integer, a number, or text, which also stands for a date or time.
///
/// Made by `into()`; in JSON it is the plain value. Integers keep all their digits.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Scalar {
    /// True or false.
    Boolean(bool),
    /// A whole number of at most 64 bits.
    Integer(i128),
    /// Any other number.
    Number(f64),
    /// Text; against a date or time, as Arrow writes it (`2024-05-01`, `2024-05-01T12:00:00`).
    Text(String),
}

macro_rules! scalar_from {
    ($($native:ty)*) => {
        $(impl From<$native> for Scalar {
            fn from(value: $native) -> Self { Self::Integer(value.into()) }
        })*
    };
}
scalar_from!(i8 i16 i32 i64 u8 u16 u32 u64);

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(text) => write!(f, "{:?}", crate::shorten(text)),
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => serializer.serialize_i64(value),
                (_, Ok(value)) => serializer.serialize_u64(value),
                _ => serializer.serialize_i128(*value),
            },
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Plain;
        impl Visitor<'_> for Plain {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, a number or text")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(value.into())
            }
            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(value.into())
            }
            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(value.into())
            }
            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Scalar, E> {
                if value.is_finite() {
                    Ok(value.into())
                } else {
                    Err(E::custom("a number must be finite"))
                }
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(text.into())
            }
        }
        deserializer
            .deserialize_any(Plain)
            .map_err(D::Error::custom)
    }
}
