//! One row of a transaction: what it does, to which key, with which value.

use keyglass_store::atomic::MutationKind;
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::{Encoding, StoredValue, Versionstamp};

use crate::model::draft::{parse_key, parse_value};

/// What one row of a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum OperationKind {
    /// The key must still have a versionstamp, or be absent.
    Check,
    /// Stores a value.
    Set,
    /// Removes the key.
    Delete,
    /// Adds to a `KvU64`, a bigint or a number.
    Sum,
    /// Keeps the smaller `KvU64`.
    Min,
    /// Keeps the larger `KvU64`.
    Max,
}

impl OperationKind {
    /// All of them, in the order offered.
    pub const ALL: [Self; 6] = [
        Self::Check,
        Self::Set,
        Self::Delete,
        Self::Sum,
        Self::Min,
        Self::Max,
    ];

    /// Its name in Deno KV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// Whether it takes a value.
    #[must_use]
    pub fn has_value(self) -> bool {
        !matches!(self, Self::Check | Self::Delete)
    }

    /// What it takes as a value, where that is not any value.
    fn takes(self) -> Option<&'static str> {
        match self {
            Self::Check | Self::Set | Self::Delete => None,
            Self::Sum => Some("a KvU64, a bigint or a number"),
            Self::Min | Self::Max => Some("a KvU64"),
        }
    }
}

/// One row of a transaction, as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationRow {
    /// Names the row while it exists.
    pub id: u64,
    /// What it does.
    pub kind: OperationKind,
    /// The key's text.
    pub key_text: String,
    /// The value's text, where the kind takes one.
    pub value_text: String,
    /// What a check expects; `None` is absent.
    pub versionstamp: Option<Versionstamp>,
    key: Result<EncodedKey, String>,
    value: Result<StoredValue, String>,
}

impl OperationRow {
    /// A row as it is typed, for a database of such limits.
    pub(super) fn new(
        id: u64,
        kind: OperationKind,
        key_text: String,
        value_text: String,
        limits: &Limits,
    ) -> Self {
        let mut row = Self {
            id,
            kind,
            key_text,
            value_text,
            versionstamp: None,
            key: Err(String::new()),
            value: Err(String::new()),
        };
        row.parse(limits);
        row
    }

    /// Reads the texts again. To be called after an edit.
    pub fn parse(&mut self, limits: &Limits) {
        self.key = parse_key(&self.key_text).and_then(|key| {
            let fits = limits.check_key(key.as_bytes().len());
            fits.map(|()| key).map_err(|limit| limit.to_string())
        });
        let value = parse_value(&self.value_text).map_err(|failure| failure.to_string());
        self.value = value.and_then(|value| {
            let fits = limits.check_value(value.bytes.len());
            fits.map(|()| value).map_err(|limit| limit.to_string())
        });
        if let Ok(value) = &self.value
            && let Some(taken) = self.kind.takes()
            && self
                .mutation(None)
                .is_some_and(|mutation| mutation.apply(None).is_err())
        {
            // Deno speaks of V8 values and non-U64 operands here.
            let name = self.kind.name();
            self.value = Err(if value.encoding == Encoding::Le64 {
                format!("{name} takes {taken} of 8 bytes")
            } else {
                format!("{name} takes {taken}, such as new Deno.KvU64(1n)")
            });
        }
    }

    /// What the row does to its key; `None` for a check, and while its value is wrong. A set gives the entry this
    /// expiry.
    pub(super) fn mutation(&self, expires_at: Option<i64>) -> Option<MutationKind> {
        let value = || self.value.as_ref().ok().cloned();
        Some(match self.kind {
            OperationKind::Check => return None,
            OperationKind::Set => MutationKind::Set {
                value: value()?,
                expires_at,
            },
            OperationKind::Delete => MutationKind::Delete,
            OperationKind::Sum => MutationKind::Sum {
                operand: value()?,
                min: None,
                max: None,
                clamp: false,
            },
            OperationKind::Min => MutationKind::Min(value()?),
            OperationKind::Max => MutationKind::Max(value()?),
        })
    }

    /// Bytes of the value, if its text is one.
    pub(super) fn value_bytes(&self) -> usize {
        self.value.as_ref().map_or(0, |value| value.bytes.len())
    }

    /// The key, if its text is one.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        self.key.as_ref().ok()
    }

    /// What is wrong with the row, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        let value = if self.kind.has_value() {
            self.value.as_ref().err()
        } else {
            None
        };
        self.key.as_ref().err().or(value).map(String::as_str)
    }
}
