//! Real Deno, and Node with `@deno/kv`, on a database that `keyglass serve` serves.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use keyglass_store::embedded::Store;
use keyglass_store::{Database as _, Key};

use crate::data::{Desk, test_data};
use crate::deno;
use crate::program::{Running, keyglass, stdout_of};

const SOON: Duration = Duration::from_secs(60);

/// `keyglass serve` on a new folder, the address, and the file with the token.
pub(crate) fn serve(desk: &Desk, more: &[&str]) -> (Running, String, PathBuf) {
    let file = desk.path("token");
    let serving = Running::start(
        keyglass(desk)
            .arg("serve")
            .arg(desk.path("served.kg"))
            .args(["--listen", "127.0.0.1:0", "--token-file"])
            .arg(&file)
            .args(more),
    );
    let line = serving.line_with("Serving ", SOON);
    let url = line
        .split(" at ")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .to_owned();
    serving.line_with("const kv = await openKv", SOON);
    (serving, url, file)
}

pub(crate) fn token(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap().trim().to_owned()
}

/// How many things a script has looked at, of which none was wrong.
fn count(text: &str) -> u64 {
    let json: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    json["ok"].as_u64().unwrap()
}

/// Node, on a script of `tests/data`.
pub(crate) fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(test_data(script));
    command
}

#[test]
fn deno_uses_a_served_database_as_its_own() {
    let desk = Desk::new();
    let (serving, url, file) = serve(&desk, &[]);
    let looked = stdout_of(
        deno::deno(&desk, "serve-deno.ts")
            .env("DENO_KV_ACCESS_TOKEN", token(&file))
            .arg(&url),
    );
    assert!(count(&looked) > 70, "{looked}");
    serving.end();
    let store = Store::open(desk.path("served.kg")).unwrap();
    let key: Key = r#"["hundred"]"#.parse().unwrap();
    assert!(store.get(&key.encode().unwrap()).unwrap().is_some());
}

#[test]
fn node_uses_a_served_database_as_its_own_and_enqueues_for_a_listener_here() {
    let desk = Desk::new();
    let (serving, url, file) = serve(&desk, &[]);
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.peers");
    let looked = stdout_of(
        node("serve-node.mjs")
            .env("DENO_KV_ACCESS_TOKEN", token(&file))
            .arg(&url)
            .arg(modules),
    );
    assert!(count(&looked) > 60, "{looked}");
    serving.end();
    let store = Store::open(desk.path("served.kg")).unwrap();
    let delivery = store.listen().receive(SOON).unwrap().unwrap();
    let value = delivery.value().unwrap();
    assert_eq!(
        keyglass_store::value::literal::print(&value, 80),
        r#"{from: "node"}"#
    );
    delivery.finish().unwrap();
}

#[test]
fn deno_is_told_that_it_may_not_write_and_that_its_token_is_wrong() {
    let desk = Desk::new();
    let (serving, url, file) = serve(&desk, &["--read-only"]);
    let failed = deno::deno(&desk, "serve-deno.ts")
        .env("DENO_KV_ACCESS_TOKEN", token(&file))
        .arg(&url)
        .output()
        .unwrap();
    let said = crate::program::error_text(&failed);
    assert!(said.contains("This database is read only."), "{said}");
    let wrong = deno::deno(&desk, "serve-deno.ts")
        .env("DENO_KV_ACCESS_TOKEN", "0123456789abcdef")
        .arg(&url)
        .output()
        .unwrap();
    let said = crate::program::error_text(&wrong);
    assert!(said.contains("401 Unauthorized: Invalid access token."), "{said}");
    serving.end();
}
