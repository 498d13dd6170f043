//! Tunnels through proxies: what is told to one so that it passes on whatever follows.

use hyper::StatusCode;
use hyper::header::HeaderValue;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::proxy::Proxy;
use super::url::Url;
use crate::error::ProxyError;

/// The most bytes of what a proxy says.
const HEAD: usize = 8 << 10;

/// Why a proxy of HTTP opens no tunnel. What it says is told by its status alone: its words may be those that it got.
#[derive(Debug, thiserror::Error)]
enum TunnelError {
    #[error("it answers {0}")]
    Status(StatusCode),
    #[error("it says too much")]
    Long,
    #[error("it does not speak HTTP")]
    Form,
    #[error("{0}")]
    Ended(#[from] std::io::Error),
}

/// Has a proxy of HTTP pass on whatever is sent from here on (RFC 9110, 9.3.6).
pub(super) async fn connect<S>(stream: &mut S, url: &Url, proxy: &Proxy) -> Result<(), ProxyError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let asked = ask(stream, url, proxy.authorization().as_ref()).await;
    asked.map_err(|error| match error {
        TunnelError::Status(status) => refusal(status, proxy),
        other => ProxyError::Answer {
            proxy: proxy.to_string(),
            reason: other.to_string(),
        },
    })
}

/// What a proxy means by a status.
pub(super) fn refusal(status: StatusCode, proxy: &Proxy) -> ProxyError {
    let reason = format!("it answers {status}");
    let proxy_name = proxy.to_string();
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => ProxyError::Password {
            proxy: proxy_name,
            reason: match proxy.who {
                Some(_) => format!("{reason} to those that it got"),
                None => reason,
            },
        },
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            ProxyError::Unreachable {
                proxy: proxy_name,
                reason,
            }
        }
        _ => ProxyError::Refused {
            proxy: proxy_name,
            reason,
        },
    }
}

async fn ask<S>(stream: &mut S, url: &Url, authorization: Option<&HeaderValue>) -> Result<(), TunnelError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let to = url.host_and_port();
    let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n").into_bytes();
    if let Some(authorization) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await?;
    stream.flush().await?;
    let mut head = Vec::new();
    // Byte by byte, because what follows is not the proxy's any more.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= HEAD {
            return Err(TunnelError::Long);
        }
        head.push(stream.read_u8().await?);
    }
    let status = head.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
    match status.and_then(|status| StatusCode::from_bytes(status).ok()) {
        Some(status) if status.is_success() => Ok(()),
        Some(status) => Err(TunnelError::Status(status)),
        None => Err(TunnelError::Form),
    }
}
