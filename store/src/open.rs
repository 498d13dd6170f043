//! Opening whatever stands at a location. The only module that knows all kinds of databases.

use std::path::Path;
use std::sync::Arc;
#[cfg(feature = "connect")]
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::database::{Database, DatabaseKind};
use crate::embedded;
use crate::error::OpenError;
#[cfg(any(feature = "connect", feature = "deno-file"))]
use crate::read_only::ReadOnly;

/// How long an owner is waited for who may just begin or end.
#[cfg(feature = "connect")]
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks at whether that has been done.
#[cfg(feature = "connect")]
const LOOK: Duration = Duration::from_millis(25);

/// Which kind of database a location names, found out by looking and without opening it: a folder is one by its
/// marker, and any file may be one of Deno's. `None` if nothing is there, or something else.
#[must_use]
pub fn kind(location: &str) -> Option<DatabaseKind> {
    if is_url(location) {
        return Some(DatabaseKind::Remote);
    }
    let metadata = std::fs::metadata(location).ok()?;
    if metadata.is_file() {
        Some(DatabaseKind::DenoFile)
    } else {
        embedded::is_database(location).then_some(DatabaseKind::Embedded)
    }
}

/// How a database of any kind is opened. Whoever opens databases passes these on, so that all of them go by one clock.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    clock: Clock,
    accept_loss: bool,
    write_files: bool,
    read_only: bool,
    #[cfg(feature = "connect")]
    attachable: bool,
    #[cfg(feature = "remote")]
    token: Option<crate::connect::Token>,
}

impl OpenOptions {
    /// The system's clock, and no loss.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Opens a folder even if commits in its journal are damaged, without those; see
    /// [`OpenOptions::accept_loss`](embedded::OpenOptions::accept_loss). It means nothing to a file.
    #[must_use]
    pub fn accept_loss(mut self, accept: bool) -> Self {
        self.accept_loss = accept;
        self
    }

    /// Whether one of Deno's files, or a database on a server, may be written from the beginning. Otherwise it is locked
    /// until [`Database::set_writable`], except one that is made here. It means nothing to a folder, which is not locked.
    #[must_use]
    pub fn write_files(mut self, write: bool) -> Self {
        self.write_files = write;
        self
    }

    /// Opens a database for reading alone: nothing is ever written to its files, and [`Database::set_writable`] is
    /// refused. A folder is then seen as it was when it was opened; see
    /// [`OpenOptions::read_only`](embedded::OpenOptions::read_only). To forbid writing to one user of a database that
    /// others write to, there is [`ReadOnly`]. It means nothing when a database is made.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Lets other processes attach to a folder that is opened to be written; see
    /// [`OpenOptions::attachable`](embedded::OpenOptions::attachable).
    #[cfg(feature = "connect")]
    #[must_use]
    pub fn attachable(mut self) -> Self {
        self.attachable = true;
        self
    }

    /// By what a server knows who asks for a database; it means nothing to folders and files.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn token(mut self, token: crate::connect::Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Opens the database at a location: a path, or the URL of a server that speaks KV Connect. A folder that another process has open is attached to, if that one lets others
    /// attach and this build has the feature `connect`.
    ///
    /// # Errors
    /// If there is none, it cannot be opened, or this build does not know the kind.
    pub fn open(&self, location: &str) -> Result<Arc<dyn Database>, OpenError> {
        if is_url(location) {
            return self.open_url(location);
        }
        let path = Path::new(location);
        if path.is_file() || is_missing_main_file(path) {
            return self.open_file(path);
        }
        let of_folder = if self.read_only {
            self.of_folder().read_only(true)
        } else {
            self.of_folder()
        };
        #[cfg(feature = "connect")]
        return self.open_or_attach(path, &of_folder);
        #[cfg(not(feature = "connect"))]
        Ok(Arc::new(of_folder.open(path)?))
    }

    /// Opens a folder, or attaches to whoever has it.
    #[cfg(feature = "connect")]
    fn open_or_attach(
        &self,
        path: &Path,
        of_folder: &embedded::OpenOptions,
    ) -> Result<Arc<dyn Database>, OpenError> {
        use crate::attached::{AttachError, Attached};
        let begun = Instant::now();
        loop {
            let owner = match of_folder.open(path) {
                Err(OpenError::Locked { owner, .. }) => owner,
                opened => return Ok(Arc::new(opened?)),
            };
            // A store of this very process is not opened twice.
            let attached = match crate::attached::is_own(path) {
                true => None,
                false => Some(Attached::to_folder(path, self.clock.clone())),
            };
            let failure = match attached {
                Some(Ok(attached)) if self.read_only => {
                    return Ok(Arc::new(ReadOnly::new(Arc::new(attached))));
                }
                Some(Ok(attached)) => return Ok(Arc::new(attached)),
                Some(Err(AttachError::Failed { reason, .. })) => Some(reason),
                Some(Err(AttachError::NotAttachable { .. })) | None => None,
            };
            // An owner that begins has the lock before it lets others attach, and one that ends has it longer.
            if begun.elapsed() < PATIENCE {
                std::thread::sleep(LOOK);
                continue;
            }
            let path = path.to_owned();
            return Err(match failure {
                Some(reason) => OpenError::Attach { owner, reason, path },
                None => OpenError::Locked { owner, path },
            });
        }
    }

