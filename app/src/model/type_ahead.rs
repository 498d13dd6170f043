//! Finding a row by typing how the last part of its key begins.

use keyglass_store::key::{EncodedKey, KeyPart, KeyRange};

/// A pause after which typing looks for something else, in milliseconds.
const PAUSE: i64 = 1000;
/// Digits that a whole number can have, so that it is looked for with any digits after those typed.
const MOST_DIGITS: u32 = 18;

/// What was typed.
#[derive(Debug, Default)]
pub struct TypeAhead {
    text: String,
    typed_at: Option<i64>,
    /// The search whose answer is waited for.
    pub ticket: Option<u64>,
    /// What was looked for in vain.
    pub missed: Option<String>,
}

impl TypeAhead {
    /// No key begins so.
    pub fn miss(&mut self) {
        self.missed = Some(self.text.clone());
    }

    /// Takes further letters. The whole text, and whether it is a new one, so that the row it is on does not count.
    pub fn take(&mut self, typed: &str, now: i64) -> Option<(String, bool)> {
        self.missed = None;
        let is_new = self.typed_at.is_none_or(|at| now - at > PAUSE);
        if is_new {
            self.text.clear();
        }
        // A space toggles a row or means nothing, unless it is inside a text.
        let typed = if self.text.is_empty() {
            typed.trim_start()
        } else {
            typed
        };
        if typed.is_empty() {
            return None;
        }
        self.text.push_str(&typed.to_lowercase());
        self.typed_at = Some(now);
        Some((self.text.clone(), is_new))
    }
}

/// Whether the last part of the key begins with this text, which is in lower case.
#[must_use]
pub fn begins_so(key: &EncodedKey, text: &str) -> bool {
    let ends = key.part_ends();
    let start = ends.iter().rev().nth(1).copied().unwrap_or(0);
    let part = EncodedKey::from_bytes(key.to_shared().slice(start..)).decode();
    let Some(part) = part.ok().and_then(|key| key.0.into_iter().next()) else {
        return false;
    };
    let name = match part {
        KeyPart::String(text) => text,
        other => other.to_string(),
    };
    name.to_lowercase().starts_with(text)
}

/// Ranges of the keys just below `prefix` that begin with this text: where to look first among any number of keys.
#[must_use]
pub fn likely_ranges(prefix: &EncodedKey, text: &str) -> Vec<KeyRange> {
    let mut ranges = Vec::new();
    let mut add = |start: Option<Vec<u8>>, end: Option<Vec<u8>>| {
        if let (Some(start), Some(end)) = (start, end) {
            ranges.push(KeyRange {
                start: prefix.with_suffix(&start),
                end: prefix.with_suffix(&end),
            });
        }
    };
    for spelling in spellings(text) {
        let start = encoded(&KeyPart::String(spelling)).map(|mut bytes| {
            // Without the byte that ends the text.
            bytes.pop();
            bytes
        });
        let end = start.clone().map(|start| followed_by(start, 0xff));
        add(start, end);
    }
    for value in [false, true] {
        if value.to_string().starts_with(text) {
            let start = encoded(&KeyPart::Boolean(value));
            add(start.clone(), start.map(|start| followed_by(start, 0xff)));
        }
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let digits = digits.strip_suffix('n').unwrap_or(digits);
    let Ok(number) = digits.parse::<i64>() else {
        return ranges;
    };
    let is_whole = text.ends_with('n') || number == 0;
    for power in 0..=MOST_DIGITS {
        let Some(scale) = 10_i64.checked_pow(power) else {
            break;
        };
        let (Some(low), Some(high)) = (
            number.checked_mul(scale),
            number.checked_add(1).and_then(|next| next.checked_mul(scale)),
        ) else {
            break;
        };
        let numbers: &[fn(i64) -> KeyPart] = if text.ends_with('n') {
            &[bigint]
        } else {
            &[bigint, float]
        };
        for part in numbers {
            if text.starts_with('-') {
                // The smaller end is left out, the greater one and what is below it belong to it.
                let start = encoded(&part(-high)).map(|start| followed_by(start, 0xff));
                add(start, encoded(&part(-low)).map(|end| followed_by(end, 0xff)));
            } else {
                add(encoded(&part(low)), encoded(&part(high)));
            }
        }
        if is_whole {
            break;
        }
    }
    ranges
}

fn bigint(at: i64) -> KeyPart {
    KeyPart::bigint(at)
}

#[expect(clippy::cast_precision_loss, reason = "only the first digits matter")]
fn float(at: i64) -> KeyPart {
    KeyPart::Number(at as f64)
}

/// A text in lower case as it may have been written: so, with a capital, or in capitals.
fn spellings(text: &str) -> Vec<String> {
    let mut letters = text.chars();
    let capital = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect::<String>());
    let mut spellings = vec![text.to_owned()];
    spellings.extend(capital);
    spellings.push(text.to_uppercase());
    spellings.dedup();
    spellings
}

fn encoded(part: &KeyPart) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    part.encode_into(&mut bytes).ok()?;
    Some(bytes)
}

fn followed_by(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;

    #[test]
    fn letters_typed_in_a_row_are_one_text() {
        let mut typed = TypeAhead::default();
        assert_eq!(typed.take(" ", 0), None);
        assert_eq!(typed.take("A", 100), Some(("a".to_owned(), true)));
        assert_eq!(typed.take("d", 900), Some(("ad".to_owned(), false)));
        assert_eq!(typed.take(" ", 1000), Some(("ad ".to_owned(), false)));
        assert_eq!(typed.take("z", 3000), Some(("z".to_owned(), true)));
    }

    #[test]
    fn the_last_part_counts() {
        let begins = |key: &str, text: &str| begins_so(&parse_key(key).unwrap(), text);
        assert!(begins(r#"["users", "Ada"]"#, "ad"));
        assert!(!begins(r#"["users", "Ada"]"#, "u"));
        assert!(begins("[42n]", "42") && begins("[42]", "4") && begins("[true]", "t"));
        assert!(begins("[u8[01 ff]]", "u8[01"));
    }

    #[test]
    fn a_likely_range_holds_just_the_keys_that_begin_so() {
        let prefix = parse_key(r#"["p"]"#).unwrap();
        let parts = [
            "\"12\"", "\"120a\"", "\"1\"", "12", "12.5", "120", "1299", "1300", "-12", "-120.5", "-13",
            "-11.5", "12n", "129n", "13n", "11n", "-12n", "-129n", "-13n", "\"-12\"", "0", "0.25", "0n", "7",
            "\"abc\"", "\"ABC\"", "\"Ab\"", "\"b\"", "true", "false", "\"true\"", "\"é\"", "\"\"",
        ];
        for text in ["12", "1", "-12", "0", "12n", "ab", "t", "f", "é", "7"] {
            let ranges = likely_ranges(&prefix, text);
            for part in parts {
                let key = parse_key(&format!(r#"["p", {part}]"#)).unwrap();
                let is_in = ranges.iter().any(|range| range.contains(&key));
                assert_eq!(is_in, begins_so(&key, text), "{part} begins with {text}");
            }
        }
    }
}
