//! Tests that a page names are there.

use std::collections::BTreeSet;

use super::source::{Source, sources, text};

/// Where the tests stand that `store/COMPATIBILITY.md` names.
const FOLDERS: [&str; 4] = [
    "store/tests/connect",
    "store/tests/remote",
    "store/src/connect",
    "tests/src",
];

/// The module that a file is or stands in, such as `operations` for `operations/sums.rs`.
fn module(source: &Source) -> &str {
    let folder = FOLDERS.iter().find(|folder| source.path.starts_with(**folder));
    let inside = &source.path[folder.unwrap().len() + 1..];
    let first = inside.split('/').next().unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// What stands between two marks, as often as it does.
fn between(text: &str, mark: char) -> impl Iterator<Item = &str> {
    text.split(mark).skip(1).step_by(2)
}

#[test]
fn every_test_that_the_page_of_the_server_names_is_there() {
    let page = text("store/COMPATIBILITY.md");
    let all: Vec<Source> = FOLDERS.into_iter().flat_map(sources).collect();
    let mut named = BTreeSet::new();
    let mut missing = Vec::new();
    for line in page.lines() {
        let mut modules = Vec::new();
        for name in between(line, '`') {
            let Some((test_module, function)) = name.split_once("::") else {
                continue;
            };
            // A type or a function of the library begins with a capital letter, or is no sentence.
            if !function.contains('_') {
                continue;
            }
            let is_test = |source: &Source| {
                let begins = format!("fn {function}() {{");
                module(source) == test_module
                    && source
                        .text
                        .split("#[test]\n")
                        .skip(1)
                        .any(|after| after.trim_start().starts_with(&begins))
            };
            if !all.iter().any(is_test) {
                missing.push(name.to_owned());
            }
            named.insert(name.to_owned());
            modules.push(test_module);
        }
        // The case of a table is one of the tests that the line names.
        for case in between(line, '"') {
            let quoted = format!("\"{case}\"");
            let is_there =
                |source: &Source| modules.contains(&module(source)) && source.text.contains(&quoted);
            if !all.iter().any(is_there) {
                missing.push(quoted);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(named.len() > 10, "{named:?}");
    // A file says nothing of what is tested in it.
    assert!(!page.contains(".rs` |"));
}
