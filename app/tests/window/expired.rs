//! Entries of a Deno file that have expired and were not swept: shown as such, counted apart, and left out of what is
//! done with many entries until a person takes them in by their chip.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::model::find::FindState;
use keyglass::model::query::Query;
use keyglass::session::Session;
use keyglass_store::KeyRange;

use crate::harness::{NOW, Window, data, key};
use crate::pictures::snapshot;

const DAY: i64 = 86_400_000;
const SESSIONS: &str = r#"["sessions"]"#;
const LEFT_OUT: &str = "17 expired: shown only";
const TAKEN_IN: &str = "17 expired: exported and found, too";

/// A window on a copy of the shop, of which 17 sessions expire at this moment in milliseconds since the Unix epoch,
/// with the sessions listed. The keys of all sessions, those 17 first.
fn sessions_expiring(at: i64, theme: Theme) -> (Window, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sqlite3");
    std::fs::copy(data("shop.sqlite3"), &path).unwrap();
    let below = KeyRange::below(&key(SESSIONS));
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute(
            "UPDATE kv SET expiration_ms = ?1 WHERE k IN \
             (SELECT k FROM kv WHERE k >= ?2 AND k < ?3 ORDER BY k LIMIT 17)",
            (at, below.start.as_bytes(), below.end.as_bytes()),
        )
        .unwrap();
    let location = path.to_string_lossy().into_owned();
    let mut window = Window::sized([1280.0, 800.0], theme, Some(location), folder);
    window.until("the first rows", |app| {
        app.session()
            .is_some_and(|session| session.models.entries.is_complete() && session.models.tree.is_loaded())
    });
    let read = keyglass_store::ReadRange {
        range: below,
        limit: usize::MAX,
        reverse: false,
    };
    let read = window.database().read(&[read]).unwrap().remove(0);
    session_of(&mut window).list(Query::prefix(key(SESSIONS)));
    window.until("the sessions", |app| {
        let entries = &app.session().unwrap().models.entries;
        entries.is_complete() && entries.query.prefix == key(SESSIONS)
    });
    (
        window,
        read.into_iter().map(|entry| entry.key.to_string()).collect(),
    )
}

/// Takes the expired sessions in by a click on their chip.
fn take_in(window: &mut Window) {
    until_shown(window, LEFT_OUT);
    window.click(Role::Button, LEFT_OUT);
    until_shown(window, TAKEN_IN);
}

fn is_selected(window: &Window, row: &str) -> bool {
    let row = window.harness.get_by_role_and_label(Role::Row, row);
    row.accesskit_node().is_selected() == Some(true)
}

/// The rows that are drawn now.
fn shows_row(window: &Window, row: &str) -> bool {
    window.harness.query_by_role_and_label(Role::Row, row).is_some()
}

/// Waits until a text begins so.
fn until_shown(window: &mut Window, text: &str) {
    until(window, text, |window| {
        let nodes = window.harness.query_all_by(|node| {
            let label = node.label().or(node.value());
            label.is_some_and(|label| label.starts_with(text))
        });
        nodes.count() > 0
    });
}

/// Draws frames until something holds of what is drawn.
fn until(window: &mut Window, what: &str, holds: impl Fn(&Window) -> bool) {
    for _ in 0..100 {
        if holds(window) {
            return;
        }
        window.settle();
    }
    panic!("waited too long for {what}");
}

fn session_of(window: &mut Window) -> &mut Session {
    window.session_mut()
}

/// What a row tells a screen reader beside its key.
fn description(window: &Window, row: &str) -> String {
    let row = window.harness.get_by_role_and_label(Role::Row, row);
    row.accesskit_node().description().unwrap_or_default()
}

fn last_notice(window: &mut Window, number: usize) -> String {
    window.until("the notice", |app| app.notices().log().len() >= number);
    window.notices().pop().unwrap()
}

