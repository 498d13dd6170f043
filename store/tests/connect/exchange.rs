//! The metadata exchange, versions, and who is not answered.

use serde_json::Value;

use crate::cases::{self, Case};
use crate::client::Client;
use crate::served::{Peer, Served, key, range, set};
use keyglass_store::connect::Token;
use prost::Message as _;

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[test]
fn the_exchange_tells_where_and_how_to_ask() {
    let served = Served::new();
    let mut client = Client::connect(served.server.address(), served.server.token().reveal());
    let answer = client.metadata(r#"{"supportedVersions":[1,2,3]}"#);
    assert_eq!(
        (answer.status, answer.headers["content-type"].as_str()),
        (200, "application/json")
    );
    let metadata = json(&answer.body);
    assert_eq!(metadata["version"], 3);
    assert_eq!(metadata["endpoints"][0]["url"], "/v2");
    assert_eq!(metadata["endpoints"][0]["consistency"], "strong");
    assert_eq!(metadata["token"], served.server.token().reveal());
    // A day after the moment at which the store's clock stands.
    assert_eq!(metadata["expiresAt"], "2027-01-16T08:00:00.000Z");
    let again = client.metadata(r#"{"supportedVersions":[3]}"#);
    assert_eq!(json(&again.body)["databaseId"], metadata["databaseId"]);
}

/// Versions as requests name them, in the headers that name the database, too.
pub(crate) fn versions() -> Vec<Case> {
    let mut cases = vec![Case::new("no versions at all are version 1", |peer| {
        let metadata = json(&peer.connect().metadata("").body);
        assert_eq!(metadata["version"], 1);
        assert_eq!(metadata["endpoints"][0]["url"], "http://localhost/v2");
    })];
    for (name, versions, newest) in [
        ("all versions", "[1,2,3]", 3),
        ("the later versions", "[2,3]", 3),
        ("version 3 alone", "[3]", 3),
        ("version 2 alone", "[2]", 2),
        ("version 1 alone", "[1]", 1),
        ("a version that is to come", "[3,4]", 3),
    ] {
        cases.push(Case::new(name, move |peer| {
            let body = format!(r#"{{"supportedVersions":{versions}}}"#);
            let metadata = json(&peer.connect().metadata(&body).body);
            assert_eq!(metadata["version"], newest, "{name}");
            assert_eq!(metadata["endpoints"][0]["consistency"], "strong");
            assert!(metadata["databaseId"].is_string() && metadata["token"].is_string());
        }));
    }
    let version = "Expected protocol version 2.";
    let database = "Invalid database id.";
    // `ID` stands for the database's id.
    let other = "x-denokv-database-id: 00000000-0000-0000-0000-000000000000";
    let rows: Vec<(&str, Vec<&str>, Option<&str>)> = vec![
        ("reading in version 1", vec!["x-transaction-domain-id: ID"], None),
        (
            "reading in version 2",
            vec!["x-denokv-version: 2", "x-denokv-database-id: ID"],
            None,
        ),
        (
            "reading in version 3",
            vec!["x-denokv-version: 3", "x-denokv-database-id: ID"],
            None,
        ),
        ("reading in no version", vec![], Some(version)),
        (
            "naming the database alone",
            vec!["x-denokv-database-id: ID"],
            Some(version),
        ),
        (
            "version 1 by the header of later ones",
            vec!["x-denokv-version: 1", "x-denokv-database-id: ID"],
            Some(version),
        ),
        (
            "reading in version 4",
            vec!["x-denokv-version: 4", "x-denokv-database-id: ID"],
            Some(version),
        ),
        (
            "a version that is no number",
            vec!["x-denokv-version: three"],
            Some(version),
        ),
        ("naming no database", vec!["x-denokv-version: 3"], Some(database)),
        (
            "naming another database",
            vec!["x-denokv-version: 3", other],
            Some(database),
        ),
        (
            "naming another database in version 1",
            vec!["x-transaction-domain-id: 00000000-0000-0000-0000-000000000000"],
            Some(database),
        ),
    ];
    let rows = rows
        .into_iter()
        .map(|(name, headers, expected)| Case::new(name, move |peer| ask_as(peer, &headers, expected)));
    cases.extend(rows);
    cases
}

/// Reads with headers, in which `ID` stands for the database's id.
fn ask_as(peer: &Peer, headers: &[&str], expected: Option<&str>) {
    let body = range(Vec::new(), vec![0xff], 10, false).encode_to_vec();
    let mut client = peer.connect();
    let metadata = json(&client.metadata(r#"{"supportedVersions":[1,2,3]}"#).body);
    let id = metadata["databaseId"].as_str().unwrap();
    let mut all = vec![
        "host: localhost".to_owned(),
        format!("authorization: Bearer {}", peer.token),
    ];
    all.extend(headers.iter().map(|header| header.replace("ID", id)));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let answer = client.request("POST", "/v2/snapshot_read", &all, &body);
    match expected {
        None => assert_eq!(answer.status, 200, "{headers:?}"),
        Some(text) => assert_eq!(
            (answer.status, answer.text().as_str()),
            (400, text),
            "{headers:?}"
        ),
    }
}

#[test]
fn each_version_is_spoken_as_it_names_itself() {
    cases::hold(&versions());
}

/// The token of those who are not answered.
pub(crate) const TOKEN: &str = "0123456789abcdef";

/// Who is answered and who is not; of a server with [`TOKEN`].
pub(crate) fn strangers() -> Vec<Case> {
    let bearer = "authorization: Bearer 0123456789abcdef";
    // The server's own address.
    let own = "host: OWN";
    let cases: Vec<(&str, &str, &str, Vec<&str>, u16)> = vec![
        ("as it should be", "POST", "/", vec![own, bearer], 200),
        (
            "by the name localhost",
            "POST",
            "/",
            vec!["host: localhost", bearer],
            200,
        ),
        ("without a token", "POST", "/", vec![own], 401),
        (
            "with another token",
            "POST",
            "/",
            vec![own, "authorization: Bearer 0123456789abcdeg"],
            401,
        ),
        (
            "with half of it",
            "POST",
            "/",
            vec![own, "authorization: Bearer 01234567"],
            401,
        ),
        (
            "with more than it",
            "POST",
            "/",
            vec![own, "authorization: Bearer 0123456789abcdef0"],
            401,
        ),
        (
            "by another scheme",
            "POST",
            "/",
            vec![own, "authorization: Basic 0123456789abcdef"],
            401,
        ),
        (
            "with the token alone",
            "POST",
            "/",
            vec![own, "authorization: 0123456789abcdef"],
            401,
        ),
        (
            "reading without a token",
            "POST",
            "/v2/snapshot_read",
            vec![own],
            401,
        ),
        (
            "writing without a token",
            "POST",
            "/v2/atomic_write",
            vec![own],
            401,
        ),
        ("watching without a token", "POST", "/v2/watch", vec![own], 401),
        (
            "from a page",
            "POST",
            "/",
            vec![own, bearer, "origin: http://evil.example"],
            403,
        ),
        (
            "from a page of this machine",
            "POST",
            "/",
            vec![own, bearer, "origin: http://localhost:3000"],
            403,
        ),
        ("from a file", "POST", "/", vec![own, bearer, "origin: null"], 403),
        (
            "a preflight",
            "OPTIONS",
            "/",
            vec![
                own,
                "origin: http://evil.example",
                "access-control-request-method: POST",
            ],
            403,
        ),
        (
            "a name bound to us",
            "POST",
            "/",
            vec!["host: evil.example", bearer],
            403,
        ),
        (
            "a name that begins like ours",
            "POST",
            "/",
            vec!["host: localhost.evil.example", bearer],
            403,
        ),
        (
            "another address",
            "POST",
            "/",
            vec!["host: 127.0.0.2", bearer],
            403,
        ),
        ("no host", "POST", "/", vec![bearer], 403),
        ("two hosts", "POST", "/", vec![own, own, bearer], 403),
        ("another path", "POST", "/v2", vec![own, bearer], 404),
        (
            "another method of the protocol",
            "POST",
            "/v2/delete",
            vec![own, bearer],
            404,
        ),
        (
            "a path upwards",
            "POST",
            "/v2/../etc/passwd",
            vec![own, bearer],
            404,
        ),
        ("an image", "GET", "/", vec![own], 405),
        (
            "reading by GET",
            "GET",
            "/v2/snapshot_read",
            vec![own, bearer],
            405,
        ),
        ("PUT", "PUT", "/v2/atomic_write", vec![own, bearer], 405),
    ];
    let cases = cases.into_iter().map(|(name, method, path, headers, status)| {
        Case::new(name, move |peer| {
            let address = peer.address.to_string();
            let headers: Vec<String> = headers.iter().map(|it| it.replace("OWN", &address)).collect();
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let answer = peer
                .connect()
                .request(method, path, &headers, br#"{"supportedVersions":[2,3]}"#);
            assert_eq!(answer.status, status, "{name}");
            assert!(
                !answer.headers.contains_key("access-control-allow-origin"),
                "{name}"
            );
            assert!(status == 200 || !answer.text().contains(TOKEN), "{name}");
        })
    });
    cases.collect()
}

#[test]
fn whoever_has_no_token_or_comes_from_a_page_is_not_answered() {
    let served = Served::with(|options| options.token(Token::new(TOKEN).unwrap()));
    for case in strangers() {
        (case.run)(&served.peer());
    }
}

#[test]
fn a_name_that_was_given_is_a_name_of_the_server() {
    let served = Served::with(|options| options.host("shop.local"));
    let bearer = format!("authorization: Bearer {}", served.server.token().reveal());
    let mut client = Client::connect(served.server.address(), "");
    for (host, status) in [("host: shop.local:80", 200), ("host: shop", 403)] {
        assert_eq!(client.request("POST", "/", &[host, &bearer], b"").status, status);
    }
}

/// Bodies that are no exchange of metadata.
pub(crate) fn no_exchanges() -> Vec<Case> {
    let mut cases = Vec::new();
    for body in [
        "{",
        "[1]",
        "3",
        r#"{"supportedVersions":"3"}"#,
        r#"{"supportedVersions":[4]}"#,
        "{}",
    ] {
        cases.push(Case::new(format!("an exchange of {body}"), move |peer| {
            assert_eq!(peer.connect().metadata(body).status, 400, "{body}");
        }));
    }
    cases.push(Case::new("an exchange that nests without end", |peer| {
        assert_eq!(peer.connect().metadata(&"[".repeat(60_000)).status, 400);
    }));
    cases
}

#[test]
fn a_metadata_request_that_is_none_is_refused() {
    cases::hold(&no_exchanges());
}

#[test]
fn a_key_that_is_no_key_is_stored_and_read_as_its_bytes() {
    let served = Served::new();
    let mut client = served.client();
    let mut write = set(r#"["a"]"#, "1");
    write.key = vec![0x99, 0, 0xff];
    client.commit(vec![write]);
    assert_eq!(client.get(&[0x99, 0, 0xff]).unwrap().key, [0x99, 0, 0xff]);
    assert!(client.get(&key(r#"["a"]"#)).is_none());
}
