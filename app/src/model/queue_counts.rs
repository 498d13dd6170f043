//! How many messages of the queue were in which state, over the time since the queue was shown first.
//!
//! Counted is when something changes, at most four times a second, and when the next message falls due. Kept is at most one
//! sample of a second in the last hour, so it is bounded whatever happens in the queue.

use std::collections::VecDeque;

use keyglass_store::database::{Capabilities, Database, Reading};

use super::middle::Middle;
use super::panel::{PanelModel, Telling};
use crate::errand::{Answer, Errand, MessageState, QueueCounts, Read};

/// Milliseconds for which samples are kept.
pub const SAMPLES_SPAN: i64 = 3_600_000;
/// Milliseconds of which one sample is kept.
const SAMPLE_EVERY: i64 = 1000;
/// Milliseconds between two counts at least, and how many times as long as one took.
const COUNT_EVERY: i64 = 250;
const COUNT_SHARE: i64 = 10;
/// Milliseconds between two counts at most, however long one took.
const COUNT_RARELY: i64 = 30_000;

/// How many messages there were at a moment, and until the next sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueSample {
    /// When, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Messages in each state, in the order of [`MessageState::ALL`].
    pub messages: [u64; MessageState::ALL.len()],
    /// Whether more may be ready or running than were counted.
    pub is_least: bool,
}

/// The samples, the oldest first.
#[derive(Debug, Default)]
pub struct QueueCountsModel {
    samples: VecDeque<QueueSample>,
    /// How many messages there are, as the database told.
    told: Option<u64>,
    /// Whether the database has a queue that can be read, and reading it costs nothing.
    is_known: bool,
    was_shown: bool,
    /// Whether something has changed since it was counted.
    is_outdated: bool,
    is_wanted: bool,
    is_asked: bool,
    /// When it was asked for last, and when the next message falls due.
    asked_at: Option<i64>,
    next_due: Option<i64>,
    /// Milliseconds that the last count took.
    took: i64,
}

impl QueueCountsModel {
    /// What was counted, the oldest first; nothing before there was any message.
    #[must_use]
    pub fn samples(&self) -> &VecDeque<QueueSample> {
        &self.samples
    }

    /// What there was at a moment: the last sample that is not later, or else the first.
    #[must_use]
    pub fn at(&self, moment: i64) -> Option<&QueueSample> {
        let later = self.samples.partition_point(|sample| sample.at <= moment);
        self.samples.get(later.saturating_sub(1))
    }

    /// The most messages in one state at any moment.
    #[must_use]
    pub fn most(&self) -> u64 {
        let all = self.samples.iter().flat_map(|sample| sample.messages);
        all.max().unwrap_or_default()
    }

    fn take(&mut self, counts: &QueueCounts) {
        self.next_due = counts.next_due;
        self.took = counts.took;
        let known = counts.ready + counts.running;
        let others = self.told.unwrap_or_default().saturating_sub(known);
        let messages = [counts.ready, counts.delayed.unwrap_or(others), counts.running];
        if self.samples.is_empty() && messages == [0; 3] {
            return;
        }
        // The clock may have been set back.
        while self.samples.back().is_some_and(|last| last.at > counts.at) {
            self.samples.pop_back();
        }
        let sample = QueueSample {
            at: counts.at,
            messages,
            is_least: !counts.is_whole,
        };
        let second = |at: i64| at.div_euclid(SAMPLE_EVERY);
        match self.samples.back_mut() {
            Some(last) if second(last.at) == second(sample.at) => {
                *last = QueueSample {
                    at: last.at,
                    ..sample
                };
            }
            Some(last) if last.messages == sample.messages && last.is_least == sample.is_least => {}
            _ => self.samples.push_back(sample),
        }
        // The last one before the hour tells what there was when it began.
        let since = counts.at.saturating_sub(SAMPLES_SPAN);
        while self.samples.get(1).is_some_and(|second| second.at <= since) {
            self.samples.pop_front();
        }
    }
}

