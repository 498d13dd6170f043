//! `keyglass export`: writes entries to a file or stdout.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::{self, ExportOptions, ExportReport};
use keyglass_store::{Key, KeyRange};

use super::access::Access;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::progress::ProgressLine;
use super::text;

/// Writes entries to a file or stdout
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The database
    location: String,

    /// The form
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Only entries below this key
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// Entries, too, that have expired and were not swept
    #[arg(long)]
    expired: bool,

    /// The file to write, which appears once it is whole; otherwise stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    access: Access,

    /// Take out what is left of a database whose journal is damaged
    #[arg(long)]
    accept_loss: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// One typed JSON object a line: the interchange format, which an import reads back exactly
    #[default]
    Ndjson,
    /// One array of plain JSON, for people and scripts
    Json,
    /// One array of JavaScript literals
    Js,
}

impl Export {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let options = OpenOptions::new().accept_loss(self.accept_loss);
        let database = self.access.open(options, &self.location)?;
        let options = ExportOptions {
            format: match self.format {
                Format::Ndjson => transfer::Format::Ndjson,
                Format::Json => transfer::Format::Json,
                Format::Js => transfer::Format::Js,
            },
            ranges: vec![match &self.prefix {
                Some(prefix) => KeyRange::below(&prefix.encode()?),
                None => KeyRange::everything(),
            }],
            expired: self.expired,
        };
        let Some(path) = self.output else {
            let go_on = &mut |_| ControlFlow::Continue(());
            let report = transfer::export(database.as_ref(), &options, output.writer(), go_on)?;
            output.flush()?;
            remarks(&report, self.format).into_iter().for_each(note);
            return Ok(());
        };
        let interrupt = Interrupt::listen();
        let mut progress = ProgressLine::new();
        let report = transfer::export_to_file(database.as_ref(), &options, &path, &mut |now| {
            progress.transferring(now);
            interrupt.flow()
        });
        progress.clear();
        let report = report?;
        if !report.complete {
            return Err(CommandError::Interrupted(format!(
                "no file was written, and what stood there before still does: {}",
                path.display()
            )));
        }
        output.line(format!(
            "Exported {} to {}",
            text::entries(report.entries),
            path.display()
        ))?;
        for remark in remarks(&report, self.format) {
            output.line(remark)?;
        }
        Ok(())
    }
}

/// What a person should know about the export beyond its success.
fn remarks(report: &ExportReport, format: Format) -> Vec<String> {
    let mut remarks = Vec::new();
    if report.expired > 0 {
        remarks.push(text::left_out(report.expired));
    }
    // With the stored bytes beside it, an inexact readable form loses nothing.
    if !matches!(format, Format::Ndjson) && report.lossy.count > 0 {
        remarks.push(format!(
            "{} not exact in this format; --format ndjson is",
            text::entries(report.lossy.count)
        ));
    }
    if report.unreadable.count > 0 {
        remarks.push(format!(
            "{} could not be read",
            text::entries(report.unreadable.count)
        ));
        remarks.extend(report.unreadable.named.iter().map(text::remark));
    }
    if matches!(format, Format::Ndjson) && report.raw > 0 {
        remarks.push(format!(
            "{} kept in raw form, which an import by Keyglass reads back byte for byte",
            text::entries(report.raw)
        ));
    }
    remarks
}
