//! A question before something that cannot be taken back.

use keyglass_store::EncodedKey;

use crate::action::Action;
use crate::model::key_draft::KeyError;
use crate::model::target::typed_prefix;
use crate::model::typed_name::TypedName;

/// A question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Confirm {
    /// What is asked: `Delete 1,204 entries?`
    pub title: String,
    /// What it means.
    pub body: String,
    /// What it concerns, one a line, in the font of data.
    pub items: Vec<String>,
    /// The text of the button that does it: `Delete`.
    pub action: String,
    /// Whether it destroys something.
    pub danger: bool,
    /// The name that has to be typed first.
    pub typed: Option<TypedName>,
    /// The text of a prefix that limits what is read, where it can be limited; empty for everything.
    pub within: Option<String>,
}

impl Confirm {
    /// The prefix that was typed; `None` if none was.
    ///
    /// # Errors
    /// Why the text is none.
    pub fn prefix(&self) -> Result<Option<EncodedKey>, KeyError> {
        match self.within.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => typed_prefix(text).map(Some),
        }
    }
}

/// A question with what happens if it is confirmed.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is asked.
    pub confirm: Confirm,
    /// What to do then, stamped with its target.
    pub action: Action,
}

impl Question {
    /// What to do by what was answered.
    #[must_use]
    pub fn answered(&self) -> Action {
        match (&self.action, self.confirm.prefix()) {
            (Action::On(id, action), Ok(Some(prefix))) => Action::On(*id, action.clone().within(&prefix)),
            (action, _) => action.clone(),
        }
    }
}
