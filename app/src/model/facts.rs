//! What there is to know of an open database.

use keyglass_store::database::{Capabilities, Database, DatabaseKind, Statistics, Writing};

use super::commit_times::CommitTimes;
use super::panel::{PanelModel, Telling};
use crate::errand::{Answer, Errand, ObservedChange, Read};

/// What there is to know of an open database.
#[derive(Debug)]
pub struct DatabaseFacts {
    /// The name on its tab.
    pub title: String,
    /// Where it is.
    pub location: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Whether the database was deleted, moved away or replaced by something else, so that what is shown is as it was last.
    pub is_gone: bool,
    /// Facts for the status line.
    pub statistics: Statistics,
    /// When something changed last, in milliseconds since the Unix epoch.
    pub changed_at: Option<i64>,
    /// When the last commits were noticed.
    pub commit_times: CommitTimes,
    is_outdated: bool,
}

impl DatabaseFacts {
    /// The kind of database, for a person to read.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self.capabilities.kind {
            DatabaseKind::Embedded => "Keyglass folder",
            DatabaseKind::DenoFile => "Deno file",
            DatabaseKind::Remote => "KV Connect",
        }
    }

    /// Whether it can be written now.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.capabilities.writing == Writing::Allowed
    }

    /// Has the statistics read again.
    pub fn outdate(&mut self) {
        self.is_outdated = true;
    }
}

impl PanelModel for DatabaseFacts {
    fn of(database: &dyn Database) -> Self {
        let location = database.location();
        Self {
            title: title(&location),
            location,
            capabilities: database.capabilities(),
            is_gone: false,
            statistics: Statistics::default(),
            changed_at: None,
            commit_times: CommitTimes::default(),
            is_outdated: true,
        }
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        match std::mem::take(&mut self.is_outdated) {
            true => vec![Read::Statistics.into()],
            false => Vec::new(),
        }
    }

    fn take_answer(&mut self, answer: Answer, telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Statistics(Ok(statistics)) => self.statistics = statistics,
            Answer::Statistics(Err(error)) => telling.notices.error(error.to_string(), telling.now),
            other => return Some(other),
        }
        None
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.changed_at = Some(change.noticed_at);
        self.is_outdated = true;
        if let Some(entry) = &change.after {
            self.commit_times.note(entry.versionstamp, change.noticed_at);
        }
    }

    fn catch_up(&mut self, now: i64) {
        self.changed_at = Some(now);
        self.is_outdated = true;
    }

    fn refresh(&mut self) {
        self.is_outdated = true;
    }

    fn set_gone(&mut self, is_gone: bool, now: i64) {
        self.is_gone = is_gone;
        self.changed_at = Some(now);
    }
}

/// The last part of a path or URL.
fn title(location: &str) -> String {
    let name = location
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(location);
    let stem = name
        .strip_suffix(".sqlite3")
        .or_else(|| name.strip_suffix(".kg"))
        .unwrap_or(name);
    if stem.is_empty() {
        location.to_owned()
    } else {
        stem.to_owned()
    }
}
