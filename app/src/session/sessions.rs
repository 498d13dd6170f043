//! The open databases, the tabs of the window that show them, and which tab is in front.

use super::Session;
use crate::model::database_id::DatabaseId;
use crate::model::window_tab::{TabId, WindowTab};

/// The open databases and the tabs that show them. Both are named by ids: their places change while others are opened
/// and closed.
#[derive(Default)]
pub struct Sessions {
    /// In the order of the tabs.
    list: Vec<Session>,
    tabs: Vec<WindowTab>,
    front: Option<TabId>,
}

impl Sessions {
    /// All databases, in the order of their tabs.
    #[must_use]
    pub fn all(&self) -> &[Session] {
        &self.list
    }

    /// The same, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.list.iter_mut()
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether several are open.
    #[must_use]
    pub fn are_many(&self) -> bool {
        self.list.len() > 1
    }

    /// One of them, while it is open.
    #[must_use]
    pub fn get(&self, id: DatabaseId) -> Option<&Session> {
        self.list.iter().find(|session| session.id == id)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, id: DatabaseId) -> Option<&mut Session> {
        self.list.iter_mut().find(|session| session.id == id)
    }

    /// The one at a location.
    #[must_use]
    pub fn at_location(&self, location: &str) -> Option<&Session> {
        self.list
            .iter()
            .find(|session| session.models.facts.location == location)
    }

    /// The tabs in their order.
    #[must_use]
    pub fn tabs(&self) -> &[WindowTab] {
        &self.tabs
    }

    /// The tab in front.
    #[must_use]
    pub fn front_tab(&self) -> Option<&WindowTab> {
        self.tabs.iter().find(|tab| Some(tab.id) == self.front)
    }

    /// The database that the tab in front shows, the first one if it shows several: commands are for that one.
    #[must_use]
    pub fn front_id(&self) -> Option<DatabaseId> {
        self.front_tab()?.shown.first().copied()
    }

    /// The same database itself.
    #[must_use]
    pub fn front(&self) -> Option<&Session> {
        self.get(self.front_id()?)
    }

    /// The same, to change it.
    pub fn front_mut(&mut self) -> Option<&mut Session> {
        self.get_mut(self.front_id()?)
    }

    /// Brings a tab to the front that shows this database, if it is open.
    pub fn show(&mut self, id: DatabaseId) {
        let tab = self.tabs.iter().find(|tab| tab.shown.contains(&id));
        self.front = tab.map(|tab| tab.id).or(self.front);
    }

    /// Brings a tab to the front, if there is one of this name.
    pub fn show_tab(&mut self, id: TabId) {
        if self.tabs.iter().any(|tab| tab.id == id) {
            self.front = Some(id);
        }
    }

    /// Brings the tab to the front that is so many on, from the last one to the first.
    pub fn turn(&mut self, tabs: usize) {
        let front = self.tabs.iter().position(|tab| Some(tab.id) == self.front);
        if let Some(next) = front.and_then(|front| (front + tabs).checked_rem(self.tabs.len())) {
            self.front = self.tabs.get(next).map(|tab| tab.id);
        }
    }

    /// Brings the tab before the front one to the front.
    pub fn turn_back(&mut self) {
        self.turn(self.tabs.len().saturating_sub(1));
    }

    /// Adds a database with a tab of its own, the last one, in front of the others.
    pub fn push(&mut self, session: Session) {
        let tab = WindowTab::of(session.id);
        self.front = Some(tab.id);
        self.tabs.push(tab);
        self.list.push(session);
    }

    /// Adds a database whose tab stands after so many others; it comes to the front if nothing else stands there.
    pub fn insert(&mut self, after: usize, session: Session) {
        let tab = WindowTab::of(session.id);
        self.front = self.front.or(Some(tab.id));
        self.tabs.insert(after.min(self.tabs.len()), tab);
        self.list.insert(after.min(self.list.len()), session);
    }

    /// Takes one out, and tabs that show nothing any more. If what is in front goes, its neighbour on the left comes
    /// there.
    pub fn remove(&mut self, id: DatabaseId) -> Option<Session> {
        let at = self.list.iter().position(|session| session.id == id)?;
        let session = self.list.remove(at);
        let front = self.tabs.iter().position(|tab| Some(tab.id) == self.front);
        for tab in &mut self.tabs {
            tab.shown.retain(|shown| *shown != id);
        }
        self.tabs.retain(|tab| !tab.shown.is_empty());
        if self.front_tab().is_none() {
            let neighbour = front.and_then(|front| self.tabs.get(front.saturating_sub(1)));
            self.front = neighbour.map(|tab| tab.id);
        }
        Some(session)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use keyglass_store::embedded::Store;

    use super::*;
    use crate::worker::Notifier;

    #[test]
    fn a_tab_of_several_databases_stays_until_the_last_one_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let start = |name: &str| {
            let store = Store::create(folder.path().join(name)).unwrap();
            Session::start(Arc::new(store), &Notifier::new(Arc::new(|_| {}))).unwrap()
        };
        let mut sessions = Sessions::default();
        let [one, other, third] = ["one.kg", "other.kg", "third.kg"].map(|name| {
            sessions.push(start(name));
            sessions.front_id().unwrap()
        });
        let both = sessions.tabs[0].id;
        sessions.tabs[0].shown.push(other);
        sessions.tabs.remove(1);
        sessions.show(other);
        assert_eq!(sessions.front_tab().unwrap().id, both);
        assert!(sessions.remove(one).is_some());
        assert_eq!(
            (sessions.front_tab().unwrap().id, sessions.front_id()),
            (both, Some(other))
        );
        assert!(sessions.remove(other).is_some());
        assert_eq!(sessions.front_id(), Some(third));
        sessions.show_tab(both);
        assert_eq!(sessions.front_id(), Some(third), "that tab is gone");
    }
}
