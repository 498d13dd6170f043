//! What a database does by the protocol alone.

use std::ops::ControlFlow;

use keyglass_store::database::{Before, FeedEvent};
use keyglass_store::open::OpenOptions;
use keyglass_store::remote::Stage;
use keyglass_store::{
    AtomicOperation, Changes, CommitError, CommitOutcome, ConnectError, Database as _, DatabaseError,
    DatabaseKind, EncodedKey, Entries, KeyRange, Limits, OpenError, ReadRange, Reading,
};

use crate::served::{Served, named, numbered, quick, token, value};

#[test]
fn a_url_is_opened_by_a_token_and_locked_until_it_may_be_written() {
    let served = Served::new();
    served.fill("shop", 3);
    let options = OpenOptions::new().token(token());
    let database = options.open(&served.url()).unwrap();
    assert_eq!(database.location(), served.url());
    assert_eq!(database.capabilities().kind, DatabaseKind::Remote);
    assert_eq!(database.id(), served.store.id());
    let set = || AtomicOperation::new().set(named("a"), value(1));
    let refused = database.commit(set()).unwrap_err();
    assert!(matches!(
        refused,
        CommitError::Refused(DatabaseError::ReadOnly(_))
    ));
    database.set_writable(true).unwrap();
    assert!(matches!(database.commit(set()), Ok(CommitOutcome::Committed(_))));
    let reader = options.read_only(true).open(&served.url()).unwrap();
    assert!(reader.commit(set()).is_err() && reader.set_writable(true).is_err());
    assert!(matches!(
        OpenOptions::new().open(&served.url()),
        Err(OpenError::Connect(ConnectError::NoToken(_)))
    ));
}

#[test]
fn what_the_protocol_has_is_said_and_nothing_more() {
    let served = Served::new();
    let database = served.plain();
    let capabilities = database.capabilities();
    assert_eq!(capabilities.limits, Limits::KV_CONNECT);
    assert_eq!(capabilities.reading, Reading::Metered);
    assert_eq!(capabilities.changes, Changes::Compared);
    assert!(!capabilities.expiry && !capabilities.queue && !capabilities.consistent_snapshots);
    assert_eq!(database.id(), served.store.id());
    assert!(matches!(database.queue(1), Err(DatabaseError::Unsupported(_))));
    assert!(matches!(
        database.watch_queue(),
        Err(DatabaseError::Unsupported(_))
    ));
}

#[test]
fn ranges_of_any_number_and_length_are_read_as_their_owner_reads_them() {
    let served = Served::new();
    served.fill("a", 2500);
    served.fill("b", 30);
    let database = served.plain();
    let below = |name: &str| KeyRange::below(&named(name));
    let ranges: Vec<ReadRange> = (0..25)
        .map(|number| ReadRange {
            range: if number % 2 == 0 { below("a") } else { below("b") },
            limit: number * 97,
            reverse: number % 3 == 0,
        })
        .collect();
    assert_eq!(
        database.read(&ranges).unwrap(),
        served.store.read(&ranges).unwrap()
    );
    let keys: Vec<EncodedKey> = (0..35).map(|number| numbered("b", number)).collect();
    assert_eq!(
        database.get_many(&keys).unwrap(),
        served.store.get_many(&keys).unwrap()
    );
    let all = |database: &dyn keyglass_store::Database| {
        Entries::of(database, [KeyRange::everything()]).collect::<Result<Vec<_>, _>>()
    };
    assert_eq!(all(&*database).unwrap(), all(&served.store).unwrap());
    let metered = database.metered().unwrap();
    assert!(
        metered.entries_read >= 2530 && metered.requests > 10,
        "{metered:?}"
    );
    assert_eq!((metered.repeated, metered.trouble), (0, None));
}

