//! A comparison with another database: what is asked for, opening the other one, and rows for either of them.

use std::sync::Arc;

use keyglass_store::open::OpenOptions;

use crate::app::{App, Event, open_patiently};
use crate::dialog::Dialog;
use crate::errand::OpenDatabase;
use crate::format;
use crate::model::comparison::{CompareDraft, ComparisonPlan, Direction, KnownPlace};
use crate::model::database_id::DatabaseId;
use crate::model::facts;
use crate::model::middle::Middle;
use crate::model::notices::NoticeKind;
use crate::threads;
use crate::tokens;

impl App {
    /// Asks what to compare a database with.
    pub(super) fn ask_compare(&mut self, id: DatabaseId) {
        let open = self.sessions.all().iter().filter(|session| session.id != id);
        let open = open.map(|session| KnownPlace {
            name: session.models.facts.title.clone(),
            location: session.models.facts.location.clone(),
            open: Some(session.id),
        });
        let is_open = |location: &str| self.sessions.at_location(location).is_some();
        let recent = self.state.recent.iter().filter(|known| !is_open(&known.location));
        let recent = recent.map(|known| KnownPlace {
            name: known
                .name
                .clone()
                .unwrap_or_else(|| facts::title(&known.location)),
            location: known.location.clone(),
            open: None,
        });
        let draft = CompareDraft {
            database: id,
            location: String::new(),
            prefix: String::new(),
            known: open.chain(recent).collect(),
            error: None,
        };
        self.dialog = Some(Dialog::Compare(Box::new(draft)));
    }

    /// Opens the other database, and compares then.
    pub(super) fn compare(&mut self, id: DatabaseId, mut plan: ComparisonPlan, now: i64) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        if session.models.comparison.is_under_way() {
            let text = "A comparison runs already; cancel it first".to_owned();
            self.notices.tell(NoticeKind::Info, text, now);
            return;
        }
        self.dialog.take_if(|dialog| matches!(dialog, Dialog::Compare(_)));
        let open = plan.other.and_then(|other| self.sessions.get(other));
        let open = open.or_else(|| self.sessions.at_location(&plan.choice.location));
        // One that was closed meanwhile is opened again, and is in no tab.
        plan.other = open.map(|open| open.id);
        let open = open.map(|open| OpenDatabase(Arc::clone(open.database())));
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.models.comparison.begin(plan.clone());
        session.models.show(Middle::Comparison);
        self.sessions.show(id);
        if let Some(open) = open {
            self.compare_with(id, plan, Ok(open));
            return;
        }
        let options = OpenOptions::new().clock(self.clock.clone());
        let (known, report) = (self.tokens.clone(), self.reporter());
        let location = plan.choice.location.clone();
        let opening = threads::spawn("open to compare", move || {
            let opened = open_patiently(&location, &known.given(&options, &location));
            let opened = opened.map(OpenDatabase).map_err(|failure| failure.to_string());
            report(Event::ComparisonOpened {
                database: id,
                plan: Box::new(plan),
                opened,
            });
        });
        if let (Err(error), Some(session)) = (opening, self.sessions.get_mut(id)) {
            session.models.comparison.fail(error.to_string());
        }
    }

    /// Compares with a database that was opened, or says why it was not.
    pub(crate) fn compare_with(
        &mut self,
        id: DatabaseId,
        plan: ComparisonPlan,
        opened: Result<OpenDatabase, String>,
    ) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        if !session.models.comparison.awaits(&plan) {
            // It was cancelled meanwhile.
            return;
        }
        let same = |other: &OpenDatabase| Arc::ptr_eq(&other.0, session.database());
        match opened {
            Ok(other) if same(&other) => {
                let reason = "This is the database itself".to_owned();
                session.models.comparison.fail(reason);
            }
            Ok(other) => session.start_comparison(&plan.name, plan.choice, other),
            Err(reason) => session.models.comparison.fail(reason),
        }
    }

    /// Whether a comparison reads a database that is paid for, so that somebody is asked before.
    pub(super) fn is_comparison_paid(&self, plan: &ComparisonPlan) -> bool {
        let open = self.sessions.at_location(&plan.choice.location);
        match plan.other.and_then(|other| self.sessions.get(other)).or(open) {
            Some(session) => {
                let counted = session.models.tree.known_count(&plan.choice.prefix);
                session.models.facts.asks_before_reading(counted)
            }
            None => tokens::is_url(&plan.choice.location),
        }
    }

    /// Has a draft of a transaction that ends the selected differences, in this database or in the other one.
    pub(super) fn take_differences(&mut self, id: DatabaseId, direction: Direction, now: i64) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let comparison = &session.models.comparison;
        let Some(plan) = comparison.plan() else {
            return;
        };
        let (target, name) = match direction {
            Direction::TakeFromThere => (Some(id), plan.name.clone()),
            Direction::PutThere => (plan.other, session.models.facts.title.clone()),
        };
        let target = target.and_then(|target| self.sessions.get(target));
        let Some(target) = target.filter(|target| target.models.facts.is_writable()) else {
            let text = "Nothing was added: the database is closed or cannot be changed".to_owned();
            self.notices.error(text, now);
            return;
        };
        if target.models.transaction.is_committing() {
            let text = "The transaction is being committed; wait for that".to_owned();
            self.notices.tell(NoticeKind::Info, text, now);
            return;
        }
        let prepared = comparison.operation(direction, &target.models.facts.capabilities.limits);
        let target = target.id;
        if let Some(session) = self.sessions.get_mut(target) {
            let transaction = &mut session.models.transaction;
            transaction.begin_draft(Some(&format!("From {name}")));
            transaction.add_operation(&prepared.operation);
        }
        self.sessions.show(target);
        self.state.show_transaction = true;
        if prepared.left > 0 {
            let text = format!(
                "The draft ends {} of {} differences, which is what one commit takes; compare again after it is committed",
                format::count(prepared.taken as u64),
                format::count((prepared.taken + prepared.left) as u64)
            );
            self.notices.tell(NoticeKind::Info, text, now);
        }
    }
}
