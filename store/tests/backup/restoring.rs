//! States that come back.

use std::io;

use keyglass_store::atomic::Enqueue;
use keyglass_store::backup::{BackupError, BackupOptions, RestoreOptions};
use keyglass_store::transfer::{CopyReport, Journal, Replaced};
use keyglass_store::{AtomicOperation, Database, KeyRange, Versionstamp};

use crate::shelf::{NOON, Shelf, bytes, go_on, key, texts};

#[derive(Default)]
struct Kept {
    replaced: Vec<Replaced>,
    committed: Vec<Versionstamp>,
}

impl Journal for Kept {
    fn before(&mut self, _batch: u64, replaced: &[Replaced]) -> io::Result<()> {
        self.replaced.extend_from_slice(replaced);
        Ok(())
    }

    fn committed(&mut self, _batch: u64, versionstamp: Versionstamp) -> io::Result<()> {
        self.committed.push(versionstamp);
        Ok(())
    }

    fn abandoned(&mut self, _batch: u64) -> io::Result<()> {
        Ok(())
    }
}

fn restore(
    shelf: &Shelf,
    at: i64,
    options: &RestoreOptions,
    journal: Option<&mut dyn Journal>,
) -> Result<CopyReport, BackupError> {
    let backup = shelf.backup();
    let state = backup.state_at(Some(at))?;
    let (report, result) = backup.restore(
        &state,
        &shelf.store,
        options,
        journal.map(|it| it as _),
        &mut go_on,
    );
    result.map(|()| report)
}

#[test]
fn a_past_state_comes_back_in_the_database_itself_and_a_journal_hears_what_goes() {
    let shelf = Shelf::new();
    shelf.put(r#"["users", "ada"]"#, "Ada");
    shelf.put(r#"["users", "bob"]"#, "Bob");
    shelf.put(r#"["carts", 1]"#, "full");
    shelf.back_up();
    let whole = texts(&shelf.store);
    shelf.pass(1000);
    shelf.delete(r#"["users", "ada"]"#);
    shelf.put(r#"["users", "bob"]"#, "Robert");
    shelf.put(r#"["users", "eve"]"#, "Eve");
    shelf.back_up();
    let mut kept = Kept::default();
    let report = restore(&shelf, NOON, &RestoreOptions::default(), Some(&mut kept)).unwrap();
    assert_eq!(
        (report.stored, report.replaced, report.deleted, report.same),
        (2, 1, 1, 1)
    );
    assert_eq!(texts(&shelf.store), whole);
    let told: Vec<_> = kept
        .replaced
        .iter()
        .map(|one| {
            let before = one.before.as_ref().map(|entry| entry.value.clone());
            (one.key.to_string(), before, one.deleted)
        })
        .collect();
    let told_of = |key: &str, before: Option<&str>, deleted| (key.to_owned(), before.map(bytes), deleted);
    assert_eq!(
        told,
        [
            told_of(r#"["users", "ada"]"#, None, false),
            told_of(r#"["users", "bob"]"#, Some("Robert"), false),
            told_of(r#"["users", "eve"]"#, Some("Eve"), true),
        ]
    );
    assert_eq!(kept.committed.len(), 1);
}

#[test]
fn a_part_comes_back_and_others_stay_where_that_is_asked() {
    let shelf = Shelf::new();
    shelf.put(r#"["users", "ada"]"#, "Ada");
    shelf.put(r#"["carts", 1]"#, "full");
    shelf.back_up();
    shelf.pass(1000);
    shelf.put(r#"["users", "ada"]"#, "changed");
    shelf.put(r#"["users", "eve"]"#, "Eve");
    shelf.put(r#"["carts", 1]"#, "empty");
    let options = RestoreOptions {
        range: KeyRange::below(&key(r#"["users"]"#)),
        keep_others: true,
        ..RestoreOptions::default()
    };
    restore(&shelf, NOON, &options, None).unwrap();
    let expected = [
        (r#"["carts", 1]"#, "empty"),
        (r#"["users", "ada"]"#, "Ada"),
        (r#"["users", "eve"]"#, "Eve"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(texts(&shelf.store), expected);
}

#[test]
fn what_has_expired_since_comes_back_only_where_that_is_asked_and_without_its_expiry() {
    let shelf = Shelf::new();
    let expiring = AtomicOperation::new().set_expiring(key("[1]"), bytes("brief"), Some(NOON + 10));
    shelf.store.commit(expiring).unwrap();
    shelf.back_up();
    shelf.pass(1000);
    let report = restore(&shelf, NOON, &RestoreOptions::default(), None).unwrap();
    assert_eq!((report.stored, report.expired), (0, 1));
    let options = RestoreOptions {
        expired: true,
        ..RestoreOptions::default()
    };
    let report = restore(&shelf, NOON, &options, None).unwrap();
    assert_eq!((report.stored, report.expired), (1, 1));
    let entry = shelf.store.get(&key("[1]")).unwrap().unwrap();
    assert_eq!((entry.value, entry.expires_at), (bytes("brief"), None));
}

#[test]
fn messages_come_back_from_the_newest_state_alone() {
    let shelf = Shelf::new();
    let message = Enqueue {
        payload: bytes("hello").bytes,
        due_at: NOON + 60_000,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    };
    shelf.put("[1]", "one");
    shelf.back_up();
    shelf.pass(1000);
    shelf
        .store
        .commit(AtomicOperation::new().enqueue(message))
        .unwrap();
    shelf.put("[1]", "two");
    shelf.back_up();
    let message = shelf.store.queue(1).unwrap().pop().unwrap();
    shelf
        .store
        .commit(AtomicOperation::new().change_message(message.into_change(None)))
        .unwrap();
    let options = RestoreOptions {
        messages: true,
        ..RestoreOptions::default()
    };
    let refused = restore(&shelf, NOON, &options, None);
    assert!(matches!(refused, Err(BackupError::NoMessages(_))), "{refused:?}");
    let report = restore(&shelf, NOON + 1000, &options, None).unwrap();
    assert_eq!(report.messages.unwrap().carried, 1);
    assert_eq!(shelf.store.queue(10).unwrap().len(), 1);
}

#[test]
fn states_come_back_through_more_steps_than_files_can_be_open_together() {
    let shelf = Shelf::new();
    shelf.put("[\"kept\"]", "kept");
    for step in 0..150 {
        shelf.put(&format!("[{}]", step % 7), &step.to_string());
        shelf.pass(1000);
        shelf
            .back_up_with(&shelf.store, &BackupOptions::default())
            .unwrap();
    }
    assert!(shelf.verify().is_sound());
    let newest = texts(&shelf.store);
    // The third backup.
    let report = restore(&shelf, NOON + 3000, &RestoreOptions::default(), None).unwrap();
    assert_eq!((report.replaced, report.deleted, report.same), (3, 4, 1));
    let expected = [("[\"kept\"]", "kept"), ("[0]", "0"), ("[1]", "1"), ("[2]", "2")];
    assert_eq!(
        texts(&shelf.store),
        expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
    restore(&shelf, i64::MAX, &RestoreOptions::default(), None).unwrap();
    assert_eq!(texts(&shelf.store), newest);
}
