//! A question before something that cannot be taken back.

use crate::action::Action;
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
}

/// A question with what happens if it is confirmed.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is asked.
    pub confirm: Confirm,
    /// What to do then, stamped with its target.
    pub action: Action,
}
