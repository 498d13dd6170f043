//! Clients that misuse HTTP/2, frame by frame: they are ended or left alone, and others are served as before.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use prost::Message as _;

use crate::client::{Client, PATIENCE};
use crate::served::{Peer, Served, key, mutation, range, set, value};

const A: &str = r#"["a"]"#;

/// Types of frames, and flags, as RFC 9113 numbers them.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// The setting of how many bytes of a stream may be on their way.
const INITIAL_WINDOW_SIZE: u16 = 4;
const CANCEL: u32 = 8;
/// The most bytes of a frame.
const FRAME: usize = 16_384;

/// A connection of HTTP/2 by hand.
struct Connection {
    stream: TcpStream,
    peer: Peer,
    /// Odd, and larger each time.
    next: u32,
}

impl Connection {
    /// Begins with these settings.
    fn open(served: &Served, settings: &[(u16, u32)]) -> Self {
        let peer = served.peer();
        let mut stream = TcpStream::connect(peer.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let mut payload = Vec::new();
        for (name, setting) in settings {
            payload.extend(name.to_be_bytes());
            payload.extend(setting.to_be_bytes());
        }
        let mut connection = Self {
            stream,
            peer,
            next: 1,
        };
        connection.frame(SETTINGS, 0, 0, &payload).unwrap();
        connection
    }

    fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> std::io::Result<()> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.stream.write_all(&frame)
    }

    /// The headers of a request of the data path.
    fn headers(&self, path: &str, database_id: &str) -> Vec<u8> {
        let authorization = format!("Bearer {}", self.peer.token);
        let headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":authority", "localhost"),
            (":path", path),
            ("authorization", &authorization),
            ("x-denokv-version", "3"),
            ("x-denokv-database-id", database_id),
        ];
        headers
            .iter()
            .flat_map(|(name, value)| literal(name, value))
            .collect()
    }

    /// Begins a request.
    fn begin(&mut self, headers: &[u8], flags: u8) -> std::io::Result<u32> {
        let stream = self.next;
        self.next += 2;
        self.frame(HEADERS, flags, stream, headers)?;
        Ok(stream)
    }

    /// Reads until the server begins an answer.
    fn until_headers(&mut self) {
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).unwrap();
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.stream.read_exact(&mut payload).unwrap();
            if head[3] == HEADERS {
                return;
            }
        }
    }

    /// Reads until the server ends the connection.
    fn until_end(&mut self) {
        let mut bytes = [0; 4096];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => {
                    let waited = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                    assert!(!waited, "the connection was not ended");
                    return;
                }
            }
        }
    }
}

/// A header as HPACK has it without any table and without compression.
fn literal(name: &str, value: &str) -> Vec<u8> {
    let short = |text: &str| {
        u8::try_from(text.len())
            .ok()
            .filter(|length| *length < 127)
            .unwrap()
    };
    let mut bytes = vec![0, short(name)];
    bytes.extend(name.as_bytes());
    bytes.push(short(value));
    bytes.extend(value.as_bytes());
    bytes
}

fn database_id(served: &Served) -> String {
    let answer = served.peer().connect().metadata(r#"{"supportedVersions":[3]}"#);
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    answer["databaseId"].as_str().unwrap().to_owned()
}

/// Others are served as before.
fn others_are_served(served: &Served) {
    let mut client = served.client();
    for number in 0..20 {
        let text = number.to_string();
        client.commit(vec![set(A, &text)]);
        assert_eq!(client.get(&key(A)).unwrap().value, value(&text).data);
    }
}

#[test]
fn connections_and_requests_that_do_not_go_on_do_not_keep_others_out() {
    let served = Served::new();
    let id = database_id(&served);
    let waiting: Vec<Connection> = (0..50)
        .map(|number| {
            let mut connection = Connection::open(&served, &[]);
            let headers = connection.headers("/v2/atomic_write", &id);
            match number % 4 {
                // It never asks.
                0 => {}
                // Half of a frame's head.
                1 => connection.stream.write_all(&[0, 0]).unwrap(),
                // Headers that go on, and do not.
                2 => drop(connection.begin(&headers[..20], 0).unwrap()),
                // Bodies that do not come, of as many requests as there may be.
                _ => {
                    for _ in 0..100 {
                        let stream = connection.begin(&headers, END_HEADERS).unwrap();
                        connection.frame(DATA, 0, stream, &[0x0a]).unwrap();
                    }
                }
            }
            connection
        })
        .collect();
    others_are_served(&served);
    drop(waiting);
}

#[test]
fn headers_without_end_end_the_connection() {
    let served = Served::new();
    let mut connection = Connection::open(&served, &[]);
    let headers = connection.headers("/", "");
    let stream = connection.begin(&headers, 0).unwrap();
    let line = literal("x-more", &"x".repeat(100));
    let piece: Vec<u8> = line
        .iter()
        .copied()
        .cycle()
        .take(FRAME / line.len() * line.len())
        .collect();
    let cut = (0..4096).any(|_| connection.frame(CONTINUATION, 0, stream, &piece).is_err());
    assert!(cut, "64 MiB of headers were taken");
    others_are_served(&served);
    // Empty frames without end are no better.
    let mut connection = Connection::open(&served, &[]);
    let stream = connection.begin(&headers, 0).unwrap();
    let cut = (0..1_000_000).any(|_| connection.frame(CONTINUATION, 0, stream, &[]).is_err());
    assert!(cut, "a million frames were taken");
    others_are_served(&served);
}

#[test]
fn who_begins_requests_and_takes_them_back_without_end_is_ended() {
    let served = Served::new();
    let id = database_id(&served);
    let mut connection = Connection::open(&served, &[]);
    let headers = connection.headers("/v2/snapshot_read", &id);
    let cut = (0..200_000).any(|_| {
        let begun = connection.begin(&headers, END_HEADERS);
        let taken_back =
            begun.and_then(|stream| connection.frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes()));
        taken_back.is_err()
    });
    assert!(cut, "all of them were taken");
    others_are_served(&served);
}

