//! What can be asked of a database.

use std::path::PathBuf;

use keyglass_store::Versionstamp;
use keyglass_store::key::EncodedKey;

use super::{ExportChoice, HistoryAction, TransactionAction, UnlockChoice};
use crate::command::Command;
use crate::content::blob::BlobKey;
use crate::content::copy::CopyForm;
use crate::errand::{BackupChoice, CopyChoice, ImportChoice, QueueFilter, RestoreChoice, ServeChoice};
use crate::model::comparison::{ComparisonPlan, Direction};
use crate::model::draft::ExpiryDraft;
use crate::model::mark::Mark;
use crate::model::messages::MessageDraft;
use crate::model::middle::Middle;
use crate::model::notification::NotificationChoice;
use crate::model::query::Query;
use crate::model::requests::RequestFilter;
use crate::model::selection::SelectRows;
use crate::model::target::Target;
use crate::model::transaction::OperationKind;
use crate::model::undo::Wanted;
use crate::model::watch::WatchFilter;

/// Something of one database.
#[derive(Debug, Clone, PartialEq)]
pub enum DatabaseAction {
    /// A command of the menus, given while this database was shown.
    Command(Command),
    /// Shows a node of the tree: lists what is below, or selects its row.
    SelectNode {
        /// The node's key or prefix.
        prefix: EncodedKey,
        /// An entry stands here.
        is_entry: bool,
        /// There are longer keys below.
        is_folder: bool,
    },
    /// Shows or hides what is below a node.
    SetExpanded(EncodedKey, bool),
    /// Lists something.
    List(Query),
    /// Shows an entry in the entry panel.
    SelectEntry(EncodedKey),
    /// Selects all that the table lists.
    SelectAll,
    /// Reads all that the table lists, where it is read only as far as a person looks.
    ReadAll,
    /// Counts what is at and below a prefix, where nothing is counted of itself.
    Count(EncodedKey),
    /// Counts what is selected, where nothing is counted of itself.
    CountSelected,
    /// Changes which rows of the table are selected.
    SelectRows(SelectRows),
    /// Shows an entry that was found, by its number.
    OpenFound(usize),
    /// Ends the search.
    StopFind,
    /// Puts the text of many entries on the clipboard.
    CopyAll(Target, CopyForm),
    /// Puts the text of what is selected on the clipboard.
    CopySelected(CopyForm),
    /// Puts the text of the entry that is shown on the clipboard, whatever is selected in the table.
    CopyShown(CopyForm),
    /// Opens the dialog of saved filters.
    ShowFilters,
    /// Keeps what is listed under a name.
    SaveFilter(String),
    /// Lists what was kept under a name.
    ApplyFilter(String),
    /// Gives a saved filter another name.
    RenameFilter(String, String),
    /// Forgets a saved filter.
    RemoveFilter(String),
    /// Exports, copies, finds and deletes entries that have expired and were not swept with others, or leaves them out.
    IncludeExpired(bool),
    /// Letters were typed to find a row of the table.
    TypeAhead(String),
    /// Asks for a key to go to.
    AskGoTo,
    /// Shows a key wherever it is.
    GoTo(EncodedKey),
    /// Begins a new entry below what is listed.
    NewEntry,
    /// Begins a new entry with the parts of a prefix.
    NewEntryBelow(EncodedKey),
    /// Begins to give the entry that is shown another key.
    BeginRename,
    /// Begins a new entry with the value of the one that is shown.
    Duplicate,
    /// Shows the value as code, to be typed in.
    EditValue,
    /// Saves the edit that is shown.
    Save,
    /// Changes a guarded database in bulk; its name was typed already.
    Named(Box<Self>),
    /// Does what ends expiries that nobody can see, with this one in their place; asked already.
    WithExpiry(Box<Self>, ExpiryDraft),
    /// Asks how to export something.
    AskExport(Target),
    /// Asks how to export what is at and below the selected key.
    ExportPrefix,
    /// Asks how to export what is selected.
    ExportSelected,
    /// Exports what the table lists between its bounds.
    ExportListed,
    /// Asks where to write an export whose options were chosen.
    StartExport(ExportChoice),
    /// Asks with which database to compare it.
    AskCompare,
    /// Compares it with another one.
    Compare(ComparisonPlan),
    /// Stops the comparison that is under way, or that waits for the other database.
    CancelComparison,
    /// Makes rows of a transaction of the differences that are selected.
    TakeDifferences(Direction),
    /// Asks where to write the differences that are shown.
    AskExportComparison,
    /// Asks to which server to copy.
    AskCopyToServer,
    /// Connects to the server that the open dialog names, to copy there.
    ConnectToCopy,
    /// Asks where to copy the database to.
    AskCopyTo,
    /// Copies the database to a place whose options were chosen.
    StartCopyTo(CopyChoice),
    /// Asks where to back the database up.
    AskBackUp,
    /// Backs the database up to a folder that was chosen.
    StartBackup(BackupChoice),
    /// Asks for a backup to restore from.
    AskRestore,
    /// Finds out what restoring would do.
    CheckRestore(RestoreChoice),
    /// Restores what was chosen.
    StartRestore(RestoreChoice),
    /// Asks for a file to import.
    AskImport,
    /// Asks how to import a file.
    OpenImport(PathBuf),
    /// Finds out what an import would do.
    CheckImport(ImportChoice),
    /// Imports a file whose options were chosen.
    StartImport(ImportChoice),
    /// Watches what is at and below a prefix.
    Watch(EncodedKey),
    /// Watches what is selected.
    WatchSelected,
    /// Asks what a watch does when something changes; with how many entries there are, of several that were selected.
    AskNotification(Target, Option<u64>),
    /// Asks the same for what is selected.
    AskNotificationOfSelected,
    /// Sets what a watch does, or that it does nothing.
    Notify(Target, Option<u64>, Option<NotificationChoice>),
    /// Stops watching something.
    Unwatch(Target),
    /// Leaves new changes out of the timeline, or not.
    PauseWatch(bool),
    /// Empties the timeline.
    ClearWatch,
    /// Shows other rows of the timeline.
    FilterTimeline(WatchFilter),
    /// Looks at a row of the timeline, by its number.
    OpenChange(Option<u64>),
    /// Compares the change that is looked at with what stood there after an earlier one, by the number of its row, or before it.
    CompareChange(Option<u64>),
    /// Sets a bookmark at this moment of the timeline.
    BookmarkTimeline,
    /// Gives a bookmark another name, by the number of its row.
    NameBookmark(u64, String),
    /// Writes an old value as an edit of its entry.
    RestoreChange {
        /// The number of the row.
        row: u64,
        /// What stood there before the change, not after it.
        before: bool,
    },
    /// Asks where to write the rows of the timeline that are shown.
    AskExportTimeline,
    /// Asks for a timeline to look at.
    AskLoadTimeline,
    /// Looks at what happens again.
    CloseRecording,
    /// The draft's expiry was chosen.
    SetExpiry(ExpiryDraft),
    /// Gives up the edit and takes what stands there now.
    TakeTheirs,
    /// Saves the edit over what stands there now.
    OverwriteTheirs,
    /// Goes on editing, from what stands there now.
    EditOn,
    /// Adds a check of what is shown, and a set of what was edited, to the transaction.
    AddToTransaction,
    /// Something of the history of the entry that is shown.
    History(HistoryAction),
    /// Something of the transactions.
    Transaction(TransactionAction),
    /// Adds a row to the transaction.
    AddOperation(OperationKind),
    /// Removes a row of the transaction.
    RemoveOperation(u64),
    /// Moves a row of the transaction down, or up.
    ShiftOperation(u64, bool),
    /// Commits the transaction.
    CommitTransaction,
    /// Shows what changed under the transaction's checks, before they expect it.
    RebaseTransaction,
    /// Makes a transaction that was committed ready to be committed once more.
    ReuseTransaction,
    /// Removes all rows of the transaction.
    ClearTransaction,
    /// Asks for a new message.
    NewMessage,
    /// Asks how to queue the entry that is shown as a message again.
    QueueAgain,
    /// Shows other messages of the queue.
    FilterQueue(QueueFilter),
    /// Makes the selected messages due now.
    DeliverMessages,
    /// Asks when the selected messages shall be due.
    PutOffMessages,
    /// Asks for what becomes of the selected message.
    EditMessage,
    /// Takes the selected messages out of the queue.
    CancelMessages,
    /// Commits what was written for the queue.
    CommitMessage(Box<MessageDraft>),
    /// Closes the dialog of a message, and keeps what was written.
    KeepMessage(Box<MessageDraft>),
    /// Gives the entry that is shown the key that was written; if asked for, over what was told to stand there.
    Rename {
        /// Whether what stands there is overwritten.
        overwrite: bool,
    },
    /// Gives up renaming the entry that is shown.
    CancelRename,
    /// Asks where to write a blob that is kept in parts; with a name for the file.
    ExportBlob(BlobKey, String),
    /// Asks whether to delete what is at and below the selected key.
    DeletePrefix,
    /// Asks whether to delete what is selected.
    DeleteSelected,
    /// Asks whether to delete an entry.
    AskDelete(EncodedKey),
    /// Asks whether to delete many entries.
    AskDeleteAll(Target),
    /// Deletes an entry if it is as it was when it was asked about.
    Delete(EncodedKey, Versionstamp),
    /// Deletes many entries; asked already.
    DeleteAll(Target),
    /// Opens the dialog that asks for what a database needs to be unlocked, or locks it.
    ToggleWritable,
    /// Allows writing; asked already.
    Unlock(UnlockChoice),
    /// Undoes or redoes a step, or what comes next.
    Step(Wanted),
    /// Does what reads much, where reads are paid for; asked already.
    Paid(Box<Self>),
    /// Asks what to mark it with.
    AskMark,
    /// Marks it, or not.
    Mark(Option<Mark>),
    /// Asks how to serve it to programs.
    AskServe,
    /// Serves it to programs.
    StartServing(ServeChoice),
    /// Ends serving it.
    StopServing,
    /// Shows other requests.
    FilterRequests(RequestFilter),
    /// Looks at a request, by its place among all.
    SelectRequest(Option<u64>),
    /// Records no requests, or goes on.
    PauseRequests(bool),
    /// Forgets all requests.
    ClearRequests,
    /// Asks where to write the requests that are shown.
    AskExportRequests,
    /// Stops a job.
    CancelJob(u64),
    /// Lists in the other direction.
    ReverseList,
    /// Reads everything again.
    Refresh,
    /// Gives the keyboard's focus to the tree or the table.
    SwitchPanel,
    /// Gives it to the table.
    FocusTable,
    /// Shows one of the panels of the middle.
    Show(Middle),
    /// Shows the next entry that was found, or the one before.
    StepFound {
        /// The next one.
        forward: bool,
    },
}

impl DatabaseAction {
    /// The same, of what is at and below a prefix alone, where it is about everything at and below one.
    #[must_use]
    pub fn within(self, prefix: &EncodedKey) -> Self {
        match self {
            Self::Paid(action) => Self::Paid(Box::new(action.within(prefix))),
            Self::Count(_) => Self::Count(prefix.clone()),
            Self::StartExport(choice) if matches!(choice.target, Target::Below(_)) => {
                Self::StartExport(ExportChoice {
                    target: Target::Below(prefix.clone()),
                    ..choice
                })
            }
            other => other,
        }
    }
}
