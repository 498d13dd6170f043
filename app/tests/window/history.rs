//! Earlier versions of the entry that is shown: listed, compared, restored, put into the transaction.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use keyglass::action::Action;
use keyglass::command::Command;
use keyglass_store::{AtomicOperation, HistoryRule, HistoryRules, StoredValue, Value};

use crate::harness::{NOW, Window, commit, key, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;

/// Users of whom ten versions are kept, and one who has changed twice.
fn users() -> Window {
    let mut window = Window::on_folder(&[(r#"["users", "bob"]"#, "{credit: 1}"), (r#"["other"]"#, "1")]);
    keep(&window);
    for credit in [20, 25, 30] {
        commit(
            &*window.database(),
            set(ADA, &format!("{{name: 'Ada', credit: {credit}}}")),
        );
    }
    window.settle();
    window
}

fn keep(window: &Window) {
    let rule = HistoryRule {
        prefix: key(r#"["users"]"#),
        versions: Some(10),
        milliseconds: None,
    };
    let rules = HistoryRules::default().with(rule);
    window.database().set_history(rules).unwrap();
}

/// Shows the history of Ada by the keyboard.
fn opened() -> Window {
    let mut window = users();
    window.click(Role::Row, ADA);
    window.settle();
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    window.settle();
    window
}

/// What the rows say, the newest first.
fn rows(window: &Window) -> Vec<String> {
    let read = window.models().past.read().unwrap().unwrap();
    let told = read.moments.iter().map(|moment| {
        let fields: Vec<_> = moment
            .differences
            .fields
            .iter()
            .map(ToString::to_string)
            .collect();
        format!("{} {}", moment.kind.word(), fields.join(", "))
    });
    told.collect()
}

/// The name of the row of a moment.
fn row(window: &Window, place: usize) -> String {
    let read = window.models().past.read().unwrap().unwrap();
    let moment = &read.moments[place];
    format!("{} {}", moment.kind.word(), moment.name.versionstamp)
}

fn value(window: &Window) -> Option<String> {
    let entry = window.database().get(&key(ADA)).unwrap()?;
    Some(entry.value.decode().unwrap().to_string())
}

#[test]
fn versions_are_listed_with_what_changed_and_one_is_restored_and_undone() {
    let mut window = opened();
    assert_eq!(
        rows(&window),
        [
            "changed value.credit: 25 → 30",
            "changed value.credit: 20 → 25",
            "set + value: {name: \"Ada\", credit: 20}"
        ]
    );
    let first = row(&window, 2);
    window.click(Role::Row, &first);
    window.settle();
    window.click(Role::Link, "Compare with now");
    window.settle();
    let difference = window.models().past.difference().unwrap();
    assert_eq!(difference.fields[0].to_string(), "value.credit: 20 → 30");
    window.click(Role::Button, "Restore");
    window.settle();
    assert_eq!(value(&window).unwrap(), "{name: \"Ada\", credit: 20}");
    // The list is renewed by that change.
    assert_eq!(rows(&window)[0], "changed value.credit: 30 → 20");
    window.press(Modifiers::COMMAND, Key::Z);
    window.settle();
    assert_eq!(value(&window).unwrap(), "{name: \"Ada\", credit: 30}");
    window.click(Role::Link, "Back to the value");
    window.settle();
    assert!(!window.models().past.is_open());
}

#[test]
fn a_deleted_entry_comes_back_and_an_expiry_that_has_passed_is_left_away() {
    let mut window = opened();
    let short = StoredValue::from_value(&Value::from("short")).unwrap();
    let expiring = AtomicOperation::new().set_expiring(key(ADA), short, Some(NOW + 60_000));
    commit(&*window.database(), expiring);
    commit(&*window.database(), AtomicOperation::new().delete(key(ADA)));
    window.settle();
    assert_eq!(
        rows(&window)[..2],
        [
            "deleted - value: \"short\"",
            "changed value: {name: \"Ada\", credit: 30} → \"short\", expiry: never → 2026-11-23 12:01:00.000 +00:00"
        ]
    );
    window.pass(120_000);
    let last = row(&window, 1);
    window.click(Role::Row, &last);
    window.settle();
    assert!(window.shows("Its expiry has passed; restored, it stays."));
    window.click(Role::Button, "Restore");
    window.settle();
    let entry = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(entry.expires_at, None);
    assert_eq!(value(&window).unwrap(), "\"short\"");
}

#[test]
fn what_changed_between_looking_and_restoring_is_not_overwritten() {
    let mut window = opened();
    let name = window.models().past.read().unwrap().unwrap().moments[2].name;
    // The window has not heard of this one when the version is asked for.
    commit(&*window.database(), set(ADA, "'theirs'"));
    window.session_mut().restore_version(name, NOW).unwrap();
    window.settle();
    assert_eq!(value(&window).unwrap(), "\"theirs\"");
    let told = window.notices();
    let refusal = "Not restored: the entry changed since its history was shown";
    assert!(told.iter().any(|notice| notice.contains(refusal)), "{told:?}");
}

#[test]
fn a_version_goes_into_the_transaction_by_the_keyboard() {
    let mut window = opened();
    let first = row(&window, 2);
    window.harness.get_by_role_and_label(Role::Row, &first).focus();
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    window
        .harness
        .get_by_role_and_label(Role::Button, "Into the transaction")
        .focus();
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(window.models().transaction.rows.len(), 2);
    assert_eq!(value(&window).unwrap(), "{name: \"Ada\", credit: 30}");
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    window.settle();
    assert_eq!(value(&window).unwrap(), "{name: \"Ada\", credit: 20}");
}

#[test]
fn an_entry_without_a_rule_says_how_to_keep_its_versions() {
    let mut window = users();
    window.click(Role::Row, r#"["other"]"#);
    window.settle();
    window.click(Role::Link, "Show earlier versions");
    window.settle();
    assert!(window.shows(
        "No earlier versions are kept of this entry. Keep history, in the menu of its key or of one above it in the tree, turns it on."
    ));
}

#[test]
fn a_kind_of_database_that_keeps_none_says_so() {
    let mut window = Window::on_shop([1280.0, 800.0], Theme::Dark);
    assert!(!window.shows("History"));
    let database = window.session().id;
    let ctx = window.harness.ctx.clone();
    let action = Action::command(Command::ShowHistory, Some(database));
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
    let told = window.notices();
    let reason = "This kind of database keeps no earlier versions of its entries";
    assert!(told.iter().any(|notice| notice.contains(reason)), "{told:?}");
    assert!(!window.models().past.is_open());
}

fn pictured(theme: Theme) -> Window {
    let mut window = opened();
    window.harness.ctx.set_theme(theme);
    window.harness.set_size(egui::vec2(1100.0, 700.0));
    window.settle();
    window.harness.run_ok();
    let second = row(&window, 1);
    window.click(Role::Row, &second);
    window.settle();
    window
}

#[test]
fn the_history_of_an_entry_looks_as_kept() {
    snapshot(&mut pictured(Theme::Dark), "versions-dark");
}

#[test]
fn the_history_of_an_entry_looks_as_kept_in_the_light() {
    snapshot(&mut pictured(Theme::Light), "versions-light");
}
