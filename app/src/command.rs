//! Every user action that needs no target, as one flat enum. Menus, the palette, tooltips and shortcuts are
//! generated from it, so that they never disagree.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::model::columns::Column;
use crate::model::copy::CopyForm;
use crate::theme::icons;

/// Something that a person can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by Command::tooltip")]
pub enum Command {
    OpenFile,
    OpenFolder,
    OpenPath,
    NewDatabase,
    OpenSample,
    CloseDatabase,
    ExportDatabase,
    ExportPrefix,
    ExportSelection,
    Import,
    Quit,
    Undo,
    Redo,
    NewEntry,
    SaveEntry,
    RevertEntry,
    DuplicateEntry,
    RenameEntry,
    DeleteEntry,
    DeleteSelection,
    DeletePrefix,
    CopyKey,
    CopyKeyJson,
    CopyKeyRust,
    CopyValue,
    CopyJson,
    CopyValueRust,
    CopyEntry,
    CopyEntryJson,
    CopyDenoCode,
    CopyRustCode,
    CopyCommandLine,
    EditValue,
    WatchSelection,
    SelectAll,
    GoToKey,
    Find,
    FindNext,
    FindPrevious,
    FilterTree,
    Refresh,
    ShowEntries,
    ShowWatch,
    ShowQueue,
    ShowNotices,
    ShowHistory,
    SwitchPanel,
    ToggleKeys,
    ToggleEntry,
    ToggleTransaction,
    ShowFilters,
    ReverseList,
    ToggleValueColumn,
    ToggleTypeColumn,
    ToggleSizeColumn,
    ToggleExpiryColumn,
    ToggleVersionColumn,
    ResetColumns,
    ThemeSystem,
    ThemeLight,
    ThemeDark,
    LargerText,
    SmallerText,
    NormalText,
    Palette,
    AddToTransaction,
    CommitTransaction,
    RebaseTransaction,
    ClearTransaction,
    Shortcuts,
    About,
}

/// What the state of the window allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Environment {
    /// A database is open.
    pub database: bool,
    /// It can be written.
    pub writable: bool,
    /// An entry is shown.
    pub entry: bool,
    /// A prefix or a key is selected.
    pub selection: bool,
    /// Rows of the table are selected.
    pub rows: bool,
    /// An edit waits to be saved.
    pub draft: bool,
    /// Find has found something.
    pub found: bool,
    /// The transaction has rows.
    pub transaction: bool,
    /// A commit can be undone.
    pub undo: bool,
    /// One that was undone can be redone.
    pub redo: bool,
}

/// What a command is called, what it does, its icon and its shortcut.
struct Description {
    text: &'static str,
    tooltip: &'static str,
    icon: &'static str,
    shortcut: Option<KeyboardShortcut>,
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

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers {
    shift: true,
    ..Modifiers::COMMAND
};

/// Why nothing can be done with the selected rows.
const NO_ROWS: &str = "No entry is selected in the table";

impl Command {
    /// All of them, in the order of the palette.
    pub const ALL: [Self; 71] = [
        Self::OpenFile,
        Self::OpenFolder,
        Self::OpenPath,
        Self::NewDatabase,
        Self::OpenSample,
        Self::CloseDatabase,
        Self::ExportDatabase,
        Self::ExportPrefix,
        Self::ExportSelection,
        Self::Import,
        Self::Quit,
        Self::Undo,
        Self::Redo,
        Self::NewEntry,
        Self::SaveEntry,
        Self::RevertEntry,
        Self::DuplicateEntry,
        Self::RenameEntry,
        Self::DeleteEntry,
        Self::DeleteSelection,
        Self::DeletePrefix,
        Self::CopyKey,
        Self::CopyKeyJson,
        Self::CopyKeyRust,
        Self::CopyValue,
        Self::CopyJson,
        Self::CopyValueRust,
        Self::CopyEntry,
        Self::CopyEntryJson,
        Self::CopyDenoCode,
        Self::CopyRustCode,
        Self::CopyCommandLine,
        Self::EditValue,
        Self::WatchSelection,
        Self::SelectAll,
        Self::GoToKey,
        Self::Find,
        Self::FindNext,
        Self::FindPrevious,
        Self::FilterTree,
        Self::Refresh,
        Self::ShowEntries,
        Self::ShowWatch,
        Self::ShowQueue,
        Self::ShowNotices,
        Self::ShowHistory,
        Self::SwitchPanel,
        Self::ToggleKeys,
        Self::ToggleEntry,
        Self::ToggleTransaction,
        Self::ShowFilters,
        Self::ReverseList,
        Self::ToggleValueColumn,
        Self::ToggleTypeColumn,
        Self::ToggleSizeColumn,
        Self::ToggleExpiryColumn,
        Self::ToggleVersionColumn,
        Self::ResetColumns,
        Self::ThemeSystem,
        Self::ThemeLight,
        Self::ThemeDark,
        Self::LargerText,
        Self::SmallerText,
        Self::NormalText,
        Self::Palette,
        Self::AddToTransaction,
        Self::CommitTransaction,
        Self::RebaseTransaction,
        Self::ClearTransaction,
        Self::Shortcuts,
        Self::About,
    ];

