//! Proxies: of HTTP, plain and by TLS, and of SOCKS.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use keyglass_store::remote::{RemoteOptions, Stage};
use keyglass_store::{ConnectError, OpenError, ProxyError};

use crate::fake::{Fake, Reply, answer, entries, metadata, spawn};
use crate::secure::{Secure, uses};
use crate::served::{Served, named, quick, serving, token};

/// What proxies are told, and no sentence may tell.
const PASSWORD: &str = "a-password-that-is-never-told";

/// A proxy that opens tunnels to one place alone, whatever it is asked for, and remembers what it was told.
fn tunnelling(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&told);
    spawn(move || {
        for client in listener.incoming() {
            let Ok(mut client) = client else { return };
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let is_known = head.contains("Basic bWU6c2VjcmV0");
            heads.lock().unwrap().push(head);
            if !is_known {
                let _refused = client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
                continue;
            }
            client
                .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                .unwrap();
            pass_on(client, to);
        }
    });
    (address, told)
}

#[test]
fn secure_servers_are_asked_by_a_tunnel_through_the_proxy() {
    let served = Served::with(serving().host("kv.example"));
    served.fill("shop", 2500);
    let secure = Secure::named("kv.example", served.server.address(), &[b"http/1.1"]);
    let (proxy, told) = tunnelling(secure.address);
    let through = |who: &str| {
        let proxy = format!("http://{who}{proxy}");
        secure
            .trusting()
            .proxies(move |name| (name == "HTTPS_PROXY").then(|| proxy.clone()))
    };
    // The name is the proxy's to look for.
    let url = "https://kv.example/";
    uses(&*through("me:secret@").open(url, Some(&token())).unwrap());
    assert!(told.lock().unwrap()[0].starts_with("CONNECT kv.example:443 HTTP/1.1\r\n"));
    let error = through("").open(url, Some(&token())).map(|_| ()).unwrap_err();
    assert!(matches!(fault(error), ProxyError::Password { reason, .. } if reason.contains("407")),);
}

#[test]
fn plain_servers_are_asked_by_way_of_the_proxy_which_is_told_where() {
    let proxy = Fake::new(|asked, _| match asked.path.as_str() {
        "http://kv.example/connect" => Reply::Answer(200, metadata().into_bytes()),
        "http://kv.example/v2/snapshot_read" => Reply::Answer(200, entries(&[])),
        _ => Reply::Answer(404, Vec::new()),
    });
    let at = proxy.url().replace("http://", "http://me:secret@");
    let options = quick().proxies(move |name| (name == "http_proxy").then(|| at.clone()));
    let database = options.open("http://kv.example/connect", Some(&token())).unwrap();
    assert_eq!(database.get(&named("a")).unwrap(), None);
    let asked = proxy.asked("http://kv.example/v2/snapshot_read");
    assert!(
        asked[0]
            .head
            .to_lowercase()
            .contains("proxy-authorization: basic bwu6c2vjcmv0")
    );
    assert!(asked[0].head.to_lowercase().contains("host: kv.example\r\n"));
}

/// Hands on whatever comes, in both directions.
fn pass_on(client: TcpStream, to: SocketAddr) {
    let server = TcpStream::connect(to).unwrap();
    let pairs = [
        (client.try_clone().unwrap(), server.try_clone().unwrap()),
        (server, client),
    ];
    for (mut from, mut to) in pairs {
        spawn(move || {
            let _ended = std::io::copy(&mut from, &mut to);
            let _ended = to.shutdown(std::net::Shutdown::Both);
        });
    }
}

/// What went wrong with a proxy.
fn fault(error: OpenError) -> ProxyError {
    let sentence = format!("{error} {error:?}");
    assert!(!sentence.contains(PASSWORD), "{sentence}");
    match error {
        OpenError::Connect(ConnectError::Proxy { error, .. }) => error,
        other => panic!("{other}"),
    }
}

fn by(options: RemoteOptions, variable: &'static str, proxy: String) -> RemoteOptions {
    options.proxies(move |name| (name == variable).then(|| proxy.clone()))
}

fn refused(options: &RemoteOptions, url: &str) -> ProxyError {
    fault(options.open(url, Some(&token())).map(|_| ()).unwrap_err())
}

