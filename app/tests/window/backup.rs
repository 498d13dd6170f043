//! Backing up and restoring: what would happen is told before, and what happened can be undone.

use std::path::PathBuf;

use egui::Theme;
use egui::accesskit::Role;
use keyglass::action::{Action, AppAction, DatabasePath, PathPurpose};
use keyglass::app::App;
use keyglass_store::AtomicOperation;
use keyglass_store::backup::Backup;

use crate::harness::{Window, commit, key, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;
const CART: &str = r#"["carts", 1]"#;

fn window() -> Window {
    Window::on_folder(&[(ADA, "20n"), (BOB, "1"), (CART, "'full'")])
}

/// Chooses a place for what is asked for.
fn choose(window: &mut Window, what: DatabasePath, name: &str) -> PathBuf {
    let path = window.folder.path().join(name);
    use_path(window, what, path.clone());
    path
}

fn use_path(window: &mut Window, what: DatabasePath, path: PathBuf) {
    let database = window.session().id;
    let purpose = PathPurpose::On(database, what);
    let ctx = window.harness.ctx.clone();
    let action = Action::App(AppAction::UsePath(purpose, path));
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

fn back_up(window: &mut Window, notices: usize) -> PathBuf {
    let path = choose(window, DatabasePath::BackUp, "home.kg");
    window.click(Role::Button, "Back up");
    until_notices(window, notices);
    path
}

fn is_told(app: &App) -> bool {
    let check = &app.session().unwrap().models.restore_check;
    check.choice().is_some() && check.running().is_none()
}

fn until_told(window: &mut Window) {
    // The frame in which a new choice is asked about comes first.
    window.harness.run_ok();
    window.until("the dry run", is_told);
    window.settle();
}

fn ask_restore(window: &mut Window) {
    choose(window, DatabasePath::Restore, "home.kg");
    until_told(window);
}

fn stored(window: &Window, key_text: &str) -> Option<String> {
    let entry = window.database().get(&key(key_text)).unwrap();
    entry.map(|entry| entry.value.decode().unwrap().to_string())
}

fn last(window: &Window) -> String {
    window.notices().pop().unwrap()
}

/// A backup of two states, and a database that has gone on since.
fn with_two_states(window: &mut Window) {
    back_up(window, 1);
    window.pass(3_600_000);
    commit(&*window.database(), set(ADA, "21n"));
    commit(&*window.database(), AtomicOperation::new().delete(key(CART)));
    window.settle();
    back_up(window, 2);
    window.pass(3_600_000);
    commit(&*window.database(), set(BOB, "2"));
    commit(&*window.database(), set(r#"["users", "eve"]"#, "3"));
    window.settle();
}

#[test]
fn a_backup_is_made_and_brought_up_to_date() {
    let mut window = window();
    let path = back_up(&mut window, 1);
    assert_eq!(
        last(&window),
        format!("Backed up 3 entries to {}", path.display())
    );
    commit(&*window.database(), set(ADA, "21n"));
    window.pass(1000);
    choose(&mut window, DatabasePath::BackUp, "home.kg");
    assert!(window.shows(
        "The backup in this folder is brought up to date: all is read, and only what changed is written."
    ));
    window.click(Role::RadioButton, "For ever");
    window.click(Role::Button, "Back up");
    until_notices(&mut window, 2);
    let details = window
        .harness
        .state()
        .notices()
        .log()
        .back()
        .unwrap()
        .details
        .clone();
    assert_eq!(details[0], "0 new, 1 replaced, 0 deleted, 2 the same");
    assert_eq!(Backup::open(&path).unwrap().states().unwrap().len(), 2);
}

#[test]
fn what_is_no_place_for_a_backup_and_what_is_none_is_told() {
    let mut window = window();
    std::fs::create_dir(window.folder.path().join("notes")).unwrap();
    std::fs::write(window.folder.path().join("notes/today"), "mine").unwrap();
    choose(&mut window, DatabasePath::BackUp, "notes");
    until_notices(&mut window, 1);
    assert!(last(&window).starts_with("Not backed up, because this is no backup, and not empty: "));
    choose(&mut window, DatabasePath::Restore, "notes");
    until_told(&mut window);
    let path = window.folder.path().join("notes");
    assert!(window.shows(&format!("There is no backup here: {}", path.display())));
}

#[test]
fn a_past_state_comes_back_after_it_was_told_what_that_means_and_is_undone() {
    let mut window = window();
    with_two_states(&mut window);
    ask_restore(&mut window);
    assert!(window.shows("1 entry replaced by what was there"));
    assert!(window.shows("1 entry deleted, which the state does not have"));
    assert!(window.shows("Restore 2 entries"));
    let states = window
        .session()
        .models
        .restore_check
        .last()
        .unwrap()
        .states
        .clone();
    assert_eq!(states.len(), 2);
    let first = keyglass::format::utc(states[1].moment);
    window.click(Role::RadioButton, &format!("{first}   2 h ago"));
    until_told(&mut window);
    assert!(window.shows("1 entry brought back"));
    window.click(Role::Button, "Restore 4 entries");
    until_notices(&mut window, 3);
    let told = format!("Restored the state of {first} (1 new, 2 replaced, 1 deleted, 0 the same)");
    assert_eq!(last(&window), told);
    let values = |window: &Window| [ADA, BOB, CART, r#"["users", "eve"]"#].map(|key| stored(window, key));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(values(&window), [some("20n"), some("1"), some("\"full\""), None]);
    window.click(Role::Link, "Undo");
    until_notices(&mut window, 4);
    assert_eq!(values(&window), [some("21n"), some("2"), None, some("3")]);
}

#[test]
fn a_part_is_restored_and_others_stay_where_that_is_chosen() {
    let mut window = window();
    with_two_states(&mut window);
    ask_restore(&mut window);
    window.enter(Role::TextInput, "At and below", r#"["users"]"#);
    window.click(Role::CheckBox, "Leave entries that the state does not have");
    until_told(&mut window);
    window.click(Role::Button, "Restore 1 entry");
    until_notices(&mut window, 3);
    assert_eq!(stored(&window, BOB).unwrap(), "1");
    assert_eq!(stored(&window, r#"["users", "eve"]"#).unwrap(), "3");
}

#[test]
fn messages_come_back_with_the_newest_state_or_it_is_said_why_not() {
    let mut window = window();
    let message = keyglass_store::Enqueue {
        payload: keyglass::model::draft::parse_value("{n: 1}").unwrap().bytes,
        due_at: crate::harness::NOW + 60_000_000,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    };
    commit(&*window.database(), AtomicOperation::new().enqueue(message));
    window.settle();
    with_two_states(&mut window);
    let waiting = window.database().queue(10).unwrap().remove(0);
    let cancel = AtomicOperation::new().change_message(waiting.into_change(None));
    commit(&*window.database(), cancel);
    window.settle();
    ask_restore(&mut window);
    window.click(Role::CheckBox, "Queue its messages again, too");
    until_told(&mut window);
    // Not those of a part, nor of an earlier state.
    window.enter(Role::TextInput, "At and below", r#"["users"]"#);
    until_told(&mut window);
    assert!(window.shows("Queued messages are below no key: they come back with everything"));
    // A blank is none.
    window.enter(Role::TextInput, "At and below", " ");
    until_told(&mut window);
    window.click(Role::Button, "Restore 2 entries");
    until_notices(&mut window, 3);
    let notices = window.harness.state().notices();
    let details = &notices.log().back().unwrap().details;
    assert!(
        details.contains(&"1 queued message queued again".to_owned()),
        "{details:?}"
    );
    assert_eq!(window.database().queue(10).unwrap().len(), 1);
}

#[test]
fn the_dialogs_look_as_kept() {
    let mut window = window();
    window.harness.set_size([960.0, 620.0].into());
    use_path(
        &mut window,
        DatabasePath::BackUp,
        PathBuf::from("backups/shop.kg"),
    );
    for (theme, name) in [(Theme::Dark, "back-up-dark"), (Theme::Light, "back-up-light")] {
        window.harness.ctx.set_theme(theme);
        snapshot(&mut window, name);
    }
    window.click(Role::Button, "Cancel");
    window.settle();
    with_two_states(&mut window);
    while crate::pictures::dismiss_toast(&window) {
        window.settle();
    }
    ask_restore(&mut window);
    for (theme, name) in [(Theme::Dark, "restore-dark"), (Theme::Light, "restore-light")] {
        window.harness.ctx.set_theme(theme);
        snapshot(&mut window, name);
    }
}
