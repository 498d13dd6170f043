//! What ends expiries that nobody can see, because the database does not tell them: somebody is asked before.

use keyglass_store::transfer::Existing;

use crate::action::DatabaseAction;
use crate::app::App;
use crate::dialog::Dialog;
use crate::dialog::unseen_expiries::ExpiryQuestion;
use crate::model::database_id::DatabaseId;
use crate::model::draft::ExpiryDraft;
use crate::model::expiry::UnseenExpiries;
use crate::model::notices::NoticeKind;
use crate::session::Session;

impl App {
    /// Asks before an action that ends expiries which nobody can see. What is to be done at once: the action, with what
    /// was answered, unless it is asked about.
    pub(super) fn ask_about_expiries(
        &mut self,
        id: DatabaseId,
        action: DatabaseAction,
        now: i64,
    ) -> Option<(DatabaseAction, Option<ExpiryDraft>)> {
        if let DatabaseAction::WithExpiry(action, chosen) = action {
            self.dialog = None;
            self.forget_asked(&action);
            return Some((*action, Some(chosen)));
        }
        let Some(session) = self.sessions.get(id) else {
            return Some((action, None));
        };
        if session.models.facts.capabilities.expiry {
            return Some((action, None));
        }
        if matches!(action, DatabaseAction::Step(_)) && session.is_stepping() {
            // What comes next is not known before.
            let text = "Something is being undone or redone; go on when that is done";
            self.notices.tell(NoticeKind::Info, text, now);
            return None;
        }
        let Some(unseen) = unseen(session, &action) else {
            return Some((action, None));
        };
        let before = self.dialog.replace(Dialog::Expiry(ExpiryQuestion {
            database: id,
            action: Box::new(action),
            unseen,
            text: String::new(),
        }));
        self.come_back_to(before);
        None
    }

    /// Asks about transactions that wait for an answer.
    pub(crate) fn ask_about_transactions(&mut self, ctx: &egui::Context, now: i64) {
        let asking = self.sessions.iter_mut().filter_map(|session| {
            let asks = std::mem::take(&mut session.asks_to_commit);
            asks.then_some(session.id)
        });
        let asking: Vec<DatabaseId> = asking.collect();
        for id in asking {
            self.execute_on(id, DatabaseAction::CommitTransaction, ctx, now);
        }
    }
}

/// What an action would do to expiries that nobody can see.
fn unseen(session: &Session, action: &DatabaseAction) -> Option<UnseenExpiries> {
    let models = &session.models;
    let one = |verb| UnseenExpiries {
        verb,
        entries: Some(1),
        can_set: true,
    };
    match action {
        DatabaseAction::Save => models.panel.ends_unseen_expiry().then(|| one("Save")),
        DatabaseAction::Rename { .. } => models.panel.can_rename().then(|| one("Rename")),
        // One whose rows were committed already, or are not known yet, is not committed now.
        DatabaseAction::CommitTransaction => models
            .transaction
            .unseen_expiries()
            .filter(|_| models.transaction.committed().is_none() && models.transaction.is_known()),
        DatabaseAction::Step(wanted) => session.wanted_step(*wanted)?.unseen_expiries(),
        DatabaseAction::StartImport(choice) if choice.existing == Existing::Overwrite => {
            let answer = models.import_check.answer(choice);
            let replaced = answer
                .and_then(Result::ok)
                .map(|preview| preview.report.overwritten);
            (replaced != Some(0)).then_some(UnseenExpiries {
                verb: "Import",
                entries: replaced,
                can_set: true,
            })
        }
        _ => None,
    }
}
