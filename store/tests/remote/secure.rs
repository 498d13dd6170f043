//! TLS, proxies and redirects.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use keyglass_store::remote::{RemoteOptions, Stage};
use keyglass_store::{AtomicOperation, Changes, ConnectError, Database, Entries, KeyRange, OpenError};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, pki_types::PrivateKeyDer};

use crate::fake::{Fake, Reply, entries, metadata, spawn};
use crate::served::{Served, named, quick, serving, token, value};

/// TLS before a server, by a certificate that it signed itself.
struct Secure {
    address: SocketAddr,
    certificate: Vec<u8>,
    _runtime: tokio::runtime::Runtime,
}

impl Secure {
    fn before(server: SocketAddr, protocols: &[&[u8]]) -> Self {
        Self::named("localhost", server, protocols)
    }

    fn named(name: &str, server: SocketAddr, protocols: &[&[u8]]) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut client = acceptor.accept(client).await.ok()?;
                    let mut server = tokio::net::TcpStream::connect(server).await.ok()?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok()
                });
            }
        });
        Self {
            address,
            certificate: certificate.to_vec(),
            _runtime: runtime,
        }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    fn trusting(&self) -> RemoteOptions {
        quick().trust(self.certificate.clone())
    }
}

fn uses(database: &dyn Database) {
    database.set_writable(true).unwrap();
    let states = database.watch(vec![named("new")]).unwrap();
    assert_eq!(states.recv().unwrap(), [None]);
    database
        .commit(AtomicOperation::new().set(named("new"), value(1)))
        .unwrap();
    assert!(states.recv().unwrap()[0].is_some());
    assert_eq!(
        Entries::of(database, [KeyRange::below(&named("shop"))]).count(),
        2500
    );
    database
        .commit(AtomicOperation::new().delete(named("new")))
        .unwrap();
}

#[test]
fn a_server_is_talked_to_securely_in_either_version_of_http() {
    let served = Served::new();
    served.fill("shop", 2500);
    for protocols in [&[b"h2".as_slice(), b"http/1.1"][..], &[b"http/1.1"], &[]] {
        let secure = Secure::before(served.server.address(), protocols);
        let by_protocol = secure
            .trusting()
            .plain()
            .open(&secure.url(), Some(&token()))
            .unwrap();
        uses(&*by_protocol);
        // The extension needs what HTTP/2 has; the protocol goes everywhere.
        let best = secure.trusting().open(&secure.url(), Some(&token())).unwrap();
        let is_second = protocols.first() == Some(&b"h2".as_slice());
        let expected = if is_second {
            Changes::EveryCommit
        } else {
            Changes::Compared
        };
        assert_eq!(best.capabilities().changes, expected);
        assert_eq!(best.location(), secure.url());
        assert_eq!(best.owner(), None);
        uses(&*best);
    }
}

#[test]
fn a_server_that_nobody_vouches_for_is_not_talked_to() {
    let served = Served::new();
    let secure = Secure::before(served.server.address(), &[b"h2"]);
    let mut steps = Vec::new();
    let error = quick()
        .test(&secure.url(), Some(&token()), &mut |step| steps.push(step))
        .unwrap_err();
    assert!(matches!(error, ConnectError::Security { .. }), "{error}");
    let stages: Vec<_> = steps.iter().map(|step| step.stage).collect();
    assert_eq!(stages, [Stage::Name, Stage::Connection, Stage::Security]);
    // Nor one that has another name than it says.
    let other = secure.url().replace("localhost", "127.0.0.1");
    let error = secure
        .trusting()
        .open(&other, Some(&token()))
        .map(|_| ())
        .unwrap_err();
    assert!(
        matches!(error, OpenError::Connect(ConnectError::Security { .. })),
        "{error}"
    );
    assert_eq!(served.server.num_connections(), 0);
}

#[test]
fn a_server_may_send_on_to_another_place_but_to_none_that_is_less_secure() {
    let fake = Fake::new(|asked, _| match asked.path.as_str() {
        "/old" => Reply::With(
            307,
            vec![("location", "/databases/1/connect".to_owned())],
            Vec::new(),
        ),
        "/databases/1/connect" => Reply::Answer(200, metadata().replace("\"/v2\"", "\"v2\"").into_bytes()),
        "/databases/1/v2/snapshot_read" => Reply::Answer(200, entries(&[])),
        _ => Reply::Answer(404, Vec::new()),
    });
    let database = quick()
        .open(&format!("{}/old", fake.url()), Some(&token()))
        .unwrap();
    assert_eq!(database.get(&named("a")).unwrap(), None);
    let plain = fake.url();
    let sends_on = Fake::new(move |_, _| Reply::With(307, vec![("location", plain.clone())], Vec::new()));
    let secure = Secure::before(sends_on.address(), &[]);
    let error = secure
        .trusting()
        .open(&secure.url(), Some(&token()))
        .map(|_| ())
        .unwrap_err();
    assert!(error.to_string().contains("not secure"), "{error}");
    let names_plain = Fake::new(|_, _| {
        Reply::Answer(
            200,
            metadata().replace("/v2", "http://kv.example/v2").into_bytes(),
        )
    });
    let secure = Secure::before(names_plain.address(), &[]);
    let error = secure
        .trusting()
        .open(&secure.url(), Some(&token()))
        .map(|_| ())
        .unwrap_err();
    assert!(error.to_string().contains("one that is not secure"), "{error}");
}

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
    let OpenError::Connect(ConnectError::Proxy { reason, .. }) = error else {
        panic!("{error}");
    };
    assert!(reason.contains("407"), "{reason}");
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
