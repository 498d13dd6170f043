//! Typed access: keys and values instead of their bytes.

use std::sync::Arc;
use std::time::Duration;

use keyglass_store::key::{Cursor, Key, KeyPart, Selector};
use keyglass_store::kv::List;
use keyglass_store::value::literal;
use keyglass_store::{CommitOutcome, Database, Encoding, Kv, KvEntry, KvError, Message, StoredValue, Value};

use super::fixture::Fixture;

fn numbered(kv: &Kv, count: u32) {
    for number in 0..count {
        kv.set(("n", f64::from(number)), f64::from(number)).unwrap();
    }
}

fn below_n() -> Selector {
    Selector::prefix(["n"].into())
}

fn numbers<D: Database + ?Sized>(list: &mut List<D>) -> Vec<String> {
    list.map(|entry| entry.unwrap().value.to_string()).collect()
}

#[test]
fn a_value_reads_back_as_it_was_set() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    let value = literal::parse("{ name: 'Ada', born: new Map([[1815n, -0]]) }").unwrap();
    let versionstamp = kv.set(["users", "ada"], &value).unwrap();
    let entry = kv.get(["users", "ada"]).unwrap().unwrap();
    let expected = KvEntry {
        key: ["users", "ada"].into(),
        value,
        versionstamp,
        expires_at: None,
    };
    assert_eq!(entry, expected);
    let found = kv.get_many([["users", "ada"], ["users", "bob"]]).unwrap();
    assert_eq!(found, vec![Some(expected), None]);
    kv.delete(["users", "ada"]).unwrap();
    assert_eq!(kv.get(["users", "ada"]).unwrap(), None);
    assert_eq!(kv.get(Key::default()).unwrap(), None);
}

#[test]
fn an_entry_that_expires_goes_by_the_stores_clock() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    kv.set_expiring(["session"], "x", Duration::from_millis(500))
        .unwrap();
    let entry = kv.get(["session"]).unwrap().unwrap();
    assert_eq!(entry.expires_at, Some(fixture.now() + 500));
    fixture.set_time(fixture.now() + 500);
    assert_eq!(kv.get(["session"]).unwrap(), None);
}

#[test]
fn a_list_comes_whole_whatever_the_batch() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    numbered(&kv, 25);
    let all: Vec<String> = (0..25).map(|number| number.to_string()).collect();
    let backwards: Vec<String> = all.iter().rev().cloned().collect();
    for batch_size in [1, 5, 7, 25, 26, 1000] {
        let list = || kv.list(below_n()).batch_size(batch_size);
        assert_eq!(numbers(&mut list()), all);
        assert_eq!(numbers(&mut list().reverse()), backwards);
        assert_eq!(numbers(&mut list().limit(10)), all[..10]);
        assert_eq!(numbers(&mut list().limit(10).reverse()), backwards[..10]);
        assert_eq!(numbers(&mut list().consistent()), all);
    }
    assert_eq!(numbers(&mut kv.list(below_n())), all);
}

#[test]
fn a_list_goes_on_after_the_cursor_of_another() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    numbered(&kv, 10);
    let mut first = kv.list(below_n()).limit(4);
    assert_eq!(numbers(&mut first), ["0", "1", "2", "3"]);
    let mut second = kv.list(below_n()).after(first.cursor().unwrap());
    assert_eq!(numbers(&mut second), ["4", "5", "6", "7", "8", "9"]);
    assert_eq!(second.cursor().unwrap(), Cursor::default());

    let mut last = kv.list(below_n()).reverse().limit(2);
    assert_eq!(numbers(&mut last), ["9", "8"]);
    let mut before = kv
        .list(below_n())
        .reverse()
        .limit(2)
        .after(last.cursor().unwrap());
    assert_eq!(numbers(&mut before), ["7", "6"]);
}

#[test]
fn batches_see_what_is_new_unless_the_list_is_consistent() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    numbered(&kv, 4);
    let mut plain = kv.list(below_n()).batch_size(2);
    let mut consistent = kv.list(below_n()).batch_size(2).consistent();
    let _first = (
        plain.next().unwrap().unwrap(),
        consistent.next().unwrap().unwrap(),
    );
    kv.set(("n", 9.0), 9.0).unwrap();
    assert_eq!(numbers(&mut plain), ["1", "2", "3", "9"]);
    assert_eq!(numbers(&mut consistent), ["1", "2", "3"]);
}

#[test]
fn a_list_that_cannot_be_is_refused_in_denos_words() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    let refusal = |mut list: List<_>| {
        let error = list.next().unwrap().unwrap_err();
        assert!(list.next().is_none());
        error.to_string()
    };
    let list = || kv.list(below_n());
    assert_eq!(
        refusal(list().limit(0)),
        "Limit must be a positive integer: received 0"
    );
    assert_eq!(
        refusal(list().batch_size(0)),
        "batchSize must be a positive integer: received 0"
    );
    assert_eq!(refusal(list().batch_size(1001)), "Too many entries (max 1000)");
    assert_eq!(refusal(list().after(Cursor("!".to_owned()))), "invalid cursor");
    assert_eq!(
        list().cursor().unwrap_err().to_string(),
        "Cannot get cursor before first iteration"
    );
}

