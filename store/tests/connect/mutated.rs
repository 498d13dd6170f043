//! Ten thousand damaged requests at a server that lives: no 5xx, and it goes on.

use denokv_proto::datapath as pb;
use prost::Message as _;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::served::{Served, key, mutation, mutations, range, set, value};

const REQUESTS: usize = 10_000;

/// Requests to damage, each with its method.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let within = pb::Mutation {
        sum_min: value("0n").data,
        sum_max: value("10n").data,
        sum_clamp: true,
        ..mutation(3, key("[1n]"), Some(value("3n")))
    };
    let write = pb::AtomicWrite {
        checks: vec![pb::Check {
            key: key(r#"["a"]"#),
            versionstamp: vec![0; 10],
        }],
        mutations: vec![
            set(r#"["a"]"#, "{a: [1, 'two', new Date(0)]}"),
            mutation(3, key("[1]"), Some(value("new Deno.KvU64(3n)"))),
            mutation(4, key("[2]"), Some(value("new Deno.KvU64(3n)"))),
            mutation(9, key("[3]"), Some(value("new Uint8Array([1])"))),
            within,
            mutation(2, key("[4]"), None),
        ],
        enqueues: vec![pb::Enqueue {
            payload: value("1").data,
            deadline_ms: i64::MAX,
            keys_if_undelivered: vec![key("[5]")],
            backoff_schedule: vec![1, 2, 3],
        }],
    };
    vec![
        ("atomic_write", write.encode_to_vec()),
        (
            "atomic_write",
            mutations(vec![set("[true]", "null")]).encode_to_vec(),
        ),
        (
            "snapshot_read",
            range(key("[0]"), vec![0xff], 100, true).encode_to_vec(),
        ),
        (
            "snapshot_read",
            range(Vec::new(), key(r#"["z"]"#), 10, false).encode_to_vec(),
        ),
    ]
}

fn damage(body: &mut Vec<u8>, random: &mut StdRng) {
    for _ in 0..random.gen_range(1..4) {
        let at = random.gen_range(0..body.len().max(1)).min(body.len());
        match random.gen_range(0..6) {
            0 if at < body.len() => body[at] ^= 1 << random.gen_range(0..8),
            1 if at < body.len() => body[at] = random.r#gen(),
            2 => body.insert(at, random.r#gen()),
            3 if at < body.len() => {
                body.remove(at);
            }
            4 => body.truncate(at),
            _ => {
                let piece = body[at..].iter().take(16).copied().collect::<Vec<_>>();
                body.extend(piece);
            }
        }
    }
}

#[test]
fn no_damaged_request_is_answered_with_a_failure_of_the_server() {
    let served = Served::new();
    let mut client = served.client();
    let mut random = StdRng::seed_from_u64(12);
    let seeds = seeds();
    let (mut done, mut refused) = (0, 0);
    for number in 0..REQUESTS {
        let (method, body) = &seeds[number % seeds.len()];
        let mut body = body.clone();
        damage(&mut body, &mut random);
        let answer = client.post(method, &body);
        match answer.status {
            200 => done += 1,
            400 => {
                refused += 1;
                assert!(!answer.body.is_empty(), "{body:02x?}");
            }
            other => panic!("{method} was answered with {other}: {body:02x?}"),
        }
    }
    assert!(
        done > REQUESTS / 20 && refused > REQUESTS / 20,
        "{done} done, {refused} refused"
    );
    client.commit(vec![set(r#"["a"]"#, "1")]);
    let report = served
        .store
        .check(&mut |_| std::ops::ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(report.problems.len(), 0);
}
