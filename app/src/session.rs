//! One open database: its worker and the models of its panels, and the traffic between them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;

use keyglass_store::database::{Capabilities, Database, DatabaseKind, QueueMessage, Statistics, Writing};
use keyglass_store::key::EncodedKey;
use keyglass_store::transfer::{ExportReport, ImportOptions, ImportReport, Remarks};
use keyglass_store::{AtomicOperation, CommitOutcome, Entry};

use crate::model::draft::{Conflict, Draft, EntryPanel};
use crate::model::entries::{EntriesModel, Query};
use crate::model::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::row::LoadedEntry;
use crate::model::saved_session::{self, EXPANDED_LIMIT, SavedDraft, SavedSession};
use crate::model::transaction::TransactionDraft;
use crate::model::tree::KeyTree;
use crate::model::undo::{self, Inverse, UndoList};
use crate::model::watch::WatchModel;
use crate::widgets::diff::Diff;
use crate::widgets::hex_view::HexViewState;
use crate::widgets::row_scroller::ScrollPosition;
use crate::widgets::value_tree::{ValuePath, ValueTreeState};
use crate::worker::{Clock, DeleteReport, Notifier, Reply, Request, Worker};

/// Remarks of a report that a notice names.
const NAMED_REMARKS: usize = 20;

/// What the middle of the window shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The table.
    #[default]
    Entries,
    /// The watch list and its timeline.
    Watch,
    /// Messages of the queue.
    Queue,
}

/// Two of the three versions of an entry that changed while it was edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Comparison {
    /// What stands there now, and what was typed.
    #[default]
    NowToMine,
    /// What was seen, and what stands there now.
    SeenToNow,
    /// What was seen, and what was typed.
    SeenToMine,
}

/// Where the panels are scrolled to, and how wide their columns are.
#[derive(Debug, Default)]
pub struct SessionView {
    /// The tree.
    pub tree: ScrollPosition,
    /// The table.
    pub table: ScrollPosition,
    /// The watch's timeline.
    pub timeline: ScrollPosition,
    /// The queue.
    pub queue: ScrollPosition,
    /// The value as a tree.
    pub value_tree: ValueTreeState,
    /// Parts edited in the tree, and what they were.
    pub value_changes: Vec<(ValuePath, String)>,
    /// A text that is too long to be shown at once was asked for.
    pub shows_long_text: bool,
    /// The code of the value shall get the keyboard's focus as soon as it is shown.
    pub focus_value: bool,
    /// The table shall get it.
    pub focus_table: bool,
    /// What was typed to find a node of the tree, and when, in milliseconds since the Unix epoch.
    pub type_ahead: (String, i64),
    /// The value's bytes.
    pub hex: HexViewState,
    /// What is compared when an entry changed while it was edited.
    pub comparison: Comparison,
    /// The comparison that is shown, with the texts that it compares.
    pub diff: Option<((String, String), Diff)>,
    /// The comparison.
    pub diff_scroll: ScrollPosition,
    /// Events of the timeline when it was drawn last.
    pub seen_events: u64,
    /// Width of the table's key column in points, if a person has set it.
    pub key_width: Option<f32>,
    /// Width of the widest key seen in the table, in points.
    pub widest_key: f32,
}

/// Why a commit was made, to report and to undo it.
#[derive(Debug, Clone, PartialEq)]
enum Purpose {
    Save,
    Delete,
    Transaction,
    Undo(u64),
}

/// A commit that runs.
#[derive(Debug)]
struct PendingCommit {
    ticket: u64,
    purpose: Purpose,
    label: String,
    operation: AtomicOperation,
    before: Vec<(EncodedKey, Option<Entry>)>,
}

/// A job that runs, for the status line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningJob {
    /// Names it.
    pub id: u64,
    /// What it does, such as `Exporting to shop.ndjson`.
    pub label: String,
}

