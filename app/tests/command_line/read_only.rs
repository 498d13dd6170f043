//! Databases in folders that the user cannot write.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::desk::{A, Desk, text};

/// A desk with a database, and a folder for what is temporary, both readable by everybody and the database writable by
/// nobody.
struct Forbidden {
    desk: Desk,
    /// Root may write anywhere, so it runs the program as nobody.
    is_root: bool,
}

impl Forbidden {
    /// `None` where root cannot become anybody else.
    fn new() -> Option<Self> {
        let desk = Desk::new();
        let is_root = fs::metadata(desk.path(".")).unwrap().uid() == 0;
        desk.stdout(&["set", "kv", A, "1n"]);
        fs::create_dir(desk.path("temporary")).unwrap();
        allow(&desk.path("temporary"), 0o777);
        allow(&desk.path("."), 0o755);
        for path in all(&desk.path("kv")) {
            allow(&path, if path.is_dir() { 0o555 } else { 0o444 });
        }
        let forbidden = Self { desk, is_root };
        forbidden
            .run(&["--version"])
            .status
            .success()
            .then_some(forbidden)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let own = self.desk.command(arguments);
        let mut command = if self.is_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
            command.arg(own.get_program()).args(own.get_args());
            command.current_dir(self.desk.path("."));
            command
        } else {
            own
        };
        command.env("TMPDIR", self.desk.path("temporary"));
        command.output().unwrap()
    }
}

impl Drop for Forbidden {
    fn drop(&mut self) {
        for path in all(&self.desk.path("kv")) {
            allow(&path, 0o755);
        }
    }
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A folder and everything in it.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        next += 1;
        if path.is_dir() {
            found.extend(fs::read_dir(path).unwrap().map(|file| file.unwrap().path()));
        }
    }
    found
}

#[test]
fn a_folder_of_another_user_is_read_and_left_alone() {
    let Some(forbidden) = Forbidden::new() else {
        eprintln!("skipped: the program cannot be run as another user here");
        return;
    };
    let contents = || -> Vec<_> {
        let mut paths = all(&forbidden.desk.path("kv"));
        paths.sort();
        let of = |path: PathBuf| {
            (
                fs::metadata(&path).unwrap().modified().unwrap(),
                fs::read(&path).ok(),
                path,
            )
        };
        paths.into_iter().map(of).collect()
    };
    let before = contents();

    let listed = forbidden.run(&["ls", "kv"]);
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    assert!(text(&listed.stdout).starts_with(A), "{}", text(&listed.stdout));
    let info = forbidden.run(&["info", "kv", "--json"]);
    let info: serde_json::Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!(info["writing"], "impossible");

    for (arguments, sentence) in [
        (&["set", "kv", A, "2n"][..], "nothing was stored: kv"),
        (&["delete", "kv", A], "nothing was stored: kv"),
        (&["watch", "kv"], "nothing to watch: kv"),
    ] {
        let refused = forbidden.run(arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(
            text(&refused.stderr).trim_end().ends_with(sentence),
            "{arguments:?}: {}",
            text(&refused.stderr)
        );
    }
    assert!(contents() == before, "the folder was changed");
    // Nothing is left among the temporary files either.
    assert_eq!(all(&forbidden.desk.path("temporary")).len(), 1);
}
