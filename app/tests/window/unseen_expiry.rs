//! Expiries that a server does not tell: whatever would end one says so before, and offers to set another one.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use keyglass::action::{Action, DatabaseAction};
use keyglass::command::Command;
use keyglass::model::draft::parse_value;
use keyglass::model::transaction::OperationKind;
use keyglass_store::AtomicOperation;

use crate::by_protocol::{ADA, BOB, Remote, SOON, edit, tells, type_text};
use crate::harness::{NOW, Window, commit, key};
use crate::import;

const EVE: &str = r#"["users", "eve"]"#;
const LATER: i64 = NOW + 90 * 60_000;

/// When an entry goes; nothing if there is none.
fn expiry(remote: &Remote, key_text: &str) -> Option<Option<i64>> {
    let entry = remote.store.get(&key(key_text)).unwrap();
    entry.map(|entry| entry.expires_at)
}

fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

fn on(window: &mut Window, action: DatabaseAction) {
    let id = window.harness.state().session().unwrap().id;
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(Action::On(id, action), &ctx);
    window.settle();
}

fn show(window: &mut Window, row: &str) {
    window.click(Role::Row, row);
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
}

#[test]
fn a_rename_asks_and_so_does_its_undo() {
    let mut remote = Remote::new();
    show(&mut remote.window, ADA);
    remote.window.press(Modifiers::COMMAND, Key::R);
    remote.window.press(Modifiers::COMMAND, Key::A);
    type_text(&mut remote.window, "eve");
    remote.window.click(Role::Button, "Rename");
    assert!(remote.window.shows("Rename without its expiry?"));
    remote.window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(expiry(&remote, ADA), Some(Some(SOON)));
    remote.window.click(Role::Button, "Rename");
    remote.window.enter(Role::TextInput, "Expiry", "90 min");
    remote.window.click(Role::Button, "Rename with this expiry");
    until_notices(&mut remote.window, 1);
    assert_eq!(
        (expiry(&remote, ADA), expiry(&remote, EVE)),
        (None, Some(Some(LATER)))
    );

    remote.window.press(Modifiers::COMMAND, Key::Z);
    assert!(remote.window.shows("Undo without its expiry?"));
    assert_eq!(expiry(&remote, ADA), None);
    remote.window.enter(Role::TextInput, "Expiry", "90 min");
    remote.window.press(Modifiers::NONE, Key::Enter);
    until_notices(&mut remote.window, 2);
    assert_eq!(
        (expiry(&remote, ADA), expiry(&remote, EVE)),
        (Some(Some(LATER)), None)
    );
}

#[test]
fn a_deletion_is_undone_with_an_expiry_or_without_as_it_is_answered() {
    let mut remote = Remote::new();
    let whole = DatabaseAction::DeleteAll(keyglass::model::target::Target::Below(key("[]")));
    on(&mut remote.window, whole);
    until_notices(&mut remote.window, 1);
    assert_eq!(expiry(&remote, ADA), None);
    on(&mut remote.window, DatabaseAction::Command(Command::Undo));
    assert!(remote.window.shows("Undo without their expiries?"));
    remote.window.enter(Role::TextInput, "Expiry", "90 min");
    remote.window.click(Role::Button, "Undo with this expiry");
    until_notices(&mut remote.window, 2);
    assert_eq!(expiry(&remote, ADA), Some(Some(LATER)));
    assert_eq!(expiry(&remote, BOB), Some(Some(LATER)));
    // What only deletes asks nothing.
    on(&mut remote.window, DatabaseAction::Command(Command::Redo));
    until_notices(&mut remote.window, 3);
    assert_eq!(expiry(&remote, ADA), None);
}

#[test]
fn a_transaction_asks_for_what_stands_there_and_not_for_what_is_new() {
    let mut remote = Remote::new();
    {
        let transaction = &mut remote
            .window
            .harness
            .state_mut()
            .session_mut()
            .unwrap()
            .models
            .transaction;
        transaction.add(OperationKind::Set, ADA.to_owned(), "21n".to_owned());
        transaction.add(OperationKind::Set, EVE.to_owned(), "1".to_owned());
    }
    on(&mut remote.window, DatabaseAction::CommitTransaction);
    assert!(remote.window.shows("Commit without its expiry?"));
    remote.window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(
        (expiry(&remote, ADA), expiry(&remote, EVE)),
        (Some(Some(SOON)), None)
    );
    on(&mut remote.window, DatabaseAction::CommitTransaction);
    remote.window.enter(Role::TextInput, "Expiry", "90 min");
    remote.window.press(Modifiers::NONE, Key::Enter);
    until_notices(&mut remote.window, 1);
    assert_eq!(expiry(&remote, ADA), Some(Some(LATER)));
    assert_eq!(expiry(&remote, EVE), Some(None));
}