/// One open database.
pub struct Session {
    /// The name on its tab.
    pub title: String,
    /// Where it is.
    pub location: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// What the middle shows.
    pub tab: Tab,
    /// The tree of keys.
    pub tree: KeyTree,
    /// The table.
    pub entries: EntriesModel,
    /// The entry panel.
    pub panel: EntryPanel,
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
    /// Commits that can be undone.
    pub undo: UndoList,
    /// Jobs that run.
    pub jobs: Vec<RunningJob>,
    worker: Worker,
    pending: Vec<PendingCommit>,
    next_number: u64,
    statistics_outdated: bool,
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
    /// A sentence, if the system refuses a thread.
    pub fn start(database: Arc<dyn Database>, notifier: &Notifier, clock: &Clock) -> Result<Self, String> {
        let capabilities = database.capabilities();
        let location = database.location();
        let worker = Worker::start(database, notifier, clock)?;
        let mut session = Self {
            title: title(&location),
            location,
            capabilities,
            tab: Tab::Entries,
            tree: KeyTree::new(),
            entries: EntriesModel::new(),
            panel: EntryPanel::default(),
            transaction: TransactionDraft::default(),
            watch: WatchModel::default(),
            queue: Ok(Vec::new()),
            statistics: Statistics::default(),
            changed_at: None,
            undo: UndoList::default(),
            jobs: Vec::new(),
            worker,
            pending: Vec::new(),
            next_number: 1,
            statistics_outdated: false,
            tree_filter: String::new(),
            view: SessionView::default(),
            scroll_to_selected: false,
            scroll_to_selected_node: false,
        };
        session.worker.send(Request::Statistics);
        if session.capabilities.queue {
            session.worker.send(Request::Queue);
        }
        session.send_wants();
        Ok(session)
    }

