//! Looks at the disk for the welcome page: what became of recent databases, and Deno's own stores.
//!
//! Deno names its own stores by a hash of the project's URL. So folders where projects may be are searched, as far
//! as a moment allows, and what is found there is hashed and compared.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use etcetera::BaseStrategy as _;
use keyglass_store::clock::milliseconds;
use keyglass_store::deno_file::{self, DiscoveredStore};
use percent_encoding::percent_decode_str;

use crate::home;
use crate::model::welcome::{Found, OwnStore, Standing};

/// How long folders are searched for projects.
const PATIENCE: Duration = Duration::from_secs(3);
/// How deep below each place they are searched.
const DEPTH: usize = 4;
/// Folders that are looked into at most.
const FOLDERS: usize = 5_000;
/// Files of a database folder whose sizes are added up at most.
const FILES: usize = 10_000;

/// Where to look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Deno's directory.
    pub deno: Option<PathBuf>,
    /// Folders at and below which projects may be, the likeliest first.
    pub projects: Vec<PathBuf>,
}

impl Places {
    /// Of the person who runs this.
    #[must_use]
    pub fn of_person() -> Self {
        let home = home::folders().ok().map(|base| base.home_dir().to_owned());
        Self {
            deno: deno_file::deno_directory(),
            projects: std::env::current_dir().ok().into_iter().chain(home).collect(),
        }
    }
}

/// Looks. Takes seconds at most, but too long for a frame.
#[must_use]
pub fn look(places: &Places, recent: &[String]) -> Found {
    let standing = |location: &String| Some((location.clone(), standing(location)?));
    let own_stores = places
        .deno
        .as_ref()
        .map(|deno| own_stores(deno, &places.projects))
        .unwrap_or_default();
    Found {
        recent: recent.iter().filter_map(standing).collect(),
        own_stores,
    }
}

/// What stands at a location; nothing is known of one that is no path.
fn standing(location: &str) -> Option<Standing> {
    if location.contains("://") {
        return None;
    }
    let path = Path::new(location);
    Some(match std::fs::metadata(path) {
        Err(_) => Standing::Missing,
        Ok(metadata) if metadata.is_dir() => Standing::There(folder_bytes(path)),
        Ok(metadata) => {
            let log = std::fs::metadata(format!("{location}-wal")).map_or(0, |log| log.len());
            Standing::There(metadata.len() + log)
        }
    })
}

fn folder_bytes(folder: &Path) -> u64 {
    let mut folders = vec![folder.to_owned()];
    let (mut bytes, mut files) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            files += 1;
            if files > FILES {
                return bytes;
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += metadata.len();
            }
        }
    }
    bytes
}

fn own_stores(deno: &Path, projects: &[PathBuf]) -> Vec<OwnStore> {
    // Without any store there is no need to search for projects.
    if deno_file::discover(deno, &[]).is_empty() {
        return Vec::new();
    }
    let urls: Vec<String> = project_folders(projects)
        .iter()
        .flat_map(|folder| deno_file::project_urls(folder))
        .collect();
    let mut stores: Vec<OwnStore> = deno_file::discover(deno, &urls)
        .into_iter()
        .map(own_store)
        .collect();
    stores.sort_by_key(|store| store.project.is_none());
    stores
}

fn own_store(store: DiscoveredStore) -> OwnStore {
    let file = store.project.as_deref().map(path_of);
    let project = file.as_deref().map(|file| {
        let mut parts = file.rsplit(['/', '\\']);
        let (name, folder) = (parts.next().unwrap_or(file), parts.next().unwrap_or_default());
        if name.starts_with("deno.json") {
            folder.to_owned()
        } else {
            format!("{folder}/{name}")
        }
    });
    OwnStore {
        location: store.path.to_string_lossy().into_owned(),
        project,
        project_file: file,
        bytes: store.size,
        written_at: store.modified.map(milliseconds),
    }
}

