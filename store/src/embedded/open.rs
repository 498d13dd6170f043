//! Opening and creating store folders.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fjall::{Database, PersistMode, Readable as _};

use super::attach::{self, LetAttach};
use super::damage::{Journals, Loss};
use super::engine::{Engine, Failure, contain};
use super::layout::{AUX, KV, QUEUE, RESERVED_VERSION, Record, keyspace_options};
use super::marker::{self, Marker};
use super::picture::{NoPicture, Picture};
use super::{Durability, Store};
use crate::clock::Clock;
use crate::database::LastingId;
use crate::error::{LockOwner, OpenError};
#[cfg(target_os = "linux")]
use crate::file_locks;

const LOCK_FILE: &str = "lock";

/// Why a store cannot be written.
const NOT_WRITABLE: &str =
    "This folder cannot be written by this user, so it is open for reading, as it was when it was opened";
const FOR_READING: &str = "It was opened for reading only, as it was then";

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    durability: Durability,
    clock: Clock,
    cache_bytes: u64,
    accept_loss: bool,
    access: Access,
    keep_expired: bool,
    attach: Option<LetAttach>,
}

/// What a folder is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Writing,
    /// Writing, or reading where the system refuses that.
    WritingIfAllowed,
    Reading,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Sync,
            clock: Clock::system(),
            cache_bytes: 256 << 20,
            accept_loss: false,
            access: Access::Writing,
            keep_expired: false,
            attach: None,
        }
    }
}

impl OpenOptions {
    /// Synced commits, the system's clock, a cache of 256 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What a commit survives.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The most bytes of data blocks that are kept in memory. Memory is taken as it is needed.
    #[must_use]
    pub fn cache_bytes(mut self, bytes: u64) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// Opens a store even if its journal is damaged, without the commits behind the damage; where the end of the
    /// journal is missing, the newest commits may be there in part. What was lost is among its statistics and in its
    /// check. Keep a copy of the folder first.
    ///
    /// Without this such a store is refused. If its commits are [`Durability::Relaxed`], so that a power cut may lose
    /// the newest of them, that is no reason, as long as each commit is there whole or not at all.
    #[must_use]
    pub fn accept_loss(mut self, accept: bool) -> Self {
        self.accept_loss = accept;
        self
    }

