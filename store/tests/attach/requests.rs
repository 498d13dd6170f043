//! What programs ask of an owner, as it is heard by who is attached.

use std::sync::Arc;
use std::time::Instant;

use keyglass_store::attached::Attached;
use keyglass_store::connect::{DecodedRequest, ServeOptions};
use keyglass_store::requests::{
    Access, LoggedOperation, LoggedOutcome, LoggedPlace, LoggedRequest, Place, Requests,
};
use keyglass_store::{AtomicOperation, CommitOutcome, Database, KeyRange};

use crate::owned::{Owned, PATIENCE, bytes, commit, key, next, set};

/// Waits until somebody looks at the owner's requests, or nobody does.
fn until_read(owned: &Owned, is_read: bool) {
    let deadline = Instant::now() + PATIENCE;
    while owned.owner().request_log().unwrap().is_read() != is_read {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
}

fn looking(owned: &Owned) -> Requests {
    let requests = owned.attached.requests().unwrap();
    until_read(owned, true);
    requests
}

fn another(owned: &Owned) -> Attached {
    Attached::to_folder(&owned.path, owned.clock.clone()).unwrap()
}

fn extension(method: &str) -> LoggedOperation {
    LoggedOperation::Extension(method.to_owned())
}

/// The next request that is not about coming and going.
fn next_of_data(requests: &Requests) -> Arc<LoggedRequest> {
    loop {
        let told = next(requests);
        if told.operation != LoggedOperation::Exchange && told.operation != extension("attach") {
            return told;
        }
    }
}

#[test]
fn what_others_do_through_the_owner_is_heard_with_who_they_are() {
    let owned = Owned::new();
    let requests = looking(&owned);
    let other = another(&owned);
    let exchange = next(&requests);
    assert_eq!(
        (exchange.number, &exchange.operation),
        (0, &LoggedOperation::Exchange)
    );
    let begun = next(&requests);
    assert_eq!(
        (&begun.operation, &begun.outcome),
        (&extension("attach"), &LoggedOutcome::Begun)
    );
    let stamp = set(&other, 1, 10);
    let told = next(&requests);
    assert_eq!(told.operation, extension("commit"));
    assert_eq!(told.outcome, LoggedOutcome::Committed(stamp));
    assert_eq!(told.at, owned.clock.now());
    let process = format!("process {})", std::process::id());
    let name = &told.client.name;
    assert!(
        name.starts_with("Keyglass/") && name.ends_with(&process),
        "{name}"
    );
    assert!(told.client.address.unwrap().ip().is_loopback());
    let written = AtomicOperation::new().set(key(1), bytes(10));
    assert_eq!(told.decode(), Some(DecodedRequest::Write(written)));
    let place = |access| LoggedPlace {
        access,
        place: Place::Key(key(1)),
    };
    assert_eq!(told.places, [place(Access::Write)]);

    let found = other.get(&key(1)).unwrap().unwrap();
    let told = next(&requests);
    assert_eq!(
        (&told.operation, &told.outcome),
        (&extension("get"), &LoggedOutcome::Entries(1))
    );
    assert_eq!(told.places, [place(Access::Read)]);
    assert_eq!(told.entries(), Some(vec![vec![found.clone()]]));

    let conflict = AtomicOperation::new().check(key(1), None).delete(key(1));
    assert!(matches!(
        other.commit(conflict).unwrap(),
        CommitOutcome::Conflict(_)
    ));
    let told = next(&requests);
    let LoggedOutcome::Conflict(failed) = &told.outcome else {
        panic!("{:?}", told.outcome)
    };
    assert_eq!(
        (failed[0].expected, failed[0].found.as_ref()),
        (None, Some(&found))
    );

    let feed = other.changes(vec![KeyRange::everything()]).unwrap();
    assert_eq!(next(&requests).outcome, LoggedOutcome::Begun);
    set(owned.owner(), 2, 1);
    next(&feed);
    drop(feed);
    let ended = next(&requests);
    assert_eq!(
        (&ended.operation, &ended.outcome),
        (&extension("changes"), &LoggedOutcome::Ended { states: 1 })
    );
    assert_eq!(ended.places[0].access, Access::Watch);
}

#[test]
fn what_is_refused_is_heard_with_its_sentence() {
    let owned = Owned::new();
    let requests = looking(&owned);
    let too_many = owned.attached.watch((0..11).map(key).collect()).unwrap_err();
    let told = next(&requests);
    let sentence = too_many.to_string();
    assert_eq!(
        told.outcome,
        LoggedOutcome::Refused {
            status: 422,
            sentence
        }
    );
    assert_eq!(told.num_places, 11);
}

#[test]
fn looking_is_no_request_and_nothing_is_recorded_while_nobody_looks() {
    let owned = Owned::new();
    for number in 0..5 {
        set(&owned.attached, number, 1);
    }
    let requests = looking(&owned);
    set(&owned.attached, 5, 1);
    // The first one that was ever numbered.
    let told = next(&requests);
    assert_eq!((told.number, &told.operation), (0, &extension("commit")));
    let second = looking(&owned);
    set(&owned.attached, 6, 1);
    assert_eq!(next(&requests).number, 1);
    assert_eq!(next(&second).number, 1);
    drop((requests, second));
    until_read(&owned, false);
    set(&owned.attached, 7, 1);
    let requests = looking(&owned);
    set(&owned.attached, 8, 1);
    assert_eq!(next(&requests).number, 2);
}

#[test]
fn all_servers_of_a_store_tell_the_same_log() {
    let owned = Owned::new();
    let serve = |options: ServeOptions| {
        let listening = options.listen("127.0.0.1:0".parse().unwrap());
        owned.owner().serve(listening).unwrap()
    };
    let servers = [
        serve(ServeOptions::new()),
        serve(ServeOptions::new().read_only(true)),
    ];
    let requests = looking(&owned);
    let of_server = servers[1].requests();
    for server in &servers {
        let clock = owned.clock.clone();
        let through = Attached::to_server(server.address(), server.token().clone(), clock).unwrap();
        through.get(&key(1)).unwrap();
        for requests in [&requests, &of_server] {
            assert_eq!(next_of_data(requests).operation, extension("get"));
        }
    }
}

#[test]
fn when_the_owner_is_back_it_goes_on() {
    let mut owned = Owned::new();
    let requests = looking(&owned);
    set(&owned.attached, 1, 1);
    assert_eq!(next(&requests).operation, extension("commit"));
    drop(owned.owner.take());
    owned.reopen();
    until_read(&owned, true);
    let other = another(&owned);
    commit(&other, AtomicOperation::new().delete(key(1)));
    assert_eq!(next_of_data(&requests).operation, extension("commit"));
}
