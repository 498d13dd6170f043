//! A client of HTTP, as far as asking databases needs one: requests with whole bodies, over HTTP/1.1 and HTTP/2, plain
//! or by TLS, straight or through a proxy.
//!
//! A fault says whether the request was sent, because only one that was not may be sent again whatever it does.
//! Everything that waits for the other side has an end.

mod background;
mod body;
mod dial;
mod line;
#[cfg(feature = "remote")]
mod lines;
#[cfg(feature = "remote")]
mod proxy;
#[cfg(feature = "remote")]
mod socks;
#[cfg(feature = "remote")]
mod through;
#[cfg(feature = "remote")]
mod tls;
#[cfg(feature = "remote")]
mod tunnel;
mod url;

pub(crate) use background::{Background, wait_on};
pub(crate) use body::Incoming;
pub(crate) use dial::{Dialer, Fault};
#[cfg(feature = "remote")]
pub(crate) use dial::{Heard, Stage};
pub(crate) use line::{Asked, Line, Protocol, SILENCE};
#[cfg(feature = "remote")]
pub(crate) use lines::Lines;
#[cfg(feature = "remote")]
pub(crate) use proxy::Proxies;
#[cfg(feature = "remote")]
pub(crate) use tls::Trust;
pub(crate) use url::Url;
