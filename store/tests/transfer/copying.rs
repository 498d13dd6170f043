//! Entries are copied between databases as they are.

use std::ops::ControlFlow;

use crate::fixture::{contents, empty, everything, go_on, key, put};
use keyglass_store::transfer::{CopyOptions, Existing, Progress, copy};
use keyglass_store::{Database, Entry, KeyRange};

fn options(existing: Existing) -> CopyOptions {
    CopyOptions {
        range: KeyRange::everything(),
        existing,
        expired: false,
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

    let report = copy(&from, &to, &options(Existing::Overwrite), &mut go_on).unwrap();
    assert_eq!((report.stored, report.skipped), (3, 0));
    assert_eq!(value(r#"["b"]"#).unwrap(), &b"new"[..]);
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
            let delete = keyglass_store::AtomicOperation::new().delete(entry.key);
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
}
