//! Everything that changes a guarded database in bulk asks for its name: all commands are gone through, so that none that
//! comes later can forget it.

use std::collections::HashSet;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use keyglass::action::{Action, AppAction, DatabaseAction, DatabasePath, PathPurpose};
use keyglass::command::Command;
use keyglass::model::mark::{Mark, MarkColor, Opening};
use keyglass::model::middle::Middle;
use keyglass::model::target::Target;
use keyglass_store::{AtomicOperation, EncodedKey, Enqueue, Entries, KeyRange};

use crate::harness::{NOW, Window, commit, key};

const NAME: &str = "Name of the database";

/// Commands by which several entries or messages of the database change at once.
const BULK: &[Command] = &[
    Command::DeleteSelection,
    Command::DeletePrefix,
    Command::Import,
    Command::Restore,
    Command::Undo,
    Command::Redo,
    Command::DeliverMessages,
    Command::PutOffMessages,
    Command::CancelMessages,
];

/// Commands that change one entry or message, or a transaction that is seen before it is committed.
const SINGLE: &[Command] = &[
    Command::SaveEntry,
    Command::NewEntry,
    Command::DuplicateEntry,
    Command::RenameEntry,
    Command::CommitTransaction,
    Command::SetWithIndexes,
    Command::CheckIndexes,
    Command::NewMessage,
    Command::QueueAgain,
    Command::EditMessage,
];

/// Commands that change nothing of the database.
const HARMLESS: &[Command] = &[
    Command::OpenFile,
    Command::OpenFolder,
    Command::OpenPath,
    Command::NewDatabase,
    Command::OpenSample,
    Command::Connect,
    Command::CloseDatabase,
    Command::NextDatabase,
    Command::PreviousDatabase,
    Command::ExportDatabase,
    Command::ExportPrefix,
    Command::ExportSelection,
    Command::CompareWith,
    // Into another database, whose own guard is asked by `marks.rs` and `copy_to_server.rs`.
    Command::CopyTo,
    Command::CopyToServer,
    Command::BackUp,
    Command::Serve,
    Command::Quit,
    Command::RevertEntry,
    // It asks for the name, too, which `marks.rs` tests.
    Command::Unlock,
    Command::MarkDatabase,
    Command::CopyKey,
    Command::CopyKeyJson,
    Command::CopyKeyRust,
    Command::CopyValue,
    Command::CopyJson,
    Command::CopyValueRust,
    Command::CopyEntry,
    Command::CopyEntryJson,
    Command::CopyDenoCode,
    Command::CopyRustCode,
    Command::CopyCommandLine,
    Command::EditValue,
    Command::WatchSelection,
    Command::NotifyOfChanges,
    Command::SelectAll,
    Command::GoToKey,
    Command::Find,
    Command::FindNext,
    Command::FindPrevious,
    Command::FilterTree,
    Command::Refresh,
    Command::ShowEntries,
    Command::ShowWatch,
    Command::ShowQueue,
    Command::ShowRequests,
    Command::ShowHistory,
    // What drops versions asks for the name, which `keep_history.rs` tests.
    Command::KeepHistory,
    Command::ShowComparison,
    Command::ShowNotices,
    Command::ShowUndoList,
    Command::SwitchPanel,
    Command::ToggleKeys,
    Command::ToggleEntry,
    Command::ToggleTransaction,
    Command::ShowFilters,
    Command::ReverseList,
    Command::ToggleValueColumn,
    Command::ToggleTypeColumn,
    Command::ToggleSizeColumn,
    Command::ToggleExpiryColumn,
    Command::ToggleVersionColumn,
    Command::ResetColumns,
    Command::ThemeSystem,
    Command::ThemeLight,
    Command::ThemeDark,
    Command::LargerText,
    Command::SmallerText,
    Command::NormalText,
    Command::Palette,
    Command::AddToTransaction,
    Command::RebaseTransaction,
    Command::ReuseTransaction,
    Command::ClearTransaction,
    Command::Shortcuts,
    Command::About,
];

fn on(window: &mut Window, action: DatabaseAction) {
    let id = window.harness.state().session().unwrap().id;
    act(window, Action::On(id, action));
}

