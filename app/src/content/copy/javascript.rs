//! Keys, values and entries as JavaScript that any program takes.

use keyglass_store::key::{Key, KeyPart};
use keyglass_store::value::Value;
use keyglass_store::value::literal::{self, SharedObjects};

use super::CODE_WIDTH;

/// A key as JavaScript that any program takes, unlike the shorter `u8[01 ff]` that is shown.
#[must_use]
pub fn key_as_javascript(key: &Key) -> String {
    let parts: Vec<String> = key
        .0
        .iter()
        .map(|part| match part {
            KeyPart::Bytes(bytes) => {
                let numbers: Vec<String> = bytes.iter().map(ToString::to_string).collect();
                format!("new Uint8Array([{}])", numbers.join(", "))
            }
            other => other.to_string(),
        })
        .collect();
    format!("[{}]", parts.join(", "))
}

/// A value as an expression.
#[must_use]
pub fn value_as_javascript(value: &Value) -> String {
    literal::code(value, CODE_WIDTH, SharedObjects::AtEachPlace).text
}

/// An entry as an object.
pub(super) fn entry(key: &Key, stored: &Value, expires_at: Option<i64>) -> String {
    let expiry = expires_at.map_or_else(String::new, |at| format!(", expireAt: {at}"));
    format!(
        "{{key: {}, value: {}{expiry}}}",
        key_as_javascript(key),
        value_as_javascript(stored)
    )
}

/// A line of Deno code that stores an entry. Deno refuses a time to live that is negative.
pub(super) fn set(key: &Key, stored: &Value, expires_at: Option<i64>) -> String {
    let options = expires_at.map_or_else(String::new, |at| {
        format!(", {{ expireIn: Math.max(0, {at} - Date.now()) }}")
    });
    format!(
        "await kv.set({}, {}{options});",
        key_as_javascript(key),
        value_as_javascript(stored)
    )
}
