//! Locations that are URLs: a database on a server, wherever a command takes one.

use std::fs;
use std::path::Path;
use std::process::Child;

use crate::desk::{A, ADA, B, Desk, text};
use crate::serving::{end, serve};

pub const SECRET: &str = "a-secret-that-is-never-told";

/// A database that is served, and where.
struct Served {
    desk: Desk,
    serving: Option<Child>,
    url: String,
}

impl Served {
    fn new() -> Self {
        let desk = Desk::new();
        write_token(&desk.path("t"), SECRET);
        desk.stdout(&["set", "shop.kg", A, "1n"]);
        desk.stdout(&["set", "shop.kg", ADA, "{name: 'Ada'}", "--expire-in", "2 days"]);
        let (serving, printed) = serve(&desk, &["shop.kg", "--token-file", "t"]);
        let address = printed.split("http://").nth(1).unwrap();
        let address = address.split(['\n', ',', '"']).next().unwrap();
        Self {
            url: format!("http://{address}"),
            serving: Some(serving),
            desk,
        }
    }

    /// A command on the URL, with the token.
    fn stdout(&self, arguments: &[&str]) -> String {
        self.desk.stdout(&self.with_url(arguments, "t"))
    }

    fn failure(&self, arguments: &[&str], file: &str) -> String {
        self.desk.failure(&self.with_url(arguments, file))
    }

    fn with_url<'a>(&'a self, arguments: &[&'a str], file: &'a str) -> Vec<&'a str> {
        let words = arguments.iter().map(|word| match *word {
            "URL" => self.url.as_str(),
            word => word,
        });
        words.chain(["--token-file", file]).collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.take().into_iter().for_each(end);
    }
}

pub fn write_token(path: &Path, token: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, token).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn every_command_that_reads_takes_a_url() {
    let served = Served::new();
    for command in [
        &["ls", "URL"][..],
        &["get", "URL", ADA],
        &["export", "URL"],
        &["info", "URL"],
    ] {
        let of_url = served.stdout(command);
        let of_folder: Vec<&str> = command
            .iter()
            .map(|word| if *word == "URL" { "shop.kg" } else { *word })
            .collect();
        match command[0] {
            // What the database is differs, and how it is reached.
            "info" => assert!(
                of_url.contains("KV Connect server") && of_url.contains("2"),
                "{of_url}"
            ),
            _ => assert_eq!(of_url, served.desk.stdout(&of_folder), "{command:?}"),
        }
    }
    assert_eq!(
        served.stdout(&["diff", "URL", "shop.kg"]),
        "The same: 2 entries\n"
    );
    let copied = served.stdout(&["copy", "URL", "home.kg", "--verify"]);
    assert!(copied.starts_with("Copied 2 entries"), "{copied}");
    assert_eq!(served.desk.stdout(&["get", "home.kg", A]), "1n\n");
}

#[test]
fn a_database_on_a_server_is_backed_up_and_restored() {
    let served = Served::new();
    let told = served.stdout(&["backup", "URL", "home.kg"]);
    assert!(told.starts_with("Backed up 2 entries, as of "), "{told}");
    assert_eq!(
        served.stdout(&["diff", "URL", "home.kg"]),
        "The same: 2 entries\n"
    );
    served.stdout(&["set", "URL", A, "2n", "--write"]);
    let refused = served.failure(&["restore", "home.kg", "URL", "--yes"], "t");
    assert!(refused.contains("only with --write"), "{refused}");
    let restored = served.stdout(&["restore", "home.kg", "URL", "--yes", "--write"]);
    assert!(
        restored.contains("0 new, 1 replaced, 0 deleted, 1 the same"),
        "{restored}"
    );
    assert_eq!(served.stdout(&["get", "URL", A]), "1n\n");
}

#[test]
fn a_server_is_written_to_only_with_write() {
    let served = Served::new();
    let refused = served.failure(&["set", "URL", B, "2"], "t");
    assert!(
        refused.starts_with(
            "This database is on a server, which is written to only with --write; nothing was stored: http://127.0.0.1:"
        ),
        "{refused}"
    );
    served.stdout(&["set", "URL", B, "2", "--write"]);
    assert_eq!(served.desk.stdout(&["get", "shop.kg", B]), "2\n");
    served.stdout(&["delete", "URL", B, "--write"]);
    assert_eq!(served.stdout(&["ls", "URL", "--keys"]).lines().count(), 2);
    let export = served.stdout(&["export", "URL"]);
    fs::write(served.desk.path("all.ndjson"), &export).unwrap();
    served.stdout(&["delete", "URL", "--prefix", "[]", "--yes", "--write"]);
    assert_eq!(served.stdout(&["ls", "URL"]), "");
    served.stdout(&["import", "URL", "all.ndjson", "--write"]);
    assert_eq!(
        served.stdout(&["diff", "URL", "all.ndjson"]),
        "The same: 2 entries\n"
    );
}

#[test]
fn the_environment_gives_the_token_where_no_file_does() {
    let served = Served::new();
    let mut get = served.desk.command(&["get", &served.url, A]);
    let output = get.env("DENO_KV_ACCESS_TOKEN", SECRET).output().unwrap();
    assert_eq!(text(&output.stdout), "1n\n", "{}", text(&output.stderr));
}

#[test]
fn what_stands_between_is_told_in_a_sentence_without_the_token() {
    let served = Served::new();
    let mut get = served.desk.command(&["get", &served.url, A]);
    let output = get.env_remove("DENO_KV_ACCESS_TOKEN").output().unwrap();
    let none = text(&output.stderr);
    assert!(
        none.starts_with(
            "This database is on a server and needs a token: name its file with --token-file, set "
        ),
        "{none}"
    );
    write_token(&served.desk.path("other"), "another-secret-token");
    let unknown = served.failure(&["get", "URL", A], "other");
    assert!(
        unknown.starts_with("The server does not know this token"),
        "{unknown}"
    );
    let missing = served.failure(&["get", "URL", A], "missing");
    assert!(
        missing.starts_with("The file with the token cannot be used"),
        "{missing}"
    );
    let gone = served
        .desk
        .failure(&["get", "http://127.0.0.1:1", A, "--token-file", "t"]);
    assert!(gone.starts_with("The server cannot be reached"), "{gone}");
    let wrong = served
        .desk
        .failure(&["get", "http://me:pass@127.0.0.1", A, "--token-file", "t"]);
    assert!(
        wrong.starts_with("This is no URL of a database") && !wrong.contains("pass@"),
        "{wrong}"
    );
    for told in [none, unknown, missing, gone, wrong] {
        assert!(!told.contains("secret"), "{told}");
        assert_eq!(told.trim_end().lines().count(), 1, "{told}");
    }
}
