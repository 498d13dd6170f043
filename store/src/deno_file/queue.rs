//! The queue of Deno's files.

use rusqlite::Row;
use xxhash_rust::xxh3::Xxh3;

use super::read::{FileSnapshot, blob, integer};
use crate::database::{QueueMessage, QueuePlace};
use crate::error::DatabaseError;
use crate::key::EncodedKey;

/// Messages behind a place, by due time: both tables are gone through by their primary keys from there on, and nothing is
/// sorted.
const PAGE: &str = "\
    SELECT id, data, ts, 0, backoff_schedule, keys_if_undelivered FROM queue WHERE (ts, id) > (?2, ?3) \
    UNION ALL SELECT id, data, deadline, 1, backoff_schedule, keys_if_undelivered FROM queue_running \
    WHERE (deadline, id) > (?2, ?3) ORDER BY 3, 1 LIMIT ?1";

/// Which messages there are, in the order of the primary keys, too.
const STATE: &str =
    "SELECT id, ts, 0 FROM queue UNION ALL SELECT id, deadline, 1 FROM queue_running ORDER BY 2, 1";

impl FileSnapshot {
    /// Waiting, delayed and running messages behind a place, by due time.
    pub(super) fn queue(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        if !self.home().schema().queue {
            return Ok(Vec::new());
        }
        let doing = "reading the queue";
        let failed = |error| self.home().failed(doing, &error);
        let mut statement = self.prepare(PAGE, doing)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let place = after.map_or(i64::MIN, |place| place.due_at);
        let id = after.map_or("", |place| place.id.as_str());
        let messages = statement.query_map((limit, place, id), message).map_err(failed)?;
        messages.collect::<Result<_, _>>().map_err(failed)
    }

    /// How many messages there are, and a hash of which there are, when they are due and which are running.
    pub(super) fn queue_state(&self) -> Result<(u64, u64), DatabaseError> {
        if !self.home().schema().queue {
            return Ok((0, 0));
        }
        let doing = "reading the queue";
        let failed = |error| self.home().failed(doing, &error);
        let mut statement = self.prepare(STATE, doing)?;
        let mut rows = statement.query(()).map_err(failed)?;
        let mut hasher = Xxh3::new();
        let mut messages = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            let column = |index| row.get_ref(index).map_err(failed);
            let id = blob(column(0)?);
            hasher.update(&(id.len() as u64).to_le_bytes());
            hasher.update(&id);
            hasher.update(&integer(column(1)?).to_le_bytes());
            hasher.update(&integer(column(2)?).to_le_bytes());
            messages += 1;
        }
        Ok((messages, hasher.digest()))
    }

    /// How many messages [`Self::queue`] has.
    pub(super) fn queue_length(&self) -> Result<u64, DatabaseError> {
        if !self.home().schema().queue {
            return Ok(0);
        }
        let length =
            self.number("SELECT (SELECT count(*) FROM queue) + (SELECT count(*) FROM queue_running)")?;
        Ok(u64::try_from(length).unwrap_or(0))
    }
}

/// A message of a row with these columns.
pub(super) fn message(row: &Row<'_>) -> Result<QueueMessage, rusqlite::Error> {
    Ok(QueueMessage {
        id: String::from_utf8_lossy(&blob(row.get_ref(0)?)).into_owned(),
        payload: blob(row.get_ref(1)?),
        due_at: integer(row.get_ref(2)?),
        running: integer(row.get_ref(3)?) == 1,
        backoff_schedule: backoff_schedule(&blob(row.get_ref(4)?)),
        keys_if_undelivered: keys_if_undelivered(&blob(row.get_ref(5)?)),
    })
}

/// Milliseconds as a JSON array.
pub(super) fn backoff_schedule(json: &[u8]) -> Vec<u32> {
    serde_json::from_slice(json).unwrap_or_default()
}

/// Keys as JSON arrays of byte values.
pub(super) fn keys_if_undelivered(json: &[u8]) -> Vec<EncodedKey> {
    let keys: Vec<Vec<u8>> = serde_json::from_slice(json).unwrap_or_default();
    keys.into_iter().map(EncodedKey::from_bytes).collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::deno_file::create;

    /// How SQLite does a statement, one step a line.
    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = statement.raw_query();
        let mut steps = String::new();
        while let Some(row) = rows.next().unwrap() {
            steps += &format!("{}\n", row.get::<_, String>(3).unwrap());
        }
        steps
    }

    #[test]
    fn a_page_of_the_queue_begins_at_its_place_and_nothing_is_sorted() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("kv");
        create::create(&path).unwrap();
        let connection = Connection::open(&path).unwrap();
        let page = plan(&connection, PAGE);
        assert!(
            page.contains("SEARCH queue USING INDEX") && page.contains("(ts,id)>(?,?)"),
            "{page}"
        );
        assert!(page.contains("SEARCH queue_running USING INDEX"), "{page}");
        let state = plan(&connection, STATE);
        assert!(state.contains("SCAN queue USING COVERING INDEX"), "{state}");
        for plan in [page, state] {
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
