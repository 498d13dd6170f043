//! Jobs that run, for the status line.

use keyglass_store::Database;

use super::panel::PanelModel;

/// A job that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RunningJob {
    /// Names it.
    pub id: u64,
    /// What it does, such as `Exporting to shop.ndjson`.
    pub label: String,
    /// Entries that it has done.
    pub entries: u64,
    /// How much of its file it has read, from 0 to 1, where that is known.
    pub fraction: Option<f32>,
}

/// Jobs that run, the oldest first.
#[derive(Debug, Default)]
pub struct Jobs(Vec<RunningJob>);

impl Jobs {
    /// A job has begun.
    pub fn begin(&mut self, id: u64, label: String) {
        self.0.push(RunningJob {
            id,
            label,
            entries: 0,
            fraction: None,
        });
    }

    /// A job has ended.
    pub fn end(&mut self, id: u64) {
        self.0.retain(|job| job.id != id);
    }

    /// Whether none runs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that run.
    pub fn iter(&self) -> impl Iterator<Item = &RunningJob> {
        self.0.iter()
    }

    /// The same, to note how far they are.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut RunningJob> {
        self.0.iter_mut()
    }
}

impl PanelModel for Jobs {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }
}
