//! Every kind of mutation, as Deno reads what came of it.

use keyglass_store::deno_file::DenoFile;
use keyglass_store::value::canonical::canonical;
use keyglass_store::value::literal::parse;
use keyglass_store::{AtomicOperation, Database, MutationKind};

use super::{commit, integrity, key, read_by_deno, unlocked, value};
use crate::data::Desk;
use crate::deno;

/// Literals of every type that Deno stores.
const LITERALS: [(&str, &str); 12] = [
    ("bigint", "-123456789012345678901234567890n"),
    ("buffer", "new Uint8Array([0, 255]).buffer"),
    ("bytes", "new Uint8Array([1, 2, 3])"),
    ("date", "new Date(\"2026-11-26T10:00:00.000Z\")"),
    (
        "map",
        "new Map([[1, {a: [1, , -0, NaN]}], [\"k\", new Set([true, null])]])",
    ),
    ("number", "0.1"),
    ("object", "{a: undefined, \"b c\": [[], {}]}"),
    ("regexp", "/a+/giu"),
    ("string", "\"ä\\u0000 𝄞\""),
    ("u64", "new Deno.KvU64(18446744073709551615n)"),
    ("undefined", "undefined"),
    ("zero", "-0"),
];

#[test]
fn values_of_every_type_are_what_they_were_written_as() {
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    let database = DenoFile::create(&file).unwrap();
    let all = LITERALS
        .iter()
        .fold(AtomicOperation::new(), |operation, (name, literal)| {
            operation.set(key(name), value(literal))
        });
    let stamp = commit(&database, all).to_string();
    drop(database);
    let read = read_by_deno(&desk, &file);
    assert_eq!(read.len(), LITERALS.len());
    for (read, (name, literal)) in read.iter().zip(LITERALS) {
        let text = canonical(&parse(literal).unwrap());
        assert_eq!(
            (read.key.as_str(), &read.text, &read.stamp),
            (name, &text, &stamp)
        );
    }
}

#[test]
fn sums_and_stamped_keys_and_deletions_are_what_deno_would_have_made() {
    let desk = Desk::new();
    let file = desk.shop();
    let before = read_by_deno(&desk, &file);
    let database = unlocked(&file);
    let sum = |operand| MutationKind::Sum {
        operand: value(operand),
        min: None,
        max: None,
        clamp: false,
    };
    let u64 = |number: u64| format!("new Deno.KvU64({number}n)");
    let stamped = MutationKind::SetSuffixVersionstampedKey {
        value: value("\"stamped\""),
        expires_at: None,
    };
    let operation = AtomicOperation::new()
        .mutate(key("~bigint"), sum("5n"))
        .mutate(key("~bigint"), sum("-7n"))
        .mutate(key("~number"), sum("1.5"))
        .mutate(key("~number"), sum("2"))
        .mutate(key("~u64 sum"), sum(&u64(u64::MAX)))
        .mutate(key("~u64 sum"), sum(&u64(3)))
        .mutate(key("~u64 min"), MutationKind::Min(value(&u64(7))))
        .mutate(key("~u64 max"), MutationKind::Max(value(&u64(7))))
        .mutate(key("~u64 max"), MutationKind::Max(value(&u64(9))))
        .mutate(key("~stamped"), stamped)
        .set(key("~gone"), value("1"))
        .delete(key("~gone"));
    let stamp = commit(&database, operation).to_string();
    assert!(before.iter().all(|read| read.stamp < stamp));
    drop(database);
    let read = read_by_deno(&desk, &file);
    let (new, old): (Vec<_>, Vec<_>) = read.into_iter().partition(|read| read.key.starts_with('~'));
    assert_eq!(old, before, "nothing else was touched");
    let new: Vec<_> = new
        .iter()
        .map(|read| {
            assert_eq!(read.stamp, stamp);
            (read.key.as_str(), read.text.as_str())
        })
        .collect();
    let text = |literal: &str| canonical(&parse(literal).unwrap());
    let expected = [
        ("~bigint".to_owned(), text("-2n")),
        ("~number".to_owned(), text("3.5")),
        (format!("~stamped/{stamp}"), text("\"stamped\"")),
        ("~u64 max".to_owned(), text(&u64(9))),
        ("~u64 min".to_owned(), text(&u64(7))),
        ("~u64 sum".to_owned(), text(&u64(2))),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(key, text)| (key.as_str(), text.as_str()))
        .collect();
    assert_eq!(new, expected);
    assert_eq!(integrity(&file), "ok");
}

#[test]
fn what_is_told_to_expire_is_swept_by_deno_when_its_time_has_come() {
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    let database = DenoFile::create(&file).unwrap();
    let soon = database.clock().now() + 3_000;
    let operation = AtomicOperation::new()
        .set_expiring(key("past"), value("1"), Some(soon - 60_000))
        .set_expiring(key("soon"), value("1"), Some(soon))
        .set_expiring(key("later"), value("1"), Some(soon + 3_600_000))
        .set_expiring(key("kept"), value("1"), Some(soon))
        .set_expiring(key("counted"), value("new Deno.KvU64(1n)"), Some(soon));
    commit(&database, operation);
    // Neither a set nor a sum keeps an expiry that was there.
    let kept = AtomicOperation::new()
        .set(key("kept"), value("2"))
        .mutate(key("counted"), MutationKind::Max(value("new Deno.KvU64(2n)")));
    commit(&database, kept);
    drop(database);
    let found = deno::wait_for_expiry(&desk, &file, &["past", "soon"]);
    let times: Vec<i64> = found
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["at"]
                .as_i64()
                .unwrap()
        })
        .collect();
    assert!(times[1] >= soon, "it went {} ms too early", soon - times[1]);
    let left: Vec<_> = read_by_deno(&desk, &file)
        .into_iter()
        .map(|read| read.key)
        .collect();
    assert_eq!(left, ["counted", "kept", "later"]);
}
