//! Databases that the tests open: copies, because a program that writes one changes it.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder of its own for one test; removed at the end.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(TempDir::with_prefix("keyglass-test-").unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A copy of shop.sqlite3 (1,946 entries written by Deno), alone in a folder.
    pub(crate) fn shop(&self) -> PathBuf {
        let folder = self.path("shop");
        std::fs::create_dir(&folder).unwrap();
        let copy = folder.join("shop.sqlite3");
        std::fs::copy(test_data("shop.sqlite3"), &copy).unwrap();
        copy
    }
}

/// A file of `tests/data`.
pub(crate) fn test_data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// Names of the files beside `file` and itself, sorted, each with its bytes.
pub(crate) fn folder_of(file: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(file.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}
