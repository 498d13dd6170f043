//! A store that is served, and requests in short.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use denokv_proto::datapath as pb;
use keyglass_store::connect::{ServeOptions, Server};
use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::value::{canonical, literal};
use keyglass_store::{Clock, Encoding, Key, StoredValue};
use tempfile::TempDir;

use crate::client::{Client, Refused};

/// The moment at which every store here stands until it is moved, in milliseconds since the Unix epoch.
pub(crate) const NOW: i64 = 1_800_000_000_000;

pub(crate) struct Served {
    // Before the store and its folder, because it uses them.
    pub(crate) server: Server,
    pub(crate) store: Store,
    now: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Served {
    pub(crate) fn new() -> Self {
        Self::with(|options| options)
    }

    pub(crate) fn with(change: impl FnOnce(ServeOptions) -> ServeOptions) -> Self {
        let folder = TempDir::new().unwrap();
        let now = Arc::new(AtomicI64::new(NOW));
        let clock = Clock::from_fn({
            let now = Arc::clone(&now);
            move || now.load(Ordering::Acquire)
        });
        let store = OpenOptions::new()
            .clock(clock)
            .create(folder.path().join("store"))
            .unwrap();
        let options = ServeOptions::new().listen("127.0.0.1:0".parse().unwrap());
        let server = store.serve(change(options)).unwrap();
        Self {
            server,
            store,
            now,
            _folder: folder,
        }
    }

    pub(crate) fn set_time(&self, now: i64) {
        self.now.store(now, Ordering::Release);
    }

    pub(crate) fn peer(&self) -> Peer {
        Peer {
            address: self.server.address(),
            token: self.server.token().reveal().to_owned(),
        }
    }

    pub(crate) fn client(&self) -> Client {
        self.peer().client()
    }
}

/// A server of any make.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

impl Peer {
    pub(crate) fn client(&self) -> Client {
        Client::open(self.address, &self.token)
    }

    /// A connection on which nothing was said yet.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address, &self.token)
    }
}

/// The bytes of a key written in JavaScript.
pub(crate) fn key(text: &str) -> Vec<u8> {
    let key: Key = text.parse().unwrap();
    key.encode().unwrap().as_bytes().to_vec()
}

/// A value written in JavaScript.
pub(crate) fn value(text: &str) -> pb::KvValue {
    let value = literal::parse(text).unwrap();
    let stored = StoredValue::from_value(&value).unwrap();
    pb::KvValue {
        data: stored.bytes.to_vec(),
        encoding: stored.encoding.number() as i32,
    }
}

/// What a value means, whatever its bytes.
pub(crate) fn meaning(data: &[u8], encoding: i32) -> String {
    let stored = StoredValue {
        encoding: Encoding::from_number(encoding.into()),
        bytes: data.to_vec().into(),
    };
    canonical::canonical(&stored.decode().unwrap())
}

pub(crate) fn mutation(mutation_type: i32, key: Vec<u8>, value: Option<pb::KvValue>) -> pb::Mutation {
    pb::Mutation {
        key,
        value,
        mutation_type,
        ..Default::default()
    }
}

pub(crate) fn set(key_text: &str, value_text: &str) -> pb::Mutation {
    mutation(1, key(key_text), Some(value(value_text)))
}

pub(crate) fn mutations(mutations: Vec<pb::Mutation>) -> pb::AtomicWrite {
    pb::AtomicWrite {
        mutations,
        ..Default::default()
    }
}

pub(crate) fn range(start: Vec<u8>, end: Vec<u8>, limit: i32, reverse: bool) -> pb::SnapshotRead {
    pb::SnapshotRead {
        ranges: vec![pb::ReadRange {
            start,
            end,
            limit,
            reverse,
        }],
    }
}

impl Client {
    /// Commits mutations, which must succeed; the versionstamp.
    pub(crate) fn commit(&mut self, all: Vec<pb::Mutation>) -> Vec<u8> {
        let output = self.write(&mutations(all)).unwrap();
        assert_eq!(output.status, 1);
        assert_eq!(output.versionstamp.len(), 10);
        output.versionstamp
    }

    /// The entry under a key, read as Deno does.
    pub(crate) fn get(&mut self, key: &[u8]) -> Option<pb::KvEntry> {
        let end = [key, &[0]].concat();
        let output = self.read(&range(key.to_vec(), end, 1, false)).unwrap();
        assert_eq!(output.status, 1);
        assert!(output.read_is_strongly_consistent && !output.read_disabled);
        let mut ranges = output.ranges.into_iter();
        let mut values = ranges.next().unwrap().values;
        assert!(ranges.next().is_none());
        values.pop()
    }

    /// The keys of a range.
    pub(crate) fn keys(&mut self, request: &pb::SnapshotRead) -> Result<Vec<Vec<u8>>, Refused> {
        let output = self.read(request)?;
        let entries = output.ranges.into_iter().flat_map(|range| range.values);
        Ok(entries.map(|entry| entry.key).collect())
    }
}
