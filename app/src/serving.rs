//! A database that is served to Deno and Node: where its token is kept, and the lines that they need.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use keyglass_store::LastingId;

use crate::home::{self, NoHome};

/// Where the token of a database is kept unless a person says so: in a file of its own among the person's, so that
/// programs need not be told another one each time.
///
/// # Errors
/// If the system does not say where a person's files are.
pub fn token_file(location: &str) -> Result<PathBuf, NoHome> {
    let base = home::folders()?;
    Ok(token_file_in(&base.data_dir().join("keyglass"), location))
}

/// The same, in the folder of what Keyglass keeps for a person.
#[must_use]
pub fn token_file_in(kept: &Path, location: &str) -> PathBuf {
    let path = std::fs::canonicalize(location).unwrap_or_else(|_missing| PathBuf::from(location));
    let name = LastingId::derived(path.to_string_lossy().as_bytes()).to_string();
    kept.join("tokens").join(name)
}

/// Files that a process which serves may have open.
#[cfg(unix)]
const FILES: u64 = 16 << 10;

/// Lets this process have as many files open as it may, for a server takes half of them for connections at most. Where
/// the system refuses that, it is as it was.
#[cfg(unix)]
pub fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(FILES).min(FILES);
    if current.is_some_and(|current| current < wanted) {
        let wanted = Rlimit {
            current: Some(wanted),
            maximum,
        };
        let _as_it_was = setrlimit(Resource::Nofile, wanted);
    }
}

/// Elsewhere connections are no files.
#[cfg(not(unix))]
pub fn allow_many_files() {}

/// What a shell needs so that programs started from it have the token, which the line itself does not hold.
#[must_use]
pub fn shell_line(token_file: &Path) -> String {
    let path = token_file.display().to_string();
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-".contains(character);
    if path.chars().all(is_plain) {
        return format!("export DENO_KV_ACCESS_TOKEN=$(cat {path})");
    }
    format!(
        "export DENO_KV_ACCESS_TOKEN=$(cat '{}')",
        path.replace('\'', r"'\''")
    )
}

/// What a program of Deno needs.
#[must_use]
pub fn deno_line(url: &str) -> String {
    format!("const kv = await Deno.openKv(\"{url}\");")
}

/// What a program of Node needs, with the package `@deno/kv`.
#[must_use]
pub fn node_lines(url: &str) -> String {
    format!("import {{ openKv }} from \"@deno/kv\";\nconst kv = await openKv(\"{url}\");")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_token_from_any_path() {
        let line = |path: &str| shell_line(Path::new(path));
        assert_eq!(
            line("/srv/ada/t"),
            "export DENO_KV_ACCESS_TOKEN=$(cat /srv/ada/t)"
        );
        assert_eq!(
            line("/srv/ada's/$t"),
            r"export DENO_KV_ACCESS_TOKEN=$(cat '/srv/ada'\''s/$t')"
        );
    }
}
