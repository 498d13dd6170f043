//! Connecting to a server through a proxy.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::dial::{Dialer, Fault, Heard};
use super::line::{Line, Protocol};
use super::proxy::{Proxy, ProxyKind};
use super::socks::{self, SocksError, Target};
use super::tls::Side;
use super::tunnel;
use super::url::Url;
use crate::error::ProxyError;

/// A connection to a proxy, plain or secure.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Connects through a proxy. One of HTTP is handed plain requests, and knows by them where they go; all others go through a
/// tunnel.
pub(super) async fn dial(
    dialer: &Dialer,
    proxy: &Proxy,
    url: &Url,
    wanted: Protocol,
    heard: Heard<'_>,
) -> Result<Line, Fault> {
    let mut stream = reach(dialer, proxy, heard).await?;
    match proxy.kind {
        ProxyKind::Http | ProxyKind::Https if !url.is_secure() => {
            return dialer
                .begin(stream, url, Protocol::Http1, Some(proxy.clone()), heard)
                .await;
        }
        ProxyKind::Http | ProxyKind::Https => {
            let opening = tunnel::connect(&mut stream, url, proxy);
            let opened = timeout(dialer.patience, opening).await;
            opened.unwrap_or_else(|_elapsed| Err(silent(dialer, proxy)))
        }
        ProxyKind::Socks5 { finds_names } => {
            let target = target(dialer, url, finds_names).await?;
            let opening = socks::connect(&mut stream, proxy.who.as_ref(), &target, url.port());
            match timeout(dialer.patience, opening).await {
                Ok(opened) => opened.map_err(|error| of_socks(&error, proxy)),
                Err(_elapsed) => Err(silent(dialer, proxy)),
            }
        }
    }
    .map_err(Fault::Proxy)?;
    dialer.begin(stream, url, wanted, None, heard).await
}

/// Connects to the proxy itself.
async fn reach(dialer: &Dialer, proxy: &Proxy, heard: Heard<'_>) -> Result<Box<dyn Stream>, Fault> {
    let name = proxy.to_string();
    let stream = match dialer.connect(proxy.place(), heard).await {
        Ok(stream) => stream,
        Err(Fault::Name(reason)) => return Err(Fault::Proxy(ProxyError::Name { proxy: name, reason })),
        Err(Fault::Connect(reason)) => {
            return Err(Fault::Proxy(ProxyError::Connection { proxy: name, reason }));
        }
        Err(other) => return Err(other),
    };
    if proxy.kind != ProxyKind::Https {
        return Ok(Box::new(stream));
    }
    let (host, _) = proxy.place();
    let securing = dialer.trust.secure(stream, host, Side::Proxy);
    let reason = match timeout(dialer.patience, securing).await {
        Ok(Ok(stream)) => return Ok(Box::new(stream)),
        Ok(Err(error)) => error.to_string(),
        Err(_elapsed) => dialer.silent(),
    };
    Err(Fault::Proxy(ProxyError::Security { proxy: name, reason }))
}

/// What a proxy of SOCKS is told of where a server is.
async fn target(dialer: &Dialer, url: &Url, proxy_finds_names: bool) -> Result<Target, Fault> {
    if let Ok(address) = url.host().parse() {
        return Ok(Target::Address(address));
    }
    if proxy_finds_names {
        return Ok(Target::Name(url.host().to_owned()));
    }
    let found = dialer.find((url.host(), url.port())).await?;
    let first = found.first().map(|address| Target::Address(address.ip()));
    first.ok_or_else(|| Fault::Name("it has no address".to_owned()))
}

fn silent(dialer: &Dialer, proxy: &Proxy) -> ProxyError {
    ProxyError::Answer {
        proxy: proxy.to_string(),
        reason: dialer.silent(),
    }
}

fn of_socks(error: &SocksError, proxy: &Proxy) -> ProxyError {
    let (proxy, reason) = (proxy.to_string(), error.to_string());
    match error {
        SocksError::NoPassword | SocksError::Password => ProxyError::Password { proxy, reason },
        SocksError::Unreachable(_) => ProxyError::Unreachable { proxy, reason },
        SocksError::Refused(_) | SocksError::LongName | SocksError::PasswordNotTaken => {
            ProxyError::Refused { proxy, reason }
        }
        SocksError::Form | SocksError::Ended(_) => ProxyError::Answer { proxy, reason },
    }
}
