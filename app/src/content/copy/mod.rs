//! Keys, values and entries as text to paste elsewhere.

mod draft;
mod javascript;
mod rust_code;
mod shell;

use keyglass_store::entry::json::entry_line;
use keyglass_store::key::{EncodedKey, Key};
use keyglass_store::value::literal::{self, SharedObjects};
use keyglass_store::value::{Repetition, Value, is_written_with_marks, json};
use keyglass_store::{Entry, ValueError};

pub use draft::{CopiedDraft, DraftForm, copy_draft};
pub use javascript::{key_as_javascript, value_as_javascript};

/// Entries that are copied together at most.
pub const COPY_ENTRIES: usize = 10_000;
/// Bytes of text that are copied at most.
const COPY_BYTES: usize = 10 << 20;
/// Lines of code are broken where they would be longer, in characters.
const CODE_WIDTH: usize = 100;

/// What of an entry is copied, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CopyForm {
    /// Keys as JavaScript.
    Key,
    /// Keys in the interchange form.
    KeyJson,
    /// Keys as Rust expressions.
    KeyRust,
    /// Values as JavaScript.
    Value,
    /// Values in the interchange form.
    ValueJson,
    /// Values as Rust expressions.
    ValueRust,
    /// Entries as JavaScript objects.
    Entry,
    /// Entries in the interchange form, one a line, as they are imported.
    EntryJson,
    /// Deno code that stores the entries.
    DenoCode,
    /// Rust code that stores the entries.
    RustCode,
    /// Commands that store the entries.
    CommandLine,
}

impl CopyForm {
    /// What was copied, for a notice: `2 entries as Deno code`.
    #[must_use]
    pub fn describe(self, number: u64) -> String {
        let (one, many, form) = match self {
            Self::Key => ("key", "keys", "JavaScript"),
            Self::KeyJson => ("key", "keys", "JSON"),
            Self::KeyRust => ("key", "keys", "Rust"),
            Self::Value => ("value", "values", "JavaScript"),
            Self::ValueJson => ("value", "values", "JSON"),
            Self::ValueRust => ("value", "values", "Rust"),
            Self::Entry => ("entry", "entries", "JavaScript"),
            Self::EntryJson => ("entry", "entries", "JSON lines"),
            Self::DenoCode => ("entry", "entries", "Deno code"),
            Self::RustCode => ("entry", "entries", "Rust code"),
            Self::CommandLine => ("entry", "entries", "a command line"),
        };
        format!("{} as {form}", crate::format::counted(number, one, many))
    }

    /// Whether only the key is copied, which may be no entry's.
    #[must_use]
    pub fn is_of_key(self) -> bool {
        matches!(self, Self::Key | Self::KeyJson | Self::KeyRust)
    }

    /// Whether several are written as one list, in which each has a comma.
    fn is_list(self) -> bool {
        !matches!(
            self,
            Self::EntryJson | Self::DenoCode | Self::RustCode | Self::CommandLine
        )
    }

    fn brackets(self) -> (&'static str, &'static str) {
        match self {
            Self::KeyRust | Self::ValueRust => ("vec![", "]"),
            _ => ("[", "]"),
        }
    }

    /// What a line begins with that is no code.
    fn comment(self) -> Option<&'static str> {
        match self {
            Self::KeyJson | Self::ValueJson | Self::EntryJson => None,
            Self::CommandLine => Some("# "),
            _ => Some("// "),
        }
    }
}

/// It is more than is sensibly pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// Too many entries.
    #[error("Not copied: more than 10,000 entries are selected. Export them to a file instead")]
    Entries,
    /// Too long a text.
    #[error("Not copied: the text would be longer than 10 MB. Export the entries to a file instead")]
    Text,
}

/// A text that was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The text.
    pub text: String,
    /// What is in it.
    pub entries: u64,
    /// What is left out, and the reason of the first one.
    pub left_out: Option<(u64, String)>,
    /// Entries left out because they have expired.
    pub expired: u64,
    /// Values in which what is one object in several places became several.
    pub parted: u64,
    /// Values in which a placeholder stands for an object of Deno's own.
    pub placeholders: u64,
}

/// Writes a text, entry by entry.
#[derive(Debug)]
pub struct CopyWriter {
    form: CopyForm,
    location: String,
    now: i64,
    items: Vec<Item>,
    bytes: usize,
    entries: u64,
    left_out: Option<(u64, String)>,
    expired: u64,
    parted: u64,
    placeholders: u64,
    uses: rust_code::Uses,
}

#[derive(Debug)]
enum Item {
    Code(String),
    Comment(String),
}

/// What is known of an entry once it is read.
struct Read<'a> {
    entry: &'a Entry,
    key: Key,
    value: Result<Value, ValueError>,
}

