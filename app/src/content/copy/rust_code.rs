//! Keys, values and entries as Rust code for `keyglass_store::Kv`.

use keyglass_store::key::{Key, KeyPart};
use keyglass_store::value::{Node, Repetition, Value, is_written_with_marks, literal};

/// Key parts that a tuple may have.
const TUPLE: std::ops::RangeInclusive<usize> = 2..=5;

/// What the code uses, so that it says `use` for no more than that.
#[derive(Debug, Default, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a name that is used or not")]
pub(super) struct Uses {
    key: bool,
    key_part: bool,
    value: bool,
    literal: bool,
    time: bool,
    duration: bool,
    message: bool,
    outcome: bool,
}

impl Uses {
    /// The lines before the code.
    pub(super) fn lines(self) -> String {
        let names: Vec<&str> = [
            (self.outcome, "CommitOutcome"),
            (self.key, "Key"),
            (self.key_part, "KeyPart"),
            (self.message, "Message"),
            (self.value, "Value"),
        ]
        .into_iter()
        .filter_map(|(is_used, name)| is_used.then_some(name))
        .collect();
        let mut lines = String::new();
        if self.time {
            lines.push_str("use std::time::{Duration, SystemTime, UNIX_EPOCH};\n");
        } else if self.duration {
            lines.push_str("use std::time::Duration;\n");
        }
        if self.literal {
            lines.push_str("use keyglass_store::value::literal;\n");
        }
        match names.as_slice() {
            [] => {}
            [name] => lines.push_str(&format!("use keyglass_store::{name};\n")),
            names => lines.push_str(&format!("use keyglass_store::{{{}}};\n", names.join(", "))),
        }
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines
    }

    /// A `Key`.
    pub(super) fn key(&mut self, key: &Key) -> String {
        self.key = true;
        match self.key_parts(key) {
            Some(parts) => format!("Key::from({parts})"),
            None => parsed_key(key),
        }
    }

    /// A `Value`.
    pub(super) fn value(&mut self, value: &Value) -> String {
        match plain(value) {
            Some(code) => {
                self.value = true;
                format!("Value::from({code})")
            }
            None => self.made_value(value),
        }
    }

    /// What a key is made of where one is taken.
    pub(super) fn key_argument(&mut self, key: &Key) -> String {
        self.key_parts(key).unwrap_or_else(|| {
            self.key = true;
            parsed_key(key)
        })
    }

    /// What a value is made of where one is taken.
    pub(super) fn value_argument(&mut self, value: &Value) -> String {
        plain(value).unwrap_or_else(|| self.made_value(value))
    }

    /// A statement that stores an entry in `kv`.
    pub(super) fn set(&mut self, key: &Key, value: &Value, expires_at: Option<i64>) -> String {
        let (key, value) = (self.key_argument(key), self.value_argument(value));
        let Some(at) = expires_at else {
            return format!("kv.set({key}, {value})?;");
        };
        format!("kv.set_expiring({key}, {value}, {})?;", self.until(at))
    }

    /// The time until a moment, in milliseconds since the Unix epoch.
    pub(super) fn until(&mut self, moment: i64) -> String {
        self.time = true;
        let moment = format!("UNIX_EPOCH + Duration::from_millis({})", moment.max(0));
        format!("({moment}).duration_since(SystemTime::now()).unwrap_or_default()")
    }

    /// A span of milliseconds.
    pub(super) fn milliseconds(&mut self, span: i64) -> String {
        self.duration = true;
        format!("Duration::from_millis({})", span.max(0))
    }

    /// A message to queue.
    pub(super) fn message(&mut self, value: &Value) -> String {
        self.message = true;
        format!("Message::new({})", self.value_argument(value))
    }

    /// Says that the outcome of a commit is looked at.
    pub(super) fn commit(&mut self) {
        self.outcome = true;
    }

