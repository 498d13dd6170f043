//! Whether a database is served to programs, how, and to how many.

use std::path::PathBuf;

use keyglass_store::Database;
use keyglass_store::connect::Monitor;

use super::database_id::DatabaseId;
use super::panel::{PanelModel, Telling};
use crate::errand::{Answer, Errand, Serve, ServeChoice, Served};

/// Whether a database is served.
#[derive(Debug, Default)]
pub enum Serving {
    /// It is not.
    #[default]
    Off,
    /// It will be at once.
    Starting,
    /// It is.
    On(Box<Served>),
    /// It ends.
    Ending,
    /// It could not be, or has ended by itself. A sentence.
    Failed(String),
}

/// The serving of one database. It begins only where somebody asks for it.
#[derive(Debug, Default)]
pub struct ServingModel {
    state: Serving,
    wants: Vec<Errand>,
}

/// The options of a server, as they are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeDraft {
    /// For which database.
    pub database: DatabaseId,
    /// The port as it is typed; empty for the usual one.
    pub port: String,
    /// Whether programs may only read.
    pub read_only: bool,
    /// Whether the token is shown.
    pub reveals: bool,
    /// Where the token is kept.
    pub token_file: Option<PathBuf>,
}

impl ServeDraft {
    /// The usual options.
    #[must_use]
    pub fn of(database: DatabaseId) -> Self {
        Self {
            database,
            port: String::new(),
            read_only: false,
            reveals: false,
            token_file: None,
        }
    }

    /// What to ask for.
    ///
    /// # Errors
    /// As [`Self::port`].
    pub fn choice(&self) -> Result<ServeChoice, &'static str> {
        Ok(ServeChoice {
            port: self.port()?,
            read_only: self.read_only,
            token_file: self.token_file.clone(),
        })
    }

    /// The port that was typed, if any.
    ///
    /// # Errors
    /// A sentence, if it is none.
    pub fn port(&self) -> Result<Option<u16>, &'static str> {
        match self.port.trim() {
            "" => Ok(None),
            port => match port.parse() {
                Ok(port) => Ok(Some(port)),
                Err(_) => Err("A port is a number from 1 to 65535, or 0 for any that is free"),
            },
        }
    }
}

impl ServingModel {
    /// Whether it is served.
    #[must_use]
    pub fn state(&self) -> &Serving {
        &self.state
    }

    /// What is served, while it is.
    #[must_use]
    pub fn served(&self) -> Option<&Served> {
        match &self.state {
            Serving::On(served) => Some(served),
            _ => None,
        }
    }

    /// Who uses it, while it is served.
    #[must_use]
    pub fn monitor(&self) -> Option<&Monitor> {
        self.served().map(|served| &served.monitor)
    }

    /// How many programs are connected.
    #[must_use]
    pub fn num_connections(&self) -> usize {
        self.monitor().map_or(0, Monitor::num_connections)
    }

    /// Whether there is a server, or will be.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self.state, Serving::Starting | Serving::On(_))
    }

    /// Begins to serve, unless it does.
    pub fn start(&mut self, choice: ServeChoice) {
        if !self.is_on() {
            self.state = Serving::Starting;
            self.wants.push(Serve::Start(choice).into());
        }
    }

    /// Ends it, if it is served.
    pub fn stop(&mut self) {
        if self.is_on() {
            self.state = Serving::Ending;
            self.wants.push(Serve::Stop.into());
        }
    }
}

impl PanelModel for ServingModel {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.wants)
    }

    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            // One that was stopped while it started ends with the next answer.
            Answer::Served(Ok(_)) if matches!(self.state, Serving::Ending) => {}
            Answer::Served(Ok(served)) => self.state = Serving::On(served),
            Answer::Served(Err(sentence)) => self.state = Serving::Failed(sentence),
            Answer::NoLongerServed => {
                if matches!(self.state, Serving::Ending) {
                    self.state = Serving::Off;
                }
            }
            other => return Some(other),
        }
        None
    }

    fn wake(&mut self, _now: i64) -> Option<i64> {
        if self.monitor().is_some_and(Monitor::has_ended) {
            self.state = Serving::Failed("The server has ended by itself; start it again".to_owned());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::notices::Notices;

    fn take(model: &mut ServingModel, answer: Answer) {
        let notices = &mut Notices::default();
        let left = model.take_answer(answer, &mut Telling { notices, now: 0 });
        assert!(left.is_none());
    }

    #[test]
    fn a_server_that_cannot_start_says_why_and_can_be_started_again() {
        let mut model = ServingModel::default();
        model.start(ServeChoice::default());
        model.start(ServeChoice::default());
        assert_eq!(model.take_wants().len(), 1);
        take(&mut model, Answer::Served(Err("The port is taken".to_owned())));
        assert!(matches!(model.state(), Serving::Failed(why) if why == "The port is taken"));
        model.stop();
        assert!(model.take_wants().is_empty());
        model.start(ServeChoice::default());
        model.stop();
        assert_eq!(model.take_wants().len(), 2);
        take(&mut model, Answer::Served(Err("Too late".to_owned())));
        take(&mut model, Answer::NoLongerServed);
        assert!(matches!(model.state(), Serving::Failed(_)));
    }

    #[test]
    fn a_port_is_a_number_that_fits() {
        let port = |text: &str| {
            let mut draft = ServeDraft::of(DatabaseId::unique());
            draft.port = text.to_owned();
            draft.port()
        };
        assert_eq!(port(" "), Ok(None));
        assert_eq!(port(" 8000 "), Ok(Some(8000)));
        for wrong in ["-1", "65536", "http", "1.5"] {
            assert!(port(wrong).is_err(), "{wrong}");
        }
    }
}
