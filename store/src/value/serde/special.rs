//! JavaScript types that serde's data model has no word for.

use std::fmt;

use serde_core::de::{Deserialize, Deserializer, Error, Visitor};
use serde_core::ser::{Serialize, Serializer};

/// By this name the bridge knows a [`Date`]; no type of a program has it.
pub(super) const DATE: &str = "$keyglass::Date";
/// By this name the bridge knows a [`KvU64`].
pub(super) const KV_U64: &str = "$keyglass::KvU64";

/// A `Date`: milliseconds since the Unix epoch, NaN if it is invalid. To other formats it is a number.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Date(pub f64);

/// A `Deno.KvU64`, which is stored only as a whole value: what `sum`, `min` and `max` work on. To other formats it
/// is an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct KvU64(pub u64);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(DATE, &self.0)
    }
}

impl Serialize for KvU64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(KV_U64, &self.0)
    }
}

struct DateVisitor;
struct KvU64Visitor;

impl<'de> Visitor<'de> for DateVisitor {
    type Value = Date;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Date")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Date, D::Error> {
        f64::deserialize(deserializer).map(Date)
    }

    fn visit_f64<E: Error>(self, milliseconds: f64) -> Result<Date, E> {
        Ok(Date(milliseconds))
    }
}

impl<'de> Visitor<'de> for KvU64Visitor {
    type Value = KvU64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Deno.KvU64")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<KvU64, D::Error> {
        u64::deserialize(deserializer).map(KvU64)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(DATE, DateVisitor)
    }
}

impl<'de> Deserialize<'de> for KvU64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(KV_U64, KvU64Visitor)
    }
}
