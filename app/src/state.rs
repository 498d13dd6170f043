//! What is kept between runs, and only that.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};

use crate::discovery::Places;
use crate::home::{self, NoHome};
use crate::model::columns::TableColumns;
use crate::model::entry_panel::ValueView;
use crate::model::mark::Marks;
use crate::model::saved_session::SavedSession;
use crate::model::sizes::Sizes;
use crate::serving;
use crate::theme::ThemeChoice;

/// What is kept between runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedState {
    /// Dark, light or the system's.
    pub theme: ThemeChoice,
    /// 1 is normal.
    pub text_scale: f32,
    /// Databases opened before, newest first.
    pub recent: Vec<RecentDatabase>,
    /// Databases that were open when Keyglass was closed, in the order of their tabs.
    pub open: Vec<String>,
    /// The one of them that was shown.
    pub front: Option<String>,
    /// Whether the tree is shown.
    pub show_keys: bool,
    /// Whether the entry panel is shown.
    pub show_entry: bool,
    /// Whether the transaction panel is shown.
    pub show_transaction: bool,
    /// How large the window and its panels are.
    pub sizes: Sizes,
    /// The table's columns.
    pub columns: TableColumns,
    /// How values are shown.
    pub value_view: ValueView,
    /// What databases are marked with.
    pub marks: Marks,
    /// Edits and places of each database that is open or recent, by location.
    pub sessions: BTreeMap<String, SavedSession>,
}

/// A database that was opened before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentDatabase {
    /// Its path or URL.
    pub location: String,
    /// What kind of database it is, for a person to read.
    pub kind: String,
    /// What it is called, if not by the end of its location.
    #[serde(default)]
    pub name: Option<String>,
    /// When it was opened last, in milliseconds since the Unix epoch.
    pub opened_at: i64,
}

impl Default for SavedState {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            text_scale: 1.0,
            recent: Vec::new(),
            open: Vec::new(),
            front: None,
            show_keys: true,
            show_entry: true,
            show_transaction: false,
            sizes: Sizes::default(),
            columns: TableColumns::default(),
            value_view: ValueView::Tree,
            marks: Marks::default(),
            sessions: BTreeMap::new(),
        }
    }
}

impl SavedState {
    /// Databases that the welcome page remembers.
    pub const RECENT_LIMIT: usize = 12;

    /// Remembers a database that was opened.
    pub fn remember(&mut self, location: String, kind: &str, name: Option<String>, opened_at: i64) {
        self.recent.retain(|known| known.location != location);
        self.recent.insert(
            0,
            RecentDatabase {
                location,
                kind: kind.to_owned(),
                name,
                opened_at,
            },
        );
        self.recent.truncate(Self::RECENT_LIMIT);
    }

    /// Forgets the places in databases that are neither open nor recent.
    pub fn prune(&mut self) {
        let (recent, open) = (&self.recent, &self.open);
        // Edits and filters that were named are kept for good.
        self.sessions.retain(|location, saved| {
            saved.is_precious()
                || open.contains(location)
                || recent.iter().any(|known| known.location == *location)
        });
    }
}

/// Where Keyglass keeps its files, by the system's customs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Settings.
    pub state_file: PathBuf,
    /// The sample database.
    pub sample: PathBuf,
    /// Where other people's databases may be.
    pub places: Places,
}

impl Folders {
    /// Where entries are written before they are deleted together.
    #[must_use]
    pub fn deleted(&self) -> PathBuf {
        let kept = self.sample.parent();
        kept.map_or_else(std::env::temp_dir, Path::to_owned)
            .join("deleted")
    }

    /// Where the token of a served database is.
    #[must_use]
    pub fn token_file(&self, location: &str) -> Option<PathBuf> {
        let kept = self.sample.parent()?;
        Some(serving::token_file_in(kept, location))
    }

    /// Where such files are, also where there are no folders to keep anything in.
    #[must_use]
    pub fn of_undo_files(folders: Option<&Self>) -> PathBuf {
        folders.map_or_else(|| std::env::temp_dir().join("deleted"), Self::deleted)
    }

    /// The folders of the person who runs this.
    ///
    /// # Errors
    /// If the system does not say where a person's files are.
    pub fn of_person() -> Result<Self, NoHome> {
        let base = home::folders()?;
        Ok(Self {
            state_file: base.config_dir().join("keyglass").join("state.json"),
            sample: base.data_dir().join("keyglass").join("sample.kg"),
            places: Places::of_person(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_remembered_once_and_its_place_as_long_as_it_is_recent() {
        let mut state = SavedState::default();
        state.remember("a".to_owned(), "Deno file", None, 1);
        state.remember("b".to_owned(), "Keyglass folder", Some("b's".to_owned()), 2);
        state.remember("a".to_owned(), "Deno file", None, 3);
        let locations: Vec<&str> = state.recent.iter().map(|known| known.location.as_str()).collect();
        assert_eq!(locations, ["a", "b"]);
        for location in ["a", "old"] {
            state
                .sessions
                .insert(location.to_owned(), SavedSession::default());
        }
        let edited = SavedSession {
            renames: vec![("[1]".to_owned(), "[2]".to_owned())],
            ..SavedSession::default()
        };
        state.sessions.insert("edited".to_owned(), edited);
        state.prune();
        let kept: Vec<&String> = state.sessions.keys().collect();
        assert_eq!(kept, ["a", "edited"]);
    }
}
