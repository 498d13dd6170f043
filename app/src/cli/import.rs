//! `keyglass import`: stores the entries of an export.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;

use clap::Args;
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::{self, DefaultExpiry, Existing, ImportOptions, ImportReport, Remark};
use keyglass_store::{Database, Key};
use tempfile::TempDir;

use super::access::Access;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::progress::ProgressLine;
use super::text;
use super::unseen_expiry::UnseenExpiry;
use super::write::Write;
use crate::moment::Span;

/// Stores the entries of an export in the interchange format; makes the database if nothing is there
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The database
    location: String,

    /// The file with one JSON object a line; - is stdin
    file: String,

    /// Only say what would happen
    #[arg(long)]
    dry_run: bool,

    /// Replace entries whose keys exist; otherwise they stay
    #[arg(long)]
    overwrite: bool,

    /// Put these parts before every key
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// Entries, too, that have expired; a Deno file keeps them as they were, a folder drops them at once
    #[arg(long)]
    expired: bool,

    /// Where a server does not tell when entries expire: what takes the place of an entry and has no expiry of its own goes
    /// after this time, such as 90s, 1h30m or 2 days
    #[arg(long, value_name = "DURATION", value_parser = text::span, requires = "overwrite")]
    expire_in: Option<Span>,

    #[command(flatten)]
    unseen: UnseenExpiry,

    #[command(flatten)]
    access: Access,

    #[command(flatten)]
    write: Write,

    /// Print the report as a JSON object
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let mut options = ImportOptions {
            existing: if self.overwrite {
                Existing::Overwrite
            } else {
                Existing::Skip
            },
            dry_run: self.dry_run,
            prefix: self.prefix.clone().unwrap_or_default().encode()?,
            expired: self.expired,
            default_expiry: None,
        };
        // Before anything is made, so that there is no moment at which a signal is not heard.
        let interrupt = Interrupt::listen();
        let mut reader = self.reader(&interrupt)?;
        let (database, _nowhere) = self.database()?;
        if !database.capabilities().expiry {
            options.default_expiry = self.replacing_until(database.as_ref())?;
            if self.overwrite && !self.dry_run && options.default_expiry.is_none() {
                self.unseen.ask(database.as_ref(), None)?;
            }
        }
        let mut progress = ProgressLine::new();
        let report = transfer::import(database.as_ref(), reader.as_mut(), &options, &mut |now| {
            progress.transferring(now);
            interrupt.flow()
        });
        progress.clear();
        let report = report?;
        if self.json {
            output.line(json(&report))?;
        } else {
            self.tell(&report, output)?;
        }
        output.flush()?;
        if !report.complete {
            return Err(CommandError::Interrupted(if self.dry_run {
                "nothing was imported".to_owned()
            } else {
                format!(
                    "{} imported, and they stay; the rest was not: {}",
                    text::entries_were(report.stored),
                    if self.file == "-" { "stdin" } else { &self.file }
                )
            }));
        }
        match report.errors.count {
            0 => Ok(()),
            lines => Err(CommandError::BadLines(lines)),
        }
    }

    /// The expiry of what takes the place of entries, where nobody can see theirs.
    fn replacing_until(&self, database: &dyn Database) -> Result<Option<DefaultExpiry>, CommandError> {
        let Some(span) = self.expire_in else {
            return Ok(None);
        };
        let moment = span.after(database.clock().now()).ok_or(CommandError::TooLate)?;
        Ok(Some(DefaultExpiry {
            moment,
            replacing_only: true,
        }))
    }

    fn reader(&self, interrupt: &Interrupt) -> Result<Box<dyn BufRead>, CommandError> {
        if self.file == "-" {
            return Ok(Box::new(interrupt.stdin().map_err(CommandError::Stdin)?));
        }
        let input_error = |source| CommandError::Input {
            source,
            name: self.file.clone(),
        };
        let file = File::open(&self.file).map_err(input_error)?;
        Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
    }

    /// The database, and what has to be kept as long as it. A dry run leaves nothing behind: where nothing is, it
    /// asks an empty database elsewhere.
    fn database(&self) -> Result<(Arc<dyn Database>, Option<TempDir>), CommandError> {
        let options = self.write.options();
        if !self.dry_run {
            let (database, made) = self.access.open_or_create(options, &self.location)?;
            if made {
                note(format!("Made a new database: {}", self.location));
            }
            Write::check(database.as_ref())?;
            return Ok((database, None));
        }
        if !OpenOptions::would_create(&self.location) {
            return Ok((self.access.open(options, &self.location)?, None));
        }
        let nowhere = tempfile::tempdir().map_err(CommandError::Temporary)?;
        let database = options.create(&nowhere.path().join("empty.kg"))?;
        note(format!("Would make a new database: {}", self.location));
        Ok((database, Some(nowhere)))
    }

    fn tell(&self, report: &ImportReport, output: &mut Output) -> Result<(), CommandError> {
        let done = if self.dry_run { "Would import" } else { "Imported" };
        output.line(format!("{done} {}", text::entries(report.stored)))?;
        if report.expiring > 0 {
            output.line(format!("{} of them expire", report.expiring))?;
        }
        if report.overwritten > 0 {
            output.line(format!("{} of them replace entries", report.overwritten))?;
        }
        for (number, reason) in [
            (report.skipped, "their keys exist"),
            (report.expired, "they had expired"),
        ] {
            if number > 0 {
                output.line(format!("{} left out, because {reason}", text::entries(number)))?;
            }
        }
        for remark in &report.errors.named {
            output.line(text::remark(remark))?;
        }
        Ok(())
    }
}

fn json(report: &ImportReport) -> serde_json::Value {
    let error = |remark: &Remark| {
        serde_json::json!({
            "line": remark.line,
            "key": remark.key.as_ref().map(ToString::to_string),
            "reason": remark.reason,
        })
    };
    serde_json::json!({
        "stored": report.stored,
        "expiring": report.expiring,
        "skipped": report.skipped,
        "expired": report.expired,
        "errorCount": report.errors.count,
        "errors": report.errors.named.iter().map(error).collect::<Vec<_>>(),
    })
}
