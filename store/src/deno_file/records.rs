//! The records of a file within a transaction, for an atomic operation to be evaluated over.

use std::vec::IntoIter;

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;

use super::connections::Connections;
use super::queue::message;
use super::read::{blob, entry, integer, versionstamp};
use super::schema::Schema;
use crate::atomic::{AtomicOperation, Enqueue, MessageChange, MutationKind, Records};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;

const COMMITTING: &str = "committing";

/// What is written down of a message beside its bytes and its time.
struct MessageRow {
    /// As JSON.
    intervals: String,
    /// As JSON, too: arrays of byte values, a text in a column for blobs.
    keys_if_undelivered: String,
}

impl MessageRow {
    fn of(message: &Enqueue) -> Self {
        Self {
            intervals: Value::from(message.intervals().to_vec()).to_string(),
            keys_if_undelivered: keys_as_json(&message.keys_if_undelivered),
        }
    }
}

/// A transaction that has begun.
pub(super) struct TransactionRecords<'c> {
    home: &'c Connections,
    connection: &'c Connection,
    statements: Statements,
    /// Of the operation's messages with the names they get, in order.
    enqueues: IntoIter<(String, MessageRow)>,
    /// Of what messages that wait become, in order.
    changes: IntoIter<Option<MessageRow>>,
    version: i64,
}

/// What is put to SQLite, which depends on what the file can hold.
#[derive(Clone, Copy)]
struct Statements {
    entry: &'static str,
    set: &'static str,
    expiry: bool,
}

const VERSION: &str = "SELECT version FROM kv WHERE k = ?1";
const VALUE: &str = "SELECT v, v_encoding FROM kv WHERE k = ?1";
const DELETE: &str = "DELETE FROM kv WHERE k = ?1";
/// As Deno does it, versions go on by 1 to 9 a commit, so that no program comes to rely on their being without gaps.
const NEXT_VERSION: &str =
    "UPDATE data_version SET version = version + 1 + abs(random() % 9) WHERE k = 0 RETURNING version";
const ENQUEUE: &str =
    "INSERT INTO queue (ts, id, data, backoff_schedule, keys_if_undelivered) VALUES (?1, ?2, ?3, ?4, ?5)";
/// Messages that wait with this time, and the one of a name if there is one.
const WAITING: &str = "SELECT id, data, ts, 0, backoff_schedule, keys_if_undelivered FROM queue \
                       WHERE ts = ?1 AND data = ?2";
const WAITING_NAMED: &str = "SELECT id, data, ts, 0, backoff_schedule, keys_if_undelivered FROM queue \
                             WHERE ts = ?1 AND data = ?2 AND id = ?3";
const CHANGE_MESSAGE: &str = "UPDATE queue SET ts = ?3, data = ?4, backoff_schedule = ?5, keys_if_undelivered = ?6 \
                              WHERE ts = ?1 AND id = ?2";
const TAKE_MESSAGE: &str = "DELETE FROM queue WHERE ts = ?1 AND id = ?2";

impl Statements {
    fn of(schema: Schema) -> Self {
        if schema.expiry {
            Self {
                entry: "SELECT k, v, v_encoding, version, expiration_ms FROM kv WHERE k = ?1",
                set: "INSERT INTO kv (k, v, v_encoding, version, expiration_ms) VALUES (?1, ?2, ?3, ?4, ?5) \
                      ON CONFLICT (k) DO UPDATE SET v = excluded.v, v_encoding = excluded.v_encoding, \
                      version = excluded.version, expiration_ms = excluded.expiration_ms",
                expiry: true,
            }
        } else {
            Self {
                entry: "SELECT k, v, v_encoding, version, -1 FROM kv WHERE k = ?1",
                set: "INSERT INTO kv (k, v, v_encoding, version) VALUES (?1, ?2, ?3, ?4) \
                      ON CONFLICT (k) DO UPDATE SET v = excluded.v, v_encoding = excluded.v_encoding, \
                      version = excluded.version",
                expiry: false,
            }
        }
    }
}

