//! Proxies, as the usual variables name them.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::url::{Url, UrlError};

/// Which servers are asked through which proxy: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`, in small letters, too, but
/// not the servers of `NO_PROXY`. Those of this machine never are.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    plain: Option<Result<Proxy, String>>,
    secure: Option<Result<Proxy, String>>,
    exempt: Vec<Exempt>,
}

/// A proxy.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(super) url: Url,
    /// What it wants to hear of who asks.
    pub(super) authorization: Option<String>,
}

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
            let small = variable(&name.to_ascii_lowercase());
            small
                .or_else(|| variable(name))
                .filter(|value| !value.trim().is_empty())
        };
        let all = either("ALL_PROXY");
        // In a program that answers web requests a guest can set it by a header.
        let of_guest = variable("REQUEST_METHOD").is_some();
        let plain = match of_guest {
            true => variable("http_proxy").filter(|value| !value.trim().is_empty()),
            false => either("HTTP_PROXY"),
        };
        let parse = |name: &str, value: Option<String>| {
            let value = value.or_else(|| all.clone())?;
            Some(
                Proxy::parse(&value)
                    .map_err(|error| format!("{name} names no proxy that can be used: {error}")),
            )
        };
        let exempt = either("NO_PROXY").unwrap_or_default();
        Self {
            plain: parse("HTTP_PROXY", plain),
            secure: parse("HTTPS_PROXY", either("HTTPS_PROXY")),
            exempt: exempt.split([',', ' ']).filter_map(Exempt::parse).collect(),
        }
    }

    /// The proxy through which a server is asked.
    pub(super) fn proxy_for(&self, url: &Url) -> Result<Option<&Proxy>, String> {
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
    fn parse(value: &str) -> Result<Self, String> {
        let value = value.trim();
        let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(format!(
                "only proxies that are reached by http:// are, and it begins with {scheme}://"
            ));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or_default();
        let (who, host) = match authority.rsplit_once('@') {
            Some((who, host)) => (Some(who), host),
            None => (None, authority),
        };
        let url = Url::parse(&format!("http://{host}")).map_err(|error: UrlError| error.to_string())?;
        Ok(Self {
            url,
            authorization: who.map(|who| {
                let who: Vec<u8> = unescaped(who);
                format!("Basic {}", STANDARD.encode(who))
            }),
        })
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
impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
        proxy.map(|proxy| proxy.url.to_string())
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
        assert_eq!(proxy.url.to_string(), "http://proxy:8080");
        let expected = format!("Basic {}", STANDARD.encode("me:pass@word"));
        assert_eq!(proxy.authorization, Some(expected));
        let named = proxies(&[("ALL_PROXY", "http://me:hidden@proxy")]);
        assert!(!format!("{named:?}").contains("hidden"));
    }

    #[test]
    fn a_proxy_of_another_kind_is_told_and_not_passed_by() {
        let named = proxies(&[("ALL_PROXY", "socks5://proxy:1080")]);
        let refused = named.proxy_for(&Url::parse("https://kv.example").unwrap());
        let refused = refused.map(|_| ()).unwrap_err();
        assert!(refused.contains("socks5"), "{refused}");
        assert_eq!(chosen(&named, "https://127.0.0.1"), None);
    }
}
