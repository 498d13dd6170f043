//! Of a damaged file everything is read that is left, nothing that was not there, and what is missing is told.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::OnceLock;

use keyglass_store::database::QueueMessage;
use keyglass_store::deno_file::{DenoFile, Missing, Recovered, Recovery, RecoveryError};
use keyglass_store::{Database, EncodedKey, Entry, KeyRange, ReadRange};
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::fixture::{Writer, data, key, shop};

type Rows = BTreeMap<EncodedKey, Entry>;

const PAGE: usize = 4096;

/// What a sound file holds.
fn truth(path: &Path) -> Rows {
    let all = ReadRange {
        range: KeyRange {
            start: EncodedKey::default(),
            end: EncodedKey::from_bytes(vec![0xff; 3000]),
        },
        limit: usize::MAX,
        reverse: false,
    };
    let database = DenoFile::open(path).unwrap();
    let entries = database.snapshot().unwrap().read(&all).unwrap();
    entries
        .into_iter()
        .map(|entry| (entry.key.clone(), entry))
        .collect()
}

/// What is read of a damaged one; `None` if nothing is left.
fn recover(path: &Path) -> Option<(Vec<Entry>, Recovered)> {
    let mut recovery = match Recovery::open(path) {
        Err(RecoveryError::NothingLeft(_) | RecoveryError::Open(_)) => return None,
        other => other.unwrap(),
    };
    let mut entries = Vec::new();
    let recovered = recovery.entries(&mut |entry| {
        entries.push(entry);
        Ok::<_, Infallible>(ControlFlow::Continue(()))
    });
    Some((entries, recovered.unwrap()))
}

/// Fails if an entry is wrong, or one is missing without being told; returns how many were read.
fn check(truth: &Rows, path: &Path, damage: &str) -> usize {
    let Some((entries, recovered)) = recover(path) else {
        return 0;
    };
    assert!(recovered.complete);
    assert!(
        entries.is_sorted_by(|one, other| one.key < other.key),
        "{damage}: out of order"
    );
    for entry in &entries {
        assert_eq!(truth.get(&entry.key), Some(entry), "{damage}: a wrong entry");
    }
    let read: std::collections::BTreeSet<_> = entries.iter().map(|entry| &entry.key).collect();
    let lost: Vec<_> = truth.keys().filter(|key| !read.contains(key)).collect();
    let told = |key: &EncodedKey| {
        recovered.missing.iter().any(|missing| match missing {
            Missing::Value(value) => value == key,
            Missing::Between { after, before, .. } => {
                after.as_ref().is_none_or(|after| after < key)
                    && before.as_ref().is_none_or(|before| key < before)
            }
        })
    };
    for key in &lost {
        assert!(told(key), "{damage}: {key} is missing, and nothing says so");
    }
    if recovered.index_is_whole {
        let counted: u64 = recovered
            .missing
            .iter()
            .map(|missing| match missing {
                Missing::Value(_) => 1,
                Missing::Between { entries, .. } => *entries,
            })
            .sum();
        assert_eq!(counted, lost.len() as u64, "{damage}: the index tells how many");
    }
    entries.len()
}

