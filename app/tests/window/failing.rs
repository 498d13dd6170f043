//! Commits of which nobody knows whether they are stored.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use keyglass::model::notices::NoticeKind;

use crate::harness::{Window, look};

const UNKNOWN: &str = "Writing failed (no space left on device), and it is not known whether this is stored: it may be there \
                       after the database is opened again; close and open it, and look: ";

/// What was told last: how serious, the sentence, and the details.
fn told(window: &Window) -> (NoticeKind, String, Vec<String>) {
    let notice = window.harness.state().notices().log().back().unwrap();
    (notice.kind, notice.summary.clone(), notice.details.clone())
}

#[test]
fn a_save_of_which_nobody_knows_whether_it_is_stored_says_so_and_keeps_the_edit() {
    let (mut window, trouble) = Window::on_troubled(&[("[1]", "20")]);
    window.click(Role::Row, "[1]");
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "21");
    trouble.fail_after(0);
    window.press(Modifiers::COMMAND, Key::S);
    let (kind, sentence, _) = told(&window);
    assert_eq!(kind, NoticeKind::Error);
    assert!(sentence.starts_with(UNKNOWN), "{sentence}");
    look(&mut window, "unknown-save");
    let session = window.session();
    assert_eq!(session.models.panel.current().unwrap().text, "21");
}

#[test]
fn a_transaction_of_which_nobody_knows_is_not_told_as_failed_and_its_rows_stay() {
    let (mut window, trouble) = Window::on_troubled(&[("[1]", "20")]);
    window.click(Role::Row, "[1]");
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "21");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    trouble.fail_after(0);
    window.press(Modifiers::COMMAND, Key::Enter);
    let (kind, sentence, _) = told(&window);
    assert_eq!(kind, NoticeKind::Error);
    assert!(sentence.starts_with(UNKNOWN), "{sentence}");
    let session = window.session();
    assert_eq!(session.models.transaction.committed(), None);
    assert_eq!(session.models.transaction.rows.len(), 2);
}

#[test]
fn a_deletion_that_fails_on_its_way_counts_what_is_gone_and_what_is_not_known() {
    let entries: Vec<String> = (0..250).map(|number| format!("[{number}]")).collect();
    let entries: Vec<(&str, &str)> = entries.iter().map(|key| (key.as_str(), "1")).collect();
    let (mut window, trouble) = Window::on_troubled(&entries);
    window.click(Role::Row, "[0]");
    window.press(Modifiers::COMMAND, Key::A);
    trouble.fail_after(1);
    window.press(Modifiers::COMMAND, Key::Delete);
    window.click(Role::Button, "Delete all");
    let (kind, sentence, details) = told(&window);
    assert_eq!(kind, NoticeKind::Error);
    assert!(
        sentence.starts_with(&format!("Deleted 100 entries, then failed: {UNKNOWN}")),
        "{sentence}"
    );
    assert_eq!(
        details[0],
        "100 entries of which it is not known whether they are gone"
    );
    assert!(details[1].starts_with("They are kept in "), "{details:?}");
    // All 250 are in the file, so that nothing is lost in either case.
    let file = details[1].trim_start_matches("They are kept in ");
    let kept = std::fs::read_to_string(file).unwrap();
    assert_eq!(kept.lines().count(), 250);
    window.click(Role::Link, "Undo");
    assert_eq!(window.models().entries.num_rows(), 250);
}
