//! Starting the engine on a folder: its files are looked through first, so that nothing is lost unsaid.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use fjall::{Database, PersistMode, Readable as _};

use super::Durability;
use super::damage::{Journals, Loss};
use super::engine::{Engine, Failure, contain};
use super::history::{Kept, stored_rules};
use super::layout::{AUX, KV, QUEUE, RESERVED_VERSION, Record, keyspace_options};
use super::marker::{self, Marker};
use super::open::OpenOptions;
use super::picture::Picture;
use crate::database::LastingId;
use crate::error::{LockOwner, OpenError};
#[cfg(target_os = "linux")]
use crate::file_locks;

const LOCK_FILE: &str = "lock";

impl OpenOptions {
    /// Opens the engine on the folder `files`, which is that of the store at `path` or its picture.
    pub(super) fn open_engine(
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
            history: Arc::default(),
            location: path.display().to_string().into(),
            picture,
        };
        contain(|| engine.open_history()).map_err(|failure| open_error(path, failure))?;
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
    /// What is kept of earlier versions.
    pub(super) kept: Option<Kept>,
    /// Whether earlier versions may be there that their rules do not allow.
    pub(super) untrimmed: bool,
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
    let (stored, bytes) = stored_rules(engine)?;
    Ok(Start {
        version,
        num_messages,
        untrimmed: stored.untrimmed,
        kept: (!stored.rules.is_off()).then(|| Kept {
            rules: Arc::new(stored.rules),
            bytes,
        }),
        loss,
        id: None,
        keeps_expired: false,
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

pub(super) fn locked(path: &Path) -> OpenError {
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
