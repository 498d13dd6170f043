//! What is selected in the table, and what is done with all of it.

use keyglass_store::Entry;
use keyglass_store::database::{Counted, Reading};
use keyglass_store::key::EncodedKey;

use super::Session;
use crate::content::blob::BlobKey;
use crate::content::copy::{Copied, CopyForm};
use crate::errand::{CopyError, EntriesError, ForEntries, Gather, Read, ReadError, Seek};
use crate::format;
use crate::model::middle::Middle;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::selection::SelectRows;
use crate::model::subject::Subject;
use crate::model::target::Target;

impl Session {
    /// Changes which rows of the table are selected.
    pub fn select_rows(&mut self, change: SelectRows) {
        self.models.entries.type_ahead.missed = None;
        match change {
            SelectRows::Toggle(key) => {
                let row = self.models.entries.query.keys_of_row(&key);
                self.models.entries.selection.toggle(row);
                self.look_at(key);
            }
            SelectRows::Extend { to, keep } => {
                let row = self.models.entries.query.keys_of_row(&to);
                self.models.entries.selection.extend(&row, keep);
                self.look_at(to);
            }
            SelectRows::FromFirst(last) => self.models.entries.select_from_first(&last),
            SelectRows::All => self.models.entries.select_all(),
            SelectRows::One => match self.models.entries.selected.clone() {
                Some(key) => {
                    let row = self.models.entries.query.keys_of_row(&key);
                    self.models.entries.selection.set_only(row);
                }
                None => self.models.entries.selection.clear(),
            },
        }
    }

    /// Counts what a question is about, if that is not known from the selection.
    pub fn ask_about(&mut self, target: &Target) {
        self.asked.set(target.ranges());
        self.asked.take_from(&self.models.entries.selection.tally);
    }

    /// Has counted what is selected and what a question is about, where that is not known.
    pub(super) fn count_selection(&mut self, now: i64) {
        let is_metered = self.models.facts.capabilities.reading == Reading::Metered;
        let entries = &mut self.models.entries;
        entries.count_between(self.models.tree.known_count(&entries.query.prefix));
        entries.between.hold(is_metered);
        self.asked.hold(is_metered);
        let is_held = is_metered && !entries.selection.keys().has_single_keys_only();
        entries.selection.tally.hold(is_held);
        let number = &mut self.next_number;
        let mut ticket = || {
            *number += 1;
            *number
        };
        let tallies = [
            &mut entries.selection.tally,
            &mut entries.between,
            &mut self.asked,
        ];
        for tally in tallies {
            if let Some(errand) = tally.want(now, &mut ticket) {
                self.worker.send(errand);
            }
        }
    }

    /// Counts what is selected, because a person wants it.
    pub fn count_selected(&mut self, now: i64) {
        let ticket = self.number();
        if let Some(errand) = self.models.entries.selection.tally.ask(now, ticket) {
            self.worker.send(errand);
        }
    }

    pub(super) fn apply_tally(&mut self, ticket: u64, counted: &Result<Counted, ReadError>, now: i64) {
        self.models.entries.selection.tally.apply(ticket, counted, now);
        self.models.entries.between.apply(ticket, counted, now);
        self.asked.apply(ticket, counted, now);
        let selection = &self.models.entries.selection;
        let is_gone = |counted: Counted| counted.complete && counted.entries == 0;
        if selection.tally.counted().is_some_and(is_gone) && self.models.entries.many_selected() {
            self.select_rows(SelectRows::One);
        }
    }

    /// Selects the next row whose key's last part begins with what was typed.
    pub fn type_ahead(&mut self, typed: &str, now: i64) {
        let Some((text, is_new)) = self.models.entries.type_ahead.take(typed, now) else {
            return;
        };
        let ticket = self.number();
        self.models.entries.type_ahead.ticket = Some(ticket);
        let query = &self.models.entries.query;
        let seek = Seek {
            range: query.range(),
            prefix: query.prefix.clone(),
            reverse: query.reverse,
            from: self.models.entries.selected.clone(),
            // Further letters may still fit the row that was found.
            inclusive: !is_new,
            text,
        };
        self.worker.send(Read::Seek { ticket, seek }.into());
    }

