//! `keyglass get`: prints entries by their keys.

use clap::Args;
use keyglass_store::Key;
use keyglass_store::open::OpenOptions;

use super::access::Access;
use super::error::CommandError;
use super::output::{Output, note};
use super::text;
use crate::format as moment;

/// Prints the value under a key; of several keys, one line each: key, tab, value
#[derive(Debug, Args)]
pub(super) struct Get {
    /// The database
    location: String,

    /// The keys, such as '["users", "ada"]'
    #[arg(required = true, value_name = "KEY", value_parser = text::key)]
    keys: Vec<Key>,

    #[command(flatten)]
    access: Access,

    /// One JSON object a line, in the interchange format
    #[arg(long)]
    json: bool,
}

impl Get {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let keys = self.keys.iter().map(Key::encode).collect::<Result<Vec<_>, _>>()?;
        let database = self.access.open(OpenOptions::new(), &self.location)?;
        let entries = database.get_many(&keys)?;
        let now = database.clock().now();
        let mut absent = Vec::new();
        let mut expired = Vec::new();
        for (key, entry) in keys.iter().zip(&entries) {
            expired.extend(entry.as_ref().filter(|entry| entry.has_expired(now)));
            match entry {
                Some(entry) if self.json => output.line(text::entry_json(entry))?,
                Some(entry) if keys.len() == 1 => output.line(text::value_lines(&entry.value))?,
                Some(entry) => output.line(text::entry_line(entry))?,
                None => absent.push(key.clone()),
            }
        }
        output.flush()?;
        let mut shown = entries.iter().flatten();
        if !self.json && shown.any(|entry| text::shows_host(&entry.value)) {
            note(text::HOST_NOTE);
        }
        for entry in expired {
            let since = entry.expires_at.map(moment::utc).unwrap_or_default();
            note(format!(
                "This entry expired at {since} and was not swept: {}",
                entry.key
            ));
        }
        match (absent.pop(), absent.len()) {
            (None, _) => Ok(()),
            (Some(key), 0) => Err(CommandError::NoEntry(key)),
            (Some(_), others) => Err(CommandError::NoEntries {
                missing: others + 1,
                asked: keys.len(),
            }),
        }
    }
}
