//! Entries that expire.

use std::time::{Duration, Instant};

use keyglass_store::{AtomicOperation, CommitOutcome, Database, KeyRange};

use crate::fixture::{Fixture, bytes, eventually, key};

/// Rows that the engine itself still holds.
fn stored(fixture: &Fixture) -> u64 {
    fixture
        .store()
        .statistics()
        .unwrap()
        .versionstamp
        .map_or(0, |stamp| stamp.counter())
}

#[test]
fn an_expired_entry_is_invisible_from_its_millisecond_on() {
    let fixture = Fixture::new();
    let now = fixture.now();
    fixture.set_expiring(&key(&["a"]), "x", now + 10_000);
    fixture.set(&key(&["b"]), "y");
    fixture.set_time(now + 9_999);
    assert_eq!(fixture.get(&key(&["a"])), Some("x".to_owned()));
    assert_eq!(fixture.count(&KeyRange::everything()).0, 2);
    fixture.set_time(now + 10_000);
    assert_eq!(fixture.get(&key(&["a"])), None);
    assert_eq!(fixture.keys(), [key(&["b"])]);
    assert_eq!(
        fixture.count(&KeyRange::everything()),
        (1, key(&["b"]).as_bytes().len() as u64 + 1)
    );
    let page = fixture.store().children(&key(&[]), None, 10).unwrap();
    assert_eq!(page.children.len(), 1);
    let absent = AtomicOperation::new().check(key(&["a"]), None);
    assert!(matches!(
        fixture.store().commit(absent).unwrap(),
        CommitOutcome::Committed(_)
    ));
}

#[test]
fn an_expired_entry_is_swept_and_does_not_come_back_when_the_clock_does() {
    let fixture = Fixture::new();
    let now = fixture.now();
    fixture.set_expiring(&key(&["a"]), "x", now + 10_000);
    fixture.set_expiring(&key(&["later"]), "y", now + 20_000);
    let before = stored(&fixture);
    fixture.set_time(now + 10_000);
    eventually("the sweep", || stored(&fixture) == before + 1);
    fixture.set_time(now);
    assert_eq!(fixture.keys(), [key(&["later"])]);
}

#[test]
fn damaged_rows_do_not_keep_others_from_being_swept() {
    let mut fixture = Fixture::new();
    let now = fixture.now();
    let path = fixture.folder.path().join("store");
    for name in ["a", "b", "c"] {
        fixture.set_expiring(&key(&[name]), "x", now + 10);
    }
    fixture.set_expiring(&key(&["later"]), "x", now + 20);
    fixture.store = None;
    let engine = fjall::Database::builder(&path).open().unwrap();
    let keyspace = |name| {
        engine
            .keyspace(name, fjall::KeyspaceCreateOptions::default)
            .unwrap()
    };
    // A record that is none, and a row of the index that is none.
    keyspace("kv").insert(key(&["a"]).as_bytes(), b"cut").unwrap();
    let time = ((now + 10).cast_unsigned() ^ (1 << 63)).to_be_bytes();
    keyspace("aux").insert([&[2], &time[..7]].concat(), b"").unwrap();
    engine.persist(fjall::PersistMode::SyncAll).unwrap();
    drop(engine);
    fixture.reopen();
    let before = stored(&fixture);
    fixture.set_time(now + 10);
    eventually("the sweep", || stored(&fixture) == before + 1);
    fixture.set_time(now);
    for name in ["b", "c"] {
        assert_eq!(fixture.get(&key(&[name])), None, "{name}");
    }
    fixture.set_time(now + 20);
    eventually("the next sweep", || stored(&fixture) == before + 2);
    fixture.set_time(now);
    assert_eq!(fixture.get(&key(&["later"])), None);
}

#[test]
fn entries_that_expired_while_the_store_was_closed_are_swept_after_opening() {
    let mut fixture = Fixture::new();
    let now = fixture.now();
    fixture.set_expiring(&key(&["a"]), "x", now + 10);
    fixture.store = None;
    fixture.set_time(now + 20);
    fixture.reopen();
    let opened = fixture
        .store()
        .snapshot()
        .unwrap()
        .versionstamp()
        .unwrap()
        .counter();
    eventually("the sweep", || stored(&fixture) > opened || opened > 1);
    fixture.set_time(now);
    eventually("the removal", || fixture.keys().is_empty());
}

#[test]
fn an_entry_set_again_without_expiry_stays() {
    let fixture = Fixture::new();
    let now = fixture.now();
    fixture.set_expiring(&key(&["a"]), "x", now + 10);
    fixture.set(&key(&["a"]), "kept");
    fixture.set_expiring(&key(&["b"]), "x", now + 10);
    fixture.set_expiring(&key(&["b"]), "longer", now + 50_000);
    fixture.set_expiring(&key(&["witness"]), "x", now + 20);
    let before = stored(&fixture);
    fixture.set_time(now + 30);
    eventually("the sweep", || stored(&fixture) > before);
    assert_eq!(fixture.get(&key(&["a"])), Some("kept".to_owned()));
    assert_eq!(fixture.get(&key(&["b"])), Some("longer".to_owned()));
    assert_eq!(fixture.count(&KeyRange::everything()).0, 2);
}

#[test]
fn an_entry_that_is_set_with_an_expiry_in_the_past_is_never_there() {
    let fixture = Fixture::new();
    let a = key(&["a"]);
    fixture.set(&a, "x");
    fixture.set_expiring(&a, "y", fixture.now());
    assert_eq!(fixture.get(&a), None);
    fixture.set_time(0);
    assert_eq!(fixture.get(&a), None);
    let set_then_sum = AtomicOperation::new()
        .set_expiring(a.clone(), bytes("y"), Some(-5))
        .check(a, None);
    fixture.commit(set_then_sum);
}

/// `KEYGLASS_EXPIRING_KEYS=1000000` makes it the million; less shows the same.
#[test]
fn many_entries_that_expire_at_once_are_gone_at_once_and_swept_soon() {
    let num_entries: u64 = std::env::var("KEYGLASS_EXPIRING_KEYS").map_or(50_000, |it| it.parse().unwrap());
    let fixture = Fixture::new();
    let now = fixture.now();
    let mut load = fixture.store().bulk_load();
    for number in 0..num_entries {
        let key = key(&["session", &number.to_string()]);
        load.add(key, bytes("x"), Some(now + 10_000)).unwrap();
    }
    load.finish().unwrap();
    let stays = key(&["stays"]);
    fixture.set_expiring(&stays, "x", now + 20_000);
    assert_eq!(fixture.count(&KeyRange::everything()).0, num_entries + 1);

    fixture.set_time(now + 10_000);
    assert_eq!(fixture.count(&KeyRange::everything()).0, 1);
    let check = || {
        let report = fixture
            .store()
            .check(&mut |_| std::ops::ControlFlow::Continue(()));
        report.unwrap()
    };
    // Commits go on while the sweep does.
    let begun = Instant::now();
    loop {
        fixture.set_expiring(&stays, "y", now + 20_000);
        // A quick sweep has ended by now.
        if check().entries <= 1 {
            break;
        }
        let limit =
            Duration::from_secs(20) + Duration::from_micros(100) * u32::try_from(num_entries).unwrap();
        assert!(begun.elapsed() < limit, "{} entries are left", check().entries);
    }
    assert!(check().is_good());
    assert_eq!(fixture.get(&stays), Some("y".to_owned()));
}
