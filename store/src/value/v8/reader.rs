//! Reading a value: one loop over tags, with the objects that are still open on a stack of its own.

use super::bytes::{Bytes, broken};
use super::containers::{Content, Fields, Frame};
use super::{MAX_DEPTH, leaves, tags};
use crate::javascript::date::time_clip;
use crate::value::collection::KeyCollector;
use crate::value::{ErrorObject, Fault, Node, Object, ObjectId, Value, ValueError};

/// Reads the bytes of a value. What follows the value is ignored, as V8 does.
pub(in crate::value) fn read(bytes: &[u8]) -> Result<Value, ValueError> {
    read_start(bytes, usize::MAX).map(|start| start.value)
}

/// A value, or its start.
#[derive(Debug)]
pub(in crate::value) struct Start {
    pub value: Value,
    /// The objects that were not read to their end.
    pub unfinished: Vec<ObjectId>,
}

/// Reads at most so many values, those inside others counted. What follows may be broken.
pub(in crate::value) fn read_start(bytes: &[u8], most: usize) -> Result<Start, ValueError> {
    let mut body = Bytes::new(bytes);
    let version = body.header()?;
    Reader::new(body.clone(), version >= 14, most)
        .value()
        .or_else(|error| {
            // Some data of version 13 was written with the view flags of version 14; V8 tries that next.
            if version != 13 {
                return Err(error);
            }
            Reader::new(body, true, most).value().map_err(|_neither| error)
        })
}

struct Reader<'b> {
    bytes: Bytes<'b>,
    views_have_flags: bool,
    /// How many values may still be read.
    left: usize,
    value: Value,
    /// The objects by their number in the bytes; `None` while one cannot be referred to yet.
    numbered: Vec<Option<ObjectId>>,
    open: Vec<Frame>,
}

/// A whole value and where it begins; `None` if an object was opened or went on.
type Whole = Option<(Node, usize)>;

impl<'b> Reader<'b> {
    fn new(bytes: Bytes<'b>, views_have_flags: bool, left: usize) -> Self {
        Self {
            bytes,
            views_have_flags,
            left,
            value: Value::default(),
            numbered: Vec::new(),
            open: Vec::new(),
        }
    }

    fn value(mut self) -> Result<Start, ValueError> {
        let mut whole = self.begin()?;
        loop {
            whole = match whole {
                Some((node, _)) if self.open.is_empty() => {
                    self.value.set_root(node);
                    return Ok(Start {
                        value: self.value,
                        unfinished: Vec::new(),
                    });
                }
                Some((node, offset)) => self.give(node, offset)?,
                None => match self.end()? {
                    None if self.left == 0 => return Ok(self.cut()),
                    None => self.begin()?,
                    ended => ended,
                },
            };
        }
    }

    /// What has been read so far.
    fn cut(mut self) -> Start {
        let mut unfinished = Vec::new();
        let mut inner: Option<Node> = None;
        while let Some(mut frame) = self.open.pop() {
            let id = match frame.content {
                Content::Error => {
                    if let Some(Object::Error(error)) = self.value.object_mut(frame.object) {
                        error.cause = inner.take();
                    }
                    frame.object
                }
                Content::Host { .. } => {
                    let plain = inner.take().unwrap_or(Node::Undefined);
                    let host = self.host(&plain, frame.offset);
                    self.value.add(host.unwrap_or_default())
                }
                _ => {
                    if let Some(node) = inner.take() {
                        // A collection is no key of a property, which `take` would refuse; then it is left out.
                        let _taken = frame.take(node, frame.offset);
                    }
                    let id = frame.object;
                    let object = frame.cut();
                    if let Some(place) = self.value.object_mut(id) {
                        *place = object;
                    }
                    id
                }
            };
            unfinished.push(id);
            inner = Some(Node::Object(id));
        }
        self.value.set_root(inner.unwrap_or(Node::Undefined));
        Start {
            value: self.value,
            unfinished,
        }
    }

    /// Gives a value to the object that is open, which may be whole by that.
    fn give(&mut self, node: Node, offset: usize) -> Result<Whole, ValueError> {
        let Some(frame) = self.open.last_mut() else {
            return Ok(Some((node, offset)));
        };
        let (object, begins) = (frame.object, frame.offset);
        match frame.content {
            Content::Error => {
                self.open.pop();
                self.expect_error_end()?;
                if let Some(Object::Error(error)) = self.value.object_mut(object) {
                    error.cause = Some(node);
                }
                Ok(Some((Node::Object(object), begins)))
            }
            Content::Host { number } => {
                self.open.pop();
                let host = self.host(&node, offset)?;
                let host = self.value.add(host);
                if let Some(place) = self.numbered.get_mut(number) {
                    *place = Some(host);
                }
                Ok(Some((Node::Object(host), begins)))
            }
            _ => {
                frame.take(node, offset)?;
                Ok(None)
            }
        }
    }

