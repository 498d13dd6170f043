//! JavaScript values: every structured-clone type, with identity.
//!
//! A [`Value`] is a graph: its root [`Node`] and the objects that nodes refer to, so that cycles and shared
//! references are what they are in JavaScript, and depth costs no stack. [`StoredValue`] is what engines
//! keep: bytes and their encoding.

mod stored;

use num_bigint::BigInt;

pub use crate::javascript::JsString;
pub use stored::{Encoding, StoredValue, ValueError};

/// A JavaScript value graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    root: Node,
    objects: Vec<Object>,
}

/// A primitive, or a reference to an object of the same graph.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(u32);

/// Own properties in JavaScript's order.
pub type Properties = Vec<(JsString, Node)>;

/// An object of a graph.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Array {
    /// Its `length`.
    pub length: u32,
    /// The elements that exist, by ascending index; what is missing is a hole.
    pub elements: Vec<(u32, Node)>,
    /// Other own properties.
    pub properties: Properties,
}

/// An error object.
#[derive(Debug, Clone, PartialEq)]
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

impl Value {
    /// A value without objects.
    #[must_use]
    pub fn primitive(root: Node) -> Self {
        Self {
            root,
            objects: Vec::new(),
        }
    }

    /// The value itself.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// An object of this graph.
    #[must_use]
    pub fn object(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(id.0 as usize)
    }
}
