//! The rows of a value: what is unfolded, flattened.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use keyglass_store::value::literal::{SpanKind, preview_node};
use keyglass_store::value::{JsString, Node, Object, ObjectId, Value};

use super::path::{Step, ValuePath, property_name};

/// The most characters of a text that a row lays out.
const TEXT_CHARS: usize = 400;
/// Bytes of at most this many are edited as a literal; more of them under Hex.
const TEXT_BYTES: u64 = 256;
/// Objects of at most this many parts are unfolded at first, near the root.
const UNFOLDED_PARTS: usize = 20;

/// One row.
#[derive(Debug, Clone)]
pub struct ValueRow {
    /// Where the part is.
    pub path: ValuePath,
    /// How deep it is; 0 for the value itself.
    pub depth: usize,
    /// Its name in what it is part of; empty for the value itself.
    pub label: String,
    /// What kind of name that is.
    pub label_kind: SpanKind,
    /// Itself, on one line.
    pub text: Vec<(SpanKind, String)>,
    /// Beside it, quieter.
    pub note: String,
    /// Another place in which the same object stands.
    pub same: Option<ValuePath>,
    /// Whether its parts are shown below it, if it has parts.
    pub open: Option<bool>,
    /// Whether [`Self::label`] is a name that can be changed: that of a property, or a map's key that is a primitive.
    pub is_named: bool,
    /// Whether it can be edited as text where it stands.
    pub is_text: bool,
    /// The moment of a `Date`, in milliseconds since the Unix epoch; NaN if it is invalid.
    pub date: Option<f64>,
    /// Whether this row only offers to add a part to [`Self::path`]; its label says what.
    pub adds: bool,
}

/// What is still to be visited, in reverse.
struct Visit {
    path: ValuePath,
    depth: usize,
    label: String,
    label_kind: SpanKind,
    is_named: bool,
    what: What,
}

enum What {
    Node(Node),
    Holes(u32),
    Add,
}

/// Flattens what is unfolded. `toggled` are the paths whose folding is not the usual one.
pub fn flatten(value: &Value, toggled: &HashSet<ValuePath>, editable: bool) -> Vec<ValueRow> {
    let mut rows: Vec<ValueRow> = Vec::new();
    let mut ancestors: Vec<ObjectId> = Vec::new();
    // The row in which each object stands first.
    let mut seen: HashMap<ObjectId, usize> = HashMap::new();
    let mut visits = vec![Visit {
        path: ValuePath::default(),
        depth: 0,
        label: String::new(),
        label_kind: SpanKind::Property,
        is_named: false,
        what: What::Node(value.root().clone()),
    }];
    while let Some(visit) = visits.pop() {
        let mut row = ValueRow {
            path: visit.path,
            depth: visit.depth,
            label: visit.label,
            label_kind: visit.label_kind,
            text: Vec::new(),
            note: String::new(),
            same: None,
            open: None,
            is_named: visit.is_named,
            is_text: false,
            date: None,
            adds: false,
        };
        match visit.what {
            What::Holes(count) => {
                let text = if count == 1 {
                    "hole".to_owned()
                } else {
                    format!("{count} holes")
                };
                row.text.push((SpanKind::Dim, text));
            }
            What::Add => row.adds = true,
            What::Node(node) => {
                ancestors.truncate(row.depth);
                let parts = match value.object_of(&node) {
                    Some((id, _)) if ancestors.contains(&id) => {
                        let above = ancestors.iter().position(|other| *other == id).unwrap_or(0);
                        let steps = row.path.0.get(..above).unwrap_or_default().to_vec();
                        row.text
                            .push((SpanKind::Dim, format!("↑ cycle to {}", ValuePath(steps))));
                        rows.push(row);
                        continue;
                    }
                    Some((id, object)) => {
                        ancestors.push(id);
                        if let Object::Date(moment) = object {
                            row.date = Some(*moment);
                        }
                        let this = rows.len();
                        if let Some(first) = seen.get(&id).and_then(|first| rows.get_mut(*first)) {
                            row.same = Some(first.path.clone());
                            first.same.get_or_insert_with(|| row.path.clone());
                        } else {
                            seen.insert(id, this);
                        }
                        row.is_text = is_text(object);
                        parts(object)
                    }
                    None => {
                        row.is_text = true;
                        None
                    }
                };
                if let Some(parts) = parts {
                    let usual = row.depth < 2 && parts.count <= UNFOLDED_PARTS || row.depth == 0;
                    let open = usual != toggled.contains(&row.path);
                    row.open = (parts.count > 0 || editable).then_some(open);
                    row.note = parts.count.to_string();
                    if open && row.open.is_some() {
                        row.text.push((SpanKind::Dim, parts.class.into_owned()));
                        push_parts(&mut visits, &row, value, &node, parts.add.filter(|_| editable));
                    } else {
                        row.text = preview_node(value, &node, TEXT_CHARS).spans;
                    }
                } else {
                    row.text = preview_node(value, &node, TEXT_CHARS).spans;
                }
            }
        }
        rows.push(row);
    }
    rows
}

