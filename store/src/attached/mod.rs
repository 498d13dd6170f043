//! A database that another process has open, used through its owner.
//!
//! A Keyglass folder belongs to one process. One that was opened [attachable](crate::embedded::OpenOptions::attachable)
//! is reached through that process: [`Attached`] is a [`Database`](crate::Database) like any other, with the owner's limits, clock and
//! rules. Every commit of the owner is told as it happens, and a commit of this side is the owner's.
//!
//! ```no_run
//! use keyglass_store::attached::Attached;
//! use keyglass_store::{Clock, Database};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = Attached::to_folder("shop.kg".as_ref(), Clock::system())?;
//! println!("{:?} has {}", shop.owner(), shop.location());
//! # Ok(())
//! # }
//! ```
//!
//! **The owner goes away.** Reads say so and commits are refused; feeds tell
//! [`FeedEvent::Gone`](crate::FeedEvent::Gone). When the same database is open for others again, with whatever owner, it
//! goes on by itself: feeds tell [`FeedEvent::Lagged`](crate::FeedEvent::Lagged) then. A commit that the owner had and
//! did not answer is [`CommitError::Unknown`](crate::CommitError::Unknown), and is never sent again.
//!
//! It runs on one thread of its own.

mod asking;
mod connection;
mod counts;
mod database;
mod link;
mod pages;
mod snapshot;
mod streams;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::connect::Token;
use crate::http::{Background, SILENCE, wait_on};
use asking::Asking;
use connection::Fault;
pub(crate) use connection::Way;
#[cfg(feature = "remote")]
pub(crate) use counts::Counts;
use link::{Place, Shared};

/// How far two clocks of one machine may be apart for the way between them, in milliseconds.
const SAME_CLOCK: i64 = 1000;

/// Attaching failed.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// Nobody has the folder open for others.
    #[error("No process lets others attach to this database ({reason}): {}", path.display())]
    NotAttachable {
        /// How it was found out.
        reason: String,
        /// The folder.
        path: PathBuf,
    },
    /// The owner does not answer, or not as one.
    #[error("Attaching failed, because {reason}: {location}")]
    Failed {
        /// What the system or the owner said.
        reason: String,
        /// The folder or address.
        location: String,
    },
}

/// Whether this very process has the folder open for others.
pub(crate) fn is_own(folder: &Path) -> bool {
    link::attach_file(folder).is_ok_and(|file| file.process == std::process::id())
}

/// A database that another process has open. Dropping it lets go of the owner, who notices at once.
pub struct Attached {
    asking: Asking,
    clock: Clock,
    /// The thread of its requests, which ends with it.
    _background: Background,
}

impl Attached {
    /// Attaches to the store in a folder, through the process that has it open. Where the owner's clock goes with
    /// `clock`, as two of the system do, it is that one.
    ///
    /// # Errors
    /// If no process has it open for others, or it does not answer.
    pub fn to_folder(folder: &Path, clock: Clock) -> Result<Self, AttachError> {
        Self::to_folder_within(folder, clock, SILENCE)
    }

    /// The same; an owner of which nothing is heard for as long as `silence` is asked whether it is there, has as long
    /// to answer, and is taken as gone then. It is ten seconds unless told otherwise.
    ///
    /// # Errors
    /// As [`Self::to_folder`].
    pub fn to_folder_within(folder: &Path, clock: Clock, silence: Duration) -> Result<Self, AttachError> {
        link::attach_file(folder).map_err(|reason| AttachError::NotAttachable {
            reason: reason.to_string(),
            path: folder.to_owned(),
        })?;
        let location = folder.display().to_string();
        Self::start(Place::Folder(folder.to_owned(), silence), location, clock)
    }

    /// Attaches to what a server of this library serves; see [`crate::connect`].
    ///
    /// # Errors
    /// If it does not answer, or is another server.
    pub fn to_server(address: SocketAddr, token: Token, clock: Clock) -> Result<Self, AttachError> {
        let location = format!("http://{address}");
        match Way::straight(&location, token, SILENCE) {
            Ok(way) => Self::start(Place::Server(way), location, clock),
            Err(fault) => Err(AttachError::Failed {
                reason: fault.to_string(),
                location,
            }),
        }
    }

    /// Attaches to what a server of this library serves at an address that a person gave.
    #[cfg(feature = "remote")]
    pub(crate) fn to_url(way: Way, clock: Clock) -> Result<Self, AttachError> {
        let location = way.url.to_string();
        Self::start(Place::Url(way, location.clone()), location, clock)
    }

    fn start(place: Place, location: String, clock: Clock) -> Result<Self, AttachError> {
        let failed = |reason: &dyn std::fmt::Display| AttachError::Failed {
            reason: reason.to_string(),
            location: location.clone(),
        };
        let background = Background::start("keyglass attached").map_err(|error| failed(&error))?;
        let handle = background.handle();
        let before = clock.now();
        let finding = wait_on(&handle, async move {
            let (shared, stream) = Shared::find(place).await?;
            let shared = Arc::new(shared);
            tokio::spawn(Arc::clone(&shared).keep(stream));
            Ok::<_, Fault>(shared)
        });
        let shared = match finding {
            Ok(found) => found.map_err(|fault| failed(&fault))?,
            Err(ended) => return Err(failed(&ended)),
        };
        // Clocks of two machines are never quite together, and what is read goes by the one of whoever opened it.
        let clock = match shared.place.is_remote() {
            true => clock,
            false => owners_clock(clock, before, shared.known().now),
        };
        Ok(Self {
            asking: Asking {
                shared,
                runtime: handle,
            },
            clock,
            _background: background,
        })
    }
}

/// The owner's clock, whose time was heard soon after `before`: ours, if both go together.
fn owners_clock(own: Clock, before: i64, now: i64) -> Clock {
    let after = own.now();
    let may_be = before.saturating_sub(SAME_CLOCK)..=after.saturating_add(SAME_CLOCK);
    if may_be.contains(&now) {
        return own;
    }
    let ahead = now.saturating_sub(after);
    Clock::from_fn(move || own.now().saturating_add(ahead))
}

impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attached")
            .field("location", &self.asking.shared.location)
            .finish_non_exhaustive()
    }
}
