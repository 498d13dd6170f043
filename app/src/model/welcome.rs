//! What the welcome page knows of the databases that it offers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What was found where a database is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is there, with this many bytes.
    There(u64),
    /// Nothing is there.
    Missing,
}

/// A store that Deno keeps by itself for a program that opens one without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnStore {
    /// Its file.
    pub location: String,
    /// The project that it belongs to, if that was found: the name of its folder.
    pub project: Option<String>,
    /// The file of the project that names it, such as its `deno.json`.
    pub project_file: Option<String>,
    /// Bytes of the file and its log.
    pub bytes: u64,
    /// When it was written last, in milliseconds since the Unix epoch.
    pub written_at: Option<i64>,
}

/// What a look at the disk found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Of each recent database.
    pub recent: HashMap<String, Standing>,
    /// Deno's own stores, those of known projects first and then the newest first.
    pub own_stores: Vec<OwnStore>,
}

/// What the welcome page knows.
#[derive(Debug, Default)]
pub struct Welcome {
    found: Option<Found>,
    asked: bool,
    damaged: Option<DamagedFile>,
}

/// A file that was not opened because it is damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedFile {
    /// What is wrong, in a sentence.
    pub sentence: String,
    /// The file.
    pub path: PathBuf,
}

impl Welcome {
    /// Whether to look at the disk now: once each time the page comes up.
    pub fn wants_look(&mut self, shown: bool) -> bool {
        let wants = shown && !self.asked;
        self.asked = shown;
        wants
    }

    /// Takes what a look found.
    pub fn apply(&mut self, found: Found) {
        self.found = Some(found);
    }

    /// A file was not opened because it is damaged.
    pub fn remember_damaged(&mut self, sentence: String, path: PathBuf) {
        self.damaged = Some(DamagedFile { sentence, path });
    }

    /// What is left of a damaged file is open.
    pub fn forget_damaged(&mut self, path: &Path) {
        self.damaged.take_if(|damaged| damaged.path == path);
    }

    /// The last file that was not opened because it is damaged.
    #[must_use]
    pub fn damaged(&self) -> Option<&DamagedFile> {
        self.damaged.as_ref()
    }

    /// What was found, or nothing while the first look goes on.
    #[must_use]
    pub fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_is_looked_at_once_each_time_the_page_comes_up() {
        let mut welcome = Welcome::default();
        assert!(welcome.wants_look(true));
        assert!(!welcome.wants_look(true));
        assert!(!welcome.wants_look(false));
        assert!(welcome.wants_look(true));
    }
}
