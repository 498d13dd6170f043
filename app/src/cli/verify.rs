//! `keyglass verify`: whether a backup holds what was backed up.

use std::path::PathBuf;

use clap::Args;
use keyglass_store::backup::{Backup, VerifyReport};

use super::backup::{moment_text, of_state, state_json};
use super::error::CommandError;
use super::interrupt::Interrupt;
use super::output::Output;
use super::progress::ProgressLine;
use super::text;

/// Reads all of a backup: its tables, its newest state beside its manifest, and the way back to each past state
///
/// Ends with 0 if all of it is as it was written, with 1 if not, and with 130 if it was stopped.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The folder of the backup
    folder: PathBuf,

    /// Print the report as a JSON object
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let backup = Backup::open(&self.folder)?;
        let manifest = backup.newest()?;
        let interrupt = Interrupt::listen();
        let mut progress = ProgressLine::new();
        let report = backup.verify(&mut |now| {
            progress.transferring(now);
            interrupt.flow()
        });
        progress.clear();
        let report = report?;
        if self.json {
            let mut json = json(&report);
            if let serde_json::Value::Object(members) = &mut json {
                members.insert("source".to_owned(), manifest.source.location.clone().into());
                members.insert("state".to_owned(), state_json(&manifest.state));
            }
            output.line(json)?;
        } else if report.complete {
            output.line(format!(
                "{} of {}, as of {}",
                text::entries(report.entries),
                manifest.source.location,
                moment_text(manifest.state.until)
            ))?;
            let mut lines = Vec::new();
            of_state(&manifest.state, &mut lines);
            for line in lines.iter().chain(&report.problems) {
                output.line(line)?;
            }
            if report.is_sound() {
                output.line(format!(
                    "Verified, and so {} with {} that had been replaced or deleted",
                    were(report.past_states),
                    text::entries(report.past_entries)
                ))?;
            }
        }
        output.flush()?;
        if report.num_problems > 0 {
            return Err(CommandError::NotSound(self.folder.display().to_string()));
        }
        if !report.complete {
            return Err(CommandError::Interrupted(format!(
                "not all of the backup was looked at: {}",
                self.folder.display()
            )));
        }
        Ok(())
    }
}

fn were(past_states: u64) -> String {
    let states = text::counted(past_states, "past state", "past states");
    format!("{} {states}", if past_states == 1 { "was" } else { "were" })
}

/// The report as an object.
fn json(report: &VerifyReport) -> serde_json::Value {
    serde_json::json!({
        "sound": report.is_sound(),
        "entries": report.entries,
        "bytes": report.bytes,
        "pastStates": report.past_states,
        "pastEntries": report.past_entries,
        "problemCount": report.num_problems,
        "problems": report.problems,
        "complete": report.complete,
    })
}
