//! Ranges: the order of every kind of key part, bounds, reverse, paging, several at once.

use denokv_proto::datapath as pb;

use crate::cases::{self, Case};
use crate::client::Client;
use crate::served::{Peer, Served, key, meaning, mutation, range, set, value};

/// Keys in order.
const ORDERED: &[&str] = &[
    "[u8[]]",
    "[u8[00]]",
    "[u8[00 00]]",
    "[u8[01]]",
    "[u8[ff]]",
    r#"[""]"#,
    r#"["\u0000"]"#,
    r#"["\u0000a"]"#,
    r#"["a"]"#,
    r#"["a", ""]"#,
    r#"["a", "b"]"#,
    r#"["a", 1n]"#,
    r#"["a", 1]"#,
    r#"["a", true]"#,
    r#"["aa"]"#,
    r#"["b"]"#,
    r#"["é"]"#,
    r#"["\uffff"]"#,
    r#"["😀"]"#,
    "[-18446744073709551616n]",
    "[-256n]",
    "[-255n]",
    "[-1n]",
    "[0n]",
    "[1n]",
    "[255n]",
    "[256n]",
    "[9007199254740993n]",
    "[18446744073709551615n]",
    "[18446744073709551616n]",
    "[-Infinity]",
    "[-1.5]",
    "[-1]",
    "[-5e-324]",
    "[-0]",
    "[0]",
    "[5e-324]",
    "[1]",
    "[1.5]",
    "[Infinity]",
    "[NaN]",
    "[false]",
    "[true]",
    "[true, u8[00]]",
];

/// A name, a start, an end, and the keys between them.
type Bounds = (&'static str, Vec<u8>, Vec<u8>, Vec<&'static str>);

/// A client of a server with these keys; the value of each is its place.
fn ordered(peer: &Peer) -> Client {
    let mut client = peer.client();
    // Written in another order than they stand in.
    let mut places: Vec<usize> = (0..ORDERED.len()).collect();
    places.sort_by_key(|place| place * 17 % ORDERED.len());
    let sets = places
        .iter()
        .map(|place| set(ORDERED[*place], &place.to_string()));
    client.commit(sets.collect());
    client
}

/// The order of keys, bounds of ranges, and pages; of a server that has no other keys.
pub(crate) fn ranges() -> Vec<Case> {
    let mut all = vec![Case::new("every kind of key part has its place", in_order)];
    all.extend(bounds());
    for size in [1, 2, 3, 7, ORDERED.len() as i32, 1000] {
        for reverse in [false, true] {
            let direction = if reverse { ", backwards" } else { "" };
            all.push(Case::new(format!("pages of {size}{direction}"), move |peer| {
                pages(peer, size, reverse);
            }));
        }
    }
    all
}

fn everything(limit: i32, reverse: bool) -> pb::SnapshotRead {
    range(Vec::new(), vec![0xff], limit, reverse)
}

fn keys(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| key(text)).collect()
}

#[test]
fn keys_stand_in_order_and_ranges_and_pages_hold_each_once() {
    cases::hold(&ranges());
}

fn in_order(peer: &Peer) {
    let mut client = ordered(peer);
    let expected = keys(ORDERED);
    assert!(expected.is_sorted());
    assert_eq!(client.keys(&everything(1000, false)).unwrap(), expected);
    let reversed: Vec<_> = expected.iter().rev().cloned().collect();
    assert_eq!(client.keys(&everything(1000, true)).unwrap(), reversed);
    for (place, text) in ORDERED.iter().enumerate() {
        let entry = client.get(&key(text)).unwrap();
        let expected = value(&place.to_string());
        assert_eq!(
            meaning(&entry.value, entry.encoding),
            meaning(&expected.data, expected.encoding)
        );
    }
}

