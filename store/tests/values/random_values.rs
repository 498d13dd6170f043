//! Random values: any graph of objects, shared and circular ones included.

use keyglass_store::Value;
use keyglass_store::value::{Array, ErrorObject, JsString, Node, Object, ObjectId, View, ViewKind};
use num_bigint::BigInt;

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ mixed >> 29) % sides
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len() as u64) as usize].clone()
    }

    fn number(&mut self) -> f64 {
        match self.roll(6) {
            0 => self.pick(&[
                0.0,
                -0.0,
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                5e-324,
                1e21,
                0.1,
                4_294_967_295.0,
            ]),
            1 => f64::from_bits(self.roll(u64::MAX)),
            _ => self.roll(400) as f64 - 200.0,
        }
    }

    fn bigint(&mut self) -> BigInt {
        let number = BigInt::from(self.roll(u64::MAX)) << self.roll(80);
        if self.roll(2) == 0 { -number } else { number }
    }

    fn string(&mut self) -> JsString {
        let units = [
            0x61, 0x62, 0x5f, 0x31, 0x22, 0x5c, 0x0a, 0, 0x7f, 0xe9, 0x2028, 0x202e, 0x65e5, 0xd83d, 0xde00,
            0x2f,
        ];
        let length = self.roll(5);
        JsString::from_utf16((0..length).map(|_| self.pick(&units)).collect())
    }

    fn name(&mut self) -> JsString {
        match self.roll(4) {
            0 => self.string(),
            1 => JsString::from(self.pick(&[
                "__proto__",
                "a b",
                "",
                "01",
                "-1",
                "4294967295",
                "constructor",
                "type",
                "value",
            ])),
            _ => JsString::from(self.pick(&["a", "b", "c", "name", "x1", "$"])),
        }
    }

    fn bytes(&mut self, multiple: u64) -> Vec<u8> {
        let length = self.roll(4) * multiple;
        let zeros = self.roll(4) == 0;
        (0..length)
            .map(|_| if zeros { 0 } else { self.roll(256) as u8 })
            .collect()
    }
}

const VIEWS: [ViewKind; 13] = [
    ViewKind::Int8Array,
    ViewKind::Uint8Array,
    ViewKind::Uint8ClampedArray,
    ViewKind::Int16Array,
    ViewKind::Uint16Array,
    ViewKind::Int32Array,
    ViewKind::Uint32Array,
    ViewKind::Float16Array,
    ViewKind::Float32Array,
    ViewKind::Float64Array,
    ViewKind::BigInt64Array,
    ViewKind::BigUint64Array,
    ViewKind::DataView,
];

/// The value of a seed.
pub fn random_value(seed: u64) -> Value {
    let mut dice = Dice(seed);
    let mut value = Value::default();
    let ids: Vec<ObjectId> = (0..dice.roll(12)).map(|_| value.add(Object::default())).collect();
    for id in &ids {
        let object = random_object(&mut dice, &mut value, &ids);
        *value.object_mut(*id).unwrap() = object;
    }
    let root = ids
        .first()
        .map_or_else(|| random_node(&mut dice, &ids), |id| Node::Object(*id));
    value.set_root(root);
    value.compacted()
}

fn random_node(dice: &mut Dice, ids: &[ObjectId]) -> Node {
    match dice.roll(9) {
        0 => Node::Undefined,
        1 => Node::Null,
        2 => Node::Boolean(dice.roll(2) == 0),
        3 => Node::Number(dice.number()),
        4 => Node::BigInt(dice.bigint()),
        5 => Node::String(dice.string()),
        _ if ids.is_empty() => Node::Null,
        _ => Node::Object(dice.pick(ids)),
    }
}

fn random_properties(dice: &mut Dice, ids: &[ObjectId], with_indices: bool) -> Vec<(JsString, Node)> {
    let mut properties: Vec<(JsString, Node)> = Vec::new();
    if with_indices && dice.roll(4) == 0 {
        properties.push((JsString::from("0"), random_node(dice, ids)));
        properties.push((JsString::from("4294967294"), random_node(dice, ids)));
    }
    for _ in 0..dice.roll(4) {
        let name = dice.name();
        let is_index = name
            .as_str()
            .is_some_and(|name| name == "1" || name == "11" || name == "111" || name == "1111");
        if !is_index && !properties.iter().any(|(known, _)| *known == name) {
            properties.push((name, random_node(dice, ids)));
        }
    }
    properties
}

