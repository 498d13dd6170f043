//! Connecting to a server: its name, a connection, a tunnel through a proxy, TLS.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::line::{Line, Protocol};
use super::url::Url;

/// Why something was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nobody knows the server's name.
    Name(String),
    /// There is no way to the server.
    Connect(String),
    /// The proxy does not let through.
    Proxy(String),
    /// The server is not who it says, or speaks no TLS.
    Tls(String),
    /// The connection was there, and the request was not sent.
    NotSent(String),
    /// It was sent, and then the connection ended.
    Lost(String),
    /// It was sent, and nothing came for so many seconds.
    Late(u64),
    /// The answer has more bytes than any should.
    Large(usize),
}

impl Fault {
    /// Whether the other side may have got the request.
    pub(crate) fn was_sent(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Late(_) | Self::Large(_))
    }

    /// That nothing came in time.
    pub(super) fn late(patience: Duration) -> Self {
        Self::Late(patience.as_secs().max(1))
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(reason) => write!(f, "its name is not known ({reason})"),
            Self::Connect(reason) => write!(f, "no connection to it can be made ({reason})"),
            Self::Proxy(reason) => write!(f, "the proxy does not let through to it ({reason})"),
            Self::Tls(reason) => write!(f, "no secure connection to it can be made ({reason})"),
            Self::NotSent(reason) | Self::Lost(reason) => write!(f, "the connection to it ended ({reason})"),
            Self::Late(seconds) => write!(f, "it did not answer within {seconds} s"),
            Self::Large(bytes) => write!(f, "its answer is longer than {bytes} bytes"),
        }
    }
}

/// What is done to connect, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Looking for the address of a name.
    Name,
    /// Connecting, perhaps to a proxy and by it to the server.
    Connection,
    /// TLS.
    Security,
}

/// How servers are connected to.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    #[cfg(feature = "remote")]
    pub(crate) proxies: super::Proxies,
    #[cfg(feature = "remote")]
    pub(crate) trust: super::Trust,
    /// How long each stage may take, and an answer to begin or go on.
    pub(crate) patience: Duration,
    /// After so long without a word the other side of a connection of HTTP/2 is asked whether it is there, and has as
    /// long to answer.
    pub(crate) silence: Duration,
}

/// Hears of a stage that went well, and what was found.
pub(crate) type Heard<'a> = &'a (dyn Fn(Stage, String) + Send + Sync);

impl Dialer {
    /// One that goes straight to servers without TLS.
    pub(crate) fn straight(patience: Duration, silence: Duration) -> Self {
        Self {
            #[cfg(feature = "remote")]
            proxies: super::Proxies::default(),
            #[cfg(feature = "remote")]
            trust: super::Trust::default(),
            patience,
            silence,
        }
    }

    /// Connects; over plain connections the protocol is the one that is `wanted`, over secure ones what both sides
    /// agree on.
    pub(crate) async fn dial(&self, url: &Url, wanted: Protocol, heard: Heard<'_>) -> Result<Line, Fault> {
        #[cfg(feature = "remote")]
        if let Some(proxy) = self.proxies.proxy_for(url).map_err(Fault::Proxy)? {
            return self.dial_through(proxy, url, heard).await;
        }
        let stream = self.connect(url, heard).await?;
        self.begin(stream, url, wanted, None, heard).await
    }

    async fn connect(&self, url: &Url, heard: Heard<'_>) -> Result<TcpStream, Fault> {
        let late = || format!("nothing was heard within {} s", self.patience.as_secs().max(1));
        let finding = timeout(self.patience, lookup_host((url.host(), url.port()))).await;
        let found: Vec<SocketAddr> = match finding {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(error)) => return Err(Fault::Name(error.to_string())),
            Err(_elapsed) => return Err(Fault::Name(late())),
        };
        let addresses: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
        heard(Stage::Name, addresses.join(", "));
        let mut reason = "it has no address".to_owned();
        for address in found {
            match timeout(self.patience, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    let _best_effort = stream.set_nodelay(true);
                    heard(Stage::Connection, address.to_string());
                    return Ok(stream);
                }
                Ok(Err(error)) => reason = error.to_string(),
                Err(_elapsed) => reason = late(),
            }
        }
        Err(Fault::Connect(reason))
    }

    /// Makes a connection secure where it should be, and speaks the protocol on it.
    async fn begin(
        &self,
        stream: TcpStream,
        url: &Url,
        wanted: Protocol,
        by_proxy: Option<String>,
        heard: Heard<'_>,
    ) -> Result<Line, Fault> {
        if !url.is_secure() {
            return Line::begin(stream, wanted, by_proxy, self.silence).await;
        }
        #[cfg(feature = "remote")]
        {
            let securing = timeout(self.patience, self.trust.secure(stream, url.host())).await;
            let stream = match securing {
                Ok(secured) => secured.map_err(Fault::Tls)?,
                Err(_elapsed) => {
                    let seconds = self.patience.as_secs().max(1);
                    return Err(Fault::Tls(format!("nothing was heard within {seconds} s")));
                }
            };
            let (_, session) = stream.get_ref();
            let agreed = match session.alpn_protocol() {
                Some(b"h2") => Protocol::Http2,
                _ => Protocol::Http1,
            };
            let version = match session.protocol_version() {
                Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
                Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
                _ => "TLS",
            };
            heard(Stage::Security, version.to_owned());
            Line::begin(stream, agreed, None, self.silence).await
        }
        #[cfg(not(feature = "remote"))]
        {
            let _unheard = heard;
            Err(Fault::Tls("this build has no TLS".to_owned()))
        }
    }

    /// Plain requests are handed to the proxy, which knows by them where they go; secure ones go through a tunnel.
    #[cfg(feature = "remote")]
    async fn dial_through(
        &self,
        proxy: &super::proxy::Proxy,
        url: &Url,
        heard: Heard<'_>,
    ) -> Result<Line, Fault> {
        let of_proxy = |fault: Fault| Fault::Proxy(format!("{}: {fault}", proxy.url));
        let mut stream = self.connect(&proxy.url, heard).await.map_err(of_proxy)?;
        let authorization = proxy.authorization.clone().unwrap_or_default();
        if !url.is_secure() {
            return self
                .begin(stream, url, Protocol::Http1, Some(authorization), heard)
                .await;
        }
        let opening = tunnel(&mut stream, url, &authorization);
        match timeout(self.patience, opening).await {
            Ok(Ok(())) => self.begin(stream, url, Protocol::Http1, None, heard).await,
            Ok(Err(reason)) => Err(Fault::Proxy(format!("{reason}: {}", proxy.url))),
            Err(_elapsed) => Err(of_proxy(Fault::late(self.patience))),
        }
    }
}

/// Has a proxy pass on whatever is sent from here on.
#[cfg(feature = "remote")]
async fn tunnel(stream: &mut TcpStream, url: &Url, authorization: &str) -> Result<(), String> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    /// The most bytes of what a proxy says.
    const HEAD: usize = 8 << 10;
    let to = url.host_and_port();
    let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
    if !authorization.is_empty() {
        request.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
    }
    request.push_str("\r\n");
    let ended = |error: std::io::Error| error.to_string();
    stream.write_all(request.as_bytes()).await.map_err(ended)?;
    let mut head = Vec::new();
    // Byte by byte, because what follows is not the proxy's any more.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD {
            return Err("it says too much".to_owned());
        }
        head.push(stream.read_u8().await.map_err(ended)?);
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    match line.split(' ').nth(1) {
        Some(status) if status.len() == 3 && status.starts_with('2') => Ok(()),
        _ => Err(format!("it answers {line}")),
    }
}