/// Bounds are bytes, and the end is not in the range.
fn bounds() -> Vec<Case> {
    let below = |text: &str, end: u8| [key(text), vec![end]].concat();
    let cases: Vec<Bounds> = vec![
        (
            "a prefix",
            below(r#"["a"]"#, 0),
            below(r#"["a"]"#, 0xff),
            ORDERED[9..14].to_vec(),
        ),
        (
            "an exact key, as Deno asks",
            key(r#"["a"]"#),
            below(r#"["a"]"#, 0),
            vec![r#"["a"]"#],
        ),
        (
            "from the key itself",
            key("[-1]"),
            key("[0]"),
            ORDERED[32..35].to_vec(),
        ),
        ("equal bounds", key("[0]"), key("[0]"), vec![]),
        ("bounds in the wrong order", key("[1]"), key("[0]"), vec![]),
        ("an end of no bytes", vec![], vec![], vec![]),
        ("strings alone", vec![2], vec![3], ORDERED[5..19].to_vec()),
        ("from beyond the last", vec![0x28], vec![0xff], vec![]),
        ("to before the first", vec![], vec![1], vec![]),
    ];
    let mut all: Vec<Case> = Vec::new();
    for (name, start, end, expected) in cases {
        for reverse in [false, true] {
            let direction = if reverse { ", backwards" } else { "" };
            let (start, end, mut expected) = (start.clone(), end.clone(), keys(&expected));
            if reverse {
                expected.reverse();
            }
            all.push(Case::new(format!("{name}{direction}"), move |peer| {
                let found = ordered(peer).keys(&range(start.clone(), end.clone(), 1000, reverse));
                assert_eq!(found.unwrap(), expected, "{name}{direction}");
            }));
        }
    }
    all.push(Case::new(
        "from a key to the end of all, as @deno/kv asks",
        |peer| {
            let found = ordered(peer).keys(&range(key("[-0]"), vec![0xff], 1, false));
            assert_eq!(found.unwrap(), keys(&["[-0]"]));
        },
    ));
    all
}

fn pages(peer: &Peer, size: i32, reverse: bool) {
    let mut client = ordered(peer);
    let (mut start, mut end, mut seen) = (Vec::new(), vec![0xff], Vec::new());
    loop {
        let page = client
            .keys(&range(start.clone(), end.clone(), size, reverse))
            .unwrap();
        let Some(last) = page.last() else { break };
        match reverse {
            false => start = [last.as_slice(), &[0]].concat(),
            true => end = last.clone(),
        }
        assert!(page.len() <= size as usize);
        seen.extend(page);
    }
    if reverse {
        seen.reverse();
    }
    assert_eq!(seen, keys(ORDERED), "pages of {size}");
}

#[test]
fn several_ranges_are_answered_in_their_order_and_from_one_moment() {
    let served = Served::new();
    let mut client = served.client();
    let (a, b) = (key(r#"["a"]"#), key(r#"["b"]"#));
    client.commit(vec![set(r#"["a"]"#, "0"), set(r#"["b"]"#, "0")]);
    let mut writer = served.client();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for number in 1..300 {
                let text = number.to_string();
                writer.commit(vec![set(r#"["a"]"#, &text), set(r#"["b"]"#, &text)]);
            }
        });
        for _ in 0..300 {
            let exact = |key: &Vec<u8>| range(key.clone(), [key.as_slice(), &[0]].concat(), 1, false);
            let [second, first, again] = [&b, &a, &b].map(|key| exact(key).ranges.remove(0));
            let request = pb::SnapshotRead {
                ranges: vec![second, first, again],
            };
            let output = client.read(&request).unwrap();
            let found: Vec<_> = output.ranges.iter().map(|range| &range.values[0]).collect();
            assert_eq!([&found[0].key, &found[1].key, &found[2].key], [&b, &a, &b]);
            assert!(
                found
                    .iter()
                    .all(|entry| entry.versionstamp == found[0].versionstamp)
            );
        }
    });
}

#[test]
fn a_read_of_many_megabytes_arrives() {
    let served = Served::new();
    let mut client = served.client();
    for number in 0..100 {
        let data = vec![number; 65536];
        let value = Some(pb::KvValue { data, encoding: 3 });
        client.commit(vec![mutation(1, key(&format!("[{number}]")), value)]);
    }
    let output = client.read(&everything(1000, false)).unwrap();
    let values = &output.ranges[0].values;
    assert_eq!(values.len(), 100);
    assert!(
        values
            .iter()
            .enumerate()
            .all(|(number, entry)| entry.value == vec![number as u8; 65536])
    );
}

#[test]
fn sums_of_many_clients_at_once_are_right() {
    let served = Served::new();
    let one = || mutation(3, key(r#"["n"]"#), Some(value("new Deno.KvU64(1n)")));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            let mut client = served.client();
            scope.spawn(move || {
                for _ in 0..50 {
                    client.commit(vec![one()]);
                }
            });
        }
    });
    let entry = served.client().get(&key(r#"["n"]"#)).unwrap();
    assert_eq!(entry.value, 800_u64.to_le_bytes());
}

#[test]
fn of_many_clients_who_check_the_same_version_one_writes() {
    let served = Served::new();
    let absent = || pb::AtomicWrite {
        checks: vec![pb::Check {
            key: key(r#"["one"]"#),
            versionstamp: Vec::new(),
        }],
        mutations: vec![set(r#"["one"]"#, "1")],
        enqueues: Vec::new(),
    };
    let winners: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| {
                let mut client = served.client();
                scope.spawn(move || usize::from(client.write(&absent()).unwrap().status == 1))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(winners, 1);
}
