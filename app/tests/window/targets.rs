//! What was asked about one database reaches that one, whatever is opened and closed meanwhile.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use keyglass::action::{Action, AppAction, DatabaseAction, DatabasePath, ExportChoice, PathPurpose};
use keyglass::app::App;
use keyglass::model::database_id::DatabaseId;
use keyglass::model::target::Target;
use keyglass_store::EncodedKey;
use keyglass_store::embedded::Store;
use keyglass_store::transfer::Format;

use crate::databases::{drop_file, open};
use crate::harness::{Window, commit, key, set};

/// The same key in both databases.
const SHARED: &str = r#"["shared"]"#;

/// A window on the database `one`; `two` lies beside it.
fn window() -> Window {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        let store = Store::create(folder.path().join(format!("{name}.kg"))).unwrap();
        commit(&store, set(SHARED, &format!("'{name}'")));
    }
    let mut window = Window::sized([1280.0, 800.0], Theme::Dark, None, folder);
    open(&mut window, "one.kg");
    window
}

fn id(app: &App, name: &str) -> DatabaseId {
    let mut sessions = app.sessions().iter();
    sessions
        .find(|session| session.models.facts.title == name)
        .unwrap()
        .id
}

fn entries(app: &App, name: &str) -> usize {
    let mut sessions = app.sessions().iter();
    let session = sessions
        .find(|session| session.models.facts.title == name)
        .unwrap();
    let is_there = session.database().get(&key(SHARED)).unwrap().is_some();
    usize::from(is_there)
}

fn do_it(window: &mut Window, action: Action) {
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

fn ask(window: &mut Window, action: DatabaseAction) {
    let database = id(window.harness.state(), "one");
    do_it(window, Action::On(database, action));
}

/// The other database finishes opening and comes to the front.
fn open_the_other(window: &mut Window) {
    open(window, "two.kg");
    assert_eq!(window.models().facts.title, "two");
}

#[test]
fn a_question_for_all_entries_deletes_in_the_database_that_it_asked_about() {
    let mut window = window();
    ask(
        &mut window,
        DatabaseAction::AskDeleteAll(Target::Below(EncodedKey::default())),
    );
    open_the_other(&mut window);
    assert!(window.shows("In one"));
    window.click(Role::Button, "Delete all");
    window.until("the deletion", |app| entries(app, "one") == 0);
    assert_eq!(entries(window.harness.state(), "two"), 1);
}

#[test]
fn a_question_for_an_entry_deletes_in_the_database_that_it_asked_about() {
    let mut window = window();
    ask(&mut window, DatabaseAction::GoTo(key(SHARED)));
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    window.press(Modifiers::COMMAND, Key::Delete);
    open_the_other(&mut window);
    let two = id(window.harness.state(), "two");
    // The same key is shown in the other one as well.
    do_it(&mut window, Action::On(two, DatabaseAction::GoTo(key(SHARED))));
    window.click(Role::Button, "Delete");
    window.until("the deletion", |app| entries(app, "one") == 0);
    assert_eq!(entries(window.harness.state(), "two"), 1);
}

#[test]
fn writing_is_allowed_in_the_database_that_was_asked_about() {
    let mut window = window();
    window.click(Role::Button, "Writable");
    window.until("the lock", |app| !app.sessions()[0].models.facts.is_writable());
    window.click(Role::Button, "Read-only");
    assert!(window.shows("Allow writing?"), "{:?}", window.notices());
    open_the_other(&mut window);
    window.click(Role::Button, "Allow writing");
    window.until("that it is writable", |app| {
        app.sessions()[0].models.facts.is_writable()
    });
}

#[test]
fn files_that_are_chosen_late_belong_to_the_database_that_they_were_chosen_for() {
    let mut window = window();
    let one = id(window.harness.state(), "one");
    open_the_other(&mut window);
    let import = window.folder.path().join("more.ndjson");
    std::fs::write(&import, "{\"key\":[{\"type\":\"string\",\"value\":\"new\"}],\"value\":{\"type\":\"bigint\",\"value\":\"1\"}}\n").unwrap();
    let purpose = PathPurpose::On(one, DatabasePath::Import);
    do_it(&mut window, Action::App(AppAction::UsePath(purpose, import)));
    // The dialog says where it goes, and goes there, whatever is in front.
    assert!(window.shows("In one"));
    window.until("the dry run", |app| {
        app.sessions()
            .iter()
            .all(|session| session.models.import_check.running().is_none())
    });
    window.click(Role::Button, "Import 1 entry");
    window.until("the import", |app| !app.notices().log().is_empty());
    let has_new = |app: &App, at: usize| {
        app.sessions()[at]
            .database()
            .get(&key("['new']"))
            .unwrap()
            .is_some()
    };
    assert!(has_new(window.harness.state(), 0), "{:?}", window.notices());
    assert!(!has_new(window.harness.state(), 1));

    let path = window.folder.path().join("out.js");
    let choice = ExportChoice {
        target: Target::Below(key(SHARED)),
        format: Format::Js,
        expired: false,
    };
    let purpose = PathPurpose::On(one, DatabasePath::Export(choice));
    do_it(
        &mut window,
        Action::App(AppAction::UsePath(purpose.clone(), path.clone())),
    );
    window.until("the export", |_| path.exists());
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("one") && !text.contains("two"), "{text}");

    // Once it was closed, they belong to none.
    window.click(Role::Button, "Close one");
    std::fs::remove_file(&path).unwrap();
    do_it(
        &mut window,
        Action::App(AppAction::UsePath(purpose, path.clone())),
    );
    assert!(!path.exists());
    assert!(
        window
            .notices()
            .last()
            .unwrap()
            .starts_with("Nothing was exported, because the database was closed")
    );
}

