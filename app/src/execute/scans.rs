//! Scans of everything, where each read is paid for: somebody is asked before.

use keyglass_store::Counted;

use crate::action::{Action, DatabaseAction};
use crate::app::App;
use crate::dialog::Dialog;
use crate::format;
use crate::model::database_id::DatabaseId;
use crate::model::target::Target;
use crate::session::Session;

impl App {
    /// Asks before an action that reads much. What is to be done at once: the action, unless it is asked about.
    pub(super) fn ask_before_reading(
        &mut self,
        id: DatabaseId,
        action: DatabaseAction,
    ) -> Option<DatabaseAction> {
        let action = match action {
            DatabaseAction::Paid(action) => {
                self.dialog = None;
                return Some(*action);
            }
            action => action,
        };
        let Some(session) = self.sessions.get(id) else {
            return Some(action);
        };
        let Some((title, verb, counted)) = scan(session, &action) else {
            return Some(action);
        };
        let other_is_paid = matches!(&action, DatabaseAction::Compare(plan) if self.is_comparison_paid(plan));
        if !session.models.facts.asks_before_reading(counted) && !other_is_paid {
            return Some(action);
        }
        let number = counted.filter(|counted| counted.complete).map_or_else(
            || "how many there are is not known".to_owned(),
            |counted| format!("there are {}", format::count(counted.entries)),
        );
        let within = match &action {
            DatabaseAction::Count(prefix) => Some(prefix),
            DatabaseAction::StartExport(choice) => match &choice.target {
                Target::Below(prefix) => Some(prefix),
                Target::Selected(_) => None,
            },
            _ => None,
        };
        let within = within.map(|prefix| match prefix.as_bytes() {
            [] => String::new(),
            _ => prefix.to_string(),
        });
        let limit = match within {
            Some(_) => " It can be limited to a prefix.",
            None => "",
        };
        let body =
            format!("Every entry is read, and each read of this database is paid for; {number}.{limit}");
        let paid = DatabaseAction::Paid(Box::new(action));
        self.ask(title, body, verb, false, Action::On(id, paid));
        if let Some(Dialog::Question(question)) = &mut self.dialog {
            question.confirm.within = within;
        }
        None
    }
}

/// What an action that reads much is called, what its button says, and how many entries it reads as far as that is
/// known; `None` for any other.
fn scan(session: &Session, action: &DatabaseAction) -> Option<(&'static str, &'static str, Option<Counted>)> {
    let tree = &session.models.tree;
    let entries = &session.models.entries;
    Some(match action {
        DatabaseAction::Count(prefix) => ("Count all entries?", "Count", tree.known_count(prefix)),
        DatabaseAction::CountSelected => (
            "Count the selected entries?",
            "Count",
            entries.selection.tally.counted(),
        ),
        DatabaseAction::Compare(plan) => (
            "Compare all entries?",
            "Compare",
            tree.known_count(&plan.choice.prefix),
        ),
        DatabaseAction::ReadAll => (
            "Read all entries?",
            "Read all",
            tree.known_count(&entries.query.prefix),
        ),
        DatabaseAction::StartExport(choice) => {
            let counted = match &choice.target {
                Target::Below(prefix) => tree.known_count(prefix),
                Target::Selected(keys) if keys.has_single_keys_only() => return None,
                Target::Selected(_) => session.asked.counted(),
            };
            ("Export all entries?", "Export", counted)
        }
        _ => return None,
    })
}
