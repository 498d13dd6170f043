use std::path::PathBuf;
use std::sync::Arc;

use keyglass_store::DatabaseError;
use keyglass_store::embedded::Store;
use keyglass_store::transfer::ImportReport;
use keyglass_store::transfer::{Remark, Remarks};

use super::*;
use crate::errand::DeleteReport;
use crate::undo_files::UndoFile;
use crate::worker::Notifier;

/// A session whose only step deleted 250 entries, and that is being undone, or redone once it is undone.
fn stepping(direction: Direction) -> (tempfile::TempDir, Session, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path().join("test.kg")).unwrap();
    let mut session = Session::start(Arc::new(store), &Notifier::new(Arc::new(|_| {}))).unwrap();
    let path = folder.path().join("deleted.ndjson");
    std::fs::write(&path, "").unwrap();
    let held = UndoFile::hold(&path).unwrap();
    let step = session
        .models
        .undo
        .deleted("Deleted 250 entries".to_owned(), held, 0);
    if direction == Direction::Redo {
        session.models.undo.succeeded(step, None, 1);
    }
    session.undo_work.running = Some(Running {
        step,
        direction,
        number: 7,
        operation: AtomicOperation::new(),
    });
    session.undo_work.waiting.push(Wanted::Next(direction));
    (folder, session, path)
}

fn told(notices: &Notices) -> (String, bool) {
    let notice = notices.log().back().unwrap();
    (notice.summary.clone(), notice.offer.is_some())
}

#[test]
fn a_deletion_that_is_redone_in_part_is_told_with_its_counts() {
    let report = |deleted, kept, absent, complete| DeleteReport {
        deleted,
        kept,
        absent,
        complete,
        ..DeleteReport::default()
    };
    let whole = "Redone: Deleted 250 entries";
    let failed = || Err(DatabaseError::Type("the disk is full".to_owned()).into());
    for (report, result, summary, can_be_undone) in [
        (report(250, 0, 0, true), Ok(()), whole.to_owned(), true),
        (
            report(240, 7, 3, true),
            Ok(()),
            format!("{whole} (240 entries deleted, 7 changed meanwhile and kept, 3 gone already)"),
            true,
        ),
        (
            report(0, 0, 250, true),
            Ok(()),
            format!("{whole} (0 entries deleted, 250 gone already)"),
            true,
        ),
        (
            report(100, 0, 0, false),
            Ok(()),
            "Redo cancelled: Deleted 250 entries (100 entries deleted)".to_owned(),
            true,
        ),
        (
            report(0, 0, 0, false),
            Ok(()),
            "Redo cancelled: Deleted 250 entries (0 entries deleted)".to_owned(),
            false,
        ),
        (
            report(100, 1, 0, false),
            failed(),
            "Redone in part (100 entries deleted, 1 changed meanwhile and kept): the disk is full".to_owned(),
            true,
        ),
        (
            report(0, 0, 0, false),
            failed(),
            "Not redone: the disk is full".to_owned(),
            false,
        ),
    ] {
        let (_folder, mut session, _) = stepping(Direction::Redo);
        let mut notices = Notices::default();
        assert!(session.apply_deleted_again(7, &report, &result, &mut notices, 9));
        assert_eq!(told(&notices), (summary, can_be_undone));
        // What is gone, if only in part, can be put back; nothing is said to be refused that was done.
        let step = &session.models.undo.steps()[0];
        let next = if can_be_undone {
            Direction::Undo
        } else {
            Direction::Redo
        };
        assert_eq!(step.direction(), next);
        assert_eq!(step.refused.is_empty(), can_be_undone || result.is_ok());
        assert!(session.undo_work.waiting.is_empty());
    }
}

#[test]
fn a_deletion_that_is_undone_in_part_is_told_with_its_counts() {
    let damaged = Remarks {
        count: 1,
        named: vec![Remark {
            line: Some(3),
            key: None,
            reason: "it is no entry".to_owned(),
        }],
    };
    let report = |stored, skipped, expired, errors: Option<&Remarks>, complete| {
        Ok(ImportReport {
            stored,
            skipped,
            expired,
            errors: errors.cloned().unwrap_or_default(),
            complete,
            ..ImportReport::default()
        })
    };
    let whole = "Undone: Deleted 250 entries";
    for (report, summary, is_undone) in [
        (report(250, 0, 0, None, true), whole.to_owned(), true),
        (
            report(240, 7, 3, None, true),
            format!("{whole} (240 entries put back, 7 there already, 3 expired meanwhile)"),
            true,
        ),
        (
            report(100, 0, 0, None, false),
            "Undo cancelled: Deleted 250 entries (100 entries put back)".to_owned(),
            false,
        ),
        (
            report(249, 0, 0, Some(&damaged), true),
            "Undone in part (249 entries put back, 1 not put back)".to_owned(),
            false,
        ),
        (
            Err(DatabaseError::Type(
                "Stopped after 100 entries had been stored: the disk is full".to_owned(),
            )
            .into()),
            "The undo failed: Stopped after 100 entries had been stored: the disk is full".to_owned(),
            false,
        ),
    ] {
        let (_folder, mut session, path) = stepping(Direction::Undo);
        let mut notices = Notices::default();
        session.apply_put_back(7, &path, &report, &mut notices, 9);
        assert_eq!(told(&notices), (summary, false));
        let step = &session.models.undo.steps()[0];
        assert_eq!(step.undone_at.is_some(), is_undone);
        assert!(session.undo_work.waiting.is_empty());
    }
}
