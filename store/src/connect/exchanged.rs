//! The metadata exchange as a client sees it: what a server answers with.

use serde_json::Value;

use super::extension::wire;
use crate::javascript::date::parse_date;

/// What a client asks with that knows every version of the protocol, and the extension.
pub(crate) const REQUEST: &[u8] = br#"{"supportedVersions":[1,2,3],"keyglass":[1]}"#;
/// The same without the extension, for a server that takes no field that it does not know.
#[cfg(feature = "remote")]
pub(crate) const PLAIN_REQUEST: &[u8] = br#"{"supportedVersions":[1,2,3]}"#;

/// What a server answered.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Exchanged {
    /// Of the protocol: 1 to 3.
    pub(crate) version: u64,
    pub(crate) database_id: String,
    /// Where to ask, as it was written: the first endpoint that is strongly consistent. It may be relative to where the
    /// answer came from.
    pub(crate) endpoint: String,
    /// The secret for the endpoint.
    pub(crate) token: String,
    /// Until when all this may be used, in milliseconds since the Unix epoch.
    pub(crate) expires_at: i64,
    /// Where the extension is, in the version that is spoken here; otherwise why not.
    pub(crate) extension: Result<String, NoExtension>,
}

/// Why an answer is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotExchanged {
    /// What is wrong with it.
    #[error("{0}")]
    Malformed(String),
    #[error("version {0}")]
    Version(String),
    #[error("{0}")]
    Endpoint(&'static str),
}

/// Why the extension cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoExtension {
    #[error("it speaks KV Connect alone, to which nobody can attach")]
    Absent,
    #[error("it is another version of Keyglass, which speaks otherwise")]
    Other,
}

impl Exchanged {
    /// Reads an answer.
    pub(crate) fn parse(answer: &[u8]) -> Result<Self, NotExchanged> {
        let malformed = |reason: &str| NotExchanged::Malformed(reason.to_owned());
        let answer: Value = serde_json::from_slice(answer)
            .map_err(|error| NotExchanged::Malformed(format!("it is no JSON: {error}")))?;
        if !answer.is_object() {
            return Err(malformed("it is no object of JSON"));
        }
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let version = answer
            .get("version")
            .ok_or_else(|| malformed("it has no version"))?;
        let version = match version.as_u64() {
            Some(version @ 1..=3) => version,
            _ => return Err(NotExchanged::Version(short(version))),
        };
        let database_id = text("databaseId").filter(|id| is_of_header(id));
        let database_id = database_id.ok_or_else(|| malformed("it has no databaseId"))?;
        let token = text("token").filter(|token| is_of_header(token));
        let token = token.ok_or_else(|| malformed("it has no token"))?;
        let expires_at = text("expiresAt").and_then(parse_date);
        let expires_at = expires_at.ok_or_else(|| malformed("it has no date of RFC 3339 as expiresAt"))?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a date is below 2^53 milliseconds"
        )]
        let expires_at = expires_at as i64;
        Ok(Self {
            version,
            database_id: database_id.to_owned(),
            endpoint: endpoint(&answer)?,
            token: token.to_owned(),
            expires_at,
            extension: extension(&answer),
        })
    }
}

fn endpoint(answer: &Value) -> Result<String, NotExchanged> {
    let endpoints = answer.get("endpoints").and_then(Value::as_array);
    let endpoints = endpoints.ok_or_else(|| NotExchanged::Malformed("it has no endpoints".to_owned()))?;
    let strong = endpoints.iter().find(|endpoint| {
        let consistency = endpoint.get("consistency").and_then(Value::as_str);
        consistency == Some("strong")
    });
    let strong = strong.ok_or(NotExchanged::Endpoint("none that is strongly consistent"))?;
    let url = strong.get("url").and_then(Value::as_str);
    match url.ok_or(NotExchanged::Endpoint("one without an address"))? {
        url if url.ends_with('/') => Err(NotExchanged::Endpoint("one whose address ends in a slash")),
        url => Ok(url.to_owned()),
    }
}