#[test]
fn an_export_is_of_the_database_whose_options_were_shown() {
    let mut window = window();
    ask(
        &mut window,
        DatabaseAction::AskExport(Target::Below(EncodedKey::default())),
    );
    open_the_other(&mut window);
    window.click(Role::Button, "Export…");
    window.until("the file", |app| {
        app.notices()
            .log()
            .iter()
            .any(|notice| notice.summary.starts_with("Exported"))
    });
    let text = std::fs::read_to_string(window.folder.path().join("one.ndjson")).unwrap();
    assert!(text.contains("one") && !text.contains("two"), "{text}");
}

#[test]
fn a_dialog_goes_with_its_database_and_says_so_if_it_asked_something() {
    let mut window = window();
    ask(
        &mut window,
        DatabaseAction::AskDeleteAll(Target::Below(EncodedKey::default())),
    );
    open_the_other(&mut window);
    let one = id(window.harness.state(), "one");
    do_it(&mut window, Action::App(AppAction::Close(one)));
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::Button, "Delete all")
            .is_none()
    );
    let notices = window.notices();
    assert!(
        notices.contains(&"one was closed, so this is no longer asked: Delete everything below?".to_owned()),
        "{notices:?}"
    );
    assert_eq!(entries(window.harness.state(), "two"), 1);
}

#[test]
fn a_question_that_comes_by_itself_waits_until_the_one_before_is_answered() {
    let mut window = window();
    let damaged = crate::damaged::damaged_database(window.folder.path());
    ask(
        &mut window,
        DatabaseAction::AskDeleteAll(Target::Below(EncodedKey::default())),
    );
    drop_file(&mut window, &damaged);
    window.until("the refusal", |app| app.waiting_dialogs() > 0);
    assert!(window.shows("Delete everything below?") && !window.shows("Open what is left?"));
    window.click(Role::Button, "Cancel");
    window.settle();
    assert!(window.shows("Open what is left?"));
    assert_eq!(entries(window.harness.state(), "one"), 1);
}

#[test]
fn a_tab_is_closed_by_its_name_also_while_others_come_before_it() {
    let mut window = window();
    let one = id(window.harness.state(), "one");
    open_the_other(&mut window);
    let close = Action::App(AppAction::Close(one));
    do_it(&mut window, close.clone());
    // What was asked for twice closes nothing else.
    do_it(&mut window, close);
    let titles: Vec<String> = window
        .harness
        .state()
        .sessions()
        .iter()
        .map(|session| session.models.facts.title.clone())
        .collect();
    assert_eq!(titles, ["two"]);
}
