//! Which servers are who they say they are.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whose word is taken for who a server is: the system's, and whom else somebody named.
#[derive(Clone, Default)]
pub(crate) struct Trust {
    more: Vec<CertificateDer<'static>>,
    config: OnceLock<Arc<ClientConfig>>,
}

/// Why a connection cannot be made secure.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    #[error("this system names nobody who could vouch for a server ({0})")]
    Nobody(String),
    #[error("{0}")]
    Config(#[from] rustls::Error),
    #[error("{0}")]
    Name(#[from] InvalidDnsNameError),
    #[error("{0}")]
    Handshake(#[from] io::Error),
}

/// Who is at the other side, which decides what is spoken with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Server,
    /// One that is only told where to.
    Proxy,
}

impl Trust {
    /// Takes the word of this one, too: a certificate, as DER.
    pub(crate) fn with(mut self, certificate: Vec<u8>) -> Self {
        self.more.push(certificate.into());
        self.config = OnceLock::new();
        self
    }

    /// What the system trusts is read when it is first needed.
    fn config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        roots.add_parsable_certificates(self.more.iter().cloned());
        if roots.is_empty() {
            let why = found.errors.first().map(ToString::to_string);
            let why = why.unwrap_or_else(|| "it has no certificates".to_owned());
            return Err(TlsError::Nobody(why));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }

    /// Makes a connection secure, if the other side is who it says.
    pub(super) async fn secure<S>(&self, stream: S, host: &str, side: Side) -> Result<TlsStream<S>, TlsError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned())?;
        let connector = TlsConnector::from(self.config()?);
        Ok(match side {
            Side::Server => connector.connect(name, stream).await?,
            Side::Proxy => {
                let connector = connector.with_alpn(vec![b"http/1.1".to_vec()]);
                connector.connect(name, stream).await?
            }
        })
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trust").field("more", &self.more.len()).finish()
    }
}
