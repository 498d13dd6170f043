//! Deno's files give the entries, counts, children and messages that are in them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::fixture::{Writer, key, shop, shop_expected};
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{
    Capabilities, Changes, Child, ChildrenPage, Counted, Database, DatabaseKind, EncodedKey, Encoding,
    EngineFacts, Entry, KeyRange, Limits, ReadRange, Reading, Versionstamp, Writing, key::first_part_length,
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

fn everything(database: &dyn Database) -> Vec<Entry> {
    let all = ReadRange {
        range: KeyRange::everything(),
        limit: usize::MAX,
        reverse: false,
    };
    database.snapshot().unwrap().read(&all).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_entry_is_what_deno_itself_read() {
    let (_folder, path) = shop();
    let entries = everything(&DenoFile::open(&path).unwrap());
    let expected = shop_expected();
    assert_eq!(entries.len(), 1946);
    assert_eq!(expected.len(), 1946);
    for (entry, expected) in entries.iter().zip(&expected) {
        let key = hex(entry.key.as_bytes());
        assert_eq!(expected["keyHex"], key);
        assert_eq!(expected["versionstamp"], entry.versionstamp.to_string(), "{key}");
        let encoding = match entry.value.encoding {
            Encoding::V8 => "V8",
            Encoding::Le64 => "LE64",
            Encoding::Bytes => "BYTES",
            Encoding::Unknown(_) => "unknown",
        };
        assert_eq!(expected["encoding"], encoding, "{key}");
        assert_eq!(expected["expires"], entry.expires_at.is_some(), "{key}");
        assert_eq!(expected["valueBytes"], entry.value.bytes.len(), "{key}");
        assert_eq!(
            expected["valueSha256"],
            hex(&Sha256::digest(&entry.value.bytes)),
            "{key}"
        );
    }
}

#[test]
fn a_range_is_read_from_either_end_up_to_its_limit() {
    let (_folder, path) = shop();
    let database = DenoFile::open(&path).unwrap();
    let all = everything(&database);
    let below_users = KeyRange::below(&key(&["users"]));
    let users: Vec<_> = all
        .iter()
        .filter(|entry| below_users.contains(&entry.key))
        .cloned()
        .collect();
    assert!(users.len() > 5);
    let read = |limit, reverse| {
        let range = ReadRange {
            range: below_users.clone(),
            limit,
            reverse,
        };
        database.read(&[range]).unwrap().remove(0)
    };
    assert_eq!(read(usize::MAX, false), users);
    assert_eq!(read(3, false), users[..3]);
    let backwards: Vec<_> = users.iter().rev().take(3).cloned().collect();
    assert_eq!(read(3, true), backwards);
    assert_eq!(read(0, false), []);
}

#[test]
fn entries_are_found_by_their_keys_in_the_order_asked() {
    let (_folder, path) = shop();
    let database = DenoFile::open(&path).unwrap();
    let all = everything(&database);
    let keys = [all[700].key.clone(), key(&["no such key"]), all[3].key.clone()];
    let found = database.get_many(&keys).unwrap();
    assert_eq!(found, [Some(all[700].clone()), None, Some(all[3].clone())]);
}

#[test]
fn a_snapshot_stays_at_its_moment_while_others_commit() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    let first = writer.set(&[(key(&["a"]), b"1")]);
    let database = DenoFile::open(&path).unwrap();
    let snapshot = database.snapshot().unwrap();
    writer.set(&[(key(&["a"]), b"2"), (key(&["b"]), b"2")]);
    assert_eq!(snapshot.get(&key(&["a"])).unwrap().unwrap().value.bytes, b"1"[..]);
    assert_eq!(snapshot.get(&key(&["b"])).unwrap(), None);
    assert_eq!(
        snapshot.versionstamp(),
        Some(Versionstamp::from_counter(first as u64))
    );
    assert_eq!(database.get(&key(&["a"])).unwrap().unwrap().value.bytes, b"2"[..]);
}

#[test]
fn an_entry_past_its_expiry_stands_until_deno_sweeps_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    writer.set(&[(key(&["old"]), b"1"), (key(&["lasting"]), b"1")]);
    writer
        .0
        .execute(
            "UPDATE kv SET expiration_ms = 1000 WHERE k = ?1",
            [key(&["old"]).as_bytes()],
        )
        .unwrap();
    let database = DenoFile::open(&path).unwrap();
    assert_eq!(
        database.get(&key(&["old"])).unwrap().unwrap().expires_at,
        Some(1000)
    );
    assert_eq!(
        database.get(&key(&["lasting"])).unwrap().unwrap().expires_at,
        None
    );
}

