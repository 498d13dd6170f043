//! `keyglass ls`: lists entries.

use clap::Args;
use keyglass_store::key::{Cursor, Selector};
use keyglass_store::open::OpenOptions;
use keyglass_store::{Entries, Entry, Key};

use super::access::Access;
use super::error::CommandError;
use super::output::{Output, note};
use super::text;

/// Entries read at once.
const PAGE: usize = 256;

/// Lists entries, one a line: key, tab, value
#[derive(Debug, Args)]
pub(super) struct Ls {
    /// The database
    location: String,

    /// Only entries below this key, such as '["users"]'
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    prefix: Option<Key>,

    /// From this key on
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    start: Option<Key>,

    /// Up to this key, without it
    #[arg(long, value_name = "KEY", value_parser = text::key)]
    end: Option<Key>,

    /// At most so many entries; where more follow, the cursor to go on with is told on stderr
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,

    /// From the end
    #[arg(long)]
    reverse: bool,

    /// Go on where an earlier list stopped; Deno's cursors fit too
    #[arg(long)]
    cursor: Option<String>,

    /// Entries, too, that have expired and were not swept
    #[arg(long)]
    expired: bool,

    /// Only the keys
    #[arg(long, conflicts_with_all = ["values", "json"])]
    keys: bool,

    #[command(flatten)]
    access: Access,

    /// Only the values
    #[arg(long, conflicts_with = "json")]
    values: bool,

    /// One JSON object a line, in the interchange format
    #[arg(long)]
    json: bool,
}

impl Ls {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let database = self.access.open(OpenOptions::new(), &self.location)?;
        let selector = self.selector();
        let cursor = Cursor(self.cursor.clone().unwrap_or_default());
        let range = cursor.resume(&selector, &selector.range()?, self.reverse)?;
        let mut left = self.limit.unwrap_or(u64::MAX);
        let mut last = None;
        let mut left_out = 0;
        let now = database.clock().now();
        // A snapshot for each page, so that a slow reader of the output holds nothing back.
        // One more than is listed tells whether more follow, unless that one is left out.
        let first_page = usize::try_from(left.saturating_add(1)).map_or(PAGE, |most| most.min(PAGE));
        let entries =
            Entries::of(&*database, [range])
                .reverse(self.reverse)
                .growing(first_page, PAGE, u64::MAX);
        let mut has_more = false;
        let mut has_host = false;
        for entry in entries {
            let entry = entry?;
            if entry.has_expired(now) && !self.expired {
                left_out += 1;
                continue;
            }
            has_more = left == 0;
            if has_more {
                break;
            }
            self.print(&entry, output)?;
            has_host = has_host || (!self.json && !self.keys && text::shows_host(&entry.value));
            left -= 1;
            last = Some(entry.key);
        }
        output.flush()?;
        if has_host {
            note(text::HOST_NOTE);
        }
        if left_out > 0 {
            note(text::left_out(left_out));
        }
        if let Some(last) = last.filter(|_| has_more) {
            note(format!(
                "More follow: --cursor {}",
                Cursor::at(&last, &selector)?.0
            ));
        }
        Ok(())
    }

    fn print(&self, entry: &Entry, output: &mut Output) -> Result<(), CommandError> {
        match () {
            () if self.json => output.line(text::entry_json(entry)),
            () if self.keys => output.line(&entry.key),
            () if self.values => output.line(text::value_line(&entry.value)),
            () => output.line(text::entry_line(entry)),
        }
    }

    /// A range where both bounds are given without a prefix, as in Deno; otherwise a prefix, which may be empty.
    fn selector(&self) -> Selector {
        match (&self.prefix, &self.start, &self.end) {
            (None, Some(start), Some(end)) => Selector::Range {
                start: start.clone(),
                end: end.clone(),
            },
            _ => Selector::Prefix {
                prefix: self.prefix.clone().unwrap_or_default(),
                start: self.start.clone(),
                end: self.end.clone(),
            },
        }
    }
}
