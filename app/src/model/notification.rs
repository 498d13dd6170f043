//! What a watch does when something changes, as a person chooses it.

use serde::{Deserialize, Serialize};

use super::database_id::DatabaseId;
use super::target::Target;
use crate::content::condition::{Condition, ConditionError};

/// What a watch does, and when.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct NotificationChoice {
    /// The condition that has to become true; any change if empty.
    pub condition: String,
    /// Tells it in the window.
    pub notice: bool,
    /// Tells it by the system, while the window is not in front.
    pub system: bool,
    /// Runs this command line; none if empty.
    pub command: String,
}

impl Default for NotificationChoice {
    fn default() -> Self {
        Self {
            condition: String::new(),
            notice: true,
            system: false,
            command: String::new(),
        }
    }
}

impl NotificationChoice {
    /// The condition, if there is one.
    ///
    /// # Errors
    /// If its text is none.
    pub fn read_condition(&self) -> Result<Option<Condition>, ConditionError> {
        match self.condition.trim() {
            "" => Ok(None),
            text => Condition::parse(text).map(Some),
        }
    }

    /// Whether it does anything.
    #[must_use]
    pub fn does_anything(&self) -> bool {
        self.notice || self.system || !self.command.trim().is_empty()
    }

    /// When it does what, in words: `When value.stock < 5: a notice, and runs notify-send`.
    #[must_use]
    pub fn told(&self) -> String {
        let when = match self.condition.trim() {
            "" => "On any change".to_owned(),
            condition => format!("When {condition}"),
        };
        let command = self.command.trim();
        let does = [
            self.notice.then(|| "a notice".to_owned()),
            self.system.then(|| "a system notification".to_owned()),
            (!command.is_empty()).then(|| format!("runs {command}")),
        ];
        let does: Vec<String> = does.into_iter().flatten().collect();
        format!("{when}: {}", does.join(", "))
    }
}

/// What is chosen in the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationDraft {
    /// Whose keys they are.
    pub database: DatabaseId,
    /// Which keys.
    pub target: Target,
    /// How many entries they are, of several that were selected.
    pub entries: Option<u64>,
    /// What those are called.
    pub name: String,
    /// Whether it waits for the condition.
    pub waits: bool,
    /// Whether it runs the command.
    pub runs: bool,
    /// What it does; the condition and the command only if they are switched on.
    pub choice: NotificationChoice,
    /// Whether there is one already.
    pub has_one: bool,
    /// What became of its command last.
    pub last_run: Option<String>,
}

/// A notification cannot be set as it was chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotificationError {
    /// The condition is missing.
    #[error("Type the condition, such as value.stock < 5")]
    NoCondition,
    /// The condition cannot be read.
    #[error(transparent)]
    Condition(#[from] ConditionError),
    /// The command line is missing.
    #[error("Type the command line")]
    NoCommand,
    /// It would do nothing.
    #[error("Choose what it does")]
    Nothing,
}

impl NotificationDraft {
    /// What was chosen.
    ///
    /// # Errors
    /// What is missing, or cannot be read.
    pub fn chosen(&self) -> Result<NotificationChoice, NotificationError> {
        let mut choice = self.choice.clone();
        if !self.waits {
            choice.condition.clear();
        } else if choice.condition.trim().is_empty() {
            return Err(NotificationError::NoCondition);
        }
        choice.read_condition()?;
        if !self.runs {
            choice.command.clear();
        } else if choice.command.trim().is_empty() {
            return Err(NotificationError::NoCommand);
        }
        match choice.does_anything() {
            true => Ok(choice),
            false => Err(NotificationError::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::EncodedKey;

    use super::*;

    fn draft() -> NotificationDraft {
        NotificationDraft {
            database: DatabaseId::unique(),
            target: Target::Below(EncodedKey::default()),
            entries: None,
            name: "all keys".to_owned(),
            waits: false,
            runs: false,
            choice: NotificationChoice::default(),
            has_one: false,
            last_run: None,
        }
    }

    #[test]
    fn what_is_switched_off_is_not_set() {
        let mut draft = draft();
        "value.stock <".clone_into(&mut draft.choice.condition);
        "true".clone_into(&mut draft.choice.command);
        let chosen = draft.chosen().unwrap();
        assert_eq!(chosen, NotificationChoice::default());
        assert_eq!(chosen.told(), "On any change: a notice");
    }

    #[test]
    fn what_cannot_be_set_says_why() {
        let mut draft = draft();
        draft.choice.notice = false;
        assert_eq!(draft.chosen().unwrap_err(), NotificationError::Nothing);
        draft.runs = true;
        assert_eq!(draft.chosen().unwrap_err(), NotificationError::NoCommand);
        "notify".clone_into(&mut draft.choice.command);
        draft.waits = true;
        assert_eq!(draft.chosen().unwrap_err(), NotificationError::NoCondition);
        "value.stock <".clone_into(&mut draft.choice.condition);
        assert!(draft.chosen().is_err());
        "value.stock < 5".clone_into(&mut draft.choice.condition);
        assert_eq!(
            draft.chosen().unwrap().told(),
            "When value.stock < 5: runs notify"
        );
    }
}
