//! What a part can be changed to, with as much of its meaning as the other type can hold.

use jiff::tz::TimeZone;
use keyglass_store::value::literal::{parse, print, print_marked};
use keyglass_store::value::{Array, ErrorObject, JsString, Node, Object, Value, ViewKind};

use crate::moment;

/// The types that are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfferedType {
    String,
    Number,
    BigInt,
    Boolean,
    Null,
    Undefined,
    Object,
    Array,
    Map,
    Set,
    Date,
    Bytes,
    RegExp,
    Error,
    KvU64,
}

impl OfferedType {
    /// Those that any part can be, in the order offered, and after that the one that only a whole value can be.
    pub const ALL: [Self; 15] = [
        Self::String,
        Self::Number,
        Self::BigInt,
        Self::Boolean,
        Self::Null,
        Self::Undefined,
        Self::Object,
        Self::Array,
        Self::Map,
        Self::Set,
        Self::Date,
        Self::Bytes,
        Self::RegExp,
        Self::Error,
        Self::KvU64,
    ];

    /// `string`, `number`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::BigInt => "bigint",
            Self::Boolean => "boolean",
            Self::Null => "null",
            Self::Undefined => "undefined",
            Self::Object => "object",
            Self::Array => "Array",
            Self::Map => "Map",
            Self::Set => "Set",
            Self::Date => "Date",
            Self::Bytes => "Uint8Array",
            Self::RegExp => "RegExp",
            Self::Error => "Error",
            Self::KvU64 => "KvU64",
        }
    }

    /// The literal of what a part becomes.
    pub fn literal_of(self, value: &Value, node: &Node) -> String {
        let mut changed = value.clone();
        let new = self.converted(&mut changed, node);
        changed.set_root(new);
        print_marked(&changed, usize::MAX)
    }

    fn converted(self, value: &mut Value, node: &Node) -> Node {
        let object = match self {
            Self::String => return Node::String(text_of(value, node)),
            Self::Number => return Node::Number(number_of(value, node)),
            Self::BigInt => return bigint_of(value, node),
            Self::Boolean => return Node::Boolean(boolean_of(node)),
            Self::Null => return Node::Null,
            Self::Undefined => return Node::Undefined,
            Self::Object => Object::Plain(properties_of(value, node)),
            Self::Array => {
                let elements = members_of(value, node).into_iter();
                let elements: Vec<_> = (0..).zip(elements).collect();
                Object::Array(Array {
                    length: u32::try_from(elements.len()).unwrap_or(u32::MAX),
                    elements,
                    properties: Vec::new(),
                })
            }
            Self::Map => {
                let properties = properties_of(value, node).into_iter();
                Object::Map(
                    properties
                        .map(|(name, node)| (Node::String(name), node))
                        .collect(),
                )
            }
            Self::Set => {
                let mut members = members_of(value, node);
                let mut seen: Vec<Node> = Vec::new();
                members.retain(|node| {
                    let is_new = !seen.contains(node);
                    seen.push(node.clone());
                    is_new
                });
                Object::Set(members)
            }
            Self::Date => Object::Date(moment_of(value, node)),
            Self::Bytes => {
                let bytes = bytes_of(value, node);
                return Node::Object(value.add_bytes(ViewKind::Uint8Array, bytes));
            }
            Self::RegExp => {
                let text = text_of(value, node);
                return regular_expression(value, &text);
            }
            Self::Error => Object::Error(ErrorObject {
                name: "Error",
                message: Some(text_of(value, node)),
                stack: None,
                cause: None,
            }),
            Self::KvU64 => Object::KvU64(whole_of(value, node)),
        };
        Node::Object(value.add(object))
    }
}

/// A part as a literal.
fn literal_of(value: &Value, node: &Node) -> String {
    let mut part = value.clone();
    part.set_root(node.clone());
    print(&part, usize::MAX)
}

