//! Connecting to a database on a server: a test of it, and the thing itself.

use std::time::Duration;

use keyglass_store::connect::Token;
use keyglass_store::remote::RemoteOptions;

use crate::app::{App, Event};
use crate::dialog::Dialog;
use crate::model::connect::{ConnectDraft, ServerAccess, Trial};
use crate::threads;
use crate::tokens;

/// How long each step of a test may take.
const TEST_PATIENCE: Duration = Duration::from_secs(5);

impl App {
    /// Asks for a database on a server; for this one, because of this error, if there is one.
    pub(crate) fn ask_connect(&mut self, url: &str, error: Option<String>) {
        let mark = self.state.marks.at(url);
        let unlocked = self.state.sessions.get(url).is_some_and(|saved| saved.unlocked);
        let mut draft = ConnectDraft::to(url, mark, unlocked, self.tokens.has_variable());
        draft.error = error;
        self.show_or_wait(Dialog::Connect(Box::new(draft)));
    }

    /// What the open dialog asks to connect to: the URL, and the token if one was typed. `None` if it is told in the
    /// dialog why not.
    fn asked_connection(&mut self) -> Option<(String, Option<Token>)> {
        let Some(Dialog::Connect(draft)) = &mut self.dialog else {
            return None;
        };
        draft.edited();
        let url = tokens::location(&draft.url).map_err(|error| error.to_string());
        let token = match draft.token.0.trim() {
            "" => Ok(None),
            text => Token::of_server(text)
                .map(Some)
                .map_err(|error| error.to_string()),
        };
        match (url, token) {
            (Ok(url), Ok(token)) => Some((url, token)),
            (Err(error), _) | (_, Err(error)) => {
                draft.error = Some(error);
                None
            }
        }
    }

    /// Tests what the open dialog asks to connect to, on a thread that tells each step.
    pub(super) fn test_connection(&mut self) {
        let Some((url, typed)) = self.asked_connection() else {
            return;
        };
        self.last_trial += 1;
        let ticket = self.last_trial;
        if let Some(Dialog::Connect(draft)) = &mut self.dialog {
            draft.trial = Some(Trial::begin(ticket));
        }
        let (sender, notifier) = (self.events.0.clone(), self.notifier.clone());
        let (known, clock, under_way) = (self.tokens.clone(), self.clock.clone(), self.outstanding.begin());
        let tested = threads::spawn("test", move || {
            let tell = |step| {
                if sender.send(Event::Tried { ticket, step }).is_ok() {
                    notifier.answer();
                }
            };
            let token = typed.or_else(|| known.find(&url));
            let options = RemoteOptions::new().clock(clock).patience(TEST_PATIENCE);
            // The step that fails is told as the others are.
            let _told = options.test(&url, token.as_ref(), &mut |step| tell(Some(step)));
            tell(None);
            drop(under_way);
        });
        if let (Err(error), Some(Dialog::Connect(draft))) = (tested, &mut self.dialog) {
            draft.trial = None;
            draft.error = Some(error.to_string());
        }
    }

    /// Connects to what the open dialog asks for, and remembers what was chosen.
    pub(super) fn connect(&mut self) {
        let Some((url, token)) = self.asked_connection() else {
            return;
        };
        if let Some(token) = token {
            self.tokens.take(&url, token);
        }
        let Some(Dialog::Connect(draft)) = &mut self.dialog else {
            return;
        };
        draft.is_connecting = true;
        let (mark, access) = (draft.chosen_mark(), draft.access);
        self.state.sessions.entry(url.clone()).or_default().unlocked = access == ServerAccess::Writable;
        if let Some(id) = self.sessions.at_location(&url).map(|session| session.id) {
            if mark.is_some() {
                self.mark(id, mark);
            }
            self.dialog = None;
            self.sessions.show(id);
            return;
        }
        if mark.is_some() {
            self.state.marks.set(None, &url, mark);
        }
        self.open(url);
    }

    /// The dialog that waits for a connection to this URL.
    pub(crate) fn connecting(&mut self, url: &str) -> Option<&mut ConnectDraft> {
        match &mut self.dialog {
            Some(Dialog::Connect(draft)) if draft.is_connecting => {
                let is_it = tokens::location(&draft.url).is_ok_and(|asked| asked == url);
                is_it.then_some(&mut **draft)
            }
            _ => None,
        }
    }

    /// The database at a URL is open: its dialog goes, and the token is kept if that is wanted.
    pub(crate) fn connected(&mut self, url: &str) {
        let Some(draft) = self.connecting(url) else { return };
        let keeps = draft.keeps_token;
        let token = Token::of_server(&draft.token.0).ok().filter(|_| keeps);
        self.dialog = None;
        let Some(token) = token else { return };
        let (keychain, url, report) = (self.tokens.keychain(), url.to_owned(), self.reporter());
        let keeping = threads::spawn("keychain", move || match keychain.keep(&url, &token) {
            Ok(()) => drop(report),
            Err(error) => report(Event::TokenNotKept(error)),
        });
        if let Err(error) = keeping {
            self.notices.error(error.to_string(), self.clock.now());
        }
    }
}
