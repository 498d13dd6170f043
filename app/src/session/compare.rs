//! Comparing the database with another one.

use super::Session;
use crate::errand::{CompareChoice, OpenDatabase, Work};

impl Session {
    /// Begins to compare with a database that was opened.
    pub fn start_comparison(&mut self, name: &str, choice: CompareChoice, other: OpenDatabase) {
        let id = self.number();
        self.models.comparison.started(id);
        let label = format!("Comparing with {name}");
        self.start_numbered_job(id, label, Work::Compare { choice, other });
    }
}
