//! Watches that notify: what they wait for, and what has to be told of them.
//!
//! Changes wait here until a thread has looked which of them make a condition true. What it finds is told a second later
//! together with all that comes in that time, and then not again for ten, so that a burst is one notification with a count.

use std::hash::{DefaultHasher, Hash as _};

use keyglass_store::{Before, Change};

use crate::content::change_kind::ChangeKind;
use crate::content::condition::{Condition, ConditionError};
use crate::errand::{CommandRan, Errand, Judged, Notify, Verdict};
use crate::exec::Occasion;
use crate::format;
use crate::model::notification::NotificationChoice;
use crate::model::target::Target;

/// Milliseconds for which further changes are waited for before something is told.
const GATHERING: i64 = 1000;
/// Milliseconds from one notification of a watch to its next.
const INTERVAL: i64 = 10_000;
/// Changes that wait to be looked at, and bytes of their keys and values.
const WAITING: usize = 10_000;
const WAITING_BYTES: usize = 32 << 20;

/// A watch that notifies.
#[derive(Debug)]
pub struct WatchNotification {
    /// Which keys.
    pub target: Target,
    /// What it does, and when.
    pub choice: NotificationChoice,
    /// What became of its command last.
    pub last_run: Option<CommandRan>,
    /// Names it.
    id: u64,
    name: String,
    condition: Result<Option<Condition>, ConditionError>,
    is_running: bool,
    to_tell: Gathered,
    to_run: Gathered,
}

/// What was found and is not told yet.
#[derive(Debug, Default)]
struct Gathered {
    changes: u64,
    last: Option<Verdict>,
    /// Whether there were changes that nobody looked at.
    missed: bool,
    since: i64,
    told_at: Option<i64>,
}

impl Gathered {
    fn add(&mut self, verdict: &Verdict, now: i64) {
        if self.last.is_none() {
            self.since = now;
        }
        self.changes += verdict.changes;
        self.last = Some(verdict.clone());
    }

    /// Milliseconds until it is told, if there is anything.
    fn due_in(&self, now: i64) -> Option<i64> {
        self.last.as_ref()?;
        let gathered = self.since.saturating_add(GATHERING);
        let apart = self.told_at.map_or(i64::MIN, |at| at.saturating_add(INTERVAL));
        // Where the clock was set back, nothing waits longer than an interval.
        Some(gathered.max(apart).saturating_sub(now).clamp(0, INTERVAL))
    }

    fn take(&mut self, now: i64) -> Option<(u64, Verdict, bool)> {
        if self.due_in(now)? > 0 {
            return None;
        }
        self.told_at = Some(now);
        let changes = std::mem::take(&mut self.changes);
        let missed = std::mem::take(&mut self.missed);
        Some((changes, self.last.take()?, missed))
    }
}

/// What is to be told a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What has happened, in a sentence.
    pub summary: String,
    /// What the last change did; may be empty.
    pub differences: String,
    /// In the window.
    pub notice: bool,
    /// By the system.
    pub system: bool,
}

impl WatchNotification {
    /// Why its condition cannot be read, if so.
    #[must_use]
    pub fn trouble(&self) -> Option<&ConditionError> {
        self.condition.as_ref().err()
    }

    /// Whether its command runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.is_running
    }

    /// What became of its command last, as a clause.
    #[must_use]
    pub fn last_run(&self) -> Option<String> {
        Some(match self.last_run.as_ref()? {
            Ok(ran) => ran.told(),
            Err(reason) => format!("could not be run ({reason})"),
        })
    }

    fn summary(&self, changes: u64, last: &Verdict, missed: bool) -> String {
        let key = last.last.key.to_string();
        let condition = self.choice.condition.trim();
        let text = match (changes, condition) {
            (1, "") => match ChangeKind::of(&last.last.before, last.last.after.as_ref(), last.at) {
                ChangeKind::Expired => format!("{key} has expired"),
                kind => format!("{key} was {}", kind.word()),
            },
            (_, "") if key == self.name => {
                format!("{} of {key}", format::counted(changes, "change", "changes"))
            }
            (_, "") => format!(
                "{} of {}, the last of {key}",
                format::counted(changes, "change", "changes"),
                self.name
            ),
            (1, _) => format!("{key}: {condition} has become true"),
            (_, _) if key == self.name => format!("{key}: {condition} has become true {changes} times"),
            (_, _) => format!(
                "{}: {condition} has become true {changes} times, the last time of {key}",
                self.name
            ),
        };
        match missed {
            true => format!("{text}; further changes came faster than they could be looked at"),
            false => text,
        }
    }
}

/// All watches of a database that notify.
#[derive(Debug, Default)]
pub struct Notifications {
    list: Vec<WatchNotification>,
    last_id: u64,
    waiting: Vec<Judged>,
    waiting_bytes: usize,
    /// Whether a thread looks at some.
    is_judging: bool,
    wanted: Vec<Errand>,
    /// Commands that failed, as sentences.
    failed: Vec<String>,
}

