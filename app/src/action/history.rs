//! What can be asked of the earlier versions of the entry that is shown.

use super::{Asked, DatabaseAction};
use keyglass_store::EncodedKey;

use crate::content::past_moments::MomentName;
use crate::errand::SetRules;

/// Something of the history of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Asks what to keep below a key.
    AskRule(EncodedKey),
    /// Asks the same for what is selected.
    AskRuleOfSelected,
    /// Has other versions kept, and asks first where some may go.
    SetRules(Box<SetRules>),
    /// The same, asked already.
    SetRulesAgreed(Box<SetRules>),
}

impl From<HistoryAction> for Asked {
    fn from(action: HistoryAction) -> Self {
        Self::Database(DatabaseAction::History(action))
    }
}
