//! `keyglass copy`: copies one database to another.

pub(super) mod report;

use std::path::PathBuf;

use clap::Args;
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::{self, CopyOptions, CopyReport, Existing};
use keyglass_store::{Database, Key, KeyRange};

use super::access::Access;
use super::consent;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::progress::{Limit, Pace, ProgressLine};
use super::text;
use super::write::Write;

/// Copies entries and queued messages as they are to another database; makes that if nothing is there
///
/// What stands in the target already is compared, so a copy that was stopped is resumed by the same command once more.
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The database to read
    from: String,

    /// The database to write
    to: String,

    /// Only entries below this key
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// Replace what else stands under the keys; otherwise it stays
    #[arg(long)]
    overwrite: bool,

    /// Make the target equal: replace what differs, and delete what only the target has, queued messages among it; asks
    /// first
    #[arg(long)]
    mirror: bool,

    /// Do not ask before a mirror
    #[arg(long, requires = "mirror")]
    yes: bool,

    /// Read both sides again afterwards, and compare them
    #[arg(long)]
    verify: bool,

    /// Copy entries, too, that have expired and were not swept; they do not expire in the copy
    #[arg(long)]
    expired: bool,

    /// Copy what is left of a database whose journal is damaged
    #[arg(long)]
    accept_loss: bool,

    #[command(flatten)]
    limit: Limit,

    #[command(flatten)]
    access: Access,

    /// The file with the token of the target, if that is another one than --token-file has
    #[arg(long, value_name = "FILE")]
    to_token_file: Option<PathBuf>,

    #[command(flatten)]
    write: Write,

    /// Print the report as a JSON object
    #[arg(long)]
    json: bool,
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
            mirror: self.mirror,
            verify: self.verify,
            dry_run: false,
        };
        let of_source = OpenOptions::new().accept_loss(self.accept_loss);
        let from = self.access.open(of_source, &self.from)?;
        let to_access = self.access.of_second(self.to_token_file.as_ref());
        let (to, made) = to_access.open_or_create(self.write.options(), &self.to)?;
        if made {
            note(format!("Made a new database: {}", self.to));
        }
        Write::check(to.as_ref())?;
        let interrupt = Interrupt::listen();
        let mut pace = self.limit.pace();
        if self.mirror && !made && !self.yes {
            let dry_run = CopyOptions {
                dry_run: true,
                ..options.clone()
            };
            self.confirm(&copy(
                from.as_ref(),
                to.as_ref(),
                &dry_run,
                &mut pace,
                &interrupt,
            )?)?;
        }
        let report = copy(from.as_ref(), to.as_ref(), &options, &mut pace, &interrupt)?;
        if self.json {
            output.line(report::json(&report))?;
        } else {
            for line in report::lines(&report, &options) {
                output.line(line)?;
            }
        }
        output.flush()?;
        if !report.complete {
            return Err(CommandError::Interrupted(format!(
                "{} copied, and they stay; the same command goes on from there: {}",
                text::entries_were(report.stored),
                self.to
            )));
        }
        if report.errors.count > 0 {
            return Err(CommandError::NotCopied(report.errors.count));
        }
        match &report.verified {
            Some(verified) if !verified.complete => Err(CommandError::Interrupted(format!(
                "everything is copied, but not all of it was compared: {}",
                self.to
            ))),
            Some(verified) if !verified.is_sound() => Err(CommandError::NotTheSame(verified.wrong)),
            _ => Ok(()),
        }
    }

    /// Asks whether a mirror shall be made, where there is somebody to ask.
    fn confirm(&self, planned: &CopyReport) -> Result<(), CommandError> {
        if !planned.complete {
            return Err(CommandError::Interrupted("nothing was copied".to_owned()));
        }
        let new = planned.stored - planned.replaced;
        let messages = planned.messages.as_ref();
        let removed = messages.map_or(0, |messages| messages.removed);
        if planned.replaced == 0 && planned.deleted == 0 && removed == 0 {
            return Ok(());
        }
        let mut plan = format!(
            "{new} new, {} replaced, {} deleted, {} the same",
            planned.replaced, planned.deleted, planned.same
        );
        if removed > 0 {
            let removed = text::counted(removed, "queued message", "queued messages");
            plan.push_str(&format!(", {removed} removed"));
        }
        for message in messages.map_or(&[][..], |messages| &messages.removed_named) {
            note(format!("Only the target has: {}", report::message(message)));
        }
        let unconfirmed = CommandError::UnconfirmedMirror {
            plan: plan.clone(),
            location: self.to.clone(),
        };
        consent::ask(&self.to, &plan, unconfirmed)
    }
}

fn copy(
    from: &dyn Database,
    to: &dyn Database,
    options: &CopyOptions,
    pace: &mut Pace,
    interrupt: &Interrupt,
) -> Result<CopyReport, CommandError> {
    let mut progress = ProgressLine::new();
    let report = transfer::copy(from, to, options, &mut |now| {
        progress.transferring(now);
        pace.keep(now, interrupt)
    });
    progress.clear();
    Ok(report?)
}