fn text_of(value: &Value, node: &Node) -> JsString {
    let text = match (node, value.object_of(node)) {
        (Node::String(text), _) | (_, Some((_, Object::BoxedString(text)))) => return text.clone(),
        (_, Some((_, Object::RegExp { source, .. }))) => return source.clone(),
        (_, Some((_, Object::Error(error)))) => return error.message.clone().unwrap_or_else(|| "".into()),
        (Node::BigInt(number), _) | (_, Some((_, Object::BoxedBigInt(number)))) => number.to_string(),
        (_, Some((_, Object::KvU64(number)))) => number.to_string(),
        (_, Some((_, Object::BoxedNumber(number)))) => literal_of(value, &Node::Number(*number)),
        (_, Some((_, Object::Date(_)))) => {
            // `new Date("…")`
            let literal = literal_of(value, node);
            let quoted = literal.split('"').nth(1);
            quoted.unwrap_or("Invalid Date").to_owned()
        }
        (_, Some((_, Object::View(_) | Object::ArrayBuffer { .. }))) => {
            String::from_utf8(bytes_of(value, node)).unwrap_or_else(|_binary| literal_of(value, node))
        }
        _ => literal_of(value, node),
    };
    text.as_str().into()
}

/// What a text says as a literal, if it says something simple.
fn told(value: &Value, node: &Node) -> Option<Node> {
    let text = text_of(value, node);
    Some(parse(text.as_str()?.trim()).ok()?.root().clone())
}

fn number_of(value: &Value, node: &Node) -> f64 {
    match (node, value.object_of(node)) {
        (Node::Number(number), _) | (_, Some((_, Object::BoxedNumber(number) | Object::Date(number)))) => {
            *number
        }
        (Node::Boolean(boolean), _) => f64::from(u8::from(*boolean)),
        _ => match told(value, node) {
            Some(Node::Number(number)) => number,
            // As JavaScript's `Number(…)`, which rounds.
            Some(Node::BigInt(number)) => number.to_string().parse().unwrap_or(0.0),
            _ => 0.0,
        },
    }
}

fn bigint_of(value: &Value, node: &Node) -> Node {
    if let (Node::BigInt(number), _) | (_, Some((_, Object::BoxedBigInt(number)))) =
        (node, value.object_of(node))
    {
        return Node::BigInt(number.clone());
    }
    if let Some(Node::BigInt(number)) = told(value, node) {
        return Node::BigInt(number);
    }
    // Digits that a number would round.
    let digits = text_of(value, node)
        .as_str()
        .unwrap_or_default()
        .trim()
        .to_owned();
    let number = number_of(value, node);
    let rounded = if number.is_finite() {
        format!("{:.0}n", number.trunc())
    } else {
        "0n".to_owned()
    };
    let literals = [format!("{digits}n"), rounded];
    let bigint = |literal: &String| match parse(literal).ok()?.root() {
        Node::BigInt(number) => Some(Node::BigInt(number.clone())),
        _ => None,
    };
    literals.iter().find_map(bigint).unwrap_or(Node::Null)
}

/// The nearest number that a `KvU64` can hold.
fn whole_of(value: &Value, node: &Node) -> u64 {
    match bigint_of(value, node) {
        Node::BigInt(number) => {
            let digits = number.to_string();
            let too_far = if digits.starts_with('-') { 0 } else { u64::MAX };
            digits.parse().unwrap_or(too_far)
        }
        _ => 0,
    }
}

fn boolean_of(node: &Node) -> bool {
    match node {
        Node::Undefined | Node::Null => false,
        Node::Boolean(boolean) => *boolean,
        Node::Number(number) => *number != 0.0 && !number.is_nan(),
        Node::BigInt(number) => number.to_string() != "0",
        Node::String(text) => !matches!(text.as_str(), Some("" | "false" | "0")),
        Node::Object(_) => true,
    }
}

