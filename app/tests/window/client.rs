//! A small program that uses a served database: HTTP/1.1 and the few messages that it needs, written by hand.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use keyglass::model::draft::parse_value;
use keyglass_store::Versionstamp;

use crate::harness::key;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program that is connected.
pub struct Client {
    stream: BufReader<TcpStream>,
    token: String,
    name: String,
    database_id: String,
}

/// What a commit was answered.
#[derive(Debug, PartialEq)]
pub enum Written {
    Ok,
    /// A check failed.
    Conflict,
    /// A status and a sentence.
    Refused(u16, String),
}

/// Appends a field of bytes.
fn bytes_field(message: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    message.push(tag << 3 | 2);
    varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

fn number_field(message: &mut Vec<u8>, tag: u8, number: u64) {
    message.push(tag << 3);
    varint(message, number);
}

fn varint(message: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
}

/// A set of one key, as a mutation.
fn set(key_text: &str, value_text: &str) -> Vec<u8> {
    let stored = parse_value(value_text).unwrap();
    let mut value = Vec::new();
    bytes_field(&mut value, 1, &stored.bytes);
    number_field(&mut value, 2, stored.encoding.number() as u64);
    let mut mutation = Vec::new();
    bytes_field(&mut mutation, 1, key(key_text).as_bytes());
    bytes_field(&mut mutation, 2, &value);
    number_field(&mut mutation, 3, 1);
    mutation
}

impl Client {
    /// Connects and exchanges metadata, as a program of this name.
    pub fn open(url: &str, token: &str, name: &str) -> Self {
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut client = Self {
            stream: BufReader::new(stream),
            token: token.to_owned(),
            name: name.to_owned(),
            database_id: String::new(),
        };
        let (status, answer) = client.post("/", br#"{"supportedVersions":[1,2,3]}"#);
        assert_eq!(status, 200);
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        client.database_id = answer["databaseId"].as_str().unwrap().to_owned();
        client
    }

    fn send(&mut self, path: &str, body: &[u8]) {
        let Self {
            token,
            name,
            database_id,
            ..
        } = self;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: {name}\r\nauthorization: Bearer {token}\r\n\
             x-denokv-version: 3\r\nx-denokv-database-id: {database_id}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    }

    fn head(&mut self) -> (u16, usize) {
        let (mut line, mut length) = (String::new(), 0);
        self.stream.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().unwrap();
            }
        }
        (status, length)
    }

    fn post(&mut self, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        self.send(path, body);
        let (status, length) = self.head();
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).unwrap();
        (status, answer)
    }

    /// Reads one key as Deno does; whether anything stands there.
    pub fn get(&mut self, key_text: &str) -> bool {
        let start = key(key_text).as_bytes().to_vec();
        let end = [start.as_slice(), &[0]].concat();
        self.read(&start, &end, 1).len() > 20
    }

    /// The versionstamp of the entry under a key, if there is one.
    pub fn versionstamp(&mut self, key_text: &str) -> Option<Versionstamp> {
        let start = key(key_text).as_bytes().to_vec();
        let end = [start.as_slice(), &[0]].concat();
        let answer = self.read(&start, &end, 1);
        // The last field of an entry: number 4, of ten bytes.
        let at = answer.windows(2).rposition(|two| two == [0x22, 10])?;
        Some(Versionstamp(answer[at + 2..at + 12].try_into().unwrap()))
    }

    /// Reads what is below a key.
    pub fn list(&mut self, prefix: &str, limit: u64) {
        let prefix = key(prefix).as_bytes().to_vec();
        let (start, end) = (
            [prefix.as_slice(), &[0]].concat(),
            [prefix.as_slice(), &[0xff]].concat(),
        );
        self.read(&start, &end, limit);
    }

    fn read(&mut self, start: &[u8], end: &[u8], limit: u64) -> Vec<u8> {
        let mut range = Vec::new();
        bytes_field(&mut range, 1, start);
        bytes_field(&mut range, 2, end);
        number_field(&mut range, 3, limit);
        let mut message = Vec::new();
        bytes_field(&mut message, 1, &range);
        let (status, answer) = self.post("/v2/snapshot_read", &message);
        assert_eq!(status, 200);
        answer
    }

    /// Commits a set.
    pub fn set(&mut self, key_text: &str, value_text: &str) -> Written {
        let mut message = Vec::new();
        bytes_field(&mut message, 2, &set(key_text, value_text));
        self.write(&message)
    }

    /// Commits a set if the key is as it was.
    pub fn set_checked(&mut self, key_text: &str, seen: Option<Versionstamp>, value_text: &str) -> Written {
        let mut check = Vec::new();
        bytes_field(&mut check, 1, key(key_text).as_bytes());
        if let Some(seen) = seen {
            bytes_field(&mut check, 2, &seen.0);
        }
        let mut message = Vec::new();
        bytes_field(&mut message, 1, &check);
        bytes_field(&mut message, 2, &set(key_text, value_text));
        self.write(&message)
    }

    fn write(&mut self, message: &[u8]) -> Written {
        match self.post("/v2/atomic_write", message) {
            // The status is the first field.
            (200, answer) if answer.get(1) == Some(&1) => Written::Ok,
            (200, _) => Written::Conflict,
            (status, sentence) => Written::Refused(status, String::from_utf8(sentence).unwrap()),
        }
    }

    /// Begins a watch, to which the connection then belongs.
    pub fn watch(&mut self, key_text: &str) {
        let mut watched = Vec::new();
        bytes_field(&mut watched, 1, key(key_text).as_bytes());
        let mut message = Vec::new();
        bytes_field(&mut message, 1, &watched);
        self.send("/v2/watch", &message);
        assert_eq!(self.head().0, 200);
    }

    /// Reads to the end, which comes when the server ends.
    pub fn until_end(&mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).unwrap();
    }
}
