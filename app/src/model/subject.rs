//! What is selected: the one thing that commands, menus, tooltips and shortcuts are about.
//!
//! A person selects in the tree, in the table, or by going to a key. Each replaces what was selected before, so that
//! where a person acted last is what counts, and it is what the window shows as selected.

use keyglass_store::database::Counted;
use keyglass_store::key::EncodedKey;

use super::entries::EntriesModel;
use super::entry_panel::{EntryPanel, Shown};
use super::target::Target;
use super::tree::KeyTree;
use crate::content::blob::BlobKey;
use crate::content::key_set::KeySet;
use crate::format;

/// Characters of a key in the text of a menu; longer ones are named by their last part.
const KEY_CHARS: usize = 28;

/// What is selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Subject {
    /// Nothing.
    #[default]
    Nothing,
    /// Several rows of the table.
    Rows {
        /// Their keys.
        keys: KeySet,
        /// How many entries they are, those aside that have expired and are left out, once that is known.
        entries: Option<u64>,
    },
    /// A blob, which is one row for all its entries.
    Blob(BlobKey),
    /// One entry.
    Entry(EncodedKey),
    /// A key under which no entry stands.
    Key(EncodedKey),
    /// A folder of the tree that is no entry itself.
    Folder {
        /// What all keys in it begin with.
        prefix: EncodedKey,
        /// How many entries they are, those aside that have expired and are left out, once that is known.
        entries: Option<u64>,
    },
}

impl Subject {
    /// What is selected according to the models of the panels.
    #[must_use]
    pub fn of(tree: &KeyTree, entries: &EntriesModel, panel: &EntryPanel) -> Self {
        if entries.many_selected() {
            let counted = entries.selection.tally.counted();
            let keys = entries.selection.keys();
            return Self::Rows {
                keys: keys.clone(),
                entries: number(counted, entries.takes_expired_keys(keys)),
            };
        }
        if let Some(blob) = entries.selected_blob() {
            return Self::Blob(blob);
        }
        match &panel.shown {
            Shown::Nothing => Self::Nothing,
            Shown::Folder(prefix) => Self::folder(tree, prefix, entries.includes_expired()),
            Shown::Absent(key) => Self::Key(key.clone()),
            // It may have been read or not: a key is selected before its entry has come.
            Shown::Loading(key) | Shown::Failed(key, _) => Self::Entry(key.clone()),
            Shown::Entry(loaded) => Self::Entry(loaded.entry.key.clone()),
        }
    }

    /// A folder of the tree, with the number of its entries if the tree knows it; `with_expired` ones or without.
    #[must_use]
    pub fn folder(tree: &KeyTree, prefix: &EncodedKey, with_expired: bool) -> Self {
        Self::Folder {
            prefix: prefix.clone(),
            entries: number(tree.known_count(prefix), with_expired),
        }
    }

    /// The entries that it stands for; none for a key under which none stands.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        match self {
            Self::Nothing | Self::Key(_) => None,
            Self::Rows { keys, .. } => Some(Target::Selected(keys.clone())),
            Self::Blob(blob) => Some(Target::Selected(blob.entries())),
            Self::Entry(key) => Some(Target::Selected(KeySet::only(key))),
            Self::Folder { prefix, .. } => Some(Target::Below(prefix.clone())),
        }
    }

    /// Its one key, or the prefix of its keys.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        match self {
            Self::Nothing | Self::Rows { .. } => None,
            Self::Blob(blob) => Some(&blob.key),
            Self::Entry(key) | Self::Key(key) | Self::Folder { prefix: key, .. } => Some(key),
        }
    }

    /// What it is called in a menu or tooltip: `["users", 1n]`, `5 selected entries`, `96 entries below "stock"`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Rows { entries: None, .. } => "the selected entries".to_owned(),
            Self::Rows {
                entries: Some(entries),
                ..
            } => format::counted(*entries, "selected entry", "selected entries"),
            Self::Blob(blob) => format!("the blob {}", short(&blob.key)),
            Self::Entry(key) | Self::Key(key) => short(key),
            Self::Folder { prefix, entries } => {
                let number = entries.map_or_else(
                    || "everything".to_owned(),
                    |entries| format::counted(entries, "entry", "entries"),
                );
                format!("{number} below {}", folder_name(prefix))
            }
        }
    }

    /// The name of what is at and below its key: `["users"]`, or that of several rows.
    #[must_use]
    pub fn place(&self) -> String {
        self.key().map_or_else(|| self.name(), short)
    }
}