impl Notifications {
    /// That of a watch, if it has one.
    #[must_use]
    pub fn of(&self, target: &Target) -> Option<&WatchNotification> {
        self.list.iter().find(|known| known.target == *target)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &WatchNotification> {
        self.list.iter()
    }

    /// Sets what a watch of this name does, or that it does nothing.
    pub fn set(&mut self, target: &Target, name: String, choice: Option<NotificationChoice>) {
        self.list.retain(|known| known.target != *target);
        let Some(choice) = choice else { return };
        self.last_id += 1;
        self.list.push(WatchNotification {
            target: target.clone(),
            condition: choice.read_condition(),
            choice,
            last_run: None,
            id: self.last_id,
            name,
            is_running: false,
            to_tell: Gathered::default(),
            to_run: Gathered::default(),
        });
    }

    /// Takes a change that was noticed at a moment, in milliseconds since the Unix epoch.
    pub(super) fn take_change(&mut self, change: &Change, at: i64) {
        for notification in &mut self.list {
            let Ok(condition) = &notification.condition else {
                continue;
            };
            if !notification.target.holds(&change.key) {
                continue;
            }
            if self.waiting.len() >= WAITING || self.waiting_bytes >= WAITING_BYTES {
                notification.miss();
                continue;
            }
            self.waiting_bytes += bytes_of(change);
            self.waiting.push(Judged {
                watch: notification.id,
                condition: condition.clone(),
                change: change.clone(),
                at,
            });
        }
    }

    /// Notes that changes of some keys were not told.
    pub(super) fn miss(&mut self, is_missed: impl Fn(&Target) -> bool) {
        let missed = self.list.iter_mut().filter(|known| is_missed(&known.target));
        missed.for_each(WatchNotification::miss);
    }

    pub(super) fn take_verdicts(&mut self, verdicts: &[Verdict], now: i64) {
        self.is_judging = false;
        for verdict in verdicts {
            let mut list = self.list.iter_mut();
            let Some(known) = list.find(|known| known.id == verdict.watch) else {
                continue;
            };
            if known.choice.notice || known.choice.system {
                known.to_tell.add(verdict, now);
            }
            if !known.choice.command.trim().is_empty() {
                known.to_run.add(verdict, now);
            }
        }
    }

    pub(super) fn take_ran(&mut self, watch: u64, ran: CommandRan) {
        let Some(known) = self.list.iter_mut().find(|known| known.id == watch) else {
            return;
        };
        known.is_running = false;
        let is_good = ran.as_ref().is_ok_and(crate::exec::Ran::is_good);
        known.last_run = Some(ran);
        if !is_good && let Some(told) = known.last_run() {
            self.failed
                .push(format!("The command of the watch {} failed: {told}", known.name));
        }
    }

    /// Commands that failed since the last call, as sentences.
    pub fn take_failed(&mut self) -> Vec<String> {
        std::mem::take(&mut self.failed)
    }

    /// What the worker shall do.
    pub(super) fn take_wants(&mut self) -> Vec<Errand> {
        let mut wants = std::mem::take(&mut self.wanted);
        if !self.is_judging && !self.waiting.is_empty() {
            self.is_judging = true;
            self.waiting_bytes = 0;
            wants.push(Notify::Judge(std::mem::take(&mut self.waiting)).into());
        }
        wants
    }

    /// Has the commands run that are due in the database at a location. Milliseconds until anything is due.
    pub(super) fn wake(&mut self, location: &str, now: i64) -> Option<i64> {
        for known in self.list.iter_mut().filter(|known| !known.is_running) {
            let Some((changes, last, _)) = known.to_run.take(now) else {
                continue;
            };
            known.is_running = true;
            let condition = known.choice.condition.trim();
            let occasion = Box::new(Occasion {
                location: location.to_owned(),
                condition: (!condition.is_empty()).then(|| condition.to_owned()),
                changes,
                change: last.last,
                at: last.at,
            });
            let run = Notify::Run {
                watch: known.id,
                line: known.choice.command.clone(),
                occasion,
            };
            self.wanted.push(run.into());
        }
        let due = |known: &WatchNotification| {
            // When a command has ended, its answer wakes the window.
            let run = (!known.is_running).then(|| known.to_run.due_in(now)).flatten();
            known.to_tell.due_in(now).into_iter().chain(run).min()
        };
        self.list.iter().filter_map(due).min()
    }

    /// What is to be told now.
    pub fn take_told(&mut self, now: i64) -> Vec<Told> {
        let told = self.list.iter_mut().filter_map(|known| {
            let (changes, last, missed) = known.to_tell.take(now)?;
            Some(Told {
                summary: known.summary(changes, &last, missed),
                differences: last.differences,
                notice: known.choice.notice,
                system: known.choice.system,
            })
        });
        told.collect()
    }

    pub(super) fn fingerprint(&self, hasher: &mut DefaultHasher) {
        for known in &self.list {
            known.choice.hash(hasher);
            if let Target::Below(prefix) = &known.target {
                prefix.hash(hasher);
            }
        }
    }
}

impl WatchNotification {
    fn miss(&mut self) {
        self.to_tell.missed = true;
    }
}

/// Bytes of the key and the values of a change.
fn bytes_of(change: &Change) -> usize {
    let before = match &change.before {
        Before::Entry(entry) => entry.value.bytes.len(),
        Before::Unknown | Before::Absent => 0,
    };
    let after = change.after.as_ref().map_or(0, |entry| entry.value.bytes.len());
    change.key.as_bytes().len() + before + after
}

#[cfg(test)]
#[path = "notification_tests.rs"]
mod tests;
