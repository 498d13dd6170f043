//! What bytes hold, when they look like something that a person can read: pictures, compressed data, text, JSON,
//! MessagePack, CBOR. Everything is bounded, because bytes in a database may be anything.

mod cbor;
mod compressed;
mod item;
mod message_pack;
mod picture;
mod text;

use crate::format;

pub use picture::Picture;

/// The most bytes of unpacked data that are looked at.
const UNPACKED_BYTES: usize = 1 << 20;
/// The most bytes of a text that are shown; laying out more takes many frames' time.
const TEXT_BYTES: usize = 64 * 1024;
/// Compressed data inside compressed data is unpacked so often.
const DEPTH: usize = 3;

/// What bytes hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised {
    /// The format, and how much: `PNG image, 640 x 480, 12 KB`.
    pub title: String,
    /// What to show of it.
    pub content: Content,
    /// What is missing or wrong, as a sentence.
    pub note: Option<String>,
}

/// What is shown of recognised bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A picture.
    Picture(Picture),
    /// JSON, or binary data as a text like it.
    Code(String),
    /// Any other text.
    Text(String),
    /// What was packed, in no format that is known.
    Bytes(Vec<u8>),
    /// Nothing: the note says why.
    Nothing,
}

/// Looks at bytes. `None` if they look like nothing in particular.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<Recognised> {
    recognise_to(bytes, DEPTH)
}

fn recognise_to(bytes: &[u8], depth: usize) -> Option<Recognised> {
    if bytes.is_empty() {
        return None;
    }
    picture::recognise(bytes)
        .or_else(|| compressed::recognise(bytes, depth))
        .or_else(|| cbor::recognise_marked(bytes))
        .or_else(|| text::recognise(bytes))
        .or_else(|| packed(bytes))
}

/// MessagePack or CBOR, which have no mark of their own: bytes may be read as either, so the reading with more
/// texts wins, and one without any is not believed.
fn packed(bytes: &[u8]) -> Option<Recognised> {
    let readings = [
        ("MessagePack", message_pack::read(bytes)),
        ("CBOR", cbor::read(bytes)),
    ];
    let (name, item, _) = readings
        .into_iter()
        .filter_map(|(name, item)| {
            let item = item.filter(item::Item::is_container)?;
            let num_texts = item.num_texts();
            (num_texts > 0).then_some((name, item, num_texts))
        })
        .rev()
        .max_by_key(|(.., num_texts)| *num_texts)?;
    Some(readable(name, bytes.len(), &item))
}

/// Decoded data as text.
fn readable(name: &str, size: usize, item: &item::Item) -> Recognised {
    let (text, note) = shortened(item.print());
    Recognised {
        title: titled(name, size),
        content: Content::Code(text),
        note,
    }
}

/// `JSON, 12 KB`
fn titled(name: &str, size: usize) -> String {
    format!("{name}, {}", format::bytes(size as u64))
}

/// The beginning of a text, and what to say if something is missing.
fn shortened(mut text: String) -> (String, Option<String>) {
    let whole = text.len();
    if whole <= TEXT_BYTES {
        return (text, None);
    }
    text.truncate(text.floor_char_boundary(TEXT_BYTES));
    let note = format!(
        "Only the first {} of {} are shown",
        format::bytes(text.len() as u64),
        format::bytes(whole as u64)
    );
    (text, Some(note))
}

#[cfg(test)]
mod tests;