/// A proxy of SOCKS version 5 that connects to one place alone, whatever it is asked for.
struct Socks {
    address: SocketAddr,
    /// Where clients wanted to go: the kind of the address, the address, the port.
    wanted: Arc<Mutex<Vec<Vec<u8>>>>,
    /// After so many bytes of its own it ends a connection.
    cut: Arc<AtomicUsize>,
}

impl Socks {
    /// One that lets in whoever knows the password, if there is one, and then answers `reply`.
    fn new(to: SocketAddr, password: Option<&'static str>, reply: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let made = Self {
            address: listener.local_addr().unwrap(),
            wanted: Arc::default(),
            cut: Arc::new(AtomicUsize::new(usize::MAX)),
        };
        let (wanted, cut) = (Arc::clone(&made.wanted), Arc::clone(&made.cut));
        spawn(move || {
            for client in listener.incoming() {
                let Ok(mut client) = client else { return };
                let mut left = cut.load(Ordering::SeqCst);
                if let Some(place) = shake_hands(&mut client, password, reply, &mut left) {
                    wanted.lock().unwrap().push(place);
                    pass_on(client, to);
                }
            }
        });
        made
    }

    fn url(&self, scheme: &str, who: &str) -> String {
        format!("{scheme}://{who}{}", self.address)
    }
}

/// The handshake from the proxy's side; `None` if it led nowhere.
fn shake_hands(
    client: &mut TcpStream,
    password: Option<&str>,
    reply: u8,
    left: &mut usize,
) -> Option<Vec<u8>> {
    let read = |client: &mut TcpStream, length: usize| {
        let mut bytes = vec![0; length];
        client.read_exact(&mut bytes).ok().map(|()| bytes)
    };
    let mut tell = |client: &mut TcpStream, bytes: &[u8]| {
        for byte in bytes {
            *left = left.checked_sub(1)?;
            client.write_all(&[*byte]).ok()?;
        }
        Some(())
    };
    let methods = usize::from(read(client, 2)?[1]);
    let offered = read(client, methods)?;
    let wanted = if password.is_some() { 2 } else { 0 };
    if !offered.contains(&wanted) {
        tell(client, &[5, 0xff])?;
        return None;
    }
    tell(client, &[5, wanted])?;
    if let Some(password) = password {
        let name = usize::from(read(client, 2)?[1]);
        let name = read(client, name)?;
        let length = usize::from(read(client, 1)?[0]);
        let given = read(client, length)?;
        let is_known = name == b"me" && given == password.as_bytes();
        tell(client, &[1, u8::from(!is_known)])?;
        is_known.then_some(())?;
    }
    let kind = read(client, 4)?[3];
    let length = match kind {
        1 => 4,
        4 => 16,
        _ => usize::from(read(client, 1)?[0]),
    };
    let place = read(client, length + 2)?;
    tell(client, &[5, reply, 0, 1, 127, 0, 0, 1, 0, 80])?;
    (reply == 0).then(|| [&[kind][..], &place].concat())
}

#[test]
fn servers_are_asked_through_a_proxy_of_socks_which_looks_for_their_names_if_it_shall() {
    let served = Served::with(serving().host("kv.example"));
    served.fill("shop", 2500);
    let open = Socks::new(served.server.address(), None, 0);
    let locked = Socks::new(served.server.address(), Some(PASSWORD), 0);
    let me = format!("me:{PASSWORD}@");
    for (variable, proxy, who) in [
        ("ALL_PROXY", &open, ""),
        ("all_proxy", &open, &me),
        ("HTTP_PROXY", &locked, &me),
    ] {
        // By the protocol alone, and by the extension, which needs HTTP/2.
        for options in [quick().plain(), quick()] {
            let options = by(options, variable, proxy.url("socks5h", who));
            uses(&*options.open("http://kv.example", Some(&token())).unwrap());
        }
        let wanted = std::mem::take(&mut *proxy.wanted.lock().unwrap());
        assert!(
            wanted.iter().all(|place| place == b"\x03kv.example\0\x50"),
            "{variable}"
        );
    }
    // Addresses are told as such.
    let fake = Fake::reading(|_, _| Reply::Answer(200, entries(&[])));
    let to_fake = Socks::new(fake.address(), Some(PASSWORD), 0);
    for (url, place) in [
        ("http://192.0.2.7:81", &b"\x01\xc0\0\x02\x07\0\x51"[..]),
        (
            "http://[2001:db8::7]",
            b"\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\0\x50",
        ),
    ] {
        for scheme in ["socks5", "socks5h"] {
            let options = by(quick(), "http_proxy", to_fake.url(scheme, &me));
            let database = options.open(url, Some(&token())).unwrap();
            assert_eq!(database.get(&named("a")).unwrap(), None);
            let wanted = std::mem::take(&mut *to_fake.wanted.lock().unwrap());
            assert!(wanted.iter().all(|wanted| wanted == place), "{url} {wanted:?}");
        }
    }
    // This side looks for the name, which nobody has.
    let options = by(quick(), "ALL_PROXY", open.url("socks5", ""));
    let error = options.open("http://kv.invalid", Some(&token())).map(|_| ());
    let error = error.unwrap_err();
    assert!(
        matches!(error, OpenError::Connect(ConnectError::Name { .. })),
        "{error}"
    );
    assert!(open.wanted.lock().unwrap().is_empty());
}

