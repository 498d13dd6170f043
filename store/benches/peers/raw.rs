//! SQLite through rusqlite on the calling thread, with Deno's table and settings.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, params};

use crate::data::{self, Row};
use crate::measure::{Peer, repeat};

pub struct Raw {
    connection: Connection,
    version: Cell<i64>,
    next: Cell<u64>,
}

impl Raw {
    fn write(&self, rows: impl Iterator<Item = Row>) {
        let transaction = self.connection.unchecked_transaction().expect("a transaction");
        let version = self.version.get() + 1;
        self.version.set(version);
        {
            let mut set = transaction
                .prepare_cached(
                    "insert into kv (k, v, v_encoding, version) values (?, ?, 3, ?)
                     on conflict (k) do update set v = excluded.v, version = excluded.version",
                )
                .expect("a statement");
            for (key, value) in rows {
                set.execute(params![key, value, version]).expect("it writes");
            }
        }
        transaction.commit().expect("it commits");
    }
}

impl Peer for Raw {
    fn open(folder: &Path, _relaxed: bool) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let connection = Connection::open(folder.join("raw.sqlite3")).expect("it opens");
        connection
            .pragma_update(None, "journal_mode", "wal")
            .expect("it opens");
        connection
            .execute_batch(
                "create table if not exists kv (k blob primary key, v blob not null, v_encoding integer not null,
                 version integer not null, seq integer not null default 0,
                 expiration_ms integer not null default -1) without rowid",
            )
            .expect("a table");
        Self {
            connection,
            version: Cell::new(0),
            next: Cell::new(1 << 34),
        }
    }

    /// One caller: a connection belongs to one thread.
    fn commit(&self, _callers: u64, rows: u64, time: Duration) -> Vec<Duration> {
        repeat(time, || {
            let first = self.next.get();
            self.next.set(first + rows);
            self.write((first..first + rows).map(|number| (data::key(number), data::prepared_value(number))));
        })
    }

    fn get(&self, key: &[u8]) -> bool {
        let mut statement = self
            .connection
            .prepare_cached("select v, v_encoding, version from kv where k = ?")
            .expect("a statement");
        let mut rows = statement.query([key]).expect("it reads");
        let row = rows.next().expect("it reads");
        row.map(|row| row.get::<_, Vec<u8>>(0).expect("a value"))
            .is_some()
    }

    fn get_many(&self, keys: &[Vec<u8>]) -> usize {
        keys.iter().filter(|key| self.get(key)).count()
    }

    fn list(&self, start: &[u8], end: &[u8], limit: u32, reverse: bool) -> (usize, Option<Vec<u8>>) {
        let sql = if reverse {
            "select k, v, v_encoding, version from kv where k >= ? and k < ? order by k desc limit ?"
        } else {
            "select k, v, v_encoding, version from kv where k >= ? and k < ? order by k limit ?"
        };
        let mut statement = self.connection.prepare_cached(sql).expect("a statement");
        let rows = statement.query_map(params![start, end, limit], |row| {
            Ok((
                row.get::<_, Vec<u8>>(0)?,
                row.get::<_, Vec<u8>>(1)?,
                row.get::<_, i64>(3)?,
            ))
        });
        let mut rows: Vec<_> = rows.expect("it reads").map(|row| row.expect("a row")).collect();
        (rows.len(), rows.pop().map(|(key, ..)| key))
    }

    fn load(&self, rows: &[Row]) {
        for rows in rows.chunks(1000) {
            self.write(rows.iter().cloned());
        }
    }

    fn close(self) {}
}
