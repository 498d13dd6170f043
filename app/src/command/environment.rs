//! What can be done now, and why the rest cannot.

use super::Command;

/// What the state of the window allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Environment {
    /// A database is open.
    pub database: bool,
    /// Several are open.
    pub databases: bool,
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

/// Why nothing can be done with the selected rows.
const NO_ROWS: &str = "No entry is selected in the table";

impl Command {
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
            Self::NextDatabase | Self::PreviousDatabase => need(now.databases, "No other database is open"),
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
