//! Databases on servers that speak KV Connect alone, which does not tell when entries expire.

use std::fs;
use std::sync::Arc;

use keyglass_store::connect::{ServeOptions, Server, Token};
use keyglass_store::embedded::Store;
use keyglass_store::{AtomicOperation, Database, Key, StoredValue};

use crate::desk::{A, B, Desk, text};
use crate::server::{SECRET, write_token};

/// A database that is served by the protocol alone.
struct Plain {
    desk: Desk,
    store: Arc<Store>,
    server: Server,
}

fn expiring(store: &Store, key: &str) {
    let key = key.parse::<Key>().unwrap().encode().unwrap();
    let value = StoredValue::from_value(&keyglass_store::value::literal::parse("1n").unwrap()).unwrap();
    let soon = store.clock().now() + 3_600_000;
    let operation = AtomicOperation::new().set_expiring(key, value, Some(soon));
    store.commit(operation).unwrap();
}

impl Plain {
    fn new() -> Self {
        let desk = Desk::new();
        write_token(&desk.path("t"), SECRET);
        let store = Arc::new(Store::create(desk.path("served.kg")).unwrap());
        expiring(&store, A);
        let options = ServeOptions::new()
            .listen("127.0.0.1:0".parse().unwrap())
            .token(Token::new(SECRET).unwrap())
            .protocol_alone(true);
        let server = options.serve(Arc::clone(&store) as Arc<dyn Database>).unwrap();
        Self { desk, store, server }
    }

    fn with_url<'a>(&self, url: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
        let words = arguments
            .iter()
            .map(|word| if *word == "URL" { url } else { *word });
        words.chain(["--token-file", "t"]).collect()
    }

    fn stdout(&self, arguments: &[&str]) -> String {
        self.desk.stdout(&self.with_url(&self.server.url(), arguments))
    }

    fn refused(&self, arguments: &[&str]) {
        let told = self.desk.failure(&self.with_url(&self.server.url(), arguments));
        assert!(
            told.starts_with(
                "Nothing was stored, because the server does not tell whether what would be replaced expires; set an expiry with --expire-in, or let it stay with --no-expiry"
            ),
            "{told}"
        );
        assert!(self.expires(A), "{arguments:?}");
    }

    /// Whether an entry that is there expires.
    fn expires(&self, key: &str) -> bool {
        let key = key.parse::<Key>().unwrap().encode().unwrap();
        self.store.get(&key).unwrap().unwrap().expires_at.is_some()
    }
}

#[test]
fn set_ends_no_expiry_that_nobody_sees_unless_it_is_told_to() {
    let plain = Plain::new();
    plain.refused(&["set", "URL", A, "2n", "--write"]);
    plain.stdout(&["set", "URL", B, "2n", "--write"]);
    plain.stdout(&["set", "URL", A, "2n", "--write", "--expire-in", "2 days"]);
    assert!(plain.expires(A) && !plain.expires(B));
    assert_eq!(plain.stdout(&["get", "URL", A]), "2n\n");
    plain.stdout(&["set", "URL", A, "3n", "--write", "--no-expiry"]);
    assert!(!plain.expires(A));
}

#[test]
fn an_import_that_overwrites_ends_no_expiry_that_nobody_sees_unless_it_is_told_to() {
    let plain = Plain::new();
    let export = plain.stdout(&["export", "URL"]);
    fs::write(plain.desk.path("all.ndjson"), &export).unwrap();
    plain.stdout(&["import", "URL", "all.ndjson", "--write"]);
    let overwriting = ["import", "URL", "all.ndjson", "--write", "--overwrite"];
    plain.refused(&overwriting);
    plain.stdout(&["import", "URL", "all.ndjson", "--overwrite", "--dry-run"]);
    plain.stdout(&[&overwriting[..], &["--expire-in", "2 days"]].concat());
    assert!(plain.expires(A));
    plain.stdout(&[&overwriting[..], &["--no-expiry"]].concat());
    assert!(!plain.expires(A));
}

