//! Entries are copied between databases as they are.

use std::ops::ControlFlow;

use crate::fixture::{NOW, bytes, contents, empty, everything, go_on, key, put};
use keyglass_store::transfer::{CopyOptions, CopyReport, Existing, Progress, copy};
use keyglass_store::{AtomicOperation, Database, Enqueue, Entry, KeyRange};

fn options(existing: Existing) -> CopyOptions {
    CopyOptions {
        range: KeyRange::everything(),
        existing,
        expired: false,
        ..CopyOptions::default()
    }
}

#[test]
fn a_deno_file_is_copied_byte_for_byte() {
    let (_from_folder, from) = crate::fixture::shop();
    let (_to_folder, to) = empty();
    let mut last = Progress::default();
    let report = copy(&from, &to, &options(Existing::Skip), &mut |progress| {
        assert!(progress.entries > last.entries && progress.bytes > last.bytes);
        last = progress;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!((report.stored, report.skipped, report.errors.count), (1946, 0, 0));
    assert!(report.complete);
    assert_eq!(last.entries, 1946);
    assert_eq!(last.bytes, everything(&from).iter().map(Entry::size).sum::<u64>());
    assert!(contents(&to) == contents(&from));
}

#[test]
fn keys_that_exist_are_kept_replaced_or_end_the_copy() {
    let (_from_folder, from) = empty();
    let (_to_folder, to) = empty();
    for name in ["a", "b", "c"] {
        put(&from, &format!("[{name:?}]"), b"new");
    }
    put(&to, r#"["b"]"#, b"old");
    let value = |name: &str| to.get(&key(name)).unwrap().map(|entry| entry.value.bytes);

    let error = copy(&from, &to, &options(Existing::Fail), &mut go_on).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"The transfer stopped after 0 entries, because this key exists already: ["b"]"#
    );
    assert_eq!(value(r#"["a"]"#), None);

    let report = copy(&from, &to, &options(Existing::Skip), &mut go_on).unwrap();
    assert_eq!((report.stored, report.skipped), (2, 1));
    assert_eq!(value(r#"["b"]"#).unwrap(), &b"old"[..]);

    // What an earlier copy has done is found there, and not done again.
    let report = copy(&from, &to, &options(Existing::Overwrite), &mut go_on).unwrap();
    assert_eq!((report.stored, report.replaced, report.same), (1, 1, 2));
    assert_eq!(value(r#"["b"]"#).unwrap(), &b"new"[..]);
    let before = everything(&to);
    let report = copy(&from, &to, &options(Existing::Fail), &mut go_on).unwrap();
    assert_eq!((report.stored, report.same), (0, 3));
    assert_eq!(everything(&to), before);
}

#[test]
fn a_copy_of_a_range_takes_what_lies_in_it() {
    let (_from_folder, from) = empty();
    let (_to_folder, to) = empty();
    for name in [r#"["p"]"#, r#"["p", 1]"#, r#"["p", 2]"#, r#"["q", 1]"#] {
        put(&from, name, b"");
    }
    let options = CopyOptions {
        range: KeyRange::below(&key(r#"["p"]"#)),
        existing: Existing::Skip,
        expired: false,
        ..CopyOptions::default()
    };
    copy(&from, &to, &options, &mut go_on).unwrap();
    let keys: Vec<_> = everything(&to)
        .into_iter()
        .map(|entry| entry.key.to_string())
        .collect();
    assert_eq!(keys, [r#"["p", 1]"#, r#"["p", 2]"#]);
}

#[test]
fn entries_of_the_greatest_size_fit_into_commits() {
    let (_from_folder, from) = empty();
    let (_to_folder, to) = empty();
    let long = "k".repeat(2030);
    for n in 0..100 {
        put(&from, &format!("[{long:?}, {n}n]"), &[n; 65_536]);
    }
    for n in 0..300 {
        put(&from, &format!("[{long:?}, true, {n}n]"), b"");
    }
    for existing in [Existing::Skip, Existing::Overwrite] {
        let report = copy(&from, &to, &options(existing), &mut go_on).unwrap();
        assert_eq!(report.stored, 400);
        assert!(contents(&to) == contents(&from));
        for entry in everything(&to) {
            let delete = AtomicOperation::new().delete(entry.key);
            to.commit(delete).unwrap();
        }
    }
}

#[test]
fn a_copy_that_is_stopped_says_what_it_stored() {
    let (_from_folder, from) = empty();
    let (_to_folder, to) = empty();
    for n in 0..1200 {
        put(&from, &format!("[{n}]"), b"");
    }
    let report = copy(&from, &to, &options(Existing::Skip), &mut |now| {
        if now.entries > 1000 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap();
    assert!(!report.complete);
    assert!(report.stored > 0 && report.stored < 1200);
    assert_eq!(everything(&to).len() as u64, report.stored);

    // Once more, and it goes on where it was stopped.
    let stored = report.stored;
    let report = copy(&from, &to, &options(Existing::Skip), &mut go_on).unwrap();
    assert_eq!((report.stored, report.same), (1200 - stored, stored));
    assert!(report.complete && contents(&to) == contents(&from));
}

#[test]
fn a_mirror_makes_the_target_equal_and_says_before_what_it_will_do() {
    let (_from_folder, from) = crate::fixture::shop();
    let (_to_folder, to) = empty();
    copy(&from, &to, &options(Existing::Skip), &mut go_on).unwrap();
    // Something else under 300 keys, 300 others gone, and 300 that only the target has.
    let there = everything(&to);
    for entry in &there[..300] {
        to.commit(AtomicOperation::new().set(entry.key.clone(), bytes(b"else")))
            .unwrap();
    }
    for entry in &there[1000..1300] {
        to.commit(AtomicOperation::new().delete(entry.key.clone()))
            .unwrap();
    }
    for number in 0..300 {
        put(&to, &format!("[{number}, 'only here']"), b"");
    }
    let mirror = CopyOptions {
        mirror: true,
        verify: true,
        ..CopyOptions::default()
    };
    let counts = |report: &CopyReport| (report.stored, report.replaced, report.deleted, report.same);
    let before = everything(&to);
    let dry_run = CopyOptions {
        dry_run: true,
        ..mirror.clone()
    };
    let planned = copy(&from, &to, &dry_run, &mut go_on).unwrap();
    assert!(everything(&to) == before);
    let report = copy(&from, &to, &mirror, &mut go_on).unwrap();
    assert_eq!(counts(&report), (600, 300, 300, 1346));
    assert_eq!(counts(&planned), counts(&report));
    assert!(contents(&to) == contents(&from));
    let verified = report.verified.unwrap();
    assert!(verified.is_sound());
    assert_eq!((verified.entries, verified.others), (1946, 0));

    // Only below a key: what lies elsewhere stays.
    put(&to, "['elsewhere']", b"");
    put(&to, "['users', 'nobody']", b"");
    let below = CopyOptions {
        range: KeyRange::below(&key("['users']")),
        ..mirror
    };
    let report = copy(&from, &to, &below, &mut go_on).unwrap();
    assert_eq!((report.deleted, report.stored), (1, 0));
    assert!(to.get(&key("['elsewhere']")).unwrap().is_some());
    assert_eq!(report.messages, None);
}

#[test]
fn verifying_names_the_prefixes_at_which_the_target_is_not_the_same() {
    let (_from_folder, from) = empty();
    let (_to_folder, to) = empty();
    for name in ["['a', 1]", "['a', 2]", "['b', 1]", "[3n]"] {
        put(&from, name, b"new");
    }
    put(&to, "['a', 2]", b"old");
    put(&to, "['z']", b"only here");
    let verify = |existing| CopyOptions {
        verify: true,
        ..options(existing)
    };
    let report = copy(&from, &to, &verify(Existing::Skip), &mut go_on).unwrap();
    let verified = report.verified.unwrap();
    assert!(!verified.is_sound());
    let counted = (
        verified.prefixes,
        verified.wrong,
        verified.entries,
        verified.others,
    );
    assert_eq!(counted, (3, 1, 4, 1));
    let wrong = &verified.named[0];
    assert_eq!(
        (wrong.prefix.to_string(), wrong.from.entries),
        (r#"["a"]"#.to_owned(), 2)
    );
    assert_eq!(
        (wrong.from.entries, wrong.from.bytes),
        (wrong.to.entries, wrong.to.bytes)
    );
    assert_ne!(wrong.from.hash, wrong.to.hash);
    let report = copy(&from, &to, &verify(Existing::Overwrite), &mut go_on).unwrap();
    assert!(report.verified.unwrap().is_sound());
}

#[test]
fn messages_are_carried_once_with_their_moments_schedules_and_keys() {
    let (_from_folder, from) = crate::fixture::shop();
    let (_to_folder, to) = empty();
    let report = copy(&from, &to, &CopyOptions::default(), &mut go_on).unwrap();
    let messages = report.messages.unwrap();
    assert_eq!((messages.carried, messages.same, messages.left_out), (4, 0, 0));
    let what = |database: &dyn Database| {
        let mut messages: Vec<_> = database
            .queue(100)
            .unwrap()
            .into_iter()
            .map(|message| {
                let keys = message.keys_if_undelivered;
                (message.due_at, message.payload, keys, message.backoff_schedule)
            })
            .collect();
        messages.sort();
        messages
    };
    assert_eq!(what(&to), what(&from));
    let report = copy(&from, &to, &CopyOptions::default(), &mut go_on).unwrap();
    let messages = report.messages.unwrap();
    assert_eq!((messages.carried, messages.same, messages.others), (0, 4, 0));
    let (_folder, nothing) = empty();
    let report = copy(&nothing, &to, &CopyOptions::default(), &mut go_on).unwrap();
    assert_eq!(report.messages.unwrap().others, 4);
}

#[test]
fn a_mirror_takes_out_messages_that_only_the_target_has_but_none_that_runs() {
    let (_shop_folder, shop) = crate::fixture::shop();
    let (_from_folder, from) = empty();
    let (_folder, folder) = empty();
    let file_folder = tempfile::TempDir::new().unwrap();
    let file = file_folder.path().join("kv.sqlite3");
    let file = keyglass_store::deno_file::DenoFile::create(&file).unwrap();
    let message = Enqueue {
        payload: b"both".to_vec().into(),
        due_at: NOW,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    };
    for database in [&from as &dyn Database, &folder, &file] {
        let both = AtomicOperation::new().enqueue(message.clone());
        database.commit(both).unwrap();
    }
    // By a listener of this process.
    let running = folder
        .listen()
        .receive(std::time::Duration::ZERO)
        .unwrap()
        .unwrap();
    for to in [&folder as &dyn Database, &file] {
        copy(&shop, to, &CopyOptions::default(), &mut go_on).unwrap();
        let twice = AtomicOperation::new().enqueue(message.clone());
        to.commit(twice).unwrap();
        let before = to.queue(10).unwrap();
        assert_eq!(before.len(), 6);
        let mirror = CopyOptions {
            mirror: true,
            ..CopyOptions::default()
        };
        let dry_run = CopyOptions {
            dry_run: true,
            ..mirror.clone()
        };
        let planned = copy(&from, to, &dry_run, &mut go_on).unwrap().messages.unwrap();
        assert_eq!(
            (planned.removed, planned.removed_named.len(), planned.same),
            (5, 5, 1)
        );
        assert_eq!(to.queue(10).unwrap(), before);
        let done = copy(&from, to, &mirror, &mut go_on).unwrap().messages.unwrap();
        assert_eq!(done, planned);
        let left = to.queue(10).unwrap();
        assert!(left.len() == 1 && left[0].is_like(&message), "{left:?}");
    }
    drop(running);
}

#[test]
fn what_others_write_meanwhile_is_compared_again() {
    let (_from_folder, from) = empty();
    let (_to_folder, to) = empty();
    for number in 0..500 {
        put(&from, &format!("[{number}]"), b"new");
    }
    let mut told = 0;
    let report = copy(&from, &to, &options(Existing::Skip), &mut |_| {
        // Behind what was looked up, before it is committed.
        told += 1;
        if told == 1 {
            put(&to, "[0]", b"other");
            put(&to, "[1]", b"new");
        }
        ControlFlow::Continue(())
    });
    let report = report.unwrap();
    assert_eq!((report.stored, report.same, report.skipped), (498, 1, 1));
    assert_eq!(&to.get(&key("[0]")).unwrap().unwrap().value.bytes[..], b"other");
}
