//! What a dry run says would happen by what is being chosen.

use keyglass_store::Database;

use super::panel::PanelModel;
use crate::errand::JobError;

/// A dry run of what is chosen, and its answer.
#[derive(Debug)]
pub struct DryRun<Choice, Preview> {
    /// How much of what it reads was read, from 0 to 1, where that is known.
    pub fraction: Option<f32>,
    running: Option<u64>,
    choice: Option<Choice>,
    answer: Option<Result<Box<Preview>, JobError>>,
}

impl<Choice, Preview> Default for DryRun<Choice, Preview> {
    fn default() -> Self {
        Self {
            fraction: None,
            running: None,
            choice: None,
            answer: None,
        }
    }
}

impl<Choice: PartialEq, Preview> DryRun<Choice, Preview> {
    /// What is being asked, or was answered.
    #[must_use]
    pub fn choice(&self) -> Option<&Choice> {
        self.choice.as_ref()
    }

    /// The number of the dry run that is under way.
    #[must_use]
    pub fn running(&self) -> Option<u64> {
        self.running
    }

    /// The last answer, which may be that to another choice.
    #[must_use]
    pub fn last(&self) -> Option<&Preview> {
        self.answer.as_ref()?.as_ref().ok().map(|preview| &**preview)
    }

    /// The answer for a choice, once it is there.
    #[must_use]
    pub fn answer(&self, choice: &Choice) -> Option<Result<&Preview, &JobError>> {
        let is_asked = self.choice.as_ref() == Some(choice) && self.running.is_none();
        let answer = self.answer.as_ref().filter(|_| is_asked)?;
        Some(answer.as_ref().map(|preview| &**preview))
    }

    /// A dry run has begun; the answer to an earlier one counts no more.
    pub fn begin(&mut self, job: u64, choice: Choice) {
        self.fraction = None;
        self.running = Some(job);
        self.choice = Some(choice);
    }

    /// Takes an answer, if it is the one to what was asked last.
    pub fn apply(&mut self, job: u64, answer: Result<Box<Preview>, JobError>) {
        if self.running == Some(job) {
            self.running = None;
            self.answer = Some(answer);
        }
    }
}

impl<Choice, Preview> PanelModel for DryRun<Choice, Preview> {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_what_is_no_longer_asked_is_dropped() {
        let mut run: DryRun<&str, u64> = DryRun::default();
        run.begin(1, "one");
        run.begin(2, "other");
        run.apply(1, Err(JobError::Unexplained));
        assert!(run.answer(&"other").is_none());
        run.apply(2, Ok(Box::new(7)));
        assert!(matches!(run.answer(&"other"), Some(Ok(7))));
        assert!(run.answer(&"one").is_none());
        run.begin(3, "one");
        assert!(run.answer(&"other").is_none() && run.answer(&"one").is_none());
        assert_eq!(run.last(), Some(&7));
        run.apply(3, Err(JobError::Folder("in time".into())));
        assert!(matches!(run.answer(&"one"), Some(Err(JobError::Folder(_)))));
    }
}