#[test]
fn who_leaves_no_room_for_answers_does_not_keep_others_waiting() {
    let served = Served::new();
    let id = database_id(&served);
    let mut client = served.client();
    for number in 0..20 {
        let value = denokv_proto::datapath::KvValue {
            data: vec![number; 65_536],
            encoding: 3,
        };
        client.commit(vec![mutation(1, key(&format!("[{number}]")), Some(value))]);
    }
    let everything = range(Vec::new(), vec![0xff], 1000, false).encode_to_vec();
    let deaf: Vec<Connection> = (0..20)
        .map(|_| {
            let mut connection = Connection::open(&served, &[(INITIAL_WINDOW_SIZE, 0)]);
            let headers = connection.headers("/v2/snapshot_read", &id);
            for _ in 0..10 {
                let stream = connection.begin(&headers, END_HEADERS).unwrap();
                connection.frame(DATA, END_STREAM, stream, &everything).unwrap();
            }
            connection
        })
        .collect();
    others_are_served(&served);
    // Small reads do not wait for the places of large ones.
    assert!(client.get(&key("[1]")).is_some());
    drop(deaf);
}

#[test]
fn who_leaves_large_answers_unread_does_not_keep_their_places() {
    let served = Served::new();
    let id = database_id(&served);
    let mut client = served.client();
    for number in 0..20 {
        let value = denokv_proto::datapath::KvValue {
            data: vec![number; 65_536],
            encoding: 3,
        };
        client.commit(vec![mutation(1, key(&format!("[{number}]")), Some(value))]);
    }
    let everything = range(Vec::new(), vec![0xff], 1000, false);
    // As many as have a place on each connection.
    let begun = 4;
    let deaf = |windows: &[u32]| -> Vec<Connection> {
        let connections = windows.iter().map(|window| {
            let mut connection = Connection::open(&served, &[(INITIAL_WINDOW_SIZE, *window)]);
            let headers = connection.headers("/v2/snapshot_read", &id);
            for _ in 0..40 {
                let stream = connection.begin(&headers, END_HEADERS).unwrap();
                let body = everything.encode_to_vec();
                connection.frame(DATA, END_STREAM, stream, &body).unwrap();
            }
            for _ in 0..begun {
                connection.until_headers();
            }
            connection
        });
        connections.collect()
    };
    let read = |client: &mut Client| {
        let answer = client.read(&everything).unwrap();
        let found: usize = answer.ranges.iter().map(|range| range.values.len()).sum();
        assert_eq!(found, 20);
    };
    let one = deaf(&[0]);
    read(&mut client);
    // With these all places are taken. Some answers begin and do not go on.
    let others = deaf(&[0, 1, 100_000]);
    read(&mut client);
    drop((one, others));
}

#[test]
fn frames_that_are_none_end_the_connection() {
    let served = Served::new();
    let frames: [(&str, u8, u8, u32, usize); 6] = [
        ("data of no stream", DATA, 0, 0, 1),
        ("data of a stream that was not begun", DATA, 0, 5, 1),
        ("headers of an even stream", HEADERS, END_HEADERS, 2, 0),
        ("settings of half a setting", SETTINGS, 0, 0, 5),
        ("a frame longer than any", DATA, 0, 1, FRAME + 1),
        ("headers that go on from nothing", CONTINUATION, 0, 1, 1),
    ];
    for (name, kind, flags, stream, length) in frames {
        let mut connection = Connection::open(&served, &[]);
        println!("{name}");
        let _sent = connection.frame(kind, flags, stream, &vec![0; length]);
        connection.until_end();
    }
    others_are_served(&served);
}