#[test]
fn whoever_goes_through_all_of_it_has_it_read_ahead() {
    let served = Served::new();
    served.fill("a", 5000);
    let database = served.plain();
    let requests = || database.metered().unwrap().requests;
    for reverse in [false, true] {
        let all = |database: &dyn keyglass_store::Database| {
            let entries = Entries::of_now(database, [KeyRange::everything()]).unwrap();
            entries
                .pages_of(100)
                .reverse(reverse)
                .collect::<Result<Vec<_>, _>>()
                .unwrap()
        };
        let before = requests();
        assert_eq!(all(&*database), all(&served.store));
        // Two pages of a hundred, and then a thousand at a time.
        assert_eq!(requests() - before, 2 + 5);
    }
    // Whoever reads a page or two has nothing else read.
    let (before, read) = (requests(), database.metered().unwrap().entries_read);
    let mut entries = Entries::of_now(&*database, [KeyRange::everything()])
        .unwrap()
        .pages_of(100);
    entries.next_page().unwrap();
    entries.next_page().unwrap();
    assert_eq!(requests() - before, 2);
    assert_eq!(database.metered().unwrap().entries_read - read, 200);
}

#[test]
fn levels_and_counts_are_those_of_the_owner() {
    let served = Served::new();
    for name in ["a", "b", "c"] {
        served.fill(name, 1200);
    }
    served
        .store
        .commit(AtomicOperation::new().set(named("b"), value(0)))
        .unwrap();
    let database = served.plain();
    let root = EncodedKey::default();
    assert_eq!(
        database.children(&root, None, 10).unwrap(),
        served.store.children(&root, None, 10).unwrap()
    );
    let page = database.children(&named("a"), None, 700).unwrap();
    assert_eq!(page, served.store.children(&named("a"), None, 700).unwrap());
    assert!(page.more);
    let mut heard = 0;
    let mut progress = |_| {
        heard += 1;
        ControlFlow::Continue(())
    };
    let counted = database.count(&KeyRange::everything(), &mut progress).unwrap();
    let expected = served
        .store
        .count(&KeyRange::everything(), &mut |_| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(counted, expected);
    assert_eq!(heard, 4);
    let stopped = database.count(&KeyRange::everything(), &mut |_| ControlFlow::Break(()));
    assert!(!stopped.unwrap().complete);
}

#[test]
fn commits_are_checked_and_a_conflict_tells_what_is_there() {
    let served = Served::new();
    let database = served.plain();
    let first = AtomicOperation::new()
        .set(named("a"), value(1))
        .check(named("a"), None);
    let CommitOutcome::Committed(stamp) = database.commit(first.clone()).unwrap() else {
        panic!("it is the first");
    };
    assert_eq!(
        served.store.get(&named("a")).unwrap().unwrap().versionstamp,
        stamp
    );
    let CommitOutcome::Conflict(failed) = database.commit(first).unwrap() else {
        panic!("it is there");
    };
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].current, database.get(&named("a")).unwrap());
    let many = (0..11).fold(AtomicOperation::new(), |operation, number| {
        operation.check(numbered("b", number), None)
    });
    assert!(matches!(
        database.commit(many),
        Err(CommitError::Refused(DatabaseError::Limit(_)))
    ));
    let expiring = AtomicOperation::new().set_expiring(named("x"), value(1), Some(4_000_000_000_000));
    database.commit(expiring).unwrap();
    assert_eq!(database.get(&named("x")).unwrap().unwrap().expires_at, None);
    assert_eq!(
        served.store.get(&named("x")).unwrap().unwrap().expires_at,
        Some(4_000_000_000_000)
    );
}

#[test]
fn watched_keys_are_told_at_once_and_after_each_change() {
    let served = Served::new();
    let database = served.plain();
    let states = database.watch(vec![named("a"), named("b")]).unwrap();
    assert_eq!(states.recv().unwrap(), [None, None]);
    served
        .store
        .commit(AtomicOperation::new().set(named("b"), value(2)))
        .unwrap();
    let state = states.recv().unwrap();
    assert_eq!(state, [None, served.store.get(&named("b")).unwrap()]);
    assert_eq!(database.watch(Vec::new()).unwrap().recv().unwrap(), []);
    assert!(
        database
            .watch((0..11).map(|number| numbered("a", number)).collect())
            .is_err()
    );
}

