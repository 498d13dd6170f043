//! What is known of one connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::large::ConnectionPlaces;

/// What is known of one connection.
#[derive(Default)]
pub(super) struct Peer {
    /// Where it comes from.
    pub(super) address: Option<SocketAddr>,
    /// Whether it has sent the token.
    pub(super) is_known: AtomicBool,
    /// Requests that are not answered to their end.
    pub(super) num_requests: AtomicUsize,
    /// Places for its large answers.
    pub(super) large_answers: ConnectionPlaces,
}

/// A request that is not answered to its end.
pub(super) struct OneRequest(Arc<Peer>);

impl OneRequest {
    pub(super) fn begin(peer: &Arc<Peer>) -> Self {
        peer.num_requests.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(peer))
    }
}

impl Drop for OneRequest {
    fn drop(&mut self) {
        self.0.num_requests.fetch_sub(1, Ordering::AcqRel);
    }
}
