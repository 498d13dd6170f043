//! A client of the wire: HTTP/1.1 by hand, messages by the prost types of `denokv_proto`, which are not this crate's.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use denokv_proto::datapath as pb;
use prost::Message;

/// How long a test waits for bytes before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    token: String,
    database_id: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// What a refused request is told.
pub(crate) type Refused = (u16, String);

impl Client {
    /// Connects without saying anything.
    pub(crate) fn connect(address: SocketAddr, token: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::new(stream),
            token: token.to_owned(),
            database_id: String::new(),
        }
    }

    /// Connects and exchanges metadata.
    pub(crate) fn open(address: SocketAddr, token: &str) -> Self {
        let mut client = Self::connect(address, token);
        let answer = client.metadata(r#"{"supportedVersions":[1,2,3]}"#);
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        client.database_id = answer["databaseId"].as_str().unwrap().to_owned();
        client
    }

    pub(crate) fn metadata(&mut self, body: &str) -> Answer {
        let authorization = format!("authorization: Bearer {}", self.token);
        self.request("POST", "/", &["host: localhost", &authorization], body.as_bytes())
    }

    /// Any request, exactly with these headers and the body's length.
    pub(crate) fn request(&mut self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        self.send(method, path, headers, body);
        self.answer()
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[&str], body: &[u8]) {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        // One write, so that a refused body is still sent.
        let stream = self.stream.get_mut();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    }

    /// Bytes as they are.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// The headers of the data path.
    pub(crate) fn data_headers(&self) -> Vec<String> {
        vec![
            "host: localhost".to_owned(),
            format!("authorization: Bearer {}", self.token),
            "content-type: application/x-protobuf".to_owned(),
            "x-denokv-version: 3".to_owned(),
            format!("x-denokv-database-id: {}", self.database_id),
        ]
    }

    pub(crate) fn post(&mut self, method: &str, body: &[u8]) -> Answer {
        let headers = self.data_headers();
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        self.request("POST", &format!("/v2/{method}"), &headers, body)
    }

    fn ask<M: Message + Default>(&mut self, method: &str, request: &impl Message) -> Result<M, Refused> {
        let answer = self.post(method, &request.encode_to_vec());
        if answer.status == 200 {
            assert_eq!(answer.headers["content-type"], "application/x-protobuf");
            Ok(M::decode(answer.body.as_slice()).unwrap())
        } else {
            Err((answer.status, answer.text()))
        }
    }

    pub(crate) fn read(&mut self, request: &pb::SnapshotRead) -> Result<pb::SnapshotReadOutput, Refused> {
        self.ask("snapshot_read", request)
    }

    pub(crate) fn write(&mut self, request: &pb::AtomicWrite) -> Result<pb::AtomicWriteOutput, Refused> {
        self.ask("atomic_write", request)
    }

    /// Begins a watch, to which the connection then belongs.
    pub(crate) fn watch(mut self, keys: &[Vec<u8>]) -> Result<Watching, Refused> {
        let keys = keys.iter().map(|key| pb::WatchKey { key: key.clone() });
        let request = pb::Watch { keys: keys.collect() };
        let headers = self.data_headers();
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        self.send("POST", "/v2/watch", &headers, &request.encode_to_vec());
        let (status, headers) = self.head();
        if status != 200 {
            let body = self.body(&headers);
            return Err((status, String::from_utf8(body).unwrap()));
        }
        assert_eq!(headers["content-type"], "application/octet-stream");
        assert_eq!(headers["transfer-encoding"], "chunked");
        Ok(Watching {
            stream: self.stream,
            bytes: Vec::new(),
        })
    }

    pub(crate) fn answer(&mut self) -> Answer {
        let (status, headers) = self.head();
        let body = self.body(&headers);
        Answer {
            status,
            headers,
            body,
        }
    }

    fn head(&mut self) -> (u16, HashMap<String, String>) {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        let status = line
            .split(' ')
            .nth(1)
            .unwrap_or_else(|| panic!("no status: {line:?}"));
        let status = status.parse().unwrap();
        let mut headers = HashMap::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.insert(name.to_lowercase(), value.to_owned()),
                None => return (status, headers),
            };
        }
    }

    fn body(&mut self, headers: &HashMap<String, String>) -> Vec<u8> {
        let mut body = Vec::new();
        if let Some(length) = headers.get("content-length") {
            body.resize(length.parse().unwrap(), 0);
            self.stream.read_exact(&mut body).unwrap();
        } else if headers.contains_key("transfer-encoding") {
            while let Some(chunk) = chunk(&mut self.stream) {
                body.extend(chunk);
            }
        }
        body
    }

    /// Whether the server has ended the connection.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.stream.read(&mut [0]), Ok(0) | Err(_))
    }
}

fn chunk(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let length = usize::from_str_radix(line.trim_end(), 16).ok()?;
    let mut bytes = vec![0; length + 2];
    stream.read_exact(&mut bytes).unwrap();
    bytes.truncate(length);
    (length > 0).then_some(bytes)
}

/// A watch that runs.
pub(crate) struct Watching {
    stream: BufReader<TcpStream>,
    bytes: Vec<u8>,
}

/// What a watch tells.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Ping,
    State(pb::WatchOutput),
    /// The stream ended in order.
    End,
}

impl Watching {
    pub(crate) fn frame(&mut self) -> Frame {
        loop {
            if let Some((length, rest)) = self.bytes.split_first_chunk::<4>() {
                let length = u32::from_le_bytes(*length) as usize;
                if rest.len() >= length {
                    let frame = match length {
                        0 => Frame::Ping,
                        _ => Frame::State(pb::WatchOutput::decode(&rest[..length]).unwrap()),
                    };
                    self.bytes.drain(..4 + length);
                    return frame;
                }
            }
            match chunk(&mut self.stream) {
                Some(bytes) => self.bytes.extend(bytes),
                None => {
                    assert!(self.bytes.is_empty(), "half a frame");
                    return Frame::End;
                }
            }
        }
    }

    /// The next state: for each key what is there, as bytes.
    pub(crate) fn state(&mut self) -> Vec<Option<Vec<u8>>> {
        loop {
            match self.frame() {
                Frame::Ping => {}
                Frame::State(output) => {
                    assert_eq!(output.status, 1);
                    assert!(output.keys.iter().all(|key| key.changed));
                    let entries = output.keys.into_iter().map(|key| key.entry_if_changed);
                    return entries.map(|entry| entry.map(|entry| entry.value)).collect();
                }
                Frame::End => panic!("the watch has ended"),
            }
        }
    }
}
