//! A message as it is written in the dialog.

use keyglass_store::database::QueueMessage;
use keyglass_store::limits::{DELAY_MILLISECONDS, LimitError};
use keyglass_store::value::literal;
use keyglass_store::{
    AtomicOperation, EncodedKey, Encoding, Enqueue, Entry, Limits, StoredValue, ValueError,
};

use crate::content::row::CODE_WIDTH;
use crate::model::database_id::DatabaseId;
use crate::model::draft::{ExpiryDraft, ParseFailure, parse_key};
use crate::model::expiry::{self, ExpiryError};
use crate::model::key_draft::KeyError;
use crate::moment::Span;

/// Deno's schedule, as a person would write it.
const DEFAULT_RETRIES: &str = "100 ms, 1 s, 5 s, 30 s, 1 min";

/// What is written for.
#[derive(Debug, Clone, PartialEq)]
pub enum MessagePurpose {
    /// A new message.
    New,
    /// What becomes of a message that waits.
    Edit(Box<QueueMessage>),
    /// When messages are due that wait.
    PutOff(Vec<QueueMessage>),
    /// An undelivered message that was stored under a key is queued again, and the entry goes.
    Again(Box<Entry>),
}

impl MessagePurpose {
    /// Whether it is for the same thing, which may have changed meanwhile.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::New, Self::New) => true,
            (Self::Edit(message), Self::Edit(other)) => message.id == other.id,
            (Self::Again(entry), Self::Again(other)) => entry.key == other.key,
            _ => false,
        }
    }
}

/// A message that is being written. To be [parsed](Self::parse) after its text was edited.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageDraft {
    /// Where it is for.
    pub database: DatabaseId,
    /// What for.
    pub purpose: MessagePurpose,
    /// The message as a JavaScript literal; `Err` says why what is stored cannot be shown as one.
    pub text: Result<String, ValueError>,
    /// When it is due: a span, or a date; nothing is as soon as can be, or as it is.
    pub due: String,
    /// Spans before each further delivery.
    pub retries: String,
    /// Keys that receive it when every delivery failed, one a line.
    pub keys: String,
    /// Why it was not committed when that was tried last.
    pub refused: Option<String>,
    limits: Limits,
    printed: Printed,
    parsed: Result<StoredValue, ParseFailure>,
}

/// What there was to begin with. It stays as it is, byte for byte, where its text does.
#[derive(Debug, Clone, PartialEq)]
struct Printed {
    payload: StoredValue,
    text: String,
    retries: String,
    keys_text: String,
    keys: Vec<EncodedKey>,
}