    /// Makes a new, empty database: one of Deno's files where the path ends as those do ([`is_file_name`]), otherwise
    /// a folder, in one that is empty or does not exist.
    ///
    /// # Errors
    /// If something else is there already, or the file system refuses.
    pub fn create(&self, path: &Path) -> Result<Arc<dyn Database>, OpenError> {
        if is_file_name(path) && !path.is_dir() {
            return self.create_file(path);
        }
        Ok(Arc::new(self.of_folder().create(path)?))
    }

    /// Opens the database at a location, or makes one where nothing is but the folder that it shall stand in. The
    /// flag says whether it was made.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Self::create`].
    pub fn open_or_create(&self, location: &str) -> Result<(Arc<dyn Database>, bool), OpenError> {
        if Self::would_create(location) {
            self.create(Path::new(location)).map(|database| (database, true))
        } else {
            self.open(location).map(|database| (database, false))
        }
    }

    /// Whether [`Self::open_or_create`] would make a database here.
    #[must_use]
    pub fn would_create(location: &str) -> bool {
        let path = Path::new(location);
        let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let free = !path.exists() && !is_missing_main_file(path);
        !is_url(location) && free && beside.is_none_or(Path::is_dir)
    }

    /// Whoever opens whatever stands somewhere mostly looks, and reads little of it twice: less cache than a program's
    /// own store has, so that a database of any size is opened in little memory.
    fn of_folder(&self) -> embedded::OpenOptions {
        let options = embedded::OpenOptions::new()
            .cache_bytes(64 << 20)
            .clock(self.clock.clone())
            .accept_loss(self.accept_loss)
            .read_only_if_unwritable();
        #[cfg(feature = "connect")]
        if self.attachable {
            return options.attachable();
        }
        options
    }

    #[cfg(feature = "remote")]
    fn open_url(&self, url: &str) -> Result<Arc<dyn Database>, OpenError> {
        let options = crate::remote::RemoteOptions::new().clock(self.clock.clone());
        let database = options.open(url, self.token.as_ref())?;
        if self.read_only {
            return Ok(Arc::new(ReadOnly::new(database)));
        }
        // Where that is impossible, the capabilities say why, and so does every commit.
        let _possible = database.set_writable(self.write_files);
        Ok(database)
    }

    #[cfg(not(feature = "remote"))]
    #[expect(clippy::unused_self, reason = "a build with databases on servers needs it")]
    fn open_url(&self, url: &str) -> Result<Arc<dyn Database>, OpenError> {
        Err(OpenError::Unsupported(url.to_owned()))
    }

    #[cfg(feature = "deno-file")]
    fn open_file(&self, path: &Path) -> Result<Arc<dyn Database>, OpenError> {
        use crate::deno_file::DenoFile;
        let file = DenoFile::open_with_clock(path, self.clock.clone())?;
        if self.read_only {
            return Ok(Arc::new(ReadOnly::new(Arc::new(file))));
        }
        if self.write_files {
            // Where that is impossible, the capabilities say why, and so does every commit.
            let _possible = file.set_writable(true);
        }
        Ok(Arc::new(file))
    }

    #[cfg(feature = "deno-file")]
    fn create_file(&self, path: &Path) -> Result<Arc<dyn Database>, OpenError> {
        use crate::deno_file::DenoFile;
        Ok(Arc::new(DenoFile::create_with_clock(path, self.clock.clone())?))
    }

    #[cfg(not(feature = "deno-file"))]
    #[expect(clippy::unused_self, reason = "a build with Deno files needs it")]
    fn open_file(&self, path: &Path) -> Result<Arc<dyn Database>, OpenError> {
        Err(OpenError::Unsupported(path.display().to_string()))
    }

    #[cfg(not(feature = "deno-file"))]
    #[expect(clippy::unused_self, reason = "a build with Deno files needs it")]
    fn create_file(&self, path: &Path) -> Result<Arc<dyn Database>, OpenError> {
        Err(OpenError::Unsupported(path.display().to_string()))
    }
}

/// Whether a path ends as files of SQLite usually do, so that a new database there is one of Deno's files.
#[must_use]
pub fn is_file_name(path: &Path) -> bool {
    let ending = path.extension().and_then(std::ffi::OsStr::to_str);
    ending.is_some_and(|ending| {
        let endings = ["sqlite3", "sqlite", "db"];
        endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
    })
}

/// Whether nothing is here but the `-wal` of one of Deno's files.
fn is_missing_main_file(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    !path.exists() && Path::new(&wal).is_file()
}

