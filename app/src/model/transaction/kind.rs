//! What one row of a transaction does, by its name in Deno KV.

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
    /// Queues a message.
    Enqueue,
}

impl OperationKind {
    /// All of them, in the order offered.
    pub const ALL: [Self; 7] = [
        Self::Check,
        Self::Set,
        Self::Delete,
        Self::Sum,
        Self::Min,
        Self::Max,
        Self::Enqueue,
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
            Self::Enqueue => "enqueue",
        }
    }

    /// Whether it takes a value.
    #[must_use]
    pub fn has_value(self) -> bool {
        !matches!(self, Self::Check | Self::Delete)
    }

    /// Whether it is about a key.
    #[must_use]
    pub fn has_key(self) -> bool {
        self != Self::Enqueue
    }

    /// Whether it changes what stands under its key.
    #[must_use]
    pub fn is_mutation(self) -> bool {
        !matches!(self, Self::Check | Self::Enqueue)
    }

    /// What it takes as a value, where that is not any value.
    pub(super) fn takes(self) -> Option<&'static str> {
        match self {
            Self::Check | Self::Set | Self::Delete | Self::Enqueue => None,
            Self::Sum => Some("a KvU64, a bigint or a number"),
            Self::Min | Self::Max => Some("a KvU64"),
        }
    }
}
