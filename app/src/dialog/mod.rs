//! What the dialog that is open asks and holds, without egui; panels draw it.

pub mod filters;
pub mod go_to;
pub mod palette;
pub mod path;
pub mod question;
pub mod recover;
pub mod unseen_expiries;

use crate::action::{Action, AppAction, ExportChoice, PathPurpose, UnlockChoice};
use crate::model::backup::{BackupDraft, RestoreDraft};
use crate::model::comparison::CompareDraft;
use crate::model::connect::ConnectDraft;
use crate::model::copy_to::{CopyDraft, CopyServerDraft};
use crate::model::database_id::DatabaseId;
use crate::model::history_rule::HistoryRuleDraft;
use crate::model::import::ImportDraft;
use crate::model::mark::MarkDraft;
use crate::model::messages::MessageDraft;
use crate::model::notification::NotificationDraft;
use crate::model::serving::ServeDraft;
use crate::model::transaction::{CodeDraft, IndexReview, RebaseReview};
use crate::model::typed_name::TypedName;
use filters::FiltersDialog;
use go_to::GoTo;
use palette::Palette;
use path::PathDialog;
use question::Question;
use recover::RecoverDialog;
use unseen_expiries::ExpiryQuestion;

/// What is asked before one of Deno's files is unlocked.
pub const UNLOCK: &str = "Unlock this file?";

/// The dialog that is open.
pub enum Dialog {
    /// A path is asked for.
    Path(Box<PathDialog>, PathPurpose),
    /// A question.
    Question(Question),
    /// The options of an export of a database.
    Export(DatabaseId, ExportChoice),
    /// What it means to unlock a database, how, and its name if that has to be typed.
    Unlock(DatabaseId, UnlockChoice, Option<TypedName>),
    /// A database on a server.
    Connect(Box<ConnectDraft>),
    /// Another database to compare with.
    Compare(Box<CompareDraft>),
    /// A server to copy to.
    CopyServer(Box<CopyServerDraft>),
    /// The options of a copy to another place.
    CopyTo(Box<CopyDraft>),
    /// What a watch does when something changes.
    Notification(Box<NotificationDraft>),
    /// What a database is marked with.
    Mark(Box<MarkDraft>),
    /// Which earlier versions are kept below a key.
    HistoryRule(Box<HistoryRuleDraft>),
    /// What becomes of expiries that nobody can see.
    Expiry(ExpiryQuestion),
    /// The options of a backup.
    BackUp(Box<BackupDraft>),
    /// What to restore of a backup.
    Restore(Box<RestoreDraft>),
    /// How a database is served to programs.
    Serve(ServeDraft),
    /// The options of an import.
    Import(Box<ImportDraft>),
    /// How far a recovery is, or what became of it.
    Recover(Box<RecoverDialog>),
    /// A key to go to.
    GoTo(GoTo),
    /// A message of the queue.
    Message(Box<MessageDraft>),
    /// Code of which rows of a transaction are made.
    Code(Box<CodeDraft>),
    /// What a check of indexes found.
    Indexes(Box<IndexReview>),
    /// What changed under the checks of a transaction.
    Rebase(Box<RebaseReview>),
    /// Saved filters.
    Filters(FiltersDialog),
    /// The command palette.
    Palette(Palette),
    /// All shortcuts.
    Shortcuts,
    /// Version and licence.
    About,
}

impl Dialog {
    /// Whether keys belong to it, so that shortcuts rest.
    #[must_use]
    pub fn takes_keys(&self) -> bool {
        !matches!(self, Self::Shortcuts | Self::About)
    }

    /// The database that it was opened for, with which it goes.
    #[must_use]
    pub fn database(&self) -> Option<DatabaseId> {
        match self {
            Self::Path(_, purpose) => purpose.database(),
            Self::Question(question) => question.action.database(),
            Self::Export(database, _) | Self::Unlock(database, ..) => Some(*database),
            Self::Compare(draft) => Some(draft.database),
            Self::CopyServer(draft) => Some(draft.database),
            Self::CopyTo(draft) => Some(draft.database),
            Self::BackUp(draft) => Some(draft.database),
            Self::Restore(draft) => Some(draft.database),
            Self::Message(draft) => Some(draft.database),
            Self::Code(draft) => Some(draft.database),
            Self::Indexes(review) => Some(review.database),
            Self::Rebase(review) => Some(review.database),
            Self::Import(draft) => Some(draft.database),
            Self::Serve(draft) => Some(draft.database),
            Self::Expiry(asked) => Some(asked.database),
            Self::Mark(draft) => Some(draft.database),
            Self::Notification(draft) => Some(draft.database),
            Self::HistoryRule(draft) => Some(draft.database),
            Self::GoTo(go_to) => Some(go_to.database),
            Self::Filters(filters) => Some(filters.database),
            Self::Palette(palette) => palette.database,
            Self::Connect(_) | Self::Recover(_) | Self::Shortcuts | Self::About => None,
        }
    }

    /// Whether it asks whether to close this database.
    #[must_use]
    pub fn closes(&self, database: DatabaseId) -> bool {
        matches!(self, Self::Question(question) if question.action == Action::App(AppAction::Close(database)))
    }

    /// What it asks, if anything is lost by its going away.
    #[must_use]
    pub fn asks(&self) -> Option<&str> {
        match self {
            Self::Path(dialog, _) => Some(&dialog.title),
            Self::Question(question) => Some(&question.confirm.title),
            Self::Export(..) => Some("Export"),
            Self::Connect(_) => Some("Connect"),
            Self::CopyServer(_) | Self::CopyTo(_) => Some("Copy"),
            Self::BackUp(_) => Some("Back up"),
            Self::Restore(_) => Some("Restore"),
            Self::Message(_) => Some("Message"),
            Self::Code(draft) if draft.text.trim().is_empty() => None,
            Self::Code(_) => Some("Paste Deno code"),
            Self::Import(_) => Some("Import"),
            Self::Unlock(..) => Some(UNLOCK),
            Self::Mark(_) => Some("Mark database"),
            Self::Notification(_) => Some("Notify of changes"),
            Self::HistoryRule(_) => Some("Keep history"),
            Self::Expiry(asked) => Some(asked.unseen.verb),
            Self::Recover(_)
            | Self::Serve(_)
            | Self::Compare(_)
            | Self::Indexes(_)
            | Self::Rebase(_)
            | Self::GoTo(_)
            | Self::Filters(_)
            | Self::Palette(_)
            | Self::Shortcuts
            | Self::About => None,
        }
    }
}
