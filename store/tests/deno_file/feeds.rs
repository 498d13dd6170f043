//! What subscribers hear is the same from both engines.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use keyglass_store::deno_file::DenoFile;
use keyglass_store::embedded::Store;
use keyglass_store::{
    AtomicOperation, Change, Database, EncodedKey, Encoding, Enqueue, Feed, FeedEvent, KeyRange,
    QueueMessage, StoredValue,
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

/// The next changes.
fn next(feed: &Feed, engine: &str) -> Vec<Change> {
    match feed.recv_timeout(SOON).unwrap() {
        FeedEvent::Changes(changes) => changes,
        other => panic!("no changes but {other:?}: {engine}"),
    }
}

fn value_bytes(event: &FeedEvent) -> usize {
    match event {
        FeedEvent::Changes(changes) => changes
            .iter()
            .filter_map(|change| change.after.as_ref())
            .map(|entry| entry.value.bytes.len())
            .sum(),
        FeedEvent::Lagged { .. } | FeedEvent::Gone => 0,
    }
}

#[test]
fn a_feed_that_nobody_reads_holds_so_many_bytes_and_then_says_how_much_was_missed() {
    let folder = TempDir::new().unwrap();
    for (engine, database, mut write) in engines(&folder) {
        let unread = database.changes(vec![KeyRange::below(&key(&["large"]))]).unwrap();
        let read = database
            .changes(vec![KeyRange::below(&key(&["signal"]))])
            .unwrap();
        for number in 0..COMMITS {
            let name = number.to_string();
            let keys: Vec<EncodedKey> = (0..KEYS_OF_A_COMMIT)
                .map(|index| key(&["large", &name, &index.to_string()]))
                .collect();
            write(&keys, &[7; VALUE_BYTES]);
        }
        // Who began later hears later.
        write(&[key(&["signal"]), key(&["signal", "one"])], b"");
        assert_eq!(next(&read, engine).len(), 1);
        let events: Vec<FeedEvent> = unread.try_iter().collect();
        let held: usize = events.iter().map(value_bytes).sum();
        assert!(held <= FEED_BYTES, "{engine} holds {held} bytes");
        assert!(held > FEED_BYTES / 2, "{engine} holds {held} bytes");
        let missed = Some((COMMITS * KEYS_OF_A_COMMIT - held / VALUE_BYTES) as u64);
        assert_eq!(events.last(), Some(&FeedEvent::Lagged { missed }), "{engine}");
        let is_lagged = |event: &&FeedEvent| matches!(event, FeedEvent::Lagged { .. });
        assert_eq!(events.iter().filter(is_lagged).count(), 1, "{engine}");
        // It goes on for a reader who has taken what waited.
        let after = key(&["large", "after"]);
        write(std::slice::from_ref(&after), b"1");
        assert_eq!(next(&unread, engine)[0].key, after, "{engine}");
    }
}

#[test]
fn one_feed_of_several_ranges_tells_each_change_once_and_of_the_commit_that_made_it() {
    let folder = TempDir::new().unwrap();
    for (engine, database, mut write) in engines(&folder) {
        let ranges = vec![
            KeyRange::below(&key(&["b"])),
            KeyRange::at_and_below(&key(&["a"])),
            KeyRange::only(&key(&["b", "1"])),
        ];
        let feed = database.changes(ranges).unwrap();
        let beside = database.changes(vec![KeyRange::everything()]).unwrap();
        let keys = [key(&["a"]), key(&["b"]), key(&["b", "1"]), key(&["c"])];
        write(&keys, b"1");
        let changes = next(&feed, engine);
        let told: Vec<_> = changes.iter().map(|change| &change.key).collect();
        assert_eq!(told, [&keys[0], &keys[2]], "{engine}");
        for change in &changes {
            let after = change.after.as_ref().unwrap();
            assert_eq!(change.versionstamp, after.versionstamp, "{engine}");
        }
        assert_eq!(next(&beside, engine).len(), 4, "{engine}");
        // One that is dropped takes nothing from the other, and neither does a range that is wanted no more.
        drop(beside);
        write(&keys[2..3], b"2");
        assert_eq!(next(&feed, engine)[0].key, keys[2], "{engine}");
    }
}

/// Hears who was woken.
struct Woken(usize, Sender<usize>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let _still_waited_for = self.1.send(self.0);
    }
}

