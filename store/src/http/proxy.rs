//! Proxies, as the usual variables name them.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;

use super::url::Url;
use crate::error::{ProxyError, ProxyUrlError};

/// Which servers are asked through which proxy: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`, in small letters, too, but
/// not the servers of `NO_PROXY`. Those of this machine never are.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    plain: Option<Result<Proxy, ProxyError>>,
    secure: Option<Result<Proxy, ProxyError>>,
    exempt: Vec<Exempt>,
}

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(super) kind: ProxyKind,
    /// Where it is, in no way that it would be asked.
    at: Url,
    /// Who asks, if that is to be said.
    pub(super) who: Option<Who>,
}

/// How a proxy is told where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProxyKind {
    Http,
    /// The same by TLS.
    Https,
    Socks5 {
        /// Whether the proxy looks for the addresses of names.
        finds_names: bool,
    },
}

/// Who asks a proxy.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Who {
    pub(super) name: Vec<u8>,
    pub(super) password: Vec<u8>,
}

/// The port of a proxy that names none, as curl has it.
const PORT: u16 = 1080;
/// The most bytes of a name or a password for SOCKS (RFC 1929).
const SOCKS_SECRET: usize = 255;

#[derive(Clone)]
enum Exempt {
    All,
    /// A host or any below it, perhaps at one port alone.
    Host(String, Option<u16>),
    /// Addresses that begin with so many bits of this one.
    Network(IpAddr, u32),
}

impl Proxies {
    /// Those of this process's environment.
    pub(crate) fn of_environment() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    /// Those of variables.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| {
            let given = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
            given(&name.to_ascii_lowercase()).or_else(|| given(name))
        };
        let all = either("ALL_PROXY");
        // In a program that answers web requests a guest can set it by a header.
        let of_guest = variable("REQUEST_METHOD").is_some();
        let plain = match of_guest {
            true => variable("http_proxy").filter(|value| !value.trim().is_empty()),
            false => either("HTTP_PROXY"),
        };
        let parse = |variable: &'static str, value: Option<String>| {
            let (variable, value) = match value {
                Some(value) => (variable, value),
                None => ("ALL_PROXY", all.clone()?),
            };
            Some(Proxy::parse(&value).map_err(|reason| ProxyError::Setting { variable, reason }))
        };
        let exempt = either("NO_PROXY").unwrap_or_default();
        Self {
            plain: parse("HTTP_PROXY", plain),
            secure: parse("HTTPS_PROXY", either("HTTPS_PROXY")),
            exempt: exempt.split([',', ' ']).filter_map(Exempt::parse).collect(),
        }
    }

    /// The proxy through which a server is asked.
    pub(super) fn proxy_for(&self, url: &Url) -> Result<Option<&Proxy>, ProxyError> {
        let proxy = match url.is_secure() {
            true => self.secure.as_ref(),
            false => self.plain.as_ref(),
        };
        let Some(proxy) = proxy else { return Ok(None) };
        if url.is_of_this_machine() || self.exempt.iter().any(|exempt| exempt.covers(url)) {
            return Ok(None);
        }
        proxy.as_ref().map(Some).map_err(Clone::clone)
    }
}

