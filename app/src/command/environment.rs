//! What can be done now, and why the rest cannot.

use super::Command;
use crate::model::subject::Subject;

/// What the state of the window allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// A database is open.
    pub database: bool,
    /// Several are open.
    pub databases: bool,
    /// It can be written.
    pub writable: bool,
    /// What is selected.
    pub subject: Subject,
    /// The entry panel shows an entry, and no new one.
    pub entry: bool,
    /// An edit waits to be saved.
    pub draft: bool,
    /// Find has found something.
    pub found: bool,
    /// The transaction has rows.
    pub transaction: bool,
    /// The transaction was committed as it stands.
    pub committed: bool,
    /// It can keep earlier versions of entries.
    pub past_versions: bool,
    /// It has a queue that can be seen.
    pub queue: bool,
    /// How many messages of the queue are selected.
    pub messages: usize,
    /// One of them is being delivered.
    pub running: bool,
    /// A commit can be undone.
    pub undo: bool,
    /// One that was undone can be redone.
    pub redo: bool,
}

impl Environment {
    /// Whether a command that is about a single entry has one.
    fn one_entry(&self) -> Result<(), &'static str> {
        match &self.subject {
            Subject::Rows { .. } => Err("Several entries are selected"),
            Subject::Blob(_) => Err("A blob is selected, which is several entries"),
            Subject::Folder { .. } => Err("A folder is selected, which is no entry"),
            _ if self.entry => Ok(()),
            Subject::Key(_) => Err("No entry stands under the selected key"),
            Subject::Nothing | Subject::Entry(_) => Err("No entry is shown"),
        }
    }

    /// Whether a command that is about entries has any.
    fn entries(&self) -> Result<(), &'static str> {
        match &self.subject {
            Subject::Nothing => Err("Nothing is selected"),
            Subject::Key(_) => Err("No entry stands under the selected key"),
            Subject::Folder { entries: Some(0), .. } => Err("The selected folder is empty"),
            Subject::Rows { .. } | Subject::Blob(_) | Subject::Entry(_) | Subject::Folder { .. } => Ok(()),
        }
    }

    /// Whether a command that is about one key and what is below it has one.
    fn one_key(&self) -> Result<(), &'static str> {
        match &self.subject {
            Subject::Nothing => Err("No key is selected"),
            Subject::Rows { .. } => Err("Several entries are selected"),
            Subject::Blob(_) | Subject::Entry(_) | Subject::Key(_) | Subject::Folder { .. } => Ok(()),
        }
    }

    /// Whether a command that is about messages has any that wait.
    fn waiting(&self) -> Result<(), &'static str> {
        match self.messages {
            _ if !self.queue => Err("This database has no queue"),
            0 => Err("No message is selected"),
            _ if self.running => Err("A message that is being delivered cannot be changed"),
            _ => Ok(()),
        }
    }

    /// Whether anything is selected.
    fn anything(&self) -> Result<(), &'static str> {
        match &self.subject {
            Subject::Nothing => Err("Nothing is selected"),
            _ => Ok(()),
        }
    }

    /// Whether the entry panel shows a value that can be edited, or will as soon as it is read.
    fn value(&self) -> Result<(), &'static str> {
        match &self.subject {
            _ if self.entry || self.draft => Ok(()),
            Subject::Entry(_) => Ok(()),
            _ => self.one_entry(),
        }
    }
}

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
            | Self::Connect
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
            | Self::CompareWith
            | Self::CopyTo
            | Self::CopyToServer
            | Self::BackUp
            | Self::Serve
            | Self::MarkDatabase
            | Self::ShowRequests
            | Self::ShowComparison
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
            | Self::ShowUndoList
            | Self::SwitchPanel
            | Self::ToggleKeys
            | Self::ToggleEntry
            | Self::ToggleTransaction => database(),
            Self::NextDatabase | Self::PreviousDatabase => need(now.databases, "No other database is open"),
            Self::EditValue => database().and(now.value()),
            Self::ExportPrefix => database().and(now.one_key()),
            Self::ExportSelection => database().and(now.entries()),
            Self::DeleteSelection => writable().and(now.entries()),
            Self::DeletePrefix => writable().and(now.one_key()),
            Self::FindNext | Self::FindPrevious => database().and(need(now.found, "Nothing was found")),
            Self::Unlock => database().and(need(!now.writable, "The database can be changed already")),
            Self::Import | Self::Restore | Self::NewEntry => writable(),
            Self::Undo => writable().and(need(now.undo, "Nothing was committed here that can be undone")),
            Self::Redo => writable().and(need(now.redo, "Nothing was undone that can be redone")),
            Self::SaveEntry => writable().and(need(now.draft, "Nothing was edited")),
            Self::RevertEntry => database().and(need(now.draft, "Nothing was edited")),
            Self::DuplicateEntry | Self::RenameEntry => writable().and(now.one_entry()),
            Self::CopyKey
            | Self::CopyKeyJson
            | Self::CopyKeyRust
            | Self::WatchSelection
            | Self::NotifyOfChanges => database().and(now.anything()),
            Self::CopyValue
            | Self::CopyJson
            | Self::CopyValueRust
            | Self::CopyEntry
            | Self::CopyEntryJson
            | Self::CopyDenoCode
            | Self::CopyRustCode
            | Self::CopyCommandLine => database().and(now.entries()),
            Self::AddToTransaction => writable().and(match now.draft {
                true => Ok(()),
                false if matches!(now.subject, Subject::Rows { .. } | Subject::Blob(_)) => Ok(()),
                false => now.one_entry(),
            }),
            Self::SetWithIndexes => writable().and(match now.draft {
                true => Ok(()),
                false => now.one_entry(),
            }),
            Self::CheckIndexes => database().and(now.one_key()),
            Self::ShowHistory | Self::KeepHistory => database().and(need(
                now.past_versions,
                "This kind of database keeps no earlier versions of its entries",
            )),
            Self::CommitTransaction => writable().and(need(now.transaction, "The transaction has no rows")),
            Self::NewMessage => writable().and(need(now.queue, "This database has no queue")),
            Self::QueueAgain => writable()
                .and(need(now.queue, "This database has no queue"))
                .and(match now.subject {
                    Subject::Rows { .. } => Ok(()),
                    _ => now.one_entry(),
                }),
            Self::DeliverMessages | Self::PutOffMessages | Self::CancelMessages => {
                writable().and(now.waiting())
            }
            Self::EditMessage => writable()
                .and(now.waiting())
                .and(need(now.messages == 1, "Several messages are selected")),
            Self::ReuseTransaction => {
                writable().and(need(now.committed, "The transaction was not committed"))
            }
            Self::RebaseTransaction | Self::ClearTransaction => {
                database().and(need(now.transaction, "The transaction has no rows"))
            }
        }
    }
}
