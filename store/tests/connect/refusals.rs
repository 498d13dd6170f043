//! What is refused, in which words. Nothing that a client can send is answered with a 5xx.

use denokv_proto::datapath as pb;
use prost::Message as _;

use crate::cases::{self, Case};
use crate::served::{NOW, Served, key, mutation, mutations, range, set, value};

const A: &str = r#"["a"]"#;
const KEY_SIZE: &str = "A key exceeds the key size limit.";
const VALUE_SIZE: &str = "A value exceeds the value size limit.";
const KIND: &str = "Invalid mutation kind or arguments.";

fn repeated<T: Clone>(item: T, count: usize) -> Vec<T> {
    vec![item; count]
}

fn raw(data: usize, encoding: i32) -> Option<pb::KvValue> {
    Some(pb::KvValue {
        data: vec![7; data],
        encoding,
    })
}

fn check(key: Vec<u8>, versionstamp: usize) -> pb::AtomicWrite {
    pb::AtomicWrite {
        checks: vec![pb::Check {
            key,
            versionstamp: vec![0; versionstamp],
        }],
        ..Default::default()
    }
}

fn enqueue(change: impl FnOnce(&mut pb::Enqueue)) -> pb::AtomicWrite {
    let mut message = pb::Enqueue {
        payload: value("1").data,
        deadline_ms: NOW + 3_600_000,
        ..Default::default()
    };
    change(&mut message);
    pb::AtomicWrite {
        enqueues: vec![message],
        ..Default::default()
    }
}

/// A key of so many bytes.
fn long(length: usize) -> Vec<u8> {
    [vec![2], vec![b'x'; length - 2], vec![0]].concat()
}

