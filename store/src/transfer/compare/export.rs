//! The entries of an export, in the order of its lines.

use std::fs;
use std::io::{self, BufRead, Read as _};
use std::path::Path;

use crate::entry::Entry;
use crate::entry::json::{ParsedEntry, parse_entry_line};
use crate::key::{EncodedKey, KeyRange};
use crate::transfer::TransferError;
use crate::transfer::import::read_line;

/// Endings of the names of exports.
const ENDINGS: [&str; 4] = ["ndjson", "jsonl", "json-lines", "jsonlines"];
/// Bytes that are looked at to recognise an export.
const HEAD: u64 = 64;

/// Whether a path leads to an export in the interchange form, and not to a database: by its name, because it is a pipe,
/// or because it begins with an object. Reads the start of a file, so no database may be open there.
///
/// # Errors
/// If the file is there and cannot be read.
pub fn is_export(path: &Path) -> io::Result<bool> {
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(false);
    };
    if metadata.is_dir() {
        return Ok(false);
    }
    let ending = path.extension().and_then(|ending| ending.to_str());
    if !metadata.is_file() || ending.is_some_and(|ending| ENDINGS.contains(&ending.to_lowercase().as_str())) {
        return Ok(true);
    }
    let mut head = Vec::new();
    fs::File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    Ok(text.trim_ascii_start().starts_with(b"{"))
}

/// Reads the entries of an export line by line. They must stand in key order, each key once.
pub struct ExportEntries<'a> {
    reader: Box<dyn BufRead + 'a>,
    name: String,
    range: KeyRange,
    line: u64,
    last: Option<EncodedKey>,
}

impl<'a> ExportEntries<'a> {
    /// Of a reader, of which the entries in a range are wanted; `name` is what errors call it.
    #[must_use]
    pub fn new(reader: Box<dyn BufRead + 'a>, name: &str, range: KeyRange) -> Self {
        Self {
            reader,
            name: name.to_owned(),
            range,
            line: 0,
            last: None,
        }
    }

    /// The entry of the next line that has one.
    fn read(&mut self) -> Result<Option<Entry>, TransferError> {
        loop {
            let mut line = Vec::new();
            let mut bytes = 0;
            let whole =
                read_line(self.reader.as_mut(), &mut line, &mut bytes).map_err(|error| match error {
                    TransferError::Read(source) => TransferError::ReadExport {
                        source,
                        name: self.name.clone(),
                    },
                    other => other,
                })?;
            if bytes == 0 {
                return Ok(None);
            }
            self.line += 1;
            if !whole {
                return Err(self.unreadable("it is too long".to_owned()));
            }
            let text = std::str::from_utf8(&line).map_err(|error| self.unreadable(error.to_string()))?;
            let text = if self.line == 1 {
                text.trim_start_matches('\u{feff}')
            } else {
                text
            }
            .trim();
            if text.is_empty() {
                continue;
            }
            let entry = parse_entry_line(text).map_err(|error| self.unreadable(error.to_string()))?;
            return Ok(Some(of_line(entry)));
        }
    }

    fn unreadable(&self, reason: String) -> TransferError {
        TransferError::Line {
            line: self.line,
            reason,
            name: self.name.clone(),
        }
    }
}

impl Iterator for ExportEntries<'_> {
    type Item = Result<Entry, TransferError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.read() {
                Ok(entry) => entry?,
                Err(error) => return Some(Err(error)),
            };
            if self.last.as_ref().is_some_and(|last| *last >= entry.key) {
                return Some(Err(TransferError::Unordered {
                    line: self.line,
                    name: self.name.clone(),
                }));
            }
            self.last = Some(entry.key.clone());
            if self.range.contains(&entry.key) {
                return Some(Ok(entry));
            }
        }
    }
}

fn of_line(line: ParsedEntry) -> Entry {
    Entry {
        key: line.key,
        value: line.value,
        versionstamp: line.versionstamp.unwrap_or_default(),
        expires_at: line.expires_at,
    }
}
