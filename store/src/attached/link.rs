//! The way to the owner: there, gone, and back again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::StatusCode;
use tokio::sync::watch;
use tokio::time::sleep;

use super::connection::{CONNECTING, Connection, Fault, Stream, Way};
use super::counts::Counts;
use crate::connect::Token;
use crate::connect::attach_file::AttachFile;
use crate::connect::extension::wire::{Description, Known};
use crate::database::{Capabilities, DatabaseKind, Reading, Writing};
use crate::error::{CommitError, DatabaseError, LockOwner};
use crate::http::{Dialer, Url};

/// Between two looks at whether the owner is back: at first, and at most.
const LOOKS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Where an owner is found.
pub(super) enum Place {
    /// By what lies in the folder; an owner that says nothing for so long is asked whether it is there.
    Folder(PathBuf, Duration),
    /// At an address.
    Server(Way),
    /// At an address that a person gave, and by which it is known.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "opened by `remote` alone")
    )]
    Url(Way, String),
}

impl Place {
    /// The way to the owner, now.
    fn find(&self) -> Result<Way, Fault> {
        match self {
            Self::Server(way) | Self::Url(way, _) => Ok(way.clone()),
            Self::Folder(folder, silence) => {
                let file = attach_file(folder).map_err(|reason| Fault::NotSent(reason.to_string()))?;
                Way::straight(&format!("http://{}", file.address), file.token, *silence)
            }
        }
    }

    /// What was asked of an owner on a server.
    pub(super) fn counts(&self) -> Option<&Counts> {
        match self {
            Self::Url(way, _) => Some(&way.counts),
            Self::Folder(..) | Self::Server(_) => None,
        }
    }

    /// Whether the owner may be on another machine, whose processes are none of ours.
    pub(super) fn is_remote(&self) -> bool {
        matches!(self, Self::Url(..))
    }
}

impl Way {
    /// To a server that is near, without TLS.
    pub(super) fn straight(url: &str, token: Token, silence: Duration) -> Result<Self, Fault> {
        Ok(Self {
            url: Url::parse(url).map_err(|error| Fault::NotSent(error.to_string()))?,
            token,
            dialer: Arc::new(Dialer::straight(CONNECTING, silence)),
            counts: Arc::default(),
        })
    }
}

/// Why a folder has no owner that can be attached to.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoOwner {
    #[error("process {0} has ended")]
    Ended(u32),
    #[error("nobody has it open for others")]
    Nobody,
    #[error("{0}")]
    Unreadable(std::io::Error),
}

/// What lies in a folder whose owner may be running.
pub(super) fn attach_file(folder: &Path) -> Result<AttachFile, NoOwner> {
    match AttachFile::read(folder) {
        Ok(Some(file)) if file.may_be_current() => Ok(file),
        Ok(Some(file)) => Err(NoOwner::Ended(file.process)),
        Ok(None) => Err(NoOwner::Nobody),
        Err(error) => Err(NoOwner::Unreadable(error)),
    }
}

/// The way to the owner.
#[derive(Clone)]
pub(super) enum Link {
    Here(Arc<Connection>),
    /// The owner has gone, or does not answer.
    Away,
}

/// What all that work with the owner share.
pub(super) struct Shared {
    pub(super) place: Place,
    pub(super) location: String,
    link: watch::Sender<Link>,
    known: Mutex<Known>,
    /// Whether this side does not want to write.
    pub(super) is_locked: AtomicBool,
}

