//! Conditions on changes, such as `value.stock < 5`: a small language that is read and compared, never run.
//!
//! | form | holds if |
//! | --- | --- |
//! | `value.stock < 5` | so compares; `<`, `<=`, `>`, `>=`, `=`, `!=`; both sides may be places or literals |
//! | `value.tags contains "new"` | a text, list, set or map has it |
//! | `value.status changed` | the place holds something else than before |
//! | `value.status` | something is there that is neither false, null, 0 nor empty |
//! | `not A`, `A and B`, `A or B`, `(A)` | `!`, `&&` and `\|\|` mean the same |
//!
//! Places begin with `value` (what stands there now), `before` (what stood there), `key` (a list of its parts), `kind` (a
//! word such as "created") or `size` (bytes of the value), and go on with `.name`, `["name"]`, `[0]` and `.length`. A place
//! where nothing is holds `undefined`. Numbers, bigints and KvU64 compare exactly, dates as their milliseconds; what cannot be
//! compared is in no order.

mod edge;
mod evaluate;
mod parse;

use std::cell::OnceCell;
use std::fmt;

use keyglass_store::value::{Node, Value};
use keyglass_store::{Before, EncodedKey, Entry, StoredValue};

use super::change_kind::ChangeKind;
pub use edge::{Edge, edge};
pub use parse::ConditionError;

/// A condition that was read.
#[derive(Debug, Clone)]
pub struct Condition {
    text: String,
    term: Term,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// If the text is none, with the place where it ends to be one.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let term = parse::parse(text)?;
        Ok(Self {
            text: text.to_owned(),
            term,
        })
    }

    /// Whether it is about what a change did, such as `value.stock < before.stock`, and not only about what stands there.
    #[must_use]
    pub fn is_about_changes(&self) -> bool {
        self.term.is_about_changes()
    }

    /// Whether a change meets it.
    #[must_use]
    pub fn holds(&self, subject: &ConditionSubject<'_>) -> bool {
        evaluate::holds(&self.term, subject)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a condition is about. Values are read when they are asked for, and once.
#[derive(Debug)]
pub struct ConditionSubject<'c> {
    key: &'c EncodedKey,
    kind: ChangeKind,
    before: Option<&'c StoredValue>,
    after: Option<&'c StoredValue>,
    read_before: OnceCell<Option<Value>>,
    read_after: OnceCell<Option<Value>>,
}

impl<'c> ConditionSubject<'c> {
    /// A change of a key.
    #[must_use]
    pub fn new(key: &'c EncodedKey, kind: ChangeKind, before: &'c Before, after: Option<&'c Entry>) -> Self {
        let before = match before {
            Before::Entry(entry) => Some(&entry.value),
            Before::Unknown | Before::Absent => None,
        };
        Self {
            key,
            kind,
            before,
            after: after.map(|entry| &entry.value),
            read_before: OnceCell::new(),
            read_after: OnceCell::new(),
        }
    }

    fn before(&self) -> Option<&Value> {
        let read = || self.before.and_then(|value| value.decode().ok());
        self.read_before.get_or_init(read).as_ref()
    }

    fn after(&self) -> Option<&Value> {
        let read = || self.after.and_then(|value| value.decode().ok());
        self.read_after.get_or_init(read).as_ref()
    }
}

/// A part of a condition.
#[derive(Debug, Clone)]
enum Term {
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Is(Operand),
    Changed(Place),
    Compare(Operand, Operator, Operand),
}

impl Term {
    fn is_about_changes(&self) -> bool {
        let of = |operand: &Operand| match operand {
            Operand::Literal(_) => false,
            Operand::Place(place) => matches!(place.root, Root::Before | Root::Kind),
        };
        match self {
            Self::Not(term) => term.is_about_changes(),
            Self::All(terms) | Self::Any(terms) => terms.iter().any(Self::is_about_changes),
            Self::Is(operand) => of(operand),
            Self::Changed(_) => true,
            Self::Compare(left, _, right) => of(left) || of(right),
        }
    }
}

/// What is compared.
#[derive(Debug, Clone)]
enum Operand {
    Literal(Node),
    Place(Place),
}

/// Where something is looked for.
#[derive(Debug, Clone)]
struct Place {
    root: Root,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Value,
    Before,
    Key,
    Kind,
    Size,
}

#[derive(Debug, Clone)]
enum Step {
    Name(String),
    Index(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Less,
    AtMost,
    More,
    AtLeast,
    Same,
    Other,
    Contains,
}

#[cfg(test)]
mod tests;
