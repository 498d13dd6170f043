//! The files of a backup, byte by byte: a header, records in key order, and an end. `store/BACKUP.md` tells the whole.
//!
//! Each stands in a frame with its length and a checksum of its own, so that of a file whose writing was broken off all
//! that is whole can be read.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bytes::{Buf as _, Bytes};
use serde_json::Value as Json;
use xxhash_rust::xxh3::xxh3_64;

use super::BackupError;
use super::sums::EntryHash;
use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;

/// How a file begins: eight bytes, of which the last is its format.
const MAGIC: &[u8; 8] = b"kgbackp\x01";
/// No frame is longer: the longest entry takes a good 66 KB, a header perhaps some hundred.
const FRAME_BYTES: u32 = 16 << 20;

const HEADER: u8 = 0;
const ABSENT: u8 = 1;
const PRESENT: u8 = 2;
const REACHED: u8 = 3;
const END: u8 = 4;

/// What stands under one key on one side of a step from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: EncodedKey,
    /// What stands there; `None` if nothing does.
    pub(super) entry: Option<Entry>,
    /// The hash of what stands there on the other side of the step, if anything does.
    pub(super) other: Option<EntryHash>,
}

/// A frame that is neither header nor end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    Record(Record),
    /// All up to this key was read, and what differs is among the records.
    Reached(EncodedKey),
}

/// Writes such a file.
pub(super) struct RecordWriter<W: Write> {
    to: BufWriter<W>,
    records: u64,
    frame: Vec<u8>,
}

impl<W: Write> RecordWriter<W> {
    pub(super) fn new(to: W, header: &Json) -> io::Result<Self> {
        let mut writer = Self {
            to: BufWriter::with_capacity(1 << 18, to),
            records: 0,
            frame: Vec::new(),
        };
        writer.to.write_all(MAGIC)?;
        writer.frame.push(HEADER);
        writer.frame.extend_from_slice(header.to_string().as_bytes());
        writer.close_frame()?;
        Ok(writer)
    }

    pub(super) fn record(&mut self, record: &Record) -> io::Result<()> {
        let key = record.key.as_bytes();
        self.frame
            .push(if record.entry.is_some() { PRESENT } else { ABSENT });
        self.frame.push(u8::from(record.other.is_some()));
        self.frame
            .extend_from_slice(&record.other.unwrap_or_default().0.to_be_bytes());
        self.frame.extend_from_slice(&length(key)?.to_be_bytes());
        self.frame.extend_from_slice(key);
        if let Some(entry) = &record.entry {
            self.frame.extend_from_slice(&entry.versionstamp.0);
            self.frame
                .extend_from_slice(&entry.value.encoding.number().to_be_bytes());
            self.frame.push(u8::from(entry.expires_at.is_some()));
            self.frame
                .extend_from_slice(&entry.expires_at.unwrap_or_default().to_be_bytes());
            self.frame.extend_from_slice(&entry.value.bytes);
        }
        self.records += 1;
        self.close_frame()
    }

    /// Goes on with a file that holds so many records, at the place where it stands.
    pub(super) fn go_on(to: W, records: u64) -> Self {
        Self {
            to: BufWriter::with_capacity(1 << 18, to),
            records,
            frame: Vec::new(),
        }
    }

    /// Notes how far it is, and leaves what was written so far to the system.
    pub(super) fn reached(&mut self, key: &EncodedKey) -> io::Result<()> {
        self.frame.push(REACHED);
        self.frame.extend_from_slice(key.as_bytes());
        self.close_frame()?;
        self.to.flush()
    }

    /// Writes the end.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.frame.push(END);
        self.frame.extend_from_slice(&self.records.to_be_bytes());
        self.close_frame()?;
        self.to.into_inner().map_err(io::IntoInnerError::into_error)
    }

    fn close_frame(&mut self) -> io::Result<()> {
        self.to.write_all(&length(&self.frame)?.to_be_bytes())?;
        self.to.write_all(&checksum(&self.frame).to_be_bytes())?;
        self.to.write_all(&self.frame)?;
        self.frame.clear();
        Ok(())
    }
}

fn length(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(io::Error::other)
}

/// The low half of XXH3.
fn checksum(bytes: &[u8]) -> u32 {
    (xxh3_64(bytes) & u64::from(u32::MAX)) as u32
}

/// Reads such a file. It ends after an error.
pub(super) struct RecordReader {
    from: Box<dyn Read>,
    path: PathBuf,
    /// The header, as it was written.
    pub(super) header: Json,
    last: Option<EncodedKey>,
    records: u64,
    /// Bytes that were read.
    offset: u64,
    ended: bool,
}

/// How far a file was written whose writing was broken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reached {
    /// All up to this key was read.
    pub(super) key: EncodedKey,
    /// Records up to there.
    pub(super) records: u64,
    /// Bytes up to there.
    pub(super) bytes: u64,
}

