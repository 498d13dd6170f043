//! A way to the server that cuts, loses and delays.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;

use keyglass_store::database::FeedEvent;
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, Database as _, DatabaseError, EncodedKey, Encoding, Entries,
    KeyRange, MutationKind, ReadRange, StoredValue,
};

use keyglass_store::transfer::{CopyOptions, TransferError, copy};

use crate::between::Between;
use crate::served::{Served, named, numbered, quick, token, value};

fn u64_of(number: u64) -> StoredValue {
    StoredValue {
        encoding: Encoding::Le64,
        bytes: number.to_le_bytes().to_vec().into(),
    }
}

#[test]
fn a_commit_whose_answer_is_cut_anywhere_is_found_to_be_committed() {
    let served = Served::new();
    let between = Between::new(served.server.address());
    let database = quick().plain().open(&between.url(), Some(&token())).unwrap();
    // An answer of this server has fewer bytes than that; what is cut then is the next one, or a read.
    for cut in 0..300 {
        let seen = database.get(&named("a")).unwrap();
        let set = AtomicOperation::new()
            .check(named("a"), seen.map(|entry| entry.versionstamp))
            .set(named("a"), value(cut));
        between.cut_after(cut.into());
        let outcome = database.commit(set).unwrap();
        let stored = served.store.get(&named("a")).unwrap().unwrap();
        assert_eq!(
            outcome,
            CommitOutcome::Committed(stored.versionstamp),
            "after {cut} bytes"
        );
        assert_eq!(stored.value, value(cut));
    }
    assert_eq!(database.metered().unwrap().commits, 300);
}

#[test]
fn a_sum_whose_answer_is_cut_is_unknown_and_done_once() {
    let served = Served::new();
    let between = Between::new(served.server.address());
    let database = quick().plain().open(&between.url(), Some(&token())).unwrap();
    for times in 1..=5_u64 {
        let sum = MutationKind::Sum {
            operand: u64_of(1),
            min: None,
            max: None,
            clamp: false,
        };
        between.cut_after(0);
        let error = database
            .commit(AtomicOperation::new().mutate(named("sum"), sum))
            .unwrap_err();
        assert!(matches!(error, CommitError::Unknown { .. }), "{error}");
        let stored = served.store.get(&named("sum")).unwrap().unwrap();
        assert_eq!(stored.value, u64_of(times));
    }
}

#[test]
fn a_commit_that_nobody_got_is_told_not_to_be_stored_where_its_checks_show_it() {
    let served = Served::new();
    served.fill("a", 1);
    let between = Between::new(served.server.address());
    let database = quick().plain().open(&between.url(), Some(&token())).unwrap();
    let key = numbered("a", 0);
    let seen = database.get(&key).unwrap().unwrap();
    let set = AtomicOperation::new()
        .check(key.clone(), Some(seen.versionstamp))
        .set(key.clone(), value(7));
    between.lose_next();
    let error = database.commit(set.clone()).unwrap_err();
    assert!(
        matches!(error, CommitError::Unreachable(DatabaseError::Unreachable { .. })),
        "{error}"
    );
    assert!(error.to_string().starts_with("Nothing was stored"), "{error}");
    assert_eq!(database.get(&key).unwrap().unwrap(), seen);
    // The same again goes well.
    assert!(matches!(database.commit(set), Ok(CommitOutcome::Committed(_))));
    between.lose_next();
    let error = database
        .commit(AtomicOperation::new().set(named("b"), value(1)))
        .unwrap_err();
    assert!(matches!(error, CommitError::Unknown { .. }), "{error}");
    assert_eq!(served.store.get(&named("b")).unwrap(), None);
}

#[test]
fn a_server_that_goes_and_comes_back_is_used_on_without_opening_it_again() {
    let served = Served::new();
    served.fill("a", 3);
    let between = Between::new(served.server.address());
    let database = quick().plain().open(&between.url(), Some(&token())).unwrap();
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let states = database.watch(vec![named("b")]).unwrap();
    assert_eq!(states.recv().unwrap(), [None]);
    between.go_down();
    let error = database.get(&named("a")).unwrap_err();
    assert!(matches!(error, DatabaseError::Unreachable { .. }), "{error}");
    let set = || AtomicOperation::new().set(named("b"), value(1));
    let refused = database.commit(set()).unwrap_err();
    assert!(matches!(refused, CommitError::Unreachable(_)), "{refused}");
    assert!(database.metered().unwrap().trouble.is_some());
    assert_eq!(feed.recv().unwrap(), FeedEvent::Gone);
    between.come_back();
    assert!(matches!(database.commit(set()), Ok(CommitOutcome::Committed(_))));
    let state = states.recv().unwrap();
    assert_eq!(state, [served.store.get(&named("b")).unwrap()]);
    assert_eq!(feed.recv().unwrap(), FeedEvent::Lagged { missed: None });
    assert_eq!(database.metered().unwrap().trouble, None);
}