impl<'c> TransactionRecords<'c> {
    /// Gets all ready that does not need the transaction, so that this holds the file no longer than it must.
    pub(super) fn prepare(
        home: &'c Connections,
        connection: &'c Connection,
        schema: Schema,
        operation: &AtomicOperation,
    ) -> Result<Self, DatabaseError> {
        refuse_what_the_file_cannot_hold(home, schema, operation)?;
        let failed = |error| home.failed(COMMITTING, &error);
        let statements = Statements::of(schema);
        let queue = (!operation.enqueues.is_empty()).then_some(ENQUEUE);
        let messages = [WAITING, WAITING_NAMED, CHANGE_MESSAGE, TAKE_MESSAGE];
        let messages = messages
            .into_iter()
            .filter(|_| !operation.message_changes.is_empty());
        for sql in [
            VERSION,
            VALUE,
            DELETE,
            NEXT_VERSION,
            statements.entry,
            statements.set,
        ]
        .into_iter()
        .chain(queue)
        .chain(messages)
        {
            connection.prepare_cached(sql).map_err(failed)?;
        }
        // What the transaction will read and replace has been read from the disk by then.
        let keys = operation.mutations.iter().map(|mutation| &mutation.key);
        for key in keys.chain(operation.checks.iter().map(|check| &check.key)) {
            let read = connection.prepare_cached(VALUE).and_then(|mut statement| {
                let mut rows = statement.query([key.as_bytes()])?;
                rows.next().map(|row| row.is_some())
            });
            read.map_err(failed)?;
        }
        let enqueues = operation.enqueues.iter().map(|message| {
            let name = new_id(connection).map_err(failed)?;
            Ok((name, MessageRow::of(message)))
        });
        let changes = operation.message_changes.iter();
        let changes = changes.map(|change| change.becomes.as_ref().map(MessageRow::of));
        let mut records = Self {
            enqueues: enqueues.collect::<Result<Vec<_>, DatabaseError>>()?.into_iter(),
            changes: changes.collect::<Vec<_>>().into_iter(),
            home,
            connection,
            statements,
            version: 0,
        };
        for change in &operation.message_changes {
            records.waiting(change)?;
        }
        Ok(records)
    }

    /// The name of a message that waits as it was seen.
    fn waiting(&mut self, change: &MessageChange) -> Result<Option<String>, DatabaseError> {
        let (due_at, payload) = (change.seen.due_at, change.seen.payload.as_ref());
        let find = || {
            let mut statement;
            let mut rows = match &change.id {
                Some(id) => {
                    statement = self.connection.prepare_cached(WAITING_NAMED)?;
                    statement.query((due_at, payload, id))?
                }
                None => {
                    statement = self.connection.prepare_cached(WAITING)?;
                    statement.query((due_at, payload))?
                }
            };
            while let Some(row) = rows.next()? {
                let message = message(row)?;
                if message.is_like(&change.seen) {
                    return Ok(Some(message.id));
                }
            }
            Ok(None)
        };
        find().map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &rusqlite::Error) -> DatabaseError {
        self.home.failed(COMMITTING, error)
    }

    fn damaged(&self, reason: &str) -> DatabaseError {
        DatabaseError::Engine {
            doing: COMMITTING,
            reason: reason.to_owned(),
            location: self.home.location(),
        }
    }
}

impl Records for TransactionRecords<'_> {
    fn versionstamp(&mut self, key: &EncodedKey) -> Result<Option<Versionstamp>, DatabaseError> {
        self.connection
            .prepare_cached(VERSION)
            .and_then(|mut statement| {
                statement
                    .query_row([key.as_bytes()], |row| Ok(versionstamp(integer(row.get_ref(0)?))))
                    .optional()
            })
            .map_err(|error| self.failed(&error))
    }

    fn entry(&mut self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        self.connection
            .prepare_cached(self.statements.entry)
            .and_then(|mut statement| statement.query_row([key.as_bytes()], entry).optional())
            .map_err(|error| self.failed(&error))
    }

    fn value(&mut self, key: &EncodedKey) -> Result<Option<StoredValue>, DatabaseError> {
        self.connection
            .prepare_cached(VALUE)
            .and_then(|mut statement| {
                statement
                    .query_row([key.as_bytes()], |row| {
                        Ok(StoredValue {
                            encoding: Encoding::from_number(integer(row.get_ref(1)?)),
                            bytes: blob(row.get_ref(0)?),
                        })
                    })
                    .optional()
            })
            .map_err(|error| self.failed(&error))
    }

    fn change_message(&mut self, change: &MessageChange) -> Result<bool, DatabaseError> {
        let row = self.changes.next().flatten();
        let Some(id) = self.waiting(change)? else {
            return Ok(false);
        };
        let due_at = change.seen.due_at;
        let changed = match (row, &change.becomes) {
            (Some(row), Some(message)) => {
                self.connection
                    .prepare_cached(CHANGE_MESSAGE)
                    .and_then(|mut statement| {
                        statement.execute((
                            due_at,
                            id,
                            message.due_at.max(0),
                            message.payload.as_ref(),
                            row.intervals,
                            row.keys_if_undelivered,
                        ))
                    })
            }
            _ => self
                .connection
                .prepare_cached(TAKE_MESSAGE)
                .and_then(|mut statement| statement.execute((due_at, id))),
        };
        changed.map(|rows| rows == 1).map_err(|error| self.failed(&error))
    }

    fn begin(&mut self) -> Result<Versionstamp, DatabaseError> {
        let version = self
            .connection
            .prepare_cached(NEXT_VERSION)
            .and_then(|mut statement| {
                statement
                    .query_row((), |row| Ok(integer(row.get_ref(0)?)))
                    .optional()
            })
            .map_err(|error| self.failed(&error))?;
        match version {
            Some(version) if version > 0 => {
                self.version = version;
                Ok(versionstamp(version))
            }
            Some(_) => Err(self.damaged("its commit counter is damaged, or no versionstamp is left")),
            None => Err(self.damaged("its commit counter is missing")),
        }
    }

    fn set(
        &mut self,
        key: &EncodedKey,
        value: &StoredValue,
        expires_at: Option<i64>,
    ) -> Result<(), DatabaseError> {
        let (key, encoding) = (key.as_bytes(), value.encoding.number());
        let bytes = value.bytes.as_ref();
        let set = self.connection.prepare_cached(self.statements.set);
        let set = set.and_then(|mut statement| {
            if self.statements.expiry {
                // A time before the epoch would read as never.
                let expiration = expires_at.map_or(-1, |time| time.max(0));
                statement.execute((key, bytes, encoding, self.version, expiration))
            } else {
                statement.execute((key, bytes, encoding, self.version))
            }
        });
        set.map(|_one| ()).map_err(|error| self.failed(&error))
    }

    fn delete(&mut self, key: &EncodedKey) -> Result<(), DatabaseError> {
        self.connection
            .prepare_cached(DELETE)
            .and_then(|mut statement| statement.execute([key.as_bytes()]))
            .map(|_number| ())
            .map_err(|error| self.failed(&error))
    }

    fn enqueue(&mut self, message: &Enqueue) -> Result<(), DatabaseError> {
        let Some((id, row)) = self.enqueues.next() else {
            return Err(self.damaged("a message was not prepared"));
        };
        self.connection
            .prepare_cached(ENQUEUE)
            .and_then(|mut statement| {
                statement.execute((
                    message.due_at.max(0),
                    id,
                    message.payload.as_ref(),
                    row.intervals,
                    row.keys_if_undelivered,
                ))
            })
            .map(|_one| ())
            .map_err(|error| self.failed(&error))
    }
}

