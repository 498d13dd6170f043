//! The system's own dialogs for files and folders, off the window's thread.

use std::path::{Path, PathBuf};

use crate::threads;

/// What a person is to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A file that exists.
    File,
    /// A folder that exists.
    Folder,
    /// A file to write.
    SaveFile,
}

/// Gets the chosen path, or `None` when the person chose nothing.
pub type Chosen = Box<dyn FnOnce(Option<PathBuf>) + Send>;

/// Shows the system's dialogs.
pub trait FileChooser {
    /// Whether this system has dialogs. If not, the window asks for a path by itself.
    fn is_available(&self) -> bool;

    /// Shows a dialog without waiting for it.
    fn choose(&self, title: &str, choice: Choice, file_name: &str, chosen: Chosen);
}

/// No dialogs at all, so that the window asks for every path by itself.
#[derive(Debug, Default)]
pub struct NoChooser;

impl FileChooser for NoChooser {
    fn is_available(&self) -> bool {
        false
    }

    fn choose(&self, _title: &str, _choice: Choice, _file_name: &str, chosen: Chosen) {
        chosen(None);
    }
}

/// The desktop portal or zenity, through rfd.
#[derive(Debug, Default)]
pub struct SystemChooser;

impl FileChooser for SystemChooser {
    fn is_available(&self) -> bool {
        if cfg!(not(target_os = "linux")) {
            return true;
        }
        // rfd reports a cancelled dialog and a missing one alike, so a missing one must be known before.
        let portal = std::env::var("DBUS_SESSION_BUS_ADDRESS").is_ok_and(|address| may_answer(&address))
            || std::env::var_os("XDG_RUNTIME_DIR")
                .is_some_and(|folder| Path::new(&folder).join("bus").exists());
        let zenity = std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file()));
        portal || zenity
    }

    fn choose(&self, title: &str, choice: Choice, file_name: &str, chosen: Chosen) {
        let (title, file_name) = (title.to_owned(), file_name.to_owned());
        let shown = threads::spawn("dialog", move || {
            let dialog = rfd::FileDialog::new().set_title(title);
            chosen(match choice {
                Choice::File => dialog.pick_file(),
                Choice::Folder => dialog.pick_folder(),
                Choice::SaveFile => dialog.set_file_name(file_name).save_file(),
            });
        });
        // Without a thread there is no dialog; the in-app one is still reachable by Open path….
        drop(shown);
    }
}

/// Whether a bus may be at one of these addresses. One that names a socket is only there if the socket is.
fn may_answer(addresses: &str) -> bool {
    addresses.split(';').any(|address| {
        let socket = address.strip_prefix("unix:").and_then(|parameters| {
            let mut parameters = parameters.split(',');
            parameters.find_map(|parameter| parameter.strip_prefix("path="))
        });
        match socket {
            Some(path) => Path::new(path).exists(),
            None => !address.is_empty(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_is_there_only_if_its_socket_is() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("bus");
        let address = format!("unix:path={},guid=12", socket.display());
        assert!(!may_answer(&address));
        std::fs::write(&socket, "").unwrap();
        assert!(may_answer(&address));
        assert!(may_answer("unix:abstract=bus"));
        assert!(!may_answer(""));
    }
}
