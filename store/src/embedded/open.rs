//! Opening and creating store folders.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::attach::{self, LetAttach};
use super::marker::{self, Marker};
use super::picture::{NoPicture, Picture};
use super::place::{Place, look_at};
use super::start::locked;
use super::{Durability, Store};
use crate::clock::Clock;
use crate::database::Database as _;
use crate::error::OpenError;
use crate::history::HistoryRules;

/// Why a store cannot be written.
const NOT_WRITABLE: &str =
    "This folder cannot be written by this user, so it is open for reading, as it was when it was opened";
const FOR_READING: &str = "It was opened for reading only, as it was then";

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    pub(super) durability: Durability,
    clock: Clock,
    pub(super) cache_bytes: u64,
    pub(super) accept_loss: bool,
    access: Access,
    keep_expired: bool,
    history: Option<HistoryRules>,
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
            history: None,
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

    /// Which earlier versions of entries a store keeps that is opened to be written, or made. The rules are stored in it:
    /// it goes by them whoever opens it next, until others are given. Without this it goes by those that it has.
    #[must_use]
    pub fn history(mut self, rules: HistoryRules) -> Self {
        self.history = Some(rules);
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
        if let Some(rules) = &self.history {
            store
                .set_history(rules.clone())
                .map_err(|error| OpenError::Engine {
                    reason: error.to_string(),
                    path: path.to_owned(),
                })?;
        }
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
}

/// Whether the system refuses to write here, now and later.
fn forbids_writing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
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
