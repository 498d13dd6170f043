//! Copying the database to another place: its options, the job, and what is told at the end.

use std::path::PathBuf;

use egui::Theme;
use egui::accesskit::Role;
use keyglass::action::{Action, AppAction, DatabasePath, PathPurpose};
use keyglass_store::open::OpenOptions;
use keyglass_store::{Clock, Database};

use crate::harness::{NOW, Window, commit, key, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;

fn window() -> Window {
    Window::on_folder(&[(ADA, "20n"), (BOB, "1")])
}

/// Chooses a place to copy to.
fn ask(window: &mut Window, name: &str) -> PathBuf {
    let path = window.folder.path().join(name);
    let database = window.session().id;
    let purpose = PathPurpose::On(database, DatabasePath::CopyTo);
    let ctx = window.harness.ctx.clone();
    let action = Action::App(AppAction::UsePath(purpose, path.clone()));
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
    path
}

fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

fn last(window: &Window) -> String {
    window.notices().pop().unwrap()
}

fn details(window: &Window) -> Vec<String> {
    window
        .harness
        .state()
        .notices()
        .log()
        .back()
        .unwrap()
        .details
        .clone()
}

fn open(path: &std::path::Path) -> std::sync::Arc<dyn Database> {
    let options = OpenOptions::new().clock(Clock::from_fn(|| NOW));
    options.open(path.to_str().unwrap()).unwrap()
}

#[test]
fn a_copy_is_made_as_a_folder_or_as_a_file_of_denos() {
    let mut window = window();
    for (number, (name, made)) in [("copy.kg", "Keyglass folder"), ("copy.sqlite3", "Deno file")]
        .into_iter()
        .enumerate()
    {
        let path = ask(&mut window, name);
        assert!(window.shows("Keyglass folder") && window.shows("Deno file"));
        window.click(Role::Button, "Copy");
        until_notices(&mut window, number + 1);
        let told = format!("Copied 2 entries to {}", path.display());
        assert_eq!(last(&window), told, "{made}");
        assert_eq!(path.is_file(), made == "Deno file");
        let copy = open(&path);
        let value = copy.get(&key(ADA)).unwrap().unwrap().value;
        assert_eq!(value.decode().unwrap().to_string(), "20n");
        let verified = details(&window).pop().unwrap();
        assert!(verified.starts_with("Verified: 2 entries of "), "{verified}");
    }
}

#[test]
fn a_copy_made_again_tells_what_is_there_and_keeps_or_replaces_other_values() {
    let mut window = window();
    let path = ask(&mut window, "copy.kg");
    window.click(Role::Button, "Copy");
    until_notices(&mut window, 1);
    commit(&*window.database(), set(ADA, "21n"));
    window.settle();
    ask(&mut window, "copy.kg");
    assert!(window.shows("Keep") && !window.shows("Deno file"));
    window.click(Role::Button, "Copy");
    until_notices(&mut window, 2);
    assert!(last(&window).starts_with("Copied 0 entries, but the copy is not the same: "));
    let told = details(&window);
    assert!(
        told.contains(&r#"not the same below ["users"]"#.to_owned()),
        "{told:?}"
    );
    ask(&mut window, "copy.kg");
    window.click(Role::RadioButton, "Replace");
    window.click(Role::Button, "Copy");
    until_notices(&mut window, 3);
    assert!(last(&window).starts_with("Copied 1 entry to "));
    assert_eq!(details(&window)[0], "1 of them in the place of something else");
    let value = open(&path).get(&key(ADA)).unwrap().unwrap().value;
    assert_eq!(value.decode().unwrap().to_string(), "21n");
}

#[test]
fn the_database_itself_is_no_place_to_copy_to_and_a_failure_is_told() {
    let mut window = window();
    let own = PathBuf::from(&window.models().facts.location);
    ask(&mut window, own.to_str().unwrap());
    assert!(last(&window).starts_with("Not copied, because this is the database itself: "));
    std::fs::write(window.folder.path().join("text"), "text").unwrap();
    ask(&mut window, "text");
    window.click(Role::Button, "Copy");
    until_notices(&mut window, 2);
    assert!(last(&window).starts_with("Not copied: This file is not a Deno KV database"));
}

#[test]
fn a_database_that_is_open_in_the_same_window_is_copied_to_through_what_is_open() {
    let mut window = window();
    let other = window.folder.path().join("other.kg");
    let options = keyglass_store::embedded::OpenOptions::new().clock(window.database().clock());
    let store = options.create(&other).unwrap();
    commit(&store, set(BOB, "2"));
    let from = window.session().id;
    let to = std::sync::Arc::new(store);
    window.harness.state_mut().show_database(to.clone()).unwrap();
    window.settle();
    let ctx = window.harness.ctx.clone();
    let execute = |window: &mut Window, action: AppAction| {
        window.harness.state_mut().execute(Action::App(action), &ctx);
        window.settle();
    };
    execute(&mut window, AppAction::Activate(from));
    let purpose = PathPurpose::On(from, DatabasePath::CopyTo);
    execute(&mut window, AppAction::UsePath(purpose.clone(), other.clone()));
    window.click(Role::RadioButton, "Replace");
    window.click(Role::Button, "Copy");
    until_notices(&mut window, 1);
    assert_eq!(last(&window), format!("Copied 2 entries to {}", other.display()));
    let value = |at: &str| {
        to.get(&key(at))
            .unwrap()
            .unwrap()
            .value
            .decode()
            .unwrap()
            .to_string()
    };
    assert_eq!((value(ADA), value(BOB)), ("20n".to_owned(), "1".to_owned()));
    // Locked here, it is locked for the copy, too.
    to.set_writable(false).unwrap();
    execute(&mut window, AppAction::UsePath(purpose, other.clone()));
    assert!(!window.shows("Other values"));
    let refused = "Not copied, because this database is open here and cannot be changed; unlock it first: ";
    assert_eq!(last(&window), format!("{refused}{}", other.display()));
}

fn picture(theme: Theme, name: &str) {
    let mut window = Window::on_shop([1000.0, 640.0], theme);
    let database = window.session().id;
    let purpose = PathPurpose::On(database, DatabasePath::CopyTo);
    let ctx = window.harness.ctx.clone();
    let action = Action::App(AppAction::UsePath(purpose, PathBuf::from("backups/shop.sqlite3")));
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
    assert!(window.shows("Make a new"));
    snapshot(&mut window, name);
}

#[test]
fn the_dialog_looks_well_in_the_dark() {
    picture(Theme::Dark, "copy-to-dark");
}

#[test]
fn the_dialog_looks_well_in_the_light() {
    picture(Theme::Light, "copy-to-light");
}