    pub(super) fn apply_sought(
        &mut self,
        ticket: u64,
        key: Result<Option<EncodedKey>, ReadError>,
        notices: &mut Notices,
        now: i64,
    ) {
        if self.models.entries.type_ahead.ticket != Some(ticket) {
            return;
        }
        self.models.entries.type_ahead.ticket = None;
        match key {
            Ok(Some(key)) => {
                self.models.entries.shows_selected = true;
                self.select(key);
            }
            Ok(None) => self.models.entries.type_ahead.miss(),
            Err(error) => notices.error(error.to_string(), now),
        }
    }

    /// Watches what is selected: at and below one key, or several keys or the prefix that they make up.
    pub fn watch_selection(&mut self) {
        match self.subject() {
            Subject::Nothing => return,
            Subject::Rows { keys, entries } => {
                let target = Target::Selected(keys);
                match target.prefix() {
                    Some(prefix) => self.models.watch.add(prefix),
                    None => self.models.watch.add_all(target, entries),
                }
            }
            Subject::Blob(BlobKey { key, .. })
            | Subject::Entry(key)
            | Subject::Key(key)
            | Subject::Folder { prefix: key, .. } => self.models.watch.add(key),
        }
        self.models.show(Middle::Watch);
    }

    /// Copies entries in a form, as soon as they are read.
    pub fn copy_all(&mut self, target: &Target, form: CopyForm) {
        let copy = Gather::Copy {
            ranges: target.ranges(),
            form,
            expired: self.models.entries.takes_expired(target),
        };
        self.worker.send(copy.into());
    }

    /// Has entries read, of which rows of the transaction are made.
    pub fn gather_rows(&mut self, target: &Target, each: ForEntries) {
        let gather = Gather::Entries {
            ranges: target.ranges(),
            each,
            expired: self.models.entries.takes_expired(target),
        };
        self.worker.send(gather.into());
    }

    pub(super) fn apply_gathered(
        &mut self,
        each: ForEntries,
        entries: Result<Vec<Entry>, EntriesError>,
        notices: &mut Notices,
        now: i64,
    ) {
        match entries {
            Ok(entries) => self.models.transaction.add_entries(&entries, each),
            Err(error) => notices.error(format!("Nothing was added to the transaction: {error}"), now),
        }
    }

    pub(super) fn apply_copied(
        &mut self,
        form: CopyForm,
        copied: Result<Copied, CopyError>,
        notices: &mut Notices,
        now: i64,
    ) {
        let Copied {
            text,
            entries,
            left_out,
            expired,
            parted,
            placeholders,
        } = match copied {
            Ok(copied) => copied,
            Err(error) => return notices.error(error.to_string(), now),
        };
        if entries == 0 {
            let reason = match left_out {
                Some((_, reason)) => reason,
                None if expired > 0 => {
                    "all of them have expired; the chip above the table takes them in".to_owned()
                }
                None => "nothing is there any more".to_owned(),
            };
            return notices.error(format!("Not copied: {reason}"), now);
        }
        self.copied = Some(text);
        let what = format!("{}{}", form.describe(entries), format::left_out(expired));
        match left_out {
            None => {
                let losses = [
                    (
                        parted,
                        "what is one object in several places became several equal ones",
                    ),
                    (
                        placeholders,
                        "a placeholder stands for what only Deno can make, such as a Blob",
                    ),
                ];
                let mut told = format!("Copied {what}");
                for (number, loss) in losses {
                    match number {
                        0 => {}
                        1 if entries == 1 => told.push_str(&format!("; {loss}")),
                        _ => told.push_str(&format!("; in {} of them {loss}", format::count(number))),
                    }
                }
                notices.tell(NoticeKind::Good, told, now);
            }
            Some((number, reason)) => {
                let others = format::counted(number, "other", "others");
                let summary = format!("Copied {what}, but not {others}, which have no such form");
                notices.put(NoticeKind::Warning, summary, vec![reason], None, now);
            }
        }
    }
}
