//! What a person can ask for, each with its target: the window, or one of the open databases.
//!
//! A panel asks for something of the database that it draws and does not know which one that is. The database is
//! stamped on at that moment and stays: whatever is shown later, an action, a question about it, a path asked for
//! it and a job reach that database or none.

mod app;
mod database;
mod history;
mod path;
mod transaction;

pub use app::AppAction;
pub use database::DatabaseAction;
pub use history::HistoryAction;
pub use path::{DatabasePath, ExportChoice, PathPurpose, UnlockChoice};
pub use transaction::{TransactionAction, TransactionPath};

use crate::command::Command;
use crate::model::database_id::DatabaseId;

/// Something that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Of the window.
    App(AppAction),
    /// Of one database.
    On(DatabaseId, DatabaseAction),
}

impl Action {
    /// A command, for the database that it was given on, if there is one.
    #[must_use]
    pub fn command(command: Command, database: Option<DatabaseId>) -> Self {
        match database {
            Some(database) => Self::On(database, DatabaseAction::Command(command)),
            None => Self::App(AppAction::Command(command)),
        }
    }

    /// The database that it is about.
    #[must_use]
    pub fn database(&self) -> Option<DatabaseId> {
        match self {
            Self::On(database, _) | Self::App(AppAction::Close(database) | AppAction::Activate(database)) => {
                Some(*database)
            }
            Self::App(_) => None,
        }
    }
}

/// What a panel asks for, before it is stamped with a database.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// Something of the window.
    App(AppAction),
    /// Something of the database that is drawn.
    Database(DatabaseAction),
    /// Something that was stamped before, such as what a question is about.
    Stamped(Action),
}

impl Asked {
    /// Stamps it with the database that is drawn. `None` if it needs one and there is none.
    #[must_use]
    pub fn stamped(self, drawn: Option<DatabaseId>) -> Option<Action> {
        Some(match self {
            Self::App(AppAction::Command(command)) => Action::command(command, drawn),
            Self::App(action) => Action::App(action),
            Self::Database(action) => Action::On(drawn?, action),
            Self::Stamped(action) => action,
        })
    }
}

impl From<Command> for Asked {
    fn from(command: Command) -> Self {
        Self::App(AppAction::Command(command))
    }
}

impl From<AppAction> for Asked {
    fn from(action: AppAction) -> Self {
        Self::App(action)
    }
}

impl From<DatabaseAction> for Asked {
    fn from(action: DatabaseAction) -> Self {
        Self::Database(action)
    }
}

impl From<Action> for Asked {
    fn from(action: Action) -> Self {
        Self::Stamped(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stamped_keeps_its_database() {
        let [first, second] = [DatabaseId::unique(), DatabaseId::unique()];
        let of_first = Action::On(first, DatabaseAction::StopFind);
        let asked = Asked::from(of_first.clone());
        assert_eq!(asked.stamped(Some(second)), Some(of_first));
        let asked = Asked::from(DatabaseAction::StopFind);
        assert_eq!(
            asked.clone().stamped(Some(second)),
            Some(Action::On(second, DatabaseAction::StopFind))
        );
        assert_eq!(asked.stamped(None), None);
    }
}
