//! Every user action that needs no target, as one flat enum. Menus, the palette, tooltips and shortcuts are
//! generated from it, so that they never disagree.

mod description;
mod environment;
mod naming;

use egui::{Key, KeyboardShortcut};

use crate::content::copy::CopyForm;
use crate::model::columns::Column;
use description::{CTRL, CTRL_SHIFT};

pub use environment::Environment;

/// Defines the commands and the list of all of them from one list, so that none can be forgotten.
macro_rules! commands {
    ($($command:ident,)*) => {
        /// Something that a person can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is described by Command::tooltip")]
        pub enum Command {
            $($command,)*
        }

        impl Command {
            /// All of them, in the order of the palette.
            pub const ALL: [Self; [$(stringify!($command)),*].len()] = [$(Self::$command),*];
        }
    };
}

// In the order of the palette.
commands! {
    OpenFile,
    OpenFolder,
    OpenPath,
    NewDatabase,
    OpenSample,
    Connect,
    CloseDatabase,
    NextDatabase,
    PreviousDatabase,
    ExportDatabase,
    ExportPrefix,
    ExportSelection,
    CompareWith,
    CopyTo,
    CopyToServer,
    BackUp,
    Restore,
    Import,
    Serve,
    Quit,
    Undo,
    Redo,
    NewEntry,
    SaveEntry,
    RevertEntry,
    DuplicateEntry,
    RenameEntry,
    DeleteSelection,
    DeletePrefix,
    Unlock,
    MarkDatabase,
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
    NotifyOfChanges,
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
    ShowRequests,
    ShowHistory,
    KeepHistory,
    ShowComparison,
    ShowNotices,
    ShowUndoList,
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
    ReuseTransaction,
    ClearTransaction,
    SetWithIndexes,
    CheckIndexes,
    NewMessage,
    QueueAgain,
    DeliverMessages,
    PutOffMessages,
    EditMessage,
    CancelMessages,
    Shortcuts,
    About,
}

impl Command {
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
        let (modifiers, key) = match self {
            Self::Redo => (CTRL, Key::Y),
            Self::DeleteSelection => (CTRL_SHIFT, Key::Delete),
            Self::NextDatabase => (CTRL, Key::Tab),
            Self::PreviousDatabase => (CTRL_SHIFT, Key::Tab),
            _ => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
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

    /// Whether it removes entries or messages, so that it is drawn as a warning.
    #[must_use]
    pub fn destroys(self) -> bool {
        matches!(
            self,
            Self::DeleteSelection | Self::DeletePrefix | Self::CancelMessages
        )
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
    fn every_command_is_described() {
        for command in Command::ALL {
            assert!(!command.text().is_empty() && !command.icon().is_empty());
            assert!(!command.tooltip().ends_with('.'), "{}", command.tooltip());
        }
    }

    #[test]
    fn a_command_that_cannot_be_done_says_why() {
        let nothing = &Environment::default();
        assert_eq!(Command::SaveEntry.enabled(nothing), Err("No database is open"));
        let reading = Environment {
            database: true,
            draft: true,
            ..nothing.clone()
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
        assert_eq!(Command::OpenFile.enabled(nothing), Ok(()));
    }
}
