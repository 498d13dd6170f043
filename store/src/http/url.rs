//! Addresses of servers.

use std::fmt;

use hyper::Uri;

/// An address of a server, by `http` or `https`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Url {
    is_secure: bool,
    /// A name or an address; one of IPv6 in brackets.
    host: String,
    port: Option<u16>,
    /// The path, which begins with a slash, and what follows it.
    target: String,
}

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    #[error("it begins with neither http:// nor https://")]
    Scheme,
    #[error("it holds a name or a password, which would be seen wherever the address is")]
    Secret,
    #[error("it has no host")]
    Host,
    #[error("it has characters that no address has")]
    Form,
}

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(UrlError::Scheme),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(UrlError::Secret);
        }
        let parsed: Uri = format!("http://{rest}")
            .parse()
            .map_err(|_other| match authority {
                "" => UrlError::Host,
                _ => UrlError::Form,
            })?;
        let authority = parsed.authority().ok_or(UrlError::Host)?;
        let given_port = authority.as_str().len() > authority.host().len();
        if authority.host().is_empty() || given_port && authority.port_u16().is_none() {
            return Err(UrlError::Host);
        }
        let target = parsed.path_and_query().map_or("/", |target| target.as_str());
        Ok(Self {
            is_secure,
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16(),
            target: match target.starts_with('/') {
                true => target.to_owned(),
                false => format!("/{target}"),
            },
        })
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        let bare = self
            .host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        bare.unwrap_or(&self.host)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(if self.is_secure { 443 } else { 80 })
    }

    /// The port, where the address names one.
    #[cfg(feature = "remote")]
    pub(super) fn given_port(&self) -> Option<u16> {
        self.port
    }

    /// Host and port as a proxy is told them.
    pub(crate) fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port())
    }

    /// Host and port as they stand in the address.
    pub(crate) fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Whether it is on this machine.
    pub(crate) fn is_of_this_machine(&self) -> bool {
        let is_loopback = |address: std::net::IpAddr| address.to_canonical().is_loopback();
        self.host() == "localhost"
            || self.host.ends_with(".localhost")
            || self.host().parse().is_ok_and(is_loopback)
    }

    /// Whether both are the same server.
    pub(crate) fn has_origin_of(&self, other: &Self) -> bool {
        self.is_secure == other.is_secure && self.host == other.host && self.port() == other.port()
    }

    /// What a reference on a page of this address names (RFC 3986, 5.2).
    pub(crate) fn join(&self, reference: &str) -> Result<Self, UrlError> {
        let scheme = if self.is_secure { "https" } else { "http" };
        let reference = reference.trim();
        if reference.contains("://") && !reference.starts_with(['/', '?', '.']) {
            return Self::parse(reference);
        }
        if let Some(rest) = reference.strip_prefix("//") {
            return Self::parse(&format!("{scheme}://{rest}"));
        }
        let path = self.target.split('?').next().unwrap_or_default();
        let whole = match reference.chars().next() {
            None => self.target.clone(),
            Some('/') => reference.to_owned(),
            Some('?') => format!("{path}{reference}"),
            Some(_) => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("{folder}/{reference}")
            }
        };
        Self::parse(&format!(
            "{scheme}://{}{}",
            self.authority(),
            without_dots(&whole)
        ))
    }

    /// The address of something below this one.
    pub(crate) fn below(&self, name: &str) -> Self {
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, format!("?{query}")),
            None => (self.target.as_str(), String::new()),
        };
        Self {
            target: format!("{}/{name}{query}", path.trim_end_matches('/')),
            ..self.clone()
        }
    }
}

/// A path without the parts `.` and `..`.
fn without_dots(target: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut parts: Vec<&str> = Vec::new();
    let ends_in_folder = path.ends_with("/.") || path.ends_with("/..");
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if ends_in_folder {
        parts.push("");
    }
    let path = parts.join("/");
    match query {
        Some(query) => format!("/{path}?{query}"),
        None => format!("/{path}"),
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        let target = if self.target == "/" { "" } else { &self.target };
        write!(f, "{scheme}://{}{target}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_its_parts_and_written_as_it_was() {
        for (text, host, port, target) in [
            ("http://127.0.0.1:4512", "127.0.0.1", 4512, "/"),
            (
                "https://api.deno.com/v2/databases/1/connect",
                "api.deno.com",
                443,
                "/v2/databases/1/connect",
            ),
            ("http://[::1]:80/a?b=c", "::1", 80, "/a?b=c"),
            ("https://kv.example?x", "kv.example", 443, "/?x"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!(
                (url.host(), url.port(), url.target()),
                (host, port, target),
                "{text}"
            );
        }
        let written = |text: &str| Url::parse(text).unwrap().to_string();
        assert_eq!(written(" HTTPS://KV.example/A#b "), "https://kv.example/A");
        assert_eq!(written("http://localhost:4512/"), "http://localhost:4512");
    }

    #[test]
    fn what_is_no_address_is_told_why() {
        for (text, error) in [
            ("kv.example", UrlError::Scheme),
            ("ftp://kv.example", UrlError::Scheme),
            ("https://", UrlError::Host),
            ("https://:80", UrlError::Host),
            ("https://kv.example:", UrlError::Host),
            ("https://me:secret@kv.example", UrlError::Secret),
            ("https://kv example", UrlError::Form),
            ("https://kv.example/a b", UrlError::Form),
            ("https://kv.example:99999", UrlError::Form),
        ] {
            let refused = Url::parse(text).unwrap_err();
            let is_of_port = text.ends_with("99999") && refused == UrlError::Host;
            assert!(refused == error || is_of_port, "{text}: {refused}");
        }
    }

    #[test]
    fn a_reference_is_resolved_against_its_page() {
        let page = Url::parse("https://kv.example:8080/databases/1/connect?q").unwrap();
        for (reference, expected) in [
            ("/v2", "https://kv.example:8080/v2"),
            ("v2", "https://kv.example:8080/databases/1/v2"),
            ("./v2", "https://kv.example:8080/databases/1/v2"),
            ("../v2?x", "https://kv.example:8080/databases/v2?x"),
            ("../../../..", "https://kv.example:8080"),
            ("//other.example/a", "https://other.example/a"),
            ("http://other.example/a", "http://other.example/a"),
            ("?r", "https://kv.example:8080/databases/1/connect?r"),
            ("", "https://kv.example:8080/databases/1/connect?q"),
        ] {
            assert_eq!(page.join(reference).unwrap().to_string(), expected, "{reference}");
        }
        assert!(page.join("ftp://other.example").is_err());
        assert_eq!(
            page.join("/v2").unwrap().below("watch").to_string(),
            "https://kv.example:8080/v2/watch"
        );
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (text, expected) in [
            ("http://localhost:1", true),
            ("http://127.9.0.1", true),
            ("http://[::1]", true),
            ("http://kv.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(Url::parse(text).unwrap().is_of_this_machine(), expected, "{text}");
        }
    }
}