#[test]
fn rows_that_no_deno_wrote_do_not_hide_the_others() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    writer.set(&[
        (key(&["a"]), b"1"),
        (key(&["b"]), b"2"),
        (key(&["c"]), b"3"),
        (key(&["d"]), b"4"),
    ]);
    for change in [
        "v_encoding = 9 WHERE k = x'02610000' OR k = x'026100'",
        "v = 5 WHERE k = x'026200'",
        "v_encoding = 'text', version = 'text', expiration_ms = x'00' WHERE k = x'026300'",
    ] {
        writer.0.execute(&format!("UPDATE kv SET {change}"), ()).unwrap();
    }
    let database = DenoFile::open(&path).unwrap();
    let entries = everything(&database);
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0].value.encoding, Encoding::Unknown(9));
    assert_eq!(entries[0].value.bytes, b"1"[..]);
    assert_eq!(entries[1].value.bytes, b""[..]);
    assert_eq!(entries[2].value.encoding, Encoding::Unknown(0));
    assert_eq!(entries[2].versionstamp, Versionstamp::default());
    assert_eq!(entries[3].value.encoding, Encoding::Bytes);
}

#[test]
fn a_count_is_exact_and_can_be_stopped() {
    let (_folder, path) = shop();
    let database = DenoFile::open(&path).unwrap();
    let all = everything(&database);
    let counted = database
        .count(&KeyRange::everything(), &mut |_| ControlFlow::Continue(()))
        .unwrap();
    let expected = Counted {
        entries: 1946,
        expired: 0,
        bytes: all.iter().map(Entry::size).sum(),
        complete: true,
    };
    assert_eq!(counted, expected);

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    let entries: Vec<_> = (0..10_000)
        .map(|n| (key(&["k", &n.to_string()]), &b"value"[..]))
        .collect();
    writer.set(&entries);
    let database = DenoFile::open(&path).unwrap();
    let mut reports = 0;
    let counted = database
        .count(&KeyRange::everything(), &mut |_| {
            reports += 1;
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!(reports, 1);
    assert!(!counted.complete && counted.entries > 0 && counted.entries < 10_000);
}

/// Children by looking at every key, in the trait's words.
fn children_of(keys: &[EncodedKey], prefix: &EncodedKey) -> Vec<Child> {
    let mut children = BTreeMap::new();
    for key in keys.iter().filter(|key| KeyRange::below(prefix).contains(key)) {
        let rest = &key.as_bytes()[prefix.as_bytes().len()..];
        let length = first_part_length(rest).unwrap_or(rest.len());
        let child = children
            .entry(prefix.with_suffix(&rest[..length]))
            .or_insert((false, false));
        child.0 |= rest.len() == length;
        child.1 |= rest.len() > length;
    }
    children
        .into_iter()
        .map(|(prefix, (is_entry, has_children))| Child {
            prefix,
            is_entry,
            has_children,
        })
        .collect()
}

/// All pages of children joined.
fn paged_children(database: &dyn Database, prefix: &EncodedKey, limit: usize) -> Vec<Child> {
    let mut children: Vec<Child> = Vec::new();
    loop {
        let after = children.last().map(|child| child.prefix.clone());
        let page = database.children(prefix, after.as_ref(), limit).unwrap();
        assert!(page.children.len() <= limit);
        assert!(!page.more || page.children.len() == limit);
        children.extend(page.children);
        if !page.more {
            return children;
        }
    }
}

#[test]
fn the_children_of_every_prefix_are_those_that_a_full_scan_finds() {
    let (_folder, path) = shop();
    let database = DenoFile::open(&path).unwrap();
    let keys: Vec<_> = everything(&database).into_iter().map(|entry| entry.key).collect();
    let mut prefixes = vec![EncodedKey::default()];
    for key in &keys {
        prefixes.extend(key.part_ends().into_iter().map(|end| key.truncated(end)));
    }
    prefixes.sort();
    prefixes.dedup();
    for prefix in &prefixes {
        let expected = children_of(&keys, prefix);
        assert_eq!(
            paged_children(&database, prefix, usize::MAX),
            expected,
            "{prefix}"
        );
        assert_eq!(paged_children(&database, prefix, 3), expected, "{prefix}");
    }
    let none = database.children(&EncodedKey::default(), None, 0).unwrap();
    assert_eq!(
        none,
        ChildrenPage {
            children: Vec::new(),
            more: true
        }
    );
}

#[test]
fn broken_keys_are_children_too() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    let keys: Vec<_> = [
        &b"\x02ab"[..],
        b"\x02ab\x00",
        b"\x02ab\x00\x02c\x00",
        b"\x02ab\x00\xff\x00",
        b"\x05",
        b"\x05\x05",
        b"\x15",
        b"\x15\x01",
        b"\x27",
        b"\x27\x01\x00",
        b"\x27\xff",
        b"\x27\xff\xff",
        b"\xfe",
    ]
    .into_iter()
    .map(|bytes| EncodedKey::from_bytes(bytes.to_vec()))
    .collect();
    writer.set(
        &keys
            .iter()
            .map(|key| (key.clone(), &b"1"[..]))
            .collect::<Vec<_>>(),
    );
    let database = DenoFile::open(&path).unwrap();
    let root = EncodedKey::default();
    for limit in [1, 2, 3, 100] {
        assert_eq!(paged_children(&database, &root, limit), children_of(&keys, &root));
    }
}

#[test]
fn large_and_small_children_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    let mut keys = Vec::new();
    for child in 0..60 {
        let size = [1, 3, 40, 200][child / 5 % 4];
        let parent = format!("{child:02}");
        keys.extend((0..size).map(|n| key(&["p", &parent, &format!("{n:03}")])));
    }
    writer.set(
        &keys
            .iter()
            .map(|key| (key.clone(), &b"1"[..]))
            .collect::<Vec<_>>(),
    );
    let database = DenoFile::open(&path).unwrap();
    for limit in [7, 1000] {
        let children = paged_children(&database, &key(&["p"]), limit);
        assert_eq!(children, children_of(&keys, &key(&["p"])));
        assert_eq!(children.len(), 60);
    }
}

