//! The value graph: nodes and the objects they refer to.

use std::collections::HashMap;

use num_bigint::BigInt;

use crate::javascript::JsString;

/// A JavaScript value graph.
#[derive(Debug, Clone)]
pub struct Value {
    root: Node,
    objects: Vec<Object>,
}

/// A primitive, or a reference to an object of the same graph.
#[derive(Debug, Clone)]
pub enum Node {
    /// `undefined`
    Undefined,
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number, `-0` and NaN included.
    Number(f64),
    /// A `bigint` of any length.
    BigInt(BigInt),
    /// A string, which may hold lone surrogates.
    String(JsString),
    /// An object; equal ids are the same object.
    Object(ObjectId),
}

/// Names an object within its [`Value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ObjectId(u32);

/// Own properties in JavaScript's order.
pub type Properties = Vec<(JsString, Node)>;

/// An object of a graph.
#[derive(Debug, Clone)]
pub enum Object {
    /// A plain object.
    Plain(Properties),
    /// An array.
    Array(Array),
    /// A `Map`, in insertion order.
    Map(Vec<(Node, Node)>),
    /// A `Set`, in insertion order.
    Set(Vec<Node>),
    /// A `Date` in milliseconds since the Unix epoch; NaN if invalid.
    Date(f64),
    /// A `RegExp`.
    RegExp {
        /// The pattern.
        source: JsString,
        /// The flags, in JavaScript's order.
        flags: String,
    },
    /// `Object(true)`
    BoxedBoolean(bool),
    /// `Object(1)`
    BoxedNumber(f64),
    /// `Object(1n)`
    BoxedBigInt(BigInt),
    /// `Object("text")`
    BoxedString(JsString),
    /// An `Error` or one of its six native subclasses.
    Error(ErrorObject),
    /// An `ArrayBuffer`.
    ArrayBuffer {
        /// Its contents.
        bytes: Vec<u8>,
        /// `maxByteLength` if it is resizable.
        max_byte_length: Option<u64>,
    },
    /// A typed array or a `DataView`.
    View(View),
    /// `Deno.KvU64`; it exists only as a whole value.
    KvU64(u64),
    /// An object that its JavaScript engine's host wrote: Deno's Blob, File, CryptoKey and others.
    Host(Properties),
}

/// An array with its holes.
#[derive(Debug, Clone, Default)]
pub struct Array {
    /// Its `length`.
    pub length: u32,
    /// The elements that exist, by ascending index; what is missing is a hole.
    pub elements: Vec<(u32, Node)>,
    /// Other own properties.
    pub properties: Properties,
}

/// An error object.
#[derive(Debug, Clone)]
pub struct ErrorObject {
    /// `Error`, `EvalError`, `RangeError`, `ReferenceError`, `SyntaxError`, `TypeError` or `URIError`.
    pub name: &'static str,
    /// Own `message`, if any.
    pub message: Option<JsString>,
    /// Own `stack`, if any.
    pub stack: Option<JsString>,
    /// Own `cause`, if any.
    pub cause: Option<Node>,
}

/// A view of an `ArrayBuffer`.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its class.
    pub kind: ViewKind,
    /// The buffer: an [`Object::ArrayBuffer`] of the same graph.
    pub buffer: ObjectId,
    /// Where it begins, in bytes.
    pub byte_offset: u64,
    /// How long it is, in bytes.
    pub byte_length: u64,
    /// Whether it follows the length of a resizable buffer.
    pub length_tracking: bool,
}

/// The classes of views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the JavaScript class of that name")]
pub enum ViewKind {
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float16Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
}

/// The element classes in the order of Deno's own documentation, with their names.
const VIEW_CLASSES: [(ViewKind, &str, u64); 13] = [
    (ViewKind::Int8Array, "Int8Array", 1),
    (ViewKind::Uint8Array, "Uint8Array", 1),
    (ViewKind::Uint8ClampedArray, "Uint8ClampedArray", 1),
    (ViewKind::Int16Array, "Int16Array", 2),
    (ViewKind::Uint16Array, "Uint16Array", 2),
    (ViewKind::Int32Array, "Int32Array", 4),
    (ViewKind::Uint32Array, "Uint32Array", 4),
    (ViewKind::Float16Array, "Float16Array", 2),
    (ViewKind::Float32Array, "Float32Array", 4),
    (ViewKind::Float64Array, "Float64Array", 8),
    (ViewKind::BigInt64Array, "BigInt64Array", 8),
    (ViewKind::BigUint64Array, "BigUint64Array", 8),
    (ViewKind::DataView, "DataView", 1),
];

