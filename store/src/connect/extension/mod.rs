//! What this server answers beyond KV Connect, so that somebody else's window shows a database as its owner sees it:
//! entries with their expiry and exact bytes, views of one moment, a feed of changes, levels, counts, the queue, facts
//! and limits. In short: all of [`Database`](crate::Database).
//!
//! The metadata exchange tells a client that asks, by a field `keyglass`, that it is here and of which version
//! (`wire::VERSION`); `@deno/kv` refuses answers with a field that it does not know. It stands below
//! `/keyglass/v1` on the same port, with the same token, behind the same bounds. Each request is a `POST` of one message
//! (`wire`), with the database's id as for KV Connect:
//!
//! | status | what the body is |
//! | --- | --- |
//! | 200 | the answer's message, or frames of messages until the client or the server ends |
//! | 422 | `Failure`: what the database refused, or how it failed |
//! | others | a sentence: the request is not one, or comes at the wrong time |

mod answers;
mod held;
mod streams;
pub(crate) mod wire;

use std::sync::Arc;

use bytes::Bytes;
use hyper::{Response, StatusCode};
use prost::Message;

pub(crate) use answers::{RANGES, behind};
pub(super) use held::Held;
pub(crate) use streams::FEED_RANGES;

use super::body::AnswerBody;
use super::peer::Peer;
use super::recording::Recording;
use super::refusal::Refusal;
use super::service::{self, Shared};
use crate::error::{CommitError, DatabaseError};
use wire::{Failure, Malformed, method};

/// Why a request has no answer: the request, or the database.
enum Unanswered {
    Refusal(Refusal),
    Failure(Failure),
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<Malformed> for Unanswered {
    fn from(malformed: Malformed) -> Self {
        Self::Refusal(Refusal::Extension(malformed.to_string()))
    }
}

impl From<DatabaseError> for Unanswered {
    fn from(error: DatabaseError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<CommitError> for Unanswered {
    fn from(error: CommitError) -> Self {
        Self::Failure(error.into())
    }
}

type Answered = Result<Response<AnswerBody>, Unanswered>;

/// Whether there is such a method.
pub(super) fn knows(name: &str) -> bool {
    matches!(
        name,
        method::ATTACH
            | method::SNAPSHOT
            | method::READ
            | method::GET
            | method::COMMIT
            | method::WATCH
            | method::CHANGES
            | method::CHILDREN
            | method::COUNT
            | method::WATCH_QUEUE
            | method::QUEUE
            | method::HISTORY
            | method::SET_HISTORY
            | method::VERSIONS
            | method::DELETED
            | method::STATISTICS
            | method::REQUESTS
    )
}

/// Answers a request whose client is known.
pub(super) async fn respond(
    shared: Arc<Shared>,
    peer: &Peer,
    method: &str,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Result<Response<AnswerBody>, Refusal> {
    // A stream would end at once, and be asked for again.
    if *shared.ending.borrow() {
        return Err(Refusal::ending());
    }
    let answered = match method {
        method::ATTACH => streams::attach(shared, recording).await,
        method::SNAPSHOT => streams::snapshot(shared, recording).await,
        method::READ => answers::read(shared, peer, body, recording).await,
        method::GET => answers::get(shared, peer, body, recording).await,
        method::COMMIT => answers::commit(shared, body, recording).await,
        method::WATCH => streams::watch(shared, body, recording).await,
        method::CHANGES => streams::changes(shared, body, recording).await,
        method::CHILDREN => answers::children(shared, body, recording).await,
        method::COUNT => streams::count(shared, body, recording).await,
        method::WATCH_QUEUE => streams::watch_queue(shared, recording).await,
        method::QUEUE => answers::queue(shared, peer, body, recording).await,
        method::HISTORY => answers::history(shared, recording).await,
        method::SET_HISTORY => answers::set_history(shared, body, recording).await,
        method::VERSIONS => answers::versions(shared, peer, body, recording).await,
        method::DELETED => answers::deleted(shared, peer, body, recording).await,
        method::STATISTICS => answers::statistics(shared, recording).await,
        // Who looks at the requests is none of them.
        method::REQUESTS => {
            *recording = None;
            streams::requests(shared).await
        }
        _ => Err(Refusal::NotFound.into()),
    };
    match answered {
        Ok(response) => Ok(response),
        Err(Unanswered::Refusal(refusal)) => Err(refusal),
        Err(Unanswered::Failure(failure)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let bytes = failure.encode_to_vec();
            if let Some(recording) = recording {
                recording.failed(status.as_u16(), failure.sentence(), bytes.len());
            }
            let mut response = service::protobuf(AnswerBody::whole(bytes));
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

/// Reads the message of a request.
fn decode<M: Message + Default>(body: Bytes) -> Result<M, Unanswered> {
    Ok(M::decode(body).map_err(Malformed::from)?)
}

/// Asks the database on a thread that may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Unanswered> + Send + 'static,
) -> Result<T, Unanswered> {
    service::blocking(move || Ok(work())).await?
}
