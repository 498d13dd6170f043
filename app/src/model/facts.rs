//! What there is to know of an open database.

use std::hash::{DefaultHasher, Hash as _};

use keyglass_store::database::{
    Capabilities, Counted, Database, DatabaseKind, Metered, Reading, Statistics, Writing,
};
use keyglass_store::{LastingId, LockOwner};

use super::commit_times::CommitTimes;
use super::mark::Mark;
use super::notices::NoticeKind;
use super::panel::{PanelModel, Telling};
use super::saved_session::SavedSession;
use super::typed_name::TypedName;
use crate::errand::{Access, Answer, Errand, ObservedChange, Read, Write};

/// Where reads are paid for, more entries than these are not read together unasked.
pub const ASKED_ABOVE: u64 = 100_000;

/// What there is to know of an open database.
#[derive(Debug)]
pub struct DatabaseFacts {
    /// The name on its tab.
    pub title: String,
    /// What it is called without a mark.
    own_name: String,
    /// What it is marked with.
    mark: Option<Mark>,
    /// Its id, where it has one.
    pub id: Option<LastingId>,
    /// Where it is.
    pub location: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// The process that has it, where that is another one through which it is reached.
    pub owner: Option<LockOwner>,
    /// Whether the database was deleted, moved away or replaced by something else, or its owner has gone, so that what is
    /// shown is as it was last.
    pub is_gone: bool,
    /// Facts for the status line.
    pub statistics: Statistics,
    /// What was asked of a server, where that is counted.
    pub metered: Option<Metered>,
    /// When something changed last, in milliseconds since the Unix epoch.
    pub changed_at: Option<i64>,
    /// When the last commits were noticed.
    pub commit_times: CommitTimes,
    /// Whether it is unlocked as soon as it is opened again.
    pub unlocks_next_time: bool,
    wants_unlock: bool,
    wants_access: Option<Access>,
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

    /// How this window has it, for a person to read: the kind, or through whom.
    #[must_use]
    pub fn access_name(&self) -> String {
        match &self.owner {
            None => self.kind_name().to_owned(),
            Some(owner) => {
                let name = owner.name.as_deref().unwrap_or("another process");
                format!("attached to {name}, pid {}", owner.process)
            }
        }
    }

    /// Why what is shown is as it was last, while it is gone.
    #[must_use]
    pub fn why_gone(&self) -> String {
        match &self.owner {
            None if self.is_on_server() => "The server is not reached".to_owned(),
            None => "The database was deleted, moved away or replaced by something else".to_owned(),
            Some(LockOwner { process, name }) => {
                let name = name.as_deref().unwrap_or("The process");
                format!("{name} (pid {process}), which had this database open, has ended or closed it")
            }
        }
    }

    /// What it is marked with.
    #[must_use]
    pub fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// What it is called without a mark.
    #[must_use]
    pub fn own_name(&self) -> &str {
        &self.own_name
    }

    /// Calls it so, unless its mark has a name.
    pub fn set_own_name(&mut self, name: String) {
        self.own_name = name;
        self.renew_title();
    }

    /// Marks it, or not. One that opens locked is locked at once.
    pub fn set_mark(&mut self, mark: Option<Mark>) {
        self.mark = mark;
        self.renew_title();
        if self.opens_locked() {
            self.lock();
        }
    }

    fn renew_title(&mut self) {
        let name = self.mark.as_ref().map(|mark| &mark.name);
        let name = name.filter(|name| !name.is_empty());
        self.title.clone_from(name.unwrap_or(&self.own_name));
    }

    fn opens_locked(&self) -> bool {
        self.mark.as_ref().is_some_and(Mark::opens_locked)
    }

    /// What has to be typed before it is unlocked or changed in bulk, if it is guarded.
    #[must_use]
    pub fn guard(&self) -> Option<TypedName> {
        let is_guarded = self.mark.as_ref().is_some_and(Mark::is_guarded);
        is_guarded.then(|| TypedName::of(&self.title))
    }

    /// Whether it is on a server.
    #[must_use]
    pub fn is_on_server(&self) -> bool {
        self.capabilities.kind == DatabaseKind::Remote
    }