#[test]
fn a_draft_that_is_committed_ends_no_expiry_that_nobody_sees_unless_it_is_told_to() {
    let plain = Plain::new();
    let set = r#"{"operation":"set","key":[{"type":"string","value":"a"}],"value":{"type":"number","value":7},"keepExpiry":true}"#;
    let new =
        r#"{"operation":"set","key":[{"type":"string","value":"new"}],"value":{"type":"number","value":7}}"#;
    fs::write(plain.desk.path("draft.ndjson"), format!("{set}\n{new}\n")).unwrap();
    fs::write(plain.desk.path("new.ndjson"), format!("{new}\n")).unwrap();
    assert_eq!(A, r#"["a"]"#);
    let commit = ["commit", "URL", "draft.ndjson", "--write"];
    plain.refused(&commit);
    let mut rehearsal = plain.desk.command(&plain.with_url(
        &plain.server.url(),
        &["commit", "URL", "draft.ndjson", "--dry-run"],
    ));
    let rehearsed = rehearsal.output().unwrap();
    assert!(rehearsed.status.success());
    let said = text(&rehearsed.stderr);
    assert!(
        said.starts_with("The server does not tell whether 1 entry that is replaced expires"),
        "{said}"
    );
    plain.stdout(&["commit", "URL", "new.ndjson", "--write"]);
    plain.stdout(&[&commit[..], &["--expire-in", "2 days"]].concat());
    assert!(plain.expires(A));
    // What stands there by now got it, too.
    assert!(plain.expires(r#"["new"]"#));
    plain.stdout(&[&commit[..], &["--no-expiry"]].concat());
    assert!(!plain.expires(A));
}

#[test]
fn what_both_sides_can_tell_is_compared_and_the_rest_is_said_to_be_unknown() {
    let plain = Plain::new();
    plain.stdout(&["set", "URL", B, "2n", "--write"]);
    let copied = plain.stdout(&["copy", "URL", "home.kg", "--verify"]);
    assert!(
        copied.starts_with("Copied 2 entries\nVerified: 2 entries, ")
            && copied.ends_with("; expiry unknown on one side\n"),
        "{copied}"
    );
    let same = "The same: 2 entries; expiry unknown on one side\n";
    assert_eq!(plain.stdout(&["diff", "URL", "home.kg"]), same);
    let both = plain.stdout(&["diff", "URL", "URL"]);
    assert_eq!(both, "The same: 2 entries; expiry unknown on both sides\n");
    // One that expires here is the same there.
    let desk = &plain.desk;
    desk.stdout(&["set", "home.kg", A, "1n", "--expire-in", "2 days"]);
    assert_eq!(plain.stdout(&["diff", "URL", "home.kg"]), same);
    let again = plain.stdout(&["copy", "URL", "home.kg", "--mirror", "--verify"]);
    assert!(
        again.contains("2 entries there already") && again.contains("; expiry unknown on one side"),
        "{again}"
    );
    assert!(desk.stdout(&["export", "home.kg"]).contains("expireAt"));
    let json = plain.stdout(&["diff", "URL", "home.kg", "--json"]);
    assert!(json.contains("\"expiryCompared\":false"), "{json}");
    plain.stdout(&["backup", "URL", "backup.kg"]);
    assert_eq!(plain.stdout(&["diff", "URL", "backup.kg"]), same);
    desk.stdout(&["set", "home.kg", A, "5n"]);
    let differ = desk.run(&plain.with_url(&plain.server.url(), &["diff", "URL", "home.kg"]));
    assert_eq!(differ.status.code(), Some(1));
    assert!(
        text(&differ.stdout).starts_with(
            "0 added, 0 removed, 1 changed (1 in value), 1 the same; expiry unknown on one side"
        ),
        "{}",
        text(&differ.stdout)
    );
}
