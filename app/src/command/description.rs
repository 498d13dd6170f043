//! What commands are called, what they do, their icons and shortcuts.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::Command;
use crate::theme::icons;

/// What a command is called, what it does, its icon and its shortcut.
pub(super) struct Description {
    pub(super) text: &'static str,
    pub(super) tooltip: &'static str,
    pub(super) icon: &'static str,
    pub(super) shortcut: Option<KeyboardShortcut>,
}

const fn describe(text: &'static str, tooltip: &'static str, icon: &'static str) -> Description {
    Description {
        text,
        tooltip,
        icon,
        shortcut: None,
    }
}

impl Description {
    const fn key(mut self, modifiers: Modifiers, key: Key) -> Self {
        self.shortcut = Some(KeyboardShortcut::new(modifiers, key));
        self
    }
}

pub(super) const CTRL: Modifiers = Modifiers::COMMAND;
pub(super) const CTRL_SHIFT: Modifiers = Modifiers {
    shift: true,
    ..Modifiers::COMMAND
};

impl Command {
    pub(super) fn description(self) -> Description {
        match self {
            Self::OpenFile => {
                describe("Open file…", "Open a SQLite file that Deno wrote", icons::FILE).key(CTRL, Key::O)
            }
            Self::OpenFolder => describe("Open folder…", "Open a Keyglass database folder", icons::FOLDER)
                .key(CTRL_SHIFT, Key::O),
            Self::OpenPath => describe(
                "Open path…",
                "Open a database by typing where it is",
                icons::TERMINAL,
            ),
            Self::Connect => describe(
                "Connect…",
                "Open a database on a server: Deno Deploy, denokv, or another Keyglass",
                icons::CLOUD,
            )
            .key(CTRL, Key::K),
            Self::NewDatabase => describe(
                "New database…",
                "Make a new Keyglass database folder",
                icons::FOLDER_NEW,
            )
            .key(CTRL_SHIFT, Key::N),
            Self::OpenSample => describe(
                "Open the sample",
                "A small shop with every type of key and value",
                icons::STAR,
            ),
            Self::CloseDatabase => {
                describe("Close database", "Close the database shown", icons::CLOSE).key(CTRL, Key::W)
            }
            Self::NextDatabase => describe(
                "Next database",
                "Show the database of the next tab, or of the first one",
                icons::ARROW_RIGHT,
            )
            .key(CTRL, Key::PageDown),
            Self::PreviousDatabase => describe(
                "Previous database",
                "Show the database of the tab before, or of the last one",
                icons::ARROW_LEFT,
            )
            .key(CTRL, Key::PageUp),
            Self::ExportDatabase => describe(
                "Export database…",
                "Write all entries to a JSON or NDJSON file",
                icons::EXPORT,
            )
            .key(CTRL, Key::E),
            Self::ExportPrefix => describe(
                "Export prefix…",
                "Write the entries at and below the selected key to a file",
                icons::EXPORT,
            ),
            Self::ExportSelection => describe(
                "Export selection…",
                "Write what is selected to a file",
                icons::EXPORT,
            )
            .key(CTRL_SHIFT, Key::E),
            Self::CompareWith => describe(
                "Compare with…",
                "Show what differs between this database and another one",
                icons::DIFFERENCE,
            ),
            Self::CopyTo => describe(
                "Copy to…",
                "Copy this database to another place, to a Keyglass folder or a Deno file",
                icons::COPY,
            ),
            Self::CopyToServer => describe(
                "Copy to server…",
                "Copy this database into one on a server",
                icons::CLOUD,
            ),
            Self::BackUp => describe(
                "Back up…",
                "Keep this database in a folder as it is now, and what is replaced since",
                icons::HARD_DRIVE,
            ),
            Self::Restore => describe(
                "Restore…",
                "Make this database what it was at a moment that a backup holds",
                icons::REVERT,
            ),
            Self::Import => describe(
                "Import…",
                "Read entries from an NDJSON file into this database",
                icons::DOWNLOAD,
            ),
            Self::Serve => describe(
                "Serve…",
                "Let programs of Deno and Node use this database while it is open here",
                icons::BROADCAST,
            )
            .key(CTRL_SHIFT, Key::S),
            Self::Unlock => describe(
                "Unlock…",
                "Allow changes of this database from this window",
                icons::LOCK_OPEN,
            ),
            Self::MarkDatabase => describe(
                "Mark database…",
                "Give it a name, a colour and a label, and guard what is precious",
                icons::TAG,
            ),
            Self::Quit => describe("Quit", "Close Keyglass", icons::CLOSE).key(CTRL, Key::Q),
            Self::Undo => describe(
                "Undo last commit",
                "Put back what the last commit made here changed",
                icons::UNDO,
            )
            .key(CTRL, Key::Z),
            Self::Redo => describe(
                "Redo last undone commit",
                "Commit again what was undone last",
                icons::REDO,
            )
            .key(CTRL_SHIFT, Key::Z),
            Self::NewEntry => {
                describe("New entry", "Write an entry under a new key", icons::PLUS).key(CTRL, Key::N)
            }
            Self::SaveEntry => describe(
                "Save",
                "Commit the edit, if the entry is still as it was when the edit began",
                icons::SAVE,
            )
            .key(CTRL, Key::S),
            Self::RevertEntry => describe("Revert", "Give up the edit", icons::REVERT),
            Self::DuplicateEntry => {
                describe("Duplicate", "Write this value under another key", icons::COPY).key(CTRL, Key::D)
            }
            Self::RenameEntry => describe(
                "Rename…",
                "Give this entry another key, if nothing stands there",
                icons::PENCIL,
            )
            .key(CTRL, Key::R),
            Self::DeleteSelection => describe(
                "Delete selection…",
                "Remove what is selected; Delete in the table does it, too",
                icons::TRASH,
            )
            .key(CTRL, Key::Delete),
            Self::DeletePrefix => describe(
                "Delete prefix…",
                "Remove everything at and below the selected key",
                icons::TRASH,
            ),
            Self::CopyKey => describe(
                "Copy key",
                "Copy the key, or the selected ones, as JavaScript",
                icons::KEY,
            )
            .key(CTRL_SHIFT, Key::K),
            Self::CopyValue => describe(
                "Copy value",
                "Copy the value, or the selected ones, as JavaScript",
                icons::COPY,
            )
            .key(CTRL_SHIFT, Key::C),
            Self::CopyKeyJson => describe(
                "Copy key as JSON",
                "Copy the key, or the selected ones, in the exact interchange form",
                icons::KEY,
            ),
            Self::CopyKeyRust => describe(
                "Copy key as Rust",
                "Copy the key, or the selected ones, as a keyglass_store::Key",
                icons::KEY,
            ),
            Self::CopyJson => describe(
                "Copy value as JSON",
                "Copy the value, or the selected ones, in the exact interchange form",
                icons::COPY,
            ),
            Self::CopyValueRust => describe(
                "Copy value as Rust",
                "Copy the value, or the selected ones, as a keyglass_store::Value",
                icons::COPY,
            ),
            Self::CopyEntry => describe(
                "Copy entry as JavaScript",
                "Copy key, value and expiry of the entry, or of the selected ones, as objects",
                icons::BRACES,
            ),
            Self::CopyEntryJson => describe(
                "Copy entry as JSON",
                "Copy the entry, or the selected ones, as lines that can be imported",
                icons::BRACES,
            ),
            Self::CopyDenoCode => describe(
                "Copy as Deno code",
                "Copy code that stores the entry, or the selected ones, in Deno",
                icons::CODE,
            ),
            Self::CopyRustCode => describe(
                "Copy as Rust code",
                "Copy code that stores the entry, or the selected ones, through keyglass_store::Kv",
                icons::CODE,
            ),
            Self::CopyCommandLine => describe(
                "Copy as command line",
                "Copy keyglass commands that store the entry, or the selected ones",
                icons::TERMINAL,
            ),
            Self::EditValue => describe(
                "Edit value",
                "Put the cursor in the value's code; Escape goes back to the table. On a property in the value's tree, F2 renames it",
                icons::PENCIL,
            )
            .key(Modifiers::NONE, Key::F2),
            Self::WatchSelection => describe(
                "Watch selection",
                "Show every change at and below the selected keys under Watch",
                icons::EYE,
            )
            .key(CTRL, Key::B),
            Self::NotifyOfChanges => describe(
                "Notify of changes…",
                "Tell of changes at and below the selected keys, or run a command line",
                icons::BELL,
            )
            .key(CTRL_SHIFT, Key::B),
            Self::SelectAll => {
                describe("Select all", "Select every entry that is listed", icons::ROWS).key(CTRL, Key::A)
            }
            Self::GoToKey => describe(
                "Go to key…",
                "Show the entry of a key that you type",
                icons::ARROW_RIGHT,
            )
            .key(CTRL, Key::G),
            Self::Find => describe(
                "Find in keys and values…",
                "Look for a text or a regular expression in everything that is stored",
                icons::SEARCH,
            )
            .key(CTRL, Key::F),
            Self::FindNext => describe(
                "Find next",
                "Open the next entry that was found",
                icons::ARROW_DOWN,
            )
            .key(Modifiers::NONE, Key::F3),
            Self::FindPrevious => describe(
                "Find previous",
                "Open the previous entry that was found",
                icons::ARROW_UP,
            )
            .key(Modifiers::SHIFT, Key::F3),
            Self::FilterTree => describe(
                "Filter keys",
                "Show only key parts that contain a text",
                icons::FILTER,
            )
            .key(CTRL_SHIFT, Key::F),
            Self::Refresh => describe("Refresh", "Read everything on screen again", icons::REFRESH)
                .key(Modifiers::NONE, Key::F5),
            Self::ShowEntries => describe("Entries", "The entries below the selected prefix", icons::TABLE)
                .key(CTRL, Key::Num1),
            Self::ShowWatch => {
                describe("Watch", "Changes of watched keys as they happen", icons::EYE).key(CTRL, Key::Num2)
            }
            Self::ShowQueue => describe(
                "Queue",
                "Messages that wait, are delayed or are running",
                icons::QUEUE,
            )
            .key(CTRL, Key::Num3),
            Self::ShowRequests => describe(
                "Requests",
                "What programs do that use this database while it is served",
                icons::PLUG,
            )
            .key(CTRL, Key::Num6),
            Self::ShowComparison => describe(
                "Comparison",
                "What differs between this database and the one that it was compared with",
                icons::DIFFERENCE,
            ),
            Self::ShowNotices => {
                describe("Notices", "All notices of this run", icons::BELL).key(CTRL, Key::Num4)
            }
            Self::ShowUndoList => describe(
                "History",
                "What was committed from this window, to undo and redo it",
                icons::CLOCK,
            )
            .key(CTRL, Key::H),
            Self::SwitchPanel => describe(
                "Tree or table",
                "Give the keyboard to the tree of keys, or from there to the table",
                icons::SWAP,
            )
            .key(Modifiers::NONE, Key::F6),
            Self::ToggleKeys => describe("Keys panel", "Show or hide the tree of keys", icons::TREE),
            Self::ToggleEntry => describe("Entry panel", "Show or hide the entry panel", icons::PANEL),
            Self::ToggleTransaction => describe(
                "Transaction panel",
                "Show or hide the transaction being composed",
                icons::STACK,
            )
            .key(CTRL, Key::T),
            Self::ShowFilters => describe(
                "Saved filters…",
                "List something that was saved, or name what is listed now",
                icons::BOOKMARK,
            ),
            Self::ReverseList => describe(
                "Reverse order",
                "List from the last key to the first, or the other way round",
                icons::SWAP,
            ),
            Self::ToggleValueColumn => describe(
                "Value column",
                "Show or hide the beginnings of values",
                icons::COLUMNS,
            ),
            Self::ToggleTypeColumn => {
                describe("Type column", "Show or hide the types of values", icons::COLUMNS)
            }
            Self::ToggleSizeColumn => {
                describe("Size column", "Show or hide the sizes of values", icons::COLUMNS)
            }
            Self::ToggleExpiryColumn => {
                describe("Expiry column", "Show or hide when entries go", icons::COLUMNS)
            }
            Self::ToggleVersionColumn => describe(
                "Version column",
                "Show or hide the versionstamps of entries",
                icons::COLUMNS,
            ),
            Self::ResetColumns => describe(
                "Usual columns",
                "Show the usual columns of the table in their usual widths",
                icons::REVERT,
            ),
            Self::ThemeSystem => describe(
                "Follow the system's theme",
                "Light or dark as the system is",
                icons::MONITOR,
            ),
            Self::ThemeLight => describe("Light theme", "Dark text on a light ground", icons::SUN),
            Self::ThemeDark => describe("Dark theme", "Light text on a dark ground", icons::MOON),
            Self::LargerText => {
                describe("Larger text", "Make everything larger", icons::TEXT_SIZE).key(CTRL, Key::Plus)
            }
            Self::SmallerText => {
                describe("Smaller text", "Make everything smaller", icons::TEXT_SIZE).key(CTRL, Key::Minus)
            }
            Self::NormalText => describe("Normal text", "Make everything its normal size", icons::TEXT_SIZE)
                .key(CTRL, Key::Num0),
            Self::Palette => {
                describe("Command palette…", "Find a command or go to a key", icons::SEARCH).key(CTRL, Key::P)
            }
            Self::AddToTransaction => describe(
                "Add to transaction",
                "Add a check of this entry and a set of the edited value to the transaction, or both for each selected entry",
                icons::PLUS,
            )
            .key(CTRL_SHIFT, Key::T),
            Self::CommitTransaction => describe(
                "Commit",
                "Commit all rows of the transaction as one",
                icons::CHECK,
            )
            .key(CTRL, Key::Enter),
            Self::RebaseTransaction => describe(
                "Rebase checks…",
                "See what changed under the checks that do not hold, and make them expect what stands there now",
                icons::SWAP,
            ),
            Self::ReuseTransaction => describe(
                "Use transaction again",
                "Keep the rows that were committed, to commit them once more",
                icons::REFRESH,
            )
            .key(CTRL_SHIFT, Key::Enter),
            Self::ClearTransaction => describe("Clear", "Remove all rows of the transaction", icons::ERASER),
            Self::ShowHistory => describe(
                "History of the entry",
                "Show the earlier versions of the selected entry that are kept, or its value again",
                icons::CLOCK,
            )
            .key(CTRL_SHIFT, Key::H),
            Self::KeepHistory => describe(
                "Keep history…",
                "Choose which earlier versions of the entries at and below the selected key are kept",
                icons::CLOCK,
            ),
            Self::SetWithIndexes => describe(
                "Set with its indexes",
                "Add rows that set this record with the entries of its indexes, such as users_by_email beside users",
                icons::LINK,
            ),
            Self::CheckIndexes => describe(
                "Check indexes",
                "Look for records without index entries, index entries without records, and both that disagree",
                icons::LIST,
            ),
            Self::NewMessage => describe(
                "New message…",
                "Put a message into the queue, with a delay, retries and keys for when it is not delivered",
                icons::QUEUE,
            ),
            Self::QueueAgain => describe(
                "Queue again…",
                "Put an undelivered message, which was stored under this key, into the queue again",
                icons::REDO,
            ),
            Self::DeliverMessages => describe(
                "Deliver now",
                "Make the selected messages of the queue due now",
                icons::SEND,
            ),
            Self::PutOffMessages => describe(
                "Put off…",
                "Make the selected messages of the queue due at another time",
                icons::CLOCK,
            ),
            Self::EditMessage => describe(
                "Edit message…",
                "Change the selected message of the queue: what it says, when it is due, its retries",
                icons::PENCIL,
            ),
            Self::CancelMessages => describe(
                "Cancel message",
                "Take the selected messages out of the queue",
                icons::TRASH,
            ),
            Self::Shortcuts => describe(
                "Keyboard shortcuts",
                "All shortcuts on one sheet",
                icons::KEYBOARD,
            )
            .key(Modifiers::NONE, Key::F1),
            Self::About => describe("About Keyglass", "Version and licence", icons::INFO),
        }
    }
}
