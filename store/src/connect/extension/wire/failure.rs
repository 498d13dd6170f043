//! What a database refused, or how it failed, so that it is the same on the other side.

use prost::Message;

use super::Malformed;
use crate::error::{CommitError, DatabaseError, LockOwner};
use crate::limits::LimitError;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Failure {
    #[prost(int32, tag = "1")]
    kind: i32,
    /// What is known of the operation, where it was a commit.
    #[prost(int32, tag = "2")]
    commit: i32,
    /// A reason, or a sentence where the kind has no other fields.
    #[prost(string, tag = "3")]
    reason: String,
    #[prost(string, tag = "4")]
    location: String,
    /// Which limit, or so many seconds.
    #[prost(uint64, tag = "5")]
    number: u64,
    #[prost(message, optional, tag = "6")]
    owner: Option<Owner>,
    /// What is to be said with a limit.
    #[prost(uint64, tag = "7")]
    most: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Owner {
    #[prost(uint32, tag = "1")]
    process: u32,
    #[prost(string, optional, tag = "2")]
    name: Option<String>,
}

/// What failed.
mod kind {
    pub(super) const LIMIT: i32 = 1;
    pub(super) const TYPE: i32 = 2;
    pub(super) const READ_ONLY: i32 = 3;
    pub(super) const UNSUPPORTED: i32 = 4;
    pub(super) const GONE: i32 = 5;
    pub(super) const BUSY: i32 = 6;
    pub(super) const UNREACHABLE: i32 = 7;
    pub(super) const UNAUTHORISED: i32 = 8;
    pub(super) const DAMAGED: i32 = 9;
    pub(super) const ENGINE: i32 = 10;
    pub(super) const DISK_FULL: i32 = 11;
}

/// What is known of an operation.
mod commit {
    pub(super) const REFUSED: i32 = 1;
    pub(super) const FAILED: i32 = 2;
    pub(super) const UNREACHABLE: i32 = 3;
    pub(super) const UNAUTHORISED: i32 = 4;
    pub(super) const UNKNOWN: i32 = 5;
}

impl Failure {
    /// What it says to a person.
    pub(crate) fn sentence(&self) -> String {
        let sentence = match self.commit {
            0 => DatabaseError::try_from(self.clone()).map(|error| error.to_string()),
            _ => CommitError::try_from(self.clone()).map(|error| error.to_string()),
        };
        sentence.unwrap_or_else(|malformed| malformed.to_string())
    }
}

/// What a database was doing that failed on the other side; what it was exactly stands in the reason.
const ANSWERING: &str = "answering";

/// The number of a limit, and what is to be said with it: how much is taken, or which interval it is.
fn number_of(limit: &LimitError) -> (u64, usize) {
    match *limit {
        LimitError::EmptyKey => (1, 0),
        LimitError::KeyForWrite(most) => (2, most),
        LimitError::KeyForRead(most) => (3, most),
        LimitError::Value(most) => (4, most),
        LimitError::Checks(most) => (5, most),
        LimitError::Mutations(most) => (6, most),
        LimitError::CommitBytes(most) => (7, most),
        LimitError::CommitKeyBytes(most) => (8, most),
        LimitError::Ranges(most) => (9, most),
        LimitError::ReadEntries(most) => (10, most),
        LimitError::WatchedKeys(most) => (11, most),
        LimitError::Message(most) => (12, most),
        LimitError::BackoffIntervals => (13, 0),
        LimitError::BackoffInterval(index) => (14, index),
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        let of = |kind, reason: String, location: String| Self {
            kind,
            reason,
            location,
            ..Self::default()
        };
        match error {
            DatabaseError::Limit(limit) => {
                let (number, most) = number_of(&limit);
                Self {
                    kind: kind::LIMIT,
                    number,
                    most: most as u64,
                    ..Self::default()
                }
            }
            DatabaseError::Type(sentence) => of(kind::TYPE, sentence, String::new()),
            DatabaseError::ReadOnly(location) => of(kind::READ_ONLY, String::new(), location),
            DatabaseError::Unsupported(sentence) => of(kind::UNSUPPORTED, sentence, String::new()),
            DatabaseError::Gone(location) => of(kind::GONE, String::new(), location),
            DatabaseError::DiskFull(location) => of(kind::DISK_FULL, String::new(), location),
            DatabaseError::Busy {
                owner,
                seconds,
                location,
            } => Self {
                number: seconds,
                owner: owner.map(|LockOwner { process, name }| Owner { process, name }),
                ..of(kind::BUSY, String::new(), location)
            },
            DatabaseError::Unreachable { reason, location } => of(kind::UNREACHABLE, reason, location),
            DatabaseError::Unauthorised { reason, location } => of(kind::UNAUTHORISED, reason, location),
            DatabaseError::Damaged {
                doing,
                reason,
                location,
            } => of(kind::DAMAGED, told(doing, &reason), location),
            DatabaseError::Engine {
                doing,
                reason,
                location,
            } => of(kind::ENGINE, told(doing, &reason), location),
        }
    }
}

/// What it was doing, and why it failed. What came from another side already is told once.
fn told(doing: &str, reason: &str) -> String {
    if doing == ANSWERING {
        reason.to_owned()
    } else {
        format!("{doing}: {reason}")
    }
}

impl TryFrom<Failure> for DatabaseError {
    type Error = Malformed;

    fn try_from(failure: Failure) -> Result<Self, Malformed> {
        let Failure { reason, location, .. } = failure;
        Ok(match failure.kind {
            kind::LIMIT => Self::Limit(limit(failure.number, failure.most)?),
            kind::TYPE => Self::Type(reason),
            kind::READ_ONLY => Self::ReadOnly(location),
            kind::UNSUPPORTED => Self::Unsupported(reason),
            kind::GONE => Self::Gone(location),
            kind::DISK_FULL => Self::DiskFull(location),
            kind::BUSY => Self::Busy {
                owner: failure
                    .owner
                    .map(|Owner { process, name }| LockOwner { process, name }),
                seconds: failure.number,
                location,
            },
            kind::UNREACHABLE => Self::Unreachable { reason, location },
            kind::UNAUTHORISED => Self::Unauthorised { reason, location },
            kind::DAMAGED => Self::Damaged {
                doing: ANSWERING,
                reason,
                location,
            },
            kind::ENGINE => Self::Engine {
                doing: ANSWERING,
                reason,
                location,
            },
            number => {
                return Err(Malformed::Unknown {
                    what: "failure",
                    number: number.into(),
                });
            }
        })
    }
}

fn limit(number: u64, most: u64) -> Result<LimitError, Malformed> {
    let most = super::size(most);
    Ok(match number {
        1 => LimitError::EmptyKey,
        2 => LimitError::KeyForWrite(most),
        3 => LimitError::KeyForRead(most),
        4 => LimitError::Value(most),
        5 => LimitError::Checks(most),
        6 => LimitError::Mutations(most),
        7 => LimitError::CommitBytes(most),
        8 => LimitError::CommitKeyBytes(most),
        9 => LimitError::Ranges(most),
        10 => LimitError::ReadEntries(most),
        11 => LimitError::WatchedKeys(most),
        12 => LimitError::Message(most),
        13 => LimitError::BackoffIntervals,
        14 => LimitError::BackoffInterval(most),
        number => {
            return Err(Malformed::Unknown {
                what: "limit",
                number: i64::try_from(number).unwrap_or(i64::MAX),
            });
        }
    })
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        let of = |commit, error: DatabaseError| Self {
            commit,
            ..error.into()
        };
        match error {
            CommitError::Refused(error) => of(commit::REFUSED, error),
            CommitError::Failed(error) => of(commit::FAILED, error),
            CommitError::Unreachable(error) => of(commit::UNREACHABLE, error),
            CommitError::Unauthorised(error) => of(commit::UNAUTHORISED, error),
            CommitError::Unknown { reason, location } => Self {
                commit: commit::UNKNOWN,
                reason,
                location,
                ..Self::default()
            },
        }
    }
}

