//! A request of a client as JavaScript: what it asked, what it was answered, and the code that asks again.

use std::fmt::Write as _;

use keyglass_store::connect::DecodedRequest;
use keyglass_store::database::ReadRange;
use keyglass_store::requests::{LoggedOperation, LoggedOutcome, LoggedRequest, Place};
use keyglass_store::value::Value;
use keyglass_store::{
    AtomicOperation, EncodedKey, Enqueue, Entry, Key, KeyRange, Mutation, MutationKind, StoredValue,
    Versionstamp,
};

use super::copy::{key_as_javascript, value_as_javascript};

/// Characters of a text at most.
const CHARACTERS: usize = 8000;
/// Why a body is not shown.
const NOT_KEPT: &str = "// It was too large to be kept";

/// A request made ready to be shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestText {
    /// What was asked.
    pub request: String,
    /// What was answered.
    pub answer: String,
    /// Deno code that asks again, where a program can.
    pub code: Option<String>,
    /// The keys of entries that it is about.
    pub keys: Vec<EncodedKey>,
}

/// Keys that are named at most.
const KEYS: usize = 50;

impl RequestText {
    /// Of a request.
    #[must_use]
    pub fn of(request: &LoggedRequest) -> Self {
        let decoded = request.decode();
        let entries = request.entries();
        let mut keys = keys_of(decoded.as_ref(), entries.as_deref());
        keys.dedup();
        keys.truncate(KEYS);
        Self {
            request: match (&decoded, &request.operation) {
                (Some(decoded), _) => bounded(request_text(decoded)),
                (None, LoggedOperation::Extension(method)) => extension_text(method, request),
                (None, LoggedOperation::Unknown(path)) => format!("// POST {path}"),
                (None, _) => match request.request.bytes() {
                    None => NOT_KEPT.to_owned(),
                    Some(bytes) => format!("// {} bytes that are no such request", bytes.len()),
                },
            },
            answer: bounded(answer_text(request, entries.as_deref())),
            code: decoded.as_ref().and_then(code),
            keys,
        }
    }
}

/// What of the extension no program of KV Connect can ask: the method, and what it is about.
fn extension_text(method: &str, request: &LoggedRequest) -> String {
    let places = request.places.iter().map(|place| match &place.place {
        Place::Key(key) => format!("{{ key: {} }}", key_text(key)),
        Place::Range(range) => {
            let selector = selector(range);
            let selector = selector.unwrap_or_else(|| format!("start: {}, end: {}", range.start, range.end));
            format!("{{ {selector} }}")
        }
    });
    match request.num_places {
        0 => format!("// {method}"),
        _ => format!("// {method}\n{}", list(places)),
    }
}

/// What a stream consists of.
fn messages_of(request: &LoggedRequest) -> &'static str {
    match request.operation {
        LoggedOperation::Extension(_) => "messages",
        _ => "states",
    }
}

/// The text, or as much of it as is shown.
#[must_use]
pub fn bounded(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(CHARACTERS) {
        text.truncate(at);
        text.push_str("\n// …");
    }
    text
}

fn keys_of(request: Option<&DecodedRequest>, entries: Option<&[Vec<Entry>]>) -> Vec<EncodedKey> {
    match request {
        Some(DecodedRequest::Read(_)) => {
            let entries = entries.unwrap_or_default().iter().flatten();
            entries.map(|entry| entry.key.clone()).collect()
        }
        Some(DecodedRequest::Write(operation)) => {
            let checks = operation.checks.iter().map(|check| check.key.clone());
            let mutations = operation.mutations.iter().map(|mutation| mutation.key.clone());
            checks.chain(mutations).collect()
        }
        Some(DecodedRequest::Watch(keys)) => keys.clone(),
        Some(DecodedRequest::Exchange(_)) | None => Vec::new(),
    }
}

