//! `keyglass delete`: removes entries, each only if it is still as it was seen.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{ArgGroup, Args};
use keyglass_store::{Database, EncodedKey, Key, KeyRange};

use super::access::Access;
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::Output;
use super::progress::ProgressLine;
use super::text;
use super::write::Write;
use crate::deletion::{delete, delete_batch};
use crate::errand::{DeleteReport, Deletion, JobError};
use crate::state::Folders;
use crate::undo_files;

/// Deletes entries by their keys, or all below a prefix; more than one only with --yes, and after they were kept in a file
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("which").args(["keys", "prefix"]).required(true),
    override_usage = "keyglass delete [OPTIONS] <LOCATION> <KEY>...\n       \
                      keyglass delete [OPTIONS] <LOCATION> --prefix <KEY>",
)]
pub(super) struct Delete {
    /// The database
    location: String,

    /// The keys, such as '["users", "ada"]'
    #[arg(value_name = "KEY", value_parser = text::key)]
    keys: Vec<Key>,

    /// Everything below this key; '[]' is the whole database
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// Delete even if it is more than one entry
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    access: Access,

    #[command(flatten)]
    write: Write,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Delete {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let database = self.access.open(self.write.options(), &self.location)?;
        let database = database.as_ref();
        Write::check(database)?;
        let ranges = match &self.prefix {
            Some(prefix) => {
                let range = KeyRange::below(&prefix.encode()?);
                if !self.yes {
                    let counted = database.count(&range, &mut |_| std::ops::ControlFlow::Continue(()))?;
                    confirm(counted.entries)?;
                }
                vec![range]
            }
            None => {
                let keys = self.keys.iter().map(Key::encode).collect::<Result<Vec<_>, _>>()?;
                let there = database.get_many(&keys)?.into_iter().flatten();
                let there: BTreeSet<_> = there.map(|entry| entry.key).collect();
                if there.len() < 2 {
                    let mut done = DeleteReport::default();
                    let result = delete_few(database, Vec::from_iter(there), &mut done);
                    return self.tell(&done, result, false, output);
                }
                if !self.yes {
                    confirm(there.len() as u64)?;
                }
                there.iter().map(KeyRange::only).collect()
            }
        };
        let folders = Folders::of_person().ok();
        let folder = Folders::of_undo_files(folders.as_ref());
        let undo_file = undo_files::new_path(&folder, database.clock().now());
        let deletion = Deletion {
            ranges,
            // They were asked for by their keys.
            expired: true,
        };
        let interrupt = Interrupt::listen();
        let mut progress = ProgressLine::new();
        let mut done = DeleteReport::default();
        let result = delete(database, deletion, &undo_file, &mut done, &mut |entries| {
            progress.show(entries);
            interrupt.flow()
        });
        progress.clear();
        if done.deleted + done.unknown == 0 {
            // It holds nothing but what is there.
            done.undo_file = None;
            let _removed = std::fs::remove_file(&undo_file);
        }
        let is_interrupted = result.is_ok() && !done.complete;
        self.tell(&done, result, is_interrupted, output)
    }

    /// Says what was done, also where it was not all.
    fn tell(
        &self,
        done: &DeleteReport,
        result: Result<(), JobError>,
        is_interrupted: bool,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        let result = match result {
            Err(error) if done.deleted + done.unknown == 0 => return Err(error.into()),
            other => other,
        };
        let undo_file = done.undo_file.as_ref().map(undo_files::UndoFile::path);
        if self.json {
            output.line(json(done, undo_file))?;
        } else {
            output.line(format!("Deleted {}", text::entries(done.deleted)))?;
            if done.unknown > 0 {
                let unknown = text::entries(done.unknown);
                output.line(format!(
                    "{unknown} of which it is not known whether they are gone"
                ))?;
            }
            if done.kept > 0 {
                let kept = text::entries(done.kept);
                output.line(format!("{kept} left, because they changed meanwhile"))?;
            }
            if done.irrecoverable.count > 0 {
                let kept = text::entries(done.irrecoverable.count);
                output.line(format!("{kept} left, because they could not be put back"))?;
                for remark in &done.irrecoverable.named {
                    output.line(text::remark(remark))?;
                }
            }
            if let Some(undo_file) = undo_file {
                let undo_file = undo_file.display();
                output.line(format!("keyglass import puts back what is gone: {undo_file}"))?;
            }
        }
        output.flush()?;
        result?;
        if is_interrupted {
            let deleted = text::entries_were(done.deleted);
            let location = &self.location;
            return Err(CommandError::Interrupted(format!(
                "{deleted} deleted; the rest was not: {location}"
            )));
        }
        match done.kept + done.irrecoverable.count {
            0 => Ok(()),
            left => Err(CommandError::NotDeleted(left)),
        }
    }
}

fn confirm(number: u64) -> Result<(), CommandError> {
    if number > 1 {
        return Err(CommandError::Unconfirmed(number));
    }
    Ok(())
}

/// A single entry, which is named by the person, needs no file.
fn delete_few(
    database: &dyn Database,
    keys: Vec<EncodedKey>,
    done: &mut DeleteReport,
) -> Result<(), JobError> {
    let entries = database.get_many(&keys)?;
    delete_batch(database, entries.into_iter().flatten().collect(), done)
}

fn json(done: &DeleteReport, undo_file: Option<&Path>) -> serde_json::Value {
    serde_json::json!({
        "deleted": done.deleted,
        "unknown": done.unknown,
        "changed": done.kept,
        "irrecoverable": done.irrecoverable.count,
        "undoFile": undo_file,
    })
}