fn extension(answer: &Value) -> Result<String, NoExtension> {
    let extension = answer.get("keyglass").ok_or(NoExtension::Absent)?;
    let version = extension.get("version").and_then(Value::as_u64);
    match (version, extension.get("url").and_then(Value::as_str)) {
        (Some(wire::VERSION), Some(path)) if path.starts_with('/') && !path.starts_with("//") => {
            Ok(path.to_owned())
        }
        _ => Err(NoExtension::Other),
    }
}

/// Whether a text can stand in a header.
fn is_of_header(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A value of JSON as a sentence has room for it.
fn short(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}

/// Without its secret.
impl std::fmt::Debug for Exchanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchanged")
            .field("version", &self.version)
            .field("database_id", &self.database_id)
            .field("endpoint", &self.endpoint)
            .field("expires_at", &self.expires_at)
            .field("extension", &self.extension)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(fields: &str) -> Result<Exchanged, NotExchanged> {
        let base = r#""version":3,"databaseId":"1","token":"secret","expiresAt":"2026-11-24T00:07:22.05Z","endpoints":[{"url":"/weak","consistency":"eventual"},{"url":"/v2","consistency":"strong"}]"#;
        let mut whole: serde_json::Map<String, Value> = serde_json::from_str(&format!("{{{base}}}")).unwrap();
        let changed: serde_json::Map<String, Value> = serde_json::from_str(fields).unwrap();
        for (name, value) in changed {
            match value {
                Value::Null => whole.remove(&name),
                value => whole.insert(name, value),
            };
        }
        Exchanged::parse(Value::Object(whole).to_string().as_bytes())
    }

    #[test]
    fn an_answer_tells_where_to_ask_by_what_and_until_when() {
        let exchanged = answer("{}").unwrap();
        assert_eq!(exchanged.endpoint, "/v2");
        assert_eq!((exchanged.version, exchanged.database_id.as_str()), (3, "1"));
        assert_eq!(exchanged.expires_at, 1_795_478_842_050);
        assert_eq!(exchanged.extension, Err(NoExtension::Absent));
        assert!(!format!("{exchanged:?}").contains("secret"));
    }

    #[test]
    fn the_extension_is_used_only_in_this_version() {
        let extension = |text: &str| answer(&format!(r#"{{"keyglass":{text}}}"#)).unwrap().extension;
        assert_eq!(extension(r#"{"version":1,"url":"/k"}"#), Ok("/k".to_owned()));
        for other in [
            r#"{"version":2,"url":"/k"}"#,
            r#"{"version":1,"url":"http://elsewhere"}"#,
            r#"{"version":1,"url":"//elsewhere"}"#,
            r#"{"version":1}"#,
            "true",
        ] {
            assert_eq!(extension(other), Err(NoExtension::Other), "{other}");
        }
    }

    #[test]
    fn what_is_no_answer_is_told_why() {
        for text in ["", "<html>", "[]", "null", "3"] {
            assert!(
                matches!(Exchanged::parse(text.as_bytes()), Err(NotExchanged::Malformed(_))),
                "{text}"
            );
        }
        for (fields, expected) in [
            (r#"{"version":null}"#, "it has no version"),
            (r#"{"version":1000}"#, "version 1000"),
            (r#"{"version":"3"}"#, "version \"3\""),
            (r#"{"databaseId":null}"#, "it has no databaseId"),
            (r#"{"databaseId":"a\nb"}"#, "it has no databaseId"),
            (r#"{"token":""}"#, "it has no token"),
            (
                r#"{"expiresAt":"soon"}"#,
                "it has no date of RFC 3339 as expiresAt",
            ),
            (r#"{"endpoints":{}}"#, "it has no endpoints"),
            (r#"{"endpoints":[]}"#, "none that is strongly consistent"),
            (
                r#"{"endpoints":[{"url":"/v2/","consistency":"strong"}]}"#,
                "one whose address ends in a slash",
            ),
            (
                r#"{"endpoints":[{"consistency":"strong"}]}"#,
                "one without an address",
            ),
        ] {
            assert_eq!(answer(fields).unwrap_err().to_string(), expected, "{fields}");
        }
    }
}
