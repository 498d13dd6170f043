//! What goes from the history with time, and what new rules do not allow any more.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use fjall::PersistMode;

use super::keep::{Kept, Rows};
use super::rows::{BY_TIME, ByTime, PastRow, RULES, StoredRules, VERSION};
use crate::embedded::Shared;
use crate::embedded::commit::{CommitState, Commits};
use crate::embedded::engine::contain;
use crate::embedded::read::View;
use crate::error::DatabaseError;
use crate::history::HistoryRules;
use crate::key::EncodedKey;

const TRIMMING: &str = "trimming the history";
/// Rows that are looked at while commits wait.
const LOOKED_AT: usize = 1024;

/// How far a pass over the history has come.
#[derive(Default)]
pub(in crate::embedded) struct TrimPlace {
    /// Of the pass by new rules: the last row, the key, and how many of its versions stay.
    versions: Option<(Vec<u8>, EncodedKey, usize)>,
    /// Of the pass by age: the last row, and when the next one of those before it goes.
    by_time: Option<(Vec<u8>, i64)>,
}

impl Shared {
    /// Takes new rules, in one batch. What they do not allow is no longer seen at once, and goes soon after; what those before
    /// did not allow goes first, so that it is not seen again.
    pub(in crate::embedded) fn set_history(&self, rules: HistoryRules) -> Result<(), DatabaseError> {
        let rules = rules
            .checked()
            .map_err(|error| DatabaseError::Unsupported(error.to_string()))?;
        if self.view().history_rules()? == rules {
            return Ok(());
        }
        // Commits go on between its steps.
        while self.trim()? {}
        let mut state = self.lock_commits()?;
        // Very little is left of it by now.
        while self.trim_some(&mut state)? {}
        contain(|| self.engine.make_history())
            .map_err(|failure| self.engine.failed(TRIMMING, failure.describe()))?;
        let stored = StoredRules {
            rules,
            untrimmed: true,
        };
        let (_, bytes) = contain(|| super::read::stored_rules(&self.engine))
            .map_err(|failure| self.engine.failed(TRIMMING, failure.describe()))?;
        let mut rows = Rows::new(&self.engine, bytes)?;
        rows.set(RULES.to_vec(), Some(stored.encode()));
        self.write_rows(&mut state, rows, PersistMode::SyncData)?;
        state.kept = (!stored.rules.is_off()).then(|| Kept {
            rules: Arc::new(stored.rules),
            bytes,
        });
        state.untrimmed = true;
        state.trim_place = TrimPlace::default();
        drop(state);
        self.committer.next_trim.store(i64::MIN, Ordering::Release);
        self.wake_sweeper();
        Ok(())
    }

    /// Removes some versions whose time is over, or that rules do not allow; answers whether there may be more.
    pub(in crate::embedded) fn trim(&self) -> Result<bool, DatabaseError> {
        let mut state = self.lock_commits()?;
        self.trim_some(&mut state)
    }

    fn trim_some(&self, state: &mut Commits<'_>) -> Result<bool, DatabaseError> {
        match state.untrimmed {
            true => self.trim_by_rules(state),
            false => self.trim_by_age(state),
        }
    }

