//! The entry panel: what is shown, and what is being edited. A draft is never lost and never overwritten.

use std::collections::HashMap;

use keyglass_store::key::{EncodedKey, Key};
use keyglass_store::value::literal::{self, LiteralError};
use keyglass_store::{AtomicOperation, Entry, StoredValue, Value, limits};

use super::row::LoadedEntry;

/// The ways to look at a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum ValueView {
    /// Typed, foldable.
    #[default]
    Tree,
    /// A JavaScript literal, editable.
    Code,
    /// Bytes as stored.
    Hex,
    /// The interchange form.
    Json,
}

impl ValueView {
    /// All of them, in the order shown.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Tree, "Tree"),
        (Self::Code, "Code"),
        (Self::Hex, "Hex"),
        (Self::Json, "JSON"),
    ];
}

/// What the entry panel shows.
#[derive(Debug, Default)]
pub enum Shown {
    /// Nothing is selected.
    #[default]
    Nothing,
    /// A key whose entry has not come yet.
    Loading(EncodedKey),
    /// A key without an entry.
    Absent(EncodedKey),
    /// An entry.
    Entry(Box<LoadedEntry>),
    /// A key whose entry could not be read.
    Failed(EncodedKey, String),
}

/// What becomes of the expiry when a draft is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum ExpiryDraft {
    /// It stays as it is.
    #[default]
    Keep,
    /// The entry does not expire any more.
    Never,
    /// So many milliseconds after it is saved.
    After(i64),
    /// At this moment, in milliseconds since the Unix epoch.
    At(i64),
}

/// What stood there when a save was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The entry now; `None` if it was deleted.
    pub theirs: Option<Box<LoadedEntry>>,
}

/// An edit that is not saved yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The key's text; fixed unless the entry is new.
    pub key_text: String,
    /// The value's JavaScript literal.
    pub text: String,
    /// What becomes of the expiry.
    pub expiry: ExpiryDraft,
    /// The ticket of the commit that saves it, while that runs.
    pub saving: Option<u64>,
    /// Why the last save was refused.
    pub conflict: Option<Conflict>,
    /// What stands there now, if it changed since the edit began; `None` inside if it was deleted.
    pub outside: Option<Option<Box<LoadedEntry>>>,
    key: Option<EncodedKey>,
    seen: Option<Box<LoadedEntry>>,
    revision: u64,
    /// What the text says; `None` while it says what was seen.
    parsed: Result<Option<ParsedValue>, ParseFailure>,
}

/// A value that was typed.
#[derive(Debug, Clone)]
struct ParsedValue {
    value: Value,
    stored: StoredValue,
}

/// Why a draft's text is no value that can be stored.
#[derive(Debug, Clone, PartialEq)]
pub enum ParseFailure {
    /// The text is no literal.
    Literal(LiteralError),
    /// The value cannot be stored.
    Value(String),
}

impl std::fmt::Display for ParseFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Literal(error) => error.fmt(f),
            Self::Value(reason) => f.write_str(reason),
        }
    }
}

impl Draft {
    /// An edit of an entry that is there.
    #[must_use]
    pub fn of(loaded: &LoadedEntry) -> Self {
        Self {
            key_text: loaded.entry.key.to_string(),
            text: loaded.code.clone(),
            expiry: ExpiryDraft::Keep,
            saving: None,
            conflict: None,
            outside: None,
            key: Some(loaded.entry.key.clone()),
            seen: Some(Box::new(loaded.clone())),
            revision: 0,
            parsed: Ok(None),
        }
    }

    /// A new entry, with the beginning of its key.
    #[must_use]
    pub fn new_entry(key_text: String) -> Self {
        let mut draft = Self {
            key_text,
            text: String::new(),
            expiry: ExpiryDraft::Never,
            saving: None,
            conflict: None,
            outside: None,
            key: None,
            seen: None,
            revision: 0,
            parsed: Ok(None),
        };
        draft.parse();
        draft
    }

