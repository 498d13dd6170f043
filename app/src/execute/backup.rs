//! What a folder for a backup is followed by: a look at it, the dialog of the backup's options or of what to restore,
//! then the job.

use std::path::PathBuf;

use keyglass_store::backup::is_backup;

use crate::app::{App, Event};
use crate::command::Command;
use crate::dialog::Dialog;
use crate::errand::{BackupChoice, RestoreChoice};
use crate::model::backup::{BackupDraft, Keep, RestoreDraft};
use crate::model::database_id::DatabaseId;
use crate::threads;

impl App {
    /// Looks what stands at a place, to ask how to back up there.
    pub(super) fn look_before_backup(&mut self, id: DatabaseId, path: PathBuf) {
        let report = self.reporter();
        let looked = threads::spawn("look", move || {
            let is_there = is_backup(&path);
            let is_free = std::fs::read_dir(&path).map_or(!path.exists(), |mut files| files.next().is_none());
            let refused = if is_there || is_free {
                None
            } else if keyglass_store::embedded::is_database(&path) {
                Some("this folder is a database and no backup")
            } else {
                Some("this is no backup, and not empty")
            };
            let draft = Box::new(BackupDraft {
                database: id,
                path,
                is_there,
                keep: Keep::Month,
            });
            report(Event::BackupPlace { draft, refused });
        });
        if let Err(error) = looked {
            let now = self.clock.now();
            self.notices.error(error.to_string(), now);
        }
    }

    /// Asks how to back up to a place that was looked at, unless it is refused for this reason.
    pub(crate) fn ask_backup(&mut self, draft: Box<BackupDraft>, refused: Option<&'static str>) {
        if let Some(reason) = refused {
            let path = draft.path.display();
            let (text, now) = (
                format!("Not backed up, because {reason}: {path}"),
                self.clock.now(),
            );
            self.notices.error(text, now);
            return;
        }
        // It may have been closed while the place was looked at.
        if self.sessions.get(draft.database).is_some() {
            self.show_or_wait(Dialog::BackUp(draft));
        }
    }

    /// Backs up.
    pub(super) fn start_backup(&mut self, id: DatabaseId, choice: BackupChoice) {
        self.dialog = None;
        if let Some(session) = self.sessions.get_mut(id) {
            session.start_backup(choice);
        }
    }

    /// Asks what to restore of a backup.
    pub(super) fn ask_restore(&mut self, id: DatabaseId, path: PathBuf) {
        if let Err(reason) = Command::Restore.enabled(&self.environment(Some(id))) {
            let now = self.clock.now();
            let text = format!("Nothing was restored: {reason}: {}", path.display());
            self.notices.error(text, now);
            return;
        }
        let mut draft = RestoreDraft::new(id, path);
        let session = self.sessions.get(id);
        draft.typed = session.and_then(|session| session.models.facts.guard());
        self.show_or_wait(Dialog::Restore(Box::new(draft)));
    }

    /// Restores: the one place where a window begins to.
    pub(super) fn start_restore(&mut self, id: DatabaseId, choice: RestoreChoice, now: i64) {
        self.dialog = None;
        let undo_file = super::undo_file(self.folders.as_ref(), now);
        if let Some(session) = self.sessions.get_mut(id) {
            session.start_restore(choice, undo_file);
        }
        self.clean_up_undo_files();
    }
}