/// A damaged copy beside the original.
fn damaged(folder: &TempDir, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.path().join("damaged.sqlite3");
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_sound_file_is_read_as_it_is_with_its_wal() {
    let (_folder, path) = shop();
    let sound = truth(&path);
    let before = fs::read(&path).unwrap();
    assert_eq!(check(&sound, &path, "none"), 1946);
    let (_, recovered) = recover(&path).unwrap();
    let nothing_missing = Recovered {
        index_is_whole: true,
        complete: true,
        ..Recovered::default()
    };
    assert_eq!(recovered, nothing_missing);
    assert!(fs::read(&path).unwrap() == before);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

    // What a program that was killed left in its -wal.
    let folder = TempDir::new().unwrap();
    let live = folder.path().join("live.sqlite3");
    let mut writer = Writer::create(&live);
    writer.0.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    for number in 0..400_u32 {
        writer.set(&[(key(&[&number.to_string()]), &[7; 300])]);
    }
    writer.delete(&[key(&["7"])]);
    let (copy, other) = (folder.path().join("copy.sqlite3"), TempDir::new().unwrap());
    fs::copy(&live, &copy).unwrap();
    fs::copy(
        folder.path().join("live.sqlite3-wal"),
        folder.path().join("copy.sqlite3-wal"),
    )
    .unwrap();
    let sound = truth(&live);
    let killed = other.path().join("copy.sqlite3");
    fs::copy(&copy, &killed).unwrap();
    fs::copy(
        folder.path().join("copy.sqlite3-wal"),
        other.path().join("copy.sqlite3-wal"),
    )
    .unwrap();
    assert_eq!((sound.len(), check(&sound, &killed, "a -wal")), (399, 399));
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 2);
}

#[test]
fn of_a_file_with_any_page_zeroed_the_rest_is_read_and_the_gap_told() {
    let (folder, path) = shop();
    let sound = truth(&path);
    let bytes = fs::read(&path).unwrap();
    let mut least = usize::MAX;
    for page in 0..bytes.len() / PAGE {
        let mut bytes = bytes.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        let read = check(
            &sound,
            &damaged(&folder, &bytes),
            &format!("page {} zeroed", page + 1),
        );
        least = least.min(read);
    }
    // The worst is the root of the table, whose own rows are lost with it.
    assert!(least > 1800, "only {least} of {} entries", sound.len());
}

#[test]
fn of_a_file_that_is_cut_off_anywhere_the_rest_is_read_and_the_gaps_told() {
    let (folder, path) = shop();
    let sound = truth(&path);
    let bytes = fs::read(&path).unwrap();
    let mut read = 0;
    for pages in 1..bytes.len() / PAGE {
        for end in [pages * PAGE, pages * PAGE - 100] {
            let path = damaged(&folder, &bytes[..end]);
            let now = check(&sound, &path, &format!("cut off at {end}"));
            // With an inner page its own rows go, and no others.
            assert!(now + 120 >= read, "cut off at {end}: {now} after {read}");
            read = read.max(now);
        }
    }
    assert!(read > 1900);
}

#[test]
fn pages_that_were_freed_do_not_bring_back_what_was_deleted() {
    let (folder, path) = shop();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute(
            "DELETE FROM kv WHERE k > (SELECT k FROM kv ORDER BY k LIMIT 1 OFFSET 600)",
            (),
        )
        .unwrap();
    drop(connection);
    let sound = truth(&path);
    assert_eq!(sound.len(), 601);
    let bytes = fs::read(&path).unwrap();
    for page in 0..bytes.len() / PAGE {
        let mut bytes = bytes.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0);
        check(
            &sound,
            &damaged(&folder, &bytes),
            &format!("page {} zeroed", page + 1),
        );
    }
}

#[test]
fn messages_are_read_and_it_is_told_that_some_are_missing() {
    let (folder, path) = shop();
    let bytes = fs::read(&path).unwrap();
    let read = |path: &Path| {
        let mut messages: Vec<QueueMessage> = Vec::new();
        let mut recovery = Recovery::open(path).unwrap();
        let whole = recovery.messages(&mut |message| {
            messages.push(message);
            Ok::<_, Infallible>(())
        });
        (messages, whole.unwrap())
    };
    let mut expected = DenoFile::open(&path).unwrap().queue(100).unwrap();
    let (mut messages, whole) = read(&path);
    for message in &mut expected {
        message.id.clear();
        message.running = false;
    }
    messages.sort_by_key(|message| message.due_at);
    assert_eq!((messages, whole), (expected, true));
    let mut damage = bytes;
    damage[4 * PAGE..5 * PAGE].fill(0);
    let (messages, whole) = read(&damaged(&folder, &damage));
    assert_eq!((messages.len(), whole), (0, false));
}

