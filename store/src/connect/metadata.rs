//! The metadata exchange: which version is spoken, where, and until when.

use serde_json::{Value, json};

use super::extension::wire;
use super::refusal::Refusal;
use crate::javascript::date::write_date;

/// Where the data path is, below the server's own address. It must not end with a slash.
pub(super) const DATA_PATH: &str = "/v2";
/// How long an answer may be used, in milliseconds. Deno asks again every minute whatever it says, and without end where
/// it is not more than ten seconds.
const VALID: i64 = 24 * 60 * 60 * 1000;

/// The field by which a client asks for the extension, and is told of it.
const EXTENSION: &str = "keyglass";

/// What an exchange answers with, but for the version that the client asks for.
pub(super) struct Metadata<'a> {
    pub(super) database_id: &'a str,
    pub(super) token: &'a str,
    /// The host and port that the client used, for version 1, which knows no relative addresses.
    pub(super) host: &'a str,
    /// Whether those who ask for the extension are told of it.
    pub(super) tells_extension: bool,
    /// In milliseconds since the Unix epoch, by the database's clock.
    pub(super) now: i64,
}

impl Metadata<'_> {
    /// The answer to a request's body, of which none is one of version 1.
    pub(super) fn answer(&self, body: &[u8]) -> Result<String, Refusal> {
        let version = version(body)?;
        let url = match version {
            1 => format!("http://{}{DATA_PATH}", self.host),
            _ => DATA_PATH.to_owned(),
        };
        let mut expires_at = String::new();
        #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
        write_date(self.now.saturating_add(VALID) as f64, &mut expires_at);
        let mut answer = json!({
            "version": version,
            "databaseId": self.database_id,
            "endpoints": [{ "url": url, "consistency": "strong" }],
            "token": self.token,
            "expiresAt": expires_at,
        });
        // `@deno/kv` refuses an answer with any further field.
        if self.tells_extension
            && asks_for_extension(body)
            && let Some(fields) = answer.as_object_mut()
        {
            let extension = json!({ "version": wire::VERSION, "url": wire::PATH });
            fields.insert(EXTENSION.to_owned(), extension);
        }
        Ok(answer.to_string())
    }
}

/// Whether the client says that it knows the extension.
fn asks_for_extension(body: &[u8]) -> bool {
    let request = serde_json::from_slice::<Value>(body);
    request.is_ok_and(|request| request.get(EXTENSION).is_some())
}

/// The newest version that both sides know.
fn version(body: &[u8]) -> Result<u64, Refusal> {
    if body.is_empty() {
        return Ok(1);
    }
    let request: Value =
        serde_json::from_slice(body).map_err(|error| Refusal::MetadataRequest(error.to_string()))?;
    let versions = request
        .get("supportedVersions")
        .and_then(Value::as_array)
        .ok_or_else(|| Refusal::MetadataRequest("it has no list of that name".to_owned()))?;
    let known = versions.iter().filter_map(Value::as_u64);
    known
        .filter(|version| (1..=3).contains(version))
        .max()
        .ok_or(Refusal::Negotiation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Result<Value, Refusal> {
        let metadata = Metadata {
            database_id: "id",
            token: "secret",
            host: "localhost:4512",
            tells_extension: true,
            now: 0,
        };
        metadata
            .answer(body.as_bytes())
            .map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn the_newest_version_that_both_know_is_spoken() {
        for (body, version, url) in [
            ("", 1, "http://localhost:4512/v2"),
            (r#"{"supportedVersions":[1]}"#, 1, "http://localhost:4512/v2"),
            (r#"{"supportedVersions":[1,2]}"#, 2, "/v2"),
            (r#"{"supportedVersions":[4,3,2,1000]}"#, 3, "/v2"),
        ] {
            let answer = answer(body).unwrap();
            assert_eq!(answer["version"], version, "{body}");
            assert_eq!(answer["endpoints"][0]["url"], url, "{body}");
            assert_eq!(answer["expiresAt"], "1970-01-02T00:00:00.000Z");
        }
    }

    #[test]
    fn the_extension_is_told_to_those_alone_who_ask_for_it() {
        let plain = answer(r#"{"supportedVersions":[3]}"#).unwrap();
        assert_eq!(plain.as_object().unwrap().len(), 5, "{plain}");
        let asked = answer(r#"{"supportedVersions":[3],"keyglass":[1]}"#).unwrap();
        assert_eq!(asked["keyglass"]["url"], wire::PATH);
    }

    #[test]
    fn a_request_that_names_no_known_version_is_refused() {
        for body in [
            r#"{"supportedVersions":[]}"#,
            r#"{"supportedVersions":[0,4,"3",-1]}"#,
        ] {
            assert_eq!(answer(body), Err(Refusal::Negotiation), "{body}");
        }
        for body in ["{", "[]", "null", r#"{"supportedVersions":3}"#] {
            assert!(matches!(answer(body), Err(Refusal::MetadataRequest(_))), "{body}");
        }
    }
}
