//! Databases that have no view of one moment: they are read until nothing has changed meanwhile.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};

use keyglass_store::backup::{BackupOptions, BackupReport, back_up};
use keyglass_store::transfer::Progress;
use keyglass_store::{
    Capabilities, Database, DatabaseError, EncodedKey, Entry, ReadRange, Snapshot, Versionstamp,
};

use crate::pass_through::{Alteration, Altered};
use crate::shelf::{NOON, Shelf, go_on, key, texts};

/// The shelf's database as plain KV Connect shows it: each read by itself, without expiries and without a queue.
struct Plain<'a> {
    shelf: &'a Shelf,
    /// Passes that are followed by a change.
    restless: u32,
    passes: AtomicU32,
}

impl<'a> Plain<'a> {
    fn new(shelf: &'a Shelf, restless: u32) -> Altered<Self> {
        let passes = AtomicU32::new(0);
        Altered(Self {
            shelf,
            restless,
            passes,
        })
    }
}

impl Alteration for Plain<'_> {
    fn behind(&self) -> &dyn Database {
        &self.shelf.store
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            consistent_snapshots: false,
            expiry: false,
            queue: false,
            ..self.shelf.store.capabilities()
        }
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        let pass = self.passes.fetch_add(1, Ordering::AcqRel);
        if (1..=self.restless).contains(&pass) {
            self.shelf.pass(10);
            self.shelf.put("[\"busy\"]", &format!("after pass {pass}"));
        }
        let behind = self.shelf.store.snapshot()?;
        Ok(Box::new(WithoutExpiry(behind)))
    }
}

struct WithoutExpiry(Box<dyn Snapshot>);

impl Snapshot for WithoutExpiry {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        let mut entries = self.0.read(range)?;
        entries.iter_mut().for_each(|entry| entry.expires_at = None);
        Ok(entries)
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        self.0.get(key)
    }

    fn versionstamp(&self) -> Option<Versionstamp> {
        None
    }
}

fn shelf() -> Shelf {
    let shelf = Shelf::new();
    for number in 0..3000 {
        shelf.put(&format!("[{number}]"), &format!("value {number}"));
    }
    shelf
}

fn taken(shelf: &Shelf, restless: u32) -> BackupReport {
    shelf
        .back_up_with(&Plain::new(shelf, restless), &BackupOptions::default())
        .unwrap()
}

#[test]
fn what_changed_between_two_passes_is_read_again_until_it_holds() {
    let shelf = shelf();
    let report = taken(&shelf, 2);
    let state = report.state.unwrap();
    // The second and the third pass found something else than the one before, the fourth did not.
    assert_eq!((state.passes, state.unsettled, state.moment), (4, 0, NOON + 20));
    assert_eq!((state.expiry, state.queue), (false, false));
    assert_eq!(report.messages, None);
    let home = shelf.open(&shelf.home());
    assert_eq!(texts(&home), texts(&shelf.store));
    drop(home);
    // What stands as the backup has it holds after one pass.
    let again = taken(&shelf, 0).state.unwrap();
    assert_eq!((again.passes, again.unsettled, again.number), (1, 0, 1));
}

#[test]
fn what_does_not_come_to_rest_is_named() {
    let shelf = shelf();
    let state = taken(&shelf, u32::MAX).state.unwrap();
    assert_eq!((state.passes, state.unsettled), (4, 1));
    assert_eq!(state.unsettled_named, [key("[\"busy\"]")]);
    let verified = shelf.verify();
    assert!(verified.is_sound(), "{:?}", verified.problems);
    // As soon as it has, that is known of the same state.
    let again = taken(&shelf, 0).state.unwrap();
    assert!(again.is_settled());
}

#[test]
fn a_backup_that_is_broken_off_goes_on_where_it_was() {
    let shelf = shelf();
    let mut last = 0;
    let mut cancel = |progress: Progress| {
        last = progress.entries;
        if progress.entries >= 1500 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let plain = Plain::new(&shelf, 0);
    let report = back_up(&plain, &shelf.home(), &BackupOptions::default(), &mut cancel).unwrap();
    assert!(!report.complete && report.state.is_none());
    let mut entries = 0;
    let mut count = |progress: Progress| {
        entries = progress.entries;
        ControlFlow::Continue(())
    };
    let report = back_up(&plain, &shelf.home(), &BackupOptions::default(), &mut count).unwrap();
    assert!(report.complete && report.resumed);
    assert_eq!(report.state.unwrap().sums.all.entries, 3000);
    // The rest once, and all of it to see that it holds.
    assert_eq!(entries, 3000 - last + 3000);
    let home = shelf.open(&shelf.home());
    assert_eq!(texts(&home), texts(&shelf.store));
}

#[test]
fn a_database_is_named_by_what_it_is_when_it_is_broken_off_for_another_one() {
    let shelf = shelf();
    let mut cancel = |progress: Progress| match progress.entries {
        0..1500 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let plain = Plain::new(&shelf, 0);
    back_up(&plain, &shelf.home(), &BackupOptions::default(), &mut cancel).unwrap();
    // What was read of one database is of no use for another.
    let other = shelf.open(&shelf.path("other.kg"));
    let report = back_up(&other, &shelf.home(), &BackupOptions::default(), &mut go_on).unwrap();
    assert!(report.complete && !report.resumed);
    assert_eq!(report.state.unwrap().sums.all.entries, 0);
}