#[test]
fn what_is_no_file_of_denos_is_refused() {
    let folder = TempDir::new().unwrap();
    for bytes in [
        &b"text"[..],
        &[0; 3 * PAGE],
        &fs::read(data("key-odd.jsonl")).unwrap(),
    ] {
        let refused = Recovery::open(&damaged(&folder, bytes));
        assert!(matches!(refused, Err(RecoveryError::NothingLeft(_))));
    }
    let missing = Recovery::open(&folder.path().join("missing"));
    assert!(matches!(missing, Err(RecoveryError::Open(_))));
    let (_shop_folder, path) = shop();
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    if cfg!(target_os = "linux") {
        assert!(matches!(Recovery::open(&path), Err(RecoveryError::InUse(_))));
    }
}

/// A small file with rows of every length, with expiries, and with free pages; and what it holds.
fn small() -> &'static (Vec<u8>, Rows) {
    static SMALL: OnceLock<(Vec<u8>, Rows)> = OnceLock::new();
    SMALL.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("small.sqlite3");
        let mut writer = Writer::create(&path);
        let key_of = |number: usize| key(&[&format!("{number:03}"), &"k".repeat((number * 37) % 1900)]);
        let values: Vec<_> = (0..90_usize)
            .map(|number| (key_of(number), vec![number as u8 + 1; (number * 977) % 9000]))
            .collect();
        let sets: Vec<_> = values
            .iter()
            .map(|(key, value)| (key.clone(), value.as_slice()))
            .collect();
        writer.set(&sets);
        writer
            .0
            .execute(
                "UPDATE kv SET expiration_ms = length(v) WHERE length(v) % 2 = 0",
                (),
            )
            .unwrap();
        let deleted: Vec<_> = (0..90).filter(|number| number % 5 == 2).map(key_of).collect();
        writer.delete(&deleted);
        writer
            .0
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
            .unwrap();
        drop(writer);
        (fs::read(&path).unwrap(), truth(&path))
    })
}

#[derive(Debug, Clone)]
enum Damage {
    Zero(prop::sample::Index),
    Cut(prop::sample::Index),
}

proptest! {
    /// Several damages at once: never a wrong entry, and nothing missing untold.
    #[test]
    fn damages_of_several_kinds_at_once_never_make_a_wrong_entry(
        damages in proptest::collection::vec(
            prop_oneof![
                3 => any::<prop::sample::Index>().prop_map(Damage::Zero),
                1 => any::<prop::sample::Index>().prop_map(Damage::Cut),
            ],
            1..6,
        )
    ) {
        let folder = TempDir::new().unwrap();
        let (bytes, sound) = small();
        let mut bytes = bytes.clone();
        for damage in &damages {
            match damage {
                Damage::Zero(index) => {
                    let page = index.index(bytes.len().div_ceil(PAGE));
                    let end = ((page + 1) * PAGE).min(bytes.len());
                    bytes[page * PAGE..end].fill(0);
                }
                Damage::Cut(index) => bytes.truncate(1 + index.index(bytes.len())),
            }
        }
        check(sound, &damaged(&folder, &bytes), &format!("{damages:?}"));
    }

    /// Any bytes anywhere, and sectors of zeros: it comes to an end, and keys ascend.
    #[test]
    fn bytes_that_are_changed_anywhere_end_in_no_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        sector in any::<prop::sample::Index>(),
    ) {
        let folder = TempDir::new().unwrap();
        let mut bytes = small().0.clone();
        let at = sector.index(bytes.len() / 512) * 512;
        bytes[at..at + 512].fill(0);
        for (index, byte) in &changes {
            let at = index.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some((entries, _)) = recover(&damaged(&folder, &bytes)) {
            prop_assert!(entries.is_sorted_by(|one, other| one.key < other.key));
        }
    }
}
