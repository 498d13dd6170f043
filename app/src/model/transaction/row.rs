//! One row of a transaction: what it does, to which key, with which value.

use keyglass_store::atomic::{AtomicOperation, MutationKind};
use keyglass_store::draft::{DraftRow, Due, Expiry, Step};
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::value::literal;
use keyglass_store::{Encoding, Enqueue, Entry, StoredValue, Versionstamp};

use crate::model::draft::{ExpiryDraft, parse_key, parse_value};
use crate::model::expiry;
use crate::moment::Span;

/// What one row of a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum OperationKind {
    /// The key must still have a versionstamp, or be absent.
    Check,
    /// Stores a value.
    Set,
    /// Removes the key.
    Delete,
    /// Adds to a `KvU64`, a bigint or a number.
    Sum,
    /// Keeps the smaller `KvU64`.
    Min,
    /// Keeps the larger `KvU64`.
    Max,
    /// Queues a message.
    Enqueue,
}

impl OperationKind {
    /// All of them, in the order offered.
    pub const ALL: [Self; 7] = [
        Self::Check,
        Self::Set,
        Self::Delete,
        Self::Sum,
        Self::Min,
        Self::Max,
        Self::Enqueue,
    ];

    /// Its name in Deno KV.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Enqueue => "enqueue",
        }
    }

    /// Whether it takes a value.
    #[must_use]
    pub fn has_value(self) -> bool {
        !matches!(self, Self::Check | Self::Delete)
    }

    /// Whether it is about a key.
    #[must_use]
    pub fn has_key(self) -> bool {
        self != Self::Enqueue
    }

    /// Whether it changes what stands under its key.
    #[must_use]
    pub fn is_mutation(self) -> bool {
        !matches!(self, Self::Check | Self::Enqueue)
    }

    /// What it takes as a value, where that is not any value.
    fn takes(self) -> Option<&'static str> {
        match self {
            Self::Check | Self::Set | Self::Delete | Self::Enqueue => None,
            Self::Sum => Some("a KvU64, a bigint or a number"),
            Self::Min | Self::Max => Some("a KvU64"),
        }
    }
}

/// What of a row is typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RowTexts {
    /// The key's text.
    pub key: String,
    /// The value's text, where the kind takes one.
    pub value: String,
    /// The smallest allowed result of a sum, as a literal.
    pub min: String,
    /// The largest allowed result of a sum, as a literal.
    pub max: String,
    /// When a message is due: a span from the commit on, or a date; nothing is at once.
    pub due: String,
    /// Spans before each further delivery of a message; nothing is Deno's schedule, `none` is no further delivery.
    pub retries: String,
    /// Keys that receive an undelivered message, one a line.
    pub undelivered: String,
}

/// What of a row is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowChoices {
    /// It stays in the transaction but is not committed.
    pub is_off: bool,
    /// What a check expects; `None` is absent.
    pub versionstamp: Option<Versionstamp>,
    /// When the entry of a set goes.
    pub expiry: ExpiryDraft,
    /// The key of a set gets one more part: the commit's versionstamp.
    pub is_versionstamped: bool,
    /// A result of a sum outside its limits is clipped.
    pub clamp: bool,
}

impl Default for RowChoices {
    fn default() -> Self {
        Self {
            is_off: false,
            versionstamp: None,
            expiry: ExpiryDraft::Keep,
            is_versionstamped: false,
            clamp: false,
        }
    }
}

/// One row of a transaction, as typed. To be [parsed](Self::parse) after an edit.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationRow {
    /// Names the row while it exists.
    pub id: u64,
    /// What it does.
    pub kind: OperationKind,
    /// What is typed.
    pub texts: RowTexts,
    /// What is chosen.
    pub choices: RowChoices,
    /// A value that was there to begin with, and its text: as long as that stays, so do the bytes.
    printed: Option<(String, StoredValue)>,
    key: Result<EncodedKey, String>,
    value: Result<StoredValue, String>,
    step: Result<Step, String>,
}

impl OperationRow {
    /// A row as it is typed, for a database of such limits.
    pub(super) fn new(
        id: u64,
        kind: OperationKind,
        texts: RowTexts,
        choices: RowChoices,
        limits: &Limits,
    ) -> Self {
        let mut row = Self {
            id,
            kind,
            texts,
            choices,
            printed: None,
            key: Err(String::new()),
            value: Err(String::new()),
            step: Err(String::new()),
        };
        row.parse(limits);
        row
    }