#[test]
fn a_secure_server_is_asked_through_a_proxy_of_socks() {
    let served = Served::with(serving().host("kv.example"));
    served.fill("shop", 2500);
    let secure = Secure::named("kv.example", served.server.address(), &[b"h2"]);
    let proxy = Socks::new(secure.address, Some(PASSWORD), 0);
    let at = proxy.url("socks5h", &format!("me:{PASSWORD}@"));
    let options = by(secure.trusting(), "HTTPS_PROXY", at);
    uses(&*options.open("https://kv.example", Some(&token())).unwrap());
    assert!(
        proxy
            .wanted
            .lock()
            .unwrap()
            .iter()
            .all(|place| place == b"\x03kv.example\x01\xbb")
    );
}

#[test]
fn a_handshake_of_socks_that_is_cut_anywhere_is_told_as_the_proxy_s_fault() {
    for (password, who, length) in [
        (None, String::new(), 12),
        (Some(PASSWORD), format!("me:{PASSWORD}@"), 14),
    ] {
        let served = Served::with(serving().host("kv.example"));
        let proxy = Socks::new(served.server.address(), password, 0);
        let options = by(quick().plain(), "ALL_PROXY", proxy.url("socks5h", &who));
        for cut in 0..length {
            proxy.cut.store(cut, Ordering::SeqCst);
            let refused = refused(&options, "http://kv.example");
            assert!(
                matches!(refused, ProxyError::Answer { .. }),
                "after {cut} bytes: {refused}"
            );
        }
        assert_eq!(served.server.num_connections(), 0);
        proxy.cut.store(length, Ordering::SeqCst);
        let database = options.open("http://kv.example", Some(&token())).unwrap();
        assert_eq!(database.get(&named("a")).unwrap(), None);
    }
}

#[test]
fn a_proxy_by_tls_is_told_nothing_until_it_has_shown_who_it_is() {
    let served = Served::with(serving().host("kv.example"));
    served.fill("shop", 2500);
    let secure = Secure::named("kv.example", served.server.address(), &[b"h2", b"http/1.1"]);
    let (tunnels, told) = tunnelling(secure.address);
    // It would speak HTTP/2 if it were asked to.
    let proxy = Secure::named("localhost", tunnels, &[b"h2", b"http/1.1"]);
    let at = |who: &str| format!("https://{who}localhost:{}", proxy.address.port());
    let both = || secure.trusting().trust(proxy.certificate.clone());
    let options = by(both(), "HTTPS_PROXY", at("me:secret@"));
    uses(&*options.open("https://kv.example", Some(&token())).unwrap());
    assert!(
        told.lock()
            .unwrap()
            .iter()
            .all(|head| head.starts_with("CONNECT kv.example:443 HTTP/1.1\r\n"))
    );
    let stranger = by(both(), "HTTPS_PROXY", at(&format!("me:{PASSWORD}@")));
    assert!(matches!(
        refused(&stranger, "https://kv.example"),
        ProxyError::Password { .. }
    ));
    let asked = told.lock().unwrap().len();
    let unknown = by(secure.trusting(), "HTTPS_PROXY", at("me:secret@"));
    let mut steps = Vec::new();
    let error = unknown.test("https://kv.example", Some(&token()), &mut |step| steps.push(step));
    let error = error.unwrap_err();
    assert!(
        matches!(
            error,
            ConnectError::Proxy {
                error: ProxyError::Security { .. },
                ..
            }
        ),
        "{error}"
    );
    let stages: Vec<_> = steps.iter().map(|step| step.stage).collect();
    assert_eq!(stages, [Stage::Name, Stage::Connection, Stage::Connection]);
    assert_eq!(told.lock().unwrap().len(), asked);
    // A plain server is asked by way of it.
    let plain = Fake::new(|asked, _| match asked.path.as_str() {
        "http://kv.example/" => Reply::Answer(200, metadata().into_bytes()),
        "http://kv.example/v2/snapshot_read" => Reply::Answer(200, entries(&[])),
        _ => Reply::Answer(404, Vec::new()),
    });
    let proxy = Secure::named("localhost", plain.address(), &[b"http/1.1"]);
    let at = format!("https://me:secret@localhost:{}", proxy.address.port());
    let options = by(proxy.trusting(), "http_proxy", at);
    let database = options.open("http://kv.example", Some(&token())).unwrap();
    assert_eq!(database.get(&named("a")).unwrap(), None);
}