    /// Whether the entry is not there yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.key.is_none()
    }

    /// The entry as it was when the edit began.
    #[must_use]
    pub fn seen(&self) -> Option<&LoadedEntry> {
        self.seen.as_deref()
    }

    /// Whether anything differs from what was seen.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        match &self.seen {
            Some(seen) => self.text != seen.code || self.expiry != ExpiryDraft::Keep,
            None => true,
        }
    }

    /// Reads the text again if it changed. To be called after an edit, not each frame.
    pub fn parse(&mut self) {
        self.revision += 1;
        self.parsed = if self.seen.as_ref().is_some_and(|seen| seen.code == self.text) {
            Ok(None)
        } else {
            ParsedValue::of(&self.text).map(Some)
        };
    }

    /// Takes a value that was edited as a tree.
    ///
    /// # Errors
    /// If it cannot be stored; then nothing changes.
    pub fn set_value(&mut self, value: &Value) -> Result<(), ParseFailure> {
        let text = literal::print(value, super::row::CODE_WIDTH);
        // Read back from the text, so that what is saved is what is shown.
        ParsedValue::of(&text)?;
        self.text = text;
        self.parse();
        Ok(())
    }

    /// Grows with every edit.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The value as typed; `None` if the text is none.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match (&self.parsed, &self.seen) {
            (Ok(Some(parsed)), _) => Some(&parsed.value),
            (Ok(None), Some(seen)) => seen.value.as_ref().ok(),
            _ => None,
        }
    }

    /// What stands there now, if that is not what was seen; `None` inside if it was deleted.
    #[must_use]
    pub fn theirs(&self) -> Option<Option<&LoadedEntry>> {
        match (&self.conflict, &self.outside) {
            (Some(conflict), _) => Some(conflict.theirs.as_deref()),
            (None, Some(outside)) => Some(outside.as_deref()),
            (None, None) => None,
        }
    }

    /// Why the text cannot be saved, if so.
    #[must_use]
    pub fn problem(&self) -> Option<&ParseFailure> {
        self.parsed.as_ref().err()
    }

    /// Bytes that the value takes when stored, if it can be.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        match (&self.parsed, &self.seen) {
            (Ok(Some(parsed)), _) => Some(parsed.stored.bytes.len()),
            (Ok(None), Some(seen)) => Some(seen.entry.value.bytes.len()),
            _ => None,
        }
    }

    /// The commit that saves it: checked against what was seen, expiry kept unless changed, and the value's
    /// original bytes where its text is unchanged.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the key or the value.
    pub fn operation(&self, now: i64) -> Result<AtomicOperation, String> {
        let key = match &self.key {
            Some(key) => key.clone(),
            None => parse_key(&self.key_text)?,
        };
        let seen = self.seen.as_ref().map(|seen| &seen.entry);
        let value = match (&self.parsed, seen) {
            (Ok(Some(parsed)), _) => parsed.stored.clone(),
            (Ok(None), Some(seen)) => seen.value.clone(),
            (Ok(None), None) => return Err("A value is needed".to_owned()),
            (Err(problem), _) => return Err(problem.to_string()),
        };
        let expires_at = match self.expiry {
            ExpiryDraft::Keep => seen.and_then(|seen| seen.expires_at),
            ExpiryDraft::Never => None,
            ExpiryDraft::After(milliseconds) => Some(now.saturating_add(milliseconds)),
            ExpiryDraft::At(moment) => Some(moment),
        };
        Ok(AtomicOperation::new()
            .check(key.clone(), seen.map(|seen| seen.versionstamp))
            .set_expiring(key, value, expires_at))
    }

    /// Takes what stands there now as what was seen, and keeps the text: the next save overwrites it knowingly.
    pub fn rebase(&mut self) {
        let theirs = match (self.conflict.take(), self.outside.take()) {
            (Some(conflict), _) => conflict.theirs,
            (None, Some(outside)) => outside,
            (None, None) => return,
        };
        // A deleted entry is made anew, so the check becomes "absent"; the key stays fixed.
        self.seen = theirs;
        self.parsed = ParsedValue::of(&self.text).map(Some);
    }
}

/// Reads a key that can be written.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn parse_key(text: &str) -> Result<EncodedKey, String> {
    let key: Key = text.parse().map_err(|error| format!("{error}"))?;
    if key.0.is_empty() {
        return Err(limits::LimitError::EmptyKey.to_string());
    }
    let encoded = key.encode().map_err(|error| error.to_string())?;
    if encoded.as_bytes().len() > limits::KEY_BYTES {
        return Err(limits::LimitError::KeyForWrite.to_string());
    }
    Ok(encoded)
}

/// Reads a value that can be written.
///
/// # Errors
/// Where the text is no literal, or the value is too large or of a kind that cannot be stored.
pub fn parse_value(text: &str) -> Result<StoredValue, ParseFailure> {
    ParsedValue::of(text).map(|parsed| parsed.stored)
}

impl ParsedValue {
    fn of(text: &str) -> Result<Self, ParseFailure> {
        let value = literal::parse(text).map_err(ParseFailure::Literal)?;
        let stored =
            StoredValue::from_value(&value).map_err(|error| ParseFailure::Value(error.to_string()))?;
        if stored.bytes.len() > limits::VALUE_BYTES {
            return Err(ParseFailure::Value(limits::LimitError::Value.to_string()));
        }
        Ok(Self { value, stored })
    }
}

