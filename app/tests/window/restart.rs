//! What is there again after Keyglass was closed or crashed.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use keyglass::action::{Action, AppAction};
use keyglass::model::draft::Draft;
use keyglass::model::key_draft::KeyDraft;
use keyglass::model::saved_session::{SavedDraft, SavedSession};
use keyglass::state::SavedState;
use keyglass::state_file;
use keyglass::state_merge::Patch;
use keyglass_store::AtomicOperation;
use keyglass_store::limits::Limits;

use crate::harness::{Window, commit, key, set};

const ADA: &str = r#"["users", "ada"]"#;
const CODE: &str = "Value as JavaScript";

/// A window with an edit that is not saved and a transaction, both written to the settings.
fn window() -> Window {
    let mut window = Window::on_folder(&[(ADA, "20"), (r#"["users", "bob"]"#, "1")]);
    window.click(Role::DisclosureTriangle, r#"Expand "users""#);
    window.settle();
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, CODE, "21");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.settle();
    window.pass(1500);
    window.settle();
    window
}

#[test]
fn an_edit_a_transaction_and_the_place_survive_a_crash() {
    let mut window = window().after_crash();
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(ADA)));
    assert_eq!(session.models.panel.current().unwrap().text, "21");
    assert_eq!(session.models.transaction.rows.len(), 2);
    assert!(session.models.transaction.rows[0].choices.versionstamp.is_some());
    assert!(session.models.tree.is_expanded(&key(r#"["users"]"#)));
    assert_eq!(window.notices(), ["Unsaved edits are back: test"]);
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| app.notices().log().len() == 2);
    let entry = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(entry.value.decode().unwrap().to_string(), "21");
}

#[test]
fn an_edit_that_comes_back_is_still_checked_against_what_was_seen() {
    let window = window();
    commit(&*window.database(), set(ADA, "'faster'"));
    let mut window = window.after_crash();
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the refusal", |app| app.notices().log().len() == 2);
    assert_eq!(
        window.notices()[1],
        "Not saved: the entry changed since you began. Your text is kept"
    );
    let entry = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(entry.value.decode().unwrap().to_string(), r#""faster""#);
}

#[test]
fn an_edit_that_was_given_up_does_not_come_back() {
    let mut window = window();
    let times_named = |window: &Window| window.harness.query_all_by_label(ADA).count();
    let before = times_named(&window);
    window.press(Modifiers::COMMAND, Key::W);
    // The question names what would be lost.
    assert_eq!(times_named(&window), before + 1);
    window.click(Role::Button, "Close");
    window.pass(1500);
    let state = std::fs::read_to_string(window.folder.path().join("settings/state.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let sessions = state["sessions"].as_object().unwrap();
    let session = sessions.values().next().unwrap();
    assert_eq!(session["drafts"], serde_json::json!([]));
    assert_eq!(session["expanded"], serde_json::json!([r#"["users"]"#]));
}

#[test]
fn every_new_entry_that_is_half_written_survives_a_crash() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::N);
    window.enter(Role::MultilineTextInput, CODE, "'first'");
    window.click(Role::Row, r#"["users", "bob"]"#);
    window.settle();
    window.press(Modifiers::COMMAND, Key::D);
    window.enter(Role::MultilineTextInput, CODE, "'second'");
    window.pass(1500);
    let window = window.after_crash();
    let session = window.session();
    let texts: Vec<_> = session
        .models
        .panel
        .new_entries()
        .map(|draft| draft.text.clone())
        .collect();
    assert_eq!(texts, ["'first'", "'second'"]);
    assert_eq!(session.models.panel.new_entry.as_ref().unwrap().text, "'second'");
}

#[test]
fn an_edit_of_an_entry_that_was_deleted_meanwhile_survives_a_crash() {
    let mut window = window();
    let delete = AtomicOperation::new().delete(key(ADA));
    commit(&*window.database(), delete);
    window.until("the change", |app| {
        let draft = app.session().unwrap().models.panel.current();
        draft.is_some_and(|draft| draft.outside.is_some())
    });
    window.click(Role::Button, "Edit on");
    window.pass(1500);
    let window = window.after_crash();
    let session = window.session();
    let texts: Vec<_> = session
        .models
        .panel
        .new_entries()
        .map(|draft| (draft.key_text(), draft.text.clone()))
        .collect();
    assert_eq!(texts, [(ADA.to_owned(), "21".to_owned())]);
}

#[test]
fn the_sizes_of_the_window_and_its_panels_come_back() {
    let mut window = window();
    window.harness.set_size(egui::vec2(1200.0, 760.0));
    window.harness.run_ok();
    // The edge of the tree is dragged.
    window.harness.drag_at(egui::pos2(250.0, 400.0));
    window.harness.run_ok();
    window.harness.hover_at(egui::pos2(310.0, 400.0));
    window.harness.run_ok();
    window.harness.drop_at(egui::pos2(310.0, 400.0));
    window.harness.run_ok();
    window.pass(1500);
    let state = std::fs::read(window.folder.path().join("settings/state.json")).unwrap();
    let state: serde_json::Value = serde_json::from_slice(&state).unwrap();
    assert_eq!(state["sizes"]["window"], serde_json::json!([1200.0, 760.0]));
    assert_eq!(state["sizes"]["keys"], 310.0);
    let width = |window: &Window| window.harness.get_by_role(Role::Tree).rect().width();
    let before = width(&window);
    assert_eq!(width(&window.after_crash()), before);
}

#[test]
fn what_is_watched_is_watched_again() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::B);
    window.settle();
    window.pass(1500);
    window.settle();
    let mut window = window.after_crash();
    commit(&*window.database(), set(ADA, "5"));
    window.until("the change", |app| {
        app.session().unwrap().models.watch.events().count() == 1
    });
}

#[test]
fn settings_that_cannot_be_read_are_kept_and_named() {
    let window = window();
    let settings = window.folder.path().join("settings");
    let torn = b"{\"text_scale\": 1.2, \"sessions\": {\"kv".to_vec();
    let location = window.session().models.facts.location.clone();
    let Window { harness, folder, .. } = window;
    drop(harness);
    std::fs::write(settings.join("state.json"), &torn).unwrap();
    let size = [1280.0, 800.0];
    let window = Window::sized(size, egui::Theme::Dark, Some(location), folder);
    let kept = settings.join("state-unreadable.json");
    assert_eq!(std::fs::read(&kept).unwrap(), torn);
    let told = window.notices();
    assert!(
        told[0].starts_with("The kept settings and edits could not be read ("),
        "{told:?}"
    );
    assert!(
        told[0].ends_with(&format!("The file is kept: {}", kept.display())),
        "{told:?}"
    );
    drop(window);
}

/// What a window keeps in which a new entry with the text 'theirs' waits.
fn with_a_new_entry(location: String) -> SavedState {
    let mut draft = Draft::new_entry(KeyDraft::of_text(r#"["users", "eve"]"#), Limits::DENO);
    "'theirs'".clone_into(&mut draft.text);
    let mut session = SavedSession::default();
    session.set_aside.push(SavedDraft::of(&draft));
    let mut state = SavedState::default();
    state.sessions.insert(location, session);
    state
}

#[test]
fn two_windows_keep_the_edits_of_both() {
    let window = window();
    let path = window.folder.path().join("settings/state.json");
    let location = window.session().models.facts.location.clone();
    // Another window that knew nothing of this one's edit.
    let other = with_a_new_entry(location);
    let mut patch = Patch::new(SavedState::default(), other);
    patch.open.extend(patch.own.sessions.keys().cloned());
    state_file::apply(&[patch], &path).unwrap();
    // This one goes on, and does not know of the other one's.
    let mut window = window;
    window.enter(Role::MultilineTextInput, CODE, "22");
    window.pass(1500);
    let window = window.after_crash();
    let session = window.session();
    assert_eq!(session.models.panel.current().unwrap().text, "22");
    let texts: Vec<_> = session
        .models
        .panel
        .new_entries()
        .map(|draft| draft.text.clone())
        .collect();
    assert_eq!(texts, ["'theirs'"]);
}

#[test]
fn an_edit_of_another_window_is_there_when_the_database_is_opened_after_it() {
    let mut window = window();
    let path = window.folder.path().join("settings/state.json");
    let location = window.session().models.facts.location.clone();
    window.press(Modifiers::COMMAND, Key::W);
    window.click(Role::Button, "Close");
    let other = with_a_new_entry(location.clone());
    state_file::apply(&[Patch::new(SavedState::default(), other)], &path).unwrap();
    let ctx = window.harness.ctx.clone();
    window
        .harness
        .state_mut()
        .execute(Action::App(AppAction::Open(location)), &ctx);
    window.until("the database", |app| app.session().is_some());
    let session = window.session();
    let texts: Vec<_> = session
        .models
        .panel
        .new_entries()
        .map(|draft| draft.text.clone())
        .collect();
    assert_eq!(texts, ["'theirs'"]);
    // The edit that was given up with its window is gone, although it stood in the file a moment before.
    assert_eq!(session.models.panel.changed().count(), 0);
}

#[test]
fn edits_and_new_keys_of_one_entry_in_two_windows_are_both_told() {
    let window = window();
    let path = window.folder.path().join("settings/state.json");
    let session = window.session();
    let location = session.models.facts.location.clone();
    let mut theirs = session.models.panel.current().unwrap().clone();
    "'theirs'".clone_into(&mut theirs.text);
    theirs.parse();
    let mut saved = SavedSession::default();
    saved.drafts.push(SavedDraft::of(&theirs));
    let bob = r#"["users", "bob"]"#;
    for new in [r#"["users", "rob"]"#, r#"["users", "robert"]"#] {
        saved.renames.push((bob.to_owned(), new.to_owned()));
    }
    let mut other = SavedState::default();
    other.sessions.insert(location, saved);
    state_file::apply(&[Patch::new(SavedState::default(), other)], &path).unwrap();
    let window = window.after_crash();
    let log = window.harness.state().notices().log();
    let notice = log.back().unwrap();
    assert_eq!(notice.summary, "Another window edited the same entries: test");
    assert_eq!(
        notice.details,
        [
            format!("One of two edits waits as a new entry: {ADA}"),
            format!(
                r#"Two new keys were being written, ["users", "rob"] stays and ["users", "robert"] does not, for {bob}"#
            ),
        ]
    );
    let session = window.session();
    let mut texts: Vec<_> = session
        .models
        .panel
        .new_entries()
        .chain(session.models.panel.changed())
        .map(|draft| draft.text.clone())
        .collect();
    texts.sort();
    assert_eq!(texts, ["'theirs'", "21"]);
    let rename = session.models.panel.rename_of(&key(bob)).unwrap();
    assert_eq!(rename.key_draft.text(), r#"["users", "rob"]"#);
}

#[test]
fn a_transaction_with_rows_of_two_windows_is_told() {
    let window = window();
    let path = window.folder.path().join("settings/state.json");
    let session = window.session();
    let location = session.models.facts.location.clone();
    let own = session.models.transaction.rows.len();
    let bob = r#"["users", "bob"]"#;
    let row = serde_json::json!({"kind": "Delete", "key": bob, "value": "", "versionstamp": null});
    let mut saved = SavedSession::default();
    saved.transaction.push(serde_json::from_value(row).unwrap());
    let mut other = SavedState::default();
    other.sessions.insert(location, saved);
    state_file::apply(&[Patch::new(SavedState::default(), other)], &path).unwrap();
    let mut window = window.after_crash();
    let told = "The transaction has rows of several windows, so look through them before you commit: test";
    assert!(window.notices().iter().any(|notice| notice == told));
    let rows = &window.session().models.transaction.rows;
    assert_eq!(rows.len(), own + 1);
    assert!(rows.iter().any(|row| row.texts.key == bob));
    // It is told once.
    window.pass(1500);
    let window = window.after_restart();
    assert!(!window.notices().iter().any(|notice| notice == told));
}