#[test]
fn over_a_slow_way_few_requests_are_made() {
    let served = Served::new();
    for group in 0..30 {
        served.fill(&format!("group {group:02}"), 120);
    }
    let between = Between::delaying(served.server.address(), Duration::from_millis(150));
    let database = quick().plain().open(&between.url(), Some(&token())).unwrap();
    let requests = || database.metered().unwrap().requests;
    let before = requests();
    let page = database.children(&EncodedKey::default(), None, 100).unwrap();
    assert_eq!(page.children.len(), 30);
    assert!(requests() - before <= 12, "{}", requests() - before);
    let before = requests();
    let all = database.read(&[ReadRange {
        range: KeyRange::everything(),
        limit: usize::MAX,
        reverse: false,
    }]);
    assert_eq!(all.unwrap()[0].len(), 3600);
    assert_eq!(requests() - before, 4);
    // Keys that are close together are read as one range, others ten to a request.
    for (step, expected) in [(1, 1), (3, 4)] {
        let before = requests();
        let keys = (0..40).map(|number| numbered("group 01", number * step));
        let keys: Vec<EncodedKey> = keys.collect();
        let found = database.get_many(&keys).unwrap();
        assert_eq!(found, served.store.get_many(&keys).unwrap());
        assert!(requests() - before <= expected, "{}", requests() - before);
    }
    let entries = Entries::of(&*database, [KeyRange::below(&named("group 02"))]);
    assert_eq!(entries.count(), 120);
}

#[test]
fn a_copy_that_is_cut_anywhere_tells_what_it_stored_and_is_resumed_without_doing_it_again() {
    let source = Served::new();
    source.fill("shop", 1200);
    let everything = |database: &dyn keyglass_store::Database| {
        let entries = Entries::of(database, [KeyRange::everything()]);
        let entries = entries.map(Result::unwrap);
        entries
            .map(|entry| (entry.key.clone(), entry))
            .collect::<HashMap<_, _>>()
    };
    let wanted = everything(&source.store);
    // An answer has some 150 bytes, and many commits are under way while one of them is cut.
    for cut in [0, 1, 60, 300, 1_500, 4_000, 9_000] {
        let served = Served::new();
        let between = Between::new(served.server.address());
        let database = quick().plain().open(&between.url(), Some(&token())).unwrap();
        let go_on = &mut |_| ControlFlow::Continue(());
        between.cut_after(cut);
        let copied = copy(&source.store, &*database, &CopyOptions::default(), go_on);
        let before = everything(&served.store);
        match copied {
            Ok(report) => assert_eq!((report.stored, before.len()), (1200, 1200), "after {cut} bytes"),
            Err(TransferError::OnTheWay { stored, unknown, .. }) => {
                let found = before.len() as u64;
                assert!(
                    (stored..=stored + unknown).contains(&found),
                    "{stored} {found} {unknown}"
                );
            }
            Err(error) => assert_eq!(before.len(), 0, "after {cut} bytes: {error}"),
        }
        let report = copy(&source.store, &*database, &CopyOptions::default(), go_on).unwrap();
        assert_eq!(report.same, before.len() as u64);
        assert_eq!((report.stored + report.same, report.skipped), (1200, 0));
        let after = everything(&served.store);
        assert_eq!(after.len(), wanted.len());
        for (key, entry) in &after {
            assert_eq!(entry.value, wanted[key].value);
            // What was there was not written again.
            let earlier = before.get(key).map(|entry| entry.versionstamp);
            assert!(earlier.is_none_or(|earlier| earlier == entry.versionstamp));
        }
    }
}

#[test]
fn a_copy_has_several_commits_under_way_to_a_server() {
    let source = Served::new();
    source.fill("shop", 640);
    let served = Served::new();
    // Commits one after the other would take 64 times there and back.
    let between = Between::delaying(served.server.address(), Duration::from_millis(50));
    let database = quick().plain().open(&between.url(), Some(&token())).unwrap();
    let copied = copy(&source.store, &*database, &CopyOptions::default(), &mut |_| {
        ControlFlow::Continue(())
    });
    assert_eq!(copied.unwrap().stored, 640);
    assert_eq!(database.metered().unwrap().commits, 64);
    let connections = served.server.num_connections();
    assert!((2..=32).contains(&connections), "{connections}");
}
