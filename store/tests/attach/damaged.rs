//! Damaged requests at a server that lives: no 5xx, and it goes on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use keyglass_store::connect::ServeOptions;
use keyglass_store::{AtomicOperation, Database};
use prost::Message;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::owned::{Owned, PATIENCE, bytes, key, set};

const REQUESTS: usize = 4_000;

/// A message of fields that stand in those of the extension, at any number.
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(bytes = "vec", optional, tag = "1")]
    key: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    other: Option<Vec<u8>>,
    #[prost(uint64, tag = "3")]
    limit: u64,
}

/// Messages within messages, as operations and reads are.
#[derive(Clone, PartialEq, Message)]
struct Nested {
    #[prost(message, repeated, tag = "1")]
    first: Vec<Any>,
    #[prost(message, repeated, tag = "2")]
    second: Vec<Mutation>,
}

#[derive(Clone, PartialEq, Message)]
struct Mutation {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(int32, tag = "2")]
    kind: i32,
    #[prost(message, optional, tag = "3")]
    value: Option<Any>,
}

struct Client {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Client {
    fn post(&mut self, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let head = format!(
            "POST {path} HTTP/1.1\r\n{}content-length: {}\r\n\r\n",
            self.head,
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            match line.trim_end().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (status, body)
    }
}

fn damage(body: &mut Vec<u8>, random: &mut StdRng) {
    for _ in 0..random.gen_range(0..4) {
        let at = random.gen_range(0..body.len().max(1)).min(body.len());
        match random.gen_range(0..4) {
            0 if at < body.len() => body[at] ^= 1 << random.gen_range(0..8),
            1 => body.insert(at, random.r#gen()),
            2 => body.truncate(at),
            _ => body.extend(body[at..].iter().take(16).copied().collect::<Vec<_>>()),
        }
    }
}

#[test]
fn no_damaged_request_is_answered_with_a_failure_of_the_server() {
    let owned = Owned::new();
    set(owned.owner(), 1, 100);
    let server = owned
        .owner()
        .serve(ServeOptions::new().listen("127.0.0.1:0".parse().unwrap()))
        .unwrap();
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let token = server.token().reveal();
    let mut client = Client {
        stream: BufReader::new(stream),
        head: format!("host: localhost\r\nauthorization: Bearer {token}\r\n"),
    };
    let (status, metadata) = client.post("/", br#"{"supportedVersions":[3],"keyglass":[1]}"#);
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!((status, &metadata["keyglass"]["version"]), (200, &1.into()));
    // Without the id of the database nothing is answered.
    assert_eq!(client.post("/keyglass/v1/statistics", &[]).0, 400);
    let id = metadata["databaseId"].as_str().unwrap();
    client.head += &format!("x-denokv-version: 3\r\nx-denokv-database-id: {id}\r\n");
    assert_eq!(client.post("/keyglass/v1/unknown", &[]).0, 404);

    let any = Any {
        key: Some(key(1).as_bytes().to_vec()),
        other: Some(vec![0xff; 3]),
        limit: u64::MAX,
    };
    let value = Any {
        key: Some(bytes(8).bytes.to_vec()),
        other: None,
        limit: 0,
    };
    let mutation = |kind| Mutation {
        key: key(2).as_bytes().to_vec(),
        kind,
        value: Some(value.clone()),
    };
    let nested = Nested {
        first: vec![any.clone()],
        second: (1..8).map(mutation).collect(),
    };
    let only_ranges = Nested {
        first: vec![any.clone(); 2],
        second: Vec::new(),
    };
    let seeds = [
        any.encode_to_vec(),
        nested.encode_to_vec(),
        only_ranges.encode_to_vec(),
    ];
    let methods = ["read", "get", "commit", "children", "queue", "statistics"];
    let mut random = StdRng::seed_from_u64(12);
    let (mut done, mut refused) = (0, 0);
    for number in 0..REQUESTS {
        let method = methods[number % methods.len()];
        let mut body = seeds[random.gen_range(0..seeds.len())].clone();
        damage(&mut body, &mut random);
        let (status, answer) = client.post(&format!("/keyglass/v1/{method}"), &body);
        match status {
            200 => done += 1,
            400 | 422 => {
                refused += 1;
                assert!(!answer.is_empty(), "{body:02x?}");
            }
            other => panic!("{method} was answered with {other}: {body:02x?}"),
        }
    }
    assert!(
        done > REQUESTS / 20 && refused > REQUESTS / 20,
        "{done} done, {refused} refused"
    );
    crate::owned::commit(&owned.attached, AtomicOperation::new().delete(key(1)));
    assert!(owned.owner().get(&key(1)).unwrap().is_none());
    let report = owned
        .owner()
        .check(&mut |_| std::ops::ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(report.problems.len(), 0);
}
