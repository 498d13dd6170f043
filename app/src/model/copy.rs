//! Keys and entries as code to paste elsewhere.

use keyglass_store::key::{EncodedKey, Key, KeyPart};

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

/// A line of Deno code that stores an entry. `None` if its key is none.
#[must_use]
pub fn as_deno_code(key: &EncodedKey, value: &str, expires_at: Option<i64>) -> Option<String> {
    let key = key_as_javascript(&key.decode().ok()?);
    let options = expires_at.map_or_else(String::new, |at| format!(", {{ expireIn: {at} - Date.now() }}"));
    Some(format!("await kv.set({key}, {value}{options});"))
}

/// The command that stores an entry. `None` if its key is none.
#[must_use]
pub fn as_command_line(location: &str, key: &EncodedKey, value: &str) -> Option<String> {
    let key = key_as_javascript(&key.decode().ok()?);
    let words = [location, &key, value].map(quoted);
    Some(format!("keyglass set {}", words.join(" ")))
}

/// One word for a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;

    #[test]
    fn an_entry_is_copied_as_code_that_can_run() {
        let key = parse_key(r#"["it's", 42n, u8[01 ff]]"#).unwrap();
        assert_eq!(
            as_deno_code(&key, "{a: 1}", Some(5)).unwrap(),
            r#"await kv.set(["it's", 42n, new Uint8Array([1, 255])], {a: 1}, { expireIn: 5 - Date.now() });"#
        );
        assert_eq!(
            as_command_line("my shop.kg", &key, "'x'").unwrap(),
            r#"keyglass set 'my shop.kg' '["it'\''s", 42n, new Uint8Array([1, 255])]' ''\''x'\'''"#
        );
        assert_eq!(as_deno_code(&EncodedKey::from_bytes(vec![0xff]), "1", None), None);
    }
}