/// What is written for the queue cannot be committed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MessageError {
    /// When it is due is no moment.
    #[error(transparent)]
    Due(#[from] ExpiryError),
    /// It is due too far ahead, in milliseconds from now; the message is Deno's.
    #[error("Delay cannot be greater than 30 days: received {0}")]
    Delay(i64),
    /// One of the spans between deliveries is none.
    #[error("Spans such as 100 ms, 5 s: {0}")]
    Intervals(String),
    /// A line that names where an undelivered message goes is no key.
    #[error("{source}: {line}")]
    Undelivered {
        /// What is wrong with it.
        source: KeyError,
        /// The line.
        line: String,
    },
    /// The message is no value that can be stored.
    #[error(transparent)]
    Message(#[from] ParseFailure),
    /// It is more than the database takes.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

impl MessageDraft {
    /// Begins with what there is.
    #[must_use]
    pub fn new(database: DatabaseId, purpose: MessagePurpose, limits: Limits) -> Self {
        let v8 = |bytes: &[u8]| StoredValue {
            encoding: Encoding::V8,
            bytes: bytes.to_vec().into(),
        };
        let mut printed = Printed {
            payload: v8(&[]),
            text: String::new(),
            retries: DEFAULT_RETRIES.to_owned(),
            keys_text: String::new(),
            keys: Vec::new(),
        };
        let mut text = Ok(String::new());
        match &purpose {
            MessagePurpose::New | MessagePurpose::PutOff(_) => {}
            MessagePurpose::Edit(message) => {
                printed.payload = v8(&message.payload);
                text = literal_of(&printed.payload);
                printed.keys.clone_from(&message.keys_if_undelivered);
                printed.retries = retries_text(&message.backoff_schedule);
            }
            MessagePurpose::Again(entry) => {
                printed.payload = as_message(&entry.value);
                text = literal_of(&printed.payload);
                printed.keys = vec![entry.key.clone()];
            }
        }
        let keys: Vec<String> = printed.keys.iter().map(ToString::to_string).collect();
        printed.keys_text = keys.join("\n");
        printed.text = text.clone().unwrap_or_default();
        let mut draft = Self {
            database,
            purpose,
            text,
            due: String::new(),
            retries: printed.retries.clone(),
            keys: printed.keys_text.clone(),
            refused: None,
            limits,
            printed,
            parsed: Ok(v8(&[])),
        };
        draft.parse();
        draft
    }

    /// Goes on with what was written before, on what there is now.
    #[must_use]
    pub fn resumed(self, kept: Self) -> Self {
        let mut draft = Self {
            text: kept.text,
            due: kept.due,
            retries: kept.retries,
            keys: kept.keys,
            ..self
        };
        draft.parse();
        draft
    }

    /// Whether anything was typed.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        self.text.as_ref().is_ok_and(|text| *text != self.printed.text)
            || !self.due.is_empty()
            || self.retries != self.printed.retries
            || self.keys != self.printed.keys_text
    }

    /// Reads the text of the message again.
    pub fn parse(&mut self) {
        let is_there = !matches!(self.purpose, MessagePurpose::New | MessagePurpose::PutOff(_));
        self.parsed = match &self.text {
            Err(_) => Ok(self.printed.payload.clone()),
            Ok(text) if is_there && *text == self.printed.text => Ok(self.printed.payload.clone()),
            Ok(text) => payload(text),
        };
    }

    /// What is wrong with the text of the message.
    #[must_use]
    pub fn problem(&self) -> Option<&ParseFailure> {
        self.parsed.as_ref().err()
    }

    /// When it is due.
    ///
    /// # Errors
    /// If the text is no moment, or too far ahead.
    pub fn due_at(&self, now: i64) -> Result<i64, MessageError> {
        let due_at = match (&self.purpose, self.due.trim()) {
            (MessagePurpose::New | MessagePurpose::Again(_), "") => return Ok(now),
            (MessagePurpose::Edit(message), "") => return Ok(message.due_at),
            (_, text) => match expiry::parse(text, now)? {
                ExpiryDraft::After(span) => now.saturating_add(span),
                ExpiryDraft::At(moment) => moment,
                ExpiryDraft::Keep | ExpiryDraft::Never => now,
            },
        };
        let delay = due_at.saturating_sub(now);
        if delay > DELAY_MILLISECONDS {
            return Err(MessageError::Delay(delay));
        }
        Ok(due_at)
    }

    /// Milliseconds before each further delivery.
    ///
    /// # Errors
    /// If the text is no list of spans, or longer than the database takes.
    pub fn intervals(&self) -> Result<Vec<u32>, MessageError> {
        let spans = self
            .retries
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let intervals = spans.map(|text| {
            let milliseconds = Span::parse(text).and_then(|span| span.after(0));
            let milliseconds = milliseconds.and_then(|span| u32::try_from(span).ok());
            milliseconds.ok_or_else(|| MessageError::Intervals(text.to_owned()))
        });
        let intervals: Vec<u32> = intervals.collect::<Result<_, MessageError>>()?;
        let checked = Enqueue {
            payload: Vec::new().into(),
            due_at: 0,
            keys_if_undelivered: Vec::new(),
            backoff_schedule: Some(intervals.clone()),
        };
        AtomicOperation::new().enqueue(checked).validate(&self.limits)?;
        Ok(intervals)
    }

    /// The keys for an undelivered message.
    ///
    /// # Errors
    /// The line that is none.
    pub fn undelivered(&self) -> Result<Vec<EncodedKey>, MessageError> {
        if self.keys == self.printed.keys_text {
            return Ok(self.printed.keys.clone());
        }
        let lines = self.keys.lines().map(str::trim).filter(|line| !line.is_empty());
        lines
            .map(|line| {
                parse_key(line).map_err(|source| MessageError::Undelivered {
                    source,
                    line: line.to_owned(),
                })
            })
            .collect()
    }

    /// The commit that does it, where everything is still as it was seen.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn operation(&self, now: i64) -> Result<AtomicOperation, MessageError> {
        let due_at = self.due_at(now)?;
        let operation = AtomicOperation::new();
        let operation = match &self.purpose {
            MessagePurpose::PutOff(messages) => messages.iter().fold(operation, |operation, message| {
                let later = Enqueue {
                    due_at,
                    ..message.content()
                };
                operation.change_message(message.clone().into_change(Some(later)))
            }),
            MessagePurpose::New => operation.enqueue(self.message(due_at)?),
            MessagePurpose::Edit(message) => {
                let edited = self.message(due_at)?;
                operation.change_message((**message).clone().into_change(Some(edited)))
            }
            MessagePurpose::Again(entry) => operation
                .check(entry.key.clone(), Some(entry.versionstamp))
                .delete(entry.key.clone())
                .enqueue(self.message(due_at)?),
        };
        operation.validate(&self.limits)?;
        Ok(operation)
    }

    fn message(&self, due_at: i64) -> Result<Enqueue, MessageError> {
        let payload = self.parsed.clone()?;
        Ok(Enqueue {
            payload: payload.bytes,
            due_at,
            keys_if_undelivered: self.undelivered()?,
            backoff_schedule: Some(self.intervals()?),
        })
    }
}