#[test]
fn changes_are_found_by_comparing_and_own_commits_are_told_of_ranges_of_any_size() {
    let served = Served::new();
    served.fill("small", 3);
    served.fill("large", 1500);
    let database = served.plain();
    let small = database.changes(vec![KeyRange::below(&named("small"))]).unwrap();
    let large = database.changes(vec![KeyRange::everything()]).unwrap();
    let before = database.get(&numbered("small", 1)).unwrap().unwrap();
    let foreign = AtomicOperation::new()
        .set(numbered("small", 1), value(9))
        .delete(numbered("small", 2));
    served.store.commit(foreign).unwrap();
    let FeedEvent::Changes(changes) = small.recv().unwrap() else {
        panic!("it names them");
    };
    assert_eq!(changes[0].before, Before::Entry(before));
    assert_eq!(changes[0].after, database.get(&numbered("small", 1)).unwrap());
    let deleted = match changes.get(1) {
        Some(deleted) => deleted.clone(),
        None => match small.recv().unwrap() {
            FeedEvent::Changes(mut changes) => changes.remove(0),
            other => panic!("{other:?}"),
        },
    };
    assert_eq!((deleted.key, deleted.after), (numbered("small", 2), None));
    database
        .commit(AtomicOperation::new().set(named("own"), value(1)))
        .unwrap();
    let FeedEvent::Changes(changes) = large.recv().unwrap() else {
        panic!("it names them");
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].after, database.get(&named("own")).unwrap());
    // Of a large range what was read last is compared.
    let page = ReadRange {
        range: KeyRange::below(&named("large")),
        limit: 256,
        reverse: false,
    };
    database.read(&[page]).unwrap();
    let seen = AtomicOperation::new().set(numbered("large", 7), value(1_000_000));
    let unseen = AtomicOperation::new().delete(numbered("large", 1400));
    served.store.commit(unseen).unwrap();
    served.store.commit(seen).unwrap();
    let FeedEvent::Changes(changes) = large.recv().unwrap() else {
        panic!("it names them");
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].key, numbered("large", 7));
    assert!(matches!(changes[0].before, Before::Entry(_)));
}

#[test]
fn a_test_tells_each_step_and_the_one_that_fails() {
    let served = Served::new();
    let test = |url: &str, token: &keyglass_store::connect::Token| {
        let mut steps = Vec::new();
        let result = quick().test(url, Some(token), &mut |step| steps.push(step));
        assert_eq!(result.is_ok(), steps.last().unwrap().result.is_ok());
        let stages: Vec<_> = steps.iter().map(|step| step.stage).collect();
        (stages, steps.pop().unwrap().result, result)
    };
    let (stages, last, _) = test(&served.url(), &token());
    assert_eq!(
        stages,
        [
            Stage::Name,
            Stage::Connection,
            Stage::Metadata,
            Stage::Authorization,
            Stage::Read
        ]
    );
    assert_eq!(last, Ok("no entry is there".to_owned()));
    let other = keyglass_store::connect::Token::of_server("another-secret").unwrap();
    let (stages, last, result) = test(&served.url(), &other);
    assert_eq!(stages.last(), Some(&Stage::Authorization));
    assert!(matches!(result, Err(ConnectError::Unauthorised { .. })));
    assert!(
        last.unwrap_err()
            .to_string()
            .starts_with("The server does not know this token")
    );
    let (stages, _, result) = test("http://no-such-name.invalid", &token());
    assert_eq!(stages, [Stage::Name]);
    assert!(matches!(result, Err(ConnectError::Name { .. })), "{result:?}");
    let (stages, _, result) = test("kv.example", &token());
    assert_eq!(stages, [Stage::Name]);
    assert!(matches!(result, Err(ConnectError::Url { .. })));
}
