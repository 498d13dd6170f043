//! What watches do when something changes.

use std::sync::Arc;

use egui::Context;

use crate::app::{App, Event};
use crate::content::blob::BlobKey;
use crate::dialog::Dialog;
use crate::model::database_id::DatabaseId;
use crate::model::middle::Middle;
use crate::model::notification::{NotificationChoice, NotificationDraft};
use crate::model::subject::Subject;
use crate::model::target::Target;
use crate::model::watch::{WatchNotification, Watched};
use crate::threads;

impl App {
    /// Asks what a watch shall do when something changes.
    pub(super) fn ask_notification(&mut self, id: DatabaseId, target: Target, entries: Option<u64>) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let known = session.models.watch.notifications.of(&target);
        let choice = known.map(|known| known.choice.clone()).unwrap_or_default();
        let watched = Watched { target, entries };
        self.dialog = Some(Dialog::Notification(Box::new(NotificationDraft {
            database: id,
            name: watched.name(),
            target: watched.target,
            entries,
            waits: !choice.condition.is_empty(),
            runs: !choice.command.is_empty(),
            has_one: known.is_some(),
            last_run: known.and_then(WatchNotification::last_run),
            choice,
        })));
    }

    /// The same for what is selected.
    pub(super) fn ask_notification_of_selected(&mut self, id: DatabaseId) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let (target, entries) = match session.subject() {
            Subject::Nothing => return,
            Subject::Rows { keys, entries } => {
                let target = Target::Selected(keys);
                match target.prefix() {
                    Some(prefix) => (Target::Below(prefix), None),
                    None => (target, entries),
                }
            }
            Subject::Blob(BlobKey { key, .. })
            | Subject::Entry(key)
            | Subject::Key(key)
            | Subject::Folder { prefix: key, .. } => (Target::Below(key), None),
        };
        self.ask_notification(id, target, entries);
    }

    /// Sets what a watch does, or that it does nothing.
    pub(super) fn set_notification(
        &mut self,
        id: DatabaseId,
        (target, entries): (Target, Option<u64>),
        choice: Option<NotificationChoice>,
    ) {
        self.dialog = None;
        if let Some(session) = self.sessions.get_mut(id) {
            session.models.watch.notify(target, entries, choice);
            session.models.show(Middle::Watch);
        }
    }

    /// Hands what is due to the system, if the window is not in front.
    pub(crate) fn notify_by_system(&mut self, ctx: &Context) {
        let is_in_front = ctx.input(|input| input.focused);
        let mut due = Vec::new();
        for session in self.sessions.iter_mut() {
            let told = std::mem::take(&mut session.system_notifications);
            if !is_in_front {
                due.extend(told.into_iter().map(|told| (session.id, told)));
            }
        }
        for (database, told) in due {
            let (desktop, report) = (Arc::clone(&self.desktop), self.reporter());
            let started = threads::spawn("system notification", move || {
                let shown = desktop.notify(&told.title, &told.text);
                report(Event::SystemNotified { database, shown });
            });
            // Without a thread the next one is told.
            drop(started);
        }
    }
}