fn is_url(location: &str) -> bool {
    let begins = |scheme: &str| {
        location
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    begins("http://") || begins("https://")
}

#[cfg(test)]
#[cfg(feature = "deno-file")]
mod subscribing_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atomic::AtomicOperation;
    use crate::database::Writing;
    use crate::error::{CommitError, DatabaseError};
    use crate::key::EncodedKey;
    use tempfile::TempDir;

    #[test]
    fn what_stands_at_a_location_is_told_by_looking() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        drop(OpenOptions::new().create(path("shop.kg").as_ref()).unwrap());
        std::fs::write(path("file"), "text").unwrap();
        assert_eq!(kind(&path("shop.kg")), Some(DatabaseKind::Embedded));
        assert_eq!(kind(&path("file")), Some(DatabaseKind::DenoFile));
        assert_eq!(kind(&path("")), None);
        assert_eq!(kind(&path("missing")), None);
        assert_eq!(kind("HTTPS://example.com"), Some(DatabaseKind::Remote));
        assert_eq!(kind("httpserver"), None);
    }

    #[test]
    fn every_kind_of_database_goes_by_the_clock_of_whoever_opens_it() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let clock = Clock::from_fn(|| 1_000);
        let options = OpenOptions::new().clock(clock.clone());
        assert_eq!(options.create(path("new.kg").as_ref()).unwrap().clock(), clock);
        assert_eq!(options.open(&path("new.kg")).unwrap().clock(), clock);
        assert_eq!(
            options.open_or_create(&path("other.kg")).unwrap().0.clock(),
            clock
        );
        #[cfg(feature = "deno-file")]
        assert_eq!(
            options.create(path("new.sqlite3").as_ref()).unwrap().clock(),
            clock
        );
        let default = OpenOptions::new().open(&path("new.kg")).unwrap();
        assert_eq!(default.clock(), Clock::system());
        #[cfg(feature = "deno-file")]
        {
            let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/shop.sqlite3");
            std::fs::copy(shop, path("shop.sqlite3")).unwrap();
            assert_eq!(options.open(&path("shop.sqlite3")).unwrap().clock(), clock);
        }
    }

    #[cfg(feature = "deno-file")]
    #[test]
    fn a_new_database_is_a_file_where_its_name_ends_like_one() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for name in ["a.sqlite3", "b.DB", "c.sqlite"] {
            let (database, made) = OpenOptions::new().open_or_create(&path(name)).unwrap();
            assert!(made);
            assert_eq!(database.capabilities().kind, DatabaseKind::DenoFile);
            assert_eq!(database.capabilities().writing, Writing::Allowed);
            drop(database);
            let (again, made) = OpenOptions::new().open_or_create(&path(name)).unwrap();
            assert!(!made);
            assert_eq!(again.capabilities().writing, Writing::Locked);
            let to_write = OpenOptions::new().write_files(true).open(&path(name)).unwrap();
            assert_eq!(to_write.capabilities().writing, Writing::Allowed);
        }
        for name in ["sqlite3", "d.kg", "e.sqlite3.kg"] {
            let database = OpenOptions::new().create(path(name).as_ref()).unwrap();
            assert_eq!(database.capabilities().kind, DatabaseKind::Embedded);
        }
        assert!(matches!(
            OpenOptions::new().create(path("a.sqlite3").as_ref()),
            Err(OpenError::Io { .. })
        ));
    }

    #[test]
    fn a_database_that_is_opened_for_reading_alone_is_never_written() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        drop(OpenOptions::new().create(path("shop.kg").as_ref()).unwrap());
        let mut databases = vec![path("shop.kg")];
        if cfg!(feature = "deno-file") {
            let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/shop.sqlite3");
            std::fs::copy(shop, path("shop.sqlite3")).unwrap();
            databases.push(path("shop.sqlite3"));
        }
        for location in databases {
            let database = OpenOptions::new().read_only(true).open(&location).unwrap();
            assert!(matches!(database.capabilities().writing, Writing::Impossible(_)));
            let delete = AtomicOperation::new().delete(EncodedKey::from_bytes(&b"\x02a\0"[..]));
            let refused = database.commit(delete).unwrap_err();
            assert!(matches!(
                refused,
                CommitError::Refused(DatabaseError::ReadOnly(_))
            ));
            assert!(database.set_writable(true).is_err());
            assert!(database.set_writable(false).is_ok());
        }
    }

    #[test]
    fn a_missing_database_is_made_only_in_a_folder_that_exists() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (database, made) = OpenOptions::new().open_or_create(&path("new.kg")).unwrap();
        assert!(made);
        drop(database);
        let (database, made) = OpenOptions::new().open_or_create(&path("new.kg")).unwrap();
        assert!(!made);
        drop(database);
        assert!(matches!(
            OpenOptions::new().open_or_create(&path("no/new.kg")),
            Err(OpenError::NotFound(_))
        ));
        std::fs::create_dir(path("other")).unwrap();
        std::fs::write(path("other/file"), "text").unwrap();
        assert!(matches!(
            OpenOptions::new().open_or_create(&path("other")),
            Err(OpenError::NotOurFolder(_))
        ));
        assert!(matches!(
            OpenOptions::new().open(&path("missing")),
            Err(OpenError::NotFound(_))
        ));
    }
}
