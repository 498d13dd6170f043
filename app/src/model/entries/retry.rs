//! When rows that could not be read are read again, although nothing has changed.
//!
//! A file that another program writes to at this moment may not be readable at this moment. Nobody would tell of it
//! again, so that what was not read then would be missing for ever.

/// After how many failures in a row only a change or a person has everything read again.
const MOST: u32 = 6;
/// Until the first try, in milliseconds; each one after that waits twice as long.
const FIRST_WAIT: i64 = 500;

/// Counts the failures, and waits.
#[derive(Debug, Default)]
pub(super) struct Retry {
    failures: u32,
    /// Something has failed since the last try.
    has_failed: bool,
    /// When it is tried again, in milliseconds since the Unix epoch.
    due: Option<i64>,
}

impl Retry {
    /// Something could not be read.
    pub(super) fn fail(&mut self) {
        self.has_failed = true;
    }

    /// Whether it is tried again at this time, in milliseconds since the Unix epoch.
    pub(super) fn is_due(&mut self, now: i64) -> bool {
        if std::mem::take(&mut self.has_failed) && self.due.is_none() && self.failures < MOST {
            self.due = Some(now.saturating_add(FIRST_WAIT << self.failures));
            self.failures += 1;
        }
        self.due.take_if(|due| *due <= now).is_some()
    }

    /// When it is tried again, in milliseconds since the Unix epoch.
    pub(super) fn next(&self) -> Option<i64> {
        self.due
    }
}
