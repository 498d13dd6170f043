use keyglass_store::{Enqueue, Entry, MessageChange};

use super::*;
use crate::model::draft::{parse_key, parse_value};

fn key(text: &str) -> EncodedKey {
    parse_key(text).unwrap()
}

fn stamp(counter: u64) -> Versionstamp {
    Versionstamp::from_counter(counter)
}

fn entry(key_text: &str, value: &str, counter: u64) -> Entry {
    Entry {
        key: key(key_text),
        value: parse_value(value).unwrap(),
        versionstamp: stamp(counter),
        expires_at: None,
    }
}

fn set(key_text: &str, value: &str) -> AtomicOperation {
    AtomicOperation::new().set(key(key_text), parse_value(value).unwrap())
}

fn commit_of(list: &UndoList, id: u64) -> AtomicOperation {
    match list.step(id).unwrap().plan(None) {
        Plan::Commit(operation) => operation,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_undo_restores_value_and_expiry_and_is_guarded() {
    let mut list = UndoList::default();
    let old = Entry {
        expires_at: Some(50),
        ..entry(r#"["a"]"#, "1", 3)
    };
    let operation = set(r#"["b"]"#, "2").delete(key(r#"["a"]"#));
    let before = vec![(old.key.clone(), Some(old.clone())), (key(r#"["b"]"#), None)];
    let id = list
        .committed(operation.clone(), Some(&before), stamp(4), 7)
        .unwrap();
    let expected = AtomicOperation::new()
        .check(old.key.clone(), None)
        .check(key(r#"["b"]"#), Some(stamp(4)))
        .set_expiring(old.key.clone(), old.value.clone(), Some(50))
        .delete(key(r#"["b"]"#));
    assert_eq!(commit_of(&list, id), expected);
    assert_eq!(
        list.step(id).unwrap().sentence,
        "Transaction: created 1 entry, deleted 1 entry"
    );

    list.succeeded(id, Some(stamp(9)), 8);
    let again = commit_of(&list, id);
    assert_eq!(again.mutations, operation.mutations);
    let expected = AtomicOperation::new()
        .check(old.key, Some(stamp(9)))
        .check(key(r#"["b"]"#), None);
    assert_eq!(again.checks, expected.checks);
}

fn message(payload: &str, due_at: i64) -> Enqueue {
    Enqueue {
        payload: parse_value(payload).unwrap().bytes,
        due_at,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    }
}

fn change(seen: &Enqueue, becomes: Option<&Enqueue>) -> MessageChange {
    MessageChange {
        id: None,
        seen: seen.clone(),
        becomes: becomes.cloned(),
    }
}

#[test]
fn what_was_done_to_messages_is_undone_and_redone_where_they_are_as_it_left_them() {
    let mut list = UndoList::default();
    let (first, later, second, new) = (message("1", 5), message("1", 9), message("2", 5), message("3", 5));
    let named = MessageChange {
        id: Some("a name".to_owned()),
        ..change(&first, Some(&later))
    };
    let operation = AtomicOperation::new()
        .change_message(named)
        .change_message(change(&second, None))
        .enqueue(new.clone());
    let id = list.committed(operation, Some(&Vec::new()), stamp(4), 7).unwrap();
    assert_eq!(list.step(id).unwrap().sentence, "Changed 3 messages");
    let undo = AtomicOperation::new()
        .change_message(change(&later, Some(&first)))
        .enqueue(second.clone())
        .change_message(change(&new, None));
    assert_eq!(commit_of(&list, id), undo);
    list.succeeded(id, Some(stamp(5)), 8);
    let redo = AtomicOperation::new()
        .change_message(change(&first, Some(&later)))
        .change_message(change(&second, None))
        .enqueue(new);
    assert_eq!(commit_of(&list, id), redo);
}

#[test]
fn a_step_says_what_it_did_to_messages() {
    let mut list = UndoList::default();
    let mut told = |operation: AtomicOperation, before: States| {
        let id = list.committed(operation, Some(&before), stamp(4), 7).unwrap();
        list.step(id).unwrap().sentence.clone()
    };
    let one = message("1", 5);
    let changed = |becomes: Option<&Enqueue>| AtomicOperation::new().change_message(change(&one, becomes));
    assert_eq!(told(changed(None), Vec::new()), "Cancelled a message");
    assert_eq!(
        told(changed(Some(&message("1", 6))), Vec::new()),
        "Put off a message"
    );
    assert_eq!(
        told(changed(Some(&message("1", 4))), Vec::new()),
        "Brought forward a message"
    );
    assert_eq!(
        told(changed(Some(&message("7", 4))), Vec::new()),
        "Edited a message"
    );
    let two = changed(None).change_message(change(&one, None));
    assert_eq!(told(two, Vec::new()), "Cancelled 2 messages");
    let dead = entry(r#"["dead"]"#, "1", 3);
    let again = AtomicOperation::new()
        .delete(dead.key.clone())
        .enqueue(message("1", 9));
    let before = vec![(dead.key.clone(), Some(dead))];
    assert_eq!(told(again, before), r#"Queued ["dead"] again"#);
    let both = set(r#"["a"]"#, "1").enqueue(message("1", 9));
    let before = vec![(key(r#"["a"]"#), None)];
    assert_eq!(
        told(both, before),
        "Transaction: created 1 entry, queued a message"
    );
}

#[test]
fn what_is_not_known_before_cannot_be_undone() {
    let mut list = UndoList::default();
    let a = key(r#"["a"]"#);
    assert!(
        list.committed(set(r#"["a"]"#, "1"), None, stamp(1), 0)
            .unwrap_err()
            .is_some()
    );
    let before = vec![(a.clone(), None)];
    // A check alone changes nothing, and neither does the deletion of what is not there.
    let check = AtomicOperation::new().check(a.clone(), None);
    assert_eq!(list.committed(check, Some(&before), stamp(1), 0), Err(None));
    let delete = AtomicOperation::new().delete(a);
    assert_eq!(list.committed(delete, Some(&before), stamp(1), 0), Err(None));
    assert!(list.steps().is_empty());
}

#[test]
fn several_commits_on_one_key_are_undone_and_redone_one_after_the_other() {
    let mut list = UndoList::default();
    let a = key(r#"["a"]"#);
    let first = list
        .committed(set(r#"["a"]"#, "1"), Some(&vec![(a.clone(), None)]), stamp(1), 0)
        .unwrap();
    let before = vec![(a, Some(entry(r#"["a"]"#, "1", 1)))];
    let second = list
        .committed(set(r#"["a"]"#, "2"), Some(&before), stamp(2), 0)
        .unwrap();

    assert_eq!(list.next(Direction::Undo).unwrap().id, second);
    assert_eq!(commit_of(&list, second).checks[0].versionstamp, Some(stamp(2)));
    list.succeeded(second, Some(stamp(3)), 0);
    // What the first commit wrote stands there again, under another versionstamp.
    assert_eq!(list.next(Direction::Undo).unwrap().id, first);
    assert_eq!(commit_of(&list, first).checks[0].versionstamp, Some(stamp(3)));
    list.succeeded(first, Some(stamp(4)), 0);
    assert_eq!(list.next(Direction::Undo), None);

    assert_eq!(list.next(Direction::Redo).unwrap().id, first);
    assert_eq!(commit_of(&list, first).checks[0].versionstamp, None);
    list.succeeded(first, Some(stamp(5)), 0);
    assert_eq!(list.next(Direction::Redo).unwrap().id, second);
    assert_eq!(commit_of(&list, second).checks[0].versionstamp, Some(stamp(5)));
    list.succeeded(second, Some(stamp(6)), 0);
    assert_eq!(commit_of(&list, second).checks[0].versionstamp, Some(stamp(6)));
    assert_eq!(list.next(Direction::Redo), None);
}

#[test]
fn a_refused_step_stays_and_is_passed_over_until_its_state_is_back() {
    let mut list = UndoList::default();
    let a = key(r#"["a"]"#);
    let none = vec![(a.clone(), None)];
    let first = list
        .committed(set(r#"["a"]"#, "1"), Some(&none), stamp(1), 0)
        .unwrap();
    let before = vec![(a, Some(entry(r#"["a"]"#, "1", 1)))];
    let second = list
        .committed(set(r#"["a"]"#, "2"), Some(&before), stamp(2), 0)
        .unwrap();
    // The older one is tried first, and refused.
    list.refuse(first, vec!["[\"a\"] is 2 now".to_owned()]);
    assert_eq!(list.steps().len(), 2);
    assert_eq!(list.next(Direction::Undo).unwrap().id, second);
    list.succeeded(second, Some(stamp(3)), 0);
    assert!(list.step(first).unwrap().refused.is_empty());
    assert_eq!(list.next(Direction::Undo).unwrap().id, first);
}

#[test]
fn a_step_says_what_it_did() {
    let mut list = UndoList::default();
    let (a, b) = (key(r#"["a"]"#), key(r#"["b"]"#));
    let old = || Some(entry(r#"["a"]"#, "1", 1));
    for (operation, before, sentence) in [
        (set(r#"["a"]"#, "1"), vec![(a.clone(), None)], r#"Created ["a"]"#),
        (set(r#"["a"]"#, "1"), vec![(a.clone(), old())], r#"Changed ["a"]"#),
        (
            AtomicOperation::new().delete(a.clone()),
            vec![(a.clone(), old())],
            r#"Deleted ["a"]"#,
        ),
        (
            set(r#"["b"]"#, "1").delete(a.clone()),
            vec![(a.clone(), old()), (b.clone(), None)],
            r#"Renamed ["a"] to ["b"]"#,
        ),
        (
            set(r#"["b"]"#, "2").set(a.clone(), parse_value("2").unwrap()),
            vec![(a, old()), (b, None)],
            "Transaction: changed 1 entry, created 1 entry",
        ),
    ] {
        let id = list.committed(operation, Some(&before), stamp(2), 0).unwrap();
        assert_eq!(list.step(id).unwrap().sentence, sentence);
    }
}

#[test]
fn the_list_is_bounded_in_number_and_bytes() {
    let mut list = UndoList::default();
    let a = key(r#"["a"]"#);
    let none = vec![(a, None)];
    let first = list
        .committed(set(r#"["a"]"#, "1"), Some(&none), stamp(0), 0)
        .unwrap();
    for number in 1..=STEPS as u64 {
        list.committed(set(r#"["a"]"#, "1"), Some(&none), stamp(number), 0)
            .unwrap();
    }
    assert_eq!(list.steps().len(), STEPS);
    assert_eq!(list.step(first), None);

    // Many keys of the largest value: fewer steps of it.
    let large = parse_value(&format!("'{}'", "x".repeat(65_000))).unwrap();
    let keys: Vec<EncodedKey> = (0..90).map(|number| key(&format!("[{number}]"))).collect();
    let before: States = keys
        .iter()
        .map(|key| {
            let value = large.clone();
            (
                key.clone(),
                Some(Entry {
                    key: key.clone(),
                    value,
                    versionstamp: stamp(1),
                    expires_at: None,
                }),
            )
        })
        .collect();
    let delete = |operation: AtomicOperation, key: &EncodedKey| operation.delete(key.clone());
    let operation = keys.iter().fold(AtomicOperation::new(), delete);
    for number in 0..10 {
        list.committed(operation.clone(), Some(&before), stamp(number), 0)
            .unwrap();
    }
    assert_eq!(list.steps().len(), BYTES / (90 * 65_000));
}

#[test]
fn a_large_deletion_is_put_back_from_its_file_and_repeated_by_it() {
    let mut list = UndoList::default();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deleted.ndjson");
    std::fs::write(&file, "").unwrap();
    let held = UndoFile::hold(&file).unwrap();
    let id = list.deleted("Deleted 250 entries".to_owned(), held, 1);
    assert_eq!(list.step(id).unwrap().plan(None), Plan::PutBack(file.clone()));
    list.succeeded(id, None, 2);
    assert_eq!(list.step(id).unwrap().undone_at, Some(2));
    assert_eq!(list.step(id).unwrap().plan(None), Plan::DeleteAgain(file));
}
