//! The names of constructors and functions that may stand in a text.

use super::{ConstructError, Made};
use crate::value::graph::{ERROR_CLASSES, ViewKind};

/// A constructor or function by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Callee {
    Date,
    Map,
    Set,
    RegExp,
    Error(&'static str),
    ArrayBuffer,
    View(ViewKind),
    ViewOf(ViewKind),
    ViewFrom(ViewKind),
    KvU64,
    Array,
    ArrayOf,
    Boxed,
    BoxedBoolean,
    BoxedNumber,
    BoxedString,
    BigInt,
    ObjectAssign,
    DefineProperties,
    PropertyDescriptors,
    Host,
}

impl Callee {
    /// The one of that name, with or without `new` before it.
    pub fn named(name: &str, is_new: bool) -> Made<Self> {
        let only_new = |callee| {
            if is_new {
                Ok(callee)
            } else {
                Err(ConstructError::WithoutNew(name.to_owned()))
            }
        };
        let never_new = |callee| {
            if is_new {
                Err(ConstructError::WithNew(name.to_owned()))
            } else {
                Ok(callee)
            }
        };
        if let Some(class) = ERROR_CLASSES.iter().find(|class| **class == name) {
            return Ok(Self::Error(class));
        }
        if let Some(kind) = ViewKind::from_class_name(name) {
            return only_new(Self::View(kind));
        }
        if let Some((class, method)) = name.split_once('.') {
            match (ViewKind::from_class_name(class), method) {
                (Some(kind), "of") => return never_new(Self::ViewOf(kind)),
                (Some(kind), "from") => return never_new(Self::ViewFrom(kind)),
                _ => {}
            }
        }
        match name {
            "Date" => only_new(Self::Date),
            "Map" => only_new(Self::Map),
            "Set" => only_new(Self::Set),
            "RegExp" => Ok(Self::RegExp),
            "ArrayBuffer" => only_new(Self::ArrayBuffer),
            "Deno.KvU64" | "KvU64" => Ok(Self::KvU64),
            "Array" => Ok(Self::Array),
            "Array.of" => never_new(Self::ArrayOf),
            "Object" => Ok(Self::Boxed),
            "Boolean" => only_new(Self::BoxedBoolean),
            "Number" => only_new(Self::BoxedNumber),
            "String" => only_new(Self::BoxedString),
            "BigInt" => never_new(Self::BigInt),
            "Object.assign" => never_new(Self::ObjectAssign),
            "Object.defineProperties" => never_new(Self::DefineProperties),
            "Object.getOwnPropertyDescriptors" => never_new(Self::PropertyDescriptors),
            "host" => never_new(Self::Host),
            _ => Err(ConstructError::Unknown(name.to_owned())),
        }
    }
}
