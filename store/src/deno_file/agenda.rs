//! When a file is to be asked about, and when it is to be looked at.
//!
//! The system mostly says at once that a file was written (`notices`), and then asking it again and again costs for
//! nothing: a question a second is the net behind that. Once the net has caught what nobody told, as on a network drive,
//! the file is asked about often, until the system tells of it again.
//!
//! A commit writes to the `-wal` first, and becomes visible only after what it wrote is on the disk, which may take as
//! long as the disk likes and shows nowhere. So looks are due at ever longer distances after something happened, for a
//! quarter of a minute, or until one of them has seen everything that stands in the `-wal`.

use std::time::{Duration, Instant};

/// How often to ask where the system does not tell, which costs some millionths of a second; longer than the ticks that
/// times of change are counted in.
const OFTEN: Duration = Duration::from_millis(15);
/// How often to ask where it does.
const SELDOM: Duration = Duration::from_secs(1);
/// From what was told to the first look. The disk takes that long at least.
const FIRST_LOOK: Duration = Duration::from_millis(1);
/// After this time nothing that happened is waited for any more.
const LAST_LOOK: Duration = Duration::from_secs(16);

/// How something that happened came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The system told: it happens at this moment.
    Told,
    /// It was found by asking.
    Found,
}

/// What is to be done when.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// Whether the system is relied upon to tell.
    relied_upon: bool,
    asked: Option<Instant>,
    /// When something happened last.
    happened: Option<Instant>,
    /// When a look is due.
    look: Option<Instant>,
}

impl Agenda {
    /// How long there is nothing to do.
    pub(super) fn rest(&self, now: Instant) -> Duration {
        let question = self.asked.map_or(now, |asked| asked + self.distance());
        let next = self.look.map_or(question, |look| look.min(question));
        next.saturating_duration_since(now)
    }

    /// Whether a look is due.
    pub(super) fn is_look_due(&self, now: Instant) -> bool {
        self.look.is_some_and(|look| look <= now)
    }

    /// Whether one will be due by the time that the next thing told would need one.
    pub(super) fn is_look_due_soon(&self, now: Instant) -> bool {
        self.is_look_due(now + FIRST_LOOK)
    }

    /// Whether a question is due now for no other reason than that nobody told anything for so long.
    pub(super) fn is_net(&self, now: Instant) -> bool {
        self.asked
            .is_some_and(|asked| now.saturating_duration_since(asked) >= self.distance())
            && !self.is_look_due(now)
    }

    /// Relies on the system to tell, or not any more.
    pub(super) fn rely(&mut self, relied_upon: bool) {
        self.relied_upon = relied_upon;
    }

    pub(super) fn is_relied_upon(&self) -> bool {
        self.relied_upon
    }

    /// Notes that the file was asked about.
    pub(super) fn asked(&mut self, now: Instant) {
        self.asked = Some(now);
    }

    /// Notes that something happened. A look that was due before stays so, so that one comes also while things happen
    /// without end.
    pub(super) fn happened(&mut self, known: Known, now: Instant) {
        let first = match known {
            Known::Told => now + FIRST_LOOK,
            Known::Found => now,
        };
        self.look = Some(self.look.map_or(first, |look| look.min(first)));
        self.happened = Some(now);
    }

    /// Notes that there was a look, which saw everything there is if `complete`.
    pub(super) fn looked(&mut self, complete: bool, now: Instant) {
        self.look = self.happened.filter(|_| !complete).and_then(|happened| {
            let mut distance = FIRST_LOOK;
            while distance <= LAST_LOOK {
                if happened + distance > now {
                    return Some(happened + distance);
                }
                distance *= 2;
            }
            None
        });
    }

    /// Has another look come soon, because this one failed.
    pub(super) fn try_again(&mut self, now: Instant) {
        self.look = Some(now + OFTEN);
    }

    /// Between two questions.
    fn distance(&self) -> Duration {
        if self.relied_upon { SELDOM } else { OFTEN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// The milliseconds after its beginning at which an agenda has looks, none of which sees everything.
    fn looks(agenda: &mut Agenda, begun: Instant) -> Vec<u128> {
        let mut looks = Vec::new();
        let mut now = begun;
        while now < begun + Duration::from_secs(60) {
            now += agenda.rest(now);
            agenda.asked(now);
            if agenda.is_look_due(now) {
                looks.push((now - begun).as_millis());
                agenda.looked(false, now);
            }
        }
        looks
    }

    #[test]
    fn looks_come_at_ever_longer_distances_after_something_happened() {
        let begun = Instant::now();
        let doubled = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];
        for relied_upon in [false, true] {
            let mut agenda = Agenda::default();
            agenda.rely(relied_upon);
            agenda.happened(Known::Told, begun);
            assert_eq!(looks(&mut agenda, begun), doubled);
            let mut agenda = Agenda::default();
            agenda.rely(relied_upon);
            agenda.happened(Known::Found, begun);
            let found = looks(&mut agenda, begun);
            assert_eq!((found[0], &found[1..]), (0, &doubled[..]));
        }
    }

    #[test]
    fn a_look_that_saw_everything_is_the_last() {
        let begun = Instant::now();
        let mut agenda = Agenda::default();
        agenda.happened(Known::Told, begun);
        agenda.looked(true, begun + MILLISECOND);
        assert_eq!(looks(&mut agenda, begun), [0_u128; 0]);
    }

    #[test]
    fn what_happens_without_end_puts_no_look_off() {
        let begun = Instant::now();
        let mut agenda = Agenda::default();
        let mut number = 0;
        for at in 0..1000 {
            let now = begun + MILLISECOND * at / 4;
            agenda.happened(Known::Told, now);
            if agenda.is_look_due(now) {
                agenda.looked(false, now);
                number += 1;
            }
        }
        assert_eq!(number, 249);
    }

    #[test]
    fn a_file_is_asked_about_often_only_where_nobody_tells() {
        let begun = Instant::now();
        let mut agenda = Agenda::default();
        let questions = |agenda: &mut Agenda| {
            let mut number = 0;
            let mut now = begun;
            while now < begun + Duration::from_secs(30) {
                now += agenda.rest(now);
                assert!(agenda.asked.is_none() || agenda.is_net(now));
                agenda.asked(now);
                number += 1;
            }
            agenda.asked = None;
            number
        };
        assert_eq!(questions(&mut agenda), 2001);
        agenda.rely(true);
        assert_eq!(questions(&mut agenda), 31);
    }
}
