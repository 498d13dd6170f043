//! `keyglass set`: stores an entry.

use clap::Args;
use keyglass_store::{AtomicOperation, CommitOutcome, Key, Versionstamp};

use super::access::Access;
use super::error::CommandError;
use super::output::{Output, note};
use super::text;
use super::unseen_expiry::UnseenExpiry;
use super::write::Write;
use crate::moment::Span;

/// Stores a value under a key and prints the versionstamp; makes the database if nothing is there
#[derive(Debug, Args)]
pub(super) struct Set {
    /// The database
    location: String,

    /// The key, such as '["users", "ada"]'
    #[arg(value_name = "KEY", value_parser = text::key)]
    key: Key,

    /// The value as a JavaScript literal, such as '{name: "Ada"}'; - reads it from stdin
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,

    /// The entry goes after this time, such as 90s, 1h30m or 2 days; otherwise it stays
    #[arg(long, value_name = "DURATION", value_parser = text::span)]
    expire_in: Option<Span>,

    /// Only if the entry still has this versionstamp
    #[arg(long, value_name = "VERSIONSTAMP", conflicts_with = "if_absent")]
    if_version: Option<Versionstamp>,

    /// Only if there is no entry yet
    #[arg(long)]
    if_absent: bool,

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

impl Set {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CommandError> {
        let key = self.key.encode()?;
        let value = match self.value.as_str() {
            "-" => text::stored_value(&text::read_stdin()?)?,
            literal => text::stored_value(literal)?,
        };
        let (database, made) = self.access.open_or_create(self.write.options(), &self.location)?;
        if made {
            note(format!("Made a new database: {}", self.location));
        }
        Write::check(database.as_ref())?;
        let now = database.clock().now();
        let expires_at = match self.expire_in {
            Some(span) => Some(span.after(now).ok_or(CommandError::TooLate)?),
            None => None,
        };
        let mut operation = AtomicOperation::new().set_expiring(key.clone(), value, expires_at);
        if self.if_absent || self.if_version.is_some() {
            operation = operation.check(key.clone(), self.if_version);
        }
        if expires_at.is_none() && !self.if_absent && !database.capabilities().expiry {
            let standing = u64::from(database.get(&key)?.is_some());
            self.unseen.ask(database.as_ref(), Some(standing))?;
        }
        match database.commit(operation)? {
            CommitOutcome::Committed(versionstamp) if self.json => output.line(serde_json::json!({
                "ok": true,
                "versionstamp": versionstamp.to_string(),
            })),
            CommitOutcome::Committed(versionstamp) => output.line(versionstamp),
            // It changes no message, which could have stopped it.
            CommitOutcome::MessagesChanged(_) => Err(CommandError::Gone(key)),
            CommitOutcome::Conflict(failed) => {
                let current = failed.into_iter().next().and_then(|check| check.current);
                Err(
                    current.map_or(CommandError::Gone(key.clone()), |entry| CommandError::Changed {
                        found: entry.versionstamp,
                        key,
                    }),
                )
            }
        }
    }
}
