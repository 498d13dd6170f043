//! One connection, over HTTP/1.1 or HTTP/2, whichever its first bytes say.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::body::STALL;
use super::guarded::Guarded;
use super::peer::Peer;
use super::server::Presence;
use super::service::{self, Shared};

/// How long a client may take for the headers of a request, and be silent between two of HTTP/1.1.
const HEADERS: Duration = Duration::from_secs(30);
/// Between two looks at whether a connection is still wanted; the first ends one that has not sent the token.
const LOOK: Duration = Duration::from_secs(10);
/// After so many looks that found no request, a connection ends.
const IDLE_LOOKS: u32 = 30;
/// After so long without a byte, a client of HTTP/2 is asked whether it is there, and has as long to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Bytes of headers.
const HEADER_BYTES: usize = 16 << 10;
/// Bytes that are read ahead of a request, in HTTP/1.1 as in each stream of HTTP/2.
const WINDOW: u32 = 256 << 10;
/// Requests and watches at the same time on one connection of HTTP/2.
const STREAMS: u32 = 1024;
/// Bytes of an answer that wait for a client to read them.
const SEND_BUFFER: usize = 64 << 10;

/// Serves one connection to its end. Its place is given back then.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>, _place: Presence) {
    let Ok(local) = stream.local_addr() else { return };
    // An answer is written as a whole; to wait for more of it costs 40 ms.
    let _best_effort = stream.set_nodelay(true);
    let peer = Arc::new(Peer {
        address: stream.peer_addr().ok(),
        ..Peer::default()
    });
    let mut ending = shared.ending.clone();
    let service =
        service_fn(|request| service::respond(Arc::clone(&shared), Arc::clone(&peer), local, request));
    let builder = builder();
    let mut connection = pin!(builder.serve_connection(TokioIo::new(Guarded::new(stream)), service));
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks.tick().await;
    let mut idle = 0;
    loop {
        select! {
            _ended = connection.as_mut() => return,
            _ = ending.wait_for(|ending| *ending) => break,
            _ = looks.tick() => {}
        }
        shared.large_answers.cut_stalled();
        let is_busy = peer.num_requests.load(Ordering::Acquire) > 0;
        idle = if is_busy { 0 } else { idle + 1 };
        if !is_busy && !peer.is_known.load(Ordering::Acquire) {
            return;
        }
        if idle >= IDLE_LOOKS {
            break;
        }
    }
    // What is being answered is answered; nothing further is begun.
    connection.as_mut().graceful_shutdown();
    let _either_way = timeout(STALL, connection).await;
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES as u32)
        .max_send_buf_size(SEND_BUFFER)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(4 * WINDOW);
    builder
}