/// What is wrong with a file.
type Fault = &'static str;

const TORN: Fault = "it breaks off";
const WRONG: Fault = "its bytes are not as they were written";

impl RecordReader {
    /// Opens a file and reads its header.
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        let file = File::open(path).map_err(|source| BackupError::io(source, path))?;
        Self::of_file(file, path)
    }

    /// Reads an open file from where it stands; `path` is what errors name.
    pub(super) fn of_file(file: File, path: &Path) -> Result<Self, BackupError> {
        Self::new(Box::new(BufReader::with_capacity(1 << 16, file)), path)
    }

    fn new(from: Box<dyn Read>, path: &Path) -> Result<Self, BackupError> {
        let mut reader = Self {
            from,
            path: path.to_owned(),
            header: Json::Null,
            last: None,
            records: 0,
            offset: 0,
            ended: false,
        };
        let begun = reader.read_header();
        begun.map_err(|fault| reader.damaged(fault))?;
        Ok(reader)
    }

    fn read_header(&mut self) -> Result<(), Fault> {
        let mut magic = [0; 8];
        self.from.read_exact(&mut magic).map_err(|_torn| TORN)?;
        self.offset = MAGIC.len() as u64;
        if magic != *MAGIC {
            return Err("it is no file of a backup, or one of a newer Keyglass");
        }
        let mut frame = self.frame()?;
        if frame.is_empty() || frame.get_u8() != HEADER {
            return Err(WRONG);
        }
        self.header = serde_json::from_slice(&frame).map_err(|_no_json| WRONG)?;
        Ok(())
    }

    fn damaged(&self, fault: Fault) -> BackupError {
        BackupError::Damaged {
            reason: fault.to_owned(),
            path: self.path.clone(),
        }
    }

    /// The next frame's payload.
    fn frame(&mut self) -> Result<Bytes, Fault> {
        let mut head = [0; 8];
        self.from.read_exact(&mut head).map_err(|_torn| TORN)?;
        let mut head = head.as_slice();
        let (length, sum) = (head.get_u32(), head.get_u32());
        if length > FRAME_BYTES {
            return Err(WRONG);
        }
        let mut payload = Vec::new();
        let read = (&mut self.from).take(length.into()).read_to_end(&mut payload);
        if read.map_err(|_unreadable| "it cannot be read")? < length as usize {
            return Err(TORN);
        }
        // A fuzzer would hardly find any.
        if checksum(&payload) != sum && !cfg!(fuzzing) {
            return Err(WRONG);
        }
        self.offset += 8 + u64::from(length);
        Ok(payload.into())
    }

    /// The last mark of a file that breaks off anywhere, if there is one.
    pub(super) fn reached(mut self) -> Option<Reached> {
        let mut reached = None;
        while let Ok(Some(frame)) = self.next_frame() {
            if let Frame::Reached(key) = frame {
                reached = Some(Reached {
                    key,
                    records: self.records,
                    bytes: self.offset,
                });
            }
        }
        reached
    }

    /// The next record or mark; `None` at the end.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, BackupError> {
        if self.ended {
            return Ok(None);
        }
        let read = self.read_frame();
        self.ended = !matches!(read, Ok(Some(_)));
        read.map_err(|fault| self.damaged(fault))
    }

    fn read_frame(&mut self) -> Result<Option<Frame>, Fault> {
        let mut frame = self.frame()?;
        let tag = frame.try_get_u8().map_err(|_empty| WRONG)?;
        match tag {
            ABSENT | PRESENT => {
                let record = parse_record(tag, frame).ok_or(WRONG)?;
                if self.last.as_ref().is_some_and(|last| *last >= record.key) {
                    return Err("its keys are not in order");
                }
                self.last = Some(record.key.clone());
                self.records += 1;
                Ok(Some(Frame::Record(record)))
            }
            REACHED => Ok(Some(Frame::Reached(EncodedKey::from_bytes(frame)))),
            END if frame.as_ref() == self.records.to_be_bytes() => Ok(None),
            _ => Err(WRONG),
        }
    }

    /// Reads all of it, so that whatever is wrong is known before anything of it is used.
    pub(super) fn validate(path: &Path) -> Result<(), BackupError> {
        Self::open(path)?.try_for_each(|record| record.map(|_sound| ()))
    }
}

