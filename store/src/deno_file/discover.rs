//! Deno's own stores on this machine: where `Deno.openKv()` without a path keeps its data.
//!
//! Deno puts them at `$DENO_DIR/location_data/HASH/kv.sqlite3`, where HASH is the SHA-256 of the URL that the
//! program belongs to: its `--location`, else that of the `deno.json` in force, else that of its main module
//! (measured on Deno 2.9). A hash cannot be turned back, so projects are found by hashing likely URLs.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// Files of a project folder that a store can belong to.
const PROJECT_FILES: [&str; 8] = [
    "deno.json",
    "deno.jsonc",
    "main.ts",
    "main.js",
    "mod.ts",
    "index.ts",
    "server.ts",
    "dev.ts",
];

/// A store that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveredStore {
    /// The SQLite file.
    pub path: PathBuf,
    /// Bytes of the file and its `-wal`.
    pub size: u64,
    /// When it was last written.
    pub modified: Option<SystemTime>,
    /// The URL whose hash names the store, if it was among the candidates.
    pub project: Option<String>,
}

/// Deno's directory on this machine: `$DENO_DIR`, else `deno` in the user's cache folder.
#[must_use]
pub fn deno_directory() -> Option<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("DENO_DIR").or_else(|| {
        let cache = if cfg!(windows) {
            set("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            set("HOME").map(|home| home.join("Library/Caches"))
        } else {
            set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))
        };
        cache.map(|cache| cache.join("deno"))
    })
}

/// Finds the stores below Deno's directory, the newest first; none where there is no such directory.
/// `candidates` are URLs such as [`project_urls`] gives, or origins such as `http://example.com`.
#[must_use]
pub fn discover(deno_directory: &Path, candidates: &[String]) -> Vec<DiscoveredStore> {
    let Ok(folders) = fs::read_dir(deno_directory.join("location_data")) else {
        return Vec::new();
    };
    let hashed: Vec<_> = candidates.iter().map(|url| (location_hash(url), url)).collect();
    let mut stores: Vec<_> = folders
        .filter_map(|folder| {
            let folder = folder.ok()?;
            let path = folder.path().join("kv.sqlite3");
            let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
            let log = fs::metadata(folder.path().join("kv.sqlite3-wal")).ok();
            let name = folder.file_name();
            let project = hashed.iter().find(|(hash, _)| name == hash.as_str());
            Some(DiscoveredStore {
                size: metadata.len() + log.as_ref().map_or(0, fs::Metadata::len),
                modified: [Some(&metadata), log.as_ref()]
                    .into_iter()
                    .flatten()
                    .filter_map(|metadata| metadata.modified().ok())
                    .max(),
                project: project.map(|(_, url)| (*url).clone()),
                path,
            })
        })
        .collect();
    stores.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.path.cmp(&b.path)));
    stores
}

/// The URLs that a store of the project in this folder may belong to: of its `deno.json` and of modules that
/// stand there and have the usual names.
#[must_use]
pub fn project_urls(folder: &Path) -> Vec<String> {
    PROJECT_FILES
        .iter()
        .filter_map(|name| fs::canonicalize(folder.join(name)).ok())
        .filter(|file| file.is_file())
        .map(|file| file_url(&file))
        .collect()
}

/// The name of the folder in `location_data` for a URL.
fn location_hash(url: &str) -> String {
    Sha256::digest(url).iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// What Deno escapes in the path of a URL. The URL standard now has `^` among them, too; Deno 2.9 does not.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// The `file:` URL of an absolute path.
pub(super) fn file_url(path: &Path) -> String {
    if cfg!(windows) {
        let path = path.to_string_lossy().replace('\\', "/");
        let path = path.trim_start_matches("//?/");
        return format!("file:///{}", utf8_percent_encode(path, ESCAPED));
    }
    let path = path.as_os_str().as_encoded_bytes();
    format!("file://{}", percent_encode(path, ESCAPED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_the_url_that_deno_makes_of_it() {
        assert_eq!(
            file_url(Path::new("/projects/my shop/größe#1?.ts")),
            "file:///projects/my%20shop/gr%C3%B6%C3%9Fe%231%3F.ts"
        );
        assert_eq!(
            file_url(Path::new("/100%/a^b|c [x]~'{\"`<>\\}")),
            "file:///100%25/a^b|c%20[x]~'%7B%22%60%3C%3E%5C%7D"
        );
    }

    #[test]
    fn the_hash_is_the_sha256_of_the_url() {
        assert_eq!(
            location_hash("http://example.com"),
            "f0e6a6a97042a4f1f1c87f5f7d44315b2d852c2df5c7991cc66241bf7072d1c4"
        );
    }
}
