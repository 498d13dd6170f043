//! A key that is being written, part by part: each part has a type and a text, and may be wrong for a while.

mod error;
mod part;

use keyglass_store::key::{EncodedKey, Key};
use keyglass_store::limits::Limits;

pub use error::{KeyError, PartError};
pub use part::{PartDraft, PartKind};

/// A part whose text has the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Editing {
    index: usize,
    /// What it was, for Escape.
    before: PartDraft,
    /// The field has got the keyboard's focus.
    has_focus: bool,
    /// The part is only offered, as the last one: it belongs to the key when something is typed into it.
    is_offered: bool,
}

/// A key that is being written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct KeyDraft {
    parts: Vec<PartDraft>,
    /// The whole key as a literal, while it is edited like this.
    text: Option<String>,
    editing: Option<Editing>,
}

impl KeyDraft {
    /// A key as it would have been typed.
    #[must_use]
    pub fn of(key: &Key) -> Self {
        Self {
            parts: key.0.iter().map(PartDraft::of).collect(),
            text: None,
            editing: None,
        }
    }

    /// The key that a literal says. A text that is none is edited as a text.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        match text.parse::<Key>() {
            Ok(key) => Self::of(&key),
            Err(_no_key) => Self {
                text: Some(text.to_owned()),
                ..Self::default()
            },
        }
    }

    /// A key that is there. Parts that are not touched keep their bytes.
    #[must_use]
    pub fn of_stored(key: &EncodedKey) -> Self {
        let mut start = 0;
        let parts = key.part_ends().into_iter().map(|end| {
            let bytes = key.as_bytes().get(start..end).unwrap_or_default();
            start = end;
            PartDraft::of_stored(bytes)
        });
        match parts.collect() {
            Ok(parts) => Self {
                parts,
                text: None,
                editing: None,
            },
            Err(_no_key) => Self::of_text(&key.to_string()),
        }
    }

    /// A key below a prefix: with one more part, which is being edited.
    #[must_use]
    pub fn below(prefix: &EncodedKey) -> Self {
        let mut draft = Self::of_stored(prefix);
        draft.add();
        draft
    }

    /// The parts, with one that is only offered.
    #[must_use]
    pub fn parts(&self) -> &[PartDraft] {
        &self.parts
    }

    /// The parts without one that is only offered.
    fn written(&self) -> &[PartDraft] {
        match self.parts.split_last() {
            Some((_, before)) if self.is_offered() => before,
            _ => &self.parts,
        }
    }

    /// Whether the part that is edited is only offered, and nothing was typed into it.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.editing.as_ref().is_some_and(|editing| editing.is_offered)
            && self.parts.last().is_some_and(|part| part.text.is_empty())
    }

    /// The literal, whether it is right or not.
    #[must_use]
    pub fn text(&self) -> String {
        self.text.clone().unwrap_or_else(|| {
            let parts: Vec<String> = self.written().iter().map(PartDraft::literal).collect();
            format!("[{}]", parts.join(", "))
        })
    }

    /// The bytes, also of a key that is too long to be written.
    fn encode(&self) -> Result<EncodedKey, KeyError> {
        if let Some(text) = &self.text {
            return Ok(text.parse::<Key>()?.encode()?);
        }
        let mut bytes = Vec::new();
        for (index, part) in self.written().iter().enumerate() {
            part.encode_into(&mut bytes).map_err(|source| KeyError::Part {
                number: index + 1,
                source,
            })?;
        }
        Ok(EncodedKey::from_bytes(bytes))
    }

    /// The key to write into a database of such limits.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn key(&self, limits: &Limits) -> Result<EncodedKey, KeyError> {
        let key = self.encode()?;
        limits.check_key(key.as_bytes().len())?;
        Ok(key)
    }

    /// Bytes that the key takes, if it is one.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        Some(self.encode().ok()?.as_bytes().len())
    }

    /// Adds an empty part at the end and edits it.
    pub fn add(&mut self) {
        self.end_edit(true);
        self.insert(self.parts.len());
    }

    /// Puts an empty part before another one, or at the end, and edits it.
    pub fn insert(&mut self, index: usize) {
        if self.text.is_none() && index <= self.parts.len() {
            self.parts.insert(index, PartDraft::empty());
            self.edit(index);
        }
    }

    /// Ends the edit of a part and edits the next one. After the last one another is offered if `offers`, which
    /// becomes a part as soon as something is typed. True if there is nothing more to edit.
    pub fn go_on(&mut self, offers: bool) -> bool {
        let Some(next) = self.edited().map(|index| index + 1) else {
            return true;
        };
        let was_offered = self.is_offered();
        self.end_edit(true);
        if next < self.parts.len() {
            self.edit(next);
        } else if offers && !was_offered {
            self.insert(next);
            if let Some(editing) = &mut self.editing {
                editing.is_offered = true;
            }
        }
        self.editing.is_none()
    }

    /// Removes a part and edits the one before it. The only one stays.
    pub fn remove_backwards(&mut self, index: usize) {
        if self.parts.len() > 1 {
            self.remove(index);
            self.edit(index.saturating_sub(1));
        }
    }

    /// Removes a part.
    pub fn remove(&mut self, index: usize) {
        if index < self.parts.len() {
            self.parts.remove(index);
        }
        self.editing = None;
    }

    /// Moves a part so that it stands at `to`.
    pub fn shift(&mut self, from: usize, to: usize) {
        if from < self.parts.len() && to < self.parts.len() {
            let part = self.parts.remove(from);
            self.parts.insert(to, part);
            match &mut self.editing {
                Some(editing) if editing.index == from => {
                    editing.index = to;
                    editing.has_focus = false;
                    editing.is_offered = false;
                }
                editing => *editing = None,
            }
        }
    }

    /// Makes a part another type.
    pub fn convert(&mut self, index: usize, kind: PartKind) {
        if let Some(part) = self.parts.get_mut(index) {
            part.convert(kind);
        }
        if let Some(editing) = &mut self.editing {
            editing.has_focus = false;
            editing.is_offered = false;
        }
    }

    /// Takes all parts of a literal, such as one that was pasted. False if it is no key.
    pub fn replace(&mut self, literal: &str) -> bool {
        match literal.trim().parse::<Key>() {
            Ok(key) if !key.0.is_empty() => {
                *self = Self::of(&key);
                true
            }
            _ => false,
        }
    }

    /// The whole key that was typed into a part, as if the part were all of it. A text that stood there already is
    /// meant as it is.
    #[must_use]
    pub fn typed_key(&self) -> Option<Self> {
        let editing = self.editing.as_ref()?;
        let part = self.parts.get(editing.index)?;
        let is_typed = part.kind == PartKind::String && part.text != editing.before.text;
        let mut key = Self::default();
        let is_key = is_typed && part.text.trim_start().starts_with('[') && key.replace(&part.text);
        is_key.then_some(key)
    }

    /// Edits a part.
    pub fn edit(&mut self, index: usize) {
        self.editing = self.parts.get(index).map(|part| Editing {
            index,
            before: part.clone(),
            has_focus: false,
            is_offered: false,
        });
    }

    /// Edits the last part, as where a copy differs most often.
    pub fn edit_last(&mut self) {
        if let Some(last) = self.parts.len().checked_sub(1) {
            self.edit(last);
        }
    }

    /// The part that is edited.
    #[must_use]
    pub fn edited(&self) -> Option<usize> {
        self.editing.as_ref().map(|editing| editing.index)
    }

    /// The part that is edited, to change it.
    pub fn edited_mut(&mut self) -> Option<&mut PartDraft> {
        self.parts.get_mut(self.editing.as_ref()?.index)
    }

    /// Ends the edit of a part. What was typed stays unless it is given up.
    pub fn end_edit(&mut self, keep: bool) {
        if self.is_offered() {
            self.parts.pop();
        }
        if let Some(Editing { index, before, .. }) = self.editing.take()
            && !keep
            && let Some(part) = self.parts.get_mut(index)
        {
            *part = before;
        }
    }

    /// Whether the field of the edited part shall get the keyboard's focus now; once.
    pub fn takes_focus(&mut self) -> bool {
        let begun = self.editing.as_mut().filter(|editing| !editing.has_focus);
        begun.map(|editing| editing.has_focus = true).is_some()
    }

    /// The literal while it is edited as a text.
    pub fn text_mut(&mut self) -> Option<&mut String> {
        self.text.as_mut()
    }

    /// Whether the key is edited as a text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.text.is_some()
    }

    /// Edits the key as a text, or as parts if the text is a key. A text that was not touched is the same parts.
    pub fn toggle_text(&mut self) {
        self.end_edit(true);
        match self.text.take() {
            Some(text) if text == self.text() => {}
            Some(text) => *self = Self::of_text(&text),
            None => self.text = Some(self.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_taken_apart_is_the_same_key_again() {
        let text = r#"["users", "a\"b\\\n\u202e", "", 42n, -7n, u8[01 ff], u8[], 3.5, -0, NaN, -NaN, -Infinity, 1e+21, true]"#;
        let draft = KeyDraft::of_text(text);
        assert!(!draft.is_text());
        assert_eq!(draft.text(), text);
        assert_eq!(draft.key(&Limits::DENO).unwrap().to_string(), text);
    }

    #[test]
    fn parts_are_added_moved_and_removed() {
        let mut draft = KeyDraft::of_text(r#"["a", 1]"#);
        draft.add();
        assert_eq!(draft.edited(), Some(2));
        draft.edited_mut().unwrap().text.push('z');
        draft.shift(2, 0);
        assert_eq!(
            (draft.text().as_str(), draft.edited()),
            (r#"["z", "a", 1]"#, Some(0))
        );
        draft.end_edit(false);
        assert_eq!(draft.text(), r#"["", "a", 1]"#);
        draft.remove(0);
        draft.shift(1, 9);
        assert_eq!(draft.text(), r#"["a", 1]"#);
    }

    #[test]
    fn a_part_that_is_not_touched_keeps_its_bytes() {
        // A NaN with a payload, a bigint with a leading zero, and a string.
        let mut bytes = vec![0x21, 0xff, 0xf8, 0, 0, 0, 0, 0, 7];
        bytes.extend_from_slice(&[0x16, 0, 5]);
        bytes.extend_from_slice(b"\x02a\0");
        let stored = EncodedKey::from_bytes(bytes.clone());
        let mut draft = KeyDraft::of_stored(&stored);
        assert_eq!(draft.key(&Limits::DENO).unwrap(), stored);
        // Neither is it touched by being looked at as a text.
        draft.toggle_text();
        draft.toggle_text();
        draft.edit_last();
        draft.edited_mut().unwrap().text = "b".to_owned();
        let last = bytes.len() - 2;
        bytes[last] = b'b';
        assert_eq!(draft.key(&Limits::DENO).unwrap().as_bytes(), bytes);
        draft.convert(0, PartKind::String);
        draft.convert(0, PartKind::Number);
        assert_ne!(draft.key(&Limits::DENO).unwrap().as_bytes(), bytes);
        assert_eq!(draft.text(), r#"[NaN, 5n, "b"]"#);
        // What is no key stays what it is.
        let broken = EncodedKey::from_bytes(vec![0x02, b'a']);
        assert!(KeyDraft::of_stored(&broken).key(&Limits::DENO).is_err());
    }

    #[test]
    fn what_is_only_offered_belongs_to_the_key_once_something_is_typed() {
        let mut draft = KeyDraft::of_text("['a', 1]");
        draft.edit(0);
        assert!(!draft.go_on(true));
        assert_eq!(draft.edited(), Some(1));
        assert!(!draft.go_on(true));
        assert!(draft.is_offered());
        assert_eq!((draft.text().as_str(), draft.size()), (r#"["a", 1]"#, Some(12)));
        draft.edited_mut().unwrap().text.push('b');
        assert_eq!(draft.text(), r#"["a", 1, "b"]"#);
        assert!(!draft.go_on(true));
        // Offered once more, and not taken.
        assert!(draft.go_on(true));
        assert_eq!(
            (draft.text().as_str(), draft.edited()),
            (r#"["a", 1, "b"]"#, None)
        );
        draft.edit_last();
        assert!(draft.go_on(false));
        draft.edit(0);
        draft.remove_backwards(0);
        assert_eq!((draft.text().as_str(), draft.edited()), (r#"[1, "b"]"#, Some(0)));
        draft.remove_backwards(0);
        draft.remove_backwards(0);
        assert_eq!(draft.text(), r#"["b"]"#);
    }

    #[test]
    fn a_whole_key_that_is_typed_into_a_part_is_recognised() {
        let mut draft = KeyDraft::default();
        draft.add();
        for (text, expected) in [
            ("[\"users\", 5n]", Some("[\"users\", 5n]")),
            (" ['a']", Some("[\"a\"]")),
            ("[]", None),
            ("[\"users\", 5n", None),
            ("users", None),
        ] {
            draft.edited_mut().unwrap().text = text.to_owned();
            let typed = draft.typed_key().map(|key| key.text());
            assert_eq!(typed.as_deref(), expected, "{text}");
        }
        // What stood there before is a string.
        let mut draft = KeyDraft::of_text(r#"["[1]"]"#);
        draft.edit(0);
        assert_eq!(draft.typed_key(), None);
    }

    #[test]
    fn a_text_that_is_no_key_is_kept_and_a_limit_is_told() {
        let mut draft = KeyDraft::of_text("['users', ");
        assert!(draft.is_text() && draft.key(&Limits::DENO).is_err());
        draft.toggle_text();
        assert_eq!(draft.text(), "['users', ");
        *draft.text_mut().unwrap() = "['users', 1]".to_owned();
        draft.toggle_text();
        assert_eq!(
            (draft.text().as_str(), draft.size()),
            (r#"["users", 1]"#, Some(16))
        );
        assert!(!draft.replace("1") && draft.replace(" ['x'] "));
        draft.add();
        draft.edited_mut().unwrap().text = "y".repeat(3000);
        assert_eq!(
            draft.key(&Limits::DENO).unwrap_err().to_string(),
            "Key too large for write (max 2048 bytes)"
        );
        assert_eq!(
            KeyDraft::default().key(&Limits::DENO).unwrap_err().to_string(),
            "key cannot be empty"
        );
    }
}
