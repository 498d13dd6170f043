//! The open databases in the order of their tabs, and which of them is in front.

use super::Session;
use crate::model::database_id::DatabaseId;

/// The open databases. Each is named by its id: its place changes while others are opened and closed.
#[derive(Default)]
pub struct Sessions {
    list: Vec<Session>,
    front: Option<DatabaseId>,
}

impl Sessions {
    /// All of them, in the order of their tabs.
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

    /// Which one is in front.
    #[must_use]
    pub fn front_id(&self) -> Option<DatabaseId> {
        self.front
    }

    /// The one in front.
    #[must_use]
    pub fn front(&self) -> Option<&Session> {
        self.get(self.front?)
    }

    /// The same, to change it.
    pub fn front_mut(&mut self) -> Option<&mut Session> {
        self.get_mut(self.front?)
    }

    /// Brings one to the front, if it is open.
    pub fn show(&mut self, id: DatabaseId) {
        if self.get(id).is_some() {
            self.front = Some(id);
        }
    }

    /// Brings the one to the front that is so many tabs on, from the last one to the first.
    pub fn turn(&mut self, tabs: usize) {
        let front = self
            .list
            .iter()
            .position(|session| Some(session.id) == self.front);
        if let Some(next) = front.and_then(|front| (front + tabs).checked_rem(self.list.len())) {
            self.front = self.list.get(next).map(|session| session.id);
        }
    }

    /// Brings the tab before the front one to the front.
    pub fn turn_back(&mut self) {
        self.turn(self.list.len().saturating_sub(1));
    }

    /// Adds one as the last tab, in front of the others.
    pub fn push(&mut self, session: Session) {
        self.front = Some(session.id);
        self.list.push(session);
    }

    /// Adds one as the tab after so many others; it comes to the front if nothing else stands there.
    pub fn insert(&mut self, after: usize, session: Session) {
        let id = session.id;
        self.list.insert(after.min(self.list.len()), session);
        self.front = self.front.or(Some(id));
    }

    /// Takes one out. If it was in front, its neighbour on the left comes there.
    pub fn remove(&mut self, id: DatabaseId) -> Option<Session> {
        let at = self.list.iter().position(|session| session.id == id)?;
        let session = self.list.remove(at);
        if self.front == Some(id) {
            let neighbour = self.list.get(at.saturating_sub(1));
            self.front = neighbour.map(|session| session.id);
        }
        Some(session)
    }
}
