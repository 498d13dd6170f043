//! Importing: what would happen is told before, and what happened can be undone.

use std::fmt::Write as _;
use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, AppAction, DatabasePath, PathPurpose};
use keyglass::app::App;
use keyglass::model::draft::parse_value;
use keyglass_store::AtomicOperation;

use crate::databases::drop_file;
use crate::harness::{NOW, Window, commit, key, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;
const EVE: &str = r#"["users", "eve"]"#;

fn line(name: &str, value: u32) -> String {
    format!(
        "{{\"key\":[{{\"type\":\"string\",\"value\":\"users\"}},{{\"type\":\"string\",\"value\":{name:?}}}],\"value\":{{\"type\":\"bigint\",\"value\":\"{value}\"}}}}\n"
    )
}

/// `ada` and `eve` with new values, a line that is none, and an entry that has expired.
fn lines() -> String {
    let expired = line("old", 1).replace("}\n", &format!(",\"expireAt\":{}}}\n", NOW - 1000));
    format!("{}no entry\n{}{expired}", line("ada", 21), line("eve", 22))
}

fn write(window: &Window, text: &str) -> PathBuf {
    let path = window.folder.path().join("more.ndjson");
    std::fs::write(&path, text).unwrap();
    path
}

pub fn ask(window: &mut Window, path: PathBuf) {
    let database = window.session().id;
    let purpose = PathPurpose::On(database, DatabasePath::Import);
    let ctx = window.harness.ctx.clone();
    let action = Action::App(AppAction::UsePath(purpose, path));
    window.harness.state_mut().execute(action, &ctx);
    until_told(window);
}

fn is_told(app: &App) -> bool {
    let check = &app.session().unwrap().models.import_check;
    check.choice().is_some() && check.running().is_none()
}

pub fn until_told(window: &mut Window) {
    // The frame in which a new choice is asked about comes first.
    window.harness.run_ok();
    window.until("the dry run", is_told);
}

fn window() -> Window {
    Window::on_folder(&[(ADA, "20n"), (BOB, "1")])
}

fn stored(window: &Window, key_text: &str) -> Option<String> {
    let entry = window.database().get(&key(key_text)).unwrap();
    entry.map(|entry| entry.value.decode().unwrap().to_string())
}

fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

fn details(window: &Window) -> Vec<String> {
    let notices = window.harness.state().notices();
    notices.log().back().unwrap().details.clone()
}

#[test]
fn a_file_is_looked_at_before_anything_is_stored() {
    let mut window = window();
    let path = write(&window, &lines());
    ask(&mut window, path);
    assert!(window.shows("1 new entry") && window.shows("1 existing entry skipped"));
    assert!(window.shows("1 expired entry left out"));
    assert!(window.shows("1 line cannot be imported"));
    assert!(window.harness.query_by_label_contains("Line 2: ").is_some());
    assert_eq!(stored(&window, EVE), None);
    window.click(Role::Button, "Cancel");
    assert!(!window.shows("1 new entry"));
    assert!(window.models().import_check.choice().is_none());

    let path = write(&window, &lines());
    ask(&mut window, path);
    window.click(Role::Button, "Import 1 entry");
    until_notices(&mut window, 1);
    assert!(window.notices()[0].starts_with("Imported 1 entry, but not all of "));
    assert_eq!(stored(&window, ADA).unwrap(), "20n");
    assert_eq!(stored(&window, EVE).unwrap(), "22n");
}

#[test]
fn what_exists_is_overwritten_on_demand_and_comes_back_exactly() {
    let mut window = window();
    let expires_at = Some(NOW + 1_234_567);
    let operation =
        AtomicOperation::new().set_expiring(key(ADA), parse_value("new Map([[1, 2]])").unwrap(), expires_at);
    commit(&*window.database(), operation);
    let before = window.database().get(&key(ADA)).unwrap().unwrap();
    // The same key twice: what stood there first comes back.
    let path = write(&window, &format!("{}{}", lines(), line("ada", 99)));
    ask(&mut window, path);
    window.click(Role::RadioButton, "Overwrite");
    until_told(&mut window);
    assert!(window.shows("1 new entry") && window.shows("2 existing entries overwritten"));
    window.click(Role::Button, "Import 3 entries");
    until_notices(&mut window, 1);
    assert_eq!(stored(&window, ADA).unwrap(), "99n");
    assert!(details(&window).contains(&"2 entries overwritten".to_owned()));
    window.click(Role::Link, "Undo");
    until_notices(&mut window, 2);
    assert_eq!(window.notices()[1], "Undone: Imported 3 entries from more.ndjson");
    let after = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!((after.value, after.expires_at), (before.value, before.expires_at));
    assert_eq!(stored(&window, EVE), None);
    assert_eq!(stored(&window, BOB).unwrap(), "1");

    // Forth and back once more.
    window.press(Modifiers::COMMAND, Key::Y);
    until_notices(&mut window, 3);
    assert_eq!(window.notices()[2], "Redone: Imported 3 entries from more.ndjson");
    assert_eq!(
        (stored(&window, ADA).unwrap(), stored(&window, EVE).unwrap()),
        ("99n".to_owned(), "22n".to_owned())
    );
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 4);
    let after = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(after.expires_at, expires_at);
    assert_eq!(stored(&window, EVE), None);
}

