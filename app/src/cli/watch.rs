//! `keyglass watch`: prints changes as they happen.

use std::io;
use std::process::{ExitCode, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::TryRecvError;
use std::task::{Wake, Waker};
use std::time::Duration;

use clap::Args;
use crossbeam_channel::{Receiver, Sender, after, bounded, never, select};
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::compare::Aspects;
use keyglass_store::{Before, Change, Changes, Clock, Database, Entries, Feed, FeedEvent, Key, KeyRange};

use super::access::Access;
use super::error::CommandError;
use super::output::{Output, note};
use super::text;
use crate::content::change_kind::ChangeKind;
use crate::content::change_line::{change_line, missed_line};
use crate::content::condition::{Condition, ConditionSubject};
use crate::content::field_changes::{FIELD_CHARS, FieldChange, fields};
use crate::exec::{self, Occasion};
use crate::moment::Span;

/// What the process ends with when the time is over before what was waited for, as of `timeout`.
const TIME_IS_OVER: u8 = 124;
/// The same for a signal.
const INTERRUPTED: u8 = 130;

/// Prints changes as they happen, one a line, until it is ended
#[derive(Debug, Args)]
#[command(after_help = "\
Conditions compare places in a change with literals or with each other:
  value.stock < 5                            what stands there now
  value.stock < before.stock                 and what stood there
  value.status changed and not value.paid    also or, contains, parentheses
  key[0] = \"orders\" and kind = \"deleted\"   created, changed, set, deleted or expired; size is in bytes

Exits with 0 when --until or --count is met, or when it is stopped and neither was given; with 124 if --timeout came
first, with 130 if it was stopped first, and with 1 if it failed or the database went away for good.")]
pub(super) struct Watch {
    /// The database
    location: String,

    /// Only changes of these keys and below them; otherwise every change
    #[arg(value_name = "KEY", value_parser = text::key)]
    keys: Vec<Key>,

    /// Only changes below this key
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    #[command(flatten)]
    access: Access,

    /// One JSON object a line
    #[arg(long)]
    json: bool,

    /// Tell of each change what differs, field by field
    #[arg(long)]
    diff: bool,

    /// Begin with the entries that stand there, as if each was set now
    #[arg(long)]
    present: bool,

    /// Only changes that meet this condition
    #[arg(long = "where", value_name = "CONDITION", value_parser = condition)]
    only: Option<Condition>,

    /// End after the first change that meets this condition
    #[arg(long, value_name = "CONDITION", value_parser = condition)]
    until: Option<Condition>,

    /// Run this command line for each change that is told, one after the other. It gets the change as JSON on its standard
    /// input, and KEYGLASS_KEY, KEYGLASS_KIND, KEYGLASS_VERSIONSTAMP and KEYGLASS_DATABASE in its environment
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,

    /// End after so many changes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// End after so long, such as 10s or 5 min
    #[arg(long, value_name = "SPAN", value_parser = text::span)]
    timeout: Option<Span>,
}

/// A condition, as clap reports it.
fn condition(text: &str) -> Result<Condition, String> {
    Condition::parse(text).map_err(|error| error.to_string())
}

/// Why it ends.
enum End {
    /// What was waited for has come.
    Met,
    TimeIsOver,
    Interrupted,
    /// The database tells no more.
    Closed,
}

impl Watch {
    pub(super) fn run(self, output: &mut Output) -> Result<ExitCode, CommandError> {
        let database = self
            .access
            .open(OpenOptions::new().attachable(), &self.location)?;
        if database.capabilities().changes == Changes::Never {
            return Err(CommandError::Still(self.location));
        }
        let ranges = self.ranges()?;
        let feed = database.changes(ranges.clone())?;
        let ended = on_interrupt();
        let (bell, rung) = bounded(1);
        let heard = Heard {
            feed: &feed,
            waker: Waker::from(Arc::new(Bell(bell))),
            rung,
            ended,
            time: self.time(&database.clock()),
        };
        let end = self.watch(&*database, ranges, &heard, output)?;
        output.flush()?;
        drop(heard);
        drop(feed);
        if let Some(word) = database.parting_word() {
            note(word);
        }
        let waits = self.until.is_some() || self.count.is_some();
        match end {
            End::Met => Ok(ExitCode::SUCCESS),
            End::Closed if waits => Err(CommandError::NotMet(self.location)),
            End::TimeIsOver if waits => Ok(ExitCode::from(TIME_IS_OVER)),
            End::Interrupted if waits => Ok(ExitCode::from(INTERRUPTED)),
            End::Closed | End::TimeIsOver | End::Interrupted => Ok(ExitCode::SUCCESS),
        }
    }

    fn ranges(&self) -> Result<Vec<KeyRange>, CommandError> {
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
        Ok(ranges)
    }

    /// Is told once the time is over.
    fn time(&self, clock: &Clock) -> Receiver<std::time::Instant> {
        let now = clock.now();
        let until = self.timeout.and_then(|span| span.after(now));
        match until.and_then(|until| u64::try_from(until.saturating_sub(now)).ok()) {
            Some(milliseconds) => after(Duration::from_millis(milliseconds)),
            None => never(),
        }
    }

    fn watch(
        &self,
        database: &dyn Database,
        ranges: Vec<KeyRange>,
        heard: &Heard<'_>,
        output: &mut Output,
    ) -> Result<End, CommandError> {
        let clock = database.clock();
        let mut left = self.count;
        if self.present {
            for entry in Entries::of_now(database, ranges)? {
                let entry = entry?;
                let change = Change {
                    key: entry.key.clone(),
                    versionstamp: entry.versionstamp,
                    before: Before::Unknown,
                    after: Some(entry),
                };
                if self.tell(&change, clock.now(), &mut left, output)? {
                    return Ok(End::Met);
                }
                if let Some(end) = heard.end() {
                    return Ok(end);
                }
            }
            output.flush()?;
        }
        loop {
            let event = match heard.next() {
                Ok(event) => event,
                Err(end) => return Ok(end),
            };
            match event {
                FeedEvent::Changes(changes) => {
                    for change in &changes {
                        if self.tell(change, clock.now(), &mut left, output)? {
                            return Ok(End::Met);
                        }
                    }
                }
                FeedEvent::Lagged { missed } if self.json => output.line(missed_line(missed, clock.now()))?,
                FeedEvent::Lagged { missed } => output.line(missed_words(missed))?,
                FeedEvent::Gone if self.json => output.line(r#"{"type":"gone"}"#)?,
                FeedEvent::Gone => output.line("gone: the database is not there any more")?,
            }
            output.flush()?;
        }
    }

    /// Runs the command line for a change. One that fails is told of, and the next change is its next chance.
    fn execute(&self, line: &str, change: &Change, now: i64) -> Result<(), CommandError> {
        let occasion = Occasion {
            location: self.location.clone(),
            condition: self.only.as_ref().map(ToString::to_string),
            changes: 1,
            change: change.clone(),
            at: now,
        };
        let ended = run(line, &occasion).map_err(CommandError::Exec)?;
        if !ended.success() {
            note(format_args!("The command ended with {ended}: {}", change.key));
        }
        Ok(())
    }

    /// Prints a change if it is wanted. Whether it was the last one.
    fn tell(
        &self,
        change: &Change,
        now: i64,
        left: &mut Option<u64>,
        output: &mut Output,
    ) -> Result<bool, CommandError> {
        let after = change.after.as_ref();
        let kind = ChangeKind::of(&change.before, after, now);
        let subject = ConditionSubject::new(&change.key, kind, &change.before, after);
        if self.only.as_ref().is_some_and(|only| !only.holds(&subject)) {
            return Ok(false);
        }
        let fields = self.diff.then(|| differences(change));
        if self.json {
            output.line(change_line(change, kind, now, fields.as_deref()))?;
        } else {
            output.line(line(change))?;
            for field in fields.into_iter().flatten() {
                output.line(format_args!("    {field}"))?;
            }
        }
        if let Some(line) = &self.exec {
            output.flush()?;
            self.execute(line, change, now)?;
        }
        *left = left.map(|left| left.saturating_sub(1));
        Ok(*left == Some(0) || self.until.as_ref().is_some_and(|until| until.holds(&subject)))
    }
}

/// Runs a command line for a change, and waits for its end.
fn run(line: &str, occasion: &Occasion) -> io::Result<ExitStatus> {
    let mut child = exec::command(line, occasion).spawn()?;
    exec::hand_over(&mut child, occasion);
    child.wait()
}

/// What differs in an entry that stood there before.
fn differences(change: &Change) -> Vec<FieldChange> {
    match (&change.before, &change.after) {
        (Before::Entry(before), Some(after)) => {
            fields(before, after, Aspects::between(before, after), FIELD_CHARS)
        }
        _ => Vec::new(),
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

/// Where something is heard.
struct Heard<'f> {
    feed: &'f Feed,
    waker: Waker,
    rung: Receiver<()>,
    ended: Receiver<()>,
    time: Receiver<std::time::Instant>,
}

impl Heard<'_> {
    /// Why it shall end, if it shall.
    fn end(&self) -> Option<End> {
        if self.ended.try_recv().is_ok() {
            return Some(End::Interrupted);
        }
        self.time.try_recv().is_ok().then_some(End::TimeIsOver)
    }

    /// The next event of the feed.
    fn next(&self) -> Result<FeedEvent, End> {
        loop {
            // Also where changes come without end.
            if let Some(end) = self.end() {
                return Err(end);
            }
            match self.feed.try_recv() {
                Ok(event) => return Ok(event),
                Err(TryRecvError::Disconnected) => return Err(End::Closed),
                Err(TryRecvError::Empty) => {}
            }
            self.feed.wake(&self.waker);
            select! {
                recv(self.rung) -> _rung => {}
                recv(self.ended) -> _ended => return Err(End::Interrupted),
                recv(self.time) -> _over => return Err(End::TimeIsOver),
            }
        }
    }
}

/// That changes were missed, and how many of them where that is known.
fn missed_words(missed: Option<u64>) -> String {
    match missed {
        Some(1) => "missed: there was a change that is not named".to_owned(),
        Some(number) => format!("missed: there were {number} changes that are not named"),
        None => "missed: there were changes that cannot be named".to_owned(),
    }
}

fn line(change: &Change) -> String {
    match &change.after {
        Some(entry) => format!("set\t{}", text::entry_line(entry)),
        None => format!("delete\t{}", change.key),
    }
}
