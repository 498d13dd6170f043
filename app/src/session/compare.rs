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

    /// Stops the comparison; what differs so far is shown, and nothing if the other database is not open yet.
    pub fn cancel_comparison(&mut self) {
        match self.models.comparison.job() {
            Some(job) => self.cancel_job(job),
            None => self.models.comparison.cancel_opening(),
        }
    }
}