#[test]
fn keys_get_a_prefix_on_demand() {
    let mut window = window();
    let path = write(&window, &lines());
    ask(&mut window, path);
    window.enter(Role::TextInput, "Put before keys", "[\"copy\"");
    window.harness.run_ok();
    // It is no key yet, and so nothing can be imported.
    assert!(
        window
            .harness
            .get_by_role_and_label(Role::Button, "Import")
            .accesskit_node()
            .is_disabled()
    );
    window.enter(Role::TextInput, "Put before keys", "[\"copy\"]");
    until_told(&mut window);
    assert!(window.shows("2 new entries"));
    window.click(Role::Button, "Import 2 entries");
    until_notices(&mut window, 1);
    assert_eq!(stored(&window, r#"["copy", "users", "ada"]"#).unwrap(), "21n");
    assert_eq!(stored(&window, ADA).unwrap(), "20n");
    window.click(Role::Link, "Undo");
    until_notices(&mut window, 2);
    assert_eq!(stored(&window, r#"["copy", "users", "ada"]"#), None);
}

#[test]
fn undoing_an_import_leaves_what_somebody_changed_since() {
    let mut window = window();
    let path = write(
        &window,
        &format!("{}{}{}", lines(), line("fay", 1), line("gus", 1)),
    );
    ask(&mut window, path);
    window.click(Role::RadioButton, "Overwrite");
    until_told(&mut window);
    window.click(Role::Button, "Import 4 entries");
    until_notices(&mut window, 1);
    let database = window.database();
    commit(&*database, set(ADA, "'mine'"));
    // Even the very value that was imported is another one's if another one wrote it.
    commit(&*database, set(EVE, "22n"));
    commit(
        &*database,
        AtomicOperation::new().delete(key(r#"["users", "gus"]"#)),
    );
    window.click(Role::Link, "Undo");
    until_notices(&mut window, 2);
    assert_eq!(
        window.notices()[1],
        "Undone but for 2 entries: Imported 4 entries from more.ndjson"
    );
    assert_eq!(stored(&window, ADA).unwrap(), "'mine'".replace('\'', "\""));
    assert_eq!(stored(&window, EVE).unwrap(), "22n");
    assert_eq!(stored(&window, r#"["users", "fay"]"#), None);
    let kept = details(&window);
    assert!(kept.contains(&format!("it changed since: {ADA}")), "{kept:?}");
    assert!(kept.contains(&format!("it changed since: {EVE}")), "{kept:?}");
}

#[test]
fn a_cancelled_import_says_what_it_stored_and_can_be_undone() {
    let mut window = Window::on_folder(&[]);
    let mut text = String::new();
    for number in 0..20_000 {
        let _infallible = write!(text, "{}", line(&format!("name {number}"), number));
    }
    let path = write(&window, &text);
    ask(&mut window, path);
    // A frame at a time: until the window is at rest, the import would be done.
    window
        .harness
        .get_by_role_and_label(Role::Button, "Import 20,000 entries")
        .click();
    let has_begun = |app: &App| {
        let session = app.session().unwrap();
        session.models.jobs.iter().any(|job| job.entries > 0)
    };
    while !has_begun(window.harness.state()) {
        assert!(window.notices().is_empty(), "it is done already");
        window.harness.step();
    }
    let session = window.session();
    let job = session.models.jobs.iter().next().unwrap();
    session.cancel_job(job.id);
    until_notices(&mut window, 1);
    let count = |window: &Window| {
        let database = window.database();
        let all = keyglass_store::ReadRange {
            range: keyglass_store::KeyRange::everything(),
            limit: usize::MAX,
            reverse: false,
        };
        database.snapshot().unwrap().read(&all).unwrap().len() as u64
    };
    let stored = count(&window);
    assert!(stored > 0 && stored < 20_000, "{stored}");
    let told = keyglass::format::count(stored);
    assert!(
        window.notices()[0].starts_with(&format!("Import cancelled after {told} ")),
        "{:?}",
        window.notices()
    );
    window.click(Role::Link, "Undo");
    until_notices(&mut window, 2);
    assert_eq!(count(&window), 0, "{:?}", window.notices());
}

#[test]
fn a_dropped_export_is_imported_into_what_is_in_front() {
    let mut window = window();
    let path = write(&window, &lines());
    drop_file(&mut window, &path);
    until_told(&mut window);
    assert!(window.shows("Import 1 entry"));
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::COMMAND, Key::W);
    drop_file(&mut window, &path);
    assert!(
        window.notices()[0].starts_with("Open a database first, "),
        "{:?}",
        window.notices()
    );
}

#[test]
fn a_file_that_is_not_there_is_told_in_the_dialog() {
    let mut window = window();
    let path = window.folder.path().join("none.ndjson");
    ask(&mut window, path);
    assert!(
        window
            .harness
            .query_by_label_contains("The file could not be read (")
            .is_some()
    );
    assert!(
        window
            .harness
            .get_by_role_and_label(Role::Button, "Import")
            .accesskit_node()
            .is_disabled()
    );
}

fn dialog(theme: Theme) -> Window {
    let mut window = window();
    window.harness.ctx.set_theme(theme);
    let text = format!("{}{}{}", lines(), line("fay", 7), line("bob", 8));
    let path = write(&window, &text);
    ask(&mut window, path);
    window.click(Role::RadioButton, "Overwrite");
    until_told(&mut window);
    window
}

#[test]
fn the_dialog_looks_as_kept() {
    snapshot(&mut dialog(Theme::Dark), "import-dark");
}

#[test]
fn the_dialog_in_the_light_looks_as_kept() {
    snapshot(&mut dialog(Theme::Light), "import-light");
}