#[test]
fn a_value_that_cannot_be_read_is_an_error_in_its_place() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    numbered(&kv, 3);
    let broken = StoredValue {
        encoding: Encoding::V8,
        bytes: vec![0xff, 0x0f, 0xee].into(),
    };
    let key = Key::from(("n", 1.0)).encode().unwrap();
    fixture.commit(keyglass_store::AtomicOperation::new().set(key, broken));
    let entries: Vec<Result<_, KvError>> = kv.list(below_n()).collect();
    assert_eq!(entries.len(), 3);
    assert!(entries[0].is_ok() && entries[2].is_ok());
    let error = entries[1].as_ref().unwrap_err().to_string();
    assert!(error.ends_with(r#": ["n", 1]"#), "{error}");
}

#[test]
fn an_operation_happens_as_a_whole_or_not_at_all() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    kv.set(["balance"], 10.0).unwrap();
    let seen = kv.get(["balance"]).unwrap().unwrap();
    let spend = || {
        kv.atomic()
            .check(&seen)
            .check_absent(["receipt"])
            .set(["receipt"], "4 spent")
            .sum_values(["balance"], -4.0)
            .sum(["visits"], 2)
            .max(["most"], 7)
            .min(["least"], 7)
            .set_versionstamped(["log"], true)
            .commit()
            .unwrap()
    };
    let CommitOutcome::Committed(versionstamp) = spend() else {
        panic!("the checks hold")
    };
    assert!(matches!(spend(), CommitOutcome::Conflict(failed) if failed.len() == 2));
    let value = |key: Key| kv.get(key).unwrap().unwrap().value;
    assert_eq!(value(["balance"].into()), Value::from(6.0));
    assert_eq!(value(["visits"].into()).as_u64(), Some(2));
    assert_eq!(value(["most"].into()).as_u64(), Some(7));
    assert_eq!(value(["least"].into()).as_u64(), Some(7));
    assert_eq!(
        value(["log".to_owned(), versionstamp.to_string()].into()),
        Value::from(true)
    );
}

#[test]
fn what_cannot_be_stored_is_told_by_commit() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    let huge = KeyPart::bigint(num_bigint::BigInt::from(1) << 2048);
    let outcome = kv
        .atomic()
        .set(["a"], 1.0)
        .delete([huge])
        .set(["b"], 1.0)
        .commit();
    assert!(matches!(outcome, Err(KvError::Key(_))));
    let outcome = kv.set(Key::default(), 1.0);
    assert_eq!(outcome.unwrap_err().to_string(), "key cannot be empty");
    assert!(fixture.keys().is_empty());
}

#[test]
fn a_watch_tells_each_state_once() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    let mut watch = kv.watch([["a"], ["b"]]).unwrap();
    assert_eq!(watch.next().unwrap().unwrap(), vec![None, None]);
    kv.set(["b"], "new").unwrap();
    let state = watch.next().unwrap().unwrap();
    assert_eq!(state[0], None);
    assert_eq!(state[1].as_ref().unwrap().value.as_str(), Some("new"));
    assert!(watch.next_within(Duration::from_millis(20)).is_none());
    drop((kv, fixture));
    assert!(watch.next().is_none());
}

#[test]
fn a_message_reaches_a_listener_as_the_value_that_was_sent() {
    let fixture = Fixture::new();
    let kv = fixture.store().kv();
    kv.enqueue("hello").unwrap();
    let later = Message::new(Value::from(true))
        .delay(Duration::from_secs(60))
        .backoff_schedule([Duration::from_millis(5)])
        .key_if_undelivered(["dead"]);
    kv.enqueue(later).unwrap();
    let delivery = kv.listen().receive(Duration::from_secs(5)).unwrap().unwrap();
    assert_eq!(delivery.value().unwrap().as_str(), Some("hello"));
    delivery.finish().unwrap();
    let waiting = fixture.store().queue(10).unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].due_at, fixture.now() + 60_000);
    assert_eq!(waiting[0].backoff_schedule, [5]);
    assert_eq!(
        waiting[0].keys_if_undelivered,
        [Key::from(["dead"]).encode().unwrap()]
    );
    let long = Message::new("x").delay(Duration::from_millis(2_592_000_001));
    assert_eq!(
        kv.enqueue(long).unwrap_err().to_string(),
        "Delay cannot be greater than 30 days: received 2592000001"
    );
}

#[test]
fn any_database_has_typed_access() {
    let fixture = Fixture::new();
    let database: Arc<dyn Database> = Arc::new(fixture.store().clone());
    let kv = Kv::new(database);
    kv.set_expiring(["soon"], 1.0, Duration::from_secs(1)).unwrap();
    assert_eq!(
        kv.get(["soon"]).unwrap().unwrap().expires_at,
        Some(fixture.now() + 1000)
    );
    kv.delete(["soon"]).unwrap();
    kv.set(["a"], 1.0).unwrap();
    assert_eq!(kv.list(Selector::prefix(Key::default())).count(), 1);
    assert_eq!(kv.database().location(), fixture.store().location());
}
