//! `keyglass commit`: commits a draft, or says what that would do.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use clap::Args;
use keyglass_store::draft::{Draft, Step, file};
use keyglass_store::dry_run::dry_run;
use keyglass_store::entry::json::{key_fields, value_fields};
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, Effect, EncodedKey, Entry, FailedCheck, Mutation, MutationKind,
    Rehearsal, StoredValue,
};

use super::access::Access;
use super::error::CommandError;
use super::output::{Output, note};
use super::text;
use super::unseen_expiry::{UnseenExpiry, plan};
use super::write::Write;
use crate::format;
use crate::moment::Span;

/// Commits the rows of a draft file as one, and prints the versionstamp
#[derive(Debug, Args)]
#[command(after_help = "\
A draft file has one row a line, as the window saves it:
  {\"operation\":\"check\",\"key\":[{\"type\":\"string\",\"value\":\"a\"}],\"versionstamp\":null}
  {\"operation\":\"set\",\"key\":[{\"type\":\"string\",\"value\":\"a\"}],\"value\":{\"type\":\"number\",\"value\":1}}

Exit codes: 0 if it is committed, or would be; 3 if a check does not hold; 2 if it was called wrongly; 1 otherwise. \
Nothing is stored unless all of it is.")]
pub(super) struct Commit {
    /// The database
    location: String,

    /// The draft file; - reads it from stdin
    #[arg(value_name = "FILE")]
    file: String,

    /// Say what it would do, before and after for each row, and store nothing
    #[arg(long)]
    dry_run: bool,

    /// Where a server does not tell when entries expire: a set in the place of an entry gets this expiry, such as 90s, 1h30m
    /// or 2 days, if it has none or shall keep that of the entry
    #[arg(long, value_name = "DURATION", value_parser = text::span)]
    expire_in: Option<Span>,

    #[command(flatten)]
    unseen: UnseenExpiry,

    #[command(flatten)]
    access: Access,

    #[command(flatten)]
    write: Write,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Commit {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let draft = self.read()?;
        let database = self.access.open(self.write.options(), &self.location)?;
        let database = database.as_ref();
        if !self.dry_run {
            Write::check(database)?;
        }
        let operation = self.operation(database, &draft)?;
        if self.dry_run {
            return self.rehearse(database, &draft, &operation, output);
        }
        match database.commit(operation)? {
            CommitOutcome::Committed(versionstamp) if self.json => output.line(serde_json::json!({
                "ok": true,
                "versionstamp": versionstamp.to_string(),
            })),
            CommitOutcome::Committed(versionstamp) => output.line(versionstamp),
            // It changes no message, which could have stopped it.
            CommitOutcome::MessagesChanged(_) => Err(CommandError::ChecksFailed(0)),
            CommitOutcome::Conflict(failed) => {
                let rows = Rows::of(&draft);
                if self.json {
                    let checks = failed.iter().map(|check| rows.check_json(check));
                    let checks: Vec<String> = checks.collect();
                    output.line(format!("{{\"ok\":false,\"failed\":[{}]}}", checks.join(",")))?;
                } else {
                    for check in &failed {
                        output.line(rows.check_line(check))?;
                    }
                }
                output.flush()?;
                Err(CommandError::ChecksFailed(failed.len() as u64))
            }
        }
    }

    fn read(&self) -> Result<Draft, CommandError> {
        let (text, name) = match self.file.as_str() {
            "-" => (text::read_stdin()?, "stdin".to_owned()),
            path => {
                let name = path.to_owned();
                match std::fs::read_to_string(path) {
                    Ok(text) => (text, name),
                    Err(source) => return Err(CommandError::Input { source, name }),
                }
            }
        };
        file::parse(&text).map_err(|error| CommandError::DraftFile { error, name })
    }

    fn operation(&self, database: &dyn Database, draft: &Draft) -> Result<AtomicOperation, CommandError> {
        let keys = draft.keys();
        let standing = database.get_many(&keys)?;
        let standing: HashMap<_, _> = keys.iter().zip(&standing).collect();
        let now = database.clock().now();
        let operation = draft.operation(now, |key| standing.get(key)?.as_ref());
        let mut operation = operation.map_err(|error| CommandError::Draft {
            error,
            name: self.file.clone(),
        })?;
        if database.capabilities().expiry {
            return Ok(operation);
        }
        let until = match self.expire_in {
            Some(span) => Some(span.after(now).ok_or(CommandError::TooLate)?),
            None => None,
        };
        let stands = |key: &EncodedKey| matches!(standing.get(key), Some(Some(_)));
        let mut ending = HashSet::new();
        for Mutation { key, kind } in &mut operation.mutations {
            if !kind.ends_expiry() || !stands(key) {
                continue;
            }
            match (kind, until) {
                (MutationKind::Set { expires_at, .. }, Some(_)) => *expires_at = until,
                _ => {
                    ending.insert(key.clone());
                }
            }
        }
        let ending = ending.len() as u64;
        if self.dry_run && ending > 0 {
            note(plan(Some(ending)));
        } else if !self.dry_run {
            self.unseen.ask(database, Some(ending))?;
        }
        Ok(operation)
    }

    fn rehearse(
        &self,
        database: &dyn Database,
        draft: &Draft,
        operation: &AtomicOperation,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        let Rehearsal { failed, effects } = dry_run(database, operation)?;
        let rows = Rows::of(draft);
        if self.json {
            output.line(rows.json(operation, &failed, &effects))?;
        } else {
            rows.tell(operation, &failed, &effects, output)?;
        }
        output.flush()?;
        if !failed.is_empty() {
            return Err(CommandError::ChecksFailed(failed.len() as u64));
        }
        let refusal = effects.into_iter().enumerate().find_map(|(index, effect)| {
            let reason = effect.after.err()?;
            Some(CommandError::WouldBeRefused {
                row: rows.of_mutation(index),
                reason,
            })
        });
        refusal.map_or(Ok(()), Err)
    }
}

/// Which row of the file each part of the operation comes from, from 1.
struct Rows<'d> {
    draft: &'d Draft,
    checks: Vec<usize>,
    mutations: Vec<usize>,
    messages: Vec<usize>,
}

impl<'d> Rows<'d> {
    fn of(draft: &'d Draft) -> Self {
        let mut rows = Self {
            draft,
            checks: Vec::new(),
            mutations: Vec::new(),
            messages: Vec::new(),
        };
        for (row, step) in draft.live() {
            match step {
                Step::Check { .. } => rows.checks.push(row),
                Step::Enqueue { .. } => rows.messages.push(row),
                _ => rows.mutations.push(row),
            }
        }
        rows
    }

    fn of_mutation(&self, index: usize) -> usize {
        self.mutations.get(index).copied().unwrap_or_default()
    }

    fn step(&self, row: usize) -> Option<&'d Step> {
        self.draft.rows.get(row.checked_sub(1)?).map(|row| &row.step)
    }

    /// `Row 1: check ["a"] fails: it is 00…`
    fn check_line(&self, check: &FailedCheck) -> String {
        let row = self.checks.get(check.index).copied().unwrap_or_default();
        let key = self.step(row).and_then(Step::key);
        let key = key.map_or_else(String::new, ToString::to_string);
        let found = match &check.current {
            Some(entry) => format!("it is {}", entry.versionstamp),
            None => "the key is absent".to_owned(),
        };
        format!("Row {row}: check {key} fails: {found}")
    }

    fn check_json(&self, check: &FailedCheck) -> String {
        let row = self.checks.get(check.index).copied().unwrap_or_default();
        let key = self
            .step(row)
            .and_then(Step::key)
            .map_or_else(String::new, key_fields);
        let found = match &check.current {
            Some(entry) => format!("\"{}\"", entry.versionstamp),
            None => "null".to_owned(),
        };
        format!("{{\"row\":{row},{key},\"found\":{found}}}")
    }

    fn tell(
        &self,
        operation: &AtomicOperation,
        failed: &[FailedCheck],
        effects: &[Effect],
        output: &mut Output,
    ) -> Result<(), CommandError> {
        for (index, check) in operation.checks.iter().enumerate() {
            match failed.iter().find(|failed| failed.index == index) {
                Some(failed) => output.line(self.check_line(failed))?,
                None => {
                    let row = self.checks.get(index).copied().unwrap_or_default();
                    output.line(format!("Row {row}: check {} passes", check.key))?;
                }
            }
        }
        for (index, (mutation, effect)) in operation.mutations.iter().zip(effects).enumerate() {
            let row = self.of_mutation(index);
            let key = &mutation.key;
            let name = self.step(row).map_or("", name_of);
            let before = shown(effect.before.as_ref().and_then(Option::as_ref));
            let after = match &effect.after {
                Ok(after) => shown(after.as_ref().and_then(Option::as_ref)),
                Err(reason) => format!("refused: {reason}"),
            };
            output.line(format!("Row {row}: {name} {key}: {before} → {after}"))?;
        }
        for (message, row) in operation.enqueues.iter().zip(&self.messages) {
            let payload = StoredValue {
                encoding: keyglass_store::Encoding::V8,
                bytes: message.payload.clone(),
            };
            let (payload, due) = (text::value_line(&payload), format::utc(message.due_at));
            output.line(format!("Row {row}: enqueue {payload}, due {due}"))?;
        }
        Ok(())
    }

    fn json(&self, operation: &AtomicOperation, failed: &[FailedCheck], effects: &[Effect]) -> String {
        let is_ok = failed.is_empty() && effects.iter().all(|effect| effect.after.is_ok());
        let mut json = format!("{{\"ok\":{is_ok},\"dryRun\":true,\"failed\":[");
        let checks: Vec<String> = failed.iter().map(|check| self.check_json(check)).collect();
        json.push_str(&checks.join(","));
        json.push_str("],\"mutations\":[");
        for (index, (mutation, effect)) in operation.mutations.iter().zip(effects).enumerate() {
            let row = self.of_mutation(index);
            let comma = if index > 0 { "," } else { "" };
            let name = self.step(row).map_or("", name_of);
            let before = entry_json(effect.before.as_ref().and_then(Option::as_ref));
            let key = key_fields(&mutation.key);
            let _infallible = write!(
                json,
                "{comma}{{\"row\":{row},\"operation\":\"{name}\",{key},\"before\":{before},"
            );
            let _infallible = match &effect.after {
                Ok(after) => {
                    let after = entry_json(after.as_ref().and_then(Option::as_ref));
                    write!(json, "\"after\":{after}}}")
                }
                Err(reason) => {
                    let reason = serde_json::Value::from(reason.to_string());
                    write!(json, "\"refused\":{reason}}}")
                }
            };
        }
        let messages = operation.enqueues.len();
        let _infallible = write!(json, "],\"messages\":{messages}}}");
        json
    }
}