/// Whether an object is edited as the text of its literal.
fn is_text(object: &Object) -> bool {
    match object {
        Object::View(view) => view.byte_length <= TEXT_BYTES,
        Object::ArrayBuffer { bytes, .. } => bytes.len() as u64 <= TEXT_BYTES,
        Object::RegExp { .. }
        | Object::BoxedBoolean(_)
        | Object::BoxedNumber(_)
        | Object::BoxedBigInt(_)
        | Object::BoxedString(_)
        | Object::KvU64(_) => true,
        _ => false,
    }
}

struct Parts {
    class: Cow<'static, str>,
    count: usize,
    /// What adding a part is called, if that is possible.
    add: Option<&'static str>,
}

/// What an object is called and how many parts it has; `None` if it is shown as a whole.
fn parts(object: &Object) -> Option<Parts> {
    let parts = |class: &'static str, count, add| {
        let class = Cow::Borrowed(class);
        Some(Parts { class, count, add })
    };
    match object {
        Object::Plain(properties) => parts("object", properties.len(), Some("Add property")),
        Object::Host(properties) => {
            let class = properties.iter().find_map(|(name, node)| match node {
                Node::String(class) if name == "type" => class.as_str(),
                _ => None,
            });
            Some(Parts {
                class: Cow::Owned(format!("{} of Deno's own", class.unwrap_or("object"))),
                count: properties.len(),
                add: None,
            })
        }
        Object::Array(array) => {
            let count = array.length as usize + array.properties.len();
            parts("Array", count, Some("Add element"))
        }
        Object::Map(entries) => parts("Map", entries.len(), Some("Add entry")),
        Object::Set(members) => parts("Set", members.len(), Some("Add member")),
        Object::Error(error) => {
            let texts = usize::from(error.message.is_some()) + usize::from(error.stack.is_some());
            parts(error.name, texts + usize::from(error.cause.is_some()), None)
        }
        _ => None,
    }
}

