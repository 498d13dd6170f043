//! A watch as a stream of frames: a length as four little-endian bytes, then a message; no length is a ping.

use std::future::poll_fn;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use prost::Message as _;
use tokio::select;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, interval_at, timeout};

use super::answer;
use super::body::STALL;
use crate::database::WatchedState;
use crate::subscription::Subscription;
use crate::versionstamp::Versionstamp;

/// Between two pings. The first comes at once.
const PING: Duration = Duration::from_secs(5);
/// A frame without a message.
const PING_FRAME: Bytes = Bytes::from_static(&[0; 4]);

/// What was sent of a watch.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) states: u64,
    /// Of all frames, with pings.
    pub(super) bytes: u64,
}

/// Sends states until the client has gone or stops reading, the database closes, or the server ends.
pub(super) async fn send(
    states: &Subscription<WatchedState>,
    frames: mpsc::Sender<Bytes>,
    mut ending: watch::Receiver<bool>,
) -> Sent {
    let mut sent = Sent::default();
    if frames.send(PING_FRAME).await.is_err() {
        return sent;
    }
    let mut pings = interval_at(Instant::now() + PING, PING);
    let mut told = None;
    loop {
        let (frame, is_state) = select! {
            biased;
            _ = ending.wait_for(|ending| *ending) => return sent,
            () = frames.closed() => return sent,
            _ = pings.tick() => (PING_FRAME, false),
            state = poll_fn(|context| states.poll_recv(context)) => {
                let Some(state) = state else { return sent };
                let stamps = versionstamps(&state);
                // Several commits may lie between two states, and undo each other.
                if told.replace(stamps) == told {
                    continue;
                }
                (frame(state), true)
            }
        };
        let bytes = frame.len() as u64;
        // A state that comes meanwhile replaces the one that waits.
        if !matches!(timeout(STALL, frames.send(frame)).await, Ok(Ok(()))) {
            return sent;
        }
        sent.states += u64::from(is_state);
        sent.bytes += bytes;
    }
}

fn versionstamps(state: &WatchedState) -> Vec<Option<Versionstamp>> {
    let entries = state.iter();
    entries
        .map(|entry| entry.as_ref().map(|entry| entry.versionstamp))
        .collect()
}

fn frame(state: WatchedState) -> Bytes {
    let message = answer::watched(state);
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(4 + length);
    // At most ten entries, which are far from four gigabytes.
    frame.put_u32_le(u32::try_from(length).unwrap_or(u32::MAX));
    let _there_is_room = message.encode(&mut frame);
    frame.freeze()
}