    fn description(self) -> Description {
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
            Self::ExportDatabase => describe(
                "Export database…",
                "Write all entries to a JSON or NDJSON file",
                icons::EXPORT,
            )
            .key(CTRL, Key::E),
            Self::ExportPrefix => describe(
                "Export prefix…",
                "Write the entries at and below the selected prefix to a file",
                icons::EXPORT,
            )
            .key(CTRL_SHIFT, Key::E),
            Self::ExportSelection => describe(
                "Export selection…",
                "Write the entries that are selected in the table to a file",
                icons::EXPORT,
            ),
            Self::Import => describe(
                "Import…",
                "Read entries from an NDJSON file into this database",
                icons::DOWNLOAD,
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
            Self::DeleteEntry => describe(
                "Delete entry…",
                "Remove this entry, if it is still as it is shown",
                icons::TRASH,
            )
            .key(CTRL, Key::Delete),
            Self::DeleteSelection => describe(
                "Delete selection…",
                "Remove the entries that are selected in the table; Delete in the table does it, too",
                icons::TRASH,
            )
            .key(CTRL_SHIFT, Key::Delete),
            Self::DeletePrefix => describe(
                "Delete prefix…",
                "Remove everything at and below the selected prefix",
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
                "Put the cursor in the value's code; Escape goes back to the table",
                icons::PENCIL,
            )
            .key(Modifiers::NONE, Key::F2),
            Self::WatchSelection => describe(
                "Watch selection",
                "Show every change at and below the selected keys in the Watch tab",
                icons::EYE,
            )
            .key(CTRL, Key::B),
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
            Self::ShowNotices => {
                describe("Notices", "All notices of this run", icons::BELL).key(CTRL, Key::Num4)
            }
            Self::ShowHistory => describe(
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
                "Add a check of this entry and a set of the edited value to the transaction",
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
                "Rebase checks",
                "Make every check expect what stands under its key now",
                icons::SWAP,
            ),
            Self::ClearTransaction => describe("Clear", "Remove all rows of the transaction", icons::ERASER),
            Self::Shortcuts => describe(
                "Keyboard shortcuts",
                "All shortcuts on one sheet",
                icons::KEYBOARD,
            )
            .key(Modifiers::NONE, Key::F1),
            Self::About => describe("About Keyglass", "Version and licence", icons::INFO),
        }
    }

    /// What it is called; ends in `…` where more input follows.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.description().text
    }

