//! `keyglass serve`: what it prints and where the token is. What it answers is tested with real Deno and Node.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::desk::{Desk, text};

/// A server that has printed everything, and what it printed.
pub fn serve(desk: &Desk, arguments: &[&str]) -> (Child, String) {
    let arguments = [&["serve"], arguments, &["--listen", "127.0.0.1:0"]].concat();
    let mut serving = desk
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = String::new();
    let mut lines = BufReader::new(serving.stdout.take().unwrap());
    while !printed.contains("await openKv") {
        assert!(lines.read_line(&mut printed).unwrap() > 0, "{printed}");
    }
    (serving, printed)
}

pub fn end(mut serving: Child) {
    let id = serving.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let mut said = String::new();
    serving.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(serving.wait().unwrap().success(), "{said}");
}

/// What the server answers to a metadata exchange.
fn exchange(printed: &str, token: &str) -> String {
    let address = printed.split("http://").nth(1).unwrap();
    let address = address.split(['\n', ',', '"']).next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_says_where_the_token_is_and_not_what_it_is() {
    let desk = Desk::new();
    let (serving, printed) = serve(&desk, &["new.kg"]);
    let file = printed
        .split("The token is in ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let token = fs::read_to_string(file).unwrap().trim().to_owned();
    assert_eq!(token.len(), 32);
    assert!(!printed.contains(&token));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(exchange(&printed, &token).starts_with("HTTP/1.1 200 OK"));
    let refused = exchange(&printed, "0123456789abcdef");
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    end(serving);
    // The folder is free again, and the token stays.
    desk.stdout(&["set", "new.kg", r#"["a"]"#, "1"]);
    let (serving, printed) = serve(&desk, &["new.kg"]);
    assert!(exchange(&printed, &token).starts_with("HTTP/1.1 200 OK"));
    end(serving);
}

#[test]
fn a_file_of_deno_is_served_for_reading_unless_writing_is_allowed() {
    let desk = Desk::new();
    desk.shop();
    for (arguments, remark) in [
        (
            &["shop.sqlite3"][..],
            ", for reading only: Deno's files are written only with --write\n",
        ),
        (
            &["shop.sqlite3", "--read-only", "--write"],
            ", for reading only\n",
        ),
        (&["shop.sqlite3", "--write"], "\n"),
    ] {
        let (serving, printed) = serve(&desk, arguments);
        let first = printed.split_inclusive('\n').next().unwrap();
        assert!(
            first.starts_with("Serving shop.sqlite3 at http://127.0.0.1:"),
            "{first}"
        );
        let port = first
            .rsplit(':')
            .find(|part| part.starts_with(|digit: char| digit.is_ascii_digit()));
        assert!(first.ends_with(remark), "{first} {port:?}");
        end(serving);
    }
}

#[test]
fn other_machines_reach_it_only_with_a_token_that_the_person_chose() {
    let desk = Desk::new();
    let refusal = |arguments: &[&str]| {
        let output = desk.run(&[&["serve", "new.kg", "--listen", "0.0.0.0:0"], arguments].concat());
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    assert!(
        refusal(&[]).contains("needs a token that you choose"),
        "{}",
        refusal(&[])
    );
    let missing = refusal(&["--token-file", "none"]);
    assert!(
        missing.contains("The file with the token cannot be used"),
        "{missing}"
    );
    fs::write(desk.path("token"), "short").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(desk.path("token"), private).unwrap();
    let short = refusal(&["--token-file", "token"]);
    assert!(short.contains("A token has 16 to 1024 characters"), "{short}");
    fs::write(desk.path("token"), "0123456789abcdef").unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(desk.path("token"), open).unwrap();
    let readable = refusal(&["--token-file", "token"]);
    assert!(readable.contains("Others than its owner can read"), "{readable}");
}
