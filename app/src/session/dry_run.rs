//! Dry runs of what is being chosen in a dialog.

use super::Session;
use crate::errand::{ImportChoice, Job, RestoreChoice, Work};
use crate::model::dry_run::DryRun;
use crate::model::models::Models;

/// Where among the models a dry run is.
type Place<Choice, Preview> = fn(&mut Models) -> &mut DryRun<Choice, Preview>;

impl Session {
    /// Finds out what an import would do; an earlier question is dropped.
    pub fn check_import(&mut self, choice: ImportChoice) {
        self.begin_dry_run(
            |models| &mut models.import_check,
            choice,
            |choice| Work::PreviewImport { choice },
        );
    }

    /// Finds out what restoring would do; an earlier question is dropped.
    pub fn check_restore(&mut self, choice: RestoreChoice) {
        self.begin_dry_run(
            |models| &mut models.restore_check,
            choice,
            |choice| Work::PreviewRestore { choice },
        );
    }

    /// No import is being chosen any more.
    pub fn stop_import_check(&mut self) {
        self.stop_dry_run(|models| &mut models.import_check);
    }

    /// Nothing to restore is being chosen any more.
    pub fn stop_restore_check(&mut self) {
        self.stop_dry_run(|models| &mut models.restore_check);
    }

    fn begin_dry_run<Choice: Clone + PartialEq, Preview>(
        &mut self,
        place: Place<Choice, Preview>,
        choice: Choice,
        work: impl FnOnce(Choice) -> Work,
    ) {
        let check = place(&mut self.models);
        if check.choice() == Some(&choice) {
            return;
        }
        if let Some(job) = check.running() {
            self.cancel_job(job);
        }
        let id = self.number();
        place(&mut self.models).begin(id, choice.clone());
        let work = work(choice);
        self.worker.send(Job { id, work }.into());
    }

    fn stop_dry_run<Choice: PartialEq, Preview>(&mut self, place: Place<Choice, Preview>) {
        let check = std::mem::take(place(&mut self.models));
        if let Some(job) = check.running() {
            self.cancel_job(job);
        }
    }
}
