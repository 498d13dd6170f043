//! Composing and committing transactions.

use egui::accesskit::Role;
use egui::{Key, Modifiers};

use crate::harness::{Window, commit, key, set};

const ADA: &str = r#"["users", "ada"]"#;

fn window() -> Window {
    let mut window = Window::on_folder(&[(ADA, "20")]);
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "21");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.settle();
    window
}

#[test]
fn a_transaction_of_check_and_set_commits_as_one() {
    let mut window = window();
    assert!(window.shows("passes now"));
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().transaction.committed.is_some()
    });
    let entry = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(entry.value.decode().unwrap().to_string(), "21");
    let stamp = window.harness.state().session().unwrap().transaction.committed;
    assert_eq!(stamp, Some(entry.versionstamp));
    window.settle();
    assert!(window.shows(&format!("Committed with versionstamp {}", entry.versionstamp)));
}

#[test]
fn a_failed_check_is_named_and_can_be_rebased() {
    let mut window = window();
    commit(&*window.database(), set(ADA, "'faster'"));
    window.until("the change", |app| app.session().unwrap().changed_at.is_some());
    window.settle();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the refusal", |app| {
        !app.session().unwrap().transaction.failed.is_empty()
    });
    window.settle();
    assert!(window.shows("Not committed: one check failed"));
    assert_eq!(
        window
            .database()
            .get(&key(ADA))
            .unwrap()
            .unwrap()
            .value
            .decode()
            .unwrap()
            .to_string(),
        r#""faster""#
    );
    window.click(Role::Button, "Rebase checks");
    window.settle();
    assert!(window.shows("passes now"));
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().transaction.committed.is_some()
    });
    assert_eq!(
        window
            .database()
            .get(&key(ADA))
            .unwrap()
            .unwrap()
            .value
            .decode()
            .unwrap()
            .to_string(),
        "21"
    );
}

#[test]
fn a_row_that_is_wrong_keeps_the_transaction_from_committing() {
    let mut window = window();
    window.click(Role::Link, "+ delete");
    window.harness.state_mut().session_mut().unwrap().transaction.rows[2].key_text = "[".to_owned();
    window.harness.state_mut().session_mut().unwrap().transaction.rows[2].parse();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.settle();
    assert!(
        window.notices()[0].starts_with("Not committed: Row 3 (delete): "),
        "{:?}",
        window.notices()
    );
}

#[test]
fn a_value_of_many_lines_becomes_a_row_of_one_line() {
    let mut window = window();
    window.enter(
        Role::MultilineTextInput,
        "Value as JavaScript",
        "{name: 'Ada',\n tags: ['a long text that needs a line', 'and another one']}",
    );
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.settle();
    let rows = &window.harness.state().session().unwrap().transaction.rows;
    let text = &rows.last().unwrap().value_text;
    assert!(
        !text.contains('\n') && text.starts_with("{name: \"Ada\", tags: ["),
        "{text}"
    );
}