fn moment_of(value: &Value, node: &Node) -> f64 {
    let text = text_of(value, node);
    let moment = text.as_str().and_then(|text| moment::parse(text, &TimeZone::UTC));
    let moment = moment.map_or_else(|| number_of(value, node).trunc(), |moment| moment as f64);
    // As in JavaScript, anything further away is an invalid date.
    if moment.abs() <= moment::LAST_MILLISECOND as f64 {
        moment
    } else {
        f64::NAN
    }
}

fn bytes_of(value: &Value, node: &Node) -> Vec<u8> {
    match value.object_of(node) {
        Some((_, Object::View(view))) => value.view_bytes(view).to_vec(),
        Some((_, Object::ArrayBuffer { bytes, .. })) => bytes.clone(),
        _ => match node {
            Node::String(text) => text.to_string_lossy().into_bytes(),
            _ => Vec::new(),
        },
    }
}

/// A regular expression that matches a text.
fn regular_expression(value: &mut Value, text: &JsString) -> Node {
    let mut source = String::new();
    for char in text.to_string_lossy().chars() {
        if r"\^$.*+?()[]{}|/".contains(char) {
            source.push('\\');
        }
        source.push(char);
    }
    let source = source.replace('\n', "\\n").replace('\r', "\\r");
    let source = if source.is_empty() { "(?:)" } else { &source };
    Node::Object(value.add(Object::RegExp {
        source: source.into(),
        flags: String::new(),
    }))
}

/// The parts of a container, or the part itself.
fn members_of(value: &Value, node: &Node) -> Vec<Node> {
    let Some((_, object)) = value.object_of(node) else {
        return match node {
            Node::Undefined | Node::Null => Vec::new(),
            primitive => vec![primitive.clone()],
        };
    };
    match object {
        Object::Array(array) => array.elements.iter().map(|(_, node)| node.clone()).collect(),
        Object::Set(members) => members.clone(),
        Object::Map(entries) => entries.iter().map(|(_, node)| node.clone()).collect(),
        Object::Plain(properties) | Object::Host(properties) => {
            properties.iter().map(|(_, node)| node.clone()).collect()
        }
        // It exists only as a whole value.
        Object::KvU64(_) => vec![bigint_of(value, node)],
        _ => vec![node.clone()],
    }
}