impl PanelModel for QueueCountsModel {
    fn of(database: &dyn Database) -> Self {
        let Capabilities { queue, reading, .. } = database.capabilities();
        Self {
            is_known: queue && reading != Reading::Metered,
            is_outdated: true,
            ..Self::default()
        }
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        if !std::mem::take(&mut self.is_wanted) {
            return Vec::new();
        }
        self.is_asked = true;
        vec![Read::CountQueue.into()]
    }

    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        let Answer::QueueCounted(counts) = answer else {
            return Some(answer);
        };
        self.is_asked = false;
        // Why the queue cannot be read is said where its messages would stand.
        if let Ok(counts) = counts {
            self.take(&counts);
        }
        None
    }

    fn take_queue(&mut self, messages: u64) {
        self.told = Some(messages);
        self.is_outdated = true;
    }

    fn catch_up(&mut self, _now: i64) {
        self.is_outdated = true;
    }

    fn refresh(&mut self) {
        self.is_outdated = true;
    }

    fn set_shown(&mut self, shown: Middle) {
        self.was_shown |= shown == Middle::Queue;
    }

    fn wake(&mut self, now: i64) -> Option<i64> {
        if !self.is_known || !self.was_shown || self.is_asked || self.is_wanted {
            return None;
        }
        let pause = self
            .took
            .saturating_mul(COUNT_SHARE)
            .clamp(COUNT_EVERY, COUNT_RARELY);
        let earliest = self.asked_at.map_or(now, |asked| asked.min(now) + pause);
        let due = match (self.is_outdated, self.next_due) {
            (true, _) => earliest,
            (false, Some(due)) => due.max(earliest),
            (false, None) => return None,
        };
        if due > now {
            return Some(due - now);
        }
        self.is_outdated = false;
        self.next_due = None;
        self.is_wanted = true;
        self.asked_at = Some(now);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(at: i64, ready: u64, running: u64) -> QueueCounts {
        QueueCounts {
            at,
            ready,
            running,
            delayed: None,
            next_due: None,
            is_whole: true,
            took: 0,
        }
    }

    #[test]
    fn what_is_neither_ready_nor_running_of_those_that_were_told_is_delayed() {
        let mut model = QueueCountsModel {
            told: Some(10),
            ..QueueCountsModel::default()
        };
        model.take(&counts(5_000, 2, 1));
        assert_eq!(model.at(9_000).unwrap().messages, [2, 7, 1]);
        assert_eq!(model.most(), 7);
    }

    #[test]
    fn a_second_has_one_sample_and_the_last_hour_is_kept() {
        let mut model = QueueCountsModel::default();
        model.take(&counts(0, 0, 0));
        assert!(
            model.samples().is_empty(),
            "a queue that was never used has no plot"
        );
        for at in 0..20_000 {
            model.take(&counts(at * 500, at as u64 + 1, 0));
        }
        assert_eq!(model.samples().len(), 3601);
        let last = model.samples().back().unwrap();
        assert_eq!((last.at, last.messages[0]), (9_999_000, 20_000));
        assert_eq!(model.at(i64::MIN), model.samples().front());
        // The clock goes back.
        model.take(&counts(9_998_000, 3, 0));
        let last = model.samples().back().unwrap();
        assert_eq!((last.at, last.messages[0]), (9_998_000, 3));
        // Nothing changes, so nothing is added, and what was at the beginning of the hour stays known.
        model.take(&counts(20_000_000, 3, 0));
        assert_eq!(model.samples().len(), 1);
        assert_eq!(model.at(20_000_000).unwrap().messages[0], 3);
    }

    #[test]
    fn it_is_counted_once_it_was_shown_when_something_changed_or_falls_due() {
        let mut model = QueueCountsModel {
            is_known: true,
            is_outdated: true,
            ..QueueCountsModel::default()
        };
        assert_eq!(model.wake(0), None);
        assert!(model.take_wants().is_empty());
        model.set_shown(Middle::Queue);
        model.set_shown(Middle::Entries);
        model.wake(0);
        assert_eq!(model.take_wants().len(), 1);
        model.take_queue(4);
        assert_eq!(model.wake(900), None, "one at a time");
        model.is_asked = false;
        assert_eq!(model.wake(100), Some(150), "not all the time");
        assert_eq!(model.wake(250), None);
        assert_eq!(model.take_wants().len(), 1);
        model.is_asked = false;
        model.take(&QueueCounts {
            next_due: Some(5_000),
            ..counts(250, 0, 0)
        });
        assert_eq!(model.wake(1_000), Some(4_000));
        model.wake(5_000);
        assert_eq!(model.take_wants().len(), 1);
        // One that takes long is not made all the time.
        model.is_asked = false;
        model.take(&QueueCounts {
            took: 700,
            ..counts(5_000, 0, 0)
        });
        model.take_queue(5);
        assert_eq!(model.wake(6_000), Some(6_000));
    }
}