fn request_text(request: &DecodedRequest) -> String {
    match request {
        DecodedRequest::Exchange(json) if json.is_empty() => "// Without a body".to_owned(),
        DecodedRequest::Exchange(json) => json.clone(),
        DecodedRequest::Read(ranges) => {
            let lines = ranges.iter().map(|read| match single_key(read) {
                Some(key) => format!("{{ key: {} }}", key_text(key)),
                None => {
                    let reverse = if read.reverse { ", reverse: true" } else { "" };
                    let selector = selector(&read.range)
                        .unwrap_or_else(|| format!("start: {}, end: {}", read.range.start, read.range.end));
                    format!("{{ {selector}, limit: {}{reverse} }}", read.limit)
                }
            });
            list(lines)
        }
        DecodedRequest::Write(operation) => {
            let checks = operation.checks.iter().map(|check| {
                let stamp = stamp_text(check.versionstamp);
                format!("{{ check: {}, versionstamp: {stamp} }}", key_text(&check.key))
            });
            let mutations = operation.mutations.iter().map(mutation_text);
            let enqueues = operation.enqueues.iter().map(|message| {
                format!(
                    "{{ enqueue: {}, dueAt: {} }}",
                    payload_text(message),
                    message.due_at
                )
            });
            list(checks.chain(mutations).chain(enqueues))
        }
        DecodedRequest::Watch(keys) => list(keys.iter().map(key_text)),
    }
}

fn answer_text(request: &LoggedRequest, entries: Option<&[Vec<Entry>]>) -> String {
    match &request.outcome {
        LoggedOutcome::Refused { status, sentence } => format!("// {status}\n// {sentence}"),
        LoggedOutcome::Committed(stamp) => format!("{{ ok: true, versionstamp: \"{stamp}\" }}"),
        LoggedOutcome::Conflict(_) => "{ ok: false }".to_owned(),
        LoggedOutcome::Begun => format!("// A stream of {} has begun", messages_of(request)),
        LoggedOutcome::Ended { states } => {
            format!("// The stream has ended after {states} {}", messages_of(request))
        }
        LoggedOutcome::Answered if request.operation == LoggedOperation::Exchange => {
            "// The address and the token, which is not kept".to_owned()
        }
        LoggedOutcome::Answered if matches!(request.operation, LoggedOperation::Extension(_)) => {
            format!("// {} bytes for Keyglass itself", request.bytes_out)
        }
        LoggedOutcome::Answered | LoggedOutcome::Entries(_) => match entries {
            None => NOT_KEPT.to_owned(),
            Some([only]) => entries_text(only),
            Some(ranges) => list(ranges.iter().map(|entries| entries_text(entries))),
        },
    }
}

fn entries_text(entries: &[Entry]) -> String {
    list(entries.iter().map(|entry| {
        format!(
            "{{ key: {}, value: {}, versionstamp: \"{}\" }}",
            key_text(&entry.key),
            value_text(&entry.value),
            entry.versionstamp
        )
    }))
}

fn mutation_text(mutation: &Mutation) -> String {
    let key = key_text(&mutation.key);
    let expiry =
        |expires_at: &Option<i64>| expires_at.map_or_else(String::new, |at| format!(", expireAt: {at}"));
    match &mutation.kind {
        MutationKind::Set { value, expires_at } => {
            format!(
                "{{ set: {key}, value: {}{} }}",
                value_text(value),
                expiry(expires_at)
            )
        }
        MutationKind::Delete => format!("{{ delete: {key} }}"),
        MutationKind::Sum { operand, .. } => format!("{{ sum: {key}, value: {} }}", value_text(operand)),
        MutationKind::Min(operand) => format!("{{ min: {key}, value: {} }}", value_text(operand)),
        MutationKind::Max(operand) => format!("{{ max: {key}, value: {} }}", value_text(operand)),
        MutationKind::SetSuffixVersionstampedKey { value, expires_at } => format!(
            "{{ setVersionstamped: {key}, value: {}{} }}",
            value_text(value),
            expiry(expires_at)
        ),
    }
}

/// The code of a program that asks the same again; none where no program can.
fn code(request: &DecodedRequest) -> Option<String> {
    match request {
        DecodedRequest::Exchange(_) => None,
        DecodedRequest::Read(ranges) => {
            let keys: Option<Vec<&EncodedKey>> = ranges.iter().map(single_key).collect();
            match keys.as_deref() {
                Some([]) => None,
                Some([key]) => Some(format!("await kv.get({});", key_code(key)?)),
                Some(keys) => {
                    let keys: Option<Vec<String>> = keys.iter().map(|key| key_code(key)).collect();
                    Some(format!("await kv.getMany([{}]);", keys?.join(", ")))
                }
                None => {
                    let lines: Option<Vec<String>> = ranges.iter().map(list_code).collect();
                    Some(lines?.join("\n"))
                }
            }
        }
        DecodedRequest::Watch(keys) => {
            let keys: Option<Vec<String>> = keys.iter().map(key_code).collect();
            Some(format!(
                "for await (const entries of kv.watch([{}])) {{\n  console.log(entries);\n}}",
                keys?.join(", ")
            ))
        }
        DecodedRequest::Write(operation) => atomic_code(operation),
    }
}