#[test]
fn what_is_wrong_with_a_proxy_is_told_apart_and_never_its_password() {
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let through = |proxy: String, url: &str| {
        let options = by(quick(), "ALL_PROXY", proxy);
        let error = refused(&options, url);
        assert!(!error.to_string().contains("me:"), "{error}");
        error
    };
    let me = format!("me:{PASSWORD}@");
    for url in ["http://kv.example", "https://kv.example"] {
        for scheme in ["http", "https", "socks5h"] {
            let unknown = through(format!("{scheme}://{me}proxy.invalid"), url);
            assert!(matches!(unknown, ProxyError::Name { .. }), "{unknown}");
            let away = through(format!("{scheme}://{me}{nobody}"), url);
            assert!(matches!(away, ProxyError::Connection { .. }), "{away}");
        }
        // One that wants to hear of who asks, and does not know this one.
        let locked = Socks::new(nobody, Some("another"), 0);
        let unnamed = through(locked.url("socks5h", ""), url);
        assert!(
            matches!(&unnamed, ProxyError::Password { reason, .. } if reason == "it got none"),
            "{unnamed}"
        );
        let wrong = through(locked.url("socks5h", &me), url);
        assert!(
            matches!(&wrong, ProxyError::Password { reason, .. } if reason.contains("does not know")),
            "{wrong}"
        );
        let unreachable = through(Socks::new(nobody, None, 5).url("socks5h", &me), url);
        assert!(
            matches!(unreachable, ProxyError::Unreachable { .. }),
            "{unreachable}"
        );
        let forbidden = through(Socks::new(nobody, None, 2).url("socks5h", &me), url);
        assert!(matches!(forbidden, ProxyError::Refused { .. }), "{forbidden}");
        // One that says again what it was told.
        for (status, expected) in [(407, "password"), (502, "reach"), (403, "let through")] {
            if status != 407 && url.starts_with("http:") {
                // Of a plain request nobody knows whether the proxy or the server says it.
                continue;
            }
            let echo = format!("Basic me:{PASSWORD}");
            let fake =
                Fake::new(move |_, _| Reply::Raw(answer(status, &[("x", echo.clone())], echo.as_bytes())));
            let refused = through(fake.url().replace("http://", &format!("http://{me}")), url);
            assert!(refused.to_string().contains(expected), "{refused}");
        }
    }
    let other = Fake::new(|_, _| Reply::Raw(format!("SSH-2.0 {PASSWORD}\r\n\r\n").into_bytes()));
    let at = other.address();
    for (proxy, is_security) in [("http", false), ("socks5", false), ("https", true)] {
        let error = match proxy {
            // The other side waits for the end of a head.
            "socks5" => through(
                Socks::new(nobody, None, 99).url("socks5h", &me),
                "https://kv.example",
            ),
            "https" => {
                let plain = Socks::new(nobody, None, 0);
                through(plain.url("https", &me), "https://kv.example")
            }
            scheme => through(format!("{scheme}://{me}{at}"), "https://kv.example"),
        };
        match is_security {
            true => assert!(matches!(error, ProxyError::Security { .. }), "{error}"),
            false => assert!(matches!(error, ProxyError::Answer { .. }), "{error}"),
        }
    }
    let setting = through(format!("socks4://{me}{nobody}"), "https://kv.example");
    assert!(matches!(setting, ProxyError::Setting { .. }), "{setting}");
}
