//! What the window is drawn from.

use super::App;
use crate::dialog::Dialog;
use crate::panels::layout::{DrawnDatabase, Window};
use crate::panels::views::Views;

impl App {
    /// How the panels in the front tab are looked at, once they were drawn.
    #[must_use]
    pub fn views(&self) -> Option<&Views> {
        self.views.get(&self.sessions.front_tab()?.id)
    }

    /// The same, to change it.
    pub fn views_mut(&mut self) -> Option<&mut Views> {
        Some(self.views.entry(self.sessions.front_tab()?.id).or_default())
    }

    /// All that is drawn now.
    pub(super) fn window(&mut self) -> Window<'_> {
        let front = self.sessions.front_id();
        let tab = self.sessions.front_tab().map(|tab| tab.id);
        let environment = self.environment(front);
        let of_dialog = self.dialog.as_ref().map(Dialog::database);
        let of_dialog = of_dialog.map(|database| match database {
            Some(database) => self.environment(Some(database)),
            None => environment.clone(),
        });
        let is_new = self.is_new_here();
        let databases = self.sessions.iter_mut().map(|session| DrawnDatabase {
            id: session.id,
            asked: session.asked.counted(),
            models: &mut session.models,
        });
        Window {
            now: self.clock.now(),
            databases: databases.collect(),
            front,
            views: tab.map(|tab| self.views.entry(tab).or_default()),
            environment,
            opening: &self.opening,
            state: &mut self.state,
            layout: &mut self.layout,
            notices: &mut self.notices,
            toasts: &mut self.toasts,
            welcome: &self.welcome,
            is_new,
            dialog: self.dialog.as_mut().zip(of_dialog),
        }
    }
}