    /// Opens a store for reading: as it stands now, without ever writing to its folder, which may belong to another
    /// user or lie on a read-only medium. What others commit later does not show. It must not be open for writing
    /// anywhere when it is opened, and may be afterwards; then reading what its owner has removed is an error.
    ///
    /// It means nothing when a store is made.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.access = if read_only {
            Access::Reading
        } else {
            Access::Writing
        };
        self
    }

    /// Opens a store for reading, as [`Self::read_only`] does, where this user cannot write it.
    #[must_use]
    pub fn read_only_if_unwritable(mut self) -> Self {
        self.access = Access::WritingIfAllowed;
        self
    }

    /// Makes stores whose expired entries stay in the folder, now and whenever it is opened: no reader sees them but one
    /// with a clock that is behind. It means nothing to a store that is there already.
    #[must_use]
    pub(crate) fn keep_expired(mut self) -> Self {
        self.keep_expired = true;
        self
    }

    /// Opens an existing store.
    ///
    /// # Errors
    /// If there is none, it is another's, locked, newer or damaged; see [`OpenError`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Store, OpenError> {
        let path = path.as_ref();
        match look_at(path)? {
            Place::Nothing => Err(OpenError::NotFound(path.to_owned())),
            Place::EmptyFolder | Place::OtherFolder => Err(OpenError::NotOurFolder(path.to_owned())),
            Place::Store(_) => self.open_folder(path),
        }
    }

    /// Makes a new store in a folder that is empty or does not exist.
    ///
    /// # Errors
    /// If something is there already, or the file system refuses.
    pub fn create(&self, path: impl AsRef<Path>) -> Result<Store, OpenError> {
        let path = path.as_ref();
        match look_at(path)? {
            Place::Nothing | Place::EmptyFolder => self.create_folder(path),
            Place::Store(Marker::Incomplete) => self.create_folder(path),
            Place::Store(_) | Place::OtherFolder => Err(OpenError::NotEmpty(path.to_owned())),
        }
    }

    /// Opens the store in a folder, or makes one if the folder is empty or does not exist.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Self::create`].
    pub fn open_or_create(&self, path: impl AsRef<Path>) -> Result<Store, OpenError> {
        let path = path.as_ref();
        match look_at(path)? {
            Place::Nothing | Place::EmptyFolder => self.create_folder(path),
            Place::Store(_) => self.open_folder(path),
            Place::OtherFolder => Err(OpenError::NotOurFolder(path.to_owned())),
        }
    }

    fn create_folder(&self, path: &Path) -> Result<Store, OpenError> {
        let io_error = |source| OpenError::Io {
            source,
            path: path.to_owned(),
        };
        std::fs::create_dir_all(path).map_err(io_error)?;
        marker::write(path, false).map_err(io_error)?;
        if self.keep_expired {
            marker::keep_expired(path).map_err(io_error)?;
        }
        self.open_to_write(path)
    }

    fn open_folder(&self, path: &Path) -> Result<Store, OpenError> {
        match self.access {
            Access::Writing => self.open_to_write(path),
            Access::WritingIfAllowed => match self.open_to_write(path) {
                Err(OpenError::Io { source, .. }) if forbids_writing(&source) => {
                    self.open_to_read(path, NOT_WRITABLE)
                }
                opened => opened,
            },
            Access::Reading => self.open_to_read(path, FOR_READING),
        }
    }

    fn open_to_write(&self, path: &Path) -> Result<Store, OpenError> {
        let (engine, start) = self.open_engine(path, path, None)?;
        attach::remove_file(path);
        let started = Store::start(path, engine, start, self.durability, self.clock.clone(), None);
        let store = started.map_err(|source| OpenError::Io {
            source,
            path: path.to_owned(),
        })?;
        Ok(match self.attach {
            Some(let_attach) => store.attachable(let_attach),
            None => store,
        })
    }

    /// Has something done with each store that is opened to be written, which lasts until the store closes.
    #[cfg(feature = "connect")]
    pub(crate) fn let_attach(mut self, let_attach: LetAttach) -> Self {
        self.attach = Some(let_attach);
        self
    }

    fn open_to_read(&self, path: &Path, reason: &'static str) -> Result<Store, OpenError> {
        let io_error = |source| OpenError::Io {
            source,
            path: path.to_owned(),
        };
        let (picture, held) = Picture::take(path).map_err(|no_picture| match no_picture {
            NoPicture::Locked => locked(path),
            NoPicture::Changing => OpenError::Engine {
                reason: "it is being written to, so it cannot be read as it is at one moment".to_owned(),
                path: path.to_owned(),
            },
            NoPicture::Io(source) => io_error(source),
        })?;
        let files = picture.files();
        let (engine, start) = self.open_engine(path, &files, Some(Arc::new(picture)))?;
        drop(held);
        Store::start(
            path,
            engine,
            start,
            self.durability,
            self.clock.clone(),
            Some(reason),
        )
        .map_err(io_error)
    }

    /// Opens the engine on the folder `files`, which is that of the store at `path` or its picture.
    fn open_engine(
        &self,
        path: &Path,
        files: &Path,
        picture: Option<Arc<Picture>>,
    ) -> Result<(Engine, Start), OpenError> {
        let io_error = |source| OpenError::Io {
            source,
            path: path.to_owned(),
        };
        let complete = marker::read(files)? == Marker::Complete;
        if !complete {
            remove_half_made_engine(files)?;
        } else if !files.join(LOCK_FILE).is_file() || !files.join("version").is_file() {
            // The engine would take the folder for a new one.
            return Err(OpenError::Engine {
                reason: "files of the engine are missing".to_owned(),
                path: path.to_owned(),
            });
        }
        let journals = read_journals(files).map_err(io_error)?;
        let accept_loss = self.accept_loss || self.durability == Durability::Relaxed;
        let damaged = |loss: Loss| OpenError::Damaged {
            reason: loss.reason(),
            path: path.to_owned(),
        };
        let mut loss = (journals.num_lost > 0).then_some(Loss::BehindDamage(journals.num_lost));
        if let Some(loss) = loss.filter(|_| !accept_loss) {
            return Err(damaged(loss));
        }
        if loss.is_some() {
            journals.cut_off_damage().map_err(io_error)?;
        }
        let opened = contain(|| {
            let database = Database::builder(files)
                .cache_size(self.cache_bytes)
                .max_journaling_size(64 << 20)
                .open()?;
            if complete && !(database.keyspace_exists(KV) && database.keyspace_exists(AUX)) {
                return Err(fjall::Error::Unrecoverable);
            }
            let kv = database.keyspace(KV, keyspace_options)?;
            let aux = database.keyspace(AUX, keyspace_options)?;
            Ok((database, kv, aux))
        });
        let (database, kv, aux) = opened.map_err(|failure| open_error(path, failure))?;
        let engine = Engine {
            database,
            kv,
            aux,
            location: path.display().to_string().into(),
            picture,
        };
        if loss.is_none() && journals.are_behind(engine.persisted_sequence_number()) {
            loss = Some(Loss::BehindEnd);
            if !self.accept_loss {
                drop(engine);
                journals.restore().map_err(io_error)?;
                return Err(damaged(Loss::BehindEnd));
            }
        }
        if !complete {
            contain(|| engine.database.persist(PersistMode::SyncAll))
                .map_err(|failure| open_error(path, failure))?;
            marker::write(files, true).map_err(io_error)?;
        }
        let mut start = contain(|| read_start(&engine, loss)).map_err(|failure| open_error(path, failure))?;
        // A picture is not the folder, which is not written.
        start.id = match engine.picture {
            None => marker::ensure_id(files),
            Some(_) => marker::id(files),
        };
        start.keeps_expired = marker::keeps_expired(files);
        Ok((engine, start))
    }
}