/// Writes within the limits and beyond them.
pub(crate) fn writes() -> Vec<Case> {
    let distinct = |count: usize, value: Option<pb::KvValue>| {
        let mutations = (0..count).map(|index| mutation(1, key(&format!("[{index}]")), value.clone()));
        mutations.collect::<Vec<_>>()
    };
    let expiring = |time: i64| {
        mutations(vec![pb::Mutation {
            expire_at_ms: time,
            ..set(A, "1")
        }])
    };
    let checks = |count| pb::AtomicWrite {
        checks: repeated(check(key(A), 0).checks.remove(0), count),
        ..Default::default()
    };
    let enqueues = |messages, sets| pb::AtomicWrite {
        enqueues: repeated(enqueue(|_| {}).enqueues.remove(0), messages),
        ..mutations(repeated(set(A, "1"), sets))
    };
    let accepted = "";
    let cases: Vec<(&str, pb::AtomicWrite, &str)> = vec![
        (
            "a key of 2048 bytes",
            mutations(vec![mutation(1, long(2048), raw(1, 3))]),
            accepted,
        ),
        (
            "a key of 2049 bytes",
            mutations(vec![mutation(1, long(2049), raw(1, 3))]),
            KEY_SIZE,
        ),
        (
            "deleting a key of 2049 bytes",
            mutations(vec![mutation(2, long(2049), None)]),
            KEY_SIZE,
        ),
        ("checking a key of 2048 bytes", check(long(2048), 0), accepted),
        ("checking a key of 2049 bytes", check(long(2049), 0), KEY_SIZE),
        (
            "writing the empty key",
            mutations(vec![mutation(1, Vec::new(), raw(1, 3))]),
            "key cannot be empty",
        ),
        (
            "deleting the empty key",
            mutations(vec![mutation(2, Vec::new(), None)]),
            "key cannot be empty",
        ),
        (
            "checking the empty key",
            check(Vec::new(), 0),
            "key cannot be empty",
        ),
        (
            "a value of 65536 bytes",
            mutations(vec![mutation(1, key(A), raw(65536, 3))]),
            accepted,
        ),
        (
            "a value of 65537 bytes",
            mutations(vec![mutation(1, key(A), raw(65537, 3))]),
            VALUE_SIZE,
        ),
        ("100 checks", checks(100), accepted),
        (
            "101 checks",
            checks(101),
            "Too many checks included in atomic write.",
        ),
        (
            "a versionstamp of 9 bytes",
            check(key(A), 9),
            "Invalid versionstamp.",
        ),
        (
            "a versionstamp of 11 bytes",
            check(key(A), 11),
            "Invalid versionstamp.",
        ),
        ("1000 mutations", mutations(distinct(1000, raw(1, 3))), accepted),
        (
            "1001 mutations",
            mutations(distinct(1001, raw(1, 3))),
            "Too many mutations / enqueues included in atomic write.",
        ),
        ("500 mutations and 500 messages", enqueues(500, 500), accepted),
        (
            "500 mutations and 501 messages",
            enqueues(501, 500),
            "Too many mutations / enqueues included in atomic write.",
        ),
        (
            "819200 bytes and more",
            mutations(distinct(13, raw(65536, 3))),
            "The total size of the atomic write is too large.",
        ),
        (
            "81920 bytes of keys and more",
            mutations(repeated(mutation(1, long(2048), raw(1, 3)), 41)),
            "Total key size too large (max 81920 bytes)",
        ),
        (
            "mutation kind 0",
            mutations(vec![mutation(0, key(A), raw(1, 3))]),
            KIND,
        ),
        (
            "mutation kind 6",
            mutations(vec![mutation(6, key(A), raw(1, 3))]),
            KIND,
        ),
        (
            "mutation kind -1",
            mutations(vec![mutation(-1, key(A), raw(1, 3))]),
            KIND,
        ),
        (
            "a set without a value",
            mutations(vec![mutation(1, key(A), None)]),
            KIND,
        ),
        (
            "a sum without a value",
            mutations(vec![mutation(3, key(A), None)]),
            KIND,
        ),
        (
            "a max without a value",
            mutations(vec![mutation(4, key(A), None)]),
            KIND,
        ),
        (
            "a min without a value",
            mutations(vec![mutation(5, key(A), None)]),
            KIND,
        ),
        (
            "a versionstamped set without a value",
            mutations(vec![mutation(9, key(A), None)]),
            KIND,
        ),
        (
            "a delete with a value of no bytes, as Deno sends it",
            mutations(vec![mutation(2, key(A), raw(0, 3))]),
            accepted,
        ),
        (
            "encoding 0",
            mutations(vec![mutation(1, key(A), raw(1, 0))]),
            "Unknown value encoding: 0.",
        ),
        (
            "encoding 4",
            mutations(vec![mutation(1, key(A), raw(1, 4))]),
            "Unknown value encoding: 4.",
        ),
        (
            "encoding -1",
            mutations(vec![mutation(1, key(A), raw(1, -1))]),
            "Unknown value encoding: -1.",
        ),
        (
            "a KvU64 of 7 bytes",
            mutations(vec![mutation(1, key(A), raw(7, 2))]),
            "A KvU64 has 8 bytes, and this one has 7.",
        ),
        (
            "a KvU64 of 9 bytes, summed",
            mutations(vec![mutation(3, key(A), raw(9, 2))]),
            "A KvU64 has 8 bytes, and this one has 9.",
        ),
        (
            "a KvU64 of no bytes, the least",
            mutations(vec![mutation(5, key(A), raw(0, 2))]),
            "A KvU64 has 8 bytes, and this one has 0.",
        ),
        (
            "summing what is no V8 value",
            mutations(vec![mutation(3, key(r#"["new"]"#), raw(3, 1))]),
            "Some of the parameters are not valid V8 values",
        ),
        ("an expiry of -1 is none", expiring(-1), accepted),
        ("an expiry of -2", expiring(-2), "Invalid mutation expire at."),
        ("the last expiry", expiring(i64::MAX), accepted),
        (
            "the first expiry",
            expiring(i64::MIN),
            "Invalid mutation expire at.",
        ),
        (
            "a message of 65536 bytes",
            enqueue(|message| message.payload = vec![0; 65536]),
            accepted,
        ),
        (
            "a message of 65537 bytes",
            enqueue(|message| message.payload = vec![0; 65537]),
            VALUE_SIZE,
        ),
        (
            "a message due at the end of time",
            enqueue(|message| message.deadline_ms = i64::MAX),
            accepted,
        ),
        (
            "a message due before time",
            enqueue(|message| message.deadline_ms = -1),
            "Invalid mutation enqueue deadline.",
        ),
        (
            "10 keys for an undelivered message",
            enqueue(|message| message.keys_if_undelivered = repeated(key(A), 10)),
            accepted,
        ),
        (
            "11 keys for an undelivered message",
            enqueue(|message| message.keys_if_undelivered = repeated(key(A), 11)),
            "Too many dead letter keys for a single queue message.",
        ),
        (
            "a long key for an undelivered message",
            enqueue(|message| message.keys_if_undelivered = vec![long(2049)]),
            KEY_SIZE,
        ),
        (
            "5 intervals",
            enqueue(|message| message.backoff_schedule = vec![3_600_000; 5]),
            accepted,
        ),
        (
            "6 intervals, which the database does not take",
            enqueue(|message| message.backoff_schedule = vec![0; 6]),
            "Invalid backoffSchedule, max 5 intervals allowed",
        ),
        (
            "11 intervals",
            enqueue(|message| message.backoff_schedule = vec![0; 11]),
            "Too many backoff intervals for a single queue message.",
        ),
        (
            "an interval over an hour",
            enqueue(|message| message.backoff_schedule = vec![3_600_001]),
            "A backoff interval exceeds the maximum allowed backoff interval.",
        ),
    ];
    let cases = cases.into_iter().map(|(name, request, text)| {
        Case::new(name, move |peer| match peer.client().write(&request) {
            Ok(output) => {
                assert_eq!(text, "", "{name}");
                assert!((1..=2).contains(&output.status), "{name}");
            }
            Err(refused) => assert_eq!(refused, (400, text.to_owned()), "{name}"),
        })
    });
    cases.collect()
}

#[test]
fn writes_beyond_the_limits_are_refused() {
    cases::hold(&writes());
}

/// Reads and watches within the limits and beyond them.
pub(crate) fn reads_and_watches() -> Vec<Case> {
    let ranges = |count: usize, limit: i32| pb::SnapshotRead {
        ranges: repeated(
            range(Vec::new(), vec![0xff], limit, false).ranges.remove(0),
            count,
        ),
    };
    let invalid = "The read range limit of the snapshot read request is invalid.";
    let too_large =
        "The total number of entries requested across read ranges in the read request is too large.";
    let accepted = "";
    let cases: Vec<(&str, pb::SnapshotRead, &str)> = vec![
        ("no ranges", ranges(0, 1), accepted),
        ("10 ranges", ranges(10, 100), accepted),
        (
            "11 ranges",
            ranges(11, 1),
            "Too many read ranges requested in one read request.",
        ),
        ("1000 entries", ranges(1, 1000), accepted),
        ("1001 entries", ranges(1, 1001), too_large),
        ("1001 entries of two ranges", ranges(2, 501), too_large),
        (
            "as many entries as there are numbers",
            ranges(10, i32::MAX),
            too_large,
        ),
        ("no entries", ranges(1, 0), invalid),
        ("less than no entries", ranges(1, -1), invalid),
        (
            "a start of 2049 bytes",
            range(long(2049), vec![0xff], 1, false),
            accepted,
        ),
        (
            "a start of 2050 bytes",
            range(long(2050), vec![0xff], 1, false),
            KEY_SIZE,
        ),
        (
            "an end of 2049 bytes",
            range(Vec::new(), long(2049), 1, true),
            accepted,
        ),
        (
            "an end of 2050 bytes",
            range(Vec::new(), long(2050), 1, true),
            KEY_SIZE,
        ),
        (
            "a start beyond the end",
            range(vec![3], vec![2], 1, false),
            accepted,
        ),
        (
            "bounds that are no keys",
            range(vec![0], vec![0xff, 0xff], 10, true),
            accepted,
        ),
    ];
    let reads = cases.into_iter().map(|(name, request, text)| {
        Case::new(name, move |peer| match peer.client().read(&request) {
            Ok(output) => {
                assert_eq!(text, "", "{name}");
                assert_eq!(output.ranges.len(), request.ranges.len(), "{name}");
            }
            Err(refused) => assert_eq!(refused, (400, text.to_owned()), "{name}"),
        })
    });
    let too_many = "Too many keys watched in a single watch request.";
    let refused = [
        ("11 keys", repeated(key(A), 11), too_many),
        ("a key of 2050 bytes", vec![long(2050)], KEY_SIZE),
    ];
    let refused = refused.into_iter().map(|(name, keys, text)| {
        Case::new(name, move |peer| {
            let refused = peer.client().watch(&keys).err();
            assert_eq!(refused, Some((400, text.to_owned())), "{name}");
        })
    });
    let watched = [
        ("10 keys", repeated(key(r#"["never"]"#), 10)),
        ("watching a key of 2049 bytes", vec![long(2049)]),
        ("watching the empty key", vec![Vec::new()]),
    ];
    let watched = watched.into_iter().map(|(name, keys)| {
        Case::new(name, move |peer| {
            let states = repeated(None, keys.len());
            assert_eq!(peer.client().watch(&keys).unwrap().state(), states, "{name}");
        })
    });
    reads.chain(refused).chain(watched).collect()
}

#[test]
fn reads_and_watches_beyond_the_limits_are_refused() {
    cases::hold(&reads_and_watches());
}

/// Bodies that are no message.
pub(crate) fn bodies() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, body) in [
        ("text", &b"hello"[..]),
        ("a tag without a field", &[0x0a]),
        ("a field longer than the body", &[0x0a, 0xff, 0x01, 0]),
        ("a number that does not end", &[0x08; 1]),
        ("field 0", &[0x02, 0x00]),
        ("a group that does not end", &[0x0b]),
        (
            "a length that overflows",
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ),
    ] {
        for method in ["snapshot_read", "atomic_write", "watch"] {
            cases.push(Case::new(format!("{method} of {name}"), move |peer| {
                let answer = peer.client().post(method, body);
                assert_eq!(answer.status, 400, "{name}");
                assert!(
                    answer.text().starts_with("Request protobuf is invalid: "),
                    "{name}"
                );
            }));
        }
    }
    cases.push(Case::new("a field that is not known is nothing", |peer| {
        let known = range(Vec::new(), vec![0xff], 1, false).encode_to_vec();
        let body = [known.as_slice(), &[0x78, 1]].concat();
        assert_eq!(peer.client().post("snapshot_read", &body).status, 200);
    }));
    cases
}

#[test]
fn bodies_that_are_no_message_are_refused() {
    cases::hold(&bodies());
}

#[test]
fn a_guest_who_may_only_read_is_told_so() {
    let served = Served::with(|options| options.read_only(true));
    let mut client = served.client();
    for write in [mutations(vec![set(A, "1")]), check(key(A), 0), enqueue(|_| {})] {
        let refused = client.write(&write).unwrap_err();
        assert_eq!(refused, (400, "This database is read only.".to_owned()));
    }
    assert!(client.get(&key(A)).is_none());
}
