//! What can be asked of the earlier versions of the entry that is shown.

use super::{Asked, DatabaseAction};
use crate::content::past_moments::MomentName;

/// Something of the history of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryAction {
    /// Shows it in place of the value, or the value again.
    Toggle,
    /// Shows more versions.
    More,
    /// Looks at a moment, or at none.
    Open(Option<MomentName>),
    /// Compares the moment with what stands there now, or with what stood there before.
    CompareWithNow(bool),
    /// Brings a version back.
    Restore(MomentName),
    /// Puts what brings it back into the transaction.
    AddToTransaction(MomentName),
}

impl From<HistoryAction> for Asked {
    fn from(action: HistoryAction) -> Self {
        Self::Database(DatabaseAction::History(action))
    }
}
