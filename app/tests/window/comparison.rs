//! Comparing two databases: choosing the other one, what differs, and rows of a transaction for either of them.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use keyglass::action::{Action, AppAction, DatabaseAction, DatabasePath, PathPurpose};
use keyglass::app::App;
use keyglass::command::Command;
use keyglass::model::comparison::ComparisonState;
use keyglass_store::open::OpenOptions;

use crate::harness::{Window, commit, key, set};
use crate::pictures::snapshot;

pub(crate) const ADA: &str = r#"["users", "ada"]"#;
pub(crate) const BOB: &str = r#"["users", "bob"]"#;
pub(crate) const EVE: &str = r#"["users", "eve"]"#;
const ROPE: &str = r#"["stock", "rope"]"#;

pub(crate) const HERE: &[(&str, &str)] = &[
    (ROPE, "7n"),
    (ADA, "{name: 'Ada', credit: 20}"),
    (BOB, "{name: 'Bob'}"),
];
pub(crate) const THERE: &[(&str, &str)] = &[
    (ROPE, "7n"),
    (ADA, "{name: 'Ada', credit: 25}"),
    (EVE, "{name: 'Eve'}"),
];

/// A window on one database, and the location of another one that is not open.
pub(crate) fn window(name: &str) -> (Window, String) {
    let window = Window::on_folder(HERE);
    let path = window.folder.path().join(name);
    let options = OpenOptions::new().clock(window.clock()).write_files(true);
    let (other, _) = options.open_or_create(&path.to_string_lossy()).unwrap();
    for (key, value) in THERE {
        commit(&*other, set(key, value));
    }
    drop(other);
    (window, path.to_string_lossy().into_owned())
}

pub(crate) fn act(window: &mut Window, action: Action) {
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

pub(crate) fn is_done(app: &App) -> bool {
    let comparison = &app.session().unwrap().models.comparison;
    matches!(comparison.state(), ComparisonState::Done(_))
}

/// Opens the other database in a tab, and comes back to the first one.
pub(crate) fn open_other(window: &mut Window, location: &str) {
    let first = window.session().id;
    act(window, Action::App(AppAction::Open(location.to_owned())));
    window.until("the other database", |app| app.session().unwrap().id != first);
    window.settle();
    act(window, Action::App(AppAction::Activate(first)));
}

pub(crate) fn compare(window: &mut Window, location: &str) {
    let id = window.session().id;
    act(window, Action::command(Command::CompareWith, Some(id)));
    window.enter(Role::TextInput, "Path or URL", location);
    window.click(Role::Button, "Compare");
    window.until("the comparison", is_done);
    window.settle();
}

pub(crate) fn row(text: &str, kind: &str) -> String {
    format!("{text}, {kind}")
}

#[test]
fn a_folder_is_compared_with_another_one_and_with_a_file_of_denos() {
    for name in ["other.kg", "other.sqlite3"] {
        let (mut window, location) = window(name);
        compare(&mut window, &location);
        for (key, kind) in [(ADA, "different"), (BOB, "only here"), (EVE, "only there")] {
            assert!(window.shows(&row(key, kind)), "{name} {key}");
        }
        assert!(!window.shows(&row(ROPE, "different")));
        let models = window.models();
        assert_eq!(models.comparison.compared().unwrap().report.same, 1, "{name}");
    }
}

#[test]
fn what_differs_is_taken_by_a_transaction_and_nothing_differs_after_it() {
    let (mut window, location) = window("other.kg");
    compare(&mut window, &location);
    window.click(Role::Row, &row(ADA, "different"));
    assert!(window.shows("Fields that differ"));
    window.click(Role::Link, "Select all shown");
    window.click(Role::Button, "Take from there");
    let database = window.database();
    assert!(
        database.get(&key(BOB)).unwrap().is_some(),
        "nothing is written unseen"
    );
    let id = window.session().id;
    act(&mut window, Action::On(id, DatabaseAction::CommitTransaction));
    window.until("the commit", |app| {
        app.session()
            .unwrap()
            .database()
            .get(&key(BOB))
            .unwrap()
            .is_none()
    });
    window.settle();
    assert!(window.models().comparison.num_changed() > 0);
    window.click(Role::Link, "Compare again");
    window.until("the second comparison", is_done);
    window.settle();
    assert!(window.shows("The same: nothing differs"));
}

#[test]
fn a_difference_is_put_into_the_other_tab_by_keyboard_which_closes_then() {
    let (mut window, location) = window("other.kg");
    open_other(&mut window, &location);
    let first = window.session().id;
    compare(&mut window, &location);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::SHIFT, Key::End);
    assert_eq!(window.models().comparison.num_selected(), 3);
    window.click(Role::Button, "Put there");
    let other = window.session().id;
    assert_ne!(other, first, "the transaction of the other one is shown");
    assert!(!window.models().transaction.rows.is_empty());
    act(&mut window, Action::App(AppAction::Close(other)));
    act(&mut window, Action::App(AppAction::Close(other)));
    window.until("that it closes", |app| app.session().unwrap().id == first);
    window.settle();
    assert!(window.shows("closed") && window.shows(&row(BOB, "only here")));
}