    /// A row that does what a step says.
    pub(super) fn of_step(id: u64, row: &DraftRow, limits: &Limits) -> Self {
        let mut texts = RowTexts::default();
        let mut choices = RowChoices {
            is_off: row.is_off,
            ..RowChoices::default()
        };
        let mut printed = None;
        if let Some(key) = row.step.key() {
            texts.key = key.to_string();
        }
        let mut value = |stored: &StoredValue| {
            let text = value_text(stored);
            printed = Some((text.clone(), stored.clone()));
            text
        };
        let kind = match &row.step {
            Step::Check { versionstamp, .. } => {
                choices.versionstamp = *versionstamp;
                OperationKind::Check
            }
            Step::Set {
                value: stored,
                expiry,
                is_versionstamped,
                ..
            } => {
                texts.value = value(stored);
                choices.is_versionstamped = *is_versionstamped;
                choices.expiry = match expiry {
                    Expiry::Never => ExpiryDraft::Never,
                    Expiry::Keep => ExpiryDraft::Keep,
                    Expiry::After(span) => ExpiryDraft::After(*span),
                    Expiry::At(moment) => ExpiryDraft::At(*moment),
                };
                OperationKind::Set
            }
            Step::Delete { .. } => OperationKind::Delete,
            Step::Sum {
                operand,
                min,
                max,
                clamp,
                ..
            } => {
                texts.value = value(operand);
                let limit = |limit: &Option<StoredValue>| limit.as_ref().map(value_text).unwrap_or_default();
                (texts.min, texts.max) = (limit(min), limit(max));
                choices.clamp = *clamp;
                OperationKind::Sum
            }
            Step::Min { operand, .. } => {
                texts.value = value(operand);
                OperationKind::Min
            }
            Step::Max { operand, .. } => {
                texts.value = value(operand);
                OperationKind::Max
            }
            Step::Enqueue {
                message,
                due,
                keys_if_undelivered,
                backoff_schedule,
            } => {
                texts.value = value(message);
                texts.due = match due {
                    Due::Now => String::new(),
                    Due::After(span) => span_text(*span),
                    Due::At(moment) => moment.to_string(),
                };
                let keys: Vec<String> = keys_if_undelivered.iter().map(ToString::to_string).collect();
                texts.undelivered = keys.join("\n");
                texts.retries = backoff_schedule.as_ref().map_or_else(String::new, |intervals| {
                    let spans: Vec<String> =
                        intervals.iter().map(|span| span_text(i64::from(*span))).collect();
                    if spans.is_empty() {
                        NO_RETRIES.to_owned()
                    } else {
                        spans.join(", ")
                    }
                });
                OperationKind::Enqueue
            }
            Step::Unfinished {
                operation,
                key,
                value,
            } => {
                texts.key.clone_from(key);
                texts.value.clone_from(value);
                choices.is_versionstamped = operation == SUFFIXED;
                let kinds = OperationKind::ALL;
                kinds
                    .into_iter()
                    .find(|kind| kind.name() == operation)
                    .unwrap_or(OperationKind::Set)
            }
        };
        let mut new = Self::new(id, kind, texts, choices, limits);
        if printed.is_some() {
            new.printed = printed;
            new.parse(limits);
        }
        new
    }

    /// The same row under another number.
    pub(super) fn copied(&self, id: u64) -> Self {
        Self { id, ..self.clone() }
    }

    /// The bytes that there were to begin with, for as long as the text of the value stays.
    #[must_use]
    pub fn exact_value(&self) -> Option<&StoredValue> {
        let (text, stored) = self.printed.as_ref()?;
        (*text == self.texts.value).then_some(stored)
    }

    /// Takes the bytes for the value whose text it has now.
    pub(super) fn set_exact_value(&mut self, stored: StoredValue, limits: &Limits) {
        self.printed = Some((self.texts.value.clone(), stored));
        self.parse(limits);
    }

