//! The command palette.

use crate::action::Asked;
use crate::model::database_id::DatabaseId;

/// What was typed and which row is chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Palette {
    /// What was typed.
    pub text: String,
    /// Which of the matching rows.
    pub chosen: u64,
    /// Where else one can go, besides commands.
    pub places: Vec<Place>,
    /// What its commands are for: the database that was in front when it came up.
    pub database: Option<DatabaseId>,
}

impl Palette {
    /// A palette of commands for a database that offers these places as well.
    #[must_use]
    pub fn with_places(database: Option<DatabaseId>, places: Vec<Place>) -> Self {
        Self {
            database,
            places,
            ..Self::default()
        }
    }
}

/// Another database, or a saved filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// What choosing it does.
    pub text: String,
    /// Its icon.
    pub icon: &'static str,
    /// How to get there.
    pub action: Asked,
}
