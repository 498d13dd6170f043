//! Watched keys: a stream of what stands under them, asked for again whenever it ends.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use tokio::select;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::fault;
use super::reading::entry;
use super::server::{Server, Unanswered};
use crate::connect::extension::wire::Frames;
use crate::connect::messages;
use crate::database::WatchedState;
use crate::error::{ConnectError, DatabaseError};
use crate::http::Incoming;
use crate::key::EncodedKey;
use crate::subscription::{StateSender, Wakes};

/// The most bytes of one message, as in Deno.
const FRAME_BYTES: usize = 16 << 20;
/// The most that is waited before a stream is asked for again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Reads bytes as what comes of a watch; for the fuzzer.
#[cfg(fuzzing)]
pub(super) fn read_frames(bytes: &[u8]) {
    let mut frames = Frames::up_to(FRAME_BYTES);
    frames.push(bytes);
    while let Ok(Some(output)) = frames.next::<messages::WatchOutput>() {
        for key in output.keys {
            let _entry = key.entry_if_changed.map(entry);
        }
    }
}

/// Keys that are watched.
pub(super) struct Watch {
    server: Arc<Server>,
    request: Bytes,
    keys: Vec<EncodedKey>,
    state: WatchedState,
    stream: Updates,
}

/// What comes of a watch.
struct Updates {
    body: Incoming,
    frames: Frames,
}

impl Watch {
    /// Asks for a stream, and waits for the first state.
    pub(super) async fn open(server: Arc<Server>, keys: Vec<EncodedKey>) -> Result<Self, DatabaseError> {
        let message = messages::Watch {
            keys: keys
                .iter()
                .map(|key| messages::WatchKey { key: key.to_shared() })
                .collect(),
        };
        let request = Bytes::from(message.encode_to_vec());
        let failed = |unanswered: Unanswered| fault::database_error(unanswered.error);
        let stream = Updates::ask(&server, &request).await.map_err(failed)?;
        let mut watch = Self {
            state: vec![None; keys.len()],
            server,
            request,
            keys,
            stream,
        };
        if !watch.next(true).await.map_err(failed)? {
            return Err(fault::database_error(
                watch.malformed("a watch ended at once".to_owned()),
            ));
        }
        Ok(watch)
    }

    fn malformed(&self, reason: String) -> ConnectError {
        ConnectError::Answer {
            reason,
            url: self.server.location.clone(),
        }
    }

    /// Takes the next state; false at the end of the stream. The first of a stream has all keys.
    async fn next(&mut self, is_first: bool) -> Result<bool, Unanswered> {
        let location = self.server.location.clone();
        let Some(output) = self.stream.next(&location, &self.server).await? else {
            return Ok(false);
        };
        let malformed = |reason: &str| Unanswered::not_done(self.malformed(reason.to_owned()));
        if output.status != messages::READ_SUCCESS && output.status != 0 {
            return Err(malformed(&format!("a watch went as {}", output.status)));
        }
        if output.keys.len() != self.keys.len() {
            return Err(malformed("a watch tells of other keys than were asked for"));
        }
        let mut state = Vec::with_capacity(self.keys.len());
        for ((told, known), key) in output.keys.into_iter().zip(&self.state).zip(&self.keys) {
            if !told.changed && !is_first {
                state.push(known.clone());
                continue;
            }
            let found = told.entry_if_changed.map(entry).transpose();
            let found = found.map_err(|error| malformed(&error.to_string()))?;
            if found.as_ref().is_some_and(|entry| entry.key != *key) {
                return Err(malformed("a watch tells of other keys than were asked for"));
            }
            if let Some(entry) = &found {
                self.server.saw(entry.versionstamp);
            }
            state.push(found);
        }
        self.server.meter.entries(state.iter().flatten().count());
        self.state = state;
        Ok(true)
    }

    /// Passes on states until nobody listens.
    pub(super) async fn follow(
        mut self,
        sender: StateSender<WatchedState>,
        mut dropped: oneshot::Receiver<()>,
    ) {
        let mut told = None;
        let mut pause = self.server.pause;
        let mut is_first = false;
        loop {
            let stamps = self.state.iter().map(|entry| Some(entry.as_ref()?.versionstamp));
            let stamps: Vec<_> = stamps.collect();
            if told.as_ref() != Some(&stamps) {
                sender.send(self.state.clone(), &mut Wakes::default());
                told = Some(stamps);
            }
            let next = select! {
                _ = &mut dropped => return,
                next = self.next(is_first) => next,
            };
            if matches!(next, Ok(true)) {
                pause = self.server.pause;
                is_first = false;
                continue;
            }
            // A stream that ends and one that is refused are asked for again alike.
            select! {
                _ = &mut dropped => return,
                () = self.ask_again(&mut pause) => is_first = true,
            }
        }
    }

    async fn ask_again(&mut self, pause: &mut Duration) {
        loop {
            sleep(*pause).await;
            *pause = (*pause * 2).min(LONGEST_PAUSE);
            match Updates::ask(&self.server, &self.request).await {
                Ok(stream) => {
                    self.stream = stream;
                    return;
                }
                Err(unanswered) => self.server.meter.is_troubled(&unanswered.error, Some(*pause)),
            }
        }
    }
}

impl Updates {
    async fn ask(server: &Server, request: &Bytes) -> Result<Self, Unanswered> {
        Ok(Self {
            body: server.stream("watch", request.clone()).await?,
            frames: Frames::up_to(FRAME_BYTES),
        })
    }

    async fn next(
        &mut self,
        location: &str,
        server: &Server,
    ) -> Result<Option<messages::WatchOutput>, Unanswered> {
        loop {
            let next = self.frames.next().map_err(|malformed| {
                Unanswered::not_done(ConnectError::Answer {
                    reason: malformed.to_string(),
                    url: location.to_owned(),
                })
            })?;
            if next.is_some() {
                return Ok(next);
            }
            let piece = self.body.next().await;
            match piece.map_err(|fault| fault::unanswered(fault, location))? {
                Some(piece) => {
                    server.meter.received(piece.len());
                    self.frames.push(&piece);
                }
                None => return Ok(None),
            }
        }
    }
}
