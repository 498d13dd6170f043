//! Which requests are shown.

use keyglass_store::EncodedKey;
use keyglass_store::requests::{LoggedOperation, LoggedOutcome, LoggedRequest, Place};

use crate::model::draft::parse_key;

/// What a request does, in few kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A snapshot read.
    Read,
    /// A commit.
    Write,
    /// A stream of states.
    Watch,
    /// A metadata exchange.
    Exchange,
    /// A method of the extension.
    Extension,
    /// Anything else.
    Other,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Write,
        Self::Watch,
        Self::Exchange,
        Self::Extension,
        Self::Other,
    ];

    /// The kind of an operation.
    #[must_use]
    pub fn of(operation: &LoggedOperation) -> Self {
        match operation {
            LoggedOperation::Read => Self::Read,
            LoggedOperation::Write => Self::Write,
            LoggedOperation::Watch => Self::Watch,
            LoggedOperation::Exchange => Self::Exchange,
            LoggedOperation::Extension(_) => Self::Extension,
            LoggedOperation::Unknown(_) => Self::Other,
        }
    }

    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Watch => "watch",
            Self::Exchange => "exchange",
            Self::Extension => "extension",
            Self::Other => "other",
        }
    }
}

/// What came of a request, in few kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// It was done.
    Ok,
    /// A check failed.
    Conflict,
    /// It was refused.
    Refused,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Conflict, Self::Refused];

    /// The kind of an outcome.
    #[must_use]
    pub fn of(outcome: &LoggedOutcome) -> Self {
        match outcome {
            LoggedOutcome::Conflict(_) => Self::Conflict,
            LoggedOutcome::Refused { .. } => Self::Refused,
            _ => Self::Ok,
        }
    }

    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
        }
    }
}

/// Which requests are shown: those that meet all that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// That ended so.
    pub ending: Option<Ending>,
    /// About this key or keys below, as it is typed.
    pub prefix: String,
    /// Of clients whose name or address has this.
    pub client: String,
    /// That took at least so many milliseconds, as it is typed.
    pub at_least: String,
}

/// A filter that was read once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ReadFilter {
    kind: Option<Kind>,
    ending: Option<Ending>,
    prefix: Option<EncodedKey>,
    client: String,
    at_least_seconds: f64,
    /// Something typed is not to be read, so that nothing is shown.
    pub(super) error: Option<&'static str>,
}

impl RequestFilter {
    pub(super) fn read(&self) -> ReadFilter {
        let mut read = ReadFilter {
            kind: self.kind,
            ending: self.ending,
            client: self.client.trim().to_lowercase(),
            ..ReadFilter::default()
        };
        if !self.prefix.trim().is_empty() {
            match parse_key(&self.prefix) {
                Ok(key) => read.prefix = Some(key),
                Err(_) => read.error = Some("The prefix is not a key yet, such as [\"users\"]"),
            }
        }
        let at_least = self.at_least.trim().trim_end_matches("ms").trim_end();
        if !at_least.is_empty() {
            match at_least.parse::<f64>() {
                Ok(milliseconds) if milliseconds >= 0.0 => read.at_least_seconds = milliseconds / 1000.0,
                _ => read.error = Some("The duration is a number of milliseconds, such as 2.5"),
            }
        }
        read
    }
}

impl ReadFilter {
    pub(super) fn shows(&self, request: &LoggedRequest) -> bool {
        self.error.is_none()
            && self.kind.is_none_or(|kind| kind == Kind::of(&request.operation))
            && self
                .ending
                .is_none_or(|ending| ending == Ending::of(&request.outcome))
            && request.duration.as_secs_f64() >= self.at_least_seconds
            && (self.client.is_empty() || self.is_of_client(request))
            && self
                .prefix
                .as_ref()
                .is_none_or(|prefix| request.places.iter().any(|place| is_about(&place.place, prefix)))
    }

    fn is_of_client(&self, request: &LoggedRequest) -> bool {
        let client = &request.client;
        let address = client.address.map(|address| address.to_string());
        client.name.to_lowercase().contains(&self.client)
            || address.is_some_and(|address| address.contains(&self.client))
    }
}

/// Whether a place has keys at or below a prefix.
fn is_about(place: &Place, prefix: &EncodedKey) -> bool {
    match place {
        Place::Key(key) => key.is_at_or_below(prefix),
        Place::Range(range) => {
            let below = keyglass_store::KeyRange::at_and_below(prefix);
            range.start < below.end && below.start < range.end
        }
    }
}