#[test]
fn what_has_expired_is_shown_as_such_and_counted_apart() {
    let (mut window, keys) = sessions_expiring(NOW - 335 * DAY, Theme::Dark);
    until_shown(&mut window, "1,929 keys, 17 expired");
    until_shown(&mut window, "60 entries · 17 expired");
    assert!(description(&window, &keys[0]).contains(", expired 11 months ago, not swept, "));
    assert!(!description(&window, &keys[17]).contains("expired"));
    window.click(Role::Row, &keys[0]);
    until_shown(&mut window, "expired 11 months ago, not swept");

    session_of(&mut window)
        .models
        .tree
        .set_expanded(&key(SESSIONS), true);
    window.settle();
    session_of(&mut window).go_to(key(&keys[16]));
    // What a node of the tree tells a screen reader beside its name, once it is there.
    let node = |window: &Window, name: &str| {
        let node = window.harness.query_by_role_and_label(Role::TreeItem, name)?;
        Some(node.accesskit_node().description().unwrap_or_default())
    };
    let name = keys[16].strip_prefix("[\"sessions\", ").unwrap();
    let name = name.trim_end_matches(']');
    until(&mut window, "the node of the session", |window| {
        node(window, name).as_deref() == Some("expired, not swept")
    });
    // Some in the database have expired, but not this one.
    assert_eq!(node(&window, r#""overwritten""#).as_deref(), Some(""));
}

#[test]
fn the_chip_counts_what_has_expired_of_what_is_listed() {
    let (mut window, keys) = sessions_expiring(NOW - DAY, Theme::Dark);
    let from = |at: usize| Query {
        start: Some(key(&keys[at])),
        ..Query::prefix(key(SESSIONS))
    };
    session_of(&mut window).list(from(10));
    until_shown(&mut window, "7 expired: shown only");
    until_shown(&mut window, "50 entries · 7 expired");
    session_of(&mut window).list(from(17));
    until_shown(&mut window, "43 entries");
    until(&mut window, "no chip", |window| {
        !window.shows("7 expired: shown only")
    });
    let bounded = Query {
        end: Some(key(&keys[15])),
        ..from(10)
    };
    session_of(&mut window).list(bounded);
    until_shown(&mut window, "5 entries · 5 expired");
    session_of(&mut window).models.entries.include_expired(true);
    let taken_in = "5 expired: exported and found, too";
    until_shown(&mut window, taken_in);
    session_of(&mut window).list(Query::prefix(key(r#"["users"]"#)));
    until(&mut window, "no chip", |window| !window.shows(taken_in));
    session_of(&mut window).list(Query::default());
    until_shown(&mut window, TAKEN_IN);
}

#[test]
fn the_chip_changes_nothing_of_what_is_listed() {
    let (mut window, keys) = sessions_expiring(NOW - DAY, Theme::Dark);
    let first_and_last_of_them =
        |window: &Window| shows_row(window, &keys[0]) && shows_row(window, &keys[16]);
    until(&mut window, "the expired rows", first_and_last_of_them);
    take_in(&mut window);
    until_shown(&mut window, "60 entries · 17 expired");
    assert!(first_and_last_of_them(&window));
    window.click(Role::Button, TAKEN_IN);
    until_shown(&mut window, LEFT_OUT);
    assert!(first_and_last_of_them(&window));
}

#[test]
fn many_entries_are_deleted_without_what_has_expired_until_the_chip_is_on() {
    let (mut window, keys) = sessions_expiring(NOW - DAY, Theme::Dark);
    session_of(&mut window).unlock(None);
    window.until("the unlocked file", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    window.click(Role::Row, &keys[20]);
    window.press(Modifiers::COMMAND, Key::A);
    until_shown(&mut window, "43 selected (17 expired left out)");
    window.press(Modifiers::COMMAND, Key::Delete);
    until_shown(
        &mut window,
        "43 entries will be removed, except those that change meanwhile. 17 expired entries are left out;",
    );
    window.click(Role::Button, "Delete all");
    window.until("the deletion", |app| {
        app.notices()
            .log()
            .iter()
            .any(|notice| notice.summary.starts_with("Deleted"))
    });
    assert_eq!(
        window.notices().pop().unwrap(),
        "Deleted 43 entries (17 expired left out)"
    );
    // Numbers follow after the rest that keeps counting cheap.
    window.pass(1000);
    until_shown(&mut window, "0 selected (17 expired left out)");
    assert!(shows_row(&window, &keys[16]) && !shows_row(&window, &keys[17]));

    take_in(&mut window);
    window.click(Role::Row, &keys[3]);
    window.press(Modifiers::COMMAND, Key::A);
    until_shown(&mut window, "17 selected · ");
    window.press(Modifiers::COMMAND, Key::Delete);
    until_shown(&mut window, "17 entries (");
    window.click(Role::Button, "Delete all");
    window.pass(1000);
    until_shown(&mut window, "No entries here");
    assert_eq!(window.notices().pop().unwrap(), "Deleted 17 entries");

    // The undo puts them back as they were.
    let number = window.notices().len();
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(last_notice(&mut window, number + 1), "Undone: Deleted 17 entries");
    let back = window.database().get(&key(&keys[3])).unwrap().unwrap();
    assert_eq!(back.expires_at, Some(NOW - DAY));
    window.pass(1000);
    until(&mut window, "the rows", |window| shows_row(window, &keys[3]));
}

#[test]
fn many_entries_are_selected_copied_and_exported_without_what_has_expired_until_the_chip_is_on() {
    let (mut window, keys) = sessions_expiring(NOW - DAY, Theme::Dark);
    window.click(Role::Row, &keys[20]);
    window.press(Modifiers::COMMAND, Key::A);
    until_shown(&mut window, "43 selected (17 expired left out)");
    assert!(is_selected(&window, &keys[17]) && !is_selected(&window, &keys[16]));
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::K);
    assert_eq!(
        last_notice(&mut window, 1),
        "Copied 43 keys as JavaScript (17 expired left out)"
    );

    window.press(Modifiers::COMMAND, Key::E);
    window.click(Role::Button, "Export…");
    let told = last_notice(&mut window, 2);
    assert!(
        told.starts_with("Exported 1,929 entries (17 expired left out) to "),
        "{told}"
    );
    let file = window.folder.path().join("shop.ndjson");
    let lines = |file: &std::path::Path| std::fs::read_to_string(file).unwrap().lines().count();
    assert_eq!(lines(&file), 1929);

    take_in(&mut window);
    until_shown(&mut window, "60 selected · ");
    assert!(is_selected(&window, &keys[0]));
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::K);
    assert_eq!(last_notice(&mut window, 3), "Copied 60 keys as JavaScript");
    window.press(Modifiers::COMMAND, Key::E);
    window.click(Role::Button, "Export…");
    assert!(last_notice(&mut window, 4).starts_with("Exported 1,946 entries to "));
    assert_eq!(lines(&file), 1946);
}

#[test]
fn an_export_offers_to_take_in_what_has_expired() {
    let (mut window, _) = sessions_expiring(NOW - DAY, Theme::Dark);
    window.press(Modifiers::COMMAND, Key::E);
    until_shown(&mut window, "(1,929 entries, 17 expired, ");
    window.click(Role::CheckBox, "With the 17 expired");
    window.click(Role::Button, "Export…");
    assert!(last_notice(&mut window, 1).starts_with("Exported 1,946 entries to "));
}

#[test]
fn an_entry_that_was_chosen_by_itself_is_copied_though_it_has_expired() {
    let (mut window, keys) = sessions_expiring(NOW - DAY, Theme::Dark);
    session_of(&mut window).go_to(key(&keys[0]));
    until_shown(&mut window, "expired ");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::K);
    assert_eq!(last_notice(&mut window, 1), "Copied 1 key as JavaScript");
}

#[test]
fn a_find_leaves_out_what_has_expired_until_the_chip_is_on() {
    let (mut window, _) = sessions_expiring(NOW - DAY, Theme::Dark);
    window.press(Modifiers::COMMAND, Key::F);
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Find in keys and values")
        .type_text("sessions");
    window.harness.run_ok();
    let found = |window: &mut Window| {
        window.until("the end of the search", |app| {
            app.session().unwrap().models.find.state() == FindState::Complete
        });
        window.models().find.hits().len()
    };
    assert_eq!(found(&mut window), 43);
    until_shown(
        &mut window,
        "43 entries found · all 1,929 looked at (17 expired left out)",
    );
    window.click(Role::Button, "17 expired: left out");
    assert_eq!(found(&mut window), 60);
    until_shown(&mut window, "60 entries found · all 1,946 looked at");
}

#[test]
fn an_entry_that_expires_while_it_is_shown_changes_its_look_at_that_moment() {
    let (mut window, keys) = sessions_expiring(NOW + 90_000, Theme::Dark);
    until_shown(&mut window, "1,946 keys");
    assert!(!window.shows(LEFT_OUT));
    window.pass(89_999);
    window.settle();
    assert!(!description(&window, &keys[0]).contains("expired") && !window.shows(LEFT_OUT));
    let output = window.harness.output().viewport_output.values();
    let wakes_in = output.map(|viewport| viewport.repaint_delay).min();
    assert!(
        wakes_in.is_some_and(|delay| delay <= Duration::from_millis(2)),
        "{wakes_in:?}"
    );
    window.pass(1);
    assert!(description(&window, &keys[0]).contains(", expired now, not swept, "));
    // Numbers follow after the rest that keeps counting cheap.
    window.pass(1000);
    until_shown(&mut window, LEFT_OUT);
    until_shown(&mut window, "1,929 keys, 17 expired");
}

fn picture(theme: Theme) -> Window {
    let (mut window, keys) = sessions_expiring(NOW - 335 * DAY, theme);
    session_of(&mut window)
        .models
        .tree
        .set_expanded(&key(SESSIONS), true);
    window.settle();
    until_shown(&mut window, LEFT_OUT);
    window.click(Role::Row, &keys[16]);
    session_of(&mut window).models.tree.shows_selected = true;
    until_shown(&mut window, "1,929 keys, 17 expired");
    window
}

#[test]
fn what_has_expired_looks_as_kept() {
    snapshot(&mut picture(Theme::Dark), "expired-dark");
}

#[test]
fn what_has_expired_looks_as_kept_in_the_light() {
    snapshot(&mut picture(Theme::Light), "expired-light");
}
