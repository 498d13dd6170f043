//! `keyglass restore`: brings a state of a backup back.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::tz::TimeZone;
use keyglass_store::backup::{Backup, RestoreOptions, State, is_backup};
use keyglass_store::entry::json;
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::{CopyReport, Journal, Replaced};
use keyglass_store::{Database, Key, KeyRange, Versionstamp};
use tempfile::TempDir;

use super::access::Access;
use super::backup::{moment_text, of_state, state_json};
use super::consent;
use super::copy::report;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::progress::{Limit, Pace, ProgressLine};
use super::text;
use super::write::Write;
use crate::moment;
use crate::state::Folders;
use crate::undo_files;

/// Makes a database what it was in a state of a backup; without a target, lists the states
///
/// What stands there and differs is replaced, and what the state does not have is deleted, by commits that check it;
/// asks first, and keeps what goes in a file. Stopped or killed, it goes on by the same command once more. Ends with 0
/// if the database is as it was, with 1 if not, and with 130 if it was stopped.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The folder of the backup
    folder: PathBuf,

    /// The database to write, which is made if nothing is there
    target: Option<String>,

    /// The state at this moment instead of the newest one: milliseconds since 1970, or a date or time, by UTC unless it
    /// has an offset
    #[arg(long, value_name = "MOMENT")]
    at: Option<String>,

    /// Only entries below this key
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// Leave what the database has and the state does not
    #[arg(long)]
    keep_others: bool,

    /// Bring back entries, too, that have expired since; they do not expire then
    #[arg(long)]
    expired: bool,

    /// Queue the messages, too, which a backup has of its newest state alone
    #[arg(long, conflicts_with = "at", conflicts_with = "prefix")]
    messages: bool,

    /// Only say what would happen
    #[arg(long)]
    dry_run: bool,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    access: Access,

    #[command(flatten)]
    limit: Limit,

    #[command(flatten)]
    write: Write,

    /// Print the report as a JSON object, or the states as an array
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let at = match &self.at {
            None => None,
            Some(text) => {
                let moment = moment::parse(text, &TimeZone::UTC);
                Some(moment.ok_or_else(|| CommandError::NoMoment(text.clone()))?)
            }
        };
        let Some(target) = &self.target else {
            return self.list(output);
        };
        if is_backup(Path::new(target)) {
            return Err(CommandError::IntoBackup(target.clone()));
        }
        let backup = Backup::open(&self.folder)?;
        let state = backup.state_at(at)?;
        let interrupt = Interrupt::listen();
        let Target { to, made, .. } = &self.open(target)?;
        let made = *made;
        let mut pace = self.limit.pace();
        let dry_run = RestoreOptions {
            range: match &self.prefix {
                Some(prefix) => KeyRange::below(&prefix.encode()?),
                None => KeyRange::everything(),
            },
            keep_others: self.keep_others,
            expired: self.expired,
            messages: self.messages,
            dry_run: true,
        };
        let restoring = Restoring {
            backup: &backup,
            state: &state,
            to: to.as_ref(),
            interrupt: &interrupt,
        };
        if self.dry_run || !(made || self.yes) {
            let planned = restoring.restore(&dry_run, None, &mut pace)?;
            if self.dry_run {
                return self.tell(&planned, &state, None, output);
            }
            self.confirm(&planned, target)?;
        }
        let folders = Folders::of_person().ok();
        let folder = Folders::of_undo_files(folders.as_ref());
        let mut kept = Kept {
            path: undo_files::new_path(&folder, to.clock().now()),
            file: None,
        };
        let options = RestoreOptions {
            dry_run: false,
            ..dry_run
        };
        let restored = restoring.restore(&options, Some(&mut kept), &mut pace);
        let kept = kept.file.is_some().then_some(kept.path);
        if let (Err(_), Some(kept)) = (&restored, &kept) {
            note(format!("What was replaced before is in {}", kept.display()));
        }
        self.tell(&restored?, &state, kept.as_deref(), output)
    }

    /// Prints the states, the oldest first.
    fn list(&self, output: &mut Output) -> Result<(), CommandError> {
        let states = Backup::open(&self.folder)?.states()?;
        if self.json {
            let states: Vec<_> = states.iter().map(state_json).collect();
            return output.line(serde_json::Value::from(states));
        }
        for state in &states {
            let until = if state.moment == state.until {
                String::new()
            } else {
                format!(" to {}", moment_text(state.until))
            };
            let unsettled = match state.unsettled {
                0 => String::new(),
                keys => format!(", {} unsettled", text::counted(keys, "key", "keys")),
            };
            output.line(format!(
                "{}{until}\t{}, {} bytes{unsettled}",
                moment_text(state.moment),
                text::entries(state.sums.all.entries),
                state.sums.all.bytes
            ))?;
        }
        Ok(())
    }

    /// Opens the target. A dry run leaves nothing behind: where nothing is, it asks an empty database elsewhere.
    fn open(&self, target: &str) -> Result<Target, CommandError> {
        let options = self.write.options();
        if !self.dry_run {
            let (to, made) = self.access.open_or_create(options, target)?;
            if made {
                note(format!("Made a new database: {target}"));
            }
            Write::check(to.as_ref())?;
            return Ok(Target {
                to,
                made,
                _nowhere: None,
            });
        }
        if !OpenOptions::would_create(target) {
            return Ok(Target {
                to: self.access.open(options, target)?,
                made: false,
                _nowhere: None,
            });
        }
        let nowhere = tempfile::tempdir().map_err(CommandError::Temporary)?;
        let to = options.create(&nowhere.path().join("empty.kg"))?;
        note(format!("Would make a new database: {target}"));
        Ok(Target {
            to,
            made: true,
            _nowhere: Some(nowhere),
        })
    }

    /// Asks whether it shall be done, where there is somebody to ask.
    fn confirm(&self, planned: &CopyReport, target: &str) -> Result<(), CommandError> {
        if !planned.complete {
            return Err(CommandError::Interrupted("nothing was restored".to_owned()));
        }
        if planned.replaced == 0 && planned.deleted == 0 {
            return Ok(());
        }
        let plan = plan(planned);
        let unconfirmed = CommandError::UnconfirmedRestore {
            plan: plan.clone(),
            location: target.to_owned(),
        };
        consent::ask(target, &plan, unconfirmed)
    }

    fn tell(
        &self,
        report: &CopyReport,
        state: &State,
        kept: Option<&Path>,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        let target = self.target.as_deref().unwrap_or_default();
        if self.json {
            let mut json = report::json(report);
            if let serde_json::Value::Object(members) = &mut json {
                members.insert("state".to_owned(), state_json(state));
                members.insert("keptFile".to_owned(), serde_json::json!(kept));
            }
            output.line(json)?;
        } else if report.complete || report.stored + report.deleted > 0 {
            let done = if self.dry_run { "Would restore" } else { "Restored" };
            output.line(format!(
                "{done} the state of {} in {target}: {}",
                moment_text(state.moment),
                plan(report)
            ))?;
            if report.expired > 0 {
                output.line(if self.expired {
                    let had = text::entries(report.expired);
                    format!("{had} had expired since, and will not expire now")
                } else {
                    let left = text::counted(report.expired, "entry", "entries");
                    format!("{left} left out, which has expired since; --expired takes it in")
                })?;
            }
            for remark in &report.errors.named {
                output.line(text::remark(remark))?;
            }
            let mut lines = Vec::new();
            if let Some(messages) = &report.messages {
                report::of_messages(messages, false, &mut lines);
            }
            of_state(state, &mut lines);
            for line in lines {
                output.line(line)?;
            }
            if let Some(kept) = kept {
                output.line(format!(
                    "keyglass import --overwrite puts back what was replaced or deleted: {}",
                    kept.display()
                ))?;
            }
        }
        output.flush()?;
        if !report.complete {
            return Err(CommandError::Interrupted(if self.dry_run {
                "nothing was restored".to_owned()
            } else {
                format!("what was restored stays; the same command goes on from there: {target}")
            }));
        }
        match report.errors.count {
            0 => Ok(()),
            entries => Err(CommandError::NotRestored(entries)),
        }
    }
}

