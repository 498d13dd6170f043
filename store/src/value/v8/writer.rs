//! Writing a value, in version 15: what Deno 2 and Node 18 to 26 read.

use std::collections::{HashMap, HashSet};

use num_bigint::{BigInt, Sign};

use super::class::view_tag;
use super::{MAX_WRITTEN_DEPTH, tags};
use crate::javascript::JsString;
use crate::value::collection::array_index;
use crate::value::{Array, Node, Object, ObjectId, Properties, Unwritable, Value, View};

/// The version written.
const VERSION: u8 = 15;

/// The value's bytes.
pub(in crate::value) fn write(value: &Value) -> Result<Vec<u8>, Unwritable> {
    let mut writer = Writer {
        value,
        bytes: vec![tags::VERSION, VERSION],
        numbers: HashMap::new(),
        open_hosts: HashSet::new(),
        pending: vec![Step::Node(value.root())],
        depth: 0,
    };
    while let Some(step) = writer.pending.pop() {
        writer.step(step)?;
    }
    Ok(writer.bytes)
}

/// What is still to be written, the next one last.
enum Step<'v> {
    Node(&'v Node),
    Key(&'v JsString),
    Index(u32),
    /// The end of an object: its tag and up to two counts.
    End(u8, Option<usize>, Option<u32>),
    /// The end of a host object.
    HostEnd(ObjectId),
}

struct Writer<'v> {
    value: &'v Value,
    bytes: Vec<u8>,
    /// The number of each object that has begun.
    numbers: HashMap<ObjectId, u32>,
    /// The host objects that have begun and not ended, to which nothing can refer.
    open_hosts: HashSet<ObjectId>,
    pending: Vec<Step<'v>>,
    depth: usize,
}

impl<'v> Writer<'v> {
    fn step(&mut self, step: Step<'v>) -> Result<(), Unwritable> {
        match step {
            Step::Node(node) => return self.node(node),
            Step::Key(name) => match name.as_str().and_then(array_index) {
                Some(index) => self.number(index.into()),
                None => self.string(name)?,
            },
            Step::Index(index) => self.number(index.into()),
            Step::HostEnd(id) => {
                self.open_hosts.remove(&id);
            }
            Step::End(tag, count, length) => {
                self.depth -= 1;
                self.bytes.push(tag);
                if let Some(count) = count {
                    self.varint(count as u64);
                }
                if let Some(length) = length {
                    self.varint(length.into());
                }
            }
        }
        Ok(())
    }

    fn varint(&mut self, mut value: u64) {
        loop {
            let low = value.to_le_bytes()[0] & 0x7f;
            value >>= 7;
            if value == 0 {
                self.bytes.push(low);
                return;
            }
            self.bytes.push(low | 0x80);
        }
    }

    fn double(&mut self, number: f64) {
        let canonical = if number.is_nan() { f64::NAN } else { number };
        self.bytes.extend_from_slice(&canonical.to_bits().to_le_bytes());
    }

