//! TLS and redirects.

use std::net::SocketAddr;
use std::sync::Arc;

use keyglass_store::remote::{RemoteOptions, Stage};
use keyglass_store::{AtomicOperation, Changes, ConnectError, Database, Entries, KeyRange, OpenError};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, pki_types::PrivateKeyDer};

use crate::fake::{Fake, Reply, entries, metadata};
use crate::served::{Served, named, quick, token, value};

/// TLS before a server, by a certificate that it signed itself.
pub struct Secure {
    pub address: SocketAddr,
    pub certificate: Vec<u8>,
    _runtime: tokio::runtime::Runtime,
}

impl Secure {
    fn before(server: SocketAddr, protocols: &[&[u8]]) -> Self {
        Self::named("localhost", server, protocols)
    }

    pub fn named(name: &str, server: SocketAddr, protocols: &[&[u8]]) -> Self {
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

    pub fn trusting(&self) -> RemoteOptions {
        quick().trust(self.certificate.clone())
    }
}

pub fn uses(database: &dyn Database) {
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
