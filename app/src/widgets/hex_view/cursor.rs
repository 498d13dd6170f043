//! Editing bytes: a cursor on a byte and on one of its two digits or on its character, and what keys do there.

use std::ops::Range;

/// Edits that can be taken back.
const HISTORY: usize = 1000;

/// Which of the two columns has the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HexColumn {
    /// Two hexadecimal digits a byte.
    #[default]
    Digits,
    /// A character a byte.
    Text,
}

/// Bytes to be replaced by others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HexEdit {
    /// Which bytes go.
    pub range: Range<usize>,
    /// What comes in their place.
    pub bytes: Vec<u8>,
}

impl HexEdit {
    /// Does it.
    pub fn apply(&self, bytes: &mut Vec<u8>) {
        let start = self.range.start.min(bytes.len());
        let end = self.range.end.clamp(start, bytes.len());
        bytes.splice(start..end, self.bytes.iter().copied());
    }

    /// What takes it back, given the bytes before it.
    fn inverse(&self, before: &[u8]) -> Self {
        Self {
            range: self.range.start..self.range.start + self.bytes.len(),
            bytes: before.get(self.range.clone()).unwrap_or_default().to_vec(),
        }
    }
}

/// Where the cursor is, and what is selected.
#[derive(Debug, Clone, Default)]
pub struct HexCursor {
    /// The byte; one past the last means that typing appends.
    at: usize,
    /// The other end of the selection, which holds both ends.
    anchor: usize,
    /// The second digit of the byte is next.
    second_digit: bool,
    /// Which column it is in.
    pub column: HexColumn,
    /// Typing makes room instead of overwriting.
    pub inserting: bool,
    /// What takes back the edits made here, newest last.
    undo: Vec<HexEdit>,
    redo: Vec<HexEdit>,
    /// How many bytes there were after the last edit made here.
    known_length: usize,
}

impl HexCursor {
    /// The byte under the cursor.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Whether the next digit is the second one of its byte.
    #[must_use]
    pub fn is_at_second_digit(&self) -> bool {
        self.second_digit
    }

    /// The selected bytes: the one under the cursor, or more.
    #[must_use]
    pub fn selection(&self, length: usize) -> Range<usize> {
        let start = self.at.min(self.anchor).min(length);
        let end = self.at.max(self.anchor).saturating_add(1).min(length);
        start..end
    }

    /// Whether more than the byte under the cursor is selected.
    #[must_use]
    pub fn has_range(&self) -> bool {
        self.at != self.anchor
    }

    /// Goes to a byte; with `extend` all in between is selected.
    pub fn go(&mut self, at: usize, extend: bool) {
        self.at = at;
        self.second_digit = false;
        if !extend {
            self.anchor = at;
        }
    }

    /// Selects all bytes.
    pub fn select_all(&mut self, length: usize) {
        self.anchor = 0;
        self.at = length.saturating_sub(1);
        self.second_digit = false;
    }

    /// Types a character. In the column of digits, what is no digit does nothing.
    pub fn type_char(&mut self, char: char, bytes: &[u8]) -> Option<HexEdit> {
        match self.column {
            HexColumn::Text => {
                let mut buffer = [0; 4];
                let typed = char.encode_utf8(&mut buffer).as_bytes().to_vec();
                Some(self.put(typed, bytes))
            }
            HexColumn::Digits => {
                let digit = u8::try_from(char.to_digit(16)?).ok()?;
                if self.second_digit
                    && let Some(byte) = bytes.get(self.at)
                {
                    let edit = HexEdit {
                        range: self.at..self.at + 1,
                        bytes: vec![byte & 0xf0 | digit],
                    };
                    self.note(&edit, bytes);
                    self.go(self.at + 1, false);
                    return Some(edit);
                }
                let under = bytes
                    .get(self.at)
                    .copied()
                    .filter(|_| !self.inserting && !self.has_range());
                let at = self.selection(bytes.len()).start;
                let edit = self.put(vec![digit << 4 | under.unwrap_or(0) & 0x0f], bytes);
                self.go(at, false);
                self.second_digit = true;
                Some(edit)
            }
        }
    }

    /// Puts bytes where the cursor is: over the selection if that is more than one byte, else over as many bytes
    /// as there are, or between them.
    pub fn put(&mut self, new: Vec<u8>, bytes: &[u8]) -> HexEdit {
        let selection = self.selection(bytes.len());
        let range = if self.has_range() {
            selection
        } else if self.inserting {
            selection.start..selection.start
        } else {
            selection.start..(selection.start + new.len()).min(bytes.len())
        };
        let edit = HexEdit { range, bytes: new };
        self.note(&edit, bytes);
        self.go(edit.range.start + edit.bytes.len(), false);
        edit
    }

    /// Removes the selection, or the byte before the cursor.
    pub fn remove(&mut self, before: bool, bytes: &[u8]) -> Option<HexEdit> {
        let range = if before && !self.has_range() {
            self.at.checked_sub(1)?..self.at.min(bytes.len())
        } else {
            self.selection(bytes.len())
        };
        if range.is_empty() {
            return None;
        }
        let edit = HexEdit {
            range,
            bytes: Vec::new(),
        };
        self.note(&edit, bytes);
        self.go(edit.range.start, false);
        Some(edit)
    }

    /// Takes back the last edit made here, or does it again.
    pub fn step_back(&mut self, again: bool, bytes: &[u8]) -> Option<HexEdit> {
        if bytes.len() != self.known_length {
            // Something else has changed the bytes, so nothing fits any more.
            self.undo.clear();
            self.redo.clear();
            return None;
        }
        let (from, to) = if again {
            (&mut self.redo, &mut self.undo)
        } else {
            (&mut self.undo, &mut self.redo)
        };
        let edit = from.pop()?;
        to.push(edit.inverse(bytes));
        self.known_length = bytes.len() - edit.range.len() + edit.bytes.len();
        self.go(edit.range.start, false);
        Some(edit)
    }

