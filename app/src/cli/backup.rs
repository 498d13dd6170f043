//! `keyglass backup`: a folder that mirrors a database, and keeps what was replaced.

use std::path::PathBuf;

use clap::Args;
use jiff::tz::TimeZone;
use keyglass_store::backup::{self, BackupOptions, BackupReport, State};
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::Remark;

use super::access::Access;
use super::copy::report;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::progress::{Limit, ProgressLine};
use super::text;
use crate::moment::{self, Span};

/// Makes a folder that holds a database as it is now, or brings one up to date; what was replaced is kept for restore
///
/// The folder is a database of its own. Until a backup is whole the one before is the newest; one that was stopped or
/// killed goes on by the same command once more. Ends with 0 if it is whole, with 1 if it failed, with 3 if it is whole
/// but keys changed whenever they were read, and with 130 if it was stopped.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The database to read
    location: String,

    /// The folder of the backup, which is made if nothing is there
    folder: PathBuf,

    /// How long what was replaced or deleted is kept, such as 30d or 12 hours; or forever
    #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = keep)]
    keep: Keep,

    /// Go on even if the folder is the backup of another database
    #[arg(long)]
    another_source: bool,

    /// Back up what is left of a database whose journal is damaged
    #[arg(long)]
    accept_loss: bool,

    #[command(flatten)]
    access: Access,

    #[command(flatten)]
    limit: Limit,

    /// Print the report as a JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy)]
enum Keep {
    Forever,
    For(Span),
}

/// # Errors
/// If the text is no span, as clap reports it.
fn keep(text: &str) -> Result<Keep, String> {
    if text.trim() == "forever" {
        return Ok(Keep::Forever);
    }
    text::span(text).map(Keep::For)
}

impl Backup {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let options = OpenOptions::new().accept_loss(self.accept_loss);
        let from = self.access.open(options, &self.location)?;
        if !from.capabilities().consistent_snapshots {
            note(format!(
                "This database shows no view of one moment, so it is read again until nothing has changed meanwhile, {} times at most: {}",
                backup::PASSES,
                self.location
            ));
        }
        let options = BackupOptions {
            keep: match self.keep {
                Keep::Forever => None,
                Keep::For(span) => span.after(0),
            },
            another_source: self.another_source,
            ..BackupOptions::default()
        };
        let interrupt = Interrupt::listen();
        let mut progress = ProgressLine::new();
        let mut pace = self.limit.pace();
        let report = backup::back_up(from.as_ref(), &self.folder, &options, &mut |now| {
            progress.transferring(now);
            pace.keep(now, &interrupt)
        });
        progress.clear();
        let report = report?;
        if self.json {
            output.line(json(&report))?;
        } else if report.complete {
            for line in self.lines(&report) {
                output.line(line)?;
            }
        }
        output.flush()?;
        if !report.complete {
            let before = match &report.state {
                Some(_) => "the backup before is as it was",
                None => "no backup is whole yet",
            };
            return Err(CommandError::Interrupted(format!(
                "{before}; the same command goes on from here: {}",
                self.folder.display()
            )));
        }
        if report.errors.count > 0 {
            return Err(CommandError::NotBackedUp(report.errors.count));
        }
        match report.state.map_or(0, |state| state.unsettled) {
            0 => Ok(()),
            keys => Err(CommandError::Unsettled(keys)),
        }
    }

    /// The report, a line each. What is nothing is left out.
    fn lines(&self, report: &BackupReport) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(state) = &report.state {
            lines.push(format!(
                "Backed up {}, as of {}, to {}",
                text::entries(state.sums.all.entries),
                moment_text(state.until),
                self.folder.display()
            ));
            lines.push(
                if state.moment == state.until || report.new + report.replaced + report.deleted > 0 {
                    format!(
                        "{} new, {} replaced, {} deleted, {} the same",
                        report.new, report.replaced, report.deleted, report.same
                    )
                } else {
                    format!("Nothing has changed since {}", moment_text(state.moment))
                },
            );
            if report.resumed {
                lines.push("Went on where the last backup was broken off".to_owned());
            }
            of_state(state, &mut lines);
        }
        if report.altered {
            lines.push(
                "Somebody had changed the folder since the last backup; what he put there is in its past state".to_owned(),
            );
        }
        if report.expired > 0 {
            let expired = text::counted(report.expired, "expired entry", "expired entries");
            lines.push(format!("{expired} left out, not swept yet"));
        }
        lines.extend(report.errors.named.iter().map(text::remark));
        if let Some(messages) = &report.messages {
            report::of_messages(messages, true, &mut lines);
        }
        if report.kept_states > 0 {
            let states = text::counted(report.kept_states, "past state", "past states");
            lines.push(format!("{states} can be restored, too"));
        }
        if report.forgotten > 0 {
            let states = text::counted(report.forgotten, "past state", "past states");
            lines.push(format!(
                "{states} forgotten, which was replaced longer ago than --keep"
            ));
        }
        lines
    }
}

