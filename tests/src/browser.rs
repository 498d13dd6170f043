//! Whether a web page reaches a served database through a real browser: Debian's Chromium, without a window.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use keyglass_store::connect::{ServeOptions, Token};
use keyglass_store::database::Database;
use keyglass_store::embedded::Store;
use keyglass_store::requests::{LoggedOperation, LoggedOutcome};
use keyglass_store::{Key, KeyPart};

use crate::data::{Desk, test_data};
use crate::program::{Running, at_home, stdout_of};

/// A browser takes long to start on a busy machine.
const SOON: Duration = Duration::from_secs(150);
const TOKEN: &str = "a-token-that-the-page-knows";
/// An atomic write that sets the key `["a"]` to the byte 7: field 2, a mutation of a key, a value and M_SET.
const WRITE: &[u8] = &[18, 14, 10, 3, 2, b'a', 0, 18, 5, 10, 1, 7, 16, 3, 24, 1];

/// Answers every request with a page, and hands out what its scripts send back.
fn serve_page(page: String) -> (u16, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, tells) = mpsc::sync_channel(10);
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's process")]
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let (mut line, mut length) = (String::new(), 0);
            // Browsers open connections that they may need, and close them again.
            while request.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            if length > 0 && request.read_exact(&mut body).is_ok() {
                told.send(body).unwrap();
            }
            let _gone = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
                page.len()
            );
        }
    });
    (port, tells)
}

/// The browser with a profile of its own. Names under `.example` are this machine.
fn browser(desk: &Desk, profile: &str) -> Command {
    let mut browser = Command::new("chromium");
    at_home(&mut browser, desk);
    // It complains of all that a machine without a desk lacks.
    browser.stderr(Stdio::null());
    browser
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
        ])
        // A page may reach this machine at all: what is tested is the server's own refusal, not the browser's.
        .arg("--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests")
        .arg("--host-resolver-rules=MAP *.example 127.0.0.1")
        .arg(format!("--user-data-dir={}", desk.path(profile).display()));
    browser
}

#[test]
fn no_web_page_reaches_a_served_database() {
    let desk = Desk::new();
    let store = Store::create(desk.path("served.kg")).unwrap();
    let options = ServeOptions::new().listen("127.0.0.1:0".parse().unwrap());
    let server = options
        .token(Token::new(TOKEN).unwrap())
        .serve(Arc::new(store.clone()))
        .unwrap();
    let requests = server.requests();
    let (url, port) = (server.url(), server.address().port());
    let target = serde_json::json!({
        "own": url,
        "rebound": format!("http://rebound.example:{port}"),
        "token": TOKEN,
        "id": store.id().map(|id| id.to_string()),
        "write": WRITE,
    });
    let page = std::fs::read_to_string(test_data("attack.html")).unwrap();
    let (page, tells) = serve_page(page.replace("TARGET;", &format!("{target};")));

    let url = format!("http://attacker.example:{page}/");
    let running = Running::start(browser(&desk, "attacker").args(["--remote-debugging-port=0", &url]));
    let told = tells.recv_timeout(SOON).unwrap();
    running.end();
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let told = told.as_object().unwrap();
    assert_eq!(told.len(), 14, "{told:?}");
    for (name, outcome) in told {
        let outcome = outcome.as_str().unwrap();
        // The answer to a form is shown in a frame, which its page cannot read.
        let is_refused = outcome.starts_with("refused: ") || outcome == "opaque" || name.ends_with(" form");
        assert!(is_refused, "{name}: {outcome}");
    }
    // The page that is this server itself, by a name that an attacker's server of names has given it.
    let url = format!("http://rebound.example:{port}/");
    let dom = stdout_of(browser(&desk, "rebound").args(["--dump-dom", &url]));
    assert!(
        dom.contains("is not a name of this server: rebound.example"),
        "{dom}"
    );

    let seen: Vec<_> = requests.try_iter().collect();
    let mut paths = BTreeSet::new();
    for request in &seen {
        let LoggedOutcome::Refused { status, sentence } = &request.outcome else {
            panic!("{request:?}");
        };
        assert!([403, 404, 405].contains(status), "{status} {sentence}");
        paths.insert(match &request.operation {
            LoggedOperation::Unknown(path) => path.as_str(),
            LoggedOperation::Write => "/v2/atomic_write",
            LoggedOperation::Watch => "/v2/watch",
            LoggedOperation::Exchange => "/",
            LoggedOperation::Read | LoggedOperation::Extension(_) => continue,
        });
    }
    // They did arrive: it is the server that refused them.
    for expected in ["/", "/image", "/v2/atomic_write", "/v2/watch"] {
        assert!(paths.contains(expected), "{paths:?}");
    }
    let key = Key(vec![KeyPart::from("a")]).encode().unwrap();
    assert_eq!(store.get(&key).unwrap(), None);

    // The same from a program is done.
    let head = format!(
        "POST /v2/atomic_write HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {TOKEN}\r\n\
         x-denokv-version: 3\r\nx-denokv-database-id: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        store.id().unwrap(),
        WRITE.len()
    );
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(&[head.as_bytes(), WRITE].concat()).unwrap();
    let answer = BufReader::new(stream).lines().next().unwrap().unwrap();
    assert_eq!(answer, "HTTP/1.1 200 OK");
    assert!(store.get(&key).unwrap().is_some());
}
