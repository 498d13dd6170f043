//! What a file to import is followed by: the dialog of its options, then the import.

use std::path::PathBuf;

use crate::app::App;
use crate::command::Command;
use crate::dialog::Dialog;
use crate::errand::ImportChoice;
use crate::model::database_id::DatabaseId;
use crate::model::import::ImportDraft;

impl App {
    /// Asks how to import a file.
    pub(super) fn ask_import(&mut self, id: DatabaseId, path: PathBuf) {
        if let Err(reason) = Command::Import.enabled(&self.environment(Some(id))) {
            let now = self.clock.now();
            let text = format!("Nothing was imported: {reason}: {}", path.display());
            self.notices.error(text, now);
            return;
        }
        let mut draft = ImportDraft::new(id, path);
        let session = self.sessions.get(id);
        draft.typed = session.and_then(|session| session.models.facts.guard());
        self.show_or_wait(Dialog::Import(Box::new(draft)));
    }

    /// Imports a file. `expires_at` is for what takes the place of an entry and has no expiry of its own.
    pub(super) fn start_import(
        &mut self,
        id: DatabaseId,
        choice: ImportChoice,
        expires_at: Option<i64>,
        now: i64,
    ) {
        self.dialog = None;
        let undo_file = super::undo_file(self.folders.as_ref(), now);
        if let Some(session) = self.sessions.get_mut(id) {
            session.start_import(choice, undo_file, expires_at);
        }
        self.clean_up_undo_files();
    }

    /// What no dialog asks about is not read any more.
    pub(crate) fn drop_dry_runs(&mut self) {
        let (importing, restoring) = match &self.dialog {
            Some(Dialog::Import(draft)) => (Some(draft.database), None),
            Some(Dialog::Restore(draft)) => (None, Some(draft.database)),
            _ => (None, None),
        };
        for session in self.sessions.iter_mut() {
            if Some(session.id) != importing {
                session.stop_import_check();
            }
            if Some(session.id) != restoring {
                session.stop_restore_check();
            }
        }
    }
}
