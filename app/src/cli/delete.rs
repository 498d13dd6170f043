//! `keyglass delete`: removes entries.

use clap::{ArgGroup, Args};
use keyglass_store::limits::COMMIT_BYTES;
use keyglass_store::open::OpenOptions;
use keyglass_store::{AtomicOperation, Database, EncodedKey, Key, KeyRange, ReadRange};

use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::Output;
use super::text;

/// Entries looked at together.
const PAGE: usize = 256;

/// Deletes entries by their keys, or all below a prefix; more than one only with --yes
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

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Delete {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let database = OpenOptions::new().open(&self.location)?;
        let deleted = match &self.prefix {
            Some(prefix) => {
                let range = KeyRange::below(&prefix.encode()?);
                if !self.yes {
                    let counted = database.count(&range, &mut |_| std::ops::ControlFlow::Continue(()))?;
                    confirm(counted.entries)?;
                }
                delete_range(database.as_ref(), range)?
            }
            None => {
                let keys = self.keys.iter().map(Key::encode).collect::<Result<Vec<_>, _>>()?;
                let mut there: Vec<_> = database
                    .get_many(&keys)?
                    .into_iter()
                    .flatten()
                    .map(|entry| entry.key)
                    .collect();
                there.sort();
                there.dedup();
                if !self.yes {
                    confirm(there.len() as u64)?;
                }
                delete_keys(database.as_ref(), &there)?
            }
        };
        if self.json {
            output.line(serde_json::json!({ "deleted": deleted }))
        } else {
            output.line(format!("Deleted {}", text::entries(deleted)))
        }
    }
}

fn confirm(number: u64) -> Result<(), CommandError> {
    if number > 1 {
        return Err(CommandError::Unconfirmed(number));
    }
    Ok(())
}

fn delete_range(database: &dyn Database, range: KeyRange) -> Result<u64, CommandError> {
    let interrupt = Interrupt::listen();
    let mut deleted = 0;
    let mut rest = ReadRange {
        range,
        limit: PAGE,
        reverse: false,
    };
    loop {
        let page = database.snapshot()?.read(&rest)?;
        let Some(last) = page.last() else {
            return Ok(deleted);
        };
        rest.range = rest.range.after(&last.key, false);
        let keys: Vec<_> = page.into_iter().map(|entry| entry.key).collect();
        deleted += delete_keys(database, &keys)?;
        if interrupt.flow().is_break() {
            let done = text::entries_were(deleted);
            return Err(CommandError::Interrupted(format!(
                "{done} deleted, others may be left"
            )));
        }
    }
}

/// Deletes keys in as few commits as the limits allow. Returns how many there were.
fn delete_keys(database: &dyn Database, keys: &[EncodedKey]) -> Result<u64, CommandError> {
    let mut operation = AtomicOperation::new();
    let mut bytes = 0;
    for key in keys {
        let length = key.as_bytes().len();
        if bytes + length > COMMIT_BYTES || operation.mutations.len() == PAGE {
            database.commit(std::mem::take(&mut operation))?;
            bytes = 0;
        }
        bytes += length;
        operation = operation.delete(key.clone());
    }
    if !operation.mutations.is_empty() {
        database.commit(operation)?;
    }
    Ok(keys.len() as u64)
}