impl ObjectId {
    /// An id that is no object's, for what has a number in the stored bytes but no place in the graph.
    pub(crate) fn nowhere(number: usize) -> Self {
        Self(u32::MAX - u32::try_from(number).unwrap_or(0))
    }
}

impl ViewKind {
    /// The name of the JavaScript class.
    #[must_use]
    pub fn class_name(self) -> &'static str {
        self.class().1
    }

    /// Bytes of an element; 1 for a `DataView`.
    #[must_use]
    pub fn element_size(self) -> u64 {
        self.class().2
    }

    /// The kind of that class name.
    #[must_use]
    pub fn from_class_name(name: &str) -> Option<Self> {
        let class = VIEW_CLASSES.iter().find(|(_, class, _)| *class == name)?;
        Some(class.0)
    }

    fn class(self) -> (Self, &'static str, u64) {
        let same = |(kind, ..): &&(Self, _, _)| *kind == self;
        VIEW_CLASSES
            .iter()
            .find(same)
            .copied()
            .unwrap_or((self, "DataView", 1))
    }
}

/// The classes of errors that structured clone knows.
pub(crate) const ERROR_CLASSES: [&str; 7] = [
    "Error",
    "EvalError",
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "TypeError",
    "URIError",
];

impl Default for Value {
    /// `undefined`
    fn default() -> Self {
        Self::primitive(Node::Undefined)
    }
}

impl Value {
    /// A value without objects.
    #[must_use]
    pub fn primitive(root: Node) -> Self {
        Self {
            root,
            objects: Vec::new(),
        }
    }

    /// A value of one object, which refers to no other.
    #[must_use]
    pub fn of_object(object: Object) -> Self {
        let mut value = Self::default();
        let id = value.add(object);
        value.set_root(Node::Object(id));
        value
    }

    /// A `Uint8Array` that is all of its buffer.
    #[must_use]
    pub fn bytes(bytes: Vec<u8>) -> Self {
        let mut value = Self::default();
        let view = value.add_bytes(ViewKind::Uint8Array, bytes);
        value.set_root(Node::Object(view));
        value
    }

    /// The value itself.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Makes another node the value itself.
    pub fn set_root(&mut self, root: Node) {
        self.root = root;
    }

    /// An object of this graph.
    #[must_use]
    pub fn object(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(id.0 as usize)
    }

    /// An object of this graph, to change it.
    pub fn object_mut(&mut self, id: ObjectId) -> Option<&mut Object> {
        self.objects.get_mut(id.0 as usize)
    }

    /// The object that a node refers to, if it refers to one.
    #[must_use]
    pub fn object_of(&self, node: &Node) -> Option<(ObjectId, &Object)> {
        match node {
            Node::Object(id) => Some((*id, self.object(*id)?)),
            _ => None,
        }
    }

    /// Adds an object, which is part of the value once a node refers to it.
    pub fn add(&mut self, object: Object) -> ObjectId {
        let id = ObjectId(u32::try_from(self.objects.len()).unwrap_or(u32::MAX));
        self.objects.push(object);
        id
    }

    /// Adds a view that is all of a buffer of its own.
    pub fn add_bytes(&mut self, kind: ViewKind, bytes: Vec<u8>) -> ObjectId {
        let byte_length = bytes.len() as u64;
        let buffer = self.add(Object::ArrayBuffer {
            bytes,
            max_byte_length: None,
        });
        self.add(Object::View(View {
            kind,
            buffer,
            byte_offset: 0,
            byte_length,
            length_tracking: false,
        }))
    }

    /// Puts other nodes in the place of all that refer to these objects. A view needs a buffer, so it only takes
    /// another object.
    pub fn redirect(&mut self, places: &HashMap<ObjectId, Node>) {
        let moved = |node: &mut Node| {
            if let Node::Object(id) = node
                && let Some(other) = places.get(id)
            {
                *node = other.clone();
            }
        };
        for object in &mut self.objects {
            if let Object::View(view) = object
                && let Some(Node::Object(other)) = places.get(&view.buffer)
            {
                view.buffer = *other;
            }
            object.for_each_node_mut(moved);
        }
        moved(&mut self.root);
    }