    fn note(&mut self, edit: &HexEdit, before: &[u8]) {
        if self.undo.len() == HISTORY {
            self.undo.remove(0);
        }
        self.undo.push(edit.inverse(before));
        self.redo.clear();
        self.known_length = before.len() - edit.range.len() + edit.bytes.len();
    }
}

/// Bytes from pasted text: hexadecimal digits in any of the usual forms, such as `01ff`, `01 ff`, `0x01, 0xff`,
/// `u8[01 ff]`. `None` if it is anything else.
#[must_use]
pub fn bytes_from_hex(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let inner = text
        .strip_prefix("u8[")
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let mut bytes = Vec::new();
    for word in inner
        .split([' ', ',', '\n', '\r', '\t', ':', '-'])
        .filter(|word| !word.is_empty())
    {
        let digits = word.strip_prefix("0x").unwrap_or(word);
        if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
            return None;
        }
        for pair in digits.as_bytes().chunks_exact(2) {
            let pair = std::str::from_utf8(pair).ok()?;
            if !pair.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(pair, 16).ok()?);
        }
    }
    Some(bytes)
}

/// `01 ff`
#[must_use]
pub fn hex_text(bytes: &[u8]) -> String {
    let words: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that are edited by a cursor.
    struct Edited(Vec<u8>, HexCursor);

    impl Edited {
        fn new(bytes: &[u8], at: usize) -> Self {
            let mut cursor = HexCursor::default();
            cursor.go(at, false);
            Self(bytes.to_vec(), cursor)
        }

        fn apply(&mut self, edit: Option<HexEdit>) {
            if let Some(edit) = edit {
                edit.apply(&mut self.0);
            }
        }

        fn type_text(&mut self, text: &str) {
            for char in text.chars() {
                let edit = self.1.type_char(char, &self.0);
                self.apply(edit);
            }
        }
    }

    #[test]
    fn digits_overwrite_and_append_at_the_end() {
        let mut edited = Edited::new(&[0x12, 0x34], 1);
        edited.type_text("a");
        assert_eq!(
            (edited.0.as_slice(), edited.1.is_at_second_digit()),
            (&[0x12, 0xa4][..], true)
        );
        edited.type_text("bxcd7");
        assert_eq!(edited.0, [0x12, 0xab, 0xcd, 0x70]);
    }

    #[test]
    fn digits_and_characters_are_inserted_when_asked() {
        let mut edited = Edited::new(&[1, 2], 1);
        edited.1.inserting = true;
        edited.type_text("ff");
        assert_eq!(edited.0, [1, 0xff, 2]);
        edited.1.column = HexColumn::Text;
        edited.type_text("é");
        assert_eq!(edited.0, [1, 0xff, 0xc3, 0xa9, 2]);
        edited.1.inserting = false;
        edited.type_text("ab");
        assert_eq!(edited.0, [1, 0xff, 0xc3, 0xa9, b'a', b'b']);
    }

    #[test]
    fn a_range_is_removed_or_typed_over() {
        let mut edited = Edited::new(&[0, 1, 2, 3, 4, 5], 1);
        edited.1.go(3, true);
        assert_eq!(edited.1.selection(6), 1..4);
        edited.type_text("ab");
        assert_eq!(edited.0, [0, 0xab, 4, 5]);
        edited.1.go(1, false);
        let edit = edited.1.remove(false, &edited.0);
        edited.apply(edit);
        let edit = edited.1.remove(true, &edited.0);
        edited.apply(edit);
        assert_eq!((edited.0.as_slice(), edited.1.at()), (&[4, 5][..], 0));
        assert_eq!(edited.1.remove(true, &edited.0), None);
        edited.1.select_all(2);
        let edit = edited.1.remove(false, &edited.0);
        edited.apply(edit);
        assert!(edited.0.is_empty());
        assert_eq!(edited.1.remove(false, &edited.0), None);
    }

    #[test]
    fn edits_are_taken_back_and_done_again() {
        let mut edited = Edited::new(b"abc", 1);
        edited.1.inserting = true;
        let edit = edited.1.put(b"xyz".to_vec(), &edited.0);
        edited.apply(Some(edit));
        let edit = edited.1.remove(true, &edited.0);
        edited.apply(edit);
        assert_eq!(edited.0, b"axybc");
        for expected in [&b"axyzbc"[..], b"abc", b"abc"] {
            let edit = edited.1.step_back(false, &edited.0);
            edited.apply(edit);
            assert_eq!(edited.0, expected);
        }
        for expected in [&b"axyzbc"[..], b"axybc"] {
            let edit = edited.1.step_back(true, &edited.0);
            edited.apply(edit);
            assert_eq!(edited.0, expected);
        }
        edited.0.push(0);
        assert_eq!(
            edited.1.step_back(false, &edited.0),
            None,
            "the bytes changed elsewhere"
        );
    }

    #[test]
    fn hexadecimal_text_is_read_in_its_usual_forms() {
        for text in ["01ff", "01 FF", "0x01, 0xff", "u8[01 ff]", "01:ff\n"] {
            assert_eq!(bytes_from_hex(text), Some(vec![1, 255]), "{text}");
        }
        assert_eq!(bytes_from_hex(""), Some(Vec::new()));
        for text in ["1", "01 f", "zz", "+1", "é1"] {
            assert_eq!(bytes_from_hex(text), None, "{text}");
        }
        assert_eq!(hex_text(&[1, 255]), "01 ff");
    }
}