#[test]
fn a_transaction_of_new_entries_is_committed_unasked() {
    let mut remote = Remote::new();
    let transaction = &mut remote
        .window
        .harness
        .state_mut()
        .session_mut()
        .unwrap()
        .models
        .transaction;
    transaction.add(OperationKind::Set, EVE.to_owned(), "1".to_owned());
    on(&mut remote.window, DatabaseAction::CommitTransaction);
    until_notices(&mut remote.window, 1);
    assert_eq!(expiry(&remote, EVE), Some(None));
}

#[test]
fn a_sum_is_said_to_end_the_expiry_and_none_is_offered() {
    let mut remote = Remote::new();
    let number = parse_value("new Deno.KvU64(1n)").unwrap();
    let counter = AtomicOperation::new().set_expiring(key(EVE), number, Some(SOON));
    commit(&*remote.store, counter);
    let transaction = &mut remote
        .window
        .harness
        .state_mut()
        .session_mut()
        .unwrap()
        .models
        .transaction;
    transaction.add(
        OperationKind::Sum,
        EVE.to_owned(),
        "new Deno.KvU64(2n)".to_owned(),
    );
    on(&mut remote.window, DatabaseAction::CommitTransaction);
    // It is read what stands there first.
    remote.window.until_shown("Commit without its expiry?");
    assert!(tells(
        &remote.window,
        "The server does not tell whether this entry expires."
    ));
    assert!(!remote.window.shows("Expiry"));
    assert_eq!(expiry(&remote, EVE), Some(Some(SOON)));
    remote.window.click(Role::Button, "Commit, and it stays");
    until_notices(&mut remote.window, 1);
    assert_eq!(expiry(&remote, EVE), Some(None));
}

#[test]
fn an_import_that_overwrites_asks_and_so_does_its_undo() {
    let mut remote = Remote::new();
    let line = |name: &str| {
        format!(
            "{{\"key\":[{{\"type\":\"string\",\"value\":\"users\"}},{{\"type\":\"string\",\"value\":{name:?}}}],\"value\":{{\"type\":\"bigint\",\"value\":\"7\"}}}}\n"
        )
    };
    let path = remote.window.folder.path().join("more.ndjson");
    std::fs::write(&path, line("ada") + &line("eve")).unwrap();
    import::ask(&mut remote.window, path);
    remote.window.click(Role::RadioButton, "Overwrite");
    import::until_told(&mut remote.window);
    remote.window.settle();
    remote.window.click(Role::Button, "Import 2 entries");
    assert!(remote.window.shows("Import without its expiry?"));
    // Back to the dialog of the import, with what was chosen.
    remote.window.press(Modifiers::NONE, Key::Escape);
    remote.window.settle();
    import::until_told(&mut remote.window);
    remote.window.settle();
    assert_eq!(expiry(&remote, ADA), Some(Some(SOON)));
    remote.window.click(Role::Button, "Import 2 entries");
    remote.window.enter(Role::TextInput, "Expiry", "90 min");
    remote.window.press(Modifiers::NONE, Key::Enter);
    until_notices(&mut remote.window, 1);
    assert!(remote.window.harness.state().dialog().is_none());
    assert_eq!(expiry(&remote, ADA), Some(Some(LATER)));
    assert_eq!(expiry(&remote, EVE), Some(None));
    remote.window.press(Modifiers::COMMAND, Key::Z);
    assert!(remote.window.shows("Undo without their expiries?"));
    remote.window.click(Role::Button, "Undo, and they stay");
    until_notices(&mut remote.window, 2);
    assert_eq!((expiry(&remote, ADA), expiry(&remote, EVE)), (Some(None), None));
}

#[test]
fn an_edit_is_undone_only_after_it_is_said_what_that_means() {
    let mut remote = Remote::new();
    edit(&mut remote.window, "21n");
    remote.window.click(Role::Button, "Save, and it stays");
    until_notices(&mut remote.window, 1);
    on(&mut remote.window, DatabaseAction::Command(Command::Undo));
    assert!(remote.window.shows("Undo without its expiry?"));
    remote.window.click(Role::Button, "Undo, and it stays");
    until_notices(&mut remote.window, 2);
    assert_eq!(expiry(&remote, ADA), Some(None));
}