    /// What is wrong between here and the server now, as a sentence.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.metered.as_ref()?.trouble.as_deref()
    }

    /// Whether somebody is asked before so much is read as this: reads are paid for, and these are many, or nobody knows.
    #[must_use]
    pub fn asks_before_reading(&self, counted: Option<Counted>) -> bool {
        let is_little = |counted: Counted| counted.complete && counted.entries <= ASKED_ABOVE;
        self.capabilities.reading == Reading::Metered && !counted.is_some_and(is_little)
    }

    /// Whether it can be written now.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.capabilities.writing == Writing::Allowed
    }

    /// Forbids writing. It is told as locked from here on, so that nothing more is sent to it.
    pub fn lock(&mut self) {
        self.unlocks_next_time = false;
        if self.is_writable() {
            self.capabilities.writing = Writing::Locked;
        }
        self.wants_access = Some(Access::Lock);
    }

    /// Asks the database again what it can do.
    pub fn look_at_access(&mut self) {
        self.wants_access.get_or_insert(Access::Look);
    }

    /// Says what a program has done to what the database can hold, or that it can be changed no more.
    fn tell_migration(&self, before: &Capabilities, telling: &mut Telling<'_>) {
        let now = &self.capabilities;
        if self.is_gone || self.owner.is_some() {
            return;
        }
        let told = match &now.writing {
            Writing::Impossible(reason) if !matches!(before.writing, Writing::Impossible(_)) => {
                Some((NoticeKind::Warning, reason.as_str()))
            }
            _ if (before.expiry, before.queue) != (now.expiry, now.queue) => {
                let text = "Another Deno has changed what this file can hold, which is shown now";
                Some((NoticeKind::Info, text))
            }
            _ => None,
        };
        if let Some((kind, text)) = told {
            telling
                .notices
                .tell(kind, format!("{text}: {}", self.location), telling.now);
        }
    }

    /// Has the statistics read again.
    pub fn outdate(&mut self) {
        self.is_outdated = true;
    }
}

impl PanelModel for DatabaseFacts {
    fn of(database: &dyn Database) -> Self {
        let location = database.location();
        let own_name = title(&location);
        Self {
            title: own_name.clone(),
            own_name,
            mark: None,
            id: database.id(),
            location,
            capabilities: database.capabilities(),
            owner: database.owner(),
            is_gone: false,
            statistics: Statistics::default(),
            metered: None,
            changed_at: None,
            commit_times: CommitTimes::default(),
            unlocks_next_time: false,
            wants_unlock: false,
            wants_access: None,
            is_outdated: true,
        }
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        let statistics = std::mem::take(&mut self.is_outdated).then(|| Read::Statistics.into());
        let unlock = std::mem::take(&mut self.wants_unlock);
        let unlock = unlock.then(|| Write::Unlock { copy_to: None }.into());
        let access = self.wants_access.take().map(Errand::from);
        statistics.into_iter().chain(unlock).chain(access).collect()
    }

    fn take_answer(&mut self, answer: Answer, telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Access {
                capabilities,
                owner,
                result,
            } => {
                let before = std::mem::replace(&mut self.capabilities, *capabilities);
                self.tell_migration(&before, telling);
                self.owner = owner;
                if let Err(error) = result {
                    telling.notices.error(error.to_string(), telling.now);
                }
            }
            Answer::Metered(metered) => self.metered = Some(*metered),
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
        // Another program may have changed what it can do.
        self.look_at_access();
    }

    fn refresh(&mut self) {
        self.is_outdated = true;
    }

    fn set_gone(&mut self, is_gone: bool, now: i64) {
        self.is_gone = is_gone;
        self.changed_at = Some(now);
    }

    fn keep(&self, saved: &mut SavedSession) {
        saved.unlocked = self.unlocks_next_time;
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        if saved.unlocked && !self.opens_locked() && self.capabilities.writing == Writing::Locked {
            self.unlocks_next_time = true;
            self.wants_unlock = true;
        }
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        self.unlocks_next_time.hash(hasher);
    }
}

/// The last part of a path or URL.
#[must_use]
pub fn title(location: &str) -> String {
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
