//! A copy to another place before it begins: what is chosen.

use std::path::PathBuf;

use keyglass_store::database::DatabaseKind;
use keyglass_store::open::is_file_name;
use keyglass_store::transfer::Existing;

use super::connect::TypedToken;
use super::database_id::DatabaseId;
use super::typed_name::TypedName;
use crate::errand::{CopyChoice, OpenDatabase};

/// What is made where nothing stands yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewKind {
    /// A Keyglass folder.
    Folder,
    /// One of Deno's files.
    File,
}

/// What is chosen in the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyDraft {
    /// What is copied.
    pub database: DatabaseId,
    /// What stands at the target, found out when it was chosen; `None` if a database is made there.
    pub there: Option<DatabaseKind>,
    /// The database there, if it is open in this window.
    pub open: Option<DatabaseId>,
    /// The database on a server, connected to for the copy.
    pub connected: Option<OpenDatabase>,
    /// The name of what stands there, if that has to be typed first.
    pub typed: Option<TypedName>,
    /// What is chosen.
    pub choice: CopyChoice,
}

impl CopyDraft {
    /// A copy that leaves what stands in the target, and is verified.
    #[must_use]
    pub fn new(database: DatabaseId, path: PathBuf, there: Option<DatabaseKind>) -> Self {
        Self {
            database,
            there,
            open: None,
            connected: None,
            typed: None,
            choice: CopyChoice {
                path,
                existing: Existing::Skip,
                expired: false,
                verify: true,
            },
        }
    }

    /// What is made, by the ending of the name.
    #[must_use]
    pub fn new_kind(&self) -> NewKind {
        if is_file_name(&self.choice.path) {
            NewKind::File
        } else {
            NewKind::Folder
        }
    }

    /// Makes the other kind, under a name with its ending.
    pub fn make(&mut self, kind: NewKind) {
        if kind != self.new_kind() {
            self.choice.path.set_extension(match kind {
                NewKind::Folder => "kg",
                NewKind::File => "sqlite3",
            });
        }
    }
}

/// A server to copy to before it is connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyServerDraft {
    /// What is copied.
    pub database: DatabaseId,
    /// The address.
    pub url: String,
    /// The token; empty for the one that is kept, or that the environment has.
    pub token: TypedToken,
    /// Connections that are remembered.
    pub known: Vec<KnownServer>,
    /// It is being connected to.
    pub is_connecting: bool,
    /// Why it was not, as a sentence.
    pub error: Option<String>,
}

/// A connection that is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownServer {
    /// The address.
    pub url: String,
    /// Its name and label, where it has them.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_follows_from_the_ending_and_gives_one() {
        let mut draft = CopyDraft::new(DatabaseId::unique(), PathBuf::from("a/shop.kg"), None);
        assert_eq!(draft.new_kind(), NewKind::Folder);
        draft.make(NewKind::File);
        assert_eq!(draft.choice.path, PathBuf::from("a/shop.sqlite3"));
        assert_eq!(draft.new_kind(), NewKind::File);
        draft.make(NewKind::File);
        draft.make(NewKind::Folder);
        assert_eq!(draft.choice.path, PathBuf::from("a/shop.kg"));
    }
}
