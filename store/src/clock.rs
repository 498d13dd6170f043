//! What time it is: for expiry, the queue and whatever else keeps a time.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// A source of the time in milliseconds since the Unix epoch. It may step back.
///
/// Each database has one, see [`Database::clock`](crate::Database::clock). Whoever works with a database and asks for
/// the time asks its clock, so that both always mean the same moment. Two clocks are equal if they have the same source.
#[derive(Clone, Default)]
pub struct Clock(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Own(Arc<dyn Fn() -> i64 + Send + Sync>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock of one's own, for tests.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Source::Own(Arc::new(now)))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the system is asked what time it is"
    )]
    pub fn now(&self) -> i64 {
        match &self.0 {
            Source::System => milliseconds(SystemTime::now()),
            Source::Own(now) => now(),
        }
    }
}

impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Source::System, Source::System) => true,
            (Source::Own(one), Source::Own(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for Clock {}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Milliseconds since the Unix epoch of a time of the system, as of a file's.
#[must_use]
pub fn milliseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |time| -time),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn clocks_are_equal_if_they_have_the_same_source() {
        let own = Clock::from_fn(|| 7);
        assert_eq!(own.now(), 7);
        assert_eq!(own, own.clone());
        assert_ne!(own, Clock::from_fn(|| 7));
        assert_ne!(own, Clock::system());
        assert_eq!(Clock::system(), Clock::default());
    }

    #[test]
    fn a_time_of_the_system_is_told_in_milliseconds_also_before_the_epoch() {
        assert_eq!(milliseconds(UNIX_EPOCH + Duration::from_micros(1_500)), 1);
        assert_eq!(milliseconds(UNIX_EPOCH - Duration::from_millis(2)), -2);
    }
}
