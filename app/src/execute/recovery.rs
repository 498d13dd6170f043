//! What is left of a damaged file: asks where to put it, and stops.

use std::path::{Path, PathBuf};

use crate::action::PathPurpose;
use crate::app::App;

impl App {
    /// Asks where to put what is left of a damaged file.
    pub(super) fn ask_recover(&mut self, damaged: PathBuf) {
        let name = damaged.file_stem().unwrap_or_default().to_string_lossy();
        // The ending says that it becomes one of Deno's files.
        let name = format!("{name}-recovered.sqlite3");
        self.ask_path("Recover into a new file", PathPurpose::Recover(damaged), &name);
    }

    /// Stops a recovery; what it has stored stays.
    pub(super) fn stop_recovery(&mut self, to: &Path) {
        for recovering in self.recoveries.iter().filter(|recovering| recovering.to == to) {
            recovering.progress.cancel();
        }
    }
}
