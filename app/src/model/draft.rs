//! Edits that are not saved yet: parsed as they are typed, checked against what was seen when they are saved.

use keyglass_store::key::{EncodedKey, Key};
use keyglass_store::limits::Limits;
use keyglass_store::value::literal::{self, LiteralError};
use keyglass_store::{AtomicOperation, Entry, StoredValue, Value, Versionstamp};

use super::key_draft::{KeyDraft, KeyError};
use crate::content::identity::{Parted, with_identity_of};
use crate::content::row::LoadedEntry;

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
    /// The key as typed; fixed unless the entry is new.
    pub key_draft: KeyDraft,
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
    /// What the database takes.
    limits: Limits,
    /// What the text says; `None` while it says what was seen.
    parsed: Result<Option<ParsedValue>, ParseFailure>,
}

/// A value that was typed.
#[derive(Debug, Clone)]
struct ParsedValue {
    value: Value,
    stored: StoredValue,
    /// What was one object in what was seen, and is several now.
    parted: Vec<Parted>,
}

/// Why a draft's text is no value that can be stored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParseFailure {
    /// The text is no literal.
    #[error(transparent)]
    Literal(#[from] LiteralError),
    /// The value cannot be stored.
    #[error("{0}")]
    Value(String),
}

/// Why an edit cannot be committed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// The key of a new entry is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A new entry has no value yet.
    #[error("A value is needed")]
    NoValue,
    /// The text is no value that can be stored.
    #[error(transparent)]
    Value(#[from] ParseFailure),
}

impl Draft {
    /// An edit of an entry that is there, in a database of such limits.
    #[must_use]
    pub fn of(loaded: &LoadedEntry, limits: Limits) -> Self {
        Self {
            key_draft: KeyDraft::of_stored(&loaded.entry.key),
            text: loaded.code.clone(),
            expiry: ExpiryDraft::Keep,
            saving: None,
            conflict: None,
            outside: None,
            key: Some(loaded.entry.key.clone()),
            seen: Some(Box::new(loaded.clone())),
            revision: 0,
            limits,
            parsed: Ok(None),
        }
    }

    /// A new entry, with the beginning of its key, in a database of such limits.
    #[must_use]
    pub fn new_entry(key_draft: KeyDraft, limits: Limits) -> Self {
        let mut draft = Self {
            key_draft,
            text: String::new(),
            expiry: ExpiryDraft::Never,
            saving: None,
            conflict: None,
            outside: None,
            key: None,
            seen: None,
            revision: 0,
            limits,
            parsed: Ok(None),
        };
        draft.parse();
        draft
    }