/// How many entries something is done with, if all are counted.
fn number(counted: Option<Counted>, with_expired: bool) -> Option<u64> {
    let counted = counted.filter(|counted| counted.complete)?;
    Some(if with_expired {
        counted.entries
    } else {
        counted.alive()
    })
}

/// A folder's only part as the tree shows it, or else its whole prefix.
fn folder_name(prefix: &EncodedKey) -> String {
    match prefix.decode() {
        Ok(key) => match key.0.as_slice() {
            [part] => cut(&part.to_string()),
            _ => short(prefix),
        },
        Err(_) => short(prefix),
    }
}

/// A key as text that fits in a menu: a long one by its last part, of which the beginning is shown.
fn short(key: &EncodedKey) -> String {
    let text = key.to_string();
    if text.chars().count() <= KEY_CHARS {
        return text;
    }
    let last = key
        .decode()
        .ok()
        .and_then(|key| Some((key.0.len(), key.0.last()?.to_string())));
    match last {
        Some((1, last)) => format!("[{}]", cut(&last)),
        Some((_, last)) => format!("[…, {}]", cut(&last)),
        None => cut(&text),
    }
}

fn cut(text: &str) -> String {
    let mut beginning: String = text.chars().take(KEY_CHARS).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;
    use crate::model::query::Query;
    use keyglass_store::database::Reading;

    fn key(text: &str) -> EncodedKey {
        parse_key(text).unwrap()
    }

    fn folder(text: &str, entries: Option<u64>) -> Subject {
        let prefix = key(text);
        Subject::Folder { prefix, entries }
    }

    #[test]
    fn it_is_named_by_key_number_or_folder() {
        let rows = |entries| Subject::Rows {
            keys: KeySet::default(),
            entries,
        };
        assert_eq!(Subject::Entry(key("['users', 1n]")).name(), r#"["users", 1n]"#);
        assert_eq!(rows(None).name(), "the selected entries");
        assert_eq!(rows(Some(1200)).name(), "1,200 selected entries");
        assert_eq!(
            folder("['stock']", Some(96)).name(),
            r#"96 entries below "stock""#
        );
        assert_eq!(folder("['stock']", None).name(), r#"everything below "stock""#);
        assert_eq!(
            folder("['a', 'b']", Some(1)).name(),
            r#"1 entry below ["a", "b"]"#
        );
        assert_eq!(folder("['stock']", Some(96)).place(), r#"["stock"]"#);
    }

    #[test]
    fn a_long_key_is_named_by_the_beginning_of_its_last_part() {
        let name = Subject::Entry(key("['a rather long first part', 'and a second']")).name();
        assert_eq!(name, r#"[…, "and a second"]"#);
        let name = Subject::Entry(key(&format!("['{}']", "x".repeat(500)))).name();
        assert_eq!(name, format!("[\"{}…]", "x".repeat(KEY_CHARS - 1)));
        // A part may hold what takes several bytes.
        let name = folder(&format!("['{}']", "é".repeat(500)), None).name();
        assert_eq!(name, format!("everything below \"{}…", "é".repeat(KEY_CHARS - 1)));
    }

    #[test]
    fn what_was_selected_last_is_the_subject() {
        let tree = KeyTree::new(Reading::Cheap);
        let mut entries = EntriesModel::new(Reading::Cheap);
        let mut panel = EntryPanel::default();
        assert_eq!(Subject::of(&tree, &entries, &panel), Subject::Nothing);

        let one = key("['a', 1]");
        entries.selected = Some(one.clone());
        entries.selection.set_only(Query::default().keys_of_row(&one));
        panel.select(one.clone());
        assert_eq!(Subject::of(&tree, &entries, &panel), Subject::Entry(one.clone()));
        panel.apply_entry(&one, Ok(None));
        let absent = Subject::of(&tree, &entries, &panel);
        assert_eq!(absent, Subject::Key(one));
        assert_eq!(absent.target(), None);

        // A folder in the tree.
        entries.deselect();
        panel.show_folder(key("['a']"));
        let selected = Subject::of(&tree, &entries, &panel);
        assert_eq!(selected, folder("['a']", None));
        assert_eq!(selected.target(), Some(Target::Below(key("['a']"))));
        assert_eq!(panel.key(), None);

        // Rows of what it lists.
        entries.select_all();
        let selected = Subject::of(&tree, &entries, &panel);
        assert!(matches!(selected, Subject::Rows { .. }), "{selected:?}");
        assert_eq!(selected.key(), None);
    }
}
