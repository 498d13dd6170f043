//! What can be asked of the transactions of a database.

use keyglass_store::{EncodedKey, Versionstamp};

use super::{Asked, DatabaseAction};
use crate::content::copy::DraftForm;
use crate::errand::ForEntries;
use crate::model::draft::ExpiryDraft;
use crate::model::target::Target;
use crate::model::transaction::{CodeDraft, FailedRow, IndexFinding, RowChoices};
use crate::model::watch::Replay;

/// Something of the transactions of one database.
#[derive(Debug, Clone, PartialEq)]
pub enum TransactionAction {
    /// Puts a row at a place among the others.
    Move(u64, usize),
    /// Puts a copy of a row below it.
    Duplicate(u64),
    /// Changes what is chosen of a row.
    Choose(u64, RowChoices),
    /// Chooses when the entry goes that a row sets.
    SetExpiry(u64, ExpiryDraft),
    /// Has a check expect what stands there now.
    CheckAnew(u64),
    /// Edits a row beside the transaction.
    Open(u64),
    /// Ends that.
    CloseRow,
    /// Undoes the last edit of the rows, or does it again.
    StepBack {
        /// Does it again.
        forth: bool,
    },
    /// Makes checks expect what was shown of them.
    Rebase(Vec<FailedRow>),
    /// Adds rows for what is selected.
    AddSelected(ForEntries),
    /// Adds rows for many entries.
    AddAll(Target, ForEntries),
    /// Adds rows that undo or redo a step.
    AddStep(u64),
    /// Adds a check that a key is as a change left it, and a set of what stands there.
    AddChange(EncodedKey, Option<Versionstamp>),
    /// Adds rows for changes of the timeline.
    AddReplay(Replay),
    /// Begins another draft.
    Begin,
    /// Shows another draft.
    ShowDraft(String),
    /// Gives the draft that is shown another name.
    Rename(String),
    /// Removes the draft that is shown.
    RemoveDraft,
    /// Asks for a file.
    AskPath(TransactionPath),
    /// Asks for code of Deno.
    AskCode,
    /// Adds what was read of code.
    AddCode(Box<CodeDraft>),
    /// Adds rows that set the record which is shown with the entries of its indexes.
    SetWithIndexes,
    /// Goes through the records that are selected and their indexes.
    CheckIndexes,
    /// Makes a draft of the repair of what a check of indexes found.
    RepairIndexes(Box<IndexFinding>),
    /// Puts the rows on the clipboard.
    Copy(DraftForm),
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionPath {
    /// A draft is read from it.
    Load,
    /// The draft that is shown is written to it.
    Save,
}

impl From<TransactionAction> for DatabaseAction {
    fn from(action: TransactionAction) -> Self {
        Self::Transaction(action)
    }
}

impl From<TransactionAction> for Asked {
    fn from(action: TransactionAction) -> Self {
        Self::Database(action.into())
    }
}