    /// Every object that has been added, part of the value or not.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    /// The same value without objects that are no part of it, the rest in order of first appearance.
    #[must_use]
    pub fn compacted(mut self) -> Self {
        let mut order = Vec::new();
        let mut places: Vec<Option<ObjectId>> = vec![None; self.objects.len()];
        let mut pending = Vec::new();
        if let Node::Object(root) = self.root {
            pending.push(root);
        }
        while let Some(id) = pending.pop() {
            let Some(place @ None) = places.get_mut(id.0 as usize) else {
                continue;
            };
            *place = Some(ObjectId(u32::try_from(order.len()).unwrap_or(u32::MAX)));
            order.push(id);
            let before = pending.len();
            match self.object(id) {
                Some(Object::View(view)) => pending.push(view.buffer),
                Some(object) => object.for_each_node(|node| {
                    if let Node::Object(id) = node {
                        pending.push(*id);
                    }
                }),
                None => {}
            }
            if let Some(added) = pending.get_mut(before..) {
                added.reverse();
            }
        }
        let moved = |id: &mut ObjectId| {
            if let Some(Some(place)) = places.get(id.0 as usize) {
                *id = *place;
            }
        };
        let mut objects = Vec::with_capacity(order.len());
        for id in order {
            let mut object = self.object_mut(id).map(std::mem::take).unwrap_or_default();
            object.for_each_id_mut(moved);
            objects.push(object);
        }
        if let Node::Object(root) = &mut self.root {
            moved(root);
        }
        Self {
            root: self.root,
            objects,
        }
    }

    /// The bytes that a view shows.
    #[must_use]
    pub fn view_bytes(&self, view: &View) -> &[u8] {
        let Some(Object::ArrayBuffer { bytes, .. }) = self.object(view.buffer) else {
            return &[];
        };
        let start = usize::try_from(view.byte_offset).unwrap_or(usize::MAX);
        let length = usize::try_from(view.byte_length).unwrap_or(usize::MAX);
        bytes
            .get(start..)
            .and_then(|bytes| bytes.get(..length))
            .unwrap_or_default()
    }

    /// Whether a view is all of its buffer, and the buffer is an ordinary one.
    #[must_use]
    pub fn is_whole(&self, view: &View) -> bool {
        let buffer = self.object(view.buffer);
        let Some(Object::ArrayBuffer {
            bytes,
            max_byte_length: None,
        }) = buffer
        else {
            return false;
        };
        view.byte_offset == 0 && view.byte_length == bytes.len() as u64
    }
}

impl Default for Object {
    /// `{}`
    fn default() -> Self {
        Self::Plain(Vec::new())
    }
}

impl Object {
    /// Calls `visit` with every node of this object, in the order in which it is printed and written.
    pub fn for_each_node<'o>(&'o self, mut visit: impl FnMut(&'o Node)) {
        match self {
            Self::Plain(properties) | Self::Host(properties) => {
                properties.iter().for_each(|(_, node)| visit(node));
            }
            Self::Array(array) => {
                array.elements.iter().for_each(|(_, node)| visit(node));
                array.properties.iter().for_each(|(_, node)| visit(node));
            }
            Self::Map(entries) => {
                for (key, node) in entries {
                    visit(key);
                    visit(node);
                }
            }
            Self::Set(entries) => entries.iter().for_each(visit),
            Self::Error(error) => error.cause.iter().for_each(visit),
            _ => {}
        }
    }

    /// Calls `change` with every node of this object.
    fn for_each_node_mut(&mut self, mut change: impl FnMut(&mut Node)) {
        match self {
            Self::Plain(properties) | Self::Host(properties) => {
                properties.iter_mut().for_each(|(_, node)| change(node));
            }
            Self::Array(array) => {
                array.elements.iter_mut().for_each(|(_, node)| change(node));
                array.properties.iter_mut().for_each(|(_, node)| change(node));
            }
            Self::Map(entries) => entries.iter_mut().for_each(|(key, node)| {
                change(key);
                change(node);
            }),
            Self::Set(entries) => entries.iter_mut().for_each(change),
            Self::Error(error) => error.cause.iter_mut().for_each(change),
            _ => {}
        }
    }

    /// Calls `change` with every reference to another object.
    fn for_each_id_mut(&mut self, mut change: impl FnMut(&mut ObjectId)) {
        if let Self::View(view) = self {
            return change(&mut view.buffer);
        }
        self.for_each_node_mut(|node| {
            if let Node::Object(id) = node {
                change(id);
            }
        });
    }
}
