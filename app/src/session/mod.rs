//! One open database: its worker and the models of its panels, and the traffic between them.

mod anchor;
mod commit;
mod expired;
mod following;
mod going;
mod import;
mod jobs;
mod rename;
mod saved;
mod selection;
mod sessions;
mod undo;
mod view;

use std::sync::Arc;

use keyglass_store::database::{Capabilities, Database, DatabaseKind, QueueMessage, Statistics, Writing};
use keyglass_store::key::{EncodedKey, KeyRange};

use crate::errand::{Answer, NoThread, Read, Write};
use crate::format;
use crate::model::commit_times::CommitTimes;
use crate::model::database_id::DatabaseId;
use crate::model::entries::EntriesModel;
use crate::model::entry_panel::EntryPanel;
use crate::model::find::FindModel;
use crate::model::import::ImportCheck;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::query::Query;
use crate::model::saved_filters::SavedFilters;
use crate::model::subject::Subject;
pub use crate::model::tab::Tab;
use crate::model::tally::Tally;
use crate::model::transaction::{OperationKind, TransactionDraft};
use crate::model::tree::KeyTree;
use crate::model::undo::UndoList;
use crate::model::value_preview::ValuePreview;
use crate::model::watch::WatchModel;
use crate::widgets::hex_view::HexViewState;
use crate::widgets::row_scroller::ScrollPosition;
use crate::widgets::value_tree::ValueTreeState;
use crate::worker::{Notifier, Worker};
use commit::PendingCommit;
pub use jobs::RunningJob;
use jobs::{blob_export_summary, export_details};
pub use saved::Restored;
pub use sessions::Sessions;
use undo::UndoWork;
pub use undo::Wanted;
pub use view::{Comparison, SessionView, ShownChanges, ShownShared};

/// One open database.
pub struct Session {
    /// Names it.
    pub id: DatabaseId,
    /// The name on its tab.
    pub title: String,
    /// Where it is.
    pub location: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Whether the database was deleted, moved away or replaced by something else, so that what is shown is as it was last.
    pub is_gone: bool,
    /// What the middle shows.
    pub tab: Tab,
    /// The tree of keys.
    pub tree: KeyTree,
    /// The table.
    pub entries: EntriesModel,
    /// The entry panel.
    pub panel: EntryPanel,
    /// What the bytes in the entry panel hold.
    pub preview: ValuePreview,
    /// Find in keys and values.
    pub find: FindModel,
    /// The transaction that is being composed.
    pub transaction: TransactionDraft,
    /// The watch list.
    pub watch: WatchModel,
    /// Messages of the queue, or why they cannot be read.
    pub queue: Result<Vec<QueueMessage>, String>,
    /// Facts for the status line.
    pub statistics: Statistics,
    /// When something changed last, in milliseconds since the Unix epoch.
    pub changed_at: Option<i64>,
    /// When the last commits were noticed.
    pub commit_times: CommitTimes,
    /// What was committed here and can be undone or redone.
    pub undo: UndoList,
    /// Exports, copies and finds take in entries that have expired and were not swept.
    pub includes_expired: bool,
    /// What was listed, under names.
    pub filters: SavedFilters,
    /// A text for the clipboard.
    pub copied: Option<String>,
    /// How many entries a question concerns that is being asked.
    pub asked: Tally,
    /// What an import would do whose options are being chosen.
    pub import_check: ImportCheck,
    /// Jobs that run.
    pub jobs: Vec<RunningJob>,
    worker: Worker,
    pending: Vec<PendingCommit>,
    undo_work: UndoWork,
    next_number: u64,
    statistics_outdated: bool,
    /// Not before this moment is looked again at what has expired, in milliseconds since the Unix epoch.
    look_at_expiries_from: i64,
    /// Which ranges the worker follows, where it cannot follow everything.
    followed: Vec<KeyRange>,
    /// The text in the tree's filter field.
    pub tree_filter: String,
    /// Where the panels are scrolled to.
    pub view: SessionView,
    /// The selected row shall come on screen as soon as it is loaded.
    pub scroll_to_selected: bool,
    /// The selected node shall come on screen.
    pub scroll_to_selected_node: bool,
}

