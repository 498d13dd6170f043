//! Changes of the timeline as rows of a transaction: taken back, done again, or back to an earlier moment.

use keyglass_store::{AtomicOperation, Before, EncodedKey, Entry, Versionstamp};

use super::WatchModel;
use super::row::{TimelineRow, WatchEvent};

/// Keys that come into a transaction at once: as many as Deno commits together.
const KEYS_AT_ONCE: u64 = 1000;

/// What of the timeline becomes rows of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// What takes the change of a row back.
    Inverse(u64),
    /// The change of a row once more.
    Again(u64),
    /// What brings the key that is looked at back to what it is compared with.
    Compared,
    /// What brings every key that is shown since a bookmark back to what stood there.
    SinceMark,
}

/// Why nothing of the timeline becomes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The timeline has dropped it meanwhile.
    #[error("The change is no longer kept")]
    Gone,
    /// Nobody told.
    #[error("What stood there before is not known")]
    Unknown,
    /// More than a commit takes.
    #[error("More than 1,000 keys have changed since the bookmark, which are more than one commit takes")]
    TooMany,
    /// There is none.
    #[error("Nothing has changed since the bookmark")]
    Nothing,
}

impl WatchModel {
    /// Rows that do what is wanted of the timeline. Each key is checked to stand as the timeline knows it.
    ///
    /// # Errors
    /// If it is not known what stood there.
    pub fn replay(&self, replay: Replay) -> Result<AtomicOperation, ReplayError> {
        let none = AtomicOperation::new();
        match replay {
            Replay::Inverse(row) => {
                let event = self.event(row)?;
                let left = event.after.as_ref().map(|entry| entry.versionstamp);
                Ok(put(none, &event.key, left, before(event)?))
            }
            Replay::Again(row) => {
                let event = self.event(row)?;
                Ok(put(
                    none,
                    &event.key,
                    self.standing(&event.key),
                    event.after.as_ref(),
                ))
            }
            Replay::Compared => {
                let (number, event) = self.opened().ok_or(ReplayError::Gone)?;
                let state = match self.base() {
                    Some(base) => self.event(base)?.after.as_ref(),
                    None => self.state_before(number, event)?,
                };
                Ok(put(none, &event.key, self.standing(&event.key), state))
            }
            Replay::SinceMark => {
                let shown = self.num_shown();
                if shown > KEYS_AT_ONCE {
                    return Err(ReplayError::TooMany);
                }
                let mut operation = none;
                for (number, row) in (0..shown).rev().filter_map(|row| self.newest(row)) {
                    if let Some(event) = row.change() {
                        let state = self.state_before(number, event)?;
                        operation = put(operation, &event.key, self.standing(&event.key), state);
                    }
                }
                match operation.mutations.is_empty() {
                    true => Err(ReplayError::Nothing),
                    false => Ok(operation),
                }
            }
        }
    }

    fn event(&self, row: u64) -> Result<&WatchEvent, ReplayError> {
        let event = self.timeline().row(row).and_then(TimelineRow::change);
        event.ok_or(ReplayError::Gone)
    }

    /// What stood there before a change, or at the bookmark since which changes are shown.
    fn state_before<'w>(
        &'w self,
        number: u64,
        event: &'w WatchEvent,
    ) -> Result<Option<&'w Entry>, ReplayError> {
        match self.filter().since {
            Some(_) => before(self.event(self.sieve.base(event, number))?),
            None => before(event),
        }
    }

    /// The newest versionstamp of a key that the timeline knows of; none where it is gone.
    fn standing(&self, key: &EncodedKey) -> Option<Versionstamp> {
        let newest = self.events().rev().find(|event| event.key == *key)?;
        newest.after.as_ref().map(|entry| entry.versionstamp)
    }

    /// The commit that a key was changed by last, as far as the timeline knows, also where it deleted.
    #[must_use]
    pub fn last_commit_of(&self, key: &EncodedKey) -> Option<Versionstamp> {
        let mut events = self.live.rows().iter().rev().filter_map(TimelineRow::change);
        events
            .find(|event| event.key == *key)
            .map(|event| event.versionstamp)
    }
}

fn before(event: &WatchEvent) -> Result<Option<&Entry>, ReplayError> {
    match &event.before {
        Before::Entry(entry) => Ok(Some(entry)),
        Before::Absent => Ok(None),
        Before::Unknown => Err(ReplayError::Unknown),
    }
}

/// Checks a key and puts an entry there, or nothing.
fn put(
    operation: AtomicOperation,
    key: &EncodedKey,
    check: Option<Versionstamp>,
    entry: Option<&Entry>,
) -> AtomicOperation {
    let operation = operation.check(key.clone(), check);
    match entry {
        Some(entry) => operation.set_expiring(key.clone(), entry.value.clone(), entry.expires_at),
        None => operation.delete(key.clone()),
    }
}
