//! `keyglass recover`: reads what is left of a damaged Deno file into a new database.

use std::path::{Path, PathBuf};

use clap::Args;
use keyglass_store::EncodedKey;
use keyglass_store::deno_file::{Missing, Recovery};
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::{self, RecoverReport};

use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::{Output, note};
use super::progress::ProgressLine;
use super::text;
use crate::content::recovered;

/// Reads what is left of a damaged Deno file into a new database, and tells what is missing
///
/// The damaged file is only read, and nothing is made beside it.
#[derive(Debug, Args)]
pub(super) struct Recover {
    /// The damaged file
    damaged: PathBuf,

    /// The new database: a folder, or a Deno file where the name ends in .sqlite3, .sqlite or .db
    new: String,

    /// Print the report as a JSON object
    #[arg(long)]
    json: bool,
}

impl Recover {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let mut recovery = Recovery::open(&self.damaged)?;
        let to = OpenOptions::new().create(Path::new(&self.new))?;
        note(format!("Made a new database: {}", self.new));
        let interrupt = Interrupt::listen();
        let mut progress = ProgressLine::new();
        let report = transfer::recover(&mut recovery, to.as_ref(), &mut |now| {
            progress.transferring(now);
            interrupt.flow()
        });
        progress.clear();
        let report = report?;
        if self.json {
            output.line(json(&report))?;
        } else {
            for line in lines(&report) {
                output.line(line)?;
            }
        }
        output.flush()?;
        if !report.recovered.complete {
            return Err(CommandError::Interrupted(format!(
                "{} recovered, and they stay; the rest was not: {}",
                text::entries_were(report.entries),
                self.new
            )));
        }
        if report.errors.count > 0 {
            return Err(CommandError::NotCopied(report.errors.count));
        }
        if recovered::is_whole(&report) {
            Ok(())
        } else {
            Err(CommandError::NotWhole)
        }
    }
}

fn lines(report: &RecoverReport) -> Vec<String> {
    let mut lines = vec![format!("Recovered {}", text::entries(report.entries))];
    let messages = |number| text::counted(number, "queued message", "queued messages");
    if report.messages > 0 {
        lines.push(format!("Recovered {}", messages(report.messages)));
    }
    lines.extend(report.errors.named.iter().map(text::remark));
    if !report.recovered.complete {
        return lines;
    }
    lines.extend(recovered::missing(report, text::counted));
    lines
}

fn json(report: &RecoverReport) -> serde_json::Value {
    let literal = |key: &EncodedKey| key.to_string();
    let missing = |missing: &Missing| match missing {
        Missing::Value(key) => serde_json::json!({"value": literal(key)}),
        Missing::Between {
            after,
            before,
            entries,
            keys,
        } => serde_json::json!({
            "after": after.as_ref().map(literal),
            "before": before.as_ref().map(literal),
            "entries": entries,
            "keys": keys.iter().map(literal).collect::<Vec<_>>(),
        }),
    };
    let recovered = &report.recovered;
    serde_json::json!({
        "entries": report.entries,
        "messages": report.messages,
        "messagesMissing": report.messages_missing,
        "missing": recovered.missing.iter().map(missing).collect::<Vec<_>>(),
        "missingIsExact": recovered.index_is_whole,
        "unclearPages": recovered.unclear_pages,
        "errorCount": report.errors.count,
        "errors": report.errors.named.iter().map(text::remark).collect::<Vec<_>>(),
        "complete": recovered.complete,
    })
}
