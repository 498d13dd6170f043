//! What comes from the threads of a database: answers and changes, each handed to the models that it is for.

use super::{Session, backup, copy_to, jobs};
use crate::errand::Answer;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::panel::Telling;

impl Session {
    /// An answer goes to the model that it is for; what concerns several of them is taken here.
    pub(super) fn take_answer(&mut self, answer: Answer, notices: &mut Notices, now: i64) {
        self.tell_damage(&answer, notices, now);
        let mut telling = Telling { notices, now };
        let mut left = Some(answer);
        for model in self.models.each() {
            left = left.and_then(|answer| model.take_answer(answer, &mut telling));
        }
        let Some(answer) = left else { return };
        match answer {
            Answer::Tallied { ticket, counted } => self.apply_tally(ticket, &counted, now),
            Answer::Copied { form, copied } => self.apply_copied(form, copied, notices, now),
            Answer::Gathered { each, entries } => self.apply_gathered(each, entries, notices, now),
            Answer::IndexRows { key, rows } => self.apply_index_rows(&key, rows, notices, now),
            Answer::IndexesChecked {
                job,
                records,
                checked,
            } => {
                self.end_job(job);
                self.apply_checked_indexes(records, checked, notices, now);
            }
            Answer::Sought { ticket, key } => self.apply_sought(ticket, key, notices, now),
            Answer::States(states) => self.apply_states(states, notices, now),
            Answer::Committed {
                ticket,
                outcome,
                before,
            } => {
                if outcome.is_err() {
                    // One that took the place of a file that was unlocked is locked.
                    self.models.facts.look_at_access();
                }
                if !self.apply_step_commit(ticket, &outcome, notices, now) {
                    self.apply_commit(ticket, outcome, before.as_ref(), notices, now);
                }
            }
            Answer::Unlocked { copy_to, result } => {
                self.models.facts.look_at_access();
                match (result, copy_to) {
                    (Ok(()), None) => {}
                    (Ok(()), Some(copy)) => {
                        let text = format!("Copied and unlocked; the copy is {}", copy.display());
                        notices.tell(NoticeKind::Good, text, now);
                    }
                    (Err(error), _) => {
                        self.models.facts.unlocks_next_time = false;
                        notices.error(format!("Not unlocked: {error}"), now);
                    }
                }
            }
            Answer::RulesSet { asked, result } => self.apply_rules(&asked, result, notices, now),
            Answer::RequestsExported { job, path, written } => {
                self.end_job(job);
                jobs::tell_request_export(&path, written, notices, now);
            }
            Answer::TimelineExported { job, path, written } => {
                self.end_job(job);
                jobs::tell_timeline_export(&path, written, notices, now);
            }
            Answer::TimelineLoaded { job, loaded } => {
                self.end_job(job);
                self.apply_recording(loaded, notices, now);
            }
            Answer::BlobExported { job, path, written } => {
                self.end_job(job);
                jobs::tell_blob_export(&path, written, notices, now);
            }
            Answer::Exported { job, path, report } => {
                self.end_job(job);
                jobs::tell_export(&path, report, notices, now);
            }
            Answer::Deleted { job, done, result } => {
                self.end_job(job);
                if !self.apply_deleted_again(job, &done, &result, notices, now) {
                    self.apply_deleted(&done, result, notices, now);
                }
            }
            Answer::PutBack { job, path, report } => {
                self.end_job(job);
                self.apply_put_back(job, &path, &report, notices, now);
            }
            Answer::CopiedTo { job, path, report } => {
                self.end_job(job);
                copy_to::tell(&path, report, notices, now);
            }
            Answer::DatabasesCompared { job, compared } => {
                self.end_job(job);
                self.models
                    .comparison
                    .apply(job, compared.map(|compared| *compared));
            }
            Answer::DifferencesExported { job, path, written } => {
                self.end_job(job);
                jobs::tell_difference_export(&path, written, notices, now);
            }
            Answer::BackedUp { job, path, report } => {
                self.end_job(job);
                backup::tell(&path, report, notices, now);
            }
            Answer::RestorePreviewed { job, preview } => {
                self.end_job(job);
                self.models.restore_check.apply(job, preview);
            }
            Answer::Restored { job, restored } => {
                self.end_job(job);
                self.apply_restored(restored, notices, now);
            }
            Answer::ImportPreviewed { job, preview } => {
                self.end_job(job);
                self.models.import_check.apply(job, preview);
            }
            Answer::Imported { job, path, imported } => {
                self.end_job(job);
                self.apply_imported(&path, imported, notices, now);
            }
            Answer::TakenBack { job, done, result } => {
                self.end_job(job);
                self.apply_taken_back(job, &done, &result, notices, now);
            }
            // What a model takes does not come here.
            Answer::Children { .. }
            | Answer::Counted { .. }
            | Answer::Present { .. }
            | Answer::Filtered { .. }
            | Answer::Scanned { .. }
            | Answer::Tail { .. }
            | Answer::Segment { .. }
            | Answer::Entry { .. }
            | Answer::Metered(_)
            | Answer::Access { .. }
            | Answer::Statistics(_)
            | Answer::Queue { .. }
            | Answer::QueueCounted(_)
            | Answer::MessagesFound { .. }
            | Answer::Versions { .. }
            | Answer::HistoryRules(_)
            | Answer::Difference { .. }
            | Answer::Differences(_)
            | Answer::Judged(_)
            | Answer::CommandRan { .. }
            | Answer::Recognised { .. }
            | Answer::Blob { .. }
            | Answer::Served(_)
            | Answer::NoLongerServed
            | Answer::Found { .. } => {}
        }
    }

    /// Tells the models what has changed since the last frame.
    pub(super) fn take_changes(&mut self, notices: &mut Notices, now: i64) {
        let changes = self.worker.changes();
        let was_gone = self.models.facts.is_gone;
        let is_gone = changes.there.map_or(was_gone, |there| !there);
        if is_gone != was_gone {
            self.models.each().for_each(|model| model.set_gone(is_gone, now));
        }
        if is_gone && !was_gone {
            let facts = &mut self.models.facts;
            if facts.owner.is_some() {
                // Nobody can write without its owner.
                facts.look_at_access();
            }
            let text = format!(
                "{}; what is shown is as it was last, until it is back: {}",
                facts.why_gone(),
                facts.location
            );
            notices.tell(NoticeKind::Warning, text, now);
        }
        if was_gone && !is_gone {
            // It may be of another Deno.
            self.models.facts.look_at_access();
            self.refresh();
            let text = format!(
                "The database is back and was read anew: {}",
                self.models.facts.location
            );
            notices.tell(NoticeKind::Info, text, now);
        } else if changes.lagged && !is_gone {
            // Something changed that nobody named, so what is on screen is read again.
            self.models.each().for_each(|model| model.catch_up(now));
        }
        let mut untold = changes.untold.iter().peekable();
        for (before, change) in changes.changes.iter().enumerate() {
            while let Some(untold) = untold.next_if(|untold| untold.after <= before) {
                self.models
                    .each()
                    .for_each(|model| model.miss_changes(untold, now));
            }
            self.models.each().for_each(|model| model.take_change(change));
        }
        for untold in untold {
            self.models
                .each()
                .for_each(|model| model.miss_changes(untold, now));
        }
        if let Some(messages) = changes.messages {
            self.models.each().for_each(|model| model.take_queue(messages));
        }
    }
}
