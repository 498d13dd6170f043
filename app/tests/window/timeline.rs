//! The timeline by mouse and by keyboard: rows that open, are compared, filtered, marked, written down and brought back.

use std::fs;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, AppAction, DatabasePath, PathPurpose};
use keyglass::app::App;
use keyglass::model::watch::{TimelineRow, WatchModel};
use keyglass_store::AtomicOperation;

use crate::harness::{Window, commit, key, look, new_store, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;

fn watch(window: &Window) -> &WatchModel {
    &window.session().models.watch
}

/// A window that watches all keys, in which these values were stored one after the other.
fn watching(values: &[(&str, &str)]) -> Window {
    let mut window = Window::on_folder(&[(ADA, "{name: 'Ada', credit: 20}")]);
    window.press(Modifiers::COMMAND, Key::Num2);
    window.click(Role::Link, "Watch all keys");
    window.settle();
    for (key_text, value) in values {
        let rows = watch(&window).timeline().num_added();
        commit(&*window.database(), set(key_text, value));
        window.until("the change", |app: &App| {
            app.session().unwrap().models.watch.timeline().num_added() > rows
        });
        window.pass(1000);
    }
    window.settle();
    window
}

/// Empties a field.
fn empty(window: &mut Window, name: &str) {
    window.click(Role::TextInput, name);
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::NONE, Key::Backspace);
}

fn rows<'w>(window: &'w Window, name: &'w str) -> Vec<egui_kittest::Node<'w>> {
    let rows = window.harness.query_all_by_role_and_label(Role::Row, name);
    rows.collect()
}

/// What the rows of a key say of its changes, newest first.
fn described(window: &Window, name: &str) -> Vec<String> {
    let rows = rows(window, name).into_iter();
    rows.filter_map(|row| row.accesskit_node().description())
        .collect()
}

#[test]
fn a_row_says_what_changed_and_opens_to_all_of_it() {
    let long = "x".repeat(60_000);
    let value = format!("{{name: 'Ada', credit: 25, text: '{long}'}}");
    let mut window = watching(&[(ADA, "{name: 'Ada', credit: 25}"), (ADA, &value)]);
    let told = described(&window, ADA);
    assert!(told[0].starts_with("changed + text: \"xxx"), "{told:?}");
    assert_eq!(told[1], "changed credit: 20 → 25");
    rows(&window, ADA)[1].click();
    window.settle();
    assert!(window.shows("value.credit: 20 → 25"));
    // The keyboard goes on from there, and what is opened follows.
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.settle();
    assert_eq!(watch(&window).opened_row(), Some(1));
    window.click(Role::Link, "Wrap");
    window.settle();
    look(&mut window, "timeline-wrapped");
    assert!(window.shows("On one line"));
    window.click(Role::Link, "On one line");
    rows(&window, ADA)[0].focus();
    window.click(Role::Button, "Close the change");
    window.settle();
    assert_eq!(watch(&window).opened_row(), None);
}