    /// Ends the object that is open, if its end comes.
    fn end(&mut self) -> Result<Whole, ValueError> {
        let Some(frame) = self.open.last_mut() else {
            return Ok(None);
        };
        if !frame.ends(&mut self.bytes)? {
            return Ok(None);
        }
        let Some(frame) = self.open.pop() else {
            return Ok(None);
        };
        let (id, offset) = (frame.object, frame.offset);
        let whole = frame.finish(&mut self.bytes)?;
        if let Some(object) = self.value.object_mut(id) {
            *object = whole;
        }
        Ok(Some((Node::Object(id), offset)))
    }

    /// Reads the next tag and what belongs to it.
    fn begin(&mut self) -> Result<Whole, ValueError> {
        self.left = self.left.saturating_sub(1);
        let mut tag = self.bytes.tag("a value")?;
        while tag == tags::OBJECT_COUNT {
            self.bytes.varint32("a count of objects")?;
            tag = self.bytes.tag("a value")?;
        }
        let offset = self.bytes.offset() - 1;
        let node = match tag {
            tags::ONE_BYTE_STRING | tags::TWO_BYTE_STRING | tags::UTF8_STRING => {
                let string = leaves::string(tag, &mut self.bytes)?;
                Node::String(string.ok_or_else(|| broken(offset, Fault::Tag(tag)))?)
            }
            tags::UNDEFINED => Node::Undefined,
            tags::NULL => Node::Null,
            tags::TRUE => Node::Boolean(true),
            tags::FALSE => Node::Boolean(false),
            tags::INT32 => Node::Number(self.bytes.zigzag32("a number")?.into()),
            tags::UINT32 => Node::Number(self.bytes.varint32("a number")?.into()),
            tags::DOUBLE => Node::Number(self.bytes.double("a number")?),
            tags::BIGINT => Node::BigInt(leaves::bigint(&mut self.bytes)?),
            tags::REFERENCE => {
                let number = self.bytes.varint32("a reference")?;
                let known = self.numbered.get(number as usize).copied().flatten();
                self.view_of(known.ok_or_else(|| broken(offset, Fault::Reference(number)))?)?
            }
            tags::ARRAY_BUFFER | tags::IMMUTABLE_ARRAY_BUFFER | tags::RESIZABLE_ARRAY_BUFFER => {
                let buffer = leaves::array_buffer(&mut self.bytes, tag == tags::RESIZABLE_ARRAY_BUFFER)?;
                let buffer = self.add(buffer);
                self.view_of(buffer)?
            }
            tags::OBJECT | tags::SPARSE_ARRAY | tags::DENSE_ARRAY | tags::MAP | tags::SET => {
                let content = self.content(tag, offset)?;
                return self.open(content, offset);
            }
            tags::ERROR => return self.error(offset),
            tags::HOST_OBJECT => return self.host_object(offset),
            _ => {
                let object = self.leaf(tag, offset)?;
                Node::Object(self.add(object))
            }
        };
        Ok(Some((node, offset)))
    }

    /// The start of a collection.
    fn content(&mut self, tag: u8, offset: usize) -> Result<Content, ValueError> {
        Ok(match tag {
            tags::MAP => Content::Map {
                entries: KeyCollector::default(),
                key: None,
                count: 0,
            },
            tags::SET => Content::Set {
                entries: KeyCollector::default(),
                count: 0,
            },
            tags::OBJECT => Content::Object(Fields::default()),
            _ => {
                let length = self.bytes.varint32("an array")?;
                let dense = tag == tags::DENSE_ARRAY;
                if dense && length as usize > self.bytes.remaining() {
                    return Err(broken(offset, Fault::ClaimedLength(length)));
                }
                let in_order = if dense { length } else { 0 };
                Content::Array {
                    fields: Fields::with_elements(in_order as usize),
                    length,
                    next_element: 0,
                    in_order,
                    dense,
                }
            }
        })
    }

    fn open(&mut self, content: Content, offset: usize) -> Result<Whole, ValueError> {
        // Its place in the graph; what it is comes with its end.
        let object = self.add(Object::Plain(Vec::new()));
        self.push(Frame {
            object,
            offset,
            content,
        })
    }