/// The database that is written.
struct Target {
    to: Arc<dyn Database>,
    made: bool,
    /// The folder of one that nobody keeps.
    _nowhere: Option<TempDir>,
}

/// What happens, or happened, in a few words.
fn plan(report: &CopyReport) -> String {
    format!(
        "{} new, {} replaced, {} deleted, {} the same",
        report.stored - report.replaced,
        report.replaced,
        report.deleted,
        report.same
    )
}

struct Restoring<'a> {
    backup: &'a Backup,
    state: &'a State,
    to: &'a dyn Database,
    interrupt: &'a Interrupt,
}

impl Restoring<'_> {
    fn restore(
        &self,
        options: &RestoreOptions,
        kept: Option<&mut Kept>,
        pace: &mut Pace,
    ) -> Result<CopyReport, CommandError> {
        let mut progress = ProgressLine::new();
        let journal = kept.map(|kept| kept as &mut dyn Journal);
        let (report, result) = self
            .backup
            .restore(self.state, self.to, options, journal, &mut |now| {
                progress.transferring(now);
                pace.keep(now, self.interrupt)
            });
        progress.clear();
        result?;
        Ok(report)
    }
}

/// A file of what is replaced and deleted, in the interchange format; made when there is something to keep.
struct Kept {
    path: PathBuf,
    file: Option<File>,
}

impl Journal for Kept {
    fn before(&mut self, _batch: u64, replaced: &[Replaced]) -> io::Result<()> {
        let entries = replaced.iter().filter_map(|one| one.before.as_ref());
        let lines: String = entries.map(|entry| json::entry_line(entry).text + "\n").collect();
        if lines.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                self.path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                none.insert(File::create_new(&self.path)?)
            }
        };
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    }

    fn committed(&mut self, _batch: u64, _versionstamp: Versionstamp) -> io::Result<()> {
        Ok(())
    }

    /// What it kept stands there still, or is kept once more as it is then.
    fn abandoned(&mut self, _batch: u64) -> io::Result<()> {
        Ok(())
    }
}