    /// The database itself.
    #[must_use]
    pub fn database(&self) -> &Arc<dyn Database> {
        self.worker.database()
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

    /// Changes whenever [`Self::save`] would return something else. Cheap enough for every frame.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.panel.key().hash(&mut hasher);
        self.entries.query.prefix.hash(&mut hasher);
        self.tree.num_expanded().hash(&mut hasher);
        // The order of a map's drafts differs, so their hashes are added up.
        let drafts = self.panel.changed().chain(&self.panel.new_entry).map(|draft| {
            let mut hasher = DefaultHasher::new();
            (&draft.key_text, draft.text.len(), draft.expiry, draft.revision()).hash(&mut hasher);
            hasher.finish()
        });
        drafts.fold(0, u64::wrapping_add).hash(&mut hasher);
        for row in &self.transaction.rows {
            (row.kind, &row.key_text, &row.value_text, row.versionstamp).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// What shall be there again next time.
    #[must_use]
    pub fn save_state(&self) -> SavedSession {
        let mut expanded: Vec<&EncodedKey> = self.tree.expanded().collect();
        expanded.sort();
        expanded.truncate(EXPANDED_LIMIT);
        let mut drafts: Vec<&Draft> = self.panel.changed().collect();
        drafts.sort_by(|one, other| one.key_text.cmp(&other.key_text));
        SavedSession {
            shown: self.panel.key().map(ToString::to_string),
            listed: Some(self.entries.query.prefix.to_string()),
            expanded: expanded.into_iter().map(ToString::to_string).collect(),
            drafts: drafts.into_iter().map(SavedDraft::of).collect(),
            new_entry: self.panel.new_entry.as_ref().map(SavedDraft::of),
            transaction: saved_session::save_transaction(&self.transaction),
        }
    }

    /// Takes up what was kept of an earlier run. True if edits came back.
    pub fn restore(&mut self, saved: &SavedSession) -> bool {
        for prefix in saved
            .expanded
            .iter()
            .filter_map(|text| saved_session::read_key(text))
        {
            self.tree.set_expanded(&prefix, true);
        }
        if let Some(prefix) = saved.listed.as_deref().and_then(saved_session::read_key) {
            self.list(Query::prefix(prefix));
        }
        for draft in saved.drafts.iter().filter_map(SavedDraft::restore) {
            self.panel.restore(draft);
        }
        saved_session::restore_transaction(&mut self.transaction, &saved.transaction);
        if let Some(key) = saved.shown.as_deref().and_then(saved_session::read_key) {
            self.scroll_to_selected = true;
            self.scroll_to_selected_node = true;
            self.select(key);
        }
        self.panel.new_entry = saved.new_entry.as_ref().and_then(SavedDraft::restore);
        self.send_wants();
        self.panel.num_changed() > 0
    }

    /// Takes what the background threads have sent, and hands them what the models want. Once a frame.
    /// Returns milliseconds until something has to be drawn anew without any event.
    pub fn logic(&mut self, notices: &mut Notices, now: i64) -> Option<i64> {
        let replies: Vec<Reply> = self.worker.replies().collect();
        for reply in replies {
            self.apply(reply, notices, now);
        }
        self.apply_changes(now);
        self.entries.recount();
        if std::mem::take(&mut self.statistics_outdated) {
            self.worker.send(Request::Statistics);
            if self.capabilities.queue && self.tab == Tab::Queue {
                self.worker.send(Request::Queue);
            }
        }
        self.send_wants();
        [
            self.tree.flashes.expire(now),
            self.entries.flashes.expire(now),
            self.tree.next_recount(now),
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
            .chain(self.entries.take_wants());
        for request in wants.chain(self.transaction.take_wants()) {
            self.worker.send(request);
        }
    }

    fn apply(&mut self, reply: Reply, notices: &mut Notices, now: i64) {
        match reply {
            Reply::Children { prefix, after, page } => {
                self.tree.apply_children(&prefix, after.as_ref(), page);
            }
            Reply::Counted { prefix, counted } => self.tree.apply_count(&prefix, counted),
            Reply::Scanned {
                view,
                segments,
                complete,
            } => self.entries.apply_scan(view, segments, complete),
            Reply::Segment { view, start, rows } => self.entries.apply_segment(view, start, rows),
            Reply::Entry { key, entry } => {
                if let Err(error) = &entry {
                    notices.error(error.clone(), now);
                }
                self.panel.apply_entry(&key, entry);
            }
            Reply::States(Ok(states)) => self.transaction.apply_states(states),
            Reply::States(Err(error)) | Reply::Statistics(Err(error)) => notices.error(error, now),
            Reply::Statistics(Ok(statistics)) => self.statistics = statistics,
            Reply::Queue(queue) => self.queue = queue,
            Reply::Committed { ticket, outcome } => self.apply_commit(ticket, outcome, notices, now),
            Reply::Writable(result) => {
                self.capabilities = self.worker.database().capabilities();
                if let Err(error) = result {
                    notices.error(error, now);
                }
            }
            Reply::Exported { job, path, report } => {
                self.end_job(job);
                match report {
                    Ok(report) if !report.complete => {
                        let text = format!("Export cancelled, no file was written: {}", path.display());
                        notices.tell(NoticeKind::Info, text, now);
                    }
                    Ok(report) => {
                        let summary = format!(
                            "Exported {} to {}",
                            format::counted(report.entries, "entry", "entries"),
                            path.display()
                        );
                        notices.put(NoticeKind::Good, summary, export_details(&report), None, now);
                    }
                    Err(error) => notices.error(error, now),
                }
            }
            Reply::Deleted {
                job,
                undo_file,
                done,
                result,
            } => {
                self.end_job(job);
                self.apply_deleted(done, &undo_file, result, notices, now);
            }
            Reply::Imported { job, path, report } => {
                self.end_job(job);
                match report {
                    Ok(report) => {
                        let (kind, summary, details) = import_summary(&report, &path.display().to_string());
                        notices.put(kind, summary, details, None, now);
                    }
                    Err(error) => notices.error(error, now),
                }
            }
        }
    }

    /// One notice on a deletion, with Undo where anything is gone.
    fn apply_deleted(
        &mut self,
        done: DeleteReport,
        undo_file: &Path,
        result: Result<(), String>,
        notices: &mut Notices,
        now: i64,
    ) {
        let deleted = format::counted(done.deleted, "entry", "entries");
        let mut details = Vec::new();
        if done.kept > 0 {
            let kept = format::counted(done.kept, "entry", "entries");
            details.push(format!("{kept} kept, because they changed meanwhile"));
        }
        let mut undo = None;
        if done.deleted > 0 {
            let inverse = Inverse::Import(undo_file.to_owned());
            undo = self.undo.push(format!("Deleted {deleted}"), Some(inverse));
            details.push(format!("They are kept in {}", undo_file.display()));
        }
        let (kind, summary) = match result {
            Err(error) => (
                NoticeKind::Error,
                format!("Deleted {deleted}, then failed: {error}"),
            ),
            Ok(()) if done.complete => (NoticeKind::Good, format!("Deleted {deleted}")),
            Ok(()) => (
                NoticeKind::Info,
                format!("Cancelled; deleted {deleted} before that"),
            ),
        };
        notices.put(kind, summary, details, undo, now);
    }

    fn apply_changes(&mut self, now: i64) {
        let changes = self.worker.changes();
        if changes.lagged {
            self.refresh(now);
        }
        if changes.changes.is_empty() {
            return;
        }
        self.changed_at = changes.changes.last().map(|change| change.noticed_at);
        self.statistics_outdated = true;
        let mut look = false;
        let mut read_again = false;
        for change in &changes.changes {
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
            self.worker.send(Request::Entry { key });
        }
    }

    /// Reads everything on screen again.
    pub fn refresh(&mut self, now: i64) {
        self.tree.refresh(now);
        self.entries.refresh();
        self.transaction.look();
        self.worker.send(Request::Statistics);
        if self.capabilities.queue {
            self.worker.send(Request::Queue);
        }
        if let Some(key) = self.panel.key().cloned() {
            self.worker.send(Request::Entry { key });
        }
    }

    /// Lists what is at and below a prefix.
    pub fn list(&mut self, query: Query) {
        if query.prefix != self.entries.query.prefix {
            self.view.widest_key = 0.0;
            self.view.table = ScrollPosition::default();
        }
        self.entries.set_query(query);
        self.tab = Tab::Entries;
        self.send_wants();
    }

    /// Shows an entry in the panel and marks it in the table and the tree.
    pub fn select(&mut self, key: EncodedKey) {
        self.entries.selected = Some(key.clone());
        self.tree.selected = Some(key.clone());
        if self.panel.key() != Some(&key) {
            self.view.focus_value = false;
            self.view.value_tree = ValueTreeState::default();
            self.view.value_changes.clear();
            self.view.shows_long_text = false;
            self.view.hex = HexViewState::default();
        }
        self.panel.select(key.clone());
        self.worker.send(Request::Entry { key });
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
        self.worker.send(Request::Queue);
    }

    /// Allows or forbids writing.
    pub fn set_writable(&mut self, writable: bool) {
        self.worker.send(Request::SetWritable(writable));
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    fn commit(
        &mut self,
        purpose: Purpose,
        label: String,
        operation: AtomicOperation,
        before: Vec<(EncodedKey, Option<Entry>)>,
    ) -> u64 {
        let ticket = self.number();
        let request = Request::Commit {
            ticket,
            operation: operation.clone(),
        };
        self.pending.push(PendingCommit {
            ticket,
            purpose,
            label,
            operation,
            before,
        });
        self.worker.send(request);
        ticket
    }

    /// Commits the edit that is shown. A refused edit stays where it is.
    ///
    /// # Errors
    /// Why it cannot be committed.
    pub fn save(&mut self, now: i64) -> Result<(), String> {
        let Some(draft) = self.panel.current() else {
            return Ok(());
        };
        if draft.saving.is_some() {
            return Ok(());
        }
        let operation = draft.operation(now)?;
        let before = draft.seen().map(|seen| seen.entry.clone());
        let Some(key) = operation.mutations.first().map(|mutation| mutation.key.clone()) else {
            return Ok(());
        };
        let label = if before.is_some() {
            format!("Saved {key}")
        } else {
            format!("Created {key}")
        };
        let ticket = self.commit(Purpose::Save, label, operation, vec![(key, before)]);
        if let Some(draft) = self.panel.current_mut() {
            draft.saving = Some(ticket);
        }
        Ok(())
    }

    /// Deletes the entry that is shown, if it is still as it is shown.
    pub fn delete_shown(&mut self) {
        let Some(entry) = self.panel.entry().cloned() else {
            return;
        };
        let key = entry.key.clone();
        let operation = AtomicOperation::new()
            .check(key.clone(), Some(entry.versionstamp))
            .delete(key.clone());
        self.commit(
            Purpose::Delete,
            format!("Deleted {key}"),
            operation,
            vec![(key, Some(entry))],
        );
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// Why it cannot be committed.
    pub fn commit_transaction(&mut self) -> Result<(), String> {
        if self.transaction.committing.is_some() {
            return Ok(());
        }
        let operation = self.transaction.operation()?;
        let before = self
            .transaction
            .rows
            .iter()
            .filter_map(|row| Some((row.key()?.clone(), self.transaction.state(row)?.cloned())))
            .collect();
        let label = format!(
            "Committed a transaction of {}",
            format::counted(self.transaction.rows.len() as u64, "row", "rows")
        );
        let ticket = self.commit(Purpose::Transaction, label, operation, before);
        self.transaction.committing = Some(ticket);
        Ok(())
    }

    /// Undoes a commit made here, if nothing changed since.
    pub fn undo_commit(&mut self, step: u64, now: i64) {
        let Some(step) = self.undo.step(step).cloned() else {
            return;
        };
        match step.inverse {
            Inverse::Commit(operation) => {
                let label = format!("Undid: {}", step.label);
                self.commit(Purpose::Undo(step.id), label, operation, Vec::new());
            }
            Inverse::Import(path) => {
                self.undo.remove(step.id);
                let options = ImportOptions {
                    now,
                    ..ImportOptions::default()
                };
                let label = format!("Undoing: {}", step.label);
                self.start_job(label, |job| Request::Import { job, options, path });
            }
        }
    }

    fn apply_commit(
        &mut self,
        ticket: u64,
        outcome: Result<CommitOutcome, String>,
        notices: &mut Notices,
        now: i64,
    ) {
        let Some(at) = self.pending.iter().position(|pending| pending.ticket == ticket) else {
            return;
        };
        let PendingCommit {
            purpose,
            label,
            operation,
            before,
            ..
        } = self.pending.remove(at);
        if purpose == Purpose::Transaction {
            self.transaction.committing = None;
        }
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                if let Some(draft) = self.panel.saving_mut(ticket) {
                    draft.saving = None;
                }
                notices.put(
                    NoticeKind::Error,
                    format!("Not committed: {error}"),
                    Vec::new(),
                    None,
                    now,
                );
                return;
            }
        };
        match &outcome {
            CommitOutcome::Committed(versionstamp) => {
                self.after_commit(ticket, &purpose, &operation);
                if purpose == Purpose::Transaction {
                    self.transaction.committed = Some(*versionstamp);
                    self.transaction.failed.clear();
                    self.transaction.look();
                }
                let undo = if matches!(purpose, Purpose::Undo(_)) {
                    None
                } else {
                    self.undo.push(
                        label.clone(),
                        undo::inverse(&operation, &before, &outcome).map(Inverse::Commit),
                    )
                };
                let details = vec![format!("Versionstamp {versionstamp}")];
                notices.put(NoticeKind::Good, label, details, undo, now);
            }
            CommitOutcome::Conflict(failed) => {
                let details = failed.iter().filter_map(|check| {
                    let key = &operation.checks.get(check.index)?.key;
                    Some(match &check.current {
                        Some(entry) => format!("{key} now has versionstamp {}", entry.versionstamp),
                        None => format!("{key} is absent now"),
                    })
                });
                let details = details.collect();
                let summary = match &purpose {
                    Purpose::Save => "Not saved: the entry changed since you began. Your text is kept",
                    Purpose::Delete => "Not deleted: the entry changed since it was shown",
                    Purpose::Transaction => "Not committed: a check failed",
                    Purpose::Undo(_) => "Not undone: the entry changed since the commit",
                };
                notices.put(NoticeKind::Warning, summary.to_owned(), details, None, now);
                let current = failed.first().and_then(|check| check.current.clone());
                self.after_conflict(ticket, purpose, current, failed.clone());
            }
        }
    }

    fn after_commit(&mut self, ticket: u64, purpose: &Purpose, operation: &AtomicOperation) {
        match purpose {
            Purpose::Save => {
                self.panel.saved(ticket);
                if let Some(mutation) = operation.mutations.first() {
                    self.go_to(mutation.key.clone());
                }
            }
            Purpose::Undo(step) => self.undo.remove(*step),
            Purpose::Delete | Purpose::Transaction => {}
        }
        // The panel need not wait for the change to come round through the feed.
        if let Some(key) = self.panel.key().cloned() {
            self.worker.send(Request::Entry { key });
        }
    }

    fn after_conflict(
        &mut self,
        ticket: u64,
        purpose: Purpose,
        current: Option<Entry>,
        failed: Vec<keyglass_store::FailedCheck>,
    ) {
        match purpose {
            Purpose::Save => {
                if let Some(draft) = self.panel.saving_mut(ticket) {
                    draft.saving = None;
                    draft.outside = None;
                    draft.conflict = Some(Conflict {
                        theirs: current.map(|entry| Box::new(LoadedEntry::new(entry))),
                    });
                }
            }
            Purpose::Transaction => self.transaction.apply_conflict(failed),
            Purpose::Undo(step) => self.undo.remove(step),
            Purpose::Delete => {}
        }
        if let Some(key) = self.panel.key().cloned() {
            self.worker.send(Request::Entry { key });
        }
    }

    /// Starts a job.
    pub fn start_job(&mut self, label: String, request: impl FnOnce(u64) -> Request) {
        let id = self.number();
        self.jobs.push(RunningJob { id, label });
        self.worker.send(request(id));
    }

    /// Entries that a job has done.
    #[must_use]
    pub fn job_entries(&self, id: u64) -> u64 {
        self.worker.job(id).map_or(0, crate::worker::JobProgress::entries)
    }

    /// Asks a job to stop.
    pub fn cancel_job(&self, id: u64) {
        if let Some(job) = self.worker.job(id) {
            job.cancel();
        }
    }

    fn end_job(&mut self, id: u64) {
        self.jobs.retain(|job| job.id != id);
        self.worker.forget_job(id);
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

/// What an export has to tell besides its number of entries.
fn export_details(report: &ExportReport) -> Vec<String> {
    let mut details = vec![format!("{} written", format::bytes(report.bytes))];
    details.extend(remarks("not exact in readable form", &report.lossy));
    details.extend(remarks("could not be decoded", &report.unreadable));
    details
}

/// Remarks as lines: how many, then the first ones by name.
fn remarks(what: &str, remarks: &Remarks) -> Vec<String> {
    if remarks.count == 0 {
        return Vec::new();
    }
    let head = format!("{} {what}", format::counted(remarks.count, "entry", "entries"));
    let named = remarks.named.iter().take(NAMED_REMARKS).map(|remark| {
        let line = remark
            .line
            .map(|line| format!("line {line}: "))
            .unwrap_or_default();
        let key = remark
            .key
            .as_ref()
            .map(|key| format!(": {key}"))
            .unwrap_or_default();
        format!("{line}{}{key}", remark.reason)
    });
    std::iter::once(head).chain(named).collect()
}

/// How an import went: how serious, one sentence, and details.
fn import_summary(report: &ImportReport, path: &str) -> (NoticeKind, String, Vec<String>) {
    let stored = format::counted(report.stored, "entry", "entries");
    let mut details = Vec::new();
    if report.skipped > 0 {
        let skipped = format::counted(report.skipped, "entry", "entries");
        details.push(format!("{skipped} skipped, because the key exists already"));
    }
    if report.expired > 0 {
        let expired = format::counted(report.expired, "entry", "entries");
        details.push(format!("{expired} left out, because the expiry has passed"));
    }
    details.extend(remarks("could not be imported", &report.errors));
    if report.errors.count > 0 {
        (
            NoticeKind::Warning,
            format!("Imported {stored}, but not all of {path}"),
            details,
        )
    } else if report.complete {
        (
            NoticeKind::Good,
            format!("Imported {stored} from {path}"),
            details,
        )
    } else {
        (
            NoticeKind::Info,
            format!("Import cancelled after {stored}: {path}"),
            details,
        )
    }
}
