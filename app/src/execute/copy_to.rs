//! What a place to copy to is followed by: the dialog of its options, then the copy.

use std::path::{Path, PathBuf};

use keyglass_store::EncodedKey;

use crate::app::{App, display};
use crate::dialog::Dialog;
use crate::errand::CopyChoice;
use crate::model::copy_to::CopyDraft;
use crate::model::database_id::DatabaseId;
use crate::model::target::Target;

impl App {
    /// Asks how to copy to a place.
    pub(super) fn ask_copy_to(&mut self, id: DatabaseId, path: PathBuf) {
        let now = self.clock.now();
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let place = |path: &Path| std::fs::canonicalize(path).ok();
        if place(&path).is_some_and(|to| place(Path::new(&session.models.facts.location)) == Some(to)) {
            let text = format!(
                "Not copied, because this is the database itself: {}",
                path.display()
            );
            self.notices.error(text, now);
            return;
        }
        session.ask_about(&Target::Below(EncodedKey::default()));
        let there = keyglass_store::open::kind(&display(&path));
        let draft = CopyDraft::new(id, path, there);
        self.show_or_wait(Dialog::CopyTo(Box::new(draft)));
    }

    /// Copies.
    pub(super) fn start_copy_to(&mut self, id: DatabaseId, choice: CopyChoice) {
        self.dialog = None;
        if let Some(session) = self.sessions.get_mut(id) {
            session.start_copy(choice);
        }
    }
}
