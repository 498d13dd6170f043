//! What a change feed does for a slow reader is the same for both engines.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use keyglass_store::deno_file::DenoFile;
use keyglass_store::embedded::Store;
use keyglass_store::{
    AtomicOperation, Change, Database, EncodedKey, Encoding, FeedEvent, KeyRange, StoredValue,
};
use tempfile::TempDir;

use crate::fixture::{Writer, key};

/// How long something is waited for that comes.
const SOON: Duration = Duration::from_secs(60);
/// Bytes that a feed holds at most.
const FEED_BYTES: usize = 64 << 20;
const COMMITS: usize = 120;
const KEYS_OF_A_COMMIT: usize = 10;
const VALUE_BYTES: usize = 65_000;

/// Commits bytes under keys together.
type Write = Box<dyn FnMut(&[EncodedKey], &[u8])>;

/// Each engine with its name, an empty database, and what writes to it as a program would.
fn engines(folder: &TempDir) -> Vec<(&'static str, Arc<dyn Database>, Write)> {
    let store: Arc<dyn Database> = Arc::new(Store::create(folder.path().join("store")).unwrap());
    let program = Arc::clone(&store);
    let write_store: Write = Box::new(move |keys, bytes| {
        let operation = keys.iter().fold(AtomicOperation::new(), |operation, key| {
            let value = StoredValue {
                encoding: Encoding::Bytes,
                bytes: bytes.to_vec().into(),
            };
            operation.set(key.clone(), value)
        });
        program.commit(operation).unwrap();
    });
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    let file: Arc<dyn Database> = Arc::new(DenoFile::open(&path).unwrap());
    let write_file: Write = Box::new(move |keys, bytes| {
        let sets: Vec<_> = keys.iter().map(|key| (key.clone(), bytes)).collect();
        writer.set(&sets);
    });
    vec![("folder", store, write_store), ("Deno file", file, write_file)]
}

/// The next changes but those that only look whether the reader is still there.
fn next(feed: &Receiver<FeedEvent>, engine: &str) -> Vec<Change> {
    loop {
        match feed.recv_timeout(SOON).unwrap() {
            FeedEvent::Changes(changes) if changes.is_empty() => {}
            FeedEvent::Changes(changes) => return changes,
            other => panic!("no changes but {other:?}: {engine}"),
        }
    }
}

fn value_bytes(event: &FeedEvent) -> usize {
    match event {
        FeedEvent::Changes(changes) => changes
            .iter()
            .filter_map(|change| change.after.as_ref())
            .map(|entry| entry.value.bytes.len())
            .sum(),
        FeedEvent::Lagged | FeedEvent::Gone => 0,
    }
}

#[test]
fn a_feed_that_nobody_reads_holds_so_many_bytes_and_then_says_that_it_lagged() {
    let folder = TempDir::new().unwrap();
    for (engine, database, mut write) in engines(&folder) {
        let unread = database.changes(KeyRange::below(&key(&["large"]))).unwrap();
        let read = database.changes(KeyRange::below(&key(&["signal"]))).unwrap();
        for number in 0..COMMITS {
            let name = number.to_string();
            let keys: Vec<EncodedKey> = (0..KEYS_OF_A_COMMIT)
                .map(|index| key(&["large", &name, &index.to_string()]))
                .collect();
            write(&keys, &[7; VALUE_BYTES]);
        }
        // Who began later hears later; and what had no room is told before the next look at all.
        for name in ["one", "two"] {
            write(&[key(&["signal", name])], b"");
            assert_eq!(next(&read, engine).len(), 1);
        }
        let told = |event: &FeedEvent| *event != FeedEvent::Changes(Vec::new());
        let events: Vec<FeedEvent> = unread.try_iter().filter(told).collect();
        let held: usize = events.iter().map(value_bytes).sum();
        assert!(held <= FEED_BYTES, "{engine} holds {held} bytes");
        assert!(held > FEED_BYTES / 2, "{engine} holds {held} bytes");
        assert_eq!(events.last(), Some(&FeedEvent::Lagged), "{engine}");
        let num_lagged = events.iter().filter(|event| **event == FeedEvent::Lagged).count();
        assert_eq!(num_lagged, 1, "{engine}");
        // It goes on for a reader who has taken what waited.
        let after = key(&["large", "after"]);
        write(std::slice::from_ref(&after), b"1");
        assert_eq!(next(&unread, engine)[0].key, after, "{engine}");
    }
}