    fn number(&mut self, number: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "compared right after")]
        let integer = number as i32;
        if f64::from(integer).to_bits() == number.to_bits() {
            self.bytes.push(tags::INT32);
            #[expect(clippy::cast_sign_loss, reason = "zigzag: the lowest bit is the sign")]
            self.varint(((integer << 1) ^ (integer >> 31)) as u32 as u64);
        } else {
            self.bytes.push(tags::DOUBLE);
            self.double(number);
        }
    }

    fn string(&mut self, string: &JsString) -> Result<(), Unwritable> {
        let length = |length: usize| u32::try_from(length).map_err(|_too_long| Unwritable::TooLarge);
        if let Some(text) = string.as_str() {
            if text.is_ascii() {
                self.bytes.push(tags::ONE_BYTE_STRING);
                self.varint(length(text.len())?.into());
                self.bytes.extend_from_slice(text.as_bytes());
                return Ok(());
            }
            let latin1: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(char).ok()).collect();
            if let Some(latin1) = latin1 {
                self.bytes.push(tags::ONE_BYTE_STRING);
                self.varint(length(latin1.len())?.into());
                self.bytes.extend_from_slice(&latin1);
                return Ok(());
            }
        }
        let units = string.to_utf16();
        let byte_length = length(units.len() * 2)?;
        let varint_length = (1..=5)
            .find(|bytes| u64::from(byte_length) < 1 << (7 * bytes))
            .unwrap_or(5);
        if !(self.bytes.len() + 1 + varint_length).is_multiple_of(2) {
            self.bytes.push(tags::PADDING);
        }
        self.bytes.push(tags::TWO_BYTE_STRING);
        self.varint(byte_length.into());
        self.bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
        Ok(())
    }

    fn bigint(&mut self, number: &BigInt) {
        let (sign, mut digits) = number.to_bytes_le();
        if sign == Sign::NoSign {
            digits.clear();
        }
        digits.resize(digits.len().next_multiple_of(8), 0);
        self.varint((digits.len() as u64) << 1 | u64::from(sign == Sign::Minus));
        self.bytes.extend_from_slice(&digits);
    }

    fn node(&mut self, node: &'v Node) -> Result<(), Unwritable> {
        match node {
            Node::Undefined => self.bytes.push(tags::UNDEFINED),
            Node::Null => self.bytes.push(tags::NULL),
            Node::Boolean(true) => self.bytes.push(tags::TRUE),
            Node::Boolean(false) => self.bytes.push(tags::FALSE),
            Node::Number(number) => self.number(*number),
            Node::BigInt(number) => {
                self.bytes.push(tags::BIGINT);
                self.bigint(number);
            }
            Node::String(string) => self.string(string)?,
            Node::Object(id) => return self.object(*id),
        }
        Ok(())
    }

    fn object(&mut self, id: ObjectId) -> Result<(), Unwritable> {
        if let Some(number) = self.numbers.get(&id) {
            let number = *number;
            if self.open_hosts.contains(&id) {
                return Err(Unwritable::CircularHost);
            }
            self.bytes.push(tags::REFERENCE);
            self.varint(number.into());
            return Ok(());
        }
        let object = self.value.object(id);
        if let Some(Object::View(view)) = object {
            return self.view(id, view);
        }
        self.give_number(id)?;
        match object {
            Some(Object::Plain(properties)) => {
                self.bytes.push(tags::OBJECT);
                self.properties(properties)?;
            }
            Some(Object::Host(properties)) => self.host(id, properties)?,
            Some(Object::Array(array)) => self.array(array)?,
            Some(Object::Map(entries)) => {
                self.bytes.push(tags::MAP);
                self.enter(Step::End(tags::MAP_END, Some(entries.len() * 2), None))?;
                for (key, node) in entries.iter().rev() {
                    self.pending.push(Step::Node(node));
                    self.pending.push(Step::Node(key));
                }
            }
            Some(Object::Set(entries)) => {
                self.bytes.push(tags::SET);
                self.enter(Step::End(tags::SET_END, Some(entries.len()), None))?;
                self.pending.extend(entries.iter().rev().map(Step::Node));
            }
            Some(Object::Error(error)) => {
                self.bytes.push(tags::ERROR);
                let class = tags::ERROR_CLASS_TAGS
                    .iter()
                    .find(|(_, name)| *name == error.name);
                self.bytes.extend(class.map(|(tag, _)| *tag));
                if let Some(message) = &error.message {
                    self.bytes.push(tags::ERROR_MESSAGE);
                    self.string(message)?;
                }
                if let Some(stack) = &error.stack {
                    self.bytes.push(tags::ERROR_STACK);
                    self.string(stack)?;
                }
                self.enter(Step::End(tags::ERROR_END, None, None))?;
                if let Some(cause) = &error.cause {
                    self.bytes.push(tags::ERROR_CAUSE);
                    self.pending.push(Step::Node(cause));
                }
            }
            Some(leaf) => self.leaf(leaf)?,
            None => return Err(Unwritable::View),
        }
        Ok(())
    }

    /// Gives an object the next number.
    fn give_number(&mut self, id: ObjectId) -> Result<(), Unwritable> {
        let number = u32::try_from(self.numbers.len()).map_err(|_too_many| Unwritable::TooLarge)?;
        self.numbers.insert(id, number);
        Ok(())
    }

    /// Begins to write what an object holds.
    fn enter(&mut self, end: Step<'v>) -> Result<(), Unwritable> {
        self.depth += 1;
        if self.depth > MAX_WRITTEN_DEPTH {
            return Err(Unwritable::Depth(MAX_WRITTEN_DEPTH));
        }
        self.pending.push(end);
        Ok(())
    }

    fn properties(&mut self, properties: &'v Properties) -> Result<(), Unwritable> {
        self.enter(Step::End(tags::OBJECT_END, Some(properties.len()), None))?;
        self.push_properties(properties);
        Ok(())
    }

    fn push_properties(&mut self, properties: &'v Properties) {
        for (name, node) in properties.iter().rev() {
            self.pending.push(Step::Node(node));
            self.pending.push(Step::Key(name));
        }
    }

    fn array(&mut self, array: &'v Array) -> Result<(), Unwritable> {
        let dense = array.elements.len() == array.length as usize;
        let (tag, end, count) = if dense {
            (tags::DENSE_ARRAY, tags::DENSE_ARRAY_END, array.properties.len())
        } else {
            let count = array.elements.len() + array.properties.len();
            (tags::SPARSE_ARRAY, tags::SPARSE_ARRAY_END, count)
        };
        self.bytes.push(tag);
        self.varint(array.length.into());
        self.enter(Step::End(end, Some(count), Some(array.length)))?;
        self.push_properties(&array.properties);
        for (index, node) in array.elements.iter().rev() {
            self.pending.push(Step::Node(node));
            if !dense {
                self.pending.push(Step::Index(*index));
            }
        }
        Ok(())
    }

    /// Deno's form: a mark, then a plain object with a number of its own.
    fn host(&mut self, id: ObjectId, properties: &'v Properties) -> Result<(), Unwritable> {
        let types = |(name, node): &(JsString, Node)| name == "type" && matches!(node, Node::String(_));
        if !properties.iter().any(types) {
            return Err(Unwritable::HostType);
        }
        self.bytes.push(tags::HOST_OBJECT);
        self.varint(tags::DENO_HOST_OBJECT.into());
        // No node refers to the plain object by itself, so any id that is no object's counts it.
        self.give_number(ObjectId::nowhere(self.numbers.len()))?;
        self.bytes.push(tags::OBJECT);
        self.open_hosts.insert(id);
        self.pending.push(Step::HostEnd(id));
        self.properties(properties)
    }

    /// A buffer and then the view, unless the view has been written before.
    fn view(&mut self, id: ObjectId, view: &'v View) -> Result<(), Unwritable> {
        let Some(Object::ArrayBuffer {
            bytes,
            max_byte_length,
        }) = self.value.object(view.buffer)
        else {
            return Err(Unwritable::View);
        };
        let size = view.kind.element_size();
        let fits = view
            .byte_offset
            .checked_add(view.byte_length)
            .is_some_and(|end| end <= bytes.len() as u64)
            && view.byte_offset.is_multiple_of(size)
            && view.byte_length.is_multiple_of(size)
            && (max_byte_length.is_some() || !view.length_tracking);
        if !fits {
            return Err(Unwritable::View);
        }
        let mut flags = 0;
        if view.length_tracking {
            flags |= tags::VIEW_LENGTH_TRACKING;
        }
        if max_byte_length.is_some() {
            flags |= tags::VIEW_OF_RESIZABLE;
        }
        self.object(view.buffer)?;
        self.give_number(id)?;
        self.bytes.push(tags::VIEW);
        self.bytes.push(view_tag(view.kind));
        self.varint(view.byte_offset);
        // V8 computes the length of a tracking view, and writes none.
        self.varint(if view.length_tracking { 0 } else { view.byte_length });
        self.varint(flags.into());
        Ok(())
    }

    fn leaf(&mut self, object: &Object) -> Result<(), Unwritable> {
        match object {
            Object::Date(milliseconds) => {
                self.bytes.push(tags::DATE);
                self.double(*milliseconds);
            }
            Object::RegExp { source, flags } => {
                self.bytes.push(tags::REGEXP);
                self.string(source)?;
                let has = |flag: &&(u32, char)| flags.contains(flag.1);
                let bits = tags::REGEXP_FLAGS
                    .iter()
                    .filter(has)
                    .fold(0, |bits, (bit, _)| bits | bit);
                self.varint(bits.into());
            }
            Object::BoxedBoolean(value) => {
                self.bytes.push(if *value {
                    tags::TRUE_OBJECT
                } else {
                    tags::FALSE_OBJECT
                });
            }
            Object::BoxedNumber(number) => {
                self.bytes.push(tags::NUMBER_OBJECT);
                self.double(*number);
            }
            Object::BoxedBigInt(number) => {
                self.bytes.push(tags::BIGINT_OBJECT);
                self.bigint(number);
            }
            Object::BoxedString(string) => {
                self.bytes.push(tags::STRING_OBJECT);
                self.string(string)?;
            }
            Object::ArrayBuffer {
                bytes,
                max_byte_length,
            } => {
                let resizable = max_byte_length.is_some();
                self.bytes.push(if resizable {
                    tags::RESIZABLE_ARRAY_BUFFER
                } else {
                    tags::ARRAY_BUFFER
                });
                self.varint(bytes.len() as u64);
                if let Some(maximum) = max_byte_length {
                    self.varint(*maximum);
                }
                self.bytes.extend_from_slice(bytes);
            }
            Object::KvU64(_) => return Err(Unwritable::NestedU64),
            _ => return Err(Unwritable::View),
        }
        Ok(())
    }
}
