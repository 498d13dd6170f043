//! A server that does what a test wants, by HTTP/1.1.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use denokv_proto::datapath as pb;
use prost::Message as _;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub head: String,
}

/// What is done about it.
pub enum Reply {
    Answer(u16, Vec<u8>),
    With(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes and the end of the connection.
    Raw(Vec<u8>),
    /// These bytes again and again, without end.
    Endless(Vec<u8>, Vec<u8>),
    /// These bytes, and then nothing.
    Silence(Vec<u8>),
}

type Answering = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

pub struct Fake {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Box<Answering>,
    asked: Mutex<Vec<Asked>>,
    open: AtomicUsize,
    streams: Mutex<Vec<TcpStream>>,
    has_ended: AtomicBool,
}

impl Fake {
    /// Answers each request; the number says how many came before it on the same path.
    pub fn new(answer: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            asked: Mutex::default(),
            open: AtomicUsize::new(0),
            streams: Mutex::default(),
            has_ended: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if of_thread.has_ended.load(Ordering::SeqCst) {
                    return;
                }
                of_thread
                    .streams
                    .lock()
                    .unwrap()
                    .push(stream.try_clone().unwrap());
                let shared = Arc::clone(&of_thread);
                shared.open.fetch_add(1, Ordering::SeqCst);
                spawn(move || {
                    let _ended = shared.serve(&stream);
                    let _ended = stream.shutdown(Shutdown::Both);
                    shared.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, shared }
    }

    /// One that speaks KV Connect, and answers reads as wanted.
    pub fn reading(answer: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::new(move |asked, number| match asked.path.as_str() {
            "/" => Reply::Answer(200, metadata().into_bytes()),
            _ => answer(asked, number),
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was asked on a path.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.shared.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    pub fn num_connections(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.shared.has_ended.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address);
        for stream in self.shared.streams.lock().unwrap().iter() {
            let _ended = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn serve(&self, stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut writer = stream;
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head)? == 0 {
                    return Ok(());
                }
            }
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse().unwrap())
            });
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body)?;
            let path = head.split(' ').nth(1).unwrap().to_owned();
            let asked = Asked { path, head };
            let number = {
                let mut all = self.asked.lock().unwrap();
                let before = all.iter().filter(|other| other.path == asked.path).count();
                all.push(asked.clone());
                before
            };
            match (self.answer)(&asked, number) {
                Reply::Answer(status, body) => writer.write_all(&answer(status, &[], &body))?,
                Reply::With(status, headers, body) => writer.write_all(&answer(status, &headers, &body))?,
                Reply::Raw(bytes) => return writer.write_all(&bytes),
                Reply::Endless(first, more) => {
                    writer.write_all(&first)?;
                    loop {
                        writer.write_all(&more)?;
                    }
                }
                Reply::Silence(bytes) => {
                    writer.write_all(&bytes)?;
                    let mut rest = [0];
                    // Until the other side has had enough.
                    let _ended = reader.read(&mut rest)?;
                    return Ok(());
                }
            }
        }
    }
}

pub fn answer(status: u16, headers: &[(&'static str, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

pub fn metadata() -> String {
    metadata_of(3, "2100-01-01T00:00:00Z", "a-token-of-the-session")
}

pub fn metadata_of(version: u32, expires_at: &str, token: &str) -> String {
    format!(
        r#"{{"version":{version},"databaseId":"6f9e3a44-4d05-4bd6-8b05-0f1c4a5c8a11","endpoints":[{{"url":"/v2","consistency":"strong"}}],"token":"{token}","expiresAt":"{expires_at}"}}"#
    )
}

/// An answer to a read of one range: these keys.
pub fn entries(keys: &[&[u8]]) -> Vec<u8> {
    let values = keys.iter().map(|key| pb::KvEntry {
        key: key.to_vec(),
        value: b"value".to_vec(),
        encoding: 3,
        versionstamp: vec![0, 0, 0, 0, 0, 0, 0, 9, 0, 0],
    });
    let output = pb::SnapshotReadOutput {
        ranges: vec![pb::ReadRangeOutput {
            values: values.collect(),
        }],
        read_disabled: false,
        read_is_strongly_consistent: true,
        status: 1,
    };
    output.encode_to_vec()
}

#[expect(
    clippy::disallowed_methods,
    reason = "it ends with its connection, or its server"
)]
pub fn spawn(work: impl FnOnce() + Send + 'static) {
    std::thread::spawn(work);
}
