//! Damage of one of Deno's files that shows while it is read.

use std::path::PathBuf;

use keyglass_store::DatabaseError;

use super::Session;
use crate::errand::{Answer, ReadError};
use crate::model::notices::Notices;

impl Session {
    /// Says once that the file is damaged, and offers to read what is left of it.
    pub(super) fn tell_damage(&mut self, answer: &Answer, notices: &mut Notices, now: i64) {
        let error = match answer {
            Answer::Scanned { segments, .. } => segments.as_ref().err(),
            Answer::Segment { rows, .. } => rows.as_ref().err(),
            Answer::Tail { rows, .. } => rows.as_ref().err(),
            Answer::Entry { entry, .. } => entry.as_ref().err(),
            Answer::Children { page, .. } => page.as_ref().err(),
            _ => None,
        };
        let Some(ReadError::Database(DatabaseError::Damaged {
            doing,
            reason,
            location,
        })) = error
        else {
            return;
        };
        if !std::mem::replace(&mut self.told_damage, true) {
            let text = format!("This file is damaged, which showed while {doing} ({reason}): {location}");
            notices.damaged(text, PathBuf::from(location), now);
        }
    }
}
