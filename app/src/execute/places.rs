//! Where the palette can go besides commands.

use crate::app::App;
use crate::execute::Action;
use crate::panels::dialog::{Dialog, Palette, Place};
use crate::theme::icons;

impl App {
    /// Opens the palette: other open databases, recent ones and saved filters are offered, too.
    pub(super) fn show_palette(&mut self) {
        let place = |text: String, icon: &'static str, action: Action| Place { text, icon, action };
        let sessions = self.sessions.iter().enumerate();
        let others = sessions.filter(|(index, _)| *index != self.active);
        let mut places: Vec<Place> = others
            .map(|(index, session)| {
                let text = format!("Show {}", session.title);
                place(text, icons::DATABASE, Action::Activate(index))
            })
            .collect();
        if let Some(session) = self.session() {
            places.extend(session.filters.iter().map(|filter| {
                let action = Action::ApplyFilter(filter.name.clone());
                place(format!("List {}", filter.name), icons::BOOKMARK, action)
            }));
        }
        let is_open = |location: &String| self.sessions.iter().any(|session| session.location == *location);
        let recent = self.state.recent.iter().filter(|known| !is_open(&known.location));
        places.extend(recent.map(|known| {
            let name = known.name.as_ref().unwrap_or(&known.location);
            let action = Action::Open(known.location.clone());
            place(format!("Open {name}"), icons::CLOCK, action)
        }));
        self.dialog = Some(Dialog::Palette(Palette::with_places(places)));
    }
}
