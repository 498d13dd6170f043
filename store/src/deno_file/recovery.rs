//! What can be read of a damaged file, past every damage.
//!
//! The file and its `-wal` are read as bytes, without SQLite: nothing is written, locked, or made beside them.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::connections::{beside, regular_file};
use super::parting::may_be_in_use;
use super::queue;
use super::read::{expires_at, versionstamp};
use crate::database::QueueMessage;
use crate::entry::Entry;
use crate::error::OpenError;
use crate::key::EncodedKey;
use crate::sqlite_pages::{Lost, Part, Source, Wreck};
use crate::value::{Encoding, StoredValue};

/// Missing keys that are named at most; further ones are counted.
const NAMED: usize = 1000;

/// A damaged file cannot even be looked at.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// There is no such file.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A program has it.
    #[error("A program has this file open, so it may change while it is read; end that program first: {0}")]
    InUse(PathBuf),
    /// It holds nothing of Deno KV's.
    #[error(
        "Nothing in this file looks like the entries of a Deno KV database, so nothing can be recovered: {0}"
    )]
    NothingLeft(PathBuf),
    /// The system refused.
    #[error("The file could not be read ({source}): {path}")]
    Io {
        /// What the system said.
        source: std::io::Error,
        /// The file.
        path: PathBuf,
    },
}

/// What cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The value of this entry, of which only the key is left.
    Value(EncodedKey),
    /// What lay between two entries.
    Between {
        /// The entry before; `None` at the beginning of the database.
        after: Option<EncodedKey>,
        /// The entry behind; `None` at its end.
        before: Option<EncodedKey>,
        /// How many entries the file's index has there; more may be missing where [`Recovered::index_is_whole`] is false.
        entries: u64,
        /// The first of these.
        keys: Vec<EncodedKey>,
    },
}

/// What was read of a damaged file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// What is missing, in key order.
    pub missing: Vec<Missing>,
    /// Whether Deno's index of expiries, which has the key of every entry, could be read: then exactly these are missing.
    pub index_is_whole: bool,
    /// Pages that look like entries or messages and were left alone, because the damage hides whether they had been
    /// deleted.
    pub unclear_pages: u64,
    /// Whether everything was read; false after a break.
    pub complete: bool,
}

/// A damaged file that is being read.
pub struct Recovery {
    wreck: Wreck,
}

impl Recovery {
    /// Looks at a file.
    ///
    /// # Errors
    /// If there is no such file, a program has it, or it holds nothing of Deno KV's.
    pub fn open(path: &Path) -> Result<Self, RecoveryError> {
        let file = regular_file(path)?;
        if cfg!(target_os = "linux") && may_be_in_use(&file) {
            return Err(RecoveryError::InUse(path.to_owned()));
        }
        let main = File::open(&file).map_err(|source| RecoveryError::Io {
            source,
            path: path.to_owned(),
        })?;
        let wal = File::open(beside(&file, "-wal")).ok();
        match Wreck::open(source(main), wal.map(source)) {
            Some(wreck) => Ok(Self { wreck }),
            None => Err(RecoveryError::NothingLeft(path.to_owned())),
        }
    }

    /// Hands over each entry that can be read, in key order.
    ///
    /// # Errors
    /// If `found` fails.
    pub fn entries<E>(
        &mut self,
        found: &mut dyn FnMut(Entry) -> Result<ControlFlow<()>, E>,
    ) -> Result<Recovered, E> {
        let mut recovered = Recovered {
            unclear_pages: self.wreck.unclear_pages(),
            ..Recovered::default()
        };
        let mut last: Option<EncodedKey> = None;
        let mut in_gap = false;
        for part in self.wreck.entries() {
            let key = match &part {
                Part::Row(row) => EncodedKey::from_bytes(row.key.clone()),
                Part::Lost(Lost::Value(key)) => EncodedKey::from_bytes(key.clone()),
                Part::Lost(Lost::Between) => {
                    in_gap = true;
                    continue;
                }
            };
            if std::mem::take(&mut in_gap) {
                recovered.missing.push(between(last.take(), Some(key.clone())));
            }
            last = Some(key.clone());
            let Part::Row(row) = part else {
                recovered.missing.push(Missing::Value(key));
                continue;
            };
            let entry = Entry {
                key,
                value: StoredValue {
                    encoding: Encoding::from_number(row.encoding),
                    bytes: row.value.into(),
                },
                versionstamp: versionstamp(row.version),
                expires_at: expires_at(row.expiration),
            };
            if found(entry)?.is_break() {
                return Ok(recovered);
            }
        }
        if in_gap {
            recovered.missing.push(between(last, None));
        }
        self.name_missing(&mut recovered);
        recovered.complete = true;
        Ok(recovered)
    }

    /// Hands over each message of the queue that can be read; returns whether all of them could be.
    ///
    /// # Errors
    /// If `found` fails.
    pub fn messages<E>(&mut self, found: &mut dyn FnMut(QueueMessage) -> Result<(), E>) -> Result<bool, E> {
        self.wreck.messages(&mut |row| {
            found(QueueMessage {
                id: String::new(),
                payload: row.payload.into(),
                due_at: row.due_at,
                running: false,
                keys_if_undelivered: queue::keys_if_undelivered(&row.keys_if_undelivered),
                backoff_schedule: queue::backoff_schedule(&row.backoff_schedule),
            })
        })
    }

    /// Counts and names what the index has in each gap.
    fn name_missing(&mut self, recovered: &mut Recovered) {
        if recovered.missing.is_empty() {
            recovered.index_is_whole = self.wreck.indexed_keys(&mut |_| {});
            return;
        }
        let missing = &mut recovered.missing;
        let mut named = 0;
        let is_whole = self.wreck.indexed_keys(&mut |key| {
            // The last gap that begins before the key.
            let place = missing.partition_point(|gap| match gap {
                Missing::Value(at) => at.as_bytes() < key,
                Missing::Between { after, .. } => after.as_ref().is_none_or(|after| after.as_bytes() < key),
            });
            let Some(Missing::Between {
                before,
                entries,
                keys,
                ..
            }) = place.checked_sub(1).and_then(|place| missing.get_mut(place))
            else {
                return;
            };
            if before.as_ref().is_none_or(|before| key < before.as_bytes()) {
                *entries += 1;
                if named < NAMED {
                    named += 1;
                    keys.push(EncodedKey::from_bytes(key.to_vec()));
                }
            }
        });
        recovered.index_is_whole = is_whole;
        for gap in missing.iter_mut() {
            if let Missing::Between { keys, .. } = gap {
                keys.sort();
            }
        }
        if is_whole {
            // A gap that nothing is missing in: a page that was damaged held nothing.
            missing.retain(|gap| !matches!(gap, Missing::Between { entries: 0, .. }));
        }
    }
}

fn between(after: Option<EncodedKey>, before: Option<EncodedKey>) -> Missing {
    Missing::Between {
        after,
        before,
        entries: 0,
        keys: Vec::new(),
    }
}

fn source(file: File) -> Box<dyn Source> {
    Box::new(BufReader::with_capacity(1 << 16, file))
}

/// Whether a file that SQLite does not take for one of its own is one of Deno's whose beginning is lost.
pub(super) fn is_wreck(file: &Path) -> bool {
    File::open(file).is_ok_and(|main| Wreck::open(source(main), None).is_some())
}
