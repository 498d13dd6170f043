//! Serving a database to programs.

use crate::app::App;
use crate::dialog::Dialog;
use crate::model::database_id::DatabaseId;
use crate::model::serving::ServeDraft;
use crate::session::Session;

impl App {
    /// Opens the dialog in which a database is served.
    pub(super) fn ask_serve(&mut self, database: DatabaseId) {
        let Some(session) = self.sessions.get(database) else {
            return;
        };
        let location = &session.models.facts.location;
        let served = session.models.serving.served();
        let draft = ServeDraft {
            token_file: self
                .folders
                .as_ref()
                .and_then(|folders| folders.token_file(location)),
            read_only: served.is_some_and(|served| served.read_only),
            ..ServeDraft::of(database)
        };
        self.dialog = Some(Dialog::Serve(draft));
    }
}

/// What it means to quit while programs are connected.
pub(super) const QUITTING: &str = "Programs would lose their database, and what runs would be cancelled. Edits that were not saved are there again next time.";

/// Whether a program is connected.
pub(super) fn is_used(session: &Session) -> bool {
    session.models.serving.num_connections() > 0
}

/// Who would lose a database that is served: `2 connections of programs to shop`.
pub(super) fn connected(session: &Session) -> Option<String> {
    let connections = match session.models.serving.num_connections() {
        0 => return None,
        1 => "1 connection".to_owned(),
        several => format!("{several} connections"),
    };
    Some(format!(
        "{connections} of programs to {}",
        session.models.facts.title
    ))
}
