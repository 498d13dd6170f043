//! Saved filters: what is listed, under a name.

use super::Action;
use crate::app::App;
use crate::model::notices::{NoticeKind, Undoable};
use crate::model::saved_filters::SavedFilter;
use crate::panels::dialog::Dialog;
use crate::panels::filters_dialog::FiltersDialog;

impl App {
    pub(super) fn show_filters(&mut self) {
        let Some(session) = self.session() else { return };
        let known = session.filters.of_query(&session.entries.query);
        self.dialog = Some(Dialog::Filters(FiltersDialog {
            name: known.map(|filter| filter.name.clone()).unwrap_or_default(),
            ..FiltersDialog::default()
        }));
    }

    /// Actions of the dialog of saved filters.
    pub(super) fn execute_on_filters(&mut self, action: &Action, now: i64) {
        let Some(session) = self.sessions.get_mut(self.active) else {
            return;
        };
        let result = match action {
            Action::SaveFilter(name) => {
                let saved = session.filters.save(name, &session.entries.query);
                if saved.is_ok() {
                    self.dialog = None;
                    let told = format!("Filter saved: {}", name.trim());
                    self.notices.tell(NoticeKind::Good, told, now);
                }
                saved
            }
            Action::ApplyFilter(name) => {
                match session.filters.get(name).and_then(|filter| filter.query()) {
                    Some(query) => session.list(query),
                    None => self
                        .notices
                        .error(format!("The filter could not be read: {name}"), now),
                }
                self.dialog = None;
                Ok(())
            }
            Action::RenameFilter(name, to) => session.filters.rename(name, to),
            Action::RemoveFilter(name) => {
                if let Some(filter) = session.filters.remove(name) {
                    if let Some(Dialog::Filters(dialog)) = &mut self.dialog {
                        dialog.removed = Some((session.location.clone(), filter.clone()));
                    }
                    let undo = Undoable::RemovedFilter(session.location.clone(), filter);
                    let told = format!("Filter removed: {name}");
                    self.notices.tell_undoable(told, undo, now);
                }
                Ok(())
            }
            _ => return,
        };
        if let Some(Dialog::Filters(dialog)) = &mut self.dialog {
            dialog.error = result.as_ref().err().map(ToString::to_string);
            if result.is_ok() {
                dialog.renamed = None;
            }
        }
    }

    /// Undoes the removal of a filter.
    pub(super) fn restore_filter(&mut self, location: &str, filter: SavedFilter, now: i64) {
        let name = filter.name.clone();
        let open = self
            .sessions
            .iter_mut()
            .find(|session| session.location == location);
        let filters = match open {
            Some(session) => &mut session.filters,
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
