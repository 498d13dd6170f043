//! The text of the repository, and of its source what is code.

use std::fs;
use std::path::{Path, PathBuf};

/// A file with its path from the top, with slashes.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// The top of the repository.
pub fn top() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap().to_owned()
}

/// A file by its path from the top.
pub fn text(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All Rust files below a folder, in the order of their paths.
pub fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![top().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let from_top = path.strip_prefix(top()).unwrap().components();
            let names: Vec<_> = from_top.map(|part| part.as_os_str().to_string_lossy()).collect();
            // What is built from foreign sources, or by another build.
            let is_other = ["target", "fuzz", "node_modules"].contains(&&*names[names.len() - 1]);
            if path.is_dir() && !is_other {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push(Source {
                    path: names.join("/"),
                    text,
                });
            }
        }
    }
    assert!(!found.is_empty(), "there is no source in {folder}");
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

impl Source {
    /// Whether it is a test as a whole.
    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap();
        name.ends_with("tests.rs") || self.path.contains("/tests/") || self.path.starts_with("tests/")
    }

    /// Its lines without comments; a line is kept, if only as an empty one.
    fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().map(|line| match line.trim_start() {
            comment if comment.starts_with("//") => "",
            _ => line.split(" // ").next().unwrap(),
        })
    }

    /// Its code without comments and without the tests in it; nothing if it is a test as a whole.
    pub fn code(&self) -> String {
        if self.is_test() {
            return String::new();
        }
        let lines: Vec<&str> = self.lines().collect();
        lines[..self.tests_at(&lines)].join("\n")
    }

    /// The code of the tests in it.
    pub fn test_code(&self) -> String {
        let lines: Vec<&str> = self.lines().collect();
        let at = if self.is_test() { 0 } else { self.tests_at(&lines) };
        lines[at..].join("\n")
    }

    /// Where the module of its tests begins, which stands at the end.
    fn tests_at(&self, lines: &[&str]) -> usize {
        let begins = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].ends_with("mod tests {");
        let at = lines.windows(2).position(begins);
        at.unwrap_or(lines.len())
    }
}

#[test]
fn tests_and_comments_are_told_from_code() {
    let source = Source {
        path: "app/src/one.rs".to_owned(),
        text: "//! About.\nuse a; // Why\n\n#[cfg(test)]\nmod tests {\n    sleep\n}\n".to_owned(),
    };
    assert_eq!(source.code(), "\nuse a;\n");
    assert!(source.test_code().contains("sleep"));
}