    /// Reads the texts again. To be called after an edit.
    pub fn parse(&mut self, limits: &Limits) {
        self.key = parse_key(&self.texts.key).and_then(|key| {
            let fits = limits.check_key(key.as_bytes().len());
            fits.map(|()| key).map_err(|limit| limit.to_string())
        });
        self.value = match self.exact_value() {
            Some(stored) => Ok(stored.clone()),
            None if self.kind == OperationKind::Enqueue => message(&self.texts.value),
            None => parse_value(&self.texts.value).map_err(|failure| failure.to_string()),
        };
        if self.kind != OperationKind::Enqueue
            && let Ok(value) = &self.value
            && let Err(limit) = limits.check_value(value.bytes.len())
        {
            self.value = Err(limit.to_string());
        }
        self.step = self.read_step();
        if let (Some(taken), Ok(step), Ok(value)) = (self.kind.takes(), &self.step, &self.value) {
            let operation = step.add_to(AtomicOperation::new(), 0, None);
            let refusal = operation
                .mutations
                .first()
                .and_then(|mutation| mutation.kind.apply(None).err());
            if let Some(reason) = refusal {
                // Deno speaks of V8 values and non-U64 operands here.
                let name = self.kind.name();
                self.step = Err(match value.encoding {
                    _ if has_limits(&self.texts) => reason.to_string(),
                    Encoding::Le64 => format!("{name} takes {taken} of 8 bytes"),
                    _ => format!("{name} takes {taken}, such as new Deno.KvU64(1n)"),
                });
            }
        }
        if let Ok(step @ Step::Enqueue { .. }) = &self.step {
            let operation = step.add_to(AtomicOperation::new(), 0, None);
            if let Err(limit) = operation.validate(limits) {
                self.step = Err(limit.to_string());
            }
        }
    }

    fn read_step(&self) -> Result<Step, String> {
        let key = || self.key.clone();
        let value = || self.value.clone();
        Ok(match self.kind {
            OperationKind::Check => Step::Check {
                key: key()?,
                versionstamp: self.choices.versionstamp,
            },
            OperationKind::Set => Step::Set {
                key: key()?,
                value: value()?,
                expiry: match self.choices.expiry {
                    ExpiryDraft::Keep if self.choices.is_versionstamped => Expiry::Never,
                    ExpiryDraft::Keep => Expiry::Keep,
                    ExpiryDraft::Never => Expiry::Never,
                    ExpiryDraft::After(span) => Expiry::After(span),
                    ExpiryDraft::At(moment) => Expiry::At(moment),
                },
                is_versionstamped: self.choices.is_versionstamped,
            },
            OperationKind::Delete => Step::Delete { key: key()? },
            OperationKind::Sum => Step::Sum {
                key: key()?,
                operand: value()?,
                min: limit(&self.texts.min)?,
                max: limit(&self.texts.max)?,
                clamp: self.choices.clamp,
            },
            OperationKind::Min => Step::Min {
                key: key()?,
                operand: value()?,
            },
            OperationKind::Max => Step::Max {
                key: key()?,
                operand: value()?,
            },
            OperationKind::Enqueue => Step::Enqueue {
                message: value()?,
                due: due(&self.texts.due)?,
                keys_if_undelivered: undelivered(&self.texts.undelivered)?,
                backoff_schedule: intervals(&self.texts.retries)?,
            },
        })
    }

    /// What it does.
    ///
    /// # Errors
    /// What is wrong with its texts.
    pub fn step(&self) -> Result<&Step, &str> {
        self.step.as_ref().map_err(String::as_str)
    }

    /// The row as it is kept in a file.
    #[must_use]
    pub fn to_draft_row(&self) -> DraftRow {
        let unfinished = || Step::Unfinished {
            operation: match self.choices.is_versionstamped && self.kind == OperationKind::Set {
                true => SUFFIXED.to_owned(),
                false => self.kind.name().to_owned(),
            },
            key: self.texts.key.clone(),
            value: self.texts.value.clone(),
        };
        DraftRow {
            is_off: self.choices.is_off,
            step: self.step.clone().unwrap_or_else(|_problem| unfinished()),
        }
    }

    /// Bytes of the value, if its text is one.
    pub(super) fn value_bytes(&self) -> usize {
        self.value.as_ref().map_or(0, |value| value.bytes.len())
    }

    /// Bytes of the message with its schedule, as Deno counts them.
    pub(super) fn message_bytes(&self) -> usize {
        let step = self.step.as_ref();
        step.map_or(0, |step| step.add_to(AtomicOperation::new(), 0, None).size())
    }

    /// The value, if its text is one.
    #[must_use]
    pub fn value(&self) -> Option<&StoredValue> {
        self.value.as_ref().ok()
    }

    /// The key, if it has one and its text is one.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        self.key.as_ref().ok().filter(|_| self.kind.has_key())
    }

    /// What is wrong with the row, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.step.as_ref().err().map(String::as_str)
    }
}

/// The name in a file of a set whose key ends in the commit's versionstamp.
const SUFFIXED: &str = "setSuffixVersionstampedKey";
/// What says that a message is not delivered again.
const NO_RETRIES: &str = "none";