    /// The key; `None` while the entry is new.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        self.key.as_ref()
    }

    /// The key's text.
    #[must_use]
    pub fn key_text(&self) -> String {
        self.key_draft.text()
    }

    /// To be called after the key of a new entry was edited: what was seen stood under another key.
    pub fn key_changed(&mut self) {
        if self.key.is_none() {
            self.seen = None;
            self.conflict = None;
            self.outside = None;
            self.parse();
        }
    }

    /// The entry has got another key, and the commit that did that is the state that was seen.
    pub fn moved(&mut self, key: &EncodedKey, versionstamp: Versionstamp) {
        self.key_draft = KeyDraft::of_stored(key);
        self.key = Some(key.clone());
        self.conflict = None;
        self.outside = None;
        if let Some(seen) = &mut self.seen {
            seen.entry.key = key.clone();
            seen.entry.versionstamp = versionstamp;
        }
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
            ParsedValue::of(&self.text, None, self.seen.as_deref(), &self.limits).map(Some)
        };
    }

    /// Takes a value that was edited as a tree.
    ///
    /// # Errors
    /// If it cannot be stored; then nothing changes.
    pub fn set_value(&mut self, value: &Value) -> Result<(), ParseFailure> {
        let text = literal::print(value, crate::content::row::CODE_WIDTH);
        // Read back from the text, so that what is saved is what is shown.
        let parsed = ParsedValue::of(&text, Some(value), self.seen.as_deref(), &self.limits)?;
        let is_as_seen = self.seen.as_ref().is_some_and(|seen| seen.code == text);
        self.text = text;
        self.parsed = Ok((!is_as_seen).then_some(parsed));
        self.revision += 1;
        Ok(())
    }

    /// What was one object in what was seen, and is several now.
    #[must_use]
    pub fn parted(&self) -> &[Parted] {
        match &self.parsed {
            Ok(Some(parsed)) => &parsed.parted,
            _ => &[],
        }
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
    /// What is wrong with the key or the value.
    pub fn operation(&self, now: i64) -> Result<AtomicOperation, EditError> {
        let key = match &self.key {
            Some(key) => key.clone(),
            None => self.key_draft.key(&self.limits)?,
        };
        let seen = self.seen.as_ref().map(|seen| &seen.entry);
        let value = match (&self.parsed, seen) {
            (Ok(Some(parsed)), _) => parsed.stored.clone(),
            (Ok(None), Some(seen)) => seen.value.clone(),
            (Ok(None), None) => return Err(EditError::NoValue),
            (Err(problem), _) => return Err(problem.clone().into()),
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

    /// Whether an entry is what saving this would store, so that nothing is left to save.
    #[must_use]
    pub fn is_stored_as(&self, entry: &Entry) -> bool {
        let Ok(Some(parsed)) = &self.parsed else {
            return false;
        };
        let has_expiry = match self.expiry {
            ExpiryDraft::Keep => {
                let seen = self.seen.as_ref().and_then(|seen| seen.entry.expires_at);
                entry.expires_at == seen
            }
            ExpiryDraft::Never => entry.expires_at.is_none(),
            ExpiryDraft::At(moment) => entry.expires_at == Some(moment),
            ExpiryDraft::After(_) => false,
        };
        has_expiry && parsed.stored == entry.value
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
        self.parsed = ParsedValue::of(&self.text, None, self.seen.as_deref(), &self.limits).map(Some);
        // So that it is kept between runs as it is from here on.
        self.revision += 1;
    }
}

/// Reads a key; what a database takes of it, its limits say.
///
/// # Errors
/// What is wrong with it.
pub fn parse_key(text: &str) -> Result<EncodedKey, KeyError> {
    Ok(text.parse::<Key>()?.encode()?)
}

/// Reads a value; what a database takes of it, its limits say.
///
/// # Errors
/// Where the text is no literal, or the value of a kind that cannot be stored.
pub fn parse_value(text: &str) -> Result<StoredValue, ParseFailure> {
    let value = literal::parse(text).map_err(ParseFailure::Literal)?;
    stored(&value)
}

fn stored(value: &Value) -> Result<StoredValue, ParseFailure> {
    StoredValue::from_value(value).map_err(|error| ParseFailure::Value(error.to_string()))
}

impl ParsedValue {
    /// What a text says. What is one object in it follows from the value that was printed as the text, if it was,
    /// and from what was seen.
    fn of(
        text: &str,
        printed: Option<&Value>,
        seen: Option<&LoadedEntry>,
        limits: &Limits,
    ) -> Result<Self, ParseFailure> {
        let mut value = literal::parse(text).map_err(ParseFailure::Literal)?;
        if let Some(printed) = printed {
            value = with_identity_of(value, printed).0;
        }
        let seen_value = seen.and_then(|seen| Some((seen, seen.value.as_ref().ok()?)));
        let mut parted = Vec::new();
        if let Some((seen, before)) = seen_value {
            (value, parted) = with_identity_of(value, before);
            if value == *before {
                let stored = seen.entry.value.clone();
                return Ok(Self {
                    value,
                    stored,
                    parted,
                });
            }
        }
        let stored = stored(&value)?;
        let fits = limits.check_value(stored.bytes.len());
        fits.map_err(|limit| ParseFailure::Value(limit.to_string()))?;
        Ok(Self {
            value,
            stored,
            parted,
        })
    }
}
