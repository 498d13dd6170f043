//! Printing what holds no other value: names, dates, regular expressions, boxed primitives.

use crate::javascript::JsString;
use crate::javascript::date::write_date;
use crate::javascript::number::write_number;
use crate::javascript::string::{Escapes, is_unseen, write_quoted};
use crate::value::collection::array_index;
use crate::value::graph::{Node, Object, Properties};

/// What stands in code for an object that no code makes: it is valid JavaScript, is no value that could be stored or
/// read, and says what it stands for.
pub(super) fn host_placeholder(properties: &Properties) -> String {
    let class = properties.iter().find_map(|(name, node)| match node {
        Node::String(class) if name == "type" => class.as_str(),
        _ => None,
    });
    let class = class.unwrap_or("host object");
    let mut text = "Symbol(".to_owned();
    let told = format!("{class}: an object of Deno's own, which no code makes");
    write_quoted(&JsString::from(told.as_str()), Escapes::Visible, &mut text);
    text.push(')');
    text
}

/// Appends a property name as an object literal needs it.
pub(super) fn write_key(name: &JsString, text: &mut String) {
    match name.as_str() {
        Some("__proto__") => text.push_str("[\"__proto__\"]"),
        Some(plain) if is_identifier(plain) || array_index(plain).is_some() => text.push_str(plain),
        _ => write_quoted(name, Escapes::Visible, text),
    }
}

fn is_identifier(name: &str) -> bool {
    let part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '$' | '_');
    name.starts_with(|char: char| part(char) && !char.is_ascii_digit()) && name.chars().all(part)
}

/// Appends an object that holds no other.
pub(super) fn write_leaf(object: &Object, text: &mut String) {
    match object {
        Object::Date(milliseconds) if milliseconds.is_nan() => text.push_str("new Date(NaN)"),
        Object::Date(milliseconds) => {
            text.push_str("new Date(\"");
            write_date(*milliseconds, text);
            text.push_str("\")");
        }
        Object::RegExp { source, flags } => write_regexp(source, flags, text),
        Object::BoxedBoolean(value) => text.push_str(if *value { "Object(true)" } else { "Object(false)" }),
        Object::BoxedNumber(number) => {
            text.push_str("Object(");
            write_number(*number, text);
            text.push(')');
        }
        Object::BoxedBigInt(number) => text.push_str(&format!("Object({number}n)")),
        Object::BoxedString(string) => {
            text.push_str("Object(");
            write_quoted(string, Escapes::Visible, text);
            text.push(')');
        }
        Object::KvU64(number) => text.push_str(&format!("new Deno.KvU64({number}n)")),
        _ => {}
    }
}

/// Appends a regular expression literal, or the constructor if a literal would hide characters.
pub(super) fn write_regexp(source: &JsString, flags: &str, text: &mut String) {
    match source.as_str() {
        Some(source) if !source.chars().any(|char| char < ' ' || is_unseen(char)) => {
            text.push('/');
            text.push_str(source);
            text.push('/');
            text.push_str(flags);
        }
        _ => {
            text.push_str("new RegExp(");
            write_quoted(source, Escapes::Visible, text);
            text.push_str(&format!(", \"{flags}\")"));
        }
    }
}
