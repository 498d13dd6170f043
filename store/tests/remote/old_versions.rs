//! Servers of the protocol's versions 1 and 2, which have no watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keyglass_store::AtomicOperation;

use crate::fake::{Fake, Reply, entries, metadata_of};
use crate::served::{named, quick, token, value};

const WATCH: &str = "/v2/watch";
const WRITE: &str = "/v2/atomic_write";

/// A server of a version, with an entry once it is told so or one was written.
fn server(version: u32, is_there: &Arc<AtomicBool>) -> Fake {
    let is_there = Arc::clone(is_there);
    Fake::new(move |asked, _| match asked.path.as_str() {
        "/" => {
            let metadata = metadata_of(version, "2100-01-01T00:00:00Z", "a-token-of-the-session");
            Reply::Answer(200, metadata.into_bytes())
        }
        WATCH => Reply::Answer(404, b"Not found.".to_vec()),
        WRITE => {
            is_there.store(true, Ordering::SeqCst);
            // As a write that went well, under the versionstamp of the entry.
            let written = [&[0x08, 0x01, 0x12, 0x0a][..], &[0, 0, 0, 0, 0, 0, 0, 9, 0, 0]].concat();
            Reply::Answer(200, written)
        }
        _ if is_there.load(Ordering::SeqCst) => Reply::Answer(200, entries(&[named("a").as_bytes()])),
        _ => Reply::Answer(200, entries(&[])),
    })
}

#[test]
fn watched_keys_are_compared_where_the_version_has_no_watches() {
    for version in [1, 2] {
        let is_there = Arc::new(AtomicBool::new(false));
        let fake = server(version, &is_there);
        let database = quick().open(&fake.url(), Some(&token())).unwrap();
        let states = database.watch(vec![named("a")]).unwrap();
        assert_eq!(states.recv().unwrap(), [None], "version {version}");
        is_there.store(true, Ordering::SeqCst);
        let state = states.recv().unwrap();
        assert_eq!(state[0].as_ref().unwrap().key, named("a"), "version {version}");
        assert_eq!(fake.asked(WATCH).len(), 0);
        is_there.store(false, Ordering::SeqCst);
        assert_eq!(states.recv().unwrap(), [None]);
        // Nothing is asked any more once nobody listens.
        drop(states);
        drop(database);
        while fake.num_connections() > 0 {
            std::thread::yield_now();
        }
    }
}

#[test]
fn what_is_committed_on_this_side_is_seen_where_there_are_no_watches() {
    let is_there = Arc::new(AtomicBool::new(false));
    let fake = server(2, &is_there);
    let database = quick().open(&fake.url(), Some(&token())).unwrap();
    let states = database.watch(vec![named("a")]).unwrap();
    assert_eq!(states.recv().unwrap(), [None]);
    let set = AtomicOperation::new().set(named("a"), value(1));
    database.commit(set).unwrap();
    assert!(states.recv().unwrap()[0].is_some());
}
