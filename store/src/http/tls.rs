//! Which servers are who they say they are.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whose word is taken for who a server is: the system's, and whom else somebody named.
#[derive(Clone, Default)]
pub(crate) struct Trust {
    more: Vec<CertificateDer<'static>>,
    config: OnceLock<Arc<ClientConfig>>,
}

impl Trust {
    /// Takes the word of this one, too: a certificate, as DER.
    pub(crate) fn with(mut self, certificate: Vec<u8>) -> Self {
        self.more.push(certificate.into());
        self.config = OnceLock::new();
        self
    }

    /// What the system trusts is read when it is first needed.
    fn config(&self) -> Result<Arc<ClientConfig>, String> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        roots.add_parsable_certificates(self.more.iter().cloned());
        if roots.is_empty() {
            let why = found.errors.first().map(ToString::to_string);
            return Err(format!(
                "this system names nobody who could vouch for a server ({})",
                why.as_deref().unwrap_or("it has no certificates")
            ));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }

    /// Makes a connection secure, if the server is who it says.
    pub(super) async fn secure(&self, stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
        let connector = TlsConnector::from(self.config()?);
        let connecting = connector.connect(name, stream).await;
        connecting.map_err(|error| error.to_string())
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trust").field("more", &self.more.len()).finish()
    }
}
