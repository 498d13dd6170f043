//! What an import replaces is told before each commit.

use std::io::{self, BufReader};
use std::ops::ControlFlow;

use crate::fixture::{bytes, contents, empty, go_on, key, put};
use keyglass_store::transfer::{
    Existing, ImportOptions, ImportReport, Journal, Replaced, TransferError, import, import_journaled,
};
use keyglass_store::{AtomicOperation, Database, EncodedKey, Entry, Versionstamp};

/// Keeps what it is told, and sees what stands there at that moment.
struct Kept<'a> {
    database: &'a dyn Database,
    told: Vec<(u64, EncodedKey, Option<Entry>)>,
    committed: Vec<(u64, Versionstamp)>,
    abandoned: Vec<u64>,
    /// Is done once, after a batch was told and before it is committed.
    meanwhile: Option<AtomicOperation>,
    /// How many batches can be noted.
    room: usize,
}

impl<'a> Kept<'a> {
    fn new(database: &'a dyn Database) -> Self {
        Self {
            database,
            told: Vec::new(),
            committed: Vec::new(),
            abandoned: Vec::new(),
            meanwhile: None,
            room: usize::MAX,
        }
    }
}

impl Journal for Kept<'_> {
    fn before(&mut self, batch: u64, replaced: &[Replaced]) -> io::Result<()> {
        if self.room == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.room -= 1;
        for Replaced { key, before, .. } in replaced {
            assert_eq!(
                self.database.get(key).unwrap(),
                *before,
                "it is told before it is replaced"
            );
            self.told.push((batch, key.clone(), before.clone()));
        }
        if let Some(operation) = self.meanwhile.take() {
            self.database.commit(operation).unwrap();
        }
        Ok(())
    }

    fn committed(&mut self, batch: u64, versionstamp: Versionstamp) -> io::Result<()> {
        self.committed.push((batch, versionstamp));
        Ok(())
    }

    fn abandoned(&mut self, batch: u64) -> io::Result<()> {
        self.abandoned.push(batch);
        Ok(())
    }
}

fn line(number: usize) -> String {
    format!(
        "{{\"key\":[{{\"type\":\"number\",\"value\":{number}}}],\"value\":{{\"type\":\"bigint\",\"value\":\"1\"}}}}\n"
    )
}

fn lines(numbers: impl IntoIterator<Item = usize>) -> String {
    numbers.into_iter().map(line).collect()
}

fn options(existing: Existing) -> ImportOptions {
    ImportOptions {
        existing,
        ..ImportOptions::default()
    }
}

fn read(kept: &mut Kept<'_>, text: &str, existing: Existing) -> (ImportReport, Result<(), TransferError>) {
    let database = kept.database;
    import_journaled(
        database,
        &mut BufReader::new(text.as_bytes()),
        &options(existing),
        kept,
        &mut go_on,
    )
}

#[test]
fn every_entry_is_told_before_it_is_replaced_and_has_the_mark_that_is_told_after() {
    for existing in [Existing::Skip, Existing::Overwrite] {
        let (_folder, store) = empty();
        for number in [3, 700, 2100] {
            put(&store, &format!("[{number}]"), b"old");
        }
        let mut kept = Kept::new(&store);
        // More than fit into a few commits; the first ones come again at the end.
        let text = lines((0..2200).chain(0..50));
        let (report, result) = read(&mut kept, &text, existing);
        result.unwrap();
        assert!(report.complete);
        let overwrites = existing == Existing::Overwrite;
        let expected = if overwrites { (2250, 53, 0) } else { (2197, 0, 53) };
        assert_eq!((report.stored, report.overwritten, report.skipped), expected);
        // Each key once, also those that the import itself overwrote again.
        let mut keys: Vec<_> = kept.told.iter().map(|(_, key, _)| key.clone()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), kept.told.len());
        assert_eq!(keys.len(), if overwrites { 2200 } else { 2197 });
        let replaced = kept.told.iter().filter(|(_, _, before)| before.is_some()).count();
        assert_eq!(replaced, if overwrites { 3 } else { 0 });
        for (batch, key, _) in &kept.told {
            let stands = store.get(key).unwrap().unwrap().versionstamp;
            let is_ours = |at: u64| kept.committed.contains(&(at, stands));
            // What came again has the mark of a later commit of the import.
            assert!(is_ours(*batch) || kept.committed.iter().any(|(_, mark)| *mark == stands));
        }
        assert!(kept.abandoned.is_empty());
    }
}

#[test]
fn nothing_is_replaced_that_was_not_told() {
    let (_folder, store) = empty();
    put(&store, "[1]", b"old");
    let mut kept = Kept::new(&store);
    kept.meanwhile = Some(AtomicOperation::new().set(key("[1]"), bytes(b"newer")));
    let (report, result) = read(&mut kept, &lines([1, 2]), Existing::Overwrite);
    result.unwrap();
    assert_eq!((report.stored, report.overwritten), (2, 1));
    assert_eq!(kept.abandoned, [0]);
    let told = kept
        .told
        .iter()
        .rfind(|(_, told, _)| *told == key("[1]"))
        .unwrap();
    assert_eq!(told.2.as_ref().unwrap().value, bytes(b"newer"));
    assert_eq!(kept.committed[0].0, told.0);
}

#[test]
fn what_cannot_be_noted_is_not_stored_and_the_report_tells_the_rest() {
    for existing in [Existing::Skip, Existing::Overwrite] {
        let (_folder, store) = empty();
        let mut kept = Kept::new(&store);
        kept.room = 8;
        let (report, result) = read(&mut kept, &lines(0..3000), existing);
        assert!(matches!(result, Err(TransferError::Journal(_))), "{result:?}");
        assert!(!report.complete);
        assert_eq!(report.stored, contents(&store).len() as u64);
        assert_eq!(report.stored, 800);
    }
}

#[test]
fn a_cancelled_import_reports_what_was_stored() {
    let (_folder, store) = empty();
    let mut kept = Kept::new(&store);
    let (report, result) = import_journaled(
        &store,
        &mut BufReader::new(lines(0..3000).as_bytes()),
        &ImportOptions::default(),
        &mut kept,
        &mut |at| {
            if at.entries > 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    result.unwrap();
    assert!(!report.complete);
    assert_eq!(report.stored, contents(&store).len() as u64);
    assert_eq!(report.stored, kept.told.len() as u64);
}

#[test]
fn a_dry_run_tells_what_would_be_overwritten() {
    let (_folder, store) = empty();
    put(&store, "[1]", b"old");
    let options = ImportOptions {
        dry_run: true,
        ..options(Existing::Overwrite)
    };
    let text = lines([1, 2, 2]);
    let report = import(&store, &mut BufReader::new(text.as_bytes()), &options, &mut go_on).unwrap();
    assert_eq!((report.stored, report.overwritten), (3, 2));
    assert_eq!(contents(&store).len(), 1);
}
