//! What a place to copy to is followed by: a look at it, the dialog of the copy's options, then the copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::{Database, EncodedKey, Writing};

use crate::app::{App, Event, display};
use crate::dialog::Dialog;
use crate::errand::{CopyChoice, OpenDatabase};
use crate::model::copy_to::CopyDraft;
use crate::model::database_id::DatabaseId;
use crate::model::facts;
use crate::model::mark::Marks;
use crate::model::target::Target;
use crate::model::typed_name::TypedName;
use crate::outstanding::UnderWay;
use crate::session::Session;
use crate::threads;

impl App {
    /// Looks what stands at a place, to ask how to copy there.
    pub(super) fn look_before_copy(&mut self, id: DatabaseId, path: PathBuf) {
        let all = self.sessions.all().iter();
        let open: Vec<_> = all.map(Open::of).collect();
        let marks = self.state.marks.clone();
        let report = self.reporter();
        let looked = threads::spawn("look", move || {
            let there = keyglass_store::open::kind(&display(&path));
            let target = open.iter().find(|open| open.is_at(&path));
            let refused = match target {
                Some(open) if open.id == id => Some("this is the database itself"),
                Some(open) if open.database.capabilities().writing != Writing::Allowed => {
                    Some("this database is open here and cannot be changed; unlock it first")
                }
                _ => None,
            };
            let mut draft = Box::new(CopyDraft::new(id, path, there));
            draft.open = target.map(|open| open.id);
            draft.typed = match target {
                Some(open) => open.guard.clone(),
                None => guard_of_closed(&marks, &draft),
            };
            drop(open);
            report(Event::CopyPlace { draft, refused });
        });
        if let Err(error) = looked {
            let now = self.clock.now();
            self.notices.error(error.to_string(), now);
        }
    }

    /// Asks how to copy to a place that was looked at, unless it is refused for this reason.
    pub(crate) fn ask_copy_to(&mut self, draft: Box<CopyDraft>, refused: Option<&'static str>) {
        if let Some(reason) = refused {
            let path = draft.choice.path.display();
            let (text, now) = (format!("Not copied, because {reason}: {path}"), self.clock.now());
            self.notices.error(text, now);
            return;
        }
        // It may have been closed while its target was looked at.
        if let Some(session) = self.sessions.get_mut(draft.database) {
            session.ask_about(&Target::Below(EncodedKey::default()));
            self.show_or_wait(Dialog::CopyTo(draft));
        }
    }

    /// Copies.
    pub(super) fn start_copy_to(&mut self, id: DatabaseId, choice: CopyChoice) {
        let open = match self.dialog.take() {
            Some(Dialog::CopyTo(draft)) => draft.open,
            _ => None,
        };
        let to = open.and_then(|open| self.sessions.get(open));
        let to = to.map(|session| OpenDatabase(Arc::clone(session.database())));
        if let Some(session) = self.sessions.get_mut(id) {
            session.start_copy(choice, to);
        }
    }
}

/// A database that is open in this window.
struct Open {
    id: DatabaseId,
    location: String,
    guard: Option<TypedName>,
    database: Arc<dyn Database>,
    /// The last field: who closes the database waits until it is let go of here, too.
    _held: UnderWay,
}

/// What has to be typed before a database is copied into that is not open here, if it is marked so.
fn guard_of_closed(marks: &Marks, draft: &CopyDraft) -> Option<TypedName> {
    draft.there?;
    let location = display(&std::path::absolute(&draft.choice.path).unwrap_or_default());
    let mark = marks.at(&location).filter(|mark| mark.is_guarded())?;
    let name = match mark.name.as_str() {
        "" => facts::title(&location),
        name => name.to_owned(),
    };
    Some(TypedName::of(&name))
}

impl Open {
    fn of(session: &Session) -> Self {
        Self {
            id: session.id,
            location: session.models.facts.location.clone(),
            guard: session.models.facts.guard(),
            database: Arc::clone(session.database()),
            _held: session.threads().begin(),
        }
    }

    /// Whether it lies at a path, however that is written.
    fn is_at(&self, path: &Path) -> bool {
        let place = std::fs::canonicalize(path);
        let own = std::fs::canonicalize(&self.location);
        place.is_ok_and(|place| own.is_ok_and(|own| own == place))
    }
}
