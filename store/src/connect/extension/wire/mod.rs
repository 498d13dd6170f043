//! The messages of the extension, version 1, each beside its way to and from what the library calls it.
//!
//! A later version may add fields, which an earlier one leaves unread. Whatever changes the meaning of what is here gets
//! a path of its own.

/// Both ways between a message and what it stands for, where all fields have the same names.
macro_rules! same_fields {
    ($message:ident, $meant:ident { $($field:ident),+ $(,)? }) => {
        impl From<$meant> for $message {
            fn from(meant: $meant) -> Self {
                Self { $($field: meant.$field.into()),+ }
            }
        }

        impl From<$message> for $meant {
            fn from(message: $message) -> Self {
                Self { $($field: message.$field.into()),+ }
            }
        }
    };
}

mod changes;
mod description;
mod entries;
mod failure;
#[cfg(fuzzing)]
mod fuzzing;
mod history;
mod levels;
mod operations;
mod queue;
mod requests;
mod statistics;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use prost::Message;

pub(crate) use changes::{Event, Subscribe};
pub(crate) use description::{Description, Known};
pub(crate) use entries::{Found, Get, GetAnswer, Held, Page, Read, ReadAnswer, States, WatchKeys};
pub(crate) use failure::Failure;
#[cfg(fuzzing)]
pub(crate) use fuzzing::read_as_anything;
pub(crate) use history::{DeletedAnswer, Rules, Taken, Versions, VersionsAnswer};
pub(crate) use levels::{Children, ChildrenAnswer, Count, CountFrame};
pub(crate) use operations::{Operation, Outcome};
pub(crate) use queue::{NumMessages, QueueAnswer, QueuePage};
pub(crate) use requests::Request;
pub(crate) use statistics::Statistics;

use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

/// Which version this is, as the metadata exchange tells.
pub(crate) const VERSION: u64 = 1;
/// Where the extension is, below the server's own address.
pub(crate) const PATH: &str = "/keyglass/v1";
/// The longest key, in bytes; an engine may hold longer ones than Deno writes.
const KEY_BYTES: usize = 65_535;
/// The longest frame of a stream, in bytes. An event has at most the values that one commit replaced, and its own.
const FRAME_BYTES: usize = 1 << 29;
/// A frame without a message, by which both sides see that the other is there.
pub(crate) const PING: Bytes = Bytes::from_static(&[0; 4]);

/// What may be asked, by the last part of its path.
pub(crate) mod method {
    /// A stream: what the database can do, at once and whenever it changes.
    pub(crate) const ATTACH: &str = "attach";
    /// A stream that holds a view of one moment; its one message names it.
    pub(crate) const SNAPSHOT: &str = "snapshot";
    pub(crate) const READ: &str = "read";
    pub(crate) const GET: &str = "get";
    pub(crate) const COMMIT: &str = "commit";
    /// A stream of the states of keys.
    pub(crate) const WATCH: &str = "watch";
    /// A stream of what a change feed tells.
    pub(crate) const CHANGES: &str = "changes";
    pub(crate) const CHILDREN: &str = "children";
    /// A stream of counts, of which the last is whole.
    pub(crate) const COUNT: &str = "count";
    /// A stream of the number of messages.
    pub(crate) const WATCH_QUEUE: &str = "watch_queue";
    pub(crate) const QUEUE: &str = "queue";
    pub(crate) const HISTORY: &str = "history";
    pub(crate) const SET_HISTORY: &str = "set_history";
    pub(crate) const VERSIONS: &str = "versions";
    /// Asked for as children are.
    pub(crate) const DELETED: &str = "deleted";
    pub(crate) const STATISTICS: &str = "statistics";
    /// A stream of what programs ask, by whatever method or protocol, as it is answered.
    pub(crate) const REQUESTS: &str = "requests";
}

