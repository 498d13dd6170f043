//! `keyglass copy`: copies entries from one database to another.

use clap::Args;
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::{self, CopyOptions, Existing};
use keyglass_store::{Key, KeyRange};

use super::error::CommandError;
use super::export::Progress;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::text;
use super::write::Write;

/// Copies entries as they are to another database; makes that if nothing is there
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The database to read
    from: String,

    /// The database to write
    to: String,

    /// Only entries below this key
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// Replace entries whose keys exist; otherwise they stay
    #[arg(long)]
    overwrite: bool,

    /// Copy entries, too, that have expired and were not swept; they do not expire in the copy
    #[arg(long)]
    expired: bool,

    /// Copy what is left of a database whose journal is damaged
    #[arg(long)]
    accept_loss: bool,

    #[command(flatten)]
    write: Write,
}

impl Copy {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let options = CopyOptions {
            range: match &self.prefix {
                Some(prefix) => KeyRange::below(&prefix.encode()?),
                None => KeyRange::everything(),
            },
            existing: if self.overwrite {
                Existing::Overwrite
            } else {
                Existing::Skip
            },
            expired: self.expired,
        };
        let from = OpenOptions::new()
            .accept_loss(self.accept_loss)
            .open(&self.from)?;
        let (to, made) = self.write.options().open_or_create(&self.to)?;
        if made {
            note(format!("Made a new database: {}", self.to));
        }
        Write::check(to.as_ref())?;
        let interrupt = Interrupt::listen();
        let mut progress = Progress::new();
        let report = transfer::copy(from.as_ref(), to.as_ref(), &options, &mut |now| {
            progress.show(now.entries);
            interrupt.flow()
        });
        progress.clear();
        let report = report?;
        output.line(format!("Copied {}", text::entries(report.stored)))?;
        if report.skipped > 0 {
            output.line(format!(
                "{} left out, because their keys exist",
                text::entries(report.skipped)
            ))?;
        }
        if report.expired > 0 {
            output.line(if self.expired {
                let had = text::entries(report.expired);
                format!("{had} had expired, and will not expire in the copy")
            } else {
                text::left_out(report.expired)
            })?;
        }
        for remark in &report.errors.named {
            output.line(text::remark(remark))?;
        }
        output.flush()?;
        if !report.complete {
            return Err(CommandError::Interrupted(format!(
                "{} copied, and they stay; the rest was not: {}",
                text::entries_were(report.stored),
                self.to
            )));
        }
        match report.errors.count {
            0 => Ok(()),
            entries => Err(CommandError::NotCopied(entries)),
        }
    }
}
