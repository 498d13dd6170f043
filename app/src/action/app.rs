//! What can be asked of the window.

use std::path::PathBuf;

use super::PathPurpose;
use crate::command::Command;
use crate::model::columns::Column;
use crate::model::database_id::DatabaseId;
use crate::model::entry_panel::ValueView;
use crate::model::saved_filters::SavedFilter;
use crate::model::undo::Direction;

/// Something of the window.
#[derive(Debug, Clone, PartialEq)]
pub enum AppAction {
    /// A command of the menus while no database is open.
    Command(Command),
    /// Opens a database.
    Open(String),
    /// Connects to what the open dialog asks for.
    Connect,
    /// Tests that.
    TestConnection,
    /// Opens a database without the commits that damage has lost.
    OpenAcceptingLoss(String),
    /// Asks where to put what is left of a damaged file.
    AskRecover(PathBuf),
    /// Stops reading what is left of a damaged file into this place.
    StopRecovery(PathBuf),
    /// Takes a database off the welcome page.
    Forget(String),
    /// Shows another open database.
    Activate(DatabaseId),
    /// Closes an open database.
    Close(DatabaseId),
    /// Ends the program; asked already.
    Quit,
    /// A column of the table was given this width in points, or its usual one.
    SetColumnWidth(Column, Option<f32>),
    /// Puts a filter back that was removed from those of the database at a location.
    RestoreFilter(String, SavedFilter),
    /// Puts a text on the clipboard.
    Copy(String),
    /// Shows values another way.
    ShowValueAs(ValueView),
    /// Undoes or redoes what was committed; its number is that of no other step of any database.
    Step(u64, Direction),
    /// A path was typed in the in-app dialog.
    UsePath(PathPurpose, PathBuf),
    /// The in-app dialog wants to know what a folder holds.
    ListFolder(PathBuf),
    /// Tells why something that was typed cannot be.
    Complain(String),
    /// Closes the dialog.
    CloseDialog,
}
