//! Where the palette can go besides commands.

use crate::action::{Action, AppAction, Asked, DatabaseAction};
use crate::app::App;
use crate::dialog::Dialog;
use crate::dialog::palette::{Palette, Place};
use crate::model::database_id::DatabaseId;
use crate::theme::icons;

impl App {
    /// Opens the palette: other open databases, recent ones and saved filters are offered, too.
    pub(super) fn show_palette(&mut self, database: Option<DatabaseId>) {
        let place = |text: String, icon: &'static str, action: Asked| Place { text, icon, action };
        let others = self.sessions.all().iter();
        let others = others.filter(|session| Some(session.id) != self.sessions.front_id());
        let mut places: Vec<Place> = others
            .map(|session| {
                let text = format!("Show {}", session.models.facts.title);
                place(text, icons::DATABASE, AppAction::Activate(session.id).into())
            })
            .collect();
        if let Some(session) = database.and_then(|database| self.sessions.get(database)) {
            places.extend(session.models.filters.iter().map(|filter| {
                let action = Action::On(session.id, DatabaseAction::ApplyFilter(filter.name.clone()));
                place(format!("List {}", filter.name), icons::BOOKMARK, action.into())
            }));
        }
        let is_open = |location: &String| self.sessions.at_location(location).is_some();
        let recent = self.state.recent.iter().filter(|known| !is_open(&known.location));
        places.extend(recent.map(|known| {
            let name = known.name.as_ref().unwrap_or(&known.location);
            let action = AppAction::Open(known.location.clone());
            place(format!("Open {name}"), icons::CLOCK, action.into())
        }));
        self.dialog = Some(Dialog::Palette(Palette::with_places(database, places)));
    }
}
