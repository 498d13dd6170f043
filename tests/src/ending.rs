//! A window that the system, or a person in a terminal, asks to end.

use std::time::Duration;

use keyglass_store::attached::Attached;
use keyglass_store::embedded::Store;
use keyglass_store::value::literal;
use keyglass_store::{
    AtomicOperation, Clock, CommitOutcome, Database as _, EncodedKey, FeedEvent, Key, KeyRange, StoredValue,
};

use crate::data::Desk;
use crate::program::{Running, keyglass, wait_for};
use crate::screen::Screen;

const SOON: Duration = Duration::from_secs(60);
/// Commits that are answered before the window is asked to end.
const COMMITS: u32 = 50;

fn key(name: &str) -> EncodedKey {
    let key: Key = format!("[\"{name}\"]").parse().unwrap();
    key.encode().unwrap()
}

fn number(number: u32) -> StoredValue {
    let value = literal::parse(&number.to_string()).unwrap();
    StoredValue::from_value(&value).unwrap()
}

/// What stands under both keys that each commit sets.
fn numbers(store: &Store) -> Vec<Option<StoredValue>> {
    let found = store.get_many(&[key("a"), key("b")]).unwrap();
    found
        .into_iter()
        .map(|entry| entry.map(|entry| entry.value))
        .collect()
}

#[test]
fn a_window_that_is_asked_to_end_lets_go_of_who_is_attached_and_keeps_what_it_answered() {
    for signal in ["TERM", "INT"] {
        let desk = Desk::new();
        let shop = desk.path("shop.kg");
        drop(Store::create(&shop).unwrap());
        let screen = Screen::start(&desk);
        let mut window = Running::start(keyglass(&desk).arg(&shop).env("DISPLAY", &screen.display));
        wait_for("the window to have the folder", SOON, || {
            assert!(!window.has_ended(), "the window closed by itself");
            shop.join("attach.json").exists().then_some(())
        });
        let attached = Attached::to_folder(&shop, Clock::system()).unwrap();
        let feed = attached.changes(vec![KeyRange::everything()]).unwrap();
        // Commits go on until the window takes no more.
        let mut answered = 0;
        let refused = loop {
            let next = number(answered + 1);
            let operation = AtomicOperation::new()
                .set(key("a"), next.clone())
                .set(key("b"), next);
            match attached.commit(operation) {
                Ok(CommitOutcome::Committed(_)) => answered += 1,
                Ok(other) => panic!("{other:?}"),
                Err(error) => break error,
            }
            if answered == COMMITS {
                window.signal(signal);
            }
        };
        assert!(answered >= COMMITS, "{refused}");
        // What it had answered by then was told before it went.
        let mut told = Vec::new();
        loop {
            match feed.recv_timeout(SOON).unwrap() {
                FeedEvent::Changes(changes) => told.extend(changes),
                FeedEvent::Gone => break,
                lagged @ FeedEvent::Lagged { .. } => panic!("{lagged:?}"),
            }
        }
        assert!(told.len() >= 2 * COMMITS as usize, "{} of {answered}", told.len());
        window.finish();
        assert!(!shop.join("attach.json").exists());
        drop(attached);
        let found = numbers(&Store::open(&shop).unwrap());
        assert_eq!(found[0], found[1], "half a commit");
        // The one that was not answered may have been done.
        let may_be = [answered, answered + 1].map(|it| Some(number(it)));
        assert!(
            may_be.contains(&found[0]),
            "{found:?} after {answered}: {refused}"
        );
    }
}
