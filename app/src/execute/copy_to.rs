//! What a place to copy to is followed by: a look at it, the dialog of the copy's options, then the copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::connect::Token;
use keyglass_store::open::OpenOptions;
use keyglass_store::{Database, DatabaseKind, EncodedKey, OpenError, Writing};

use crate::app::{App, Event, display};
use crate::dialog::Dialog;
use crate::errand::{CopyChoice, OpenDatabase};
use crate::model::connect::TypedToken;
use crate::model::copy_to::{CopyDraft, CopyServerDraft, KnownServer};
use crate::model::database_id::DatabaseId;
use crate::model::facts;
use crate::model::mark::Marks;
use crate::model::target::Target;
use crate::model::typed_name::TypedName;
use crate::outstanding::UnderWay;
use crate::session::Session;
use crate::threads;
use crate::tokens;

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

    /// Asks to which server to copy; this one, if a URL is given.
    pub(super) fn ask_copy_to_server(&mut self, id: DatabaseId, url: &str) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let own = &session.models.facts.location;
        let recent = self.state.recent.iter().map(|known| &known.location);
        let known = recent.filter(|known| tokens::is_url(known) && *known != own);
        let known = known.map(|url| {
            let mark = self.state.marks.at(url);
            let parts = mark.map(|mark| [mark.name.as_str(), mark.label.as_str()]);
            let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
            KnownServer {
                url: url.clone(),
                name: parts.collect::<Vec<_>>().join(" · "),
            }
        });
        let draft = CopyServerDraft {
            database: id,
            url: url.to_owned(),
            token: TypedToken::default(),
            known: known.collect(),
            is_connecting: false,
            error: None,
        };
        self.dialog = Some(Dialog::CopyServer(Box::new(draft)));
    }

    /// Connects to the server that the open dialog names.
    pub(super) fn connect_to_copy(&mut self, id: DatabaseId) {
        let Some(Dialog::CopyServer(draft)) = &mut self.dialog else {
            return;
        };
        draft.error = None;
        let url = tokens::location(&draft.url).map_err(|error| error.to_string());
        let typed = match draft.token.0.trim() {
            "" => Ok(None),
            text => Token::of_server(text)
                .map(Some)
                .map_err(|error| error.to_string()),
        };
        let (url, typed) = match (url, typed) {
            (Ok(url), Ok(typed)) => (url, typed),
            (Err(error), _) | (_, Err(error)) => {
                draft.error = Some(error);
                return;
            }
        };
        if let Some(open) = self.sessions.at_location(&url) {
            let refused = if open.id == id {
                Some("This is the database itself")
            } else if open.database().capabilities().writing != Writing::Allowed {
                Some("This database is open here and cannot be changed; unlock it first")
            } else {
                None
            };
            if let Some(reason) = refused {
                draft.error = Some(reason.to_owned());
                return;
            }
            let mut draft = Box::new(CopyDraft::new(id, PathBuf::from(url), Some(DatabaseKind::Remote)));
            draft.open = Some(open.id);
            draft.typed = open.models.facts.guard();
            self.dialog = None;
            self.ask_copy_to(draft, None);
            return;
        }
        draft.is_connecting = true;
        if let Some(token) = &typed {
            self.tokens.take(&url, token.clone());
        }
        let options = OpenOptions::new().clock(self.clock.clone()).write_files(true);
        let (known, report) = (self.tokens.clone(), self.reporter());
        let connecting = threads::spawn("connect", move || {
            let opened = known.given(&options, &url).open(&url);
            let opened = opened.map(OpenDatabase);
            report(Event::CopyServer {
                database: id,
                url,
                opened,
            });
        });
        if let (Err(error), Some(Dialog::CopyServer(draft))) = (connecting, &mut self.dialog) {
            draft.is_connecting = false;
            draft.error = Some(error.to_string());
        }
    }

    /// Goes on once the server that the open dialog names is connected to, or says why it is not.
    pub(crate) fn copy_server_answered(
        &mut self,
        id: DatabaseId,
        url: &str,
        opened: Result<OpenDatabase, OpenError>,
    ) {
        let Some(Dialog::CopyServer(draft)) = &mut self.dialog else {
            return;
        };
        let is_it = tokens::location(&draft.url).is_ok_and(|asked| asked == url);
        if !(draft.is_connecting && draft.database == id && is_it) {
            return;
        }
        draft.is_connecting = false;
        let opened = opened.map_err(|error| error.to_string());
        let opened = opened.and_then(|opened| match opened.0.capabilities().writing {
            Writing::Allowed => Ok(opened),
            Writing::Locked => Err("This database cannot be changed".to_owned()),
            Writing::Impossible(reason) => Err(reason),
        });
        match opened {
            Ok(opened) => {
                let mut draft = Box::new(CopyDraft::new(id, PathBuf::from(url), Some(DatabaseKind::Remote)));
                draft.typed = guard_at(&self.state.marks, url);
                draft.connected = Some(opened);
                self.dialog = None;
                self.ask_copy_to(draft, None);
            }
            Err(error) => draft.error = Some(error),
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
        let (open, connected) = match self.dialog.take() {
            Some(Dialog::CopyTo(draft)) => (draft.open, draft.connected),
            _ => (None, None),
        };
        let open = open.and_then(|open| self.sessions.get(open));
        let open = open.map(|session| OpenDatabase(Arc::clone(session.database())));
        let to = connected.or(open);
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
    guard_at(marks, &location)
}

/// What has to be typed before a database at a location is copied into, if it is marked so.
fn guard_at(marks: &Marks, location: &str) -> Option<TypedName> {
    let mark = marks.at(location).filter(|mark| mark.is_guarded())?;
    let name = match mark.name.as_str() {
        "" => facts::title(location),
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