impl TryFrom<Failure> for CommitError {
    type Error = Malformed;

    fn try_from(failure: Failure) -> Result<Self, Malformed> {
        Ok(match failure.commit {
            commit::REFUSED => Self::Refused(failure.try_into()?),
            commit::FAILED => Self::Failed(failure.try_into()?),
            commit::UNREACHABLE => Self::Unreachable(failure.try_into()?),
            commit::UNAUTHORISED => Self::Unauthorised(failure.try_into()?),
            commit::UNKNOWN => Self::Unknown {
                reason: failure.reason,
                location: failure.location,
            },
            number => {
                return Err(Malformed::Unknown {
                    what: "failure of a commit",
                    number: number.into(),
                });
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(error: CommitError) -> CommitError {
        let bytes = Failure::from(error).encode_to_vec();
        Failure::decode(bytes.as_slice()).unwrap().try_into().unwrap()
    }

    #[test]
    fn a_failure_says_the_same_on_the_other_side() {
        let limits = (1..=14).map(|number| limit(number, 7).unwrap());
        let mut errors: Vec<DatabaseError> = limits.map(Into::into).collect();
        assert!(limit(15, 7).is_err());
        errors.extend([
            DatabaseError::DiskFull("shop.kg".to_owned()),
            DatabaseError::Type("sum of a text".to_owned()),
            DatabaseError::ReadOnly("shop.kg".to_owned()),
            DatabaseError::Unsupported("It cannot.".to_owned()),
            DatabaseError::Gone("shop.kg".to_owned()),
            DatabaseError::Busy {
                owner: Some(LockOwner {
                    process: 7,
                    name: Some("deno".to_owned()),
                }),
                seconds: 5,
                location: "kv.sqlite3".to_owned(),
            },
            DatabaseError::Unreachable {
                reason: "no route".to_owned(),
                location: "kv".to_owned(),
            },
            DatabaseError::Unauthorised {
                reason: "401".to_owned(),
                location: "kv".to_owned(),
            },
        ]);
        for error in errors {
            let sentence = error.to_string();
            assert_eq!(sent(CommitError::Refused(error)).to_string(), sentence);
        }
        let engine = || DatabaseError::Engine {
            doing: "writing",
            reason: "no space left".to_owned(),
            location: "shop.kg".to_owned(),
        };
        let once = sent(CommitError::Failed(engine()));
        assert_eq!(
            once.to_string(),
            "Nothing was stored: The database failed while answering (writing: no space left); close and open it again: shop.kg"
        );
        assert_eq!(
            sent(sent(CommitError::Failed(engine()))).to_string(),
            once.to_string()
        );
        let unknown = CommitError::Unknown {
            reason: "no space left".to_owned(),
            location: "shop.kg".to_owned(),
        };
        assert!(matches!(sent(unknown), CommitError::Unknown { .. }));
    }
}
