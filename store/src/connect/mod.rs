//! A server of KV Connect: Deno, and Node with `@deno/kv`, use any database of this library while it is open here.
//!
//! ```
//! use keyglass_store::connect::ServeOptions;
//! use keyglass_store::embedded::Store;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let store = Store::create(folder.path().join("shop"))?;
//! let server = store.serve(ServeOptions::new().listen("127.0.0.1:0".parse()?))?;
//!
//! println!("const kv = await Deno.openKv(\"{}\");", server.url());
//! println!("DENO_KV_ACCESS_TOKEN={}", server.token().reveal());
//!
//! // The program goes on with its own store. What it commits, watches of Deno hear, and the other way round.
//! server.stop();
//! # Ok(())
//! # }
//! ```
//!
//! **Who may ask.** It listens on this machine alone unless it is told otherwise, and answers to nobody without the
//! token. A request with an `Origin`, or for a `Host` that is not this server's, is refused, so that no web page reaches
//! it. Bodies, headers, connections, streams, watches and the time that each may take are bounded.
//!
//! **For Keyglass itself** it answers more than the protocol has: all that a [`Database`](crate::Database) does, under a
//! path of its own; see [`crate::attached`].
//!
//! **What it speaks.** Versions 1 to 3 of the protocol, over HTTP/1.1 and HTTP/2 on one port. `COMPATIBILITY.md` beside
//! this crate's manifest lists every message, and where the official server is not followed.
//!
//! It runs on one thread, and reads and commits on up to 64 more, which commits that share a sync of the disk wait on.

mod answer;
pub(crate) mod attach_file;
mod attachable;
pub(crate) mod body;
mod connection;
pub(crate) mod exchanged;
pub(crate) mod extension;
mod guarded;
mod large;
pub(crate) mod messages;
mod metadata;
mod peer;
mod recording;
mod refusal;
mod request;
mod room;
mod server;
mod service;
mod token;
mod watch;

pub use recording::DecodedRequest;
pub use server::{DEFAULT_ADDRESS, Monitor, ServeError, ServeOptions, Server};
pub use token::{Token, TokenError};

use std::sync::Arc;

use crate::embedded::Store;

impl Store {
    /// Serves this store over KV Connect, beside whatever this program does with it.
    ///
    /// # Errors
    /// As [`ServeOptions::serve`].
    pub fn serve(&self, options: ServeOptions) -> Result<Server, ServeError> {
        options.serve(Arc::new(self.clone()))
    }
}

/// Reads bytes as the body of any request of the extension, and as any of its answers; for the fuzzer.
#[cfg(fuzzing)]
pub fn read_extension(bytes: &[u8]) {
    extension::wire::read_as_anything(bytes);
}

/// Reads bytes as the body of any request; for the fuzzer.
#[cfg(fuzzing)]
pub fn read_request(body: &[u8]) {
    use prost::Message as _;
    let body = bytes::Bytes::copy_from_slice(body);
    let _ranges = messages::SnapshotRead::decode(body.clone()).map(request::read_ranges);
    let _keys = messages::Watch::decode(body.clone()).map(request::watched_keys);
    if let Ok(Ok(operation)) = messages::AtomicWrite::decode(body).map(request::operation) {
        let _limits = operation.validate(&crate::limits::Limits::DENO);
        for mutation in &operation.mutations {
            let _value = mutation.kind.apply(mutation.value().cloned());
        }
    }
}
