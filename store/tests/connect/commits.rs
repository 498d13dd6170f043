//! What a commit leaves: versionstamps, expiries and messages.

use denokv_proto::datapath as pb;

use crate::operations::{A, B, ONE, TWO};
use crate::served::{Served, key, meaning, mutation, mutations, set, value};

const C: &str = r#"["c"]"#;

#[test]
fn every_entry_of_a_commit_has_its_versionstamp_and_later_ones_are_larger() {
    let served = Served::new();
    let mut client = served.client();
    let mut last = Vec::new();
    for _ in 0..20 {
        let stamp = client.commit(vec![set(A, "1"), set(B, "2")]);
        assert!(stamp > last);
        for at in [A, B] {
            assert_eq!(client.get(&key(at)).unwrap().versionstamp, stamp);
        }
        last = stamp;
    }
    // A commit without mutations has one, too.
    assert!(client.commit(Vec::new()) > last);
}

#[test]
fn a_versionstamped_key_ends_with_the_stamp_of_its_commit() {
    let served = Served::new();
    let mut client = served.client();
    let stamp = client.commit(vec![mutation(9, key(A), Some(value("'x'")))]);
    let digits: String = stamp.iter().map(|byte| format!("{byte:02x}")).collect();
    let entry = client.get(&key(&format!(r#"["a", "{digits}"]"#))).unwrap();
    assert_eq!(entry.versionstamp, stamp);
    assert_eq!(
        meaning(&entry.value, entry.encoding),
        meaning(&value("'x'").data, 1)
    );
}

#[test]
fn an_expired_entry_is_gone_for_reads_checks_lists_and_sums() {
    let served = Served::new();
    let mut client = served.client();
    let now = crate::served::NOW;
    let expiring = |at: &str, time: i64| pb::Mutation {
        expire_at_ms: time,
        ..set(at, ONE)
    };
    client.commit(vec![expiring(A, now + 1000), expiring(B, -1), expiring(C, 0)]);
    served.set_time(now + 999);
    assert!(client.get(&key(A)).is_some());
    served.set_time(now + 1000);
    assert!(client.get(&key(A)).is_none());
    let all = crate::served::range(Vec::new(), vec![0xff], 10, false);
    assert_eq!(client.keys(&all).unwrap(), [key(B), key(C)]);
    let request = pb::AtomicWrite {
        checks: vec![pb::Check {
            key: key(A),
            versionstamp: Vec::new(),
        }],
        ..mutations(vec![mutation(3, key(A), Some(value(TWO)))])
    };
    assert_eq!(client.write(&request).unwrap().status, 1);
    // The result of a sum does not expire, and a set clears the expiry.
    client.commit(vec![expiring(B, now + 2000)]);
    client.commit(vec![set(B, ONE)]);
    served.set_time(now + 10_000_000);
    assert_eq!(client.get(&key(A)).unwrap().value, value(TWO).data);
    assert!(client.get(&key(B)).is_some());
}

#[test]
fn a_message_of_a_client_reaches_a_listener_of_this_program() {
    let served = Served::new();
    let mut client = served.client();
    let request = pb::AtomicWrite {
        enqueues: vec![pb::Enqueue {
            payload: value("{job: 7}").data,
            deadline_ms: crate::served::NOW,
            keys_if_undelivered: vec![key(A)],
            backoff_schedule: vec![100, 200],
        }],
        ..mutations(vec![set(B, "1")])
    };
    assert_eq!(client.write(&request).unwrap().status, 1);
    let listener = served.store.listen();
    let delivery = listener.receive(crate::client::PATIENCE).unwrap().unwrap();
    assert_eq!(
        meaning(&delivery.message().payload, 1),
        meaning(&value("{job: 7}").data, 1)
    );
    delivery.finish().unwrap();
}
