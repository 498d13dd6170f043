//! What operations do, one case a line.

use denokv_proto::datapath as pb;

use crate::served::{Served, key, meaning, mutation, mutations, set, value};

/// A part of an operation, with keys and values written in JavaScript.
enum Part {
    Set(&'static str, &'static str),
    Delete(&'static str),
    Sum(&'static str, &'static str),
    /// With the least, the greatest, and whether to clip.
    SumWithin(&'static str, &'static str, &'static str, &'static str, bool),
    Min(&'static str, &'static str),
    Max(&'static str, &'static str),
    Suffixed(&'static str, &'static str),
    Absent(&'static str),
    /// With the versionstamp that the key has.
    Unchanged(&'static str),
    /// With another one.
    Changed(&'static str),
}

enum Ends {
    Committed,
    Failed(&'static [u32]),
    Refused(&'static str),
}

use Ends::{Committed, Failed, Refused};
use Part::{Absent, Changed, Delete, Max, Min, Set, Suffixed, Sum, SumWithin, Unchanged};

const A: &str = r#"["a"]"#;
const B: &str = r#"["b"]"#;
const C: &str = r#"["c"]"#;
const MAX: &str = "new Deno.KvU64(18446744073709551615n)";
const ZERO: &str = "new Deno.KvU64(0n)";
const ONE: &str = "new Deno.KvU64(1n)";
const TWO: &str = "new Deno.KvU64(2n)";
const THREE: &str = "new Deno.KvU64(3n)";

type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [Part],
    Ends,
    &'static [(&'static str, Option<&'static str>)],
);

const CASES: &[Case] = &[
    ("set a new key", &[], &[Set(A, "1")], Committed, &[(A, Some("1"))]),
    (
        "set again",
        &[(A, "1")],
        &[Set(A, "2")],
        Committed,
        &[(A, Some("2"))],
    ),
    (
        "set twice, the last wins",
        &[],
        &[Set(A, "1"), Set(A, "2")],
        Committed,
        &[(A, Some("2"))],
    ),
    (
        "set undefined is present",
        &[],
        &[Set(A, "undefined")],
        Committed,
        &[(A, Some("undefined"))],
    ),
    (
        "set null",
        &[],
        &[Set(A, "null")],
        Committed,
        &[(A, Some("null"))],
    ),
    (
        "set bytes",
        &[],
        &[Set(A, "new Uint8Array([0, 255])")],
        Committed,
        &[(A, Some("new Uint8Array([0, 255])"))],
    ),
    (
        "set no bytes",
        &[],
        &[Set(A, "new Uint8Array([])")],
        Committed,
        &[(A, Some("new Uint8Array([])"))],
    ),
    ("set a KvU64", &[], &[Set(A, MAX)], Committed, &[(A, Some(MAX))]),
    (
        "set a map",
        &[],
        &[Set(A, "new Map([[1, new Set([2n])]])")],
        Committed,
        &[(A, Some("new Map([[1, new Set([2n])]])"))],
    ),
    (
        "set over another type",
        &[(A, ONE)],
        &[Set(A, "'text'")],
        Committed,
        &[(A, Some("'text'"))],
    ),
    ("delete", &[(A, "1")], &[Delete(A)], Committed, &[(A, None)]),
    (
        "delete what is not there",
        &[],
        &[Delete(A)],
        Committed,
        &[(A, None)],
    ),
    (
        "set, then delete",
        &[],
        &[Set(A, "1"), Delete(A)],
        Committed,
        &[(A, None)],
    ),
    (
        "delete, then set",
        &[(A, "1")],
        &[Delete(A), Set(A, "2")],
        Committed,
        &[(A, Some("2"))],
    ),
    (
        "delete, then sum, begins anew",
        &[(A, TWO)],
        &[Delete(A), Sum(A, ONE)],
        Committed,
        &[(A, Some(ONE))],
    ),
    ("nothing at all", &[], &[], Committed, &[]),
    (
        "only a check that holds",
        &[],
        &[Absent(A)],
        Committed,
        &[(A, None)],
    ),
    (
        "check absent of what is absent",
        &[],
        &[Absent(A), Set(A, "1")],
        Committed,
        &[(A, Some("1"))],
    ),
    (
        "check absent of what is there",
        &[(A, "1")],
        &[Absent(A), Set(A, "2")],
        Failed(&[0]),
        &[(A, Some("1"))],
    ),
    (
        "check unchanged",
        &[(A, "1")],
        &[Unchanged(A), Set(A, "2")],
        Committed,
        &[(A, Some("2"))],
    ),
    (
        "check changed",
        &[(A, "1")],
        &[Changed(A), Set(A, "2")],
        Failed(&[0]),
        &[(A, Some("1"))],
    ),
    (
        "check a version of what is absent",
        &[],
        &[Changed(A), Set(A, "2")],
        Failed(&[0]),
        &[(A, None)],
    ),
    (
        "every failed check is named",
        &[(A, "1"), (B, "2")],
        &[Unchanged(A), Absent(B), Absent(C), Changed(A), Set(C, "3")],
        Failed(&[1, 3]),
        &[(C, None)],
    ),
    (
        "the same key checked twice",
        &[(A, "1")],
        &[Unchanged(A), Absent(A)],
        Failed(&[1]),
        &[(A, Some("1"))],
    ),
    (
        "checks see the state before the commit",
        &[],
        &[Set(A, "1"), Absent(A)],
        Committed,
        &[(A, Some("1"))],
    ),
    (
        "a failed check leaves every key",
        &[(A, "1")],
        &[Absent(A), Set(B, "2"), Delete(A)],
        Failed(&[0]),
        &[(A, Some("1")), (B, None)],
    ),
    (
        "sum of an absent key",
        &[],
        &[Sum(A, TWO)],
        Committed,
        &[(A, Some(TWO))],
    ),
    ("sum", &[(A, ONE)], &[Sum(A, TWO)], Committed, &[(A, Some(THREE))]),
    (
        "sum twice",
        &[(A, ONE)],
        &[Sum(A, ONE), Sum(A, ONE)],
        Committed,
        &[(A, Some(THREE))],
    ),
    (
        "sum wraps",
        &[(A, MAX)],
        &[Sum(A, TWO)],
        Committed,
        &[(A, Some(ONE))],
    ),
    (
        "sum of zero",
        &[(A, ONE)],
        &[Sum(A, ZERO)],
        Committed,
        &[(A, Some(ONE))],
    ),
    (
        "sum to a number",
        &[(A, "1")],
        &[Sum(A, ONE)],
        Refused("Failed to perform 'sum' mutation on a non-U64 value in the database"),
        &[(A, Some("1"))],
    ),
    (
        "sum to a text",
        &[(A, "'1'")],
        &[Sum(A, ONE)],
        Refused("Failed to perform 'sum' mutation on a non-U64 value in the database"),
        &[(A, Some("'1'"))],
    ),
    (
        "a refused sum leaves what came before it",
        &[(A, "1")],
        &[Set(B, "2"), Delete(A), Set(A, "1"), Sum(A, ONE)],
        Refused("Failed to perform 'sum' mutation on a non-U64 value in the database"),
        &[(A, Some("1")), (B, None)],
    ),
    (
        "min of an absent key",
        &[],
        &[Min(A, TWO)],
        Committed,
        &[(A, Some(TWO))],
    ),
    (
        "min, smaller",
        &[(A, TWO)],
        &[Min(A, ONE)],
        Committed,
        &[(A, Some(ONE))],
    ),
    (
        "min, larger",
        &[(A, ONE)],
        &[Min(A, TWO)],
        Committed,
        &[(A, Some(ONE))],
    ),
    (
        "min is unsigned",
        &[(A, MAX)],
        &[Min(A, ONE)],
        Committed,
        &[(A, Some(ONE))],
    ),
    (
        "min of a number",
        &[],
        &[Min(A, "1")],
        Refused("Failed to perform 'min' mutation on a non-U64 operand"),
        &[(A, None)],
    ),
    (
        "min to a number",
        &[(A, "1")],
        &[Min(A, ONE)],
        Refused("Failed to perform 'min' mutation on a non-U64 value in the database"),
        &[(A, Some("1"))],
    ),
    (
        "max of an absent key",
        &[],
        &[Max(A, TWO)],
        Committed,
        &[(A, Some(TWO))],
    ),
    (
        "max, larger",
        &[(A, ONE)],
        &[Max(A, TWO)],
        Committed,
        &[(A, Some(TWO))],
    ),
    (
        "max, smaller",
        &[(A, TWO)],
        &[Max(A, ONE)],
        Committed,
        &[(A, Some(TWO))],
    ),
    (
        "max is unsigned",
        &[(A, MAX)],
        &[Max(A, ONE)],
        Committed,
        &[(A, Some(MAX))],
    ),
    (
        "max of bytes",
        &[],
        &[Max(A, "new Uint8Array([1])")],
        Refused("Failed to perform 'max' mutation on a non-U64 operand"),
        &[(A, None)],
    ),
    (
        "max to a map",
        &[(A, "new Map()")],
        &[Max(A, ONE)],
        Refused("Failed to perform 'max' mutation on a non-U64 value in the database"),
        &[(A, Some("new Map()"))],
    ),
    (
        "sum, min and max in turn",
        &[(A, ONE)],
        &[Sum(A, TWO), Min(A, TWO), Max(A, THREE)],
        Committed,
        &[(A, Some(THREE))],
    ),
    (
        "sum of bigints",
        &[(A, "5n")],
        &[Sum(A, "-7n")],
        Committed,
        &[(A, Some("-2n"))],
    ),
    (
        "sum of large bigints",
        &[(A, "18446744073709551616n")],
        &[Sum(A, "18446744073709551616n")],
        Committed,
        &[(A, Some("36893488147419103232n"))],
    ),
    (
        "sum of numbers",
        &[(A, "1.5")],
        &[Sum(A, "2")],
        Committed,
        &[(A, Some("3.5"))],
    ),
    (
        "sum of a number to nothing",
        &[],
        &[Sum(A, "2.5")],
        Committed,
        &[(A, Some("2.5"))],
    ),
    (
        "sum of a bigint to a number",
        &[(A, "1")],
        &[Sum(A, "1n")],
        Refused("Cannot sum Number with BigInt"),
        &[(A, Some("1"))],
    ),
    (
        "sum of a number to a bigint",
        &[(A, "1n")],
        &[Sum(A, "1")],
        Refused("Cannot sum BigInt with Number"),
        &[(A, Some("1n"))],
    ),
    (
        "sum of a number to a KvU64",
        &[(A, ONE)],
        &[Sum(A, "1")],
        Refused("Cannot sum KvU64 with Number"),
        &[(A, Some(ONE))],
    ),
    (
        "sum of a bigint to a KvU64",
        &[(A, ONE)],
        &[Sum(A, "2n")],
        Committed,
        &[(A, Some(THREE))],
    ),
    (
        "sum of a text",
        &[],
        &[Sum(A, "'1'")],
        Refused("Some of the parameters are not valid V8 values"),
        &[(A, None)],
    ),
    (
        "sum to what cannot be summed",
        &[(A, "'1'")],
        &[Sum(A, "1")],
        Refused("unsupported value type"),
        &[(A, Some("'1'"))],
    ),
    (
        "sum within limits",
        &[(A, "5n")],
        &[SumWithin(A, "2n", "0n", "10n", false)],
        Committed,
        &[(A, Some("7n"))],
    ),
    (
        "sum beyond limits",
        &[(A, "5n")],
        &[SumWithin(A, "6n", "0n", "10n", false)],
        Refused("The result of a Sum operation would exceed its range limit"),
        &[(A, Some("5n"))],
    ),
    (
        "sum below limits",
        &[(A, "5n")],
        &[SumWithin(A, "-6n", "0n", "10n", false)],
        Refused("The result of a Sum operation would exceed its range limit"),
        &[(A, Some("5n"))],
    ),
    (
        "sum clipped above",
        &[(A, "5n")],
        &[SumWithin(A, "6n", "0n", "10n", true)],
        Committed,
        &[(A, Some("10n"))],
    ),
    (
        "sum clipped below",
        &[(A, "5")],
        &[SumWithin(A, "-6", "0", "10", true)],
        Committed,
        &[(A, Some("0"))],
    ),
    (
        "limits of another type",
        &[(A, "5n")],
        &[SumWithin(A, "1n", "0", "10", true)],
        Refused("Min/max parameters have different types than the operand"),
        &[(A, Some("5n"))],
    ),
    (
        "limits of a KvU64",
        &[(A, ONE)],
        &[SumWithin(A, ONE, "0n", "10n", true)],
        Refused("Cannot use min/max parameters with KvU64 operands"),
        &[(A, Some(ONE))],
    ),
    (
        "limits say nothing about an absent key",
        &[],
        &[SumWithin(A, "100n", "0n", "10n", false)],
        Committed,
        &[(A, Some("100n"))],
    ),
    (
        "a versionstamped key",
        &[],
        &[Suffixed(A, "1")],
        Committed,
        &[(A, None)],
    ),
];

#[test]
fn operations_do_what_denos_do() {
    let served = Served::new();
    let mut client = served.client();
    for (name, before, parts, ends, after) in CASES {
        client.commit([A, B, C].map(|text| mutation(2, key(text), None)).to_vec());
        if !before.is_empty() {
            client.commit(before.iter().map(|(key, value)| set(key, value)).collect());
        }
        let mut request = pb::AtomicWrite::default();
        for part in *parts {
            let within = |text: &str| value(text).data;
            let (number, at, with) = match part {
                Absent(at) | Unchanged(at) | Changed(at) => {
                    let mut versionstamp = match client.get(&key(at)) {
                        Some(entry) => entry.versionstamp,
                        None => vec![0; 10],
                    };
                    match part {
                        Absent(_) => versionstamp.clear(),
                        Changed(_) => versionstamp[7] ^= 0xff,
                        _ => {}
                    }
                    request.checks.push(pb::Check {
                        key: key(at),
                        versionstamp,
                    });
                    continue;
                }
                Set(at, with) => (1, at, Some(with)),
                Delete(at) => (2, at, None),
                Sum(at, with) | SumWithin(at, with, ..) => (3, at, Some(with)),
                Max(at, with) => (4, at, Some(with)),
                Min(at, with) => (5, at, Some(with)),
                Suffixed(at, with) => (9, at, Some(with)),
            };
            let mut mutation = mutation(number, key(at), with.map(|text| value(text)));
            if let SumWithin(_, _, min, max, clamp) = part {
                (mutation.sum_min, mutation.sum_max) = (within(min), within(max));
                mutation.sum_clamp = *clamp;
            }
            request.mutations.push(mutation);
        }
        match (client.write(&request), ends) {
            (Ok(output), Committed) => assert_eq!(output.status, 1, "{name}"),
            (Ok(output), Failed(checks)) => {
                assert_eq!(output.status, 2, "{name}");
                assert_eq!(output.failed_checks, *checks, "{name}");
                assert!(output.versionstamp.is_empty(), "{name}");
            }
            (Err(refused), Refused(text)) => assert_eq!(refused, (400, (*text).to_owned()), "{name}"),
            (other, _) => panic!("{name}: {other:?}"),
        }
        for (at, expected) in *after {
            let found = client.get(&key(at));
            let found = found.map(|entry| meaning(&entry.value, entry.encoding));
            let expected = expected.map(|text| {
                let value = value(text);
                meaning(&value.data, value.encoding)
            });
            assert_eq!(found, expected, "{name}");
        }
    }
}

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