    /// What a `Key` is made from: an array, or a tuple where the parts differ in type. `None` where there is no
    /// such form.
    fn key_parts(&mut self, key: &Key) -> Option<String> {
        let first = key.0.first()?;
        let is_array = key
            .0
            .iter()
            .all(|part| std::mem::discriminant(part) == std::mem::discriminant(first));
        if !is_array && !TUPLE.contains(&key.0.len()) {
            return None;
        }
        let parts: Option<Vec<String>> = key.0.iter().map(part).collect();
        let parts = parts?.join(", ");
        self.key_part |= key.0.iter().any(|part| matches!(part, KeyPart::BigInt(_)));
        Some(if is_array {
            format!("[{parts}]")
        } else {
            format!("({parts})")
        })
    }

    /// A value that no Rust literal makes.
    fn made_value(&mut self, value: &Value) -> String {
        if let Some(number) = value.as_u64() {
            self.value = true;
            return format!("Value::u64({number})");
        }
        self.literal = true;
        let text = literal::print(value, usize::MAX);
        let marks = if Repetition::of(value).has_cycle() || is_written_with_marks(value) {
            "/* &1 names an object, *1 is that object again */ "
        } else {
            ""
        };
        format!("literal::parse({marks}{})?", string(&text))
    }
}

/// A part, from which a `KeyPart` is made. `None` where Rust has no literal for it.
fn part(part: &KeyPart) -> Option<String> {
    Some(match part {
        KeyPart::String(text) => string(text),
        KeyPart::Number(number) => self::number(*number)?,
        KeyPart::Boolean(value) => value.to_string(),
        KeyPart::Bytes(bytes) => {
            let numbers: Vec<String> = bytes.iter().map(ToString::to_string).collect();
            match numbers.split_first() {
                None => "Vec::<u8>::new()".to_owned(),
                Some((first, [])) => format!("vec![{first}_u8]"),
                Some((first, others)) => format!("vec![{first}_u8, {}]", others.join(", ")),
            }
        }
        KeyPart::BigInt(number) => {
            let number = i128::try_from(number).ok()?;
            let suffix = if i32::try_from(number).is_ok() {
                ""
            } else {
                "_i128"
            };
            format!("KeyPart::bigint({number}{suffix})")
        }
    })
}

/// A key of which Rust has no literal, from its text.
fn parsed_key(key: &Key) -> String {
    format!("{}.parse::<Key>()?", string(&key.to_string()))
}

/// A value as a Rust literal, if it has one.
fn plain(value: &Value) -> Option<String> {
    match value.root() {
        Node::String(text) => text.as_str().map(string),
        Node::Number(number) => self::number(*number),
        Node::Boolean(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A number; `None` for a NaN whose sign would be lost.
fn number(number: f64) -> Option<String> {
    Some(if number.is_nan() {
        return number.is_sign_positive().then(|| "f64::NAN".to_owned());
    } else if number == f64::INFINITY {
        "f64::INFINITY".to_owned()
    } else if number == f64::NEG_INFINITY {
        "f64::NEG_INFINITY".to_owned()
    } else {
        format!("{number:?}")
    })
}

/// A string literal; raw where that is easier to read and nothing in it is unseen.
fn string(text: &str) -> String {
    let escaped = format!("{text:?}");
    let is_seen = escaped.len() - 2 == text.len() + text.matches(['"', '\\']).count();
    if !is_seen || !text.contains(['"', '\\']) {
        return escaped;
    }
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_raw_where_that_reads_better() {
        assert_eq!(string("a"), r#""a""#);
        assert_eq!(string("it's"), r#""it's""#);
        assert_eq!(string(r#"{a: "b"}"#), r##"r#"{a: "b"}"#"##);
        assert_eq!(string(r##"a"#b"##), r###"r##"a"#b"##"###);
        assert_eq!(string("\"\u{202e}\""), r#""\"\u{202e}\"""#);
        assert_eq!(string("a\nb"), r#""a\nb""#);
    }
}