/// What a store must know before its first commit.
pub(super) struct Start {
    /// No commit has a higher version.
    pub(super) version: u64,
    pub(super) num_messages: u64,
    /// What a damaged journal has lost.
    pub(super) loss: Option<Loss>,
    pub(super) id: Option<LastingId>,
    /// Whether expired entries are not swept.
    pub(super) keeps_expired: bool,
}

/// What the journals hold. A store that is open elsewhere is not looked at.
fn read_journals(path: &Path) -> io::Result<Journals> {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join(LOCK_FILE))?;
    if lock.try_lock().is_err() {
        return Ok(Journals::default());
    }
    Journals::read(path)
}

fn read_start(engine: &Engine, loss: Option<Loss>) -> fjall::Result<Start> {
    let reserved = engine.aux.get(RESERVED_VERSION)?;
    let mut num_messages = 0;
    for guard in engine.database.snapshot().prefix(&engine.aux, [QUEUE]) {
        guard.key()?;
        num_messages += 1;
    }
    let mut version = reserved
        .as_deref()
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u64::from_be_bytes);
    if loss.is_some() {
        // The reservation may be among what was lost.
        for guard in engine.database.snapshot().iter(&engine.kv) {
            let (_key, value) = guard.into_inner()?;
            version = Record::decode(value.into()).map_or(version, |record| version.max(record.version));
        }
    }
    Ok(Start {
        version,
        num_messages,
        loss,
        id: None,
        keeps_expired: false,
    })
}

/// What stands at a path.
enum Place {
    Nothing,
    EmptyFolder,
    OtherFolder,
    Store(Marker),
}

