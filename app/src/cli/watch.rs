//! `keyglass watch`: prints changes as they happen.

use clap::Args;
use crossbeam_channel::{Receiver, Select, bounded};
use keyglass_store::open::OpenOptions;
use keyglass_store::value::json::key_fields;
use keyglass_store::{Before, Change, Changes, FeedEvent, Key, KeyRange};

use super::error::CommandError;
use super::output::{Output, note};
use super::text;

/// Prints changes as they happen, one a line, until it is ended
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// The database
    location: String,

    /// Only changes of these keys and below them; otherwise every change
    #[arg(value_name = "KEY", value_parser = text::key)]
    keys: Vec<Key>,

    /// Only changes below this key
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl Watch {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let mut ranges = Vec::new();
        for key in &self.keys {
            ranges.push(KeyRange::at_and_below(&key.encode()?));
        }
        if let Some(prefix) = &self.prefix {
            ranges.push(KeyRange::below(&prefix.encode()?));
        }
        if ranges.is_empty() {
            ranges.push(KeyRange::everything());
        }
        let database = OpenOptions::new().open(&self.location)?;
        if database.capabilities().changes == Changes::Never {
            return Err(CommandError::Still(self.location));
        }
        let feeds = ranges
            .into_iter()
            .map(|range| database.changes(range))
            .collect::<Result<Vec<_>, _>>()?;
        let ended = on_interrupt();
        while let Some(event) = next(&feeds, &ended) {
            match event {
                FeedEvent::Changes(changes) => {
                    for change in &changes {
                        output.line(if self.json { json(change) } else { line(change) })?;
                    }
                }
                FeedEvent::Lagged if self.json => output.line(r#"{"type":"missed"}"#)?,
                FeedEvent::Lagged => output.line("missed: there were changes that cannot be named")?,
                FeedEvent::Gone if self.json => output.line(r#"{"type":"gone"}"#)?,
                FeedEvent::Gone => output.line("gone: the database is not there any more")?,
            }
            output.flush()?;
        }
        drop(feeds);
        if let Some(word) = database.parting_word() {
            note(word);
        }
        Ok(())
    }
}

/// Hears when the person or the system ends the program, so that the database is closed before.
fn on_interrupt() -> Receiver<()> {
    let (sender, ended) = bounded(1);
    // Where there is no such signal, the program ends without closing the database, which harms nothing.
    let _handled = ctrlc::set_handler(move || {
        let _ending = sender.try_send(());
    });
    ended
}

/// The next event of any feed; none when the program shall end, or the database has.
fn next(feeds: &[Receiver<FeedEvent>], ended: &Receiver<()>) -> Option<FeedEvent> {
    let mut select = Select::new();
    for feed in feeds {
        select.recv(feed);
    }
    select.recv(ended);
    let operation = select.select();
    let Some(feed) = feeds.get(operation.index()) else {
        let _ended = operation.recv(ended);
        return None;
    };
    operation.recv(feed).ok()
}

fn line(change: &Change) -> String {
    match &change.after {
        Some(entry) => format!("set\t{}", text::entry_line(entry)),
        None => format!("delete\t{}", change.key),
    }
}

/// `{"type": "set" | "delete", "key", "value", "versionstamp", "before"}` with keys and values in the interchange
/// format. `before` is null where nothing stood and missing where nobody knows.
fn json(change: &Change) -> String {
    let mut text = match &change.after {
        Some(entry) => {
            let entry = text::entry_json(entry);
            let fields = entry.strip_prefix('{').and_then(|entry| entry.strip_suffix('}'));
            format!(r#"{{"type":"set",{}"#, fields.unwrap_or_default())
        }
        None => format!(r#"{{"type":"delete",{}"#, key_fields(&change.key)),
    };
    match &change.before {
        Before::Unknown => {}
        Before::Absent => text.push_str(r#","before":null"#),
        Before::Entry(entry) => {
            text.push_str(r#","before":"#);
            text.push_str(&text::entry_json(entry));
        }
    }
    text.push('}');
    text
}
