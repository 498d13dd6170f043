//! The file `attach.json` of a store's folder: who has the store, and how to reach it. `LAYOUT.md` describes it.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};

use super::token::Token;
use crate::embedded::ATTACH_FILE;
use crate::new_file::NewFile;
use crate::process;

/// Who has a store, and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttachFile {
    pub(crate) address: SocketAddr,
    pub(crate) token: Token,
    pub(crate) process: u32,
    /// When the process was started; see [`process::started`].
    started: Option<u64>,
}

impl AttachFile {
    /// That of this process.
    pub(super) fn own(address: SocketAddr, token: Token) -> Self {
        let process = std::process::id();
        Self {
            address,
            token,
            process,
            started: process::started(process),
        }
    }

    /// Writes it so that nobody else than this user can read it. None stands there, because whoever gets a store's lock
    /// removes it.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = json!({
            "address": self.address.to_string(),
            "token": self.token.reveal(),
            "process": self.process,
            "started": self.started,
        });
        let mut file = NewFile::create_new(&folder.join(ATTACH_FILE), private())?;
        writeln!(file, "{text:#}")?;
        file.finish()
    }

    /// Reads that of a folder; `None` if there is none, or one of another form.
    ///
    /// # Errors
    /// If it is there and the system does not let us read it.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(folder.join(ATTACH_FILE)) {
            Ok(text) => Ok(Self::of_json(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn of_json(text: &[u8]) -> Option<Self> {
        let members: Value = serde_json::from_slice(text).ok()?;
        Some(Self {
            address: members.get("address")?.as_str()?.parse().ok()?,
            token: Token::new(members.get("token")?.as_str()?).ok()?,
            process: members.get("process")?.as_u64()?.try_into().ok()?,
            started: members.get("started").and_then(Value::as_u64),
        })
    }

    /// Whether the process may be running that wrote it.
    pub(crate) fn may_be_current(&self) -> bool {
        process::may_run(self.process, self.started)
    }
}

/// Permissions of a file for its user alone.
#[cfg(unix)]
fn private() -> Option<std::fs::Permissions> {
    Some(std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

/// A person's own folder is closed to others there.
#[cfg(not(unix))]
fn private() -> Option<std::fs::Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_who_has_a_store_and_is_its_users_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = folder.path();
        assert_eq!(AttachFile::read(folder).unwrap(), None);
        let path = folder.join(ATTACH_FILE);
        std::fs::write(&path, "{}").unwrap();
        assert_eq!(AttachFile::read(folder).unwrap(), None);
        std::fs::remove_file(&path).unwrap();
        let file = AttachFile::own("127.0.0.1:4512".parse().unwrap(), Token::random().unwrap());
        file.write(folder).unwrap();
        assert_eq!(AttachFile::read(folder).unwrap().as_ref(), Some(&file));
        assert!(file.may_be_current());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        #[cfg(target_os = "linux")]
        {
            let of_another = AttachFile {
                started: file.started.map(|started| started + 1),
                ..file
            };
            assert!(!of_another.may_be_current());
        }
    }
}