/// The path that a `file:` URL means; any other URL as it is.
fn path_of(url: &str) -> String {
    let Some(escaped) = url.strip_prefix("file://") else {
        return url.to_owned();
    };
    percent_decode_str(escaped).decode_utf8_lossy().into_owned()
}

/// Folders that hold something that a project may begin with, nearest first.
fn project_folders(places: &[PathBuf]) -> Vec<PathBuf> {
    let begun = Instant::now();
    let mut waiting: VecDeque<(PathBuf, usize)> = places.iter().map(|place| (place.clone(), 0)).collect();
    let mut seen = HashSet::new();
    let mut projects = Vec::new();
    while let Some((folder, depth)) = waiting.pop_front() {
        if begun.elapsed() > PATIENCE || seen.len() >= FOLDERS {
            break;
        }
        if !seen.insert(folder.clone()) {
            continue;
        }
        let mut is_project = false;
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                let is_own = !name.starts_with('.') && name != "node_modules" && name != "target";
                if depth < DEPTH && is_own {
                    waiting.push_back((entry.path(), depth + 1));
                }
            } else {
                is_project |= [".ts", ".js", ".json", ".jsonc"]
                    .iter()
                    .any(|end| name.ends_with(end));
            }
        }
        if is_project {
            projects.push(folder);
        }
    }
    projects
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// Makes a store as Deno would for a URL.
    fn store(deno: &Path, url: &str) -> PathBuf {
        let hash: String = Sha256::digest(url)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let folder = deno.join("location_data").join(hash);
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("kv.sqlite3");
        std::fs::write(&path, vec![0; 4096]).unwrap();
        path
    }

    #[test]
    fn a_store_is_named_by_the_project_that_it_belongs_to() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let deno = root.join("cache");
        let shop = root.join("home/code/my shop");
        std::fs::create_dir_all(&shop).unwrap();
        std::fs::write(shop.join("deno.json"), "{}").unwrap();
        let tool = root.join("home/tool");
        std::fs::create_dir_all(&tool).unwrap();
        std::fs::write(tool.join("main.ts"), "").unwrap();
        let url = |path: &Path| format!("file://{}", path.display()).replace(' ', "%20");
        let unknown = store(&deno, "http://example.com");
        let ours = store(&deno, &url(&shop.join("deno.json")));
        store(&deno, &url(&tool.join("main.ts")));

        let places = Places {
            deno: Some(deno),
            projects: vec![root.join("home")],
        };
        let found = look(&places, &[]).own_stores;
        assert_eq!(found.len(), 3);
        let named = found
            .iter()
            .find(|store| store.project.as_deref() == Some("my shop"))
            .unwrap();
        assert_eq!(named.location, ours.to_string_lossy());
        assert_eq!(named.bytes, 4096);
        assert_eq!(
            named.project_file,
            Some(shop.join("deno.json").to_string_lossy().into_owned())
        );
        assert!(
            found
                .iter()
                .any(|store| store.project.as_deref() == Some("tool/main.ts"))
        );
        // What has no project comes last.
        assert_eq!(
            (&found[2].project, &found[2].location),
            (&None, &unknown.to_string_lossy().into_owned())
        );
    }

    #[test]
    fn recent_databases_are_measured_or_missing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        std::fs::create_dir_all(at("some.kg/deep")).unwrap();
        std::fs::write(at("some.kg/one"), "12345").unwrap();
        std::fs::write(at("some.kg/deep/two"), "123").unwrap();
        std::fs::write(at("file.sqlite3"), "1234").unwrap();
        std::fs::write(at("file.sqlite3-wal"), "12").unwrap();
        let recent = [
            at("some.kg"),
            at("file.sqlite3"),
            at("gone"),
            "https://example.com".to_owned(),
        ];
        let found = look(&Places::default(), &recent).recent;
        assert_eq!(found[&recent[0]], Standing::There(8));
        assert_eq!(found[&recent[1]], Standing::There(6));
        assert_eq!(found[&recent[2]], Standing::Missing);
        assert_eq!(found.get(&recent[3]), None);
    }
}