/// The entry panel's state.
#[derive(Debug, Default)]
pub struct EntryPanel {
    /// How the value is shown.
    pub view: ValueView,
    /// What is shown.
    pub shown: Shown,
    /// The new entry that is being written, if any.
    pub new_entry: Option<Draft>,
    drafts: HashMap<EncodedKey, Draft>,
}

impl EntryPanel {
    /// The key that is shown.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        match &self.shown {
            Shown::Nothing => None,
            Shown::Loading(key) | Shown::Absent(key) | Shown::Failed(key, _) => Some(key),
            Shown::Entry(loaded) => Some(&loaded.entry.key),
        }
    }

    /// The entry that is shown.
    #[must_use]
    pub fn entry(&self) -> Option<&Entry> {
        match &self.shown {
            Shown::Entry(loaded) => Some(&loaded.entry),
            _ => None,
        }
    }

    /// Shows another key; the draft of the one before is kept.
    pub fn select(&mut self, key: EncodedKey) {
        if self.key() != Some(&key) {
            self.shown = Shown::Loading(key);
        }
        self.new_entry = None;
    }

    /// The draft of a key.
    #[must_use]
    pub fn draft(&self, key: &EncodedKey) -> Option<&Draft> {
        self.drafts.get(key)
    }

    /// The draft of the key that is shown, begun if there is none.
    pub fn draft_of_shown(&mut self) -> Option<&mut Draft> {
        let Shown::Entry(loaded) = &self.shown else {
            let key = self.key()?.clone();
            return self.drafts.get_mut(&key);
        };
        Some(
            self.drafts
                .entry(loaded.entry.key.clone())
                .or_insert_with(|| Draft::of(loaded)),
        )
    }

    /// The draft that Save would save: the new entry's, or that of the key shown if it differs.
    #[must_use]
    pub fn current(&self) -> Option<&Draft> {
        self.new_entry
            .as_ref()
            .or_else(|| self.drafts.get(self.key()?))
            .filter(|draft| draft.is_changed())
    }

    /// The same, to change it.
    pub fn current_mut(&mut self) -> Option<&mut Draft> {
        if self.new_entry.is_some() {
            return self.new_entry.as_mut();
        }
        let key = self.key()?.clone();
        self.drafts.get_mut(&key).filter(|draft| draft.is_changed())
    }

    /// Gives up the edit that is shown.
    pub fn revert(&mut self) {
        if self.new_entry.take().is_none()
            && let Some(key) = self.key().cloned()
        {
            self.drafts.remove(&key);
        }
    }

    /// The edits of entries that differ from what was seen.
    pub fn changed(&self) -> impl Iterator<Item = &Draft> {
        self.drafts.values().filter(|draft| draft.is_changed())
    }

    /// Takes up an edit of an earlier run.
    pub fn restore(&mut self, draft: Draft) {
        if let Some(key) = draft.key.clone() {
            self.drafts.insert(key, draft);
        }
    }

    /// How many edits wait to be saved.
    #[must_use]
    pub fn num_changed(&self) -> usize {
        self.drafts.values().filter(|draft| draft.is_changed()).count()
            + usize::from(self.new_entry.is_some())
    }

    /// Takes an entry that was read. An edit of it is told, never overwritten.
    pub fn apply_entry(&mut self, key: &EncodedKey, entry: Result<Option<Box<LoadedEntry>>, String>) {
        if let Ok(entry) = &entry
            && let Some(draft) = self.drafts.get_mut(key)
        {
            let seen = draft.seen.as_ref().map(|seen| seen.entry.versionstamp);
            let now = entry.as_ref().map(|entry| entry.entry.versionstamp);
            if seen == now {
                draft.outside = None;
            } else if draft.is_changed() && draft.saving.is_none() {
                draft.outside = Some(entry.clone());
            } else if draft.saving.is_none() {
                self.drafts.remove(key);
            }
        }
        if self.key() != Some(key) {
            return;
        }
        self.shown = match entry {
            Ok(Some(loaded)) => Shown::Entry(loaded),
            Ok(None) => Shown::Absent(key.clone()),
            Err(error) => Shown::Failed(key.clone(), error),
        };
    }

    /// The draft whose commit has this ticket, with its key if it is not new.
    pub fn saving_mut(&mut self, ticket: u64) -> Option<&mut Draft> {
        if self
            .new_entry
            .as_ref()
            .is_some_and(|draft| draft.saving == Some(ticket))
        {
            return self.new_entry.as_mut();
        }
        self.drafts
            .values_mut()
            .find(|draft| draft.saving == Some(ticket))
    }

    /// Forgets the draft whose commit succeeded.
    pub fn saved(&mut self, ticket: u64) {
        if self
            .new_entry
            .as_ref()
            .is_some_and(|draft| draft.saving == Some(ticket))
        {
            self.new_entry = None;
        }
        self.drafts.retain(|_, draft| draft.saving != Some(ticket));
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::Versionstamp;

    use super::*;

    fn loaded(code: &str, counter: u64, expires_at: Option<i64>) -> LoadedEntry {
        LoadedEntry::new(Entry {
            key: parse_key(r#"["a"]"#).unwrap(),
            value: parse_value(code).unwrap(),
            versionstamp: Versionstamp::from_counter(counter),
            expires_at,
        })
    }

    fn panel(loaded: LoadedEntry) -> EntryPanel {
        EntryPanel {
            shown: Shown::Entry(Box::new(loaded)),
            ..EntryPanel::default()
        }
    }

    #[test]
    fn a_save_checks_what_was_seen_and_keeps_the_expiry() {
        let mut panel = panel(loaded("1", 7, Some(5000)));
        let draft = panel.draft_of_shown().unwrap();
        assert!(!draft.is_changed());
        draft.text = "2".to_owned();
        draft.parse();
        let key = parse_key(r#"["a"]"#).unwrap();
        let expected = AtomicOperation::new()
            .check(key.clone(), Some(Versionstamp::from_counter(7)))
            .set_expiring(key, parse_value("2").unwrap(), Some(5000));
        assert_eq!(draft.operation(0), Ok(expected));
    }

    #[test]
    fn an_unchanged_value_is_stored_as_its_original_bytes() {
        let mut entry = loaded("1.5", 7, None).entry;
        // Written by a newer V8, with a header that Keyglass would not write.
        entry.value.bytes = [&[0xff, 0x10], entry.value.bytes.get(2..).unwrap()]
            .concat()
            .into();
        let mut panel = panel(LoadedEntry::new(entry.clone()));
        let draft = panel.draft_of_shown().unwrap();
        draft.expiry = ExpiryDraft::After(1000);
        let operation = draft.operation(10).unwrap();
        assert_eq!(
            operation,
            AtomicOperation::new()
                .check(entry.key.clone(), Some(entry.versionstamp))
                .set_expiring(entry.key, entry.value, Some(1010))
        );
    }

    #[test]
    fn a_change_from_outside_leaves_the_text_being_edited_alone() {
        let mut panel = panel(loaded("1", 7, None));
        let draft = panel.draft_of_shown().unwrap();
        draft.text = "{mine: 1}".to_owned();
        draft.parse();
        let key = parse_key(r#"["a"]"#).unwrap();
        panel.apply_entry(&key, Ok(Some(Box::new(loaded("2", 8, None)))));
        let draft = panel.draft(&key).unwrap();
        assert_eq!(draft.text, "{mine: 1}");
        assert!(draft.outside.is_some());
        // Saving would still check the version that was seen.
        assert_eq!(
            draft.operation(0).unwrap().checks.first().unwrap().versionstamp,
            Some(Versionstamp::from_counter(7))
        );
        let draft = panel.draft_of_shown().unwrap();
        draft.rebase();
        assert_eq!(
            draft.operation(0).unwrap().checks.first().unwrap().versionstamp,
            Some(Versionstamp::from_counter(8))
        );
        assert_eq!(draft.text, "{mine: 1}");
    }

    #[test]
    fn an_untouched_draft_follows_the_entry() {
        let mut panel = panel(loaded("1", 7, None));
        panel.draft_of_shown();
        let key = parse_key(r#"["a"]"#).unwrap();
        panel.apply_entry(&key, Ok(Some(Box::new(loaded("2", 8, None)))));
        assert_eq!(panel.draft_of_shown().unwrap().text, "2");
    }

    #[test]
    fn a_new_entry_must_not_exist_yet() {
        let mut draft = Draft::new_entry(r#"["b", 1]"#.to_owned());
        assert!(draft.operation(0).is_err());
        draft.text = "true".to_owned();
        draft.parse();
        let operation = draft.operation(0).unwrap();
        assert_eq!(operation.checks.first().unwrap().versionstamp, None);
        draft.key_text = "[]".to_owned();
        assert_eq!(draft.operation(0), Err("key cannot be empty".to_owned()));
    }

    #[test]
    fn a_text_that_is_no_value_says_why() {
        assert!(parse_value("{a: }").is_err());
        assert_eq!(
            parse_value(&format!("\"{}\"", "x".repeat(70_000))).map_err(|failure| failure.to_string()),
            Err("Value too large (max 65536 bytes)".to_owned())
        );
    }
}