fn act(window: &mut Window, action: Action) {
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

fn guard(window: &mut Window) {
    let mark = Mark {
        name: "orders".to_owned(),
        label: "production".to_owned(),
        color: MarkColor::Red,
        opening: Opening::Guarded,
    };
    on(window, DatabaseAction::Mark(Some(mark)));
    window.click(Role::Button, "Read-only");
    window.enter(Role::TextInput, NAME, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
}

/// All that the database holds, as a text.
fn state(window: &Window) -> String {
    let database = window.database();
    let entries = Entries::of(&*database, [KeyRange::everything()]);
    let entries: Vec<_> = entries.collect::<Result<_, _>>().unwrap();
    format!("{entries:?} {:?}", database.queue(100).unwrap())
}

fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

/// A window in which every command of [`BULK`] can be given: entries and messages, both selected, something to be undone
/// and something to be redone, a backup and a file to import.
fn window() -> Window {
    let mut window = Window::on_folder(&[
        (r#"["users", "ada"]"#, "1"),
        (r#"["users", "bob"]"#, "2"),
        (r#"["old", 1]"#, "3"),
        (r#"["old", 2]"#, "4"),
        (r#"["older", 1]"#, "5"),
        (r#"["older", 2]"#, "6"),
    ]);
    let message = |due_in: i64| Enqueue {
        payload: keyglass::model::draft::parse_value("{n: 1}").unwrap().bytes,
        due_at: NOW + due_in,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    };
    let queued = AtomicOperation::new()
        .enqueue(message(60_000))
        .enqueue(message(120_000));
    commit(&*window.database(), queued);
    window.settle();
    let home = window.folder.path().join("home.kg");
    let id = window.harness.state().session().unwrap().id;
    let purpose = PathPurpose::On(id, DatabasePath::BackUp);
    act(&mut window, Action::App(AppAction::UsePath(purpose, home)));
    window.click(Role::Button, "Back up");
    until_notices(&mut window, 1);
    let line = r#"{"key":[{"type":"string","value":"new"}],"value":{"type":"bigint","value":"3"}}"#;
    std::fs::write(window.folder.path().join("more.ndjson"), format!("{line}\n")).unwrap();
    for (prefix, number) in [(r#"["old"]"#, 2), (r#"["older"]"#, 3)] {
        on(&mut window, DatabaseAction::DeleteAll(Target::Below(key(prefix))));
        until_notices(&mut window, number);
    }
    on(&mut window, DatabaseAction::Command(Command::Undo));
    until_notices(&mut window, 4);
    guard(&mut window);
    window
}

/// Brings a window to where a command asks, or does it.
fn give(window: &mut Window, command: Command) {
    let id = window.harness.state().session().unwrap().id;
    let path = match command {
        Command::Import => Some((DatabasePath::Import, "more.ndjson")),
        Command::Restore => Some((DatabasePath::Restore, "home.kg")),
        _ => None,
    };
    match command {
        Command::DeleteSelection | Command::DeletePrefix => {
            window.click(Role::Row, r#"["users", "ada"]"#);
            on(window, DatabaseAction::SelectAll);
        }
        Command::DeliverMessages | Command::PutOffMessages | Command::CancelMessages => {
            on(window, DatabaseAction::Show(Middle::Queue));
            let messages = window.database().queue(100).unwrap();
            let models = &mut window.harness.state_mut().session_mut().unwrap().models;
            models.messages.select_too(messages);
            window.settle();
        }
        _ => {}
    }
    match (path, command) {
        (Some((purpose, name)), _) => {
            let path = window.folder.path().join(name);
            let purpose = PathPurpose::On(id, purpose);
            act(window, Action::App(AppAction::UsePath(purpose, path)));
        }
        (None, Command::DeletePrefix) => {
            let below = Target::Below(EncodedKey::default());
            on(window, DatabaseAction::AskDeleteAll(below));
        }
        (None, command) => on(window, DatabaseAction::Command(command)),
    }
    if command == Command::PutOffMessages {
        // Its dialog asks first until when.
        window.harness.event(egui::Event::Text("90 min".to_owned()));
        window.settle();
        window.press(Modifiers::NONE, Key::Enter);
    }
    window.settle();
}

#[test]
fn every_command_is_known_to_change_much_little_or_nothing() {
    let known: Vec<Command> = [BULK, SINGLE, HARMLESS].concat();
    let all: HashSet<Command> = Command::ALL.into_iter().collect();
    assert_eq!(known.iter().copied().collect::<HashSet<_>>(), all);
    assert_eq!(known.len(), Command::ALL.len());
}

#[test]
fn whatever_changes_a_guarded_database_in_bulk_asks_for_its_name() {
    let mut window = window();
    let before = state(&window);
    for &command in BULK {
        give(&mut window, command);
        let asks = window
            .harness
            .query_by_role_and_label(Role::TextInput, NAME)
            .is_some();
        assert!(asks, "{command:?} does not ask");
        // Nothing is done by a key alone.
        window.press(Modifiers::NONE, Key::Enter);
        window.settle();
        assert_eq!(state(&window), before, "{command:?}");
        while window.harness.state().dialog().is_some() {
            window.press(Modifiers::NONE, Key::Escape);
            window.settle();
        }
        on(&mut window, DatabaseAction::Show(Middle::Entries));
    }
}

#[test]
fn what_is_undone_in_bulk_is_undone_by_the_name() {
    let mut window = window();
    let before = state(&window);
    let told = window.notices().len();
    on(&mut window, DatabaseAction::Command(Command::Undo));
    window.enter(Role::TextInput, NAME, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    until_notices(&mut window, told + 1);
    assert_ne!(state(&window), before);
}