fn name_of(step: &Step) -> &'static str {
    match step {
        Step::Check { .. } => "check",
        Step::Set {
            is_versionstamped: true,
            ..
        } => "setSuffixVersionstampedKey",
        Step::Set { .. } => "set",
        Step::Delete { .. } => "delete",
        Step::Sum { .. } => "sum",
        Step::Min { .. } => "min",
        Step::Max { .. } => "max",
        Step::Enqueue { .. } => "enqueue",
        Step::Unfinished { .. } => "unfinished",
    }
}

/// The value, and when it goes.
fn shown(entry: Option<&Entry>) -> String {
    let Some(entry) = entry else {
        return "absent".to_owned();
    };
    let value = text::value_line(&entry.value);
    match entry.expires_at {
        Some(moment) => format!("{value} until {}", format::utc(moment)),
        None => value,
    }
}

fn entry_json(entry: Option<&Entry>) -> String {
    let Some(entry) = entry else {
        return "null".to_owned();
    };
    let mut json = format!("{{{}", value_fields(&entry.value));
    if entry.versionstamp != Rehearsal::VERSIONSTAMP {
        let _infallible = write!(json, ",\"versionstamp\":\"{}\"", entry.versionstamp);
    }
    if let Some(moment) = entry.expires_at {
        let _infallible = write!(json, ",\"expireAt\":{moment}");
    }
    json.push('}');
    json
}
