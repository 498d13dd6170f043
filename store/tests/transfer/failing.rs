//! A transfer that fails on its way says what is stored.

use std::io::{BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use keyglass_store::database::Capabilities;
use keyglass_store::embedded::Store;
use keyglass_store::transfer::{
    CopyOptions, Existing, ExportOptions, Format, ImportOptions, TransferError, copy, export, import,
};
use keyglass_store::{AtomicOperation, CommitError, CommitOutcome, Database, DatabaseError, KeyRange};

use crate::fixture::{empty, everything, go_on, put};
use crate::pass_through::{Alteration, Altered};

/// A database that takes some commits, then fails while it writes one, and after that refuses all.
struct Failing {
    store: Store,
    commits_left: AtomicU64,
    /// The most checks that it takes.
    checks: usize,
}

impl Alteration for Failing {
    fn behind(&self) -> &dyn Database {
        &self.store
    }

    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        assert!(
            operation.checks.len() <= self.checks,
            "{} checks",
            operation.checks.len()
        );
        let left = self
            .commits_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                Some(left.saturating_sub(1))
            });
        match left.unwrap() {
            0 => Err(CommitError::from(DatabaseError::Engine {
                doing: "committing",
                reason: "an earlier write failed".to_owned(),
                location: "kv".to_owned(),
            })),
            1 => Err(CommitError::Unknown {
                reason: "no space left".to_owned(),
                location: "kv".to_owned(),
            }),
            _ => self.store.commit(operation),
        }
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = self.store.capabilities();
        capabilities.limits.checks = self.checks;
        capabilities
    }
}

fn failing_after(commits: u64) -> (tempfile::TempDir, Altered<Failing>) {
    let (folder, store) = empty();
    let database = Failing {
        store,
        commits_left: AtomicU64::new(commits + 1),
        checks: 100,
    };
    (folder, Altered(database))
}

fn source(number: u64) -> (tempfile::TempDir, Store) {
    let (folder, store) = empty();
    for n in 0..number {
        put(&store, &format!("[{n}]"), b"");
    }
    (folder, store)
}

fn counts(error: &TransferError) -> Option<(u64, u64)> {
    match error {
        TransferError::OnTheWay { stored, unknown, .. } => Some((*stored, *unknown)),
        _ => None,
    }
}

#[test]
fn a_commit_of_unknown_outcome_is_counted_apart() {
    let (_from_folder, from) = source(2500);
    let options = CopyOptions {
        range: KeyRange::everything(),
        existing: Existing::Overwrite,
        expired: false,
        ..CopyOptions::default()
    };
    let (_folder, to) = failing_after(1);
    let error = copy(&from, &to, &options, &mut go_on).unwrap_err();
    let (stored, unknown) = counts(&error).unwrap();
    assert_eq!(stored, everything(&to).len() as u64);
    assert!(
        stored > 0 && unknown > 0 && stored + unknown < 2500,
        "{stored} {unknown}"
    );
    assert_eq!(
        error.to_string(),
        format!(
            "Stopped after {stored} entries had been stored, and perhaps {unknown} more: Writing failed (no space left), \
             and it is not known whether this is stored: it may be there after the database is opened again; close and \
             open it, and look: kv"
        )
    );
}

#[test]
fn an_input_that_ends_in_an_error_tells_what_was_stored_before() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the cable is cut"))
        }
    }
    let (_from_folder, from) = source(2500);
    let mut text = Vec::new();
    let options = ExportOptions {
        format: Format::Ndjson,
        ranges: vec![KeyRange::everything()],
        expired: false,
    };
    export(&from, &options, &mut text, &mut go_on).unwrap();
    let (_folder, to) = empty();
    let mut reader = BufReader::new(text.as_slice().chain(Broken));
    let error = import(&to, &mut reader, &ImportOptions::default(), &mut go_on).unwrap_err();
    let (stored, unknown) = counts(&error).unwrap();
    assert_eq!((stored, unknown), (everything(&to).len() as u64, 0));
    assert!(stored > 0);
    assert_eq!(
        error.to_string(),
        format!(
            "Stopped after {stored} entries had been stored: The import could not be read (the cable is cut)"
        )
    );
    // A dry run stores nothing, and says nothing of it.
    let (_folder, to) = empty();
    let dry_run = ImportOptions {
        dry_run: true,
        ..ImportOptions::default()
    };
    let mut reader = BufReader::new(text.as_slice().chain(Broken));
    let error = import(&to, &mut reader, &dry_run, &mut go_on).unwrap_err();
    assert!(matches!(error, TransferError::Read(_)), "{error}");
}

#[test]
fn a_database_that_takes_ten_checks_is_copied_and_imported_to_in_commits_of_ten() {
    let (_from_folder, from) = source(95);
    let mut written = Vec::new();
    let options = ExportOptions {
        ranges: vec![KeyRange::everything()],
        format: Format::Ndjson,
        expired: false,
    };
    export(&from, &options, &mut written, &mut go_on).unwrap();
    let (_folder, mut to) = failing_after(100);
    to.0.checks = 10;
    copy(&from, &to, &CopyOptions::default(), &mut go_on).unwrap();
    assert_eq!(everything(&to).len(), 95);
    let (_folder, mut to) = failing_after(100);
    to.0.checks = 10;
    import(&to, &mut &*written, &ImportOptions::default(), &mut go_on).unwrap();
    assert_eq!(everything(&to).len(), 95);
}