impl Shared {
    /// Finds the owner for the first time.
    pub(super) async fn find(place: Place) -> Result<(Self, Stream<Description>), Fault> {
        let (connection, known, stream) = reach(&place).await?;
        let location = match &place {
            Place::Folder(folder, _) => folder.display().to_string(),
            Place::Server(_) => known.location.clone(),
            Place::Url(_, location) => location.clone(),
        };
        let shared = Self {
            place,
            location,
            link: watch::Sender::new(Link::Here(Arc::new(connection))),
            known: Mutex::new(known),
            is_locked: AtomicBool::new(false),
        };
        Ok((shared, stream))
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection, if the owner is there.
    pub(super) fn connection(&self) -> Result<Arc<Connection>, Fault> {
        match &*self.link.borrow() {
            Link::Here(connection) => Ok(Arc::clone(connection)),
            Link::Away => Err(Fault::NotSent(String::new())),
        }
    }

    /// Waits for a connection other than one that ended.
    pub(super) async fn another(&self, ended: Option<&Arc<Connection>>) -> Option<Arc<Connection>> {
        let is_another = |link: &Link| match link {
            Link::Here(connection) => ended.is_none_or(|ended| !Arc::ptr_eq(ended, connection)),
            Link::Away => false,
        };
        let mut links = self.link.subscribe();
        match &*links.wait_for(is_another).await.ok()? {
            Link::Here(connection) => Some(Arc::clone(connection)),
            Link::Away => None,
        }
    }

    /// A connection has ended, whoever notices it first.
    pub(super) fn lose(&self, ended: &Arc<Connection>) {
        self.link.send_if_modified(|link| match link {
            Link::Here(connection) if Arc::ptr_eq(connection, ended) => {
                *link = Link::Away;
                true
            }
            _ => false,
        });
    }

    pub(super) fn is_away(&self) -> bool {
        matches!(&*self.link.borrow(), Link::Away)
    }

    /// Stays with the owner, and finds it again whenever it has gone.
    pub(super) async fn keep(self: Arc<Self>, mut stream: Stream<Description>) {
        loop {
            while let Ok(Some(description)) = stream.next().await {
                if let Ok(known) = description.try_into() {
                    *self.known() = known;
                }
            }
            self.link.send_replace(Link::Away);
            stream = self.find_again().await;
        }
    }

    async fn find_again(&self) -> Stream<Description> {
        let (mut pause, longest) = LOOKS;
        loop {
            if let Ok((connection, known, stream)) = reach(&self.place).await
                // Another database may have taken the folder's place, which is none of ours.
                && known.id == self.known().id
            {
                *self.known() = known;
                self.link.send_replace(Link::Here(Arc::new(connection)));
                return stream;
            }
            sleep(pause).await;
            pause = (2 * pause).min(longest);
        }
    }

    /// What can be done now: what the owner allows, as long as it is there.
    pub(super) fn capabilities(&self) -> Capabilities {
        let known = self.known();
        let writing = match &known.capabilities.writing {
            _ if self.is_away() => Writing::Impossible(format!(
                "{} has ended or closed this database; it is shown as it was last, until it is open there again",
                name_of(&known.owner)
            )),
            Writing::Allowed if self.is_locked.load(Ordering::Acquire) => Writing::Locked,
            Writing::Allowed => Writing::Allowed,
            Writing::Locked => Writing::Impossible(format!(
                "{} has this database open and keeps it locked",
                name_of(&known.owner)
            )),
            Writing::Impossible(reason) => Writing::Impossible(reason.clone()),
        };
        let of_url = match &self.place {
            Place::Url(way, _) => Some(way),
            Place::Folder(..) | Place::Server(_) => None,
        };
        Capabilities {
            writing,
            kind: of_url.map_or(known.capabilities.kind, |_| DatabaseKind::Remote),
            // What goes over a network is not read for nothing.
            reading: match of_url {
                Some(way) if !way.url.is_of_this_machine() => Reading::Metered,
                _ => known.capabilities.reading,
            },
            ..known.capabilities.clone()
        }
    }

    /// What to say where something is not answered.
    pub(super) fn error(&self, fault: Fault) -> DatabaseError {
        let unreachable = |reason| DatabaseError::Unreachable {
            reason,
            location: self.location.clone(),
        };
        match fault {
            Fault::NotSent(_) | Fault::Lost(_) => unreachable(format!(
                "{}, which had it open, has ended or closed it",
                name_of(&self.known().owner)
            )),
            Fault::Refused(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, reason) => {
                DatabaseError::Unauthorised {
                    reason,
                    location: self.location.clone(),
                }
            }
            Fault::Refused(_, sentence) => unreachable(sentence),
            Fault::Failure(failure) => failure
                .try_into()
                .unwrap_or_else(|malformed| unreachable(not_understood(&malformed))),
            Fault::Malformed(reason) => unreachable(not_understood(&reason)),
        }
    }

    /// What to say where a commit is not answered. One that was sent may have been done.
    pub(super) fn commit_error(&self, fault: Fault) -> CommitError {
        let unknown = |reason| CommitError::Unknown {
            reason,
            location: self.location.clone(),
        };
        match fault {
            Fault::Lost(reason) => unknown(format!(
                "{} had it and went away before it answered: {reason}",
                name_of(&self.known().owner)
            )),
            Fault::Malformed(reason) => unknown(not_understood(&reason)),
            Fault::Failure(failure) => failure
                .try_into()
                .unwrap_or_else(|malformed| unknown(not_understood(&malformed))),
            // The server failed in the middle, or says that it does not know.
            Fault::Refused(status, sentence)
                if status == StatusCode::CONFLICT || status == StatusCode::INTERNAL_SERVER_ERROR =>
            {
                unknown(sentence)
            }
            Fault::Refused(StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE, sentence) => {
                CommitError::Refused(DatabaseError::Unsupported(sentence))
            }
            Fault::NotSent(_) | Fault::Refused(..) => self.error(fault).into(),
        }
    }
}

/// Connects to the owner and hears what it has.
async fn reach(place: &Place) -> Result<(Connection, Known, Stream<Description>), Fault> {
    let connection = Connection::open(&place.find()?).await?;
    let mut stream = connection.attach().await?;
    let first = stream.next().await?;
    let first = first.ok_or_else(|| Fault::Lost("it ended at once".to_owned()))?;
    Ok((connection, first.try_into()?, stream))
}

fn not_understood(reason: &dyn std::fmt::Display) -> String {
    format!("its answer is not understood ({reason})")
}

/// The owner as a sentence names it.
pub(super) fn name_of(owner: &LockOwner) -> String {
    match &owner.name {
        Some(name) => format!("{name} (process {})", owner.process),
        None => format!("Process {}", owner.process),
    }
}
