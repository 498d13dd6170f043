//! A folder to work in, and the program run there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder to work in, and a home.
pub struct Desk(TempDir, TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap(), TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The files that deletions are undone by.
    pub fn undo_files(&self) -> Vec<PathBuf> {
        let folder = self.1.path().join("keyglass/deleted");
        let files = fs::read_dir(folder).into_iter().flatten();
        files.map(|file| file.unwrap().path()).collect()
    }

    /// Puts a copy of a database that real Deno wrote here.
    pub fn shop(&self) -> PathBuf {
        let path = self.path("shop.sqlite3");
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/shop.sqlite3");
        fs::copy(original, &path).unwrap();
        path
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyglass"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("HOME", self.1.path())
            .env("XDG_DATA_HOME", self.1.path())
            .env_remove("DENO_KV_ACCESS_TOKEN")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that succeeds prints.
    pub fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The JSON that a command that succeeds prints.
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.stdout(arguments)).unwrap()
    }

    /// The sentence of a command that fails.
    pub fn failure(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        let stderr = text(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        stderr.trim_end().to_owned()
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub const ADA: &str = r#"["users", "ada"]"#;
pub const A: &str = r#"["a"]"#;
pub const B: &str = r#"["b"]"#;
pub const NONE: &str = r#"["none"]"#;
pub const P: &str = r#"["p"]"#;