/// The parts of a container with names.
fn properties_of(value: &Value, node: &Node) -> Vec<(JsString, Node)> {
    let Some((_, object)) = value.object_of(node) else {
        return Vec::new();
    };
    let named = |name: &str, node: Option<&Node>| node.map(|node| (JsString::from(name), node.clone()));
    match object {
        Object::Plain(properties) | Object::Host(properties) => properties.clone(),
        Object::Map(entries) => {
            let mut properties: Vec<(JsString, Node)> = Vec::new();
            for (key, node) in entries {
                let name = text_of(value, key);
                properties.retain(|(other, _)| *other != name);
                properties.push((name, node.clone()));
            }
            properties
        }
        Object::Error(error) => {
            let text = |text: &Option<JsString>| text.clone().map(Node::String);
            let name = Node::String(error.name.into());
            [
                named("name", Some(&name)),
                named("message", text(&error.message).as_ref()),
                named("cause", error.cause.as_ref()),
            ]
            .into_iter()
            .flatten()
            .collect()
        }
        Object::Array(_) | Object::Set(_) => {
            let members = members_of(value, node).into_iter().enumerate();
            members
                .map(|(index, node)| (index.to_string().as_str().into(), node))
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, to: OfferedType) -> String {
        let value = parse(text).unwrap();
        let node = value.root().clone();
        to.literal_of(&value, &node)
    }

    #[test]
    fn primitives_keep_what_they_mean() {
        use OfferedType::{BigInt, Boolean, Date, KvU64, Number, String};
        for (text, to, expected) in [
            ("42", String, r#""42""#),
            ("-0", String, r#""-0""#),
            ("12345678901234567890n", String, r#""12345678901234567890""#),
            ("new Date(0)", String, r#""1970-01-01T00:00:00.000Z""#),
            ("null", String, r#""null""#),
            ("/a+/g", String, r#""a+""#),
            ("'12345678901234567890'", BigInt, "12345678901234567890n"),
            ("'7n'", BigInt, "7n"),
            ("1e21", BigInt, "1000000000000000000000n"),
            ("2.9", BigInt, "2n"),
            ("NaN", BigInt, "0n"),
            ("'text'", BigInt, "0n"),
            ("' 3.5 '", Number, "3.5"),
            ("'text'", Number, "0"),
            ("true", Number, "1"),
            ("5n", Number, "5"),
            ("new Date(5)", Number, "5"),
            ("'false'", Boolean, "false"),
            ("'yes'", Boolean, "true"),
            ("0n", Boolean, "false"),
            ("{}", Boolean, "true"),
            ("1767604442120", Date, r#"new Date("2026-01-05T09:14:02.120Z")"#),
            ("'2026-01-05'", Date, r#"new Date("2026-01-05T00:00:00.000Z")"#),
            ("-5", KvU64, "new Deno.KvU64(0n)"),
            (
                "'18446744073709551615'",
                KvU64,
                "new Deno.KvU64(18446744073709551615n)",
            ),
        ] {
            assert_eq!(changed(text, to), expected, "{text} to {}", to.name());
        }
    }

    #[test]
    fn containers_keep_their_parts_and_bytes_their_text() {
        use OfferedType::{Array, Bytes, Error, Map, Object, RegExp, Set, String};
        for (text, to, expected) in [
            ("{a: 1, b: [2]}", Map, r#"new Map([["a", 1], ["b", [2]]])"#),
            ("new Map([['a', 1], [2n, {}]])", Object, "{a: 1, 2: {}}"),
            ("[1, 'x', 1]", Set, r#"new Set([1, "x"])"#),
            ("new Set([1, {a: 2}])", Array, "[1, {a: 2}]"),
            ("{a: 1, b: 2}", Array, "[1, 2]"),
            ("7", Array, "[7]"),
            ("null", Array, "[]"),
            ("['x']", Object, r#"{0: "x"}"#),
            ("'hé'", Bytes, "new Uint8Array([104, 195, 169])"),
            ("new Uint8Array([104, 105])", String, r#""hi""#),
            ("'a/b.c'", RegExp, r"/a\/b\.c/"),
            ("''", RegExp, "/(?:)/"),
            (
                "'broken'",
                Error,
                r#"Object.assign(new Error("broken"), {stack: undefined})"#,
            ),
            (
                "new TypeError('bad')",
                Object,
                r#"{name: "TypeError", message: "bad"}"#,
            ),
            ("{a: 1}", String, r#""{a: 1}""#),
        ] {
            assert_eq!(changed(text, to), expected, "{text} to {}", to.name());
        }
    }

    #[test]
    fn every_type_becomes_every_other_as_a_literal_that_can_be_read() {
        let literals = [
            "undefined",
            "null",
            "true",
            "1.5",
            "-0",
            "NaN",
            "Infinity",
            "2n",
            "'text'",
            "\"\\ud800\"",
            "{a: 1}",
            "[1, , 2]",
            "new Map([[{}, 1]])",
            "new Set([NaN])",
            "new Date(NaN)",
            "/a/g",
            "new Error('x', {cause: 1})",
            "new Uint8Array([255])",
            "new Float64Array([1.5])",
            "new ArrayBuffer(2)",
            "Object(1)",
            "Object('s')",
            "Object(2n)",
            "Object(true)",
            "new Deno.KvU64(7n)",
            "&1 {self: *1}",
        ];
        for text in literals {
            for to in OfferedType::ALL {
                let literal = changed(text, to);
                assert!(parse(&literal).is_ok(), "{text} to {}: {literal}", to.name());
            }
        }
    }
}