    fn push(&mut self, frame: Frame) -> Result<Whole, ValueError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(broken(frame.offset, Fault::Depth(MAX_DEPTH)));
        }
        self.open.push(frame);
        Ok(None)
    }

    /// Adds an object and gives it the next number.
    fn add(&mut self, object: Object) -> ObjectId {
        let id = self.value.add(object);
        self.numbered.push(Some(id));
        id
    }

    /// An object that holds no other value.
    fn leaf(&mut self, tag: u8, offset: usize) -> Result<Object, ValueError> {
        let transferred = |what| Err(broken(offset, Fault::Transferred(what)));
        Ok(match tag {
            tags::DATE => Object::Date(time_clip(self.bytes.double("a Date")?)),
            tags::TRUE_OBJECT => Object::BoxedBoolean(true),
            tags::FALSE_OBJECT => Object::BoxedBoolean(false),
            tags::NUMBER_OBJECT => Object::BoxedNumber(self.bytes.double("a boxed number")?),
            tags::BIGINT_OBJECT => Object::BoxedBigInt(leaves::bigint(&mut self.bytes)?),
            tags::STRING_OBJECT => {
                Object::BoxedString(leaves::expect_string(&mut self.bytes, "a boxed string")?)
            }
            tags::REGEXP => leaves::regular_expression(&mut self.bytes)?,
            tags::ARRAY_BUFFER_TRANSFER => return transferred("a transferred ArrayBuffer"),
            tags::SHARED_ARRAY_BUFFER => return transferred("a SharedArrayBuffer"),
            tags::SHARED_OBJECT => return transferred("a shared object"),
            tags::WASM_MODULE => return transferred("a WebAssembly module"),
            tags::WASM_MEMORY => return transferred("a WebAssembly memory"),
            _ => return Err(broken(offset, Fault::Tag(tag))),
        })
    }

    /// A view of this object if it is a buffer and a view follows it, else the object.
    fn view_of(&mut self, id: ObjectId) -> Result<Node, ValueError> {
        let buffer = self.value.object(id);
        let Some(buffer @ Object::ArrayBuffer { .. }) = buffer else {
            return Ok(Node::Object(id));
        };
        if self.bytes.peek_tag() != Some(tags::VIEW) {
            return Ok(Node::Object(id));
        }
        self.bytes.tag("a view")?;
        let view = leaves::view(&mut self.bytes, self.views_have_flags, id, buffer)?;
        Ok(Node::Object(self.add(Object::View(view))))
    }

    /// An error after its tag, up to its cause or its end.
    fn error(&mut self, offset: usize) -> Result<Whole, ValueError> {
        const WHAT: &str = "an error";
        let mut error = ErrorObject {
            name: "Error",
            message: None,
            stack: None,
            cause: None,
        };
        let mut part = self.bytes.varint8(WHAT)?;
        if let Some((_, name)) = tags::ERROR_CLASS_TAGS.iter().find(|(tag, _)| *tag == part) {
            error.name = name;
            part = self.bytes.varint8(WHAT)?;
        }
        if part == tags::ERROR_MESSAGE {
            error.message = Some(leaves::expect_string(&mut self.bytes, WHAT)?);
            part = self.bytes.varint8(WHAT)?;
        }
        if part == tags::ERROR_STACK {
            error.stack = Some(leaves::expect_string(&mut self.bytes, WHAT)?);
            part = self.bytes.varint8(WHAT)?;
        }
        let object = self.add(Object::Error(error));
        match part {
            tags::ERROR_CAUSE => self.push(Frame {
                object,
                offset,
                content: Content::Error,
            }),
            tags::ERROR_END => Ok(Some((Node::Object(object), offset))),
            _ => Err(broken(self.bytes.offset() - 1, Fault::ErrorPart(part))),
        }
    }

    fn expect_error_end(&mut self) -> Result<(), ValueError> {
        let offset = self.bytes.offset();
        match self.bytes.varint8("an error")? {
            tags::ERROR_END => Ok(()),
            part => Err(broken(offset, Fault::ErrorPart(part))),
        }
    }

    /// A host object after its tag: one of Deno's, or a view that Node wrote.
    fn host_object(&mut self, offset: usize) -> Result<Whole, ValueError> {
        let number = self.numbered.len();
        self.numbered.push(None);
        match self.bytes.varint32("a host object")? {
            tags::DENO_HOST_OBJECT => {
                // The number of a graph object that is not there yet stands in for it.
                let object = ObjectId::default();
                self.push(Frame {
                    object,
                    offset,
                    content: Content::Host { number },
                })
            }
            class => {
                let (kind, bytes) = leaves::node_view(&mut self.bytes, class)?;
                let view = self.value.add_bytes(kind, bytes.to_owned());
                if let Some(place) = self.numbered.get_mut(number) {
                    *place = Some(view);
                }
                Ok(Some((Node::Object(view), offset)))
            }
        }
    }

    /// Deno's host object of this plain form.
    fn host(&self, node: &Node, offset: usize) -> Result<Object, ValueError> {
        let refuse = |reason| Err(broken(offset, Fault::Host(reason)));
        let Some((_, Object::Plain(properties))) = self.value.object_of(node) else {
            return refuse("a host object is made of something that is no plain object");
        };
        let named = |(name, node): &(crate::javascript::JsString, Node)| {
            name == "type" && matches!(node, Node::String(_))
        };
        if !properties.iter().any(named) {
            return refuse("a host object does not say its type");
        }
        Ok(Object::Host(properties.clone()))
    }
}
