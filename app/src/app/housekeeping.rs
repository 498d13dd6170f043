//! What the window does beside its work: keeps the settings, looks at the disk, removes old files.

use std::sync::Arc;

use egui::Context;

use super::{App, Event};
use crate::discovery;
use crate::model::notices::{NoticeKind, Offer};
use crate::model::undo::Direction;
use crate::state::Folders;
use crate::state_file::Unreadable;
use crate::state_merge::{Patch, merge};
use crate::state_writer::StateWriter;
use crate::threads;
use crate::undo_files;

/// How soon after a change settings are written.
const SAVE_DELAY_MILLISECONDS: i64 = 1000;

impl App {
    /// Looks at the disk on a thread of its own, when the welcome page comes up.
    pub(super) fn look_around(&mut self) {
        let shown = self.sessions.is_empty() && self.opening.is_empty();
        let Some(folders) = self.folders.as_ref().filter(|_| self.welcome.wants_look(shown)) else {
            return;
        };
        let places = folders.places.clone();
        let recent: Vec<String> = self
            .state
            .recent
            .iter()
            .map(|known| known.location.clone())
            .collect();
        let report = self.reporter();
        let started = threads::spawn("discovery", move || {
            report(Event::Found(discovery::look(&places, &recent)));
        });
        // Without it the page shows what it knows.
        drop(started);
    }

    /// Remembers how large the window is, to be opened as large again.
    pub(super) fn keep_window_size(&mut self, ctx: &Context) {
        let (fills_screen, maximized) = ctx.input(|input| {
            let viewport = input.viewport();
            let is = |state: Option<bool>| state == Some(true);
            (is(viewport.fullscreen), is(viewport.maximized))
        });
        let sizes = &mut self.state.sizes;
        sizes.maximized = maximized;
        if !fills_screen && !maximized {
            let size = ctx.content_rect().size() * ctx.zoom_factor();
            sizes.keep_window(size.into());
        }
    }

    /// Writes settings a moment after they changed.
    pub(super) fn save_state(&mut self, now: i64) -> Option<i64> {
        if self.opening.is_empty() {
            self.state.open.clear();
            self.state.open.extend(
                self.sessions
                    .all()
                    .iter()
                    .map(|session| session.models.facts.location.clone()),
            );
            self.state.front = self
                .session()
                .map(|session| session.models.facts.location.clone());
        }
        let current = self
            .sessions
            .all()
            .iter()
            .map(|session| (session.models.facts.location.clone(), session.fingerprint()))
            .collect();
        if self.state == *self.saved && self.fingerprints == current {
            return None;
        }
        let since = *self.changed_at.get_or_insert(now);
        if now - since < SAVE_DELAY_MILLISECONDS {
            return Some(since + SAVE_DELAY_MILLISECONDS - now);
        }
        self.fingerprints = current;
        self.write_state();
        None
    }

    pub(super) fn write_state(&mut self) {
        self.changed_at = None;
        for session in self.sessions.all() {
            self.state
                .sessions
                .insert(session.models.facts.location.clone(), session.save_state());
        }
        let base = std::mem::replace(&mut self.saved, Arc::new(self.state.clone()));
        let patch = Patch {
            base,
            own: Arc::clone(&self.saved),
            open: self.open_locations(),
        };
        if let Some(writer) = &mut self.writer {
            writer.write(patch);
        }
    }

    fn open_locations(&self) -> Vec<String> {
        self.sessions
            .all()
            .iter()
            .map(|session| session.models.facts.location.clone())
            .collect()
    }

    /// Takes up what other windows have kept of a database, and all marks, which is about to be shown.
    pub(super) fn take_kept(&mut self, location: &str) {
        let Some(writer) = &self.writer else { return };
        let patch = Patch {
            base: Arc::clone(&self.saved),
            own: Arc::new(self.state.clone()),
            open: self.open_locations(),
        };
        let there = writer.look();
        let marks = there.marks.clone();
        let mut merged = merge(&patch, there);
        // From here on it is what this window knows to stand there.
        let saved = Arc::make_mut(&mut self.saved);
        saved.marks = marks;
        self.state.marks = merged.marks;
        if let Some(kept) = merged.sessions.remove(location) {
            saved.sessions.insert(location.to_owned(), kept.clone());
            self.state.sessions.insert(location.to_owned(), kept);
        }
    }

    /// Tells that the kept settings could not be read.
    pub(super) fn tell_unreadable(&mut self, unreadable: &Unreadable) {
        let Some(folders) = &self.folders else { return };
        let (summary, details) = unreadable.sentence(&folders.state_file);
        self.notices
            .put(NoticeKind::Warning, summary, details, None, self.clock.now());
    }

    /// Whether all settings that were to be written are on the disk.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.writer.as_ref().is_none_or(StateWriter::is_idle)
    }

    /// Starts what writes the settings, and removes files that are no longer wanted.
    pub(super) fn start_housekeeping(&mut self) {
        let Some(folders) = &self.folders else { return };
        let (sender, notifier) = (self.events.0.clone(), self.notifier.clone());
        let troubled = move |trouble| {
            if sender.send(Event::Unwritten(trouble)).is_ok() {
                notifier.answer();
            }
        };
        match StateWriter::start(folders.state_file.clone(), troubled) {
            Ok(writer) => self.writer = Some(writer),
            Err(error) => self.notices.error(error.to_string(), self.clock.now()),
        }
        self.clean_up_undo_files();
    }

    /// Removes old files of what was deleted, on a thread of its own.
    pub(crate) fn clean_up_undo_files(&self) {
        let Some(folder) = self.folders.as_ref().map(Folders::deleted) else {
            return;
        };
        let (now, under_way) = (self.clock.now(), self.outstanding.begin());
        let started = threads::spawn("housekeeping", move || {
            undo_files::clean_up(&folder, now);
            drop(under_way);
        });
        // Without it they stay until the next time.
        drop(started);
    }

    /// Takes away toasts that offer to undo what is undone already.
    pub(super) fn drop_settled_toasts(&mut self) {
        let (notices, sessions) = (&self.notices, self.sessions.all());
        self.toasts.retain(
            |toast| match notices.get(toast.id).and_then(|notice| notice.offer.as_ref()) {
                Some(Offer::Step(id)) => {
                    let step = sessions.iter().find_map(|session| session.models.undo.step(*id));
                    step.is_some_and(|step| step.direction() == Direction::Undo)
                }
                Some(Offer::RemovedFilter(location, filter)) => !sessions.iter().any(|session| {
                    session.models.facts.location == *location
                        && session.models.filters.get(&filter.name).is_some()
                }),
                Some(Offer::Recover(_)) | None => true,
            },
        );
    }
}
