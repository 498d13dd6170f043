//! Trying whether a database can be opened, step by step.

use std::sync::Arc;

use super::exchange;
use super::open::RemoteOptions;
use super::reading;
use super::server::Server;
use crate::connect::Token;
use crate::database::ReadRange;
use crate::error::{ConnectError, DatabaseError};
use crate::http::{self, Background};
use crate::key::KeyRange;

/// What opening a database on a server consists of, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Looking for the address of the server's name.
    Name,
    /// Connecting to it, or to the proxy before it.
    Connection,
    /// Making the connection secure. Told of no server by `http:`.
    Security,
    /// Asking for the metadata of KV Connect.
    Metadata,
    /// Being known by the token.
    Authorization,
    /// Reading one entry.
    Read,
}

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub stage: Stage,
    /// What was found, in a few words; or what is wrong. No step follows one that failed.
    pub result: Result<String, ConnectError>,
}

impl Stage {
    /// The stage that an error stopped.
    fn of(error: &ConnectError) -> Self {
        match error {
            ConnectError::Url { .. } | ConnectError::Name { .. } => Self::Name,
            ConnectError::Connection { .. } | ConnectError::Proxy { .. } => Self::Connection,
            ConnectError::Security { .. } => Self::Security,
            ConnectError::NoToken(_) | ConnectError::Unauthorised { .. } | ConnectError::Forbidden { .. } => {
                Self::Authorization
            }
            _ => Self::Metadata,
        }
    }
}

pub(super) fn test(
    options: &RemoteOptions,
    url: &str,
    token: Option<&Token>,
    hear: &mut dyn FnMut(Step),
) -> Result<(), ConnectError> {
    let begun = (|| {
        let server = options.server(url, token)?;
        let background = Background::start("keyglass test").map_err(|error| ConnectError::Connection {
            reason: error.to_string(),
            url: server.location.clone(),
        })?;
        Ok::<_, ConnectError>((server, background))
    })();
    let (server, background) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            hear(Step {
                stage: Stage::of(&error),
                result: Err(error.clone()),
            });
            return Err(error);
        }
    };
    let (told, steps) = crossbeam_channel::bounded(16);
    let location = server.location.clone();
    background.handle().spawn(run(Arc::new(server), told));
    let mut last = None;
    for (step, error) in steps {
        hear(step);
        last = Some(error);
    }
    // What the thread of the test leaves unsaid would be a panic of it.
    match last {
        Some(None) => Ok(()),
        Some(Some(error)) => Err(error),
        None => Err(ConnectError::Lost {
            reason: "the test was not done".to_owned(),
            url: location,
        }),
    }
}

type Told = crossbeam_channel::Sender<(Step, Option<ConnectError>)>;

async fn run(server: Arc<Server>, told: Told) {
    let passed = |stage, found: String| {
        let result = Ok(found);
        let _somebody_hears = told.try_send((Step { stage, result }, None));
    };
    let failed = |stage, error: ConnectError| {
        let result = Err(error.clone());
        let _somebody_hears = told.try_send((Step { stage, result }, Some(error)));
    };
    // A server may send on to another one, which is connected to as well.
    let heard = |stage: http::Stage, found: String| {
        let stage = match stage {
            http::Stage::Name => Stage::Name,
            http::Stage::Connection => Stage::Connection,
            http::Stage::Security => Stage::Security,
        };
        passed(stage, found);
    };
    let session = match exchange::exchange(&server, &heard).await {
        Ok(session) => Arc::new(session),
        Err(error) => {
            let stage = Stage::of(&error);
            if stage == Stage::Authorization {
                passed(Stage::Metadata, "a server that asks for a token".to_owned());
            }
            return failed(stage, error);
        }
    };
    let speaks = match session.extension {
        Ok(_) => "Keyglass",
        Err(_) => "KV Connect",
    };
    passed(
        Stage::Metadata,
        format!(
            "{speaks}, version {}, database {}",
            session.version, session.database_id
        ),
    );
    passed(Stage::Authorization, "the token is known".to_owned());
    server.keep(&session);
    let one = ReadRange {
        range: KeyRange::everything(),
        limit: 1,
        reverse: false,
    };
    match reading::read(&server, &[one]).await {
        Ok(pages) => {
            let found = match pages.iter().flatten().count() {
                0 => "no entry is there",
                _ => "an entry was read",
            };
            passed(Stage::Read, found.to_owned());
        }
        Err(error) => failed(Stage::Read, as_connect_error(error, &server.location)),
    }
}

fn as_connect_error(error: DatabaseError, location: &str) -> ConnectError {
    let url = location.to_owned();
    match error {
        DatabaseError::Unauthorised { reason, .. } => ConnectError::Unauthorised { reason, url },
        DatabaseError::Unreachable { reason, .. } => ConnectError::Lost { reason, url },
        other => ConnectError::Answer {
            reason: other.to_string(),
            url,
        },
    }
}