/// What a state lacks, a line each.
pub(super) fn of_state(state: &State, lines: &mut Vec<String>) {
    if state.unsettled > 0 {
        lines.push(format!(
            "{} changed whenever the database was read, in {} passes; it is not known that they stood so at that moment",
            text::counted(state.unsettled, "key", "keys"),
            state.passes
        ));
        lines.extend(
            state
                .unsettled_named
                .iter()
                .map(|key| format!("Changed meanwhile: {key}")),
        );
    }
    if !state.expiry {
        lines.push(
            "This database does not tell when entries expire, so they are kept without that".to_owned(),
        );
    }
    if !state.queue {
        lines.push("This database does not show queued messages, so none are kept".to_owned());
    }
}

/// A moment as reports tell it.
pub(super) fn moment_text(moment: i64) -> String {
    moment::text_with_offset(moment, &TimeZone::UTC)
}

/// A state as an object.
pub(super) fn state_json(state: &State) -> serde_json::Value {
    let sum = |sum: &backup::Sum| {
        serde_json::json!({
            "entries": sum.entries,
            "bytes": sum.bytes,
            "hash": format!("{:032x}", sum.hash),
        })
    };
    let prefixes = state.sums.prefixes.as_ref().map(|prefixes| {
        let prefixes = prefixes.iter();
        let prefixes = prefixes.map(|(prefix, of_prefix)| (prefix.to_string(), sum(of_prefix)));
        serde_json::Map::from_iter(prefixes)
    });
    serde_json::json!({
        "number": state.number,
        "moment": state.moment,
        "until": state.until,
        "all": sum(&state.sums.all),
        "prefixes": prefixes,
        "expiring": state.expiring,
        "newestVersionstamp": state.newest.map(|newest| newest.to_string()),
        "passes": state.passes,
        "unsettledCount": state.unsettled,
        "unsettled": state.unsettled_named.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "expiry": state.expiry,
        "queue": state.queue,
    })
}

/// The report as an object.
fn json(report: &BackupReport) -> serde_json::Value {
    let error = |remark: &Remark| {
        serde_json::json!({
            "key": remark.key.as_ref().map(ToString::to_string),
            "reason": remark.reason,
        })
    };
    serde_json::json!({
        "state": report.state.as_ref().map(state_json),
        "new": report.new,
        "replaced": report.replaced,
        "deleted": report.deleted,
        "same": report.same,
        "expired": report.expired,
        "errorCount": report.errors.count,
        "errors": report.errors.named.iter().map(error).collect::<Vec<_>>(),
        "messages": report.messages.as_ref().map(report::messages_json),
        "resumed": report.resumed,
        "altered": report.altered,
        "keptStates": report.kept_states,
        "forgotten": report.forgotten,
        "complete": report.complete,
    })
}
