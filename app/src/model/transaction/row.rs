//! One row of a transaction: what it does, to which key, with which value.

use keyglass_store::atomic::AtomicOperation;
use keyglass_store::draft::{DraftRow, Step};
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::{Encoding, StoredValue, Versionstamp};

use super::row_step::{SUFFIXED, message};
use super::{OperationKind, RowError};
use crate::model::draft::{ExpiryDraft, parse_key, parse_value};

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
    pub(super) printed: Option<(String, StoredValue)>,
    pub(super) key: Result<EncodedKey, RowError>,
    pub(super) value: Result<StoredValue, RowError>,
    step: Result<Step, RowError>,
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
        let key = read_key(&texts.key, limits);
        let mut row = Self {
            id,
            kind,
            value: read_value(kind, &texts.value),
            // Read from its texts just below.
            step: key.clone().map(|key| Step::Delete { key }),
            key,
            texts,
            choices,
            printed: None,
        };
        row.parse(limits);
        row
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
        self.key = read_key(&self.texts.key, limits);
        self.value = match self.exact_value() {
            Some(stored) => Ok(stored.clone()),
            None => read_value(self.kind, &self.texts.value),
        };
        if self.kind != OperationKind::Enqueue
            && let Ok(value) = &self.value
            && let Err(limit) = limits.check_value(value.bytes.len())
        {
            self.value = Err(limit.into());
        }
        self.step = self.read_step();
        if let (Some(takes), Ok(step), Ok(value)) = (self.kind.takes(), &self.step, &self.value) {
            let operation = step.add_to(AtomicOperation::new(), 0, None);
            let refusal = operation
                .mutations
                .first()
                .and_then(|mutation| mutation.kind.apply(None).err());
            if let Some(reason) = refusal {
                let name = self.kind.name();
                self.step = Err(match value.encoding {
                    _ if has_limits(&self.texts) => RowError::Mutation(reason.to_string()),
                    Encoding::Le64 => RowError::NumberOperand { name, takes },
                    _ => RowError::Operand { name, takes },
                });
            }
        }
        if let Ok(step @ Step::Enqueue { .. }) = &self.step {
            let operation = step.add_to(AtomicOperation::new(), 0, None);
            if let Err(limit) = operation.validate(limits) {
                self.step = Err(limit.into());
            }
        }
    }

    /// What it does.
    ///
    /// # Errors
    /// What is wrong with its texts.
    pub fn step(&self) -> Result<&Step, &RowError> {
        self.step.as_ref()
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
    pub fn problem(&self) -> Option<&RowError> {
        self.step.as_ref().err()
    }
}

fn read_key(text: &str, limits: &Limits) -> Result<EncodedKey, RowError> {
    let key = parse_key(text)?;
    limits.check_key(key.as_bytes().len())?;
    Ok(key)
}

fn read_value(kind: OperationKind, text: &str) -> Result<StoredValue, RowError> {
    match kind {
        OperationKind::Enqueue => message(text),
        _ => Ok(parse_value(text)?),
    }
}

fn has_limits(texts: &RowTexts) -> bool {
    !texts.min.trim().is_empty() || !texts.max.trim().is_empty()
}