fn has_limits(texts: &RowTexts) -> bool {
    !texts.min.trim().is_empty() || !texts.max.trim().is_empty()
}

/// The rows that do what an operation does; an expiry stays a moment.
pub(super) fn steps_of(operation: &AtomicOperation) -> Vec<Step> {
    let checks = operation.checks.iter().map(|check| Step::Check {
        key: check.key.clone(),
        versionstamp: check.versionstamp,
    });
    let at = |moment: Option<i64>| moment.map_or(Expiry::Never, Expiry::At);
    let v8 = |bytes: &[u8]| StoredValue {
        encoding: Encoding::V8,
        bytes: bytes.to_vec().into(),
    };
    let mutations = operation.mutations.iter().map(|mutation| {
        let key = mutation.key.clone();
        match mutation.kind.clone() {
            MutationKind::Set { value, expires_at } => Step::Set {
                key,
                value,
                expiry: at(expires_at),
                is_versionstamped: false,
            },
            MutationKind::SetSuffixVersionstampedKey { value, expires_at } => Step::Set {
                key,
                value,
                expiry: at(expires_at),
                is_versionstamped: true,
            },
            MutationKind::Delete => Step::Delete { key },
            MutationKind::Sum {
                operand,
                min,
                max,
                clamp,
            } => Step::Sum {
                key,
                operand,
                min: min.as_deref().map(v8),
                max: max.as_deref().map(v8),
                clamp,
            },
            MutationKind::Min(operand) => Step::Min { key, operand },
            MutationKind::Max(operand) => Step::Max { key, operand },
        }
    });
    let messages = operation.enqueues.iter().map(|message: &Enqueue| Step::Enqueue {
        message: v8(&message.payload),
        due: Due::At(message.due_at),
        keys_if_undelivered: message.keys_if_undelivered.clone(),
        backoff_schedule: message.backoff_schedule.clone(),
    });
    checks.chain(mutations).chain(messages).collect()
}

/// A set that puts an entry back as it is.
pub(super) fn set_of(entry: &Entry) -> Step {
    Step::Set {
        key: entry.key.clone(),
        value: entry.value.clone(),
        expiry: Expiry::Keep,
        is_versionstamped: false,
    }
}

/// A stored value on one line; what cannot be read says why.
fn value_text(stored: &StoredValue) -> String {
    match stored.decode() {
        Ok(value) => literal::print_marked(&value, usize::MAX),
        Err(error) => format!("<{error}>"),
    }
}

fn message(text: &str) -> Result<StoredValue, String> {
    let value = literal::parse(text).map_err(|error| error.to_string())?;
    StoredValue::v8(&value).map_err(|error| error.to_string())
}

fn limit(text: &str) -> Result<Option<StoredValue>, String> {
    match text.trim() {
        "" => Ok(None),
        text => message(text).map(Some),
    }
}

fn due(text: &str) -> Result<Due, String> {
    if text.trim().is_empty() {
        return Ok(Due::Now);
    }
    Ok(match expiry::parse(text, 0)? {
        ExpiryDraft::After(span) => Due::After(span),
        ExpiryDraft::At(moment) => Due::At(moment),
        ExpiryDraft::Keep | ExpiryDraft::Never => Due::Now,
    })
}

fn undelivered(text: &str) -> Result<Vec<EncodedKey>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| parse_key(line).map_err(|reason| format!("{reason}: {line}")))
        .collect()
}

fn intervals(text: &str) -> Result<Option<Vec<u32>>, String> {
    match text.trim() {
        "" => return Ok(None),
        NO_RETRIES => return Ok(Some(Vec::new())),
        _ => {}
    }
    let spans = text.split(',').map(str::trim).filter(|text| !text.is_empty());
    let intervals = spans.map(|text| {
        let milliseconds = Span::parse(text).and_then(|span| span.after(0));
        let milliseconds = milliseconds.and_then(|span| u32::try_from(span).ok());
        milliseconds.ok_or_else(|| format!("Spans such as 100 ms, 5 s, or none: {text}"))
    });
    intervals.collect::<Result<_, _>>().map(Some)
}

/// A span as it is read again, exactly.
fn span_text(milliseconds: i64) -> String {
    match milliseconds {
        0 => "0 ms".to_owned(),
        _ if milliseconds % 60_000 == 0 => format!("{} min", milliseconds / 60_000),
        _ if milliseconds % 1000 == 0 => format!("{} s", milliseconds / 1000),
        _ => format!("{milliseconds} ms"),
    }
}