fn list_code(read: &ReadRange) -> Option<String> {
    let selector = selector(&read.range)?;
    let reverse = if read.reverse { ", reverse: true" } else { "" };
    Some(format!(
        "await Array.fromAsync(kv.list({{ {selector} }}, {{ limit: {}{reverse} }}));",
        read.limit
    ))
}

fn atomic_code(operation: &AtomicOperation) -> Option<String> {
    let mut code = "await kv.atomic()".to_owned();
    for check in &operation.checks {
        let stamp = stamp_text(check.versionstamp);
        let _written = write!(
            code,
            "\n  .check({{ key: {}, versionstamp: {stamp} }})",
            key_code(&check.key)?
        );
    }
    for mutation in &operation.mutations {
        let key = key_code(&mutation.key)?;
        let expiry = |expires_at: &Option<i64>| {
            expires_at.map_or_else(String::new, |at| {
                format!(", {{ expireIn: Math.max(0, {at} - Date.now()) }}")
            })
        };
        let arithmetic = |kind: &str, operand: &StoredValue| {
            Some(format!(
                "mutate({{ type: \"{kind}\", key: {key}, value: {} }})",
                value_code(operand)?
            ))
        };
        let call = match &mutation.kind {
            MutationKind::Set { value, expires_at } => {
                format!("set({key}, {}{})", value_code(value)?, expiry(expires_at))
            }
            MutationKind::Delete => format!("delete({key})"),
            MutationKind::Sum { operand, .. } => arithmetic("sum", operand)?,
            MutationKind::Min(operand) => arithmetic("min", operand)?,
            MutationKind::Max(operand) => arithmetic("max", operand)?,
            // Deno has no public method for it.
            MutationKind::SetSuffixVersionstampedKey { .. } => return None,
        };
        let _written = write!(code, "\n  .{call}");
    }
    for message in &operation.enqueues {
        let payload = payload_value(message)?;
        let _written = write!(code, "\n  .enqueue({})", value_as_javascript(&payload));
    }
    code.push_str("\n  .commit();");
    Some(code)
}

/// The key that a range was made of which is for one key.
fn single_key(read: &ReadRange) -> Option<&EncodedKey> {
    let start = &read.range.start;
    let is_single = read.range == KeyRange::only(start)
        || read.limit == 1 && read.range.end == start.with_suffix(&[0xff]);
    is_single.then_some(start)
}

/// A range as Deno's selectors have it.
fn selector(range: &KeyRange) -> Option<String> {
    let bytes = range.start.as_bytes().len();
    if let Some(length) = bytes.checked_sub(1) {
        let prefix = range.start.truncated(length);
        if *range == KeyRange::below(&prefix) {
            return Some(format!("prefix: {}", key_code(&prefix)?));
        }
    }
    Some(format!(
        "start: {}, end: {}",
        key_code(&range.start)?,
        key_code(&range.end)?
    ))
}

fn key_text(key: &EncodedKey) -> String {
    key_code(key).unwrap_or_else(|| key.to_string())
}

fn key_code(key: &EncodedKey) -> Option<String> {
    key.decode().ok().map(|key: Key| key_as_javascript(&key))
}

fn value_text(stored: &StoredValue) -> String {
    match stored.decode() {
        Ok(value) => value_as_javascript(&value),
        Err(error) => format!("undefined /* {error} */"),
    }
}

fn value_code(stored: &StoredValue) -> Option<String> {
    stored.decode().ok().map(|value| value_as_javascript(&value))
}

fn payload_value(message: &Enqueue) -> Option<Value> {
    let stored = StoredValue {
        encoding: keyglass_store::Encoding::V8,
        bytes: message.payload.clone(),
    };
    stored.decode().ok()
}

fn payload_text(message: &Enqueue) -> String {
    payload_value(message).map_or_else(|| "undefined".to_owned(), |value| value_as_javascript(&value))
}

fn stamp_text(stamp: Option<Versionstamp>) -> String {
    stamp.map_or_else(|| "null".to_owned(), |stamp| format!("\"{stamp}\""))
}

/// A list, one item a line.
fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => "[]".to_owned(),
        [only] if !only.contains('\n') => format!("[{only}]"),
        items => {
            let lines: Vec<String> = items
                .iter()
                .map(|item| format!("  {},", item.replace('\n', "\n  ")))
                .collect();
            format!("[\n{}\n]", lines.join("\n"))
        }
    }
}