fn parse_record(tag: u8, mut frame: Bytes) -> Option<Record> {
    let has_other = frame.try_get_u8().ok()? == 1;
    let other = EntryHash(frame.try_get_u128().ok()?);
    let length = frame.try_get_u32().ok()? as usize;
    if frame.len() < length {
        return None;
    }
    let key = EncodedKey::from_bytes(frame.split_to(length));
    let entry = if tag == PRESENT {
        let mut versionstamp = Versionstamp::default();
        frame.try_copy_to_slice(&mut versionstamp.0).ok()?;
        let encoding = Encoding::from_number(frame.try_get_i64().ok()?);
        let expires = frame.try_get_u8().ok()? == 1;
        let expires_at = frame.try_get_i64().ok()?;
        Some(Entry {
            key: key.clone(),
            value: StoredValue {
                encoding,
                bytes: frame,
            },
            versionstamp,
            expires_at: expires.then_some(expires_at),
        })
    } else if frame.is_empty() {
        None
    } else {
        return None;
    };
    Some(Record {
        key,
        entry,
        other: has_other.then_some(other),
    })
}

impl Iterator for RecordReader {
    type Item = Result<Record, BackupError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_frame() {
                Ok(Some(Frame::Record(record))) => return Some(Ok(record)),
                Ok(Some(Frame::Reached(_))) => {}
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Reads bytes as such a file, for the fuzz target `backup_records`.
///
/// # Panics
/// If what was read is not written as it was.
#[cfg(fuzzing)]
pub fn read_as_records(bytes: &[u8]) {
    let from = io::Cursor::new(bytes.to_vec());
    let Ok(mut reader) = RecordReader::new(Box::new(from), Path::new("fuzz")) else {
        return;
    };
    let header = reader.header.clone();
    let Ok(records) = reader.by_ref().collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let mut written = Vec::new();
    let mut writer = RecordWriter::new(&mut written, &header).expect("memory is written");
    for record in &records {
        writer.record(record).expect("memory is written");
    }
    writer.finish().expect("memory is written");
    let again = RecordReader::new(Box::new(io::Cursor::new(written)), Path::new("fuzz"));
    let again: Vec<_> = again
        .expect("it was read before")
        .collect::<Result<_, _>>()
        .expect("it was read before");
    assert_eq!(records, again, "records changed");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, value: Option<&str>, other: Option<u128>) -> Record {
        let key = EncodedKey::from_bytes(key.as_bytes().to_vec());
        let entry = value.map(|value| Entry {
            key: key.clone(),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: value.as_bytes().to_vec().into(),
            },
            versionstamp: Versionstamp([9; 10]),
            expires_at: (value == "expiring").then_some(-5),
        });
        Record {
            key,
            entry,
            other: other.map(EntryHash),
        }
    }

    fn written(records: &[Record]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = RecordWriter::new(&mut bytes, &serde_json::json!({"number": 3})).unwrap();
        for record in records {
            writer.record(record).unwrap();
        }
        writer.reached(&EncodedKey::from_bytes(b"z".to_vec())).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn reader(bytes: &[u8]) -> Result<RecordReader, BackupError> {
        RecordReader::new(Box::new(io::Cursor::new(bytes.to_vec())), Path::new("file"))
    }

    #[test]
    fn records_read_back_as_they_were_written() {
        let records = [
            record("a", Some("value"), None),
            record("b", None, Some(u128::MAX)),
            record("c", Some("expiring"), Some(0)),
            record("d", Some(""), None),
        ];
        let mut reader = reader(&written(&records)).unwrap();
        assert_eq!(reader.header, serde_json::json!({"number": 3}));
        let read: Vec<_> = reader.by_ref().collect::<Result<_, _>>().unwrap();
        assert_eq!(read, records);
    }

    #[test]
    fn a_file_that_is_cut_or_altered_anywhere_is_never_read_to_its_end() {
        let bytes = written(&[record("a", Some("value"), None), record("b", None, Some(1))]);
        let is_whole =
            |bytes: &[u8]| reader(bytes).is_ok_and(|reader| reader.collect::<Result<Vec<_>, _>>().is_ok());
        assert!(is_whole(&bytes));
        for at in 0..bytes.len() {
            assert!(!is_whole(&bytes[..at]), "cut at {at}");
            let mut altered = bytes.clone();
            altered[at] ^= 0x10;
            assert!(!is_whole(&altered), "altered at {at}");
        }
    }

    #[test]
    fn of_a_file_that_breaks_off_all_whole_records_are_read() {
        let bytes = written(&[record("a", Some("value"), None), record("b", None, None)]);
        let mut reader = reader(&bytes[..bytes.len() - 20]).unwrap();
        let mut keys = Vec::new();
        while let Ok(Some(Frame::Record(record))) = reader.next_frame() {
            keys.push(record.key.as_bytes().to_vec());
        }
        assert_eq!(keys, [b"a".to_vec(), b"b".to_vec()]);
    }

    #[test]
    fn records_out_of_order_are_refused() {
        for keys in [["b", "a"], ["a", "a"]] {
            let bytes = written(&keys.map(|key| record(key, None, None)));
            let read = reader(&bytes).unwrap().collect::<Result<Vec<_>, _>>();
            assert!(read.unwrap_err().to_string().contains("order"));
        }
    }
}
