//! Decoded MessagePack and CBOR: what both can hold, and its text.

use std::fmt::Write as _;

/// Levels of nesting that are read.
pub(super) const DEPTH: usize = 64;
/// Bytes of a byte string that are printed.
const PRINTED_BYTES: usize = 64;
/// Bytes of a line on which a list or map without others inside may stay.
const LINE_BYTES: usize = 40;

/// A decoded item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Null,
    Undefined,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
    /// Something with a number that says what it means: `tag 1`, `extension 5`, `simple 19`.
    Marked(String, Option<Box<Self>>),
}

impl Item {
    /// Whether it holds others, or may.
    pub fn is_container(&self) -> bool {
        match self {
            Self::List(_) | Self::Map(_) => true,
            Self::Marked(_, Some(item)) => item.is_container(),
            _ => false,
        }
    }

    /// How many texts it holds; an empty one counts for nothing.
    pub fn num_texts(&self) -> usize {
        match self {
            Self::Text(text) => usize::from(!text.is_empty()),
            Self::List(items) => items.iter().map(Self::num_texts).sum(),
            Self::Map(entries) => entries
                .iter()
                .map(|(key, item)| key.num_texts() + item.num_texts())
                .sum(),
            Self::Marked(_, Some(item)) => item.num_texts(),
            _ => 0,
        }
    }

    /// A text with a line for each part.
    pub fn print(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text
    }

    fn write(&self, text: &mut String, depth: usize) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Undefined => text.push_str("undefined"),
            Self::Boolean(value) => write_to(text, format_args!("{value}")),
            Self::Integer(number) => write_to(text, format_args!("{number}")),
            Self::Float(number) => write_to(text, format_args!("{number:?}")),
            Self::Text(string) => text.push_str(&quoted(string)),
            Self::Bytes(bytes) => write_bytes(text, bytes),
            Self::List(items) => {
                let parts = items.iter().map(|item| (None, item));
                write_parts(text, depth, ('[', ']'), parts);
            }
            Self::Map(entries) => {
                let parts = entries.iter().map(|(key, item)| (Some(key), item));
                write_parts(text, depth, ('{', '}'), parts);
            }
            Self::Marked(mark, item) => {
                text.push_str(mark);
                if let Some(item) = item {
                    text.push('(');
                    item.write(text, depth);
                    text.push(')');
                }
            }
        }
    }
}

fn write_to(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _infallible = text.write_fmt(arguments);
}

fn quoted(string: &str) -> String {
    serde_json::Value::from(string).to_string()
}

fn write_bytes(text: &mut String, bytes: &[u8]) {
    text.push_str("u8[");
    for (index, byte) in bytes.iter().take(PRINTED_BYTES).enumerate() {
        let space = if index > 0 { " " } else { "" };
        write_to(text, format_args!("{space}{byte:02x}"));
    }
    if bytes.len() > PRINTED_BYTES {
        write_to(text, format_args!(" … {} bytes", bytes.len()));
    }
    text.push(']');
}

fn write_parts<'i>(
    text: &mut String,
    depth: usize,
    (open, close): (char, char),
    parts: impl Iterator<Item = (Option<&'i Item>, &'i Item)> + Clone,
) {
    let begin = text.len();
    text.push(open);
    let is_flat = parts.clone().all(|(_, item)| !item.is_container());
    let write = |text: &mut String, separator: &str, inner: usize| {
        for (index, (key, item)) in parts.clone().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(if index == 0 {
                separator.trim_start_matches(' ')
            } else {
                separator
            });
            if let Some(key) = key {
                key.write(text, inner);
                text.push_str(": ");
            }
            item.write(text, inner);
            if separator == " " && text.len() - begin > LINE_BYTES {
                return false;
            }
        }
        true
    };
    if is_flat && write(text, " ", depth) {
        text.push(close);
        return;
    }
    text.truncate(begin);
    text.push(open);
    let indent = format!("\n{}", "  ".repeat(depth + 1));
    write(text, &indent, depth + 1);
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}

/// Bytes that are still to be read. Every step returns `None` at their end.
pub(super) struct Rest<'b>(pub &'b [u8]);

impl<'b> Rest<'b> {
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn take(&mut self, length: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn text(&mut self, length: u64) -> Option<String> {
        let bytes = self.take(length)?;
        Some(std::str::from_utf8(bytes).ok()?.to_owned())
    }

    /// A big-endian number of 1 to 8 bytes.
    pub fn number(&mut self, length: u64) -> Option<u64> {
        let bytes = self.take(length)?;
        Some(
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        )
    }
}