/// Files of an older schema have no place for everything; only Deno itself brings them to a newer one.
fn refuse_what_the_file_cannot_hold(
    home: &Connections,
    schema: Schema,
    operation: &AtomicOperation,
) -> Result<(), DatabaseError> {
    let expires = |kind: &MutationKind| {
        let (MutationKind::Set { expires_at, .. }
        | MutationKind::SetSuffixVersionstampedKey { expires_at, .. }) = kind
        else {
            return false;
        };
        expires_at.is_some()
    };
    let lacks = |what: &str| {
        Err(DatabaseError::Unsupported(format!(
            "Nothing was stored, because {what} in a file of schema version {}; once a newer Deno has opened it they \
             can: {}",
            schema.version,
            home.location()
        )))
    };
    if !schema.expiry && operation.mutations.iter().any(|mutation| expires(&mutation.kind)) {
        return lacks("entries cannot expire");
    }
    let has_messages = !operation.enqueues.is_empty() || !operation.message_changes.is_empty();
    if !schema.queue && has_messages {
        return lacks("messages cannot be queued");
    }
    Ok(())
}

/// A name for a message, as Deno gives them: a random UUID, its version 4 and its variant in their places.
fn new_id(connection: &Connection) -> Result<String, rusqlite::Error> {
    let random = connection
        .prepare_cached("SELECT randomblob(16)")?
        .query_row((), |row| row.get::<_, [u8; 16]>(0))?;
    let id = u128::from_be_bytes(random);
    let id = id & !(0xf << 76) | 0x4 << 76;
    let id = id & !(0x3 << 62) | 0x2 << 62;
    let group = |shift: u32| id >> shift & 0xffff;
    Ok(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        id >> 96,
        group(80),
        group(64),
        group(48),
        id & 0xffff_ffff_ffff
    ))
}

/// A list of keys as JSON: each an array of its bytes.
fn keys_as_json(keys: &[EncodedKey]) -> String {
    let keys = keys.iter().map(|key| Value::from(key.as_bytes().to_vec()));
    Value::from_iter(keys).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_message_is_a_random_uuid() {
        let connection = Connection::open_in_memory().unwrap();
        let ids: Vec<_> = (0..64).map(|_| new_id(&connection).unwrap()).collect();
        for id in &ids {
            let lengths: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!(["8", "9", "a", "b"].contains(&&id[19..20]), "{id}");
        }
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn keys_are_written_as_arrays_of_their_bytes() {
        let keys = [EncodedKey::from_bytes(&[2, 97, 0][..]), EncodedKey::default()];
        assert_eq!(keys_as_json(&keys), "[[2,97,0],[]]");
        assert_eq!(keys_as_json(&[]), "[]");
    }
}
