//! What of one open database is kept between runs: edits that wait to be saved, the transaction, and what the
//! tree shows.

use keyglass_store::Entry;
use keyglass_store::key::{EncodedKey, Key};
use keyglass_store::limits::Limits;
use keyglass_store::value::{Encoding, StoredValue};
use serde::{Deserialize, Serialize};

use super::draft::{Draft, ExpiryDraft};
use super::key_draft::KeyDraft;
use super::notification::NotificationChoice;
use super::saved_filters::{SavedFilter, SavedFilters};
use super::transaction::{SavedOperation, SavedTransaction};
use crate::content::row::LoadedEntry;

/// Unfolded nodes that are remembered; reading thousands of levels again would take longer than it helps.
pub const EXPANDED_LIMIT: usize = 200;

/// What is kept of one open database. Keys are JavaScript text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedSession {
    /// The key in the entry panel.
    pub shown: Option<String>,
    /// The folder of the tree that is selected, if that is what the entry panel shows.
    pub folder: Option<String>,
    /// The prefix that the table lists.
    pub listed: Option<String>,
    /// What the table lists with its options, if it has any.
    pub options: Option<SavedFilter>,
    /// Unfolded nodes of the tree, parents first.
    pub expanded: Vec<String>,
    /// Edits of entries.
    pub drafts: Vec<SavedDraft>,
    /// Keys of entries, and the new ones that are being written for them.
    pub renames: Vec<(String, String)>,
    /// The entry that is being written under a new key, and is shown.
    pub new_entry: Option<SavedDraft>,
    /// Those that wait while something else is shown.
    pub set_aside: Vec<SavedDraft>,
    /// Keys and prefixes that are watched.
    pub watched: Vec<String>,
    /// What watches do when something changes. Only what a person typed in a window comes here, never what a file of others
    /// or a database holds, because it names command lines.
    pub notifications: Vec<SavedNotification>,
    /// Rows of the transaction that is shown.
    pub transaction: Vec<SavedOperation>,
    /// What it is called.
    pub transaction_name: String,
    /// The other drafts of transactions.
    pub transactions: Vec<SavedTransaction>,
    /// Rows that several windows added came together in the transaction, and nobody was told yet.
    pub transaction_met: bool,
    /// The versionstamp of the commit that was made of these rows, so that it is not made again unasked.
    pub committed: Option<String>,
    /// What was listed, under names.
    pub filters: SavedFilters,
    /// Whether it is unlocked when it is opened, as was asked for.
    pub unlocked: bool,
}

impl SavedSession {
    /// Whether it holds what a person wrote, and not only where he was.
    #[must_use]
    pub fn is_precious(&self) -> bool {
        let edits = self.drafts.len() + self.renames.len() + self.set_aside.len();
        let edits = edits + self.transaction.len() + self.transactions.len();
        edits > 0 || !self.notifications.is_empty() || self.new_entry.is_some() || !self.filters.is_empty()
    }

    /// Forgets the edits, which were given up.
    pub fn drop_drafts(&mut self) {
        self.drafts.clear();
        self.renames.clear();
        self.new_entry = None;
        self.set_aside.clear();
    }
}

/// What a watch does when something changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedNotification {
    /// The key or prefix that is watched.
    pub watched: String,
    /// What it does.
    pub choice: NotificationChoice,
}

/// An edit that waits to be saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedDraft {
    key: String,
    text: String,
    expiry: ExpiryDraft,
    seen: Option<SavedEntry>,
}

/// The entry as it was when the edit began, so that a save is still checked against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SavedEntry {
    /// The key's bytes as hexadecimal digits: not every key has a text, or one that tells its bytes.
    #[serde(default)]
    key: Option<String>,
    versionstamp: String,
    encoding: i64,
    /// The value's bytes as hexadecimal digits.
    value: String,
    expires_at: Option<i64>,
}

