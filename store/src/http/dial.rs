//! Connecting to a server: its name, a connection, TLS.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::line::{ByProxy, Line, Protocol};
use super::url::Url;
use crate::error::ProxyError;

/// Why something was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nobody knows the server's name.
    Name(String),
    /// There is no way to the server.
    Connect(String),
    /// The proxy does not bring there.
    Proxy(ProxyError),
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
            Self::Proxy(error) => write!(f, "there is no way through the proxy ({error})"),
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
            return super::through::dial(self, proxy, url, wanted, heard).await;
        }
        let stream = self.connect((url.host(), url.port()), heard).await?;
        self.begin(stream, url, wanted, None, heard).await
    }

    /// That nothing was heard, in words.
    pub(super) fn silent(&self) -> String {
        format!("nothing was heard within {} s", self.patience.as_secs().max(1))
    }

    /// The addresses of a host.
    pub(super) async fn find(&self, place: (&str, u16)) -> Result<Vec<SocketAddr>, Fault> {
        match timeout(self.patience, lookup_host(place)).await {
            Ok(Ok(found)) => Ok(found.collect()),
            Ok(Err(error)) => Err(Fault::Name(error.to_string())),
            Err(_elapsed) => Err(Fault::Name(self.silent())),
        }
    }

    pub(super) async fn connect(&self, place: (&str, u16), heard: Heard<'_>) -> Result<TcpStream, Fault> {
        let found = self.find(place).await?;
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
                Err(_elapsed) => reason = self.silent(),
            }
        }
        Err(Fault::Connect(reason))
    }

    /// Makes a connection secure where it should be, and speaks the protocol on it.
    pub(super) async fn begin<S>(
        &self,
        stream: S,
        url: &Url,
        wanted: Protocol,
        by_proxy: Option<ByProxy>,
        heard: Heard<'_>,
    ) -> Result<Line, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        if !url.is_secure() {
            return Line::begin(stream, wanted, by_proxy, self.silence).await;
        }
        #[cfg(feature = "remote")]
        {
            let securing = self.trust.secure(stream, url.host(), super::tls::Side::Server);
            let stream = match timeout(self.patience, securing).await {
                Ok(secured) => secured.map_err(|error| Fault::Tls(error.to_string()))?,
                Err(_elapsed) => return Err(Fault::Tls(self.silent())),
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
}