impl CopyWriter {
    /// A text in a form. `location` is where a command finds the database; `now` is in milliseconds since the Unix
    /// epoch.
    #[must_use]
    pub fn new(form: CopyForm, location: String, now: i64) -> Self {
        Self {
            form,
            location,
            now,
            items: Vec::new(),
            bytes: 0,
            entries: 0,
            left_out: None,
            expired: 0,
            parted: 0,
            placeholders: 0,
            uses: rust_code::Uses::default(),
        }
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// If the text gets too large.
    pub fn add(&mut self, entry: &Entry) -> Result<(), TooLarge> {
        if self.items.len() == COPY_ENTRIES {
            return Err(TooLarge::Entries);
        }
        let text = match entry.key.decode() {
            Ok(key) => self
                .text(&Read {
                    entry,
                    key,
                    value: entry.value.decode(),
                })
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let item = match text {
            Ok(text) => {
                self.entries += 1;
                Item::Code(text)
            }
            Err(reason) => {
                let line = format!("{}: {reason}", entry.key).replace(['\n', '\r'], " ");
                self.left_out.get_or_insert_with(|| (0, line.clone())).0 += 1;
                Item::Comment(line)
            }
        };
        let (Item::Code(text) | Item::Comment(text)) = &item;
        self.bytes += text.len();
        if self.bytes > COPY_BYTES {
            return Err(TooLarge::Text);
        }
        self.items.push(item);
        Ok(())
    }

    /// Counts an entry that is left out because it has expired.
    pub fn leave_out_expired(&mut self) {
        self.expired += 1;
    }

    /// The whole text.
    #[must_use]
    pub fn finish(self) -> Copied {
        let mut text = self.uses.lines();
        let lines = |text: &mut String, indent: &str, comma: &str| {
            for item in &self.items {
                match (item, self.form.comment()) {
                    (Item::Code(code), _) => {
                        let code = code.replace('\n', &format!("\n{indent}"));
                        text.push_str(&format!("{indent}{code}{comma}\n"));
                    }
                    (Item::Comment(line), Some(mark)) => text.push_str(&format!("{indent}{mark}{line}\n")),
                    (Item::Comment(_), None) => {}
                }
            }
        };
        match (self.items.as_slice(), self.form.is_list()) {
            ([Item::Code(code)], _) => text.push_str(code),
            (_, true) => {
                let (open, close) = self.form.brackets();
                text.push_str(&format!("{open}\n"));
                lines(&mut text, "  ", ",");
                // JSON takes no comma after the last one.
                if self.form.comment().is_none() && text.ends_with(",\n") {
                    text.truncate(text.len() - 2);
                    text.push('\n');
                }
                text.push_str(close);
            }
            (_, false) => lines(&mut text, "", ""),
        }
        Copied {
            text,
            entries: self.entries,
            left_out: self.left_out,
            expired: self.expired,
            parted: self.parted,
            placeholders: self.placeholders,
        }
    }

    /// Counts what the form does not tell of a value.
    fn note_losses(&mut self, value: &Value) {
        let (parted, has_placeholder) = match self.form {
            // Bytes stand beside what JSON cannot tell of an entry.
            CopyForm::Key | CopyForm::KeyJson | CopyForm::KeyRust | CopyForm::EntryJson => (false, false),
            CopyForm::Value | CopyForm::Entry | CopyForm::DenoCode => {
                let code = literal::code(value, CODE_WIDTH, SharedObjects::AtEachPlace);
                (code.parts_shared, code.has_placeholder)
            }
            CopyForm::ValueJson => (Repetition::of(value).has_shared(), false),
            CopyForm::ValueRust | CopyForm::RustCode | CopyForm::CommandLine => {
                let is_kept = is_written_with_marks(value);
                (!is_kept && Repetition::of(value).has_shared(), false)
            }
        };
        self.parted += u64::from(parted);
        self.placeholders += u64::from(has_placeholder);
    }

    /// The text of one entry, or why there is none.
    fn text(&mut self, read: &Read<'_>) -> Result<String, ValueError> {
        let Read { entry, key, value } = read;
        let value = value.as_ref().map_err(Clone::clone);
        if let Ok(value) = value {
            self.note_losses(value);
        }
        Ok(match self.form {
            CopyForm::Key => key_as_javascript(key),
            CopyForm::KeyJson => json::key_to_json(key),
            CopyForm::KeyRust => self.uses.key(key),
            CopyForm::Value => value_as_javascript(value?),
            CopyForm::ValueJson => json::value_to_json(value?).0,
            CopyForm::ValueRust => self.uses.value(value?),
            CopyForm::Entry => javascript::entry(key, value?, entry.expires_at),
            CopyForm::EntryJson => entry_line(entry).text,
            CopyForm::DenoCode => javascript::set(key, value?, entry.expires_at),
            CopyForm::RustCode => self.uses.set(key, value?, entry.expires_at),
            CopyForm::CommandLine => {
                let expires_in = entry.expires_at.map(|at| at.saturating_sub(self.now));
                shell::set(&self.location, key, value?, expires_in)
            }
        })
    }
}

/// The text of a single key that is perhaps no entry. Bytes that are no key stay bytes.
#[must_use]
pub fn key_text(form: CopyForm, key: &EncodedKey) -> String {
    let Ok(decoded) = key.decode() else {
        return key.to_string();
    };
    match form {
        CopyForm::KeyJson => json::key_to_json(&decoded),
        CopyForm::KeyRust => {
            let mut uses = rust_code::Uses::default();
            let code = uses.key(&decoded);
            format!("{}{code}", uses.lines())
        }
        _ => key_as_javascript(&decoded),
    }
}

#[cfg(test)]
mod tests;
