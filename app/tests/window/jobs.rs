//! Opening, making, exporting and importing.

use egui::accesskit::Role;
use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::Queryable as _;

use crate::harness::{Window, key};

#[test]
fn the_database_is_exported_to_ndjson() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    window.press(Modifiers::COMMAND, Key::E);
    window.click(Role::Button, "Export…");
    window.until("the export", |app| !app.notices().log().is_empty());
    let text = std::fs::read_to_string(window.folder.path().join("shop.ndjson")).unwrap();
    assert_eq!(text.lines().count(), 1946);
    assert!(
        window.notices()[0].starts_with("Exported 1,946 entries to "),
        "{:?}",
        window.notices()
    );
}

#[test]
fn a_prefix_is_exported_to_json() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    window.click(Role::TreeItem, r#""counters""#);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::E);
    window.click(Role::RadioButton, "JSON");
    window.click(Role::Button, "Export…");
    window.until("the export", |app| !app.notices().log().is_empty());
    let text = std::fs::read_to_string(window.folder.path().join("shop.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 6);
}

#[test]
fn a_new_database_is_made_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::sized([1280.0, 800.0], egui::Theme::Dark, None, folder);
    window.harness.run_ok();
    window.click(Role::Button, "New database…");
    window.until("the database", |app| app.session().is_some());
    window.settle();
    assert!(window.shows("This database has no entries"));
    assert!(window.folder.path().join("new.kg").is_dir());
}

#[test]
fn a_database_that_was_just_closed_can_be_opened_again() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    let location = window.models().facts.location.clone();
    window.press(Modifiers::COMMAND, Key::W);
    assert!(window.harness.state().session().is_none());
    window.click(Role::Button, &format!("Open {location}"));
    window.until("the database", |app| app.session().is_some());
    assert_eq!(window.notices(), Vec::<String>::new());
}

#[test]
fn the_sample_is_made_once_and_shows_every_type() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::sized([1280.0, 800.0], egui::Theme::Dark, None, folder);
    window.harness.run_ok();
    window.click(Role::Button, "Open the sample");
    window.until("the sample", |app| {
        app.session().is_some_and(|session| {
            session.models.entries.is_complete() && session.models.entries.num_rows() > 1000
        })
    });
    let database = window.database();
    assert!(
        !database
            .children(&key(r#"["types"]"#), None, 100)
            .unwrap()
            .children
            .is_empty()
    );
}

#[test]
fn what_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "no database").unwrap();
    let location = path.to_string_lossy().into_owned();
    let mut window = Window::sized([1280.0, 800.0], egui::Theme::Dark, Some(location), folder);
    window.until("the refusal", |app| !app.notices().log().is_empty());
    assert!(window.notices()[0].contains("not a"), "{:?}", window.notices());
    assert!(window.harness.state().session().is_none());
}

#[test]
fn closing_with_an_unsaved_edit_asks() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    window.click(Role::Row, r#"["a"]"#);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "2");
    window.press(Modifiers::COMMAND, Key::W);
    assert!(window.shows("Close without saving?"));
    window.click(Role::Button, "Cancel");
    assert!(window.harness.state().session().is_some());
    window.press(Modifiers::COMMAND, Key::W);
    window.click(Role::Button, "Close");
    assert!(window.harness.state().session().is_none());
}

#[test]
fn a_prefix_is_deleted_with_one_notice_and_can_be_undone() {
    let entries: Vec<String> = (0..250).map(|number| format!(r#"["old", {number}]"#)).collect();
    let mut pairs: Vec<(&str, &str)> = entries
        .iter()
        .map(|key| (key.as_str(), "{a: new Date(0)}"))
        .collect();
    pairs.push((r#"["older"]"#, "1"));
    let mut window = Window::on_folder(&pairs);
    window
        .harness
        .get_by_role_and_label(Role::TreeItem, r#""old""#)
        .click_secondary();
    window.harness.run_ok();
    window.click(Role::MenuItem, r#"Delete 250 entries below "old"…"#);
    assert!(window.shows("Delete everything below?"));
    window.click(Role::Button, "Delete all");
    window.until("the deletion", |app| !app.notices().log().is_empty());
    assert_eq!(window.notices(), ["Deleted 250 entries"]);
    window.until("the rows", |app| {
        app.session().unwrap().models.entries.num_rows() == 1
    });
    window.click(Role::Link, "Undo");
    window.until("the undo", |app| app.notices().log().len() == 2);
    let restored = window.database().get(&key(r#"["old", 249]"#)).unwrap().unwrap();
    assert_eq!(
        restored.value.decode().unwrap().to_string(),
        r#"new Date("1970-01-01T00:00:00.000Z")"#.replace("new", "{a: new") + "}"
    );
    window.until("the rows", |app| {
        app.session().unwrap().models.entries.num_rows() == 251
    });
}

#[test]
fn closing_while_a_job_runs_asks() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    let label = "Exporting to shop.ndjson".to_owned();
    let session = window.session_mut();
    session.models.jobs.begin(99, label.clone());
    window.press(Modifiers::COMMAND, Key::W);
    assert!(window.shows("Close and cancel?") && window.shows("What runs of test would be cancelled"));
    assert!(window.shows(&label));
    window.click(Role::Button, "Close");
    assert!(window.harness.state().session().is_none());
}

/// Asks the window to close, as its frame does, and tells what it said to the system.
fn ask_to_close(window: &mut Window) -> Vec<ViewportCommand> {
    let viewports = &mut window.harness.input_mut().viewports;
    let root = viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
    window.harness.step();
    let output = window.harness.output().viewport_output.values();
    let commands = output.flat_map(|output| output.commands.clone()).collect();
    let viewports = &mut window.harness.input_mut().viewports;
    viewports.entry(ViewportId::ROOT).or_default().events.clear();
    window.harness.run_ok();
    commands
}

#[test]
fn quitting_while_a_job_runs_asks_and_without_one_does_not() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    assert!(!ask_to_close(&mut window).contains(&ViewportCommand::CancelClose));
    let label = "Exporting to shop.ndjson".to_owned();
    let session = window.session_mut();
    session.models.jobs.begin(99, label.clone());
    assert!(ask_to_close(&mut window).contains(&ViewportCommand::CancelClose));
    assert!(window.shows("Quit and cancel?") && window.shows(&label));
    window.click(Role::Button, "Cancel");
    assert!(window.harness.state().dialog().is_none());

    // Asked twice, it is one question, and what was asked before it comes after it.
    window.press(Modifiers::NONE, Key::F1);
    assert!(ask_to_close(&mut window).contains(&ViewportCommand::CancelClose));
    assert!(ask_to_close(&mut window).contains(&ViewportCommand::CancelClose));
    assert_eq!(window.harness.state().waiting_dialogs(), 1);
    window.click(Role::Button, "Quit");
    assert!(!ask_to_close(&mut window).contains(&ViewportCommand::CancelClose));
}
