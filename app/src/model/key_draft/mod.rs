//! A key that is being written, part by part: each part has a type and a text, and may be wrong for a while.

mod part;

use keyglass_store::key::{EncodedKey, Key};
use keyglass_store::limits;

pub use part::{PartDraft, PartKind};

/// A part whose text has the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Editing {
    index: usize,
    /// What it was, for Escape.
    before: PartDraft,
    /// The field has got the keyboard's focus.
    has_focus: bool,
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

    /// A key below a prefix: with one more part, which is being edited.
    #[must_use]
    pub fn below(prefix: &str) -> Self {
        let mut draft = Self::of_text(prefix);
        draft.add();
        draft
    }

    /// The parts.
    #[must_use]
    pub fn parts(&self) -> &[PartDraft] {
        &self.parts
    }

    /// The literal, whether it is right or not.
    #[must_use]
    pub fn text(&self) -> String {
        self.text.clone().unwrap_or_else(|| {
            let parts: Vec<String> = self.parts.iter().map(PartDraft::literal).collect();
            format!("[{}]", parts.join(", "))
        })
    }

    /// The parts as they are, also of a key that is too long to be written.
    ///
    /// # Errors
    /// A sentence that says which part is wrong.
    pub fn parse(&self) -> Result<Key, String> {
        if let Some(text) = &self.text {
            return text.parse().map_err(|error| format!("{error}"));
        }
        let numbered = |(index, part): (usize, &PartDraft)| {
            part.part()
                .map_err(|reason| format!("Part {}: {reason}", index + 1))
        };
        self.parts.iter().enumerate().map(numbered).collect()
    }

    /// The key to write.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn key(&self) -> Result<EncodedKey, String> {
        encode_for_writing(&self.parse()?)
    }

    /// Bytes that the key takes, if it is one.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        let encoded = self.parse().ok()?.encode().ok()?;
        Some(encoded.as_bytes().len())
    }

    /// Adds an empty part at the end and edits it.
    pub fn add(&mut self) {
        if self.text.is_none() {
            self.parts.push(PartDraft::empty());
            self.edit(self.parts.len() - 1);
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

    /// Edits a part.
    pub fn edit(&mut self, index: usize) {
        self.editing = self.parts.get(index).map(|part| Editing {
            index,
            before: part.clone(),
            has_focus: false,
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

    /// Edits the key as a text, or as parts if the text is a key.
    pub fn toggle_text(&mut self) {
        *self = match &self.text {
            Some(text) => Self::of_text(text),
            None => Self {
                text: Some(self.text()),
                ..Self::default()
            },
        };
    }
}

/// The bytes of a key that can be written.
///
/// # Errors
/// A sentence that says which limit it exceeds.
pub fn encode_for_writing(key: &Key) -> Result<EncodedKey, String> {
    if key.0.is_empty() {
        return Err(limits::LimitError::EmptyKey.to_string());
    }
    let encoded = key.encode().map_err(|error| error.to_string())?;
    if encoded.as_bytes().len() > limits::KEY_BYTES {
        return Err(limits::LimitError::KeyForWrite.to_string());
    }
    Ok(encoded)
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
        assert_eq!(draft.parse().unwrap().to_string(), text);
    }

    #[test]
    fn parts_are_added_moved_and_removed() {
        let mut draft = KeyDraft::below(r#"["a", 1]"#);
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
    fn a_text_that_is_no_key_is_kept_and_a_limit_is_told() {
        let mut draft = KeyDraft::of_text("['users', ");
        assert!(draft.is_text() && draft.key().is_err());
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
            draft.key().unwrap_err(),
            "Key too large for write (max 2048 bytes)"
        );
        assert_eq!(KeyDraft::default().key().unwrap_err(), "key cannot be empty");
    }
}