fn look_at(path: &Path) -> Result<Place, OpenError> {
    let io_error = |source| OpenError::Io {
        source,
        path: path.to_owned(),
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Place::Nothing),
        Err(error) => return Err(io_error(error)),
    };
    if !metadata.is_dir() {
        return Err(OpenError::NotOurFile {
            reason: "a Keyglass database is a folder".to_owned(),
            path: path.to_owned(),
        });
    }
    let marker = marker::read(path)?;
    if marker != Marker::Absent {
        return Ok(Place::Store(marker));
    }
    let mut files = std::fs::read_dir(path).map_err(io_error)?;
    // A marker that was not yet in place when its creation was interrupted is no content.
    let is_foreign = |file: io::Result<std::fs::DirEntry>| match file {
        Ok(file) => !file.file_name().to_str().is_some_and(marker::is_unfinished),
        Err(_unreadable) => true,
    };
    Ok(if files.any(is_foreign) {
        Place::OtherFolder
    } else {
        Place::EmptyFolder
    })
}

/// Clears away what an interrupted creation left, unless another process is creating right now.
fn remove_half_made_engine(path: &Path) -> Result<(), OpenError> {
    let io_error = |source| OpenError::Io {
        source,
        path: path.to_owned(),
    };
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join(LOCK_FILE))
        .map_err(io_error)?;
    if lock.try_lock().is_err() {
        return Err(locked(path));
    }
    for file in std::fs::read_dir(path).map_err(io_error)? {
        let file = file.map_err(io_error)?.path();
        let name = file.file_name().and_then(OsStr::to_str);
        if name == Some("keyspaces") {
            std::fs::remove_dir_all(&file).map_err(io_error)?;
        } else if name == Some("version")
            || file.extension() == Some(OsStr::new("jnl"))
            || name.is_some_and(marker::is_unfinished)
        {
            std::fs::remove_file(&file).map_err(io_error)?;
        }
    }
    Ok(())
}

fn open_error(path: &Path, failure: Failure) -> OpenError {
    match failure {
        Failure::Engine(fjall::Error::Locked) => locked(path),
        Failure::Engine(fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source))) => {
            OpenError::Io {
                source,
                path: path.to_owned(),
            }
        }
        other => OpenError::Engine {
            reason: other.describe(),
            path: path.to_owned(),
        },
    }
}

/// Whether the system refuses to write here, now and later.
fn forbids_writing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

fn locked(path: &Path) -> OpenError {
    OpenError::Locked {
        owner: lock_owner(&path.join(LOCK_FILE)),
        path: path.to_owned(),
    }
}

/// The process that holds the lock on a file.
#[cfg(target_os = "linux")]
fn lock_owner(lock_file: &Path) -> Option<LockOwner> {
    file_locks::holder(lock_file).map(file_locks::named)
}

#[cfg(not(target_os = "linux"))]
fn lock_owner(_lock_file: &Path) -> Option<LockOwner> {
    None
}

/// Whether a path is a folder that Keyglass made, whatever its format and state.
#[must_use]
pub fn is_database(path: impl AsRef<Path>) -> bool {
    marker::exists(path.as_ref())
}

/// Whether expired entries stay in a folder that Keyglass made; see [`OpenOptions::keep_expired`].
pub(crate) fn keeps_expired(path: &Path) -> bool {
    marker::keeps_expired(path)
}

/// Whether a path is a folder that Keyglass made, or has, of whatever format, and whose creation was not interrupted.
pub(crate) fn is_whole(path: &Path) -> bool {
    !matches!(marker::read(path), Ok(Marker::Absent | Marker::Incomplete))
}

impl Store {
    /// Opens an existing store, with synced commits.
    ///
    /// # Errors
    /// See [`OpenOptions::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        OpenOptions::new().open(path)
    }

    /// Makes a new store in a folder that is empty or does not exist, with synced commits.
    ///
    /// # Errors
    /// See [`OpenOptions::create`].
    pub fn create(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        OpenOptions::new().create(path)
    }

    /// Opens the store in a folder, or makes one if the folder is empty or does not exist, with synced
    /// commits.
    ///
    /// # Errors
    /// See [`OpenOptions::open_or_create`].
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        OpenOptions::new().open_or_create(path)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.handle.path.clone()
    }
}
