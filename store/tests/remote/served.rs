//! A store that is served, and the same through its server.

use std::sync::Arc;
use std::time::Duration;

use keyglass_store::connect::{ServeOptions, Server, Token};
use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::remote::RemoteOptions;
use keyglass_store::{AtomicOperation, Database, EncodedKey, Key, KeyPart, StoredValue, Value};
use tempfile::TempDir;

/// What no sentence may tell.
pub const SECRET: &str = "a-secret-that-is-never-told";

pub struct Served {
    pub store: Store,
    pub server: Server,
    _folder: TempDir,
}

impl Served {
    pub fn new() -> Self {
        Self::with(serving())
    }

    pub fn with(serving: ServeOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions::new().durability(Durability::Relaxed);
        let store = options.create(folder.path().join("shop")).unwrap();
        let server = store.serve(serving).unwrap();
        Self {
            store,
            server,
            _folder: folder,
        }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The database by the protocol alone.
    pub fn plain(&self) -> Arc<dyn Database> {
        quick().plain().open(&self.url(), Some(&token())).unwrap()
    }

    /// Entries `[prefix, 0]`, `[prefix, 1]` and so on.
    pub fn fill(&self, prefix: &str, number: u32) {
        let all: Vec<u32> = (0..number).collect();
        for some in all.chunks(500) {
            let operation = some.iter().fold(AtomicOperation::new(), |operation, number| {
                operation.set(numbered(prefix, *number), value(*number))
            });
            self.store.commit(operation).unwrap();
        }
    }
}

pub fn serving() -> ServeOptions {
    ServeOptions::new()
        .listen("127.0.0.1:0".parse().unwrap())
        .token(token())
}

/// As a person opens databases, but that nothing is waited for long.
pub fn quick() -> RemoteOptions {
    RemoteOptions::new().pause(Duration::from_millis(1))
}

pub fn token() -> Token {
    Token::of_server(SECRET).unwrap()
}

pub fn numbered(prefix: &str, number: u32) -> EncodedKey {
    Key::from_iter([KeyPart::from(prefix), KeyPart::from(f64::from(number))])
        .encode()
        .unwrap()
}

pub fn named(name: &str) -> EncodedKey {
    Key::from_iter([KeyPart::from(name)]).encode().unwrap()
}

pub fn value(number: u32) -> StoredValue {
    StoredValue::from_value(&Value::from(f64::from(number))).unwrap()
}