/// A message that says nothing that there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("A message lacks its {0}.")]
    Missing(&'static str),
    #[error("There is no {what} of number {number}.")]
    Unknown {
        /// Of what.
        what: &'static str,
        number: i64,
    },
    #[error("A versionstamp has 10 bytes, and this one has {0}.")]
    Versionstamp(usize),
    #[error("A key exceeds the key size limit.")]
    Key,
    #[error("A frame of {0} bytes is too long.")]
    Frame(usize),
    #[error("The message is no protobuf: {0}.")]
    Protobuf(String),
}

impl From<prost::DecodeError> for Malformed {
    fn from(error: prost::DecodeError) -> Self {
        Self::Protobuf(error.to_string())
    }
}

/// A message as a frame: its length as four little-endian bytes, then the message.
pub(crate) fn frame(message: &impl Message) -> Bytes {
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(4 + length);
    // Longer ones are refused where they are read.
    frame.put_u32_le(u32::try_from(length).unwrap_or(u32::MAX));
    let _there_is_room = message.encode(&mut frame);
    frame.freeze()
}

/// Puts frames together from pieces of any length.
pub(crate) struct Frames {
    bytes: BytesMut,
    /// The most bytes of a frame.
    most: usize,
}

impl Default for Frames {
    fn default() -> Self {
        Self::up_to(FRAME_BYTES)
    }
}

impl Frames {
    /// Frames of at most so many bytes.
    pub(crate) fn up_to(most: usize) -> Self {
        Self {
            bytes: BytesMut::new(),
            most,
        }
    }

    /// Adds what came.
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// The next message that is whole; pings are none.
    ///
    /// # Errors
    /// If what came is no frame.
    pub(crate) fn next<M: Message + Default>(&mut self) -> Result<Option<M>, Malformed> {
        while let Some(length) = self.bytes.first_chunk::<4>() {
            let length = u32::from_le_bytes(*length) as usize;
            if length > self.most {
                return Err(Malformed::Frame(length));
            }
            if self.bytes.len() < 4 + length {
                return Ok(None);
            }
            self.bytes.advance(4);
            if length > 0 {
                return Ok(Some(M::decode(self.bytes.split_to(length).freeze())?));
            }
        }
        Ok(None)
    }
}

/// A key of a message; its bytes are its own, so that it does not hold what it came in.
fn key(bytes: &[u8]) -> Result<EncodedKey, Malformed> {
    if bytes.len() > KEY_BYTES {
        return Err(Malformed::Key);
    }
    Ok(EncodedKey::from_bytes(Bytes::copy_from_slice(bytes)))
}

fn keys(keys: Vec<Bytes>) -> Result<Vec<EncodedKey>, Malformed> {
    keys.iter().map(|bytes| key(bytes)).collect()
}

fn shared(keys: &[EncodedKey]) -> Vec<Bytes> {
    keys.iter().map(EncodedKey::to_shared).collect()
}

fn versionstamp(bytes: &[u8]) -> Result<Versionstamp, Malformed> {
    let stamp = bytes.try_into();
    stamp
        .map(Versionstamp)
        .map_err(|_length| Malformed::Versionstamp(bytes.len()))
}

fn stamp_bytes(versionstamp: Versionstamp) -> Bytes {
    Bytes::copy_from_slice(&versionstamp.0)
}

/// A number of a message where memory is meant, of which there may be less.
fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_whole_out_of_pieces_of_any_length() {
        let messages = [7, 0, 3].map(|number| NumMessages { number });
        let mut bytes = Vec::new();
        for message in &messages {
            bytes.extend_from_slice(&PING);
            bytes.extend_from_slice(&frame(message));
        }
        for length in 1..bytes.len() {
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            for piece in bytes.chunks(length) {
                frames.push(piece);
                while let Some(message) = frames.next::<NumMessages>().unwrap() {
                    found.push(message);
                }
            }
            assert_eq!(found, messages, "{length}");
        }
        let mut frames = Frames::default();
        frames.push(&[0xff; 4]);
        assert_eq!(frames.next::<NumMessages>(), Err(Malformed::Frame(0xffff_ffff)));
    }
}
