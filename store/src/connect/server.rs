//! The server: where it listens, who may ask, and how it ends.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::extension::Held;
use super::large::LargeAnswers;
use super::service::Shared;
use super::token::{Token, TokenError};
use super::{connection, room};
use crate::database::{Database, LastingId};
use crate::read_only::ReadOnly;
use crate::requests::{RequestLog, Requests};

/// Where a server listens unless it is told otherwise.
pub const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4512);

/// Watches at the same time; further ones are refused.
const WATCHES: usize = 4096;
/// Bodies of requests of more than 64 KiB that are received at the same time.
const LARGE_BODIES: usize = 64;
/// Threads that read and commit: as many commits share one sync of the disk.
const THREADS: usize = 64;
/// How long what is being answered may take when the server ends.
const PARTING: Duration = Duration::from_secs(5);

/// How a database is served.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    listen: SocketAddr,
    token: Option<Token>,
    read_only: bool,
    hosts: Vec<String>,
    protocol_alone: bool,
    changed: Changed,
}

/// What is called when clients come and go.
#[derive(Clone, Default)]
pub(super) struct Changed(Option<Arc<dyn Fn() + Send + Sync>>);

impl Changed {
    fn tell(&self) {
        if let Some(changed) = &self.0 {
            changed();
        }
    }
}

impl fmt::Debug for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Changed(…)"
        } else {
            "Changed"
        })
    }
}

/// A database cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Others than this machine could reach it with a token that nobody chose.
    #[error(
        "Other machines could reach the database there, which needs a token that you choose; give one, or listen at 127.0.0.1: {0}"
    )]
    BeyondThisMachine(SocketAddr),
    /// The system refuses the address.
    #[error("The server cannot listen there ({source}); choose another address or port: {address}")]
    Listen {
        /// What the system said.
        source: io::Error,
        /// The address.
        address: SocketAddr,
    },
    /// The system refuses a thread, or what a server needs.
    #[error("The server cannot be started ({0})")]
    Start(io::Error),
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ServeOptions {
    /// At [`DEFAULT_ADDRESS`], for reading and writing, with a random token.
    #[must_use]
    pub fn new() -> Self {
        Self {
            listen: DEFAULT_ADDRESS,
            token: None,
            read_only: false,
            hosts: Vec::new(),
            protocol_alone: false,
            changed: Changed::default(),
        }
    }

    /// Where to listen; port 0 is any that is free. An address that other machines reach needs a [`Self::token`].
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// What clients must send; otherwise it is random, and [`Server::token`] tells it.
    #[must_use]
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Whether clients may not write, whatever the database itself allows.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// A further name that clients may call this server by. Without one it answers to the addresses it is reached at,
    /// and to `localhost` from this machine, so that no web page reaches it by a name of its own.
    #[must_use]
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// Whether clients get no more than the official server gives them: the protocol of KV Connect without the extension,
    /// by which others see expiries, the queue and every change.
    #[must_use]
    pub fn protocol_alone(mut self, alone: bool) -> Self {
        self.protocol_alone = alone;
        self
    }

    /// What is called whenever a client or a watch has come or gone, and when the server has ended; on a thread of the
    /// server, so that it has to be quick.
    #[must_use]
    pub fn on_change(mut self, changed: impl Fn() + Send + Sync + 'static) -> Self {
        self.changed = Changed(Some(Arc::new(changed)));
        self
    }

    /// Serves a database, until the server is dropped.
    ///
    /// # Errors
    /// If the address is refused, or reaches beyond this machine without a token.
    pub fn serve(self, database: Arc<dyn Database>) -> Result<Server, ServeError> {
        let token = match self.token {
            Some(token) => token,
            None if !self.listen.ip().to_canonical().is_loopback() => {
                return Err(ServeError::BeyondThisMachine(self.listen));
            }
            None => Token::random()?,
        };
        let refused = |source| ServeError::Listen {
            source,
            address: self.listen,
        };
        let listener = TcpListener::bind(self.listen).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(THREADS)
            .thread_name("keyglass serve")
            .build()
            .map_err(ServeError::Start)?;
        let (end, ending) = watch::channel(false);
        let database: Arc<dyn Database> = match self.read_only {
            true => Arc::new(ReadOnly::new(database)),
            false => database,
        };
        let connections = room::connections();
        let places = Arc::new(Semaphore::new(connections));
        let watches = Arc::new(Semaphore::new(WATCHES));
        let log = database.request_log().map_or_else(Arc::default, Arc::clone);
        let has_ended = Arc::new(AtomicBool::new(false));
        let shared = Arc::new(Shared {
            database_id: id_of(&*database).to_string(),
            database,
            token: token.clone(),
            hosts: self.hosts,
            protocol_alone: self.protocol_alone,
            large_bodies: Arc::new(Semaphore::new(LARGE_BODIES)),
            large_answers: LargeAnswers::default(),
            watches: Arc::clone(&watches),
            log: Arc::clone(&log),
            changed: self.changed.clone(),
            held: Held::default(),
            ending,
        });
        #[expect(clippy::disallowed_methods, reason = "it ends with the server")]
        let thread = std::thread::Builder::new()
            .name("keyglass serve".to_owned())
            .spawn({
                let places = Arc::clone(&places);
                let ended = Ended(Arc::clone(&has_ended), self.changed);
                move || {
                    run(runtime, listener, shared, &places, connections);
                    drop(ended);
                }
            })
            .map_err(ServeError::Start)?;
        Ok(Server {
            address,
            token,
            end,
            thread: Some(thread),
            monitor: Monitor {
                connections,
                places,
                watches,
                log,
                has_ended,
            },
        })
    }
}