impl Session {
    /// Starts the threads of a database that was opened.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub fn start(database: Arc<dyn Database>, notifier: &Notifier) -> Result<Self, NoThread> {
        let capabilities = database.capabilities();
        let location = database.location();
        let worker = Worker::start(database, notifier)?;
        let mut session = Self {
            id: DatabaseId::unique(),
            title: title(&location),
            location,
            capabilities,
            is_gone: false,
            tab: Tab::Entries,
            tree: KeyTree::new(),
            entries: EntriesModel::new(),
            panel: EntryPanel::default(),
            preview: ValuePreview::default(),
            find: FindModel::default(),
            transaction: TransactionDraft::default(),
            watch: WatchModel::default(),
            queue: Ok(Vec::new()),
            statistics: Statistics::default(),
            changed_at: None,
            commit_times: CommitTimes::default(),
            undo: UndoList::default(),
            includes_expired: false,
            filters: SavedFilters::default(),
            copied: None,
            asked: Tally::default(),
            import_check: ImportCheck::default(),
            jobs: Vec::new(),
            worker,
            pending: Vec::new(),
            undo_work: UndoWork::default(),
            next_number: 1,
            statistics_outdated: false,
            look_at_expiries_from: i64::MIN,
            followed: Vec::new(),
            tree_filter: String::new(),
            view: SessionView::default(),
            scroll_to_selected: false,
            scroll_to_selected_node: false,
        };
        session.worker.send(Read::Statistics.into());
        if session.capabilities.queue {
            session.worker.send(Read::Queue.into());
        }
        session.send_wants();
        Ok(session)
    }

    /// The database itself.
    #[must_use]
    pub fn database(&self) -> &Arc<dyn Database> {
        self.worker.database()
    }

    /// Whether it waits for nothing: all that was asked for is answered, and all changes up to now were taken.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.worker.is_idle()
    }

    /// The kind of database, for a person to read.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self.capabilities.kind {
            DatabaseKind::Embedded => "Keyglass folder",
            DatabaseKind::DenoFile => "Deno file",
            DatabaseKind::Remote => "KV Connect",
        }
    }

    /// Whether it can be written now.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.capabilities.writing == Writing::Allowed
    }

    /// Takes what the background threads have sent, and hands them what the models want. Once a frame.
    /// Returns milliseconds until something has to be drawn anew without any event.
    pub fn logic(&mut self, notices: &mut Notices, now: i64) -> Option<i64> {
        let answers: Vec<Answer> = self.worker.answers().collect();
        for answer in answers {
            self.apply(answer, notices, now);
        }
        self.apply_changes(notices, now);
        let next_expiry = self.notice_expiries(now);
        self.entries.recount();
        self.count_selection(now);
        self.follow();
        self.arrive(now);
        if std::mem::take(&mut self.statistics_outdated) {
            self.worker.send(Read::Statistics.into());
            if self.capabilities.queue && self.tab == Tab::Queue {
                self.worker.send(Read::Queue.into());
            }
        }
        self.send_wants();
        [
            self.tree.flashes.expire(now),
            self.entries.flashes.expire(now),
            self.entries.selection.tally.next_want(now),
            self.tree.next_recount(now),
            next_expiry,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Hands the worker what the models asked for while they were drawn.
    pub fn send_wants(&mut self) {
        let wants = self
            .tree
            .take_wants()
            .into_iter()
            .chain(self.entries.take_wants())
            .chain(self.find.take_wants());
        let wants = wants.chain(self.preview.take_wants());
        for errand in wants.chain(self.transaction.take_wants()) {
            self.worker.send(errand);
        }
    }

    fn apply(&mut self, answer: Answer, notices: &mut Notices, now: i64) {
        match answer {
            Answer::Children {
                ticket,
                prefix,
                after,
                page,
            } => self.tree.apply_children(ticket, &prefix, after.as_ref(), page),
            Answer::Counted {
                prefix,
                counted,
                seen,
            } => self.tree.apply_count(&prefix, counted, seen),
            Answer::Scanned {
                listing,
                segments,
                reached,
            } => self.entries.apply_scan(listing, segments, reached),
            Answer::Tallied { ticket, counted } => self.apply_tally(ticket, &counted, now),
            Answer::Copied { form, copied } => self.apply_copied(form, copied, notices, now),
            Answer::Sought { ticket, key } => self.apply_sought(ticket, key, notices, now),
            Answer::Present { ticket, keys } => self.tree.apply_present(ticket, keys),
            Answer::Filtered { filter, nodes, state } => self.tree.apply_filtered(filter, nodes, state),
            Answer::Found {
                search,
                hits,
                progress,
            } => self.find.apply(search, hits, progress),
            Answer::Tail { listing, rows } => self.entries.apply_tail(listing, rows),
            Answer::Segment { listing, start, rows } => self.entries.apply_segment(listing, start, rows, now),
            Answer::Entry { key, entry } => {
                if let Err(error) = &entry {
                    notices.error(error.to_string(), now);
                }
                self.panel.apply_entry(&key, entry);
            }
            Answer::States(states) => self.apply_states(states, notices, now),
            Answer::Statistics(Err(error)) => notices.error(error.to_string(), now),
            Answer::Statistics(Ok(statistics)) => self.statistics = statistics,
            Answer::Recognised { identity, found } => self.preview.apply(identity, found),
            Answer::Queue(queue) => self.queue = queue.map_err(|error| error.to_string()),
            Answer::Committed {
                ticket,
                outcome,
                before,
            } => {
                if !self.apply_step_commit(ticket, &outcome, notices, now) {
                    self.apply_commit(ticket, outcome, before.as_ref(), notices, now);
                }
            }
            Answer::Writable(result) => {
                self.capabilities = self.worker.database().capabilities();
                if let Err(error) = result {
                    notices.error(error.to_string(), now);
                }
            }
            Answer::Blob { identity, blob } => match blob {
                Ok(blob) => self.preview.apply_blob(identity, blob),
                Err(error) => notices.error(error.to_string(), now),
            },
            Answer::BlobExported { job, path, written } => {
                self.end_job(job);
                let (kind, text) = blob_export_summary(&path, written);
                notices.tell(kind, text, now);
            }
            Answer::Exported { job, path, report } => {
                self.end_job(job);
                match report {
                    Ok(report) if !report.complete => {
                        let text = format!("Export cancelled, no file was written: {}", path.display());
                        notices.tell(NoticeKind::Info, text, now);
                    }
                    Ok(report) => {
                        let expired = format::left_out(report.expired);
                        let summary = format!(
                            "Exported {}{expired} to {}",
                            format::counted(report.entries, "entry", "entries"),
                            path.display()
                        );
                        notices.put(NoticeKind::Good, summary, export_details(&report), None, now);
                    }
                    Err(error) => notices.error(error.to_string(), now),
                }
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
            Answer::ImportPreviewed { job, preview } => {
                self.end_job(job);
                self.import_check.apply(job, preview);
            }
            Answer::Imported { job, path, imported } => {
                self.end_job(job);
                self.apply_imported(&path, imported, notices, now);
            }
            Answer::TakenBack { job, done, result } => {
                self.end_job(job);
                self.apply_taken_back(job, &done, &result, notices, now);
            }
        }
    }

    /// What a person has to know when this is closed; mostly nothing.
    #[must_use]
    pub fn parting_word(&self) -> Option<String> {
        self.worker.database().parting_word()
    }

    fn apply_changes(&mut self, notices: &mut Notices, now: i64) {
        let changes = self.worker.changes();
        let was_gone = self.is_gone;
        if let Some(there) = changes.there {
            self.is_gone = !there;
        }
        if self.is_gone && !was_gone {
            self.changed_at = Some(now);
            let text = format!(
                "The database was deleted, moved away or replaced by something else; what is shown is as it was last, until it is back: {}",
                self.location
            );
            notices.tell(NoticeKind::Warning, text, now);
        }
        if changes.lagged {
            self.watch.lagged_in(&changes.untold, now);
        }
        if was_gone && !self.is_gone {
            self.changed_at = Some(now);
            // It may be of another Deno.
            self.capabilities = self.worker.database().capabilities();
            self.refresh();
            let text = format!("The database is back and was read anew: {}", self.location);
            notices.tell(NoticeKind::Info, text, now);
        } else if changes.lagged && !self.is_gone {
            self.catch_up(now);
        }
        if changes.changes.is_empty() {
            return;
        }
        self.changed_at = changes.changes.last().map(|change| change.noticed_at);
        self.statistics_outdated = true;
        let mut look = false;
        let mut read_again = false;
        for change in &changes.changes {
            if let Some(entry) = &change.after {
                self.commit_times.note(entry.versionstamp, change.noticed_at);
            }
            self.tree.apply_change(change);
            self.entries.apply_change(change);
            self.watch.apply_change(change);
            look |= self.transaction.concerns(&change.key);
            read_again |= self.panel.key() == Some(&change.key);
        }
        if look {
            self.transaction.look();
        }
        if read_again && let Some(key) = self.panel.key().cloned() {
            self.worker.send(Read::Entry { key }.into());
        }
    }

    /// Reads everything again, because a person wants it.
    pub fn refresh(&mut self) {
        self.tree.refresh();
        self.entries.refresh();
        if self.tab == Tab::Find {
            self.find.refresh();
        }
        self.look_again();
    }

    /// Reads again what is on screen, because something changed that nobody named.
    fn catch_up(&mut self, now: i64) {
        self.changed_at = Some(now);
        self.tree.catch_up(now);
        self.entries.catch_up();
        self.look_again();
    }

    fn look_again(&mut self) {
        self.transaction.look();
        self.worker.send(Read::Statistics.into());
        if self.capabilities.queue {
            self.worker.send(Read::Queue.into());
        }
        if let Some(key) = self.panel.key().cloned() {
            self.worker.send(Read::Entry { key }.into());
        }
    }

    /// Lists what is at and below a prefix.
    pub fn list(&mut self, query: Query) {
        if query.prefix != self.entries.query.prefix {
            self.view.widest_key = 0.0;
            self.view.table = ScrollPosition::default();
        }
        self.entries.set_query(query);
        self.view.table_anchor = None;
        self.tab = Tab::Entries;
        self.send_wants();
    }

    /// Shows a node of the tree: lists what is below, or selects its row.
    pub fn select_node(&mut self, prefix: EncodedKey, is_entry: bool, is_folder: bool) {
        if !is_folder {
            return self.go_to(prefix);
        }
        if is_entry {
            self.list(Query::prefix(prefix.clone()));
            self.select(prefix);
        } else {
            self.select_folder(prefix);
        }
    }

    /// Selects a folder that is no entry, and nothing else, and lists what is in it.
    fn select_folder(&mut self, prefix: EncodedKey) {
        self.entries.deselect();
        self.list(Query::prefix(prefix.clone()));
        self.view.table_type_ahead.missed = None;
        self.view.table_row = None;
        self.tree.selected = Some(prefix.clone());
        self.panel.show_folder(prefix);
    }

    /// What is selected, which is what every command is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::of(&self.tree, &self.entries, &self.panel)
    }

    /// Adds a check of what is shown, and a set of what was edited, to the transaction.
    pub fn add_to_transaction(&mut self) {
        let draft = self
            .panel
            .current()
            .or_else(|| self.panel.draft(self.panel.key()?));
        let Some(draft) = draft.cloned() else {
            if let Some(entry) = self.panel.entry() {
                self.transaction.add_check(&entry.key, Some(entry.versionstamp));
            }
            return;
        };
        let seen = draft.seen().map(|seen| seen.entry.versionstamp);
        let key_text = draft.key_text();
        if let Ok(key) = crate::model::draft::parse_key(&key_text) {
            self.transaction.add_check(&key, seen);
        }
        // A row is one line high.
        let text = draft.value().map_or_else(
            || draft.text.replace('\n', " "),
            |value| keyglass_store::value::literal::print(value, usize::MAX),
        );
        self.transaction.add(OperationKind::Set, key_text, text);
    }

    /// Shows an entry in the panel and marks it, and no other one, in the table and the tree.
    pub fn select(&mut self, key: EncodedKey) {
        let row = self.entries.query.keys_of_row(&key);
        self.entries.selection.set_only(row);
        self.show(key);
    }

    /// Shows an entry in the panel; what is selected in the table stays so.
    fn show(&mut self, key: EncodedKey) {
        self.view.table_type_ahead.missed = None;
        self.entries.selected = Some(key.clone());
        self.tree.selected = Some(key.clone());
        if self.panel.key() != Some(&key) {
            self.view.focus_value = false;
            self.view.value_tree = ValueTreeState::default();
            self.view.value_changes = None;
            self.view.shows_long_text = false;
            self.view.hex = HexViewState::default();
            self.view.stored_hex = HexViewState::default();
            self.view.unpacked = HexViewState::default();
        }
        self.panel.select(key.clone());
        self.worker.send(Read::Entry { key }.into());
    }

    /// Shows a key wherever it is: opens the tree down to it and lists what is around it.
    pub fn go_to(&mut self, key: EncodedKey) {
        self.tree.reveal(&key);
        if !self.entries.query.range().contains(&key) {
            let ends = key.part_ends();
            let parent = ends
                .len()
                .checked_sub(2)
                .and_then(|at| ends.get(at))
                .copied()
                .unwrap_or(0);
            self.list(Query::prefix(key.truncated(parent)));
        }
        self.scroll_to_selected = true;
        self.scroll_to_selected_node = true;
        self.select(key);
    }

    /// Asks for the queue, when its tab is shown.
    pub fn read_queue(&mut self) {
        self.worker.send(Read::Queue.into());
    }

    /// Allows or forbids writing.
    pub fn set_writable(&mut self, writable: bool) {
        self.worker.send(Write::SetWritable(writable).into());
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}

/// The last part of a path or URL.
fn title(location: &str) -> String {
    let name = location
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(location);
    let stem = name
        .strip_suffix(".sqlite3")
        .or_else(|| name.strip_suffix(".kg"))
        .unwrap_or(name);
    if stem.is_empty() {
        location.to_owned()
    } else {
        stem.to_owned()
    }
}
