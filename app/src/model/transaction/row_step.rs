//! A row of a transaction from what it does, and what it does from its texts.

use keyglass_store::StoredValue;
use keyglass_store::draft::{DraftRow, Due, Expiry, Step};
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::value::literal;

use super::{OperationKind, OperationRow, RowChoices, RowError, RowTexts};
use crate::model::draft::{ExpiryDraft, parse_key};
use crate::model::expiry;
use crate::moment::Span;

impl OperationRow {
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

    pub(super) fn read_step(&self) -> Result<Step, RowError> {
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
}

/// The name in a file of a set whose key ends in the commit's versionstamp.
pub(super) const SUFFIXED: &str = "setSuffixVersionstampedKey";

/// What says that a message is not delivered again.
const NO_RETRIES: &str = "none";

/// A stored value on one line; what cannot be read says why.
fn value_text(stored: &StoredValue) -> String {
    match stored.decode() {
        Ok(value) => literal::print_marked(&value, usize::MAX),
        Err(error) => format!("<{error}>"),
    }
}

pub(super) fn message(text: &str) -> Result<StoredValue, RowError> {
    Ok(StoredValue::v8(&literal::parse(text)?)?)
}

fn limit(text: &str) -> Result<Option<StoredValue>, RowError> {
    match text.trim() {
        "" => Ok(None),
        text => message(text).map(Some),
    }
}

fn due(text: &str) -> Result<Due, RowError> {
    if text.trim().is_empty() {
        return Ok(Due::Now);
    }
    Ok(match expiry::parse(text, 0)? {
        ExpiryDraft::After(span) => Due::After(span),
        ExpiryDraft::At(moment) => Due::At(moment),
        ExpiryDraft::Keep | ExpiryDraft::Never => Due::Now,
    })
}

fn undelivered(text: &str) -> Result<Vec<EncodedKey>, RowError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            parse_key(line).map_err(|error| RowError::Undelivered {
                line: line.to_owned(),
                error,
            })
        })
        .collect()
}

fn intervals(text: &str) -> Result<Option<Vec<u32>>, RowError> {
    match text.trim() {
        "" => return Ok(None),
        NO_RETRIES => return Ok(Some(Vec::new())),
        _ => {}
    }
    let spans = text.split(',').map(str::trim).filter(|text| !text.is_empty());
    let intervals = spans.map(|text| {
        let milliseconds = Span::parse(text).and_then(|span| span.after(0));
        let milliseconds = milliseconds.and_then(|span| u32::try_from(span).ok());
        milliseconds.ok_or_else(|| RowError::Interval(text.to_owned()))
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
