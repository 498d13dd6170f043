//! Which earlier versions a database keeps, chosen in the window.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use keyglass::action::{Action, DatabaseAction};
use keyglass::command::Command;
use keyglass::model::mark::{Mark, MarkColor, Opening};
use keyglass_store::history::DAY;
use keyglass_store::{Database, HistoryRule, HistoryRules};

use crate::attached::attached;
use crate::harness::{Window, commit, key, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
const USERS: &str = r#"["users"]"#;

fn users() -> Window {
    Window::on_folder(&[(ADA, "1"), (r#"["users", "bob"]"#, "2"), (r#"["other"]"#, "1")])
}

fn rule(prefix: &str, versions: Option<u32>, days: Option<i64>) -> HistoryRule {
    HistoryRule {
        prefix: key(prefix),
        versions,
        milliseconds: days.map(|days| days * DAY),
    }
}

fn keep(window: &Window, rule: HistoryRule) {
    let rules = HistoryRules::default().with(rule);
    window.database().set_history(rules).unwrap();
}

fn rules(window: &Window) -> Vec<HistoryRule> {
    window.database().history().unwrap().rules
}

fn on(window: &mut Window, action: DatabaseAction) {
    let id = window.session().id;
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(Action::On(id, action), &ctx);
    window.settle();
}

/// Opens the dialog for users by the menu of the tree.
fn open(window: &mut Window) {
    let node = window.harness.get_by_role_and_label(Role::TreeItem, r#""users""#);
    node.click_secondary();
    window.settle();
    window.choose_beginning("Keep history below");
    window.settle();
}

fn versions(window: &Window) -> usize {
    window.database().versions(&key(ADA), None, 100).unwrap().len()
}

#[test]
fn the_menu_of_a_key_has_versions_kept_and_the_history_shows_them() {
    let mut window = users();
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::Link, "Show earlier versions");
    window.settle();
    open(&mut window);
    window.enter(Role::TextInput, "Versions", "7");
    window.click(Role::Button, "Keep");
    window.settle();
    assert_eq!(rules(&window), [rule(USERS, Some(7), Some(30))]);
    assert!(window.harness.state().dialog().is_none());
    let told = window.notices();
    let kept = r#"Below ["users"] are kept from now on: 7 versions, each for 30 days"#;
    assert!(told.iter().any(|notice| notice == kept), "{told:?}");
    assert!(window.shows(r#"Below ["users"] are kept: 7 versions, each for 30 days"#));
    commit(&*window.database(), set(ADA, "2"));
    window.settle();
    assert_eq!(window.models().past.read().unwrap().unwrap().moments.len(), 2);
}

#[test]
fn the_whole_database_is_kept_by_the_keyboard_and_what_cannot_be_is_said() {
    let mut window = users();
    on(&mut window, DatabaseAction::Command(Command::KeepHistory));
    window.settle();
    assert!(window.shows("the whole database"));
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(egui::Event::Text("5000".to_owned()));
    window.settle();
    assert!(window.shows("A history keeps 1 to 1000 versions of an entry"));
    window.press(Modifiers::NONE, Key::Enter);
    assert!(rules(&window).is_empty());
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(egui::Event::Text("5".to_owned()));
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(rules(&window), [rule("[]", Some(5), Some(30))]);
}

#[test]
fn keeping_less_is_asked_about_and_the_dialog_comes_back_if_they_shall_stay() {
    let mut window = users();
    keep(&window, rule(USERS, Some(9), None));
    for value in ["2", "3", "4"] {
        commit(&*window.database(), set(ADA, value));
    }
    window.settle();
    open(&mut window);
    window.enter(Role::TextInput, "Versions", "1");
    window.click(Role::Button, "Keep");
    assert!(window.shows("Keep fewer versions?"));
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    assert_eq!(versions(&window), 3);
    window.click(Role::Button, "Keep");
    window.click(Role::Button, "Drop them");
    window.settle();
    assert!(window.harness.state().dialog().is_none());
    assert_eq!(window.harness.state().waiting_dialogs(), 0);
    assert_eq!(
        (versions(&window), rules(&window)),
        (1, vec![rule(USERS, Some(1), None)])
    );
    open(&mut window);
    window.click(Role::Button, "Keep no more");
    window.click(Role::Button, "Drop them");
    window.settle();
    assert_eq!((versions(&window), rules(&window)), (0, Vec::new()));
}

#[test]
fn a_guarded_database_asks_for_its_name_before_versions_go() {
    let mut window = users();
    keep(&window, rule(USERS, Some(9), None));
    commit(&*window.database(), set(ADA, "2"));
    let mark = Mark {
        name: "orders".to_owned(),
        label: "production".to_owned(),
        color: MarkColor::Red,
        opening: Opening::Guarded,
    };
    on(&mut window, DatabaseAction::Mark(Some(mark)));
    // It is locked by that: the rules are shown and stay.
    open(&mut window);
    window.click(Role::Button, "Keep no more");
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    window.click(Role::Button, "Read-only");
    window.enter(Role::TextInput, "Name of the database", "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    open(&mut window);
    window.click(Role::Button, "Keep no more");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(versions(&window), 1);
    window.enter(Role::TextInput, "Name of the database", "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(versions(&window), 0);
}

#[test]
fn rules_that_somebody_else_set_meanwhile_are_not_overwritten() {
    let mut window = users();
    open(&mut window);
    keep(&window, rule(r#"["other"]"#, Some(3), None));
    window.click(Role::Button, "Keep");
    window.settle();
    assert_eq!(rules(&window), [rule(r#"["other"]"#, Some(3), None)]);
    let told = window.notices();
    let refusal =
        "The history stays as it was: somebody else changed what is kept meanwhile; look at it again";
    assert!(told.iter().any(|notice| notice == refusal), "{told:?}");
}

#[test]
fn the_owner_of_a_folder_keeps_what_an_attached_window_chooses() {
    let (mut window, owner, _path) = attached();
    on(&mut window, DatabaseAction::Command(Command::KeepHistory));
    window.until("the rules", |app| {
        app.session().unwrap().models.history_rules.read().is_some()
    });
    window.settle();
    window.click(Role::Button, "Keep");
    window.until("a notice", |app| !app.notices().log().is_empty());
    assert_eq!(owner.history().unwrap().rules, [rule("[]", Some(20), Some(30))]);
}

#[test]
fn a_kind_of_database_that_keeps_none_offers_it_nowhere() {
    let mut window = Window::on_shop([1280.0, 800.0], Theme::Dark);
    on(&mut window, DatabaseAction::Command(Command::KeepHistory));
    assert!(window.harness.state().dialog().is_none());
    let told = window.notices();
    let reason = "This kind of database keeps no earlier versions of its entries";
    assert!(told.iter().any(|notice| notice.contains(reason)), "{told:?}");
}

fn pictured(theme: Theme) -> Window {
    let mut window = users();
    keep(&window, rule(r#"["other"]"#, Some(10), None));
    window.harness.ctx.set_theme(theme);
    window.harness.set_size(egui::vec2(1100.0, 700.0));
    window.settle();
    open(&mut window);
    window
}

#[test]
fn the_dialog_of_what_is_kept_looks_as_kept() {
    snapshot(&mut pictured(Theme::Dark), "keep-history-dark");
}

#[test]
fn the_dialog_of_what_is_kept_looks_as_kept_in_the_light() {
    snapshot(&mut pictured(Theme::Light), "keep-history-light");
}