fn random_object(dice: &mut Dice, value: &mut Value, ids: &[ObjectId]) -> Object {
    match dice.roll(16) {
        0..=2 => Object::Plain(random_properties(dice, ids, true)),
        3 | 4 => random_array(dice, ids),
        5 => {
            let mut keys = Vec::new();
            for _ in 0..dice.roll(4) {
                let key = match random_node(dice, ids) {
                    Node::Number(number) => Node::Number(number + 0.0),
                    key => key,
                };
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            if dice.roll(2) == 0 {
                return Object::Set(keys);
            }
            Object::Map(
                keys.into_iter()
                    .map(|key| (key, random_node(dice, ids)))
                    .collect(),
            )
        }
        6 => Object::Date(dice.pick(&[
            0.0,
            -1.0,
            f64::NAN,
            8.64e15,
            1_767_225_600_123.0,
            -62_198_755_200_000.0,
        ])),
        7 => {
            let source = dice.pick(&["(?:)", "a\\/b", "[\\/]", "\\n", "日+", "\u{202e}"]);
            Object::RegExp {
                source: JsString::from(source),
                flags: dice.pick(&["", "g", "dgimsuy", "v"]).to_owned(),
            }
        }
        8 => match dice.roll(4) {
            0 => Object::BoxedBoolean(true),
            1 => Object::BoxedNumber(dice.number()),
            2 => Object::BoxedBigInt(dice.bigint()),
            _ => Object::BoxedString(dice.string()),
        },
        9 => {
            let text = |dice: &mut Dice| (dice.roll(3) > 0).then(|| dice.string());
            Object::Error(ErrorObject {
                name: dice.pick(&[
                    "Error",
                    "EvalError",
                    "RangeError",
                    "SyntaxError",
                    "TypeError",
                    "URIError",
                ]),
                message: text(dice),
                stack: text(dice),
                cause: (dice.roll(2) == 0).then(|| random_node(dice, ids)),
            })
        }
        10 => random_buffer(dice, 1),
        11 => {
            // Deno's own never refer to themselves, and could not be read back.
            let mut properties = random_properties(dice, &[], true);
            properties.retain(|(name, _)| name != "type");
            properties.push((JsString::from("type"), Node::String(JsString::from("Blob"))));
            Object::Host(properties)
        }
        _ => random_view(dice, value, ids),
    }
}

fn random_array(dice: &mut Dice, ids: &[ObjectId]) -> Object {
    let holes = dice.roll(3) == 0;
    let length = if holes && dice.roll(3) == 0 {
        1000
    } else {
        dice.roll(5) as u32
    };
    let mut elements = Vec::new();
    for index in 0..length {
        if !(holes && dice.roll(10) > 2) {
            elements.push((index, random_node(dice, ids)));
        }
    }
    let mut properties = if dice.roll(4) == 0 {
        random_properties(dice, ids, false)
    } else {
        Vec::new()
    };
    properties.retain(|(name, _)| name != "0" && name != "length");
    Object::Array(Array {
        length,
        elements,
        properties,
    })
}

fn random_buffer(dice: &mut Dice, multiple: u64) -> Object {
    let bytes = dice.bytes(multiple);
    let maximum = bytes.len() as u64 + dice.roll(3) * 8;
    Object::ArrayBuffer {
        max_byte_length: (dice.roll(3) == 0).then_some(maximum),
        bytes,
    }
}

/// A view of a buffer of its own, or of one that stands among the objects.
fn random_view(dice: &mut Dice, value: &mut Value, ids: &[ObjectId]) -> Object {
    let kind = dice.pick(&VIEWS);
    let size = kind.element_size();
    let shared = ids
        .iter()
        .copied()
        .find(|id| matches!(value.object(*id), Some(Object::ArrayBuffer { .. })));
    let buffer = match shared.filter(|_| dice.roll(2) == 0) {
        Some(shared) => shared,
        None => {
            let buffer = random_buffer(dice, size);
            value.add(buffer)
        }
    };
    let Some(Object::ArrayBuffer {
        bytes,
        max_byte_length,
    }) = value.object(buffer)
    else {
        return Object::default();
    };
    let elements = bytes.len() as u64 / size;
    let start = if dice.roll(2) == 0 {
        0
    } else {
        dice.roll(elements + 1)
    };
    let length_tracking = max_byte_length.is_some() && dice.roll(2) == 0;
    let length = if length_tracking || dice.roll(2) == 0 {
        elements - start
    } else {
        dice.roll(elements - start + 1)
    };
    Object::View(View {
        kind,
        buffer,
        byte_offset: start * size,
        byte_length: length * size,
        length_tracking,
    })
}