/// Puts the parts of an object on the stack of visits, the first on top.
fn push_parts(visits: &mut Vec<Visit>, row: &ValueRow, value: &Value, node: &Node, add: Option<&str>) {
    let Some((_, object)) = value.object_of(node) else {
        return;
    };
    let begin = visits.len();
    let mut push = |step, label: String, label_kind, what| {
        let is_named = match (object, &step) {
            (Object::Plain(_) | Object::Array(_), Step::Property(_)) => true,
            (Object::Map(entries), Step::MapValue(position)) => entries
                .get(*position)
                .is_some_and(|(key, _)| !matches!(key, Node::Object(_))),
            _ => false,
        };
        visits.push(Visit {
            path: row.path.with(step),
            depth: row.depth + 1,
            label,
            label_kind,
            is_named,
            what,
        });
    };
    let push_properties = |push: &mut dyn FnMut(Step, String, SpanKind, What),
                           properties: &[(JsString, Node)]| {
        for (name, node) in properties {
            let step = Step::Property(name.clone());
            push(
                step,
                property_name(name),
                SpanKind::Property,
                What::Node(node.clone()),
            );
        }
    };
    match object {
        Object::Plain(properties) | Object::Host(properties) => push_properties(&mut push, properties),
        Object::Array(array) => {
            let mut next = 0;
            for (index, node) in &array.elements {
                if *index > next {
                    push(
                        Step::Index(next),
                        next.to_string(),
                        SpanKind::Dim,
                        What::Holes(index - next),
                    );
                }
                let what = What::Node(node.clone());
                push(Step::Index(*index), index.to_string(), SpanKind::Dim, what);
                next = index.saturating_add(1);
            }
            if array.length > next {
                let what = What::Holes(array.length - next);
                push(Step::Index(next), next.to_string(), SpanKind::Dim, what);
            }
            push_properties(&mut push, &array.properties);
        }
        Object::Map(entries) => {
            for (position, (key, node)) in entries.iter().enumerate() {
                if matches!(key, Node::Object(_)) {
                    let what = What::Node(key.clone());
                    push(
                        Step::MapKey(position),
                        format!("key {position}"),
                        SpanKind::Dim,
                        what,
                    );
                    let what = What::Node(node.clone());
                    push(
                        Step::MapValue(position),
                        format!("value {position}"),
                        SpanKind::Dim,
                        what,
                    );
                } else {
                    let spans = preview_node(value, key, TEXT_CHARS).spans;
                    let kind = spans.first().map_or(SpanKind::Plain, |(kind, _)| *kind);
                    let label = spans.into_iter().map(|(_, text)| text).collect();
                    push(Step::MapValue(position), label, kind, What::Node(node.clone()));
                }
            }
        }
        Object::Set(members) => {
            for (position, node) in members.iter().enumerate() {
                let what = What::Node(node.clone());
                push(Step::Member(position), position.to_string(), SpanKind::Dim, what);
            }
        }
        Object::Error(error) => {
            let own = |name: &str| Step::Property(JsString::Unicode(name.to_owned()));
            let texts = [("message", &error.message), ("stack", &error.stack)];
            for (name, text) in texts {
                if let Some(text) = text {
                    let what = What::Node(Node::String(text.clone()));
                    push(own(name), name.to_owned(), SpanKind::Property, what);
                }
            }
            if let Some(cause) = &error.cause {
                let what = What::Node(cause.clone());
                push(own("cause"), "cause".to_owned(), SpanKind::Property, what);
            }
        }
        _ => {}
    }
    if let Some(add) = add {
        visits.push(Visit {
            path: row.path.clone(),
            depth: row.depth + 1,
            label: add.to_owned(),
            label_kind: SpanKind::Dim,
            is_named: false,
            what: What::Add,
        });
    }
    if let Some(new) = visits.get_mut(begin..) {
        new.reverse();
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal::parse;

    use super::*;

    /// One line a row, indented.
    fn lines(value: &Value, toggled: &[ValuePath], editable: bool) -> Vec<String> {
        let toggled = toggled.iter().cloned().collect();
        let rows = flatten(value, &toggled, editable);
        let line = |row: &ValueRow| {
            let text: String = row.text.iter().map(|(_, text)| text.as_str()).collect();
            let colon = if row.label.is_empty() || row.adds {
                ""
            } else {
                ": "
            };
            let note = if row.note.is_empty() {
                String::new()
            } else {
                format!(" ({})", row.note)
            };
            let same = row.same.as_ref();
            let same = same.map_or_else(String::new, |same| format!(" = {same}"));
            format!("{}{}{colon}{text}{note}{same}", "  ".repeat(row.depth), row.label)
        };
        rows.iter().map(line).collect()
    }

    #[test]
    fn every_part_has_a_row_and_holes_are_counted() {
        let value = parse("{a: [1, , , 2n], 'b c': new Map([['k', true], [{}, null]])}").unwrap();
        assert_eq!(
            lines(&value, &[], false),
            [
                "object (2)",
                "  a: Array (4)",
                "    0: 1",
                "    1: 2 holes",
                "    3: 2n",
                "  \"b c\": Map (2)",
                "    \"k\": true",
                "    key 1: {} (0)",
                "    value 1: null",
            ]
        );
    }

    #[test]
    fn a_cycle_says_where_it_leads_and_a_shared_object_where_else_it_is() {
        let mut value = Value::default();
        let shared = value.add(Object::Plain(vec![("n".into(), Node::Number(1.0))]));
        let root = value.add(Object::Plain(Vec::new()));
        if let Some(Object::Plain(properties)) = value.object_mut(root) {
            *properties = vec![
                ("one".into(), Node::Object(shared)),
                ("two".into(), Node::Object(shared)),
                ("self".into(), Node::Object(root)),
            ];
        }
        value.set_root(Node::Object(root));
        assert_eq!(
            lines(&value, &[], false),
            [
                "object (3)",
                "  one: object (1) = value.two",
                "    n: 1",
                "  two: object (1) = value.one",
                "    n: 1",
                "  self: ↑ cycle to value",
            ]
        );
    }

    #[test]
    fn an_object_of_denos_own_says_what_it_is_folded_or_not() {
        let value = parse("{file: host({type: 'Blob', size: 3})}").unwrap();
        let own = "  file: Blob of Deno's own";
        assert_eq!(lines(&value, &[], true)[1], format!("{own} (2)"));
        let file = ValuePath(vec![Step::Property("file".into())]);
        assert_eq!(
            lines(&value, &[file], true)[1],
            format!("{own} {{type: \"Blob\", size: 3}} (2)")
        );
    }

    #[test]
    fn what_is_folded_is_previewed_and_what_can_grow_says_so() {
        let value = parse("{a: {b: 1}, c: new Set([1])}").unwrap();
        let a = ValuePath(vec![Step::Property("a".into())]);
        assert_eq!(
            lines(&value, &[a], true),
            [
                "object (2)",
                "  a: {b: 1} (1)",
                "  c: Set (1)",
                "    0: 1",
                "    Add member",
                "  Add property",
            ]
        );
    }

    #[test]
    fn a_path_finds_what_its_row_shows() {
        let value = parse("{a: [1, {x: 'y'}], m: new Map([[1, 2]]), s: new Set(['in'])}").unwrap();
        for row in flatten(&value, &HashSet::new(), false) {
            let node = row.path.find(&value).unwrap();
            if row.is_text {
                assert_eq!(preview_node(&value, &node, 100).spans, row.text, "{}", row.path);
            }
        }
        assert!(ValuePath(vec![Step::Index(0)]).find(&value).is_none());
    }
}
