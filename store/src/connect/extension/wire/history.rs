//! Rules of a history, and what is kept by them.

use bytes::Bytes;
use prost::Message;

use super::entries::Entry;
use super::{Malformed, key, size, stamp_bytes, versionstamp};
use crate::history;
use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

/// The rules that there are, and those that shall be.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Rules {
    #[prost(message, repeated, tag = "1")]
    rules: Vec<Rule>,
    #[prost(uint64, tag = "2")]
    total_bytes: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Rule {
    #[prost(bytes = "bytes", tag = "1")]
    prefix: Bytes,
    #[prost(uint32, optional, tag = "2")]
    versions: Option<u32>,
    #[prost(sint64, optional, tag = "3")]
    milliseconds: Option<i64>,
}

impl From<history::HistoryRules> for Rules {
    fn from(rules: history::HistoryRules) -> Self {
        let rule = |rule: history::HistoryRule| Rule {
            prefix: rule.prefix.to_shared(),
            versions: rule.versions,
            milliseconds: rule.milliseconds,
        };
        Self {
            rules: rules.rules.into_iter().map(rule).collect(),
            total_bytes: rules.total_bytes,
        }
    }
}

impl TryFrom<Rules> for history::HistoryRules {
    type Error = Malformed;

    fn try_from(rules: Rules) -> Result<Self, Malformed> {
        let rule = |rule: Rule| {
            Ok(history::HistoryRule {
                prefix: key(&rule.prefix)?,
                versions: rule.versions,
                milliseconds: rule.milliseconds,
            })
        };
        Ok(Self {
            rules: rules
                .rules
                .into_iter()
                .map(rule)
                .collect::<Result<_, Malformed>>()?,
            total_bytes: rules.total_bytes,
        })
    }
}

/// That the rules were taken.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(crate) struct Taken {}

impl TryFrom<Taken> for () {
    type Error = Malformed;

    fn try_from(_taken: Taken) -> Result<(), Malformed> {
        Ok(())
    }
}

/// Which versions of a key to read.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Versions {
    #[prost(bytes = "bytes", tag = "1")]
    key: Bytes,
    #[prost(bytes = "bytes", optional, tag = "2")]
    before: Option<Bytes>,
    #[prost(uint64, tag = "3")]
    limit: u64,
}

/// What [`Versions`] asks for.
pub(crate) struct WantedVersions {
    pub(crate) key: EncodedKey,
    pub(crate) before: Option<Versionstamp>,
    pub(crate) limit: usize,
}

impl Versions {
    pub(crate) fn new(key: &EncodedKey, before: Option<Versionstamp>, limit: usize) -> Self {
        Self {
            key: key.to_shared(),
            before: before.map(stamp_bytes),
            limit: limit as u64,
        }
    }

    pub(crate) fn wanted(self) -> Result<WantedVersions, Malformed> {
        Ok(WantedVersions {
            key: key(&self.key)?,
            before: self.before.as_deref().map(versionstamp).transpose()?,
            limit: size(self.limit),
        })
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Past {
    #[prost(message, optional, tag = "1")]
    entry: Option<Entry>,
    /// 1 replaced, 2 deleted, 3 expired.
    #[prost(int32, tag = "2")]
    ended: i32,
    #[prost(bytes = "bytes", tag = "3")]
    ended_by: Bytes,
    #[prost(sint64, tag = "4")]
    ended_at: i64,
}

impl From<history::PastVersion> for Past {
    fn from(past: history::PastVersion) -> Self {
        Self {
            entry: Some(past.entry.into()),
            ended: match past.ended {
                history::Ended::Replaced => 1,
                history::Ended::Deleted => 2,
                history::Ended::Expired => 3,
            },
            ended_by: stamp_bytes(past.ended_by),
            ended_at: past.ended_at,
        }
    }
}

impl TryFrom<Past> for history::PastVersion {
    type Error = Malformed;

    fn try_from(past: Past) -> Result<Self, Malformed> {
        Ok(Self {
            entry: past.entry.ok_or(Malformed::Missing("entry"))?.try_into()?,
            ended: match past.ended {
                1 => history::Ended::Replaced,
                2 => history::Ended::Deleted,
                3 => history::Ended::Expired,
                number => {
                    return Err(Malformed::Unknown {
                        what: "end of a version",
                        number: number.into(),
                    });
                }
            },
            ended_by: versionstamp(&past.ended_by)?,
            ended_at: past.ended_at,
        })
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct VersionsAnswer {
    #[prost(message, repeated, tag = "1")]
    versions: Vec<Past>,
}

impl From<Vec<history::PastVersion>> for VersionsAnswer {
    fn from(versions: Vec<history::PastVersion>) -> Self {
        Self {
            versions: versions.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<VersionsAnswer> for Vec<history::PastVersion> {
    type Error = Malformed;

    fn try_from(answer: VersionsAnswer) -> Result<Self, Malformed> {
        answer.versions.into_iter().map(TryInto::try_into).collect()
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct DeletedAnswer {
    #[prost(message, repeated, tag = "1")]
    deleted: Vec<Past>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    next: Option<Bytes>,
}

impl From<history::DeletedPage> for DeletedAnswer {
    fn from(page: history::DeletedPage) -> Self {
        Self {
            deleted: page.deleted.into_iter().map(Into::into).collect(),
            next: page.next.as_ref().map(EncodedKey::to_shared),
        }
    }
}

impl TryFrom<DeletedAnswer> for history::DeletedPage {
    type Error = Malformed;

    fn try_from(answer: DeletedAnswer) -> Result<Self, Malformed> {
        Ok(Self {
            deleted: answer
                .deleted
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, Malformed>>()?,
            next: answer.next.as_deref().map(key).transpose()?,
        })
    }
}
