//! Serves the database to programs, and ends that.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use crossbeam_channel::Receiver;
use keyglass_store::Database;
use keyglass_store::connect::{ServeError, ServeOptions, Server, Token};

use super::lane::spawn_lane;
use super::{Answers, Asked};
use crate::errand::{Answer, Serve, ServeChoice, Served};
use crate::threads::NoThread;

/// The thread ends with its lane, and the server with it.
pub(super) fn spawn(
    database: Arc<dyn Database>,
    asked: Receiver<Asked<Serve>>,
    answers: Answers,
) -> Result<(), NoThread> {
    let mut server: Option<Server> = None;
    spawn_lane(&answers.clone(), "server", asked, move |errand| {
        // One after the other: the port of the old one may be wanted again.
        drop(server.take());
        match errand {
            Serve::Start(choice) => {
                let served = start(&database, choice, &answers).map(|(started, served)| {
                    server = Some(started);
                    Box::new(served)
                });
                answers.answer(Answer::Served(served.map_err(|error| error.to_string())));
            }
            Serve::Stop => answers.answer(Answer::NoLongerServed),
        }
    })
}

fn start(
    database: &Arc<dyn Database>,
    choice: ServeChoice,
    answers: &Answers,
) -> Result<(Server, Served), ServeError> {
    let token = match &choice.token_file {
        Some(file) => Token::read_or_make(file)?.0,
        None => Token::random()?,
    };
    let serve = |port| {
        let notifier = answers.notifier.clone();
        ServeOptions::new()
            .listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .read_only(choice.read_only)
            .token(token.clone())
            .on_change(move || notifier.change())
            .serve(Arc::clone(database))
    };
    let mut is_other_port = false;
    let server = match (choice.port, serve(choice.port.unwrap_or(ServeChoice::USUAL_PORT))) {
        (None, Err(ServeError::Listen { .. })) => {
            is_other_port = true;
            serve(0)?
        }
        (_, served) => served?,
    };
    let served = Served {
        url: server.url(),
        token,
        token_file: choice.token_file,
        read_only: choice.read_only,
        is_other_port,
        monitor: server.monitor(),
    };
    Ok((server, served))
}