/// A change that is looked at, with a bookmark and a filter.
fn opened(theme: Theme) -> Window {
    let folder = tempfile::tempdir().unwrap();
    let location = folder.path().join("shop.kg");
    drop(new_store(&location));
    let location = location.to_string_lossy().into_owned();
    let mut window = Window::sized([1100.0, 700.0], theme, Some(location), folder);
    window.until_loaded();
    window.press(Modifiers::COMMAND, Key::Num2);
    window.click(Role::Link, "Watch all keys");
    let order = |status: &str, paid: &str, items: &str| {
        format!("{{status: '{status}', total: 12.5, paid: {paid}, items: [{items}], by: 'ada'}}")
    };
    for (number, (key_text, value)) in [
        ("['orders', 41n]", order("open", "false", "'rope'")),
        ("['stock', 'rope']", "{stock: 7}".to_owned()),
        ("['orders', 41n]", order("open", "true", "'rope', 'bow'")),
        ("['stock', 'rope']", "{stock: 4}".to_owned()),
        (
            "['orders', 41n]",
            order("sent", "new Date(1795435200000)", "'rope', 'bow'"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        commit(&*window.database(), set(key_text, &value));
        window.settle();
        window.pass(900 * (number as i64 + 1));
        if number == 2 {
            window.click(Role::Link, "Bookmark");
            window.settle();
            window.enter(Role::TextInput, "Name of the bookmark", "before the deploy");
        }
    }
    rows(&window, "[\"orders\", 41n]")[0].click();
    window.settle();
    window.harness.hover_at(egui::pos2(1000.0, 600.0));
    window.harness.run_ok();
    window
}

#[test]
fn a_change_that_is_looked_at_looks_as_kept() {
    snapshot(&mut opened(Theme::Dark), "change-dark");
}

#[test]
fn a_change_that_is_looked_at_in_the_light_looks_as_kept() {
    snapshot(&mut opened(Theme::Light), "change-light");
}

#[test]
fn the_keyboard_opens_goes_along_and_leaves_rows() {
    let mut window = watching(&[(ADA, "1"), (BOB, "2"), (ADA, "3")]);
    rows(&window, ADA)[0].click();
    window.settle();
    assert_eq!(watch(&window).opened_row(), Some(2));
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    assert_eq!(watch(&window).opened_row(), Some(1));
    window.press(Modifiers::NONE, Key::End);
    window.settle();
    assert_eq!(watch(&window).opened_row(), Some(0));
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    assert_eq!(watch(&window).opened_row(), None);
    window.press(Modifiers::NONE, Key::Home);
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert!(window.shows("Entries"));
    let panel = &window.session().models.panel;
    assert_eq!(panel.key(), Some(&key(ADA)));
}

#[test]
fn two_moments_are_compared_and_an_old_value_comes_back_as_an_edit() {
    let mut window = watching(&[
        (ADA, "{name: 'Ada', credit: 25}"),
        (ADA, "{name: 'Ada', credit: 30}"),
        (ADA, "{name: 'Ada', credit: 35}"),
    ]);
    rows(&window, ADA)[0].click();
    window.settle();
    assert!(window.shows("value.credit: 30 → 35"));
    window.click(Role::Button, "Compared with before this change");
    window.click(Role::MenuItemCheckBox, "after changed 12:00:00.000");
    window.settle();
    assert!(window.shows("value.credit: 25 → 35"));
    window.choose("Restore", "What stood before");
    window.settle();
    let panel = &window.session().models.panel;
    let draft = panel.draft(&key(ADA)).unwrap();
    assert!(
        draft.is_changed() && draft.text.contains("credit: 30"),
        "{}",
        draft.text
    );
    look(&mut window, "timeline-restored");
    window.press(Modifiers::COMMAND, Key::S);
    window.settle();
    let stored = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(
        stored.value,
        keyglass::model::draft::parse_value("{name: 'Ada', credit: 30}").unwrap()
    );
}

#[test]
fn a_deleted_entry_comes_back_as_a_new_one() {
    let mut window = watching(&[]);
    commit(&*window.database(), AtomicOperation::new().delete(key(ADA)));
    window.until("the deletion", |app| {
        app.session().unwrap().models.watch.rows().len() == 1
    });
    window.settle();
    assert_eq!(described(&window, ADA), [r#"deleted {name: "Ada", credit: 20}"#]);
    rows(&window, ADA)[0].click();
    window.settle();
    window.choose("Restore", "What stood before");
    window.settle();
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the entry", |app| {
        app.session().unwrap().models.watch.rows().len() == 2
    });
    window.press(Modifiers::COMMAND, Key::Num2);
    window.settle();
    assert!(
        described(&window, ADA)[0].starts_with("restored"),
        "{:?}",
        described(&window, ADA)
    );
}

#[test]
fn filters_leave_rows_out_and_say_why_there_are_none() {
    let mut window = watching(&[(ADA, "{credit: 1}"), (BOB, "{credit: 9}"), (ADA, "{credit: 7}")]);
    let shown = |window: &Window| watch(window).num_shown();
    window.enter(Role::TextInput, "Condition", "value.credit > 5");
    window.settle();
    assert_eq!(shown(&window), 2);
    window.enter(Role::TextInput, "Condition", "credit > 5");
    window.settle();
    assert_eq!(shown(&window), 0);
    assert!(
        window
            .harness
            .query_by_label_contains("begins with value")
            .is_some()
    );
    empty(&mut window, "Condition");
    window.enter(Role::TextInput, "Key", "bob");
    window.settle();
    assert_eq!(shown(&window), 1);
    empty(&mut window, "Key");
    window.enter(Role::TextInput, "Text", "nowhere");
    window.settle();
    assert!(window.shows("No change meets the filter"));
    empty(&mut window, "Text");
    window.click(Role::Button, "All kinds");
    window.click(Role::MenuItemCheckBox, "created");
    window.settle();
    assert_eq!(described(&window, BOB).len(), shown(&window) as usize);
    assert!(described(&window, BOB)[0].starts_with("created"));
}

#[test]
fn a_bookmark_is_named_and_everything_changed_since_is_shown() {
    let mut window = watching(&[(ADA, "{a: 1}")]);
    window.click(Role::Link, "Bookmark");
    window.settle();
    window.enter(Role::TextInput, "Name of the bookmark", "before the deploy");
    window.settle();
    for (key_text, value) in [(ADA, "{a: 2}"), (BOB, "1"), (ADA, "{a: 3}")] {
        commit(&*window.database(), set(key_text, value));
    }
    window.until("the changes", |app| {
        app.session().unwrap().models.watch.rows().len() == 5
    });
    window.click(Role::Button, "Show everything changed since");
    window.settle();
    assert_eq!(described(&window, ADA), ["changed a: 1 → 3"]);
    assert_eq!(described(&window, BOB), ["created 1"]);
    look(&mut window, "timeline-since");
    window.click(Role::Button, "Show all changes");
    window.settle();
    assert_eq!(described(&window, ADA).len(), 3);
}

#[test]
fn a_timeline_is_written_down_and_looked_at_later() {
    let mut window = watching(&[(ADA, "{a: 1}"), (ADA, "{a: 2}")]);
    window.choose("More", "Export changes…");
    window.until("the export", |app| !app.notices().log().is_empty());
    assert!(
        window.notices()[0].starts_with("Exported 2 rows of the timeline"),
        "{:?}",
        window.notices()
    );
    let file = fs::read_dir(window.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "ndjson"))
        .unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert!(text.contains(r#""kind":"changed""#), "{text}");
    window.click(Role::Link, "Clear");
    window.settle();
    let loaded = {
        let mut lines: Vec<_> = text.lines().collect();
        lines.push("no change");
        lines.join("\n")
    };
    fs::write(&file, loaded).unwrap();
    let id = window.session().id;
    let purpose = PathPurpose::On(id, DatabasePath::LoadTimeline);
    let action = Action::App(AppAction::UsePath(purpose, file));
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(action, &ctx);
    window.until("the recording", |app| {
        app.session().unwrap().models.watch.recording().is_some()
    });
    window.settle();
    assert_eq!(described(&window, ADA)[0], "changed a: 1 → 2");
    assert!(
        window
            .notices()
            .iter()
            .any(|text| text.starts_with("Line 3 could not be read"))
    );
    look(&mut window, "timeline-recording");
    window.click(Role::Link, "Back to live");
    window.settle();
    assert!(rows(&window, ADA).is_empty());
}

#[test]
fn the_plot_scrolls_to_where_it_is_pointed_at() {
    let values: Vec<(String, String)> = (0..60)
        .map(|number| (format!("[{number}]"), "1".to_owned()))
        .collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (&key[..], &value[..])).collect();
    let mut window = watching(&values);
    assert!(rows(&window, "[0]").is_empty());
    let plot = window
        .harness
        .get_by_role_and_label(Role::Image, "Changes over time, at most 1 a second")
        .rect();
    window.harness.hover_at(plot.left_center() + egui::vec2(2.0, 0.0));
    window.harness.drag_at(plot.left_center() + egui::vec2(2.0, 0.0));
    window.harness.run_ok();
    window.settle();
    assert!(!rows(&window, "[0]").is_empty());
    window.harness.drop_at(plot.left_center() + egui::vec2(2.0, 0.0));
}

#[test]
fn while_it_is_paused_changes_wait_and_then_come() {
    let mut window = watching(&[(ADA, "1")]);
    window.click(Role::Link, "Pause");
    for value in 2..5 {
        commit(&*window.database(), set(ADA, &value.to_string()));
    }
    window.until("the changes", |app| {
        app.session().unwrap().models.watch.waiting() == (3, 0)
    });
    window.settle();
    assert_eq!(described(&window, ADA).len(), 1);
    window.click(Role::Link, "Go on · 3 waiting");
    window.settle();
    assert_eq!(described(&window, ADA)[0], "changed 3 → 4");
    assert!(
        watch(&window)
            .rows()
            .iter()
            .all(|row| matches!(row, TimelineRow::Change(_)))
    );
}

/// Chooses an entry of the menu of the newest row of a key.
fn choose_on_row(window: &mut Window, name: &str, entry: &str) {
    rows(window, name)[0].click_secondary();
    window.settle();
    window.click(Role::MenuItem, entry);
}

/// Commits the transaction, and tells what stands under a key then.
fn committed(window: &mut Window, name: &str) -> Option<String> {
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app: &App| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    let entry = window.database().get(&key(name)).unwrap();
    entry.map(|entry| entry.value.decode().unwrap().to_string())
}

#[test]
fn a_change_is_taken_back_and_done_again_by_the_transaction() {
    let mut window = watching(&[(ADA, "1"), (BOB, "2")]);
    choose_on_row(&mut window, BOB, "Its inverse in the transaction");
    assert_eq!(committed(&mut window, BOB), None);
    window.settle();
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window
        .harness
        .state_mut()
        .session_mut()
        .unwrap()
        .models
        .transaction
        .clear();
    window.settle();
    // The deletion is the newest row; the row below it stored the value.
    rows(&window, BOB)[1].click_secondary();
    window.settle();
    window.click(Role::MenuItem, "The same in the transaction");
    assert_eq!(committed(&mut window, BOB).as_deref(), Some("2"));
}

#[test]
fn what_a_key_is_compared_with_comes_into_the_transaction() {
    let mut window = watching(&[(ADA, "1"), (ADA, "2")]);
    rows(&window, ADA)[0].click();
    window.settle();
    window.choose("Restore", "What is compared with, in the transaction");
    assert_eq!(committed(&mut window, ADA).as_deref(), Some("1"));
}

#[test]
fn all_that_has_changed_since_a_bookmark_comes_back_by_one_transaction() {
    let mut window = watching(&[(BOB, "2")]);
    window.click(Role::Link, "Bookmark");
    window.settle();
    for (name, value) in [(ADA, "1"), (BOB, "3"), (ADA, "4")] {
        commit(&*window.database(), set(name, value));
        window.settle();
    }
    window.click(Role::Button, "Show everything changed since");
    window.settle();
    window.choose("More", "Back to the bookmark, in the transaction");
    assert_eq!(committed(&mut window, BOB).as_deref(), Some("2"));
    let ada = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(
        ada.value.decode().unwrap().to_string(),
        "{name: \"Ada\", credit: 20}"
    );
}