#[test]
fn what_is_shown_is_exported_as_the_command_line_prints_it() {
    let (mut window, location) = window("other.kg");
    compare(&mut window, &location);
    let path = window.folder.path().join("differences.ndjson");
    let purpose = PathPurpose::On(window.session().id, DatabasePath::ExportComparison);
    act(
        &mut window,
        Action::App(AppAction::UsePath(purpose, path.clone())),
    );
    window.until("the export", |app| !app.notices().log().is_empty());
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["counts", "changed", "removed", "added"]);
    let told = format!("Exported 3 differences to {}", path.display());
    assert_eq!(window.notices(), [told]);
}

#[test]
fn what_cannot_be_opened_or_is_the_database_itself_is_said() {
    let (mut window, _) = window("other.kg");
    let own = window.models().facts.location.clone();
    for (location, begins) in [
        (own.as_str(), "Not compared: This is the database itself"),
        ("/nowhere/at-all.kg", "Not compared: "),
    ] {
        let id = window.session().id;
        act(&mut window, Action::command(Command::CompareWith, Some(id)));
        window.enter(Role::TextInput, "Path or URL", location);
        window.click(Role::Button, "Compare");
        window.until("the refusal", |app| {
            let comparison = &app.session().unwrap().models.comparison;
            matches!(comparison.state(), ComparisonState::Failed(_))
        });
        let ComparisonState::Failed(reason) = window.models().comparison.state() else {
            unreachable!()
        };
        assert!(format!("Not compared: {reason}").starts_with(begins), "{reason}");
    }
}

fn pictured(theme: Theme) -> Window {
    let (mut window, location) = window("other.kg");
    window.harness.ctx.set_theme(theme);
    window.harness.set_size([1100.0, 700.0].into());
    compare(&mut window, &location);
    window.click(Role::Row, &row(ADA, "different"));
    window
}

#[test]
fn a_comparison_looks_as_kept() {
    snapshot(&mut pictured(Theme::Dark), "comparison-dark");
}

#[test]
fn a_comparison_looks_as_kept_in_light() {
    snapshot(&mut pictured(Theme::Light), "comparison-light");
}

/// The dialog, with a path.
fn asking(theme: Theme) -> Window {
    let (mut window, _) = window("other.kg");
    window.harness.ctx.set_theme(theme);
    window.harness.set_size([960.0, 620.0].into());
    let id = window.session().id;
    act(&mut window, Action::command(Command::CompareWith, Some(id)));
    window.enter(Role::TextInput, "Path or URL", "backup.kg");
    window
}

#[test]
fn the_dialog_of_a_comparison_looks_as_kept() {
    snapshot(&mut asking(Theme::Dark), "compare-with-dark");
}

#[test]
fn the_dialog_of_a_comparison_looks_as_kept_in_light() {
    snapshot(&mut asking(Theme::Light), "compare-with-light");
}
