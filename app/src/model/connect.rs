//! A connection to a database on a server before it is made: what is typed and chosen, and what a test of it found.

use std::fmt;

use keyglass_store::ConnectError;
use keyglass_store::remote::{Stage, Step};

use super::mark::{Mark, Opening};

/// A token as it is typed; never shown by [`fmt::Debug`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TypedToken(pub String);

impl fmt::Debug for TypedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedToken(…)")
    }
}

/// Whether a database on a server can be changed once it is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServerAccess {
    /// A question unlocks it.
    #[default]
    ReadOnly,
    /// At once, now and the next time.
    Writable,
    /// Its name is typed to unlock it, and before it is changed in bulk.
    Guarded,
}

/// What is typed and chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConnectDraft {
    /// The address.
    pub url: String,
    /// The token; empty for the one that is kept, or that the environment has.
    pub token: TypedToken,
    /// Whether the token is shown.
    pub reveals: bool,
    /// Whether the token shall be kept in the system's keychain.
    pub keeps_token: bool,
    /// Whether the environment has a token.
    pub has_variable: bool,
    /// Name, colour and label.
    pub mark: Mark,
    /// Whether it can be changed.
    pub access: ServerAccess,
    /// What a test found.
    pub trial: Option<Trial>,
    /// It is being connected to.
    pub is_connecting: bool,
    /// Why it was not, as a sentence.
    pub error: Option<String>,
}

impl ConnectDraft {
    /// A connection to a URL that may be known already, by this mark and access.
    #[must_use]
    pub fn to(url: &str, known: Option<&Mark>, unlocked: bool, has_variable: bool) -> Self {
        Self {
            url: url.to_owned(),
            keeps_token: true,
            has_variable,
            mark: known.cloned().unwrap_or_default(),
            access: match known.map(|mark| mark.opening) {
                Some(Opening::Guarded) => ServerAccess::Guarded,
                Some(Opening::ReadOnly) => ServerAccess::ReadOnly,
                _ if unlocked => ServerAccess::Writable,
                _ => ServerAccess::ReadOnly,
            },
            ..Self::default()
        }
    }

    /// The mark that is chosen; `None` if there is nothing to remember.
    #[must_use]
    pub fn chosen_mark(&self) -> Option<Mark> {
        let mark = Mark {
            name: self.mark.name.trim().to_owned(),
            label: self.mark.label.trim().to_owned(),
            opening: match self.access {
                ServerAccess::Guarded => Opening::Guarded,
                ServerAccess::ReadOnly | ServerAccess::Writable => Opening::Usual,
            },
            ..self.mark.clone()
        };
        let is_plain = mark.name.is_empty() && mark.label.is_empty() && !mark.is_guarded();
        (!is_plain).then_some(mark)
    }

    /// What was found or told is of no use any more, since something else was typed.
    pub fn edited(&mut self) {
        self.trial = None;
        self.error = None;
    }
}

/// A test of a connection, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Names it among the tests of a window.
    pub ticket: u64,
    /// Whether it goes on.
    pub is_running: bool,
    steps: Vec<Step>,
}

/// How far a stage of a test is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageState<'a> {
    /// Done, with what was found.
    Passed(&'a str),
    /// Failed, and why.
    Failed(&'a ConnectError),
    /// Being done.
    Running,
    /// Not done yet, or not at all.
    Waiting,
}

impl Trial {
    /// One that begins.
    #[must_use]
    pub fn begin(ticket: u64) -> Self {
        Self {
            ticket,
            is_running: true,
            steps: Vec::new(),
        }
    }

    /// A step was done.
    pub fn hear(&mut self, step: Step) {
        // Where a server sends on to another one, what came last counts.
        self.steps.retain(|known| known.stage != step.stage);
        self.steps.push(step);
    }

    /// It has ended.
    pub fn end(&mut self) {
        self.is_running = false;
    }

    /// Whether all of it went well.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        let last = self.steps.last();
        !self.is_running && last.is_some_and(|step| step.stage == Stage::Read && step.result.is_ok())
    }

    /// The stages in their order. One that there is nothing to do for is left out: a plain connection is not made secure.
    #[must_use]
    pub fn stages(&self) -> Vec<(Stage, StageState<'_>)> {
        let all = [
            Stage::Name,
            Stage::Connection,
            Stage::Security,
            Stage::Metadata,
            Stage::Authorization,
            Stage::Read,
        ];
        let reached = self.steps.iter().filter_map(|step| place(&all, step.stage)).max();
        let failed = self.steps.iter().any(|step| step.result.is_err());
        let next = reached.map_or(0, |reached| reached + 1);
        let stages = all.into_iter().enumerate().filter_map(|(at, stage)| {
            let step = self.steps.iter().find(|step| step.stage == stage);
            let state = match step.map(|step| &step.result) {
                Some(Ok(found)) => StageState::Passed(found),
                Some(Err(error)) => StageState::Failed(error),
                None if reached.is_some_and(|reached| at < reached) => return None,
                None if at == next && self.is_running && !failed => StageState::Running,
                None => StageState::Waiting,
            };
            Some((stage, state))
        });
        stages.collect()
    }
}

fn place(all: &[Stage], stage: Stage) -> Option<usize> {
    all.iter().position(|known| *known == stage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(stage: Stage, result: Result<&str, ConnectError>) -> Step {
        let result = result.map(str::to_owned);
        Step { stage, result }
    }

    #[test]
    fn a_test_tells_how_far_it_is_and_where_it_failed() {
        let mut trial = Trial::begin(1);
        assert_eq!(trial.stages()[0], (Stage::Name, StageState::Running));
        trial.hear(step(Stage::Name, Ok("127.0.0.1")));
        trial.hear(step(Stage::Connection, Ok("connected")));
        assert_eq!(trial.stages()[2], (Stage::Security, StageState::Running));
        // By plain HTTP, security is passed over.
        trial.hear(step(Stage::Metadata, Ok("version 3")));
        let stages = trial.stages();
        assert!(stages.iter().all(|(stage, _)| *stage != Stage::Security));
        assert_eq!(stages[3], (Stage::Authorization, StageState::Running));
        let unknown = ConnectError::Unauthorised {
            reason: "unknown".to_owned(),
            url: "http://a".to_owned(),
        };
        trial.hear(step(Stage::Authorization, Err(unknown.clone())));
        trial.end();
        let stages = trial.stages();
        assert_eq!(stages[3].1, StageState::Failed(&unknown));
        assert_eq!(stages[4].1, StageState::Waiting);
        assert!(!trial.is_passed());
    }

    #[test]
    fn a_token_is_not_shown_by_what_is_logged() {
        let draft = ConnectDraft {
            token: TypedToken("marker".to_owned()),
            ..ConnectDraft::default()
        };
        assert!(!format!("{draft:?}").contains("marker"));
    }

    #[test]
    fn a_guarded_connection_is_marked_so_and_a_plain_one_not_at_all() {
        let mut draft = ConnectDraft::to("http://a", None, false, false);
        assert_eq!(draft.chosen_mark(), None);
        draft.access = ServerAccess::Guarded;
        let mark = draft.chosen_mark().unwrap();
        assert!(mark.is_guarded());
        let again = ConnectDraft::to("http://a", Some(&mark), true, false);
        assert_eq!(again.access, ServerAccess::Guarded);
        assert_eq!(
            ConnectDraft::to("http://a", None, true, false).access,
            ServerAccess::Writable
        );
    }
}
