//! Reading what is left of a damaged file into a new database, on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::deno_file::Recovery;
use keyglass_store::transfer::{self, RecoverReport};

use super::{App, Event, display};
use crate::content::recovered;
use crate::dialog::Dialog;
use crate::dialog::recover::{RecoverDialog, RecoverStage};
use crate::errand::JobError;
use crate::format;
use crate::model::notices::NoticeKind;
use crate::threads;
use crate::worker::JobProgress;

/// A recovery that runs.
pub(crate) struct Recovering {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
    pub(crate) progress: Arc<JobProgress>,
}

impl Recovering {
    /// What it does, in a line.
    pub(crate) fn label(&self) -> String {
        format!("Recovering {} into {}", self.from.display(), self.to.display())
    }

    fn dialog(&self) -> RecoverDialog {
        RecoverDialog {
            from: self.from.clone(),
            to: self.to.clone(),
            stage: RecoverStage::Running {
                entries: self.progress.entries(),
                is_stopping: self.progress.is_cancelled(),
            },
        }
    }
}

impl App {
    /// Reads what is left of a damaged file into a new database, and shows how far that is.
    pub(crate) fn recover(&mut self, from: PathBuf, to: PathBuf) {
        let now = self.clock.now();
        if self.recoveries.iter().any(|recovering| recovering.to == to) {
            let text = format!("A recovery writes there already: {}", to.display());
            self.notices.error(text, now);
            return;
        }
        let progress = Arc::new(JobProgress::default());
        let (report, notifier, options) = (self.reporter(), self.notifier.clone(), self.open_options());
        let (damaged, new, shared) = (from.clone(), to.clone(), Arc::clone(&progress));
        let started = threads::spawn("recover", move || {
            let read = || {
                // What cannot be read leaves no new database behind.
                let mut recovery = Recovery::open(&damaged)?;
                let database = options.create(&new)?;
                let report = transfer::recover(&mut recovery, &*database, &mut |at| {
                    notifier.change();
                    shared.note(at.entries)
                })?;
                Ok(Box::new(report))
            };
            let result = read();
            report(Event::Recovered { to: new, result });
        });
        if let Err(error) = started {
            self.notices.error(error.to_string(), now);
            return;
        }
        let recovering = Recovering { from, to, progress };
        self.show_or_wait(Dialog::Recover(Box::new(recovering.dialog())));
        self.recoveries.push(recovering);
    }

    /// Tells what became of a recovery, and opens what was recovered.
    pub(super) fn recovered(&mut self, to: &Path, result: Result<Box<RecoverReport>, JobError>, now: i64) {
        let Some(at) = self.recoveries.iter().position(|recovering| recovering.to == to) else {
            return;
        };
        let recovering = self.recoveries.remove(at);
        let open = self.dialog.iter_mut().chain(&mut self.waiting);
        let mut shown = open.filter_map(|dialog| match dialog {
            Dialog::Recover(dialog) if dialog.to == to => Some(dialog),
            _ => None,
        });
        match result {
            Ok(report) => {
                let (summary, is_whole) = summary(&report, to);
                let missing = if report.recovered.complete {
                    recovered::missing(&report, format::counted)
                } else {
                    Vec::new()
                };
                let refused = report.errors.named.iter().map(|remark| {
                    let key = remark
                        .key
                        .as_ref()
                        .map(|key| format!("{key}: "))
                        .unwrap_or_default();
                    format!("Not stored: {key}{}", remark.reason)
                });
                let missing: Vec<String> = missing.into_iter().chain(refused).collect();
                let ended = RecoverStage::Ended {
                    summary: summary.clone(),
                    is_whole,
                    missing: missing.clone(),
                };
                match shown.next() {
                    Some(dialog) => dialog.stage = ended,
                    None => {
                        let dialog = RecoverDialog {
                            stage: ended,
                            ..recovering.dialog()
                        };
                        self.show_or_wait(Dialog::Recover(Box::new(dialog)));
                    }
                }
                let kind = if is_whole {
                    NoticeKind::Good
                } else {
                    NoticeKind::Warning
                };
                self.notices.put(kind, summary, missing, None, now);
                if report.recovered.complete {
                    self.welcome.forget_damaged(&recovering.from);
                    self.open(display(to));
                }
            }
            Err(error) => {
                let is_it = |dialog: &Dialog| matches!(dialog, Dialog::Recover(dialog) if dialog.to == to);
                self.dialog = self.dialog.take().filter(|dialog| !is_it(dialog));
                self.waiting.retain(|dialog| !is_it(dialog));
                self.notices.error(format!("Not recovered: {error}"), now);
            }
        }
    }

    /// Tells in the dialogs of recoveries how far these are.
    pub(super) fn renew_recovery(&mut self) {
        for dialog in self.dialog.iter_mut().chain(&mut self.waiting) {
            if let Dialog::Recover(dialog) = dialog
                && let Some(recovering) = self.recoveries.iter().find(|running| running.to == dialog.to)
            {
                **dialog = recovering.dialog();
            }
        }
    }
}

/// What became of a recovery, and whether it is all that the file held.
fn summary(report: &RecoverReport, to: &Path) -> (String, bool) {
    let entries = format::counted(report.entries, "entry", "entries");
    let messages = match report.messages {
        0 => String::new(),
        messages => format!(
            " and {}",
            format::counted(messages, "queued message", "queued messages")
        ),
    };
    let to = to.display();
    if !report.recovered.complete {
        let text = format!("Recovery cancelled; {entries} were recovered before that, and stay: {to}");
        return (text, false);
    }
    let is_whole = recovered::is_whole(report) && report.errors.count == 0;
    let but = if is_whole { "" } else { ", but not everything" };
    (format!("Recovered {entries}{messages}{but}: {to}"), is_whole)
}
