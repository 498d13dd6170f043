//! The history of the entry that is shown, where its database keeps earlier versions.

use keyglass_store::{AtomicOperation, Database, EncodedKey};

use super::panel::{PanelModel, Telling};
use crate::content::field_changes::Differences;
use crate::content::past_moments::{MomentName, PastMoment};
use crate::errand::{
    Answer, Compared, Errand, Look, ObservedChange, Read, ReadVersions, Untold, VersionsRead,
};

/// Versions that are read at first, and with each step further.
const PAGE: usize = 50;

/// The history of a key. It is read only while it is shown.
#[derive(Debug, Default)]
pub struct PastVersions {
    is_open: bool,
    key: Option<EncodedKey>,
    most: usize,
    read: Option<Result<VersionsRead, String>>,
    /// A read is under way.
    is_reading: bool,
    /// Something changed since it was asked for.
    reads_again: bool,
    opened: Option<MomentName>,
    with_now: bool,
    /// What was compared last, with the number that was asked for.
    difference: Option<(u64, Differences)>,
    ticket: u64,
    wants: Vec<Errand>,
}

impl PastVersions {
    /// Whether it is shown in place of the value.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Shows it, or the value.
    pub fn set_open(&mut self, is_open: bool) {
        self.is_open = is_open;
        // What is not shown is not renewed.
        self.key = None;
        self.read = None;
    }

    /// Shows the history of another key.
    pub fn show(&mut self, key: &EncodedKey) {
        if self.key.as_ref() != Some(key) {
            self.key = Some(key.clone());
            self.most = PAGE;
            self.read = None;
            self.open(None);
            self.ask();
        }
    }

    /// What was read, or a sentence why nothing was.
    #[must_use]
    pub fn read(&self) -> Option<Result<&VersionsRead, &str>> {
        Some(self.read.as_ref()?.as_ref().map_err(String::as_str))
    }

    /// Reads further versions.
    pub fn read_more(&mut self) {
        self.most = self.most.saturating_add(PAGE);
        self.ask();
    }

    /// The moment that is looked at.
    #[must_use]
    pub fn opened(&self) -> Option<MomentName> {
        self.opened
    }

    /// Whether it is compared with what stands there now.
    #[must_use]
    pub fn is_with_now(&self) -> bool {
        self.with_now
    }

    /// All that differs in the moment that is looked at, once it is known.
    #[must_use]
    pub fn difference(&self) -> Option<&Differences> {
        let (ticket, differences) = self.difference.as_ref()?;
        (*ticket == self.ticket).then_some(differences)
    }

    /// Looks at a moment, or at none.
    pub fn open(&mut self, name: Option<MomentName>) {
        self.opened = name;
        self.with_now = false;
        self.compare();
    }

    /// Compares with what stands there now, or with what stood there before.
    pub fn compare_with_now(&mut self, with_now: bool) {
        self.with_now = with_now;
        self.compare();
    }

    /// What brings a version back, if what stands there is still what was read.
    #[must_use]
    pub fn restore(&self, name: MomentName, now: i64) -> Option<AtomicOperation> {
        let read = self.read.as_ref()?.as_ref().ok()?;
        let past = self.moment(name)?.past.as_ref()?;
        Some(past.restore(read.now, now))
    }

    /// Whether a version would be gone at once if it came back as it was. `now` is in milliseconds since the Unix epoch.
    #[must_use]
    pub fn has_expired(&self, name: MomentName, now: i64) -> bool {
        let past = self.moment(name).and_then(|moment| moment.past.as_ref());
        past.is_some_and(|past| past.has_expired(now))
    }

    fn moment(&self, name: MomentName) -> Option<&PastMoment> {
        let read = self.read.as_ref()?.as_ref().ok()?;
        read.moments.iter().find(|moment| moment.name == name)
    }

    fn ask(&mut self) {
        if self.is_reading {
            self.reads_again = true;
            return;
        }
        let Some(key) = self.key.clone().filter(|_| self.is_open) else {
            return;
        };
        self.is_reading = true;
        let most = self.most;
        self.wants.push(Read::Versions(ReadVersions { key, most }).into());
    }

    fn compare(&mut self) {
        self.ticket += 1;
        let Some(moment) = self.opened.and_then(|name| self.moment(name)) else {
            return;
        };
        let (before, after) = if self.with_now {
            let now = self.read.as_ref().and_then(|read| read.as_ref().ok());
            let now = now
                .and_then(|read| read.moments.first())
                .and_then(|first| first.after.clone());
            (moment.after.clone(), now)
        } else {
            (moment.before.clone(), moment.after.clone())
        };
        let compared = Box::new(Compared {
            before,
            after,
            is_whole: true,
        });
        let ticket = self.ticket;
        self.wants.push(Look::Difference { ticket, compared }.into());
    }

    fn apply(&mut self, asked: &ReadVersions, read: Result<VersionsRead, String>) {
        self.is_reading = false;
        let reads_again = std::mem::take(&mut self.reads_again);
        if self.key.as_ref() == Some(&asked.key) {
            self.read = Some(read);
            if self.opened.is_some_and(|name| self.moment(name).is_none()) {
                self.open(None);
            } else if self.with_now {
                self.compare();
            }
        }
        if reads_again {
            self.ask();
        }
    }
}

impl PanelModel for PastVersions {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.wants)
    }

    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Versions { asked, read } => {
                self.apply(&asked, read.map_err(|error| error.to_string()));
            }
            Answer::Difference { ticket, differences } => self.difference = Some((ticket, differences)),
            other => return Some(other),
        }
        None
    }

    fn take_change(&mut self, change: &ObservedChange) {
        if self.key.as_ref() == Some(&change.key) {
            self.ask();
        }
    }

    fn miss_changes(&mut self, _untold: &Untold, _now: i64) {
        self.ask();
    }

    fn refresh(&mut self) {
        self.ask();
    }
}