/// A message by its literal.
fn payload(text: &str) -> Result<StoredValue, ParseFailure> {
    let value = literal::parse(text).map_err(ParseFailure::Literal)?;
    StoredValue::v8(&value).map_err(|error| ParseFailure::Value(error.to_string()))
}

/// A stored value as a literal, or why it is none.
fn literal_of(stored: &StoredValue) -> Result<String, ValueError> {
    Ok(literal::print(&stored.decode()?, CODE_WIDTH))
}

/// A stored value as a message has it; what cannot be read stays as it is.
fn as_message(stored: &StoredValue) -> StoredValue {
    let message = |stored: &StoredValue| StoredValue::v8(&stored.decode().ok()?).ok();
    match stored.encoding {
        Encoding::V8 => stored.clone(),
        _ => message(stored).unwrap_or_else(|| stored.clone()),
    }
}

/// A schedule as a person writes it, exactly.
fn retries_text(intervals: &[u32]) -> String {
    let texts = intervals.iter().map(|interval| match interval {
        0 => "0 ms".to_owned(),
        _ if interval.is_multiple_of(60_000) => format!("{} min", interval / 60_000),
        _ if interval.is_multiple_of(1000) => format!("{} s", interval / 1000),
        _ => format!("{interval} ms"),
    });
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use keyglass_store::{MessageChange, Versionstamp};

    use super::*;

    const NOW: i64 = 1_000_000;

    fn draft(purpose: MessagePurpose) -> MessageDraft {
        MessageDraft::new(DatabaseId::unique(), purpose, Limits::DENO)
    }

    fn written(text: &str) -> StoredValue {
        payload(text).unwrap()
    }

    fn waiting() -> QueueMessage {
        QueueMessage {
            id: "one".to_owned(),
            payload: written("{n: 1}").bytes,
            due_at: NOW + 5,
            running: false,
            keys_if_undelivered: vec![EncodedKey::default(), parse_key("['dead']").unwrap()],
            backoff_schedule: vec![0, 150, 2000, 60_000],
        }
    }

    #[test]
    fn a_new_message_is_due_at_once_with_denos_schedule_unless_something_else_is_said() {
        let mut new = draft(MessagePurpose::New);
        assert!(!new.is_edited() && new.operation(NOW).is_err());
        new.text = Ok("new Uint8Array([1])".to_owned());
        new.parse();
        let message = |draft: &MessageDraft| draft.operation(NOW).unwrap().enqueues.remove(0);
        let plain = message(&new);
        assert_eq!((plain.due_at, plain.keys_if_undelivered.len()), (NOW, 0));
        assert_eq!(
            plain.backoff_schedule.as_deref(),
            Some(&[100, 1000, 5000, 30_000, 60_000][..])
        );
        assert_eq!(plain.payload, written("new Uint8Array([1])").bytes);
        new.due = "90 s".to_owned();
        new.retries = String::new();
        new.keys = "['a']\n\n  ['b', 1n]\n".to_owned();
        let said = message(&new);
        assert_eq!((said.due_at, said.keys_if_undelivered.len()), (NOW + 90_000, 2));
        assert_eq!(said.backoff_schedule, Some(Vec::new()));
    }

    #[test]
    fn what_is_not_edited_of_a_message_stays_byte_for_byte() {
        let message = waiting();
        let mut edit = draft(MessagePurpose::Edit(Box::new(message.clone())));
        assert_eq!(edit.retries, "0 ms, 150 ms, 2 s, 1 min");
        edit.due = "1 min".to_owned();
        let change = edit.operation(NOW).unwrap().message_changes.remove(0);
        let later = Enqueue {
            due_at: NOW + 60_000,
            ..message.content()
        };
        assert_eq!(change, message.clone().into_change(Some(later)));
        edit.text = Ok("{n: 2}".to_owned());
        edit.parse();
        let MessageChange { becomes, .. } = edit.operation(NOW).unwrap().message_changes.remove(0);
        assert_eq!(becomes.unwrap().payload, written("{n: 2}").bytes);
        // What cannot be read can be put off all the same.
        let broken = QueueMessage {
            payload: vec![0xff, 0x0f, 1].into(),
            ..message
        };
        let mut edit = draft(MessagePurpose::Edit(Box::new(broken.clone())));
        assert!(edit.text.is_err());
        edit.due = "1 min".to_owned();
        let change = edit.operation(NOW).unwrap().message_changes.remove(0);
        assert_eq!(change.becomes.unwrap().payload, broken.payload);
    }

    #[test]
    fn an_undelivered_message_is_queued_again_in_place_of_its_entry() {
        let entry = Entry {
            key: parse_key("['dead']").unwrap(),
            value: written("{n: 1}"),
            versionstamp: Versionstamp::from_counter(7),
            expires_at: None,
        };
        let operation = draft(MessagePurpose::Again(Box::new(entry.clone())))
            .operation(NOW)
            .unwrap();
        let expected = AtomicOperation::new()
            .check(entry.key.clone(), Some(entry.versionstamp))
            .delete(entry.key.clone())
            .enqueue(Enqueue {
                payload: entry.value.bytes,
                due_at: NOW,
                keys_if_undelivered: vec![entry.key],
                backoff_schedule: Some(vec![100, 1000, 5000, 30_000, 60_000]),
            });
        assert_eq!(operation, expected);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let mut new = draft(MessagePurpose::New);
        new.text = Ok("1".to_owned());
        new.parse();
        let wrong = |change: &dyn Fn(&mut MessageDraft)| {
            let mut draft = new.clone();
            change(&mut draft);
            draft.parse();
            draft.operation(NOW).unwrap_err().to_string()
        };
        assert_eq!(
            wrong(&|draft| draft.due = "31 days".to_owned()),
            "Delay cannot be greater than 30 days: received 2678400000"
        );
        assert_eq!(
            wrong(&|draft| draft.retries = "1 s, soon".to_owned()),
            "Spans such as 100 ms, 5 s: soon"
        );
        assert!(wrong(&|draft| draft.retries = "1 s,".repeat(6)).starts_with("Invalid backoffSchedule"));
        assert!(wrong(&|draft| draft.retries = "2 h".to_owned()).starts_with("Invalid backoffSchedule"));
        assert!(wrong(&|draft| draft.keys = "['a'".to_owned()).ends_with(": ['a'"));
        assert!(wrong(&|draft| draft.text = Ok("() => 1".to_owned())).len() > 5);
        let put_off = draft(MessagePurpose::PutOff(vec![waiting()]));
        assert!(
            put_off
                .operation(NOW)
                .unwrap_err()
                .to_string()
                .starts_with("A span such as 90 min")
        );
    }

    #[test]
    fn what_was_typed_goes_on_with_what_stands_there_now() {
        let mut edit = draft(MessagePurpose::Edit(Box::new(waiting())));
        edit.text = Ok("{n: 3}".to_owned());
        let now = QueueMessage {
            due_at: NOW + 77,
            ..waiting()
        };
        let again = draft(MessagePurpose::Edit(Box::new(now.clone()))).resumed(edit);
        let change = again.operation(NOW).unwrap().message_changes.remove(0);
        assert_eq!(change.seen, now.content());
        assert_eq!(change.becomes.unwrap().due_at, NOW + 77);
    }
}