#[test]
fn a_thousand_watchers_are_woken_without_a_thread_of_their_own() {
    let folder = TempDir::new().unwrap();
    for (engine, database, mut write) in engines(&folder) {
        #[expect(clippy::disallowed_methods, reason = "each watcher is woken once")]
        let (sender, woken) = channel();
        let waker = |number| Waker::from(Arc::new(Woken(number, sender.clone())));
        let name = |number: usize| key(&["watched", &number.to_string()]);
        let watches: Vec<_> = (0..1000)
            .map(|number| {
                let watch = database.watch(vec![name(number)]).unwrap();
                let (waker, mut first) = (waker(number), None);
                let mut context = Context::from_waker(&waker);
                while let Poll::Ready(state) = watch.poll_recv(&mut context) {
                    first = state;
                }
                assert_eq!(first, Some(vec![None]), "{engine}");
                watch
            })
            .collect();
        let mut dropped: Vec<_> = watches.into_iter().map(Some).collect();
        dropped[7] = None;
        write(&[name(3), name(7), name(999)], b"1");
        let mut who = [(); 2].map(|()| woken.recv_timeout(SOON).unwrap());
        who.sort_unstable();
        assert_eq!(who, [3, 999], "{engine}");
        let state = dropped[3].as_ref().unwrap().try_recv().unwrap();
        assert_eq!(state[0].as_ref().unwrap().value.bytes, b"1"[..], "{engine}");
        // The end of the database is something to wake for, too.
        let watch = dropped[0].take().unwrap();
        drop((dropped, database, write));
        while woken.recv_timeout(SOON).unwrap() != 0 {}
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(watch.poll_recv(&mut context), Poll::Ready(None), "{engine}");
    }
}

#[test]
fn who_watches_the_queue_hears_of_each_change_of_it_and_reads_it_in_pages() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let writer = Writer::create(&path);
    let file = DenoFile::open(&path).unwrap();
    file.set_writable(true).unwrap();
    let store = Store::create(folder.path().join("store")).unwrap();
    let databases: [(&str, &dyn Database); 2] = [("Deno file", &file), ("folder", &store)];
    for (engine, database) in databases {
        let queue = database.watch_queue().unwrap();
        assert_eq!(queue.recv_timeout(SOON), Ok(0), "{engine}");
        let message = Enqueue {
            payload: bytes::Bytes::from_static(b"\xff\x0f0"),
            due_at: database.clock().now(),
            keys_if_undelivered: Vec::new(),
            backoff_schedule: None,
        };
        for number in 1..=2 {
            let operation = AtomicOperation::new().enqueue(message.clone());
            database.commit(operation).unwrap();
            assert_eq!(queue.recv_timeout(SOON), Ok(number), "{engine}");
        }
    }
    for (engine, database) in databases {
        for _ in 0..5 {
            let message = Enqueue {
                payload: bytes::Bytes::from_static(b"\xff\x0f0"),
                due_at: database.clock().now() - 1000,
                keys_if_undelivered: Vec::new(),
                backoff_schedule: None,
            };
            database.commit(AtomicOperation::new().enqueue(message)).unwrap();
        }
        let all = database.queue(100).unwrap();
        assert_eq!(all.len(), 7, "{engine}");
        let mut pages = Vec::new();
        loop {
            let after = pages.last().map(QueueMessage::place);
            let page = database.queue_page(after.as_ref(), 3).unwrap();
            let is_last = page.len() < 3;
            pages.extend(page);
            if is_last {
                break;
            }
        }
        assert_eq!(pages, all, "{engine}");
    }
    // A message that is delivered is there until it is finished.
    let queue = store.watch_queue().unwrap();
    assert_eq!(queue.recv_timeout(SOON), Ok(7));
    let delivery = store.listen().receive(SOON).unwrap().unwrap();
    assert_eq!(queue.recv_timeout(SOON), Ok(7));
    delivery.finish().unwrap();
    assert_eq!(queue.recv_timeout(SOON), Ok(6));
    let queue = file.watch_queue().unwrap();
    assert_eq!(queue.recv_timeout(SOON), Ok(7));
    writer.0.execute("UPDATE queue SET ts = ts + 1", ()).unwrap();
    assert_eq!(queue.recv_timeout(SOON), Ok(7));
}
