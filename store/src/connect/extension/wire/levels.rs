//! Levels of the key space, and counts.

use bytes::Bytes;
use prost::Message;

use super::entries::Range;
use super::failure::Failure;
use super::{Malformed, key, size};
use crate::database::{self, ChildrenPage, Counted};
use crate::key::{EncodedKey, KeyRange};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Children {
    #[prost(bytes = "bytes", tag = "1")]
    prefix: Bytes,
    #[prost(bytes = "bytes", optional, tag = "2")]
    after: Option<Bytes>,
    #[prost(uint64, tag = "3")]
    limit: u64,
}

/// What [`Children`] asks for.
pub(crate) struct Level {
    pub(crate) prefix: EncodedKey,
    pub(crate) after: Option<EncodedKey>,
    pub(crate) limit: usize,
}

impl Children {
    pub(crate) fn new(prefix: &EncodedKey, after: Option<&EncodedKey>, limit: usize) -> Self {
        Self {
            prefix: prefix.to_shared(),
            after: after.map(EncodedKey::to_shared),
            limit: limit as u64,
        }
    }

    pub(crate) fn level(self) -> Result<Level, Malformed> {
        Ok(Level {
            prefix: key(&self.prefix)?,
            after: self.after.as_deref().map(key).transpose()?,
            limit: size(self.limit),
        })
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ChildrenAnswer {
    #[prost(message, repeated, tag = "1")]
    children: Vec<Child>,
    #[prost(bool, tag = "2")]
    more: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Child {
    #[prost(bytes = "bytes", tag = "1")]
    prefix: Bytes,
    #[prost(bool, tag = "2")]
    is_entry: bool,
    #[prost(bool, tag = "3")]
    has_children: bool,
}

impl From<ChildrenPage> for ChildrenAnswer {
    fn from(page: ChildrenPage) -> Self {
        let child = |child: database::Child| Child {
            prefix: child.prefix.to_shared(),
            is_entry: child.is_entry,
            has_children: child.has_children,
        };
        Self {
            children: page.children.into_iter().map(child).collect(),
            more: page.more,
        }
    }
}

impl TryFrom<ChildrenAnswer> for ChildrenPage {
    type Error = Malformed;

    fn try_from(answer: ChildrenAnswer) -> Result<Self, Malformed> {
        let child = |child: Child| {
            Ok(database::Child {
                prefix: key(&child.prefix)?,
                is_entry: child.is_entry,
                has_children: child.has_children,
            })
        };
        Ok(Self {
            children: answer
                .children
                .into_iter()
                .map(child)
                .collect::<Result<_, Malformed>>()?,
            more: answer.more,
        })
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Count {
    #[prost(message, optional, tag = "1")]
    range: Option<Range>,
}

impl Count {
    pub(crate) fn new(range: &KeyRange) -> Self {
        Self {
            range: Some(range.into()),
        }
    }

    pub(crate) fn range(self) -> Result<KeyRange, Malformed> {
        self.range.ok_or(Malformed::Missing("range"))?.try_into()
    }
}

/// The count so far, the last one, or why there is none.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CountFrame {
    #[prost(uint64, tag = "1")]
    entries: u64,
    #[prost(uint64, tag = "2")]
    expired: u64,
    #[prost(uint64, tag = "3")]
    bytes: u64,
    #[prost(bool, tag = "4")]
    complete: bool,
    /// Whether nothing follows.
    #[prost(bool, tag = "5")]
    pub(crate) is_last: bool,
    #[prost(message, optional, tag = "6")]
    pub(crate) failure: Option<Failure>,
}

impl CountFrame {
    pub(crate) fn new(counted: Counted, is_last: bool) -> Self {
        Self {
            entries: counted.entries,
            expired: counted.expired,
            bytes: counted.bytes,
            complete: counted.complete,
            is_last,
            failure: None,
        }
    }

    pub(crate) fn failed(failure: Failure) -> Self {
        Self {
            is_last: true,
            failure: Some(failure),
            ..Self::default()
        }
    }

    pub(crate) fn counted(&self) -> Counted {
        Counted {
            entries: self.entries,
            expired: self.expired,
            bytes: self.bytes,
            complete: self.complete,
        }
    }
}
