//! Bulk loads.

use std::ops::ControlFlow;

use keyglass_store::{
    CommitError, Database, DatabaseError, EncodedKey, Encoding, FeedEvent, KeyRange, LoadError, StoredValue,
};

use crate::fixture::{Fixture, bytes, eventually, key};

#[test]
fn a_load_in_any_order_is_all_there_and_the_last_of_a_key_stays() {
    let mut fixture = Fixture::new();
    fixture.set(&key(&["5"]), "old");
    let before = fixture.set(&key(&["kept"]), "kept");
    let mut load = fixture.store().bulk_load();
    for round in (0..3000).rev() {
        load.add(key(&[&round.to_string()]), bytes(&format!("value {round}")), None)
            .unwrap();
    }
    load.add(key(&["7"]), bytes("last"), None).unwrap();
    load.finish().unwrap();
    for _ in 0..2 {
        assert_eq!(fixture.count(&KeyRange::everything()).0, 3001);
        assert_eq!(fixture.get(&key(&["7"])), Some("last".to_owned()));
        assert_eq!(fixture.get(&key(&["5"])), Some("value 5".to_owned()));
        assert_eq!(fixture.get(&key(&["kept"])), Some("kept".to_owned()));
        fixture.reopen();
    }
    let loaded = fixture.store().get(&key(&["7"])).unwrap().unwrap().versionstamp;
    assert!(loaded > before);
    assert!(fixture.set(&key(&["7"]), "newer") > loaded);
    assert_eq!(fixture.get(&key(&["7"])), Some("newer".to_owned()));
}

#[test]
fn a_load_of_several_portions_of_large_and_small_values_is_all_there() {
    let fixture = Fixture::new();
    let mut load = fixture.store().bulk_load().portion_bytes(16 << 20);
    for round in 0..2500_usize {
        let text = "x".repeat(round * 26);
        load.add(
            key(&[&format!("{:04}", round * 7 % 2500), "leaf"]),
            bytes(&text),
            None,
        )
        .unwrap();
    }
    load.finish().unwrap();
    let (entries, size) = fixture.count(&KeyRange::everything());
    let keys = 2500 * key(&["0000", "leaf"]).as_bytes().len() as u64;
    assert_eq!(
        (entries, size),
        (2500, keys + (0..2500).map(|round| round * 26).sum::<u64>())
    );
}

#[test]
fn loaded_entries_expire_and_expired_ones_replace_what_was_there() {
    let fixture = Fixture::new();
    let now = fixture.now();
    fixture.set(&key(&["gone"]), "old");
    let mut load = fixture.store().bulk_load();
    load.add(key(&["gone"]), bytes("x"), Some(now)).unwrap();
    load.add(key(&["soon"]), bytes("x"), Some(now + 1000)).unwrap();
    load.add(key(&["stays"]), bytes("x"), None).unwrap();
    load.finish().unwrap();
    assert_eq!(fixture.keys(), [key(&["soon"]), key(&["stays"])]);
    fixture.set_time(now + 1000);
    eventually("the sweep", || {
        let report = fixture.store().check(&mut |_| ControlFlow::Continue(()));
        report.unwrap().entries == 1
    });
    fixture.set_time(now);
    assert_eq!(fixture.keys(), [key(&["stays"])]);
}

#[test]
fn watches_and_feeds_hear_of_a_load() {
    let fixture = Fixture::new();
    let states = fixture.store().watch(vec![key(&["a"])]).unwrap();
    assert_eq!(states.recv().unwrap(), [None]);
    let feed = fixture.store().changes(vec![KeyRange::everything()]).unwrap();
    let mut load = fixture.store().bulk_load();
    load.add(key(&["a"]), bytes("x"), None).unwrap();
    load.finish().unwrap();
    assert_eq!(states.recv().unwrap()[0].as_ref().unwrap().value, bytes("x"));
    assert_eq!(
        feed.try_iter().collect::<Vec<_>>(),
        [FeedEvent::Lagged { missed: Some(1) }]
    );
    fixture.set(&key(&["a"]), "y");
    assert!(matches!(feed.try_recv().unwrap(), FeedEvent::Changes(_)));
}

#[test]
fn what_a_load_cannot_take_is_refused_and_the_rest_goes_on() {
    let fixture = Fixture::new();
    let mut load = fixture.store().bulk_load();
    assert!(load.add(EncodedKey::default(), bytes("x"), None).is_err());
    assert!(load.add(key(&["a"]), bytes(&"x".repeat(65_537)), None).is_err());
    let unknown = StoredValue {
        encoding: Encoding::Unknown(256),
        bytes: bytes::Bytes::new(),
    };
    assert!(load.add(key(&["a"]), unknown, None).is_err());
    load.add(key(&["b"]), bytes("x"), None).unwrap();
    load.finish().unwrap();
    assert_eq!(fixture.keys(), [key(&["b"])]);
    fixture.store().set_writable(false).unwrap();
    let mut load = fixture.store().bulk_load();
    load.add(key(&["c"]), bytes("x"), None).unwrap();
    let refused = load.finish().unwrap_err();
    assert!(matches!(
        refused,
        LoadError::Write {
            stored: 0,
            unknown: 0,
            source: CommitError::Refused(DatabaseError::ReadOnly(_))
        }
    ));
}

#[test]
fn a_load_that_fails_on_its_way_says_what_is_stored() {
    let mut fixture = Fixture::new();
    let path = fixture.folder.path().join("store");
    // Each entry is a portion of its own.
    let mut load = fixture.store().bulk_load().portion_bytes(1);
    for name in ["a", "b", "c"] {
        load.add(key(&[name]), bytes("x"), None).unwrap();
    }
    std::fs::remove_dir_all(&path).unwrap();
    let error = load.add(key(&["d"]), bytes("x"), None).unwrap_err();
    let sentence = error.to_string();
    let LoadError::Write {
        stored,
        unknown,
        source,
    } = error
    else {
        panic!("{sentence}")
    };
    assert_eq!(stored, 3);
    assert_eq!(unknown, u64::from(matches!(source, CommitError::Unknown { .. })));
    assert!(
        sentence.starts_with("Stopped after 3 entries had been stored"),
        "{sentence}"
    );
    assert!(sentence.contains(&path.display().to_string()), "{sentence}");
    // Once more it stores nothing, and says so.
    let error = load.add(key(&["e"]), bytes("x"), None).unwrap_err();
    assert!(
        matches!(
            error,
            LoadError::Write {
                stored: 3,
                unknown: 0,
                ..
            }
        ),
        "{error}"
    );
    drop(load);
    fixture.store = None;
}
