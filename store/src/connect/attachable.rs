//! A store that lets other processes of the same user look at it and work with it while it is open.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::attach_file::AttachFile;
use super::server::{ServeOptions, Server};
use crate::embedded::{ATTACH_FILE, OpenOptions, Store};

impl OpenOptions {
    /// Lets other processes of this user attach to the store while it is open: the window and the command line of
    /// Keyglass, and whoever uses [`Attached`](crate::attached::Attached). All of them see each other's commits at once,
    /// and go by the limits and the clock of this process.
    ///
    /// The store listens at a free port of this machine then, on a thread that waits there, and says in its folder where
    /// that is and with which token, in a file that this user alone can read. Until somebody attaches that is all it
    /// costs. Where the system refuses it the store is open all the same; see [`Store::is_attachable`].
    ///
    /// It means nothing to a store that is open for reading only.
    #[must_use]
    pub fn attachable(self) -> Self {
        self.let_attach(let_attach)
    }
}

fn let_attach(store: &Store) -> io::Result<Arc<dyn Send + Sync>> {
    let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = ServeOptions::new().listen(free_port);
    let server = server.serve(Arc::new(store.clone())).map_err(io::Error::other)?;
    let folder = store.path();
    AttachFile::own(server.address(), server.token().clone()).write(&folder)?;
    Ok(Arc::new(Attachable {
        folder,
        _server: server,
    }))
}

/// Ends when it is dropped. The server has a store of its own, without this.
struct Attachable {
    folder: PathBuf,
    _server: Server,
}

impl Drop for Attachable {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Removed before the server ends, so that nobody is led to it any more.
fn remove(folder: &Path) {
    let _gone_with_its_folder = std::fs::remove_file(folder.join(ATTACH_FILE));
}
