//! `keyglass diff`: what differs between two databases, or a database and an export.

mod side;

use std::io::{self, Seek as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use keyglass_store::transfer::TransferError;
use keyglass_store::transfer::compare::{CompareOptions, CompareReport, Difference, compare};
use keyglass_store::{Clock, Entry, Key, KeyRange};

use super::access::Access;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::progress::{Limit, ProgressLine};
use super::text;
use crate::content::difference_line::{aspect_names, counts_line, difference_line};
use crate::content::field_changes::{FIELD_CHARS, fields};
use side::Sides;

/// Bytes of found differences that are held in memory; more wait in a temporary file until they are counted.
const HELD_BYTES: usize = 1 << 20;

/// Compares two databases, or a database and an export: exits with 0 if they are the same, 1 if they differ, 2 on failure
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The first side: a database, an export as NDJSON, or - for an export on stdin
    #[arg(value_name = "A")]
    before: String,

    /// The second side
    #[arg(value_name = "B")]
    after: String,

    /// Only entries below this key
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// Tell of each entry what differs in it, field by field
    #[arg(long)]
    full: bool,

    /// Compare entries, too, that have expired and were not swept
    #[arg(long)]
    expired: bool,

    #[command(flatten)]
    limit: Limit,

    #[command(flatten)]
    access: Access,

    /// The file with the token of the second side, if that is another one than --token-file has
    #[arg(long, value_name = "FILE")]
    second_token_file: Option<PathBuf>,

    /// One JSON object a line: the counts, then each difference
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(self, output: &mut Output) -> Result<ExitCode, CommandError> {
        self.differ(output)
            .map_err(|error| CommandError::NotCompared(Box::new(error)))
    }

    fn differ(&self, output: &mut Output) -> Result<ExitCode, CommandError> {
        let range = match &self.prefix {
            Some(prefix) => KeyRange::below(&prefix.encode()?),
            None => KeyRange::everything(),
        };
        let interrupt = Interrupt::listen();
        let mut sides = Sides::open(
            (&self.before, &self.access),
            (
                &self.after,
                &self.access.of_second(self.second_token_file.as_ref()),
            ),
        )?;
        let hiding = sides.num_hiding_expiry();
        let mut progress = ProgressLine::new();
        let mut pace = self.limit.pace();
        let result = loop {
            let mut found = tempfile::spooled_tempfile(HELD_BYTES);
            let options = CompareOptions {
                now: sides.now().unwrap_or_else(|| Clock::system().now()),
                expired: self.expired,
                form: !sides.has_export(),
                expiry: hiding == 0,
            };
            let (before, after) = sides.entries(&range, &interrupt)?;
            let report = compare(
                before,
                after,
                &options,
                &mut |difference| {
                    self.tell(&difference, &mut found)
                        .map_err(TransferError::Temporary)
                },
                &mut |now| {
                    progress.transferring(now);
                    pace.keep(now, &interrupt)
                },
            );
            match report {
                Err(TransferError::Unordered { name, .. }) if sides.can_sort(&name) => {
                    progress.clear();
                    note(format!(
                        "The export is not in key order, so it is sorted first: {name}"
                    ));
                    if !sides.sort(&name, &mut |now| {
                        progress.show(now.entries);
                        interrupt.flow()
                    })? {
                        break None;
                    }
                }
                // Nothing came of stdin until the program was asked to end.
                Err(TransferError::ReadExport { source, .. })
                    if source.kind() == io::ErrorKind::WouldBlock =>
                {
                    break None;
                }
                other => break Some((other?, found)),
            }
        };
        progress.clear();
        let Some((report, mut found)) = result.filter(|(report, _)| report.complete) else {
            return Err(CommandError::Interrupted(
                "the two were not compared to their ends".to_owned(),
            ));
        };
        output.line(if self.json {
            counts_line(&report, hiding == 0)
        } else {
            format!("{}{}", counts(&report), text::unknown_expiry(hiding))
        })?;
        found.rewind().map_err(TransferError::Temporary)?;
        copy_out(&mut found, output)?;
        output.flush()?;
        if report.expired > 0 && !self.expired {
            note(text::left_out(report.expired));
        }
        Ok(if report.differences() == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Writes down a difference.
    fn tell(&self, difference: &Difference, found: &mut dyn Write) -> io::Result<()> {
        if self.json {
            return writeln!(found, "{}", difference_line(difference, self.full));
        }
        match difference {
            Difference::Added(entry) => writeln!(found, "+ {}", self.entry_line(entry)),
            Difference::Removed(entry) => writeln!(found, "- {}", self.entry_line(entry)),
            Difference::Changed {
                before,
                after,
                aspects,
            } => {
                writeln!(found, "~ {}\t{}", before.key, aspect_names(*aspects).join(", "))?;
                if self.full {
                    for field in fields(before, after, *aspects, FIELD_CHARS) {
                        writeln!(found, "    {field}")?;
                    }
                }
                Ok(())
            }
        }
    }

    fn entry_line(&self, entry: &Entry) -> String {
        if self.full {
            text::entry_line(entry)
        } else {
            entry.key.to_string()
        }
    }
}

/// Prints what was written down.
fn copy_out(found: &mut impl io::Read, output: &mut Output) -> Result<(), CommandError> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = found.read(&mut buffer).map_err(TransferError::Temporary)?;
        if read == 0 {
            return Ok(());
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        output.writer().write_all(bytes).map_err(CommandError::Output)?;
    }
}

/// `2 added, 1 removed, 3 changed (2 in value, 1 in expiry), 1940 the same`
fn counts(report: &CompareReport) -> String {
    if report.differences() == 0 {
        return format!("The same: {}", text::entries(report.same));
    }
    let aspects: Vec<_> = [
        (report.values, "value"),
        (report.forms, "bytes"),
        (report.encodings, "encoding"),
        (report.expiries, "expiry"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, name)| format!("{number} in {name}"))
    .collect();
    let changed = if aspects.is_empty() {
        String::new()
    } else {
        format!(" ({})", aspects.join(", "))
    };
    format!(
        "{} added, {} removed, {} changed{changed}, {} the same",
        report.added, report.removed, report.changed, report.same
    )
}
