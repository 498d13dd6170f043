//! Timelines from files, and old values that come back as edits.

use keyglass_store::ValueError;

use super::Session;
use crate::content::row::LoadedEntry;
use crate::errand::{JobError, LoadedTimeline};
use crate::model::draft::{Draft, ExpiryDraft};
use crate::model::key_draft::KeyDraft;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::watch::TimelineRow;

/// What stood under a key at a change cannot be brought back as an edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreChangeError {
    /// The timeline has dropped it meanwhile.
    #[error("The change is no longer kept")]
    Gone,
    /// There was no entry.
    #[error("Nothing stood there")]
    Nothing,
    /// The value has no text.
    #[error("The value cannot be read ({0})")]
    Unreadable(ValueError),
    /// Another edit would be lost.
    #[error("The entry has an edit that is not saved; save or revert it first")]
    Edited,
}

impl Session {
    /// Shows a timeline that was read from a file.
    pub(super) fn apply_recording(
        &mut self,
        loaded: Result<Option<Box<LoadedTimeline>>, JobError>,
        notices: &mut Notices,
        now: i64,
    ) {
        match loaded {
            Ok(Some(loaded)) => {
                if let Some((line, reason)) = &loaded.first_unread {
                    let others = match loaded.unread {
                        1 => String::new(),
                        unread => format!(", and {} more could not", unread - 1),
                    };
                    let text = format!("Line {line} could not be read: {reason}{others}: {}", loaded.name);
                    notices.tell(NoticeKind::Warning, text, now);
                }
                self.models.watch.take_recording(*loaded);
            }
            Ok(None) => {}
            Err(error) => notices.error(error.to_string(), now),
        }
    }

    /// Writes what stood under a key before or after a change as an edit of its entry, to be saved there.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn restore_change(&mut self, row: u64, before: bool) -> Result<(), RestoreChangeError> {
        let watch = &self.models.watch;
        let event = watch.timeline().row(row).and_then(TimelineRow::change);
        let event = event.ok_or(RestoreChangeError::Gone)?;
        let entry = if before {
            event.before_entry()
        } else {
            event.after.as_ref()
        };
        let wanted = LoadedEntry::new(entry.ok_or(RestoreChangeError::Nothing)?.clone());
        if let Err(reason) = wanted.value {
            return Err(RestoreChangeError::Unreadable(reason));
        }
        let key = event.key.clone();
        // What is shown is newer than what the timeline may know.
        let shown = self.models.panel.entry().filter(|entry| entry.key == key);
        let seen = match (shown, watch.newest_of(&key)) {
            (Some(entry), _) | (None, Some(Some(entry))) => Some(entry.clone()),
            (None, Some(None) | None) => None,
        };
        if self.models.panel.draft(&key).is_some_and(Draft::is_changed) {
            return Err(RestoreChangeError::Edited);
        }
        let limits = self.models.panel.limits;
        let was_expiring = wanted.entry.expires_at;
        match seen {
            Some(seen) => {
                let expires_at = seen.expires_at;
                let mut draft = Draft::of(&LoadedEntry::new(seen), limits);
                draft.text = wanted.code;
                if was_expiring != expires_at {
                    draft.expiry = was_expiring.map_or(ExpiryDraft::Never, ExpiryDraft::At);
                }
                draft.parse();
                self.models.panel.put_draft(draft);
                self.go_to(key);
            }
            None => {
                let mut draft = Draft::new_entry(KeyDraft::of_stored(&key), limits);
                draft.text = wanted.code;
                draft.expiry = was_expiring.map_or(ExpiryDraft::Never, ExpiryDraft::At);
                draft.parse();
                self.models.panel.begin_another_entry(draft);
            }
        }
        Ok(())
    }
}
