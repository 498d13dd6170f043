//! Entries as commands of `keyglass`.

use keyglass_store::key::Key;
use keyglass_store::value::{Value, literal};

use super::key_as_javascript;

/// Bytes of a word of a command that every system takes; what is longer is given as input.
const LONGEST_WORD: usize = 100_000;

/// The command that stores an entry; `expires_in` is in milliseconds.
pub(super) fn set(location: &str, key: &Key, value: &Value, expires_in: Option<i64>) -> String {
    let text = literal::print(value, usize::MAX);
    let is_word = text.len() <= LONGEST_WORD;
    let words = [
        quoted(location),
        quoted(&key_as_javascript(key)),
        if is_word { quoted(&text) } else { "-".to_owned() },
    ];
    let expiry = expires_in.map_or_else(String::new, |left| format!(" --expire-in {}ms", left.max(0)));
    let input = if is_word {
        String::new()
    } else {
        format!(" <<'VALUE'\n{text}\nVALUE")
    };
    format!("keyglass set {}{expiry}{input}", words.join(" "))
}

/// The command that commits a draft, whose file is its input.
pub(super) fn commit(location: &str, file: &str) -> String {
    format!("keyglass commit {} - <<'DRAFT'\n{file}DRAFT\n", quoted(location))
}

/// One word for a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