impl Proxy {
    fn parse(value: &str) -> Result<Self, ProxyUrlError> {
        let value = value.trim();
        let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "http" => ProxyKind::Http,
            "https" => ProxyKind::Https,
            "socks5" => ProxyKind::Socks5 { finds_names: false },
            "socks5h" => ProxyKind::Socks5 { finds_names: true },
            // What stands there may be the beginning of a password.
            other if other.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !other.is_empty() => {
                return Err(ProxyUrlError::Scheme(other.to_owned()));
            }
            _ => return Err(ProxyUrlError::NoScheme),
        };
        // A slash may stand in a password, too, though it should be written as %2F.
        let (who, host) = match rest.rsplit_once('@') {
            Some((who, host)) => (Some(Who::parse(who)), host),
            None => (None, rest),
        };
        let end = host.find(['/', '?', '#']).unwrap_or(host.len());
        let host = host.get(..end).unwrap_or_default();
        let scheme = match kind {
            ProxyKind::Https => "https",
            _ => "http",
        };
        let at = Url::parse(&format!("{scheme}://{host}"))
            .map_err(|error| ProxyUrlError::Address(error.to_string()))?;
        let is_long = |who: &Who| who.name.len().max(who.password.len()) > SOCKS_SECRET;
        if matches!(kind, ProxyKind::Socks5 { .. }) && who.as_ref().is_some_and(is_long) {
            return Err(ProxyUrlError::LongSecret);
        }
        Ok(Self { kind, at, who })
    }

    /// The host to connect to, and the port.
    pub(super) fn place(&self) -> (&str, u16) {
        let port = match self.kind {
            ProxyKind::Https => self.at.port(),
            _ => self.at.given_port().unwrap_or(PORT),
        };
        (self.at.host(), port)
    }

    /// What it wants to hear of who asks, as HTTP has it.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let who = self.who.as_ref()?;
        let both = [who.name.as_slice(), b":", who.password.as_slice()].concat();
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(both))).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// As it is reached, without who asks.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks5 { finds_names: false } => "socks5",
            ProxyKind::Socks5 { finds_names: true } => "socks5h",
        };
        write!(f, "{scheme}://{}", self.at.authority())?;
        match self.at.given_port() {
            Some(_) => Ok(()),
            None => write!(f, ":{}", self.place().1),
        }
    }
}

impl Who {
    fn parse(text: &str) -> Self {
        let (name, password) = text.split_once(':').unwrap_or((text, ""));
        Self {
            name: unescaped(name),
            password: unescaped(password),
        }
    }
}

/// A name and password without the escapes of an address.
fn unescaped(text: &str) -> Vec<u8> {
    let mut left = text.as_bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some((byte, rest)) = left.split_first() {
        let digits = rest.get(..2).filter(|_| *byte == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(escaped.unwrap_or(*byte));
        left = match escaped {
            Some(_) => rest.get(2..).unwrap_or_default(),
            None => rest,
        };
    }
    plain
}

impl Exempt {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix("*.").unwrap_or(&text).trim_start_matches('.');
        if text.is_empty() {
            return None;
        }
        if text == "*" {
            return Some(Self::All);
        }
        if let Some((address, bits)) = text.split_once('/') {
            return Some(Self::Network(address.parse().ok()?, bits.parse().ok()?));
        }
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if bare.parse::<IpAddr>().is_ok() {
            return Some(Self::Host(bare.to_owned(), None));
        }
        Some(match text.rsplit_once(':') {
            Some((host, port)) => Self::Host(
                host.trim_start_matches('[').trim_end_matches(']').to_owned(),
                Some(port.parse().ok()?),
            ),
            None => Self::Host(text.to_owned(), None),
        })
    }

    fn covers(&self, url: &Url) -> bool {
        let host = url.host();
        match self {
            Self::All => true,
            Self::Host(name, port) => {
                let above = host.strip_suffix(name.as_str());
                let is_below = above.is_some_and(|above| above.is_empty() || above.ends_with('.'));
                is_below && port.is_none_or(|port| port == url.port())
            }
            Self::Network(network, bits) => match (network, host.parse()) {
                (IpAddr::V4(network), Ok(IpAddr::V4(address))) => {
                    let shift = 32_u32.saturating_sub(*bits);
                    let cut = |address: std::net::Ipv4Addr| address.to_bits().checked_shr(shift).unwrap_or(0);
                    cut(*network) == cut(address)
                }
                (IpAddr::V6(network), Ok(IpAddr::V6(address))) => {
                    let shift = 128_u32.saturating_sub(*bits);
                    let cut = |address: std::net::Ipv6Addr| address.to_bits().checked_shr(shift).unwrap_or(0);
                    cut(*network) == cut(address)
                }
                _ => false,
            },
        }
    }
}

