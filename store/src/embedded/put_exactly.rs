//! Rows as somebody else has them, with his versions, put into a store as one.

use fjall::PersistMode;

use super::Store;
use super::engine::{Failure, contain};
use super::layout::{RESERVED_VERSION, Record, VERSION_BLOCK, expiry_row};
use super::read::View;
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::EncodedKey;

const PUTTING: &str = "taking entries in";
/// Rows of the index that are written together.
const INDEX_ROWS: usize = 8192;

impl Store {
    /// Puts entries in as they are, and removes those that are `None`: all of it at once, so that also a crash leaves all
    /// or nothing. Entries keep the first eight bytes of their versionstamps as their versions. Keys must come in order,
    /// each once, and within Deno's limits. `rows` is asked for twice and must give the same. Subscriptions are not told: it is
    /// for a store that nobody else uses.
    ///
    /// # Errors
    /// If rows cannot be read, in which case nothing is stored, or the store cannot be written.
    pub(crate) fn put_exactly<E, I>(&self, rows: &dyn Fn() -> Result<I, E>) -> Result<(), E>
    where
        E: From<DatabaseError>,
        I: Iterator<Item = Result<(EncodedKey, Option<Entry>), E>>,
    {
        let shared = self.writable()?;
        let mut state = shared.lock_commits()?;
        let engine = &shared.engine;
        if let Some(reason) = &state.failure {
            return Err(engine.failed(PUTTING, reason.as_str()).into());
        }
        // First what the entries rely on: the index knows their expiries, and their versions are reserved.
        let mut version = state.version;
        let mut batch = engine.database.batch();
        let mut num_indexed = 0;
        for row in rows()? {
            let (key, Some(entry)) = row? else { continue };
            version = version.max(entry.versionstamp.counter());
            let Some(expires_at) = entry.expires_at else {
                continue;
            };
            batch.insert(&engine.aux, expiry_row(expires_at, key.as_bytes()), Vec::new());
            num_indexed += 1;
            if num_indexed == INDEX_ROWS {
                num_indexed = 0;
                let full = std::mem::replace(&mut batch, engine.database.batch());
                contain(|| full.commit()).map_err(|failure| {
                    let reason = failure.describe();
                    state.failure = Some(reason.clone());
                    engine.failed(PUTTING, reason)
                })?;
            }
        }
        // Rows that go into tables must find this row in the newest batch; see the layout.
        let mut batch = batch.durability(Some(PersistMode::SyncData));
        let reserved_version = version.saturating_add(VERSION_BLOCK).max(state.reserved_version);
        batch.insert(&engine.aux, RESERVED_VERSION, reserved_version.to_be_bytes());
        let mut fail = |failure: Failure| {
            let reason = failure.describe();
            state.failure = Some(reason.clone());
            engine.failed(PUTTING, reason)
        };
        contain(|| batch.commit()).map_err(&mut fail)?;

        let mut unreadable = None;
        let rows = rows()?;
        let written = contain(|| {
            let mut ingestion = engine.kv.start_ingestion()?;
            let mut is_empty = true;
            for row in rows {
                let (key, entry) = match row {
                    Ok(row) => row,
                    Err(error) => {
                        unreadable = Some(error);
                        return Ok(None);
                    }
                };
                is_empty = false;
                match entry {
                    None => ingestion.write_tombstone(key.to_shared())?,
                    Some(entry) => {
                        let record = Record {
                            version: entry.versionstamp.counter(),
                            encoding: entry.value.encoding,
                            expires_at: entry.expires_at,
                            payload: entry.value.bytes,
                        };
                        ingestion.write(key.to_shared(), record.encode())?;
                    }
                }
            }
            Ok((!is_empty).then_some(ingestion))
        });
        let written = written.map_err(&mut fail)?;
        if let Some(error) = unreadable {
            return Err(error);
        }
        if let Some(ingestion) = written {
            // Tables are nobody's until this step, which takes them in as one.
            contain(|| ingestion.finish()).map_err(&mut fail)?;
        }
        state.version = version;
        state.reserved_version = reserved_version;
        shared.publish(View::now(engine, version));
        Ok(())
    }
}