impl SavedDraft {
    /// The text of its key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is kept of an edit.
    #[must_use]
    pub fn of(draft: &Draft) -> Self {
        let seen = draft.seen().map(|seen| SavedEntry {
            key: Some(to_hex(seen.entry.key.as_bytes())),
            versionstamp: seen.entry.versionstamp.to_string(),
            encoding: seen.entry.value.encoding.number(),
            value: to_hex(&seen.entry.value.bytes),
            expires_at: seen.entry.expires_at,
        });
        Self {
            key: draft.key_text(),
            text: draft.text.clone(),
            expiry: draft.expiry,
            seen,
        }
    }

    /// The edit again, in a database of such limits; `None` if what was kept cannot be read.
    #[must_use]
    pub fn restore(&self, limits: Limits) -> Option<Draft> {
        let mut draft = match &self.seen {
            Some(seen) => Draft::of(
                &LoadedEntry::new(Entry {
                    key: match &seen.key {
                        Some(bytes) => EncodedKey::from_bytes(from_hex(bytes)?),
                        None => read_key(&self.key)?,
                    },
                    value: StoredValue {
                        encoding: Encoding::from_number(seen.encoding),
                        bytes: from_hex(&seen.value)?.into(),
                    },
                    versionstamp: seen.versionstamp.parse().ok()?,
                    expires_at: seen.expires_at,
                }),
                limits,
            ),
            None => Draft::new_entry(KeyDraft::of_text(&self.key), limits),
        };
        draft.text.clone_from(&self.text);
        draft.expiry = self.expiry;
        draft.parse();
        Some(draft)
    }
}

/// A key or a prefix from its text.
#[must_use]
pub fn read_key(text: &str) -> Option<EncodedKey> {
    text.parse::<Key>().ok()?.encode().ok()
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _written = write!(text, "{byte:02x}");
            text
        })
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use keyglass_store::Versionstamp;

    use super::*;
    use crate::model::draft::{parse_key, parse_value};

    #[test]
    fn an_edit_comes_back_with_what_its_save_is_checked_against() {
        let loaded = LoadedEntry::new(Entry {
            key: parse_key(r#"["a", 1n]"#).unwrap(),
            value: parse_value("{credit: 20}").unwrap(),
            versionstamp: Versionstamp::from_counter(7),
            expires_at: Some(99),
        });
        let mut draft = Draft::of(&loaded, Limits::DENO);
        "{credit: 21".clone_into(&mut draft.text);
        draft.parse();
        let json = serde_json::to_string(&SavedDraft::of(&draft)).unwrap();
        let mut restored = serde_json::from_str::<SavedDraft>(&json)
            .unwrap()
            .restore(Limits::DENO)
            .unwrap();
        assert_eq!(restored.text, "{credit: 21");
        assert!(restored.problem().is_some());
        "{credit: 21}".clone_into(&mut restored.text);
        restored.parse();
        let operation = restored.operation(0).unwrap();
        assert_eq!(
            operation.checks[0].versionstamp,
            Some(Versionstamp::from_counter(7))
        );
        assert_eq!(restored.seen(), Some(&loaded));
    }

    #[test]
    fn an_edit_of_an_entry_with_odd_bytes_comes_back_under_its_key() {
        for bytes in [b"\x02a".as_slice(), b"\x16\0\x05"] {
            let loaded = LoadedEntry::new(Entry {
                key: EncodedKey::from_bytes(bytes.to_vec()),
                value: StoredValue {
                    encoding: Encoding::Unknown(9),
                    bytes: vec![1].into(),
                },
                versionstamp: Versionstamp::from_counter(7),
                expires_at: None,
            });
            let restored = SavedDraft::of(&Draft::of(&loaded, Limits::DENO))
                .restore(Limits::DENO)
                .unwrap();
            assert_eq!(restored.seen(), Some(&loaded));
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(from_hex("0g"), None);
        assert_eq!(from_hex("00ff"), Some(vec![0, 255]));
        assert_eq!(read_key("[1"), None);
    }
}
