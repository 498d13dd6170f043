//! What a place to copy to is followed by: the dialog of its options, then the copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::EncodedKey;

use crate::app::{App, display};
use crate::dialog::Dialog;
use crate::errand::{CopyChoice, OpenDatabase};
use crate::model::copy_to::CopyDraft;
use crate::model::database_id::DatabaseId;
use crate::model::target::Target;
use crate::session::Session;

impl App {
    /// Asks how to copy to a place.
    pub(super) fn ask_copy_to(&mut self, id: DatabaseId, path: PathBuf) {
        let now = self.clock.now();
        let to = self.open_at(&path);
        let refused = match to {
            Some(to) if to.id == id => Some("this is the database itself"),
            Some(to) if !to.models.facts.is_writable() => {
                Some("this database is open here and cannot be changed; unlock it first")
            }
            _ => None,
        };
        if let Some(reason) = refused {
            let text = format!("Not copied, because {reason}: {}", path.display());
            self.notices.error(text, now);
            return;
        }
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.ask_about(&Target::Below(EncodedKey::default()));
        let there = keyglass_store::open::kind(&display(&path));
        let draft = CopyDraft::new(id, path, there);
        self.show_or_wait(Dialog::CopyTo(Box::new(draft)));
    }

    /// Copies.
    pub(super) fn start_copy_to(&mut self, id: DatabaseId, choice: CopyChoice) {
        self.dialog = None;
        let to = self.open_at(&choice.path);
        let to = to.map(|session| OpenDatabase(Arc::clone(session.database())));
        if let Some(session) = self.sessions.get_mut(id) {
            session.start_copy(choice, to);
        }
    }

    /// The open database at a path, however that is written.
    fn open_at(&self, path: &Path) -> Option<&Session> {
        let place = std::fs::canonicalize(path).ok()?;
        let is_there = |session: &&Session| {
            let location = std::fs::canonicalize(&session.models.facts.location);
            location.is_ok_and(|location| location == place)
        };
        self.sessions.all().iter().find(is_there)
    }
}
