//! The owner goes away, and comes back.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keyglass_store::attached::Attached;
use keyglass_store::connect::ServeOptions;
use keyglass_store::{
    AtomicOperation, Clock, CommitError, Database, DatabaseError, FeedEvent, KeyRange, MutationKind,
    StoredValue, Writing,
};

use crate::owned::{Owned, key, next, options, set, until};

#[test]
fn all_goes_on_by_itself_when_the_owner_is_back() {
    let mut owned = Owned::new();
    set(owned.owner(), 1, 1);
    let feed = owned.attached.changes(vec![KeyRange::everything()]).unwrap();
    let states = owned.attached.watch(vec![key(1)]).unwrap();
    let snapshot = owned.attached.snapshot().unwrap();
    assert!(next(&states)[0].is_some());

    owned.owner = None;
    assert_eq!(next(&feed), FeedEvent::Gone);
    let Writing::Impossible(reason) = owned.attached.capabilities().writing else {
        panic!("it can be written");
    };
    assert!(
        reason.contains(&format!("process {}", std::process::id())),
        "{reason}"
    );
    let unread = owned.attached.get(&key(1)).unwrap_err();
    assert!(matches!(unread, DatabaseError::Unreachable { .. }), "{unread}");
    let refused = owned
        .attached
        .commit(AtomicOperation::new().delete(key(1)))
        .unwrap_err();
    assert!(matches!(refused, CommitError::Unreachable(_)), "{refused}");
    assert!(snapshot.get(&key(1)).is_err());
    assert!(owned.attached.snapshot().is_err());
    assert!(owned.attached.changes(Vec::new()).is_err());
    let counted = owned.attached.count(&KeyRange::everything(), &mut |_| {
        std::ops::ControlFlow::Continue(())
    });
    assert!(matches!(counted, Err(DatabaseError::Unreachable { .. })));

    // Somebody else changes it meanwhile, whom nobody can attach to.
    let other = options(&owned.clock).open(&owned.path).unwrap();
    set(&other, 2, 2);
    drop(other);
    owned.reopen();
    assert_eq!(next(&feed), FeedEvent::Lagged { missed: None });
    assert_eq!(owned.attached.capabilities().writing, Writing::Allowed);
    assert_eq!(
        owned.attached.get(&key(2)).unwrap(),
        owned.owner().get(&key(2)).unwrap()
    );
    let versionstamp = set(&owned.attached, 1, 9);
    assert!(matches!(next(&feed), FeedEvent::Changes(changes) if changes[0].versionstamp == versionstamp));
    until(&states, &owned.owner().get_many(&[key(1)]).unwrap());
}

#[test]
fn another_database_in_the_same_place_is_not_taken_for_the_owners() {
    let mut owned = Owned::new();
    let feed = owned.attached.changes(vec![KeyRange::everything()]).unwrap();
    owned.owner = None;
    assert_eq!(next(&feed), FeedEvent::Gone);
    let aside = owned.path.with_extension("aside");
    std::fs::rename(&owned.path, &aside).unwrap();
    let other = options(&owned.clock).attachable().create(&owned.path).unwrap();
    let to_other = Attached::to_folder(&owned.path, owned.clock.clone()).unwrap();
    assert_eq!(to_other.id(), other.id());
    assert!(owned.attached.get(&key(1)).is_err());
    drop((to_other, other));
    std::fs::remove_dir_all(&owned.path).unwrap();
    std::fs::rename(&aside, &owned.path).unwrap();
    owned.reopen();
    assert_eq!(next(&feed), FeedEvent::Lagged { missed: None });
}

/// Passes bytes on, and on request none of what the server answers from then on, but ends the connection instead.
struct Cutter {
    address: SocketAddr,
    cuts: Arc<AtomicBool>,
}

impl Cutter {
    fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = Arc::new(AtomicBool::new(false));
        let cutting = Arc::clone(&cuts);
        #[expect(clippy::disallowed_methods, reason = "they end with the test")]
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(server).unwrap());
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || pass_on(from, to, &AtomicBool::new(false)));
                let cutting = Arc::clone(&cutting);
                std::thread::spawn(move || pass_on(server, client, &cutting));
            }
        });
        Self { address, cuts }
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, cuts: &AtomicBool) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if cuts.swap(false, Ordering::SeqCst) || to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ended = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[test]
fn a_commit_that_is_not_answered_is_unknown_and_not_sent_again() {
    let owned = Owned::new();
    let server = owned
        .owner()
        .serve(ServeOptions::new().listen("127.0.0.1:0".parse().unwrap()))
        .unwrap();
    let cutter = Cutter::before(server.address());
    let attached = Attached::to_server(cutter.address, server.token().clone(), Clock::system()).unwrap();
    let feed = attached.changes(vec![KeyRange::everything()]).unwrap();
    let one = StoredValue {
        encoding: keyglass_store::Encoding::Le64,
        bytes: 1_u64.to_le_bytes().to_vec().into(),
    };
    let add = MutationKind::Sum {
        operand: one.clone(),
        min: None,
        max: None,
        clamp: false,
    };
    cutter.cuts.store(true, Ordering::SeqCst);
    let unknown = attached
        .commit(AtomicOperation::new().mutate(key(1), add))
        .unwrap_err();
    assert!(matches!(unknown, CommitError::Unknown { .. }), "{unknown}");
    until(&feed, &FeedEvent::Lagged { missed: None });
    // It had been done, once.
    assert_eq!(attached.get(&key(1)).unwrap().unwrap().value, one);
}