/// A database that is served. Dropping it ends the server: streams end, what is in flight is committed or refused, and
/// the database can be closed.
pub struct Server {
    address: SocketAddr,
    token: Token,
    end: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
    monitor: Monitor,
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client opens on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}")
    }

    /// Whether other machines can reach it.
    #[must_use]
    pub fn reaches_beyond_this_machine(&self) -> bool {
        !self.address.ip().to_canonical().is_loopback()
    }

    /// What clients must send.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Connections that are open.
    #[must_use]
    pub fn num_connections(&self) -> usize {
        self.monitor.num_connections()
    }

    /// Watches that are open.
    #[must_use]
    pub fn num_watches(&self) -> usize {
        self.monitor.num_watches()
    }

    /// Whether it has ended, which it does by itself only if it failed.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// What clients ask of its database from now on, as it is answered, also those of other servers of it where it has
    /// one log for all ([`Database::request_log`]); see [`LoggedRequest`](crate::requests::LoggedRequest).
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.monitor.requests()
    }

    /// Looks at it from elsewhere, without keeping it.
    #[must_use]
    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }

    /// Ends it and waits until it has ended: ten seconds at most, and mostly at once.
    pub fn stop(self) {}
}

/// Looks at a server, and does not keep it.
#[derive(Clone)]
pub struct Monitor {
    /// How many there may be.
    connections: usize,
    places: Arc<Semaphore>,
    watches: Arc<Semaphore>,
    log: Arc<RequestLog>,
    has_ended: Arc<AtomicBool>,
}

impl Monitor {
    /// Connections that are open.
    #[must_use]
    pub fn num_connections(&self) -> usize {
        self.connections.saturating_sub(self.places.available_permits())
    }

    /// Watches that are open.
    #[must_use]
    pub fn num_watches(&self) -> usize {
        WATCHES.saturating_sub(self.watches.available_permits())
    }

    /// Whether the server has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }

    /// As [`Server::requests`].
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.log.subscribe()
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("num_connections", &self.num_connections())
            .field("num_watches", &self.num_watches())
            .finish_non_exhaustive()
    }
}

/// Tells that the server has ended, however it did.
struct Ended(Arc<AtomicBool>, Changed);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
        self.1.tell();
    }
}

/// The place of a client or a watch, whose coming and going is told.
pub(super) struct Presence {
    place: Option<OwnedSemaphorePermit>,
    changed: Changed,
}

impl Presence {
    pub(super) fn new(place: OwnedSemaphorePermit, shared: &Shared) -> Self {
        shared.changed.tell();
        Self {
            place: Some(place),
            changed: shared.changed.clone(),
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        drop(self.place.take());
        self.changed.tell();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _nobody_listens = self.end.send(true);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn run(
    runtime: Runtime,
    listener: TcpListener,
    shared: Arc<Shared>,
    places: &Arc<Semaphore>,
    connections: usize,
) {
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    runtime.block_on(async {
        accept(listener, &shared, places).await;
        let _in_time = timeout(PARTING, places.acquire_many(all)).await;
    });
    drop(shared);
    // A commit that has begun is waited for.
    runtime.shutdown_timeout(PARTING);
}

async fn accept(listener: TcpListener, shared: &Arc<Shared>, places: &Arc<Semaphore>) {
    let mut ending = shared.ending.clone();
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let accepted = select! {
            _ = ending.wait_for(|ending| *ending) => return,
            accepted = async {
                // Only this loop takes places, so that the one that is free now is free then.
                drop(places.acquire().await);
                listener.accept().await
            } => accepted,
        };
        match (accepted, Arc::clone(places).try_acquire_owned()) {
            (Ok((stream, _address)), Ok(place)) => {
                let place = Presence::new(place, shared);
                tokio::spawn(connection::serve(stream, Arc::clone(shared), place));
            }
            // No more files may be open, for instance, which passes.
            _ => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// What clients know the database by: it stays when it is served again, so that they need not ask anew.
fn id_of(database: &dyn Database) -> LastingId {
    let by_location = || LastingId::derived(database.location().as_bytes());
    database.id().unwrap_or_else(by_location)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::Store;

    #[test]
    fn a_database_keeps_its_name() {
        let id = LastingId::derived(b"shop.kg").to_string();
        assert_eq!(id, LastingId::derived(b"shop.kg").to_string());
        assert_ne!(id, LastingId::derived(b"other.kg").to_string());
        let groups: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(&id[14..15], "8");
        assert!("89ab".contains(&id[19..20]));
    }

    #[test]
    fn other_machines_reach_it_only_with_a_token_that_somebody_chose() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::create(folder.path().join("store")).unwrap();
        let everywhere = ServeOptions::new().listen("0.0.0.0:0".parse().unwrap());
        let refused = everywhere.clone().serve(Arc::new(store.clone())).unwrap_err();
        assert!(matches!(refused, ServeError::BeyondThisMachine(_)));
        let token = Token::new("0123456789abcdef").unwrap();
        let server = everywhere.token(token).serve(Arc::new(store)).unwrap();
        assert!(server.reaches_beyond_this_machine());
        let port = server.address().port();
        assert_eq!(server.url(), format!("http://127.0.0.1:{port}"));
        server.stop();
    }
}
