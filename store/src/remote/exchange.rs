//! The metadata exchange, through redirects.

use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::server::{Server, common_headers, refusal};
use crate::connect::exchanged::{self, Exchanged, NoExtension, NotExchanged};
use crate::error::ConnectError;
use crate::http::{Heard, Incoming, Url};

/// The most bytes of an answer.
const ANSWER_BYTES: usize = 1 << 20;
/// How often a server may send on to another place.
const REDIRECTS: usize = 5;
/// How long before it expires an answer is renewed.
const EARLY: Duration = Duration::from_secs(30);
/// What an answer is good for at least, whatever it says: clocks differ, and nobody should be asked without end.
const SHORTEST: Duration = Duration::from_secs(10);

/// What an exchange told.
pub(super) struct Session {
    pub(super) endpoint: Url,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) version: u64,
    pub(super) database_id: String,
    /// Where the extension is, or why it is not.
    pub(super) extension: Result<Url, NoExtension>,
    pub(super) renew_at: Instant,
}

/// Asks where and by what the database is to be asked.
pub(super) async fn exchange(server: &Server, heard: Heard<'_>) -> Result<Session, ConnectError> {
    let exchanged = try_exchange(server, heard).await;
    exchanged.map_err(|error| server.without_secrets(error))
}

async fn try_exchange(server: &Server, heard: Heard<'_>) -> Result<Session, ConnectError> {
    let headers = common_headers(server.token.reveal(), "application/json");
    let headers = headers.map_err(|error| ConnectError::Unauthorised {
        reason: error.to_string(),
        url: server.location.clone(),
    })?;
    let mut request = Bytes::from_static(exchanged::REQUEST);
    let mut place = server.url.clone();
    let mut redirects = 0;
    let answer = loop {
        let response = server
            .send(&place, headers.clone(), request.clone(), heard)
            .await?;
        match response.status() {
            StatusCode::OK => {
                let whole = response.into_body().whole(ANSWER_BYTES).await;
                break whole.map_err(|fault| super::fault::unanswered(fault, &server.location).error)?;
            }
            status if is_redirect(status) && redirects < REDIRECTS => {
                redirects += 1;
                place = next_place(server, &place, &response)?;
            }
            // It takes no field that it does not know.
            StatusCode::BAD_REQUEST if request == exchanged::REQUEST => {
                request = Bytes::from_static(exchanged::PLAIN_REQUEST);
            }
            status if is_redirect(status) => {
                return Err(ConnectError::Metadata {
                    reason: "it sends on and on to other places".to_owned(),
                    url: server.location.clone(),
                });
            }
            _ => return Err(refusal(response, server).await.error),
        }
    };
    server.meter.received(answer.len());
    session(server, &place, &answer)
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 307 | 308)
}

/// Where a server sends on to. The token goes along, but nowhere less secure.
fn next_place(server: &Server, place: &Url, response: &Response<Incoming>) -> Result<Url, ConnectError> {
    let location = response.headers().get(header::LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let next = location.and_then(|location| place.join(location).ok());
    match next {
        Some(next) if place.is_secure() && !next.is_secure() => Err(ConnectError::Security {
            reason: format!("it sends on to a place that is not secure, {next}"),
            url: server.location.clone(),
        }),
        Some(next) => Ok(next),
        None => Err(ConnectError::Metadata {
            reason: "it sends on to a place that it does not name".to_owned(),
            url: server.location.clone(),
        }),
    }
}

fn session(server: &Server, place: &Url, answer: &[u8]) -> Result<Session, ConnectError> {
    let url = || server.location.clone();
    let exchanged = Exchanged::parse(answer).map_err(|error| match error {
        NotExchanged::Malformed(reason) => ConnectError::Metadata { reason, url: url() },
        NotExchanged::Version(_) => ConnectError::Version {
            version: error.to_string(),
            url: url(),
        },
        NotExchanged::Endpoint(reason) => ConnectError::Endpoint {
            reason: reason.to_owned(),
            url: url(),
        },
    })?;
    let endpoint = place.join(&exchanged.endpoint);
    let endpoint = endpoint.map_err(|error| ConnectError::Endpoint {
        reason: format!("one of whose address {error}"),
        url: url(),
    })?;
    if place.is_secure() && !endpoint.is_secure() {
        return Err(ConnectError::Endpoint {
            reason: "one that is not secure".to_owned(),
            url: url(),
        });
    }
    server.learn_secret(&exchanged.token);
    let malformed = |reason: String| ConnectError::Metadata { reason, url: url() };
    let mut headers = common_headers(&exchanged.token, "application/x-protobuf")
        .map_err(|error| malformed(error.to_string()))?;
    let id = HeaderValue::from_str(&exchanged.database_id);
    let id = id.map_err(|error| malformed(error.to_string()))?;
    if exchanged.version == 1 {
        headers.push((HeaderName::from_static("x-transaction-domain-id"), id));
    } else {
        headers.push((HeaderName::from_static("x-denokv-database-id"), id));
        headers.push((
            HeaderName::from_static("x-denokv-version"),
            HeaderValue::from(exchanged.version),
        ));
    }
    let good = exchanged.expires_at.saturating_sub(server.clock.now());
    let good = Duration::from_millis(u64::try_from(good).unwrap_or(0));
    let good = good.saturating_sub(EARLY).max(SHORTEST);
    let extension = exchanged
        .extension
        .and_then(|path| place.join(&path).map_err(|_malformed| NoExtension::Other));
    Ok(Session {
        endpoint,
        headers,
        version: exchanged.version,
        database_id: exchanged.database_id,
        extension,
        // So far ahead that it cannot be counted is for ever.
        renew_at: Instant::now()
            .checked_add(good)
            .unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400)),
    })
}
