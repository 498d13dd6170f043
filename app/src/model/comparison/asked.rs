//! What shall be compared, while somebody chooses it.

use keyglass_store::{EncodedKey, Key};

use crate::errand::CompareChoice;
use crate::model::database_id::DatabaseId;

/// What is compared with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonPlan {
    /// Where the other database is, and below which key.
    pub choice: CompareChoice,
    /// What the other one is called.
    pub name: String,
    /// The other one, if it was open in this window.
    pub other: Option<DatabaseId>,
}

/// A database that can be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPlace {
    /// What it is called.
    pub name: String,
    /// Its path or URL.
    pub location: String,
    /// The database, if it is open in this window.
    pub open: Option<DatabaseId>,
}

/// A comparison before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareDraft {
    /// Which database is compared.
    pub database: DatabaseId,
    /// The path or URL of the other one, as it is typed.
    pub location: String,
    /// The key below which is compared, as it is typed; everything if it is empty.
    pub prefix: String,
    /// Databases to choose from, open ones first.
    pub known: Vec<KnownPlace>,
    /// Why it cannot begin, as a sentence.
    pub error: Option<String>,
}

impl CompareDraft {
    /// What is to be compared.
    ///
    /// # Errors
    /// Why that cannot be, as a sentence.
    pub fn plan(&self) -> Result<ComparisonPlan, String> {
        let location = self.location.trim();
        if location.is_empty() {
            return Err("Choose a database, or type its path or URL".to_owned());
        }
        let prefix = match self.prefix.trim() {
            "" => EncodedKey::default(),
            text => {
                let key: Key = text.parse().map_err(|error| format!("Not a key: {error}"))?;
                key.encode().map_err(|error| format!("Not a key: {error}"))?
            }
        };
        let known = self.known.iter().find(|known| known.location == location);
        Ok(ComparisonPlan {
            name: known.map_or_else(
                || crate::model::facts::title(location),
                |known| known.name.clone(),
            ),
            other: known.and_then(|known| known.open),
            choice: CompareChoice {
                location: location.to_owned(),
                prefix,
            },
        })
    }
}
