//! The metadata exchange, versions, and who is not answered.

use serde_json::Value;

use crate::client::Client;
use crate::served::{Served, key, range, set};
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

#[test]
fn each_version_is_spoken_as_it_names_itself() {
    let served = Served::new();
    served.client().commit(vec![set(r#"["a"]"#, "1")]);
    let token = served.server.token().reveal().to_owned();
    let body = range(Vec::new(), vec![0xff], 10, false).encode_to_vec();
    let mut client = Client::connect(served.server.address(), &token);
    let metadata = json(&client.metadata("").body);
    assert_eq!(metadata["version"], 1);
    assert_eq!(metadata["endpoints"][0]["url"], "http://localhost/v2");
    let id = metadata["databaseId"].as_str().unwrap().to_owned();
    let wrong = "00000000-0000-0000-0000-000000000000";
    let version = "Expected protocol version 2.";
    let database = "Invalid database id.";
    for (headers, expected) in [
        (vec![format!("x-transaction-domain-id: {id}")], None),
        (
            vec![
                "x-denokv-version: 2".to_owned(),
                format!("x-denokv-database-id: {id}"),
            ],
            None,
        ),
        (
            vec![
                "x-denokv-version: 3".to_owned(),
                format!("x-denokv-database-id: {id}"),
            ],
            None,
        ),
        (vec![], Some(version)),
        (vec![format!("x-denokv-database-id: {id}")], Some(version)),
        (
            vec![
                "x-denokv-version: 1".to_owned(),
                format!("x-denokv-database-id: {id}"),
            ],
            Some(version),
        ),
        (
            vec![
                "x-denokv-version: 4".to_owned(),
                format!("x-denokv-database-id: {id}"),
            ],
            Some(version),
        ),
        (vec!["x-denokv-version: three".to_owned()], Some(version)),
        (vec!["x-denokv-version: 3".to_owned()], Some(database)),
        (
            vec![
                "x-denokv-version: 3".to_owned(),
                format!("x-denokv-database-id: {wrong}"),
            ],
            Some(database),
        ),
        (vec![format!("x-transaction-domain-id: {wrong}")], Some(database)),
    ] {
        let mut all = vec![
            "host: localhost".to_owned(),
            format!("authorization: Bearer {token}"),
        ];
        all.extend(headers.clone());
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
}

#[test]
fn whoever_has_no_token_or_comes_from_a_page_is_not_answered() {
    let served = Served::with(|options| options.token(Token::new("0123456789abcdef").unwrap()));
    let port = served.server.address().port();
    let bearer = "authorization: Bearer 0123456789abcdef";
    let own = format!("host: 127.0.0.1:{port}");
    let own = own.as_str();
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
        ("HEAD", "HEAD", "/", vec![own, bearer], 405),
        ("PUT", "PUT", "/v2/atomic_write", vec![own, bearer], 405),
    ];
    for (name, method, path, headers, status) in cases {
        let mut client = Client::connect(served.server.address(), "");
        client.send(method, path, &headers, b"");
        if method == "HEAD" {
            // Its answer has the headers of a body and no body.
            continue;
        }
        let answer = client.answer();
        assert_eq!(answer.status, status, "{name}");
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{name}"
        );
        assert!(
            status == 200 || !answer.text().contains("0123456789abcdef"),
            "{name}"
        );
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

#[test]
fn a_metadata_request_that_is_none_is_refused() {
    let served = Served::new();
    let mut client = Client::connect(served.server.address(), served.server.token().reveal());
    for body in [
        "{",
        "[1]",
        "3",
        r#"{"supportedVersions":"3"}"#,
        r#"{"supportedVersions":[4]}"#,
        "{}",
    ] {
        assert_eq!(client.metadata(body).status, 400, "{body}");
    }
    assert_eq!(client.metadata(&"[".repeat(60_000)).status, 400);
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
