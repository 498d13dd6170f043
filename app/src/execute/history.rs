//! What is done with the earlier versions of the entry that is shown.

use keyglass_store::EncodedKey;

use crate::action::{Action, DatabaseAction, HistoryAction};
use crate::app::App;
use crate::dialog::Dialog;
use crate::errand::SetRules;
use crate::model::database_id::DatabaseId;
use crate::model::history_rule::HistoryRuleDraft;

impl App {
    /// Does something with the history of an entry.
    pub(super) fn execute_on_history(&mut self, id: DatabaseId, action: HistoryAction, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        match action {
            HistoryAction::Toggle => {
                let shows = !(session.models.past.is_open() && self.state.show_entry);
                session.models.past.set_open(shows);
                self.state.show_entry = true;
            }
            HistoryAction::More => session.models.past.read_more(),
            HistoryAction::Open(moment) => session.models.past.open(moment),
            HistoryAction::CompareWithNow(with_now) => session.models.past.compare_with_now(with_now),
            HistoryAction::Restore(moment) => {
                if let Err(reason) = session.restore_version(moment, now) {
                    self.notices.error(format!("Not restored: {reason}"), now);
                }
            }
            HistoryAction::AddToTransaction(moment) => match session.add_version(moment, now) {
                Ok(()) => self.state.show_transaction = true,
                Err(reason) => self.notices.error(format!("Nothing was added: {reason}"), now),
            },
            HistoryAction::AskRule(prefix) => self.ask_rule(id, prefix),
            HistoryAction::AskRuleOfSelected => {
                let prefix = session.subject().key().cloned().unwrap_or_default();
                self.ask_rule(id, prefix);
            }
            HistoryAction::SetRules(rules) if rules.seen.may_lose(&rules.chosen) => {
                self.ask_to_lose_versions(id, rules);
            }
            HistoryAction::SetRules(rules) | HistoryAction::SetRulesAgreed(rules) => {
                session.set_rules(rules);
                self.dialog = None;
                self.waiting.retain(|dialog| !is_of(dialog, id));
            }
        }
    }

    /// Asks what to keep below a key.
    fn ask_rule(&mut self, id: DatabaseId, prefix: EncodedKey) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.models.history_rules.ask();
            let draft = HistoryRuleDraft::of(id, prefix);
            self.dialog = Some(Dialog::HistoryRule(Box::new(draft)));
        }
    }

    /// Nothing counts them beforehand. The dialog comes back if they shall stay.
    fn ask_to_lose_versions(&mut self, id: DatabaseId, rules: Box<SetRules>) {
        let body = "This keeps less than before. Earlier versions beyond that are dropped, and nothing brings them back.";
        let before = self.dialog.take();
        let guard = self
            .sessions
            .get(id)
            .and_then(|session| session.models.facts.guard());
        self.ask(
            "Keep fewer versions?",
            body.to_owned(),
            "Drop them",
            true,
            Action::On(id, DatabaseAction::History(HistoryAction::SetRulesAgreed(rules))),
        );
        self.guard_question(guard);
        if let Some(before) = before.filter(|dialog| is_of(dialog, id)) {
            self.waiting.insert(0, before);
        }
    }
}

/// Whether it is the dialog of what a database keeps.
fn is_of(dialog: &Dialog, id: DatabaseId) -> bool {
    matches!(dialog, Dialog::HistoryRule(draft) if draft.database == id)
}
