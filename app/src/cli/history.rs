//! `keyglass history`: earlier versions of entries, and which of them a database keeps.

use clap::Args;
use keyglass_store::history::DAY;
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, EncodedKey, Ended, HistoryRule, HistoryRules, Key, PastVersion,
    Versionstamp,
};
use serde_json::json;

use super::access::Access;
use super::consent;
use super::error::CommandError;
use super::output::{Output, note};
use super::text;
use super::write::Write;
use crate::format;

/// Versions that are asked for at once.
const PAGE: usize = 100;

/// Shows earlier versions of an entry, or which a database keeps; turns that on and off, and brings a version back
#[derive(Debug, Args)]
#[command(
    override_usage = "keyglass history [OPTIONS] <LOCATION>\n       \
                      keyglass history [OPTIONS] <LOCATION> <KEY> [--restore <VERSIONSTAMP>]\n       \
                      keyglass history [OPTIONS] <LOCATION> --deleted [--prefix <KEY>]\n       \
                      keyglass history [OPTIONS] <LOCATION> --keep <N> --days <D> [--prefix <KEY>]\n       \
                      keyglass history [OPTIONS] <LOCATION> --off [--prefix <KEY>]",
    after_help = "\
Only Keyglass folders keep earlier versions, and only where they were told to. With --keep and --days, what is replaced,
deleted or expires below the prefix is kept from then on: so many versions of each key, for so many days, whichever ends
first. The folder keeps the rule, whoever opens it. Where less is kept than before, that is asked about."
)]
pub(super) struct History {
    /// The database
    location: String,

    /// The key whose versions are shown, the newest first
    #[arg(value_name = "KEY", value_parser = text::key)]
    key: Option<Key>,

    /// Put this version back, if the entry does not change meanwhile
    #[arg(long, value_name = "VERSIONSTAMP", requires = "key")]
    restore: Option<Versionstamp>,

    /// Entries that are gone, each with its last version
    #[arg(long, conflicts_with_all = ["key", "keep", "days", "megabytes", "off"])]
    deleted: bool,

    /// Below this key; otherwise in the whole database
    #[arg(long, value_name = "KEY", value_parser = text::key, conflicts_with = "key")]
    prefix: Option<Key>,

    /// Keep so many earlier versions of each key, at most 1000
    #[arg(long, value_name = "N", conflicts_with = "key")]
    keep: Option<u32>,

    /// Keep each version for so many days after it was replaced
    #[arg(long, value_name = "D", conflicts_with = "key", value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,

    /// Let all versions of the database take so many MB at most; the oldest go first [256 unless it was set]
    #[arg(long, value_name = "N", conflicts_with = "key", value_parser = clap::value_parser!(u32).range(1..))]
    megabytes: Option<u32>,

    /// Keep no versions below the prefix any more, or none at all, and drop those that are kept
    #[arg(long, conflicts_with_all = ["key", "keep", "days", "megabytes"])]
    off: bool,

    /// Do not ask before versions are dropped
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    access: Access,

    #[command(flatten)]
    write: Write,

    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl History {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let database = self.access.open(self.write.options(), &self.location)?;
        let database = database.as_ref();
        let rules = database.history()?;
        if self.off {
            return self.turn_off(database, rules, output);
        }
        if self.keep.is_some() || self.days.is_some() || self.megabytes.is_some() {
            return self.turn_on(database, rules, output);
        }
        if self.deleted {
            return self.show_deleted(database, &rules, output);
        }
        let Some(key) = &self.key else {
            return self.show_rules(&rules, output);
        };
        let key = key.encode()?;
        match self.restore {
            Some(stamp) => self.restore(database, &key, stamp, output),
            None => self.show_versions(database, &rules, &key, output),
        }
    }

    fn show_rules(&self, rules: &HistoryRules, output: &mut Output) -> Result<(), CommandError> {
        if self.json {
            let rule = |rule: &HistoryRule| {
                json!({
                    "prefix": rule.prefix.to_string(),
                    "versions": rule.versions,
                    "milliseconds": rule.milliseconds,
                })
            };
            let all: Vec<_> = rules.rules.iter().map(rule).collect();
            return output.line(json!({"rules": all, "totalBytes": rules.total_bytes}));
        }
        if rules.is_off() {
            return output.line("No earlier versions are kept; --keep and --days turn it on");
        }
        for rule in &rules.rules {
            output.line(format!("{}\t{}", rule.prefix, format::kept(rule)))?;
        }
        output.line(format!(
            "All together at most {}",
            format::bytes(rules.total_bytes)
        ))
    }

    fn turn_on(
        &self,
        database: &dyn Database,
        rules: HistoryRules,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        Write::check(database)?;
        let mut next = rules.clone();
        if let Some(megabytes) = self.megabytes {
            next.total_bytes = u64::from(megabytes) << 20;
        }
        if self.keep.is_some() || self.days.is_some() {
            next = next.with(HistoryRule {
                prefix: self.prefix()?,
                versions: self.keep,
                milliseconds: self.days.map(|days| i64::from(days) * DAY),
            });
        }
        if rules.may_lose(&next) {
            self.ask("this keeps less than before, and drops the earlier versions beyond that")?;
        }
        database.set_history(next)?;
        self.show_rules(&database.history()?, output)
    }

