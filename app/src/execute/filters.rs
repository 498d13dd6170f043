//! Saved filters: what is listed, under a name.

use crate::app::App;
use crate::dialog::Dialog;
use crate::dialog::filters::FiltersDialog;
use crate::model::database_id::DatabaseId;
use crate::model::notices::{NoticeKind, Offer};
use crate::model::saved_filters::SavedFilter;

impl App {
    pub(super) fn show_filters(&mut self, id: DatabaseId) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let known = session.models.filters.of_query(&session.models.entries.query);
        self.dialog = Some(Dialog::Filters(FiltersDialog {
            database: id,
            name: known.map(|filter| filter.name.clone()).unwrap_or_default(),
            renamed: None,
            error: None,
            removed: None,
        }));
    }

    pub(super) fn save_filter(&mut self, id: DatabaseId, name: &str, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        match session.models.filters.save(name, &session.models.entries.query) {
            Ok(()) => {
                self.dialog = None;
                let told = format!("Filter saved: {}", name.trim());
                self.notices.tell(NoticeKind::Good, told, now);
            }
            Err(error) => self.refuse_name(&error),
        }
    }

    pub(super) fn apply_filter(&mut self, id: DatabaseId, name: &str, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        match session.models.filters.get(name).and_then(|filter| filter.query()) {
            Some(query) => session.list(query),
            None => self
                .notices
                .error(format!("The filter could not be read: {name}"), now),
        }
        self.dialog = None;
    }

    pub(super) fn rename_filter(&mut self, id: DatabaseId, name: &str, to: &str) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        match session.models.filters.rename(name, to) {
            Ok(()) => self.settle_names(),
            Err(error) => self.refuse_name(&error),
        }
    }

    pub(super) fn remove_filter(&mut self, id: DatabaseId, name: &str, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        if let Some(filter) = session.models.filters.remove(name) {
            if let Some(Dialog::Filters(dialog)) = &mut self.dialog {
                dialog.removed = Some((session.models.facts.location.clone(), filter.clone()));
            }
            let undo = Offer::RemovedFilter(session.models.facts.location.clone(), filter);
            let told = format!("Filter removed: {name}");
            self.notices.tell_undoable(told, undo, now);
        }
        self.settle_names();
    }

    fn refuse_name(&mut self, error: &impl ToString) {
        if let Some(Dialog::Filters(dialog)) = &mut self.dialog {
            dialog.error = Some(error.to_string());
        }
    }

    fn settle_names(&mut self) {
        if let Some(Dialog::Filters(dialog)) = &mut self.dialog {
            dialog.error = None;
            dialog.renamed = None;
        }
    }

    /// Undoes the removal of a filter.
    pub(super) fn restore_filter(&mut self, location: &str, filter: SavedFilter, now: i64) {
        let name = filter.name.clone();
        let mut sessions = self.sessions.iter_mut();
        let open = sessions.find(|session| session.models.facts.location == location);
        let filters = match open {
            Some(session) => &mut session.models.filters,
            // Its database was closed meanwhile.
            None => {
                let kept = self.state.sessions.entry(location.to_owned());
                &mut kept.or_default().filters
            }
        };
        match filters.restore(filter) {
            Ok(()) => {
                let told = format!("Filter is back: {name}");
                self.notices.tell(NoticeKind::Good, told, now);
            }
            Err(error) => self.notices.error(format!("{error}: {name}"), now),
        }
        if let Some(Dialog::Filters(dialog)) = &mut self.dialog {
            dialog.removed = None;
        }
    }
}
