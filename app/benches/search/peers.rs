//! What a person would do without the window: `grep` in an export, or a loop over all entries in Deno.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyglass_store::Database;
use keyglass_store::database::ReadRange;
use keyglass_store::key::KeyRange;
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::{self, ExportOptions, Format};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::Outcome;

/// Names of the export and of the file of Deno's form.
const EXPORT: &str = "export.ndjson";
const FILE: &str = "kv.sqlite3";
/// Entries of one read.
const PAGE: usize = 1000;
/// How often each peer runs; the fastest counts.
const ROUNDS: usize = 2;

/// Deno's tables, as its version 2.9 makes them.
const TABLES: &str = "
    PRAGMA journal_mode = off;
    CREATE TABLE migration_state(k integer not null primary key, version integer not null);
    CREATE TABLE data_version (k integer primary key, version integer not null, seq integer not null default 0);
    CREATE TABLE kv (k blob primary key, v blob not null, v_encoding integer not null, version integer not null,
        seq integer not null default 0, expiration_ms integer not null default -1) without rowid;
    CREATE TABLE queue (ts integer not null, id text not null, data blob not null, backoff_schedule text not null,
        keys_if_undelivered blob not null, primary key (ts, id));
    CREATE TABLE queue_running (deadline integer not null, id text not null, data blob not null,
        backoff_schedule text not null, keys_if_undelivered blob not null, primary key (deadline, id));
    CREATE INDEX kv_expiration_ms_idx on kv (expiration_ms);
    INSERT INTO migration_state VALUES (0, 3);
    INSERT INTO data_version (k, version) VALUES (0, 1);";

/// The same entries in other forms, until this is dropped.
pub struct Peers {
    folder: TempDir,
    deno: PathBuf,
    /// How long the export took.
    pub exported: Duration,
}

/// How long a peer took, and in how many entries it found something.
#[derive(Clone, Copy)]
pub struct PeerTook {
    pub whole: Duration,
    pub found: u64,
}

impl Peers {
    pub fn prepare(database: &dyn Database, deno: &Path) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let options = ExportOptions {
            ranges: vec![KeyRange::everything()],
            format: Format::Ndjson,
            expired: false,
        };
        let begun = Instant::now();
        transfer::export_to_file(database, &options, &folder.path().join(EXPORT), &mut |_| {
            std::ops::ControlFlow::Continue(())
        })?;
        let exported = begun.elapsed();
        write_file(database, &folder.path().join(FILE))?;
        Ok(Self {
            folder,
            deno: deno.to_owned(),
            exported,
        })
    }

    /// The file of Deno's form.
    pub fn file(&self) -> Outcome<Arc<dyn Database>> {
        Ok(OpenOptions::new().open(&self.folder.path().join(FILE).display().to_string())?)
    }

    /// How long `grep` takes; nothing where there is none.
    pub fn grep(&self, text: &str, is_expression: bool) -> Outcome<Option<PeerTook>> {
        let mut grep = Command::new("grep");
        grep.args(["--ignore-case", "--count"])
            .arg(if is_expression {
                "--perl-regexp"
            } else {
                "--fixed-strings"
            })
            .arg(text)
            .arg(self.folder.path().join(EXPORT));
        run(&mut grep)
    }

    /// How long a loop in Deno takes; nothing where there is no Deno.
    pub fn deno(&self, text: &str, is_expression: bool) -> Outcome<Option<PeerTook>> {
        let mut deno = Command::new(&self.deno);
        deno.args(["run", "--quiet", "--allow-all", "--unstable-kv"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/search/find.ts"))
            .arg(self.folder.path().join(FILE))
            .arg(text)
            .arg(if is_expression { "expression" } else { "text" });
        run(&mut deno)
    }
}

fn run(command: &mut Command) -> Outcome<Option<PeerTook>> {
    let mut best: Option<PeerTook> = None;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        // What it says is read: `grep` ends with the first match if nobody reads it.
        let ran = command.stderr(Stdio::inherit()).output();
        let whole = begun.elapsed();
        let output = match ran {
            // `grep` says with 1 that nothing was found.
            Ok(output) if output.status.success() || output.status.code() == Some(1) => output,
            Ok(output) => return Err(format!("A peer failed ({})", output.status).into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let found = String::from_utf8_lossy(&output.stdout).trim().parse()?;
        if best.is_none_or(|best| whole < best.whole) {
            best = Some(PeerTook { whole, found });
        }
    }
    Ok(best)
}

/// Writes the entries to a new file of Deno's form.
fn write_file(database: &dyn Database, path: &Path) -> Outcome<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch("BEGIN")?;
    let mut insert =
        connection.prepare("INSERT INTO kv (k, v, v_encoding, version) VALUES (?1, ?2, ?3, 1)")?;
    let snapshot = database.snapshot()?;
    let mut range = KeyRange::everything();
    loop {
        let read = ReadRange {
            range: range.clone(),
            limit: PAGE,
            reverse: false,
        };
        let entries = snapshot.read(&read)?;
        for entry in &entries {
            insert.execute((
                entry.key.as_bytes(),
                &*entry.value.bytes,
                entry.value.encoding.number(),
            ))?;
        }
        let Some(last) = entries.last() else { break };
        range = range.after(&last.key, false);
    }
    Ok(connection.execute_batch("COMMIT")?)
}
