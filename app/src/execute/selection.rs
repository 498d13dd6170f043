//! What is done with many entries at once: those below a prefix, and those that are selected in the table.

use egui::Context;
use keyglass_store::database::Counted;
use keyglass_store::transfer::Format;

use crate::action::{Action, DatabaseAction, ExportChoice};
use crate::app::App;
use crate::content::blob::BlobKey;
use crate::content::copy::{self, CopyForm};
use crate::content::key_set::KeySet;
use crate::content::row::pretty_json;
use crate::dialog::Dialog;
use crate::format;
use crate::model::database_id::DatabaseId;
use crate::model::entry_panel::Shown;
use crate::model::notices::NoticeKind;
use crate::model::query::Query;
use crate::model::subject::Subject;
use crate::model::target::Target;

impl App {
    /// Asks whether to delete what is selected.
    pub(super) fn ask_delete_selected(&mut self, id: DatabaseId) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        match session.subject() {
            Subject::Entry(key) => self.ask_delete(id, &key),
            subject => {
                if let Some(target) = subject.target() {
                    self.ask_delete_all(id, target);
                }
            }
        }
    }

    /// Copies what is selected. A blob and a folder go by their own key, and have the values of all their entries.
    pub(super) fn copy(&mut self, id: DatabaseId, form: CopyForm, ctx: &Context, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let subject = session.subject();
        match (&subject, subject.key()) {
            (_, Some(key)) if form.is_of_key() => {
                self.copy_text(&copy::key_text(form, key), form, ctx, now);
            }
            (Subject::Entry(_), _) => self.copy_shown(id, form, ctx, now),
            _ => {
                if let Some(target) = subject.target() {
                    session.copy_all(&target, form);
                }
            }
        }
    }

    /// Copies the entry that is shown.
    pub(super) fn copy_shown(&mut self, id: DatabaseId, form: CopyForm, ctx: &Context, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let Some(key) = session.models.panel.key().cloned() else {
            return;
        };
        let text = match (form, &session.models.panel.shown) {
            (form, _) if form.is_of_key() => Some(copy::key_text(form, &key)),
            (CopyForm::ValueJson, Shown::Entry(loaded)) => {
                let edited = session.models.panel.current().filter(|draft| !draft.is_new());
                let edited = edited.and_then(|draft| draft.value());
                Some(edited.map_or_else(|| loaded.json.clone(), pretty_json))
            }
            // The text as it is being edited, which may be no JavaScript yet.
            (CopyForm::Value, Shown::Entry(_)) => session
                .models
                .panel
                .draft_of_shown()
                .map(|draft| draft.text.clone()),
            _ => None,
        };
        match text {
            Some(text) => self.copy_text(&text, form, ctx, now),
            None => session.copy_all(&Target::Selected(KeySet::only(&key)), form),
        }
    }

    fn copy_text(&mut self, text: &str, form: CopyForm, ctx: &Context, now: i64) {
        ctx.copy_text(text.to_owned());
        let told = format!("Copied {}", form.describe(1));
        self.notices.tell(NoticeKind::Good, told, now);
    }

    pub(super) fn ask_delete_all(&mut self, id: DatabaseId, target: Target) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.ask_about(&target);
        let title = match &target {
            Target::Below(_) => "Delete everything below?",
            Target::Selected(keys) if is_blob(keys) => "Delete the blob with all its parts?",
            Target::Selected(_) => "Delete the selected entries?",
        };
        let guard = session.models.facts.guard();
        let lines = target.lines();
        let action = Action::On(id, DatabaseAction::DeleteAll(target));
        self.ask(title, deletion(None, true), "Delete all", true, action);
        if let Some(Dialog::Question(question)) = &mut self.dialog {
            question.confirm.items = lines;
        }
        self.guard_question(guard);
    }

    pub(super) fn ask_export_listed(&mut self, id: DatabaseId) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let query = &session.models.entries.query;
        let all = Query::prefix(query.prefix.clone());
        let target = if query.range() == all.range() {
            Target::Below(all.prefix)
        } else {
            Target::Selected(KeySet::of(query.range()))
        };
        self.ask_export(id, target);
    }

    pub(super) fn ask_export(&mut self, id: DatabaseId, target: Target) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.ask_about(&target);
        let choice = ExportChoice {
            expired: session.models.entries.takes_expired(&target),
            target,
            format: Format::Ndjson,
        };
        self.dialog = Some(Dialog::Export(id, choice));
    }

    /// Tells in an open question what was counted since the last frame; what no question is about, is not counted.
    pub(crate) fn renew_question(&mut self) {
        let asked = match &mut self.dialog {
            Some(Dialog::Question(question)) => match &question.action {
                Action::On(id, DatabaseAction::DeleteAll(target)) => {
                    if let Some(session) = self.sessions.get(*id) {
                        let with_expired = session.models.entries.takes_expired(target);
                        question.confirm.body = deletion(session.asked.counted(), with_expired);
                    }
                    Some(*id)
                }
                _ => None,
            },
            Some(Dialog::Export(id, _)) => Some(*id),
            Some(Dialog::CopyTo(draft)) => Some(draft.database),
            _ => None,
        };
        for session in self
            .sessions
            .iter_mut()
            .filter(|session| Some(session.id) != asked)
        {
            session.asked.set(Vec::new());
        }
    }
}

/// Whether these are the entries of one blob.
fn is_blob(keys: &KeySet) -> bool {
    keys.ranges()
        .last()
        .and_then(|range| BlobKey::of_entry(&range.start))
        .is_some_and(|(blob, _)| blob.entries() == *keys)
}

/// What a deletion does, to those that have expired, too, or not.
fn deletion(counted: Option<Counted>, with_expired: bool) -> String {
    let left_out = counted.map_or(0, |counted| counted.expired);
    let left_out = if with_expired { 0 } else { left_out };
    let number = counted.map_or_else(
        || "All entries".to_owned(),
        |counted| {
            let about = if counted.complete { "" } else { "At least " };
            let entries = format::counted(counted.entries.saturating_sub(left_out), "entry", "entries");
            // How large those that are left out are is not known.
            let size = (left_out == 0).then(|| format!(" ({})", format::bytes(counted.bytes)));
            format!("{about}{entries}{}", size.unwrap_or_default())
        },
    );
    let expired = match left_out {
        0 => String::new(),
        left_out => format!(
            " {} left out; the chip above the table takes them in.",
            format::counted(left_out, "expired entry is", "expired entries are")
        ),
    };
    format!(
        "{number} will be removed, except those that change meanwhile.{expired} They are written to a file first, and Undo puts them back."
    )
}