    fn trim_by_rules(&self, state: &mut Commits<'_>) -> Result<bool, DatabaseError> {
        let (stored, bytes) = contain(|| super::read::stored_rules(&self.engine))
            .map_err(|failure| self.engine.failed(TRIMMING, failure.describe()))?;
        let Some(history) = self.engine.history.get() else {
            state.untrimmed = false;
            return Ok(false);
        };
        let now = self.clock.now();
        let mut rows = Rows::new(&self.engine, bytes)?;
        let mut counted = state.trim_place.versions.take();
        let first = match &counted {
            Some((row, ..)) => [row.as_slice(), &[0]].concat(),
            None => vec![VERSION],
        };
        let mut is_end = true;
        for (looked_at, guard) in history.range(first..).enumerate() {
            let (row, value) = guard
                .into_inner()
                .map_err(|error| self.engine.error(TRIMMING, &error))?;
            if row.first() != Some(&VERSION) {
                break;
            }
            let Some(past) = PastRow::read(&row, value.into()) else {
                continue;
            };
            let before = match counted.take() {
                Some((_, key, number)) if key == past.key => number,
                _ => 0,
            };
            let stays = stored.rules.of(&past.key).is_some_and(|rule| {
                !rule.is_over(past.ended_at, now) && rule.versions.is_none_or(|most| before < most as usize)
            });
            if !stays {
                rows.remove(&past.by_time())?;
            }
            counted = Some((row.to_vec(), past.key, before + usize::from(stays)));
            if looked_at + 1 == LOOKED_AT {
                is_end = false;
                break;
            }
        }
        if is_end {
            rows.keep_within(stored.rules.total_bytes)?;
            let trimmed = StoredRules {
                untrimmed: false,
                ..stored
            };
            rows.set(RULES.to_vec(), Some(trimmed.encode()));
        }
        self.write_rows(state, rows, PersistMode::Buffer)?;
        state.trim_place.versions = counted.filter(|_| !is_end);
        state.untrimmed = !is_end;
        Ok(true)
    }

    fn trim_by_age(&self, state: &mut Commits<'_>) -> Result<bool, DatabaseError> {
        let (Some(kept), Some(history)) = (state.kept.clone(), self.engine.history.get()) else {
            self.committer.next_trim.store(i64::MAX, Ordering::Release);
            return Ok(false);
        };
        let Some(shortest) = kept.rules.shortest_age() else {
            self.committer.next_trim.store(i64::MAX, Ordering::Release);
            return Ok(false);
        };
        let now = self.clock.now();
        let mut rows = Rows::new(&self.engine, kept.bytes)?;
        let (first, mut next) = match state.trim_place.by_time.take() {
            Some((row, next)) => ([row.as_slice(), &[0]].concat(), next),
            None => (vec![BY_TIME], i64::MAX),
        };
        let mut over = VecDeque::new();
        for (looked_at, guard) in history.range(first..).enumerate() {
            let row = guard.key().map_err(|error| self.engine.error(TRIMMING, &error))?;
            let Some(by_time) = ByTime::read(&row) else { break };
            // No later one goes before this.
            if by_time.ended_at.saturating_add(shortest) > now {
                next = next.min(by_time.ended_at.saturating_add(shortest));
                break;
            }
            let rule = kept.rules.of(&by_time.key);
            match rule.map(|rule| rule.over_at(by_time.ended_at)) {
                Some(None) => {}
                Some(Some(over_at)) if over_at > now => next = next.min(over_at),
                Some(Some(_)) | None => over.push_back(by_time),
            }
            if looked_at + 1 == LOOKED_AT {
                state.trim_place.by_time = Some((row.to_vec(), next));
                break;
            }
        }
        for by_time in over {
            rows.remove(&by_time)?;
        }
        self.write_rows(state, rows, PersistMode::Buffer)?;
        if state.trim_place.by_time.is_some() {
            return Ok(true);
        }
        self.committer.next_trim.store(next, Ordering::Release);
        Ok(false)
    }

    /// Writes rows of the history alone.
    fn write_rows(
        &self,
        state: &mut CommitState,
        rows: Rows,
        mode: PersistMode,
    ) -> Result<(), DatabaseError> {
        if let Some(reason) = &state.failure {
            return Err(self.engine.failed(TRIMMING, reason.as_str()));
        }
        if rows.num_changes() == 0 {
            return Ok(());
        }
        let bytes = rows.bytes;
        let mut batch = self.engine.database.batch().durability(Some(mode));
        rows.write_to(&mut batch);
        contain(|| batch.commit()).map_err(|failure| {
            let reason = failure.describe();
            state.failure = Some(reason.clone());
            self.engine.failed(TRIMMING, reason)
        })?;
        if let Some(kept) = &mut state.kept {
            kept.bytes = bytes;
        }
        self.publish(View::now(&self.engine, state.version));
        Ok(())
    }
}
