//! A folder that another process has open, in a window that is attached to it.

use std::path::PathBuf;
use std::sync::Arc;

use egui::accesskit::Role;
use keyglass_store::attached::Attached;
use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::requests::{Access, LoggedOutcome};
use keyglass_store::{Clock, Database, Writing};

use crate::harness::{Window, commit, key, look, set};

fn owner(path: &PathBuf, clock: Clock) -> Store {
    OpenOptions::new()
        .clock(clock)
        .attachable()
        .open_or_create(path)
        .unwrap()
}

/// A window that is attached to a store of this test, which stands for another process.
pub fn attached() -> (Window, Store, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.kg");
    let mut window = Window::sized([1280.0, 800.0], egui::Theme::Dark, None, folder);
    let owner = owner(&path, window.clock());
    commit(&owner, set("['stock', 'lamp']", "3"));
    commit(&owner, set("['visitors']", "new Deno.KvU64(7n)"));
    let database = Attached::to_folder(&path, window.clock()).unwrap();
    window
        .harness
        .state_mut()
        .show_database(Arc::new(database))
        .unwrap();
    window.until_loaded();
    (window, owner, path)
}

#[test]
fn the_status_names_the_owner_and_what_it_commits_shows_at_once() {
    let (mut window, owner, path) = attached();
    let known = owner.path();
    assert_eq!(known, path);
    let through = format!("pid {}", std::process::id());
    let facts = &window.models().facts;
    let badge = format!("{} · {}", facts.title, facts.access_name());
    assert!(
        badge.starts_with("shop · attached to ") && badge.ends_with(&through),
        "{badge}"
    );
    assert!(window.shows(&badge) && window.shows("Live") && window.shows("Writable"));
    look(&mut window, "attached");
    commit(&owner, set("['stock', 'teapot']", "1"));
    window.until("the new row", |app| {
        let entries = &app.session().unwrap().models.entries;
        (0..3).any(|row| {
            entries
                .row(row)
                .is_some_and(|row| row.key == key("['stock', 'teapot']"))
        })
    });
    window.click(Role::Row, &key("['stock', 'lamp']").to_string());
    window.settle();
    let deleted = keyglass_store::AtomicOperation::new().delete(key("['visitors']"));
    commit(&*window.database(), deleted);
    assert_eq!(owner.get(&key("['visitors']")).unwrap(), None);
}

#[test]
fn an_owner_that_goes_leaves_what_was_read_and_all_goes_on_when_it_is_back() {
    let (mut window, first, path) = attached();
    let clock = window.clock();
    drop(first);
    window.until("the loss", |app| {
        let facts = &app.session().unwrap().models.facts;
        facts.is_gone && matches!(facts.capabilities.writing, Writing::Impossible(_))
    });
    window.settle();
    assert!(window.shows("Owner is gone") && window.shows("Read-only") && !window.shows("Live"));
    let row = window.models().entries.row(0).map(|row| row.key.clone());
    assert_eq!(row, Some(key("['stock', 'lamp']")));
    let notices = window.notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(
        notices[0].contains("has ended or closed it; what is shown is as it was last"),
        "{notices:?}"
    );
    look(&mut window, "owner-gone");

    let again = owner(&path, clock);
    window.until("the owner", |app| {
        let facts = &app.session().unwrap().models.facts;
        !facts.is_gone && facts.is_writable()
    });
    commit(&again, set("['stock', 'chair']", "2"));
    window.until("the new row", |app| {
        let entries = &app.session().unwrap().models.entries;
        (0..3).any(|row| {
            entries
                .row(row)
                .is_some_and(|row| row.key == key("['stock', 'chair']"))
        })
    });
    assert!(window.shows("Live") && window.shows("Writable"));
}

#[test]
fn what_others_ask_of_the_owner_shows_among_the_requests() {
    let (mut window, owner, path) = attached();
    let requests = |window: &Window| {
        let models = &window.models();
        models.requests.all_shown().cloned().collect::<Vec<_>>()
    };
    // Nothing is recorded before somebody looks.
    assert!(!owner.request_log().unwrap().is_read());
    window.click(Role::Tab, "Requests");
    assert!(window.shows("No request yet. Each one shows here as it is answered."));
    window.until("the recording", |_app| owner.request_log().unwrap().is_read());
    let other = Attached::to_folder(&path, window.clock()).unwrap();
    let lamp = key("['stock', 'lamp']");
    let seen = other.get(&lamp).unwrap().unwrap();
    let sold = set("['stock', 'lamp']", "2").check(lamp.clone(), Some(seen.versionstamp));
    other.commit(sold.clone()).unwrap();
    other.commit(sold).unwrap();
    window.until("the conflict", |app| {
        let mut all = app.session().unwrap().models.requests.all_shown();
        all.any(|told| matches!(told.outcome, LoggedOutcome::Conflict(_)))
    });
    window.settle();
    let of_other = requests(&window)
        .into_iter()
        .filter(|told| told.places.iter().any(|place| *place.place.start() == lamp))
        .filter(|told| matches!(told.places[0].access, Access::Check));
    assert_eq!(of_other.count(), 2);
    let row = format!("extension commit {lamp}, conflict: 1 check");
    window.click(Role::Row, &row);
    look(&mut window, "attached-requests");
    assert!(window.shows("expected") || window.shows("Expected"));
    // Looking at it asks for nothing that would be looked at in turn.
    let before = requests(&window).len();
    window.settle();
    assert_eq!(requests(&window).len(), before);
    window.click(Role::Link, "Pause");
    window.until("the end of recording", |_app| {
        !owner.request_log().unwrap().is_read()
    });
}
