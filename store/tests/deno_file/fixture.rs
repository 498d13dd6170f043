//! Databases for tests: a copy of one that real Deno wrote, and one that a connection of our own writes the way
//! Deno does.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use keyglass_store::{EncodedKey, Key, KeyPart};
use rusqlite::Connection;
use tempfile::TempDir;

/// Where the test data of the repository is.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data")
        .join(name)
}

/// A copy of `shop.sqlite3` in a folder of its own.
pub fn shop() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("shop.sqlite3");
    fs::copy(data("shop.sqlite3"), &path).unwrap();
    (folder, path)
}

/// What Deno itself read from `shop.sqlite3`.
pub fn shop_expected() -> Vec<serde_json::Value> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(data("shop.expected.json.gz")).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    golden["list"].as_array().unwrap().clone()
}

/// A key of string parts.
pub fn key(parts: &[&str]) -> EncodedKey {
    let parts = parts.iter().map(|part| KeyPart::String((*part).to_owned()));
    Key(parts.collect()).encode().unwrap()
}

/// A second process, as far as SQLite can tell: a connection of its own that writes as Deno does.
pub struct Writer(pub Connection);

impl Writer {
    /// Creates a database with Deno's tables, empty and in WAL mode.
    pub fn create(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        let tables = include_str!("../../../tests/data/deno_tables.sql");
        connection
            .execute_batch(&format!("PRAGMA journal_mode = wal; BEGIN; {tables}; COMMIT"))
            .unwrap();
        Self(connection)
    }

    /// Opens one that exists.
    pub fn open(path: &Path) -> Self {
        Self(Connection::open(path).unwrap())
    }

    /// Commits sets of raw bytes together; returns their version.
    pub fn set(&mut self, entries: &[(EncodedKey, &[u8])]) -> i64 {
        self.commit(entries, &[])
    }

    /// Commits deletes together.
    pub fn delete(&mut self, keys: &[EncodedKey]) {
        self.commit(&[], keys);
    }

    /// Commits sets and deletes together; returns their version.
    pub fn commit(&mut self, sets: &[(EncodedKey, &[u8])], deletes: &[EncodedKey]) -> i64 {
        let transaction = self.0.transaction().unwrap();
        let version = transaction
            .query_row(
                "UPDATE data_version SET version = version + 3 WHERE k = 0 RETURNING version",
                (),
                |row| row.get(0),
            )
            .unwrap();
        for (key, value) in sets {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO kv (k, v, v_encoding, version) VALUES (?1, ?2, 3, ?3)",
                )
                .unwrap()
                .execute((key.as_bytes(), value, version))
                .unwrap();
        }
        for key in deletes {
            transaction
                .execute("DELETE FROM kv WHERE k = ?1", [key.as_bytes()])
                .unwrap();
        }
        transaction.commit().unwrap();
        version
    }
}