    /// One sentence on what it does.
    #[must_use]
    pub fn tooltip(self) -> &'static str {
        self.description().tooltip
    }

    /// Its icon.
    #[must_use]
    pub fn icon(self) -> &'static str {
        self.description().icon
    }

    /// Its shortcut.
    #[must_use]
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        self.description().shortcut
    }

    /// Another shortcut that people know it by.
    #[must_use]
    pub fn other_shortcut(self) -> Option<KeyboardShortcut> {
        (self == Self::Redo).then(|| KeyboardShortcut::new(CTRL, Key::Y))
    }

    /// The column that it shows or hides, if it does.
    #[must_use]
    pub fn column(self) -> Option<Column> {
        Some(match self {
            Self::ToggleValueColumn => Column::Value,
            Self::ToggleTypeColumn => Column::Type,
            Self::ToggleSizeColumn => Column::Size,
            Self::ToggleExpiryColumn => Column::Expires,
            Self::ToggleVersionColumn => Column::Versionstamp,
            _ => return None,
        })
    }

    /// The command that shows or hides a column; the key is always shown.
    #[must_use]
    pub fn of_column(column: Column) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|command| command.column() == Some(column))
    }

    /// In which form it copies, if it does.
    #[must_use]
    pub fn copy_form(self) -> Option<CopyForm> {
        Some(match self {
            Self::CopyKey => CopyForm::Key,
            Self::CopyKeyJson => CopyForm::KeyJson,
            Self::CopyKeyRust => CopyForm::KeyRust,
            Self::CopyValue => CopyForm::Value,
            Self::CopyJson => CopyForm::ValueJson,
            Self::CopyValueRust => CopyForm::ValueRust,
            Self::CopyEntry => CopyForm::Entry,
            Self::CopyEntryJson => CopyForm::EntryJson,
            Self::CopyDenoCode => CopyForm::DenoCode,
            Self::CopyRustCode => CopyForm::RustCode,
            Self::CopyCommandLine => CopyForm::CommandLine,
            _ => return None,
        })
    }

    /// Whether it removes entries, so that it is drawn as a warning.
    #[must_use]
    pub fn destroys(self) -> bool {
        matches!(
            self,
            Self::DeleteEntry | Self::DeleteSelection | Self::DeletePrefix
        )
    }

    /// Why it cannot be done now, if so.
    ///
    /// # Errors
    /// The reason, as a sentence for a tooltip.
    pub fn enabled(self, now: &Environment) -> Result<(), &'static str> {
        let need = |holds: bool, reason: &'static str| if holds { Ok(()) } else { Err(reason) };
        let database = || need(now.database, "No database is open");
        let writable = || database().and(need(now.writable, "The database is read-only"));
        match self {
            Self::OpenFile
            | Self::OpenFolder
            | Self::OpenPath
            | Self::NewDatabase
            | Self::OpenSample
            | Self::Quit
            | Self::ShowNotices
            | Self::ToggleValueColumn
            | Self::ToggleTypeColumn
            | Self::ToggleSizeColumn
            | Self::ToggleExpiryColumn
            | Self::ToggleVersionColumn
            | Self::ResetColumns
            | Self::ThemeSystem
            | Self::ThemeLight
            | Self::ThemeDark
            | Self::LargerText
            | Self::SmallerText
            | Self::NormalText
            | Self::Palette
            | Self::Shortcuts
            | Self::About => Ok(()),
            Self::CloseDatabase
            | Self::ExportDatabase
            | Self::GoToKey
            | Self::Find
            | Self::FilterTree
            | Self::SelectAll
            | Self::ShowFilters
            | Self::ReverseList
            | Self::Refresh
            | Self::ShowEntries
            | Self::ShowWatch
            | Self::ShowQueue
            | Self::ShowHistory
            | Self::SwitchPanel
            | Self::ToggleKeys
            | Self::ToggleEntry
            | Self::ToggleTransaction => database(),
            Self::ExportPrefix | Self::EditValue => database().and(need(now.selection, "No key is selected")),
            Self::ExportSelection => database().and(need(now.rows, NO_ROWS)),
            Self::DeleteSelection => writable().and(need(now.rows, NO_ROWS)),
            Self::DeletePrefix => writable().and(need(now.selection, "No key is selected")),
            Self::FindNext | Self::FindPrevious => database().and(need(now.found, "Nothing was found")),
            Self::Import | Self::NewEntry => writable(),
            Self::Undo => writable().and(need(now.undo, "Nothing was committed here that can be undone")),
            Self::Redo => writable().and(need(now.redo, "Nothing was undone that can be redone")),
            Self::SaveEntry => writable().and(need(now.draft, "Nothing was edited")),
            Self::RevertEntry => database().and(need(now.draft, "Nothing was edited")),
            Self::DuplicateEntry | Self::RenameEntry | Self::DeleteEntry => {
                writable().and(need(now.entry, "No entry is shown"))
            }
            Self::CopyKey | Self::CopyKeyJson | Self::CopyKeyRust | Self::WatchSelection => {
                database().and(need(now.selection || now.rows, "No key is selected"))
            }
            Self::CopyValue
            | Self::CopyJson
            | Self::CopyValueRust
            | Self::CopyEntry
            | Self::CopyEntryJson
            | Self::CopyDenoCode
            | Self::CopyRustCode
            | Self::CopyCommandLine => {
                database().and(need(now.entry || now.rows, "No entry is shown or selected"))
            }
            Self::AddToTransaction => writable().and(need(now.entry || now.draft, "No entry is shown")),
            Self::CommitTransaction => writable().and(need(now.transaction, "The transaction has no rows")),
            Self::RebaseTransaction | Self::ClearTransaction => {
                database().and(need(now.transaction, "The transaction has no rows"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_commands_share_a_shortcut() {
        let mut seen = HashSet::new();
        let shortcuts = Command::ALL
            .iter()
            .flat_map(|command| [command.shortcut(), command.other_shortcut()]);
        for shortcut in shortcuts.flatten() {
            assert!(seen.insert(shortcut), "{shortcut:?}");
        }
    }

    #[test]
    fn every_command_is_listed_once_and_described() {
        let all: HashSet<_> = Command::ALL.iter().collect();
        assert_eq!(all.len(), Command::ALL.len());
        for command in Command::ALL {
            assert!(!command.text().is_empty() && !command.icon().is_empty());
            assert!(!command.tooltip().ends_with('.'), "{}", command.tooltip());
        }
    }

    #[test]
    fn a_command_that_cannot_be_done_says_why() {
        let nothing = Environment::default();
        assert_eq!(Command::SaveEntry.enabled(&nothing), Err("No database is open"));
        let reading = Environment {
            database: true,
            draft: true,
            ..nothing
        };
        assert_eq!(
            Command::SaveEntry.enabled(&reading),
            Err("The database is read-only")
        );
        assert_eq!(
            Command::SaveEntry.enabled(&Environment {
                writable: true,
                ..reading
            }),
            Ok(())
        );
        assert_eq!(Command::OpenFile.enabled(&nothing), Ok(()));
    }
}
