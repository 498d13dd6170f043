//! The official server, `denokv`, where it is installed.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use crate::client::PATIENCE;
use crate::served::Peer;

/// A server that runs until it is dropped, of a database of its own.
pub(crate) struct Official {
    child: Child,
    pub(crate) peer: Peer,
    _folder: TempDir,
}

/// Where it is, unless `DENOKV` says otherwise; see CONTRIBUTING.md.
fn program() -> PathBuf {
    std::env::var_os("DENOKV").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.peers/bin/denokv"),
        PathBuf::from,
    )
}

/// Whether it is installed; says so if not.
pub(crate) fn is_installed() -> bool {
    let program = program();
    let is_there = program.exists();
    if !is_there {
        println!(
            "not compared: the official server is not installed (cargo install denokv --version 0.14.0 --locked --root .peers): {}",
            program.display()
        );
    }
    is_there
}

impl Official {
    pub(crate) fn start(token: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(program())
            .arg("--sqlite-path")
            .arg(folder.path().join("official.sqlite3"))
            .args(["serve", "--addr", &port.to_string(), "--access-token", token])
            // Its queue ends the thread of its database under a clock that is not the system's.
            .env_remove("LD_PRELOAD")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Self {
            child,
            peer: Peer {
                address: port,
                token: token.to_owned(),
            },
            _folder: folder,
        };
        let begun = Instant::now();
        while TcpStream::connect(port).is_err() {
            assert!(begun.elapsed() < PATIENCE, "the official server does not listen");
            std::thread::yield_now();
        }
        started
    }
}

impl Drop for Official {
    fn drop(&mut self) {
        let _ended_by_itself = self.child.kill();
        let _reaped = self.child.wait();
    }
}
