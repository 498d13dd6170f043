//! `keyglass watch`: prints changes as they happen.

use std::sync::Arc;
use std::sync::mpsc::TryRecvError;
use std::task::{Wake, Waker};

use clap::Args;
use crossbeam_channel::{Receiver, Sender, bounded, select};
use keyglass_store::entry::json::key_fields;
use keyglass_store::open::OpenOptions;
use keyglass_store::{Before, Change, Changes, Feed, FeedEvent, Key, KeyRange};

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
        let database = OpenOptions::new().attachable().open(&self.location)?;
        if database.capabilities().changes == Changes::Never {
            return Err(CommandError::Still(self.location));
        }
        let feed = database.changes(ranges)?;
        let (bell, rung) = bounded(1);
        let waker = Waker::from(Arc::new(Bell(bell)));
        let ended = on_interrupt();
        while let Some(event) = next(&feed, (&waker, &rung), &ended) {
            match event {
                FeedEvent::Changes(changes) => {
                    for change in &changes {
                        output.line(if self.json { json(change) } else { line(change) })?;
                    }
                }
                FeedEvent::Lagged { missed } => output.line(missed_line(missed, self.json))?,
                FeedEvent::Gone if self.json => output.line(r#"{"type":"gone"}"#)?,
                FeedEvent::Gone => output.line("gone: the database is not there any more")?,
            }
            output.flush()?;
        }
        drop(feed);
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

/// Rings when the feed has something to say.
struct Bell(Sender<()>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // Full means that it rings already.
        let _ringing = self.0.try_send(());
    }
}

/// The next event of the feed; none when the program shall end, or the database has.
fn next(feed: &Feed, bell: (&Waker, &Receiver<()>), ended: &Receiver<()>) -> Option<FeedEvent> {
    loop {
        match feed.try_recv() {
            Ok(event) => return Some(event),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        feed.wake(bell.0);
        select! {
            recv(bell.1) -> _rung => {}
            recv(ended) -> _ended => return None,
        }
    }
}

/// That changes were missed, and how many of them where that is known.
fn missed_line(missed: Option<u64>, json: bool) -> String {
    match (missed, json) {
        (Some(number), true) => format!(r#"{{"type":"missed","changes":{number}}}"#),
        (None, true) => r#"{"type":"missed"}"#.to_owned(),
        (Some(1), false) => "missed: there was a change that is not named".to_owned(),
        (Some(number), false) => format!("missed: there were {number} changes that are not named"),
        (None, false) => "missed: there were changes that cannot be named".to_owned(),
    }
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
        None => format!(
            r#"{{"type":"delete",{},"versionstamp":"{}""#,
            key_fields(&change.key),
            change.versionstamp
        ),
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
