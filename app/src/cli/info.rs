//! `keyglass info`: facts about a database.

use std::ops::ControlFlow;

use clap::Args;
use keyglass_store::open::OpenOptions;
use keyglass_store::{Counted, Database, DatabaseKind, KeyRange, LockOwner, Statistics, Writing};

use super::access::Access;
use super::error::CommandError;
use super::output::Output;
use crate::content::engine_facts::engine_facts;

/// Prints facts about a database
#[derive(Debug, Args)]
pub(super) struct Info {
    /// The database
    location: String,

    #[command(flatten)]
    access: Access,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Info {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let database = self.access.open(OpenOptions::new(), &self.location)?;
        let statistics = database.statistics()?;
        let counted = database.count(&KeyRange::everything(), &mut |_| ControlFlow::Continue(()))?;
        if self.json {
            output.line(json(database.as_ref(), &statistics, counted))
        } else {
            let facts = facts(database.as_ref(), &statistics, counted);
            let width = facts
                .iter()
                .map(|(name, _)| name.chars().count() + 2)
                .max()
                .unwrap_or(0);
            for (name, text) in facts {
                output.line(format!("{:<width$}{text}", format!("{name}:")))?;
            }
            Ok(())
        }
    }
}

fn kind(database: &dyn Database) -> &'static str {
    match database.capabilities().kind {
        DatabaseKind::Embedded => "Keyglass folder",
        DatabaseKind::DenoFile => "Deno file",
        DatabaseKind::Remote => "KV Connect server",
    }
}

fn through(owner: &LockOwner) -> String {
    let name = owner.name.as_deref().unwrap_or("another process");
    format!("attached to {name}, pid {}", owner.process)
}

fn facts(database: &dyn Database, statistics: &Statistics, counted: Counted) -> Vec<(String, String)> {
    let writing = match database.capabilities().writing {
        Writing::Allowed => "allowed".to_owned(),
        Writing::Locked => "locked".to_owned(),
        Writing::Impossible(reason) => format!("no: {reason}"),
    };
    let mut facts: Vec<(String, String)> = [
        ("Kind", Some(kind(database).to_owned())),
        ("Location", Some(database.location())),
        ("Through", database.owner().map(|owner| through(&owner))),
        ("Id", database.id().map(|id| id.to_string())),
        (
            "Versionstamp",
            statistics.versionstamp.map(|stamp| stamp.to_string()),
        ),
        ("Entries", Some(counted.alive().to_string())),
        (
            "Expired, not swept",
            (counted.expired > 0).then(|| counted.expired.to_string()),
        ),
        (
            "Size",
            statistics.disk_bytes.map(|bytes| format!("{bytes} bytes")),
        ),
        (
            "Queued messages",
            statistics.queued_messages.map(|messages| messages.to_string()),
        ),
        ("Writing", Some(writing)),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name.to_owned(), text?)))
    .collect();
    let engine = engine_facts(&statistics.engine);
    facts.extend(engine.into_iter().map(|(name, text)| (name.to_owned(), text)));
    facts
}

fn json(database: &dyn Database, statistics: &Statistics, counted: Counted) -> serde_json::Value {
    let capabilities = database.capabilities();
    let (writing, reason) = match capabilities.writing {
        Writing::Allowed => ("allowed", None),
        Writing::Locked => ("locked", None),
        Writing::Impossible(reason) => ("impossible", Some(reason)),
    };
    let engine: serde_json::Map<_, _> = engine_facts(&statistics.engine)
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.into()))
        .collect();
    serde_json::json!({
        "kind": match capabilities.kind {
            DatabaseKind::Embedded => "embedded",
            DatabaseKind::DenoFile => "deno-file",
            DatabaseKind::Remote => "remote",
        },
        "location": database.location(),
        "owner": database.owner().map(|owner| serde_json::json!({
            "process": owner.process,
            "name": owner.name,
        })),
        "id": database.id().map(|id| id.to_string()),
        "versionstamp": statistics.versionstamp.map(|stamp| stamp.to_string()),
        "entries": counted.alive(),
        "expiredEntries": counted.expired,
        "bytes": statistics.disk_bytes,
        "queuedMessages": statistics.queued_messages,
        "writing": writing,
        "readOnlyBecause": reason,
        "engine": engine,
    })
}
