//! What changes a guarded database in bulk: its name is typed before.
//!
//! Deletions, imports, restores and copies ask for it in dialogs of their own, which they have anyway.

use crate::action::{Action, DatabaseAction, TransactionAction};
use crate::app::App;
use crate::dialog::Dialog;
use crate::format;
use crate::model::comparison::Direction;
use crate::model::database_id::DatabaseId;
use crate::model::messages::MessagePurpose;
use crate::session::Session;

impl App {
    /// Asks for the name of a guarded database before it is changed in bulk. What is to be done at once: the action, unless
    /// it is asked about.
    pub(super) fn ask_for_name(&mut self, id: DatabaseId, action: DatabaseAction) -> Option<DatabaseAction> {
        if let DatabaseAction::Named(action) = action {
            self.dialog = None;
            self.forget_asked(&action);
            return Some(*action);
        }
        let Some(session) = self.sessions.get(id) else {
            return Some(action);
        };
        let changed = match &action {
            DatabaseAction::TakeDifferences(Direction::PutThere) => {
                let other = session.models.comparison.plan().and_then(|plan| plan.other);
                other.and_then(|other| self.sessions.get(other))
            }
            _ => Some(session),
        };
        let Some(guard) = changed.and_then(|changed| changed.models.facts.guard()) else {
            return Some(action);
        };
        let Some(bulk) = bulk(session, &action) else {
            return Some(action);
        };
        let named = DatabaseAction::Named(Box::new(action));
        let before = self.dialog.take();
        self.ask(bulk.title, bulk.body, bulk.verb, false, Action::On(id, named));
        self.guard_question(Some(guard));
        self.come_back_to(before);
        None
    }

    /// The dialog that a question came from waits to be shown again.
    pub(super) fn come_back_to(&mut self, before: Option<Dialog>) {
        let holds = |dialog: &Dialog| {
            matches!(
                dialog,
                Dialog::Import(_) | Dialog::Message(_) | Dialog::Indexes(_)
            )
        };
        if let Some(before) = before.filter(holds) {
            self.waiting.insert(0, before);
        }
    }

    /// What a question came from is done, so that its dialog is not shown again.
    pub(super) fn forget_asked(&mut self, done: &DatabaseAction) {
        let is_done = |dialog: &Dialog| {
            matches!(
                (dialog, done),
                (Dialog::Import(_), DatabaseAction::StartImport(_))
                    | (Dialog::Message(_), DatabaseAction::CommitMessage(_))
                    | (
                        Dialog::Indexes(_),
                        DatabaseAction::Transaction(TransactionAction::RepairIndexes(_))
                    )
            )
        };
        if let Some(at) = self.waiting.iter().position(is_done) {
            self.waiting.remove(at);
        }
    }
}

/// What is asked before something is changed in bulk.
struct Bulk {
    title: &'static str,
    body: String,
    verb: &'static str,
}

/// What an action changes in bulk, if no dialog of its own has asked for the name.
fn bulk(session: &Session, action: &DatabaseAction) -> Option<Bulk> {
    let messages = |title, verb, number: usize| {
        (number > 1).then(|| Bulk {
            title,
            body: format!("{} change together.", format::count(number as u64)),
            verb,
        })
    };
    let selected = session.models.messages.selected().len();
    match action {
        DatabaseAction::Step(wanted) => {
            let step = session.wanted_step(*wanted)?;
            (!step.is_one_commit()).then(|| Bulk {
                title: "Undo or redo in bulk?",
                body: format!("It is about many entries: {}.", step.sentence),
                verb: "Go on",
            })
        }
        DatabaseAction::CancelMessages => messages("Cancel these messages?", "Cancel the messages", selected),
        DatabaseAction::DeliverMessages => messages("Deliver these messages now?", "Deliver", selected),
        DatabaseAction::CommitMessage(draft) => match &draft.purpose {
            MessagePurpose::PutOff(all) => messages("Put these messages off?", "Put off", all.len()),
            MessagePurpose::New | MessagePurpose::Edit(_) | MessagePurpose::Again(_) => None,
        },
        DatabaseAction::TakeDifferences(direction) => {
            let comparison = &session.models.comparison;
            let number = comparison.num_selected();
            let plan = comparison.plan()?;
            let changed = match direction {
                Direction::TakeFromThere => &session.models.facts.title,
                Direction::PutThere => &plan.name,
            };
            (number > 1).then(|| Bulk {
                title: "Take differences over in bulk?",
                body: format!(
                    "A draft is made, which changes up to {} of {changed} when you commit it.",
                    format::counted(number as u64, "entry", "entries")
                ),
                verb: "Make the draft",
            })
        }
        DatabaseAction::Transaction(TransactionAction::RepairIndexes(finding)) => Some(Bulk {
            title: "Repair indexes?",
            body: format!(
                "A draft of the repair is made, which changes up to {} when you commit it.",
                format::counted(
                    finding.report.problems.len() as u64,
                    "index entry",
                    "index entries"
                )
            ),
            verb: "Make the draft",
        }),
        _ => None,
    }
}