#[test]
fn the_queue_shows_its_messages_by_due_time() {
    let (_folder, path) = shop();
    let database = DenoFile::open(&path).unwrap();
    let messages = database.queue(10).unwrap();
    let due: Vec<_> = messages.iter().map(|message| message.due_at).collect();
    assert_eq!(due, [1795394189559, 1795394189566, 1797899789570, 1797986189574]);
    assert_eq!(messages[0].id, "1b21c62f-de74-441f-9641-5f16df99c42c");
    assert_eq!(messages[0].payload.len(), 23);
    assert_eq!(messages[0].backoff_schedule, [100, 1000, 5000, 30000, 60000]);
    assert_eq!(messages[2].backoff_schedule, [1000, 5000, 60000]);
    let undelivered: Vec<_> = messages[2]
        .keys_if_undelivered
        .iter()
        .map(|key| hex(key.as_bytes()))
        .collect();
    assert_eq!(
        undelivered,
        [
            "02646561645f6c6574746572730002".to_owned() + &hex(b"newsletter") + "00",
            "02646561645f6c65747465727300150227".to_owned()
        ]
    );
    assert!(messages.iter().all(|message| !message.running));
    assert_eq!(database.queue(2).unwrap(), messages[..2]);

    let writer = Writer::open(&path);
    writer
        .0
        .execute(
            "INSERT INTO queue_running VALUES (1795394189560, 'running', x'ff0f30', 'broken', x'00')",
            (),
        )
        .unwrap();
    let running = &database.queue(10).unwrap()[1];
    assert!(running.running && running.id == "running");
    assert!(running.backoff_schedule.is_empty() && running.keys_if_undelivered.is_empty());
}

#[test]
fn statistics_tell_the_newest_commit_and_the_size() {
    let (_folder, path) = shop();
    let statistics = DenoFile::open(&path).unwrap().statistics().unwrap();
    assert_eq!(statistics.versionstamp, Some(Versionstamp::from_counter(369)));
    assert_eq!(statistics.disk_bytes, Some(917_504));
    assert_eq!(statistics.queued_messages, Some(4));
    let EngineFacts::Sqlite(facts) = statistics.engine else {
        panic!("other facts");
    };
    assert_eq!((facts.schema, facts.page_bytes, facts.pages), (3, 4096, 224));
}

#[test]
fn a_file_says_what_it_can() {
    let (_folder, path) = shop();
    let database = DenoFile::open(&path).unwrap();
    assert_eq!(database.id(), DenoFile::open(&path).unwrap().id());
    let (_elsewhere, other) = shop();
    assert_ne!(database.id(), DenoFile::open(&other).unwrap().id());
    assert_eq!(
        database.capabilities(),
        Capabilities {
            kind: DatabaseKind::DenoFile,
            writing: Writing::Locked,
            reading: Reading::Cheap,
            changes: Changes::Compared,
            history: true,
            past_versions: false,
            expiry: true,
            consistent_snapshots: true,
            queue: true,
            limits: Limits::DENO,
        }
    );
}
