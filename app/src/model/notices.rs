//! What a person is told: toasts for a glance, and a log that keeps them.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::saved_filters::SavedFilter;

/// Notices that the log keeps.
const LOG_LIMIT: usize = 1000;

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something that is good to know.
    Info,
    /// Something was done.
    Good,
    /// Something was done in part, or needs care.
    Warning,
    /// Something was not done.
    Error,
}

/// One notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Names it.
    pub id: u64,
    /// How serious it is.
    pub kind: NoticeKind,
    /// One sentence.
    pub summary: String,
    /// More, for whoever wants to know.
    pub details: Vec<String>,
    /// When it came last, in milliseconds since the Unix epoch.
    pub at: i64,
    /// How often it came in a row.
    pub times: u32,
    /// What its button does, if it has one.
    pub offer: Option<Offer>,
}

/// What the button of a notice does.
#[derive(Debug, Clone, PartialEq)]
pub enum Offer {
    /// Undoes a step of the list of what was committed.
    Step(u64),
    /// Undoes the removal of a filter of the database at a location.
    RemovedFilter(String, SavedFilter),
    /// Reads what is left of this damaged file into a new one.
    Recover(PathBuf),
}

impl Offer {
    /// What the button says.
    #[must_use]
    pub fn text(&self) -> &'static str {
        match self {
            Self::Step(_) | Self::RemovedFilter(..) => "Undo",
            Self::Recover(_) => "Recover…",
        }
    }
}

impl Notice {
    /// The sentence, and how often it came if that is more than once.
    #[must_use]
    pub fn told(&self) -> String {
        match self.times {
            0 | 1 => self.summary.clone(),
            several => format!("{} ({several} times)", self.summary),
        }
    }
}

/// All notices of a run.
#[derive(Debug, Default)]
pub struct Notices {
    log: VecDeque<Notice>,
    new: Vec<u64>,
    next_id: u64,
    unread: usize,
}

impl Notices {
    /// Tells something.
    pub fn tell(&mut self, kind: NoticeKind, summary: impl Into<String>, at: i64) -> u64 {
        self.put(kind, summary.into(), Vec::new(), None, at)
    }

    /// Tells that something was done that its button undoes.
    pub fn tell_undoable(&mut self, summary: String, undo: Offer, at: i64) {
        self.add(NoticeKind::Good, summary, Vec::new(), Some(undo), at);
    }

    /// Tells that a file is damaged, and offers to read what is left of it.
    pub fn damaged(&mut self, summary: String, path: PathBuf, at: i64) {
        self.add(
            NoticeKind::Error,
            summary,
            Vec::new(),
            Some(Offer::Recover(path)),
            at,
        );
    }

    /// Tells something with details; `undo` is the step that its button undoes. What repeats itself, other than
    /// what was done, is counted and not told again and again.
    pub fn put(
        &mut self,
        kind: NoticeKind,
        summary: String,
        details: Vec<String>,
        undo: Option<u64>,
        at: i64,
    ) -> u64 {
        if kind != NoticeKind::Good
            && undo.is_none()
            && let Some(last) = self.log.back_mut()
            && (last.kind, &last.summary, &last.details) == (kind, &summary, &details)
        {
            last.times += 1;
            last.at = at;
            self.new.retain(|id| *id != last.id);
            self.new.push(last.id);
            return last.id;
        }
        self.add(kind, summary, details, undo.map(Offer::Step), at)
    }

    fn add(
        &mut self,
        kind: NoticeKind,
        summary: String,
        details: Vec<String>,
        offer: Option<Offer>,
        at: i64,
    ) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        if self.log.len() == LOG_LIMIT {
            self.log.pop_front();
        }
        self.new.push(id);
        self.unread += usize::from(matches!(kind, NoticeKind::Warning | NoticeKind::Error));
        self.log.push_back(Notice {
            id,
            kind,
            summary,
            details,
            at,
            times: 1,
            offer,
        });
        id
    }

    /// Says that something failed.
    pub fn error(&mut self, summary: impl Into<String>, at: i64) {
        self.tell(NoticeKind::Error, summary, at);
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn log(&self) -> &VecDeque<Notice> {
        &self.log
    }

    /// A notice by its name.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Notice> {
        self.log.iter().find(|notice| notice.id == id)
    }

    /// Those that came since the last call, to be shown as toasts.
    pub fn take_new(&mut self) -> Vec<Notice> {
        let new = std::mem::take(&mut self.new);
        new.into_iter().filter_map(|id| self.get(id).cloned()).collect()
    }

    /// Warnings and errors since the log was last looked at.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// The log was looked at.
    pub fn read(&mut self) {
        self.unread = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_repeats_itself_is_one_notice_with_a_number() {
        let mut notices = Notices::default();
        for at in 0..3 {
            notices.error("The disk is gone", at);
        }
        assert_eq!((notices.log().len(), notices.unread()), (1, 1));
        let new = notices.take_new();
        assert_eq!(new[0].told(), "The disk is gone (3 times)");
        assert_eq!((new.len(), new[0].at), (1, 2));
        // Something else was told in between.
        notices.tell(NoticeKind::Good, "Saved", 3);
        notices.error("The disk is gone", 4);
        assert_eq!(notices.log().len(), 3);
    }

    #[test]
    fn a_notice_is_new_once_and_stays_in_the_log() {
        let mut notices = Notices::default();
        notices.tell(NoticeKind::Good, "Saved", 1);
        notices.error("Not saved", 2);
        assert_eq!(notices.take_new().len(), 2);
        assert!(notices.take_new().is_empty());
        assert_eq!(notices.log().len(), 2);
        assert_eq!(notices.unread(), 1);
        notices.read();
        assert_eq!(notices.unread(), 0);
    }
}