/// Without what it names, which may hold a password.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("plain", &self.plain.is_some())
            .field("secure", &self.secure.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::of(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn chosen(proxies: &Proxies, url: &str) -> Option<String> {
        let proxy = proxies.proxy_for(&Url::parse(url).unwrap()).unwrap();
        proxy.map(Proxy::to_string)
    }

    #[test]
    fn each_variable_names_the_proxy_of_its_servers() {
        let both = proxies(&[("http_proxy", "one:1"), ("HTTPS_PROXY", "http://two:2/")]);
        assert_eq!(
            chosen(&both, "http://kv.example").as_deref(),
            Some("http://one:1")
        );
        assert_eq!(
            chosen(&both, "https://kv.example").as_deref(),
            Some("http://two:2")
        );
        assert_eq!(chosen(&both, "https://localhost"), None);
        let all = proxies(&[("ALL_PROXY", "http://all:3"), ("https_proxy", "")]);
        assert_eq!(
            chosen(&all, "https://kv.example").as_deref(),
            Some("http://all:3")
        );
        let guest = proxies(&[("HTTP_PROXY", "one:1"), ("REQUEST_METHOD", "GET")]);
        assert_eq!(chosen(&guest, "http://kv.example"), None);
        assert_eq!(chosen(&proxies(&[]), "http://kv.example"), None);
    }

    #[test]
    fn servers_that_are_exempt_are_asked_straight() {
        let named = proxies(&[
            ("HTTPS_PROXY", "p:1"),
            (
                "NO_PROXY",
                ".inner.example, other.example:8443,10.0.0.0/8, [::2] ,*.wild.example",
            ),
        ]);
        for (url, exempt) in [
            ("https://inner.example", true),
            ("https://a.inner.example:9", true),
            ("https://winner.example", false),
            ("https://other.example:8443", true),
            ("https://other.example", false),
            ("https://10.1.2.3", true),
            ("https://11.1.2.3", false),
            ("https://[::2]", true),
            ("https://a.wild.example", true),
            ("https://kv.example", false),
        ] {
            assert_eq!(chosen(&named, url).is_none(), exempt, "{url}");
        }
        let none = proxies(&[("HTTPS_PROXY", "p:1"), ("no_proxy", "*")]);
        assert_eq!(chosen(&none, "https://kv.example"), None);
    }

    #[test]
    fn who_asks_a_proxy_is_told_to_it_alone() {
        let proxy = Proxy::parse("http://me:pass%40word@proxy:8080").unwrap();
        assert_eq!(proxy.to_string(), "http://proxy:8080");
        let expected = format!("Basic {}", STANDARD.encode("me:pass@word"));
        let told = proxy.authorization().unwrap();
        assert_eq!(told.to_str().unwrap(), expected);
        assert!(!format!("{told:?}").contains(&expected));
        let named = proxies(&[("ALL_PROXY", "http://me:hidden@proxy")]);
        assert!(!format!("{named:?}").contains("hidden"));
    }

    #[test]
    fn a_proxy_is_read_as_curl_reads_it() {
        let socks = |finds_names| ProxyKind::Socks5 { finds_names };
        for (text, kind, place, who) in [
            ("proxy", ProxyKind::Http, ("proxy", 1080), None),
            ("HTTP://proxy:3128/", ProxyKind::Http, ("proxy", 3128), None),
            ("https://proxy", ProxyKind::Https, ("proxy", 443), None),
            ("socks5://[::2]:9", socks(false), ("::2", 9), None),
            (
                "socks5h://me@proxy",
                socks(true),
                ("proxy", 1080),
                Some(("me", "")),
            ),
            (
                "Socks5h://a%3ab:c:d/e@proxy:1",
                socks(true),
                ("proxy", 1),
                Some(("a:b", "c:d/e")),
            ),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            let who = who.map(|(name, password): (&str, &str)| Who {
                name: name.into(),
                password: password.into(),
            });
            assert_eq!((proxy.kind, proxy.place()), (kind, place), "{text}");
            assert!(proxy.who == who, "{text}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_told_and_not_passed_by() {
        let long = format!("socks5://me:{}@proxy", "hidden".repeat(50));
        for (value, expected) in [
            ("socks4://me:hidden@proxy:1080", "it begins with socks4://"),
            ("hidden!://proxy", "begins with no scheme"),
            ("me:hid://den@proxy", "begins with no scheme"),
            ("http://me:hidden@", "has no host"),
            (long.as_str(), "at most 255 bytes"),
        ] {
            let named = proxies(&[("ALL_PROXY", value)]);
            let refused = named.proxy_for(&Url::parse("https://kv.example").unwrap());
            let refused = refused.map(|_| ()).unwrap_err().to_string();
            assert!(refused.starts_with("ALL_PROXY names no proxy"), "{refused}");
            assert!(refused.contains(expected), "{refused}");
            assert!(!refused.contains("hid"), "{refused}");
            assert_eq!(chosen(&named, "https://127.0.0.1"), None);
        }
    }
}