    fn ask(&self, plan: &str) -> Result<(), CommandError> {
        if self.yes {
            return Ok(());
        }
        let refusal = CommandError::UnconfirmedHistory(self.location.clone());
        consent::ask(&self.location, plan, refusal)
    }

    fn turn_off(
        &self,
        database: &dyn Database,
        rules: HistoryRules,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        Write::check(database)?;
        let off = match &self.prefix {
            None => HistoryRules {
                rules: Vec::new(),
                ..rules
            },
            Some(prefix) => {
                let prefix = prefix.encode()?;
                if !rules.rules.iter().any(|rule| rule.prefix == prefix) {
                    return Err(CommandError::NoHistory(prefix));
                }
                rules.without(&prefix)
            }
        };
        self.ask("this drops the earlier versions that are kept")?;
        database.set_history(off)?;
        self.show_rules(&database.history()?, output)
    }

    fn prefix(&self) -> Result<EncodedKey, CommandError> {
        Ok(match &self.prefix {
            Some(prefix) => prefix.encode()?,
            None => EncodedKey::from_bytes(Vec::new()),
        })
    }

    fn show_versions(
        &self,
        database: &dyn Database,
        rules: &HistoryRules,
        key: &EncodedKey,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        let mut before = None;
        loop {
            let page = database.versions(key, before, PAGE)?;
            let Some(last) = page.last() else { break };
            before = Some(last.entry.versionstamp);
            for past in &page {
                self.show(past, output)?;
            }
        }
        if before.is_none() {
            note(match rules.of(key) {
                Some(_) => format!("No earlier version of this entry is kept: {key}"),
                None => format!(
                    "No earlier versions are kept of this entry; --keep and --days with --prefix turn it on: {key}"
                ),
            });
        }
        Ok(())
    }

    fn show_deleted(
        &self,
        database: &dyn Database,
        rules: &HistoryRules,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        let prefix = self.prefix()?;
        let mut after = None;
        loop {
            let page = database.deleted(&prefix, after.as_ref(), PAGE)?;
            for past in &page.deleted {
                self.show(past, output)?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if rules.is_off() {
            note("No earlier versions are kept in this database; --keep and --days turn it on");
        }
        Ok(())
    }

    fn show(&self, past: &PastVersion, output: &mut Output) -> Result<(), CommandError> {
        let ended = match past.ended {
            Ended::Replaced => "replaced",
            Ended::Deleted => "deleted",
            Ended::Expired => "expired",
        };
        let by = past.ended_by;
        if self.json {
            let entry = text::entry_json(&past.entry);
            let entry = entry.strip_suffix('}').unwrap_or(&entry);
            return output.line(format!(
                r#"{entry},"ended":"{ended}","endedBy":"{by}","endedAt":{}}}"#,
                past.ended_at
            ));
        }
        let key = match self.deleted {
            true => format!("{}\t", past.entry.key),
            false => String::new(),
        };
        output.line(format!(
            "{key}{}\t{ended} {}\t{}",
            past.entry.versionstamp,
            format::utc(past.ended_at),
            text::value_line(&past.entry.value)
        ))
    }

    fn restore(
        &self,
        database: &dyn Database,
        key: &EncodedKey,
        stamp: Versionstamp,
        output: &mut Output,
    ) -> Result<(), CommandError> {
        Write::check(database)?;
        let seen = database.get(key)?.map(|entry| entry.versionstamp);
        let past = find(database, key, stamp)?;
        let now = database.clock().now();
        let operation: AtomicOperation = past.restore(seen, now);
        match database.commit(operation)? {
            CommitOutcome::Committed(versionstamp) => {
                if past.has_expired(now) {
                    note("It had an expiry, which has passed; this entry stays now");
                }
                match self.json {
                    true => output.line(json!({"ok": true, "versionstamp": versionstamp.to_string()})),
                    false => output.line(versionstamp),
                }
            }
            CommitOutcome::MessagesChanged(_) => Err(CommandError::Gone(key.clone())),
            CommitOutcome::Conflict(failed) => {
                let current = failed.into_iter().next().and_then(|check| check.current);
                Err(match current {
                    Some(entry) => CommandError::Changed {
                        found: entry.versionstamp,
                        key: key.clone(),
                    },
                    None => CommandError::Gone(key.clone()),
                })
            }
        }
    }
}

/// The version of a stamp.
fn find(database: &dyn Database, key: &EncodedKey, stamp: Versionstamp) -> Result<PastVersion, CommandError> {
    let mut before = None;
    loop {
        let page = database.versions(key, before, PAGE)?;
        before = page.last().map(|past| past.entry.versionstamp);
        if page.is_empty() {
            return Err(CommandError::NoVersion {
                stamp,
                key: key.clone(),
            });
        }
        if let Some(past) = page.into_iter().find(|past| past.entry.versionstamp == stamp) {
            return Ok(past);
        }
    }
}
